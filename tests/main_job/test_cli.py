"""The command line: what it prints, its exit codes, and that no user ever sees a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import cultureplan as cp
from cultureplan.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of one command."""
    code = main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The teaching town as a world folder of one's own."""
    cp.write_world(cp.load_world("sanheyuan"), tmp_path / "town")
    return tmp_path / "town"


@pytest.fixture
def broken(folder: Path) -> Path:
    """The same with a negative number of persons and an unknown parent."""
    demand = pd.read_csv(folder / "demand.csv", dtype=str)
    demand.loc[2, "persons"] = "-7"
    demand.to_csv(folder / "demand.csv", index=False)
    facilities = pd.read_csv(folder / "facilities.csv", dtype=str)
    facilities.loc[3, "parent_id"] = "nobody"
    facilities.to_csv(folder / "facilities.csv", index=False)
    return folder


def test_check_says_what_a_good_folder_holds(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    """Exit code 0 and the numbers of a world without faults."""
    code, out, _ = run(capsys, "check", str(folder), "--lang", "en")
    assert code == 0
    assert "no faults" in out


@pytest.mark.parametrize(
    ("lang", "row", "column"), [("en", "row 4", "column persons"), ("zh", "第 4 行", "列 persons")]
)
def test_check_lists_every_fault_of_every_file_and_writes_nothing(
    capsys: pytest.CaptureFixture[str], broken: Path, lang: str, row: str, column: str
) -> None:
    """File, row as a spreadsheet counts it, column and value; exit code 1; the folder is as it was."""
    before = {path: path.read_bytes() for path in broken.iterdir()}
    code, out, err = run(capsys, "check", str(broken), "--lang", lang)
    assert code == 1
    assert out == ""
    for part in ("demand.csv", row, column, "-7", "facilities.csv", "parent_id", "nobody"):
        assert part in err
    assert {path: path.read_bytes() for path in broken.iterdir()} == before


def test_check_as_json_lists_the_same_faults(capsys: pytest.CaptureFixture[str], broken: Path) -> None:
    """For programs: code, file, rows, column, value and remedy of each."""
    code, out, _ = run(capsys, "check", str(broken), "--json")
    found = json.loads(out)
    assert code == 1
    assert not found["ok"]
    assert {(fault["file"], fault["column"]) for fault in found["faults"]} == {
        ("demand.csv", "persons"),
        ("facilities.csv", "parent_id"),
    }


def test_assess_prints_the_share_that_the_library_measures(capsys: pytest.CaptureFixture[str]) -> None:
    """A bundled world by name, a reading of the standard, and a further column."""
    arguments = ("assess", "sanheyuan", "--circles", "ordos-2014", "--set", "speed_m_per_minute=60")
    code, out, _ = run(capsys, *arguments, "--by", "township", "--json")
    standard = cp.load_circles("ordos-2014", speed_m_per_minute=60)
    coverage = cp.measure_coverage(cp.load_world("sanheyuan"), standard)
    found = json.loads(out)
    assert code == 0
    assert found["covered_share"] == pytest.approx(coverage.share)
    assert sum(row["persons_covered"] for row in found["by"]["township"]) <= coverage.persons
    code, out, _ = run(capsys, *arguments, "--lang", "zh")
    assert "覆盖率" in out


def test_assess_along_streets_differs_from_the_straight_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Wuhan has streets; the same standard is measured along them on request."""
    arguments = ("assess", "wuhan", "--circles", "shizuishan-2021", "--json")
    by_line = json.loads(run(capsys, *arguments)[1])
    by_street = json.loads(run(capsys, *arguments, "--streets")[1])
    assert by_street["settings"]["way"] == "streets"
    assert by_street["covered_share"] < by_line["covered_share"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_plan_writes_the_report_and_says_where(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, lang: str
) -> None:
    """The main job on a bundled world."""
    out_dir = tmp_path / "out"
    arguments = ("plan", "sanheyuan", "--circles", "ordos-2014", "--new", "2", "--out", str(out_dir))
    code, out, err = run(capsys, *arguments, "--lang", lang)
    assert (code, err) == (0, "")
    report = out_dir / "report.html"
    assert str(report) in out
    assert report.stat().st_size > 10_000


def test_plan_as_json_agrees_with_the_library(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Share today, share planned, persons newly covered and the bound."""
    arguments = ("plan", "sanheyuan", "--circles", "ordos-2014", "--new", "1", "--out", str(tmp_path / "o"))
    code, out, _ = run(capsys, *arguments, "--json")
    found = json.loads(out)
    world, standard = cp.load_world("sanheyuan"), cp.load_circles("ordos-2014")
    after = cp.Scenario(world)
    for facility_id in found["opened"]:
        after = after.add(facility_id)
    planned = cp.measure_coverage(after.apply(), standard)
    assert code == 0
    assert found["status"] == "optimal"
    assert found["share_plan"] == pytest.approx(planned.share)
    assert found["objective_persons"] == pytest.approx(planned.persons)
    assert found["bound_persons"] >= found["objective_persons"] - 1e-6


def test_compare_and_report_run_on_folders(
    capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> None:
    """Two worlds of the same people under labels; a report without a plan."""
    world = cp.load_world("sanheyuan")
    cp.write_world(cp.Scenario(world).close(world.network.ids[-1]).apply(), tmp_path / "fewer")
    code, out, _ = run(
        capsys, "compare", f"today={folder}", f"fewer={tmp_path / 'fewer'}", "--circles", "ordos-2014"
    )
    assert code == 0
    assert "today" in out
    assert "fewer" in out
    code, out, _ = run(capsys, "report", str(folder), "--circles", "ordos-2014", "--out", str(tmp_path / "r"))
    assert code == 0
    assert (tmp_path / "r" / "report.html").exists()


def test_datasets_are_listed_shown_and_copied(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What comes with the library, where it is from, and a folder to begin with."""
    code, out, _ = run(capsys, "datasets")
    assert code == 0
    assert all(name in out for name in ("shizuishan", "newyork", "sanheyuan"))
    assert "CC BY" in run(capsys, "datasets", "--show", "shizuishan")[1]
    code, _, _ = run(capsys, "datasets", "--copy", "sanheyuan", str(tmp_path / "mine"))
    assert code == 0
    assert len(cp.read_world(tmp_path / "mine").facilities) == len(cp.load_world("sanheyuan").facilities)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "no_such_folder"], "no_such_folder"),
        (["assess", "sanheyuan", "--circles", "ordos"], "ordos-2014"),
        (["assess", "sanheyuan", "--circles", "ordos-2014", "--set", "speed"], "="),
        (["assess", "sanheyuan", "--circles", "ordos-2014", "--set", "sped=3"], "speed_m_per_minute"),
        (["assess", "sanheyuan", "--circles", "ordos-2014", "--by", "settelment"], "settlement"),
        (["plan", "sanheyuan", "--circles", "ordos-2014", "--new", "0", "--out", "o"], "n_sites"),
        (["plan", "sanheyuan", "--circles", "ordos-2014", "--new", "9999", "--out", "o"], "9999"),
        (["assess", "sanheyuan", "--circles", "ordos-2014", "--streets"], "streets"),
        (["compare", "sanheyuan", "--circles", "ordos-2014"], "two"),
        (["compare", "sanheyuan", "sanheyuan", "--circles", "ordos-2014"], "label"),
        (["compare", "a=sanheyuan", "b=newyork", "--circles", "ordos-2014"], "demand points"),
        (["datasets", "--show", "shizuisan"], "shizuishan"),
    ],
    ids=lambda value: "-".join(value[:1] + value[-1:]) if isinstance(value, list) else value,
)
def test_bad_input_is_one_clear_message_with_exit_code_1(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: str,
) -> None:
    """On the error stream, in both languages, with nothing written."""
    monkeypatch.chdir(tmp_path)
    for lang in ("en", "zh"):
        code, out, err = run(capsys, *arguments, "--lang", lang)
        assert code == 1
        assert out == ""
        assert "Traceback" not in err
    assert words in run(capsys, *arguments, "--lang", "en")[2]
    assert list(tmp_path.iterdir()) == []


def test_a_mistyped_command_has_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    """As usual on Unix."""
    assert run(capsys, "plam")[0] == 2
    assert run(capsys, "plan", "sanheyuan")[0] == 2


def test_the_module_runs_as_a_program_and_speaks_utf8_in_a_plain_terminal() -> None:
    """``python -m cultureplan`` in a C locale prints Chinese instead of failing half-way."""
    done = subprocess.run(
        [sys.executable, "-m", "cultureplan", "datasets", "--lang", "zh"],
        capture_output=True,
        env={"LC_ALL": "C", "PATH": "", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    assert "石嘴山" in done.stdout.decode("utf-8")
