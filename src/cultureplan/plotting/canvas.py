"""The ground of every map: what part is shown, land, names of districts, a scale."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes
from numpy.lib.stride_tricks import sliding_window_view

from cultureplan.base.messages import Lang
from cultureplan.plotting.style import (
    GRID,
    INK,
    LABEL_SIZE,
    LAND,
    LAND_EDGE,
    MAP_SIZE,
    MUTED,
    SMALL_SIZE,
    new_axes,
)
from cultureplan.plotting.wording import label_width, length_words, shown_names
from cultureplan.world.levels import PlaceLevel
from cultureplan.world.world import World

# west, south, east, north in the world's metres
Extent = tuple[float, float, float, float]

_MOST_NAMES = 12  # more names of districts than this would cover the map
_MIN_SPAN_M = 1_000.0
_CELLS_A_WINDOW = 6  # a close-up is found on a grid of so many cells each way
_WORTH_A_LOOK = 8  # demand points; fewer can be seen on the whole map


def world_extent(world: World) -> Extent:
    """Return the box that holds everybody, and the land where it is known, with a margin.

    Facilities outside it are nobody's here, and are cut off.
    """
    corners = [world.demand.xy]
    if world.places is not None and len(world.places.polygons):
        corners.append(world.places.polygons.total_bounds.reshape(2, 2))
    return extent_of_points(np.vstack(corners))


def extent_of_points(xy: np.ndarray, margin: float = 0.04) -> Extent:
    """Return the box round points, shape (n, 2), with a margin as a share of the longer side."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    span = max(float((high - low).max()), _MIN_SPAN_M)
    centre, half = (low + high) / 2, np.maximum(high - low, span / 3) / 2 + margin * span
    return (
        float(centre[0] - half[0]), float(centre[1] - half[1]),
        float(centre[0] + half[0]), float(centre[1] + half[1]),
    )  # fmt: skip


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
    if side < _MIN_SPAN_M or len(xy) == 0:
        return []
    cells = _CELLS_A_WINDOW
    size = side / cells
    n_x, n_y = math.ceil((east - west) / size), math.ceil((north - south) / size)
    column = np.clip(((xy[:, 0] - west) / size).astype(np.int64), 0, n_x - 1)
    row = np.clip(((xy[:, 1] - south) / size).astype(np.int64), 0, n_y - 1)
    held = np.zeros((n_y, n_x))
    np.add.at(held, (row, column), weights)
    total = float(held.sum())
    windows: list[Extent] = []
    while len(windows) < n:
        padded = np.pad(held, ((0, cells - 1), (0, cells - 1)))
        sums = sliding_window_view(padded, (cells, cells)).sum(axis=(2, 3))
        at_y, at_x = np.unravel_index(int(np.argmax(sums)), sums.shape)
        if sums[at_y, at_x] <= 0.02 * total:
            break
        inside = (column >= at_x) & (column < at_x + cells) & (row >= at_y) & (row < at_y + cells)
        counted = xy[inside & (weights > 0) & (held[row, column] > 0)]
        centre = (counted.min(axis=0) + counted.max(axis=0)) / 2
        held[at_y : at_y + cells, at_x : at_x + cells] = 0.0
        if (np.abs(world.demand.xy - centre) <= side / 2).all(axis=1).sum() >= _WORTH_A_LOOK:
            low, high = centre - side / 2, centre + side / 2
            windows.append((float(low[0]), float(low[1]), float(high[0]), float(high[1])))
    return windows


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
        label = ax.text(spot[0], spot[1], names[place_id], zorder=5.3, clip_on=True)
        label.set(color=MUTED, fontsize=LABEL_SIZE, ha="center", va="center")
        label.set_bbox({"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.5})


def _clear_spot(ax: Axes, name: str, centre: np.ndarray, taken: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where, near a centre, a label covers fewest points, and points that fill the label's box."""
    west, east = ax.get_xlim()
    south, north = ax.get_ylim()
    metres_a_point = points_to_metres(ax, 1.0)
    half = np.array([label_width(name) * LABEL_SIZE * 0.31 + 4, LABEL_SIZE * 0.5 + 5]) * metres_a_point
    low, high = np.array([west, south]) + half, np.array([east, north]) - half
    best, least = centre, np.inf
    for step in range(8):
        for angle in np.arange(8) * np.pi / 4 + np.pi / 2:
            away = step * 22 * metres_a_point * np.array([np.cos(angle), np.sin(angle)])
            spot = np.clip(centre + away, low, np.maximum(high, low))
            covered = int((np.abs(taken - spot) < half).all(axis=1).sum())
            cost = min(covered, 10) + step  # a name far away from its people is no better than a covered dot
            if cost < least:
                best, least = spot, cost
    across = np.linspace(-1.0, 1.0, 9)
    return best, best + np.column_stack([across, np.zeros(9)]) * half


def draw_scale_bar(ax: Axes, lang: Lang) -> None:
    """Draw a bar of a round length in the lower left corner, with its length."""
    west, east = ax.get_xlim()
    south, north = ax.get_ylim()
    length_m = round_number((east - west) / 5)
    x, y = west + 0.03 * (east - west), south + 0.035 * (north - south)
    ax.plot([x, x + length_m], [y, y], color=INK, linewidth=2.2, solid_capstyle="butt", zorder=8)
    label = ax.text(x + length_m / 2, y + 0.012 * (north - south), length_words(length_m, lang), zorder=8)
    label.set(color=INK, fontsize=SMALL_SIZE, ha="center", va="bottom")
    label.set_bbox({"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 1.0})


def plot_areas(ax: Axes, areas: gpd.GeoSeries, **style: object) -> None:
    """Draw polygons without touching the limits of the map."""
    west, east = ax.get_xlim()
    south, north = ax.get_ylim()
    margin = 0.02 * (east - west)
    inside = areas.clip_by_rect(west - margin, south - margin, east + margin, north + margin)
    kept = inside[~(inside.is_empty | inside.isna())].simplify(visible_m(ax))
    if len(kept):
        kept.plot(ax=ax, aspect=None, **style)
        ax.set_xlabel("")  # geopandas names the axes of the coordinate system
        ax.set_ylabel("")


def in_view(ax: Axes, xy: np.ndarray) -> np.ndarray:
    """Return which points, shape (n, 2), lie on the map or just beside it."""
    west, east = ax.get_xlim()
    south, north = ax.get_ylim()
    low, high = np.array([west, south]), np.array([east, north])
    margin = 0.02 * (high - low)
    return np.asarray(((xy >= low - margin) & (xy <= high + margin)).all(axis=1))


def visible_m(ax: Axes) -> float:
    """Return how far a drawn line may be from the true one without anybody seeing it."""
    west, east = ax.get_xlim()
    return max((east - west) / 4_000, 0.5)


def points_to_metres(ax: Axes, points: float) -> float:
    """Return how many metres of the map a length in points covers, about: a legend may take some room."""
    box = ax.get_window_extent()
    west, east = ax.get_xlim()
    south, north = ax.get_ylim()
    metres_a_pixel = max(
        (east - west) / (0.7 * max(box.width, 1)), (north - south) / (0.9 * max(box.height, 1))
    )
    return points * metres_a_pixel * ax.figure.dpi / 72


def round_number(value: float) -> float:
    """Return the largest of 1, 2, 5 x 10^k that is not above `value`."""
    power = 10.0 ** math.floor(math.log10(max(value, 1e-9)))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= value * (1 + 1e-9))
