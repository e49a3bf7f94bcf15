"""The picture of a week: who is covered at which hour of which day."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from cultureplan.base.messages import Lang, text
from cultureplan.measures.hours import WeeklyCoverage, period_slots
from cultureplan.plotting.fonts import label_lang
from cultureplan.plotting.style import (
    COVERED,
    INK,
    LABEL_SIZE,
    MUTED,
    SMALL_SIZE,
    UNCOVERED,
    finish,
    new_axes,
    percent,
    titled,
)
from cultureplan.plotting.wording import share_words

_SIZE = (10.0, 4.2)  # inches
_DAYS = 7
_NOBODY = "#f4f5f6"


def week_hours(weekly: WeeklyCoverage, *, ax: Axes | None = None, lang: Lang = "en") -> Axes:
    """Draw the covered share of the people for every hour of the week, darker where more are covered.

    The mean of each day stands at its right; a frame marks the office hours, when most people work.

    Parameters
    ----------
    weekly : WeeklyCoverage
        As :func:`~cultureplan.measures.hours.measure_weekly_coverage` returns it.
    ax : Axes, optional
        Where to draw; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan import plotting
    >>> world = cp.datasets.synthetic_world(n_demand=50, n_facilities=10, seed=7)
    >>> weekly = cp.hours.measure_weekly_coverage(world, cp.load_circles("ordos-2014"))
    >>> ax = plotting.week_hours(weekly)
    """
    lang = label_lang(lang)
    ax = new_axes(ax, _SIZE)
    shares = np.nan_to_num(weekly.curve["share"].to_numpy(float)).reshape(_DAYS, -1)
    colours = LinearSegmentedColormap.from_list("covered", [_NOBODY, COVERED, "#12395c"])
    most = max(float(shares.max()), 1e-9)
    image = ax.imshow(
        shares, aspect="auto", cmap=colours, vmin=0.0, vmax=most, interpolation="nearest",
        extent=(0.0, 24.0, _DAYS - 0.5, -0.5),
    )  # fmt: skip
    _frame_office(ax, weekly)
    for day, mean in enumerate(shares.mean(axis=1)):
        ax.annotate(
            share_words(float(mean)), (24.0, day), xytext=(5, 0), textcoords="offset points", va="center",
            fontsize=LABEL_SIZE, color=INK, annotation_clip=False,
        )  # fmt: skip
    ax.annotate(
        text("plot_measures.day_mean", lang), (24.0, -0.5), xytext=(5, 4), textcoords="offset points",
        fontsize=SMALL_SIZE, color=MUTED, annotation_clip=False,
    )  # fmt: skip
    ax.set_yticks(range(_DAYS), [text(f"plot_measures.weekday_{day + 1}", lang) for day in range(_DAYS)])
    ax.set_yticks(np.arange(_DAYS - 1) + 0.5, minor=True)
    ax.grid(axis="y", which="minor", color="white", linewidth=2.0)
    ax.set_xticks(range(0, 25, 3), [f"{hour:02d}:00" for hour in range(0, 25, 3)])
    ax.tick_params(which="both", length=0, labelsize=LABEL_SIZE, labelcolor=INK)
    for spine in ax.spines.values():
        spine.set_visible(False)
    bar = ax.figure.colorbar(image, ax=ax, pad=0.08, fraction=0.03)
    bar.outline.set_visible(False)
    percent(bar.ax.yaxis)
    bar.ax.tick_params(length=0, labelsize=SMALL_SIZE, labelcolor=INK)
    finish(bar.ax)
    ax.set_xlabel(text("plot_measures.week_axis", lang), fontsize=LABEL_SIZE, color=INK)
    titled(ax, text("plot_measures.week_hours", lang, standard=weekly.standard.id))
    return finish(ax)


def _frame_office(ax: Axes, weekly: WeeklyCoverage) -> None:
    """Draw a frame round the office hours, where they are the same on some days in a row."""
    office = period_slots("office", slot_minutes=weekly.slot_minutes).reshape(_DAYS, -1)
    days, slots = np.flatnonzero(office.any(axis=1)), np.flatnonzero(office.any(axis=0))
    hours = np.array([slots[0], slots[-1] + 1]) * weekly.slot_minutes / 60
    frame = Rectangle(
        (hours[0], days[0] - 0.5), hours[1] - hours[0], days[-1] - days[0] + 1,
        fill=False, edgecolor=UNCOVERED, linewidth=1.4, zorder=4,
    )  # fmt: skip
    ax.add_patch(frame)
