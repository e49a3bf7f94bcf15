"""The nearest place on a set of lines for many points, cut into straight segments.

Large inputs run on a uniform grid of the segments in compiled code, small ones on shapely's tree. Both
measure with the same sums and take the same of several segments that are equally near, so where a point
joins the streets depends neither on the way taken nor on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import shapely

SMALL_POINTS = 20_000  # below this shapely's tree is quicker than loading the compiled search
TIE_M = 1e-6  # segments whose distances differ by less are equally near
_ENTRIES_A_SEGMENT = 8  # cells a segment lies in, on average, at most


class Segments(NamedTuple):
    """Straight pieces of lines, relative to a local origin.

    Attributes
    ----------
    x, y : ndarray of float64, shape (n,)
        Where each begins.
    dx, dy : ndarray of float64, shape (n,)
        From there to its end.
    line : ndarray of int64, shape (n,)
        Line each belongs to.
    before_m : ndarray of float64, shape (n,)
        Length of the line up to there.
    """

    x: np.ndarray
    y: np.ndarray
    dx: np.ndarray
    dy: np.ndarray
    line: np.ndarray
    before_m: np.ndarray


class Grid(NamedTuple):
    """The segments by square cell.

    Attributes
    ----------
    cell_m : float
    columns, rows : int
    start : ndarray of int64, shape (columns * rows + 1,)
    segment : ndarray of int32, shape (n_entries,)
    """

    cell_m: float
    columns: int
    rows: int
    start: np.ndarray
    segment: np.ndarray


class SegmentIndex:
    """An index of lines that answers which place on any of them is nearest.

    Parameters
    ----------
    lines : ndarray of LineString, shape (n_lines,)
    """

    def __init__(self, lines: np.ndarray) -> None:
        xy, line = shapely.get_coordinates(lines, return_index=True)
        self.origin = np.floor(xy.min(axis=0))
        xy = xy - self.origin
        inner = np.diff(line) == 0
        begin, step = xy[:-1][inner], np.diff(xy, axis=0)[inner]
        line = line[:-1][inner]
        length_m = np.hypot(step[:, 0], step[:, 1])
        total = np.cumsum(length_m) - length_m
        first = np.searchsorted(line, np.arange(len(lines)))
        self.segments = Segments(
            x=begin[:, 0].copy(),
            y=begin[:, 1].copy(),
            dx=step[:, 0].copy(),
            dy=step[:, 1].copy(),
            line=line.astype(np.int64),
            before_m=total - total[first][line],
        )
        self.length_m = np.bincount(line, weights=length_m, minlength=len(lines))

    def nearest(
        self, xy: np.ndarray, limit_m: float, *, compiled: bool | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return line, metres along it, and distance of the nearest place of each point.

        Of places that are equally near, the one farther west is taken, then the one farther south, then
        the line that stands first.

        Parameters
        ----------
        xy : ndarray, shape (n, 2)
        limit_m : float
            Inclusive; may be infinite.
        compiled : bool, optional
            Which way to take; decided by size where absent.

        Returns
        -------
        line : ndarray of int64, shape (n,)
            -1 where none is within the limit.
        along_m : ndarray of float64, shape (n,)
        distance_m : ndarray of float64, shape (n,)
            Infinite where none is within the limit.
        """
        points = np.ascontiguousarray(np.asarray(xy, dtype=float).reshape(-1, 2) - self.origin)
        large = len(points) >= SMALL_POINTS if compiled is None else compiled
        if large:
            segment = _kernel()(points, *self.segments[:5], *self._grid, limit_m, TIE_M)
        else:
            segment = self._by_tree(points, limit_m)
        found = segment >= 0
        line, along_m = np.full(len(points), -1, dtype=np.int64), np.zeros(len(points))
        distance_m = np.full(len(points), np.inf)
        chosen, parts = segment[found], self.segments
        share, square, _, _ = project(points[found], parts, chosen)
        line[found] = parts.line[chosen]
        along_m[found] = parts.before_m[chosen] + share * np.hypot(parts.dx[chosen], parts.dy[chosen])
        distance_m[found] = np.sqrt(square)
        return line, along_m, distance_m

    @cached_property
    def _tree(self) -> shapely.STRtree:
        begin = np.column_stack([self.segments.x, self.segments.y])
        end = begin + np.column_stack([self.segments.dx, self.segments.dy])
        return shapely.STRtree(shapely.linestrings(np.stack([begin, end], axis=1)))

    def _by_tree(self, points: np.ndarray, limit_m: float) -> np.ndarray:
        segment = np.full(len(points), -1, dtype=np.int64)
        shapes = shapely.points(points)
        (found, _), distance_m = self._tree.query_nearest(
            shapes, max_distance=limit_m * (1 + 1e-9), return_distance=True, all_matches=False
        )
        # everything as near, but for the last digits
        near, candidate = self._tree.query(
            shapes[found], predicate="dwithin", distance=distance_m * (1 + 1e-12) + 2 * TIE_M
        )
        point = found[near]
        _, square, x, y = project(points[point], self.segments, candidate)
        distance_m = np.sqrt(square)
        nearest_m = np.full(len(points), np.inf)
        np.minimum.at(nearest_m, point, distance_m)
        kept = (distance_m <= nearest_m[point] + TIE_M) & (nearest_m[point] <= limit_m)
        point, candidate, x, y = point[kept], candidate[kept], x[kept], y[kept]
        order = np.lexsort(
            (candidate, self.segments.line[candidate], np.rint(y / TIE_M), np.rint(x / TIE_M), point)
        )
        first = order[np.flatnonzero(np.diff(point[order], prepend=-1))]
        segment[point[first]] = candidate[first]
        return segment

    @cached_property
    def _grid(self) -> Grid:
        parts = self.segments
        low_x, high_x = np.minimum(parts.x, parts.x + parts.dx), np.maximum(parts.x, parts.x + parts.dx)
        low_y, high_y = np.minimum(parts.y, parts.y + parts.dy), np.maximum(parts.y, parts.y + parts.dy)
        width, height, n = float(high_x.max()), float(high_y.max()), len(parts.x)
        cell_m = max(np.sqrt(max(width, 1.0) * max(height, 1.0) / n), max(width, height) / 30_000, 1.0)
        while True:
            left, right = (low_x // cell_m).astype(np.int64), (high_x // cell_m).astype(np.int64)
            lower, upper = (low_y // cell_m).astype(np.int64), (high_y // cell_m).astype(np.int64)
            across, up = right - left + 1, upper - lower + 1
            if int((across * up).sum()) <= _ENTRIES_A_SEGMENT * n:
                break
            cell_m *= 1.5
        counts = across * up
        segment = np.repeat(np.arange(n), counts)
        place = np.arange(len(segment)) - (np.cumsum(counts) - counts)[segment]
        column = left[segment] + place % across[segment]
        row = lower[segment] + place // across[segment]
        # a long slanting segment passes few of the cells of its bounding box
        centre = (np.column_stack([column, row]) + 0.5) * cell_m
        passes = project(centre, parts, segment)[1] <= (0.7072 * cell_m) ** 2
        columns, rows = int(width // cell_m) + 1, int(height // cell_m) + 1
        key = (row * columns + column)[passes]
        order = np.argsort(key, kind="stable")
        start = np.searchsorted(key[order], np.arange(rows * columns + 1))
        return Grid(cell_m, columns, rows, start.astype(np.int64), segment[passes][order].astype(np.int32))


def project(
    points: np.ndarray, parts: Segments, segment: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return share along a segment, squared distance and place of the nearest spot, pair by pair."""
    x, y, dx, dy = parts.x[segment], parts.y[segment], parts.dx[segment], parts.dy[segment]
    square = dx * dx + dy * dy
    inner = (points[:, 0] - x) * dx + (points[:, 1] - y) * dy
    share = np.clip(np.divide(inner, square, out=np.zeros(len(x)), where=square > 0), 0.0, 1.0)
    place_x, place_y = x + share * dx, y + share * dy
    gap_x, gap_y = points[:, 0] - place_x, points[:, 1] - place_y
    return share, gap_x * gap_x + gap_y * gap_y, place_x, place_y


_cache: list[Callable[..., Any]] = []


def _kernel() -> Callable[..., Any]:
    """Return the compiled search, made when first needed: loading numba takes a second."""
    if not _cache:
        from numba import njit

        _cache.append(njit(cache=True, nogil=True)(nearest_segment))
    return _cache[0]


def nearest_segment(
    points: np.ndarray,
    seg_x: np.ndarray,
    seg_y: np.ndarray,
    seg_dx: np.ndarray,
    seg_dy: np.ndarray,
    seg_line: np.ndarray,
    cell_m: float,
    columns: int,
    rows: int,
    start: np.ndarray,
    entry: np.ndarray,
    limit_m: float,
    tie_m: float,
) -> np.ndarray:
    """Return the nearest segment of each point, -1 where none is within the limit, ring by ring of cells.

    What has not been looked at after ring r is at least r cells away.
    """
    found = np.full(len(points), -1, dtype=np.int64)
    for i in range(len(points)):
        px, py = points[i, 0], points[i, 1]
        column, row = int(np.floor(px / cell_m)), int(np.floor(py / cell_m))
        # outside the grid the first rings are empty
        ring = max(0, -column, column - columns + 1, -row, row - rows + 1)
        nearest, last, best_x, best_y, best_line = np.inf, ring, 0.0, 0.0, -1
        choosing = False
        r = ring
        while True:
            for cell_row in range(max(row - r, 0), min(row + r, rows - 1) + 1):
                edge = cell_row == row - r or cell_row == row + r
                stride = 1 if edge or r == 0 else 2 * r
                for cell_column in range(column - r, column + r + 1, stride):
                    if cell_column < 0 or cell_column >= columns:
                        continue
                    key = cell_row * columns + cell_column
                    for at in range(start[key], start[key + 1]):
                        s = entry[at]
                        x, y, dx, dy = seg_x[s], seg_y[s], seg_dx[s], seg_dy[s]
                        square = dx * dx + dy * dy
                        share = 0.0
                        if square > 0:
                            share = min(max(((px - x) * dx + (py - y) * dy) / square, 0.0), 1.0)
                        place_x, place_y = x + share * dx, y + share * dy
                        distance = np.sqrt((px - place_x) * (px - place_x) + (py - place_y) * (py - place_y))
                        if not choosing:
                            nearest = min(nearest, distance)
                        elif distance <= nearest + tie_m:
                            micro_x, micro_y = np.rint(place_x / tie_m), np.rint(place_y / tie_m)
                            line = seg_line[s]
                            if (
                                found[i] < 0
                                or micro_x < best_x
                                or (
                                    micro_x == best_x
                                    and (
                                        micro_y < best_y
                                        or (
                                            micro_y == best_y
                                            and (line < best_line or (line == best_line and s < found[i]))
                                        )
                                    )
                                )
                            ):
                                found[i], best_x, best_y, best_line = s, micro_x, micro_y, line
            r += 1
            if choosing:
                if r > last:
                    break
                continue
            out = row - r < 0 and row + r >= rows and column - r < 0 and column + r >= columns
            if nearest + tie_m <= (r - 1) * cell_m or (r - 1) * cell_m > limit_m or out:
                if nearest > limit_m:
                    break
                choosing, last, r = True, r - 1, ring
    return found
