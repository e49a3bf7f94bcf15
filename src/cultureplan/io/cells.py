"""The cells of a table file as they stand: headings, rows, and what the user calls each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cultureplan.base.checks import FaultList, Origin

HEADING_ROWS = 10  # a title, a date or a blank row may come before the headings


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """A table as read, before anything in it is understood.

    Parameters
    ----------
    frame : DataFrame
        One column a heading, as the user wrote it.
    row_numbers : ndarray of int, shape (n,)
        What the user calls each row: its number in the spreadsheet or, in a file without a heading row,
        its position from 1.
    """

    frame: pd.DataFrame
    row_numbers: np.ndarray


def build_cells(
    headings: Sequence[str],
    values: Sequence[pd.Series],
    row_numbers: np.ndarray,
    *,
    origin: Origin,
    faults: FaultList,
) -> Cells:
    """Return the cells under their headings, without blank rows and blank nameless columns.

    Two columns of one heading are noted as a fault; a column without a heading that holds something is
    called ``column_3`` and kept.

    Parameters
    ----------
    headings : sequence of str
        One a column.
    values : sequence of Series
        Cells of each column, all of one length.
    row_numbers : ndarray of int
        The user's number of each row.
    origin, faults
        Where the table comes from, and where faults are noted.
    """
    kept: dict[str, pd.Series] = {}
    blank_row = np.ones(len(row_numbers), dtype=bool)
    for position, (heading, column) in enumerate(zip(headings, values, strict=True), start=1):
        blank = is_blank(column)
        blank_row &= blank
        name = heading.strip()
        if not name:
            if blank.all():
                continue
            name = f"column_{position}"
        if name in kept:
            faults.add("io.duplicate_column", origin=origin, column=name)
            continue
        kept[name] = column
    frame = pd.DataFrame(kept, index=pd.RangeIndex(len(row_numbers)))
    if blank_row.any():
        frame = frame[~blank_row].reset_index(drop=True)
    return Cells(frame=frame, row_numbers=row_numbers[~blank_row])


def is_blank(values: pd.Series) -> np.ndarray:
    """Return which cells hold nothing, or nothing but spaces."""
    missing = values.isna().to_numpy(dtype=bool)
    if values.dtype.kind in "biufM":
        return np.asarray(missing)
    if isinstance(values.dtype, pd.StringDtype):
        return np.asarray(missing | (values.str.strip() == "").fillna(False).to_numpy(dtype=bool))
    return missing | np.fromiter(
        (isinstance(value, str) and not value.strip() for value in values), dtype=bool, count=len(values)
    )


def heading_row(rows: Sequence[Sequence[str]], known: Sequence[int]) -> int:
    """Return which of the first rows holds the headings.

    It is the one with most headings we know, or else the first that is not blank.

    Parameters
    ----------
    rows : sequence of sequence of str
        First rows of the file.
    known : sequence of int
        How many cells of each row are headings that we know.
    """
    best = max(range(len(rows)), key=lambda row: (known[row], -row), default=0)
    if rows and known[best] >= 2:
        return best
    return next((number for number, row in enumerate(rows) if any(cell.strip() for cell in row)), 0)


def as_origin(origin: Origin, row_numbers: np.ndarray) -> Origin:
    """Return the origin that names rows as the user does."""
    first = int(row_numbers[0]) if len(row_numbers) else 1
    if np.array_equal(row_numbers, np.arange(first, first + len(row_numbers))):
        return Origin(table=origin.table, file=origin.file, first_row=first, spelled=origin.spelled)
    return Origin(table=origin.table, file=origin.file, row_numbers=row_numbers, spelled=origin.spelled)


def reason_of(error: Exception) -> str:
    """Return what another library says of a file, as the end of a sentence."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".。")
