"""Equality in the lab: the figures are those of the measures, over the people and groups asked for."""

from __future__ import annotations

import dataclasses
import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import cultureplan as cp
from cultureplan.base.errors import UnknownNameError
from cultureplan.lab import LabState
from cultureplan.lab.equity_view import (
    EquityQuestion,
    equity_of,
    group_label,
    groupings_of,
    measures_of,
    settlements_of,
    supplies_of,
    supply_label,
    weights_of,
)
from cultureplan.lab.lorenz_svg import LorenzLine, lorenz_svg
from cultureplan.lab.meter import Meter
from tests.worlds import circle, distances_m, standard, world, worlds


@pytest.fixture(scope="module")
def town() -> LabState:
    """The bundled invented town."""
    return LabState.start(cp.load_world("sanheyuan"), "ordos-2014")


def ask(state: LabState, **question: object):
    """Return the findings of a state."""
    return equity_of(state, Meter().measure(state), EquityQuestion(**question))


@given(worlds())
@settings(max_examples=25)
def test_the_way_is_the_straight_line_whatever_the_unit_of_the_rule(some_world):
    """Metres to the nearest facility that counts are those of brute force, in town and beyond it."""
    rules = [circle(500), circle(900, settlement="rural"), circle(2_000, settlement="pastoral")]
    findings = ask(LabState.start(some_world, standard(*rules)))
    np.testing.assert_allclose(findings.values, distances_m(some_world).min(axis=1), atol=1e-6)
    assert findings.persons.sum() == some_world.demand.persons.sum()


@given(worlds(), st.integers(5, 40))
@settings(max_examples=25)
def test_access_is_the_two_step_catchment(some_world, k):
    """With one circle for all it is the library's own 2SFCA, per 1,000 persons."""
    rules = [circle(50.0 * k, settlement=name) for name in ("urban", "rural", "pastoral")]
    findings = ask(LabState.start(some_world, standard(*rules)), measure="access")
    costs = cp.travel_costs(some_world, cp.StraightLine(), limit=50.0 * k)
    persons, offer = some_world.demand.persons, np.ones(len(some_world.facilities))
    wanted = 1_000 * cp.access.two_step_floating_catchment(costs, persons, offer)
    np.testing.assert_allclose(findings.values, wanted.to_numpy(), rtol=1e-9)


def test_each_reaches_as_far_as_the_own_circle():
    """A herder's circle is wider than a townsman's; both share what the one library offers."""
    town = world([(0, 0), (900, 0)], [(1000, 0)], persons=[100.0, 300.0], settlement=["pastoral", "urban"])
    state = LabState.start(town, standard(circle(150), circle(1_000, settlement="pastoral")))
    assert ask(state, measure="access").values.tolist() == [2.5, 2.5]


def test_the_parts_of_theil_add_up(town):
    """Between and within make the whole, and the groups' shares make what is within."""
    for by in groupings_of(town.ground):
        findings = ask(town, by=by)
        figures = findings.figures
        assert figures["between"] + figures["within"] == pytest.approx(figures["theil"])
        within = (findings.by_group["theil_share"] * figures["theil"]).sum()
        assert within == pytest.approx(figures["within"])


def test_figures_are_those_of_the_measures(town):
    """Gini, Hoover and the gap are the library's, with the persons of the group as weights."""
    findings = ask(town, weights="older_persons", settlements=frozenset({"rural", "pastoral"}))
    frame = town.world.demand.frame
    chosen = frame["settlement"].isin(["rural", "pastoral"]).to_numpy()
    assert findings.persons.sum() == frame.loc[chosen, "older_persons"].sum()
    assert set(findings.groups) == {"rural", "pastoral"}
    assert findings.figures["gini"] == cp.equity.gini(findings.values, findings.persons)
    assert findings.figures["gap"] == cp.equity.min_max_gap(findings.values, findings.persons)


def test_who_has_no_value_is_counted_and_left_out():
    """People without a rule are in no index, and their number is told."""
    town = world([(0, 0), (100, 0)], [(50, 0)], persons=[5.0, 7.0], settlement=["urban", "pastoral"])
    findings = ask(LabState.start(town, standard(circle(100))))
    assert (findings.persons.sum(), findings.persons_left_out) == (5.0, 7.0)


def test_nothing_open_gives_nothing_and_no_failure():
    """Where no facility counts there is no value, no curve, and every figure is NaN."""
    town = world([(0, 0)], [(50, 0)], status="closed")
    findings = ask(LabState.start(town, standard(circle(100))))
    assert all(math.isnan(value) for value in findings.figures.values())
    assert len(findings.by_group) == 0


def test_moving_a_library_changes_the_answer_and_today_stays(town):
    """After a move the findings are those of the changed world; those of today do not move."""
    x_m, y_m = map(float, town.ground.demand_xy[3])
    meter, question = Meter(), EquityQuestion(measure="access", supply="seats")
    moved = town.move(town.open_ids[1], x_m, y_m)
    before = equity_of(town, meter.measure(town), question)
    after = equity_of(moved, meter.measure(moved), question)
    today = equity_of(moved, meter.today(moved), question, today=True)
    assert today.figures == pytest.approx(before.figures)
    fresh = LabState.start(moved.world, "ordos-2014")
    assert after.figures == pytest.approx(equity_of(fresh, Meter().measure(fresh), question).figures)
    assert after.figures != before.figures


def test_what_can_be_asked_is_what_the_world_has(town):
    """Columns that are absent or empty are not offered; a wrong name is refused with the closest one."""
    ground = town.ground
    assert {"seats", "volumes", "floor_area_m2"} < set(supplies_of(ground))
    assert weights_of(ground) == ("persons", *ground.world.demand.groups)
    assert {"settlement", "county", "township"} <= set(groupings_of(ground))
    assert settlements_of(ground) == ("urban", "rural", "pastoral")
    bare = LabState.start(world([(0, 0)], [(0, 0)]), standard(circle(10)))
    assert supplies_of(bare.ground) == ("facilities",)
    assert groupings_of(bare.ground) == ("settlement",)
    with pytest.raises(UnknownNameError, match="seats"):
        ask(town, measure="access", supply="seat")
    streets = town.standard.along_streets()
    assert measures_of(streets) == ("ratio", "access")
    assert measures_of(town.standard) == ("distance", "ratio", "access")


def test_groups_and_supplies_have_names_in_both_languages(town):
    """Settlement types, places and supplies are called as people call them."""
    place = str(town.world.places.at_level("county")[0])
    for lang in ("en", "zh"):
        assert group_label(town.ground, "settlement", "pastoral", lang) != "pastoral" or lang == "en"
        assert group_label(town.ground, "county", place, lang) != place
        assert supply_label("seats", lang) != "seats"
    assert group_label(town.ground, "county", "", "en") == "no place known"


def test_the_curve_says_what_it_shows(town):
    """The SVG names every curve with its index, escapes what comes from a table, and stays small."""
    findings = ask(town)
    points = findings.curve()
    line = LorenzLine(label="<b>all</b>", colour="#000000", points=points, gini=findings.figures["gini"])
    svg = lorenz_svg([dataclasses.replace(line, is_dashed=True), line], is_cost=True)
    assert "<b>all</b>" not in svg
    assert svg.count("<polyline") == 2
    assert f"{findings.figures['gini']:.3f}" in svg
    values = np.random.default_rng(3).uniform(0, 1, 20_000)
    many = LorenzLine(label="m", colour="#000", points=cp.equity.lorenz_curve(values), gini=0.3)
    assert len(lorenz_svg([many], is_cost=False, lang="zh")) < 12_000
    assert "no curve" in lorenz_svg([dataclasses.replace(many, gini=math.nan)], is_cost=False)
