"""Findings get a lead, a reason and supporters; meetings are checked by the paper's own rules."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import cultureplan as cp
from cultureplan import governance
from cultureplan.governance.assignment import assign, task_list
from cultureplan.governance.deliberation import check_meetings, deliberation_standard, due_dates
from cultureplan.standards.catalogue import load_standard
from cultureplan.standards.check import check_standard
from cultureplan.standards.registers import Registers
from cultureplan.standards.sample import sample_registers
from tests.standards.town import town


@pytest.fixture(scope="module")
def report():
    """Shizuishan against its own plan, with registers in which a part was left undone."""
    world, standard = cp.load_world("shizuishan"), load_standard("shizuishan-2021", target_share=0.9)
    units = governance.load("shizuishan-2021").units
    registers = sample_registers(world, standard, rng=np.random.default_rng(7), fulfilment=0.8, units=units)
    return check_standard(world, standard, registers)


@pytest.mark.parametrize("place", ["shizuishan-2021", "kundulun-2020", "jilin-2014"])
def test_every_finding_gets_a_lead_and_a_reason(report, place):
    """No finding is lost, each has a unit of the place in the lead and the clause that says so."""
    data = governance.load(place)
    for lang in ("en", "zh"):
        todo = assign(report, data, lang=lang)
        assert len(todo) == len(report.not_met())
        assert set(todo["lead_unit"]) <= {*data.units, *data.outsiders}
        assert (todo["lead_clause"] != "").all()
        for _, row in todo.iterrows():
            assert row["lead_unit"] not in row["supporting_units"]


def test_a_finding_in_a_county_goes_to_that_county(report):
    """Where lower governments are responsible, the county in which the finding lies takes the lead."""
    todo = assign(report, governance.load("shizuishan-2021"))
    county = report.world.places.ancestor_at("county")
    rows = todo[todo["requirement"].eq("S-STAFF-05") & todo["place_id"].notna()]
    assert len(rows) > 0
    names = [report.world.places.names[county[place]] for place in rows["place_id"]]
    assert list(rows["lead_unit"]) == names
    assert set(rows["lead_basis"]) == {"duty"}


def test_the_duty_clause_is_the_reason_where_there_is_one(report):
    """Money that does not rise is the finance bureau's by its duty clause."""
    todo = assign(report, governance.load("shizuishan-2021"), verdicts=("MET", "NOT_MET", "NOT_ASSESSABLE"))
    row = todo[todo["requirement"] == "S-FUND-02"].iloc[0]
    assert (row["lead_unit"], row["lead_duty"], row["lead_basis"]) == ("市财政局", "S-DUTY-18", "duty")
    row = todo[todo["requirement"] == "S-GRP-02"].iloc[0]
    assert (row["lead_unit"], row["lead_duty"]) == ("市残联", "S-DUTY-36")
    assert "市妇联" in row["supporting_units"]


def test_a_finding_about_a_member_unit_is_that_units_own():
    """Where every member is responsible, the unit that did not name its liaison must do so itself."""
    members = pd.DataFrame(
        {
            "body_id": "B",
            "unit": ["市财政局", "市妇联"],
            "leader": "a",
            "section": "b",
            "liaison": ["c", None],
        }
    )
    standard = load_standard("shizuishan-2021").select(ids=["S-COM-01"])
    report = check_standard(town(), standard, Registers(tables={"members": members}))
    todo = assign(report, governance.load("shizuishan-2021"))
    assert todo[["subject", "lead_unit"]].to_numpy().tolist() == [["市妇联", "市妇联"]]


def test_without_findings_there_is_nothing_to_do():
    """An empty table keeps its columns, and the task list of it is empty."""
    report = check_standard(town(), load_standard("shizuishan-2021").select(ids=["S-AREA-01"]))
    todo = assign(report, governance.load("shizuishan-2021"))
    assert len(todo) == 0
    assert len(task_list(todo)) == 0


def test_the_task_list_counts_every_finding_once(report):
    """Findings by lead unit add up to all findings."""
    todo = assign(report, governance.load("shizuishan-2021"))
    tasks = task_list(todo)
    assert tasks["n_findings"].sum() == len(todo)
    assert tasks["n_findings"].is_monotonic_decreasing


def meetings(**columns):
    """One regular meeting that keeps to Kundulun's rules, with some columns changed."""
    row = {
        "meeting_id": "M1", "body_id": "B", "kind": "regular", "date": "2022-03-10",
        "has_major_matter": "yes", "notice_date": "2022-03-09", "chair_role": "head",
        "invitees_approved_by": "head", "is_archived": "yes",
    } | columns  # fmt: skip
    return Registers(tables={"meetings": pd.DataFrame([row])})


@pytest.mark.parametrize(
    ("columns", "breach"),
    [
        ({}, None),
        ({"notice_date": "2022-03-10"}, "K-DEL-04"),
        ({"chair_role": "clerk"}, "K-DEL-02"),
        ({"chair_role": "office_director"}, "K-DEL-02"),
        ({"chair_role": "office_director", "is_delegated": "yes"}, None),
        ({"invitees_approved_by": "office_director"}, "K-DEL-07"),
        ({"is_archived": "no"}, "K-DEL-08"),
        ({"needs_document": "yes"}, "K-DEL-08"),
        ({"kind": "adhoc"}, "K-DEL-06"),
    ],
)
def test_deliberation_rules_on_meeting_records(columns, breach):
    """A breach of one rule is a finding of its clause, and of no other."""
    report = check_meetings(town(), governance.load("kundulun-2020"), meetings(**columns))
    assert set(report.not_met()["requirement"]) == ({breach} if breach else set())


def test_jilin_needs_every_member_to_sign():
    """Minutes issued without a member's sign-off break Jilin's rule; its text says all members (U-17)."""
    attendance = pd.DataFrame(
        {"meeting_id": "M1", "unit": ["A", "B"], "is_invited": "yes", "is_present": ["yes", "no"],
         "has_signed": ["yes", "no"]}
    )  # fmt: skip
    registers = meetings(kind="plenary", minutes_issued="2022-03-20").with_table("attendance", attendance)
    jilin = governance.load("jilin-2014")
    assert check_meetings(town(), jilin, registers).verdict("J-DEL-06") == "NOT_MET"
    present = check_meetings(town(), jilin, registers, consensus_of="present")
    assert present.verdict("J-DEL-06") == "MET"
    assert present.findings.loc[present.findings["requirement"] == "J-DEL-01", "listed"].iloc[0] == ()


def test_the_rules_of_a_place_are_a_standard():
    """The clauses on meetings and reviews of a paper make a standard of their own."""
    ids = deliberation_standard(governance.load("kundulun-2020")).ids
    assert {"K-DEL-04", "K-DEL-06", "K-REV-01"} <= set(ids)
    assert all(not name.startswith("K-FUND") for name in ids)


def test_due_dates():
    """The next meeting is due by the end of the year, the next review two years after the last."""
    registers = Registers(
        tables={
            "meetings": pd.DataFrame(
                {"meeting_id": ["M"], "body_id": ["B"], "kind": ["regular"], "date": ["2022-03-10"]}
            ),
            "inspections": pd.DataFrame(
                {"inspection_id": ["I"], "kind": ["inspection"], "date": ["2020-06-01"]}
            ),
        }
    )
    table = due_dates(governance.load("kundulun-2020"), registers, as_of=dt.date(2022, 7, 1))
    assert table.loc["K-DEL-06", "due"] == dt.date(2023, 12, 31)
    assert (table.loc["K-REV-01", "due"], table.loc["K-REV-01", "is_overdue"]) == (dt.date(2022, 6, 1), True)
    empty = due_dates(governance.load("jilin-2014"), Registers(), as_of=dt.date(2022, 7, 1))
    assert empty.loc["J-DEL-01", "due"] == dt.date(2022, 3, 31)
    assert empty.loc["J-DEL-01", "is_overdue"]


def test_the_chapter_has_every_table_in_both_languages(report):
    """Verdicts, places, inputs, departments, actions and costs come under headings of the wanted language."""
    data = governance.load("shizuishan-2021")
    english = governance.compliance_chapter(report, data, unit_costs={"S-STAFF-05": 5_000.0})
    chinese = governance.compliance_chapter(report, data, unit_costs={"S-STAFF-05": 5_000.0}, lang="zh")
    assert len(english) == len(chinese) == 8
    for heading, table in chinese.items():
        assert all("\u4e00" <= name[0] <= "\u9fff" for name in [heading, *table.columns])
    costs = english["Cost of closing the gaps"].set_index("Requirement")["Cost (yuan)"]
    rows = report.not_met()
    assert costs["S-STAFF-05"] == 5_000 * (rows["requirement"] == "S-STAFF-05").sum()
    sanheyuan = check_standard(cp.load_world("sanheyuan"), load_standard("ordos-2014"))
    assert "Checklists by facility" in governance.compliance_chapter(sanheyuan)
