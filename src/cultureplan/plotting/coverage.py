"""Pictures of who is covered: the map of dots, and bars by settlement type and by place."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from cultureplan.base.errors import InputError
from cultureplan.base.messages import Lang, text
from cultureplan.measures.coverage import Coverage
from cultureplan.plotting.canvas import Extent, draw_place_names, draw_scale_bar, map_axes
from cultureplan.plotting.fonts import label_lang
from cultureplan.plotting.marks import (
    CLOSEUP_SIZE,
    dot_handle,
    draw_dots,
    draw_facilities,
    legend_beside,
    level_labels,
    patch_handle,
    rows_where,
    size_handles,
)
from cultureplan.plotting.style import (
    COVERED,
    INK,
    LABEL_SIZE,
    NOT_ASSESSED,
    UNCOVERED,
    finish,
    fit_height,
    new_axes,
    plain_bars,
    titled,
)
from cultureplan.plotting.wording import count_words, group_words, share_words, short, shown_names
from cultureplan.world.levels import PlaceLevel, Settlement, word

_BAR_INCHES = 0.36  # height of one row of bars
_CLASSES = (("covered", COVERED), ("uncovered", UNCOVERED), ("not_assessed", NOT_ASSESSED))


def coverage_map(
    coverage: Coverage, *, ax: Axes | None = None, lang: Lang = "en", extent: Extent | None = None,
    legend: bool = True,
) -> Axes:  # fmt: skip
    """Draw where the people are who have a facility within the limit, and where those who have none.

    Parameters
    ----------
    coverage : Coverage
        What to show.
    ax : Axes, optional
        Where to draw; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.
    extent : (west, south, east, north), optional
        Part to show, metres in the world's coordinate system; the whole world where absent.
    legend : bool
        Whether to explain the colours, and write a title, beside the map; a close-up needs neither.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import cultureplan as cp
    >>> world = cp.datasets.synthetic_world(n_demand=200, n_facilities=10, seed=7)
    >>> ax = cp.plotting.coverage_map(cp.measure_coverage(world, cp.load_circles("ordos-2014")))
    """
    lang, world, points = label_lang(lang), coverage.world, coverage.points
    ax = map_axes(ax, world, extent)
    covered, has_rule = points["is_covered"].to_numpy(bool), points["has_rule"].to_numpy(bool)
    shown = [
        (~has_rule, NOT_ASSESSED, 0.75, "not_assessed"),
        (covered, COVERED, 0.75, "covered"),
        (has_rule & ~covered, UNCOVERED, 0.9, "uncovered"),
    ]
    size = 1.0 if legend else CLOSEUP_SIZE
    dots = [(rows_where(mask), colour, alpha) for mask, colour, alpha, _ in shown]
    draw_dots(ax, world, dots, size=size)
    handles = draw_facilities(ax, world, size=size)
    labels = level_labels(world, lang)
    persons = points["persons"].to_numpy(float)
    for mask, colour, alpha, name in reversed(shown):
        if persons[mask].sum() > 0:
            handles.append(dot_handle(colour, alpha))
            labels.append(text(f"plot.{name}_n", lang, n=count_words(persons[mask].sum())))
    draw_place_names(ax, world, lang)
    draw_scale_bar(ax, lang)
    if legend:
        more_handles, more_labels = size_handles(ax, world, lang)
        legend_beside(ax, handles + more_handles, labels + more_labels)
        titled(ax, text("plot.coverage_map", lang, standard=coverage.standard.id))
    return finish(ax)


def settlement_bars(coverage: Coverage, *, ax: Axes | None = None, lang: Lang = "en") -> Axes:
    """Draw persons covered, not covered and not assessed for each settlement type, with the share covered.

    Parameters
    ----------
    coverage : Coverage
        What to show.
    ax : Axes, optional
        Where to draw; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.
    """
    lang = label_lang(lang)
    counts = coverage.by("settlement")
    counts = counts.reindex([str(s) for s in Settlement if str(s) in counts.index])
    counts = counts[counts["persons"] > 0]
    labels = [word("settlement", str(name), lang) for name in counts.index]
    title = text("plot.settlement_bars", lang)
    return _stacked(ax, counts, labels, title=title, lang=lang)


def group_bars(coverage: Coverage, *, ax: Axes | None = None, lang: Lang = "en") -> Axes:
    """Draw the same bars for each group of persons: minors, older people and whichever the data count.

    Raises
    ------
    InputError
        If the demand table counts no group.
    """
    lang = label_lang(lang)
    counts = coverage.by("group")
    counts = counts[counts["persons"] > 0]
    if len(counts) == 0:
        raise InputError.of("plot.nothing_to_draw", what="group")
    labels = [group_words(str(name), lang) for name in counts.index]
    return _stacked(ax, counts, labels, title=text("plot.group_bars", lang), lang=lang)


def place_bars(
    coverage: Coverage, place_level: str = PlaceLevel.COUNTY, *, ax: Axes | None = None,
    lang: Lang = "en", n_places: int = 20,
) -> Axes:  # fmt: skip
    """Draw the same bars for the places of one level, those with most people left out first.

    Parameters
    ----------
    coverage : Coverage
        What to show; its world must have places.
    place_level : str
        ``county``, ``township``, ``village`` ...
    ax : Axes, optional
        Where to draw; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.
    n_places : int
        How many places to show at most.

    Raises
    ------
    InputError
        If nobody lives in a place of that level.
    """
    lang, world = label_lang(lang), coverage.world
    if world.places is None or len(world.places.at_level(place_level)) == 0:
        raise InputError.of("plot.nothing_to_draw", what=place_level)
    counts = coverage.by(place_level)
    counts = counts[counts["persons"] > 0]
    if len(counts) == 0:
        raise InputError.of("plot.nothing_to_draw", what=place_level)
    counts = counts.sort_values(["persons_uncovered", "persons"], ascending=False, kind="stable")
    names = shown_names(world.places, lang)
    title = text(
        "plot.place_bars" if len(counts) <= n_places else "plot.place_bars_worst",
        lang,
        n=min(n_places, len(counts)),
        all=len(counts),
        level=word("place_level", str(place_level), lang),
    )
    counts = counts.head(n_places)
    return _stacked(ax, counts, [names[key] for key in counts.index], title=title, lang=lang)


def _stacked(ax: Axes | None, counts: pd.DataFrame, labels: list[str], *, title: str, lang: Lang) -> Axes:
    """Draw one bar a row: covered, not covered, not assessed; the share stands at its end."""
    height = 1.45 + _BAR_INCHES * len(counts)
    ax = new_axes(ax, (10.0, height))
    fit_height(ax, height)
    plain_bars(ax)
    at = np.arange(len(counts))
    left = np.zeros(len(counts))
    parts = {
        "covered": counts["persons_covered"].to_numpy(float),
        "uncovered": counts["persons_uncovered"].to_numpy(float),
        "not_assessed": (counts["persons"] - counts["persons_assessed"]).to_numpy(float),
    }
    handles, names = [], []
    for name, colour in _CLASSES:
        if parts[name].sum() > 0:
            ax.barh(at, parts[name], left=left, height=0.66, color=colour, edgecolor="white", linewidth=0.6)
            handles.append(patch_handle(colour, "white", 1.0))
            names.append(text(f"plot.{name}", lang))
        left += parts[name]
    ends = ax.transData
    for row, (total, share) in enumerate(zip(left, counts["covered_share"], strict=True)):
        ax.annotate(
            share_words(share), (total, row), xycoords=ends, xytext=(5, 0), textcoords="offset points",
            va="center", ha="left", fontsize=LABEL_SIZE, color=INK, fontweight="bold",
        )  # fmt: skip
    ax.set_yticks(at, [short(label) for label in labels])
    ax.set_ylim(len(counts) - 0.5, -0.5)
    ax.set_xlim(0, max(float(left.max(initial=0.0)), 1.0) * 1.09)
    ax.set_xlabel(text("plot.persons_axis", lang), fontsize=LABEL_SIZE, color=INK)
    legend = ax.legend(
        handles, names, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, frameon=False,
        fontsize=LABEL_SIZE, labelcolor=INK, handlelength=1.0, columnspacing=1.4, borderaxespad=0.2,
    )  # fmt: skip
    legend.set_zorder(5)
    titled(ax, title, above=22)
    return finish(ax)
