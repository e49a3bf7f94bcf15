"""What stands on a map: dots for people, markers for facilities, and the legend that explains them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba_array
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from cultureplan.base.messages import Lang, text
from cultureplan.plotting.canvas import in_view, round_number
from cultureplan.plotting.style import INK, LABEL_SIZE, LEVEL_MARKERS, MUTED, RASTER_FROM
from cultureplan.plotting.wording import clean, count_words
from cultureplan.world.levels import Level, word
from cultureplan.world.world import World

CLOSEUP_SIZE = 1.8  # how much larger dots and markers are on a close-up
_LARGEST_DOT, _SMALLEST_DOT = 90.0, 7.0  # square points, on a map with few dots


@dataclass(frozen=True, kw_only=True)
class DotScale:
    """How large a dot for so many persons is: area in proportion, within what can be seen.

    Parameters
    ----------
    most_persons : float
        Persons of the largest dot; a single giant point does not shrink all others to nothing.
    largest, smallest : float
        Square points.
    """

    most_persons: float
    largest: float
    smallest: float

    @classmethod
    def of(cls, ax: Axes, world: World, size: float = 1.0) -> DotScale:
        """Return the scale that fits the demand points of a world that lie on a map."""
        persons = world.demand.persons.to_numpy(float)
        most = float(np.quantile(persons, 0.98)) if len(persons) else 0.0
        n = int(in_view(ax, world.demand.xy).sum())
        shrink = size * min(1.0, 400.0 / max(n, 1)) ** 0.75
        return cls(
            most_persons=max(most, 1.0), largest=_LARGEST_DOT * shrink, smallest=_SMALLEST_DOT * shrink
        )

    def area(self, persons: np.ndarray) -> np.ndarray:
        """Return the area in square points of dots for so many persons."""
        return np.clip(persons / self.most_persons * self.largest, self.smallest, 2.0 * self.largest)


def draw_dots(
    ax: Axes, world: World, classes: Sequence[tuple[np.ndarray, str, float]], *, size: float = 1.0
) -> None:
    """Draw demand points as dots sized by persons.

    Parameters
    ----------
    classes : sequence of (rows, colour, opacity)
        Row numbers of the demand points of each colour; later ones lie on top.
    size : float
        Larger than 1 for a close-up.
    """
    scale = DotScale.of(ax, world, size)
    persons, xy = world.demand.persons.to_numpy(float), world.demand.xy
    shown = (persons > 0) & in_view(ax, xy)
    kept = [rows[shown[rows]] for rows, _, _ in classes]
    if int(shown.sum()) > RASTER_FROM:
        colours = [to_rgba_array(colour, alpha).repeat(len(rows), axis=0)
                   for rows, (_, colour, alpha) in zip(kept, classes, strict=True)]  # fmt: skip
        _draw_cloud(ax, xy, scale.area(persons), np.concatenate(kept), np.concatenate(colours))
        return
    for order, (rows, (_, colour, alpha)) in enumerate(zip(kept, classes, strict=True)):
        # dots of one size are one symbol in an SVG: sizes in steps of a tenth, the largest at the bottom
        steps = np.round(np.log(scale.area(persons[rows])) / np.log(1.1))
        for at, step in enumerate(np.unique(steps)[::-1]):
            some = xy[rows[steps == step]]
            ax.scatter(
                some[:, 0], some[:, 1], s=1.1**step, c=colour, alpha=alpha, linewidths=0.3,
                edgecolors="white", zorder=2 + 0.1 * order + 0.001 * at,
            )  # fmt: skip


def _draw_cloud(ax: Axes, xy: np.ndarray, areas: np.ndarray, rows: np.ndarray, colours: np.ndarray) -> None:
    """Draw very many dots as one image, in mixed order, so that no colour lies on top of all others."""
    mixed = np.argsort((np.arange(len(rows), dtype=np.uint64) * 2_654_435_761) % 2**32, kind="stable")
    ax.scatter(
        xy[rows[mixed], 0], xy[rows[mixed], 1], s=areas[rows[mixed]], c=colours[mixed], linewidths=0,
        zorder=2, rasterized=True,
    )  # fmt: skip


def draw_facilities(ax: Axes, world: World, *, size: float = 1.0, colour: str = INK) -> list[Artist]:
    """Draw the existing facilities, the higher levels larger and on top; return their legend entries."""
    frame, xy = world.facilities.frame, world.facilities.xy
    existing = world.facilities.select()
    handles: list[Artist] = []
    n_seen = int(in_view(ax, xy[existing]).sum())
    shrink = size * min(1.0, math.sqrt(300.0 / max(n_seen, 1)))
    for level in sorted(Level, key=lambda level: level.rank):
        rows = existing[(frame["level"].iloc[existing] == level).to_numpy(bool)]
        if len(rows) == 0:
            continue
        handles.insert(0, level_handle(level, colour))
        rows = rows[in_view(ax, xy[rows])]
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


def size_handles(ax: Axes, world: World, lang: Lang) -> tuple[list[Artist], list[str]]:
    """Return legend entries that tell how many persons a dot stands for."""
    scale = DotScale.of(ax, world)
    handles: list[Artist] = []
    labels: list[str] = []
    for persons in dict.fromkeys(round_number(scale.most_persons * part) for part in (0.1, 1.0)):
        side = math.sqrt(float(scale.area(np.array([persons]))[0]))
        handles.append(Line2D([], [], linestyle="none", marker="o", color=MUTED, markersize=side))
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


def rows_where(mask: np.ndarray | pd.Series) -> np.ndarray:
    """Return the row numbers where a mask is true."""
    return np.flatnonzero(np.asarray(mask, dtype=bool))
