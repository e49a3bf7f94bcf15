"""The straight-line searches: both paths, against every distance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultureplan.travel import disc_kernel, disc_search, kernels
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


@settings(max_examples=40)
@given(seed=st.integers(0, 2**31), whole=st.booleans())
def test_one_pass_with_different_radii_equals_brute_force_on_every_path(seed: int, whole: bool) -> None:
    """Counts, nearest and persons about each site, each site with its own radius, to the last bit."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 60)), int(rng.integers(1, 30))
    demand, sites = rng.integers(0, 25, (n, 2)) * 100.0, rng.integers(0, 25, (m, 2)) * 100.0
    demand[: n // 3] += 0.1 * rng.random((n // 3, 2))  # a cluster within the lattice, and rims all over it
    radius_m = rng.choice([100.0, 500.0, 1300.0], m)
    persons = np.floor(rng.random(n) * 50) if whole else rng.random(n) * 10.0 ** rng.integers(-8, 8, n)
    square = brute(demand, sites)
    inside = square <= radius_m**2
    for way in ("tree", "compiled", "cut to the last"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kernels, "SMALL_DEMAND", 10**9 if way == "tree" else 0)
            if way == "cut to the last":  # the same code uncompiled, on boxes as small as they get
                patch.setattr(disc_search, "compiled", lambda function: function)
                patch.setattr(disc_kernel, "LEAF", 1)
                patch.setattr(disc_kernel, "FEW", 0)
            near = kernels.sites_near(demand, sites, radius_m, persons=persons)
            indptr, indices, _ = kernels.pairs_within(demand, sites, radius_m)
        assert np.array_equal(near.n_within, inside.sum(axis=1))
        assert np.array_equal(near.nearest, square.argmin(axis=1))
        assert np.array_equal(near.nearest_m, np.sqrt(square.min(axis=1)))
        assert near.site_persons is not None
        assert near.site_persons.tolist() == [math.fsum(persons[column]) for column in inside.T]
        assert np.array_equal(
            np.stack([np.repeat(np.arange(n), np.diff(indptr)), indices]), np.nonzero(inside)
        )


@pytest.mark.parametrize("spread", ["uniform", "clusters of clusters", "one spot", "a line"])
def test_the_compiled_search_of_many_people_equals_the_tree(spread: str) -> None:
    """Enough people that boxes are cut many times over, spread evenly and very unevenly."""
    rng = np.random.default_rng(5)
    n, m = 30_000, 700
    scale = {"uniform": 0, "clusters of clusters": 6, "one spot": 0, "a line": 0}[spread]
    demand = 4_000_000 + rng.random((n, 2)) * 30_000 * 10.0 ** -rng.integers(0, scale + 1, (n, 1))
    if spread == "one spot":
        demand[:] = demand[0]
    if spread == "a line":
        demand[:, 1] = demand[0, 1]
    sites = 4_000_000 + rng.random((m, 2)) * 30_000
    sites[m // 2 :] = sites[: m - m // 2]  # every site has a twin
    radius_m = rng.choice([300.0, 2_000.0, 12_000.0], m)
    squares = kernels.squared_radii(radius_m, m)
    near = kernels.sites_near(demand, sites, radius_m)
    site, square = kernels.tree_nearest(demand, sites)
    assert np.array_equal(near.n_within, np.diff(kernels.tree_pairs(demand, sites, squares)[0]))
    assert np.array_equal(near.nearest, site)
    assert np.array_equal(near.nearest_m, np.sqrt(square))


def test_neither_row_order_nor_threads_nor_blocks_change_a_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """120,000 fractional persons, shuffled, on one thread and on two, in blocks of another size."""
    rng = np.random.default_rng(11)
    demand, sites = rng.random((120_000, 2)) * 9_000, rng.random((50, 2)) * 9_000
    persons, shuffled = rng.random(120_000) * 7, rng.permutation(120_000)
    one = kernels.sites_near(demand, sites, 800.0, persons=persons, threads=1)
    monkeypatch.setattr(disc_search, "BLOCK", 17_001)
    two = kernels.sites_near(demand[shuffled], sites, 800.0, persons=persons[shuffled], threads=2)
    assert np.array_equal(one.n_within[shuffled], two.n_within)
    assert np.array_equal(one.nearest[shuffled], two.nearest)
    assert np.array_equal(one.nearest_m[shuffled], two.nearest_m)
    assert one.site_persons is not None
    assert two.site_persons is not None
    assert np.array_equal(one.site_persons, two.site_persons)


def test_who_else_is_asked_about_does_not_move_anybody_across_a_rim() -> None:
    """Coordinates far below and above zero: a far point in the table changes no square of another pair."""
    sites, person = np.array([[-1000.3, 0.2]]), np.array([[0.1, 0.7]])
    radius_m = float(np.sqrt(kernels.squared_distance(person, sites)[0]))
    alone = kernels.count_within(person, sites, radius_m)
    far = np.array([[-8.1e6, 4.4e6], [0.1, 0.7]])
    assert kernels.count_within(far, sites, radius_m)[1] == alone[0]


@given(st.integers(0, 2**31))
def test_row_order_of_sites_does_not_change_the_counts(seed: int) -> None:
    """The same sites in another order have the same people inside."""
    rng = np.random.default_rng(seed)
    demand, sites = rng.random((50, 2)) * 1000, rng.random((20, 2)) * 1000
    order = rng.permutation(20)
    assert np.array_equal(
        kernels.count_within(demand, sites, 200.0), kernels.count_within(demand, sites[order], 200.0)
    )
