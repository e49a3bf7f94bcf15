"""What each table of a world holds, and the check that a table keeps to it.

The columns are data (``data/schema.csv``), so the reader, the checks and the documentation say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd

from cultureplan.base.checks import FaultList, Origin
from cultureplan.world.levels import read_data_table, vocabulary

GROUP_SUFFIX = "_persons"  # a demand column with this ending counts a group of the persons


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table: its name, kind, limits, unit and spellings."""

    name: str
    kind: str
    required: bool
    default: str
    minimum: float
    maximum: float
    unit: str
    aliases: tuple[str, ...]
    en: str
    zh: str


@cache
def columns(table: str) -> dict[str, Column]:
    """Return the columns of ``facilities``, ``demand`` or ``places`` by name, in order."""
    rows = read_data_table("schema.csv")
    return {
        row["column"]: Column(
            name=row["column"],
            kind=row["kind"],
            required=row["required"] == "yes",
            default=row["default"],
            minimum=float(row["minimum"] or -np.inf),
            maximum=float(row["maximum"] or np.inf),
            unit=row["unit"],
            aliases=tuple(alias for alias in row["aliases"].split("|") if alias),
            en=row["en"],
            zh=row["zh"],
        )
        for row in rows[rows["table"] == table].to_dict("records")
    }


@cache
def spellings(table: str) -> dict[str, str]:
    """Return every spelling of a column of `table` (lower case) -> its name."""
    found: dict[str, str] = {}
    for column in columns(table).values():
        found |= {name.lower(): column.name for name in (column.name, *column.aliases)}
    return found


def known_columns(frame: pd.DataFrame, table: str) -> dict[str, str]:
    """Return the user's column name -> ours, for the columns of `frame` that go by another name.

    A column we do not know is left out; where two columns mean the same, the one that already has our
    name, or else the first, is taken.
    """
    known = spellings(table)
    taken = set(frame.columns)
    names: dict[str, str] = {}
    for name in frame.columns:
        ours = known.get(str(name).strip().lower())
        if ours is not None and ours not in taken:
            names[str(name)] = ours
            taken.add(ours)
    return names


def validate_columns(
    frame: gpd.GeoDataFrame, table: str, *, origin: Origin, faults: FaultList
) -> gpd.GeoDataFrame:
    """Return a copy of `frame` that keeps to the schema, noting every fault on the way.

    Ids become text, numbers floats, words of a vocabulary (English, Chinese or an alias) its stored
    value; optional columns with a default are filled. What cannot be read is noted in `faults`.

    Parameters
    ----------
    frame : GeoDataFrame
        Table with our column names; further columns are kept.
    table : {"facilities", "demand", "places"}
        Which schema.
    origin : Origin
        Where the table came from.
    faults : FaultList
        Where faults are noted.
    """
    if len(frame) == 0:
        faults.add("table.empty", origin=origin)
    result = frame.copy()
    for column in columns(table).values():
        if column.name not in frame.columns:
            if column.required:
                present = ", ".join(str(name) for name in frame.columns if name != "geometry")
                faults.add(
                    "table.missing_column",
                    origin=origin,
                    wanted=column.name,
                    spelling=" / ".join(column.aliases[:3]) or "-",
                    present=present or "-",
                )
            elif column.default:
                result[column.name] = column.default
            continue
        result[column.name] = _read_column(frame, column, origin=origin, faults=faults)
    key = next(iter(columns(table)))
    if key in result.columns:
        _validate_ids(result, frame, key, origin=origin, faults=faults)
    if table == "demand":
        for name in group_columns(result):
            if name not in columns(table):
                spec = Column(
                    name=name, kind="group", required=False, default="", minimum=0.0, maximum=np.inf,
                    unit="persons", aliases=(), en="", zh="",
                )  # fmt: skip
                result[name] = _read_column(frame, spec, origin=origin, faults=faults)
        _validate_groups(result, frame, origin=origin, faults=faults)
    _validate_geometry(result, table, origin=origin, faults=faults)
    return result


def group_columns(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the names of the group columns of a demand table (those ending in ``_persons``)."""
    return tuple(str(name) for name in frame.columns if str(name).endswith(GROUP_SUFFIX))


def clean_text(values: pd.Series) -> pd.Series:
    """Return values as stripped text, missing where nothing is there; 640202.0 reads back as 640202."""
    if values.dtype == object or values.dtype.kind == "f":
        cells = [str(int(v)) if isinstance(v, float) and v.is_integer() else v for v in values]
        values = pd.Series(cells, index=values.index, dtype=object)  # object: whole numbers stay whole
    text = values.astype("string").str.strip()
    return text.mask(text == "")


def _read_column(frame: pd.DataFrame, column: Column, *, origin: Origin, faults: FaultList) -> pd.Series:
    values = frame[column.name]
    if column.kind in ("number", "group"):
        return _read_number(frame, column, origin=origin, faults=faults)
    text = clean_text(values)
    if column.required:
        faults.add_rows(
            "table.missing_value", origin=origin, frame=frame, bad=text.isna(), column=column.name
        )
    if column.kind in ("level", "status", "settlement", "place_level"):
        stored = text.str.lower().map(vocabulary(column.kind)).astype("string")
        faults.add_rows(
            "table.unknown_word",
            origin=origin,
            frame=frame,
            bad=text.notna() & stored.isna(),
            column=column.name,
            known=", ".join(dict.fromkeys(vocabulary(column.kind).values())),
        )
        return stored.fillna(column.default) if column.default else stored
    if column.kind == "kind":
        stored = text.str.lower().map(vocabulary("kind")).astype("string")
        return stored.fillna(text).fillna(column.default)
    return text


def _read_number(frame: pd.DataFrame, column: Column, *, origin: Origin, faults: FaultList) -> pd.Series:
    values = frame[column.name]
    missing = clean_text(values).isna() if values.dtype.kind not in "fiu" else values.isna()
    numbers = pd.to_numeric(values.mask(missing), errors="coerce").astype(float)
    unreadable = numbers.isna() & ~missing
    note = {"origin": origin, "frame": frame, "column": column.name}
    faults.add_rows("table.bad_number", bad=unreadable, **note)  # type: ignore[arg-type]
    if column.required:
        faults.add_rows("table.missing_value", bad=missing, **note)  # type: ignore[arg-type]
    faults.add_rows("table.infinite", bad=np.isinf(numbers), **note)  # type: ignore[arg-type]
    low = (numbers < column.minimum) & np.isfinite(numbers)
    code = "table.negative" if column.minimum == 0 else "table.too_low"
    faults.add_rows(code, bad=low, minimum=column.minimum, **note)  # type: ignore[arg-type]
    high = (numbers > column.maximum) & np.isfinite(numbers)
    faults.add_rows("table.too_high", bad=high, maximum=column.maximum, **note)  # type: ignore[arg-type]
    return numbers.fillna(0.0) if column.kind == "group" else numbers


def _validate_ids(
    result: pd.DataFrame, frame: pd.DataFrame, key: str, *, origin: Origin, faults: FaultList
) -> None:
    ids = result[key]
    repeated = ids.notna() & ids.duplicated(keep=False)
    faults.add_rows("table.duplicate_id", origin=origin, frame=frame, bad=repeated, column=key)


def _validate_groups(result: pd.DataFrame, frame: pd.DataFrame, *, origin: Origin, faults: FaultList) -> None:
    if "persons" not in result.columns:
        return
    for name in group_columns(result):
        # a negative number of persons is a fault of its own
        above = (result[name] > result["persons"] + 1e-6) & (result["persons"] >= 0)
        faults.add_rows("table.group_above_persons", origin=origin, frame=frame, bad=above, column=name)


def _validate_geometry(result: gpd.GeoDataFrame, table: str, *, origin: Origin, faults: FaultList) -> None:
    geometry = result.geometry
    # a point of NaN is not empty to shapely, and everything else has finite bounds
    unplaced = ~np.isfinite(geometry.bounds.to_numpy(float)).all(axis=1)
    missing = geometry.isna().to_numpy() | geometry.is_empty.to_numpy() | unplaced
    if table != "places":  # a place may be known by name alone
        faults.add_rows("table.missing_geometry", origin=origin, frame=result, bad=missing)
        shapes = (geometry.geom_type != "Point").to_numpy()
        faults.add_rows(
            "table.not_a_point",
            origin=origin,
            frame=result,
            bad=~missing & shapes,
            samples=geometry.geom_type,
        )
    else:
        allowed = geometry.geom_type.isin(["Point", "Polygon", "MultiPolygon"]).to_numpy()
        faults.add_rows(
            "table.not_a_place_shape",
            origin=origin,
            frame=result,
            bad=~missing & ~allowed,
            samples=geometry.geom_type,
        )
        invalid = ~geometry.is_valid.to_numpy()
        faults.add_rows(
            "table.invalid_polygon", origin=origin, frame=result, bad=~missing & allowed & invalid
        )
