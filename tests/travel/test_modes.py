"""Straight line and walking: radii, inclusive limits, and costs that agree with the reach."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cultureplan as cp
from cultureplan.base.errors import InputError
from tests.worlds import distances_m, world, worlds


def test_fifteen_minutes_at_80_m_per_minute_and_detour_1_2_is_a_circle_of_1000_m() -> None:
    """The planners' one kilometre (domain notes, section 3)."""
    assert cp.Walking(speed_m_per_minute=80, detour=1.2).radius_m(15) == 1000.0


def test_a_person_on_the_rim_is_inside_in_metres_and_in_minutes() -> None:
    """Inclusive, decided on the distance: 600-800-1000."""
    on_rim = world([(0, 0)], [(600, 800)])
    assert cp.travel_costs(on_rim, cp.StraightLine(), limit=1000).n_pairs == 1
    assert cp.travel_costs(on_rim, cp.Walking(), limit=15).n_pairs == 1
    assert cp.travel_costs(on_rim, cp.StraightLine(), limit=999.9999).n_pairs == 0


@given(worlds(), st.floats(1, 60), st.floats(30, 200), st.floats(1, 2))
def test_walking_costs_are_distance_times_detour_over_speed(
    some: cp.World, limit: float, speed: float, detour: float
) -> None:
    """Against every distance, and never above the limit."""
    mode = cp.Walking(speed_m_per_minute=speed, detour=detour)
    costs = cp.travel_costs(some, mode, limit=limit)
    dense = distances_m(some)
    inside = dense <= mode.radius_m(limit)
    # a distance within rounding of the rim may fall either way between hypot and squares
    clear = ~np.isclose(dense, mode.radius_m(limit), rtol=1e-12)
    got = np.zeros_like(inside)
    got[costs.rows, costs.indices] = True
    assert np.array_equal(got[clear], inside[clear])
    assert np.allclose(costs.values, dense[costs.rows, costs.indices] * detour / speed)
    assert (costs.values <= limit).all()


@given(worlds(), st.floats(50, 2500))
def test_reach_counts_what_costs_list(some: cp.World, limit: float) -> None:
    """The matrix-free way and the pairs agree."""
    rows, all_sites = np.arange(len(some.demand)), np.arange(len(some.facilities))
    reach = cp.StraightLine().reach(some, rows, all_sites, limit=limit)
    costs = cp.travel_costs(some, cp.StraightLine(), limit=limit)
    assert np.array_equal(reach.n_within, np.diff(costs.indptr))
    assert np.allclose(reach.nearest_cost, distances_m(some).min(axis=1))


@pytest.mark.parametrize("bad", [0, -1, float("nan"), float("inf"), "fast"])
def test_a_speed_detour_or_limit_that_is_not_a_positive_number_is_refused(bad: object) -> None:
    """One clear error, naming the argument."""
    with pytest.raises(InputError, match="speed_m_per_minute"):
        cp.Walking(speed_m_per_minute=bad)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="detour"):
        cp.StraightLine(detour=bad)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="limit_m"):
        cp.straight_line_costs([[0, 0]], [[1, 1]], limit_m=bad)  # type: ignore[arg-type]


def test_points_that_are_missing_or_flat_are_refused() -> None:
    """A NaN coordinate is no place, and a list of numbers is no list of points."""
    with pytest.raises(InputError, match="demand_xy"):
        cp.straight_line_costs([[np.nan, 0]], [[1, 1]], limit_m=5)
    with pytest.raises(InputError, match="site_xy"):
        cp.straight_line_costs([[0, 0]], [1, 1, 1], limit_m=5)
