"""The compiled disc search over any number of people: in blocks, on all cores, with exact sums.

Blocks bound the memory: beside the answers, about 60 bytes a person of the blocks being searched and 30
bytes a site. Which block or thread a person falls into cannot be seen in any answer: whether a person is in
a disc depends on that person and that disc alone, ties go to the site that stands first, and persons are
added up in whole digits (:mod:`cultureplan.travel.exact_sum`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from cultureplan.travel import disc_kernel
from cultureplan.travel.exact_sum import ExactSums, digit_planes

BLOCK = 2**19  # people searched at a time
THREADED = 100_000  # people from which a second thread is worth starting


@dataclass(frozen=True, kw_only=True, eq=False)
class DiscSearch:
    """What each person has near, and what each site has within its disc.

    Parameters
    ----------
    n_within : ndarray of int32 or int64, shape (n,)
        Discs about each person, or the sum of what they give; zeros where no discs were given.
    nearest : ndarray of int32, shape (n,)
        Nearest site, -1 where there are none or they were not sought.
    nearest_square : ndarray of float64, shape (n,)
        Its squared distance; infinite where there are none or they were not sought.
    site_persons : ExactSums or None
        Persons within the disc of each site.
    """

    n_within: np.ndarray
    nearest: np.ndarray
    nearest_square: np.ndarray
    site_persons: ExactSums | None = None


def search_discs(
    demand: np.ndarray,
    sites: np.ndarray,
    *,
    squares: np.ndarray | None = None,
    gains: np.ndarray | None = None,
    persons: np.ndarray | None = None,
    seek: bool = True,
    threads: int | None = None,
) -> DiscSearch:
    """Count the discs about each person and find the nearest site, in one pass without pairs.

    Parameters
    ----------
    demand : ndarray, shape (n, 2) or (n, 3)
        Points; soonest done when neighbours stand together.
    sites : ndarray, shape (n_sites, 2) or (n_sites, 3)
        Centres, in the same dimensions.
    squares : ndarray, shape (n_sites,), optional
        Squared radius of the disc about each site; where absent no discs are counted.
    gains : ndarray of int64, shape (n_sites,), optional
        Whole number that each disc gives to everybody in it; 1 where absent.
    persons : ndarray, shape (n,), optional
        Persons at each point, to be added up in each disc.
    seek : bool
        Whether the nearest site is wanted.
    threads : int, optional
        At most so many threads; all cores where absent.

    Returns
    -------
    DiscSearch
    """
    n, n_sites = len(demand), len(sites)
    exponents, planes = digit_planes(np.zeros(n) if persons is None else persons)
    given = np.ones(n_sites, np.int32) if gains is None else np.ascontiguousarray(gains, np.int64)
    found = (np.zeros(n, given.dtype), np.full(n, -1, np.int32), np.full(n, np.inf))
    totals = np.zeros((len(planes), n_sites), np.int64)
    if n and n_sites:
        columns = np.ascontiguousarray(sites.T, dtype=float)
        radii = np.full(n_sites, -1.0) if squares is None else np.ascontiguousarray(squares, dtype=float)
        first = _first_of_each_spot(sites) if seek else np.empty(0, np.int32)
        counted = np.flatnonzero(radii >= 0).astype(np.int32)
        axes, run = tuple(range(sites.shape[1])), compiled(disc_kernel.sweep)

        def block(rows: slice) -> np.ndarray:
            part = np.zeros_like(totals)
            answers = (found[0][rows], found[1][rows], found[2][rows])
            # one layout, so that the kernel is compiled once
            points = np.require(demand[rows], float, ["C", "W"])
            run(points, planes[:, rows], (columns, radii, given, axes), (counted, first), answers, part)
            return part

        totals = sum(in_threads(block, blocks(n), threads), totals)
    site_persons = ExactSums.of_planes(exponents, totals) if persons is not None else None
    if site_persons is not None and not exponents:
        site_persons = ExactSums.zero(n_sites)
    return DiscSearch(n_within=found[0], nearest=found[1], nearest_square=found[2], site_persons=site_persons)


def in_threads(function: Callable[[Any], Any], parts: list[Any], threads: int | None = None) -> list[Any]:
    """Return what a function makes of each part, in order, on up to so many threads."""
    workers = min(len(parts), threads or os.cpu_count() or 1)
    if workers <= 1:
        return [function(part) for part in parts]
    with ThreadPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(function, parts))


@cache
def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a kernel, compiled on first use and kept on disk."""
    from numba import njit  # loading numba takes a second: only when a kernel is used

    kernel: Callable[..., Any] = njit(cache=True, nogil=True)(function)
    return kernel


def blocks(n: int) -> list[slice]:
    """Return stretches of people that are searched one at a time by one thread each."""
    count = max(-(-n // BLOCK), 2 if n > THREADED else 1)
    edges = [n * at // count for at in range(count + 1)]
    return [slice(edges[at], edges[at + 1]) for at in range(count)]


def _first_of_each_spot(sites: np.ndarray) -> np.ndarray:
    """Return the first site on each spot, rising: the others can never be the nearest."""
    order = np.lexsort(sites.T)  # stable: the first on a spot comes first
    moved = np.any(np.diff(sites[order], axis=0) != 0, axis=1)
    return np.sort(order[np.concatenate([[True], moved])]).astype(np.int32)
