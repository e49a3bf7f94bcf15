"""Bodies, members and duties as data: the catalogue's own oddities are reported, faulty files refused."""

from __future__ import annotations

import json

import pytest

from cultureplan import governance
from cultureplan.base.errors import InputError, MissingFileError, UnknownNameError
from cultureplan.governance.assignment import themes_of_type
from cultureplan.governance.duties import compare, duty_matrix, gaps
from cultureplan.governance.oddities import anomalies, found_anomalies
from cultureplan.standards.catalogue import load_standard
from cultureplan.standards.words import values_of

PLACES = {
    "K": "kundulun-2020",
    "S": "shizuishan-2021",
    "J": "jilin-2014",
    "O": "ordos-2014",
    "Q": "quanzhou-2020",
}


@pytest.fixture(scope="module")
def catalogue(repo):
    """The governance part of the clause catalogue."""
    path = repo.parent / "shared" / "domain" / "policy_catalogue.json"
    if not path.is_file():
        pytest.skip("no ../shared/domain beside the repository")
    return json.loads(path.read_text(encoding="utf-8"))["governance"]


def test_no_duty_member_or_anomaly_is_lost(catalogue):
    """All 129 duties, every member entry and every documented anomaly are in the files."""
    places = {code: governance.load(name) for code, name in PLACES.items()}
    assert {d.id for p in places.values() for d in p.duties} == {d["id"] for d in catalogue["duties"]}
    assert {a.id for p in places.values() for a in p.anomalies} == {a["id"] for a in catalogue["anomalies"]}
    for code, units in catalogue["units"].items():
        assert [(m.unit, list(m.functions)) for m in places[code].members] == [
            (unit["unit"], unit["functions"]) for unit in units
        ]
        for unit in units:
            assert bool(places[code].duties_of(unit["unit"])) == unit["has_duty"]


def test_the_data_show_the_documented_anomalies():
    """Members without duty, units named twice, outsiders with duties and double names are found."""
    found = {name: found_anomalies(governance.load(name)) for name in PLACES.values()}

    def units(name, kind):
        table = found[name]
        return set(table.loc[table["kind"] == kind, "unit"])

    assert units("kundulun-2020", "member_without_duty") == {"区政府办"}
    assert units("jilin-2014", "member_without_duty") == {
        "省农业委员会", "省民政厅", "省住房和城乡建设厅", "省国土资源厅",
    }  # fmt: skip
    assert units("jilin-2014", "duplicate_member") == {"省民政厅"}
    assert units("jilin-2014", "duty_without_membership") == {"省文化厅"}
    assert len(units("jilin-2014", "name_mismatch")) == 6
    assert units("shizuishan-2021", "joint_entry") == {"市委督查室、市政府督查室", "各县区"}
    assert units("shizuishan-2021", "name_mismatch") == {"市文化旅游广电局"}
    assert units("shizuishan-2021", "member_without_duty") == set()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_tables_are_worded(lang):
    """Anomalies, the duty matrix, comparisons and gaps come in both languages."""
    places = [governance.load(PLACES[code]) for code in "KSJ"]
    for place in places:
        assert (anomalies(place, lang)["detail"] != "").all()
        matrix = duty_matrix(place, lang)
        assert list(matrix.index) == [*place.units, *place.outsiders]
        assert (matrix != "").any(axis=None)
    theme = compare(*places, by="theme", lang=lang)
    assert theme["n_places"].between(1, 3).all()
    assert len(gaps(places[1], places[0], places[2], lang=lang)) > 0


def test_comparison_by_function_agrees_with_the_catalogue(catalogue):
    """Which units have a function in which place is what the catalogue's own matrix says."""
    places = {code: governance.load(PLACES[code]) for code in "KSJ"}
    table = compare(*places.values())
    for function, row in catalogue["matrix_function_by_place"].items():
        for code, place in places.items():
            wanted = {member.unit for member in place.members if function in member.functions}
            if function in table.index:
                got = {u for u in table.at[function, place.id].split(", ") if u} - set(place.outsiders)
                assert got == wanted
            assert bool(wanted) == bool(row[code]["member"])


def test_gaps_name_what_others_have():
    """Shizuishan lacks the functions that only Kundulun and Jilin have (catalogue A-KSJ-1)."""
    table = gaps(*(governance.load(PLACES[code]) for code in "SKJ"))
    lacking = set(table.loc[table["kind"] == "function_gap", "code"])
    assert {"EST", "ETH", "SCI", "MKT"} <= lacking


def test_every_rule_names_a_requirement_that_exists():
    """The figures of the deliberation rules stand in the standards, and are found there."""
    for name in PLACES.values():
        place = governance.load(name)
        ids = load_standard(place.standard).ids
        assert set(place.rules.values()) <= set(ids)


def test_every_type_of_requirement_has_duty_themes():
    """No finding is left without themes to look a department up by."""
    for name in values_of("type"):
        assert themes_of_type(name)
        assert set(themes_of_type(name)) <= set(values_of("theme"))


GOOD = """
id = "own"
standard = "kundulun-2020"
[[bodies]]
id = "B"
kind = "leading_group"
level = "county"
name_zh = "组"
[[members]]
body = "B"
unit = "财政局"
functions = ["FIN"]
[[duties]]
id = "D1"
unit = "财政局"
functions = ["FIN"]
role = "implement"
themes = ["funding"]
clause_zh = "资金保障"
clause_en = "funds"
"""


def test_every_fault_of_a_file_is_in_one_error(tmp_path):
    """A body above itself, a duty of an unknown unit, unknown words and repeated ids: one error."""
    path = tmp_path / "own.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert governance.load(path).units == ("财政局",)
    bad = GOOD.replace('name_zh = "组"', 'name_zh = "组"\nparent = "B"').replace(
        'level = "county"', 'level = "moon"'
    )
    bad += (
        GOOD[GOOD.index("[[duties]]") :]
        .replace('unit = "财政局"', 'unit = "水利局"')
        .replace("funding", "fishing")
    )
    bad += '[[members]]\nbody = "Z"\nunit = "教育局"\nfunctions = ["XYZ"]\n'
    path.write_text(bad, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        governance.load(path)
    assert {fault.code for fault in caught.value.faults} == {
        "governance.cyclic_body", "governance.unknown_word", "governance.unknown_unit",
        "governance.repeated_duty", "governance.unknown_body",
    }  # fmt: skip
    for lang in ("en", "zh"):
        assert "水利局" in caught.value.render(lang)


def test_unknown_names_and_broken_files_are_refused(tmp_path):
    """A wrong name says the closest one; a file that is no such data says why."""
    with pytest.raises(UnknownNameError, match="jilin-2014"):
        governance.load("jilin")
    with pytest.raises(MissingFileError):
        governance.load("nowhere.toml")
    path = tmp_path / "own.toml"
    for text in ("id = ", 'title_en = "no id"', GOOD + "[[members]]\nunit = 'x'\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError):
            governance.load(path)


def test_names_of_the_room_are_things_and_no_files():
    """No public name is hidden by a file of the same name, whichever file was imported first."""
    for name in governance.__all__:
        assert callable(getattr(governance, name))
    with pytest.raises(AttributeError):
        governance.nothing  # noqa: B018
