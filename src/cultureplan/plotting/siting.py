"""The map of a plan: what exists, what is proposed, and whom it reaches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from cultureplan.base.messages import Lang, text
from cultureplan.measures.coverage import Coverage, validate_same_people
from cultureplan.plotting.canvas import Extent, draw_place_names, draw_scale_bar, map_axes, points_to_metres
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
from cultureplan.plotting.style import (
    COVERED,
    LOST,
    NEWLY_COVERED,
    NOT_ASSESSED,
    PROPOSED,
    SMALL_SIZE,
    UNCOVERED,
    finish,
    titled,
)
from cultureplan.plotting.wording import count_words, short, site_names
from cultureplan.world.levels import Status
from cultureplan.world.world import World

_MOST_LISTED = 12
_PIN_POINTS = 15.0  # diameter of a numbered pin


def opened_ids(before: World, after: World, order: Sequence[str] = ()) -> list[str]:
    """Return the ids of the facilities that exist after and not before, those in `order` first."""
    old = set(before.facilities.ids[before.facilities.select()])
    new = [str(key) for key in after.facilities.ids[after.facilities.select()] if key not in old]
    place = {str(key): at for at, key in enumerate(order)}
    return sorted(new, key=lambda key: (place.get(key, len(place)), key))


def closed_ids(before: World, after: World) -> list[str]:
    """Return the ids of the facilities that exist before and not after."""
    new = set(after.facilities.ids[after.facilities.select(status=(Status.EXISTING,))])
    return sorted(str(key) for key in before.facilities.ids[before.facilities.select()] if key not in new)


def siting_map(
    before: Coverage, after: Coverage, *, order: Sequence[str] = (), ax: Axes | None = None,
    lang: Lang = "en", extent: Extent | None = None, legend: bool = True,
) -> Axes:  # fmt: skip
    """Draw the facilities that a plan adds, numbered, and the people who are covered only because of them.

    Parameters
    ----------
    before, after : Coverage
        The world today and with the plan, measured by the same standard.
    order : sequence of str
        Ids of the new facilities in the order of their numbers; by id where absent.
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
        If the two worlds do not have the same people.
    """
    validate_same_people(before.world, after.world)
    lang, world = label_lang(lang), before.world
    ax = map_axes(ax, world, extent)
    points = before.points
    now = points["is_covered"].to_numpy(bool)
    then = after.points["is_covered"].reindex(points.index).to_numpy(bool)
    has_rule = points["has_rule"].to_numpy(bool)
    classes = [
        (~has_rule, NOT_ASSESSED, 0.55, "not_assessed"),
        (now & then, COVERED, 0.35, "stays_covered"),
        (has_rule & ~then & ~now, UNCOVERED, 0.75, "stays_uncovered"),
        (now & ~then, LOST, 0.95, "lost"),
        (~now & then, NEWLY_COVERED, 0.95, "newly_covered"),
    ]
    size = 1.0 if legend else CLOSEUP_SIZE
    dots = [(rows_where(mask), colour, alpha) for mask, colour, alpha, _ in classes]
    draw_dots(ax, world, dots, size=size)
    handles: list[Artist] = []
    labels: list[str] = []
    ids = opened_ids(before.world, after.world, order)
    names = site_names(after.world, lang)
    if ids:
        _draw_pins(ax, after.world.facilities.xy[after.world.facilities.positions(ids)])
    for number, key in enumerate(ids[:_MOST_LISTED], start=1):
        handles.append(_pin_handle())
        labels.append(f"{number} {short(names[key], 38)}")
    if len(ids) > _MOST_LISTED:
        handles.append(Line2D([], [], linestyle="none"))
        labels.append(text("plot.more_sites", lang, n=len(ids) - _MOST_LISTED))
    closed = closed_ids(before.world, after.world)
    if closed:
        at = world.facilities.xy[world.facilities.positions(closed)]
        ax.scatter(at[:, 0], at[:, 1], s=60, marker="x", c=LOST, linewidths=2, zorder=5)
        handles.append(
            Line2D([], [], linestyle="none", marker="x", color=LOST, markersize=7, markeredgewidth=2)
        )
        labels.append(text("plot.closed_n", lang, n=len(closed)))
    persons = points["persons"].to_numpy(float)
    for mask, colour, alpha, name in reversed(classes):
        if persons[mask].sum() > 0:
            handles.append(dot_handle(colour, alpha))
            labels.append(text(f"plot.{name}_n", lang, n=count_words(persons[mask].sum())))
    handles += draw_facilities(ax, world, size=0.7 * size)
    draw_place_names(ax, world, lang)
    draw_scale_bar(ax, lang)
    if legend:
        heading = text("plot.proposed", lang) if ids else ""
        legend_beside(ax, handles, labels + level_labels(world, lang), title=heading)
        titled(ax, text("plot.siting_map", lang, n=len(ids)))
    return finish(ax)


def _draw_pins(ax: Axes, xy: np.ndarray) -> None:
    """Draw a numbered pin above each site, so that the site itself and the people there stay visible."""
    width = points_to_metres(ax, _PIN_POINTS * 1.1)
    pins = _spread(xy + np.array([0.0, 1.1 * width]), width)
    for number, (site, pin) in enumerate(zip(xy, pins, strict=True), start=1):
        ax.plot([site[0], pin[0]], [site[1], pin[1]], color=PROPOSED, linewidth=1.1, zorder=5.4)
        for point, area, order in ((site, 16.0, 5.5), (pin, _PIN_POINTS**2, 6.0)):
            ax.scatter(
                point[:1], point[1:], s=area, c=PROPOSED, edgecolors="white", linewidths=0.8, zorder=order
            )
        label = ax.text(pin[0], pin[1], str(number), ha="center", va="center_baseline", zorder=6.1)
        label.set(color="white", fontsize=SMALL_SIZE, fontweight="bold", clip_on=True)


def _spread(xy: np.ndarray, distance: float) -> np.ndarray:
    """Return points moved apart until no two are nearer than `distance`, in a fixed number of steps."""
    moved = xy.astype(float).copy()
    angle = np.arange(len(xy)) * 2.399963  # golden angle: points on the same spot part in all directions
    moved += 1e-3 * distance * np.column_stack([np.cos(angle), np.sin(angle)])
    for _ in range(200):
        apart = moved[:, None] - moved[None, :]
        length = np.hypot(apart[..., 0], apart[..., 1])
        np.fill_diagonal(length, np.inf)
        overlap = np.maximum(distance - length, 0.0)
        if not overlap.any():
            break
        moved += 0.5 * (apart / length[..., None] * overlap[..., None]).sum(axis=1)
    alone = np.hypot(*(moved - xy).T) < 0.02 * distance
    return np.where(alone[:, None], xy, moved)


def _pin_handle() -> Line2D:
    return Line2D([], [], linestyle="none", marker="o", color=PROPOSED, markersize=8, markeredgecolor="white")
