"""Small street networks for tests, and the same drawn as plain graphs by networkx."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import hypothesis.strategies as st
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from cultureplan.world.streets import StreetNetwork
from tests.worlds import CRS, ORIGIN


def network(
    nodes: dict[str, tuple[float, float]],
    streets: list[tuple[str, str]],
    *,
    oneway: list[bool] | None = None,
    length_m: list[float] | None = None,
    way_class: str | list[str] = "residential",
    minutes: np.ndarray | None = None,
) -> StreetNetwork:
    """Straight streets between named nodes, metres relative to the origin of the test worlds."""
    names = list(nodes)
    xy = np.array([nodes[name] for name in names], dtype=float) + ORIGIN
    ends = np.array([(names.index(a), names.index(b)) for a, b in streets])
    lines = shapely.linestrings(np.stack([xy[ends[:, 0]], xy[ends[:, 1]]], axis=1))
    classes = [way_class] * len(streets) if isinstance(way_class, str) else way_class
    return StreetNetwork(
        node_ids=pd.Index(names, name="node_id"),
        node_xy=xy,
        tail=ends[:, 0],
        head=ends[:, 1],
        length_m=np.asarray(length_m, dtype=float) if length_m is not None else shapely.length(lines),
        lines=np.asarray(lines, dtype=object),
        crs=CRS,
        oneway=np.array(oneway) if oneway is not None else np.empty(0, bool),
        way_class=np.array(classes, dtype=object),
        minutes=minutes if minutes is not None else np.empty((0, 2)),
    )


def lattice(n: int, side_m: float = 100.0) -> StreetNetwork:
    """A town of n x n crossings, streets of equal length."""
    nodes = {f"{i}-{j}": (side_m * i, side_m * j) for i in range(n) for j in range(n)}
    right = [(f"{i}-{j}", f"{i + 1}-{j}") for i in range(n - 1) for j in range(n)]
    up = [(f"{i}-{j}", f"{i}-{j + 1}") for i in range(n) for j in range(n - 1)]
    return network(nodes, right + up)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A network, and points that lie somewhere near it."""

    streets: StreetNetwork
    demand_xy: np.ndarray
    site_xy: np.ndarray


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw up to 9 nodes on a coarse lattice, streets between any two, some one-way, and points near them.

    Lengths are whole multiples of a quarter metre and differ from the drawn ones; points lie at
    sixteenths of a street, some of them to the side, so that sums are exact and ties are real.
    """
    n = draw(st.integers(2, 9))
    spots = draw(
        st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=n, max_size=n, unique=True)
    )
    nodes = {f"N{i}": (120.0 * x, 90.0 * y) for i, (x, y) in enumerate(spots)}
    every_pair = [(f"N{i}", f"N{j}") for i in range(n) for j in range(n) if i < j]
    streets = draw(st.lists(st.sampled_from(every_pair), min_size=1, max_size=14, unique=True))
    k = len(streets)
    oneway = draw(st.lists(st.booleans(), min_size=k, max_size=k))
    length_m = draw(st.lists(st.integers(16, 1600).map(lambda q: q / 4), min_size=k, max_size=k))
    place = st.tuples(st.integers(0, k - 1), st.integers(0, 16), st.sampled_from([0.0, 0.0, 2.0, 8.0, -8.0]))
    built = network(nodes, streets, oneway=oneway, length_m=length_m)

    def located(places: list[tuple[int, int, float]]) -> np.ndarray:
        rows = []
        for street, sixteenth, side in places:
            a, b = np.array(built.lines[street].coords)
            across = np.array([-(b - a)[1], (b - a)[0]]) / np.hypot(*(b - a))
            rows.append(a + (b - a) * sixteenth / 16 + across * side)
        return np.array(rows)

    return Case(
        streets=built,
        demand_xy=located(draw(st.lists(place, min_size=1, max_size=8))),
        site_xy=located(draw(st.lists(place, min_size=1, max_size=5))),
    )


def nearest_place(streets: StreetNetwork, point: np.ndarray) -> tuple[int, float, float, bool]:
    """Street, share, distance, and whether the choice is clear, by looking at every street."""
    at = shapely.Point(point)
    distances = np.array([line.distance(at) for line in streets.lines])
    street = int(distances.argmin())
    places = [line.interpolate(line.project(at)) for line in streets.lines]
    near = np.flatnonzero(distances <= distances.min() + 1e-6)
    ends = [shapely.boundary(streets.lines[row]) for row in near]
    one_node = all(
        places[row].distance(end) < 1e-6 and places[row].distance(places[street]) < 1e-6
        for row, end in zip(near, ends, strict=True)
    )
    share = float(streets.lines[street].project(at, normalized=True))
    return street, share, float(distances[street]), len(near) == 1 or one_node


def graph_with_points(
    streets: StreetNetwork, points: dict[str, tuple[int, float]], *, one_way: bool
) -> nx.MultiDiGraph[object]:
    """The network as a graph in which every point is a node that cuts its street."""
    graph: nx.MultiDiGraph[object] = nx.MultiDiGraph()
    graph.add_nodes_from(range(streets.n_nodes))
    for row in range(len(streets)):
        tail, head = int(streets.tail[row]), int(streets.head[row])
        on_it: list[tuple[float, object]] = [(0.0, tail), (1.0, head)]
        on_it += [(share, name) for name, (street, share) in points.items() if street == row]
        on_it.sort(key=lambda entry: (entry[0], entry[1] == head, entry[1] != tail))
        for (a, first), (b, second) in itertools.pairwise(on_it):
            metres = (b - a) * float(streets.length_m[row])
            graph.add_edge(first, second, length=metres)
            # what lies at one spot is together, whatever the direction of traffic
            if not (one_way and streets.oneway[row]) or metres < 1e-6:
                graph.add_edge(second, first, length=metres)
    return graph
