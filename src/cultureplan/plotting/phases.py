"""The picture of the years of a plan: who is covered at the end of each, and what it costs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from cultureplan.base.errors import InputError
from cultureplan.base.messages import Lang, text
from cultureplan.plotting.fonts import label_lang
from cultureplan.plotting.style import (
    COVERED,
    GRID,
    INK,
    LABEL_SIZE,
    MUTED,
    NEWLY_COVERED,
    SMALL_SIZE,
    finish,
    new_axes,
    thousands,
    titled,
)
from cultureplan.plotting.wording import count_words, signed_words

_SIZE = (9.6, 4.8)


def phase_chart(years: pd.DataFrame, *, before: float, ax: Axes | None = None, lang: Lang = "en") -> Axes:
    """Draw how many persons are covered at the end of each year, and what that year has added.

    Parameters
    ----------
    years : DataFrame, index year
        ``persons_covered`` at the end of the year; if there, ``n_sites`` opened in the year and ``spent``,
        yuan, are written below it.
    before : float
        Persons covered before the first year.
    ax : Axes, optional
        Where to draw; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.

    Raises
    ------
    InputError
        If there is no year.

    Examples
    --------
    >>> import pandas as pd
    >>> import cultureplan as cp
    >>> years = pd.DataFrame({"persons_covered": [1_200.0, 1_500.0]}, index=[2026, 2027])
    >>> ax = cp.plotting.phase_chart(years, before=1_000.0)
    """
    if len(years) == 0:
        raise InputError.of("plot_plans.no_rows", what="phase_chart")
    lang = label_lang(lang)
    ax = new_axes(ax, _SIZE)
    persons = np.concatenate([[float(before)], years["persons_covered"].to_numpy(float)])
    at = np.arange(len(persons))
    added = np.diff(persons)
    ax.bar(
        at, np.concatenate([persons[:1], np.minimum(persons[1:], persons[:-1])]), width=0.62, color=COVERED
    )
    ax.bar(at[1:], np.maximum(added, 0.0), bottom=persons[:-1], width=0.62, color=NEWLY_COVERED)
    low, high = float(persons.min()), float(persons.max())
    floor = _floor(low, high)
    ax.set_ylim(floor, high + 0.14 * (high - floor))
    for x, level in zip(at, persons, strict=True):
        ax.annotate(
            count_words(float(level)), (x, level), xytext=(0, 4), textcoords="offset points", ha="center",
            fontsize=LABEL_SIZE, color=INK, fontweight="bold",
        )  # fmt: skip
    for x, change in zip(at[1:], added, strict=True):
        if change:
            ax.annotate(
                signed_words(float(change)), (x, persons[x]), xytext=(0, 17), textcoords="offset points",
                ha="center", fontsize=SMALL_SIZE, color=NEWLY_COVERED if change > 0 else INK,
            )  # fmt: skip
    ax.set_xticks(at, _names(years, lang))
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color(GRID)
    ax.set_axisbelow(True)
    ax.grid(axis="y", color=GRID, linewidth=0.8)
    ax.tick_params(length=0, labelsize=LABEL_SIZE, labelcolor=INK)
    thousands(ax.yaxis)
    ax.set_ylabel(text("plot_plans.persons_axis", lang), fontsize=LABEL_SIZE, color=INK)
    if floor > 0:
        ax.annotate(
            text("plot_plans.cut_axis", lang, n=count_words(floor)), (0.0, 0.0), xycoords="axes fraction",
            xytext=(0, -46), textcoords="offset points", fontsize=SMALL_SIZE, color=MUTED,
        )  # fmt: skip
    titled(ax, text("plot_plans.phase_chart", lang))
    return finish(ax)


def _floor(low: float, high: float) -> float:
    """Return where the axis starts: at nobody, unless the change would then be too small to see."""
    if high - low >= 0.1 * high:
        return 0.0
    step = 10.0 ** np.floor(np.log10(max(high - low, 1.0)))
    return float(max(np.floor((low - (high - low)) / step) * step, 0.0))


def _names(years: pd.DataFrame, lang: Lang) -> list[str]:
    """Return what stands below each bar: the year, its sites and its money."""
    names = [text("plot_plans.before", lang)]
    for year, row in years.iterrows():
        lines = [str(year)]
        if "n_sites" in years.columns:
            lines.append(text("plot_plans.n_sites", lang, n=int(row["n_sites"])))
        if "spent" in years.columns:
            lines.append(text("plot_plans.spent", lang, n=count_words(float(row["spent"]) / 10_000)))
        names.append("\n".join(lines))
    return names
