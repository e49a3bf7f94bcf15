"""Headings mean the same however they are written; units other than ours are converted or not taken."""

from __future__ import annotations

import pytest

from cultureplan.io.headings import find_coordinates, plain, read_headings
from cultureplan.world.schema import columns


@pytest.mark.parametrize("table", ["facilities", "demand", "places"])
def test_every_spelling_of_the_schema_is_understood(table: str):
    """Our name, in capitals and with blanks, and every alias lead to the column."""
    for column in columns(table).values():
        for written in (column.name.upper(), column.name.replace("_", " "), *column.aliases):
            found = read_headings([written], table).names
            assert found.get(written, written) == column.name or written in columns(table)


@pytest.mark.parametrize(
    ("heading", "name", "factor"),
    [
        (" 名称 ", "name", 1.0),
        ("人 口", "persons", 1.0),
        ("人口（人）", "persons", 1.0),
        ("人口(万人)", "persons", 1e4),
        ("常住人口【万人】", "persons", 1e4),
        ("人口（2020年）", "persons", 1.0),
        ("老年人口（千人）", "older_persons", 1e3),
        ("Persons", "persons", 1.0),
        ("Place ID", "place_id", 1.0),
    ],
)
def test_messy_headings_of_demand(heading: str, name: str, factor: float):
    """Blanks, full-width brackets, years and units."""
    found = read_headings([heading], "demand")
    assert found.names == {heading: name}
    assert found.factors.get(name, 1.0) == factor


@pytest.mark.parametrize(
    ("heading", "name", "factor"),
    [
        ("建筑面积（㎡）", "floor_area_m2", 1.0),
        ("建筑面积（平方米）", "floor_area_m2", 1.0),
        ("建筑面积（万平方米）", "floor_area_m2", 1e4),
        ("藏书量（万册）", "volumes", 1e4),
        ("藏书(册)", "volumes", 1.0),
        ("造价（万元）", "build_cost", 1e4),
        ("运行经费（万元/年）", "annual_cost", 1e4),
        ("座席（个）", "seats", 1.0),
        ("计算机（台）", "computers", 1.0),
    ],
)
def test_messy_headings_of_facilities(heading: str, name: str, factor: float):
    """The units of Chinese statistics."""
    found = read_headings([heading], "facilities")
    assert found.names == {heading: name}
    assert found.factors.get(name, 1.0) == factor


@pytest.mark.parametrize("heading", ["人口（百户）", "人口(%)", "人口密度", "persons per km2"])
def test_a_unit_that_we_do_not_know_is_not_guessed(heading: str):
    """The column stays what it is called; a missing column is better than a wrong one."""
    assert read_headings([heading], "demand").names == {}


def test_our_own_name_goes_before_an_alias():
    """The other column is kept under its own heading."""
    assert read_headings(["人口", "persons"], "demand").names == {}
    assert read_headings(["人口", "常住人口"], "demand").names == {"人口": "persons"}


@pytest.mark.parametrize(
    ("headings", "x", "y"),
    [
        (["lon", "lat"], "lon", "lat"),
        (["Longitude", "Latitude"], "Longitude", "Latitude"),
        (["纬度(°)", "经度(°)"], "经度(°)", "纬度(°)"),
        (["lng", "lat", "x", "y"], "lng", "lat"),
        (["x", "y"], "x", "y"),
        (["wgs84_lon", "wgs84_lat", "gcj02_lon", "gcj02_lat"], "wgs84_lon", "wgs84_lat"),
        (["经度（WGS84）", "纬度（WGS84）"], "经度（WGS84）", "纬度（WGS84）"),
    ],
)
def test_degrees_are_found(headings: list[str], x: str, y: str):
    """Longitude and latitude under their usual names, those of the declared system first."""
    found = find_coordinates(headings, system_name="wgs84", is_degrees=True)
    assert (found.x, found.y) == (x, y)


@pytest.mark.parametrize(
    ("headings", "x", "y"),
    [
        (["lon", "lat", "x", "y"], "x", "y"),
        (["东坐标", "北坐标"], "东坐标", "北坐标"),
        (["纵坐标", "横坐标"], "横坐标", "纵坐标"),  # surveyors' words: the abscissa points north
        (["Easting", "Northing"], "Easting", "Northing"),
    ],
)
def test_plane_coordinates_are_found(headings: list[str], x: str, y: str):
    """Where a plane system is declared, x and y go first."""
    found = find_coordinates(headings, system_name="EPSG:4545", is_degrees=False)
    assert (found.x, found.y) == (x, y)


def test_a_geometry_column_goes_before_all():
    """Longitude and latitude are then ordinary columns."""
    found = find_coordinates(["lon", "lat", "WKT"], system_name="wgs84", is_degrees=True)
    assert found.shape == "WKT"
    assert found.x is None


def test_one_coordinate_alone_is_none():
    """A pair is needed."""
    assert find_coordinates(["lon", "name"], system_name="wgs84", is_degrees=True) is None


def test_columns_may_tell_their_system():
    """The reader compares it with what is declared."""
    assert find_coordinates(["gcj02_lon", "gcj02_lat"], system_name="wgs84", is_degrees=True).says == "gcj02"
    assert find_coordinates(["bd09_lng", "bd09_lat"], system_name="bd09", is_degrees=True).says == "bd09"


def test_plain_forgets_what_does_not_matter():
    """Case, blanks, underscores, hyphens, full width and a byte order mark."""
    assert plain("\ufeffＬon_Deg ") == plain("londeg") == plain("LON-DEG")
