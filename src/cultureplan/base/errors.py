"""The error family: every error is ours and a Python builtin at once, and carries its faults.

A :class:`Fault` says what is wrong, where (file, rows, column), with which values, and what to do. An
error is raised once with all the faults that were found, and words them in English or Chinese.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from cultureplan.base.messages import Lang, remedy, text

SHOWN_ROWS = 5  # a message shows the first five rows and says how many there are


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong, with its place and its remedy.

    Parameters
    ----------
    code : str
        Key of the message catalogue; its ``fix_en`` / ``fix_zh`` hold the remedy.
    values : Mapping[str, object]
        What the placeholders of the message stand for.
    file, table, column : str, optional
        Where it is.
    rows : tuple of str
        The first rows concerned, as the user counts them (a spreadsheet's header is row 1).
    n_rows : int
        How many rows are concerned in all.
    samples : tuple of str
        The values found in `rows`.
    """

    code: str
    values: Mapping[str, object] = field(default_factory=dict)
    file: str | None = None
    table: str | None = None
    column: str | None = None
    rows: tuple[str, ...] = ()
    n_rows: int = 0
    samples: tuple[str, ...] = ()

    def where(self, lang: Lang = "en") -> str:
        """Return file, rows, column and the values found there, as one phrase."""
        parts = []
        if self.file or self.table:
            parts.append(str(self.file or text("fault.table", lang, table=self.table)))
        if self.rows:
            shown = ", ".join(self.rows)
            if self.n_rows > len(self.rows):
                parts.append(text("fault.rows_of", lang, rows=shown, n=self.n_rows))
            else:
                parts.append(text("fault.rows" if len(self.rows) > 1 else "fault.row", lang, rows=shown))
        if self.column:
            parts.append(text("fault.column", lang, column=self.column))
        if self.samples:
            parts.append(
                text(
                    "fault.values",
                    lang,
                    values=", ".join(sample or text("fault.empty", lang) for sample in self.samples),
                )
            )
        return text("fault.comma", lang).join(parts)

    def render(self, lang: Lang = "en") -> str:
        """Return the whole fault as one line: where, what is wrong, what to do."""
        where = self.where(lang)
        what = text(self.code, lang, **self.values)
        todo = remedy(self.code, lang, **self.values)
        head = text("fault.colon", lang).join(part for part in (where, what) if part)
        return text("fault.space", lang).join(part for part in (head, todo) if part)

    def to_dict(self, lang: Lang = "en") -> dict[str, object]:
        """Return the fault as plain values, for JSON."""
        return {
            "code": self.code,
            "file": self.file,
            "table": self.table,
            "column": self.column,
            "rows": list(self.rows),
            "n_rows": self.n_rows,
            "values": list(self.samples),
            "message": text(self.code, lang, **self.values),
            "remedy": remedy(self.code, lang, **self.values),
        }


class CulturePlanError(Exception):
    """Anything that cultureplan refuses, with all the faults that were found.

    Parameters
    ----------
    *faults : Fault
        One or more faults; the message lists them all.
    """

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults)
        self.faults: tuple[Fault, ...] = faults

    @classmethod
    def of(cls, code: str, **values: object) -> Self:
        """Return the error with a single fault that needs no table."""
        return cls(Fault(code=code, values=values))

    def render(self, lang: Lang = "en") -> str:
        """Return the message in the wanted language: one line a fault."""
        if len(self.faults) == 1:
            return self.faults[0].render(lang)
        lines = [text("fault.count", lang, n=len(self.faults))]
        lines += [f"  {number}. {fault.render(lang)}" for number, fault in enumerate(self.faults, start=1)]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.render("en")


class InputError(CulturePlanError, ValueError):
    """A parameter has a value that makes no sense here."""


class WrongTypeError(CulturePlanError, TypeError):
    """A parameter is of the wrong type."""


class TableError(InputError):
    """A table breaks its schema."""


class MissingColumnError(TableError):
    """A table lacks a column that it must have."""


class WorldError(TableError):
    """What was given is not a world; lists every fault of every table."""


class CrsError(InputError):
    """A coordinate system is missing, not metric, or does not fit the place."""


class UnitError(InputError):
    """Two quantities have units that do not go together."""


class UnknownNameError(CulturePlanError, LookupError):
    """A name (id, standard, data set) is not known."""

    @classmethod
    def closest(cls, code: str, name: str, known: Iterable[str], **values: object) -> Self:
        """Return the error naming the known name that looks most like `name`."""
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.0)
        listed = ", ".join(names[:20]) + (" ..." if len(names) > 20 else "")
        return cls.of(code, name=name, closest=near[0] if near else "-", known=listed or "-", **values)


class MissingFileError(CulturePlanError, FileNotFoundError):
    """A file or folder that is needed is not there."""


class OutputExistsError(CulturePlanError, FileExistsError):
    """Writing would overwrite something that is not ours to overwrite."""


class MissingExtraError(CulturePlanError, ImportError):
    """An optional library is needed; the message says which extra to install."""

    @classmethod
    def for_extra(cls, library: str, extra: str) -> Self:
        """Return the error for a library that comes with an extra of this package."""
        return cls.of("fault.missing_extra", library=library, extra=extra)


class InfeasibleError(CulturePlanError, RuntimeError):
    """A siting problem has no solution; the message says why."""
