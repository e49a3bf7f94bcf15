"""The command line on policy standards: list, show, check."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import cultureplan as cp
from cultureplan.cli import main


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_standards_are_listed_and_shown(capsys: pytest.CaptureFixture[str], lang: str) -> None:
    """Every bundled paper by name; one of them clause by clause."""
    assert main(["standards", "list", "--lang", lang]) == 0
    listed = capsys.readouterr().out
    assert "kundulun-2020" in listed
    assert main(["standards", "show", "ordos-2014", "--lang", lang]) == 0
    assert "O-COV-02" in capsys.readouterr().out


def test_a_check_counts_what_the_library_finds(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """As JSON, and the findings as a table beside it."""
    arguments = ["standards", "check", "sanheyuan", "--standard", "ordos-2014"]
    assert main([*arguments, "--json", "--out", str(tmp_path)]) == 0
    found = json.loads(capsys.readouterr().out)
    report = cp.check_standard(cp.load_world("sanheyuan"), cp.load_standard("ordos-2014"))
    assert len(found["findings"]) == len(report.findings)
    assert len(pd.read_csv(tmp_path / "findings.csv")) == len(report.findings)


def test_a_check_names_the_departments_that_must_act(capsys: pytest.CaptureFixture[str]) -> None:
    """With the duties of a place, each gap has somebody."""
    arguments = ["standards", "check", "shizuishan", "--standard", "shizuishan-2021", "--lang", "zh"]
    assert main([*arguments, "--duties", "shizuishan-2021"]) == 0
    assert "文化" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["report"], ["plan", "--new", "1"]], ids=["report", "plan"])
def test_a_report_gains_the_chapter_of_a_standard(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str]
) -> None:
    """With duties and unit costs; the verdicts are counted in the answer too."""
    asked = [
        command[0],
        "sanheyuan",
        *command[1:],
        "--circles",
        "ordos-2014",
        "--out",
        str(tmp_path),
        "--json",
    ]
    policy = ["--standard", "ordos-2014", "--duties", "shizuishan-2021", "--unit-cost", "O-CHK-T10=20000"]
    assert main([*asked, *policy]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["standard"] == "ordos-2014"
    assert found["requirements"]["NOT_MET"] > 0
    assert 'id="compliance"' in Path(found["report"]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--duties", "jilin-2014"], "--standard"),
        (["--standard", "ordos-2014", "--unit-cost", "O-CHK-T10=dear"], "dear"),
    ],
    ids=["no standard", "no number"],
)
def test_a_report_says_what_is_missing_for_the_chapter(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, options: list[str], words: str
) -> None:
    """Duties without a standard would be silently ignored; a cost must be a number."""
    asked = ["report", "sanheyuan", "--circles", "ordos-2014", "--out", str(tmp_path), "--lang", "en"]
    assert main([*asked, *options]) == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["standards", "show", "ordos"], "ordos-2014"),
        (["standards", "check", "sanheyuan", "--standard", "ordos-2014", "--registers", "none"], "none"),
        (["standards", "check", "sanheyuan", "--standard", "ordos-2014", "--duties", "nobody"], "jilin-2014"),
    ],
    ids=["standard", "registers", "duties"],
)
def test_an_unknown_name_is_one_clear_message(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    """Exit code 1 and the closest name, or the folder that is not there."""
    assert main([*arguments, "--lang", "en"]) == 1
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error
