"""The map of a measure that every person has: access, minutes to the nearest library, hours covered."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from cultureplan.base.errors import InputError
from cultureplan.base.messages import Lang, text
from cultureplan.measures.statistics import weighted_quantile
from cultureplan.plotting.canvas import Extent, draw_place_names, draw_scale_bar, map_axes
from cultureplan.plotting.fonts import label_lang
from cultureplan.plotting.marks import (
    CLOSEUP_SIZE,
    dot_handle,
    draw_dots,
    draw_facilities,
    legend_beside,
    level_labels,
    rows_where,
)
from cultureplan.plotting.style import NOT_ASSESSED, finish, titled
from cultureplan.plotting.wording import clean, count_words
from cultureplan.world.world import World

# from the least to the most; orange and blue differ for every common kind of colour blindness
_RAMP = ("#a34708", "#ee9a4d", "#c9b8a8", "#7fb0d6", "#17548c")


def access_map(
    world: World, values: object, *, title: str = "", high_is_good: bool = True, ax: Axes | None = None,
    lang: Lang = "en", extent: Extent | None = None, legend: bool = True,
) -> Axes:  # fmt: skip
    """Draw one value of each demand point in five classes with a fifth of the people each.

    Parameters
    ----------
    world : World
        Whose people.
    values : Series or array-like, shape (n_demand,)
        One value a demand point: a Series is matched by demand id, an array taken in the order of the
        world. Missing or infinite ones are drawn in grey.
    title : str
        What is shown, with its unit.
    high_is_good : bool
        Whether high values are blue; for minutes, metres and persons per seat they are not.
    ax : Axes, optional
        Where to draw; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.
    extent : (west, south, east, north), optional
        Part to show, metres in the world's coordinate system; the whole world where absent.
    legend : bool
        Whether to explain the colours, and write a title, beside the map; a close-up needs neither.

    Raises
    ------
    InputError
        If the values are not one a demand point, or nobody has one.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan import plotting
    >>> world = cp.datasets.synthetic_world(n_demand=200, n_facilities=10, seed=7)
    >>> nearest = cp.travel_costs(world, cp.StraightLine(), limit=20_000).nearest()["cost"]
    >>> ax = plotting.access_map(world, nearest, title="Metres to the nearest", high_is_good=False)
    """
    lang = label_lang(lang)
    held = _aligned(world, values)
    persons = world.demand.persons.to_numpy(float)
    known = np.isfinite(held)
    if not persons[known].sum() > 0:
        raise InputError.of("plot_measures.nobody_has_one")
    parts = np.arange(1, len(_RAMP) + 1) / len(_RAMP)
    upper = np.unique([weighted_quantile(held[known], persons[known], part) for part in parts])
    at = np.where(known, np.minimum(np.searchsorted(upper, held), len(upper) - 1), -1)
    ramp = _RAMP if high_is_good else _RAMP[::-1]
    steps = np.linspace(0, len(ramp) - 1, len(upper)).round().astype(int)
    colours = [ramp[step] for step in steps]
    classes = [(rows_where(at == -1), NOT_ASSESSED, 0.8)]
    classes += [(rows_where(at == step), colour, 0.9) for step, colour in enumerate(colours)]
    ax = map_axes(ax, world, extent)
    size = 1.0 if legend else CLOSEUP_SIZE
    draw_dots(ax, world, classes, size=size)
    handles: list[Artist] = draw_facilities(ax, world, size=0.8 * size)
    labels = level_labels(world, lang)
    for step in reversed(range(len(upper))):
        inside = (at == step) & (persons > 0)
        if inside.any():
            handles.append(dot_handle(colours[step], 0.9))
            labels.append(with_persons(_span(held[inside]), float(persons[inside].sum()), lang))
    if persons[~known].sum() > 0:
        handles.append(dot_handle(NOT_ASSESSED, 0.8))
        labels.append(with_persons(text("plot_measures.no_value", lang), float(persons[~known].sum()), lang))
    draw_place_names(ax, world, lang)
    draw_scale_bar(ax, lang)
    if legend:
        legend_beside(ax, handles, labels)
        titled(ax, clean(title) or text("plot_measures.access_map", lang))
    return finish(ax)


def _aligned(world: World, values: object) -> np.ndarray:
    """Return the values in the order of the demand points; a point without one is NaN."""
    if isinstance(values, pd.Series):
        if values.index.has_duplicates:
            first = values.index[values.index.duplicated()][0]
            raise InputError.of("access.index_repeats", name="values", first=first)
        return values.reindex(world.demand.ids).to_numpy(float, na_value=np.nan)
    held = np.asarray(values, dtype=float)
    if held.shape != (len(world.demand),):
        raise InputError.of("fault.wrong_shape", name="values", got=held.shape, want=(len(world.demand),))
    return held


def _span(values: np.ndarray) -> str:
    least, most = (
        f"{value:,.0f}" if value >= 100 else f"{value:.3g}" for value in (values.min(), values.max())
    )
    return least if least == most else f"{least} – {most}"


def with_persons(what: str, persons: float, lang: Lang) -> str:
    """Return what a class of people is called, with how many they are."""
    return text("plot_measures.with_persons", lang, what=what, n=count_words(persons))
