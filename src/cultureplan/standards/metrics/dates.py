"""Measures of dates: intervals between inspections, stages of a pilot, deadlines."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pandas as pd

from cultureplan.standards.context import Context
from cultureplan.standards.measured import Args, Frame, Measured, MissingInput, measure
from cultureplan.standards.metrics.counts import record_measured
from cultureplan.standards.requirement import Requirement

_DAYS_A_YEAR = 365.25


@measure("interval")
def interval(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the years between one record and the next, and from the last one to the day of the check."""
    dates = sorted(set(context.records(args)["date"].dropna()))
    if context.as_of is not None and dates:
        dates.append(pd.Timestamp(context.as_of))
    if len(dates) < 2 or requirement.threshold is None:
        raise MissingInput("rows", args["register"])
    years = int(requirement.threshold)
    for number, (first, second) in enumerate(itertools.pairwise(dates)):
        is_open = context.as_of is not None and number == len(dates) - 2
        due = first + pd.DateOffset(years=years)
        if requirement.comparison == "==" and not is_open:
            met = second.year - first.year == years
        else:
            met = bool(second <= due)
        yield Measured(
            value=round((second - first).days / _DAYS_A_YEAR, 3),
            is_met=met,
            period=f"{first:%Y-%m-%d}/{second:%Y-%m-%d}",
        )


@measure("duration")
def duration(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the months of a stage, its first and last counted."""
    row = _stage(context, args["stage"])
    if pd.isna(row["end"]):
        raise MissingInput("column", "stages.end")
    first, last = row["start"].to_period("M"), row["end"].to_period("M")
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    yield Measured(value=float(months), subject=str(args["stage"]), period=f"{first}/{last}")


@measure("stage_month")
def stage_month(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield by how many months a stage began off its planned month, or ended after its planned end."""
    row = _stage(context, args["stage"])
    planned = [pd.Period(month, freq="M") for month in requirement.period.split("/")]
    first = row["start"].to_period("M")
    off = (first.year - planned[0].year) * 12 + first.month - planned[0].month
    if off == 0 and not pd.isna(row["end"]) and len(planned) > 1:
        last = row["end"].to_period("M")
        off = max(0, (last.year - planned[-1].year) * 12 + last.month - planned[-1].month)
    yield Measured(value=float(off), is_met=off == 0, subject=str(args["stage"]), period=str(first))


@measure("days_between")
def days_between(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the days from one date of a record to another."""
    frame = context.records(args)
    if len(frame) == 0:
        raise MissingInput("rows", args["register"])
    for _, row in frame.iterrows():
        gap = row[args["end"]] - row[args["start"]]
        if pd.isna(gap):
            yield Measured(subject=str(row.iloc[0]), missing=f"column:{args['register']}.{args['end']}")
        else:
            yield record_measured(row, float(gap.days))


def _stage(context: Context, stage: str) -> Frame:
    stages = context.register("stages").drop_duplicates("stage", keep="last").set_index("stage")
    if stage not in stages.index:
        raise MissingInput("rows", f"stages.{stage}")
    return stages.loc[stage]
