"""The coordinate systems that tables come in, and the way from each to WGS84 and back.

Maps published in mainland China are drawn in GCJ-02, WGS84 moved by up to 700 m (410 m on average) in a way
that changes from place to place; Baidu moves it once more, to 690 to 1,520 m in all (BD-09). CGCS2000, the
national system, agrees with WGS84 within some decimetres and is taken as equal to it; its 3-degree zones go
by their EPSG codes.

The order is always longitude or easting first, latitude or northing second.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO
from typing import Literal

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import ProjError

from cultureplan.base.crs import WGS84, crs_name, read_crs, transform
from cultureplan.base.errors import CrsError

_CGCS2000 = CRS.from_epsg(4490)

# The ellipsoid of Krasovsky 1940, which the GCJ-02 formula uses (not that of WGS84).
_AXIS_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BD_PHASE = np.pi * 3000.0 / 180.0
_LAST_STEP_DEGREES = 1e-9  # each round gains two digits, so what is left after such a step is below 1e-11
_MAX_ROUNDS = 12

_SPELLINGS = {
    "wgs84": "wgs84", "gps": "wgs84", "epsg:4326": "wgs84",
    "cgcs2000": "cgcs2000", "国家2000": "cgcs2000", "2000国家大地坐标系": "cgcs2000", "epsg:4490": "cgcs2000",
    "gcj02": "gcj02", "火星坐标": "gcj02", "火星坐标系": "gcj02", "高德": "gcj02", "腾讯": "gcj02",
    "bd09": "bd09", "bd09ll": "bd09", "百度": "bd09", "百度坐标": "bd09", "百度坐标系": "bd09",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CoordinateSystem:
    """What a pair of numbers means.

    Parameters
    ----------
    name : str
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or a code such as ``EPSG:4545``.
    crs : pyproj.CRS
        Coordinate reference system of the numbers once an offset is taken away.
    offset : {"none", "gcj02", "bd09"}
        Offset that Chinese map services add to WGS84.
    """

    name: str
    crs: CRS
    offset: Literal["none", "gcj02", "bd09"] = "none"

    @property
    def is_degrees(self) -> bool:
        """Whether the numbers are longitude and latitude."""
        return bool(self.crs.is_geographic)

    @property
    def is_web_mercator(self) -> bool:
        """Whether this is the projection of web maps (EPSG:3857), under any of its codes.

        A point read off a web map in China carries that map's offset, which nobody can tell from the
        numbers, so a world in it is refused.
        """
        operation = self.crs.coordinate_operation
        return operation is not None and "pseudo" in str(operation.method_name).lower()

    def convert(self, xy: np.ndarray, target: CRS) -> np.ndarray:
        """Return points of this system in `target`.

        Parameters
        ----------
        xy : ndarray, shape (n, 2)
            Coordinates in this system.
        target : pyproj.CRS
            Where they are wanted.

        Returns
        -------
        ndarray, shape (n, 2)
            Not finite where `target` cannot hold the point.
        """
        points = np.asarray(xy, dtype=float).reshape(-1, 2)
        if self.offset != "none":
            points = (gcj02_to_wgs84 if self.offset == "gcj02" else bd09_to_wgs84)(points)
        return points if self.crs == target else transform(points, self.crs, target)

    def to_lonlat(self, xy: np.ndarray) -> np.ndarray:
        """Return WGS84 longitude and latitude, shape (n, 2), of points of this system."""
        return self.convert(xy, WGS84)

    def from_lonlat(self, lonlat: np.ndarray) -> np.ndarray:
        """Return WGS84 points, shape (n, 2), in this system."""
        points = np.asarray(lonlat, dtype=float).reshape(-1, 2)
        if self.offset != "none":
            return (wgs84_to_gcj02 if self.offset == "gcj02" else wgs84_to_bd09)(points)
        return points if self.crs == WGS84 else transform(points, WGS84, self.crs)


def read_system(name: object) -> CoordinateSystem:
    """Return the coordinate system that goes by a name.

    Parameters
    ----------
    name : str
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` (in any case, with or without a hyphen), ``EPSG:4545``
        or another name that pyproj reads.

    Raises
    ------
    CrsError
        If the name is not known.

    Examples
    --------
    >>> read_system("GCJ-02").offset
    'gcj02'
    >>> read_system("EPSG:4545").is_degrees
    False
    """
    text = unicodedata.normalize("NFKC", str(name)).strip().lower()
    known = _SPELLINGS.get(text) or _SPELLINGS.get(text.replace("-", "").replace("_", "").replace(" ", ""))
    if known is not None:
        crs = _CGCS2000 if known == "cgcs2000" else WGS84
        if known == "gcj02" or known == "bd09":
            return CoordinateSystem(name=known, crs=crs, offset=known)  # type: ignore[arg-type]
        return CoordinateSystem(name=known, crs=crs)
    system = system_of(read_crs(name))
    try:
        on_earth = system.is_degrees or bool(system.crs.is_projected)
        system.to_lonlat(np.zeros((1, 2)))
    except ProjError:  # a system of another planet
        on_earth = False
    if not on_earth:
        raise CrsError.of("crs.unknown", crs=name)
    return system


def system_of(crs: CRS) -> CoordinateSystem:
    """Return the coordinate system of numbers that are in `crs`, without an offset."""
    if crs.equals(WGS84, ignore_axis_order=True):
        return CoordinateSystem(name="wgs84", crs=WGS84)
    if crs.equals(_CGCS2000, ignore_axis_order=True):
        return CoordinateSystem(name="cgcs2000", crs=_CGCS2000)
    return CoordinateSystem(name=crs_name(crs), crs=crs)


@cache
def offset_area() -> shapely.Geometry:
    """Return where GCJ-02 and BD-09 differ from WGS84, in WGS84 degrees.

    This is no map of a border. It is a hand-made outline of about 200 points that encloses the towns of
    mainland China with some 10 to 40 km to spare, so that none of them is left out; foreign towns at the
    border may lie inside, Hong Kong, Macau, Taiwan and every foreign city farther away outside (the edge
    to Hong Kong and Macau is drawn to about 0.5 km). Of 16,044 places that GeoNames lists in mainland
    China all are inside. The South China Sea is included, as map services do.
    """
    text = resources.files("cultureplan.io").joinpath("data", "offset_area.csv").read_text(encoding="utf-8")
    rings = pd.read_csv(StringIO(text))
    inside, outside = (
        shapely.union_all([shapely.Polygon(ring[["lon", "lat"]].to_numpy(float)) for _, ring in part])
        for part in (rings[rings["is_hole"] == flag].groupby("ring") for flag in ("no", "yes"))
    )
    area = shapely.difference(inside, outside)
    shapely.prepare(area)
    return area


def in_offset_area(lonlat: np.ndarray) -> np.ndarray:
    """Return which WGS84 points, shape (n, 2), map services in mainland China would shift, shape (n,)."""
    points = np.asarray(lonlat, dtype=float).reshape(-1, 2)
    return np.asarray(shapely.contains_xy(offset_area(), points[:, 0], points[:, 1]), dtype=bool)


def wgs84_to_gcj02(lonlat: np.ndarray) -> np.ndarray:
    """Return WGS84 points as Amap and Tencent draw them (GCJ-02).

    Parameters
    ----------
    lonlat : ndarray, shape (n, 2)
        WGS84 degrees.

    Returns
    -------
    ndarray, shape (n, 2)
        GCJ-02 degrees; unchanged outside mainland China.

    Notes
    -----
    The maker of the system has not published the formula; this is the one in general use since 2010, which
    public implementations share (coordtransform, eviltransform), written here for arrays.

    Examples
    --------
    >>> wgs84_to_gcj02(np.array([[106.3842, 38.9841]])).round(4).tolist()
    [[106.3889, 38.9849]]
    """
    points = np.asarray(lonlat, dtype=float).reshape(-1, 2)
    return np.where(in_offset_area(points)[:, None], _gcj_forward(points), points)


def gcj02_to_wgs84(lonlat: np.ndarray) -> np.ndarray:
    """Return GCJ-02 points, shape (n, 2), in WGS84 degrees, to 1e-9 degrees of the forward formula.

    The inverse has no closed form: the point whose shifted image is the given one is found by fixed-point
    iteration, which gains two to three digits a round.
    """
    points = np.asarray(lonlat, dtype=float).reshape(-1, 2)
    return _where_shifted(_inverse(_gcj_forward, points), points)


def wgs84_to_bd09(lonlat: np.ndarray) -> np.ndarray:
    """Return WGS84 points, shape (n, 2), as Baidu draws them (BD-09); unchanged outside mainland China."""
    points = np.asarray(lonlat, dtype=float).reshape(-1, 2)
    return np.where(in_offset_area(points)[:, None], _bd_forward(_gcj_forward(points)), points)


def bd09_to_wgs84(lonlat: np.ndarray) -> np.ndarray:
    """Return BD-09 points, shape (n, 2), in WGS84 degrees, to 1e-9 degrees of the forward formula."""
    points = np.asarray(lonlat, dtype=float).reshape(-1, 2)
    return _where_shifted(_inverse(_gcj_forward, _inverse(_bd_forward, points)), points)


def _where_shifted(unshifted: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Return the point without its shift where there was one, and the given point elsewhere."""
    return np.where(in_offset_area(unshifted)[:, None], unshifted, given)


def _inverse(forward: Callable[[np.ndarray], np.ndarray], image: np.ndarray) -> np.ndarray:
    """Return the points whose image is given; `forward` must move points by little and smoothly."""
    points = image.copy()
    for _ in range(_MAX_ROUNDS):
        step = image - forward(points)
        points += step
        if not (np.abs(step) > _LAST_STEP_DEGREES).any():
            break
    return points


def _gcj_forward(lonlat: np.ndarray) -> np.ndarray:
    """Return points moved by the GCJ-02 offset, wherever they are."""
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    xy, root = 0.1 * x * y, np.sqrt(np.abs(x))
    common = 20.0 * (np.sin(6.0 * np.pi * x) + np.sin(2.0 * np.pi * x))
    waves_x = common + _waves(x, 150.0, 300.0)
    waves_y = common + _waves(y, 160.0, 320.0)
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + xy + 0.1 * root + waves_x * 2.0 / 3.0
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + xy + 0.2 * root + waves_y * 2.0 / 3.0
    latitude = np.radians(lonlat[:, 1])
    bent = 1.0 - _ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    along_parallel_m = _AXIS_M / np.sqrt(bent) * np.cos(latitude)
    along_meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY_SQUARED) / bent**1.5
    return lonlat + np.degrees(np.column_stack([east_m / along_parallel_m, north_m / along_meridian_m]))


def _waves(t: np.ndarray, twelfth: float, thirtieth: float) -> np.ndarray:
    angle = np.pi * t
    short = 20.0 * np.sin(angle) + 40.0 * np.sin(angle / 3.0)
    return np.asarray(short + twelfth * np.sin(angle / 12.0) + thirtieth * np.sin(angle / 30.0))


def _bd_forward(lonlat: np.ndarray) -> np.ndarray:
    """Return GCJ-02 points moved by Baidu's second offset."""
    x, y = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_PHASE)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_PHASE)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])
