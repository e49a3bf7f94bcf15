"""What lessons 7 to 12 compute: routes, rounds, years, a sample county; and what their judges find."""

from __future__ import annotations

import csv
import io
from itertools import combinations, pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cultureplan as cp
from cultureplan.base.errors import InputError
from cultureplan.io.folder import check_world
from cultureplan.lab.exercises import check
from cultureplan.lab.exercises.book import find_exercise
from cultureplan.lab.lesson_kit import (
    affordable_openings,
    declare_coordinates,
    delivery_rounds,
    gains_by_year,
    inspected,
    library_tree,
    neighbour_routes,
    replace_cells,
    write_sample_town,
)
from cultureplan.lab.lesson_kit.pictures import band_chart, yearly_chart
from cultureplan.standards.evaluation import COMPONENTS

TOWN = cp.load_world("sanheyuan")


@pytest.fixture
def town() -> cp.World:
    """The bundled invented town."""
    return TOWN


def km(world: cp.World, one: str, other: str) -> float:
    """Return the straight line between two facilities."""
    xy = world.facilities.xy[world.facilities.positions([one, other])]
    return float(np.hypot(*(xy[0] - xy[1]))) / 1_000


def test_a_book_goes_up_to_the_first_common_superior_and_down_again(town):
    """Every pair within the limit, each once, and its way is the sum of the links along the tree."""
    limit_m = 6_000.0
    found = neighbour_routes(town, within_m=limit_m).set_index(["first", "second"])
    points = town.facilities.ids[town.facilities.select(levels=("service_point",))]
    near = {pair for pair in combinations(points, 2) if 1_000 * km(town, *pair) <= limit_m}
    assert set(found.index) == near
    for first, second in near:
        ups = [(one, *town.network.ancestors(one)) for one in (first, second)]
        common = next(one for one in ups[0] if one in ups[1])
        links = [up[: up.index(common) + 1] for up in ups]
        way = sum(km(town, a, b) for up in links for a, b in pairwise(up))
        assert found.at[(first, second), "route_km"] == pytest.approx(way)


def test_between_systems_there_is_no_way():
    """New York's three trees have no common top: the way is infinite, not an error."""
    routes = neighbour_routes(cp.load_world("newyork"), level="branch", within_m=1_000)
    assert np.isinf(routes["route_km"]).any()
    assert routes["route_km"].is_monotonic_decreasing


def test_rounds_are_at_most_half_as_long_again_as_the_shortest(town):
    """Christofides' bound holds against all orders of the stops, and a trip to each is counted both ways."""
    rounds, network = delivery_rounds(town), town.network
    for supplier, row in rounds.iterrows():
        stops = network.children(str(supplier))
        assert row["there_and_back_km"] == pytest.approx(2 * sum(km(town, supplier, one) for one in stops))
        ways = [(supplier, *order, supplier) for order in permutations(stops)]
        shortest = min(sum(km(town, a, b) for a, b in pairwise(w)) for w in ways)
        assert shortest - 1e-9 <= row["round_km"] <= 1.5 * shortest + 1e-9
    assert library_tree(town).number_of_edges() == len(network.links)


def test_a_plan_of_one_year_gains_what_its_scenario_gains(town):
    """Years add up: the second counts the rooms of the first as well."""
    standard = cp.load_circles("ordos-2014")
    years = gains_by_year(town, standard, [["K01"], [], ["K02"]])
    today = cp.measure_coverage(town, standard).persons
    both = cp.measure_coverage(cp.Scenario(town).add("K01").add("K02").apply(), standard).persons
    assert years["n_open"].tolist() == [1, 1, 2]
    assert years["gained_persons"].iloc[2] == both - today
    assert years["gained_persons"].iloc[0] == years["gained_persons"].iloc[1]


@settings(max_examples=40, deadline=None)
@given(
    order=st.permutations([f"K0{n}" for n in range(1, 10)]),
    budget=st.floats(0, 2e6),
    pay_to_run=st.booleans(),
)
def test_no_year_spends_more_than_its_budget(order, budget, pay_to_run):
    """What is built, run and left is the budget, whatever the order; a list is followed, never jumped."""
    years = affordable_openings(TOWN, order, yearly_budget=budget, n_years=6, pay_to_run=pay_to_run)
    spent = years["build_yuan"] + years["run_yuan"] + years["left_yuan"]
    assert np.allclose(spent, budget)
    opened = [site for year in years["opened"] for site in year]
    assert opened == order[: len(opened)]
    assert (years["left_yuan"] >= 0).all() or pay_to_run


def test_the_sample_county_has_eight_faults_then_one_then_none(tmp_path):
    """The lesson's own corrections mend it; a fault behind a fault appears when the first is gone."""
    folder = write_sample_town(tmp_path / "county")
    assert len(check_world(folder)) == 8
    replace_cells(folder / "facilities.csv", 4, 经度="104.426812", 纬度="39.606714")
    replace_cells(folder / "facilities.csv", 6, 设施编号="QQ-F05")
    replace_cells(folder / "facilities.csv", 9, 级别="服务点")
    for row, persons in ((7, 1610), (12, 1360), (28, 800)):
        replace_cells(folder / "demand.csv", row, 人口=persons)
    replace_cells(folder / "demand.csv", 31, 城乡类型="农村")
    declare_coordinates(folder, facilities="wgs84", demand="wgs84")
    declare_coordinates(folder, facilities="gcj02", demand="wgs84")
    (left,) = check_world(folder)
    assert "QQ-F20" in left.render("en")
    replace_cells(folder / "facilities.csv", 7, 上级编号="QQ-F02")
    assert cp.read_world(folder).demand.persons.sum() == 34_740


def test_one_cell_changes_and_no_other(tmp_path):
    """Whatever the encoding was, every other cell is as before."""
    file = write_sample_town(tmp_path) / "facilities.csv"
    before = list(csv.reader(io.StringIO(file.read_bytes().decode("gb18030"))))
    replace_cells(file, 3, 座席=99)
    after = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    changed = [(r, c) for r, row in enumerate(after) for c, cell in enumerate(row) if cell != before[r][c]]
    assert changed == [(2, before[0].index("座席"))]


@pytest.mark.parametrize(("row", "heading"), [(1, "人口"), (99, "人口"), (2, "persons")])
def test_a_cell_that_is_not_there_is_named(tmp_path, row, heading):
    """The headings are no data, and a wrong heading or row is said in both languages."""
    file = write_sample_town(tmp_path) / "demand.csv"
    with pytest.raises(InputError) as caught:
        replace_cells(file, row, **{heading: 1})
    assert heading in caught.value.render("en")
    assert heading in caught.value.render("zh")


def test_the_invented_inspection_covers_the_three_districts():
    """By equal weights Huinong leads; the covered share is the measured one."""
    evaluation = inspected(cp.load_world("shizuishan"), dict.fromkeys(COMPONENTS, 0.25))
    assert evaluation.ranks.to_dict() == {"640202": 3, "640205": 1, "640221": 2}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pictures_of_lessons_say_what_they_show(lang):
    """A title, a line or bar for each row, and labels in the language."""
    gained = gains_by_year(cp.load_world("sanheyuan"), cp.load_circles("ordos-2014"), [["K01"], ["K02"]])
    lines = yearly_chart(gained[["gained_persons"]].set_axis(["list"], axis=1), lang=lang)
    assert len(lines.lines) == 1
    table = gained.assign(low=0.1, median=0.2, high=0.3, baseline=0.25).set_axis(["speed", "together"])
    bars = band_chart(table, lang=lang)
    assert len(bars.patches) == 2
    assert lines.get_title(loc="left")
    assert bars.get_title(loc="left")


ALL_TO_ONE = dict.fromkeys(cp.load_world("shizuishan").network.children("640221-H"), "640202-H")


@pytest.mark.parametrize(
    ("exercise", "answer", "slip"),
    [
        ("7.5", ["K07"], "left_out"),
        ("7.5", ["K07", "K08", "K09"], "unequal"),
        ("7.5", ["K01", "K02", "K03", "K04"], "too_many"),
        ("7.5", ["X1"], "unknown"),
        ("8.5", ["640202-H"], "not_a_mapping"),
        ("8.5", {}, "missing"),
        ("8.5", ALL_TO_ONE, "too_many"),
        ("8.5", dict.fromkeys(ALL_TO_ONE, "6402-C"), "too_long"),
        ("8.5", dict.fromkeys(ALL_TO_ONE, "NYPL-001"), "unfit"),
        ("9.5", {"field": 1.0}, "not_weights"),
        ("9.5", dict.fromkeys(COMPONENTS, 0.25), "rank"),
        ("9.5", dict.fromkeys(COMPONENTS, 0.5), "sum"),
        ("9.5", dict(zip(COMPONENTS, (0.0, 0.0, 1.0, 0.0), strict=True)), "too_small"),
        ("10.5", "a plan", "not_a_plan"),
        ("10.5", [["a", "b", "c"]], "too_many"),
        ("10.5", [["a"]], "unknown"),
        ("10.5", [["640202003010-S"]], "district_waits"),
        ("10.5", [["640202003010-S", "640221100020-S"], ["640205002009-S"]], "too_little"),
        ("11.5", ["grid-0157"], "not_five"),
        ("11.5", ["1", "2", "3", "4", "5"], "unknown"),
        ("11.5", [f"grid-{n:04d}" for n in (157, 298, 393, 467, 547)], "regret"),
        ("12.5", 3, "not_there"),
        ("12.5", "no/such/report.html", "not_there"),
    ],
)
def test_judges_tell_what_is_wrong_with_a_plan(exercise, answer, slip):
    """Each finding is recognised, and has words in both languages."""
    verdict = check(exercise, answer)
    assert verdict.slip == slip
    assert verdict.message
    assert "{" not in verdict.message
    assert all(find_exercise(exercise).findings[slip].values())


def test_a_report_without_a_plan_is_incomplete(tmp_path):
    """The last exercise asks for the proposed sites as well."""
    (tmp_path / "report.html").write_text("", encoding="utf-8")
    assert check("12.5", tmp_path / "report.html").slip == "incomplete"
