"""Read the requirements of a standard's file and note every fault in it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from cultureplan.base.checks import FaultList
from cultureplan.base.errors import Fault
from cultureplan.measures.circles import CircleStandard
from cultureplan.standards.requirement import COMPARISONS, STATUSES, Requirement
from cultureplan.standards.words import values_of
from cultureplan.world.levels import PlaceLevel

_NEEDED = ("id", "clause_zh", "clause_en", "source", "type")
_TUPLES = ("levels", "responsible")


def read_requirements(
    rows: Iterable[Mapping[str, Any]], *, circles: CircleStandard | None, file: str, faults: FaultList
) -> tuple[Requirement, ...]:
    """Return the requirements of a file; what is wrong with one is noted and the row left out.

    Parameters
    ----------
    rows : iterable of Mapping
        The tables ``[[requirements]]``.
    circles : CircleStandard, optional
        Circle rules of the same standard: a requirement that a rule names takes its figure from there.
    file : str
        Name of the file, used in messages.
    faults : FaultList
        Where faults are noted.
    """
    read: list[Requirement] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        note = _Noter(faults, file, str(row.get("id", number)))
        before = len(faults)
        for key in _NEEDED:
            if not row.get(key):
                note("standards.row_lacks", key=key)
        unknown = set(row) - set(Requirement.__dataclass_fields__)
        for key in sorted(unknown):
            note("standards.unknown_key", key=key)
        if row.get("id") in seen:
            note("standards.repeated_id")
        seen.add(str(row.get("id")))
        if len(faults) > before:
            continue
        values = {key: tuple(value) if key in _TUPLES else value for key, value in row.items()}
        requirement = Requirement(**_with_circle(values, circles))
        _validate(requirement, note)
        if len(faults) == before:
            read.append(requirement)
    return tuple(read)


class _Noter:
    """Notes a fault of one row of a file."""

    def __init__(self, faults: FaultList, file: str, row: str) -> None:
        self._faults, self._file, self._row = faults, file, row

    def __call__(self, code: str, **values: object) -> None:
        self._faults.extend([Fault(code=code, values=values, file=self._file, rows=(self._row,), n_rows=1)])


def _with_circle(values: dict[str, Any], circles: CircleStandard | None) -> dict[str, Any]:
    if circles is None or values.get("check", {}).get("measure") != "circle":
        return values
    rules = [rule for rule in circles.rules if rule.requirement == values["id"]]
    if len({(rule.limit, rule.unit) for rule in rules}) != 1:  # none, or one figure for each settlement
        return values
    found = {"threshold": rules[0].limit, "unit": str(rules[0].unit), "status": rules[0].status}
    return {**values, **found, "is_printed": True}


def _validate(requirement: Requirement, note: _Noter) -> None:
    words = (
        ("type", requirement.type, values_of("type")),
        ("comparison", requirement.comparison, COMPARISONS),
        ("status", requirement.status, STATUSES),
        ("checkability", requirement.checkability, values_of("checkability")),
        *(("levels", level, tuple(PlaceLevel)) for level in requirement.levels),
        *(("responsible", code, values_of("function")) for code in requirement.responsible),
        *((("unit", requirement.unit, values_of("unit")),) if requirement.unit else ()),
    )
    for key, value, known in words:
        if value not in known:
            note("standards.unknown_word", key=key, value=value, known=", ".join(map(str, known)))
    figures = [figure for figure in (requirement.threshold, requirement.upper) if figure is not None]
    for figure in figures:
        if isinstance(figure, bool) or not isinstance(figure, int | float) or not math.isfinite(figure):
            note("standards.bad_figure", value=figure)
            return
    if figures and not requirement.unit:
        note("standards.figure_without_unit", name=requirement.id)
    if len(figures) == 2 and figures[0] > figures[1]:
        note("standards.bounds_contradict", name=requirement.id, low=figures[0], high=figures[1])
    if requirement.comparison == "between" and len(figures) != 2:
        note("standards.range_needs_two", name=requirement.id)
