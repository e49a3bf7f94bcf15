"""Straight-line searches: who is within a radius of which site, and which site is nearest.

Whether a person is inside a circle is decided here and nowhere else: the squared distance is at most the
squared radius. Large inputs run on a uniform grid of the sites in compiled code, small ones on scipy's
k-d tree, which compiles nothing; both take the same decision on the same numbers, so the answers are the
same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.spatial import KDTree

SMALL_DEMAND = 20_000  # below this scipy is quicker than loading the compiled kernels
_SLACK = 1.0 + 1e-9  # the tree looks a hair further; the decision is taken on exact squares


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile on first use, and keep the result on disk."""
    from numba import njit  # loading numba takes a second: only when a kernel is used

    return njit(cache=True, nogil=True)(function)


def local_origin(demand_xy: np.ndarray, site_xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both point sets relative to a common corner, so that coordinates stay small."""
    corner = np.zeros(2)
    both = [xy.min(axis=0) for xy in (demand_xy, site_xy) if len(xy)]
    if both:
        corner = np.floor(np.min(both, axis=0))
    return demand_xy - corner, site_xy - corner


def squared_distance(demand_xy: np.ndarray, site_xy: np.ndarray) -> np.ndarray:
    """Return the squared distance of points pair by pair, shape (n,)."""
    dx = demand_xy[:, 0] - site_xy[:, 0]
    dy = demand_xy[:, 1] - site_xy[:, 1]
    return np.asarray(dx * dx + dy * dy)


def pairs_within(
    demand_xy: np.ndarray, site_xy: np.ndarray, radius_m: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return every pair within a radius, row by row.

    Parameters
    ----------
    demand_xy : ndarray, shape (n_demand, 2), metres
    site_xy : ndarray, shape (n_sites, 2), metres
    radius_m : float
        Inclusive.

    Returns
    -------
    indptr : ndarray of int64, shape (n_demand + 1,)
    sites : ndarray of int32, shape (n_pairs,)
        Rising within a row.
    distance_m : ndarray of float64, shape (n_pairs,)
    """
    demand_xy, site_xy = local_origin(demand_xy, site_xy)
    if len(site_xy) == 0 or len(demand_xy) == 0:
        return np.zeros(len(demand_xy) + 1, dtype=np.int64), np.empty(0, np.int32), np.empty(0)
    if len(demand_xy) < SMALL_DEMAND:
        rows, sites = _tree_pairs(demand_xy, site_xy, radius_m)
        square = squared_distance(demand_xy[rows], site_xy[sites])
        kept = square <= radius_m * radius_m
        rows, sites, square = rows[kept], sites[kept], square[kept]
        order = np.lexsort((sites, rows))
        counts = np.bincount(rows, minlength=len(demand_xy))
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return indptr, sites[order].astype(np.int32), np.sqrt(square[order])
    grid = _SiteGrid(site_xy, radius_m)
    counts = _kernels().count(demand_xy, site_xy, *grid.arrays, radius_m * radius_m)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    sites, distance_m = _kernels().fill(demand_xy, site_xy, *grid.arrays, radius_m * radius_m, indptr)
    return indptr, sites, distance_m


def count_within(demand_xy: np.ndarray, site_xy: np.ndarray, radius_m: float) -> np.ndarray:
    """Return how many sites are within a radius (inclusive) of each demand point, shape (n_demand,)."""
    if len(demand_xy) < SMALL_DEMAND or len(site_xy) == 0:
        return np.diff(pairs_within(demand_xy, site_xy, radius_m)[0])
    demand_xy, site_xy = local_origin(demand_xy, site_xy)
    grid = _SiteGrid(site_xy, radius_m)
    counts: np.ndarray = _kernels().count(demand_xy, site_xy, *grid.arrays, radius_m * radius_m)
    return counts


def nearest_site(demand_xy: np.ndarray, site_xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest site of each demand point and its distance.

    A tie goes to the site that stands first; the caller orders the sites.

    Returns
    -------
    site : ndarray of int64, shape (n_demand,)
        -1 where there are no sites.
    distance_m : ndarray of float64, shape (n_demand,)
        Infinite where there are no sites.
    """
    demand_xy, site_xy = local_origin(demand_xy, site_xy)
    n = len(demand_xy)
    if len(site_xy) == 0 or n == 0:
        return np.full(n, -1, dtype=np.int64), np.full(n, np.inf)
    # several sites on one spot are one site, the first: so a tie has few contenders
    spots, first = np.unique(site_xy, axis=0, return_index=True)
    k = min(4, len(spots))
    _, near = KDTree(spots).query(demand_xy, k=k, workers=-1 if n >= SMALL_DEMAND else 1)
    near = first[np.asarray(near, dtype=np.int64).reshape(n, k)]
    square = np.stack([squared_distance(demand_xy, site_xy[near[:, column]]) for column in range(k)], axis=1)
    smallest = square.min(axis=1)
    tied = square == smallest[:, None]
    site = np.where(tied, near, len(site_xy)).min(axis=1)
    if k < len(spots):  # every contender ties: look at all sites at that distance
        for row in np.flatnonzero(tied.all(axis=1)):
            at = squared_distance(np.broadcast_to(demand_xy[row], site_xy.shape), site_xy)
            site[row] = int(np.flatnonzero(at == at.min())[0])
    return site.astype(np.int64), np.sqrt(smallest)


def _tree_pairs(demand_xy: np.ndarray, site_xy: np.ndarray, radius_m: float) -> tuple[np.ndarray, np.ndarray]:
    near = KDTree(site_xy).query_ball_point(demand_xy, radius_m * _SLACK)
    counts = np.fromiter((len(sites) for sites in near), dtype=np.int64, count=len(near))
    flat = np.fromiter((site for sites in near for site in sites), dtype=np.int64, count=int(counts.sum()))
    return np.repeat(np.arange(len(near)), counts), flat


class _SiteGrid:
    """The sites sorted into square cells at least one radius wide, at most about one cell a site."""

    def __init__(self, site_xy: np.ndarray, radius_m: float) -> None:
        low = site_xy.min(axis=0)
        width, height = site_xy.max(axis=0) - low
        cell = max(float(radius_m), float(np.sqrt(width * height / max(len(site_xy), 1))), 1e-9)
        columns, rows = int(width // cell) + 1, int(height // cell) + 1
        column = np.minimum((site_xy[:, 0] - low[0]) // cell, columns - 1).astype(np.int64)
        row = np.minimum((site_xy[:, 1] - low[1]) // cell, rows - 1).astype(np.int64)
        key = row * columns + column
        order = np.argsort(key, kind="stable")
        starts = np.searchsorted(key[order], np.arange(rows * columns + 1))
        self.arrays = (low, cell, columns, rows, starts.astype(np.int64), order.astype(np.int32))


class _Kernels:
    """The compiled functions, made when first needed."""

    def __init__(self) -> None:
        self.count = _compiled(_count)
        self.fill = _compiled(_fill)


_cache: list[_Kernels] = []


def _kernels() -> _Kernels:
    if not _cache:
        _cache.append(_Kernels())
    return _cache[0]


def _count(
    demand_xy: np.ndarray,
    site_xy: np.ndarray,
    low: np.ndarray,
    cell: float,
    columns: int,
    rows: int,
    starts: np.ndarray,
    order: np.ndarray,
    square: float,
) -> np.ndarray:
    counts = np.zeros(len(demand_xy), dtype=np.int64)
    for i in range(len(demand_xy)):
        x, y = demand_xy[i, 0], demand_xy[i, 1]
        column, row = int(np.floor((x - low[0]) / cell)), int(np.floor((y - low[1]) / cell))
        for r in range(max(row - 1, 0), min(row + 2, rows)):
            for c in range(max(column - 1, 0), min(column + 2, columns)):
                key = r * columns + c
                for at in range(starts[key], starts[key + 1]):
                    dx, dy = x - site_xy[order[at], 0], y - site_xy[order[at], 1]
                    if dx * dx + dy * dy <= square:
                        counts[i] += 1
    return counts


def _fill(
    demand_xy: np.ndarray,
    site_xy: np.ndarray,
    low: np.ndarray,
    cell: float,
    columns: int,
    rows: int,
    starts: np.ndarray,
    order: np.ndarray,
    square: float,
    indptr: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    sites = np.empty(indptr[-1], dtype=np.int32)
    distance_m = np.empty(indptr[-1], dtype=np.float64)
    for i in range(len(demand_xy)):
        x, y = demand_xy[i, 0], demand_xy[i, 1]
        column, row = int(np.floor((x - low[0]) / cell)), int(np.floor((y - low[1]) / cell))
        end = indptr[i]
        for r in range(max(row - 1, 0), min(row + 2, rows)):
            for c in range(max(column - 1, 0), min(column + 2, columns)):
                key = r * columns + c
                for at in range(starts[key], starts[key + 1]):
                    site = order[at]
                    dx, dy = x - site_xy[site, 0], y - site_xy[site, 1]
                    if dx * dx + dy * dy <= square:
                        place = end  # insertion keeps the sites of a row rising
                        while place > indptr[i] and sites[place - 1] > site:
                            sites[place] = sites[place - 1]
                            distance_m[place] = distance_m[place - 1]
                            place -= 1
                        sites[place] = site
                        distance_m[place] = np.sqrt(dx * dx + dy * dy)
                        end += 1
    return sites, distance_m
