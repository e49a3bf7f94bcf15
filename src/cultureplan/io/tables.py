"""Read one table file, in any form, into columns that we know and shapes in the file's own coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from cultureplan.base.checks import FaultList, Origin
from cultureplan.io.cells import Cells, as_origin, is_blank
from cultureplan.io.columns import read_columns, read_numbers
from cultureplan.io.coordinates import CoordinateSystem
from cultureplan.io.delimited import read_delimited
from cultureplan.io.headings import find_coordinates, read_headings
from cultureplan.io.rasters import read_population_grid
from cultureplan.io.spreadsheets import read_spreadsheet
from cultureplan.io.vectors import Shapes, read_geojson, read_geopackage, read_parquet

# file name ending -> form; a written world uses the first ending of a form
FORMS = {
    ".csv": "csv", ".txt": "csv", ".tsv": "csv", ".geojson": "geojson", ".json": "geojson", ".gpkg": "gpkg",
    ".parquet": "parquet", ".geoparquet": "parquet", ".xlsx": "xlsx", ".tif": "tif", ".tiff": "tif",
}  # fmt: skip

_MAGIC = (
    (b"PK\x03\x04", "xlsx"),
    (b"SQLite format 3\x00", "gpkg"),
    (b"PAR1", "parquet"),
    (b"II*\x00", "tif"),
    (b"MM\x00*", "tif"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"%PDF", "pdf"),
)
_DEGREES_MINUTES = r".*\d\s*[°度]\s*\d.*|\d+[-:]\d+[-:]\d+.*|.*[NSEWnsew东西南北]\s*\d.*|.*\d\s*[NSEWnsew]"
_PAIR = r"\s*[\(\[]?\s*([-+]?\d+\.?\d*)\s*[,，;；\s]\s*([-+]?\d+\.?\d*)\s*[\)\]]?\s*"


@dataclass(frozen=True, kw_only=True, eq=False)
class RawTable:
    """A table as far as one file tells.

    Parameters
    ----------
    origin : Origin
        File, rows and the user's spellings.
    form : str
        ``csv``, ``geojson``, ``gpkg``, ``parquet``, ``xlsx`` or ``tif``.
    frame : DataFrame
        Columns under our names; those we do not know as they are.
    geometry : ndarray of shapely geometry, shape (n,), or None
        Shapes in the file's own coordinates; None where nothing says where the rows are.
    crs : pyproj.CRS or None
        System that the file itself carries.
    said : str or None
        System that the names of the coordinate columns tell.
    x_column, y_column : str or None
        The user's names of the coordinate columns.
    noted : ndarray of bool, shape (n,)
        Rows whose place has been found faulty already.
    """

    origin: Origin
    form: str
    frame: pd.DataFrame
    geometry: np.ndarray | None
    crs: CRS | None = None
    said: str | None = None
    x_column: str | None = None
    y_column: str | None = None
    noted: np.ndarray


def read_table(
    path: Path, table: str, *, system: CoordinateSystem, types: Mapping[str, str], faults: FaultList
) -> RawTable | None:
    """Return what a file holds, noting every fault on the way, or None where it cannot be read at all.

    Parameters
    ----------
    path : Path
        CSV, GeoJSON, GeoPackage, Parquet, Excel workbook or (for demand) GeoTIFF population grid.
    table : {"facilities", "demand", "places"}
        What the file is to hold.
    system : CoordinateSystem
        System declared for the table; it decides between several coordinate columns.
    types : Mapping[str, str]
        Kinds of the columns that the schema does not know.
    faults : FaultList
        Where faults are noted.
    """
    form = FORMS[path.suffix.lower()]
    origin = Origin(table=table, file=path.name)
    with path.open("rb") as file:
        start = file.read(16)
    if not start:
        faults.add("io.empty_file", origin=origin)
        return None
    really = next((name for magic, name in _MAGIC if start.startswith(magic)), None)
    if really is not None and really != form:
        faults.add("io.other_form", origin=origin, form=form, really=really)
        return None
    if form == "tif":
        grid = read_population_grid(path, origin=origin, faults=faults)
        return None if grid is None else _from_shapes(grid, table, origin, types)
    if form in ("csv", "xlsx"):
        reader = read_delimited if form == "csv" else read_spreadsheet
        cells = reader(path, origin=origin, faults=faults)
        return None if cells is None else _from_cells(cells, table, origin, system, types, faults)
    readers = {"geojson": read_geojson, "gpkg": read_geopackage, "parquet": read_parquet}
    shapes = readers[form](path, origin=replace(origin, first_row=1), faults=faults)
    if shapes is None:
        return None
    if shapes.geometry is None:
        numbers = np.arange(1, len(shapes.frame) + 1)
        cells = Cells(frame=shapes.frame, row_numbers=numbers)
        return _from_cells(cells, table, origin, system, types, faults)
    return _from_shapes(shapes, table, origin, types)


def _from_shapes(shapes: Shapes, table: str, origin: Origin, types: Mapping[str, str]) -> RawTable:
    frame, origin = _understood(shapes.frame, table, replace(origin, first_row=1), types)
    return RawTable(
        origin=origin,
        form=FORMS[Path(str(origin.file)).suffix.lower()],
        frame=frame,
        geometry=shapes.geometry,
        crs=shapes.crs,
        noted=shapes.noted if len(shapes.noted) else np.zeros(len(frame), dtype=bool),
    )


def _from_cells(
    cells: Cells,
    table: str,
    origin: Origin,
    system: CoordinateSystem,
    types: Mapping[str, str],
    faults: FaultList,
) -> RawTable:
    origin = as_origin(origin, cells.row_numbers)
    frame = cells.frame
    found = find_coordinates(list(frame.columns), system_name=system.name, is_degrees=system.is_degrees)
    noted = np.zeros(len(frame), dtype=bool)
    geometry: np.ndarray | None = None
    used: list[str] = []
    if found is None:
        if table != "places" and len(frame.columns):
            present = ", ".join(frame.columns)
            faults.add("io.no_coordinates", origin=origin, present=present)
    elif found.shape is not None:
        used = [found.shape]
        geometry = _shapes_of(frame, found.shape, noted, origin=origin, faults=faults)
    elif found.pair is not None:
        used = [found.pair]
        geometry = _pairs_of(frame, found.pair, noted, origin=origin, faults=faults)
    else:
        used = [str(found.x), str(found.y)]
        geometry = _points_of(frame, used, noted, table=table, origin=origin, faults=faults)
    rest, origin = _understood(frame.drop(columns=used), table, origin, types)
    return RawTable(
        origin=origin,
        form=FORMS[Path(str(origin.file)).suffix.lower()],
        frame=rest,
        geometry=geometry,
        said=None if found is None else found.says,
        x_column=used[0] if used else None,
        y_column=used[-1] if used else None,
        noted=noted,
    )


def _understood(
    frame: pd.DataFrame, table: str, origin: Origin, types: Mapping[str, str]
) -> tuple[pd.DataFrame, Origin]:
    """Return a frame under our column names, and the origin that knows the user's."""
    headings = read_headings([str(name) for name in frame.columns], table)
    spelled = {ours: theirs for theirs, ours in headings.names.items()}
    renamed = frame.rename(columns=headings.names)
    typed = read_columns(renamed, table, factors=headings.factors, types=types)
    written = {name: renamed[name] for name in typed.columns if typed[name].dtype != renamed[name].dtype}
    return typed, replace(origin, spelled=spelled, written=written)


def _points_of(
    frame: pd.DataFrame, names: list[str], noted: np.ndarray, *, table: str, origin: Origin, faults: FaultList
) -> np.ndarray:
    """Return points from two columns, None where there is none; `noted` takes the rows found faulty."""
    parts = [read_numbers(frame[name]) for name in names]
    blank = [np.isnan(numbers) & ~bad for numbers, bad in parts]
    for name, (numbers, bad) in zip(names, parts, strict=True):
        sexagesimal = np.zeros(len(frame), dtype=bool)
        text = frame.loc[bad, name].astype("string").str.strip()
        sexagesimal[bad] = text.str.fullmatch(_DEGREES_MINUTES).to_numpy(dtype=bool)
        for code, rows in (
            ("io.degrees_minutes", sexagesimal),
            ("table.bad_number", bad & ~sexagesimal),
            ("table.infinite", np.isinf(numbers)),
        ):
            faults.add_rows(code, origin=origin, frame=frame, bad=rows, column=name)
            noted |= rows
    for name, here, there in zip(names, blank, reversed(blank), strict=True):
        rows = here & ~there
        faults.add_rows("io.half_point", origin=origin, frame=frame, bad=rows, column=name)
        noted |= rows
    if table != "places":
        rows = blank[0] & blank[1]
        faults.add_rows("table.missing_geometry", origin=origin, frame=frame, bad=rows, column=names[0])
        noted |= rows
    return _build_points(parts[0][0], parts[1][0])


def _pairs_of(
    frame: pd.DataFrame, name: str, noted: np.ndarray, *, origin: Origin, faults: FaultList
) -> np.ndarray:
    """Return points from one column of ``lon,lat``."""
    blank = is_blank(frame[name])
    parts = frame[name].astype("string").str.extract(f"^{_PAIR}$")
    numbers = parts.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    bad = np.isnan(numbers).any(axis=1) & ~blank
    faults.add_rows("io.bad_pair", origin=origin, frame=frame, bad=bad, column=name)
    noted |= bad
    return _build_points(numbers[:, 0], numbers[:, 1])


def _shapes_of(
    frame: pd.DataFrame, name: str, noted: np.ndarray, *, origin: Origin, faults: FaultList
) -> np.ndarray:
    """Return shapes from a column of well-known text."""
    blank = is_blank(frame[name])
    text = frame[name].astype("string").str.replace(r"^\s*SRID=\d+;", "", regex=True)
    texts = text.astype(object).where(~blank, None).to_numpy()
    with np.errstate(all="ignore"):  # a number too large is an infinite one, which is noted later
        shapes = np.asarray(shapely.from_wkt(texts, on_invalid="ignore"), dtype=object)
    bad = shapely.is_missing(shapes) & ~blank
    faults.add_rows("io.bad_geometry", origin=origin, frame=frame, bad=bad, column=name)
    noted |= bad
    return np.asarray(shapely.force_2d(shapes), dtype=object)


def _build_points(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    there = np.isfinite(x) & np.isfinite(y)
    points = np.full(len(x), None, dtype=object)
    points[there] = shapely.points(x[there], y[there])
    return points
