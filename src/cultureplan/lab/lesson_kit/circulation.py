"""How far a book travels: along the tree of libraries, between neighbours, and on delivery rounds."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd

from cultureplan.travel.modes import straight_line_costs
from cultureplan.world.world import World


def library_tree(world: World) -> nx.Graph[str]:
    """Return who reports to whom as a graph whose edges know their length.

    Parameters
    ----------
    world : World
        A world with a service network.

    Returns
    -------
    networkx.Graph
        One node an existing facility; each edge has ``km``, the straight line between its ends.
    """
    tree: nx.Graph[str] = world.network.to_networkx().to_undirected()
    for one, other in tree.edges:
        tree.edges[one, other]["km"] = _km(tree.nodes[one], tree.nodes[other])
    return tree


def neighbour_routes(
    world: World, *, level: str = "service_point", within_m: float = 2_000.0
) -> pd.DataFrame:
    """Return how far a book travels along the tree between facilities that are neighbours on the map.

    Parameters
    ----------
    world : World
        A world with a service network.
    level : str
        Level of both ends.
    within_m : float
        What counts as neighbours, straight line.

    Returns
    -------
    DataFrame
        ``first``, ``second``, ``apart_km``, ``route_km`` (infinite where no link leads from one to the
        other), ``same_parent``; the longest way first.
    """
    ids = world.facilities.ids[world.facilities.select(levels=(level,))]
    xy = world.facilities.xy[world.facilities.select(levels=(level,))]
    near = straight_line_costs(xy, xy, limit_m=within_m)
    tree, parents = library_tree(world), world.network.parents
    rows = []
    for here, there, apart_m in zip(near.rows, near.indices, near.values, strict=True):
        if here < there:
            first, second = ids[here], ids[there]
            is_linked = nx.has_path(tree, first, second)
            route_km = nx.shortest_path_length(tree, first, second, weight="km") if is_linked else np.inf
            rows.append((first, second, apart_m / 1_000, route_km, parents[first] == parents[second]))
    columns = ["first", "second", "apart_km", "route_km", "same_parent"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(["route_km", "first"], ascending=[False, True], ignore_index=True)


def delivery_rounds(world: World) -> pd.DataFrame:
    """Return how far each library drives to supply those that report to it, straight lines.

    Parameters
    ----------
    world : World
        A world with a service network.

    Returns
    -------
    DataFrame, index facility_id of the supplier
        ``name``, ``level``, ``n_stops``, ``there_and_back_km`` (a trip to each stop) and ``round_km`` (one
        round over all stops).

    Notes
    -----
    A shortest round is hard to find; this one comes from Christofides' method and is at most half as long
    again as the shortest, usually a tenth.

    References
    ----------
    Christofides, N. (1976). Worst-case analysis of a new heuristic for the travelling salesman problem.
    Report 388, Graduate School of Industrial Administration, Carnegie Mellon University.
    """
    tree, network = library_tree(world), world.network
    rows = {}
    for supplier in network.ids[network.span_of_control.to_numpy() > 0]:
        stops = network.children(supplier)
        node = tree.nodes[supplier]
        rows[supplier] = {
            "name": node["name"],
            "level": node["level"],
            "n_stops": len(stops),
            "there_and_back_km": 2 * sum(tree.edges[supplier, stop]["km"] for stop in stops),
            "round_km": _round_km({one: tree.nodes[one] for one in (supplier, *stops)}),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("facility_id")


def _round_km(stops: Mapping[str, Mapping[str, float]]) -> float:
    """Return the length of one round over all stops."""
    roads: nx.Graph[str] = nx.Graph()
    names = list(stops)
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            roads.add_edge(one, other, km=_km(stops[one], stops[other]))
    if len(names) == 2:
        return 2 * float(roads.edges[names[0], names[1]]["km"])
    tour = nx.approximation.traveling_salesman_problem(
        roads, weight="km", method=nx.approximation.christofides
    )
    return float(sum(roads.edges[one, other]["km"] for one, other in pairwise(tour)))


def _km(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return float(np.hypot(one["x_m"] - other["x_m"], one["y_m"] - other["y_m"])) / 1_000
