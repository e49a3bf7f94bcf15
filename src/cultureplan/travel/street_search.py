"""Searches along streets from facilities: the nearest, all pairs within a limit, and what is reached.

Large inputs run on the compiled bucket queue, small ones on scipy's Dijkstra, which compiles nothing.
Both add up the same weights in the same order and decide by the same comparison, so the answers are the
same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from cultureplan.travel.street_arrays import Arcs, Direct, Floats, Ints, Positions, Seeds
from cultureplan.travel.street_graph import Snapped, StreetGraph

if TYPE_CHECKING:
    from cultureplan.travel.street_kernels import Loops

T = TypeVar("T")

MAX_THREADS = 4
SMALL_WORK = 5_000_000  # (nodes + points) x facilities up to which scipy is quicker than a first compile
_CHUNK_CELLS = 2_000_000  # nodes x facilities that scipy holds at one time
_SITES_A_THREAD = 32  # fewer are not worth a thread and its working space
_SLACK = 1.0 + 1e-9  # the search looks a hair further; the decision is taken on the costs


def pairs_along_streets(
    graph: StreetGraph, sites: Snapped, points: Snapped, *, limit: float, compiled: bool | None = None
) -> tuple[Ints, Positions, Floats]:
    """Return every (site, point) pair whose cost is at most `limit`, site by site.

    Parameters
    ----------
    graph : StreetGraph
    sites, points : Snapped
        Where facilities and people are; what is not snapped has no pairs.
    limit : float
        In the unit of the graph, inclusive.
    compiled : bool, optional
        Which way to take; decided by size where absent.

    Returns
    -------
    start : ndarray of int64, shape (n_sites + 1,)
    point : ndarray of int32, shape (n_pairs,)
        In no particular order within a site.
    cost : ndarray of float64, shape (n_pairs,)
    """
    if _is_large(graph, sites, points, compiled):
        parts = _pairs_in_threads(graph, sites, points, limit, stored=True)
        return _one_after_the_other([part[:3] for part in parts])
    seeds, bound = graph.seeds(sites), limit * graph.divisor * _SLACK
    found: list[np.ndarray] = []
    costs: list[np.ndarray] = []
    for cost in _rows_to_points(graph, seeds, points, sites, bound):
        near = np.flatnonzero(cost <= limit)
        found.append(near.astype(np.int32))
        costs.append(cost[near])
    start = np.concatenate([[0], np.cumsum([len(near) for near in found])]).astype(np.int64)
    none = np.empty(0)
    return start, np.concatenate([none.astype(np.int32), *found]), np.concatenate([none, *costs])


def count_along_streets(
    graph: StreetGraph, sites: Snapped, points: Snapped, *, limit: float, compiled: bool | None = None
) -> Ints:
    """Return how many sites are within `limit` of each point, shape (n_points,)."""
    if _is_large(graph, sites, points, compiled):
        parts = _pairs_in_threads(graph, sites, points, limit, stored=False)
        return np.sum([part[3] for part in parts], axis=0)
    _, point, _ = pairs_along_streets(graph, sites, points, limit=limit, compiled=False)
    return np.bincount(point, minlength=len(points.street)).astype(np.int64)


def nearest_along_streets(
    graph: StreetGraph,
    sites: Snapped,
    points: Snapped,
    *,
    limit: float = np.inf,
    compiled: bool | None = None,
) -> tuple[Ints, Floats]:
    """Return the nearest site of each point and its cost; a tie goes to the site that stands first.

    Returns
    -------
    site : ndarray of int64, shape (n_points,)
        -1 where none can be reached within `limit`.
    cost : ndarray of float64, shape (n_points,)
        Infinite there.
    """
    n = len(points.street)
    site, weight = np.full(n, -1, dtype=np.int64), np.full(n, np.inf)
    seeds = graph.seeds(sites)
    bound = limit * graph.divisor * _SLACK
    if not _is_large(graph, sites, points, compiled):
        cost = weight
        for at, row in enumerate(_rows_to_points(graph, seeds, points, sites, bound)):
            nearer = row < cost
            site[nearer], cost[nearer] = at, row[nearer]
    else:
        node_weight, node_site = _spread_from_all(graph, seeds, bound)
        ways = graph.ways(points)
        for side in (0, 1):
            node = np.maximum(ways.node[:, side], 0)
            there = np.where(ways.node[:, side] >= 0, node_weight[node] + ways.weight[:, side], np.inf)
            _take_lower(site, weight, np.arange(n), node_site[node], there)
        direct = graph.direct(sites, points)
        by_site = np.repeat(np.arange(len(sites.street)), np.diff(direct.start))
        order = np.lexsort((by_site, direct.weight, direct.point))  # the best pair of each point
        first = order[np.flatnonzero(np.diff(direct.point[order], prepend=-1))]
        _take_lower(site, weight, direct.point[first], by_site[first], direct.weight[first])
        cost = weight / graph.divisor
    site[cost > limit] = -1
    cost[site < 0] = np.inf
    return site, cost


def nodes_along_streets(
    graph: StreetGraph, sites: Snapped, *, limit: float, compiled: bool | None = None
) -> tuple[Ints, Positions, Floats]:
    """Return the nodes within `limit` of each site, site by site, with their weights.

    Returns
    -------
    start : ndarray of int64, shape (n_sites + 1,)
    node : ndarray of int32, shape (n_reached,)
        In no particular order within a site.
    weight : ndarray of float64, shape (n_reached,)
        Divide by the graph's divisor for a cost.
    """
    seeds = graph.seeds(sites)
    bound = limit * graph.divisor
    if _is_large(graph, sites, None, compiled):
        kernels, arcs = _kernels(), graph.arcs
        plan = kernels.plan(arcs, seeds, bound)

        def reach(first: int, last: int) -> tuple[Ints, Positions, Floats]:
            return kernels.loops.reached(arcs, _some(seeds, first, last), bound, *plan)

        return _one_after_the_other(_in_threads(len(seeds.node), reach))
    found: list[np.ndarray] = []
    weights: list[np.ndarray] = []
    for row in _rows_to_nodes(graph.arcs, seeds, bound):
        near = np.flatnonzero(row <= bound)
        found.append(near.astype(np.int32))
        weights.append(row[near])
    start = np.concatenate([[0], np.cumsum([len(near) for near in found])]).astype(np.int64)
    none = np.empty(0)
    return start, np.concatenate([none.astype(np.int32), *found]), np.concatenate([none, *weights])


def nearest_of_nodes(
    graph: StreetGraph, sites: Snapped, *, limit: float = np.inf
) -> tuple[Positions, Floats]:
    """Return the nearest site of every node and its cost, by one search from all sites (compiled).

    Returns
    -------
    site : ndarray of int32, shape (n_nodes,)
        -1 where none is within `limit`.
    cost : ndarray of float64, shape (n_nodes,)
        Infinite there.
    """
    weight, site = _spread_from_all(graph, graph.seeds(sites), limit * graph.divisor)
    return site, weight / graph.divisor


def _pairs_in_threads(
    graph: StreetGraph, sites: Snapped, points: Snapped, limit: float, *, stored: bool
) -> list[tuple[Ints, Positions, Floats, Ints]]:
    """Return the pairs, or only counts, of consecutive runs of sites."""
    kernels, arcs, seeds, direct = _kernels(), graph.arcs, graph.seeds(sites), graph.direct(sites, points)
    bound = limit * graph.divisor * _SLACK
    ways = graph.by_node(graph.ways(points))
    plan = kernels.plan(arcs, seeds, bound)

    def search(first: int, last: int) -> tuple[Ints, Positions, Floats, Ints]:
        run = Direct(direct.start[first : last + 1], direct.point, direct.weight)
        some = _some(seeds, first, last)
        return kernels.loops.pairs(arcs, some, ways, run, bound, limit, graph.divisor, *plan, stored)

    return _in_threads(len(seeds.node), search)


def _in_threads(n: int, search: Callable[[int, int], T]) -> list[T]:
    """Return what a search finds for consecutive runs of `n` sites; runs do not depend on each other."""
    threads = min(os.cpu_count() or 1, MAX_THREADS, max(1, n // _SITES_A_THREAD))
    cuts = np.linspace(0, n, threads + 1).astype(int).tolist()
    if threads == 1:
        return [search(0, n)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(search, cuts[:-1], cuts[1:]))


def _some(seeds: Seeds, first: int, last: int) -> Seeds:
    return Seeds(seeds.node[first:last], seeds.weight[first:last])


def _one_after_the_other(
    parts: list[tuple[Ints, Positions, Floats]],
) -> tuple[Ints, Positions, Floats]:
    """Return the rows of several runs of sites as one."""
    if len(parts) == 1:
        return parts[0]
    counts = np.concatenate([np.diff(start) for start, _, _ in parts])
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return start, np.concatenate([part[1] for part in parts]), np.concatenate([part[2] for part in parts])


def _spread_from_all(graph: StreetGraph, seeds: Seeds, bound: float) -> tuple[Floats, Positions]:
    plan = _kernels().plan(graph.arcs, seeds, bound)
    return _kernels().loops.nearest(graph.arcs, seeds, bound, *plan)


def _take_lower(
    site: Ints, weight: Floats, point: np.ndarray, new_site: np.ndarray, new_weight: np.ndarray
) -> None:
    """Let points take what is nearer, or as near and of a site that stands earlier."""
    held = weight[point]
    better = (new_weight < held) | ((new_weight == held) & np.isfinite(held) & (new_site < site[point]))
    site[point[better]], weight[point[better]] = new_site[better], new_weight[better]


def _rows_to_nodes(arcs: Arcs, seeds: Seeds, bound: float) -> Iterator[Floats]:
    """Yield the weight of every node from each source, infinite beyond the bound, by scipy."""
    n_nodes, n_sources = len(arcs.start) - 1, len(seeds.node)
    # each source is a node of its own, with arcs to where its search begins
    source, side = np.nonzero(seeds.node >= 0)
    indptr = np.concatenate(
        [arcs.start, arcs.start[-1] + np.cumsum(np.bincount(source, minlength=n_sources))]
    )
    indices = np.concatenate([arcs.to, seeds.node[source, side]])
    data = np.concatenate([arcs.weight, seeds.weight[source, side]])
    size = n_nodes + n_sources
    matrix = csr_array((data, indices, indptr.astype(np.int32)), shape=(size, size))
    chunk = max(1, _CHUNK_CELLS // max(size, 1))
    for first in range(0, n_sources, chunk):
        sources = n_nodes + np.arange(first, min(first + chunk, n_sources))
        yield from dijkstra(matrix, directed=True, indices=sources, limit=bound)[:, :n_nodes]


def _rows_to_points(
    graph: StreetGraph, seeds: Seeds, points: Snapped, sites: Snapped, bound: float
) -> Iterator[Floats]:
    """Yield the cost of every point from each site, infinite beyond the bound."""
    ways, direct = graph.ways(points), graph.direct(sites, points)
    node = np.maximum(ways.node, 0)
    for at, row in enumerate(_rows_to_nodes(graph.arcs, seeds, bound)):
        weight = np.where(ways.node >= 0, row[node] + ways.weight, np.inf).min(axis=1, initial=np.inf)
        pairs = slice(direct.start[at], direct.start[at + 1])
        np.minimum.at(weight, direct.point[pairs], direct.weight[pairs])
        yield weight / graph.divisor


def _is_large(graph: StreetGraph, sites: Snapped, points: Snapped | None, compiled: bool | None) -> bool:
    if compiled is not None:
        return compiled
    n_points = 0 if points is None else len(points.street)
    return (graph.network.n_nodes + n_points) * len(sites.street) > SMALL_WORK


class _Compiled:
    """The compiled searches and their plan, loaded when first needed: loading numba takes a second."""

    def __init__(self) -> None:
        from cultureplan.travel.street_kernels import bucket_plan, loops

        self.loops: Loops = loops()
        self.plan = bucket_plan


_cache: list[_Compiled] = []


def _kernels() -> _Compiled:
    if not _cache:
        _cache.append(_Compiled())
    return _cache[0]
