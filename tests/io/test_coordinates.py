"""Coordinate systems of Chinese maps: right to the millimetre against an independent forward formula."""

from __future__ import annotations

from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from pyproj import Geod, Transformer

from cultureplan.base.errors import CrsError
from cultureplan.io.coordinates import (
    bd09_to_wgs84,
    gcj02_to_wgs84,
    in_offset_area,
    read_system,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from tests.io import gcj_oracle

GEOD = Geod(ellps="WGS84")
# the interior of mainland China, away from the edge of the area where the offset applies
lons, lats = st.floats(100.0, 116.0), st.floats(26.0, 40.0)
points = st.lists(st.tuples(lons, lats), min_size=1, max_size=20).map(
    lambda rows: np.array(rows, dtype=float)
)

ABROAD = {
    "Seoul": (126.978, 37.567),
    "Pyongyang": (125.754, 39.039),
    "Hanoi": (105.854, 21.029),
    "Ulaanbaatar": (106.917, 47.920),
    "Vientiane": (102.633, 17.976),
    "Kathmandu": (85.324, 27.717),
    "Thimphu": (89.639, 27.472),
    "Almaty": (76.886, 43.239),
    "Bishkek": (74.590, 42.874),
    "Vladivostok": (131.886, 43.116),
    "Khabarovsk": (135.072, 48.480),
    "Irkutsk": (104.296, 52.287),
    "Hong Kong, Central": (114.158, 22.282),
    "Hong Kong, Sheung Shui": (114.127, 22.502),
    "Hong Kong, Tuen Mun": (113.977, 22.391),
    "Macau": (113.543, 22.190),
    "Taipei": (121.565, 25.033),
    "Kaohsiung": (120.301, 22.627),
    "Penghu": (119.566, 23.571),
    "Tokyo": (139.692, 35.690),
    "London": (-0.128, 51.507),
    "Chicago": (-87.630, 41.878),
}
AT_THE_BORDER = {
    "Dandong": (124.356, 40.000),
    "Hunchun": (130.366, 42.863),
    "Suifenhe": (131.151, 44.396),
    "Heihe": (127.528, 50.245),
    "Mohe": (122.539, 52.972),
    "Fuyuan": (134.308, 48.365),
    "Manzhouli": (117.379, 49.598),
    "Erenhot": (111.977, 43.653),
    "Alashankou": (82.567, 45.172),
    "Horgos": (80.420, 44.213),
    "Tacheng": (82.983, 46.745),
    "Kashgar": (75.990, 39.470),
    "Taxkorgan": (75.230, 37.776),
    "Burang": (81.177, 30.286),
    "Zhangmu": (85.984, 27.990),
    "Yadong": (88.907, 27.485),
    "Ruili": (97.852, 24.013),
    "Jinghong": (100.797, 22.009),
    "Hekou": (103.939, 22.529),
    "Pingxiang": (106.767, 22.094),
    "Dongxing": (107.972, 21.547),
    "Sanya": (109.512, 18.252),
    "Shenzhen, Luohu": (114.131, 22.548),
    "Shenzhen, Shekou": (113.916, 22.494),
    "Zhuhai, Gongbei": (113.550, 22.222),
    "Xiamen": (118.089, 24.479),
    "Pingtan": (119.790, 25.504),
    "Zhoushan": (122.207, 29.985),
    "Dalian": (121.615, 38.914),
}


def metres_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distance on the ellipsoid."""
    return np.asarray(GEOD.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[2])


@given(points)
def test_gcj02_is_the_published_formula(lonlat: np.ndarray):
    """Forward to 1e-12 degrees of a plain-Python formula written from its description."""
    wanted = np.array([gcj_oracle.to_gcj02(*point) for point in lonlat])
    np.testing.assert_allclose(wgs84_to_gcj02(lonlat), wanted, rtol=0, atol=1e-9)


@given(points)
def test_bd09_is_the_published_formula(lonlat: np.ndarray):
    """Baidu's second offset on top of the first."""
    wanted = np.array([gcj_oracle.to_bd09(*gcj_oracle.to_gcj02(*point)) for point in lonlat])
    np.testing.assert_allclose(wgs84_to_bd09(lonlat), wanted, rtol=0, atol=1e-9)


@given(points)
def test_the_inverse_is_within_a_millimetre_of_the_oracle(lonlat: np.ndarray):
    """A point that the oracle shifted comes back to where it was."""
    gcj02 = np.array([gcj_oracle.to_gcj02(*point) for point in lonlat])
    bd09 = np.array([gcj_oracle.to_bd09(*point) for point in gcj02])
    assert metres_between(gcj02_to_wgs84(gcj02), lonlat).max() < 0.001
    assert metres_between(bd09_to_wgs84(bd09), lonlat).max() < 0.001


@given(points)
def test_there_and_back_is_the_same_point(lonlat: np.ndarray):
    """To 1e-9 degrees, both ways round."""
    for there, back in ((wgs84_to_gcj02, gcj02_to_wgs84), (wgs84_to_bd09, bd09_to_wgs84)):
        np.testing.assert_allclose(back(there(lonlat)), lonlat, rtol=0, atol=1e-9)
        np.testing.assert_allclose(there(back(lonlat)), lonlat, rtol=0, atol=1e-9)


@given(points)
def test_the_offset_is_some_hundred_metres(lonlat: np.ndarray):
    """GCJ-02 is off by less than 0.8 km, BD-09 by less than 2 km, and neither by nothing."""
    gcj02_m = metres_between(wgs84_to_gcj02(lonlat), lonlat)
    bd09_m = metres_between(wgs84_to_bd09(lonlat), lonlat)
    assert gcj02_m.min() > 10
    assert gcj02_m.max() < 800
    assert bd09_m.min() > 100
    assert bd09_m.max() < 2_000


@pytest.mark.parametrize("place", ABROAD)
def test_a_place_outside_mainland_china_is_not_shifted(place: str):
    """Neither there nor back."""
    point = np.array([ABROAD[place]])
    for convert in (wgs84_to_gcj02, gcj02_to_wgs84, wgs84_to_bd09, bd09_to_wgs84):
        assert (convert(point) == point).all()


@pytest.mark.parametrize("place", AT_THE_BORDER)
def test_a_chinese_town_at_the_border_is_shifted(place: str):
    """The outline errs on the outer side, so that no town is left out."""
    point = np.array([AT_THE_BORDER[place]])
    assert in_offset_area(point).all()
    assert metres_between(wgs84_to_gcj02(point), point)[0] > 10


def test_town_centres_from_amap_agree_with_those_derived_by_others(shared_data: Path):
    """325 town centres: GCJ-02 as published, WGS84 by another program, rounded to 0.1 m."""
    towns = pd.read_csv(shared_data / "cn_admin" / "towns.csv").dropna(subset=["gcj02_lon"])
    gcj02 = towns[["gcj02_lon", "gcj02_lat"]].to_numpy()
    wgs84 = towns[["wgs84_lon", "wgs84_lat"]].to_numpy()
    assert len(towns) == 325
    assert metres_between(gcj02_to_wgs84(gcj02), wgs84).max() < 0.1


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("wgs84", "wgs84"), ("WGS-84", "wgs84"), ("EPSG:4326", "wgs84"), ("ｗｇｓ８４", "wgs84"),
        ("CGCS2000", "cgcs2000"), ("国家2000", "cgcs2000"), ("epsg:4490", "cgcs2000"),
        ("GCJ02", "gcj02"), ("gcj_02", "gcj02"), ("火星坐标系", "gcj02"), ("高德", "gcj02"),
        ("BD09LL", "bd09"), ("bd-09", "bd09"), ("百度坐标", "bd09"),
        ("EPSG:4545", "EPSG:4545"), (4545, "EPSG:4545"), ("epsg:27700", "EPSG:27700"), ("OGC:CRS84", "wgs84"),
    ],
)  # fmt: skip
def test_a_system_goes_by_its_usual_names(written: object, name: str):
    """Case, hyphens, full-width letters and Chinese names do not matter."""
    assert read_system(written).name == name


@pytest.mark.parametrize("written", ["", "mars", "Mars 2000", "EPSG:99999", "EPSG:5773", "gcj03", None])
def test_an_unknown_system_is_refused(written: object):
    """Also one that measures heights, or another planet."""
    with pytest.raises(CrsError):
        read_system(written)


@pytest.mark.parametrize(("code", "central_meridian"), [(4534, 75), (4544, 105), (4545, 108), (4554, 135)])
def test_three_degree_zones_without_zone_number(code: int, central_meridian: int):
    """The central meridian has easting 500,000."""
    system = read_system(f"EPSG:{code}")
    xy = system.from_lonlat(np.array([[central_meridian, 38.0]]))
    assert xy[0, 0] == pytest.approx(500_000, abs=1e-6)
    np.testing.assert_allclose(system.to_lonlat(xy), [[central_meridian, 38.0]], atol=1e-9)


@pytest.mark.parametrize(("code", "zone"), [(4513, 25), (4523, 35), (4524, 36), (4533, 45)])
def test_three_degree_zones_with_zone_number(code: int, zone: int):
    """The easting begins with the number of the zone."""
    xy = read_system(f"EPSG:{code}").from_lonlat(np.array([[3.0 * zone, 38.0]]))
    assert xy[0, 0] == pytest.approx(zone * 1e6 + 500_000, abs=1e-6)


@given(st.floats(103.5, 106.5), st.floats(20.0, 50.0))
def test_a_zone_agrees_with_the_gauss_krueger_series(lon: float, lat: float):
    """Against the textbook's series in plain Python, to a centimetre."""
    easting, northing = _gauss_krueger(lon, lat, 105.0)
    xy = read_system("EPSG:4544").from_lonlat(np.array([[lon, lat]]))
    assert xy[0] == pytest.approx([easting, northing], abs=0.01)


def test_cgcs2000_is_taken_as_wgs84():
    """They agree within some decimetres; no shift is made up."""
    point = np.array([[106.3842, 38.9841]])
    np.testing.assert_allclose(read_system("cgcs2000").to_lonlat(point), point, atol=1e-9)


@given(points)
def test_any_system_gives_what_pyproj_gives(lonlat: np.ndarray):
    """Longitude and easting come first, whatever the authority says."""
    expected = Transformer.from_crs("EPSG:4326", "EPSG:32648", always_xy=True).transform(*lonlat.T)
    np.testing.assert_allclose(read_system("EPSG:32648").from_lonlat(lonlat), np.column_stack(expected))


def test_web_mercator_is_recognized_by_all_its_codes():
    """It is read, so that the message can name a better one, and marked."""
    assert all(read_system(code).is_web_mercator for code in ("EPSG:3857", "EPSG:900913", "ESRI:102100"))
    assert not read_system("EPSG:3395").is_web_mercator


def _gauss_krueger(lon: float, lat: float, meridian: float) -> tuple[float, float]:
    """Snyder (1987), Map Projections, formulas 8-9 and 8-10, on the CGCS2000 ellipsoid."""
    a, f = 6_378_137.0, 1 / 298.257222101
    e2 = f * (2 - f)
    phi, dlon = np.radians(lat), np.radians(lon - meridian)
    second = e2 / (1 - e2)
    n = a / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    t, c, big = np.tan(phi) ** 2, second * np.cos(phi) ** 2, dlon * np.cos(phi)
    arc = a * (
        (1 - e2 / 4 - 3 * e2**2 / 64 - 5 * e2**3 / 256) * phi
        - (3 * e2 / 8 + 3 * e2**2 / 32 + 45 * e2**3 / 1024) * np.sin(2 * phi)
        + (15 * e2**2 / 256 + 45 * e2**3 / 1024) * np.sin(4 * phi)
        - (35 * e2**3 / 3072) * np.sin(6 * phi)
    )
    east = n * (big + (1 - t + c) * big**3 / 6 + (5 - 18 * t + t**2 + 72 * c - 58 * second) * big**5 / 120)
    north = arc + n * np.tan(phi) * (
        big**2 / 2
        + (5 - t + 9 * c + 4 * c**2) * big**4 / 24
        + (61 - 58 * t + t**2 + 600 * c - 330 * second) * big**6 / 720
    )
    return 500_000 + float(east), float(north)
