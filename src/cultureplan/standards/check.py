"""Check a world against a policy standard: one finding a requirement and subject, none silently passed."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from enum import StrEnum

import pandas as pd

from cultureplan.standards.catalogue import Standard
from cultureplan.standards.compliance import COLUMNS, ComplianceReport
from cultureplan.standards.context import Context
from cultureplan.standards.measured import Measured, MissingInput
from cultureplan.standards.metrics import MEASURES
from cultureplan.standards.registers import Registers
from cultureplan.standards.requirement import Requirement
from cultureplan.world.world import World


class Verdict(StrEnum):
    """How a finding came out."""

    MET = "MET"
    NOT_MET = "NOT_MET"
    NOT_ASSESSABLE = "NOT_ASSESSABLE"


def check_standard(
    world: World, standard: Standard, registers: Registers | None = None, *, as_of: dt.date | None = None
) -> ComplianceReport:
    """Check a world, and the registers that go with it, against every requirement of a standard.

    A requirement whose clause prints no figure, whose figure nobody has verified, or whose tables are not
    there is NOT_ASSESSABLE, with the missing input named; it never passes by default.

    Parameters
    ----------
    world : World
        The world.
    standard : Standard
        For example ``load_standard("ordos-2014")``.
    registers : Registers, optional
        Staff, teams, meetings, funds ... (:func:`read_registers`).
    as_of : date, optional
        Day up to which open intervals (the next inspection) are counted.

    Returns
    -------
    ComplianceReport

    Raises
    ------
    TableError
        If a register names a place or facility that the world does not have.

    Examples
    --------
    >>> import cultureplan as cp
    >>> report = cp.check_standard(cp.load_world("sanheyuan"), cp.load_standard("ordos-2014"))
    >>> report.verdict("O-CHK-T10")
    'NOT_MET'
    """
    given = registers or Registers()
    given.validate_against(world)
    context = Context(world=world, standard=standard, registers=given, as_of=as_of)
    rows = [
        _finding(context, requirement, measured)
        for requirement in standard.requirements
        for measured in _measure(context, requirement)
    ]
    findings = pd.DataFrame(rows, columns=list(COLUMNS))
    return ComplianceReport(world=world, standard=standard, findings=findings)


def _measure(context: Context, requirement: Requirement) -> Iterator[Measured]:
    if not requirement.measure:
        yield Measured(missing="judgement:")
        return
    found = False
    try:
        args = context.resolve(requirement.check)
        for measured in MEASURES[requirement.measure](context, requirement, args):
            found = True
            yield measured
    except MissingInput as missing:
        yield Measured(missing=missing.code)
        return
    if not found:
        yield Measured(missing="subjects:")


def _finding(context: Context, requirement: Requirement, measured: Measured) -> tuple[object, ...]:
    verdict, missing = judge(requirement, measured, context.standard)
    figure = requirement.threshold if measured.figure is None else measured.figure
    if measured.unit and measured.figure is None:
        figure = None  # a circle without a target share: the limit of the circle is no figure of a share
    return (
        requirement.id,
        measured.place_id or None,
        measured.facility_id or None,
        measured.subject,
        measured.about,
        measured.period,
        measured.value,
        math.nan if figure is None else float(figure),
        measured.unit or requirement.unit,
        str(verdict),
        missing,
        measured.listed,
    )


def judge(requirement: Requirement, measured: Measured, standard: Standard) -> tuple[Verdict, str]:
    """Return the verdict on one value, and the input that is missing where there is none.

    Parameters
    ----------
    requirement : Requirement
    measured : Measured
    standard : Standard
        Its readings say whether "or more" includes the figure and whether a range binds above.
    """
    if measured.missing:
        return Verdict.NOT_ASSESSABLE, measured.missing
    if requirement.status == "to_be_confirmed":
        return Verdict.NOT_ASSESSABLE, "confirmation:"
    if measured.is_met is not None:
        return (Verdict.MET if measured.is_met else Verdict.NOT_MET), ""
    if math.isnan(measured.value):
        return Verdict.NOT_ASSESSABLE, "value:"
    if requirement.threshold is None and measured.figure is None:
        return Verdict.NOT_ASSESSABLE, "figure:"
    if requirement.comparison in ("report", "trend_up") and requirement.status != "user":
        return Verdict.NOT_ASSESSABLE, "figure:"
    met = requirement.with_figure(measured.figure).is_met(
        measured.value,
        inclusive=standard.readings.get("at_least") != "exclusive",
        both_ends=standard.readings.get(str(requirement.check.get("ranges", "")).lstrip("$")) == "both_ends",
    )
    return (Verdict.MET if met else Verdict.NOT_MET), ""
