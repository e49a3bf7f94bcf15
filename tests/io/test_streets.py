"""Street files: every format reads back what was written, and what is no street file says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from cultureplan.base.errors import (
    CrsError,
    InputError,
    MissingExtraError,
    MissingFileError,
    TableError,
    WorldError,
)
from cultureplan.io.coordinates import read_system
from cultureplan.io.folder import read_world
from cultureplan.io.streets import find_streets, read_streets, write_streets
from cultureplan.travel.streets import Streets
from cultureplan.world.streets import StreetNetwork
from tests.street_networks import lattice, network
from tests.worlds import CRS

FORMATS = ["streets.graphml", "streets.gpkg", "streets.parquet", "streets.geojson"]

OSM = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
  <node id="1" lat="39.0" lon="106.30"/>
  <node id="2" lat="39.0" lon="106.31"/>
  <node id="3" lat="39.0" lon="106.32"/>
  <node id="4" lat="39.01" lon="106.31"/>
  <node id="5" lat="39.02" lon="106.31"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/>
    <tag k="highway" v="residential"/><tag k="name" v="朝阳西街"/></way>
  <way id="11"><nd ref="2"/><nd ref="4"/><tag k="highway" v="primary"/><tag k="oneway" v="-1"/></way>
  <way id="12"><nd ref="4"/><nd ref="5"/><nd ref="4"/>
    <tag k="highway" v="service"/><tag k="junction" v="roundabout"/></way>
  <way id="13"><nd ref="1"/><nd ref="5"/><tag k="highway" v="construction"/></way>
  <way id="14"><nd ref="1"/><nd ref="5"/><tag k="highway" v="service"/><tag k="access" v="private"/></way>
  <way id="15"><nd ref="3"/><nd ref="99"/><tag k="highway" v="residential"/></way>
  <way id="16"><nd ref="1"/><nd ref="4"/><tag k="building" v="yes"/></way>
</osm>
"""


def mixed() -> StreetNetwork:
    """Two-way and one-way streets, a class left empty, a time for one direction, lengths of their own."""
    return network(
        {"7": (0, 0), "8": (400, 0), "9": (400, 300), "10": (0, 900)},
        [("7", "8"), ("8", "9"), ("9", "10"), ("7", "10")],
        oneway=[False, True, False, False],
        length_m=[401.123456789, 300.5, 777.0, 900.0],
        way_class=["primary", "tertiary", "", "footway"],
        minutes=np.array([[1.5, 2.25], [0.5, np.nan], [np.nan, np.nan], [np.nan, np.nan]]),
    )


def described(streets: StreetNetwork) -> pd.DataFrame:
    """Every street as plain values, sorted, drawn from the node whose id sorts first unless one-way."""
    table = streets.to_edges()
    turn = (table["u"] > table["v"]) & ~table["oneway"]
    swapped = table.loc[turn, ["v", "u", "minutes_back", "minutes"]].to_numpy(object)
    table.loc[turn, ["u", "v", "minutes", "minutes_back"]] = swapped
    table.loc[table["oneway"], "minutes_back"] = np.nan
    table["length_m"] = table["length_m"].round(9)
    table = pd.DataFrame(table.drop(columns="geometry")).astype({"minutes": float, "minutes_back": float})
    return table.sort_values(["u", "v"]).reset_index(drop=True)[
        ["u", "v", "length_m", "oneway", "highway", "minutes", "minutes_back"]
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_reads_back(tmp_path: Path, name: str) -> None:
    """Nodes, lengths, directions, classes and times; GeoJSON goes through degrees and back."""
    file = write_streets(mixed(), tmp_path / name)
    back = read_streets(file, CRS)
    pd.testing.assert_frame_equal(described(back), described(mixed()), check_dtype=False)
    assert back.crs.to_epsg() == 4544
    order = [back.node_ids.get_loc(node) for node in mixed().node_ids]
    np.testing.assert_allclose(back.node_xy[order], mixed().node_xy, atol=1e-3)
    assert find_streets(tmp_path) == file


def test_a_file_is_replaced_and_an_unknown_ending_refused(tmp_path: Path) -> None:
    """A second writing leaves one network, not two."""
    file = tmp_path / "streets.gpkg"
    write_streets(lattice(3), file)
    assert len(read_streets(write_streets(mixed(), file))) == 4
    with pytest.raises(InputError, match=r"\.graphml"):
        write_streets(mixed(), tmp_path / "streets.shp")
    with pytest.raises(InputError, match=r"streets\.xyz"):
        read_streets(_touch(tmp_path / "streets.xyz"))
    assert find_streets(tmp_path / "nowhere") is None


def _touch(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def test_the_file_comes_in_the_coordinate_system_asked_for(tmp_path: Path) -> None:
    """That of the world; where none is asked for, degrees become a fitting metric system."""
    degrees = mixed().to_edges().to_crs("EPSG:4326")
    degrees.to_parquet(tmp_path / "streets.parquet")
    assert read_streets(tmp_path / "streets.parquet").crs.to_epsg() == 4544
    assert read_streets(tmp_path / "streets.parquet", "EPSG:4545").crs.to_epsg() == 4545
    degrees.set_crs(None, allow_override=True).to_parquet(tmp_path / "bare.parquet")
    with pytest.raises(CrsError):
        read_streets(tmp_path / "bare.parquet", CRS)


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
@pytest.mark.parametrize("ending", ["parquet", "gpkg", "geojson"])
def test_streets_drawn_on_a_chinese_web_map_are_put_back_where_they_are(
    tmp_path: Path, system: str, ending: str
) -> None:
    """Degrees of Amap or Baidu, declared as such, give the streets they were made from to the millimetre."""
    shift = read_system(system)
    degrees = mixed().to_edges().to_crs("EPSG:4326")
    degrees["geometry"] = shapely.transform(degrees.geometry.to_numpy(), shift.from_lonlat)
    file = tmp_path / f"streets.{ending}"
    degrees.to_parquet(file) if ending == "parquet" else degrees.to_file(file)
    back = read_streets(file, CRS, coordinates=system)
    np.testing.assert_allclose(np.sort(back.node_xy, axis=0), np.sort(mixed().node_xy, axis=0), atol=5e-3)
    away = read_streets(file, CRS)
    assert np.abs(np.sort(away.node_xy, axis=0) - np.sort(mixed().node_xy, axis=0)).max() > 100


def test_declared_coordinates_yield_to_what_a_file_knows(tmp_path: Path) -> None:
    """A table in metres stays where it is; a graph cannot be declared; a table without a system needs it."""
    metres = write_streets(mixed(), tmp_path / "streets.gpkg")
    np.testing.assert_array_equal(
        read_streets(metres, CRS, coordinates="gcj02").node_xy, read_streets(metres, CRS).node_xy
    )
    graph = write_streets(mixed(), tmp_path / "streets.graphml")
    with pytest.raises(InputError, match="says itself"):
        read_streets(graph, CRS, coordinates="gcj02")
    bare = tmp_path / "streets.parquet"
    mixed().to_edges().set_crs(None, allow_override=True).to_parquet(bare)
    assert len(read_streets(bare, CRS, coordinates="EPSG:4544")) == 4


def test_a_world_in_gcj02_has_its_streets_in_gcj02_too(tmp_path: Path) -> None:
    """One declaration moves people, facilities and a street table alike; a graph is believed."""
    (tmp_path / "world.toml").write_text('coordinates = "gcj02"\ncrs = "EPSG:4544"\n', encoding="utf-8")
    at = read_system("EPSG:4544").to_lonlat(mixed().node_xy)
    lon, lat = read_system("gcj02").from_lonlat(at)[0]
    (tmp_path / "facilities.csv").write_text(
        f"facility_id,name,level,kind,lon,lat\nF1,L,branch,library,{lon:.9f},{lat:.9f}\n", encoding="utf-8"
    )
    (tmp_path / "demand.csv").write_text(
        f"demand_id,persons,settlement,lon,lat\nD1,10,town,{lon:.9f},{lat:.9f}\n", encoding="utf-8"
    )
    degrees = mixed().to_edges().to_crs("EPSG:4326")
    degrees["geometry"] = shapely.transform(degrees.geometry.to_numpy(), read_system("gcj02").from_lonlat)
    degrees.to_parquet(tmp_path / "streets.parquet")
    world = read_world(tmp_path)
    assert world.streets is not None
    apart = np.hypot(*(world.streets.node_xy - world.demand.xy[0]).T)
    assert apart.min() < 0.01
    (tmp_path / "streets.parquet").unlink()
    write_streets(mixed(), tmp_path / "streets.graphml")
    again = read_world(tmp_path)
    assert again.streets is not None
    assert np.hypot(*(again.streets.node_xy - again.demand.xy[0]).T).min() < 0.01
    (tmp_path / "world.toml").write_text(
        'coordinates = { streets = "bd09" }\ncrs = "EPSG:4544"\n', encoding="utf-8"
    )
    with pytest.raises(WorldError, match="says itself"):
        read_world(tmp_path)


@pytest.mark.parametrize("name", [*FORMATS, "streets.osm"])
def test_a_file_that_is_something_else_is_named(tmp_path: Path, name: str) -> None:
    """Bytes of no meaning: our error with the file's name, in both languages, and nothing of the parser's."""
    if name.endswith(".osm"):
        pytest.importorskip("osmium")
    file = tmp_path / name
    file.write_bytes(b"\x00not a street file\xff")
    with pytest.raises(TableError) as caught:
        read_streets(file)
    assert name in caught.value.render("en")
    assert name in caught.value.render("zh")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """It is a FileNotFoundError as well."""
    with pytest.raises(MissingFileError, match=r"streets\.gpkg") as caught:
        read_streets(tmp_path / "streets.gpkg")
    assert isinstance(caught.value, FileNotFoundError)


def test_faults_name_the_file(tmp_path: Path) -> None:
    """A repeated street in a table is an error unless dropped; a graph may hold it."""
    table = mixed().to_edges()
    pd.concat([table, table.iloc[[2]]], ignore_index=True).to_parquet(tmp_path / "roads.parquet")
    with pytest.raises(TableError, match=r"roads\.parquet, row 4"):
        read_streets(tmp_path / "roads.parquet")
    assert len(read_streets(tmp_path / "roads.parquet", repeats="drop")) == 4
    table.assign(length_m=[1.0, 0.0, -1.0, 5.0]).to_parquet(tmp_path / "roads.parquet")
    with pytest.raises(TableError, match=r"roads\.parquet, rows 1, 2"):
        read_streets(tmp_path / "roads.parquet")
    graph = mixed().to_networkx()
    graph.add_edge(7, 8, **graph.edges[7, 8, 0])
    nx.write_graphml(_text_only(graph), tmp_path / "twice.graphml")
    assert len(read_streets(tmp_path / "twice.graphml")) == 4


def _text_only(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    for *_, data in graph.edges(data=True):
        data["geometry"] = data["geometry"].wkt
    return graph


def test_the_layer_of_a_geopackage_can_be_named(tmp_path: Path) -> None:
    """Otherwise edges, streets, roads, or the only one."""
    file = tmp_path / "town.gpkg"
    lattice(2).to_edges().to_file(file, layer="streets")
    gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=CRS).to_file(file, layer="trees")
    mixed().to_edges().to_file(file, layer="paths")
    assert len(read_streets(file)) == 4
    assert read_streets(file, layer="paths").oneway.any()
    with pytest.raises(TableError, match=r"town\.gpkg"):
        read_streets(file, layer="canals")


def test_the_osmnx_graph_of_new_york_reads_with_its_lengths_and_directions(shared_data) -> None:
    """46 nodes and 73 streets, 63 of them one-way; lists of classes are read as their first."""
    streets = read_streets(shared_data / "streets_small" / "nyc_graph.graphml")
    assert (streets.n_nodes, len(streets), int(streets.oneway.sum())) == (46, 73, 63)
    assert streets.crs.to_epsg() == 32618
    drawn = shapely.length(streets.lines)
    np.testing.assert_allclose(streets.length_m, drawn, rtol=2e-3)
    assert set(streets.way_class) <= {"residential", "secondary", "primary", "tertiary"}


def test_an_openstreetmap_file_becomes_streets_between_crossings(tmp_path: Path) -> None:
    """Cut at crossings; -1 turned round, roundabouts one-way; closed and cut ways left out."""
    pytest.importorskip("osmium")
    (tmp_path / "streets.osm").write_text(OSM, encoding="utf-8")
    streets = read_streets(tmp_path / "streets.osm")
    ids = streets.node_ids.to_numpy()
    found = {
        (ids[a], ids[b], kind, bool(one))
        for a, b, kind, one in zip(streets.tail, streets.head, streets.way_class, streets.oneway, strict=True)
    }
    assert found == {
        ("1", "2", "residential", False),
        ("2", "3", "residential", False),
        ("4", "2", "primary", True),
        ("4", "4", "service", True),
    }
    assert streets.extra["name"].tolist().count("朝阳西街") == 2
    assert streets.crs.to_epsg() == 4544
    (tmp_path / "empty.osm").write_text("<osm version='0.6'></osm>", encoding="utf-8")
    with pytest.raises(TableError, match="no streets"):
        read_streets(tmp_path / "empty.osm")


def test_a_packed_openstreetmap_file_of_oakland_reads_like_its_unpacked_form(
    shared_data, tmp_path: Path
) -> None:
    """66 ways, buildings among them; the longest part holds nearly all."""
    pytest.importorskip("osmium")
    packed = shared_data / "streets_small" / "West-Oakland.osm.bz2"
    streets = read_streets(packed)
    assert (streets.n_nodes, len(streets)) == (53, 65)
    assert streets.components()["length_share"].iloc[0] > 0.98
    again = read_streets(shutil.copy(packed, tmp_path / "streets.osm.bz2"))
    np.testing.assert_array_equal(again.length_m, streets.length_m)


def test_the_packed_binary_form_reads_like_the_text(tmp_path: Path) -> None:
    """The same ways as PBF, which is what extracts of whole provinces come in."""
    osmium = pytest.importorskip("osmium")
    (tmp_path / "streets.osm").write_text(OSM, encoding="utf-8")
    with osmium.SimpleWriter(str(tmp_path / "streets.osm.pbf")) as writer:
        for entity in osmium.FileProcessor(str(tmp_path / "streets.osm")):
            writer.add(entity)
    text, packed = read_streets(tmp_path / "streets.osm"), read_streets(tmp_path / "streets.osm.pbf")
    pd.testing.assert_frame_equal(described(packed), described(text))


def test_without_the_reader_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "osmium", None)
    (tmp_path / "streets.osm").write_text(OSM, encoding="utf-8")
    with pytest.raises(MissingExtraError, match=r"cultureplan\[osm\]"):
        read_streets(tmp_path / "streets.osm")


def test_osmnx_reads_what_we_write_and_we_read_what_it_writes(tmp_path: Path) -> None:
    """GraphML and GeoPackage, both directions drawn or one."""
    ox = pytest.importorskip("osmnx")
    file = write_streets(mixed(), tmp_path / "ours.graphml")
    graph = ox.load_graphml(file)
    ox.save_graphml(graph, tmp_path / "theirs.graphml")
    ox.save_graph_geopackage(graph, tmp_path / "theirs.gpkg")
    ox.save_graph_geopackage(graph, tmp_path / "directed.gpkg", directed=True)
    for name in ("theirs.graphml", "theirs.gpkg", "directed.gpkg"):
        back = read_streets(tmp_path / name)
        assert (len(back), int(back.oneway.sum())) == (4, 1), name
        assert sorted(back.length_m) == pytest.approx(sorted(mixed().length_m))
    start = mixed().node_xy[:1]
    ours = Streets(unit="m").costs_between(mixed(), start, mixed().node_xy[1:], limit=1e5)
    theirs = nx.single_source_dijkstra_path_length(ox.convert.to_undirected(graph), 7, weight="length")
    np.testing.assert_allclose(ours.values, [theirs[int(node)] for node in mixed().node_ids[1:]])
