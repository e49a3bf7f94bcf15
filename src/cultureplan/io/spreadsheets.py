"""Read and write Excel workbooks (.xlsx), by way of openpyxl, which comes with the extra ``excel``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cultureplan.base.checks import FaultList, Origin
from cultureplan.base.errors import InputError, MissingExtraError
from cultureplan.io.cells import HEADING_ROWS, Cells, build_cells, heading_row, reason_of
from cultureplan.io.headings import n_known

_MAX_ROWS = 1_048_576
_MAX_CHARACTERS = 32_767


def read_spreadsheet(path: Path, *, origin: Origin, faults: FaultList) -> Cells | None:
    """Return the cells of a workbook's sheet, or note why there are none and return None.

    The sheet named like the table is read, or else the first that is not empty. A cell that holds an
    error value (``#REF!``) is noted and read as empty.

    Parameters
    ----------
    path : Path
        File.
    origin, faults
        What the file holds, and where faults are noted.

    Raises
    ------
    MissingExtraError
        If openpyxl is not installed.
    """
    openpyxl = _openpyxl()
    try:
        rows = _first_rows(openpyxl, path, origin.table)
    except Exception as error:  # the parsers of zip and XML raise whatever the file makes them trip over
        faults.add("io.unreadable", origin=origin, reason=reason_of(error))
        return None
    if not rows:
        faults.add("io.empty_file", origin=origin)
        return None
    heads = [[_heading(cell) for cell in row] for row in rows[:HEADING_ROWS]]
    best = heading_row(heads, [n_known(head, origin.table) for head in heads])
    body = rows[best + 1 :]
    numbers = np.arange(len(body)) + best + 2
    width = max([len(heads[best]), *(len(row) for row in body)])
    headings = heads[best] + [""] * (width - len(heads[best]))
    columns = [
        pd.Series([row[at] if at < len(row) else None for row in body], dtype=object) for at in range(width)
    ]
    for heading, column in zip(headings, columns, strict=True):
        broken = np.array([isinstance(value, _ErrorValue) for value in column], dtype=bool)
        where = Origin(table=origin.table, file=origin.file, row_numbers=numbers)
        faults.add_rows(
            "io.error_cell",
            origin=where,
            frame=pd.DataFrame({heading: column}),
            bad=broken,
            column=heading or None,
            samples=column,
        )
        column[broken] = None
    return build_cells(headings, columns, numbers, origin=origin, faults=faults)


def write_spreadsheet(frame: pd.DataFrame, path: Path, *, table: str) -> None:
    """Write a table as the only sheet of a workbook, its headings frozen and filtered.

    Text stays text: ids keep their leading zeros, and a name that begins with ``=`` is no formula.

    Raises
    ------
    InputError
        If a table does not fit: too many rows, a text too long for a cell, or a control character.
    MissingExtraError
        If openpyxl is not installed.
    """
    openpyxl = _openpyxl()
    if len(frame) + 1 > _MAX_ROWS:
        raise InputError.of("io.too_many_rows", table=table, n=len(frame), most=_MAX_ROWS - 1)
    columns = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in frame.columns]
    for cells in ([str(name) for name in frame.columns], *columns):
        _check_texts([value for value in cells if isinstance(value, str)], table)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(table)
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, str(name)) for name in frame.columns])
    for row in zip(*columns, strict=True):
        sheet.append([_cell(sheet, value) for value in row])
    book.save(path)


class _ErrorValue(str):
    """What a cell shows whose formula failed, as against a text that looks like it."""

    __slots__ = ()


def _first_rows(openpyxl: Any, path: Path, table: str) -> list[Sequence[Any]]:
    """Return the rows of the sheet named like the table, or of the first that is not empty."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheets = sorted(book.worksheets, key=lambda sheet: sheet.title.strip().lower() != table)
        return next((found for found in map(_rows, sheets) if found), [])
    finally:
        book.close()


def _rows(sheet: Any) -> list[Sequence[Any]]:
    """Return the rows of a sheet down to the last that holds something."""
    sheet.reset_dimensions()  # some programs write a wrong size
    rows: list[Sequence[Any]] = [
        [_ErrorValue(cell.value) if cell.data_type == "e" else cell.value for cell in row]
        for row in sheet.iter_rows()
    ]
    while rows and all(value is None or not str(value).strip() for value in rows[-1]):
        rows.pop()
    return rows


def _heading(value: object) -> str:
    return "" if value is None else str(value).replace("\n", " ").strip()


def _check_texts(texts: list[str], table: str) -> None:
    """Raise if a text does not fit into a cell, before anything is written."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    for text in texts:
        if len(text) > _MAX_CHARACTERS:
            raise InputError.of("io.text_too_long", table=table, n=len(text), most=_MAX_CHARACTERS)
        if ILLEGAL_CHARACTERS_RE.search(text):
            raise InputError.of("io.control_character", table=table, value=repr(text[:40]))


def _cell(sheet: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"  # never a formula or an error, whatever it looks like
    if value.isdigit():
        cell.number_format = "@"
    return cell


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ImportError:
        raise MissingExtraError.for_extra("openpyxl", "excel") from None
    return openpyxl
