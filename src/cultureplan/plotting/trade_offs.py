"""Curves of what more sites, more money or less of something else would bring."""

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
    SMALL_SIZE,
    finish,
    new_axes,
    percent,
    thousands,
    titled,
)
from cultureplan.plotting.wording import count_words

_SIZE = (9.6, 4.8)
_MOST_LABELLED = 12  # more labels than this on a curve would cover it
_NOT_CLOSED = 1e-6  # relative gap from which the bound is drawn
_OTHERS = ("site_cost", "mean_cost", "smallest_share", "objective")


def coverage_curve(curve: pd.DataFrame, *, ax: Axes | None = None, lang: Lang = "en") -> Axes:
    """Draw the most persons that each number of new sites can cover, and how many at best could be.

    The band between what was found and its bound is where the best plan may lie; where the two meet, the
    plan is proven and there is no band. Each point is labelled with what its sites add to the one before.

    Parameters
    ----------
    curve : DataFrame
        ``n_sites``, ``persons`` and ``bound``, as
        :func:`~cultureplan.siting.fronts.coverage_curve` returns them.
    ax : Axes, optional
        Where to draw; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.

    Raises
    ------
    InputError
        If there is no row.

    Examples
    --------
    >>> import cultureplan as cp
    >>> costs = cp.TravelCosts.from_dense([[100, 900], [700, 300], [900, 200]], unit="m")
    >>> problem = cp.SitingProblem(costs=costs, persons=[50, 20, 40], limit=800.0)
    >>> ax = cp.plotting.coverage_curve(cp.coverage_curve(problem, 2))
    """
    if len(curve) == 0:
        raise InputError.of("plot_plans.no_rows", what="coverage_curve")
    lang = label_lang(lang)
    ax = _plain_axes(ax)
    n, persons, bound = (curve[name].to_numpy(float) for name in ("n_sites", "persons", "bound"))
    best = np.maximum(bound, persons)
    if (best - persons > _NOT_CLOSED * np.maximum(persons, 1.0)).any():
        ax.fill_between(n, persons, best, color=COVERED, alpha=0.16, linewidth=0)
        ax.plot(n, best, color=MUTED, linewidth=1.2, linestyle="--", label=text("plot_plans.bound", lang))
    ax.plot(
        n, persons, color=COVERED, linewidth=2.2, marker="o", markersize=5,
        label=text("plot_plans.found", lang),
    )  # fmt: skip
    if len(n) <= _MOST_LABELLED + 1:
        _label_gains(ax, n, persons, lang)
    _room_above(ax, persons, best)
    ax.set_xticks(n if len(n) <= 21 else np.unique(np.linspace(n[0], n[-1], 11).round()))
    ax.set_xlabel(text("plot_plans.n_sites_axis", lang), fontsize=LABEL_SIZE, color=INK)
    ax.set_ylabel(text("plot_plans.persons_axis", lang), fontsize=LABEL_SIZE, color=INK)
    ax.legend(loc="lower right", frameon=False, fontsize=LABEL_SIZE, labelcolor=INK)
    titled(ax, text("plot_plans.coverage_curve", lang))
    return finish(ax)


def pareto_front(
    front: pd.DataFrame, *, chosen: int | None = None, ax: Axes | None = None, lang: Lang = "en"
) -> Axes:
    """Draw the plans that no other beats both in persons covered and in another goal.

    Filled points are proven; hollow ones are the best found in the time given.

    Parameters
    ----------
    front : DataFrame
        ``persons``, ``is_proven`` and the other goal, as
        :func:`~cultureplan.siting.pareto.pareto_front` returns them.
    chosen : int, optional
        Row, from 0, of a plan to mark.
    ax : Axes, optional
        Where to draw; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.

    Raises
    ------
    InputError
        If there is no row, or no column of another goal.
    """
    other = next((name for name in _OTHERS if name in front.columns), None)
    if len(front) == 0 or other is None:
        raise InputError.of("plot_plans.no_rows", what="pareto_front")
    lang = label_lang(lang)
    ax = _plain_axes(ax)
    x, persons = front[other].to_numpy(float), front["persons"].to_numpy(float)
    proven = front["is_proven"].to_numpy(bool)
    ax.plot(x, persons, color=GRID, linewidth=1.6, zorder=1)
    ax.scatter(
        x[proven], persons[proven], s=44, color=COVERED, zorder=3, label=text("plot_plans.proven", lang)
    )
    if not proven.all():
        ax.scatter(
            x[~proven], persons[~proven], s=44, facecolor="white", edgecolor=COVERED, linewidth=1.6, zorder=3,
            label=text("plot_plans.not_proven", lang),
        )  # fmt: skip
    if chosen is not None:
        ax.scatter(
            x[chosen], persons[chosen], s=190, facecolor="none", edgecolor=INK, linewidth=1.6, zorder=4,
            label=text("plot_plans.chosen", lang),
        )  # fmt: skip
    _room_above(ax, persons, persons)
    if other == "smallest_share":
        percent(ax.xaxis)
    elif float(np.nanmax(np.abs(x))) >= 1_000:
        thousands(ax.xaxis)
    ax.margins(x=0.06)
    ax.set_xlabel(text(f"plot_plans.{other}_axis", lang), fontsize=LABEL_SIZE, color=INK)
    ax.set_ylabel(text("plot_plans.persons_axis", lang), fontsize=LABEL_SIZE, color=INK)
    ax.legend(loc="best", frameon=False, fontsize=LABEL_SIZE, labelcolor=INK)
    titled(ax, text("plot_plans.pareto_front", lang))
    return finish(ax)


def _plain_axes(ax: Axes | None) -> Axes:
    ax = new_axes(ax, _SIZE)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("bottom", "left"):
        ax.spines[side].set_color(GRID)
    ax.set_axisbelow(True)
    ax.grid(color=GRID, linewidth=0.8)
    ax.tick_params(length=0, labelsize=LABEL_SIZE, labelcolor=INK)
    return ax


def _label_gains(ax: Axes, n: np.ndarray, persons: np.ndarray, lang: Lang) -> None:
    """Write the persons at each point, and below what they add to the point before."""
    for at in range(len(n)):
        ax.annotate(
            count_words(float(persons[at])), (n[at], persons[at]), xytext=(0, 8),
            textcoords="offset points", ha="center", fontsize=LABEL_SIZE, color=INK, fontweight="bold",
        )  # fmt: skip
        if at:
            added = text("plot_plans.added", lang, n=count_words(float(persons[at] - persons[at - 1])))
            ax.annotate(
                added, (n[at], persons[at]), xytext=(0, -16), textcoords="offset points", ha="center",
                fontsize=SMALL_SIZE, color=MUTED,
            )  # fmt: skip


def _room_above(ax: Axes, persons: np.ndarray, best: np.ndarray) -> None:
    """Set the vertical scale, with room for labels above and below the line."""
    low, high = float(np.nanmin(persons)), float(np.nanmax(best))
    span = max(high - low, 0.02 * high, 1.0)
    ax.set_ylim(max(low - 0.16 * span, -0.02 * span), high + 0.16 * span)
    thousands(ax.yaxis)
