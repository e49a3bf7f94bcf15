"""Street networks: what they are built from, what they refuse, and what they become."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings

from cultureplan.base.errors import (
    CrsError,
    CulturePlanError,
    InputError,
    TableError,
    WorldError,
    WrongTypeError,
)
from cultureplan.world.streets import StreetNetwork
from tests.street_networks import Case, cases, lattice, network
from tests.worlds import CRS, ORIGIN, world

SQUARE = {"a": (0, 0), "b": (400, 0), "c": (400, 300), "d": (0, 300)}


def edges(*lines: list[tuple[float, float]], crs: str = CRS, **columns: object) -> gpd.GeoDataFrame:
    """A table of lines relative to the origin."""
    shapes = [shapely.LineString(np.array(line) + ORIGIN) for line in lines]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


def faults_of(error: CulturePlanError) -> set[str]:
    """The codes of what was found."""
    return {fault.code for fault in error.faults}


def osmnx_like(*, crs: str = CRS, oneway: bool = False) -> nx.MultiDiGraph:
    """Two streets a - b - c as OSMnx keeps them; the second bends."""
    graph = nx.MultiDiGraph(crs=crs)
    for name, (x, y) in {11: (0, 0), 12: (400, 0), 13: (400, 300)}.items():
        graph.add_node(name, x=x + ORIGIN[0], y=y + ORIGIN[1])
    bend = shapely.LineString(np.array([(400, 0), (500, 150), (400, 300)]) + ORIGIN)
    graph.add_edge(11, 12, length=401.5, highway="residential", oneway=False, reversed=False)
    graph.add_edge(12, 11, length=401.5, highway="residential", oneway=False, reversed=True)
    graph.add_edge(12, 13, length=370.0, highway=["tertiary", "primary"], geometry=bend, oneway=oneway)
    if not oneway:
        graph.add_edge(13, 12, length=370.0, highway=["tertiary", "primary"], geometry=bend.reverse())
    return graph


def test_lines_that_end_at_one_spot_are_joined_and_measured_along_their_shape() -> None:
    """Three lines, one of them bent; 5 cm between two ends do not part them."""
    streets = StreetNetwork.from_edges(
        edges([(0, 0), (400, 0)], [(400.05, 0), (500, 0), (500, 300)], [(0, 0), (0, 300)])
    )
    assert (streets.n_nodes, streets.n_streets) == (4, 3)
    np.testing.assert_allclose(streets.length_m, [400, 399.95, 300])
    assert len(streets.components()) == 1


def test_without_tolerance_the_same_lines_are_two_parts() -> None:
    """The share of each part is of the length, and the longest comes first."""
    streets = StreetNetwork.from_edges(
        edges([(0, 0), (400, 0)], [(400.05, 0), (500, 0), (500, 300)], [(0, 0), (0, 300)]), tolerance_m=0
    )
    parts = streets.components()
    assert parts["n_nodes"].tolist() == [3, 2]
    np.testing.assert_allclose(parts["length_share"], [700 / 1099.95, 399.95 / 1099.95])
    assert streets.largest_component().n_streets == 2
    assert streets.to_nodes()["part"].tolist().count(1) == 2


def test_lines_that_cross_without_a_common_end_do_not_meet() -> None:
    """A bridge over a street is no crossing."""
    streets = StreetNetwork.from_edges(edges([(0, 0), (400, 0)], [(200, -100), (200, 100)]))
    assert len(streets.components()) == 2


def test_lengths_of_the_table_go_before_those_of_the_shape() -> None:
    """OSMnx measures on the ellipsoid; its figure is kept."""
    for column in ("length", "length_m", "长度"):
        streets = StreetNetwork.from_edges(edges([(0, 0), (400, 0)], **{column: [401.0]}))
        assert streets.length_m.tolist() == [401.0]


def test_every_bad_length_is_named_once_with_its_rows() -> None:
    """A hole in the column, a zero, a negative and a word: two faults, four rows."""
    table = edges(*[[(0, 100 * i), (400, 100 * i)] for i in range(5)], length=[400, np.nan, 0, -5, "far"])
    with pytest.raises(TableError) as caught:
        StreetNetwork.from_edges(table)
    found = {fault.code: fault.rows for fault in caught.value.faults}
    assert found == {"streets.bad_length": ("1", "4"), "streets.not_above_zero": ("2", "3")}
    assert "length" in caught.value.render("en")
    assert "长度" in caught.value.render("zh")


def test_a_street_given_twice_is_an_error_or_dropped_as_asked() -> None:
    """Same ends and same shape; a parallel street of another shape is welcome."""
    table = edges([(0, 0), (400, 0)], [(0, 0), (200, 80), (400, 0)], [(0, 0), (400, 0)])
    with pytest.raises(TableError) as caught:
        StreetNetwork.from_edges(table)
    assert faults_of(caught.value) == {"streets.repeated"}
    assert caught.value.faults[0].rows == ("2",)
    assert StreetNetwork.from_edges(table, repeats="drop").n_streets == 2


@pytest.mark.parametrize(
    ("word", "oneway", "turned"),
    [
        ("yes", True, False),
        ("-1", True, True),
        ("no", False, False),
        (True, True, False),
        (None, False, False),
    ],
)
def test_one_way_marks_of_openstreetmap_are_understood(word: object, oneway: bool, turned: bool) -> None:
    """-1 means against the drawn direction: the street is then drawn the other way round."""
    streets = StreetNetwork.from_edges(edges([(0, 0), (400, 0)], oneway=pd.Series([word], dtype=object)))
    assert streets.oneway.tolist() == [oneway]
    assert (streets.lines[0].coords[0][0] > ORIGIN[0]) == turned


def test_a_one_way_mark_that_is_no_mark_is_named() -> None:
    """The row and the word found are shown."""
    with pytest.raises(TableError, match="sometimes") as caught:
        StreetNetwork.from_edges(edges([(0, 0), (400, 0)], oneway=["sometimes"]))
    assert faults_of(caught.value) == {"streets.bad_oneway"}


def test_nodes_by_id_join_streets_and_turn_lines_drawn_the_other_way() -> None:
    """As in the two layers that OSMnx writes."""
    nodes = gpd.GeoDataFrame(
        {"osmid": [1, 2, 3]},
        geometry=gpd.points_from_xy(*(np.array([(0, 0), (400, 0), (400, 300)]) + ORIGIN).T),
        crs=CRS,
    )
    table = edges([(400, 0), (0, 0)], [(400, 0), (400, 300)], u=[1, 2], v=[2, 3], oneway=[True, False])
    streets = StreetNetwork.from_edges(table, nodes=nodes)
    assert streets.node_ids.tolist() == ["1", "2", "3"]
    assert (streets.tail.tolist(), streets.head.tolist()) == ([0, 1], [1, 2])
    assert streets.lines[0].coords[0] == tuple(ORIGIN)
    with pytest.raises(TableError) as caught:
        StreetNetwork.from_edges(table.assign(v=[2, 99]), nodes=nodes)
    assert faults_of(caught.value) == {"streets.unknown_node"}
    with pytest.raises(TableError) as caught:
        StreetNetwork.from_edges(table, nodes=nodes.assign(osmid=[1, 2, 2]))
    assert faults_of(caught.value) == {"streets.duplicate_node"}
    with pytest.raises(TableError) as caught:
        StreetNetwork.from_edges(table.drop(columns="u"), nodes=nodes)
    assert faults_of(caught.value) == {"table.missing_column"}


def test_shapes_that_are_not_single_lines_are_refused() -> None:
    """Multi-part and missing geometries, by row."""
    table = edges([(0, 0), (400, 0)], [(0, 50), (400, 50)], [(0, 90), (400, 90)])
    table.loc[1, "geometry"] = shapely.MultiLineString([table.geometry[1]])
    table.loc[2, "geometry"] = None
    with pytest.raises(TableError) as caught:
        StreetNetwork.from_edges(table)
    assert caught.value.faults[0].rows == ("1", "2")


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4326"])
def test_a_network_not_in_metres_is_refused_with_the_system_to_use(crs: str) -> None:
    """Web Mercator stretches streets by a third at 40 degrees north."""
    table = edges([(0, 0), (400, 0)]).to_crs(crs)
    with pytest.raises(CrsError, match="EPSG:4544"):
        StreetNetwork.from_edges(table)
    with pytest.raises(CrsError):
        StreetNetwork.from_edges(table.set_crs(None, allow_override=True))


def test_an_empty_network_and_a_plain_table_are_refused() -> None:
    """Before anything else is asked of them."""
    with pytest.raises(TableError, match="no streets"):
        StreetNetwork.from_edges(edges())
    with pytest.raises(TableError, match="no streets"):
        StreetNetwork.from_networkx(nx.MultiDiGraph(crs=CRS))
    with pytest.raises(WrongTypeError):
        StreetNetwork.from_edges(pd.DataFrame({"length": [1.0]}))


def test_the_two_directions_of_osmnx_become_one_street() -> None:
    """A two-way street is one row; a one-way street keeps its direction, and the first of two classes."""
    streets = StreetNetwork.from_networkx(osmnx_like())
    assert (streets.n_nodes, streets.n_streets, streets.oneway.any()) == (3, 2, False)
    assert streets.length_m.tolist() == [401.5, 370.0]
    assert streets.way_class.tolist() == ["residential", "tertiary"]
    streets = StreetNetwork.from_networkx(osmnx_like(oneway=True))
    assert streets.oneway.tolist() == [False, True]
    assert streets.node_ids[streets.tail[1]] == "12"


def test_opposite_edges_of_different_length_are_two_one_way_streets() -> None:
    """What is not the same street in both directions is not made so."""
    graph = nx.DiGraph(crs=CRS)
    graph.add_node("a", x=ORIGIN[0], y=ORIGIN[1])
    graph.add_node("b", x=ORIGIN[0] + 90, y=ORIGIN[1])
    graph.add_edge("a", "b", length=100.0)
    graph.add_edge("b", "a", length=140.0)
    streets = StreetNetwork.from_networkx(graph)
    assert streets.oneway.tolist() == [True, True]


def test_a_plain_graph_needs_lengths_and_places() -> None:
    """No guess is made; measuring along the shapes is asked for by name."""
    graph = nx.Graph(crs=CRS)
    graph.add_node("a", pos=tuple(ORIGIN))
    graph.add_node("b", pos=(ORIGIN[0] + 300, ORIGIN[1] + 400))
    graph.add_edge("a", "b")
    with pytest.raises(TableError, match="'length'"):
        StreetNetwork.from_networkx(graph)
    assert StreetNetwork.from_networkx(graph, length=None).length_m.tolist() == [500.0]
    graph.add_edge("a", "c", length=5.0)
    with pytest.raises(InputError, match="'c'"):
        StreetNetwork.from_networkx(graph, length=None)
    graph.add_node("c", x=ORIGIN[0], y=ORIGIN[1] + 9)
    with pytest.raises(TableError) as caught:
        StreetNetwork.from_networkx(graph)
    assert faults_of(caught.value) == {"streets.bad_length"}
    assert caught.value.faults[0].rows == ("a -> b",)


def test_a_graph_in_degrees_comes_in_a_fitting_metric_system() -> None:
    """The CGCS2000 zone of the place, and the lengths that the graph gives."""
    metric = StreetNetwork.from_networkx(osmnx_like())
    degrees = osmnx_like(crs="EPSG:4326")
    lonlat = gpd.GeoSeries(shapely.points(metric.node_xy), crs=CRS).to_crs("EPSG:4326")
    for name, place in zip(degrees.nodes, lonlat, strict=True):
        degrees.nodes[name].update(x=place.x, y=place.y)
    for *_, data in degrees.edges(data=True):
        data.pop("geometry", None)
    streets = StreetNetwork.from_networkx(degrees)
    assert streets.crs.to_epsg() == 4544
    np.testing.assert_allclose(streets.node_xy, metric.node_xy, atol=1e-3)
    with pytest.raises(CrsError):
        StreetNetwork.from_networkx(nx.Graph(osmnx_like().to_undirected(), crs=None))


@settings(max_examples=40)
@given(cases())
def test_to_networkx_and_back_is_the_same_network(case: Case) -> None:
    """Nodes, lengths, directions and shapes, in whatever order."""
    there = case.streets.to_networkx()
    back = StreetNetwork.from_networkx(there)
    directed = int(case.streets.oneway.sum()) + 2 * int((~case.streets.oneway).sum())
    assert there.number_of_edges() == directed
    assert described(back) == described(case.streets)
    again = StreetNetwork.from_edges(case.streets.to_edges(), nodes=case.streets.to_nodes())
    assert described(again) == described(case.streets)


def test_the_matrix_for_scipy_holds_directions_and_the_shorter_of_parallel_streets() -> None:
    """A one-way street and a longer parallel of another street."""
    streets = network(
        SQUARE, [("a", "b"), ("b", "c"), ("c", "b")], oneway=[False, True, True], length_m=[400, 350, 300]
    )
    directed = streets.to_csr().toarray()
    assert directed[:3, :3].tolist() == [[0, 400, 0], [400, 0, 350], [0, 300, 0]]
    assert streets.to_csr(one_way=False).toarray()[1, 2] == 300


def described(streets: StreetNetwork) -> list[tuple[object, ...]]:
    """Every street as plain values, in an order of its own."""
    rows = []
    for row in range(len(streets)):
        ends = [streets.node_ids[streets.tail[row]], streets.node_ids[streets.head[row]]]
        named = tuple(ends) if streets.oneway[row] else tuple(sorted(ends))
        rows.append((named, bool(streets.oneway[row]), float(streets.length_m[row]), streets.way_class[row]))
    return sorted(rows)


def test_travel_times_of_osmnx_are_seconds_and_become_minutes() -> None:
    """Forward and back apart; written back as seconds."""
    graph = osmnx_like()
    for tail, head, data in graph.edges(data=True):
        data["travel_time"] = 60.0 if tail < head else 90.0
    streets = StreetNetwork.from_networkx(graph)
    assert streets.minutes.tolist() == [[1.0, 1.5], [1.0, 1.5]]
    seconds = {(u, v): data["travel_time"] for u, v, data in streets.to_networkx().edges(data=True)}
    assert seconds[(11, 12)] == 60.0
    assert seconds[(12, 11)] == 90.0


def test_columns_we_do_not_know_are_kept() -> None:
    """Street names travel along through tables and graphs."""
    streets = StreetNetwork.from_edges(edges([(0, 0), (400, 0)], name=["朝阳大街"]))
    assert streets.to_edges()["name"].tolist() == ["朝阳大街"]
    assert StreetNetwork.from_networkx(streets.to_networkx()).extra["name"].tolist() == ["朝阳大街"]


def test_nothing_can_be_changed_in_place() -> None:
    """Neither a field nor an array."""
    streets = lattice(3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        streets.length_m = np.ones(3)  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        streets.length_m[0] = 1.0


@pytest.mark.parametrize(
    ("field", "value"),
    [("length_m", np.ones(3)), ("head", np.zeros(1)), ("minutes", np.ones((4, 3))), ("way_class", ["x"])],
)
def test_arrays_of_the_wrong_shape_are_refused(field: str, value: object) -> None:
    """Each is named with the shape it must have."""
    streets = network(SQUARE, [("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")])
    with pytest.raises(InputError, match=field):
        dataclasses.replace(streets, **{field: value})


def test_minutes_of_zero_or_less_are_refused() -> None:
    """NaN means unknown; zero means that somebody is wrong."""
    with pytest.raises(TableError) as caught:
        network(SQUARE, [("a", "b"), ("b", "c")], minutes=np.array([[0.0, 1.0], [np.nan, np.nan]]))
    assert faults_of(caught.value) == {"streets.bad_minutes"}


def test_a_world_takes_streets_of_its_own_system_only_and_converts_them_with_the_rest() -> None:
    """Another zone is named in the error; to_crs moves everything."""
    some = world([(0, 0)], [(100, 0)])
    with pytest.raises(WorldError, match="streets EPSG:4545"):
        some.with_streets(lattice(3).to_crs("EPSG:4545"))
    moved = some.with_streets(lattice(3)).to_crs("EPSG:4545")
    assert moved.streets is not None
    assert moved.streets.crs == moved.crs
    assert "12 streets" in repr(moved)
    assert moved.with_streets(None).streets is None
    np.testing.assert_array_equal(moved.streets.length_m, lattice(3).length_m)


def test_the_networks_of_real_towns_read_as_their_sources_describe_them(shared_data) -> None:
    """Wuhan: 82,891 nodes in one part and 25 repeated streets; Bubenec: 35 streets in web Mercator."""
    wuhan = gpd.read_parquet(shared_data / "streets_wuhan_neatnet" / "original.parquet").to_crs("EPSG:4547")
    with pytest.raises(TableError, match="25 rows in all"):
        StreetNetwork.from_edges(wuhan)
    streets = StreetNetwork.from_edges(wuhan, repeats="drop")
    assert (streets.n_nodes, streets.n_streets, len(streets.components())) == (82_891, 92_642, 1)
    assert streets.total_length_m == pytest.approx(7_181_000, rel=1e-3)
    bubenec = gpd.read_file(shared_data / "streets_small" / "bubenec.gpkg", layer="streets")
    with pytest.raises(CrsError, match=r"55\.9 %.*EPSG:32633"):
        StreetNetwork.from_edges(bubenec)
    assert StreetNetwork.from_edges(bubenec.to_crs("EPSG:32633")).n_streets == 35
