"""Measures of lists: which of the items a clause names are found, and which records lie outside."""

from __future__ import annotations

from collections.abc import Iterator

from cultureplan.standards.context import Context, is_filled
from cultureplan.standards.measured import Args, Frame, Measured, MissingInput, measure, yes
from cultureplan.standards.metrics.counts import _by_subject, record_measured
from cultureplan.standards.requirement import Requirement


@measure("codes")
def codes(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield how many of the items a clause lists are found, and which are not."""
    wanted = tuple(args["wanted"])
    frame = context.records(args)
    if args.get("per") == "row":
        if len(frame) == 0:
            raise MissingInput("rows", args["register"])
        for _, row in frame.iterrows():
            absent = _absent(wanted, _words(row[args["column"]]))
            yield record_measured(row, float(len(wanted) - len(absent)), is_met=not absent, listed=absent)
        return
    for (place, facility, name), kept in _by_subject(context, frame, args):
        found = {word for value in kept[args["column"]] for word in _words(value)}
        absent = _absent(wanted, found)
        yield Measured(
            value=float(len(wanted) - len(absent)),
            is_met=not absent,
            place_id=place,
            facility_id=facility,
            subject=name,
            listed=absent,
        )


@measure("allowed")
def allowed(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield how many records name something outside the list of a clause."""
    frame = context.records(args)
    if args.get("when_filled"):
        frame = frame[is_filled(frame[args["column"]])]
    if len(frame) == 0:
        raise MissingInput("rows", args["register"])
    outside: list[str] = []
    for value in frame[args["column"]]:
        words = _words(value) or {""}
        outside += sorted(words - set(args["allowed"]))
    yield Measured(value=float(len(outside)), is_met=not outside, listed=tuple(dict.fromkeys(outside)))


@measure("chair")
def chair(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield for each meeting whether who chaired it may chair, by delegation where that is needed."""
    frame = context.records(args)
    if len(frame) == 0:
        raise MissingInput("rows", args["register"])
    for _, row in frame.iterrows():
        role = row["chair_role"]
        if not isinstance(role, str):
            yield record_measured_missing(row, "column:meetings.chair_role")
            continue
        met = role in args["allowed"] and (role not in args["delegated"] or yes(row["is_delegated"]))
        yield record_measured(row, float(met), is_met=met, listed=() if met else (str(role),))


def record_measured_missing(row: Frame, missing: str) -> Measured:
    """Return that one record lacks an input."""
    return Measured(subject=str(row.iloc[0]), missing=missing)


def _words(value: object) -> set[str]:
    if isinstance(value, tuple):
        return set(value)
    return set() if value is None or value != value else {str(value)}


def _absent(wanted: tuple[str, ...], found: set[str]) -> tuple[str, ...]:
    return tuple(word for word in wanted if word not in found)
