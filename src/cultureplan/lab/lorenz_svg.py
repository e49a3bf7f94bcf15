"""A Lorenz curve small and quick enough to follow a drag: one SVG text, drawn anew in a millisecond.

The picture for reports is :func:`cultureplan.plotting.lorenz_curve`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd

from cultureplan.base.messages import Lang, text
from cultureplan.plotting.style import GRID, INK, MUTED

_SIDE, _LEFT, _TOP, _RIGHT, _BOTTOM = 300, 58, 10, 22, 46
_MOST_POINTS = 200
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class LorenzLine:
    """One curve.

    Parameters
    ----------
    label : str
        Whose it is.
    colour : str
        ``#rrggbb``.
    points : DataFrame
        From :func:`cultureplan.equity.lorenz_curve`.
    gini : float
        Gini's index, shown behind the label.
    width : float
        Pixels.
    is_dashed : bool
        Whether it shows what was.
    """

    label: str
    colour: str
    points: pd.DataFrame
    gini: float
    width: float = 1.6
    is_dashed: bool = False


def lorenz_svg(lines: Sequence[LorenzLine], *, is_cost: bool, lang: Lang = "en") -> str:
    """Return the curves as an SVG with the names and Gini's indices below it.

    Parameters
    ----------
    lines : sequence of LorenzLine
        The last one is drawn on top; curves of nobody or nothing are left out.
    is_cost : bool
        Whether less is better: then those who have it best come first.
    lang : {"en", "zh"}
        Language.
    """
    drawn = [line for line in lines if not math.isnan(line.gini)]
    if not drawn:
        return f'<div class="cp-lorenz"><p>{escape(text("lab_panels.no_curve", lang))}</p></div>'
    said = "; ".join(f"{line.label} {line.gini:.3f}" for line in drawn)
    label = escape(text("lab_panels.lorenz_aria", lang, what=said), quote=True)
    width, height = _LEFT + _SIDE + _RIGHT, _TOP + _SIDE + _BOTTOM
    body = "".join([*_frame(is_cost, lang), *(_curve(line) for line in drawn)])
    svg = f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{label}">{body}</svg>'
    names = "".join(_name(line, lang) for line in reversed(drawn))
    return f'{_STYLE}<div class="cp-lorenz">{svg}<ul>{names}</ul></div>'


def _frame(is_cost: bool, lang: Lang) -> list[str]:
    parts = []
    for share in _TICKS:
        x, y = _at(share, share)
        parts.append(f'<path d="M{x} {_TOP}V{_TOP + _SIDE}M{_LEFT} {y}H{_LEFT + _SIDE}" stroke="{GRID}"/>')
        percent = f"{100 * share:.0f}%"
        parts.append(f'<text x="{x}" y="{_TOP + _SIDE + 16}" text-anchor="middle">{percent}</text>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{percent}</text>')
    (x0, y0), (x1, y1) = _at(0, 0), _at(1, 1)
    parts.append(f'<path d="M{x0} {y0}L{x1} {y1}" stroke="{MUTED}" stroke-dasharray="4 3"/>')
    x, y = _at(0.44, 0.44)
    equal = escape(text("plot_measures.equality", lang))
    parts.append(f'<text x="{x - 4}" y="{y - 8}" text-anchor="end">{equal}</text>')
    kind = "cost" if is_cost else "access"
    across = escape(text(f"lab_panels.lorenz_{kind}_persons", lang))
    upward = escape(text(f"lab_panels.lorenz_{kind}_values", lang))
    middle_x, middle_y = _LEFT + _SIDE / 2, _TOP + _SIDE / 2
    parts.append(f'<text x="{middle_x}" y="{_TOP + _SIDE + 38}" text-anchor="middle">{across}</text>')
    parts.append(
        f'<text transform="translate(14 {middle_y}) rotate(-90)" text-anchor="middle">{upward}</text>'
    )
    return parts


def _curve(line: LorenzLine) -> str:
    people = line.points["persons_share"].to_numpy(float)
    things = line.points["value_share"].to_numpy(float)
    if len(people) > _MOST_POINTS:  # what is left out lies within half a pixel of the line
        kept = np.unique(np.searchsorted(people, np.linspace(0, 1, _MOST_POINTS)))
        kept = np.unique(np.concatenate([kept.clip(0, len(people) - 1), [0, len(people) - 1]]))
        people, things = people[kept], things[kept]
    at = (_at(x, y) for x, y in zip(people, things, strict=True))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    dashes = ' stroke-dasharray="5 4"' if line.is_dashed else ""
    return (
        f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="{line.width}"{dashes}/>'
    )


def _name(line: LorenzLine, lang: Lang) -> str:
    sort = "dashed" if line.is_dashed else "solid"
    words = escape(text("lab_panels.curve_name", lang, name=line.label, gini=f"{line.gini:.3f}"))
    return f'<li><i style="border-top:3px {sort} {line.colour}"></i>{words}</li>'


def _at(x: float, y: float) -> tuple[float, float]:
    return round(_LEFT + _SIDE * x, 2), round(_TOP + _SIDE * (1 - y), 2)


_STYLE = f"""<style>
.cp-lorenz {{ max-width: 460px; line-height: 1.4; }}
.cp-lorenz svg {{ display: block; width: 100%; height: auto; }}
.cp-lorenz text {{ font-size: 12px; fill: {INK}; }}
.cp-lorenz ul {{ display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 4px 0 0; padding: 0; }}
.cp-lorenz li {{ display: flex; align-items: center; gap: 6px; margin: 0; list-style: none; }}
.cp-lorenz i {{ display: inline-block; width: 22px; height: 0; }}
</style>"""
