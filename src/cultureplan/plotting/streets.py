"""Maps of streets: what is reached along them in time, and where two ways of measuring disagree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from cultureplan.base.messages import Lang, text
from cultureplan.measures.coverage import Coverage, validate_same_people
from cultureplan.measures.isochrones import isochrones
from cultureplan.plotting.access import with_persons
from cultureplan.plotting.canvas import Extent, draw_place_names, draw_scale_bar, map_axes, plot_areas
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
)
from cultureplan.plotting.style import (
    COVERED,
    MUTED,
    NOT_ASSESSED,
    PROPOSED,
    RASTER_FROM,
    UNCOVERED,
    finish,
    titled,
)
from cultureplan.plotting.wording import cost_words
from cultureplan.travel.streets import Streets
from cultureplan.world.world import World

_LAND_ALPHA = (0.55, 0.34, 0.2, 0.12)  # the nearest limit is the darkest


def streets_map(
    world: World, mode: Streets, *, limit: float | Sequence[float], ax: Axes | None = None,
    lang: Lang = "en", extent: Extent | None = None, legend: bool = True,
) -> Axes:  # fmt: skip
    """Draw the streets and the land along them from which a facility is reached within one or more limits.

    The land is within 50 m of the streets that are reached; who is inside is decided by the cost along
    the streets, not by these shapes.

    Parameters
    ----------
    world : World
        A world with streets.
    mode : Streets
        How people travel.
    limit : float or sequence of float
        In the unit of the mode; at most four.
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
        If the world has no streets, or a facility lies off them.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan import plotting
    >>> ax = plotting.streets_map(cp.load_world("wuhan"), cp.Streets(), limit=[5, 15])
    """
    lang = label_lang(lang)
    limits = [float(value) for value in np.unique(np.atleast_1d(np.asarray(limit, dtype=float)))]
    limits = limits[: len(_LAND_ALPHA)]
    land = isochrones(world, mode, limit=limits, merged=True)
    ax = map_axes(ax, world, extent)
    handles: list[Artist] = []
    labels: list[str] = []
    for order, reach in reversed(list(enumerate(limits))):
        area = land.geometry[land["limit"] == reach]
        alpha = _LAND_ALPHA[order]
        plot_areas(ax, area, facecolor=COVERED, alpha=alpha, linewidth=0, zorder=1.3 - 0.05 * order)
        handles.insert(0, patch_handle(COVERED, "none", alpha))
        labels.insert(0, text("plot_measures.within", lang, limit=cost_words(reach, mode.unit, lang)))
    _draw_streets(ax, world)
    handles += draw_facilities(ax, world, size=1.0 if legend else CLOSEUP_SIZE)
    draw_place_names(ax, world, lang)
    draw_scale_bar(ax, lang)
    if legend:
        legend_beside(ax, handles, labels + level_labels(world, lang))
        titled(ax, text("plot_measures.streets_map", lang))
    return finish(ax)


def agreement_map(
    first: Coverage, second: Coverage, *, ax: Axes | None = None, lang: Lang = "en",
    extent: Extent | None = None, legend: bool = True,
) -> Axes:  # fmt: skip
    """Draw who is covered by two ways of measuring, by one of them only, and by neither.

    Parameters
    ----------
    first, second : Coverage
        Two measurements of the same people, for example along a straight line and along streets; they
        are called by the ids of their standards.
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
        If the two do not count the same people.
    """
    validate_same_people(first.world, second.world)
    lang, world = label_lang(lang), first.world
    names = {"first": first.standard.id, "second": second.standard.id}
    one, other = first.points["is_covered"].to_numpy(bool), second.points["is_covered"].to_numpy(bool)
    persons = first.points["persons"].to_numpy(float)
    classes = (
        (one & other, COVERED, 0.45, text("plot_measures.by_both", lang)),
        (~one & ~other, NOT_ASSESSED, 0.6, text("plot_measures.by_neither", lang)),
        (one & ~other, UNCOVERED, 0.95, text("plot_measures.only_by", lang, name=names["first"])),
        (~one & other, PROPOSED, 0.95, text("plot_measures.only_by", lang, name=names["second"])),
    )
    ax = map_axes(ax, world, extent)
    _draw_streets(ax, world)
    size = 1.0 if legend else CLOSEUP_SIZE
    draw_dots(ax, world, [(rows_where(mask), colour, alpha) for mask, colour, alpha, _ in classes], size=size)
    handles = draw_facilities(ax, world, size=size)
    labels = level_labels(world, lang)
    for mask, colour, alpha, label in classes:
        counted = float(persons[mask].sum())
        if counted > 0:
            handles.append(dot_handle(colour, alpha))
            labels.append(with_persons(label, counted, lang))
    draw_place_names(ax, world, lang)
    draw_scale_bar(ax, lang)
    if legend:
        legend_beside(ax, handles, labels)
        titled(ax, text("plot_measures.agreement_map", lang, **names))
    return finish(ax)


def _draw_streets(ax: Axes, world: World) -> None:
    """Draw the streets as thin lines, as one image where they are many; nothing where there are none."""
    if world.streets is None:
        return
    lines = [shapely.get_coordinates(line) for line in world.streets.lines]
    drawn = LineCollection(
        lines, colors=MUTED, linewidths=0.45, alpha=0.7, zorder=1.5, rasterized=len(lines) > RASTER_FROM
    )
    ax.add_collection(drawn, autolim=False)
