"""The ground of every map: land, names of districts, dots for people, markers for facilities, a scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy.spatial import cKDTree

from cultureplan.base.messages import Lang, text
from cultureplan.plotting.style import (
    GRID,
    INK,
    LABEL_SIZE,
    LAND,
    LAND_EDGE,
    LEVEL_MARKERS,
    MAP_SIZE,
    MUTED,
    RASTER_FROM,
    SMALL_SIZE,
    new_axes,
)
from cultureplan.plotting.wording import clean, count_words, label_width, length_words, shown_names
from cultureplan.world.levels import Level, PlaceLevel, word
from cultureplan.world.world import World

# west, south, east, north in the world's metres
Extent = tuple[float, float, float, float]

_LARGEST_DOT, _SMALLEST_DOT = 90.0, 7.0  # square points, on a map with few dots
_MOST_NAMES = 12  # more names of districts than this would cover the map
_MIN_SPAN_M = 1_000.0


def world_extent(world: World) -> Extent:
    """Return the box that holds everybody, and the land where it is known, with a margin.

    Facilities outside it are nobody's here, and are cut off.
    """
    corners = [world.demand.xy]
    if world.places is not None and len(world.places.polygons):
        corners.append(world.places.polygons.total_bounds.reshape(2, 2))
    return extent_of_points(np.vstack(corners))


def closeups(world: World, xy: np.ndarray, weights: np.ndarray, *, n: int = 4) -> list[Extent]:
    """Return up to `n` square windows, a sixth of the map wide, that hold the most weight of some points.

    Parameters
    ----------
    world : World
        Tells how large the whole map is.
    xy : ndarray, shape (m, 2)
        Points worth looking at closely.
    weights : ndarray, shape (m,)
        How much each matters, for example persons.
    n : int
        How many windows at most; none where the whole is small enough as it is.
    """
    west, south, east, north = world_extent(world)
    side = max(east - west, north - south) / 6
    if side < _MIN_SPAN_M:
        return []
    left = np.flatnonzero(weights > 0)
    total = float(weights.sum())
    windows: list[list[float]] = []
    while len(left) and len(windows) < n:
        tree = cKDTree(xy[left])
        near = tree.query_ball_point(xy[left], side * 0.42, p=np.inf)
        held = np.array([weights[left[hits]].sum() for hits in near])
        best = near[int(np.argmax(held))]
        if held.max() < 0.02 * total:
            break
        centre = (xy[left[best]].min(axis=0) + xy[left[best]].max(axis=0)) / 2
        windows.append([*(centre - side / 2), *(centre + side / 2)])
        left = np.delete(left, best)
    return [(float(w), float(s), float(e), float(n_)) for w, s, e, n_ in windows]


def extent_of_points(xy: np.ndarray, margin: float = 0.04) -> Extent:
    """Return the box round points, shape (n, 2), with a margin as a share of the longer side."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    span = max(float((high - low).max()), _MIN_SPAN_M)
    centre, half = (low + high) / 2, np.maximum(high - low, span / 3) / 2 + margin * span
    return (
        float(centre[0] - half[0]), float(centre[1] - half[1]),
        float(centre[0] + half[0]), float(centre[1] + half[1]),
    )  # fmt: skip


def map_axes(ax: Axes | None, world: World, extent: Extent | None) -> Axes:
    """Return axes prepared for a map of a world: equal scales, no ticks, land where it is known."""
    west, south, east, north = extent or world_extent(world)
    ax = new_axes(ax, MAP_SIZE)
    ax.set_aspect("equal", adjustable="box")
    ax.set_xlim(west, east)
    ax.set_ylim(south, north)
    ax.autoscale(False)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_color(GRID)
    _draw_land(ax, world)
    ax.set_xlabel("")
    ax.set_ylabel("")
    return ax


def _draw_land(ax: Axes, world: World) -> None:
    if world.places is None or len(world.places.polygons) == 0:
        return
    ranks = {level.value: level.rank for level in PlaceLevel}
    polygons = world.places.polygons
    for rank, rows in sorted(polygons.groupby(polygons["place_level"].map(ranks))):
        filled = rank == polygons["place_level"].map(ranks).max()
        rows.plot(
            ax=ax,
            facecolor=LAND if filled else "none",
            edgecolor=LAND_EDGE,
            linewidth=0.35 + 0.35 * float(rank),
            zorder=0 if filled else 0.5,
            aspect=None,
        )


def draw_place_names(ax: Axes, world: World, lang: Lang) -> None:
    """Write the names of the districts in the middle of their people, unless there are too many."""
    if world.places is None:
        return
    ids = world.places.at_level(PlaceLevel.COUNTY)
    if not 1 < len(ids) <= _MOST_NAMES:
        return
    names = shown_names(world.places, lang)
    home = world.demand_places.map(world.places.ancestor_at(PlaceLevel.COUNTY)).to_numpy(object)
    taken = np.vstack([world.demand.xy, world.facilities.xy[world.facilities.select()]])
    west, east = ax.get_xlim()
    south, north = ax.get_ylim()
    for place_id in ids:
        centre = np.median(world.demand.xy[home == place_id], axis=0) if (home == place_id).any() else None
        if centre is None or not (west < centre[0] < east and south < centre[1] < north):
            continue
        spot, box = _clear_spot(ax, names[place_id], centre, taken)
        taken = np.vstack([taken, box])
        label = ax.text(spot[0], spot[1], names[place_id], zorder=7, clip_on=True)
        label.set(color=MUTED, fontsize=LABEL_SIZE, ha="center", va="center")
        label.set_bbox({"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.5})


def _clear_spot(ax: Axes, name: str, centre: np.ndarray, taken: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where, near a centre, a label covers fewest points, and points that fill the label's box."""
    west, east = ax.get_xlim()
    south, north = ax.get_ylim()
    metres_a_point = points_to_metres(ax, 1.0)
    half = np.array([label_width(name) * LABEL_SIZE * 0.31 + 4, LABEL_SIZE * 0.5 + 5]) * metres_a_point
    low, high = np.array([west, south]) + half, np.array([east, north]) - half
    best, fewest = centre, np.inf
    for step in range(8):
        for angle in np.arange(8) * np.pi / 4 + np.pi / 2:
            away = step * 22 * metres_a_point * np.array([np.cos(angle), np.sin(angle)])
            spot = np.clip(centre + away, low, np.maximum(high, low))
            covered = int((np.abs(taken - spot) < half).all(axis=1).sum())
            if covered < fewest:
                best, fewest = spot, covered
    across = np.linspace(-1.0, 1.0, 9)
    return best, best + np.column_stack([across, np.zeros(9)]) * half


@dataclass(frozen=True, kw_only=True)
class DotScale:
    """How large a dot for so many persons is: area in proportion, within what can be seen."""

    most_persons: float

    @classmethod
    def of(cls, world: World) -> DotScale:
        """Return the scale that fits the demand points of a world."""
        persons = world.demand.persons.to_numpy(float)
        # a single giant point must not shrink all others to nothing
        most = float(np.quantile(persons, 0.98)) if len(persons) else 0.0
        return cls(most_persons=max(most, 1.0))

    def area(self, persons: np.ndarray, n: int) -> np.ndarray:
        """Return the area in square points of each of the dots on a map with `n` dots in all."""
        shrink = min(1.0, math.sqrt(400.0 / max(n, 1)))
        largest = _LARGEST_DOT * shrink
        return np.clip(persons / self.most_persons * largest, _SMALLEST_DOT * shrink, 2.0 * largest)


def draw_dots(ax: Axes, world: World, classes: Sequence[tuple[np.ndarray, str, float]]) -> None:
    """Draw demand points as dots sized by persons.

    Parameters
    ----------
    classes : sequence of (rows, colour, opacity)
        Row numbers of the demand points of each colour; later ones lie on top.
    """
    scale, n = DotScale.of(world), len(world.demand)
    persons, xy = world.demand.persons.to_numpy(float), world.demand.xy
    for order, (rows, colour, alpha) in enumerate(classes):
        rows = rows[persons[rows] > 0]
        rows = rows[np.argsort(-persons[rows], kind="stable")]
        if len(rows) == 0:
            continue
        ax.scatter(
            xy[rows, 0],
            xy[rows, 1],
            s=scale.area(persons[rows], n),
            c=colour,
            alpha=alpha,
            linewidths=0.3 if n < RASTER_FROM else 0,
            edgecolors="white",
            zorder=2 + 0.1 * order,
            rasterized=n > RASTER_FROM,
        )


def draw_facilities(ax: Axes, world: World, *, size: float = 1.0, colour: str = INK) -> list[Artist]:
    """Draw the existing facilities, the higher levels larger and on top; return their legend entries."""
    frame, xy = world.facilities.frame, world.facilities.xy
    existing = world.facilities.select()
    handles: list[Artist] = []
    shrink = size * min(1.0, math.sqrt(300.0 / max(len(existing), 1)))
    for level in sorted(Level, key=lambda level: level.rank):
        rows = existing[(frame["level"].iloc[existing] == level).to_numpy(bool)]
        if len(rows) == 0:
            continue
        marker, area = LEVEL_MARKERS[level]
        ax.scatter(
            xy[rows, 0],
            xy[rows, 1],
            s=max(area * (shrink if level.rank <= 2 else size), 2.5),
            marker=marker,
            c=colour,
            edgecolors="white",
            linewidths=0.5,
            zorder=3 + 0.1 * level.rank,
            rasterized=len(rows) > RASTER_FROM,
        )
        handles.insert(0, level_handle(level, colour))
    return handles


def level_handle(level: Level, colour: str = INK) -> Line2D:
    """Return the legend entry of a level of facilities."""
    marker, area = LEVEL_MARKERS[level]
    return Line2D(
        [], [], linestyle="none", marker=marker, color=colour, markersize=max(math.sqrt(area), 3.5),
        markeredgecolor="white", markeredgewidth=0.4,
    )  # fmt: skip


def dot_handle(colour: str, alpha: float = 1.0) -> Line2D:
    """Return the legend entry of a colour of dots."""
    return Line2D([], [], linestyle="none", marker="o", color=colour, alpha=alpha, markersize=6.5)


def patch_handle(face: str, edge: str, alpha: float) -> Patch:
    """Return the legend entry of an area."""
    return Patch(facecolor=face, edgecolor=edge, alpha=alpha, linewidth=0.8)


def size_handles(world: World, lang: Lang) -> tuple[list[Artist], list[str]]:
    """Return legend entries that tell how many persons a dot stands for."""
    scale, n = DotScale.of(world), len(world.demand)
    handles: list[Artist] = []
    labels: list[str] = []
    for persons in dict.fromkeys(_round_number(scale.most_persons * part) for part in (0.1, 1.0)):
        area = float(scale.area(np.array([persons]), n)[0])
        handles.append(Line2D([], [], linestyle="none", marker="o", color=MUTED, markersize=math.sqrt(area)))
        labels.append(text("plot.n_persons", lang, n=count_words(persons)))
    return handles, labels


def level_labels(world: World, lang: Lang) -> list[str]:
    """Return the words for the levels that exist, top first, in the order of :func:`draw_facilities`."""
    present = set(world.facilities.frame["level"].iloc[world.facilities.select()])
    return [word("level", level, lang) for level in sorted(Level, key=lambda v: -v.rank) if level in present]


def legend_beside(ax: Axes, handles: Sequence[Artist], labels: Sequence[str], title: str = "") -> None:
    """Put a legend to the right of the map, where it covers nothing."""
    legend = ax.legend(
        handles=list(handles),
        labels=[clean(label) for label in labels],
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        borderaxespad=0,
        frameon=False,
        fontsize=LABEL_SIZE,
        labelcolor=INK,
        title=title or None,
        title_fontsize=LABEL_SIZE,
        alignment="left",
        labelspacing=0.7,
    )
    legend.set_zorder(8)


def draw_scale_bar(ax: Axes, lang: Lang) -> None:
    """Draw a bar of a round length in the lower left corner, with its length."""
    west, east = ax.get_xlim()
    south, north = ax.get_ylim()
    length_m = _round_number((east - west) / 5)
    x, y = west + 0.03 * (east - west), south + 0.035 * (north - south)
    ax.plot([x, x + length_m], [y, y], color=INK, linewidth=2.2, solid_capstyle="butt", zorder=8)
    label = ax.text(x + length_m / 2, y + 0.012 * (north - south), length_words(length_m, lang), zorder=8)
    label.set(color=INK, fontsize=SMALL_SIZE, ha="center", va="bottom")
    label.set_bbox({"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 1.0})


def plot_areas(ax: Axes, areas: gpd.GeoSeries, **style: object) -> None:
    """Draw polygons without touching the limits of the map."""
    kept = areas[~(areas.is_empty | areas.isna())]
    if len(kept):
        kept.plot(ax=ax, aspect=None, **style)
        ax.set_xlabel("")  # geopandas names the axes of the coordinate system
        ax.set_ylabel("")


def points_to_metres(ax: Axes, points: float) -> float:
    """Return how many metres of the map a length in points covers, about."""
    width_points = ax.get_window_extent().width / ax.figure.dpi * 72
    west, east = ax.get_xlim()
    return points * (east - west) / max(width_points, 1.0)


def rows_where(mask: np.ndarray | pd.Series) -> np.ndarray:
    """Return the row numbers where a mask is true."""
    return np.flatnonzero(np.asarray(mask, dtype=bool))


def _round_number(value: float) -> float:
    """Return the largest of 1, 2, 5 x 10^k that is not above `value`."""
    power = 10.0 ** math.floor(math.log10(max(value, 1e-9)))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= value * (1 + 1e-9))
