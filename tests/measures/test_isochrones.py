"""Isochrones: the streets in reach, cut where the limit ends, and the land along them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import cultureplan as cp
from cultureplan.base.errors import InputError
from cultureplan.measures.isochrones import isochrones, reached_streets
from cultureplan.travel.street_reach import cut_lines, reached_stretches
from cultureplan.travel.streets import Streets
from tests.street_networks import Case, cases, lattice, nearest_place, network
from tests.worlds import ORIGIN, world

METRES = Streets(unit="m")


def cross(**columns: object) -> cp.World:
    """A library at the crossing of two streets of 400 m, and one at the end of one of them."""
    arms = {"m": (0, 0), "n": (0, 200), "e": (200, 0), "s": (0, -200), "w": (-200, 0)}
    streets = network(arms, [("m", "n"), ("m", "e"), ("m", "s"), ("m", "w")], **columns)
    return world([(10, 0)], [(0, 0), (200, 0)]).with_streets(streets)


def test_an_isochrone_is_the_buffered_cross_and_not_its_hull() -> None:
    """Four arms of 100 m, 10 m to each side: 4 x 100 x 20, less the middle, plus four round ends."""
    found = isochrones(cross(), METRES, limit=100, buffer_m=10)
    assert found["street_length_m"].tolist() == [400.0, 100.0]
    arms_m2 = 2 * 200 * 20 - 20 * 20
    assert found["area_m2"].iloc[0] == pytest.approx(arms_m2 + 2 * np.pi * 10**2, rel=0.01)
    assert found.geometry.iloc[0].convex_hull.area > 2.5 * found["area_m2"].iloc[0]
    assert found.crs == cross().crs
    assert found[["facility_id", "limit", "unit", "buffer_m"]].iloc[1].tolist() == ["F001", 100.0, "m", 10.0]


def test_streets_are_cut_where_the_limit_ends() -> None:
    """Each stretch is drawn from the street itself, with its own length."""
    stretches = reached_streets(cross(), METRES, limit=150)
    of_end = stretches[stretches["facility_id"] == "F001"]
    assert of_end["length_m"].tolist() == [150.0]
    assert of_end.geometry.iloc[0].equals(shapely.LineString(np.array([(50, 0), (200, 0)]) + ORIGIN))
    assert stretches["way_class"].unique().tolist() == ["residential"]


def test_merged_streets_count_once() -> None:
    """Two libraries that share a stretch: 4 arms of 150 m, of which one is reached whole."""
    together = isochrones(cross(), METRES, limit=150, merged=True)
    assert len(together) == 1
    assert "facility_id" not in together.columns
    assert together["street_length_m"].tolist() == [3 * 150.0 + 200.0]
    assert reached_streets(cross(), METRES, limit=150, merged=True)["length_m"].sum() == 650.0


def test_several_limits_are_nested() -> None:
    """Smallest first, whatever the order asked for."""
    found = isochrones(cross(), Streets(), limit=[2, 1], buffer_m=20)
    assert found["limit"].tolist() == [1.0, 1.0, 2.0, 2.0]
    assert found.geometry.iloc[2].covers(found.geometry.iloc[0])


def test_people_come_towards_the_facility() -> None:
    """On one-way arms that lead away from the crossing the library there is reached from nowhere else."""
    leaving = cross(oneway=[True] * 4)
    drive = Streets(profile="drive", unit="m")
    assert isochrones(leaving, drive, limit=100)["street_length_m"].tolist() == [0.0, 100.0]
    assert isochrones(leaving, drive, limit=100).geometry.iloc[0].is_empty
    assert isochrones(leaving, METRES, limit=100)["street_length_m"].tolist() == [400.0, 100.0]


def test_a_facility_in_mid_street_reaches_both_ways_and_its_way_to_the_street_counts() -> None:
    """30 m beside a street: 70 m remain to either side."""
    some = world([(0, 0)], [(200, 30)]).with_streets(network({"a": (0, 0), "b": (400, 0)}, [("a", "b")]))
    stretch = reached_streets(some, METRES, limit=100)
    assert stretch["length_m"].tolist() == pytest.approx([140.0])
    assert len(reached_streets(some, METRES, limit=20)) == 0
    assert isochrones(some, METRES, limit=20)["area_m2"].tolist() == [0.0]


@given(cases(), st.integers(10, 900))
@settings(max_examples=80)
def test_a_point_lies_on_a_reached_stretch_if_and_only_if_its_cost_is_within_the_limit(
    case: Case, limit: int
) -> None:
    """Against the costs: two ways of asking the same question, both on one-way streets and on others."""
    for mode in (Streets(unit="m", off_street=False), Streets(unit="m", off_street=False, one_way=True)):
        graph = mode.graph(case.streets)
        sites, points = graph.snap(case.site_xy, 50), graph.snap(case.demand_xy, 50)
        for point in np.concatenate([case.demand_xy, case.site_xy]):
            assume(nearest_place(case.streets, point)[3])
        found = mode.costs_between(case.streets, case.demand_xy, case.site_xy, limit=1e6)
        costs = np.full((found.n_demand, found.n_facilities), np.inf)
        costs[found.rows, found.indices] = found.values
        stretches = reached_stretches(graph, sites, limit=float(limit))
        for row in range(len(points.street)):
            if not 0 < points.share[row] < 1:
                continue  # a point at a crossing lies on several streets
            for site in range(len(sites.street)):
                on_it = (stretches.site == site) & (stretches.street == points.street[row])
                inside = on_it & (stretches.low <= points.share[row]) & (points.share[row] <= stretches.high)
                at_rim = np.isclose(costs[row, site], limit, atol=1e-6)
                same_spot = points.street[row] == sites.street[site] and costs[row, site] < 1e-6
                if not at_rim and not same_spot:
                    assert inside.any() == (costs[row, site] <= limit)


@given(cases(), st.integers(10, 900))
@settings(max_examples=40)
def test_both_ways_of_searching_reach_the_same_stretches(case: Case, limit: int) -> None:
    """Compiled and scipy; stretches of one street never overlap and are never longer than it."""
    graph = Streets(unit="m", one_way=True).graph(case.streets)
    sites = graph.snap(case.site_xy, 50)
    one, other = (reached_stretches(graph, sites, limit=float(limit), compiled=c) for c in (True, False))
    for name in ("site", "street", "low", "high"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert ((one.low >= 0) & (one.high <= 1) & (one.low < one.high)).all()
    same = (np.diff(one.site) == 0) & (np.diff(one.street) == 0)
    assert (one.low[1:][same] > one.high[:-1][same]).all()
    whole = one.merged().length_m(graph).sum()
    assert whole <= min(case.streets.total_length_m, one.length_m(graph).sum()) + 1e-6
    np.testing.assert_allclose(
        shapely.length(one.lines(graph)),
        (one.high - one.low) * shapely.length(case.streets.lines[one.street]),
        atol=1e-6,
    )


def test_lines_are_cut_as_shapely_cuts_them() -> None:
    """Bends between the cuts are kept, cuts at bends and at ends make no extra corner of their own."""
    bent = shapely.LineString([(0, 0), (100, 0), (100, 50), (200, 50)])
    shares = np.array([(0.0, 1.0), (0.0, 0.4), (0.3, 0.7), (0.5, 0.55), (0.4, 0.6), (0.9, 1.0)])
    cut = cut_lines(np.array([bent] * len(shares), dtype=object), shares[:, 0], shares[:, 1])
    for (low, high), line in zip(shares, cut, strict=True):
        expected = shapely.ops.substring(bent, low, high, normalized=True)
        assert line.equals_exact(expected, tolerance=1e-9), (low, high)


def test_settings_that_make_no_sense_are_refused() -> None:
    """No limit, a limit of zero, no buffer, no streets."""
    for wrong in ({"limit": []}, {"limit": 0}, {"limit": 5, "buffer_m": 0}):
        with pytest.raises(InputError):
            isochrones(cross(), METRES, **wrong)
    with pytest.raises(InputError, match="no streets"):
        isochrones(world([(0, 0)], [(0, 0)]), METRES, limit=100)


def test_candidates_have_isochrones_when_asked_for() -> None:
    """Existing facilities alone otherwise."""
    some = world([(0, 0)], [(100, 100), (200, 200)], status=["existing", "candidate"]).with_streets(
        lattice(4)
    )
    assert isochrones(some, METRES, limit=100)["facility_id"].tolist() == ["F000"]
    both = isochrones(some, METRES, limit=100, status=("existing", "candidate"))
    assert both["facility_id"].tolist() == ["F000", "F001"]
