"""What each register holds, and the check that a table keeps to it.

The tables and columns are data (``data/registers.csv``), so the reader, the checks, the generator and the
documentation say the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import shapely

from cultureplan.base.checks import FaultList, Origin
from cultureplan.base.messages import Lang
from cultureplan.standards.words import read_policy_table
from cultureplan.world.schema import clean_text

YES = frozenset({"yes", "true", "1", "是", "有", "y"})
NO = frozenset({"no", "false", "0", "否", "无", "n"})
YEARS = (1900.0, 2200.0)
SEPARATOR = "|"


@dataclass(frozen=True, kw_only=True)
class RegisterColumn:
    """One column of a register: its name, kind, words and meaning."""

    name: str
    kind: str
    required: bool
    choices: tuple[str, ...]
    en: str
    zh: str


@cache
def register_names() -> tuple[str, ...]:
    """Return the names of the registers."""
    return tuple(read_policy_table("register_tables.csv")["table"])


@cache
def register_columns(table: str) -> dict[str, RegisterColumn]:
    """Return the columns of a register by name, in order."""
    rows = read_policy_table("registers.csv")
    return {
        row["column"]: RegisterColumn(
            name=row["column"],
            kind=row["kind"],
            required=row["required"] == "yes",
            choices=tuple(choice for choice in row["choices"].split("|") if choice),
            en=row["en"],
            zh=row["zh"],
        )
        for row in rows[rows["table"] == table].to_dict("records")
    }


def register_title(table: str, lang: Lang = "en") -> str:
    """Return what people call a register."""
    rows = read_policy_table("register_tables.csv")
    found = rows.loc[rows["table"] == table, lang]
    return str(found.iloc[0]) if len(found) else table


def registers_schema(lang: Lang = "en") -> pd.DataFrame:
    """Return one row a column of every register: table, column, kind, required, choices, meaning."""
    rows = read_policy_table("registers.csv")
    shown = rows[["table", "column", "kind", "required", "choices"]].copy()
    shown["meaning"] = rows[lang]
    return shown


def validate_register(frame: pd.DataFrame, table: str, *, origin: Origin, faults: FaultList) -> pd.DataFrame:
    """Return a copy of `frame` that keeps to the schema, noting every fault on the way.

    Texts are stripped, numbers floats, years and dates what they say, flags true or false, codes tuples of
    words. Headings may be the column's name or its Chinese one; a column we do not know is kept.

    Parameters
    ----------
    frame : DataFrame
        The register as read.
    table : str
        Name of the register.
    origin : Origin
        Where it came from.
    faults : FaultList
        Where faults are noted.
    """
    schema = register_columns(table)
    ours = {column.zh: column.name for column in schema.values()}
    result = frame.rename(columns=lambda name: ours.get(str(name).strip(), str(name).strip()))
    result = result.reset_index(drop=True)
    for column in schema.values():
        if column.name not in result.columns:
            if column.required:
                faults.add(
                    "table.missing_column",
                    origin=origin,
                    wanted=column.name,
                    spelling=column.zh,
                    present=", ".join(map(str, result.columns)) or "-",
                )
            result[column.name] = pd.Series(pd.NA, index=result.index, dtype=object)
            column = dataclasses.replace(column, required=False)  # noted once, not for every row
        result[column.name] = _read(result, column, origin=origin, faults=faults)
    return result


def _read(frame: pd.DataFrame, column: RegisterColumn, *, origin: Origin, faults: FaultList) -> pd.Series:
    raw = frame[column.name]
    if raw.map(lambda value: isinstance(value, tuple)).any():  # codes that were read before
        raw = raw.map(lambda value: SEPARATOR.join(value) if isinstance(value, tuple) else value)
    if raw.dtype.kind == "M":
        raw = raw.dt.strftime("%Y-%m-%d")
    if raw.dtype.kind == "b":
        raw = raw.map({True: "yes", False: "no"})
    text = clean_text(raw.astype(object))

    def note(code: str, bad: pd.Series, **values: Any) -> None:
        faults.add_rows(
            code, origin=origin, frame=frame, bad=bad.to_numpy(bool), column=column.name, **values
        )

    if column.required:
        note("table.missing_value", text.isna())
    if column.kind == "key":
        note("table.duplicate_id", text.notna() & text.duplicated(keep=False))
    if column.kind in ("number", "share", "year", "coordinate"):
        return _number(text, column, note)
    if column.kind == "date":
        return _dates(text, note)
    if column.kind == "flag":
        lower = text.str.lower()
        note("register.bad_flag", text.notna() & ~lower.isin(YES | NO))
        return lower.isin(YES).astype("boolean").mask(lower.isna())
    if column.kind == "choice":
        note("table.unknown_word", text.notna() & ~text.isin(column.choices), known=", ".join(column.choices))
    if column.kind == "codes":
        codes = [
            () if pd.isna(value) else tuple(x.strip() for x in value.split(SEPARATOR) if x.strip())
            for value in text
        ]
        return pd.Series(codes, index=text.index, dtype=object)
    if column.kind == "wkt":
        shapes = shapely.from_wkt(text.fillna("").to_numpy(object), on_invalid="ignore")
        note("register.bad_wkt", text.notna() & pd.Series(shapely.is_missing(shapes), index=text.index))
    return pd.Series([None if pd.isna(v) else v for v in text], index=text.index, dtype=object)


def _number(text: pd.Series, column: RegisterColumn, tell: Callable[..., None]) -> pd.Series:
    numbers = pd.to_numeric(text.astype(object), errors="coerce").astype(float)
    low, high = {"share": (0.0, 1.0), "year": YEARS, "coordinate": (-np.inf, np.inf)}.get(
        column.kind, (0.0, np.inf)
    )
    tell("table.bad_number", text.notna() & numbers.isna())
    tell("table.infinite", pd.Series(np.isinf(numbers), index=text.index))
    tell("table.negative" if low == 0 else "table.too_low", numbers < low, minimum=low)
    tell("table.too_high", (numbers > high) & np.isfinite(numbers), maximum=high)
    if column.kind == "year":
        tell("register.bad_year", numbers.notna() & (numbers % 1 != 0))
    return numbers


def _dates(text: pd.Series, tell: Callable[..., None]) -> pd.Series:
    iso = text.str.replace(r"[/年月.]", "-", regex=True).str.replace("日", "").str.rstrip("-")
    month_only = iso.str.fullmatch(r"\d{4}-\d{1,2}").fillna(False).astype(bool)
    whole = iso.where(~month_only, iso + "-01")
    dates = pd.to_datetime(whole.astype(object), errors="coerce", format="%Y-%m-%d")
    tell("register.bad_date", text.notna() & dates.isna())
    return dates
