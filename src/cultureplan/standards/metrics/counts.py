"""Measures that count, add up or look for records of a register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from cultureplan.standards.context import Context, is_filled, matches, record_years
from cultureplan.standards.measured import Args, Frame, Measured, MissingInput, flags, measure
from cultureplan.standards.requirement import Requirement
from cultureplan.world.levels import word

_WHOLE = ""


@measure("rows")
def rows(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield how many records there are: in all, or for each place, facility or unit, and each year."""
    frame = context.records(args)
    for subject, kept in _by_subject(context, frame, args):
        for year, of_year in _by_year(context, kept, args):
            unusual = _unusual_months(of_year, args)
            yield _measured(subject, float(len(of_year)), period=year, listed=unusual)


@measure("total")
def total(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the sum of a column of a register, each year where asked."""
    frame, column = context.records(args), args["column"]
    for subject, kept in _by_subject(context, frame, args):
        for year, of_year in _by_year(context, kept, args):
            if len(of_year) and of_year[column].isna().all():
                yield _measured(subject, np.nan, period=year, missing=f"column:{args['register']}.{column}")
            else:
                yield _measured(subject, float(of_year[column].fillna(0.0).sum()), period=year)


@measure("distinct")
def distinct(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield how many different values a column of a register has."""
    values = context.records(args)[args["column"]].dropna()
    yield Measured(value=float(values.nunique()))


@measure("exists")
def exists(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield whether there is a record: in all, or for each place, and each year."""
    frame = context.records(args)
    for subject, kept in _by_subject(context, frame, args):
        for year, of_year in _by_year(context, kept, args):
            found = len(of_year) > 0
            yield _measured(subject, float(found), period=year, is_met=found)


@measure("level_exists")
def level_exists(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield at how many levels of place a record exists."""
    frame = context.records(args)
    level = frame["place_id"].map(context.places["place_level"])
    absent = tuple(f"place_level/{name}" for name in args["per"] if not (level == name).any())
    yield Measured(value=float(len(args["per"]) - len(absent)), listed=absent, is_met=not absent)


@measure("each")
def each(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield for each record whether it has the flag, codes, values or filled columns it must have."""
    asked = {key: value for key, value in args.items() if key != "filled"}
    frame = context.records(asked)
    if len(frame) == 0:
        raise MissingInput("rows", args["register"])
    good = np.ones(len(frame), dtype=bool)
    if "flag" in args:
        good &= flags(frame[args["flag"]])
    for column, code in args.get("has", {}).items():
        good &= np.array([code in codes for codes in frame[column]])
    for column, value in args.get("equal", {}).items():
        good &= matches(frame[column], value)
    for column in args.get("filled", ()):
        good &= is_filled(frame[column])
    for flag, column in args.get("filled_if", {}).items():
        asked_for = flags(frame[flag])
        good &= ~asked_for | is_filled(frame[column])
    for (_, row), met in zip(frame.iterrows(), good, strict=True):
        yield record_measured(row, float(met), is_met=bool(met))


@measure("filled")
def filled(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield for each record how many of some columns say something."""
    frame = context.records(args)
    if len(frame) == 0:
        raise MissingInput("rows", args["register"])
    if args.get("distinct"):
        frame = frame.drop_duplicates(args["distinct"])
    says = {column: is_filled(frame[column]) for column in args["columns"]}
    for number, (_, row) in enumerate(frame.iterrows()):
        absent = tuple(column for column, values in says.items() if not values[number])
        yield record_measured(row, float(len(says) - len(absent)), listed=absent)


@measure("flag_share")
def flag_share(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the share of the records that have a flag."""
    frame = context.records(args)
    yield _share(flags(frame[args["flag"]]), args)


@measure("share_equal")
def share_equal(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the share of the records whose column has a value."""
    frame = context.records(args)
    if frame[args["column"]].isna().any() or len(frame) == 0:
        raise MissingInput("column", f"{args['register']}.{args['column']}")
    yield _share((frame[args["column"]] == args["equal"]).to_numpy(bool), args)


@measure("share_at_most")
def share_at_most(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the share of the records whose column is at most a value (class 1 is the best)."""
    frame = context.records(args)
    if frame[args["column"]].isna().any() or len(frame) == 0:
        raise MissingInput("column", f"{args['register']}.{args['column']}")
    yield _share((frame[args["column"]] <= args["at_most"]).to_numpy(bool), args)


def record_measured(
    row: Frame, value: float, *, is_met: bool | None = None, listed: tuple[str, ...] = ()
) -> Measured:
    """Return a value of one record, with the place and facility it names and its id as subject."""
    named = {key: _text(row.get(key)) for key in ("place_id", "facility_id")}
    subject = _text(row.get("unit")) or _text(row.get("name")) or str(row.iloc[0])
    date = row.get("date")
    return Measured(
        value=value,
        is_met=is_met,
        subject=subject,
        listed=listed,
        period=date.strftime("%Y-%m-%d") if isinstance(date, pd.Timestamp) else "",
        place_id=named["place_id"],
        facility_id=named["facility_id"],
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _share(good: np.ndarray, args: Args) -> Measured:
    if len(good) == 0:
        raise MissingInput("rows", args["register"])
    return Measured(value=float(good.mean()))


def _measured(subject: tuple[str, str, str], value: float, **more: object) -> Measured:
    place, facility, name = subject
    return Measured(value=value, place_id=place, facility_id=facility, subject=name, **more)  # type: ignore[arg-type]


def _by_subject(context: Context, frame: Frame, args: Args) -> Iterable[tuple[tuple[str, str, str], Frame]]:
    """Return (place id, facility id, name) and the records of each subject; those without any as well."""
    per = args.get("per")
    if per is None:
        return [((_WHOLE, "", ""), frame)]
    if per == "facility":
        venues = context.facilities(args)
        return [
            ((_text(v["home"]), str(i), str(v["name"])), frame[(frame["facility_id"] == i).to_numpy(bool)])
            for i, v in venues.iterrows()
        ]
    if per == "unit":
        units = context.register("members")["unit"].dropna().unique()
        return [(("", "", str(u)), frame[(frame["unit"] == u).to_numpy(bool)]) for u in units]
    column = args.get("place", "place_id")
    places = context.places_at(per)
    if args.get("pooled") == "each_level":
        level = frame[column].map(context.places["place_level"])
        return [((_WHOLE, "", word("place_level", x)), frame[(level == x).to_numpy(bool)]) for x in per]
    found = []
    for level_name, of_level in places.groupby("place_level", sort=False):
        home = frame[column].map(context.ancestor(str(level_name))) if args.get("below") else frame[column]
        groups = dict(list(frame.groupby(home.to_numpy(object))))
        found += [
            ((str(i), "", str(p["name"])), groups.get(i, frame.iloc[:0])) for i, p in of_level.iterrows()
        ]
    return found


def _by_year(context: Context, frame: Frame, args: Args) -> Iterable[tuple[str, Frame]]:
    if not args.get("yearly"):
        return [("", frame)]
    years = record_years(frame)
    return [(str(year), frame[(years == year).to_numpy(bool)]) for year in context.years_of(args["register"])]


def _unusual_months(frame: Frame, args: Args) -> tuple[str, ...]:
    month = args.get("usual_month")
    if month is None:
        return ()
    return tuple(date.strftime("%Y-%m") for date in frame["date"] if date.month != month)
