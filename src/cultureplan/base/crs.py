"""Coordinate systems: is this one metric here, and which one fits this place.

"Projected and in metres" is not enough: web Mercator (EPSG:3857) is both, and stretches lengths by 30 %
at 40 degrees north. A system is accepted only where its local scale is within 0.5 % of 1.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import CRSError as PyprojCrsError

from cultureplan.base.errors import CrsError

MAX_SCALE_ERROR = 0.005  # a length may be wrong by 0.5 % at most, anywhere in the world's extent
WGS84 = CRS.from_epsg(4326)

# (lon_min, lat_min, lon_max, lat_max) in degrees
Extent = tuple[float, float, float, float]

_CHINA: Extent = (73.5, 3.0, 135.1, 53.6)
_CGCS2000_CM75_EPSG = 4534  # CGCS2000 / 3-degree Gauss-Kruger CM 75E; one code each 3 degrees eastward


def read_crs(value: object) -> CRS:
    """Return the coordinate system named by an EPSG code, an authority string or WKT.

    Raises
    ------
    CrsError
        If the name is not understood.
    """
    try:
        return CRS.from_user_input(value)
    except PyprojCrsError:
        raise CrsError.of("crs.unknown", crs=value) from None


def crs_name(crs: CRS) -> str:
    """Return a short name that reads back: ``EPSG:4545``, or WKT where no authority lists it."""
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.to_wkt())


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def to_lonlat(xy: np.ndarray, crs: CRS) -> np.ndarray:
    """Return longitude and latitude (WGS84 degrees), shape (n, 2), of points given in `crs`."""
    return transform(xy, crs, WGS84)


def transform(xy: np.ndarray, source: CRS, target: CRS) -> np.ndarray:
    """Return points, shape (n, 2), moved from one coordinate system to another (x or longitude first)."""
    points = np.asarray(xy, dtype=float).reshape(-1, 2)
    x, y = _transformer(source.to_wkt(), target.to_wkt()).transform(points[:, 0], points[:, 1])
    return np.column_stack([x, y])


def extent_of(lonlat: np.ndarray) -> Extent:
    """Return (lon_min, lat_min, lon_max, lat_max) of points in degrees, shape (n, 2)."""
    low, high = lonlat.min(axis=0), lonlat.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def scale_error(crs: CRS, extent: Extent) -> float:
    """Return the largest error of a length in `crs` over an extent, as a share (0.3 = 30 %).

    The local scale along the meridian and along the parallel is read at the corners, the middle of the
    sides and the centre of the extent.
    """
    lon_min, lat_min, lon_max, lat_max = extent
    lon, lat = np.meshgrid(np.linspace(lon_min, lon_max, 3), np.linspace(lat_min, lat_max, 3))
    factors = Proj(crs).get_factors(lon.ravel(), lat.ravel())
    scales = np.concatenate([np.ravel(factors.meridional_scale), np.ravel(factors.parallel_scale)])
    return float(np.max(np.abs(scales - 1.0))) if np.isfinite(scales).all() else float("inf")


def is_metric(crs: CRS, extent: Extent) -> bool:
    """Return whether lengths in `crs` are metres, within 0.5 %, over the whole extent."""
    return crs_fault_code(crs, extent) is None


def crs_fault_code(crs: CRS, extent: Extent) -> str | None:
    """Return the message key of what is wrong with `crs` as a metric system here, or None."""
    if not crs.is_projected:
        return "crs.not_projected"
    if any(abs(axis.unit_conversion_factor - 1.0) > 1e-9 for axis in crs.axis_info[:2]):
        return "crs.not_metres"
    if scale_error(crs, extent) > MAX_SCALE_ERROR:
        return "crs.distorts"
    return None


def validate_metric_crs(crs: CRS | None, points_xy: np.ndarray) -> CRS:
    """Return `crs` if it measures metres where the points are; raise with the one to use if not.

    Parameters
    ----------
    crs : pyproj.CRS or None
        System of the points.
    points_xy : ndarray, shape (n, 2)
        Coordinates in `crs`.

    Raises
    ------
    CrsError
        If there is none, or it is geographic, not in metres, or off by more than 0.5 % here.
    """
    if crs is None:
        raise CrsError.of("crs.missing")
    if len(points_xy) == 0:
        if not crs.is_projected:
            raise CrsError.of("crs.not_projected", crs=crs_name(crs), use="-")
        return crs
    corners = np.array([points_xy.min(axis=0), points_xy.max(axis=0)])
    lonlat = to_lonlat(corners, crs)
    if not np.isfinite(lonlat).all() or np.abs(lonlat[:, 1]).max() > 90:
        raise CrsError.of("crs.outside", crs=crs_name(crs))
    extent = extent_of(lonlat)
    code = crs_fault_code(crs, extent)
    if code is not None:
        error_percent = round(100 * scale_error(crs, extent), 1) if code == "crs.distorts" else 0.0
        use = crs_name(suggest_metric_crs(extent))
        raise CrsError.of(code, crs=crs_name(crs), error_percent=error_percent, use=use)
    return crs


def suggest_metric_crs(extent: Extent) -> CRS:
    """Return a coordinate system whose lengths are metres within 0.5 % over the extent.

    In China the CGCS2000 3-degree Gauss-Kruger zone of the centre (EPSG:4534 to 4554, GB 22021 practice
    for city maps); elsewhere the UTM zone of the centre; for a region too wide for either, a transverse
    Mercator about its own centre.

    Raises
    ------
    CrsError
        If the region is too wide for one plane system.
    """
    lon_min, lat_min, lon_max, lat_max = extent
    lon, lat = (lon_min + lon_max) / 2, (lat_min + lat_max) / 2
    candidates = []
    if _CHINA[0] <= lon <= _CHINA[2] and _CHINA[1] <= lat <= _CHINA[3]:
        candidates.append(CRS.from_epsg(_CGCS2000_CM75_EPSG + min(20, max(0, round((lon - 75) / 3)))))
    zone = min(60, int((lon + 180) // 6) + 1)
    candidates.append(CRS.from_epsg((32600 if lat >= 0 else 32700) + zone))
    candidates.append(
        CRS.from_proj4(
            f"+proj=tmerc +lat_0={lat:.4f} +lon_0={lon:.4f} +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m"
        )
    )
    for crs in candidates:
        if is_metric(crs, extent):
            return crs
    raise CrsError.of("crs.too_wide", width_degrees=round(lon_max - lon_min, 1))
