"""Policy standards as data: nothing of the catalogue is lost, and a faulty file is one clear error."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from cultureplan.base.errors import InputError, MissingFileError, UnknownNameError
from cultureplan.standards.catalogue import load_standard, standard_names, standards_frame
from cultureplan.standards.words import policy_word

PAPERS = ("jilin-2014", "kundulun-2020", "ordos-2014", "quanzhou-2020", "shizuishan-2021")
BOTH_TEXTS = {"jilin-2014": {"office_text": "both"}}


@pytest.fixture(scope="session")
def catalogue(repo):
    """The clause catalogue, kept beside the repository."""
    path = repo.parent / "shared" / "domain" / "policy_catalogue.json"
    if not path.is_file():
        pytest.skip("no ../shared/domain beside the repository")
    return json.loads(path.read_text(encoding="utf-8"))


def all_requirements():
    """Every requirement of the five papers by its id."""
    return {r.id: r for name in PAPERS for r in load_standard(name).requirements}


def test_no_id_of_the_catalogue_is_lost(catalogue):
    """The five files hold every requirement of the catalogue and no other."""
    assert set(all_requirements()) == {entry["id"] for entry in catalogue["requirements"]}


def test_quotations_and_figures_are_those_of_the_catalogue(catalogue):
    """Clause, rendering, figure and status of every row agree with the catalogue."""
    ours = all_requirements()
    for entry in catalogue["requirements"]:
        row = ours[entry["id"]]
        assert (row.clause_zh, row.clause_en) == (entry["clause_zh"], entry["clause_en"])
        assert row.source == entry["source_file"]
        assert row.status == "verified"
        scale = 1000 if entry["unit"] == "km" else 1
        wanted = None if entry.get("value") is None else entry["value"] * scale
        assert row.threshold == wanted
        assert row.upper == entry.get("value_max")


def test_every_hard_and_boolean_requirement_has_a_measure():
    """All that the catalogue calls computable, or yes or no, names how it is measured."""
    lacking = [
        r.id for r in all_requirements().values() if r.checkability in ("hard", "boolean") and not r.measure
    ]
    assert lacking == []


def test_the_files_are_those_the_builder_writes(repo, catalogue):
    """What is under version control is what the tools make of the catalogue."""
    done = subprocess.run(
        [sys.executable, "tools/build_standards.py", "--check"], cwd=repo, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode()


@pytest.mark.parametrize("name", standard_names())
def test_every_standard_is_worded_in_both_languages(name):
    """A frame of a standard has a row a requirement, and no word of it is a bare code."""
    standard = load_standard(name)
    for lang in ("en", "zh"):
        frame = standard.to_frame(lang)
        assert list(frame.index) == list(standard.ids)
        assert (frame[["clause", "type", "how", "status", "source"]] != "").all(axis=None)
        assert len(standard.settings_frame(lang)) >= len(standard.settings)
    for requirement in standard.requirements:
        assert policy_word("type", requirement.type, "zh") != requirement.type
        assert bool(requirement.note_en) == bool(requirement.note_zh)
        if requirement.threshold is not None:
            assert policy_word("unit", requirement.unit, "zh") != requirement.unit or requirement.unit == ""


def test_the_list_of_standards_is_worded():
    """Every bundled standard is listed with title, date, counts and source."""
    for lang in ("en", "zh"):
        table = standards_frame(lang)
        assert list(table.index) == list(standard_names())
        assert (table["n_verified"] <= table["n_requirements"]).all()
        assert (table[["title", "date", "source"]] != "").all(axis=None)


def test_a_figure_from_memory_is_to_be_confirmed():
    """Every row whose source was not seen says so in its status."""
    for name in standard_names():
        for requirement in load_standard(name).requirements:
            if "memory" in requirement.source:
                assert requirement.status == "to_be_confirmed"


def test_settings_of_the_circles_are_passed_on():
    """A walking speed given to a standard reaches its circle rules."""
    slow = load_standard("ordos-2014", speed_m_per_minute=60, at_least="exclusive")
    assert slow.circles.rule("urban").radius_m == pytest.approx(500)
    assert slow.readings["at_least"] == "exclusive"


def test_a_reading_can_leave_out_a_requirement():
    """Jilin's two texts name two offices; choosing one text drops the other's clause."""
    ids = {text: set(load_standard("jilin-2014", office_text=text).ids) for text in ("both", "rules", "plan")}
    assert ids["both"] - ids["rules"] == {"J-ORG-03"}
    assert ids["both"] - ids["plan"] == {"J-ORG-02"}


def test_unknown_names_are_refused_with_the_closest():
    """A wrong standard, setting, choice or requirement is named with what was probably meant."""
    with pytest.raises(UnknownNameError, match="ordos-2014"):
        load_standard("ordos")
    with pytest.raises(UnknownNameError, match="target_share"):
        load_standard("ordos-2014", target=0.9)
    with pytest.raises(UnknownNameError, match="inclusive"):
        load_standard("ordos-2014", at_least="inclusiv")
    with pytest.raises(InputError, match="from 0 to 1"):
        load_standard("ordos-2014", target_share=90)
    with pytest.raises(UnknownNameError, match="O-COL-01"):
        load_standard("ordos-2014").requirement("O-COL-1")
    with pytest.raises(UnknownNameError):
        load_standard("ordos-2014").select(ids=["O-COL-1"])
    with pytest.raises(MissingFileError):
        load_standard("nowhere.toml")


def test_figures_of_the_user():
    """A figure the paper lacks can be given, in the requirement's unit, and is marked as the user's."""
    standard = load_standard("shizuishan-2021").with_thresholds({"S-HRS-01": 56, "S-DIG-02": (4, "count")})
    row = standard.requirement("S-HRS-01")
    assert (row.threshold, row.unit, row.status) == (56, "hours_per_week", "user")
    with pytest.raises(InputError, match="has no unit"):
        load_standard("shizuishan-2021").with_thresholds({"S-DIG-02": 4})
    with pytest.raises(InputError, match="contradict"):
        load_standard("shizuishan-2021").with_thresholds({"S-QTY-02": 9})
    with pytest.raises(InputError, match="is in m"):
        load_standard("shizuishan-2021").with_thresholds({"S-AREA-01": (80, "m")})
    with pytest.raises(UnknownNameError):
        load_standard("shizuishan-2021").with_thresholds({"S-AREA-99": 80})
    with pytest.raises(InputError, match="target_share"):
        load_standard("shizuishan-2021").with_thresholds({"S-COV-01": 12})
    assert load_standard("zhejiang-2022").requirement("LC-11").limit_words("zh") == "按聚落类型分别规定"


ROW = """
[[requirements]]
id = "X-{n}"
clause_zh = "条款"
clause_en = "clause"
source = "paper"
type = "staffing"
"""


def test_every_fault_of_a_file_is_in_one_error(tmp_path):
    """A figure without a unit, contradictory bounds, unknown words and keys, a missing clause: one error."""
    path = tmp_path / "own.toml"
    rows = [
        ROW.format(n=1) + "threshold = 3",
        ROW.format(n=2) + 'comparison = "between"\nthreshold = 4\nupper = 3\nunit = "posts"',
        ROW.format(n=3) + 'comparison = "about"\nresponsible = ["XYZ"]',
        ROW.format(n=4) + "colour = 1",
        ROW.format(n=5).replace('clause_en = "clause"\n', ""),
        ROW.format(n=1),
        ROW.format(n=6) + 'threshold = "three"\nunit = "posts"',
    ]
    path.write_text('id = "own"\n' + "".join(rows), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_standard(path)
    codes = {fault.code for fault in caught.value.faults}
    assert codes == {
        "standards.figure_without_unit",
        "standards.bounds_contradict",
        "standards.unknown_word",
        "standards.unknown_key",
        "standards.row_lacks",
        "standards.repeated_id",
        "standards.bad_figure",
    }
    for lang in ("en", "zh"):
        assert "own.toml" in caught.value.render(lang)


def test_a_good_file_of_ones_own_is_read(tmp_path):
    """A file of the same form is a standard like the bundled ones."""
    path = tmp_path / "own.toml"
    path.write_text('id = "own"\n' + ROW.format(n=1) + 'threshold = 3\nunit = "posts"\ncomparison = ">="')
    standard = load_standard(path)
    assert standard.requirement("X-1").limit_words("zh") == "不少于 3 名编制"
    for broken in ("id = ", 'id = "own"\n'):
        path.write_text(broken)
        with pytest.raises(InputError):
            load_standard(path)
