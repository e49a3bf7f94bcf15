"""Street files: GraphML as OSMnx writes it, GeoPackage, GeoParquet, GeoJSON, and OpenStreetMap's own.

OpenStreetMap files (``.osm``, ``.osm.gz``, ``.osm.bz2``, ``.osm.pbf``) are read through pyosmium, which
comes with the extra ``osm``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyogrio
import shapely

from cultureplan.base.checks import Origin
from cultureplan.base.crs import WGS84, extent_of, read_crs, suggest_metric_crs, to_lonlat
from cultureplan.base.errors import (
    CrsError,
    CulturePlanError,
    InputError,
    MissingExtraError,
    MissingFileError,
    TableError,
)
from cultureplan.io.coordinates import CoordinateSystem, read_system
from cultureplan.travel.street_speeds import speed_table
from cultureplan.world.street_parts import Repeats
from cultureplan.world.streets import StreetNetwork

GRAPH_FORMATS = (".graphml",)
TABLE_FORMATS = (".gpkg", ".parquet", ".geojson")
OSM_FORMATS = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf")
_EDGE_LAYERS = ("edges", "streets", "roads", "道路")
_CLOSED = {"no", "private"}
_OPEN = {"yes", "designated", "permissive", "destination"}
_ROUND = {"roundabout", "circular"}


def read_streets(
    path: str | Path,
    crs: object = None,
    *,
    layer: str | None = None,
    coordinates: str | CoordinateSystem | None = None,
    tolerance_m: float = 0.1,
    repeats: Repeats | None = None,
) -> StreetNetwork:
    """Return the street network held in a file.

    Parameters
    ----------
    path : str or Path
        GraphML (OSMnx, projected or in degrees), GeoPackage, GeoParquet or GeoJSON of lines, or an
        OpenStreetMap extract in XML or PBF.
    crs : optional
        Metric coordinate system of the result, for example that of the world; where absent that of the
        file, or, if that is in degrees, one that fits the place.
    layer : str, optional
        Layer of a GeoPackage; ``edges``, ``streets``, ``roads``, or its only one, where absent.
    coordinates : str or CoordinateSystem, optional
        What the numbers in a table of lines mean where the file cannot say it: ``gcj02`` (Amap, Tencent) or
        ``bd09`` (Baidu) for a file in degrees, any system that ``world.toml`` may name for one that
        names none. Graphs and OpenStreetMap files say it themselves.
    tolerance_m : float
        Line ends at most this far apart are one node, where the file has no table of nodes.
    repeats : {"error", "drop"}, optional
        What to do with a street that stands there twice. Where absent: dropped in graphs and
        OpenStreetMap files, whose owner did not draw them by hand; an error in tables.

    Raises
    ------
    MissingFileError, InputError, TableError, CrsError
        If the file is not there, not of a known kind, or not a street network; every fault is listed.
    MissingExtraError
        If an OpenStreetMap file is given and pyosmium is not installed.
    """
    file = Path(path)
    if not file.is_file():
        raise MissingFileError.of("streets.missing_file", file=str(file))
    kind = _kind(file)
    origin = Origin(table="streets", file=file.name)
    if coordinates is not None and kind not in TABLE_FORMATS:
        name = coordinates if isinstance(coordinates, str) else coordinates.name
        raise InputError.of("streets.says_its_coordinates", file=file.name, coordinates=name)
    if kind in GRAPH_FORMATS:
        graph = _read_graphml(file)
        return StreetNetwork.from_networkx(graph, crs=crs, repeats=repeats or "drop", origin=origin)
    nodes: gpd.GeoDataFrame | None
    if kind in OSM_FORMATS:
        edges, nodes = _read_osm(file)
        repeats = repeats or "drop"
    else:
        edges, nodes = _read_tables(file, layer)
        if coordinates is not None:
            system = read_system(coordinates) if isinstance(coordinates, str) else coordinates
            edges = _placed(edges, system)
            nodes = None if nodes is None else _placed(nodes, system)
    edges = _metric(edges, crs)
    return StreetNetwork.from_edges(
        edges, nodes=nodes, tolerance_m=tolerance_m, repeats=repeats or "error", origin=origin
    )


def write_streets(streets: StreetNetwork, path: str | Path) -> Path:
    """Write a street network to a file that `read_streets` reads back; return its path.

    Parameters
    ----------
    streets : StreetNetwork
    path : str or Path
        ``.graphml`` (readable by OSMnx), ``.gpkg`` (layers ``nodes`` and ``edges``), ``.parquet`` or
        ``.geojson`` (edges alone; GeoJSON is in WGS84 by definition). A file there is replaced.
    """
    file = Path(path)
    kind = _kind(file)
    if kind in GRAPH_FORMATS:
        nx.write_graphml(_as_text(streets.to_networkx()), file, encoding="utf-8", named_key_ids=False)
    elif kind == ".gpkg":
        file.unlink(missing_ok=True)
        pyogrio.write_dataframe(streets.to_nodes(), file, layer="nodes")
        pyogrio.write_dataframe(_plain(streets.to_edges()), file, layer="edges")
    elif kind == ".parquet":
        _plain(streets.to_edges()).to_parquet(file)
    elif kind == ".geojson":
        pyogrio.write_dataframe(_plain(streets.to_edges().to_crs(WGS84)), file, driver="GeoJSON")
    else:
        raise _unknown_format(file, (*GRAPH_FORMATS, *TABLE_FORMATS))
    return file


def find_streets(folder: str | Path) -> Path | None:
    """Return the street file of a world folder (``streets`` with a known ending), or None."""
    for ending in (*GRAPH_FORMATS, *TABLE_FORMATS, *OSM_FORMATS):
        file = Path(folder) / f"streets{ending}"
        if file.is_file():
            return file
    return None


def takes_coordinates(file: Path) -> bool:
    """Return whether it can be declared what the coordinates of a street file mean."""
    return _kind(file) in TABLE_FORMATS


def _kind(file: Path) -> str:
    name = file.name.lower()
    known = (*GRAPH_FORMATS, *TABLE_FORMATS, *OSM_FORMATS)
    for ending in sorted(known, key=len, reverse=True):
        if name.endswith(ending):
            return ending
    raise _unknown_format(file, known)


def _unknown_format(file: Path, known: tuple[str, ...]) -> InputError:
    return InputError.of("streets.unknown_format", file=file.name, known=", ".join(known))


def _unreadable(file: Path, error: Exception) -> TableError:
    return TableError.of("streets.unreadable", file=file.name, reason=str(error).splitlines()[0][:200])


def _read_graphml(file: Path) -> nx.Graph[Any]:
    """Return the graph of a GraphML file; numbers that OSMnx wrote as text are turned back later."""
    try:
        graph: nx.Graph[Any] = nx.read_graphml(file)
    except Exception as error:  # the parser raises whatever the file makes it trip over
        raise _unreadable(file, error) from None
    return graph


def _read_tables(file: Path, layer: str | None) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]:
    try:
        if file.suffix.lower() == ".parquet":
            return gpd.read_parquet(file), None
        layers = [str(name) for name in pyogrio.list_layers(file)[:, 0]]
        chosen = layer or next((name for name in _EDGE_LAYERS if name in layers), layers[0])
        edges = pyogrio.read_dataframe(file, layer=chosen)
        has_nodes = "nodes" in layers and {"u", "v"} <= set(edges.columns)
        return edges, pyogrio.read_dataframe(file, layer="nodes") if has_nodes else None
    except CulturePlanError:
        raise
    except Exception as error:  # GDAL and Arrow raise many kinds
        raise _unreadable(file, error) from None


def _placed(frame: gpd.GeoDataFrame, system: CoordinateSystem) -> gpd.GeoDataFrame:
    """Return a table of a file with its numbers read as `system` says, unless the file knows better."""
    if frame.crs is not None and not (frame.crs.is_geographic and system.offset != "none"):
        return frame
    moved = shapely.transform(frame.geometry.to_numpy(), lambda xy: system.convert(xy, system.crs))
    return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index)).set_crs(
        system.crs, allow_override=True
    )


def _metric(edges: gpd.GeoDataFrame, crs: object) -> gpd.GeoDataFrame:
    """Return the table in a metric system: the one wanted, or one that fits where it is in degrees."""
    if not isinstance(edges, gpd.GeoDataFrame) or edges.crs is None:
        raise CrsError.of("crs.missing")
    if crs is not None:
        return edges.to_crs(read_crs(crs))
    source = read_crs(edges.crs)
    if not source.is_geographic or len(edges) == 0:
        return edges
    corners = np.asarray(edges.total_bounds, dtype=float).reshape(2, 2)
    return edges.to_crs(suggest_metric_crs(extent_of(to_lonlat(corners, source))))


def _as_text(graph: nx.MultiDiGraph[Any]) -> nx.MultiDiGraph[Any]:
    """Return the graph with every attribute as text, which is how OSMnx stores one."""
    text: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    text.graph.update({name: str(value) for name, value in graph.graph.items()})
    for name, data in graph.nodes(data=True):
        text.add_node(name, **{key: _word(value) for key, value in data.items()})
    for tail, head, key, data in graph.edges(keys=True, data=True):
        known = {name: value for name, value in data.items() if not _is_empty(value)}
        text.add_edge(tail, head, key, **{name: _word(value) for name, value in known.items()})
    return text


def _word(value: object) -> str:
    if isinstance(value, shapely.LineString):
        return str(shapely.to_wkt(value, rounding_precision=-1))
    return repr(value) if isinstance(value, float) else str(value)


def _is_empty(value: object) -> bool:
    return value is None or value is pd.NA or value != value


def _plain(edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table with lists, which OSMnx puts in cells, as text: no file format takes them."""
    plain = edges.copy(deep=False)
    for column in plain.columns.drop("geometry"):
        if plain[column].map(lambda value: isinstance(value, (list, tuple, dict, set))).any():
            plain[column] = plain[column].astype(str)
    return plain


def _read_osm(file: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return streets between crossings, and the crossings, of an OpenStreetMap file, in WGS84."""
    ways = list(_osm_ways(file))
    if not ways:
        raise TableError.of("streets.empty")
    refs = np.concatenate([way.refs for way in ways])
    used, counts = np.unique(refs, return_counts=True)
    joints = set(used[counts > 1].tolist())
    rows: list[dict[str, object]] = []
    lines: list[np.ndarray] = []
    places: dict[int, np.ndarray] = {}
    for way in ways:
        ends = [at for at, ref in enumerate(way.refs.tolist()) if ref in joints]
        for first, last in pairwise(sorted({0, *ends, len(way.refs) - 1})):
            u, v = int(way.refs[first]), int(way.refs[last])
            rows.append({"u": u, "v": v, **way.tags})
            lines.append(way.lonlat[first : last + 1])
            places[u], places[v] = way.lonlat[first], way.lonlat[last]
    shapes = [shapely.linestrings(line) for line in lines]
    nodes = gpd.GeoDataFrame(
        {"node_id": list(places)}, geometry=shapely.points(np.array(list(places.values()))), crs=WGS84
    )
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=WGS84), nodes


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class _Way:
    """One way: ids and places of its points, and what is said of it."""

    refs: np.ndarray
    lonlat: np.ndarray
    tags: dict[str, str]


def _osm_ways(file: Path) -> Iterator[_Way]:
    """Yield the ways of a file that some profile may use."""
    try:
        import osmium
    except ImportError:
        raise MissingExtraError.for_extra("osmium", "osm") from None
    speeds = speed_table().filter(like="m_per_minute")
    usable = set(speeds.index[speeds.notna().any(axis=1)]) - {""}
    reader = osmium.FileProcessor(str(file)).with_locations().with_filter(osmium.filter.KeyFilter("highway"))
    try:
        for entity in reader:
            if not isinstance(entity, osmium.osm.Way):
                continue
            tags = {tag.k: tag.v for tag in entity.tags}
            if tags["highway"] not in usable or tags.get("area") == "yes" or not _is_open(tags):
                continue
            # an extract is cut at its rim: points that are not in the file are left out
            points = [(n.ref, n.lon, n.lat) for n in entity.nodes if n.location.valid()]
            points = [point for at, point in enumerate(points) if at == 0 or point[1:] != points[at - 1][1:]]
            if len(points) >= 2:
                table = np.array([point[1:] for point in points])
                refs = np.array([point[0] for point in points], dtype=np.int64)
                yield _Way(refs=refs, lonlat=table, tags=_kept_tags(tags, entity.id))
    except RuntimeError as error:
        raise _unreadable(file, error) from None


def _is_open(tags: dict[str, str]) -> bool:
    return tags.get("access") not in _CLOSED or any(
        tags.get(who) in _OPEN for who in ("foot", "bicycle", "vehicle", "motor_vehicle", "motorcar")
    )


def _kept_tags(tags: dict[str, str], osmid: int) -> dict[str, str]:
    implied = tags.get("junction") in _ROUND or tags["highway"] == "motorway"
    oneway = tags.get("oneway", "yes" if implied else "no")
    return {"osmid": str(osmid), "highway": tags["highway"], "oneway": oneway, "name": tags.get("name", "")}
