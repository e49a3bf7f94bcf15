"""Coverage: against brute force, its laws, and what people read off it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cultureplan as cp
from cultureplan.base.errors import InputError, UnknownNameError
from tests.worlds import circle, demand, distances_m, facilities, points, radii, standard, world, worlds


@given(worlds(), radii, radii)
def test_coverage_equals_a_loop_over_all_pairs(some: cp.World, urban_m: float, rural_m: float) -> None:
    """Persons, circles and nearest by the plainest possible code; herders have no rule here."""
    rules = {"urban": urban_m, "rural": rural_m}
    coverage = cp.measure_coverage(some, standard(*(circle(m, settlement=s) for s, m in rules.items())))
    frame, dense = some.demand.frame, distances_m(some)
    covered = assessed = 0.0
    for row in range(len(frame)):
        limit_m = rules.get(frame["settlement"][row])
        if limit_m is None:
            assert not coverage.points["has_rule"].iloc[row]
            continue
        n_inside = sum(d <= limit_m for d in dense[row])
        assert coverage.overlap.iloc[row] == n_inside
        assessed += frame["persons"][row]
        covered += frame["persons"][row] if n_inside else 0
    assert coverage.persons == covered
    assert coverage.persons_assessed == assessed
    assert coverage.share == covered / assessed if assessed else math.isnan(coverage.share)


@given(worlds(), radii, radii)
def test_a_wider_circle_never_covers_fewer(some: cp.World, one_m: float, other_m: float) -> None:
    """Monotone in the radius, person by person."""
    small, large = sorted((one_m, other_m))
    inner = cp.measure_coverage(some, standard(circle(small))).is_covered
    outer = cp.measure_coverage(some, standard(circle(large))).is_covered
    assert (outer | ~inner).all()


@given(worlds(), radii, points)
def test_another_facility_never_covers_fewer(
    some: cp.World, radius_m: float, extra: list[tuple[float, float]]
) -> None:
    """Monotone in the facilities."""
    rule = standard(circle(radius_m))
    before = cp.measure_coverage(some, rule).is_covered
    scenario = cp.Scenario(some)
    for number, (x, y) in enumerate(extra[:3]):
        scenario = scenario.add(facility_id=f"new{number}", x_m=500_000 + x, y_m=4_300_000 + y)
    after = cp.measure_coverage(scenario.apply(), rule).is_covered
    assert (after | ~before).all()


@given(worlds(), radii, st.randoms(use_true_random=False))
def test_row_order_changes_nothing(some: cp.World, radius_m: float, random: object) -> None:
    """Shuffle people and facilities: every person has the same answer, the nearest facility included."""
    rule = standard(circle(radius_m), circle(2 * radius_m, settlement="rural"))
    d, f = list(range(len(some.demand))), list(range(len(some.facilities)))
    random.shuffle(d)  # type: ignore[attr-defined]
    random.shuffle(f)  # type: ignore[attr-defined]
    mixed = cp.World(
        name="mixed",
        demand=cp.DemandPoints(some.demand.frame.iloc[d]),
        facilities=cp.Facilities(some.facilities.frame.iloc[f]),
    )
    one = cp.measure_coverage(some, rule).points.sort_index()
    pd.testing.assert_frame_equal(one, cp.measure_coverage(mixed, rule).points.sort_index())


@given(worlds(), radii)
def test_needs_of_several_facilities_equal_an_assignment_by_hand(some: cp.World, radius_m: float) -> None:
    """One venue and two free spaces, no facility counted twice: against trying all ways (Zhejiang 2022)."""
    venues, free = ("library", "museum"), ("library", "square", "book_house")
    needs = (cp.Need(at_least=1, kinds=venues), cp.Need(at_least=2, kinds=free))
    coverage = cp.measure_coverage(some, standard(circle(radius_m, needs=needs)))
    kind, dense = some.facilities.frame["kind"].to_numpy(), distances_m(some)
    for row, is_urban in enumerate(some.demand.settlement == "urban"):
        near = np.flatnonzero(dense[row] <= radius_m)
        by_hand = any(
            kind[venue] in venues and sum(k in free for k in np.delete(kind[near], place)) >= 2
            for place, venue in enumerate(near)
        )
        assert coverage.is_covered.iloc[row] == (is_urban and by_hand)


def test_only_existing_facilities_of_the_wanted_level_and_kind_count() -> None:
    """A candidate, a closed one, a square and a branch stand nearer than the service point."""
    some = world(
        [(0, 0)],
        [(1, 0), (2, 0), (3, 0), (4, 0), (500, 0)],
        kind=["library", "library", "square", "library", "library"],
        status=["candidate", "closed", "existing", "existing", "existing"],
        level=["service_point", "service_point", "service_point", "branch", "service_point"],
    )
    need = cp.Need(levels=("service_point",), kinds=("library",))
    coverage = cp.measure_coverage(some, standard(circle(600, needs=(need,))))
    assert coverage.overlap.tolist() == [1]
    assert coverage.nearest["nearest_facility_id"].tolist() == ["F004"]


def test_a_share_of_nobody_is_nan_and_not_zero() -> None:
    """No person assessed, no share."""
    nobody = world([(0, 0)], [(0, 0)], persons=0.0)
    assert math.isnan(cp.measure_coverage(nobody, standard(circle(100))).share)


def test_the_uncovered_list_names_people_place_and_what_is_missing() -> None:
    """Most persons first; where something else than distance is missing, there is no excess."""
    some = world([(0, 0), (900, 0), (2000, 0)], [(0, 0)], persons=[5, 7, 9])
    listed = cp.measure_coverage(some, standard(circle(500))).uncovered()
    assert listed["persons"].tolist() == [9, 7]
    assert listed["excess_cost"].tolist() == [1500, 400]
    two = cp.measure_coverage(some, standard(circle(500, needs=(cp.Need(at_least=2),)))).uncovered()
    assert two.loc["D000", "excess_cost"] != two.loc["D000", "excess_cost"]


def test_groups_and_columns_are_told_apart_by_name() -> None:
    """A person of a group is counted as a person of that group; an unknown column names the closest."""
    some = cp.World(
        name="test",
        demand=demand([(0, 0), (900, 0)], [10, 20], older_persons=[4, 6], minors_persons=[1, 0]),
        facilities=facilities([(0, 0)]),
    )
    coverage = cp.measure_coverage(some, standard(circle(100)))
    groups = coverage.by("group")
    assert groups.loc["older_persons", "covered_share"] == 0.4
    assert groups.loc["minors_persons", "persons_uncovered"] == 0
    assert coverage.by("settlement").loc["urban", "persons_covered"] == 10
    with pytest.raises(UnknownNameError, match="settlement"):
        coverage.by("settlment")


def test_the_summary_has_a_row_for_each_settlement_and_says_where_there_is_no_rule() -> None:
    """In both languages, with mean and 95th percentile in the unit of the rule."""
    some = world(
        [(0, 0), (300, 0), (5000, 0)], [(0, 0)], persons=[1, 3, 6], settlement=["urban", "urban", "rural"]
    )
    coverage = cp.measure_coverage(some, standard(circle(100)))
    english, chinese = coverage.summary(), coverage.summary("zh")
    assert english.index.tolist() == ["urban", "rural", "All"]
    assert chinese.index.tolist() == ["城镇", "农村", "合计"]
    assert english.loc["rural", "Limit"] == "no rule"
    assert english.loc["urban", "Mean cost to nearest"] == 225.0
    assert english.loc["urban", "95th percentile"] == 300.0


@given(worlds(), radii)
def test_covered_persons_of_arrays_equals_the_measure_of_a_world(some: cp.World, radius_m: float) -> None:
    """The any-size function and the world's coverage are one decision."""
    everyone = cp.World(
        name="all urban",
        demand=cp.DemandPoints(some.demand.frame.assign(settlement="urban")),
        facilities=some.facilities,
    )
    coverage = cp.measure_coverage(everyone, standard(circle(radius_m)))
    counted = cp.covered_persons(some.demand.xy, some.demand.persons, some.facilities.xy, limit_m=radius_m)
    assert counted == coverage.persons


def test_loads_add_up_to_everybody_assessed() -> None:
    """Each person goes to one nearest facility."""
    some = world([(0, 0), (1, 0), (900, 0)], [(0, 0), (1000, 0)], persons=[1, 2, 4])
    load = cp.measure_coverage(some, standard(circle(10))).nearest_load()
    assert load.to_dict() == {"F000": 3.0, "F001": 4.0}


def test_worlds_of_other_people_are_not_compared() -> None:
    """Newly covered means nothing if the people are not the same."""
    one, other = world([(0, 0)], [(0, 0)]), world([(0, 0), (1, 1)], [(0, 0)])
    with pytest.raises(InputError, match="same demand points"):
        cp.compare({"a": one, "b": other}, standard(circle(10)))
