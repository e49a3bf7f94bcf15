"""One district through inspection, findings, duties, cases and re-check."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from cultureplan import governance
from cultureplan.base.errors import InputError
from cultureplan.governance.cases import CaseState, Move
from cultureplan.standards.catalogue import load_standard
from cultureplan.standards.check import check_standard
from cultureplan.standards.opening_table import opening_table
from tests.standards.town import houses, town

FIRST, DEADLINE, LATER = dt.date(2024, 3, 1), dt.date(2024, 6, 1), dt.date(2024, 6, 3)


def inspected(**changes):
    """Report and assignments of the town with figures of its station changed."""
    frame = houses()
    for column, value in changes.items():
        frame.loc["B", column] = value
    standard = load_standard("ordos-2014", target_share=1.0)
    report = check_standard(town(frame), standard)
    return report, governance.assign(report, governance.load("shizuishan-2021"))


def test_from_inspection_to_recheck(tmp_path):
    """What was not met becomes cases; what was put right is closed, what was not goes on."""
    report, assigned = inspected(volumes=3_000, computers=5)
    cases = governance.open_cases(assigned, date=FIRST, deadline=DEADLINE)
    assert {case.requirement for case in cases} == set(report.not_met()["requirement"])
    with governance.CaseStore(tmp_path / "cases.sqlite") as store:
        for case in cases:
            store.add(case)
        with pytest.raises(InputError):
            store.add(cases[0])
        assert len(store.overdue(LATER)) == len(cases)
        after, still = inspected(computers=5)  # the books were bought, the computers were not
        for case in store.cases():
            checked = governance.recheck(case, after, still, date=LATER)
            store.append(case.id, checked.moves[-1])
        by = {case.requirement: case for case in store.cases()}
        assert by["O-COL-01"].allowed_moves() == ("close",)
        assert by["O-EQP-01"].allowed_moves() == ("order", "hold_to_account")
        store.append(by["O-COL-01"].id, Move(kind="close", date=LATER, by="OFF"))
        assert store.case(by["O-COL-01"].id).state == CaseState.CLOSED
        for lang in ("en", "zh"):
            table = governance.case_table(store.cases(), as_of=LATER, lang=lang)
            assert len(table) == len(cases)
            assert not table["is_overdue"].any()


def test_what_cannot_be_assessed_does_not_pass_a_recheck():
    """A table that is gone at the re-check is no proof that a gap was closed."""
    _, assigned = inspected(volumes=3_000)
    (case,) = governance.open_cases(assigned, date=FIRST, deadline=DEADLINE)
    blind = check_standard(town(houses().drop(columns="volumes")), load_standard("ordos-2014"))
    none = governance.assign(blind, governance.load("shizuishan-2021"))
    assert governance.recheck(case, blind, none, date=LATER).moves[-1].passed is False


def test_shares_met_are_values_of_indicators():
    """Each type of requirement is a column, each place a row, with the share of its findings met."""
    report, _ = inspected(volumes=3_000)
    shares = report.met_shares("county")
    assert shares.loc["county", "collection_size"] == 0
    assert shares.loc["county", "equipment_count"] == 1
    rows = report.findings[report.findings["requirement"].str.startswith("O-CHK")]
    assert shares.loc["county", "facility_checklist"] == (rows["verdict"] == "MET").mean()


def test_opening_hours_are_told_as_the_clauses_ask():
    """Hours a week, the shares when people are free, round the clock, and what is not stated."""
    frame = houses()
    frame.loc["B", "opening_hours"] = "Mo-Fr 14:00-20:00; Sa 10:00-20:00"
    frame.loc["V", "opening_hours"] = None
    table = opening_table(town(frame))
    row = table.loc["B"]
    assert row["hours_per_week"] == 40
    assert row[["evening_share", "weekend_share"]].tolist() == pytest.approx([10 / 40, 10 / 40])
    assert row["office_share"] == pytest.approx(17.5 / 40)
    assert table.loc["H", "is_always_open"]
    assert not table.loc["V", "is_stated"]
    assert pd.isna(table.loc["V", "evening_share"])
