"""The nearest place on lines: two ways of searching, one answer, and that of looking at every line."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from cultureplan.travel.snapping import SegmentIndex
from tests.worlds import ORIGIN

# whole metres, so that points are often exactly as near to several lines
spots = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda p: (50.0 * p[0], 50.0 * p[1]))
drawn = st.lists(
    st.lists(spots, min_size=2, max_size=4, unique=True).map(
        lambda corners: shapely.LineString(np.array(corners) + ORIGIN)
    ),
    min_size=1,
    max_size=12,
)
points = st.lists(
    st.tuples(st.integers(-20, 80), st.integers(-20, 80)).map(lambda p: (12.5 * p[0], 12.5 * p[1])),
    min_size=1,
    max_size=20,
).map(lambda some: np.array(some) + ORIGIN)


@given(drawn, points, st.one_of(st.integers(1, 40).map(lambda k: 25.0 * k), st.just(np.inf)))
def test_both_ways_give_the_answer_of_looking_at_every_line(
    lines: list[shapely.LineString], xy: np.ndarray, limit_m: float
) -> None:
    """Distance and limit as shapely measures them; the place lies on the line at that distance."""
    index = SegmentIndex(np.array(lines, dtype=object))
    line, along_m, distance_m = index.nearest(xy, limit_m, compiled=True)
    for ours, theirs in zip(
        (line, along_m, distance_m), index.nearest(xy, limit_m, compiled=False), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    every = np.array([[shape.distance(shapely.Point(point)) for shape in lines] for point in xy])
    nearest = every.min(axis=1)
    clear = ~np.isclose(nearest, limit_m, rtol=1e-12)
    np.testing.assert_array_equal((line >= 0)[clear], (nearest <= limit_m)[clear])
    for row in np.flatnonzero(line >= 0):
        assert distance_m[row] == pytest.approx(nearest[row], abs=1e-6)
        place = lines[line[row]].interpolate(along_m[row])
        assert place.distance(shapely.Point(xy[row])) == pytest.approx(nearest[row], abs=2e-6)


@given(drawn, points)
def test_the_order_of_lines_and_points_changes_no_place(
    lines: list[shapely.LineString], xy: np.ndarray
) -> None:
    """At a tie the place farther west is taken, whichever line stands first."""
    index = SegmentIndex(np.array(lines, dtype=object))
    turned = SegmentIndex(np.array(lines[::-1], dtype=object))
    places = []
    for some, order in ((index, slice(None)), (turned, slice(None, None, -1))):
        line, along_m, _ = some.nearest(xy[order], np.inf)
        shapes = np.array(lines[order], dtype=object)[line]
        places.append(shapely.get_coordinates(shapely.line_interpolate_point(shapes, along_m))[order])
    np.testing.assert_allclose(places[0], places[1], atol=1e-6)


def test_a_point_between_two_streets_joins_the_western_one() -> None:
    """In the middle of a block, exactly."""
    lines = [shapely.LineString(np.array([(x, 0), (x, 100)]) + ORIGIN) for x in (100, 0)]
    index = SegmentIndex(np.array(lines, dtype=object))
    for compiled in (True, False):
        line, along_m, distance_m = index.nearest(np.array([(50, 30)]) + ORIGIN, 50.0, compiled=compiled)
        assert (line.tolist(), along_m.tolist(), distance_m.tolist()) == ([1], [30.0], [50.0])
        assert index.nearest(np.array([(50, 30)]) + ORIGIN, 49.999, compiled=compiled)[0].tolist() == [-1]
        assert index.nearest(np.empty((0, 2)), 50.0, compiled=compiled)[0].tolist() == []


def test_lines_of_no_length_and_long_slanting_lines_are_found() -> None:
    """A line of one spot, and one across the whole town among many short ones."""
    short = [shapely.LineString(np.array([(9 * i, 9_000), (9 * i + 5, 9_000)]) + ORIGIN) for i in range(900)]
    lines = [*short, shapely.LineString(np.array([(0, 0), (9_000, 8_000)]) + ORIGIN)]
    lines.append(shapely.LineString(np.array([(5_000, 100), (5_000, 100)]) + ORIGIN))
    index = SegmentIndex(np.array(lines, dtype=object))
    xy = np.array([(4_500, 4_010), (5_003, 104), (901, 8_990)]) + ORIGIN
    for compiled in (True, False):
        line, _, distance_m = index.nearest(xy, np.inf, compiled=compiled)
        assert line.tolist() == [900, 901, 100]
        assert distance_m[1:].tolist() == [5.0, pytest.approx(10.0)]


def test_the_streets_of_wuhan_are_found_either_way(shared_data) -> None:
    """5,000 points in and 500 far outside the town, to the last bit."""
    file = shared_data / "streets_wuhan_neatnet" / "simplified.parquet"
    lines = np.asarray(gpd.read_parquet(file).geometry.array, dtype=object)
    index = SegmentIndex(lines)
    low, high = shapely.total_bounds(lines).reshape(2, 2)
    rng = np.random.default_rng(11)
    xy = np.concatenate([rng.uniform(low, high, (5_000, 2)), rng.uniform(low - 5e4, high + 5e4, (500, 2))])
    for limit_m in (300.0, np.inf):
        for ours, theirs in zip(
            index.nearest(xy, limit_m, compiled=True), index.nearest(xy, limit_m, compiled=False), strict=True
        ):
            np.testing.assert_array_equal(ours, theirs)
