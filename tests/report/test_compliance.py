"""The report's chapter on a policy standard: what was found, who must act, what it costs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import cultureplan as cp
from cultureplan.report import write_report
from tests.report.pages import all_words, read_page

STANDARD = cp.load_circles("ordos-2014")
COSTS = {"O-CHK-T10": 20_000.0}


@pytest.fixture(scope="module")
def sanheyuan() -> cp.World:
    """The bundled grassland town with checklists."""
    return cp.load_world("sanheyuan")


@pytest.fixture(scope="module")
def compliance(sanheyuan):
    """The town by the Ordos pilot, without registers."""
    return cp.check_standard(sanheyuan, cp.load_standard("ordos-2014"))


def written(folder: Path, world: cp.World, **options: object) -> Path:
    """Write the report of a world and return its path."""
    coverage = cp.measure_coverage(world, STANDARD)
    return write_report(folder, world=world, standard=STANDARD, coverage=coverage, **options)


def words_of(path: Path) -> str:
    """Return the text of a report."""
    return all_words(read_page(path.read_text(encoding="utf-8")))


@pytest.fixture(scope="module", params=["en", "zh"])
def report(request, sanheyuan, compliance, tmp_path_factory) -> tuple[str, Path]:
    """A report with the chapter, duties and costs."""
    duties = cp.governance.load("shizuishan-2021")
    folder = tmp_path_factory.mktemp(f"compliance-{request.param}")
    options = {"governance": duties, "unit_costs": COSTS, "lang": request.param}
    return request.param, written(folder, sanheyuan, compliance=compliance, **options)


def test_the_chapter_says_what_is_missing_who_acts_and_what_it_costs(report, compliance):
    """Headings of the governance chapter, each once in the catalogue, in the language of the page."""
    lang, path = report
    words = words_of(path)
    asked = cp.governance.compliance_chapter(
        compliance, cp.governance.load("shizuishan-2021"), unit_costs=COSTS, lang=lang
    )
    left_to_other_titles = ("Verdicts", "总体结论", "Requirements that could be assessed", "可判定的要求")
    for heading in set(asked) - set(left_to_other_titles):
        assert heading.split("：")[0] in words, heading
    for count in compliance.counts():
        assert str(count) in words


def test_the_files_hold_every_finding(report, compliance):
    """CSV headings are the names of the values in every language; the workbook's are readable."""
    lang, path = report
    findings = pd.read_csv(path.parent / "tables" / "compliance_findings.csv", encoding="utf-8-sig")
    assert len(findings) == len(compliance.findings)
    assert list(findings.columns) == list(compliance.to_frame().columns)
    costs = pd.read_csv(path.parent / "tables" / "compliance_costs.csv", encoding="utf-8-sig")
    n = (compliance.not_met()["requirement"] == "O-CHK-T10").sum()
    assert costs.set_index("requirement")["cost_yuan"]["O-CHK-T10"] == 20_000 * n
    book = openpyxl.load_workbook(path.parent / "tables.xlsx", read_only=True)
    sheet = next(name for name in book.sheetnames if name in ("Cost of closing the gaps", "补齐缺口所需资金"))
    headings = [cell.value for cell in next(book[sheet].iter_rows())]
    assert ("费用（元）" if lang == "zh" else "Cost (yuan)") in headings


def test_a_report_without_a_check_has_no_such_chapter_and_keeps_no_file_of_one(
    sanheyuan, compliance, tmp_path
):
    """The files of an earlier chapter go when the report is written again without it."""
    first = written(tmp_path, sanheyuan, compliance=compliance)
    assert 'id="compliance"' in first.read_text(encoding="utf-8")
    assert list((tmp_path / "tables").glob("compliance_*.csv"))
    again = written(tmp_path, sanheyuan)
    assert 'id="compliance"' not in again.read_text(encoding="utf-8")
    assert not list((tmp_path / "tables").glob("compliance_*"))


def test_names_from_input_stay_text(sanheyuan, compliance, tmp_path):
    """A subject that looks like a page, or like a formula, is neither on the page nor in the files."""
    findings = compliance.findings.assign(subject="<script>x</script>", verdict="NOT_MET", place_id=None)
    odd = dataclasses.replace(compliance, findings=findings)
    path = written(tmp_path, sanheyuan, compliance=odd)
    assert "<script>x" not in path.read_text(encoding="utf-8")
    assert "<script>x</script>" in words_of(path)
    formula = dataclasses.replace(compliance, findings=findings.assign(subject="=1+1"))
    written(tmp_path, sanheyuan, compliance=formula)
    rows = pd.read_csv(tmp_path / "tables" / "compliance_findings.csv", encoding="utf-8-sig")
    assert set(rows["subject"]) == {"'=1+1"}


def test_a_world_that_meets_all_says_so(sanheyuan, compliance, tmp_path):
    """No empty table of gaps, and no department that must act."""
    met = compliance.findings.assign(verdict="MET", missing="")
    good = dataclasses.replace(compliance, findings=met)
    path = written(tmp_path, sanheyuan, compliance=good, governance=cp.governance.load("shizuishan-2021"))
    assert "No finding fails a figure." in words_of(path)
    assert not (tmp_path / "tables" / "compliance_departments.csv").exists()
