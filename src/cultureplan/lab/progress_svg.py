"""How a solve went: best answer and bound over time, as a small picture that any page can show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from cultureplan.base.messages import Lang, text
from cultureplan.plotting.style import COVERED, GRID, INK, MUTED
from cultureplan.siting.mip import ProgressPoint

_WIDTH, _HEIGHT = 258.0, 84.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 6.0, 44.0, 8.0, 16.0
_MOST_POINTS = 400  # more than there are pixels to see them


def progress_svg(points: Sequence[ProgressPoint], lang: Lang = "en") -> str:
    """Return the best answer and the bound over the seconds of a solve; empty where nothing is known.

    Parameters
    ----------
    points : sequence of ProgressPoint
        As the solver told them.
    lang : {"en", "zh"}
        Language of the labels.
    """
    every = max(1, len(points) // _MOST_POINTS)
    shown = [*points[:-1:every], *points[-1:]]
    best = [(p.seconds, p.objective) for p in shown if math.isfinite(p.objective)]
    bound = [(p.seconds, p.bound) for p in shown if math.isfinite(p.bound)]
    if not best or not bound:
        return ""
    values = [value for _, value in (*best, *bound)]
    # early bounds are wild: the picture is about where the two lines meet
    low, high = _span(values, best[-1][1], bound[-1][1])
    last = max(shown[-1].seconds, 1e-3)

    def spot(at: tuple[float, float]) -> tuple[float, float]:
        x = _LEFT + (_WIDTH - _LEFT - _RIGHT) * at[0] / last
        y = _TOP + (_HEIGHT - _TOP - _BOTTOM) * (high - at[1]) / (high - low)
        return x, min(max(y, _TOP - 4), _HEIGHT - _BOTTOM + 4)

    parts = [f'<path d="M{_LEFT} {_HEIGHT - _BOTTOM + 5}H{_WIDTH - _RIGHT}" stroke="{GRID}"/>']
    ends = sorted([(spot(best[-1])[1], "best", COVERED), (spot(bound[-1])[1], "bound", INK)])
    for line, colour, dash in ((bound, INK, "4 3"), (best, COVERED, "")):
        parts.append(
            f'<path d="{_steps([spot(at) for at in line], spot((last, 0.0))[0])}" fill="none" '
            f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
    below = 0.0
    for y, name, colour in ends:
        below = max(y + 4, below + 13)
        parts.append(
            _label(_WIDTH - _RIGHT + 4, below, text(f"lab_solve.chart_{name}", lang), colour, "start")
        )
    parts.append(_label(_WIDTH - _RIGHT, _HEIGHT - 1, f"{last:.1f} s", MUTED, "end"))
    about = escape(text("lab_solve.chart", lang))
    return (
        f'<svg role="img" aria-label="{about}" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" '
        f'style="width:100%;max-width:{_WIDTH:g}px;font:11px sans-serif"><title>{about}</title>'
        f"{''.join(parts)}</svg>"
    )


def _span(values: Sequence[float], best: float, bound: float) -> tuple[float, float]:
    apart = abs(best - bound)
    room = max(3 * apart, 0.02 * max(abs(best), abs(bound)), 1e-9)
    low, high = min(best, bound) - room, max(best, bound) + room
    low, high = max(low, min(values)), min(high, max(values))
    return (low, high) if high - low > 1e-12 * max(abs(high), 1.0) else (low - 0.5, high + 0.5)


def _steps(spots: Sequence[tuple[float, float]], end: float) -> str:
    x, y = spots[0]
    path = [f"M{x:.1f} {y:.1f}"]
    path += [f"H{x:.1f}V{y:.1f}" for x, y in spots[1:]]
    return "".join([*path, f"H{end:.1f}"])


def _label(x: float, y: float, words: str, colour: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{escape(words)}</text>'
