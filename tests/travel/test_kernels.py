"""The straight-line searches: both paths, against every distance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultureplan.travel import kernels
from tests.worlds import points, radii


@pytest.fixture(params=["tree", "grid"])
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which of the two implementations answers."""
    monkeypatch.setattr(kernels, "SMALL_DEMAND", 10**9 if request.param == "tree" else 0)
    return str(request.param)


def brute(demand: np.ndarray, sites: np.ndarray) -> np.ndarray:
    """Squared distances of all pairs."""
    return np.asarray(((demand[:, None] - sites[None]) ** 2).sum(axis=2))


@pytest.mark.parametrize("seed", range(4))
def test_pairs_and_counts_equal_brute_force_on_a_lattice_full_of_rim_points(path: str, seed: int) -> None:
    """Lattice points put many pairs exactly on the rim; all of them are inside."""
    rng = np.random.default_rng(seed)
    demand = rng.integers(0, 40, (300, 2)) * 100.0 + 4_000_000
    sites = rng.integers(0, 40, (60, 2)) * 100.0 + 4_000_000
    square = brute(demand, sites)
    for radius_m in (100.0, 500.0, 1300.0):  # 500 and 1300 are hypotenuses of whole hundreds
        inside = square <= radius_m**2
        indptr, indices, distance_m = kernels.pairs_within(demand, sites, radius_m)
        rows, columns = np.nonzero(inside)
        assert np.array_equal(np.repeat(np.arange(300), np.diff(indptr)), rows)
        assert np.array_equal(indices, columns)
        assert np.array_equal(distance_m, np.sqrt(square[inside]))
        assert np.array_equal(kernels.count_within(demand, sites, radius_m), inside.sum(axis=1))


@given(demand=points, sites=points, radius_m=radii)
def test_tree_and_grid_give_the_same_bits(
    demand: list[tuple[float, float]], sites: list[tuple[float, float]], radius_m: float
) -> None:
    """Which path answers is a matter of size alone, so the answers must be the same to the last bit."""
    d, s = np.array(demand) + 0.1, np.array(sites)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "SMALL_DEMAND", 10**9)
        tree = kernels.pairs_within(d, s, radius_m)
        patch.setattr(kernels, "SMALL_DEMAND", 0)
        grid = kernels.pairs_within(d, s, radius_m)
    for one, other in zip(tree, grid, strict=True):
        assert np.array_equal(one, other)


@given(demand=points, sites=points)
def test_nearest_is_the_first_of_the_nearest(
    demand: list[tuple[float, float]], sites: list[tuple[float, float]]
) -> None:
    """On a lattice many sites tie, and some stand on one spot: the first in order is taken."""
    d, s = np.array(demand), np.array(sites)
    site, distance_m = kernels.nearest_site(d, s)
    square = brute(d, s)
    assert np.array_equal(site, square.argmin(axis=1))
    assert np.array_equal(distance_m, np.sqrt(square.min(axis=1)))


def test_nearest_with_many_sites_at_one_distance_takes_the_first() -> None:
    """Twelve sites on a circle about the person: more ties than the tree is asked for."""
    ring = [
        (5, 0),
        (4, 3),
        (3, 4),
        (0, 5),
        (-3, 4),
        (-4, 3),
        (-5, 0),
        (-4, -3),
        (-3, -4),
        (0, -5),
        (3, -4),
        (4, -3),
    ]
    for shift in range(12):
        sites = np.array(ring[shift:] + ring[:shift], dtype=float)
        assert kernels.nearest_site(np.zeros((1, 2)), sites)[0][0] == 0


def test_no_sites_and_no_demand_are_answered_with_empty_tables() -> None:
    """An empty side is no error: nobody is inside."""
    some, none = np.array([[1.0, 2.0]]), np.empty((0, 2))
    assert kernels.count_within(some, none, 10.0).tolist() == [0]
    assert kernels.nearest_site(some, none)[0].tolist() == [-1]
    assert np.isinf(kernels.nearest_site(some, none)[1]).all()
    assert kernels.pairs_within(none, some, 10.0)[0].tolist() == [0]


@given(st.integers(0, 2**31))
def test_row_order_of_sites_does_not_change_the_counts(seed: int) -> None:
    """The same sites in another order have the same people inside."""
    rng = np.random.default_rng(seed)
    demand, sites = rng.random((50, 2)) * 1000, rng.random((20, 2)) * 1000
    order = rng.permutation(20)
    assert np.array_equal(
        kernels.count_within(demand, sites, 200.0), kernels.count_within(demand, sites[order], 200.0)
    )
