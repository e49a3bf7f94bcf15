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


def cheapest(
    rows: tuple[int, int],
    pairs: tuple[np.ndarray, np.ndarray, np.ndarray],
    crowd: np.ndarray,
    near: np.ndarray,
) -> None:
    """Write the position of the cheapest pair of each row into `near`: the first of several, -1 for none."""
    indptr, sites, travel = pairs
    for i in range(rows[0], rows[1]):
        least = np.inf
        near[i] = -1
        for at in range(indptr[i], indptr[i + 1]):
            cost = travel[at] + crowd[sites[at]]
            if cost < least:
                least = cost
                near[i] = at


def cheapest_of_all(
    rows: tuple[int, int],
    travel: np.ndarray,
    rounded: np.ndarray,
    crowd: np.ndarray,
    crowd_rounded: np.ndarray,
    near: np.ndarray,
) -> None:
    """Do as :func:`cheapest` where every row holds every site, so that rows and sites run side by side.

    A pass in single precision, which the machine takes many at a time, finds how near each stretch comes
    to the least cost, to six digits; only stretches that come that near are looked at exactly.
    """
    n_sites, lane, stretch = len(crowd), 16, 64
    n_stretches = (n_sites + stretch - 1) // stretch
    lanes = np.empty(lane, dtype=np.float32)
    least_of = np.empty(n_stretches, dtype=np.float32)
    for i in range(rows[0], rows[1]):
        start = i * n_sites
        row = rounded[start : start + n_sites]  # slices: indices from 0 up are what the machine can batch
        for k in range(n_stretches):
            way, wait = row[k * stretch : (k + 1) * stretch], crowd_rounded[k * stretch : (k + 1) * stretch]
            lanes[:] = np.inf
            n_full = len(wait) - len(wait) % lane
            for first in range(0, n_full, lane):
                part, more = way[first : first + lane], wait[first : first + lane]
                for q in range(lane):
                    cost = part[q] + more[q]
                    lanes[q] = cost if cost < lanes[q] else lanes[q]
            for q in range(n_full, len(wait)):
                lanes[0] = min(lanes[0], way[q] + wait[q])
            least_of[k] = lanes.min()
        bound = np.float32(least_of.min() * np.float32(1.0 + 2e-6))  # above every rounding on the way
        least, best = np.inf, 0
        for k in range(n_stretches):
            if least_of[k] <= bound:
                for site in range(k * stretch, min((k + 1) * stretch, n_sites)):
                    exact = travel[start + site] + crowd[site]
                    if exact < least:
                        least, best = exact, site
        near[i] = start + best


def choose_moves(
    rows: tuple[int, int],
    pairs: tuple[np.ndarray, np.ndarray],
    persons: np.ndarray,
    places: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    supply: np.ndarray,
    load: np.ndarray,
    crowd: np.ndarray,
    near: np.ndarray,
    largest_share: float,
    moves: tuple[np.ndarray, np.ndarray],
) -> None:
    """Choose for each row the move from its dearest site in use to its cheapest, `near`; fill `moves`.

    `pairs` is sites and travel; `places` is for each row the number of sites in use, and of these the
    site, the travel and the persons; `moves` is the place that persons leave, and how many.
    """
    sites, travel = pairs
    n_used, used, way, flow = places
    source, amount = moves
    for i in range(rows[0], rows[1]):
        amount[i] = 0.0
        if n_used[i] == 0:
            continue
        low = sites[near[i]]
        most, high, slot, there = -np.inf, -1, -1, 0.0
        for q in range(n_used[i]):
            site = used[i, q]
            if site == low:
                there = flow[i, q]
            cost = way[i, q] + crowd[site]
            if cost > most or (cost == most and site < high):
                most, high, slot = cost, site, q
        if high == low:
            continue
        gain = way[i, slot] - travel[near[i]] + (there + load[high]) / supply[high]
        gain -= (load[low] - there) / supply[low]
        wanted = supply[low] * supply[high] / (supply[low] + supply[high]) * gain - there
        source[i] = slot
        amount[i] = min(min(wanted, flow[i, slot]), largest_share * persons[i])


def make_moves(
    pairs: tuple[np.ndarray, np.ndarray],
    places: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    load: np.ndarray,
    near: np.ndarray,
    moves: tuple[np.ndarray, np.ndarray],
    first_row: int,
) -> int:
    """Make the chosen moves to `near`; return the row whose list is full, or the number of rows."""
    sites, travel = pairs
    n_used, used, way, flow = places
    source, amount = moves
    for i in range(first_row, len(amount)):
        if amount[i] == 0.0:
            continue
        target = sites[near[i]]
        slot = -1
        for q in range(n_used[i]):
            if used[i, q] == target:
                slot = q
        if slot < 0:
            if n_used[i] == used.shape[1]:
                return i
            slot = n_used[i]
            used[i, slot], way[i, slot], flow[i, slot] = target, travel[near[i]], 0.0
            n_used[i] += 1
        flow[i, slot] += amount[i]
        load[target] += amount[i]
        left = source[i]
        flow[i, left] -= amount[i]
        load[used[i, left]] -= amount[i]
        if flow[i, left] == 0.0:  # keep the list short: the last entry takes the empty place
            last = n_used[i] - 1
            used[i, left], way[i, left], flow[i, left] = used[i, last], way[i, last], flow[i, last]
            n_used[i] = last
    return len(amount)
