"""Scenarios: every change does what it says, the world stays as it was, and bad changes are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import cultureplan as cp
from cultureplan.base.errors import CulturePlanError, InputError, TableError, UnknownNameError
from tests.worlds import circle, facilities, radii, standard, world, worlds


@pytest.fixture
def town() -> cp.World:
    """A head, a branch, a service point and a candidate on one line; people at each."""
    xy = [(0.0, 0.0), (1000.0, 0.0), (2000.0, 0.0), (3000.0, 0.0)]
    return cp.World(
        name="town",
        demand=world(xy, xy, persons=[1, 2, 4, 8]).demand,
        facilities=facilities(
            xy,
            ids=["H", "B", "S", "C"],
            level=["head", "branch", "service_point", "service_point"],
            parent_id=[None, "H", "B", "B"],
            status=["existing", "existing", "existing", "candidate"],
        ),
    )


def test_a_candidate_is_opened_where_it_stands(town: cp.World) -> None:
    """Its people are covered, its parent is kept, the world before is as it was."""
    after = cp.Scenario(town).add("C").apply()
    assert after.network.parents["C"] == "B"
    assert "C" not in town.network.ids


def test_a_new_facility_reports_to_the_nearest_of_the_next_higher_level(town: cp.World) -> None:
    """Unless a parent is named."""
    scenario = cp.Scenario(town).add(facility_id="N", x_m=502_000, y_m=4_300_000)
    assert scenario.apply().network.parents["N"] == "B"
    named = cp.Scenario(town).add(facility_id="N", x_m=502_000, y_m=4_300_000, parent_id="H")
    assert named.apply().network.parents["N"] == "H"


def test_closing_leaves_orphans_and_reassigning_mends_them(town: cp.World) -> None:
    """The service point of the closed branch reports to nobody until it is given a parent."""
    closed = cp.Scenario(town).close("B")
    assert closed.apply().network.orphans() == ("S",)
    assert closed.reassign("S", "H").apply().network.orphans() == ()


def test_moving_changes_the_point_and_nothing_else(town: cp.World) -> None:
    """Metres in the world's own coordinate system."""
    after = cp.Scenario(town).move("S", x_m=503_000, y_m=4_300_000).apply()
    row = after.facilities.frame.set_index("facility_id")
    assert (row.loc["S"].geometry.x, row.loc["S", "parent_id"]) == (503_000, "B")


def test_a_level_may_rise_only_where_the_tree_stays_a_tree(town: cp.World) -> None:
    """A service point becomes a branch under the head; a head under a branch is refused."""
    risen = cp.Scenario(town).change_level("S", "branch", parent_id="H").apply()
    assert risen.network.count_by_level()["branch"] == 2
    with pytest.raises(TableError, match="lower level"):
        cp.Scenario(town).change_level("S", "head").apply()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.add("S"), "exists already"),
        (lambda s: s.close("C"), "not open"),
        (lambda s: s.add(facility_id="S", x_m=0, y_m=0), "taken"),
        (lambda s: s.add(), "nothing to add"),
        (lambda s: s.add(facility_id="N"), "x_m"),
        (lambda s: s.close("Q"), "'Q'"),
        (lambda s: s.move("Q", x_m=0, y_m=0), "'Q'"),
        (lambda s: s.change_level("S", "brunch"), "'branch'"),
        (lambda s: s.reassign("S", "Q"), "'Q'"),
        (lambda s: s.add(facility_id="N", x_m=float("nan"), y_m=0), "point"),
    ],
    ids=[
        "open-twice",
        "close-twice",
        "id-taken",
        "nothing",
        "no-point",
        "close-unknown",
        "move-unknown",
        "bad-level",
        "unknown-parent",
        "nan-point",
    ],
)
def test_a_change_that_does_not_fit_is_one_clear_error(town: cp.World, change: object, words: str) -> None:
    """Named by id or field, never a traceback of pandas."""
    with pytest.raises((InputError, UnknownNameError, TableError), match=words) as caught:
        change(cp.Scenario(town)).apply()  # type: ignore[operator]
    assert isinstance(caught.value, CulturePlanError)
    assert caught.value.render("zh")


@given(worlds(), radii)
def test_adding_and_then_closing_the_same_gives_todays_coverage(some: cp.World, radius_m: float) -> None:
    """Changes are undone by their opposites."""
    rule = standard(circle(radius_m))
    scenario = cp.Scenario(some).add(facility_id="N", x_m=500_100, y_m=4_300_100).close("N")
    before, after = cp.measure_coverage(some, rule), cp.measure_coverage(scenario.apply(), rule)
    pd.testing.assert_frame_equal(before.points, after.points)


def test_the_solvers_answer_is_added_with_its_places(town: cp.World) -> None:
    """Sites made on request are no facilities yet: they come with the result."""
    rule = standard(circle(300))
    problem = cp.SitingProblem.from_world(town, rule, candidates="demand")
    result = cp.solve_siting(problem, cp.MaximalCoverage(n_sites=1))
    after = cp.Scenario(town).add(result).apply()
    gained = cp.measure_coverage(after, rule).persons - cp.measure_coverage(town, rule).persons
    assert gained == 8
    assert cp.measure_coverage(after, rule).persons == result.objective


def test_the_table_of_new_facilities_is_added_row_by_row(town: cp.World) -> None:
    """A planner's own table of sites."""
    extra = facilities([(5000, 0), (6000, 0)], ids=["X", "Y"], build_cost=[10.0, np.nan])
    after = cp.Scenario(town).add(extra).apply()
    assert {"X", "Y"} <= set(after.network.ids)
