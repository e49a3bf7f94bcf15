"""From the numbers in a file to where on the ground they are, noting those that cannot be right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from cultureplan.base.checks import FaultList, Origin
from cultureplan.base.crs import Extent, crs_name, extent_of, suggest_metric_crs
from cultureplan.base.errors import CrsError
from cultureplan.io.coordinates import CoordinateSystem, in_offset_area, read_system, system_of
from cultureplan.io.settings import FILE as SETTINGS_FILE
from cultureplan.io.settings import Settings
from cultureplan.io.tables import RawTable

_MARGIN_DEGREES = 3.0  # a city may lie across the edge of the zone it uses
_NEAR_DEGREES = 3.0
_FAR_LON_DEGREES, _FAR_LAT_DEGREES = 6.0, 15.0  # no plane system keeps lengths over a wider region
_APART_DEGREES = 1.0
_CHINA_BOX = (72.5, 2.0, 136.1, 54.6)
_ZONE_EASTING = (25e6, 46e6)  # CGCS2000 3-degree zones 25 to 45, whose eastings begin with the zone number
_FIRST_ZONE_EPSG = 4513


@dataclass(frozen=True, kw_only=True, eq=False)
class PlacedTable:
    """A table whose rows have been found on the ground.

    Parameters
    ----------
    raw : RawTable
        The table as read.
    system : CoordinateSystem
        System its numbers are in.
    lonlat : ndarray, shape (n, 2)
        Middle of each row's shape, WGS84 degrees; NaN where there is none or it is faulty.
    """

    raw: RawTable
    system: CoordinateSystem
    lonlat: np.ndarray

    @property
    def is_there(self) -> np.ndarray:
        """Rows whose place is known, shape (n,)."""
        return np.isfinite(self.lonlat).all(axis=1)

    def corners(self) -> np.ndarray:
        """Return points, shape (m, 2), WGS84 degrees, whose extent is that of the table's known shapes."""
        here = self.is_there
        if self.raw.geometry is None or not here.any():
            return np.empty((0, 2))
        west, south, east, north = shapely.total_bounds(self.raw.geometry[here])
        box = np.array([[west, south], [west, north], [east, south], [east, north]])
        return self.system.to_lonlat(box)

    @property
    def coordinate_columns(self) -> str | None:
        """The user's names of the coordinate columns."""
        names = dict.fromkeys(name for name in (self.raw.x_column, self.raw.y_column) if name)
        return ", ".join(names) or None


def choose_system(raw: RawTable, settings: Settings, *, faults: FaultList) -> CoordinateSystem:
    """Return the coordinate system that a table's numbers are in.

    1. GeoPackage, GeoParquet, GeoTIFF and GeoJSON with a ``crs`` member say it themselves. GCJ-02 and
       BD-09, which no file can say, are taken from ``world.toml`` where the file is in degrees (never for
       a GeoTIFF, unless declared for that table by name).
    2. Otherwise ``world.toml`` says it; a GeoJSON in degrees is not taken for a plane system.
    3. Otherwise the coordinate columns may (``gcj02_lon``); a GeoJSON is WGS84 (RFC 7946).
    4. Otherwise WGS84 is assumed, which in mainland China would be a guess (see `check_declared`).
    """
    table, origin = raw.origin.table, raw.origin
    declared = settings.coordinates.get(table)
    if raw.crs is not None:
        own = system_of(raw.crs)
        if declared is None or (declared.crs == own.crs and declared.offset == "none"):
            return own
        shifted = declared.offset != "none" and own.is_degrees
        if shifted and (raw.form != "tif" or settings.each_table):
            return declared
        if settings.each_table and not (declared.is_degrees and own.is_degrees):
            faults.add("io.declared_differs", origin=origin, declared=declared.name, own=own.name)
        return own
    if declared is None:
        return read_system(raw.said or "wgs84")
    plane_for_all = not declared.is_degrees and not settings.each_table
    if raw.form == "geojson" and plane_for_all and _looks_like_degrees(raw):
        return read_system("wgs84")
    if raw.said is not None and raw.said != declared.name:
        faults.add(
            "io.columns_say_otherwise",
            origin=origin,
            column=raw.x_column,
            said=raw.said,
            declared=declared.name,
        )
    return declared


def locate(raw: RawTable, system: CoordinateSystem, *, faults: FaultList) -> PlacedTable:
    """Return where each row of a table is, noting the rows that are nowhere the declared system could be.

    Noted are: longitude and latitude (or easting and northing) swapped, 0/0, numbers that are no degrees
    or no metres, and points outside the area of the system.
    """
    n = len(raw.frame)
    placed = PlacedTable(raw=raw, system=system, lonlat=np.full((n, 2), np.nan))
    if raw.geometry is None or n == 0:
        return placed
    bounds = shapely.bounds(raw.geometry)
    there = np.isfinite(bounds).all(axis=1) & ~raw.noted
    low, high = bounds[:, :2], bounds[:, 2:]
    middle = np.where(there[:, None], low / 2 + high / 2, np.nan)
    note = _Notes(placed, middle, faults)
    drawn = ~(shapely.is_missing(raw.geometry) | shapely.is_empty(raw.geometry) | raw.noted)
    note.rows("io.endless_geometry", drawn & ~there)
    left = there & ~note.rows("io.zero_coordinates", there & (low == 0).all(axis=1) & (high == 0).all(axis=1))
    lonlat = np.full((n, 2), np.nan)
    if system.is_degrees:
        left = _check_degrees(note, left, low, high, middle)
        lonlat[left] = system.to_lonlat(middle[left])
    else:
        lonlat[left] = system.to_lonlat(middle[left])
        left = _check_plane(note, left, middle, lonlat)
    placed.lonlat[left] = lonlat[left]
    return placed


def check_declared(placed: Iterable[PlacedTable], settings: Settings, *, faults: FaultList) -> None:
    """Note tables in mainland China of which nobody said whether they carry the offset of Chinese maps."""
    if not settings.is_readable:
        return  # it may well say
    files = [
        str(table.raw.origin.file)
        for table in placed
        if _is_undeclared(table.raw, settings) and in_offset_area(table.lonlat[table.is_there]).any()
    ]
    if files:
        origin = Origin(table="world", file=SETTINGS_FILE)
        faults.add("io.coordinates_undeclared", origin=origin, files=", ".join(files))


def check_together(placed: Sequence[PlacedTable], crs: CRS | None, *, faults: FaultList) -> None:
    """Note rows that lie far from all others, and tables that lie far from each other.

    A row whose longitude and latitude exchanged would bring it to the others, or into the area of the
    world's own system where it is not, is said to be swapped.

    Parameters
    ----------
    placed : sequence of PlacedTable
        All tables; the rows noted are taken for nowhere from here on.
    crs : pyproj.CRS or None
        The world's metric system, if ``world.toml`` names one.
    faults : FaultList
        Where faults are noted.
    """
    if crs is not None:
        area = _area_of(system_of(crs))
        for table in placed:
            outside = table.is_there & ~_in_box(table.lonlat, area)
            swapped = outside & _in_box(table.lonlat[:, ::-1], area)
            table.lonlat[_Notes(table, table.lonlat, faults).rows("io.swapped", swapped)] = np.nan
    boxes = {table.raw.origin.table: table for table in placed}
    people = boxes.get("demand")
    for name in ("facilities", "places"):
        if people is not None and name in boxes:
            _check_exchanged(boxes[name], people, faults)
    points = [table.lonlat[table.is_there] for table in placed]
    if not any(map(len, points)):
        return
    centre = np.median(np.concatenate(points), axis=0)
    for table in placed:
        away = _away(table.lonlat, centre)
        far = table.is_there & away
        back = far & ~_away(table.lonlat[:, ::-1], centre, near=True)
        note = _Notes(table, table.lonlat, faults)
        note.rows("io.swapped", back)
        note.rows("io.far_away", far & ~back, distance_degrees=_FAR_LON_DEGREES)
        table.lonlat[far] = np.nan
    for name in ("facilities", "places"):
        if people is not None and name in boxes and people.is_there.any() and boxes[name].is_there.any():
            gap = _gap(people.lonlat[people.is_there], boxes[name].lonlat[boxes[name].is_there])
            if gap > _APART_DEGREES:
                faults.add(
                    "io.far_apart",
                    origin=boxes[name].raw.origin,
                    other=str(people.raw.origin.file),
                    gap_km=round(111 * gap),
                    systems=f"{boxes[name].system.name}, {people.system.name}",
                )


def _check_exchanged(table: PlacedTable, people: PlacedTable, faults: FaultList) -> None:
    """Note that two tables would meet if the coordinates of one were exchanged; nobody knows of which."""
    here, there = table.is_there, people.is_there
    if not here.any() or not there.any():
        return
    centre, other = np.median(table.lonlat[here], axis=0), np.median(people.lonlat[there], axis=0)
    apart = _away(centre[None, :], other)[0]
    if apart and not _away(centre[None, ::-1], other, near=True)[0]:
        file = str(people.raw.origin.file)
        columns = table.coordinate_columns
        faults.add("io.one_is_swapped", origin=table.raw.origin, column=columns, other=file)
        table.lonlat[here] = np.nan


def check_web_mercator(placed: Iterable[PlacedTable], *, faults: FaultList) -> None:
    """Note tables in web Mercator, naming the system to use instead."""
    tables = list(placed)
    for table in tables:
        if table.system.is_web_mercator:
            use = suggested_crs([table])
            name = "EPSG:4326" if use is None else crs_name(use)
            faults.add("io.web_mercator", origin=table.raw.origin, crs=table.system.name, use=name)


def suggested_crs(placed: Iterable[PlacedTable]) -> CRS | None:
    """Return a metric system that fits where the tables are, or None where they are nowhere."""
    extent = common_extent(placed)
    try:
        return None if extent is None else suggest_metric_crs(extent)
    except CrsError:
        return None


def common_extent(placed: Iterable[PlacedTable]) -> Extent | None:
    """Return the extent of all that is known to be somewhere, in degrees, or None where nothing is."""
    points = np.concatenate([np.empty((0, 2)), *(table.corners() for table in placed)])
    return extent_of(points) if len(points) else None


def to_metric(placed: PlacedTable, crs: CRS, *, stand_in: tuple[float, float]) -> gpd.GeoDataFrame:
    """Return a table as a GeoDataFrame in the world's metric system.

    Parameters
    ----------
    placed : PlacedTable
        The table.
    crs : pyproj.CRS
        Metric system.
    stand_in : (float, float)
        Point in `crs` for rows whose place has been noted as faulty, so that the other checks can go on;
        such a table never becomes a world.
    """
    raw = placed.raw
    geometry = np.full(len(raw.frame), None, dtype=object)
    here = placed.is_there
    if raw.geometry is None:
        if raw.origin.table != "places":
            geometry[:] = shapely.Point(*stand_in)
    else:
        if here.any():
            geometry[here] = _converted(raw.geometry[here], placed.system, crs)
        faulty = ~here & ~(shapely.is_missing(raw.geometry) | shapely.is_empty(raw.geometry))
        geometry[faulty | raw.noted] = shapely.Point(*stand_in)
    return gpd.GeoDataFrame(raw.frame, geometry=gpd.GeoSeries(geometry, index=raw.frame.index), crs=crs)


def _converted(shapes: np.ndarray, system: CoordinateSystem, crs: CRS) -> np.ndarray:
    """Return shapes in another system; what the change of numbers alone made invalid is repaired."""
    if (shapely.get_type_id(shapes) == 0).all():
        xy = system.convert(shapely.get_coordinates(shapes), crs)
        return np.asarray(shapely.points(xy), dtype=object)
    if system.crs == crs and system.offset == "none":
        return shapes
    moved = np.asarray(shapely.transform(shapes, lambda xy: system.convert(xy, crs)), dtype=object)
    broken = shapely.is_valid(shapes) & ~shapely.is_valid(moved)
    moved[broken] = [polygonal(shape) for shape in moved[broken]]
    return moved


def polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape made valid, its polygons only: slivers that collapse to lines go."""
    valid = shapely.make_valid(shape)
    parts = [part for part in shapely.get_parts(valid) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else valid


class _Notes:
    """Notes faults of the rows of one table, showing their coordinates."""

    def __init__(self, placed: PlacedTable, shown: np.ndarray, faults: FaultList) -> None:
        self.placed, self.shown, self.faults = placed, shown, faults

    def rows(self, code: str, bad: np.ndarray, **values: object) -> np.ndarray:
        """Note a fault of the rows where `bad` is true; return `bad`."""
        if bad.any():
            raw = self.placed.raw
            geometry = raw.geometry if raw.geometry is not None else np.empty(len(bad), dtype=object)
            samples = pd.Series([""] * len(bad), dtype=object)
            for position in np.flatnonzero(bad)[:5]:
                x, y = self.shown[position]
                there = np.isfinite(x) and np.isfinite(y)
                samples.iloc[position] = f"{x:.10g} {y:.10g}" if there else str(geometry[position])
            self.faults.add_rows(
                code,
                origin=raw.origin,
                frame=raw.frame,
                bad=bad,
                column=self.placed.coordinate_columns,
                samples=samples,
                **values,
            )
        return bad


def _check_degrees(
    note: _Notes, left: np.ndarray, low: np.ndarray, high: np.ndarray, middle: np.ndarray
) -> np.ndarray:
    """Note what cannot be longitude and latitude of the system; return the rows that are left."""
    system = note.placed.system
    fits = (low >= (-180, -90)).all(axis=1) & (high <= (180, 90)).all(axis=1)
    exchanged = middle[:, ::-1]
    swapped = left & ~fits & (np.abs(exchanged) <= (180, 90)).all(axis=1)
    ask = left & fits & ~_in_box(middle, _CHINA_BOX)
    swapped[ask] = in_offset_area(exchanged[ask])
    note.rows("io.swapped", swapped)
    rest = left & ~fits & ~swapped
    metres = rest & (np.abs(middle) > 360).all(axis=1)
    note.rows("io.looks_like_metres", metres, declared=system.name, use=_zone_of(middle[metres]))
    note.rows("io.outside", rest & ~metres, declared=system.name)
    good = left & fits & ~swapped
    outside = good & ~_in_box(middle, _area_of(system))
    note.rows("io.outside", outside, declared=system.name)
    return np.asarray(good & ~outside)


def _check_plane(note: _Notes, left: np.ndarray, middle: np.ndarray, lonlat: np.ndarray) -> np.ndarray:
    """Note what cannot be metres of the system; return the rows that are left."""
    system = note.placed.system
    area = _area_of(system)
    fits = left & _in_box(lonlat, area)
    rest = left & ~fits
    degrees = rest & (np.abs(middle) <= 180).all(axis=1)
    note.rows("io.looks_like_degrees", degrees, declared=system.name)
    rest &= ~degrees
    swapped = np.zeros(len(left), dtype=bool)
    swapped[rest] = _in_box(system.to_lonlat(middle[rest][:, ::-1]), area)
    note.rows("io.swapped", swapped)
    rest &= ~swapped
    zone = rest & (middle[:, 0] >= _ZONE_EASTING[0]) & (middle[:, 0] < _ZONE_EASTING[1])
    note.rows("io.other_zone", zone, declared=system.name, use=_zone_of(middle[zone]))
    note.rows("io.outside", rest & ~zone, declared=system.name)
    return fits


def _area_of(system: CoordinateSystem) -> tuple[float, float, float, float]:
    """Return west, south, east, north of where a system may be used, with a margin."""
    if system.offset != "none":
        return _CHINA_BOX
    area = system.crs.area_of_use
    if area is None or area.west > area.east:  # unknown, or across the date line
        return (-180.0, -90.0, 180.0, 90.0)
    margin = _MARGIN_DEGREES
    return (area.west - margin, area.south - margin, area.east + margin, area.north + margin)


def _in_box(lonlat: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    west, south, east, north = box
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _zone_of(middle: np.ndarray) -> str:
    """Return the CGCS2000 3-degree zone that eastings with a zone number name, or how to find it."""
    if len(middle) and (_ZONE_EASTING[0] <= middle[:, 0]).all() and (middle[:, 0] < _ZONE_EASTING[1]).all():
        return f"EPSG:{_FIRST_ZONE_EPSG + int(middle[0, 0] // 1e6) - 25}"
    return "EPSG:4545"


def _looks_like_degrees(raw: RawTable) -> bool:
    return raw.geometry is None or bool(np.nanmax(np.abs(shapely.bounds(raw.geometry)), initial=0.0) <= 360)


def _is_undeclared(raw: RawTable, settings: Settings) -> bool:
    declared = raw.origin.table in settings.coordinates or raw.said is not None
    return not declared and raw.crs is None and raw.form != "geojson"


def _away(lonlat: np.ndarray, centre: np.ndarray, *, near: bool = False) -> np.ndarray:
    """Return which points are too far from the centre for one plane system (or not `near` it)."""
    east = np.abs(lonlat[:, 0] - centre[0]) * np.cos(np.radians(centre[1]))
    north = np.abs(lonlat[:, 1] - centre[1])
    if near:
        return np.asarray((east > _NEAR_DEGREES) | (north > _NEAR_DEGREES))
    return np.asarray((east > _FAR_LON_DEGREES) | (north > _FAR_LAT_DEGREES))


def _gap(a: np.ndarray, b: np.ndarray) -> float:
    """Return how many degrees lie between the boxes round two sets of points."""
    low_a, high_a, low_b, high_b = a.min(axis=0), a.max(axis=0), b.min(axis=0), b.max(axis=0)
    gaps = np.maximum(np.maximum(low_b - high_a, low_a - high_b), 0.0)
    gaps[0] *= np.cos(np.radians(a[0, 1]))
    return float(np.hypot(*gaps))
