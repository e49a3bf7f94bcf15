"""Costs along streets equal those of networkx on a graph in which every point is a node of its own."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings

from cultureplan.travel.street_search import (
    count_along_streets,
    nearest_along_streets,
    nodes_along_streets,
    pairs_along_streets,
)
from cultureplan.travel.streets import Streets
from tests.street_networks import Case, cases, graph_with_points, lattice, nearest_place

pytestmark = pytest.mark.peer


def peer_costs(case: Case, *, one_way: bool, off_street: bool = True) -> np.ndarray:
    """Return every cost in metres by networkx, shape (n_demand, n_sites), infinite where there is no way."""
    places: dict[str, tuple[int, float]] = {}
    stubs: dict[str, float] = {}
    for kind, points in (("d", case.demand_xy), ("s", case.site_xy)):
        for number, point in enumerate(points):
            street, share, distance_m, clear = nearest_place(case.streets, point)
            assume(clear)
            places[f"{kind}{number}"] = (street, share)
            stubs[f"{kind}{number}"] = distance_m if off_street else 0.0
    graph = graph_with_points(case.streets, places, one_way=one_way)
    table = np.full((len(case.demand_xy), len(case.site_xy)), np.inf)
    for i in range(len(case.demand_xy)):
        reached = nx.single_source_dijkstra_path_length(graph, f"d{i}", weight="length")
        for j in range(len(case.site_xy)):
            if f"s{j}" in reached:
                table[i, j] = reached[f"s{j}"] + stubs[f"d{i}"] + stubs[f"s{j}"]
    return table


def dense(mode: Streets, case: Case, limit: float) -> np.ndarray:
    """Return our costs as a full table, infinite where no pair is stored."""
    costs = mode.costs_between(case.streets, case.demand_xy, case.site_xy, limit=limit)
    table = np.full((costs.n_demand, costs.n_facilities), np.inf)
    table[costs.rows, costs.indices] = costs.values
    return table


@given(cases())
def test_metres_equal_networkx_with_the_points_inserted_as_nodes(case: Case) -> None:
    """Points on edges and beside them, one-way streets, two points on one street, parts that do not meet."""
    for one_way in (False, True):
        ours = dense(Streets(unit="m", one_way=one_way), case, 1e6)
        theirs = peer_costs(case, one_way=one_way)
        np.testing.assert_array_equal(np.isfinite(ours), np.isfinite(theirs))
        np.testing.assert_allclose(ours[np.isfinite(ours)], theirs[np.isfinite(theirs)], atol=1e-6)


@given(cases())
def test_minutes_are_metres_over_the_speed_and_cut_off_at_the_limit(case: Case) -> None:
    """Walking 80 m a minute: pairs within 6 minutes are those within 480 m, no more and no fewer."""
    theirs = peer_costs(case, one_way=False) / 80
    ours = dense(Streets(speed_m_per_minute=80), case, 6)
    clear = ~np.isclose(theirs, 6, rtol=1e-9)
    np.testing.assert_array_equal(np.isfinite(ours)[clear], (theirs <= 6)[clear])
    both = np.isfinite(ours) & np.isfinite(theirs)
    np.testing.assert_allclose(ours[both], theirs[both], atol=1e-8)


@settings(max_examples=60)
@given(cases())
def test_the_compiled_way_and_the_scipy_way_give_the_same_answers(case: Case) -> None:
    """Pairs, counts, nearest (also at a tie) and reached nodes, to the last bit."""
    for mode in (Streets(speed_m_per_minute=80, one_way=True), Streets(profile="drive", off_street=False)):
        graph = mode.graph(case.streets)
        sites, points = graph.snap(case.site_xy, 50), graph.snap(case.demand_xy, 50)
        answers = []
        for compiled in (True, False):
            start, point, cost = pairs_along_streets(graph, sites, points, limit=4, compiled=compiled)
            order = np.lexsort((point, np.repeat(np.arange(len(start) - 1), np.diff(start))))
            near_start, node, weight = nodes_along_streets(graph, sites, limit=4, compiled=compiled)
            node_order = np.lexsort((node, np.repeat(np.arange(len(near_start) - 1), np.diff(near_start))))
            answers.append(
                [
                    start,
                    point[order],
                    cost[order],
                    count_along_streets(graph, sites, points, limit=4, compiled=compiled),
                    *nearest_along_streets(graph, sites, points, compiled=compiled),
                    near_start,
                    node[node_order],
                    weight[node_order],
                ]
            )
        for compiled_answer, scipy_answer in zip(*answers, strict=True):
            np.testing.assert_array_equal(compiled_answer, scipy_answer)


@given(cases())
def test_the_nearest_is_the_lowest_cost_and_counts_are_the_pairs(case: Case) -> None:
    """The search from all facilities at once agrees with the pairs from each."""
    graph = Streets(unit="m", one_way=True).graph(case.streets)
    sites, points = graph.snap(case.site_xy, 50), graph.snap(case.demand_xy, 50)
    table = dense(Streets(unit="m", one_way=True, snap_limit_m=50), case, 1e6)
    site, cost = nearest_along_streets(graph, sites, points)
    np.testing.assert_array_equal(cost, table.min(axis=1))
    np.testing.assert_array_equal(site, np.where(np.isfinite(cost), table.argmin(axis=1), -1))
    counts = count_along_streets(graph, sites, points, limit=300)
    np.testing.assert_array_equal(counts, (table <= 300).sum(axis=1))


def test_a_town_searched_in_threads_is_the_same_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """130 libraries on a lattice of 900 crossings, against networkx: pairs, counts and reached nodes."""
    town = lattice(30)
    at = np.random.default_rng(5).choice(town.n_nodes, 130, replace=False)
    graph = Streets(unit="m").graph(town)
    sites, points = graph.snap(town.node_xy[at], 1), graph.snap(town.node_xy, 1)
    answers = []
    for threads in (1, 4):
        monkeypatch.setattr("cultureplan.travel.street_search.MAX_THREADS", threads)
        monkeypatch.setattr("os.cpu_count", lambda: 4)
        answers.append(
            [
                *pairs_along_streets(graph, sites, points, limit=450, compiled=True),
                count_along_streets(graph, sites, points, limit=450, compiled=True),
                *nodes_along_streets(graph, sites, limit=450, compiled=True),
            ]
        )
    for one, several in zip(*answers, strict=True):
        np.testing.assert_array_equal(one, several)
    peer = nx.Graph()
    peer.add_weighted_edges_from(zip(town.tail, town.head, town.length_m, strict=True), weight="length")
    start, point, cost = answers[0][:3]
    for row, node in enumerate(at):
        reached = nx.single_source_dijkstra_path_length(peer, node, cutoff=450, weight="length")
        own = slice(start[row], start[row + 1])
        assert dict(zip(point[own].tolist(), cost[own].tolist(), strict=True)) == reached
