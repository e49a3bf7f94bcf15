"""Write a world as a folder that reads back the same: whole, or not at all."""

from __future__ import annotations

import difflib
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from cultureplan.base.crs import WGS84, crs_name, transform
from cultureplan.base.errors import InputError, OutputExistsError
from cultureplan.io.columns import as_kind, is_known, kind_of
from cultureplan.io.headings import find_coordinates
from cultureplan.io.settings import FILE, TABLES, build_settings_text
from cultureplan.io.spreadsheets import write_spreadsheet
from cultureplan.io.streets import write_streets
from cultureplan.io.tables import FORMS
from cultureplan.io.vectors import LONLAT_DECIMALS, write_geojson, write_geopackage, write_parquet
from cultureplan.world.table import Table
from cultureplan.world.world import World

TableFormat: TypeAlias = Literal["csv", "geojson", "gpkg", "parquet", "xlsx"]
TABLE_FORMATS: tuple[TableFormat, ...] = get_args(TableFormat)

_OWN_CRS = ("gpkg", "parquet")  # these carry any coordinate system; the others are written in WGS84
_IN_CELLS = ("csv", "xlsx")


def write_world(world: World, folder: str | Path, *, table_format: TableFormat = "csv") -> Path:
    """Write a world as a folder of tables and a ``world.toml``; return the folder.

    The folder is built beside its place and moved there when it is complete, so nothing half-written is
    ever seen. A world that is there already is replaced; other files in its folder are kept.

    CSV (UTF-8 with a mark, as Excel wants it), Excel and GeoJSON hold WGS84 longitude and latitude with
    nine decimals, 0.1 mm; GeoPackage and GeoParquet hold the world's own coordinates. Numbers are exact,
    but in Excel, which keeps 16 digits. Boundaries do not fit into cells: beside CSV and Excel tables,
    places with polygons are written as ``places.geojson``. Streets are written as GeoPackage or
    GeoParquet beside tables of these forms, as GraphML otherwise.

    Parameters
    ----------
    world : World
        What to write.
    folder : str or Path
        Where; made if it is not there, with the folders above it.
    table_format : {"csv", "geojson", "gpkg", "parquet", "xlsx"}
        Form of the tables.

    Raises
    ------
    OutputExistsError
        If there is something in the way that is not a world.
    InputError
        If the form is unknown, or cannot hold a table.
    MissingExtraError
        If Excel is wanted and openpyxl is not installed.
    """
    if table_format not in TABLE_FORMATS:
        closest = difflib.get_close_matches(str(table_format), TABLE_FORMATS, n=1, cutoff=0.0)[0]
        raise InputError.of(
            "fault.not_one_of",
            name="table_format",
            value=table_format,
            known=", ".join(TABLE_FORMATS),
            closest=closest,
        )
    target = Path(folder)
    if target.exists() and not _may_replace(target):
        raise OutputExistsError.of("io.in_the_way", folder=str(folder))
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.resolve().parent / f".{target.resolve().name}.{uuid.uuid4().hex[:8]}.part"
    part.mkdir()
    try:
        _write_into(world, part, table_format)
        _move(part, target.resolve())
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return target


def _write_into(world: World, folder: Path, table_format: TableFormat) -> None:
    tables: dict[str, Table | None] = {name: getattr(world, name) for name in TABLES}
    types: dict[str, dict[str, str]] = {}
    for name, table in tables.items():
        if table is None:
            continue
        frame, types[name] = _portable(table, name)
        form = "geojson" if table_format in _IN_CELLS and _has_polygons(frame) else table_format
        path = folder / f"{name}.{form}"
        if form in _OWN_CRS:
            writer = write_geopackage if form == "gpkg" else _write_parquet
            writer(frame, path, table=name)
            continue
        frame = _in_wgs84(frame, table.crs)
        if form == "geojson":
            write_geojson(frame, path, table=name)
        else:
            _write_cells(frame, path, name)
    if world.streets is not None:
        ending = table_format if table_format in _OWN_CRS else "graphml"
        write_streets(world.streets, folder / f"streets.{ending}")
    text = build_settings_text(
        name=world.name,
        crs=crs_name(world.crs),
        coordinates=crs_name(world.crs) if table_format in _OWN_CRS else "wgs84",
        types=types,
        notes=world.notes,
    )
    (folder / FILE).write_text(text, encoding="utf-8", newline="\n")


def _portable(table: Table, name: str) -> tuple[gpd.GeoDataFrame, dict[str, str]]:
    """Return a table in plain kinds of columns, and the kinds of those that the schema does not know."""
    frame = table.frame
    geometry = frame.geometry.reset_index(drop=True)
    plain: dict[str, pd.Series] = {}
    kinds: dict[str, str] = {}
    for column in frame.columns.drop(frame.geometry.name):
        values = frame[column].reset_index(drop=True)
        if is_known(str(column), name):
            plain[str(column)] = values
        else:
            kinds[str(column)] = kind_of(values)
            plain[str(column)] = as_kind(values, kinds[str(column)])
    return gpd.GeoDataFrame(plain, geometry=geometry, crs=table.crs), kinds


def _has_polygons(frame: gpd.GeoDataFrame) -> bool:
    return bool((shapely.get_type_id(frame.geometry.array) > 0).any())


def _in_wgs84(frame: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Return a frame in WGS84 degrees, rounded as it is written, its polygons still valid."""

    def degrees(xy: np.ndarray) -> np.ndarray:
        lonlat = transform(xy, crs, WGS84)
        # A change of datum is undone only to a millimetre or so: aim at what reads back as the same point.
        missed = transform(lonlat, WGS84, crs) - xy
        return np.round(transform(xy - missed, crs, WGS84), LONLAT_DECIMALS)

    shapes = np.asarray(shapely.force_2d(frame.geometry.array), dtype=object)
    moved = np.asarray(shapely.transform(shapes, degrees), dtype=object)
    broken = ~shapely.is_valid(moved) & ~shapely.is_missing(moved)
    moved[broken] = shapely.set_precision(moved[broken], 10.0**-LONLAT_DECIMALS)
    return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=WGS84))


def _write_cells(frame: gpd.GeoDataFrame, path: Path, table: str) -> None:
    """Write points as CSV or Excel, with ``lon`` and ``lat``, or as text where such columns are taken."""
    attributes = pd.DataFrame(frame.drop(columns="geometry"))
    there = ~(frame.geometry.isna() | frame.geometry.is_empty).to_numpy(dtype=bool)
    taken = find_coordinates([str(name) for name in attributes.columns], system_name="wgs84", is_degrees=True)
    if taken is None and not {"lon", "lat"} & set(attributes.columns):
        if there.any():
            xy = shapely.get_coordinates(frame.geometry.array[there])
            attributes["lon"], attributes["lat"] = np.nan, np.nan
            attributes.loc[there, "lon"], attributes.loc[there, "lat"] = xy[:, 0], xy[:, 1]
    else:
        text = shapely.to_wkt(frame.geometry.array, rounding_precision=LONLAT_DECIMALS)
        attributes.insert(0, "geometry", pd.Series(np.asarray(text, dtype=object)).where(there, None))
    for name in attributes.columns:
        attributes[name] = _as_cell(attributes[name])
    if path.suffix == ".xlsx":
        write_spreadsheet(attributes, path, table=table)
    else:
        attributes.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def _as_cell(values: pd.Series) -> pd.Series:
    """Return a column as a spreadsheet shows it: whole numbers without a point, dates as text."""
    if values.dtype.kind == "M":
        text = values.map(lambda moment: None if pd.isna(moment) else moment.isoformat())
        return text.astype("string")
    if values.dtype.kind == "f" and isinstance(values.dtype, np.dtype):
        filled = values.dropna().to_numpy()
        if np.isfinite(filled).all() and (np.abs(filled) < 1e15).all() and (filled == np.floor(filled)).all():
            return values.astype("Int64")
    return values


def _write_parquet(frame: gpd.GeoDataFrame, path: Path, *, table: str) -> None:
    write_parquet(frame, path)


def _may_replace(target: Path) -> bool:
    """Return whether a folder is empty or holds a world."""
    if not target.is_dir():
        return False
    if not any(target.iterdir()) or (target / FILE).is_file():
        return True
    stems = {file.stem.lower() for file in target.iterdir() if file.suffix.lower() in FORMS}
    return {"facilities", "demand"} <= stems


def _is_ours(file: Path) -> bool:
    """Return whether a file is one that a world is made of, and so goes when it is written anew."""
    stem, _, ending = file.name.lower().partition(".")
    is_table = f".{ending}" in FORMS and stem in (*TABLES, "population")
    return file.name == FILE or is_table or (stem == "streets" and file.is_file())


def _move(part: Path, target: Path) -> None:
    """Put a finished folder in its place, keeping what else was there."""
    if not target.exists():
        part.rename(target)
        return
    for entry in target.iterdir():
        if not _is_ours(entry):
            copy: Callable[..., object] = shutil.copytree if entry.is_dir() else shutil.copy2
            copy(entry, part / entry.name)
    old = part.with_suffix(".old")
    target.rename(old)
    try:
        part.rename(target)
    except BaseException:
        old.rename(target)
        raise
    shutil.rmtree(old)
