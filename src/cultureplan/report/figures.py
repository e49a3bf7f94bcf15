"""The pictures of the report, each as SVG text inside the page."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes

from cultureplan.base.messages import text
from cultureplan.measures.coverage import Coverage
from cultureplan.plotting.canvas import Extent, closeups
from cultureplan.plotting.circles import circles_map
from cultureplan.plotting.comparison import comparison_bars
from cultureplan.plotting.coverage import coverage_map, group_bars, place_bars, settlement_bars
from cultureplan.plotting.hierarchy import hierarchy_map, hierarchy_tree
from cultureplan.plotting.siting import opened_ids, siting_map
from cultureplan.plotting.svg import to_svg
from cultureplan.plotting.wording import count_words, shown_names
from cultureplan.report.blocks import Figure, Gallery
from cultureplan.report.facts import Subject
from cultureplan.world.levels import PlaceLevel

_SMALL = (4.4, 4.4)  # inches; two stand side by side


def coverage_figure(subject: Subject) -> Figure:
    """Return the map of who is covered."""
    return _figure(
        subject, "coverage-map", lambda ax: coverage_map(subject.coverage, ax=ax, lang=subject.lang)
    )


def circles_figure(subject: Subject) -> Figure:
    """Return the map of circles and gaps."""
    return _figure(subject, "circles-map", lambda ax: circles_map(subject.coverage, ax=ax, lang=subject.lang))


def settlement_figure(subject: Subject) -> Figure:
    """Return the bars by settlement type."""
    return _figure(
        subject, "settlement-bars", lambda ax: settlement_bars(subject.coverage, ax=ax, lang=subject.lang)
    )


def group_figure(subject: Subject) -> Figure:
    """Return the bars by group of persons."""
    return _figure(subject, "group-bars", lambda ax: group_bars(subject.coverage, ax=ax, lang=subject.lang))


def place_figure(subject: Subject, level: str) -> Figure:
    """Return the bars of the places of one level."""
    return _figure(
        subject,
        "place-bars",
        lambda ax: place_bars(subject.coverage, level, ax=ax, lang=subject.lang),
        suffix=f"-{level}",
    )


def hierarchy_map_figure(subject: Subject) -> Figure:
    """Return the map of who reports to whom."""
    world = subject.coverage.world
    return _figure(subject, "hierarchy-map", lambda ax: hierarchy_map(world, ax=ax, lang=subject.lang))


def hierarchy_tree_figure(subject: Subject) -> Figure:
    """Return the tree of the network."""
    world = subject.coverage.world
    return _figure(subject, "hierarchy-tree", lambda ax: hierarchy_tree(world, ax=ax, lang=subject.lang))


def comparison_figure(subject: Subject) -> Figure | None:
    """Return the bars that compare worlds."""
    comparison = subject.comparison
    if comparison is None:
        return None
    return _figure(
        subject, "comparison-bars", lambda ax: comparison_bars(comparison, ax=ax, lang=subject.lang)
    )


def plan_figure(subject: Subject, plan: Coverage) -> Figure:
    """Return the map of the plan."""
    return _figure(
        subject,
        "siting-map",
        lambda ax: siting_map(subject.coverage, plan, order=subject.order, ax=ax, lang=subject.lang),
    )


def plan_closeups(subject: Subject, plan: Coverage) -> Gallery | None:
    """Return the places where the plan opens something, seen closely."""
    ids = opened_ids(subject.coverage.world, plan.world, subject.order)
    facilities = plan.world.facilities
    xy = facilities.xy[facilities.positions(ids)] if ids else np.empty((0, 2))
    windows = closeups(subject.coverage.world, xy, np.ones(len(xy)))
    figures = []
    for at, extent in enumerate(windows):
        inside = [number for number, point in enumerate(xy, start=1) if _within(point, extent)]
        listed = text("plot.comma", subject.lang).join(map(str, inside))
        figures.append(
            _closeup(
                subject,
                f"plan-closeup-{at}",
                lambda ax, extent=extent: siting_map(  # type: ignore[misc]
                    subject.coverage, plan, order=subject.order, ax=ax, lang=subject.lang, extent=extent,
                    legend=False,
                ),
                text(
                    "report.closeup_sites", subject.lang,
                    place=_name_of(subject, extent, None), sites=listed,
                ),
            )
        )  # fmt: skip
    return Gallery(title=text("report.closeups", subject.lang), figures=tuple(figures)) if figures else None


def gap_closeups(subject: Subject) -> Gallery | None:
    """Return the places where most people are left out, seen closely."""
    coverage = subject.coverage
    outside = (coverage.points["has_rule"] & ~coverage.points["is_covered"]).to_numpy(bool)
    persons = coverage.points["persons"].to_numpy(float) * outside
    xy = coverage.world.demand.xy
    has_circles = all(rule.radius_m is not None for rule in coverage.standard.rules)
    figures = []
    for at, extent in enumerate(closeups(coverage.world, xy, persons)):
        draw = circles_map if has_circles else coverage_map
        inside = persons[[_within(point, extent) for point in xy]].sum()
        figures.append(
            _closeup(
                subject,
                f"gap-closeup-{at}",
                lambda ax, extent=extent, draw=draw: draw(  # type: ignore[misc]
                    coverage, ax=ax, lang=subject.lang, extent=extent, legend=False
                ),
                text(
                    "report.closeup_gap", subject.lang,
                    place=_name_of(subject, extent, persons), persons=count_words(inside),
                ),
            )
        )  # fmt: skip
    return Gallery(title=text("report.closeups", subject.lang), figures=tuple(figures)) if figures else None


def _figure(subject: Subject, name: str, draw: Callable[[Axes], object], *, suffix: str = "") -> Figure:
    """Return one picture with the caption of its kind."""
    words = text(f"report.caption_{name.replace('-', '_')}", subject.lang)
    return Figure(svg=to_svg(draw, name=name + suffix, label=words), caption=words)


def _closeup(subject: Subject, name: str, draw: Callable[[Axes], object], caption: str) -> Figure:
    return Figure(svg=to_svg(draw, name=name, label=caption, size=_SMALL), caption=caption)


def _within(point: np.ndarray, extent: Extent) -> bool:
    west, south, east, north = extent
    return bool(west <= point[0] <= east and south <= point[1] <= north)


def _name_of(subject: Subject, extent: Extent, weights: np.ndarray | None) -> str:
    """Return the name of the town (else the lowest place) where most of the people in a window live."""
    world = subject.coverage.world
    xy = world.demand.xy
    persons = world.demand.persons.to_numpy(float) if weights is None else weights
    inside = np.array([_within(point, extent) for point in xy]) & (persons > 0)
    if world.places is None or not inside.any():
        return subject.title
    home = world.demand_places[inside]
    for level in (PlaceLevel.TOWNSHIP, PlaceLevel.COUNTY):
        of_level = home.map(world.places.ancestor_at(level)).dropna()
        if len(of_level):
            home = of_level
            break
    weight = world.demand.persons.reindex(home.index).groupby(home.to_numpy(object)).sum()
    return (
        str(shown_names(world.places, subject.lang)[str(weight.idxmax())]) if len(weight) else subject.title
    )
