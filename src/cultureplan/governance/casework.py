"""From findings to cases and back: open cases for what was not met, and re-check them by a later report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from cultureplan.base.messages import Lang, text
from cultureplan.governance.cases import Case, CaseState, Move, MoveKind, open_case
from cultureplan.standards.compliance import ComplianceReport


def open_cases(assigned: pd.DataFrame, *, date: dt.date, deadline: dt.date | None = None) -> tuple[Case, ...]:
    """Return one case for each lead unit and requirement that was not met.

    Parameters
    ----------
    assigned : DataFrame
        From :func:`cultureplan.governance.assign`.
    date : date
        Day on which the units are named and criticised.
    deadline : date, optional
        Day by which it must be put right: the order follows at once. No paper says how long it may be.

    Returns
    -------
    tuple of Case
        Ids are ``<date>/<requirement>/<unit>``, so opening twice on a day is noticed by the store.
    """
    cases = []
    for (requirement, unit), own in assigned.groupby(["requirement", "lead_unit"], sort=False):
        case = open_case(
            f"{date.isoformat()}/{requirement}/{unit}",
            unit=str(unit),
            requirement=str(requirement),
            date=date,
        )
        if deadline is not None:
            note = str(own["clause"].iloc[0])
            case = case.apply(Move(kind=MoveKind.ORDER, date=date, by="OFF", deadline=deadline, note=note))
        cases.append(case)
    return tuple(cases)


def recheck(case: Case, report: ComplianceReport, assigned: pd.DataFrame, *, date: dt.date) -> Case:
    """Return a case after the office's re-check by a later report.

    It passes when the requirement was assessed and no finding of it falls to the unit any more; what cannot
    be assessed does not pass.

    Parameters
    ----------
    case : Case
        In state ``rectifying``.
    report : ComplianceReport
        Of the world as it is now.
    assigned : DataFrame
        What :func:`cultureplan.governance.assign` makes of that report.
    date : date
        Day of the re-check.
    """
    own = assigned[(assigned["requirement"] == case.requirement) & (assigned["lead_unit"] == case.unit)]
    assessed = report.verdict(case.requirement) != "NOT_ASSESSABLE"
    return case.apply(Move(kind=MoveKind.RECHECK, date=date, by="OFF", passed=assessed and len(own) == 0))


def case_table(cases: Iterable[Case], *, as_of: dt.date, lang: Lang = "en") -> pd.DataFrame:
    """Return one row a case: unit, requirement, where it stands, its deadline, whether it is overdue.

    Parameters
    ----------
    cases : iterable of Case
    as_of : date
    lang : {"en", "zh"}

    Returns
    -------
    DataFrame, index case
        ``unit``, ``requirement``, ``state`` (worded), ``opened``, ``deadline``, ``is_overdue``, ``n_moves``.
    """
    rows = [
        {
            "case": case.id,
            "unit": case.unit,
            "requirement": case.requirement,
            "state": text(f"cases.state_{case.state or CaseState.CRITICISED}", lang),
            "opened": case.moves[0].date if case.moves else None,
            "deadline": case.deadline,
            "is_overdue": case.is_overdue(as_of),
            "n_moves": len(case.moves),
        }
        for case in cases
    ]
    columns = ["case", "unit", "requirement", "state", "opened", "deadline", "is_overdue", "n_moves"]
    return pd.DataFrame(rows, columns=columns).set_index("case")
