"""Straight-line searches: who is within a radius of which site, and which site is nearest.

Whether a person is inside a circle is decided here and nowhere else: the squared distance, computed from the
coordinates as they are, is at most the squared radius. Large inputs run in compiled code
(:mod:`cultureplan.travel.disc_search`), small ones on scipy's k-d tree, which compiles nothing; both take the
same decision on the same numbers, so the answers are the same to the last bit. The difference of two
neighbouring coordinates is exact or rounded once, however large they are, so nothing would be gained by
moving the origin, and no answer depends on who else is asked about.

The searches work in the plane, and in space for :mod:`cultureplan.travel.geodesic`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from cultureplan.base.checks import finite_array
from cultureplan.base.units import positive
from cultureplan.travel.disc_search import DiscSearch, blocks, compiled, in_threads, search_discs
from cultureplan.travel.exact_sum import ExactSums, digit_planes

SMALL_DEMAND = 20_000  # below this scipy is quicker than loading the compiled kernels
_SLACK = 1.0 + 1e-9  # the tree looks a hair further; the decision is taken on exact squares
_TREE_BLOCK = 20_000  # rows whose pairs the tree lists at a time


@dataclass(frozen=True, kw_only=True, eq=False)
class Near:
    """What each demand point has near, and what each site has within its circle.

    Parameters
    ----------
    n_within : ndarray of int32, shape (n_demand,)
        Sites within whose radius the point is.
    nearest : ndarray of int32, shape (n_demand,)
        Nearest site, however far; -1 where there are no sites.
    nearest_m : ndarray of float64, shape (n_demand,)
        Its distance; infinite where there are no sites.
    site_persons : ndarray of float64, shape (n_sites,), or None
        Persons within the radius of each site, rounded once; None where no persons were given.
    """

    n_within: np.ndarray
    nearest: np.ndarray
    nearest_m: np.ndarray
    site_persons: np.ndarray | None = None


def local_origin(demand_xy: np.ndarray, site_xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both point sets relative to a common corner, so that coordinates stay small."""
    corner = np.zeros(2)
    both = [xy.min(axis=0) for xy in (demand_xy, site_xy) if len(xy)]
    if both:
        corner = np.floor(np.min(both, axis=0))
    return demand_xy - corner, site_xy - corner


def squared_distance(demand: np.ndarray, sites: np.ndarray) -> np.ndarray:
    """Return the squared distance of points pair by pair, shape (n,), in as many dimensions as they have.

    One of the two may be a single point.
    """
    apart = demand[:, 0] - sites[:, 0]
    total = np.asarray(apart * apart)
    for axis in range(1, demand.shape[1]):
        apart = demand[:, axis] - sites[:, axis]
        total += apart * apart
    return total


def limits_array(name: str, limit_m: object, *, n: int) -> float | np.ndarray:
    """Return one limit for all sites as a float, or one a site as an array, shape (n,); all are positive.

    Raises
    ------
    InputError
        If a limit is missing, infinite, 0 or negative, or there are not as many as sites.
    """
    if np.ndim(limit_m) == 0:  # type: ignore[arg-type]
        return positive(name, limit_m)  # type: ignore[arg-type]
    limits = finite_array(name, limit_m, n=n)
    if len(limits):
        positive(name, float(limits.min()))
    return limits


def squared_radii(radius_m: float | np.ndarray, n_sites: int) -> np.ndarray:
    """Return the squared radius of each site, shape (n_sites,), from one radius or one a site."""
    radius = np.broadcast_to(np.asarray(radius_m, dtype=float), (n_sites,))
    return np.asarray(radius * radius)


def pairs_within(
    demand_xy: np.ndarray, site_xy: np.ndarray, radius_m: float | np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return every pair within a radius, row by row.

    Parameters
    ----------
    demand_xy : ndarray, shape (n_demand, 2), metres
    site_xy : ndarray, shape (n_sites, 2), metres
    radius_m : float or ndarray, shape (n_sites,)
        Inclusive; one for all, or one a site.

    Returns
    -------
    indptr : ndarray of int64, shape (n_demand + 1,)
    sites : ndarray of int32, shape (n_pairs,)
        Rising within a row.
    distance_m : ndarray of float64, shape (n_pairs,)
    """
    squares = squared_radii(radius_m, len(site_xy))
    if len(demand_xy) < SMALL_DEMAND or len(site_xy) == 0:
        indptr, sites, square = tree_pairs(demand_xy, site_xy, squares)
        return indptr, sites, np.sqrt(square)
    grid = _SiteGrid(site_xy, float(np.sqrt(squares.max())) * _SLACK)
    counts = search_discs(demand_xy, site_xy, squares=squares, seek=False).n_within
    indptr, run = _row_starts(counts), compiled(_fill)
    sites, distance_m = np.empty(indptr[-1], np.int32), np.empty(indptr[-1])

    def block(rows: slice) -> None:
        starts = indptr[rows.start : rows.stop + 1]
        run(demand_xy[rows], (site_xy, squares), grid.arrays, starts, sites, distance_m)

    in_threads(block, blocks(len(demand_xy)))
    return indptr, sites, distance_m


def count_within(demand_xy: np.ndarray, site_xy: np.ndarray, radius_m: float | np.ndarray) -> np.ndarray:
    """Return within the radius (inclusive) of how many sites each demand point is, shape (n_demand,)."""
    squares = squared_radii(radius_m, len(site_xy))
    if len(demand_xy) < SMALL_DEMAND or len(site_xy) == 0:
        return np.diff(tree_pairs(demand_xy, site_xy, squares)[0])
    return search_discs(demand_xy, site_xy, squares=squares, seek=False).n_within.astype(np.int64)


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
    if len(demand_xy) < SMALL_DEMAND:
        site, square = tree_nearest(demand_xy, site_xy)
    else:
        found = search_discs(demand_xy, site_xy)
        site, square = found.nearest.astype(np.int64), found.nearest_square
    return site, np.sqrt(square)


def sites_near(
    demand_xy: np.ndarray,
    site_xy: np.ndarray,
    radius_m: float | np.ndarray,
    *,
    persons: np.ndarray | None = None,
    threads: int | None = None,
) -> Near:
    """Return counts within a radius, the nearest site, and the persons about each site, in one pass.

    No pairs are built: the cost hardly depends on how many circles each person is in. In large inputs,
    people whose neighbours stand next to them in the table are searched faster; the answer is the same.

    Parameters
    ----------
    demand_xy : ndarray, shape (n_demand, 2), metres
    site_xy : ndarray, shape (n_sites, 2), metres
        In the order in which ties for the nearest are settled.
    radius_m : float or ndarray, shape (n_sites,)
        Inclusive; one for all, or one a site (circles that depend on the level of the facility).
    persons : ndarray, shape (n_demand,), optional
        Persons at each point.
    threads : int, optional
        At most so many threads; all cores where absent. One is used below 100,000 points.
    """
    squares = squared_radii(radius_m, len(site_xy))
    found = search_near(demand_xy, site_xy, squares, persons=persons, threads=threads)
    return Near(
        n_within=found.n_within,
        nearest=found.nearest,
        nearest_m=np.sqrt(found.nearest_square),
        site_persons=None if found.site_persons is None else found.site_persons.to_array(),
    )


def search_near(
    demand: np.ndarray,
    sites: np.ndarray,
    squares: np.ndarray,
    *,
    persons: np.ndarray | None = None,
    threads: int | None = None,
) -> DiscSearch:
    """Return what :func:`sites_near` does as squares and sums of digits, in the plane or in space."""
    if len(demand) >= SMALL_DEMAND:
        return search_discs(demand, sites, squares=squares, persons=persons, threads=threads)
    indptr, columns, _ = tree_pairs(demand, sites, squares)
    nearest, nearest_square = tree_nearest(demand, sites)
    held = None
    if persons is not None:
        exponents, planes = digit_planes(persons)
        of_pair = np.repeat(planes, np.diff(indptr), axis=1)
        added = np.zeros((len(planes), len(sites)), np.int64)
        for plane, sums in zip(of_pair, added, strict=True):
            np.add.at(sums, columns, plane)
        held = ExactSums.of_planes(exponents, added)
    return DiscSearch(
        n_within=np.diff(indptr).astype(np.int32),
        nearest=nearest.astype(np.int32),
        nearest_square=nearest_square,
        site_persons=held,
    )


def tree_pairs(
    demand: np.ndarray, sites: np.ndarray, squares: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return every pair within its site's radius by a k-d tree: row starts, sites, squared distances."""
    if len(sites) == 0 or len(demand) == 0:
        return np.zeros(len(demand) + 1, dtype=np.int64), np.empty(0, np.int32), np.empty(0)
    tree, look = KDTree(sites), float(np.sqrt(squares.max())) * _SLACK
    counts, columns, apart = [], [], []
    for at in range(0, len(demand), _TREE_BLOCK):
        block = demand[at : at + _TREE_BLOCK]
        near = tree.query_ball_point(block, look, return_sorted=True)
        n_near = np.fromiter((len(found) for found in near), dtype=np.int64, count=len(near))
        site = np.fromiter((s for found in near for s in found), dtype=np.int64, count=int(n_near.sum()))
        row = np.repeat(np.arange(len(block)), n_near)
        square = squared_distance(block[row], sites[site])
        kept = square <= squares[site]
        counts.append(np.bincount(row[kept], minlength=len(block)))
        columns.append(site[kept].astype(np.int32))
        apart.append(square[kept])
    return _row_starts(np.concatenate(counts)), np.concatenate(columns), np.concatenate(apart)


def tree_nearest(demand: np.ndarray, sites: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest site of each point and its squared distance by a k-d tree; ties go to the first."""
    n = len(demand)
    if len(sites) == 0 or n == 0:
        return np.full(n, -1, dtype=np.int64), np.full(n, np.inf)
    # several sites on one spot are one site, the first: so a tie has few contenders
    spots, first = np.unique(sites, axis=0, return_index=True)
    k = min(4, len(spots))
    _, near = KDTree(spots).query(demand, k=k)
    near = first[np.asarray(near, dtype=np.int64).reshape(n, k)]
    square = np.stack([squared_distance(demand, sites[near[:, column]]) for column in range(k)], axis=1)
    smallest = square.min(axis=1)
    tied = square == smallest[:, None]
    site = np.where(tied, near, len(sites)).min(axis=1)
    if k < len(spots):  # every contender ties: look at all sites at that distance
        for row in np.flatnonzero(tied.all(axis=1)):
            at = squared_distance(np.broadcast_to(demand[row], sites.shape), sites)
            site[row] = int(np.flatnonzero(at == at.min())[0])
    return site.astype(np.int64), smallest


def _row_starts(counts: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


class _SiteGrid:
    """The sites sorted into square cells at least one radius wide, at most about one cell a site."""

    def __init__(self, site_xy: np.ndarray, radius_m: float) -> None:
        low = site_xy.min(axis=0)
        width, height = site_xy.max(axis=0) - low
        spacing = float(np.sqrt(width * height / len(site_xy)))
        cell = max(radius_m, spacing, max(width, height) / (4 * len(site_xy)), 1e-9)
        columns, rows = int(width // cell) + 1, int(height // cell) + 1
        column = np.minimum((site_xy[:, 0] - low[0]) // cell, columns - 1).astype(np.int64)
        row = np.minimum((site_xy[:, 1] - low[1]) // cell, rows - 1).astype(np.int64)
        key = row * columns + column
        order = np.argsort(key, kind="stable")
        starts = np.searchsorted(key[order], np.arange(rows * columns + 1))
        self.arrays = (low, cell, columns, rows, starts.astype(np.int64), order.astype(np.int32))


def _fill(
    demand_xy: np.ndarray,
    discs: tuple[np.ndarray, np.ndarray],
    grid: tuple[np.ndarray, float, int, int, np.ndarray, np.ndarray],
    indptr: np.ndarray,
    sites: np.ndarray,
    distance_m: np.ndarray,
) -> None:
    site_xy, squares = discs
    low, cell, columns, rows, starts, order = grid
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
                    if dx * dx + dy * dy <= squares[site]:
                        place = end  # insertion keeps the sites of a row rising
                        while place > indptr[i] and sites[place - 1] > site:
                            sites[place] = sites[place - 1]
                            distance_m[place] = distance_m[place - 1]
                            place -= 1
                        sites[place] = site
                        distance_m[place] = np.sqrt(dx * dx + dy * dy)
                        end += 1
