"""Compiled searches along streets: bounded, from many sources, on a graph in CSR form.

All searches share one loop (:func:`_spread`): a bucket queue in the manner of Dial (1969). Nodes wait in
buckets of equal width, each in a doubly linked list, so a node moves to a nearer bucket in constant time;
a node whose cost falls after it was taken from a bucket is put back, so the answer does not depend on the
width. Only nodes that were touched are cleaned up: a search costs what lies within its bound.

The sums are taken in the order of the path, source first, as scipy's Dijkstra takes them: both give the
same numbers to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, ParamSpec, TypeVar

import numba
import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from cultureplan.travel.street_arrays import Arcs, Direct, Floats, Ints, Points, Positions, Seeds

P = ParamSpec("P")
R = TypeVar("R")

MAX_BUCKETS = 1_000_000  # a search takes wider buckets rather than more of them
BUCKETS_A_STREET = 2.0  # buckets in a street of mean weight: measured, flat between 1 and 8


def _jitable(function: Callable[P, R]) -> Callable[P, R]:
    """Let compiled loops call a function that stays plain Python for everybody else."""
    marked: Callable[P, R] = register_jitable(function)
    return marked


class _Queue(NamedTuple):
    """Working space of a search, clean between searches.

    Attributes
    ----------
    cost : array of float64, shape (n_nodes,)
        Infinite where not yet reached.
    label : array of int32, shape (n_nodes,)
        Source that reached the node.
    head : array of int32, shape (n_buckets,)
    after, before : array of int32, shape (n_nodes,)
        Neighbours in the list of a bucket; -1 at its ends.
    waiting : array of bool, shape (n_nodes,)
    touched : array of int32, shape (n_nodes,)
    width : float
        Width of a bucket.
    """

    cost: Floats
    label: Positions
    head: Positions
    after: Positions
    before: Positions
    waiting: NDArray[np.bool_]
    touched: Positions
    width: float


def bucket_plan(arcs: Arcs, seeds: Seeds, bound: float) -> tuple[int, float]:
    """Return the number of buckets (a power of two) and their width for searches from some seeds.

    What waits at one time spans at most the longest arc or the spread of the seeds, and never more than
    the bound.
    """
    longest = float(arcs.weight.max(initial=0.0))
    mean = float(arcs.weight.mean()) if len(arcs.weight) else 1.0
    seeded = seeds.weight[seeds.node >= 0]
    span = min(max(longest, float(seeded.max(initial=0.0))), bound)
    width = max(mean / BUCKETS_A_STREET, span / MAX_BUCKETS, 1e-12)
    return 1 << (int(span / width) + 2).bit_length(), width


@_jitable
def _new_queue(n_nodes: int, n_buckets: int, width: float) -> _Queue:
    return _Queue(
        np.full(n_nodes, np.inf),
        np.full(n_nodes, -1, dtype=np.int32),
        np.full(n_buckets, -1, dtype=np.int32),
        np.full(n_nodes, -1, dtype=np.int32),
        np.full(n_nodes, -1, dtype=np.int32),
        np.zeros(n_nodes, dtype=np.bool_),
        np.empty(n_nodes, dtype=np.int32),
        width,
    )


@_jitable
def _spread(arcs: Arcs, seeds: Seeds, first: int, last: int, bound: float, queue: _Queue) -> int:
    """Reach every node within `bound` of the sources ``first:last``; return how many were touched.

    One long loop over bare arrays: calls with tuples of arrays in the inner loop cost ten times as much.
    """
    start, to, weight = arcs.start, arcs.to, arcs.weight
    costs, labels, head, after = queue.cost, queue.label, queue.head, queue.after
    before, waiting, touched, width = queue.before, queue.waiting, queue.touched, queue.width
    per_weight, mask = 1.0 / width, len(head) - 1  # buckets are a power of two, used round and round
    n_touched, n_waiting = 0, 0
    bucket, at, side = 0, first, 0
    node, cost, label = -1, 0.0, -1
    arc, end = 0, 0
    lowest = np.inf
    seeding = True
    while True:
        # what is offered next: a seed, or the end of an arc of the node taken last
        if seeding:
            if at == last:
                seeding = False
                if n_waiting == 0:
                    return n_touched
                bucket = int(lowest * per_weight) & mask
                continue
            target, further, label = seeds.node[at, side], seeds.weight[at, side], at
            at, side = at + side, 1 - side
            if target < 0 or further > bound:
                continue
            lowest = min(lowest, further)
        elif arc < end:
            target, further = to[arc], cost + weight[arc]
            arc += 1
            if further > bound:
                continue
        elif n_waiting == 0:
            return n_touched
        else:
            node = head[bucket]
            if node < 0:
                bucket = (bucket + 1) & mask
                continue
            head[bucket] = after[node]
            if after[node] >= 0:
                before[after[node]] = -1
            waiting[node] = False
            n_waiting -= 1
            cost, label = costs[node], labels[node]
            arc, end = start[node], start[node + 1]
            continue
        # a node takes a lower cost, or at the same cost a lower label
        held = costs[target]
        if further > held or (further == held and label >= labels[target]):
            continue
        if held == np.inf:
            touched[n_touched] = target
            n_touched += 1
        if waiting[target]:
            n_waiting -= 1
            if before[target] >= 0:
                after[before[target]] = after[target]
            else:
                head[int(held * per_weight) & mask] = after[target]
            if after[target] >= 0:
                before[after[target]] = before[target]
        costs[target], labels[target] = further, label
        place = int(further * per_weight) & mask
        before[target], after[target] = -1, head[place]
        if head[place] >= 0:
            before[head[place]] = target
        head[place] = target
        waiting[target] = True
        n_waiting += 1


@_jitable
def _clean(queue: _Queue, n_touched: int) -> None:
    touched, cost, label = queue.touched, queue.cost, queue.label
    for at in range(n_touched):
        cost[touched[at]] = np.inf
        label[touched[at]] = -1


@_jitable
def _longer(array: Any, used: int) -> Any:
    grown = np.empty(2 * len(array), dtype=array.dtype)
    grown[:used] = array[:used]
    return grown


def nearest(arcs: Arcs, seeds: Seeds, bound: float, n_buckets: int, width: float) -> tuple[Floats, Positions]:
    """Return for each node the cost of the nearest source and its position; a tie goes to the lower."""
    queue = _new_queue(len(arcs.start) - 1, n_buckets, width)
    _spread(arcs, seeds, 0, len(seeds.node), bound, queue)
    return queue.cost, queue.label


def pairs(
    arcs: Arcs,
    seeds: Seeds,
    points: Points,
    direct: Direct,
    bound: float,
    limit: float,
    divisor: float,
    n_buckets: int,
    width: float,
    stored: bool,
) -> tuple[Ints, Positions, Floats, Ints]:
    """Return every (source, point) pair whose cost is within the limit, source by source.

    Parameters
    ----------
    arcs, seeds, points, direct
        The graph, and where sources and points are.
    bound : float
        How far the search goes, in weights; a hair beyond the limit.
    limit, divisor : float
        A pair counts where ``weight / divisor <= limit``.
    n_buckets, width
        From :func:`bucket_plan`.
    stored : bool
        Whether pairs are kept, or only counted by point.

    Returns
    -------
    start : array of int64, shape (n_sources + 1,)
    point : array of int32, shape (n_pairs,)
    cost : array of float64, shape (n_pairs,)
    n_sources : array of int64, shape (n_points,)
        Sources within the limit of each point.
    """
    queue = _new_queue(len(arcs.start) - 1, n_buckets, width)
    best = np.full(points.n, np.inf)
    found = np.empty(points.n, dtype=np.int32)
    counts = np.zeros(points.n, dtype=np.int64)
    start = np.zeros(len(seeds.node) + 1, dtype=np.int64)
    point = np.empty(1024, dtype=np.int32)
    costs = np.empty(1024, dtype=np.float64)
    end = 0
    for source in range(len(seeds.node)):
        n_touched = _spread(arcs, seeds, source, source + 1, bound, queue)
        n_found = 0
        for at in range(direct.start[source], direct.start[source + 1]):
            p = direct.point[at]
            if best[p] == np.inf:
                found[n_found] = p
                n_found += 1
            best[p] = min(best[p], direct.weight[at])
        for at in range(n_touched):
            node = queue.touched[at]
            cost = queue.cost[node]
            for way in range(points.start[node], points.start[node + 1]):
                p, further = points.point[way], cost + points.weight[way]
                if further < best[p]:
                    if best[p] == np.inf:
                        found[n_found] = p
                        n_found += 1
                    best[p] = further
        for at in range(n_found):
            p = found[at]
            cost = best[p] / divisor
            best[p] = np.inf
            if cost <= limit:
                counts[p] += 1
                if stored:
                    if end == len(point):
                        point, costs = _longer(point, end), _longer(costs, end)
                    point[end] = p
                    costs[end] = cost
                    end += 1
        _clean(queue, n_touched)
        start[source + 1] = end
    return start, point[:end].copy(), costs[:end].copy(), counts


def reached(
    arcs: Arcs, seeds: Seeds, bound: float, n_buckets: int, width: float
) -> tuple[Ints, Positions, Floats]:
    """Return the nodes each source reaches within a bound, source by source.

    Returns
    -------
    start : array of int64, shape (n_sources + 1,)
    node : array of int32, shape (n_reached,)
        In the order in which they were touched.
    cost : array of float64, shape (n_reached,)
    """
    queue = _new_queue(len(arcs.start) - 1, n_buckets, width)
    start = np.zeros(len(seeds.node) + 1, dtype=np.int64)
    node = np.empty(1024, dtype=np.int32)
    costs = np.empty(1024, dtype=np.float64)
    end = 0
    for source in range(len(seeds.node)):
        n_touched = _spread(arcs, seeds, source, source + 1, bound, queue)
        while end + n_touched > len(node):
            node, costs = _longer(node, end), _longer(costs, end)
        for at in range(n_touched):
            node[end] = queue.touched[at]
            costs[end] = queue.cost[queue.touched[at]]
            end += 1
        _clean(queue, n_touched)
        start[source + 1] = end
    return start, node[:end].copy(), costs[:end].copy()


class Loops(NamedTuple):
    """The searches, plain or compiled."""

    nearest: Callable[..., tuple[Floats, Positions]]
    pairs: Callable[..., tuple[Ints, Positions, Floats, Ints]]
    reached: Callable[..., tuple[Ints, Positions, Floats]]


@cache
def loops(*, compiled: bool = True) -> Loops:
    """Return the searches compiled (once, then cached on disk), or as plain Python for tests."""
    plain: tuple[Any, ...] = (nearest, pairs, reached)
    if not compiled:
        return Loops(*plain)
    return Loops(*(numba.njit(cache=True, nogil=True)(function) for function in plain))
