"""A check against a policy standard as a matrix of places and clauses, and what stands behind each cell."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from cultureplan import governance as governance_room
from cultureplan.base.messages import Lang, text
from cultureplan.governance.places import Governance
from cultureplan.lab.state import LabState
from cultureplan.planning.changes import Change
from cultureplan.standards.catalogue import Standard, load_standard
from cultureplan.standards.check import check_standard
from cultureplan.standards.compliance import VERDICTS, ComplianceReport
from cultureplan.standards.registers import Registers
from cultureplan.standards.requirement import Requirement
from cultureplan.standards.words import policy_word
from cultureplan.world.levels import PlaceLevel
from cultureplan.world.world import World

NO_PLACE = ""  # column of the findings that belong to no place of the level
_MOST_COLUMNS = 60
_LETTERS = {"MET": "M", "NOT_MET": "N", "NOT_ASSESSABLE": "?"}
NO_FINDING = "."
_SHOWN_FINDINGS = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class Checked:
    """A check of a state: the report, and of which changes it was.

    Parameters
    ----------
    report : ComplianceReport
        What was found.
    changes : tuple of Change
        Of the state that was checked.
    governance : Governance or None
        Who must act in the place of the standard, where that is known.
    """

    report: ComplianceReport
    changes: tuple[Change, ...]
    governance: Governance | None = None

    def is_stale(self, state: LabState) -> bool:
        """Return whether the state has changed since."""
        return self.changes != state.draft.changes

    @property
    def standard(self) -> Standard:
        """What was checked against."""
        return self.report.standard

    def matrix(self, level: str) -> VerdictMatrix:
        """Return the verdicts gathered in the places of a level."""
        if level not in self._matrices:
            self._matrices[level] = matrix_of(self.report, level)
        return self._matrices[level]

    def worded(self, lang: Lang) -> pd.DataFrame:
        """Return every finding worded, in the order of the report."""
        if lang not in self._worded:
            self._worded[lang] = self.report.to_frame(lang)
        return self._worded[lang]

    def charges(self, lang: Lang) -> pd.DataFrame | None:
        """Return who must act on each finding, in the order of the report; None where nobody knows."""
        if self.governance is None:
            return None
        if lang not in self._charges:
            self._charges[lang] = governance_room.assign(
                self.report, self.governance, verdicts=VERDICTS, lang=lang
            )
        return self._charges[lang]

    @cached_property
    def _matrices(self) -> dict[str, VerdictMatrix]:
        return {}

    @cached_property
    def _worded(self) -> dict[Lang, pd.DataFrame]:
        return {}

    @cached_property
    def _charges(self) -> dict[Lang, pd.DataFrame]:
        return {}


@dataclass(frozen=True, kw_only=True, eq=False)
class VerdictMatrix:
    """The worst verdict on each clause in each place.

    Parameters
    ----------
    places : tuple of str
        Ids of the places with a finding, in the order of the world; :data:`NO_PLACE` comes first where
        there are findings without one.
    requirements : tuple of str
        Ids, in the order of the paper.
    rows : Mapping[tuple of (requirement, place), tuple of int]
        Rows of the findings behind each cell.
    verdicts : Mapping[tuple of (requirement, place), str]
        The worst of them.
    """

    places: tuple[str, ...]
    requirements: tuple[str, ...]
    rows: Mapping[tuple[str, str], tuple[int, ...]] = field(repr=False)
    verdicts: Mapping[tuple[str, str], str] = field(repr=False)

    def letters(self, requirement: str) -> str:
        """Return a row as one letter a place: M met, N not met, ? not assessable, . no finding."""
        found = (self.verdicts.get((requirement, place)) for place in self.places)
        return "".join(NO_FINDING if verdict is None else _LETTERS[verdict] for verdict in found)


def check(state: LabState, standard: Standard | str, registers: Registers | None = None) -> Checked:
    """Return the check of a state against a policy standard.

    Parameters
    ----------
    state : LabState
        What holds.
    standard : Standard or str
        Policy standard, or its name.
    registers : Registers, optional
        Staff, meetings, funds ... that many clauses ask about.
    """
    chosen = load_standard(standard) if isinstance(standard, str) else standard
    report = check_standard(state.world, chosen, registers)
    return Checked(report=report, changes=state.draft.changes, governance=governance_for(chosen))


def governance_for(standard: Standard) -> Governance | None:
    """Return the governance of the same paper as a standard, or None where the library has none."""
    for name in governance_room.names():
        found = governance_room.load(name)
        if found.standard == standard.id and found.units:
            return found
    return None


def levels_of(world: World) -> tuple[str, ...]:
    """Return the levels of places that a matrix can be made of, top first."""
    if world.places is None:
        return ()
    counts = {str(level): len(world.places.at_level(level)) for level in PlaceLevel}
    return tuple(level for level, n in counts.items() if 0 < n <= _MOST_COLUMNS)


def first_level(world: World) -> str:
    """Return the level that a matrix begins with: the highest with more than one place."""
    levels = levels_of(world)
    if world.places is None or not levels:
        return ""
    many = [level for level in levels if len(world.places.at_level(level)) > 1]
    return many[0] if many else levels[-1]


def themes_of(standard: Standard) -> tuple[str, ...]:
    """Return the types of requirement in a standard, in the order of the paper."""
    return tuple(dict.fromkeys(requirement.type for requirement in standard.requirements))


def matrix_of(report: ComplianceReport, level: str) -> VerdictMatrix:
    """Return the verdicts of a report gathered in the places of a level; all in one column without one."""
    findings = report.findings
    homes = [NO_PLACE] * len(findings)
    if level:
        homes = [NO_PLACE if pd.isna(home) else str(home) for home in report.places_of(level)]
    rows: dict[tuple[str, str], list[int]] = {}
    for row, (requirement, place) in enumerate(zip(findings["requirement"], homes, strict=True)):
        rows.setdefault((str(requirement), place), []).append(row)
    found = findings["verdict"].tolist()
    worst = {cell: min((found[row] for row in own), key=VERDICTS.index) for cell, own in rows.items()}
    present = {place for _, place in rows}
    order = [] if report.world.places is None else [str(i) for i in report.world.places.ids]
    return VerdictMatrix(
        places=(
            *([NO_PLACE] if NO_PLACE in present else []),
            *(place for place in order if place in present),
        ),
        requirements=report.standard.ids,
        rows={cell: tuple(own) for cell, own in rows.items()},
        verdicts=worst,
    )


def count_cells(matrix: VerdictMatrix, requirements: tuple[str, ...]) -> dict[str, int]:
    """Return how many cells of some requirements have each verdict, the worst first."""
    asked = set(requirements)
    n = Counter(verdict for (requirement, _), verdict in matrix.verdicts.items() if requirement in asked)
    return {verdict: n[verdict] for verdict in VERDICTS}


def shown_requirements(
    checked: Checked, matrix: VerdictMatrix, *, theme: str = "", verdict: str = ""
) -> tuple[str, ...]:
    """Return the requirements of a theme (all where empty) with a cell of a verdict (any where empty)."""
    return tuple(
        requirement.id
        for requirement in checked.standard.requirements
        if (not theme or requirement.type == theme)
        and (not verdict or _LETTERS[verdict] in matrix.letters(requirement.id))
    )


def matrix_columns(checked: Checked, matrix: VerdictMatrix, lang: Lang = "en") -> list[dict[str, str]]:
    """Return the columns for the widget: ``id`` and ``label``."""
    names = checked.report.names(lang)
    return [
        {
            "id": place,
            "label": names.get(place, place) if place else text("lab_panels.whole_area", lang),
        }
        for place in matrix.places
    ]


def matrix_rows(
    checked: Checked, matrix: VerdictMatrix, requirements: tuple[str, ...], lang: Lang = "en"
) -> list[dict[str, object]]:
    """Return the rows for the widget, each theme under its heading: ``id``, ``label``, ``cells``, ``counts``.

    A heading has only a ``label``; ``counts`` are the findings of each cell that are not met.
    """
    verdict = checked.report.findings["verdict"].tolist()
    rows: list[dict[str, object]] = []
    by_theme: dict[str, list[Requirement]] = {}
    for name in requirements:
        requirement = checked.report.requirement(name)
        by_theme.setdefault(requirement.type, []).append(requirement)
    for theme, asked in by_theme.items():
        rows.append({"label": policy_word("type", theme, lang)})
        for requirement in asked:
            counts = [
                sum(verdict[row] == "NOT_MET" for row in matrix.rows.get((requirement.id, place), ()))
                for place in matrix.places
            ]
            rows.append(
                {
                    "id": requirement.id,
                    "label": requirement.clause(lang),
                    "cells": matrix.letters(requirement.id),
                    "counts": counts,
                }
            )
    return rows


@dataclass(frozen=True, kw_only=True, eq=False)
class CellDetails:
    """What stands behind one cell.

    Parameters
    ----------
    requirement : Requirement
        The clause.
    place : str
        Name of the place.
    verdict : str
        The worst of the findings; empty where there is none.
    limit : str
        What is asked for.
    source : str
        The paper and its date; the file or page of the clause is in `requirement`.
    findings : DataFrame
        The worst first, worded: ``subject``, ``about``, ``value``, ``threshold``, ``unit``, ``verdict``,
        ``missing``, ``listed``.
    n_findings : int
        Of how many `findings` are the first.
    lead, supporting : str
        Who must act: units of the place, or else the functions that the clause makes responsible.
    reason : str
        Why they must.
    """

    requirement: Requirement
    place: str
    verdict: str
    limit: str
    source: str
    findings: pd.DataFrame
    n_findings: int
    lead: str
    supporting: str
    reason: str


def details_of(
    checked: Checked, matrix: VerdictMatrix, requirement: str, place: str, lang: Lang = "en"
) -> CellDetails:
    """Return what stands behind one cell of a matrix, worded."""
    report = checked.report
    clause = report.requirement(requirement)
    rows = sorted(
        matrix.rows.get((clause.id, place), ()),
        key=lambda row: VERDICTS.index(report.findings["verdict"].iloc[row]),
    )
    lead, supporting, reason = _who_acts(checked, clause, rows, lang)
    names = report.names(lang)
    return CellDetails(
        requirement=clause,
        place=names.get(place, place) if place else text("lab_panels.whole_area", lang),
        verdict=matrix.verdicts.get((clause.id, place), ""),
        limit=clause.limit_words(lang),
        source=text("fault.comma", lang).join(
            part for part in (checked.standard.title(lang), str(checked.standard.date or "")) if part
        ),
        findings=checked.worded(lang).iloc[rows[:_SHOWN_FINDINGS]],
        n_findings=len(rows),
        lead=lead,
        supporting=supporting,
        reason=reason,
    )


def _who_acts(checked: Checked, clause: Requirement, rows: list[int], lang: Lang) -> tuple[str, str, str]:
    comma = text("fault.comma", lang)
    functions = comma.join(policy_word("function", code, lang) for code in clause.responsible)
    everyone = checked.charges(lang)
    if everyone is None or not rows:
        return functions, "", policy_word("basis", clause.responsible_basis, lang)
    charges = everyone.iloc[rows]
    supporting = [unit for units in charges["supporting_units"] for unit in units]
    leads = list(dict.fromkeys(charges["lead_unit"]))
    others = [unit for unit in dict.fromkeys(supporting) if unit not in leads]
    return comma.join(leads), comma.join(others), str(charges["lead_clause"].iloc[0])


def number_words(value: object) -> str:
    """Return a measured value or figure, short; empty where there is none."""
    if not isinstance(value, (int, float)) or math.isnan(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 1_000 or float(value).is_integer() else f"{value:,.3g}"
