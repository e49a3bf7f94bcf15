"""Read and write tables that carry their shapes: GeoJSON, GeoPackage and (Geo)Parquet."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyarrow import parquet
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS

from cultureplan.base.checks import FaultList, Origin
from cultureplan.base.crs import read_crs
from cultureplan.base.errors import CrsError, InputError
from cultureplan.io.cells import reason_of
from cultureplan.io.encodings import decode_text

LONLAT_DECIMALS = 9  # 0.1 mm


@dataclass(frozen=True, kw_only=True, eq=False)
class Shapes:
    """A table read with its shapes.

    Parameters
    ----------
    frame : DataFrame
        The attributes.
    geometry : ndarray of shapely geometry, shape (n,), or None
        Shapes in the file's own coordinates, flat; None where the file has none.
    crs : pyproj.CRS or None
        System that the file itself says they are in.
    noted : ndarray of bool, shape (n,)
        Rows whose shape has been found faulty already; none where absent.
    """

    frame: pd.DataFrame
    geometry: np.ndarray | None
    crs: CRS | None
    noted: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))


def read_geojson(path: Path, *, origin: Origin, faults: FaultList) -> Shapes | None:
    """Return the features of a GeoJSON file, or note why there are none and return None.

    A ``crs`` member, as older programs write it, is read; RFC 7946 has none and means WGS84.
    """
    text = decode_text(path.read_bytes(), origin=origin, faults=faults)
    if text is None:
        return None
    if not text.strip():
        faults.add("io.empty_file", origin=origin)
        return None
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        faults.add("io.bad_json", origin=origin, line=error.lineno, reason=error.msg)
        return None
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        faults.add("io.not_geojson", origin=origin)
        return None
    properties = [feature.get("properties") or {} for feature in features]
    names = dict.fromkeys(str(name) for row in properties for name in row)
    frame = pd.DataFrame(
        {name: pd.Series([_plain(row.get(name)) for row in properties], dtype=object) for name in names},
        index=pd.RangeIndex(len(features)),
    )
    given = [feature.get("geometry") for feature in features]
    geometry = _geometry_of(given)
    bad = np.array([shape is not None for shape in given], dtype=bool) & shapely.is_missing(geometry)
    faults.add_rows("io.bad_geometry", origin=origin, frame=frame, bad=bad)
    crs = _declared_crs(content, origin=origin, faults=faults)
    return Shapes(frame=frame, geometry=geometry, crs=crs, noted=bad)


def read_geopackage(path: Path, *, origin: Origin, faults: FaultList) -> Shapes | None:
    """Return the layer of a GeoPackage, or note why there is none and return None.

    The layer named like the table is read, or else the only one there is.
    """
    try:
        with _quiet():
            layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    except (DataSourceError, DataLayerError) as error:
        faults.add("io.unreadable", origin=origin, reason=reason_of(error))
        return None
    if not layers:
        faults.add("io.empty_file", origin=origin)
        return None
    if origin.table not in layers and len(layers) > 1:
        faults.add("io.many_layers", origin=origin, layers=", ".join(layers), table=origin.table)
        return None
    layer = origin.table if origin.table in layers else layers[0]
    return _read_layer(path, layer, origin=origin, faults=faults)


def read_parquet(path: Path, *, origin: Origin, faults: FaultList) -> Shapes | None:
    """Return a Parquet table, with its shapes if it is GeoParquet, or note why it cannot be read."""
    try:
        parquet.read_table(path).validate(full=True)  # text that is no UTF-8 is otherwise found too late
        try:
            frame: Any = gpd.read_parquet(path)
        except ValueError as error:
            if "geo metadata" not in str(error):
                raise
            frame = pd.read_parquet(path)
    except Exception as error:  # Arrow, geopandas and pyproj raise many kinds
        faults.add("io.unreadable", origin=origin, reason=reason_of(error))
        return None
    return _shapes(frame.reset_index(drop=isinstance(frame.index, pd.RangeIndex)))


def write_geojson(frame: gpd.GeoDataFrame, path: Path, *, table: str) -> None:
    """Write a WGS84 frame as RFC 7946 GeoJSON with nine decimals (0.1 mm).

    Raises
    ------
    InputError
        If GDAL cannot write a column.
    """
    options = {
        "RFC7946": "YES",
        "COORDINATE_PRECISION": str(LONLAT_DECIMALS),
        "AUTODETECT_JSON_STRINGS": "NO",
    }
    _write(frame, path, table, "GeoJSON", **options)


def write_geopackage(frame: gpd.GeoDataFrame, path: Path, *, table: str) -> None:
    """Write a frame, in its own coordinate system, as the only layer of a GeoPackage.

    Raises
    ------
    InputError
        If two columns differ in letter case only, which the format cannot hold.
    """
    lower = pd.Series([str(name).lower() for name in frame.columns])
    if lower.duplicated().any():
        names = ", ".join(str(name) for name in frame.columns[lower.duplicated(keep=False)])
        raise InputError.of("io.names_differ_in_case", table=table, names=names)
    taken = set(lower)
    free = {
        option: next(name for name in names if name not in taken)
        for option, names in {
            "FID": ("fid", "_fid", "cultureplan_fid"),
            "GEOMETRY_NAME": ("geom", "_geom", "cultureplan_geom"),
        }.items()
    }
    _write(frame, path, table, "GPKG", **free)


def write_parquet(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a frame, in its own coordinate system, as GeoParquet."""
    frame.to_parquet(path, index=False)


def _plain(value: Any) -> Any:
    """Return a property as a cell; a list or a mapping becomes its text."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _geometry_of(given: list[Any]) -> np.ndarray:
    """Return GeoJSON geometries as flat shapes; None where there is none or it is not understood."""
    try:  # the usual case, many points, in one step
        if all(shape["type"] == "Point" for shape in given):
            xy = np.array([shape["coordinates"][:2] for shape in given], dtype=float).reshape(-1, 2)
            return np.asarray(shapely.points(xy), dtype=object)
    except (TypeError, KeyError, ValueError, IndexError):
        pass
    texts = [None if shape is None else json.dumps(shape) for shape in given]
    shapes = shapely.from_geojson(np.array(texts, dtype=object), on_invalid="ignore")
    return np.asarray(shapely.force_2d(shapes), dtype=object)


def _declared_crs(content: dict[str, Any], *, origin: Origin, faults: FaultList) -> CRS | None:
    """Return the system in the ``crs`` member of older files, or None where there is none."""
    try:
        name = content["crs"]["properties"]["name"]
    except (KeyError, TypeError):
        return None
    try:
        return read_crs(name)
    except CrsError as error:
        faults.extend(replace(fault, file=origin.file, table=origin.table) for fault in error.faults)
        return None


def _write(frame: gpd.GeoDataFrame, path: Path, table: str, driver: str, **options: str) -> None:
    kinds = set(frame.geometry.dropna().geom_type)
    geometry_type = kinds.pop() if len(kinds) == 1 else "Unknown"
    try:
        pyogrio.write_dataframe(
            frame,
            path,
            layer=table,
            driver=driver,
            geometry_type=geometry_type,
            promote_to_multi=False,
            layer_options=options,
        )
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise InputError.of("io.not_written", table=table, reason=reason_of(error)) from error


def _read_layer(path: Path, layer: str, *, origin: Origin, faults: FaultList) -> Shapes | None:
    try:
        with _quiet():
            frame = pyogrio.read_dataframe(path, layer=layer)
    except (DataSourceError, DataLayerError, ValueError) as error:
        faults.add("io.unreadable", origin=origin, reason=reason_of(error))
        return None
    return _shapes(frame)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep GDAL's warnings to itself: what makes a file unreadable it raises as well."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def _shapes(frame: Any) -> Shapes:
    frame.columns = [str(name) for name in frame.columns]
    for name in frame.columns:
        if frame[name].dtype == np.dtype(object):
            frame[name] = _without_bytes(frame[name])
    if not isinstance(frame, gpd.GeoDataFrame):
        return Shapes(frame=frame, geometry=None, crs=None)
    geometry = shapely.force_2d(np.asarray(frame.geometry.array, dtype=object))
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    for name in frame.columns[frame.dtypes == "geometry"]:
        if name in attributes.columns:  # a second geometry is kept as text
            attributes[name] = shapely.to_wkt(np.asarray(frame[name].array, dtype=object))
    crs = None if frame.crs is None else read_crs(frame.crs)
    known = crs is not None and (crs.is_geographic or crs.is_projected)
    return Shapes(frame=attributes, geometry=geometry, crs=crs if known else None)


def _without_bytes(values: pd.Series) -> pd.Series:
    """Return a column without binary cells: well-known binary as well-known text, anything else as digits."""
    binary = np.array([isinstance(value, bytes) for value in values], dtype=bool)
    if not binary.any():
        return values
    cells = values[binary].to_numpy(object)
    shapes = shapely.from_wkb(cells, on_invalid="ignore")
    if shapely.is_missing(shapes).any():
        texts = [value.hex() for value in cells]
    else:
        texts = shapely.to_wkt(shapes, rounding_precision=-1).tolist()
    plain = values.to_numpy(object).copy()
    plain[binary] = texts
    return pd.Series(plain, index=values.index, dtype=object)
