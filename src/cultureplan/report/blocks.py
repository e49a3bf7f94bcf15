"""What a report is made of: chapters of paragraphs, figures, facts and tables, before they are HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import pandas as pd

from cultureplan.base.messages import Lang, text


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a report table.

    Parameters
    ----------
    name : str
        Column of the frame.
    kind : str
        How it reads: ``text``, ``count``, ``number``, ``share``, ``signed``, ``points``, ``cost`` (with the
        unit in the row's column ``unit``), ``area`` (m2), ``coordinate``, ``link``, ``figure`` (any
        unit, up to three decimals) ``code`` (kept on one line) or
        ``flag``.
    is_shown : bool
        Whether the page shows it; files hold all columns.
    given_heading : str
        Its heading; where empty, that of ``report.col_<name>`` in the catalogue.
    """

    name: str
    kind: str = "text"
    is_shown: bool = True
    given_heading: str = ""

    def heading(self, lang: Lang) -> str:
        """Return what the column is called."""
        return self.given_heading or text(f"report.col_{self.name}", lang)


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportTable:
    """Rows that stand in the report and, all of them, in the files beside it.

    Parameters
    ----------
    key : str
        Name of the file.
    frame : DataFrame
        Plain values, one row a record.
    columns : tuple of Column
        Columns in order.
    n_shown : int
        How many rows the page shows at most; the files hold all.
    in_excel : bool
        Whether the workbook has it too; very long tables are CSV only.
    given_title : str
        Its title; where empty, that of ``report.table_<key>`` in the catalogue.
    """

    key: str
    frame: pd.DataFrame = field(repr=False)
    columns: tuple[Column, ...]
    n_shown: int = 12
    in_excel: bool = True
    given_title: str = ""

    @classmethod
    def of(
        cls,
        key: str,
        frame: pd.DataFrame,
        *,
        columns: tuple[Column, ...],
        n_shown: int = 12,
        in_excel: bool = True,
        given_title: str = "",
    ) -> Self:
        """Return the table with those of the columns that the frame has."""
        present = tuple(column for column in columns if column.name in frame.columns)
        kept = frame[[column.name for column in present]].reset_index(drop=True)
        return cls(
            key=key, frame=kept, columns=present, n_shown=n_shown, in_excel=in_excel, given_title=given_title
        )

    def title(self, lang: Lang) -> str:
        """Return what the table is called."""
        return self.given_title or text(f"report.table_{self.key}", lang)


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """Running text; `style` is ``lead``, ``note``, ``warning`` or empty."""

    words: str
    style: str = ""


@dataclass(frozen=True, kw_only=True)
class Card:
    """One headline figure."""

    value: str
    words: str
    detail: str = ""
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Cards:
    """The headline figures, side by side."""

    cards: tuple[Card, ...]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture with a caption."""

    svg: str = field(repr=False)
    caption: str


@dataclass(frozen=True, kw_only=True)
class Gallery:
    """Small pictures side by side under one heading."""

    title: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Labels and values, one a line."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TableBlock:
    """A table, or some rows of it, with a title and a line on where all rows stand."""

    table: ReportTable
    title: str
    rows: pd.DataFrame | None = field(default=None, repr=False)
    note: str = ""


Block = Paragraph | Cards | Figure | Gallery | Facts | Bullets | TableBlock


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A chapter: its anchor, its title and its blocks."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class ReportFile:
    """A file beside the report."""

    path: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """The whole report before it is HTML."""

    title: str
    subtitle: str
    date: str
    lang: Lang
    chapters: tuple[Chapter, ...]
