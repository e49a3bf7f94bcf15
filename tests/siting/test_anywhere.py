"""Sites anywhere in the plane: the finite set that no place beats."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import InputError
from cultureplan.siting.anywhere import dominating_points
from cultureplan.siting.circle_points import Circles, crossing_pairs
from cultureplan.siting.from_points import covering_problem
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.models.set_cover import SetCover
from cultureplan.siting.solve import solve_siting

whole = st.integers(0, 12).map(float)
rough = st.floats(0, 12, allow_nan=False).map(lambda value: round(value, 3))


@st.composite
def homes(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw homes with their limits; on a lattice many circles meet in one point or just touch."""
    number = draw(st.sampled_from([whole, rough]))
    xy = np.array([[draw(number), draw(number)] for _ in range(draw(st.integers(1, 8)))])
    xy += draw(st.sampled_from([0.0, 4_320_000.0]))
    radius = [draw(st.sampled_from([2.0, 2.5, 5.0])) for _ in xy]
    return xy, np.array(radius) if draw(st.booleans()) else np.full(len(xy), radius[0])


def covers(points: np.ndarray, xy: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Return who is covered from each point, the plain way, shape (n_points, n_homes)."""
    apart = points[:, None] - xy[None]
    return apart[..., 0] ** 2 + apart[..., 1] ** 2 <= radius**2


def beaten_by_nobody(mine: np.ndarray, others: np.ndarray) -> bool:
    """Return whether what every other place covers is part of what one of mine covers."""
    parts = (others[:, None] & ~mine[None]).any(axis=2)
    return bool((~parts).any(axis=1).all())


def lattice(xy: np.ndarray, step: float) -> np.ndarray:
    """Return a fine grid about some homes; on homes with whole coordinates it meets touching circles."""
    x, y = (np.arange(low - 5, high + 5 + step, step) for low, high in zip(xy.min(0), xy.max(0), strict=True))
    return np.column_stack([part.ravel() for part in np.meshgrid(x, y)])


@given(homes())
@settings(max_examples=120)
def test_no_point_of_a_fine_grid_beats_the_dominating_points(drawn):
    """Whoever a place covers, one of the points covers too - at the limit to the last bit as well."""
    xy, radius = drawn
    points = dominating_points(xy, radius)
    mine = covers(points, xy, radius)
    assert mine.any(axis=0).all()
    assert beaten_by_nobody(mine, covers(lattice(xy, 0.25), xy, radius))


@given(homes(), st.integers(0, 2))
@settings(max_examples=60)
def test_no_allowed_point_beats_the_points_on_allowed_land(drawn, shape):
    """With land that has a hole, and with two parcels, no point on it is better, and none is off it."""
    xy, radius = drawn
    low = xy.min(axis=0)
    ring = shapely.box(*(low - 1.5), *(low + 6)).difference(shapely.box(*(low + 1), *(low + 3.25)))
    parcels = shapely.union_all([shapely.box(*(low + 2), *(low + 4)), shapely.box(*(low + 7), *(low + 7.5))])
    land = [ring, parcels, shapely.Polygon(low + np.array([[0, 0], [9, 1], [2, 8]]))][shape]
    points = dominating_points(xy, radius, allowed=land)
    assert shapely.intersects_xy(land, points).all()
    grid = lattice(xy, 0.25)
    grid = grid[shapely.intersects_xy(land, grid)]
    reach = covers(grid, xy, radius)
    if len(points):
        assert beaten_by_nobody(covers(points, xy, radius), reach)
    else:
        assert not reach.any()


@given(homes(), st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_points_do_not_depend_on_the_order_of_rows(drawn, random):
    """The same homes in another order have the same points, to the last bit."""
    xy, radius = drawn
    order = list(range(len(xy)))
    random.shuffle(order)
    assert dominating_points(xy[order], radius[order]).tolist() == dominating_points(xy, radius).tolist()


@pytest.mark.parametrize(
    ("xy", "radius"),
    [
        ([[0, 0], [1_600, 0]], 800),  # just touching
        ([[0, 0], [960, 1_280]], 800),  # just touching, aslant
        ([[3, 4], [4, 3], [5, 0], [0, 5], [-3, 4], [-4, -3]], 5),  # six rims in one point
        ([[0, 0], [0, 0], [0, 0]], 7),
        ([[0, 0], [1, 0]], [5, 4]),  # one circle in the other, touching
    ],
)
def test_at_exactly_the_limit_everybody_is_covered_from_one_point(xy, radius):
    """Inside is inclusive: a point at the limit from all of them is found."""
    points = dominating_points(xy, radius)
    assert covers(points, np.array(xy, float), np.broadcast_to(radius, len(xy))).all(axis=1).tolist() == [
        True
    ]


def test_a_hair_beyond_the_limit_is_beyond():
    """Homes that no place reaches together have a point each."""
    assert len(dominating_points([[0, 0], [1_600.000001, 0]], 800)) == 2


def test_anywhere_beats_sites_at_the_homes():
    """Three homes round a green: from the green all are in reach, from each home only that home."""
    xy = np.array([[0.0, 0.0], [1_000.0, 0.0], [500.0, 866.0]])
    at_homes = covering_problem(xy, [10, 20, 30], xy, limit_m=600)
    anywhere = covering_problem(xy, [10, 20, 30], "anywhere", limit_m=600)
    model = MaximalCoverage(n_sites=1)
    assert solve_siting(at_homes, model).objective == 30
    assert solve_siting(anywhere, model).objective == 60
    assert solve_siting(at_homes, SetCover()).objective == 3
    assert solve_siting(anywhere, SetCover()).objective == 1


def test_a_wide_circle_does_not_pair_all_narrow_ones():
    """Pairs are sought by size of circle; those found are all that cross."""
    rng = np.random.default_rng(4)
    circles = Circles.of(rng.uniform(0, 100, (200, 2)), rng.choice([1.0, 3.0, 40.0], 200))
    first, second = crossing_pairs(circles)
    apart = np.hypot(*(circles.xy[:, None] - circles.xy[None]).transpose(2, 0, 1))
    one, other = circles.radius_m[:, None], circles.radius_m[None]
    crosses = np.triu((apart <= one + other) & (apart > abs(one - other)), k=1)
    expected = {tuple(pair) for pair in np.argwhere(crosses).tolist()}
    assert set(zip(first.tolist(), second.tolist(), strict=True)) == expected


def test_many_homes_by_the_compiled_code_cover_like_few():
    """Where the sets are pruned by compiled code, no random place beats them either."""
    rng = np.random.default_rng(8)
    xy = rng.uniform(0, 4_000, (400, 2))
    points = dominating_points(xy, 500)
    places = rng.uniform(0, 4_000, (800, 2))
    radius = np.full(400, 500.0)
    assert beaten_by_nobody(covers(points, xy, radius), covers(places, xy, radius))


@pytest.mark.parametrize(
    ("limit", "allowed", "error"),
    [(-1, None, InputError), ([5, 0], None, InputError), (5, "park", TypeError)],
)
def test_bad_input_is_one_clear_error(limit, allowed, error):
    """A limit that is not positive, and land that is no polygon."""
    with pytest.raises(error):
        dominating_points([[0, 0], [9, 9]], limit, allowed=allowed)
