"""The matrix of verdicts: every finding is behind one cell, and a cell tells the worst of its own."""

from __future__ import annotations

import pytest

import cultureplan as cp
from cultureplan.lab import LabState
from cultureplan.lab.standards_view import (
    NO_PLACE,
    Checked,
    check,
    count_cells,
    details_of,
    first_level,
    governance_for,
    levels_of,
    matrix_columns,
    matrix_rows,
    number_words,
    shown_requirements,
    themes_of,
)
from cultureplan.standards.compliance import VERDICTS
from tests.worlds import circle, standard, world


@pytest.fixture(scope="module")
def city() -> LabState:
    """A real city."""
    return LabState.start(cp.load_world("shizuishan"), "shizuishan-2021")


@pytest.fixture(scope="module")
def checked(city) -> Checked:
    """The city against its own plan."""
    return check(city, "shizuishan-2021")


@pytest.mark.parametrize("level", ["city", "county", "township", ""])
def test_every_finding_is_behind_one_cell(checked, level):
    """The cells part the findings, and each shows the worst verdict of its own."""
    matrix = checked.matrix(level)
    rows = [row for own in matrix.rows.values() for row in own]
    assert sorted(rows) == list(range(len(checked.report.findings)))
    for cell, own in matrix.rows.items():
        found = checked.report.findings["verdict"].iloc[list(own)]
        assert matrix.verdicts[cell] == min(found, key=VERDICTS.index)
        assert cell[1] in matrix.places
    counts = count_cells(matrix, matrix.requirements)
    assert sum(counts.values()) == len(matrix.rows)


def test_the_worst_of_a_row_is_the_verdict_of_its_requirement(checked):
    """Across all places a row agrees with the report."""
    matrix = checked.matrix("county")
    letters = {"M": "MET", "N": "NOT_MET", "?": "NOT_ASSESSABLE"}
    for name in matrix.requirements:
        found = {letters[letter] for letter in matrix.letters(name) if letter != "."}
        assert min(found, key=VERDICTS.index) == checked.report.verdict(name)


def test_filters_choose_rows(checked):
    """A theme keeps its own clauses, a verdict those with such a cell; together both hold."""
    matrix = checked.matrix("county")
    everything = shown_requirements(checked, matrix)
    assert everything == matrix.requirements
    themes = themes_of(checked.standard)
    parts = [name for theme in themes for name in shown_requirements(checked, matrix, theme=theme)]
    assert sorted(parts) == sorted(everything)
    failed = shown_requirements(checked, matrix, verdict="NOT_MET")
    assert set(failed) == set(checked.report.not_met()["requirement"])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_rows_stand_under_their_themes(checked, lang):
    """Each clause has one cell a column; failing cells count their findings; headings have no cells."""
    matrix = checked.matrix("county")
    columns = matrix_columns(checked, matrix, lang)
    rows = matrix_rows(checked, matrix, matrix.requirements, lang)
    assert [column["id"] for column in columns] == list(matrix.places)
    assert all(column["label"] for column in columns)
    headings = [row for row in rows if "id" not in row]
    assert len(headings) == len(themes_of(checked.standard))
    for row in rows:
        if "id" in row:
            assert len(row["cells"]) == len(row["counts"]) == len(columns)
            assert [n > 0 for n in row["counts"]] == [letter == "N" for letter in row["cells"]]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_cell_tells_clause_measure_and_department(checked, lang):
    """Behind every cell: both texts, what was asked, what was found, and who must act."""
    matrix = checked.matrix("county")
    for name, place in matrix.rows:
        details = details_of(checked, matrix, name, place, lang)
        assert details.requirement.clause_en
        assert details.requirement.clause_zh
        assert details.verdict == matrix.verdicts[name, place]
        assert 0 < len(details.findings) <= details.n_findings == len(matrix.rows[name, place])
        assert details.lead
        assert details.reason


def test_departments_are_those_of_the_assignment(checked):
    """The lead of a failing cell is whom the governance room hands its findings to."""
    todo = cp.governance.assign(checked.report, checked.governance)
    matrix = checked.matrix("county")
    for (name, place), verdict in matrix.verdicts.items():
        if verdict == "NOT_MET" and place:
            lead = details_of(checked, matrix, name, place, "zh").lead
            assert set(lead.split("、")) <= set(todo.loc[todo["requirement"] == name, "lead_unit"])


def test_without_governance_the_functions_of_the_clause_stand_in():
    """Where nobody has written down who does what, the clause's own functions are named."""
    town = LabState.start(cp.load_world("sanheyuan"), "ordos-2014")
    found = check(town, "public-library-construction-2008")
    assert found.governance is None
    assert governance_for(cp.load_standard("shizuishan-2021")).id == "shizuishan-2021"
    matrix = found.matrix(first_level(town.world))
    name, place = next(iter(matrix.rows))
    assert details_of(found, matrix, name, place).supporting == ""


def test_a_check_knows_when_it_is_out_of_date(city, checked):
    """Another plan makes it stale, its undo does not, and another circle standard on the map neither."""
    assert not checked.is_stale(city)
    closed = city.close(city.open_ids[0])
    assert checked.is_stale(closed)
    assert not checked.is_stale(closed.undo())
    assert not checked.is_stale(city.set_limit("urban", 10))
    again = check(closed, "shizuishan-2021")
    assert not again.is_stale(closed)
    assert len(again.report.world.network.ids) == len(city.open_ids) - 1


def test_levels_are_those_with_places_that_fit_on_a_screen(city):
    """Two hundred villages make no matrix; a world without places has one column."""
    assert levels_of(city.world) == ("city", "county", "township")
    assert first_level(city.world) == "county"
    bare = LabState.start(world([(0, 0)], [(0, 0)]), standard(circle(100)))
    assert levels_of(bare.world) == ()
    found = check(bare, "ordos-2014")
    matrix = found.matrix(first_level(bare.world))
    assert matrix.places == (NO_PLACE,)
    assert set(matrix.requirements) == set(found.standard.ids)


def test_numbers_are_short():
    """Whole numbers whole, others with three digits, nothing for what was not measured."""
    shown = [number_words(v) for v in (12_345.6, 3.0, 0.123456, float("nan"), None)]
    assert shown == ["12,346", "3", "0.123", "", ""]
