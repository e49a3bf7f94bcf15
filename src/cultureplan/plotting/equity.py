"""The picture of inequality: the Lorenz curve, of everybody and of groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from cultureplan.base.errors import InputError
from cultureplan.base.messages import Lang, text
from cultureplan.measures import equity
from cultureplan.measures.equity_sample import read_groups, read_sample
from cultureplan.plotting.fonts import label_lang
from cultureplan.plotting.style import (
    GRID,
    INK,
    LABEL_SIZE,
    MUTED,
    SERIES,
    SETTLEMENT_COLOURS,
    finish,
    new_axes,
    percent,
    titled,
)
from cultureplan.plotting.wording import clean, short
from cultureplan.world.levels import Settlement, word

_SIZE = (6.8, 6.0)  # inches: the curve lives in a square


def lorenz_curve(
    values: object, weights: object = None, *, by: object = None, ax: Axes | None = None, lang: Lang = "en"
) -> Axes:
    """Draw the Lorenz curve with Gini's index; with groups, one more curve for each.

    The straight line is equality: there half of the people have half of everything. The further a curve
    hangs below it, the more unequal.

    Parameters
    ----------
    values : Series or array-like, shape (n,)
        One value a demand point, such as the supply per person.
    weights : Series or array-like, shape (n,), optional
        Persons; 1 each if absent.
    by : Series or array-like, shape (n,), optional
        Group of each demand point, for example the settlement type. Groups without anything to share out
        are left out.
    ax : Axes, optional
        Where to draw; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.

    Raises
    ------
    InputError
        If nobody has anything.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan import plotting
    >>> ax = plotting.lorenz_curve([1, 2, 7], weights=[100, 100, 50])

    References
    ----------
    Lorenz, M. O. (1905). Methods of measuring the concentration of wealth. Publications of the American
    Statistical Association 9, 209-219.
    """
    lang = label_lang(lang)
    held, persons = read_sample(values, weights)
    if not (held * persons).sum() > 0:
        raise InputError.of("plot_measures.nothing_shared")
    ax = new_axes(ax, _SIZE)
    ax.plot([0, 1], [0, 1], color=MUTED, linewidth=1.0, linestyle=(0, (4, 3)))
    ax.annotate(
        text("plot_measures.equality", lang), (0.42, 0.42), xytext=(-4, 6), textcoords="offset points",
        ha="right", fontsize=LABEL_SIZE, color=MUTED,
    )  # fmt: skip
    if by is not None:
        groups = read_groups(values, by)
        for number, group in enumerate(sorted(pd.unique(groups), key=_order)):
            inside = groups == group
            colour = SETTLEMENT_COLOURS.get(str(group), SERIES[(number + 1) % len(SERIES)])
            _draw_curve(ax, held[inside], persons[inside], label=_group_words(group, lang), colour=colour)
    _draw_curve(ax, held, persons, label=text("coverage.all", lang), colour=INK, width=2.4)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.set_aspect("equal")
    ax.set_axisbelow(True)
    ax.grid(color=GRID, linewidth=0.8)
    for spine in ax.spines.values():
        spine.set_color(GRID)
    ax.tick_params(length=0, labelsize=LABEL_SIZE, labelcolor=INK)
    percent(ax.xaxis)
    percent(ax.yaxis)
    ax.set_xlabel(text("plot_measures.lorenz_persons", lang), fontsize=LABEL_SIZE, color=INK)
    ax.set_ylabel(text("plot_measures.lorenz_values", lang), fontsize=LABEL_SIZE, color=INK)
    ax.legend(loc="upper left", frameon=False, fontsize=LABEL_SIZE, labelcolor=INK)
    titled(ax, text("plot_measures.lorenz_curve", lang))
    return finish(ax)


def _draw_curve(
    ax: Axes, held: np.ndarray, persons: np.ndarray, *, label: str, colour: str, width: float = 1.6
) -> None:
    curve = equity.lorenz_curve(held, persons)
    index = equity.gini(held, persons)
    if np.isnan(index):
        return
    shown = f"{clean(label)}: {index:.2f}"
    ax.plot(curve["persons_share"], curve["value_share"], color=colour, linewidth=width, label=shown)


def _order(group: object) -> tuple[int, str]:
    """Settlement types in their own order, all others by name after them."""
    known = [str(settlement) for settlement in Settlement]
    return (known.index(str(group)) if str(group) in known else len(known), str(group))


def _group_words(group: object, lang: Lang) -> str:
    name = str(group)
    return word("settlement", name, lang) if name in SETTLEMENT_COLOURS else short(name)
