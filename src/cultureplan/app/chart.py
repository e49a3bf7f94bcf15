"""The picture of the years: how far coverage has come at the end of each, and what each year costs."""

from __future__ import annotations

from html import escape

import numpy as np

from cultureplan.app.phasing import Phasing
from cultureplan.base.messages import Lang, text
from cultureplan.plotting.style import COVERED, GRID, INK, MUTED, NEWLY_COVERED
from cultureplan.plotting.wording import count_words, share_words

_WIDTH, _HEIGHT = 640.0, 330.0
_LEFT, _RIGHT, _TOP, _MIDDLE, _BOTTOM = 58.0, 16.0, 30.0, 176.0, 298.0


def years_picture(phasing: Phasing, lang: Lang = "en") -> str:
    """Return an inline SVG: the share covered by year above, money spent of the budget below.

    Parameters
    ----------
    phasing : Phasing
        Plan with its years.
    lang : {"en", "zh"}
        Language.
    """
    years = phasing.years
    n = len(years)
    first = phasing.covered_before
    shares = years["covered_share"].to_numpy(float)
    persons = years["persons_covered"].to_numpy(float)
    start = shares[0] * first / persons[0] if persons[0] else np.nan
    line = np.concatenate([[start], shares])
    if not np.isfinite(line).all():
        line = np.zeros(n + 1)
    low, high = _span(line)
    at = np.linspace(_LEFT + 34, _WIDTH - _RIGHT - 34, n + 1)
    y = _MIDDLE - (line - low) / (high - low) * (_MIDDLE - _TOP - 16)
    parts = [
        _text(_LEFT - 50, 16, text("app.chart_share", lang), bold=True),
        _text(_LEFT - 50, _MIDDLE + 24, text("app.chart_money", lang), bold=True),
    ]
    for share in (low, (low + high) / 2, high):
        level = _MIDDLE - (share - low) / (high - low) * (_MIDDLE - _TOP - 16)
        parts.append(f'<path d="M{_LEFT} {level:.1f}H{_WIDTH - _RIGHT}" stroke="{GRID}"/>')
        parts.append(_text(_LEFT - 6, level + 4, f"{100 * share:.0f}%", anchor="end", colour=MUTED))
    points = " ".join(f"{x:.1f},{level:.1f}" for x, level in zip(at, y, strict=True))
    parts.append(f'<polyline points="{points}" fill="none" stroke="{COVERED}" stroke-width="2.5"/>')
    names = [text("lab.today", lang), *map(str, years.index)]
    for x, level, share, name in zip(at, y, line, names, strict=True):
        parts.append(f'<circle cx="{x:.1f}" cy="{level:.1f}" r="4.5" fill="{COVERED}"/>')
        parts.append(_text(x, level - 10, share_words(float(share)), anchor="middle", bold=True))
        parts.append(_text(x, _BOTTOM + 20, name, anchor="middle"))
    most = max(float(years["budget"].max()), float(years["spent"].max()), 1.0)
    full = _BOTTOM - _MIDDLE - 54
    for x, budget, spent in zip(at[1:], years["budget"], years["spent"], strict=True):
        wide = min(46.0, 300.0 / n)
        tall, used = full * float(budget) / most, full * float(spent) / most
        parts.append(_bar(x, wide, tall, f'fill="none" stroke="{MUTED}" stroke-dasharray="3 2"'))
        parts.append(_bar(x, wide, used, f'fill="{NEWLY_COVERED}"'))
        words = count_words(float(spent) / 10_000)
        parts.append(_text(x, _BOTTOM - max(tall, used) - 5, words, anchor="middle", colour=INK))
    label = text(
        "app.chart_label", lang, before=share_words(float(line[0])), after=share_words(float(line[-1])),
        first=years.index[0], last=years.index[-1],
    )  # fmt: skip
    return (
        f'<svg class="cp-chart" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" role="img" '
        f'aria-label="{escape(label, quote=True)}">{"".join(parts)}</svg>'
    )


def _span(line: np.ndarray) -> tuple[float, float]:
    """Return a lowest and highest share, in steps of five hundredths, that leave the line room."""
    low = max(0.0, np.floor((float(line.min()) - 0.02) * 20) / 20)
    high = min(1.0, np.ceil((float(line.max()) + 0.02) * 20) / 20)
    return (low, high) if high - low >= 0.1 else (max(0.0, high - 0.1), max(high, 0.1))


def _bar(x: float, wide: float, tall: float, style: str) -> str:
    at = f'x="{x - wide / 2:.1f}" y="{_BOTTOM - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}"'
    return f"<rect {at} {style}/>"


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", bold: bool = False, colour: str = INK
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="13"{weight}>'
        f"{escape(words)}</text>"
    )
