"""Pictures that compare worlds: bars of the share covered, and maps side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from cultureplan.base.errors import InputError
from cultureplan.base.messages import Lang, text
from cultureplan.planning.compare import Comparison
from cultureplan.plotting.canvas import world_extent
from cultureplan.plotting.coverage import coverage_map
from cultureplan.plotting.fonts import label_lang
from cultureplan.plotting.marks import dot_handle, patch_handle
from cultureplan.plotting.siting import siting_map
from cultureplan.plotting.style import (
    COVERED,
    INK,
    LABEL_SIZE,
    LOST,
    NEWLY_COVERED,
    SERIES,
    SMALL_SIZE,
    UNCOVERED,
    finish,
    fit_height,
    new_axes,
    percent,
    plain_bars,
    titled,
)
from cultureplan.plotting.wording import points_words, share_words, short
from cultureplan.world.levels import Settlement, word
from cultureplan.world.world import World


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


def comparison_maps(
    comparison: Comparison, *, axes: Sequence[Axes] | None = None, lang: Lang = "en"
) -> list[Axes]:
    """Draw the worlds side by side on one scale: the first as it is, the others by what they change.

    Parameters
    ----------
    comparison : Comparison
        Worlds of the same people, the first being what the others are compared with.
    axes : sequence of Axes, optional
        Where to draw, one for each world; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.

    Returns
    -------
    list of Axes
        One a world. People newly covered are green, people who lose cover red, as on
        :func:`siting_map`.

    Raises
    ------
    InputError
        If the axes are not as many as the worlds.
    """
    lang = label_lang(lang)
    baseline, labels = comparison.baseline, comparison.labels
    axes = _map_row(baseline.world, len(labels)) if axes is None else list(axes)
    if len(axes) != len(labels):
        raise InputError.of("fault.wrong_shape", name="axes", got=(len(axes),), want=(len(labels),))
    extent = world_extent(baseline.world)
    for ax, (label, coverage) in zip(axes, comparison.coverages.items(), strict=True):
        if coverage is baseline:
            coverage_map(coverage, ax=ax, lang=lang, extent=extent, legend=False)
            title = text(
                "plot_plans.baseline_map", lang, label=short(label, 24), share=share_words(coverage.share)
            )
        else:
            siting_map(baseline, coverage, ax=ax, lang=lang, extent=extent, legend=False)
            change = points_words(coverage.share - baseline.share, lang)
            title = text(
                "plot_plans.difference_map", lang, label=short(label, 24), change=change,
                baseline=short(labels[0], 24),
            )  # fmt: skip
        titled(ax, title)
        ax.set_xlabel(" ", fontsize=LABEL_SIZE)  # room for the legend, the same below each map
    shown = (
        ("plot.covered", COVERED),
        ("plot.uncovered", UNCOVERED),
        ("plot_plans.newly_covered_dots", NEWLY_COVERED),
        ("plot_plans.lost_dots", LOST),
    )
    legend = axes[0].legend(
        [dot_handle(colour) for _, colour in shown],
        [text(name, lang) for name, _ in shown],
        loc="upper left", bbox_to_anchor=(0.0, -0.01), ncols=len(shown), frameon=False,
        fontsize=SMALL_SIZE, labelcolor=INK, handletextpad=0.2, columnspacing=1.2,
    )  # fmt: skip
    legend.set_in_layout(False)  # or the first map would shrink
    return [finish(ax) for ax in axes]


def _map_row(world: World, n: int) -> list[Axes]:
    """Return axes for so many maps of a world, up to three in a row, as high as its shape asks for."""
    import matplotlib.pyplot as plt

    west, south, east, north = world_extent(world)
    columns = min(n, 3)
    rows = -(-n // columns)
    wide = 13.0 / columns
    tall = float(np.clip(wide * (north - south) / (east - west), 2.4, 6.5)) + 0.5
    figure, made = plt.subplots(
        rows, columns, figsize=(13.0, tall * rows), layout="constrained", squeeze=False
    )
    flat = list(made.ravel())
    for spare in flat[n:]:
        figure.delaxes(spare)
    return flat[:n]


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
