"""From chapters to one HTML page: cells as people read them, everything escaped, nothing fetched."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup

from cultureplan.base.messages import Lang, text
from cultureplan.plotting import style
from cultureplan.plotting.wording import (
    NOTHING,
    area_words,
    clean,
    cost_words,
    count_words,
    points_words,
    share_words,
)
from cultureplan.report.blocks import Column, Page, ReportFile, TableBlock

_RIGHT = ("count", "number", "share", "signed", "points", "cost", "area", "coordinate", "figure")
_STATUS = ("real", "derived", "modelled")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell as the page shows it: its words, what it sorts by, and a bar or a link where it has one."""

    words: str
    sort: str
    bar: str = ""
    href: str = ""
    tag: str = ""


@dataclass(frozen=True, kw_only=True)
class View:
    """A table as the page shows it."""

    title: str
    headings: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str
    path: str


def render(page: Page, files: Sequence[ReportFile], files_note: str = "") -> str:
    """Return the page as HTML.

    Parameters
    ----------
    page : Page
        The report.
    files : sequence of ReportFile
        Files beside it.
    files_note : str
        What is to be said about files that could not be written.
    """
    from cultureplan.base.version import __version__

    script = _asset("sort.js")
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    template = _environment().get_template("report.html")
    return template.render(
        page=page,
        files=files,
        files_note=files_note,
        version=__version__,
        t=lambda key, **values: text(key, page.lang, **values),
        view=lambda block: table_view(block, page.lang),
        kind=lambda block: type(block).__name__,
        svg=Markup,  # made by plotting.svg, which escapes what comes from input
        css=Markup(_asset("report.css")),
        script=Markup(script),
        script_digest=digest,
        colours=_colours(),
    )


def table_view(block: TableBlock, lang: Lang) -> View:
    """Return the rows a table shows: the first ones, with a line on where all of them are."""
    table = block.table
    rows = table.frame if block.rows is None else block.rows
    shown = [column for column in table.columns if column.is_shown and _has_values(rows, column.name)]
    units = rows["unit"] if "unit" in rows.columns else pd.Series([None] * len(rows), index=rows.index)
    cells = tuple(
        tuple(_cell(row[column.name], column, unit, lang) for column in shown)
        for (_, row), unit in zip(rows.head(table.n_shown).iterrows(), units, strict=False)
    )
    note = block.note
    if len(rows) > table.n_shown:
        more = text("report.first_rows", lang, n=count_words(table.n_shown), all=count_words(len(rows)))
        note = text("fault.space", lang).join(part for part in (more, note) if part)
    headings = tuple((column.heading(lang), column.kind in _RIGHT) for column in shown)
    return View(title=block.title, headings=headings, rows=cells, note=note, path=f"tables/{table.key}.csv")


def _cell(value: Any, column: Column, unit: object, lang: Lang) -> Cell:
    kind = column.kind
    if column.name == "data_status":
        return Cell(words=str(value), sort=str(value), tag="tag")
    if _is_missing(value):
        return Cell(words=NOTHING if kind in _RIGHT else "", sort="")
    if kind == "flag":
        return Cell(words=text("report.yes" if value else "report.no", lang), sort=str(int(value)))
    if kind == "link":
        address = str(value)
        return Cell(words=clean(address), sort=address, href=address if _is_web(address) else "")
    if kind == "code":
        return Cell(words=clean(str(value)), sort=clean(str(value)), tag="code")
    if kind not in _RIGHT:
        return Cell(words=clean(str(value)), sort=clean(str(value)))
    number = float(value)
    words = {
        "count": lambda: count_words(number),
        "number": lambda: f"{number:,.1f}",
        "figure": lambda: f"{round(number, 3):,.10g}",
        "share": lambda: share_words(number),
        "points": lambda: points_words(number, lang),
        "cost": lambda: cost_words(number, None if unit is None else str(unit), lang),
        "area": lambda: area_words(number, lang),
        "coordinate": lambda: f"{number:.5f}",
    }[kind]()
    bar = f"{100 * min(max(number, 0.0), 1.0):.1f}%" if kind == "share" else ""
    return Cell(words=words, sort=repr(number), bar=bar)


def _has_values(rows: pd.DataFrame, name: str) -> bool:
    """Return whether a column is worth its width: it says something in at least one row."""
    values = rows[name]
    if values.dtype == object or pd.api.types.is_string_dtype(values):
        return bool((values.fillna("").astype(str).str.strip() != "").any())
    return bool(values.notna().any())


def _is_web(address: str) -> bool:
    return address.startswith(("https://", "http://")) and not any(c.isspace() for c in address)


def _is_missing(value: object) -> bool:
    return (
        value is None or value is pd.NA or (isinstance(value, float | np.floating) and bool(np.isnan(value)))
    )


def _colours() -> dict[str, str]:
    """Return the palette of the pictures, so that page and pictures mean the same by a colour."""
    names = ("COVERED", "UNCOVERED", "NOT_ASSESSED", "NEWLY_COVERED", "PROPOSED", "INK", "MUTED", "GRID")
    return {name.lower().replace("_", "-"): getattr(style, name) for name in names}


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("cultureplan.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _asset(name: str) -> str:
    folder = resources.files("cultureplan.report").joinpath("templates")
    return folder.joinpath(name).read_text(encoding="utf-8")
