"""Street networks from and to networkx graphs, in the manner of OSMnx."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from cultureplan.base.checks import FaultList, Origin
from cultureplan.base.crs import (
    crs_name,
    extent_of,
    read_crs,
    suggest_metric_crs,
    to_lonlat,
    transform,
    validate_metric_crs,
)
from cultureplan.base.errors import InputError, TableError
from cultureplan.world.street_parts import (
    CLASS_NAMES,
    LENGTH_NAMES,
    ONEWAY_NAMES,
    STREETS,
    TAKEN,
    Repeats,
    StreetParts,
    drawn_from,
    first_column,
    first_word,
    joined_directions,
    node_index,
    read_oneway,
    turned,
)


def parts_from_graph(
    graph: nx.Graph[Any], *, crs: CRS, length: str | None, repeats: Repeats, origin: Origin = STREETS
) -> StreetParts:
    """Return the parts of a networkx graph; see :meth:`StreetNetwork.from_networkx`."""
    if graph.number_of_edges() == 0:
        raise TableError.of("streets.empty")
    given = graph.graph.get("crs")
    source = crs if given is None else read_crs(given)
    names = list(graph.nodes)
    node_xy = transform(_node_places(graph), source, crs) if source != crs else _node_places(graph)
    position = {name: at for at, name in enumerate(names)}
    with_key = {"keys": True} if graph.is_multigraph() else {}
    rows: list[dict[str, Any]] = []
    labels: list[str] = []
    for entry in graph.edges(data=True, **with_key):  # type: ignore[call-overload]
        tail, head, data = entry[0], entry[1], entry[-1]
        if not graph.is_directed() and str(data.get("from")) == str(head) != str(data.get("to")):
            tail, head = head, tail  # an undirected OSMnx graph keeps the direction aside
        labels.append(f"{tail} -> {head}" + (f" ({entry[2]})" if len(entry) == 4 else ""))
        rows.append({**data, "from_node": position[tail], "to_node": position[head]})
    frame = pd.DataFrame(rows, index=labels)
    faults = FaultList()
    ends = frame[["from_node", "to_node"]].to_numpy(np.int64)
    lines = _edge_lines(frame, ends, node_xy, source, crs)
    table = frame[["from_node", "to_node"]].copy()
    if length is None:
        table["length_m"] = shapely.length(lines)
    elif length not in frame.columns:
        raise TableError.of("streets.no_lengths", name=length)
    else:
        table["length_m"] = pd.to_numeric(frame[length], errors="coerce")
    against = np.zeros(len(frame), dtype=bool)
    if graph.is_directed():
        table["oneway"] = True  # until its other direction is found
    else:
        marks = frame["oneway"] if "oneway" in frame.columns else pd.Series("no", index=frame.index)
        table["oneway"], against = read_oneway(marks, origin=origin, faults=faults)
    way_class = first_column(frame, CLASS_NAMES)
    table["way_class"] = "" if way_class is None else way_class.map(first_word)
    seconds = frame["travel_time"] if "travel_time" in frame.columns else pd.Series(np.nan, index=frame.index)
    table["minutes"] = table["minutes_back"] = pd.to_numeric(seconds, errors="coerce") / 60
    table["geometry"] = drawn_from(lines, node_xy[ends[:, 0]], node_xy[ends[:, 1]])
    faults.raise_if_any(TableError)
    used = {*CLASS_NAMES, *LENGTH_NAMES, *ONEWAY_NAMES, *TAKEN, "geometry", "travel_time", length}
    for column in frame.columns:
        if column not in used | {"reversed", "from", "to"}:
            table[column] = frame[column]
    table = joined_directions(turned(table, against), repeats=repeats, origin=origin)
    return StreetParts(node_ids=node_index(names), node_xy=node_xy, edges=table, crs=crs)


def graph_crs(graph: nx.Graph[Any]) -> CRS:
    """Return the graph's own metric system, or one that fits where its nodes are in degrees."""
    given = graph.graph.get("crs")
    if given is None:
        return validate_metric_crs(None, np.empty((0, 2)))
    crs = read_crs(given)
    if not crs.is_geographic:
        return crs
    places = [
        (float(data["x"]), float(data["y"]))
        for _, data in graph.nodes(data=True)
        if "x" in data and "y" in data
    ]
    return suggest_metric_crs(extent_of(to_lonlat(np.array(places), crs))) if places else crs


def graph_of(edges: gpd.GeoDataFrame, node_ids: list[Any], node_xy: np.ndarray) -> nx.MultiDiGraph[Any]:
    """Return the graph of a table of streets; see :meth:`StreetNetwork.to_networkx`.

    Parameters
    ----------
    edges : GeoDataFrame
        As :meth:`StreetNetwork.to_edges` gives it.
    node_ids : list, shape (n_nodes,)
    node_xy : ndarray, shape (n_nodes, 2)
    """
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(
        crs=crs_name(read_crs(edges.crs)), created_with="cultureplan", simplified=True
    )
    whole = all(str(name).removeprefix("-").isdecimal() for name in node_ids)
    named = {str(name): int(name) if whole else str(name) for name in node_ids}
    ends_at = pd.concat([edges["u"], edges["v"]]).astype(str).value_counts()
    for name, (x, y) in zip(node_ids, node_xy.tolist(), strict=True):
        graph.add_node(named[str(name)], x=x, y=y, street_count=int(ends_at.get(str(name), 0)))
    plain = pd.DataFrame(edges.drop(columns=["u", "v", "length_m", "minutes", "minutes_back", "geometry"]))
    lengths = edges["length_m"].tolist()
    minutes = edges[["minutes", "minutes_back"]].to_numpy(float)
    ends = list(zip(edges["u"].astype(str), edges["v"].astype(str), strict=True))
    for row, (data, line) in enumerate(zip(plain.to_dict("records"), edges.geometry, strict=True)):
        tail, head = named[ends[row][0]], named[ends[row][1]]
        shared = {str(key): value for key, value in data.items()} | {"length": lengths[row]}
        for back in (False,) if data["oneway"] else (False, True):
            time = (
                {}
                if np.isnan(minutes[row, int(back)])
                else {"travel_time": 60 * float(minutes[row, int(back)])}
            )
            attributes = shared | time | {"geometry": line.reverse() if back else line, "reversed": back}
            if back:
                graph.add_edge(head, tail, None, **attributes)
            else:
                graph.add_edge(tail, head, None, **attributes)
    return graph


def _node_places(graph: nx.Graph[Any]) -> np.ndarray:
    places, without = [], []
    for name, data in graph.nodes(data=True):
        place = (data["x"], data["y"]) if "x" in data and "y" in data else data.get("pos")
        try:
            x, y = float(place[0]), float(place[1])  # type: ignore[index]
        except (TypeError, ValueError, IndexError):
            x = y = np.nan
        if not (np.isfinite(x) and np.isfinite(y)):
            without.append(name)
        places.append((x, y))
    if without:
        raise InputError.of("streets.no_node_place", n=len(without), first=without[0])
    return np.array(places, dtype=float)


def _edge_lines(
    frame: pd.DataFrame, ends: np.ndarray, node_xy: np.ndarray, source: CRS, crs: CRS
) -> np.ndarray:
    """Return each edge's own line, in `crs`, or the straight one between its nodes."""
    straight = shapely.linestrings(np.stack([node_xy[ends[:, 0]], node_xy[ends[:, 1]]], axis=1))
    if "geometry" not in frame.columns:
        return np.asarray(straight, dtype=object)
    own = frame["geometry"].to_numpy(object)
    text = np.array([isinstance(shape, str) for shape in own])
    own = own.copy()
    own[text] = shapely.from_wkt(own[text], on_invalid="ignore")
    drawn = np.array([isinstance(shape, shapely.LineString) for shape in own])
    lines = np.asarray(straight, dtype=object).copy()
    if drawn.any():
        shapes = own[drawn]
        if source != crs:
            shapes = shapely.transform(shapes, lambda xy: transform(xy, source, crs))
        lines[drawn] = shapes
    return lines
