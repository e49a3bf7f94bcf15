"""Bars that compare worlds: the share covered, by settlement type and in all."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from cultureplan.base.messages import Lang, text
from cultureplan.planning.compare import Comparison
from cultureplan.plotting.fonts import label_lang
from cultureplan.plotting.marks import patch_handle
from cultureplan.plotting.style import (
    INK,
    LABEL_SIZE,
    SERIES,
    finish,
    fit_height,
    new_axes,
    percent,
    plain_bars,
    titled,
)
from cultureplan.plotting.wording import points_words, share_words, short
from cultureplan.world.levels import Settlement, word


def comparison_bars(comparison: Comparison, *, ax: Axes | None = None, lang: Lang = "en") -> Axes:
    """Draw the share covered in each world, by settlement type and over all, with the change in points.

    Parameters
    ----------
    comparison : Comparison
        Worlds of the same people, the first being what the others are compared with.
    ax : Axes, optional
        Where to draw; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.
    """
    lang = label_lang(lang)
    rows = _rows(comparison, lang)
    n = len(comparison.labels)
    height = 1.45 + 0.34 * n * len(rows) + 0.12 * len(rows)
    ax = new_axes(ax, (10.0, height))
    fit_height(ax, height)
    plain_bars(ax)
    thick = 0.8 / n
    for series, label in enumerate(comparison.labels):
        at = np.arange(len(rows)) - 0.4 + thick * (series + 0.5)
        shares = np.array([values[series] for _, values in rows])
        colour = SERIES[series % len(SERIES)]
        ax.barh(at, np.nan_to_num(shares), height=thick * 0.92, color=colour, label=short(label, 30))
        for y, share, (_, values) in zip(at, shares, rows, strict=True):
            shown = share_words(share)
            if series:
                shown = text(
                    "plot.with_change", lang, value=shown, change=points_words(share - values[0], lang)
                )
            ax.annotate(
                shown, (float(np.nan_to_num(share)), float(y)), xytext=(5, 0), textcoords="offset points",
                va="center", fontsize=LABEL_SIZE, color=INK, fontweight="bold" if series else "normal",
            )  # fmt: skip
    ax.set_yticks(np.arange(len(rows)), [name for name, _ in rows])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlim(0, 1.22)
    ax.set_xticks(np.linspace(0, 1, 6))
    percent(ax.xaxis)
    ax.set_xlabel(text("plot.share_axis", lang), fontsize=LABEL_SIZE, color=INK)
    handles = [patch_handle(SERIES[i % len(SERIES)], "white", 1.0) for i in range(n)]
    ax.legend(
        handles, [short(label, 30) for label in comparison.labels], loc="lower left",
        bbox_to_anchor=(0.0, 1.0), ncols=min(n, 4), frameon=False, fontsize=LABEL_SIZE, labelcolor=INK,
        handlelength=1.0, borderaxespad=0.2,
    )  # fmt: skip
    titled(ax, text("plot.comparison_bars", lang), above=22)
    return finish(ax)


def _rows(comparison: Comparison, lang: Lang) -> list[tuple[str, list[float]]]:
    """Return the label of each row of bars and its shares, one a world: all people, then by settlement."""
    tables = [coverage.by("settlement") for coverage in comparison.coverages.values()]
    rows = [
        (
            word("settlement", settlement, lang),
            [float(table["covered_share"][str(settlement)]) for table in tables],
        )
        for settlement in Settlement
        if all(str(settlement) in table.index for table in tables)
        and tables[0]["persons_assessed"][str(settlement)] > 0
    ]
    if len(rows) != 1:
        everyone = [coverage.share for coverage in comparison.coverages.values()]
        rows.insert(0, (text("coverage.all", lang), everyone))
    return rows
