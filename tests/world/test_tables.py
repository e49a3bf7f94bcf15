"""Facilities, demand points and places: validated once, never changed, named by their ids."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import cultureplan as cp
from cultureplan.base.checks import Origin
from cultureplan.base.errors import CrsError, MissingColumnError, TableError, UnknownNameError, WrongTypeError
from tests.worlds import CRS, ORIGIN, demand, facilities

X, Y = ORIGIN


def place_frame(**columns: object) -> gpd.GeoDataFrame:
    """A county, a town and two villages."""
    return gpd.GeoDataFrame(
        {
            "place_id": ["C", "T", "V1", "V2"],
            "name": ["县", "镇", "村一", "村二"],
            "place_level": ["county", "township", "village", "community"],
            "parent_id": [None, "C", "T", "T"],
            **columns,
        },
        geometry=[shapely.box(X, Y, X + 900, Y + 900), shapely.Point(X, Y), None, shapely.Point(X + 5, Y)],
        crs=CRS,
    )


def test_only_a_geodataframe_is_a_table():
    """A plain frame has no coordinate system."""
    with pytest.raises(WrongTypeError, match="a GeoDataFrame"):
        cp.Facilities(pd.DataFrame({"facility_id": ["a"]}))  # type: ignore[arg-type]


def test_a_table_keeps_unknown_columns_and_renames_known_ones():
    """Chinese headings are understood in memory too."""
    frame = gpd.GeoDataFrame(
        {"编号": ["a"], "名称": ["馆"], "级别": ["中心馆"], "备注": ["x"]},
        geometry=[shapely.Point(X, Y)],
        crs=CRS,
    )
    table = cp.Facilities(frame)
    assert {"facility_id", "name", "level", "备注", "status", "kind", "parent_id"} <= set(table.frame.columns)
    assert list(frame.columns[:2]) == ["编号", "名称"]


def test_what_is_handed_out_can_be_changed_without_harm():
    """The table itself stays."""
    table = demand([(0, 0), (1, 1)], [5, 6])
    frame = table.frame
    frame["persons"] = 0.0
    frame.loc[0, "demand_id"] = "changed"
    assert table.persons.tolist() == [5, 6]
    assert table.ids.tolist() == ["D000", "D001"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        table._frame = frame  # type: ignore[misc]


def test_positions_follow_the_ids():
    """An unknown id comes with the closest."""
    table = facilities([(0, 0), (1, 1), (2, 2)])
    assert table.positions(["F002", "F000"]).tolist() == [2, 0]
    assert table.positions("F001").tolist() == [1]
    with pytest.raises(UnknownNameError, match="Did you mean 'F001'"):
        table.positions("F01")


@pytest.mark.parametrize(
    ("crs", "code"),
    [(None, "crs.missing"), ("EPSG:4326", "crs.not_projected"), ("EPSG:3857", "crs.distorts")],
)
def test_a_system_that_is_not_metric_here_is_refused(crs: str | None, code: str):
    """And nothing is reprojected silently."""
    lonlat = gpd.GeoSeries([shapely.Point(106.3, 39.0)], crs="EPSG:4326")
    points = lonlat.to_crs(crs) if crs else gpd.GeoSeries(lonlat.array, crs=None)
    points = points if crs else gpd.GeoSeries([shapely.Point(106.3, 39.0)])
    frame = gpd.GeoDataFrame({"demand_id": ["a"], "persons": [1]}, geometry=points)
    with pytest.raises(CrsError) as caught:
        cp.DemandPoints(frame)
    assert [fault.code for fault in caught.value.faults] == [code]


def test_faults_of_system_and_columns_come_together():
    """As a table error, with the file."""
    frame = gpd.GeoDataFrame(
        {"demand_id": ["a"], "persons": [-1]}, geometry=[shapely.Point(106, 39)], crs="EPSG:4326"
    )
    with pytest.raises(TableError) as caught:
        cp.DemandPoints(frame, origin=Origin(table="demand", file="d.gpkg", first_row=1))
    assert [(f.code, f.file) for f in caught.value.faults] == [
        ("table.negative", "d.gpkg"),
        ("crs.not_projected", "d.gpkg"),
    ]


def test_missing_columns_alone_have_their_own_error():
    """So that a caller can ask for them."""
    frame = gpd.GeoDataFrame({"demand_id": ["a"]}, geometry=[shapely.Point(X, Y)], crs=CRS)
    with pytest.raises(MissingColumnError, match="persons"):
        cp.DemandPoints(frame)


def test_an_empty_table_is_refused():
    """It would make every share NaN."""
    frame = gpd.GeoDataFrame({"demand_id": [], "persons": []}, geometry=[], crs=CRS)
    with pytest.raises(TableError, match="no rows"):
        cp.DemandPoints(frame)


@pytest.mark.parametrize(
    "shape",
    [None, shapely.Point(), shapely.box(X, Y, X + 1, Y + 1), shapely.MultiPoint([(X, Y), (X, Y + 1)])],
)
def test_a_facility_is_a_single_point(shape: shapely.Geometry | None):
    """Neither nothing nor an area."""
    frame = gpd.GeoDataFrame(
        {"facility_id": ["a", "b"], "name": "x", "level": "head"},
        geometry=[shapely.Point(X, Y), shape],
        crs=CRS,
    )
    with pytest.raises(TableError) as caught:
        cp.Facilities(frame)
    assert caught.value.faults[0].code in ("table.missing_geometry", "table.not_a_point")


def test_opening_hours_are_openstreetmap_syntax():
    """Rows with anything else are named."""
    facilities([(0, 0)], opening_hours="Tu-Su 09:00-21:00; PH off")
    with pytest.raises(TableError) as caught:
        facilities([(0, 0), (1, 1), (2, 2)], opening_hours=["24/7", "9点到5点", "9点到5点"])
    (fault,) = caught.value.faults
    assert (fault.code, fault.rows) == ("table.bad_opening_hours", ("1", "2"))


def test_facilities_are_selected_by_status_level_and_kind():
    """Existing ones where nothing is said."""
    table = facilities(
        [(i, i) for i in range(4)],
        status=["existing", "candidate", "closed", "existing"],
        level=["head", "head", "branch", "branch"],
        kind=["library", "museum", "library", "museum"],
    )
    assert table.select().tolist() == [0, 3]
    assert table.select(status=None, levels=["head"]).tolist() == [0, 1]
    assert table.select(status=["candidate", "closed"], kinds=["library"]).tolist() == [2]
    assert table.select(kinds=["theatre"]).tolist() == []


def test_demand_goes_by_its_ids():
    """Persons, settlement, groups."""
    table = demand([(0, 0), (10, 0)], [5, 6.5], settlement=["urban", "牧区"], minors_persons=[1, 2])
    assert table.persons.to_dict() == {"D000": 5.0, "D001": 6.5}
    assert table.settlement.to_dict() == {"D000": "urban", "D001": "pastoral"}
    assert table.groups == ("minors_persons",)
    np.testing.assert_array_equal(table.xy, [[X, Y], [X + 10, Y]])


def test_places_may_be_polygons_points_or_names_alone():
    """Only the first can be tested for what lies within."""
    places = cp.Places(place_frame())
    assert places.polygons["place_id"].tolist() == ["C"]
    assert places.names.to_dict()["V1"] == "村一"
    assert places.at_level("village").tolist() == ["V1"]


@pytest.mark.parametrize(
    ("level", "above"),
    [
        ("county", ["C"] * 4),
        ("township", [None, "T", "T", "T"]),
        ("village", [None, None, "V1", None]),
        ("city", [None] * 4),
    ],
)
def test_the_ancestor_at_a_level(level: str, above: list[str | None]):
    """A place is its own ancestor at its own level."""
    found = cp.Places(place_frame()).ancestor_at(level)
    assert found.isna().tolist() == [name is None for name in above]
    assert found.dropna().tolist() == [name for name in above if name]


def test_a_table_moves_to_another_metric_system_and_back():
    """To a micrometre."""
    table = facilities([(0, 0), (700, -300)])
    there = table.to_crs("EPSG:4545")
    assert there.crs.to_epsg() == 4545
    np.testing.assert_allclose(there.to_crs(CRS).xy, table.xy, atol=1e-6)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda table: pickle.loads(pickle.dumps(table))])
def test_a_table_can_be_copied_and_sent_to_another_process(again):
    """Without being checked a second time."""
    table = facilities([(0, 0), (1, 1)])
    assert again(table).frame.equals(table.frame)
    assert again(table).crs == table.crs


def test_a_table_shows_itself():
    """In a terminal and in a notebook, names escaped."""
    table = facilities([(0, 0)], name="<script>alert(1)</script>")
    assert repr(table) == "Facilities(1 rows, EPSG:4544)"
    assert "<script>" not in table._repr_html_()
