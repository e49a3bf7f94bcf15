"""The enhanced two-step method straight from coordinates, for any number of people.

With a step decay and straight-line distance no pair need be kept: the facilities lie in the cells of a
grid, people stream past them twice - once to hand their persons to the facilities in reach, once to
collect the ratios - and the memory is that of the facilities and of one number a demand point.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from cultureplan.base.checks import points_array
from cultureplan.base.errors import InputError
from cultureplan.base.units import Unit
from cultureplan.measures.aligned import aligned_array
from cultureplan.measures.decay import Decay
from cultureplan.travel.kernels import local_origin

_BLOCKS = 16  # fixed, so that sums are added in the same order whatever the number of threads
_THREADED = 100_000  # demand points from which a second thread is worth starting
_LOOPED = 2_000  # demand points below which the loop runs uncompiled


def two_step_from_coordinates(
    demand_xy: object, persons: object, site_xy: object, supply: object, *, decay: Decay
) -> pd.Series:
    """Return the supply per person around each demand point (E2SFCA) without keeping any pair.

    Parameters
    ----------
    demand_xy : array-like, shape (n_demand, 2), metres
        Where people live. The result is the same in any order, and soonest there when neighbours
        stand together.
    persons : Series or array-like, shape (n_demand,)
        Persons of each demand point, in the order of `demand_xy`.
    site_xy : array-like, shape (n_sites, 2), metres
        Where the facilities are.
    supply : Series or array-like, shape (n_sites,)
        Supply of each facility, in the order of `site_xy`.
    decay : Decay
        A :func:`~cultureplan.measures.decay.step` decay in metres.

    Returns
    -------
    Series
        Supply per person, on the index of `persons` if that is a Series. Equal to
        :func:`~cultureplan.measures.access.two_step_floating_catchment` on ``straight_line_costs``.

    Raises
    ------
    InputError
        If the decay is not a step decay.

    Examples
    --------
    >>> import cultureplan as cp
    >>> near = cp.access.step({500: 1.0, 2_000: 0.5})
    >>> cp.access.two_step_from_coordinates(
    ...     [[0, 0], [1_000, 0]], [100, 300], [[0, 0]], [50], decay=near
    ... ).tolist()
    [0.2, 0.1]
    """
    if not decay.steps:
        raise InputError.of("access.needs_steps", name=decay.name)
    if decay.unit == Unit.MINUTES:
        raise InputError.of("access.needs_metres", name=decay.name)
    demand, sites = points_array("demand_xy", demand_xy), points_array("site_xy", site_xy)
    index = persons.index if isinstance(persons, pd.Series) else pd.RangeIndex(len(demand), name="demand_id")
    # a copy that can be written to: the compiled loops take no read-only column of a frame
    people = np.array(aligned_array("persons", np.asarray(persons), pd.RangeIndex(len(demand))))
    offered = np.array(aligned_array("supply", np.asarray(supply), pd.RangeIndex(len(sites))))
    access = np.zeros(len(demand))
    if len(demand) and len(sites):
        demand, sites = local_origin(demand, sites)
        grid = _SiteGrid(sites, decay)
        asked = grid.hand_out(demand, people)
        ratio = np.divide(offered[grid.order], asked, out=np.zeros(len(sites)), where=asked > 0)
        access = grid.collect(demand, ratio)
    return pd.Series(access, index=index, name="access")


class _SiteGrid:
    """The facilities sorted by the row and column of their cell, so that a stretch of a row is one slice."""

    def __init__(self, site_xy: np.ndarray, decay: Decay) -> None:
        low = site_xy.min(axis=0)
        width, height = site_xy.max(axis=0) - low
        spacing = float(np.sqrt(width * height / len(site_xy)))
        # cells of about two facilities, but neither many more cells than facilities nor many to a circle
        side = max(1.5 * spacing, max(width, height) / (4 * len(site_xy)), decay.limit / 32, 1e-6)
        columns, rows = int(width // side) + 1, int(height // side) + 1
        column = np.minimum((site_xy[:, 0] - low[0]) // side, columns - 1).astype(np.int64)
        row = np.minimum((site_xy[:, 1] - low[1]) // side, rows - 1).astype(np.int64)
        key = row * columns + column
        self.order = np.argsort(key, kind="stable")
        starts = np.searchsorted(key[self.order], np.arange(rows * columns + 1)).astype(np.int64)
        limits, weights = (np.array(values, dtype=float) for values in zip(*decay.steps, strict=True))
        self._sites = (
            np.ascontiguousarray(site_xy[self.order, 0]),
            np.ascontiguousarray(site_xy[self.order, 1]),
        )
        self._cells = (float(low[0]), float(low[1]), side, columns, rows, starts)
        # a weight in steps is a sum over discs: what a disc adds to the one around it
        self._discs = (limits * limits, weights - np.append(weights[1:], 0.0))
        self._reach = decay.limit * (1.0 + 1e-9)  # cells a hair further; squares decide

    def hand_out(self, demand_xy: np.ndarray, persons: np.ndarray) -> np.ndarray:
        """Return the weighted persons in reach of each facility, in the order of the grid."""

        def block(rows: slice) -> np.ndarray:
            total = np.zeros(len(self.order))
            self._walk(demand_xy[rows], persons[rows], total, collecting=False)
            return total

        return np.asarray(np.sum(_in_blocks(block, len(demand_xy)), axis=0))

    def collect(self, demand_xy: np.ndarray, ratio: np.ndarray) -> np.ndarray:
        """Return the weighted ratios in reach of each demand point; `ratio` in the order of the grid."""
        access = np.zeros(len(demand_xy))

        def block(rows: slice) -> None:
            self._walk(demand_xy[rows], access[rows], ratio, collecting=True)

        _in_blocks(block, len(demand_xy))
        return access

    def _walk(
        self, demand_xy: np.ndarray, of_demand: np.ndarray, of_site: np.ndarray, *, collecting: bool
    ) -> None:
        run = walk if len(demand_xy) * _BLOCKS < _LOOPED else _compiled(walk)
        run(demand_xy, of_demand, of_site, self._sites, self._cells, self._discs, self._reach, collecting)


def walk(
    demand_xy: np.ndarray,
    of_demand: np.ndarray,
    of_site: np.ndarray,
    sites: tuple[np.ndarray, np.ndarray],
    cells: tuple[float, float, float, int, int, np.ndarray],
    discs: tuple[np.ndarray, np.ndarray],
    reach: float,
    collecting: bool,
) -> None:
    """Meet each demand point with each facility in reach, and carry weighted values one way.

    When `collecting`, from `of_site` to `of_demand`; else from `of_demand` to `of_site`.
    """
    site_x, site_y = sites
    low_x, low_y, side, columns, rows, starts = cells
    squares, steps = discs
    for i in range(len(demand_xy)):
        x, y = demand_xy[i, 0], demand_xy[i, 1]
        held = 0.0 if collecting else of_demand[i]
        first_row = max(int(np.floor((y - reach - low_y) / side)), 0)
        last_row = min(int(np.floor((y + reach - low_y) / side)), rows - 1)
        for row in range(first_row, last_row + 1):
            bottom = low_y + row * side
            apart = max(max(bottom - y, y - bottom - side), 0.0)
            if apart > reach:
                continue
            half = np.sqrt(reach * reach - apart * apart)
            first = max(int(np.floor((x - half - low_x) / side)), 0)
            last = min(int(np.floor((x + half - low_x) / side)), columns - 1)
            if first > last:
                continue
            for at in range(starts[row * columns + first], starts[row * columns + last + 1]):
                dx, dy = x - site_x[at], y - site_y[at]
                square = dx * dx + dy * dy
                weight = 0.0
                for disc in range(len(squares)):  # no branch: which disc holds a site is hard to guess
                    weight += steps[disc] * (square <= squares[disc])
                if collecting:
                    held += weight * of_site[at]
                else:
                    of_site[at] += weight * held
        if collecting:
            of_demand[i] = held


def _in_blocks(function: Callable[[slice], Any], n: int) -> list[Any]:
    edges = np.linspace(0, n, _BLOCKS + 1).astype(int)
    blocks = [slice(start, stop) for start, stop in pairwise(edges)]
    if n < _THREADED:
        return [function(block) for block in blocks]
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(function, blocks))


@cache
def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    from numba import njit  # loading numba takes a second: only when it is used

    compiled: Callable[..., Any] = njit(cache=True, nogil=True)(function)
    return compiled
