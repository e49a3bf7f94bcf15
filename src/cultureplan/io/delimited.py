"""Read the cells of a CSV file, whatever its encoding and delimiter, and note every ragged row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from cultureplan.base.checks import FaultList, Origin
from cultureplan.io.cells import HEADING_ROWS, Cells, build_cells, heading_row, reason_of
from cultureplan.io.encodings import decode_text
from cultureplan.io.headings import n_known

_DELIMITERS = (",", "\t", ";")
_HEAD_CHARACTERS = 200_000
_MAX_BLOCK_BYTES = 2**31 - 1


def read_delimited(path: Path, *, origin: Origin, faults: FaultList) -> Cells | None:
    """Return the cells of a CSV file as text, or note why there are none and return None.

    The delimiter (comma, tab or semicolon) is the one that splits the headings into most cells we know.
    Row 1 is the first row of the file, as a spreadsheet shows it, blank rows counted; a row with more or
    fewer cells than there are headings is noted and left out.

    Parameters
    ----------
    path : Path
        File.
    origin, faults
        What the file holds, and where faults are noted.
    """
    text = decode_text(path.read_bytes(), origin=origin, faults=faults)
    if text is None:
        return None
    if not text.strip():
        faults.add("io.empty_file", origin=origin)
        return None
    delimiter, headings, number, body = _split_head(text, origin.table)
    try:
        columns, ragged, n_rows = _read_body(body, len(headings), delimiter)
    except pa.ArrowInvalid as error:
        faults.add("io.unreadable", origin=origin, reason=reason_of(error))
        return None
    numbers = np.delete(np.arange(n_rows), list(ragged)) + number + 1
    if ragged:
        rows = sorted(ragged)
        faults.add_rows(
            "io.ragged_row",
            origin=Origin(table=origin.table, file=origin.file, row_numbers=np.array(rows) + number + 1),
            frame=pd.DataFrame(index=range(len(rows))),
            bad=np.ones(len(rows), dtype=bool),
            samples=[str(ragged[row]) for row in rows],
            n_columns=len(headings),
        )
    return build_cells(headings, columns, numbers, origin=origin, faults=faults)


def _split_head(text: str, table: str) -> tuple[str, list[str], int, str]:
    """Return the delimiter, the headings, the row they stand in (from 1) and the text after them."""
    head = text[:_HEAD_CHARACTERS]
    choices = []
    for delimiter in _DELIMITERS:
        rows = list(islice(csv.reader(StringIO(head, newline=""), delimiter=delimiter), HEADING_ROWS))
        known = [n_known(row, table) for row in rows]
        best = heading_row(rows, known)
        choices.append((known[best], len(rows[best]), delimiter, best, rows[best]))
    _, _, delimiter, best, headings = max(choices, key=lambda choice: choice[:2])
    lines: list[str] = []
    reader = csv.reader(_recorded(StringIO(head, newline=""), lines), delimiter=delimiter)
    for _ in range(best + 1):
        next(reader)
    return delimiter, headings, best + 1, text[sum(map(len, lines)) :]


def _recorded(lines: StringIO, seen: list[str]) -> Iterator[str]:
    """Yield lines one by one, noting each in `seen`, so that we know where the headings end."""
    for line in lines:
        seen.append(line)
        yield line


def _read_body(body: str, n_columns: int, delimiter: str) -> tuple[list[pd.Series], dict[int, int], int]:
    """Return the columns as text, the ragged rows (row from 0 -> its number of cells) and the row count."""
    names = [str(number) for number in range(n_columns)]
    ragged: dict[int, int] = {}
    data = body.encode("utf-8")
    if not data.strip():
        return [pd.Series([], dtype=str) for _ in names], ragged, 0

    def note(row: pacsv.InvalidRow) -> str:
        ragged[row.number - 1] = row.actual_columns
        return "skip"

    table = pacsv.read_csv(
        BytesIO(data),
        read_options=pacsv.ReadOptions(
            use_threads=False, column_names=names, block_size=min(len(data) + 1, _MAX_BLOCK_BYTES)
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=note,
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    frame = table.to_pandas()
    return [frame[name] for name in names], ragged, len(frame) + len(ragged)
