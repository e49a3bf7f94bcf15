"""People in Parquet files: which files there are, whether they fit, and reading them a batch at a time.

A *part* is a run of row groups of one file of about a million rows, the unit of work that a thread or a
worker takes. However large a row group is, no more than a million rows of it are in memory at once.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cultureplan.base.checks import FaultList, Origin
from cultureplan.base.errors import Fault, MissingColumnError, MissingFileError, TableError

BATCH = 2**20  # rows in memory at once, for each thread

Source = str | Path | Sequence[str | Path]


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What the columns of the partitions are called.

    Parameters
    ----------
    x, y : str
        Coordinates: metres of one metric coordinate system, or longitude and latitude.
    persons : str
        Persons at the point.
    group : str
        A column to report by, such as the county; none where empty.
    value : str
        A number of each person whose distribution is asked for.
    degrees : bool
        Whether `x` and `y` are longitude and latitude (WGS84 or CGCS2000) rather than metres.
    """

    x: str = "x"
    y: str = "y"
    persons: str = "persons"
    group: str = ""
    value: str = ""
    degrees: bool = False


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some row groups of one file; all of it where it is small. Numbered in the order of the files."""

    number: int
    path: str
    row_groups: tuple[int, ...]
    first_row: int
    n_rows: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Batch:
    """Up to a million rows, as arrays; a column that was not asked for is None."""

    points: np.ndarray | None
    persons: np.ndarray
    value: np.ndarray | None
    group: np.ndarray | None


def find_parts(source: Source, columns: Columns, *, numbers: Sequence[str]) -> list[Part]:
    """Return the parts of all files, after looking at the head of every file.

    Parameters
    ----------
    source : str, Path or sequence of them
        Folders (searched to any depth), patterns, or files.
    columns : Columns
        What the columns are called.
    numbers : sequence of str
        Which of `columns` must be there and hold numbers: ``"x"``, ``"persons"`` ...

    Raises
    ------
    MissingFileError
        If there is no file.
    TableError
        Listing every file that cannot be read, lacks a column, or holds words for numbers.
    """
    names = [source] if isinstance(source, (str, Path)) else list(source)
    paths = [path for name in names for path in _files(str(name))]
    if not paths:
        raise MissingFileError.of("chunked.no_files", source=", ".join(map(str, names)) or "-")
    wanted = [getattr(columns, name) for name in numbers]
    faults = FaultList()
    parts: list[Part] = []
    for path in paths:
        origin = Origin(table="demand", file=path)
        try:
            file = pq.ParquetFile(path)
        except (pa.ArrowException, OSError) as error:
            faults.add("chunked.not_parquet", origin=origin, why=str(error).splitlines()[0][:120])
            continue
        with file:
            schema = file.schema_arrow
            for name in [*wanted, *([columns.group] if columns.group else [])]:
                if name not in schema.names:
                    present = ", ".join(schema.names)
                    faults.add("chunked.missing_column", origin=origin, wanted=name, present=present)
                elif name in wanted and not _is_number(schema.field(name).type):
                    kind = str(schema.field(name).type)
                    faults.add("chunked.not_numeric", origin=origin, column=name, kind=kind)
            parts += _split(path, file.metadata, number=len(parts))
    only_columns = {fault.code for fault in faults} == {"chunked.missing_column"}
    faults.raise_if_any(MissingColumnError if only_columns else TableError)
    return parts


def read_batches(part: Part, columns: Columns, *, numbers: Sequence[str]) -> Iterator[Batch]:
    """Yield a part as checked arrays of at most a million rows.

    Raises
    ------
    TableError
        Naming the file and the rows with missing, infinite or negative numbers.
    """
    names = {name: getattr(columns, name) for name in numbers}
    read = [*names.values(), *([columns.group] if columns.group else [])]
    first_row = part.first_row
    with pq.ParquetFile(part.path) as file:
        for rows in file.iter_batches(
            batch_size=BATCH, row_groups=list(part.row_groups), columns=read, use_threads=False
        ):
            found = {name: _floats(rows.column(column)) for name, column in names.items()}
            _validate(found, names, part=part, first_row=first_row, degrees=columns.degrees)
            points = np.column_stack([found["x"], found["y"]]) if "x" in found else None
            group = rows.column(columns.group).to_numpy(zero_copy_only=False) if columns.group else None
            yield Batch(points=points, persons=found["persons"], value=found.get("value"), group=group)
            first_row += len(rows)


def _files(name: str) -> list[str]:
    path = Path(name)
    if path.is_dir():
        return sorted(str(file) for file in path.rglob("*.parquet"))
    if path.is_file():
        return [name]
    return sorted(found for found in glob.glob(name, recursive=True) if Path(found).is_file())


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _split(path: str, metadata: Any, *, number: int) -> list[Part]:
    """Return runs of row groups of about a batch each."""
    runs: list[list[int]] = []
    sizes: list[int] = []
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group).num_rows
        if runs and sizes[-1] + rows <= BATCH:
            runs[-1].append(group)
            sizes[-1] += rows
        elif rows:
            runs.append([group])
            sizes.append(rows)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(int).tolist()
    return [
        Part(number=number + at, path=path, row_groups=tuple(run), first_row=starts[at], n_rows=sizes[at])
        for at, run in enumerate(runs)
    ]


def _floats(column: pa.Array) -> np.ndarray:
    if column.null_count or not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        column = column.cast(pa.float64())  # decimals, and whole numbers with gaps
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=float)


def _validate(
    found: dict[str, np.ndarray], names: dict[str, str], *, part: Part, first_row: int, degrees: bool
) -> None:
    faults = []

    def note(code: str, name: str, bad: np.ndarray) -> None:
        rows = np.flatnonzero(bad)
        if len(rows):
            faults.append(
                Fault(
                    code=code,
                    file=part.path,
                    column=names[name],
                    rows=tuple(str(first_row + int(row) + 1) for row in rows[:5]),
                    n_rows=len(rows),
                    samples=tuple(f"{found[name][row]:g}" for row in rows[:5]),
                )
            )

    for name, values in found.items():
        note("chunked.not_finite", name, ~np.isfinite(values))
        if name in ("persons", "value"):
            note("chunked.negative", name, values < 0)
        elif degrees:
            note("chunked.not_degrees", name, np.abs(values) > (180 if name == "x" else 90))
    if faults:
        raise TableError(*faults)
