"""Pictures of the service network: the links on the map, and the tree as an outline."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from cultureplan.base.messages import Lang, text
from cultureplan.plotting.canvas import Extent, draw_place_names, draw_scale_bar, map_axes
from cultureplan.plotting.fonts import label_lang
from cultureplan.plotting.marks import draw_facilities, legend_beside, level_labels
from cultureplan.plotting.style import (
    INK,
    LABEL_SIZE,
    LEVEL_MARKERS,
    MUTED,
    RASTER_FROM,
    SMALL_SIZE,
    UNCOVERED,
    finish,
    fit_height,
    new_axes,
    titled,
)
from cultureplan.plotting.wording import count_words, label_width, short, shown_names
from cultureplan.world.levels import Level, word
from cultureplan.world.world import World

_ROW_INCHES = 0.25
_LETTERS_ACROSS, _COLUMN_GAP = 126, 7  # of the size of the labels, on a figure 10 inches wide
_LINK_COLOUR = "#8fa0af"


def hierarchy_map(
    world: World, *, ax: Axes | None = None, lang: Lang = "en", extent: Extent | None = None
) -> Axes:
    """Draw the facilities with a line from each to the one it reports to; orphans are ringed.

    Parameters
    ----------
    world : World
        What to show.
    ax : Axes, optional
        Where to draw; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.
    extent : (west, south, east, north), optional
        Part to show, metres in the world's coordinate system; the whole world where absent.
    """
    lang = label_lang(lang)
    ax = map_axes(ax, world, extent)
    place, links = world.facilities.positions, world.network.links
    xy = world.facilities.xy
    if len(links):
        lines = np.stack([xy[place(links["parent_id"])], xy[place(links["facility_id"])]], axis=1)
        strong = (links["parent_level"] == Level.CENTRAL).to_numpy(bool)
        for chosen, width, alpha in ((~strong, 0.6, 0.7), (strong, 1.3, 0.9)):
            ax.add_collection(
                LineCollection(
                    list(lines[chosen]), colors=_LINK_COLOUR, linewidths=width, alpha=alpha, zorder=1.5,
                    rasterized=int(chosen.sum()) > RASTER_FROM,
                ),
                autolim=False,
            )  # fmt: skip
    handles = draw_facilities(ax, world)
    labels = level_labels(world, lang)
    orphans = world.network.orphans()
    if orphans:
        at = xy[place(list(orphans))]
        ax.scatter(
            at[:, 0], at[:, 1], s=70, facecolors="none", edgecolors=UNCOVERED, linewidths=1.5, zorder=5
        )
        ring = Line2D([], [], linestyle="none", marker="o", markersize=8, markerfacecolor="none")
        ring.set_markeredgecolor(UNCOVERED)
        ring.set_markeredgewidth(1.5)
        handles.append(ring)
        labels.append(text("plot.orphans", lang, n=len(orphans)))
    if len(links):
        handles.append(Line2D([], [], color=_LINK_COLOUR, linewidth=1.2))
        labels.append(text("plot.reports_to", lang))
    legend_beside(ax, handles, labels)
    draw_place_names(ax, world, lang)
    draw_scale_bar(ax, lang)
    titled(ax, text("plot.hierarchy_map", lang))
    return finish(ax)


@dataclass(kw_only=True)
class _Node:
    """One line of the outline: a facility, or what is summed up below one."""

    rank: int
    label: str
    level: str = ""
    is_orphan: bool = False
    y: float = 0.0
    children: list[_Node] = field(default_factory=list)


def hierarchy_tree(world: World, *, ax: Axes | None = None, lang: Lang = "en", n_rows: int = 40) -> Axes:
    """Draw the tree of the service network, the top at the left.

    Where the network has more facilities than rows, the lowest levels are summed up: "12 branches,
    45 service points".

    Parameters
    ----------
    world : World
        What to show.
    ax : Axes, optional
        Where to draw; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.
    n_rows : int
        How many facilities to draw one by one at most.
    """
    lang = label_lang(lang)
    roots = _outline(world, lang, n_rows)
    leaves = _place(roots)
    height = 1.0 + _ROW_INCHES * max(leaves, 3)
    ax = new_axes(ax, (10.0, height))
    fit_height(ax, height)
    ax.set_axis_off()
    counts = level_counts(world)
    headings = {
        Level(str(level)).rank: text(
            "plot.n_of_level", lang, n=count_words(n), level=word("level", str(level), lang)
        )
        for level, n in counts.items()
    }
    x_of = _column_starts(roots, headings)
    for rank, heading in headings.items():
        ax.text(x_of[rank] - 0.6, -1.1, heading, fontsize=LABEL_SIZE, color=MUTED, va="center")
    for root in roots:
        _draw_node(ax, root, x_of)
    ax.set_xlim(-2, _LETTERS_ACROSS)
    ax.set_ylim(leaves - 0.4, -1.6)
    titled(ax, text("plot.hierarchy_tree", lang))
    return finish(ax)


def _column_starts(roots: list[_Node], headings: dict[int, str]) -> dict[int, float]:
    """Return where the column of each rank begins, in letters; labels too long for their column are cut."""
    everything = list(roots)
    for node in everything:
        everything.extend(node.children)
    need = {rank: label_width(heading) + 2 for rank, heading in headings.items()}
    for node in everything:
        need[node.rank] = max(need.get(node.rank, 0), label_width(node.label) + _COLUMN_GAP)
    widest = (_LETTERS_ACROSS - 2) // max(len(need), 1)
    if sum(need.values()) > _LETTERS_ACROSS:
        need = {rank: min(width, widest) for rank, width in need.items()}
        for node in everything:
            node.label = short(node.label, need[node.rank] - _COLUMN_GAP)
    starts, x = {}, 0.0
    for rank in sorted(need, reverse=True):
        starts[rank] = x
        x += need[rank]
    return starts


def _draw_node(ax: Axes, node: _Node, x_of: dict[int, float]) -> None:
    x = x_of[node.rank]
    for child in node.children:
        elbow = x_of[child.rank] - 2.0
        ax.plot(
            [x + 1.6, elbow, elbow, x_of[child.rank]], [node.y, node.y, child.y, child.y],
            color=_LINK_COLOUR, linewidth=0.8, zorder=1, solid_joinstyle="round",
        )  # fmt: skip
        _draw_node(ax, child, x_of)
    if node.level:
        marker, area = LEVEL_MARKERS[node.level]
        edge = UNCOVERED if node.is_orphan else "white"
        ax.scatter([x], [node.y], s=max(area, 14) * 0.9, marker=marker, c=INK, edgecolors=edge, zorder=3)
    label = ax.text(x + 1.6 if node.level else x, node.y, node.label, va="center", ha="left", zorder=2)
    label.set(fontsize=LABEL_SIZE if node.level else SMALL_SIZE, color=INK if node.level else MUTED)
    label.set_bbox({"facecolor": "white", "linewidth": 0, "pad": 1.2})


def _outline(world: World, lang: Lang, n_rows: int) -> list[_Node]:
    """Return the roots of what is drawn; levels that are too many for one by one are summed up."""
    network = world.network
    frame = world.facilities.frame.set_index("facility_id").loc[network.ids]
    ranks = frame["level"].map({level.value: level.rank for level in Level})
    cut = next((rank for rank in range(1, 5) if 0 < int((ranks >= rank).sum()) <= n_rows), 5)
    names = shown_names(world.facilities, lang)
    orphans = set(network.orphans())
    nodes = {
        str(key): _Node(
            rank=int(ranks[key]), level=str(frame.at[key, "level"]), label=names[key],
            is_orphan=key in orphans,
        )
        for key in network.ids[(ranks >= cut).to_numpy()]
    }  # fmt: skip
    roots: list[_Node] = []
    below: dict[str, dict[str, int]] = {}
    parents = network.parents
    for key in network.ids:
        parent = parents[key]
        if str(key) in nodes:
            home = nodes[str(parent)].children if isinstance(parent, str) else roots
            home.append(nodes[str(key)])
            continue
        while isinstance(parent, str) and parent not in nodes:
            parent = parents[parent]
        counted = below.setdefault(str(parent) if isinstance(parent, str) else "", {})
        level = str(frame.at[key, "level"])
        counted[level] = counted.get(level, 0) + 1
    for key, counted in below.items():
        (nodes[key].children if key else roots).append(_sum_node(counted, lang, is_orphan=not key))
    _sort(roots)
    return roots


def _sum_node(counted: dict[str, int], lang: Lang, *, is_orphan: bool) -> _Node:
    levels = sorted(counted, key=lambda value: -Level(value).rank)
    parts = [
        text("plot.n_of_level", lang, n=count_words(counted[level]), level=word("level", level, lang))
        for level in levels
    ]
    label = text("plot.comma", lang).join(parts)
    if is_orphan:
        label = text("plot.no_parent", lang, what=label)
    return _Node(rank=Level(levels[0]).rank, label=label)


def _sort(nodes: list[_Node]) -> None:
    nodes.sort(key=lambda node: (node.is_orphan, -node.rank, not node.level, node.label))
    for node in nodes:
        _sort(node.children)


def _place(nodes: list[_Node], next_row: int = 0) -> int:
    """Give leaves a row each and parents the middle of their children; return the next free row."""
    for node in nodes:
        if node.children:
            next_row = _place(node.children, next_row)
            node.y = float(np.mean([node.children[0].y, node.children[-1].y]))
        else:
            node.y = float(next_row)
            next_row += 1
    return next_row


def level_counts(world: World) -> pd.Series:
    """Return the number of existing facilities of each level that exists, top first."""
    counts = world.network.count_by_level()
    return counts[counts > 0]
