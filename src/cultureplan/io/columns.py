"""What kind of values a column holds: read from text where the file has no types, kept where it has.

A column of the schema is read by its schema. A column we do not know is kept, and its kind is told from
its values unless ``world.toml`` names it (``[types.demand]``), as written worlds do.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import numpy as np
import pandas as pd

from cultureplan.io.cells import is_blank
from cultureplan.world.schema import GROUP_SUFFIX, columns

KINDS = ("text", "number", "integer", "boolean", "datetime")
_NUMBER_PATTERN = r"-?(0|[1-9]\d{0,14})(\.\d+)?([eE][+-]?\d+)?"
_INTEGER_PATTERN = r"-?(0|[1-9]\d{0,14})"
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}


def is_known(name: str, table: str) -> bool:
    """Return whether the schema says how a column is read (group columns of demand included)."""
    return name in columns(table) or (table == "demand" and name.endswith(GROUP_SUFFIX))


def read_columns(
    frame: pd.DataFrame, table: str, *, factors: Mapping[str, float], types: Mapping[str, str]
) -> pd.DataFrame:
    """Return a frame whose columns hold what they mean, as far as each can be read.

    Numbers of the schema become floats in our unit where every cell is one; otherwise the column is left
    for the table to find the faults. Ids that a program wrote as ``640202.0`` become ``640202``.

    Parameters
    ----------
    frame : DataFrame
        With our column names.
    table : {"facilities", "demand", "places"}
        Which schema.
    factors : Mapping[str, float]
        Column -> what its numbers are multiplied by.
    types : Mapping[str, str]
        Kind of each column that the schema does not know, as far as it is said.
    """
    known = columns(table)
    result: dict[str, pd.Series] = {}
    for name in frame.columns:
        values = frame[name]
        if not is_known(name, table):
            kind = types.get(name) or guess_kind(values)
            result[name] = as_kind(values, kind)
        elif name not in known or known[name].kind in ("number", "group"):
            result[name] = _read_number_column(values, factors.get(name, 1.0))
        elif known[name].kind == "id":
            result[name] = _without_point_zero(values)
        else:
            result[name] = values
    return pd.DataFrame(result, index=frame.index)


def read_numbers(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return cells as floats, NaN where there is none, and which cells hold something else, shape (n,).

    Full-width digits are understood; units, thousands separators and degrees with minutes are not.
    """
    if values.dtype.kind in "iuf":
        return values.to_numpy(dtype=float, na_value=np.nan), np.zeros(len(values), dtype=bool)
    blank = is_blank(values)
    text = values.astype("string").str.strip().mask(blank)
    numbers = pd.to_numeric(text, errors="coerce").to_numpy(dtype=float, na_value=np.nan).copy()
    bad = np.isnan(numbers) & ~blank
    if bad.any():
        positions = np.flatnonzero(bad)
        again = [unicodedata.normalize("NFKC", str(text.iloc[at])) for at in positions]
        numbers[positions] = pd.to_numeric(pd.Series(again), errors="coerce").to_numpy(dtype=float)
        bad = np.isnan(numbers) & ~blank
    return numbers, bad


def guess_kind(values: pd.Series) -> str:
    """Return the kind of a column that nobody described: by its type, or by how its text looks.

    Numbers with leading zeros or more than 15 digits are codes, so they stay text.
    """
    if values.dtype.kind in "biufM":
        return {"b": "boolean", "i": "integer", "u": "integer", "f": "number", "M": "datetime"}[
            values.dtype.kind
        ]
    filled = values[~is_blank(values)]
    if len(filled) == 0:
        return "text"
    types = {type(value) for value in filled.head(1000)}
    if types == {bool}:
        return "boolean"
    if types <= {int, float} and not any(isinstance(value, str) for value in filled):
        return "integer" if types == {int} else "number"
    for sample in (filled.head(100).astype("string"), filled.astype("string")):
        if not sample.str.fullmatch(_NUMBER_PATTERN).all():
            return "boolean" if set(filled.astype("string").str.lower()) <= {"true", "false"} else "text"
    return "integer" if filled.astype("string").str.fullmatch(_INTEGER_PATTERN).all() else "number"


def kind_of(values: pd.Series) -> str:
    """Return the kind of a column of a world in memory, for ``world.toml``."""
    kind = values.dtype.kind
    if kind in "biufM":
        return guess_kind(values)
    filled = values.dropna()
    if len(filled) and all(isinstance(value, bool | np.bool_) for value in filled):
        return "boolean"
    return "text"


def as_kind(values: pd.Series, kind: str) -> pd.Series:
    """Return a column as one kind; where a cell cannot be read so, the whole column as text.

    Text is ``string``, numbers are ``float64``, integers ``int64`` (``Int64`` where one is missing),
    yes/no ``bool`` (``boolean``), dates ``datetime64[us]``.
    """
    blank = is_blank(values)
    if kind in ("number", "integer"):
        numbers, bad = read_numbers(values)
        whole = np.isnan(numbers) | (numbers == np.round(numbers))
        if not bad.any() and kind == "number":
            return pd.Series(numbers, index=values.index)
        if not bad.any() and whole.all():
            integers = _exact_integers(values.mask(blank), numbers)
            return integers if blank.any() else integers.astype("int64")
    elif kind == "boolean":
        flags = values.astype("string").str.strip().str.lower().map(_BOOLEANS).astype("boolean")
        if not (flags.isna().to_numpy(dtype=bool) & ~blank).any():
            return flags if blank.any() else flags.astype(bool)
    elif kind == "datetime":
        moments = pd.to_datetime(values.mask(blank), errors="coerce", format="ISO8601", utc=False)
        if not (moments.isna().to_numpy() & ~blank).any() and moments.dtype.kind == "M":
            return moments.astype("datetime64[us]") if moments.dt.tz is None else moments
    return values.astype("string").mask(blank)


def _exact_integers(values: pd.Series, numbers: np.ndarray) -> pd.Series:
    """Return whole numbers to the last digit, which a float has only up to 2**53."""
    if values.dtype.kind not in "iuf":
        values = pd.to_numeric(values.astype("string").str.strip())
    exact = values if values.dtype.kind in "iu" else pd.Series(numbers, index=values.index)
    return exact.astype("Int64")


def _read_number_column(values: pd.Series, factor: float) -> pd.Series:
    if values.dtype.kind == "b":
        return values
    numbers, bad = read_numbers(values)
    scaled = pd.Series(numbers * factor, index=values.index)
    return values.astype(object).where(bad, scaled.astype(object)) if bad.any() else scaled


def _without_point_zero(values: pd.Series) -> pd.Series:
    """Return ids without the ``.0`` of a program that took all of them for numbers."""
    if not isinstance(values.dtype, pd.StringDtype):
        return values
    filled = values.str.strip()
    filled = filled[(filled != "") & filled.notna()]
    if len(filled) == 0 or not filled.str.fullmatch(r"\d+\.0").all():
        return values
    return values.str.strip().str.removesuffix(".0")
