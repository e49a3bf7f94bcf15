"""Collect every fault of a table, then raise once.

A check never stops at the first fault: it notes it in a :class:`FaultList` and returns what can still be
used, so that a user mends a file in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cultureplan.base.errors import SHOWN_ROWS, CulturePlanError, Fault, InputError


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a table came from, so that a fault can name its rows as the user counts them.

    Parameters
    ----------
    table : str
        Name of the table (``facilities``, ``demand`` ...).
    file : str, optional
        Name of the file, if it was read from one.
    first_row : int, optional
        What the user calls the first record: 2 in a CSV or spreadsheet (row 1 is the header), 1 in a
        GeoJSON. Where absent, rows are named by the frame's own index labels.
    spelled : Mapping[str, str]
        Our column name -> the user's, where they differ.
    row_numbers : ndarray of int, optional
        What the user calls each record, where the numbers do not follow on (a file with blank rows).
    written : Mapping[str, Series]
        Our column name -> its cells as they stand in the file, where the reader has changed them.
    """

    table: str
    file: str | None = None
    first_row: int | None = None
    spelled: Mapping[str, str] = field(default_factory=dict)
    row_numbers: np.ndarray | None = field(default=None, compare=False, repr=False)
    written: Mapping[str, pd.Series] = field(default_factory=dict, compare=False, repr=False)

    def column_name(self, column: str | None) -> str | None:
        """Return a column's name as the user wrote it."""
        return None if column is None else self.spelled.get(column, column)

    def row_names(self, frame: pd.DataFrame, positions: np.ndarray) -> tuple[str, ...]:
        """Return the user's names of the records at `positions`."""
        if self.row_numbers is not None:
            return tuple(str(self.row_numbers[position]) for position in positions)
        if self.first_row is None:
            return tuple(str(frame.index[position]) for position in positions)
        return tuple(str(int(position) + self.first_row) for position in positions)


class FaultList:
    """The faults found so far, in the order in which they were found."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def __len__(self) -> int:
        return len(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was found."""
        return tuple(self._faults)

    def add(self, code: str, *, origin: Origin, column: str | None = None, **values: object) -> None:
        """Note a fault of a whole table or column."""
        self._faults.append(
            Fault(
                code=code,
                values=values,
                file=origin.file,
                table=origin.table,
                column=origin.column_name(column),
            )
        )

    def add_rows(
        self,
        code: str,
        *,
        origin: Origin,
        frame: pd.DataFrame,
        bad: np.ndarray | pd.Series,
        column: str | None = None,
        samples: Sequence[object] | pd.Series | None = None,
        **values: object,
    ) -> bool:
        """Note a fault of the rows where `bad` is true; return whether there are any.

        Parameters
        ----------
        code : str
            Key of the message.
        origin : Origin
            Where `frame` came from.
        frame : DataFrame
            The table as read.
        bad : array of bool, shape (n,)
            Rows concerned.
        column : str, optional
            Column concerned; its values are shown unless `samples` gives others.
        samples : sequence, optional
            What to show of each row.
        **values
            What the message's placeholders stand for.
        """
        positions = np.flatnonzero(np.asarray(bad, dtype=bool))
        if len(positions) == 0:
            return False
        first = positions[:SHOWN_ROWS]
        if samples is None and column is not None:
            samples = origin.written.get(column, frame.get(column))
        shown = () if samples is None else tuple(_show(pd.Series(samples).iloc[p]) for p in first)
        self._faults.append(
            Fault(
                code=code,
                values=values,
                file=origin.file,
                table=origin.table,
                column=origin.column_name(column),
                rows=origin.row_names(frame, first),
                n_rows=len(positions),
                samples=shown,
            )
        )
        return True

    def extend(self, faults: Iterable[Fault]) -> None:
        """Take over faults found elsewhere."""
        self._faults.extend(faults)

    def raise_if_any(self, error: type[CulturePlanError]) -> None:
        """Raise `error` with everything that was found, if anything was."""
        if self._faults:
            raise error(*self._faults)


def _show(value: object) -> str:
    """Return a value as a message shows it: short, and empty where nothing is there."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    shown = str(value)
    return "" if not shown.strip() else (shown if len(shown) <= 40 else shown[:37] + "...")


def finite_array(name: str, values: object, *, n: int | None = None, non_negative: bool = True) -> np.ndarray:
    """Return `values` as a float array, shape (n,), or raise if one is missing, infinite or negative.

    Parameters
    ----------
    name : str
        What the message calls the array.
    values : array-like, shape (n,)
        Numbers.
    n : int, optional
        Length it must have.
    non_negative : bool
        Refuse numbers below 0.

    Raises
    ------
    InputError
        Naming the first offending position.
    """
    array = np.asarray(values, dtype=float)
    if array.ndim != 1:
        raise InputError.of("fault.wrong_shape", name=name, got=array.shape, want="(n,)")
    if n is not None and len(array) != n:
        raise InputError.of("fault.wrong_shape", name=name, got=array.shape, want=(n,))
    for code, bad in (
        ("fault.not_finite", ~np.isfinite(array)),
        ("fault.negative", (array < 0) & non_negative),
    ):
        if bad.any():
            raise InputError.of(code, name=name, n=int(bad.sum()), first=int(np.flatnonzero(bad)[0]))
    return array


def points_array(name: str, xy: object) -> np.ndarray:
    """Return points as a float array, shape (n, 2), or raise if the shape is wrong or one is not finite."""
    array = np.asarray(xy, dtype=float)
    if array.size == 0:
        array = array.reshape(0, 2)
    if array.ndim != 2 or array.shape[1] != 2:
        raise InputError.of("fault.wrong_shape", name=name, got=array.shape, want="(n, 2)")
    bad = ~np.isfinite(array).all(axis=1)
    if bad.any():
        raise InputError.of(
            "fault.not_finite", name=name, n=int(bad.sum()), first=int(np.flatnonzero(bad)[0])
        )
    return np.ascontiguousarray(array)
