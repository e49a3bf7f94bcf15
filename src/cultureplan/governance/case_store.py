"""Rectification cases on disk: an append-only history in SQLite that survives a crash in mid-write.

Every step is one row, written in one transaction with full synchronisation; a step that was confirmed is on
disk, one that was interrupted is not there at all. Rows cannot be changed or deleted: the database refuses.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.governance.cases import Case, Move, MoveKind, Trigger

_SCHEMA = """
CREATE TABLE IF NOT EXISTS cases (
    id TEXT PRIMARY KEY, unit TEXT NOT NULL, requirement TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS moves (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT NOT NULL REFERENCES cases (id),
    step INTEGER NOT NULL,
    move TEXT NOT NULL,
    UNIQUE (case_id, step)
) STRICT;
CREATE TRIGGER IF NOT EXISTS moves_keep BEFORE UPDATE ON moves
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER IF NOT EXISTS moves_stay BEFORE DELETE ON moves
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER IF NOT EXISTS cases_keep BEFORE UPDATE ON cases
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER IF NOT EXISTS cases_stay BEFORE DELETE ON cases
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
"""
_WAIT_S = 30.0  # how long a writer waits for another one


class CaseStore:
    """The cases of a place in one file; several processes may use it at once.

    Parameters
    ----------
    path : str or Path
        File of the database; made where it is not there.

    Raises
    ------
    InputError
        If the file is not such a database.

    Examples
    --------
    >>> import datetime as dt, tempfile, pathlib
    >>> from cultureplan.governance import CaseStore, open_case
    >>> folder = tempfile.TemporaryDirectory()
    >>> with CaseStore(pathlib.Path(folder.name) / "cases.sqlite") as store:
    ...     store.add(open_case("2024-01", unit="U", date=dt.date(2024, 3, 1)))
    ...     str(store.case("2024-01").state)
    'criticised'
    >>> folder.cleanup()
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._connection = sqlite3.connect(self.path, timeout=_WAIT_S, isolation_level=None)
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._connection.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise InputError.of("cases.not_a_store", path=str(path), why=str(error)) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the cases, in the order in which they were opened."""
        return tuple(row[0] for row in self._connection.execute("SELECT id FROM cases ORDER BY rowid"))

    @property
    def n_moves(self) -> int:
        """Steps in the whole history."""
        return int(self._connection.execute("SELECT count(*) FROM moves").fetchone()[0])

    def add(self, case: Case) -> None:
        """Store a new case with every step it has so far: all of it, or nothing.

        Raises
        ------
        InputError
            If there is a case of this id, or one of its steps is illegal.
        """
        checked = Case(id=case.id, unit=case.unit, requirement=case.requirement).replay(case.moves)
        with self._transaction() as cursor:
            if cursor.execute("SELECT 1 FROM cases WHERE id = ?", (case.id,)).fetchone():
                raise InputError.of("cases.repeated", case=case.id)
            cursor.execute("INSERT INTO cases VALUES (?, ?, ?)", (case.id, case.unit, case.requirement))
            for step, move in enumerate(checked.moves):
                _insert(cursor, case.id, step, move)

    def append(self, case_id: str, move: Move) -> Case:
        """Store one more step and return the case after it; the step is on disk when this returns.

        Raises
        ------
        UnknownNameError
            For an unknown case.
        InputError
            If the state on disk does not allow the step.
        """
        with self._transaction() as cursor:
            case = self._read(cursor, case_id).apply(move)
            _insert(cursor, case_id, len(case.moves) - 1, move)
        return case

    def case(self, case_id: str) -> Case:
        """Return a case with its history.

        Raises
        ------
        UnknownNameError
            Naming the closest id.
        """
        return self._read(self._connection.cursor(), case_id)

    def cases(self) -> tuple[Case, ...]:
        """Return every case with its history."""
        return tuple(self.case(case_id) for case_id in self.ids)

    def overdue(self, as_of: dt.date) -> tuple[Case, ...]:
        """Return the cases whose deadline has passed without a re-check."""
        return tuple(case for case in self.cases() if case.is_overdue(as_of))

    def validate(self) -> None:
        """Raise InputError if the file is damaged or a history does not follow the rules."""
        answer = self._connection.execute("PRAGMA integrity_check").fetchone()[0]
        if answer != "ok":
            raise InputError.of("cases.not_a_store", path=str(self.path), why=answer)
        self.cases()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Cursor]:
        cursor = self._connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")  # one writer at a time, so that the state read is the state written
        try:
            yield cursor
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")

    def _read(self, cursor: sqlite3.Cursor, case_id: str) -> Case:
        row = cursor.execute("SELECT id, unit, requirement FROM cases WHERE id = ?", (case_id,)).fetchone()
        if row is None:
            raise UnknownNameError.closest("cases.unknown", case_id, self.ids)
        moves = cursor.execute(
            "SELECT move FROM moves WHERE case_id = ? ORDER BY step", (case_id,)
        ).fetchall()
        return Case(id=row[0], unit=row[1], requirement=row[2]).replay(_move(text) for (text,) in moves)


def _insert(cursor: sqlite3.Cursor, case_id: str, step: int, move: Move) -> None:
    cursor.execute("INSERT INTO moves (case_id, step, move) VALUES (?, ?, ?)", (case_id, step, _text(move)))


def _text(move: Move) -> str:
    values = {
        "kind": str(move.kind),
        "date": move.date.isoformat(),
        "by": move.by,
        "deadline": move.deadline.isoformat() if move.deadline else None,
        "passed": move.passed,
        "trigger": str(move.trigger) if move.trigger else None,
        "note": move.note,
    }
    return json.dumps(values, ensure_ascii=False)


def _move(text: str) -> Move:
    values = json.loads(text)
    deadline, trigger = values["deadline"], values["trigger"]
    return Move(
        kind=MoveKind(values["kind"]),
        date=dt.date.fromisoformat(values["date"]),
        by=values["by"],
        deadline=dt.date.fromisoformat(deadline) if deadline else None,
        passed=values["passed"],
        trigger=Trigger(trigger) if trigger else None,
        note=values["note"],
    )
