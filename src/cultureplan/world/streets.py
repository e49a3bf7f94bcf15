"""Streets: nodes, and the streets between them with length, direction, class and shape."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from cultureplan.base.checks import FaultList, Origin
from cultureplan.base.crs import crs_name, read_crs, validate_metric_crs
from cultureplan.base.errors import InputError, TableError
from cultureplan.world.street_graphs import graph_crs, graph_of, parts_from_graph
from cultureplan.world.street_parts import STREETS, Repeats, StreetParts, parts_from_edges


@dataclass(frozen=True, kw_only=True, eq=False)
class StreetNetwork:
    """The streets of a world: what people walk, cycle and drive along.

    One row is one street between two nodes. A two-way street is one row, so a point on it lies on one
    street only. Build one with :meth:`from_edges`, :meth:`from_networkx` or ``read_streets``.

    Parameters
    ----------
    node_ids : Index, shape (n_nodes,)
        Unique ids.
    node_xy : ndarray, shape (n_nodes, 2), metres
    tail, head : ndarray of int32, shape (n_streets,)
        Positions of the nodes where the drawn line begins and ends.
    length_m : ndarray of float64, shape (n_streets,)
        Above 0; may differ a little from the length of the drawn line.
    lines : ndarray of LineString, shape (n_streets,)
        Drawn from `tail` to `head`.
    crs : CRS
        Metric coordinate system of nodes and lines.
    oneway : ndarray of bool, shape (n_streets,), optional
        Vehicles may go from `tail` to `head` only; none where absent.
    way_class : ndarray of str, shape (n_streets,), optional
        OpenStreetMap's ``highway``, empty where unknown.
    minutes : ndarray of float64, shape (n_streets, 2), optional
        Measured driving time along and against the drawn direction; NaN where the speed of the way class
        is to be used.
    extra : DataFrame, optional
        Any other column, one row a street.
    labels : Index, optional
        What messages call the streets.

    Raises
    ------
    TableError
        Listing every street whose length is missing, zero or negative, and every repeated street.
    CrsError
        If the coordinate system is not metric here.
    """

    node_ids: pd.Index
    node_xy: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    length_m: np.ndarray
    lines: np.ndarray
    crs: CRS
    oneway: np.ndarray = field(default_factory=lambda: np.empty(0, bool))
    way_class: np.ndarray = field(default_factory=lambda: np.empty(0, object))
    minutes: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))
    extra: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    labels: pd.Index = field(default_factory=lambda: pd.RangeIndex(0), repr=False)

    def __post_init__(self) -> None:
        n = len(self.tail)
        if n == 0:
            raise TableError.of("streets.empty")
        filled: dict[str, Any] = {
            "node_xy": np.array(self.node_xy, dtype=float).reshape(-1, 2),
            "tail": np.array(self.tail, dtype=np.int32),
            "head": np.array(self.head, dtype=np.int32),
            "length_m": np.array(self.length_m, dtype=float),
            "lines": np.array(self.lines, dtype=object),
            "crs": read_crs(self.crs),
            "oneway": np.array(self.oneway, dtype=bool) if len(self.oneway) else np.zeros(n, bool),
            "way_class": np.array(self.way_class, dtype=object)
            if len(self.way_class)
            else np.full(n, "", object),
            "minutes": np.array(self.minutes, dtype=float) if len(self.minutes) else np.full((n, 2), np.nan),
            "extra": self.extra if len(self.extra) else pd.DataFrame(index=pd.RangeIndex(n)),
            "labels": self.labels if len(self.labels) else pd.RangeIndex(n),
        }
        for name, value in filled.items():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            object.__setattr__(self, name, value)
        self._validate_shapes()
        self._validate_values()
        validate_metric_crs(self.crs, np.array([self.node_xy.min(axis=0), self.node_xy.max(axis=0)]))

    @classmethod
    def from_edges(
        cls,
        edges: gpd.GeoDataFrame,
        *,
        nodes: gpd.GeoDataFrame | None = None,
        tolerance_m: float = 0.1,
        repeats: Repeats = "error",
        origin: Origin = STREETS,
    ) -> Self:
        """Return the network drawn by lines, one row a street.

        Parameters
        ----------
        edges : GeoDataFrame of LineStrings, metric
            Understood columns: ``length_m`` or ``length`` (metres; measured along the line where there is
            no such column), ``highway`` or ``way_class``, ``oneway`` (yes / no / -1), ``minutes`` and
            ``minutes_back`` or OSMnx's ``travel_time`` in seconds. Others are kept. An OSMnx table that
            lists both directions of a street is understood: the two become one.
        nodes : GeoDataFrame of points, optional
            Nodes by id (``node_id`` or ``osmid``, or the index); `edges` then name theirs in ``u`` and
            ``v``. Where absent, streets are joined where their ends meet; a crossing without a shared
            end, such as a bridge, does not join.
        tolerance_m : float
            Ends at most this far apart are one node; used without `nodes`.
        repeats : {"error", "drop"}
            What to do with a street that stands there twice.
        origin : Origin
            Names the file in messages.

        Raises
        ------
        TableError
            Listing every fault.

        Examples
        --------
        >>> import geopandas as gpd
        >>> from shapely import LineString
        >>> from cultureplan.world.streets import StreetNetwork
        >>> lines = [LineString([(500_000, 4_300_000), (500_400, 4_300_000)])]
        >>> streets = StreetNetwork.from_edges(gpd.GeoDataFrame(geometry=lines, crs="EPSG:4544"))
        >>> float(streets.length_m[0])
        400.0
        """
        return cls._from_parts(
            parts_from_edges(edges, nodes=nodes, tolerance_m=tolerance_m, repeats=repeats, origin=origin),
            origin,
        )

    @classmethod
    def from_networkx(
        cls,
        graph: nx.Graph[Any],
        *,
        crs: object = None,
        length: str | None = "length",
        repeats: Repeats = "error",
        origin: Origin = STREETS,
    ) -> Self:
        """Return the network held in a networkx graph, as OSMnx makes them or plain.

        Parameters
        ----------
        graph : Graph, DiGraph, MultiGraph or MultiDiGraph
            Nodes have ``x`` and ``y`` (or ``pos``); edges have a length in metres, and may have
            ``geometry``, ``highway``, ``oneway`` and ``travel_time`` (seconds). An edge of a directed
            graph is one direction: where its opposite, with the same length and shape, is there too, the
            two are one two-way street. ``graph.graph["crs"]`` names the coordinate system.
        crs : optional
            Metric coordinate system of the result; that of the graph where absent, or, if that is in
            degrees, one that fits the place.
        length : str or None
            Edge attribute that holds metres; None measures along the shapes.
        repeats : {"error", "drop"}
            What to do with a street that stands there twice.
        origin : Origin
            Names the file in messages.

        Raises
        ------
        TableError, InputError
            If lengths or node coordinates are missing, or a length makes no sense.
        CrsError
            If there is no coordinate system, or it is not metric here.
        """
        target = read_crs(crs) if crs is not None else graph_crs(graph)
        return cls._from_parts(
            parts_from_graph(graph, crs=target, length=length, repeats=repeats, origin=origin), origin
        )

    @classmethod
    def _from_parts(cls, parts: StreetParts, origin: Origin) -> Self:
        edges = parts.edges
        taken = [
            "from_node",
            "to_node",
            "length_m",
            "oneway",
            "way_class",
            "minutes",
            "minutes_back",
            "geometry",
        ]
        try:
            return cls(
                node_ids=parts.node_ids,
                node_xy=parts.node_xy,
                tail=edges["from_node"].to_numpy(),
                head=edges["to_node"].to_numpy(),
                length_m=edges["length_m"].to_numpy(float),
                lines=edges["geometry"].to_numpy(object),
                crs=parts.crs,
                oneway=edges["oneway"].to_numpy(bool),
                way_class=edges["way_class"].to_numpy(object),
                minutes=edges[["minutes", "minutes_back"]].to_numpy(float),
                extra=edges.drop(columns=taken).reset_index(drop=True),
                labels=edges.index,
            )
        except TableError as error:
            raise TableError(
                *(dataclasses.replace(fault, file=origin.file) for fault in error.faults)
            ) from None

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_xy)

    @property
    def n_streets(self) -> int:
        """Number of streets; a two-way street counts once."""
        return len(self.tail)

    @property
    def total_length_m(self) -> float:
        """Length of all streets together, metres."""
        return float(self.length_m.sum())

    def __len__(self) -> int:
        return self.n_streets

    def __repr__(self) -> str:
        return (
            f"StreetNetwork({self.n_nodes:,} nodes, {self.n_streets:,} streets, "
            f"{self.total_length_m / 1000:,.1f} km, {crs_name(self.crs)})"
        )

    @cached_property
    def node_part(self) -> np.ndarray:
        """Number of the connected part each node belongs to, shape (n_nodes,); 0 is the longest part.

        Directions are left aside: parts are what no street joins at all.
        """
        links = coo_array(
            (np.ones(self.n_streets), (self.tail, self.head)), shape=(self.n_nodes, self.n_nodes)
        )
        n, part = connected_components(links, directed=False)
        length_m = np.bincount(part[self.tail], weights=self.length_m, minlength=n)
        first_xy = np.full((n, 2), np.inf)
        np.minimum.at(first_xy, part, self.node_xy)
        order = np.lexsort((first_xy[:, 1], first_xy[:, 0], -length_m))
        rank = np.empty(n, dtype=np.int64)
        rank[order] = np.arange(n)
        return rank[part]

    def components(self) -> pd.DataFrame:
        """Return the parts that no street joins, longest first.

        Returns
        -------
        DataFrame, index part
            ``n_nodes``, ``n_streets``, ``length_m`` and ``length_share`` of all streets.
        """
        street_part = self.node_part[self.tail]
        n = int(self.node_part.max()) + 1
        length_m = np.bincount(street_part, weights=self.length_m, minlength=n)
        return pd.DataFrame(
            {
                "n_nodes": np.bincount(self.node_part, minlength=n),
                "n_streets": np.bincount(street_part, minlength=n),
                "length_m": length_m,
                "length_share": length_m / length_m.sum(),
            },
            index=pd.RangeIndex(n, name="part"),
        )

    def largest_component(self) -> Self:
        """Return the longest connected part alone."""
        return self.select(self.node_part[self.tail] == 0)

    def select(self, streets: np.ndarray) -> Self:
        """Return the network of some streets (a mask or positions) and the nodes they touch."""
        rows = np.arange(self.n_streets)[np.asarray(streets)]
        nodes, ends = np.unique(np.concatenate([self.tail[rows], self.head[rows]]), return_inverse=True)
        return dataclasses.replace(
            self,
            node_ids=self.node_ids[nodes],
            node_xy=self.node_xy[nodes],
            tail=ends[: len(rows)],
            head=ends[len(rows) :],
            length_m=self.length_m[rows],
            lines=self.lines[rows],
            oneway=self.oneway[rows],
            way_class=self.way_class[rows],
            minutes=self.minutes[rows],
            extra=self.extra.iloc[rows].reset_index(drop=True),
            labels=self.labels[rows],
        )

    def to_crs(self, crs: object) -> Self:
        """Return the network in another metric coordinate system; lengths stay as they are."""
        target = read_crs(crs)
        if target == self.crs:
            return self
        points = gpd.GeoSeries(shapely.points(self.node_xy), crs=self.crs).to_crs(target)
        lines = gpd.GeoSeries(self.lines, crs=self.crs).to_crs(target)
        xy = np.column_stack([points.x.to_numpy(float), points.y.to_numpy(float)])
        return dataclasses.replace(self, node_xy=xy, lines=lines.to_numpy(object), crs=target)

    def to_nodes(self) -> gpd.GeoDataFrame:
        """Return the nodes as points: ``node_id``, ``part``."""
        return gpd.GeoDataFrame(
            {"node_id": self.node_ids.to_numpy(), "part": self.node_part},
            geometry=shapely.points(self.node_xy),
            crs=self.crs,
        )

    def to_edges(self) -> gpd.GeoDataFrame:
        """Return the streets as lines, one row a street; reads back by :meth:`from_edges`.

        Columns ``u``, ``v`` (node ids), ``length_m``, ``oneway``, ``highway``, ``minutes``,
        ``minutes_back``, and any others that were kept.
        """
        ids = self.node_ids.to_numpy()
        columns = {
            "u": ids[self.tail],
            "v": ids[self.head],
            "length_m": self.length_m,
            "oneway": self.oneway,
            "highway": self.way_class.astype(str),
            "minutes": self.minutes[:, 0],
            "minutes_back": self.minutes[:, 1],
        }
        extra = {name: self.extra[name] for name in self.extra.columns if name not in columns}
        return gpd.GeoDataFrame(columns | extra, geometry=self.lines, crs=self.crs)

    def to_csr(self, *, one_way: bool = True) -> csr_array:
        """Return lengths in metres as a sparse matrix, node by node, for scipy's graph routines.

        Parameters
        ----------
        one_way : bool
            Whether a one-way street leads from its tail to its head only. Of parallel streets the
            shortest is kept.
        """
        back = ~self.oneway if one_way else np.ones(self.n_streets, dtype=bool)
        row = np.concatenate([self.tail, self.head[back]])
        column = np.concatenate([self.head, self.tail[back]])
        length_m = np.concatenate([self.length_m, self.length_m[back]])
        order = np.lexsort((length_m, column, row))
        row, column, length_m = row[order], column[order], length_m[order]
        first = np.flatnonzero((np.diff(row, prepend=-1) != 0) | (np.diff(column, prepend=-1) != 0))
        shape = (self.n_nodes, self.n_nodes)
        return csr_array((length_m[first], (row[first], column[first])), shape=shape)

    def to_networkx(self) -> nx.MultiDiGraph[Any]:
        """Return the network as OSMnx keeps one: a MultiDiGraph with ``length`` in metres.

        Each direction of a two-way street is an edge of its own, with its own ``geometry`` and
        ``reversed``; ``travel_time`` (seconds) is there where minutes are known. Node ids that are whole
        numbers become integers, as OSMnx has them.
        """
        return graph_of(self.to_edges(), list(self.node_ids), self.node_xy)

    def _validate_shapes(self) -> None:
        n = self.n_streets
        wanted: dict[str, tuple[int, ...]] = {
            "head": (n,),
            "length_m": (n,),
            "lines": (n,),
            "oneway": (n,),
            "way_class": (n,),
            "minutes": (n, 2),
        }
        for name, want in wanted.items():
            got = getattr(self, name).shape
            if got != want:
                raise InputError.of("fault.wrong_shape", name=name, got=got, want=want)
        if len(self.node_ids) != self.n_nodes:
            raise InputError.of(
                "fault.wrong_shape", name="node_ids", got=(len(self.node_ids),), want=(self.n_nodes,)
            )
        if not np.isfinite(self.node_xy).all():
            bad = np.flatnonzero(~np.isfinite(self.node_xy).all(axis=1))
            raise InputError.of("streets.no_node_place", n=len(bad), first=self.node_ids[bad[0]])

    def _validate_values(self) -> None:
        faults = FaultList()
        frame = pd.DataFrame({"length_m": self.length_m}, index=self.labels)
        here: dict[str, Any] = {"origin": STREETS, "frame": frame}
        missing = ~np.isfinite(self.length_m)
        faults.add_rows("streets.bad_length", bad=missing, column="length_m", **here)
        short = ~missing & (self.length_m <= 0)
        faults.add_rows("streets.not_above_zero", bad=short, column="length_m", **here)
        given = ~np.isnan(self.minutes)
        wrong = (given & ~((self.minutes > 0) & np.isfinite(self.minutes))).any(axis=1)
        faults.add_rows(
            "streets.bad_minutes", bad=wrong, column="minutes", samples=self.minutes[:, 0].tolist(), **here
        )
        outside = (np.minimum(self.tail, self.head) < 0) | (np.maximum(self.tail, self.head) >= self.n_nodes)
        faults.add_rows("streets.unknown_node", bad=outside, **here)
        twice = self.node_ids.duplicated()
        nodes = pd.DataFrame({"node_id": self.node_ids})
        faults.add_rows(
            "streets.duplicate_node", origin=Origin(table="nodes"), frame=nodes, bad=twice, column="node_id"
        )
        faults.raise_if_any(TableError)
