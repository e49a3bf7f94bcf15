"""From lines to the plain table a street network is made of.

A street that traffic may use in both directions is one row, whatever the source: graphs that list each
direction as an edge of its own (OSMnx) have the two joined again where ends and shape agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from cultureplan.base.checks import FaultList, Origin
from cultureplan.base.crs import read_crs
from cultureplan.base.errors import CrsError, TableError, WrongTypeError

Repeats = Literal["error", "drop"]

STREETS = Origin(table="streets")
CLASS_NAMES = ("way_class", "highway", "道路等级", "等级")
LENGTH_NAMES = ("length_m", "length", "长度", "长度（米）")
ONEWAY_NAMES = ("oneway", "one_way", "单行", "单向")
_YES = {"true", "yes", "1", "1.0", "t", "是"}
_NO = {"false", "no", "0", "0.0", "f", "否", "", "nan", "none", "<na>", "reversible", "alternating"}
_AGAINST = {"-1", "-1.0", "reverse"}
TAKEN = ("from_node", "to_node", "length_m", "oneway", "way_class", "minutes", "minutes_back")


@dataclass(frozen=True, kw_only=True, eq=False)
class StreetParts:
    """What a street network is made of, before it is judged.

    Parameters
    ----------
    node_ids : Index, shape (n_nodes,)
    node_xy : ndarray, shape (n_nodes, 2), metres
    edges : DataFrame
        ``from_node`` and ``to_node`` (node positions), ``length_m``, ``oneway``, ``way_class``,
        ``minutes``, ``minutes_back``, ``geometry`` (drawn from the first node to the second), then any
        other columns; the index names the rows as the user knows them.
    crs : CRS
    """

    node_ids: pd.Index
    node_xy: np.ndarray
    edges: pd.DataFrame
    crs: CRS


def first_word(value: object) -> str:
    """Return a way class as one word: OSMnx writes a list where it joined ways of several classes."""
    if isinstance(value, str):
        inner = value.strip()
        if inner.startswith("[") and inner.endswith("]"):
            inner = inner[1:-1].split(",")[0].strip().strip("'\"")
        return inner
    if isinstance(value, (list, tuple, np.ndarray)):
        return first_word(value[0]) if len(value) else ""
    return "" if value is None or value is pd.NA or value != value else str(value)


def read_oneway(values: pd.Series, *, origin: Origin, faults: FaultList) -> tuple[np.ndarray, np.ndarray]:
    """Return which streets are one-way, and which of these run against the drawn direction."""
    words = values.map(first_word).str.lower()
    yes, against = words.isin(_YES), words.isin(_AGAINST)
    known = yes | against | words.isin(_NO)
    faults.add_rows(
        "streets.bad_oneway",
        origin=origin,
        frame=values.to_frame("oneway"),
        bad=~known,
        column="oneway",
        known="yes, no, -1",
    )
    return (yes | against).to_numpy(bool), against.to_numpy(bool)


def parts_from_edges(
    edges: gpd.GeoDataFrame,
    *,
    nodes: gpd.GeoDataFrame | None,
    tolerance_m: float,
    repeats: Repeats,
    origin: Origin = STREETS,
) -> StreetParts:
    """Return the parts of a network drawn as lines; see :meth:`StreetNetwork.from_edges`."""
    if not isinstance(edges, gpd.GeoDataFrame):
        raise WrongTypeError.of(
            "fault.wrong_type", name="streets", got=type(edges).__name__, want="a GeoDataFrame"
        )
    if edges.crs is None:
        raise CrsError.of("crs.missing")
    if len(edges) == 0:
        raise TableError.of("streets.empty")
    faults = FaultList()
    frame = edges.reset_index() if nodes is not None and edges.index.nlevels == 3 else edges.copy(deep=False)
    frame = frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame
    lines = np.asarray(frame.geometry.array, dtype=object)
    bad = (shapely.get_type_id(lines) != 1) | shapely.is_empty(lines)
    faults.add_rows("streets.not_a_line", origin=origin, frame=frame, bad=bad)
    faults.raise_if_any(TableError)

    table = pd.DataFrame(index=frame.index)
    length = first_column(frame, LENGTH_NAMES)
    measured = shapely.length(lines)
    table["length_m"] = measured if length is None else pd.to_numeric(length, errors="coerce")
    oneway = first_column(frame, ONEWAY_NAMES)
    against = np.zeros(len(frame), dtype=bool)
    table["oneway"] = False
    if oneway is not None:
        table["oneway"], against = read_oneway(oneway, origin=origin, faults=faults)
    way_class = first_column(frame, CLASS_NAMES)
    table["way_class"] = "" if way_class is None else way_class.map(first_word)
    for ours in ("minutes", "minutes_back"):
        table[ours] = pd.to_numeric(frame[ours], errors="coerce") if ours in frame.columns else np.nan
    if "travel_time" in frame.columns and "minutes" not in frame.columns:  # seconds, as OSMnx writes them
        table["minutes"] = table["minutes_back"] = pd.to_numeric(frame["travel_time"], errors="coerce") / 60
    if nodes is None:
        node_xy, ends = _nodes_where_ends_meet(lines, tolerance_m)
        node_ids = _names_of_nodes(frame, ends, len(node_xy))
    else:
        node_ids, node_xy, ends = _nodes_by_id(frame, nodes, origin=origin, faults=faults)
        lines = drawn_from(lines, node_xy[ends[:, 0]], node_xy[ends[:, 1]])
    faults.raise_if_any(TableError)
    table["from_node"], table["to_node"] = ends[:, 0], ends[:, 1]
    table["geometry"] = lines
    used = {*CLASS_NAMES, *LENGTH_NAMES, *ONEWAY_NAMES, *TAKEN, "geometry", "travel_time"}
    if nodes is not None:
        used |= {"u", "v", "key", "reversed"}
    for column in frame.columns:
        if column not in used:
            table[column] = frame[column]
    table = joined_directions(turned(table, against), repeats=repeats, origin=origin)
    return StreetParts(node_ids=node_ids, node_xy=node_xy, edges=table, crs=read_crs(edges.crs))


def joined_directions(table: pd.DataFrame, *, repeats: Repeats, origin: Origin) -> pd.DataFrame:
    """Return the table with the two directions of a street joined in one row.

    Rows belong together if they have the same two end nodes, the same length (to a millimetre) and the
    same shape. Two of opposite direction are one two-way street; two of the same direction are a repeat.

    Parameters
    ----------
    table : DataFrame
        Parts of a street network.
    repeats : {"error", "drop"}
        What to do with a street that stands there twice.
    origin : Origin
        Where the table came from.

    Raises
    ------
    TableError
        Naming repeated streets, unless they are dropped.
    """
    tail, head = table["from_node"].to_numpy(), table["to_node"].to_numpy()
    lines = table["geometry"].to_numpy(object)
    keys = pd.DataFrame(
        {
            "low": np.minimum(tail, head),
            "high": np.maximum(tail, head),
            "millimetres": np.rint(table["length_m"].to_numpy(float) * 1000),
        }
    )
    several = np.flatnonzero(keys.duplicated(keep=False).to_numpy())
    if len(several) == 0:
        return table
    # shapes are compared only where ends and length agree already
    shape = np.array([line.wkb for line in shapely.normalize(lines[several])], dtype=object)
    group = keys.iloc[several].assign(shape=shape).groupby([*keys, "shape"], sort=False).ngroup()
    leader = pd.Series(several).groupby(group.to_numpy()).transform("first").to_numpy()
    along = np.array([lines[a].coords[:] == lines[b].coords[:] for a, b in zip(several, leader, strict=True)])
    oneway = table["oneway"].to_numpy(bool).copy()
    minutes_back = table["minutes_back"].to_numpy(float).copy()
    minutes = table["minutes"].to_numpy(float)
    dropped = np.zeros(len(table), dtype=bool)
    repeated = np.zeros(len(table), dtype=bool)
    opened: set[int] = set()
    for row, first, same in zip(several.tolist(), leader.tolist(), along.tolist(), strict=True):
        if row == first:
            continue
        dropped[row] = True
        if not same and first not in opened:
            if oneway[first] or oneway[row]:
                minutes_back[first] = minutes[row]
            oneway[first] = False
            opened.add(first)
        else:
            repeated[row] = True
    if repeats == "error":
        faults = FaultList()
        faults.add_rows("streets.repeated", origin=origin, frame=table, bad=repeated)
        faults.raise_if_any(TableError)
    return table.assign(oneway=oneway, minutes_back=minutes_back).loc[~dropped]


def turned(table: pd.DataFrame, against: np.ndarray) -> pd.DataFrame:
    """Return the table with streets that run against their drawn direction drawn the other way round."""
    if not against.any():
        return table
    lines = table["geometry"].to_numpy(object).copy()
    lines[against] = shapely.reverse(lines[against])
    tail, head = table["from_node"].to_numpy(), table["to_node"].to_numpy()
    ends = {"from_node": np.where(against, head, tail), "to_node": np.where(against, tail, head)}
    return table.assign(geometry=lines, **ends)


def first_column(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.Series | None:
    """Return the first column there is of some names."""
    return next((frame[name] for name in names if name in frame.columns), None)


def _nodes_where_ends_meet(lines: np.ndarray, tolerance_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes where line ends lie within a tolerance of each other, at the place of the first."""
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)])
    spots, spot = np.unique(ends, axis=0, return_inverse=True)
    near = (
        KDTree(spots).query_pairs(tolerance_m, output_type="ndarray")
        if tolerance_m > 0
        else np.empty((0, 2), int)
    )
    links = coo_array((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(len(spots), len(spots)))
    n, node = connected_components(links, directed=False)
    first = np.full(n, len(spots))
    np.minimum.at(first, node, np.arange(len(spots)))
    at = node[np.ravel(spot)]
    return spots[first], np.column_stack(np.split(at, 2))


def _names_of_nodes(frame: pd.DataFrame, ends: np.ndarray, n: int) -> pd.Index:
    """Return the node ids of columns ``u`` and ``v`` where they agree with the ends, else numbers."""
    if {"u", "v"} <= set(frame.columns) and not frame[["u", "v"]].isna().any(axis=None):
        named = pd.DataFrame(
            {
                "node": ends.ravel(),
                "id": np.array([str(name) for name in frame[["u", "v"]].to_numpy(object).ravel()], object),
            }
        ).drop_duplicates()
        if len(named) == n and named["id"].is_unique:
            return pd.Index(named.sort_values("node")["id"].to_numpy(object), name="node_id")
    return pd.Index([str(number) for number in range(n)], dtype=object, name="node_id")


def _nodes_by_id(
    frame: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, *, origin: Origin, faults: FaultList
) -> tuple[pd.Index, np.ndarray, np.ndarray]:
    """Return the nodes of a table, and where in it each street begins and ends."""
    key = next((name for name in ("node_id", "osmid", "id") if name in nodes.columns), None)
    ids = nodes.index if key is None else pd.Index(nodes[key])
    index = node_index(list(ids))
    table = nodes.to_crs(frame.crs) if nodes.crs != frame.crs and nodes.crs is not None else nodes
    node_xy = np.column_stack([table.geometry.x.to_numpy(float), table.geometry.y.to_numpy(float)])
    faults.add_rows(
        "streets.duplicate_node",
        origin=Origin(table="nodes"),
        frame=pd.DataFrame({"node_id": index}),
        bad=index.duplicated(),
        column="node_id",
    )
    faults.raise_if_any(TableError)
    pair = ("u", "v") if {"u", "v"} <= set(frame.columns) else ("from_node", "to_node")
    if not set(pair) <= set(frame.columns):
        for column in pair:
            faults.add(
                "table.missing_column",
                origin=origin,
                wanted=column,
                spelling="-",
                present=", ".join(map(str, frame.columns)),
            )
        faults.raise_if_any(TableError)
    ends = np.column_stack([index.get_indexer(pd.Index([str(value) for value in frame[c]])) for c in pair])
    for column, found in zip(pair, ends.T, strict=True):
        faults.add_rows("streets.unknown_node", origin=origin, frame=frame, bad=found < 0, column=column)
    return index, node_xy, np.maximum(ends, 0)


def drawn_from(lines: np.ndarray, tail_xy: np.ndarray, head_xy: np.ndarray) -> np.ndarray:
    """Return the lines drawn from their first node: those that begin nearer the other end are turned."""
    begin = shapely.get_coordinates(shapely.get_point(lines, 0))
    end = shapely.get_coordinates(shapely.get_point(lines, -1))
    kept = np.hypot(*(begin - tail_xy).T) + np.hypot(*(end - head_xy).T)
    turned = np.hypot(*(begin - head_xy).T) + np.hypot(*(end - tail_xy).T)
    out = lines.copy()
    wrong = turned < kept
    out[wrong] = shapely.reverse(lines[wrong])
    return out


def node_index(names: list[Any]) -> pd.Index:
    """Return node ids as text, which is what files hold."""
    return pd.Index([str(name) for name in names], dtype=object, name="node_id")
