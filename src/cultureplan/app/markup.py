"""HTML for the page: tables, figures, notes. Everything from data is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import pandas as pd

from cultureplan.base.messages import Lang, text
from cultureplan.plotting.wording import NOTHING, count_words, share_words, signed_words


def heading(words: str, lead: str = "") -> str:
    """Return a heading with a line of explanation under it."""
    below = f"<p>{escape(lead)}</p>" if lead else ""
    return f'<div class="cp-head"><h2>{escape(words)}</h2>{below}</div>'


def note(words: str, *, tone: str = "plain") -> str:
    """Return a remark that is read out when it changes.

    Parameters
    ----------
    words : str
        Text; empty for nothing.
    tone : {"plain", "good", "bad"}
        How it looks.
    """
    if not words:
        return '<div class="cp-say cp-none" role="status" aria-live="polite"></div>'
    return f'<div class="cp-say cp-{tone}" role="status" aria-live="polite">{escape(words)}</div>'


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Return figures as large numbers with what they are under them."""
    cells = "".join(f"<div><b>{escape(value)}</b><span>{escape(name)}</span></div>" for name, value in rows)
    return f'<div class="cp-facts">{cells}</div>'


def table(
    frame: pd.DataFrame,
    *,
    lang: Lang,
    kinds: Mapping[str, str] | None = None,
    most: int = 200,
    caption: str = "",
) -> str:
    """Return a table with headings of the catalogue (``app.col_<column>``).

    Parameters
    ----------
    frame : DataFrame
        Rows to show, in order.
    lang : {"en", "zh"}
        Language.
    kinds : Mapping[str, str], optional
        Column -> ``count``, ``signed``, ``share``, ``year``, ``code`` or ``verdict``; others are text.
    most : int
        Rows that are shown; how many there are is said.
    caption : str
        What the table is.
    """
    known = dict(kinds or {})
    names = [str(name) for name in frame.columns]
    heads = [(_side(known.get(name, "")), escape(text(f"app.col_{name}", lang))) for name in names]
    head = "".join(f'<th scope="col" class="{side}">{words}</th>' for side, words in heads)
    shown = frame.head(most)
    columns = [[_cell(value, known.get(name, ""), lang) for value in shown[name]] for name in names]
    body = "".join(f"<tr>{''.join(cells)}</tr>" for cells in zip(*columns, strict=True))
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    rest = ""
    if len(frame) > most:
        rest = f"<p class='cp-rest'>{escape(text('app.more_rows', lang, n=len(frame) - most))}</p>"
    return (
        f'<div class="cp-scroll"><table class="cp-grid">{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{rest}"
    )


def bullet_list(lines: Sequence[str]) -> str:
    """Return lines as a list."""
    return f'<ul class="cp-list">{"".join(f"<li>{escape(line)}</li>" for line in lines)}</ul>'


def _side(kind: str) -> str:
    return "cp-right" if kind in ("count", "signed", "share", "year") else "cp-code" if kind == "code" else ""


def _cell(value: object, kind: str, lang: Lang) -> str:
    missing = value is None or value is pd.NA or (isinstance(value, float) and value != value)
    if kind == "verdict" and not missing:
        words = text(f"compliance.{str(value).lower()}", lang)
        return f'<td><span class="cp-verdict cp-{str(value).lower()}">{escape(words)}</span></td>'
    if missing:
        words = NOTHING if kind not in ("", "code") else ""
    elif kind == "count":
        words = count_words(float(str(value)))
    elif kind == "signed":
        words = signed_words(float(str(value)))
    elif kind == "share":
        words = share_words(float(str(value)))
    else:
        words = str(value)
    return f'<td class="{_side(kind)}">{escape(words)}</td>'
