"""A metric system is one whose lengths are metres here; the others are named with the one to use."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from pyproj import CRS, Geod

from cultureplan.base.crs import (
    MAX_SCALE_ERROR,
    crs_fault_code,
    crs_name,
    extent_of,
    is_metric,
    read_crs,
    scale_error,
    suggest_metric_crs,
    to_lonlat,
    transform,
    validate_metric_crs,
)
from cultureplan.base.errors import CrsError

DAWUKOU = (106.2, 38.9, 106.6, 39.2)
GEOD = Geod(ellps="WGS84")


def small_extents(lon: tuple[float, float], lat: tuple[float, float]) -> st.SearchStrategy:
    """Extents of up to a degree somewhere in a range."""
    return st.tuples(st.floats(*lon), st.floats(*lat), st.floats(0.0, 1.0), st.floats(0.0, 1.0)).map(
        lambda e: (e[0], e[1], e[0] + e[2], e[1] + e[3])
    )


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("EPSG:4326", "crs.not_projected"),
        ("EPSG:3857", "crs.distorts"),
        ("EPSG:2263", "crs.not_metres"),
        ("EPSG:4554", "crs.distorts"),
        ("EPSG:4545", None),
        ("EPSG:4544", None),
        ("EPSG:32648", None),
    ],
)
def test_only_metres_that_are_metres_are_accepted(code: str, fault: str | None):
    """Degrees, feet, web Mercator and a zone far away are not."""
    assert crs_fault_code(CRS.from_user_input(code), DAWUKOU) == fault
    assert is_metric(CRS.from_user_input(code), DAWUKOU) == (fault is None)


def test_web_mercator_is_off_by_what_theory_says():
    """Its scale is 1 / cos(latitude), a little less along the meridian."""
    assert scale_error(CRS.from_epsg(3857), (106.0, 40.0, 106.0, 40.0)) == pytest.approx(
        1 / np.cos(np.radians(40.0)) - 1, abs=0.002
    )


@given(small_extents((73.5, 134.0), (18.0, 53.0)))
def test_in_china_the_suggestion_is_a_three_degree_zone(extent: tuple[float, float, float, float]):
    """CGCS2000, its central meridian within 1.5 degrees of the middle."""
    crs = suggest_metric_crs(extent)
    code = crs.to_epsg()
    assert code is not None
    assert 4534 <= code <= 4554
    assert abs(75 + 3 * (code - 4534) - (extent[0] + extent[2]) / 2) <= 1.5 + 1e-9 or extent[0] < 73.5
    assert scale_error(crs, extent) <= MAX_SCALE_ERROR


@given(small_extents((-180.0, 178.9), (-79.0, 78.9)))
def test_a_suggestion_measures_metres_anywhere(extent: tuple[float, float, float, float]):
    """A step of 100 m on the ellipsoid is 100 m in the plane, within 0.5 %."""
    crs = suggest_metric_crs(extent)
    for lon, lat in ((extent[0], extent[1]), (extent[2], extent[3])):
        for azimuth in (0.0, 90.0, 200.0):
            there = GEOD.fwd(lon, lat, azimuth, 100.0)[:2]
            xy = transform(np.array([[lon, lat], there]), read_crs("EPSG:4326"), crs)
            assert np.hypot(*(xy[1] - xy[0])) == pytest.approx(100.0, rel=MAX_SCALE_ERROR)


def test_a_region_too_wide_is_said():
    """No plane system fits a country."""
    with pytest.raises(CrsError, match=r"61\.0 degrees wide"):
        suggest_metric_crs((74.0, 18.0, 135.0, 53.0))


def test_validation_names_the_system_to_use():
    """In the message, for those who copy it."""
    xy = transform(np.array([[106.3, 39.0], [106.5, 39.1]]), read_crs("EPSG:4326"), read_crs("EPSG:3857"))
    with pytest.raises(CrsError, match="EPSG:4544"):
        validate_metric_crs(CRS.from_epsg(3857), xy)
    with pytest.raises(CrsError, match="No coordinate system"):
        validate_metric_crs(None, xy)


def test_points_outside_a_system_are_said():
    """Degrees declared as metres far outside, for example."""
    with pytest.raises(CrsError):
        validate_metric_crs(CRS.from_epsg(4545), np.array([[1e9, 1e9], [2e9, 2e9]]))


def test_no_points_need_a_projected_system():
    """An empty table can still be declared wrongly."""
    assert validate_metric_crs(CRS.from_epsg(4545), np.empty((0, 2))) == CRS.from_epsg(4545)
    with pytest.raises(CrsError):
        validate_metric_crs(CRS.from_epsg(4326), np.empty((0, 2)))


@pytest.mark.parametrize(
    "value",
    ["EPSG:4545", 4545, "+proj=tmerc +lat_0=38.9 +lon_0=106.3 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m"],
)
def test_a_name_reads_back(value: object):
    """Short where an authority lists the system, whole where none does."""
    crs = read_crs(value)
    assert read_crs(crs_name(crs)) == crs


def test_an_unknown_name_is_refused():
    """With the names that would do."""
    with pytest.raises(CrsError, match="EPSG:4545"):
        read_crs("Gauss-Krüger 105")


@given(st.lists(st.tuples(st.floats(104, 107), st.floats(30, 45)), min_size=1, max_size=10))
def test_there_and_back(points: list[tuple[float, float]]):
    """Longitude first, in and out."""
    lonlat = np.array(points, dtype=float)
    xy = transform(lonlat, read_crs("EPSG:4490"), read_crs("EPSG:4544"))
    np.testing.assert_allclose(to_lonlat(xy, read_crs("EPSG:4544")), lonlat, atol=1e-9)
    assert extent_of(lonlat) == (*lonlat.min(axis=0), *lonlat.max(axis=0))
