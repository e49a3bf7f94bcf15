"""Distances on the ellipsoid: against pyproj's geodesics, and against brute force over all pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from cultureplan.base.errors import InputError
from cultureplan.travel import disc_kernel, disc_search, geodesic, kernels

GEOD = Geod(ellps="WGS84")


def points_at(distance_m: float, *, n: int = 20_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of points anywhere in China, in any direction, at an exact distance on the ellipsoid."""
    rng = np.random.default_rng(seed)
    start = np.column_stack([rng.uniform(73.5, 135.1, n), rng.uniform(3.0, 53.6, n)])
    lon, lat, _ = GEOD.fwd(start[:, 0], start[:, 1], rng.uniform(0, 360, n), np.full(n, distance_m))
    return start, np.column_stack([lon, lat])


@pytest.mark.parametrize(
    ("distance_m", "error_m"),
    [(100, 1e-7), (2_000, 1e-6), (10_000, 8e-6), (50_000, 1e-3), (100_000, 8e-3), (300_000, 0.2), (1e6, 7.5)],
)
def test_the_error_against_the_ellipsoid_is_what_the_page_says(distance_m: float, error_m: float) -> None:
    """20,000 pairs anywhere in China: within 1 mm at 10 km by more than a hundred times."""
    demand, sites = points_at(distance_m)
    square = kernels.squared_distance(geodesic.to_space(demand), geodesic.to_space(sites))
    distance = geodesic.ground_distance_m(square, geodesic.mean_radius_m(sites))
    assert np.abs(distance - distance_m).max() < error_m


def test_a_limit_and_its_chord_are_inverse_to_each_other() -> None:
    """Deciding on chords is deciding on distances; a limit longer than the way round takes everybody."""
    radius = np.array([6_340_000.0, 6_400_000.0])
    back = geodesic.ground_distance_m(geodesic.chord_squares(10_000.0, radius), radius)
    assert back == pytest.approx(10_000.0, abs=1e-8)
    assert geodesic.geodesic_covered_persons([[0, 0], [180, 0]], [1, 2], [[0, 0]], limit_m=4e7) == 3.0


def test_costs_are_the_geodesics_within_the_limit() -> None:
    """Every pair of two clouds across a zone's edge, no more and no less, within 0.01 mm."""
    rng = np.random.default_rng(3)
    demand = np.array([106.5, 38.9]) + rng.uniform(-0.2, 0.2, (200, 2))
    sites = np.array([106.5, 38.9]) + rng.uniform(-0.2, 0.2, (30, 2))
    rows, columns = (part.ravel() for part in np.indices((200, 30)))
    _, _, apart = GEOD.inv(*demand[rows].T, *sites[columns].T)
    costs = geodesic.geodesic_costs(demand, sites, limit_m=10_000)
    inside = apart <= 10_000
    assert np.array_equal(costs.rows, rows[inside])
    assert np.array_equal(costs.indices, columns[inside])
    assert np.abs(costs.values - apart[inside]).max() < 1e-5
    assert costs.limit == 10_000.0


@settings(max_examples=30)
@given(st.integers(0, 2**31))
def test_both_paths_in_space_equal_brute_force(seed: int) -> None:
    """Counts, nearest and persons about each site in three dimensions, to the last bit."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 60)), int(rng.integers(1, 30))
    here = np.array([100.0, 30.0])
    demand, sites = here + rng.uniform(-0.1, 0.1, (n, 2)), here + rng.uniform(-0.1, 0.1, (m, 2))
    persons, limit_m = rng.random(n) * 9, rng.choice([800.0, 2_000.0, 10_000.0], m)
    space = geodesic.to_space(demand)[:, None] - geodesic.to_space(sites)[None]
    square = space[..., 0] ** 2 + space[..., 1] ** 2 + space[..., 2] ** 2
    inside = square <= geodesic.chord_squares(limit_m, geodesic.mean_radius_m(sites))
    for way in ("tree", "compiled", "cut to the last"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kernels, "SMALL_DEMAND", 10**9 if way == "tree" else 0)
            if way == "cut to the last":
                patch.setattr(disc_search, "compiled", lambda function: function)
                patch.setattr(disc_kernel, "LEAF", 1)
                patch.setattr(disc_kernel, "FEW", 0)
            near = geodesic.geodesic_near(demand, sites, limit_m=limit_m, persons=persons)
        assert np.array_equal(near.n_within, inside.sum(axis=1))
        assert np.array_equal(near.nearest, square.argmin(axis=1))
        assert near.site_persons is not None
        assert near.site_persons.tolist() == [math.fsum(persons[column]) for column in inside.T]
    covered = geodesic.geodesic_covered_persons(demand, persons, sites, limit_m=limit_m)
    assert covered == math.fsum(persons[inside.any(axis=1)])


def test_no_sites_reach_nobody_and_no_people_are_no_error() -> None:
    """An empty side gives zeros, no nearest, and an empty table."""
    near = geodesic.geodesic_near([[100, 30]], np.empty((0, 2)), limit_m=10)
    assert near.nearest.tolist() == [-1]
    assert np.isinf(near.nearest_m).all()
    assert geodesic.geodesic_costs(np.empty((0, 2)), [[100, 30]], limit_m=10).n_pairs == 0


@pytest.mark.parametrize("lonlat", [[[39.02, 106.38]], [[500_000.0, 4_300_000.0]]])
def test_metres_and_latitude_first_are_refused(lonlat: list[list[float]]) -> None:
    """What cannot be degrees in the order longitude, latitude is named with its position."""
    with pytest.raises(InputError, match="Longitude comes first"):
        geodesic.geodesic_costs(lonlat, [[100, 30]], limit_m=1000)
    with pytest.raises(InputError, match="above 0"):
        geodesic.geodesic_costs([[100, 30]], [[100, 30]], limit_m=[0.0])
