"""Loops behind the rational agent access model; plain functions, compiled when the input is large.

Pairs lie row by row (``indptr``, ``sites``, ``travel``), travel already over tau; ``supply`` is already
times rho and is above 0 for every site that a pair names.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

SMALL_PAIRS = 3_000  # below this the loops run as they stand: compiling takes seconds


@cache
def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    from numba import njit  # loading numba takes a second: only when it is used

    compiled: Callable[..., Any] = njit(cache=True, nogil=True)(function)
    return compiled


def loop(function: Callable[..., Any], n_pairs: int) -> Callable[..., Any]:
    """Return the function to run for so many pairs: itself, or its compiled twin with the same answer."""
    return function if n_pairs < SMALL_PAIRS else _compiled(function)


def best_costs(indptr: np.ndarray, sites: np.ndarray, travel: np.ndarray, crowd: np.ndarray) -> np.ndarray:
    """Return the least travel + crowding of each row, shape (n_rows,); infinite for an empty row."""
    best = np.full(len(indptr) - 1, np.inf)
    for i in range(len(best)):
        least = np.inf
        for at in range(indptr[i], indptr[i + 1]):
            cost = travel[at] + crowd[sites[at]]
            if cost < least:
                least = cost
        best[i] = least
    return best


def short_list(
    pairs: tuple[np.ndarray, np.ndarray, np.ndarray],
    crowd: np.ndarray,
    best: np.ndarray,
    slack: float,
    used: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the pairs in use or within `slack` of their row's best: indptr, sites, travel and flow.

    `used` holds the present flows row by row: indptr, sites, flow.
    """
    indptr, sites, travel = pairs
    used_indptr, used_sites, used_flow = used
    n_rows = len(indptr) - 1
    starts = np.zeros(n_rows + 1, dtype=np.int64)
    flow_at = np.zeros(len(crowd))
    for i in range(n_rows):
        for at in range(used_indptr[i], used_indptr[i + 1]):
            flow_at[used_sites[at]] = used_flow[at]
        starts[i + 1] = starts[i]
        for at in range(indptr[i], indptr[i + 1]):
            if flow_at[sites[at]] > 0.0 or travel[at] + crowd[sites[at]] <= best[i] + slack:
                starts[i + 1] += 1
        for at in range(used_indptr[i], used_indptr[i + 1]):
            flow_at[used_sites[at]] = 0.0
    new_sites = np.empty(starts[n_rows], dtype=np.int32)
    new_travel = np.empty(starts[n_rows], dtype=np.float64)
    new_flow = np.empty(starts[n_rows], dtype=np.float64)
    for i in range(n_rows):
        for at in range(used_indptr[i], used_indptr[i + 1]):
            flow_at[used_sites[at]] = used_flow[at]
        end = starts[i]
        for at in range(indptr[i], indptr[i + 1]):
            site = sites[at]
            if flow_at[site] > 0.0 or travel[at] + crowd[site] <= best[i] + slack:
                new_sites[end], new_travel[end], new_flow[end] = site, travel[at], flow_at[site]
                end += 1
        for at in range(used_indptr[i], used_indptr[i + 1]):
            flow_at[used_sites[at]] = 0.0
    return starts, new_sites, new_travel, new_flow


def fill_rows(
    indptr: np.ndarray,
    sites: np.ndarray,
    travel: np.ndarray,
    flow: np.ndarray,
    persons: np.ndarray,
    supply: np.ndarray,
    load: np.ndarray,
    n_sweeps: int,
) -> None:
    """Let each row in turn choose its best division while the others stay; change `flow` and `load`.

    With the other rows' persons fixed, a row's sites fill up like connected vessels: to one common cost
    level, which is found by leaving out the sites that lie above it.
    """
    widest = 0
    for i in range(len(persons)):
        widest = max(widest, indptr[i + 1] - indptr[i])
    floor = np.empty(widest, dtype=np.float64)
    wet = np.empty(widest, dtype=np.int64)
    enough = 1e-12 * persons.sum()
    for _ in range(n_sweeps):
        moved = 0.0
        for i in range(len(persons)):
            start, n = indptr[i], indptr[i + 1] - indptr[i]
            if persons[i] <= 0.0 or n == 0:
                continue
            for q in range(n):
                site = sites[start + q]
                floor[q] = travel[start + q] + max(load[site] - flow[start + q], 0.0) / supply[site]
                wet[q] = q
            n_wet, level = n, np.inf
            while True:
                room, held = 0.0, persons[i]
                for r in range(n_wet):
                    room += supply[sites[start + wet[r]]]
                    held += supply[sites[start + wet[r]]] * floor[wet[r]]
                level = held / room
                kept = 0
                for r in range(n_wet):
                    if floor[wet[r]] < level:
                        wet[kept] = wet[r]
                        kept += 1
                if kept == n_wet or kept == 0:
                    break
                n_wet = kept
            for q in range(n):
                site = sites[start + q]
                wanted = max(supply[site] * (level - floor[q]), 0.0)
                change = wanted - flow[start + q]
                if change != 0.0:
                    load[site] += change
                    flow[start + q] = wanted
                    moved += abs(change)
        if moved <= enough:
            break


def choose_moves(
    rows: tuple[int, int],
    pairs: tuple[np.ndarray, np.ndarray, np.ndarray],
    people: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    supply: np.ndarray,
    load: np.ndarray,
    largest_share: float,
    moves: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    """Choose for each row the move from its dearest site in use to its cheapest site; fill `moves`.

    `people` is persons (n,), and for each row the number of sites in use, their positions and their
    persons; `moves` is the position of the source in that list, the target site and the persons.
    """
    indptr, sites, travel = pairs
    persons, n_used, used, flow = people
    source, target, amount = moves
    crowd = np.zeros(len(load))
    for site in range(len(load)):
        if supply[site] > 0.0:
            crowd[site] = load[site] / supply[site]
    for i in range(rows[0], rows[1]):
        amount[i] = 0.0
        source[i] = -1
        target[i] = -1
        if persons[i] <= 0.0 or indptr[i] == indptr[i + 1]:
            continue
        least, near = np.inf, -1
        for at in range(indptr[i], indptr[i + 1]):
            cost = travel[at] + crowd[sites[at]]
            if cost < least:
                least, near = cost, at
        most, far, slot, there = -np.inf, -1, -1, 0.0
        for q in range(n_used[i]):
            at = used[i, q]
            if at == near:
                there = flow[i, q]
            cost = travel[at] + crowd[sites[at]]
            if cost > most or (cost == most and at < far):
                most, far, slot = cost, at, q
        if far == near or far < 0:
            continue
        low, high = sites[near], sites[far]
        here = flow[i, slot]
        gain = travel[far] - travel[near] + (there + load[high]) / supply[high]
        gain -= (load[low] - there) / supply[low]
        wanted = supply[low] * supply[high] / (supply[low] + supply[high]) * gain - there
        source[i], target[i] = slot, near
        amount[i] = min(min(wanted, here), largest_share * persons[i])


def make_moves(
    sites: np.ndarray,
    people: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    load: np.ndarray,
    moves: tuple[np.ndarray, np.ndarray, np.ndarray],
    first_row: int,
) -> int:
    """Make the chosen moves from `first_row` on; return the row whose list is full, or the number of rows."""
    _, n_used, used, flow = people
    source, target, amount = moves
    for i in range(first_row, len(amount)):
        if amount[i] == 0.0:
            continue
        slot = -1
        for q in range(n_used[i]):
            if used[i, q] == target[i]:
                slot = q
        if slot < 0:
            if n_used[i] == used.shape[1]:
                return i
            slot = n_used[i]
            used[i, slot], flow[i, slot] = target[i], 0.0
            n_used[i] += 1
        flow[i, slot] += amount[i]
        load[sites[target[i]]] += amount[i]
        left = source[i]
        flow[i, left] -= amount[i]
        load[sites[used[i, left]]] -= amount[i]
        if flow[i, left] == 0.0:  # keep the list short: the last entry takes the empty place
            last = n_used[i] - 1
            used[i, left], flow[i, left] = used[i, last], flow[i, last]
            n_used[i] = last
    return len(amount)
