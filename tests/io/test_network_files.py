"""The tree of facilities as GraphML and GeoJSON, for programs that draw graphs and maps."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest

import cultureplan as cp
from cultureplan.base.crs import to_lonlat
from cultureplan.base.errors import InputError
from cultureplan.io.network_files import write_network
from tests.worlds import facilities

LEVELS = ["central", "head", "branch", "service_point", "head"]
PARENTS = [None, "F000", "F001", "F002", None]


@pytest.fixture
def network() -> cp.ServiceNetwork:
    """Five facilities on four levels, one of them on its own."""
    return cp.ServiceNetwork(
        facilities=facilities(
            [(0, 0), (300, 400), (0, 1000), (0, 2000), (9000, 0)],
            level=LEVELS,
            parent_id=PARENTS,
            name=["中心馆", "总馆 & <分馆>", "b", "c", "d"],
            volumes=[1000.0, np.nan, 5.5, 0.0, 1.0],
        )
    )


def test_graphml_holds_the_tree_with_every_attribute(network: cp.ServiceNetwork, tmp_path: Path):
    """Read back by networkx: the same links, the same values, missing ones absent, WGS84 degrees."""
    graph = nx.read_graphml(write_network(network, tmp_path / "tree.graphml"))
    assert set(graph.edges) == {("F000", "F001"), ("F001", "F002"), ("F002", "F003")}
    assert graph.nodes["F001"]["name"] == "总馆 & <分馆>"
    assert graph.nodes["F002"]["volumes"] == 5.5
    assert "volumes" not in graph.nodes["F001"]
    lonlat = np.array([[graph.nodes[name]["lon"], graph.nodes[name]["lat"]] for name in network.ids])
    np.testing.assert_allclose(lonlat, to_lonlat(network.facilities.xy, network.facilities.crs), atol=1e-7)


def test_geojson_holds_points_and_lines(network: cp.ServiceNetwork, tmp_path: Path):
    """Facilities as points, links as lines from parent to child with their straight length."""
    frame = gpd.read_file(write_network(network, tmp_path / "tree.geojson"))
    points, lines = frame[frame["feature"] == "facility"], frame[frame["feature"] == "link"]
    assert points.geom_type.unique().tolist() == ["Point"]
    assert lines.geom_type.unique().tolist() == ["LineString"]
    assert points["facility_id"].tolist() == list(network.ids)
    assert (
        lines[["parent_id", "facility_id"]].to_numpy().tolist()
        == network.links[["parent_id", "facility_id"]].to_numpy().tolist()
    )
    assert lines["length_m"].tolist() == pytest.approx([500.0, 670.8, 1000.0])
    assert frame.crs.to_epsg() == 4326
    for line, parent in zip(lines.geometry, lines["parent_id"], strict=True):
        start = points.set_index("facility_id").geometry[parent]
        assert (start.x, start.y) == line.coords[0]


def test_geojson_is_plain_json(network: cp.ServiceNetwork, tmp_path: Path):
    """No NaN, which browsers refuse."""
    text = write_network(network, tmp_path / "tree.geojson").read_text(encoding="utf-8")
    json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert "中心馆" in text


def test_a_file_is_replaced_whole(network: cp.ServiceNetwork, tmp_path: Path):
    """And nothing else is left in the folder."""
    (tmp_path / "tree.geojson").write_text("old", encoding="utf-8")
    write_network(network, tmp_path / "tree.geojson")
    assert [file.name for file in tmp_path.iterdir()] == ["tree.geojson"]


def test_another_ending_is_refused(network: cp.ServiceNetwork, tmp_path: Path):
    """The message names those that are known."""
    with pytest.raises(InputError, match=r"\.graphml, \.geojson"):
        write_network(network, tmp_path / "tree.dot")
    assert list(tmp_path.iterdir()) == []
