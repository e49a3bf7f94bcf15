"""Covered land of a world: exact values, clipping to places, gaps, and rules with several needs."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given

import cultureplan as cp
from cultureplan.measures.area import covered_region
from tests.worlds import CRS, ORIGIN, circle, demand, facilities, points, radii, standard, world


def square(x: float, y: float, side: float) -> shapely.Polygon:
    """A square whose lower left corner is relative to the origin of the test worlds."""
    low = ORIGIN + np.array([x, y])
    return shapely.box(*low, *(low + side))


def with_places(site_xy: list[tuple[float, float]], *shapes: shapely.Polygon, **columns: object) -> cp.World:
    """A world of facilities in places that are squares."""
    frame = gpd.GeoDataFrame(
        {"place_id": [f"P{k}" for k in range(len(shapes))], "name": "a town", "place_level": "township"},
        geometry=list(shapes),
        crs=CRS,
    ).assign(**columns)
    return cp.World(
        name="test", demand=demand([(0, 0)]), facilities=facilities(site_xy), places=cp.Places(frame)
    )


def test_one_circle_has_the_area_of_a_circle() -> None:
    """Without boundaries the whole circle counts; within 0.1 % is asked, exact is given."""
    area = cp.covered_area(world([(0, 0)], [(0, 0)]), standard(circle(1000)))
    assert area["covered_area_m2"].tolist() == pytest.approx([math.pi * 1e6], rel=1e-12)


def test_two_overlapping_circles_share_their_lens() -> None:
    """Two circles of radius r at distance r: union = 2 pi r2 - lens, by the textbook formula."""
    r = 1000.0
    lens = 2 * r**2 * math.acos(0.5) - (r / 2) * math.sqrt(4 * r**2 - r**2)
    area = cp.covered_area(world([(0, 0)], [(0, 0), (r, 0)]), standard(circle(r)))
    assert area["covered_area_m2"].iloc[0] == pytest.approx(2 * math.pi * r**2 - lens, rel=1e-12)


def test_a_circle_is_clipped_to_its_place() -> None:
    """A quarter of the circle lies in the square at its centre's corner; a gap fills the rest."""
    some = with_places([(0, 0)], square(0, 0, 2000))
    area = cp.covered_area(some, standard(circle(1000)))
    assert area["covered_area_m2"].iloc[0] == pytest.approx(math.pi * 1e6 / 4, rel=1e-12)
    assert area["covered_share"].iloc[0] == pytest.approx(math.pi / 16, rel=1e-12)
    gaps = cp.gap_polygons(some, standard(circle(1000)))
    assert gaps["area_m2"].iloc[0] == pytest.approx(4e6 - math.pi * 1e6 / 4, rel=1e-3)


def test_only_the_lowest_boundary_is_measured_and_only_by_its_own_rule() -> None:
    """A county holds a town and a farm: no land counts twice, and each has the rule of its settlement."""
    some = with_places(
        [(0, 0)],
        square(-2000, -2000, 4000),
        square(-2000, -2000, 2000),
        square(0, 0, 2000),
        place_level=["county", "township", "township"],
        parent_id=[None, "P0", "P0"],
        settlement=[None, "urban", "rural"],
    )
    area = cp.covered_area(some, standard(circle(500), circle(1000, settlement="rural"))).set_index(
        "place_id"
    )
    assert area.index.tolist() == ["P1", "P2"]
    assert area["covered_area_m2"].tolist() == pytest.approx([math.pi * 250_000 / 4, math.pi * 1e6 / 4])


def test_land_in_two_circles_is_their_lens() -> None:
    """At least two facilities: exactly the lens, whole and clipped to its upper half."""
    r, two = 1000.0, standard(circle(1000.0, needs=(cp.Need(at_least=2),)))
    lens = 2 * r**2 * math.acos(0.5) - (r / 2) * math.sqrt(4 * r**2 - r**2)
    whole = cp.covered_area(world([(0, 0)], [(0, 0), (r, 0)]), two)
    clipped = cp.covered_area(with_places([(0, 0), (r, 0)], square(-2000, 0, 5000)), two)
    assert whole["covered_area_m2"].iloc[0] == pytest.approx(lens, rel=1e-12)
    assert clipped["covered_area_m2"].iloc[0] == pytest.approx(lens / 2, rel=1e-12)


@given(points, radii)
def test_land_that_needs_two_facilities_lies_in_two_circles(
    sites: list[tuple[float, float]], radius_m: float
) -> None:
    """Points of the drawn region, away from its rim, are within the radius of two facilities or more."""
    rule = standard(circle(radius_m, needs=(cp.Need(at_least=2),)))
    some = world([(0, 0)], sites)
    region = covered_region(some, "urban", rule)
    probes = np.random.default_rng(1).random((60, 2)) * 3500 - 250 + ORIGIN
    gap = probes[:, None] - some.facilities.xy[None]
    inside = (np.hypot(gap[..., 0], gap[..., 1]) <= radius_m).sum(axis=1) >= 2
    points_drawn = shapely.points(probes)
    clear = shapely.distance(shapely.boundary(region), points_drawn) > 0.001 * radius_m
    clear |= region.is_empty
    assert np.array_equal(shapely.contains(region, points_drawn)[clear], inside[clear])


def test_circles_to_draw_have_the_radius_of_their_rule() -> None:
    """One row a facility and rule, with a drawn area within 0.1 % of the circle's."""
    drawn = cp.circle_polygons(
        world([(0, 0)], [(0, 0), (9, 9)]), standard(circle(800), circle(2000, settlement="rural"))
    )
    assert len(drawn) == 4
    assert drawn.area.to_numpy() == pytest.approx(math.pi * drawn["radius_m"].to_numpy() ** 2, rel=1e-3)
