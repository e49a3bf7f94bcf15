"""Deliberation rules as checks on meeting records, and the days by which the next step is due."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from cultureplan.governance.places import Governance
from cultureplan.standards.catalogue import Standard, load_standard
from cultureplan.standards.check import check_standard
from cultureplan.standards.compliance import ComplianceReport
from cultureplan.standards.readings import Reading
from cultureplan.standards.registers import Registers
from cultureplan.world.world import World

_TYPES = ("deliberation_rule", "meeting_cadence", "review_cycle")


def deliberation_standard(governance: Governance, **settings: Reading) -> Standard:
    """Return the clauses of a place's paper on meetings, minutes and reviews, as a standard."""
    whole = load_standard(governance.standard, **settings)
    named = set(governance.rules.values())
    ids = [r.id for r in whole.requirements if r.type in _TYPES or r.id in named]
    return whole.select(ids=ids)


def check_meetings(
    world: World,
    governance: Governance,
    registers: Registers,
    *,
    as_of: dt.date | None = None,
    **settings: Reading,
) -> ComplianceReport:
    """Check meeting records against the deliberation rules of a place.

    Cadence, notice, who may chair and convene, the agenda's way, consensus, minutes and sign-off: each rule
    is the requirement of the paper in which it stands.

    Parameters
    ----------
    world : World
        Its places are those the registers name.
    governance : Governance
    registers : Registers
        ``meetings``, ``attendance``, ``agenda``, ``inspections``, ``bodies``, ``members``.
    as_of : date, optional
        Day up to which open intervals are counted.
    **settings
        Readings other than the defaults, for example ``consensus_of="all"``.
    """
    return check_standard(world, deliberation_standard(governance, **settings), registers, as_of=as_of)


def due_dates(governance: Governance, registers: Registers, *, as_of: dt.date) -> pd.DataFrame:
    """Return by when the next regular meeting and the next review are due.

    Parameters
    ----------
    governance : Governance
    registers : Registers
        ``meetings`` and ``inspections``, as far as they are there.
    as_of : date
        Today.

    Returns
    -------
    DataFrame, index requirement
        ``what`` (``meeting`` or ``review``), ``last`` (day of the last one, missing where there was none),
        ``due`` (day), ``is_overdue``.
    """
    standard = load_standard(governance.standard)
    rows = []
    meeting = governance.rules.get("regular_meetings_per_year")
    if meeting is not None:
        kind = standard.requirement(meeting).check["where"]["kind"]
        last = _last(registers, "meetings", kind, as_of)
        held = last is not None and last.year == as_of.year
        month = standard.requirement(meeting).check.get("usual_month", 12)
        due = pd.Period(year=as_of.year + held, month=month, freq="M").end_time.date()
        rows.append((meeting, "meeting", last, due))
    review = governance.rules.get("review_interval_years")
    if review is not None:
        requirement = standard.requirement(review)
        last = _last(registers, "inspections", requirement.check["where"]["kind"], as_of)
        years = int(requirement.threshold or 0)
        due = as_of if last is None else (pd.Timestamp(last) + pd.DateOffset(years=years)).date()
        rows.append((review, "review", last, due))
    table = pd.DataFrame(rows, columns=["requirement", "what", "last", "due"]).set_index("requirement")
    return table.assign(is_overdue=[due < as_of for due in table["due"]])


def _last(registers: Registers, name: str, kind: str, as_of: dt.date) -> dt.date | None:
    if name not in registers:
        return None
    table = registers[name]
    dates = table.loc[(table["kind"] == kind).to_numpy(bool), "date"].dropna()
    dates = dates[(dates <= pd.Timestamp(as_of)).to_numpy(bool)]
    return None if len(dates) == 0 else dates.max().date()
