"""Measures of deliberation: notice, agenda, consensus, sign-off, attendance."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pandas as pd

from cultureplan.standards.context import Context
from cultureplan.standards.measured import Args, Frame, Measured, MissingInput, flags, measure, yes
from cultureplan.standards.metrics.counts import record_measured
from cultureplan.standards.requirement import Requirement


@measure("notice")
def notice(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield how many days ahead the members were told of each meeting with major matters."""
    meetings = context.register("meetings")
    major = meetings[flags(meetings["has_major_matter"])]
    if len(major) == 0:
        raise MissingInput("rows", "meetings")
    for _, row in major.iterrows():
        if pd.isna(row["notice_date"]):
            yield Measured(subject=str(row["meeting_id"]), missing="column:meetings.notice_date")
            continue
        yield record_measured(row, float((row["date"] - row["notice_date"]).days))


@measure("agenda_order")
def agenda_order(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield for each agenda item how many stages it passed; none may be skipped or out of order."""
    items = context.register("agenda")
    if len(items) == 0:
        raise MissingInput("rows", "agenda")
    for _, item in items.iterrows():
        dates = [item[stage] for stage in args["stages"]]
        passed = [not pd.isna(date) for date in dates]
        n = sum(passed)
        in_order = passed == [True] * n + [False] * (len(passed) - n)
        reached = dates[:n]
        in_order = in_order and all(a <= b for a, b in itertools.pairwise(reached))
        allowed = pd.isna(item["cleared"]) or item["cleared_by"] in args["cleared_by"]
        skipped = tuple(s for s, done in zip(args["stages"], passed, strict=True) if not done)
        met = bool(in_order and allowed)
        breach = skipped if not in_order else ((str(item["cleared_by"]),) if not allowed else ())
        yield Measured(value=float(n), is_met=met, subject=str(item["item_id"]), listed=breach)


@measure("consensus")
def consensus(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield how many members objected at each meeting: those present, or all (U-17)."""
    for meeting, members in _members(context, args):
        against = members[flags(members["objects"])]
        absent = members[~flags(members["is_present"])] if _is_all(args) else against[:0]
        listed = tuple(dict.fromkeys([*against["unit"], *absent["unit"]]))
        yield Measured(value=float(len(listed)), is_met=not listed, subject=meeting, listed=listed)


@measure("sign_off")
def sign_off(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the share of the members who signed off the minutes of each meeting that issued some."""
    meetings = context.register("meetings").set_index("meeting_id")
    issued = set(meetings.index[meetings["minutes_issued"].notna().to_numpy(bool)])
    for meeting, members in _members(context, args):
        if meeting not in issued:
            continue
        signed = [yes(value) for value in members["has_signed"]]
        lacking = tuple(u for u, done in zip(members["unit"], signed, strict=True) if not done)
        yield Measured(value=sum(signed) / len(signed), subject=meeting, listed=lacking)


@measure("attendance_rate")
def attendance_rate(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the share of the meetings it was invited to that each member came to."""
    table = context.register("attendance")
    invited = table[flags(table["is_invited"])]
    if len(invited) == 0:
        raise MissingInput("rows", "attendance")
    for unit, own in invited.groupby("unit", sort=False):
        came = [yes(value) for value in own["is_present"]]
        yield Measured(value=sum(came) / len(came), subject=str(unit))


def _is_all(args: Args) -> bool:
    return bool(args.get("members") == "all")


def _members(context: Context, args: Args) -> Iterator[tuple[str, Frame]]:
    """Yield each meeting and its members: those invited, or only those who came."""
    table = context.register("attendance")
    column = "is_invited" if _is_all(args) else "is_present"
    counted = table[flags(table[column])]
    if len(counted) == 0:
        raise MissingInput("rows", "attendance")
    for meeting, members in counted.groupby("meeting_id", sort=False):
        yield str(meeting), members
