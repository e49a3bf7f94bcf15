"""Two pictures that only lessons need: plans over years, and bands of a figure."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from cultureplan.base.messages import Lang, text
from cultureplan.plotting.fonts import label_lang
from cultureplan.plotting.style import (
    COVERED,
    GRID,
    INK,
    LABEL_SIZE,
    MUTED,
    SERIES,
    UNCOVERED,
    finish,
    new_axes,
    percent,
    plain_bars,
    thousands,
    titled,
)


def yearly_chart(gained: pd.DataFrame, *, ax: Axes | None = None, lang: Lang = "en") -> Axes:
    """Draw how many persons more than today each plan covers, year by year.

    Parameters
    ----------
    gained : DataFrame, index year
        One column a plan: ``list``, ``now``, ``late``; persons more than today.
    ax : Axes, optional
        Where to draw; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.
    """
    lang = label_lang(lang)
    ax = new_axes(ax, (7.2, 3.8))
    for number, plan in enumerate(gained.columns, start=1):
        line = gained[plan]
        ax.plot(line.index, line, color=SERIES[number], linewidth=2, marker="osD^"[number % 4],
                label=text(f"lesson_kit.plan_{plan}", lang))  # fmt: skip
    ax.set_ylim(bottom=0)
    ax.grid(color=GRID, linewidth=0.8)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    thousands(ax.yaxis)
    ax.set_xlabel(text("lesson_kit.year", lang), fontsize=LABEL_SIZE, color=INK)
    ax.set_ylabel(text("lesson_kit.persons", lang), fontsize=LABEL_SIZE, color=INK)
    ax.tick_params(length=0, labelsize=LABEL_SIZE, labelcolor=INK)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.legend(frameon=False, fontsize=LABEL_SIZE, labelcolor=INK)
    titled(ax, text("lesson_kit.gained_by_year", lang))
    return finish(ax)


def band_chart(bands: pd.DataFrame, *, ax: Axes | None = None, lang: Lang = "en") -> Axes:
    """Draw bands of a share one below the other, with the share as it was first computed.

    Parameters
    ----------
    bands : DataFrame
        ``low``, ``median``, ``high``, ``baseline``; one row an unknown: ``speed``, ``detour``,
        ``head counts``, ``together``.
    ax : Axes, optional
        Where to draw; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.
    """
    lang = label_lang(lang)
    ax = new_axes(ax, (7.2, 0.9 + 0.5 * len(bands)))
    rows = range(len(bands))
    plain_bars(ax)
    ax.barh(rows, bands["high"] - bands["low"], left=bands["low"], height=0.5, color=COVERED, alpha=0.55)
    ax.scatter(bands["median"], rows, marker="|", s=260, color=INK, zorder=3)
    ax.axvline(float(bands["baseline"].iloc[0]), color=UNCOVERED, linewidth=1.4, linestyle=(0, (4, 3)))
    names = [text(f"lesson_kit.unknown_{str(name).replace(' ', '_')}", lang) for name in bands.index]
    ax.set_yticks(list(rows), names)
    ax.invert_yaxis()
    percent(ax.xaxis)
    ax.set_xlabel(text("lesson_kit.band_caption", lang), fontsize=LABEL_SIZE, color=MUTED)
    titled(ax, text("lesson_kit.band_title", lang))
    return finish(ax)
