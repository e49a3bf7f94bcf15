"""Small HTML that panels share: tables of figures, notes, and two things beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import ipywidgets as widgets

from cultureplan.plotting.style import GRID, MUTED

TABLE_STYLE = f"""<style>
.cp-table {{ width: 100%; border-collapse: collapse; line-height: 1.35; margin-top: 8px; }}
.cp-table th, .cp-table td {{ padding: 3px 6px; text-align: right; border-bottom: 1px solid {GRID}; }}
.cp-table td {{ font-variant-numeric: tabular-nums; white-space: nowrap; }}
.cp-table th {{ font-weight: 600; vertical-align: bottom; }}
.cp-table th:first-child {{ text-align: left; padding-left: 0; }}
.cp-table th[scope=row] {{ font-weight: 400; }}
.cp-long {{ max-height: 330px; overflow: auto; }}
.cp-note {{ color: {MUTED}; line-height: 1.4; margin: 4px 0 0; }}
</style>"""


def html_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of plain words: the first cell of each row is its heading."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f'{TABLE_STYLE}<table class="cp-table"><tr>{head}</tr>{body}</table>'


def note(words: str) -> str:
    """Return a line in small grey letters."""
    return f'{TABLE_STYLE}<p class="cp-note">{escape(words)}</p>'


def beside(*parts: tuple[Any, int, int]) -> Any:
    """Return widgets beside each other while there is room, else below: (widget, grow, pixels) each."""
    boxes = [
        widgets.VBox([widget], layout=widgets.Layout(flex=f"{grow} 1 {room_px}px", min_width="0"))
        for widget, grow, room_px in parts
    ]
    layout = widgets.Layout(display="flex", flex_flow="row wrap", grid_gap="4px 18px", width="auto")
    return widgets.Box(boxes, layout=layout)
