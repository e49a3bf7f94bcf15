"""The map of circles and gaps: which land is near enough, and who lives outside."""

from __future__ import annotations

import geopandas as gpd
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from scipy.spatial import cKDTree

from cultureplan.base.messages import Lang, text
from cultureplan.measures.area import covered_region, gap_polygons, lowest_polygons
from cultureplan.measures.coverage import Coverage
from cultureplan.plotting.canvas import (
    Extent,
    draw_place_names,
    draw_scale_bar,
    map_axes,
    plot_areas,
    visible_m,
)
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
from cultureplan.plotting.style import SETTLEMENT_COLOURS, UNCOVERED, finish, titled
from cultureplan.plotting.wording import count_words, length_words
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Settlement, Status, word
from cultureplan.world.world import World


def circles_map(
    coverage: Coverage, *, ax: Axes | None = None, lang: Lang = "en", extent: Extent | None = None,
    legend: bool = True,
) -> Axes:  # fmt: skip
    """Draw the circles of each rule, the land outside them where boundaries are known, and who lives there.

    Who is inside is decided by distance, not by these shapes; they show where to look.

    Parameters
    ----------
    coverage : Coverage
        What to show.
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
        If a rule follows streets and so has no circle.
    """
    lang, world, standard = label_lang(lang), coverage.world, coverage.standard
    ax = map_axes(ax, world, extent)
    handles: list[Artist] = []
    labels: list[str] = []
    if len(lowest_polygons(world.places)):
        gaps = gap_polygons(world, standard, chord_error_m=visible_m(ax))
        plot_areas(ax, gaps.geometry, facecolor=UNCOVERED, alpha=0.10, linewidth=0, zorder=1)
        if len(gaps):
            handles.append(patch_handle(UNCOVERED, "none", 0.25))
            labels.append(text("plot.gap", lang))
    for settlement in reversed(Settlement):
        rule = standard.rule(settlement)
        if rule is None or not _lives_here(coverage, settlement):
            continue
        colour = SETTLEMENT_COLOURS[settlement]
        region = gpd.GeoSeries([_region(coverage, settlement)], crs=world.crs)
        plot_areas(ax, region, facecolor=colour, alpha=0.20, linewidth=0, zorder=1.2)
        plot_areas(ax, region.boundary, color=colour, alpha=0.8, linewidth=0.7, zorder=1.3)
        handles.append(patch_handle(colour, colour, 0.35))
        labels.append(
            text(
                "plot.circle", lang,
                settlement=word("settlement", settlement, lang),
                radius=length_words(rule.radius_m or 0.0, lang),
            )
        )  # fmt: skip
    points = coverage.points
    outside = points["has_rule"].to_numpy(bool) & ~points["is_covered"].to_numpy(bool)
    size = 1.0 if legend else CLOSEUP_SIZE
    draw_dots(ax, world, [(rows_where(outside), UNCOVERED, 0.9)], size=size)
    persons = float(points["persons"].to_numpy(float)[outside].sum())
    if persons > 0:
        handles.append(dot_handle(UNCOVERED))
        labels.append(text("plot.uncovered_n", lang, n=count_words(persons)))
    handles += draw_facilities(ax, world, size=0.8 * size)
    draw_place_names(ax, world, lang)
    draw_scale_bar(ax, lang)
    if legend:
        legend_beside(ax, handles, labels + level_labels(world, lang))
        titled(ax, text("plot.circles_map", lang, standard=standard.id))
    return finish(ax)


def _region(coverage: Coverage, settlement: Settlement) -> shapely.Geometry:
    """Return the land inside the circles, without land where the rule does not hold.

    Where no boundary tells which land that is, only circles that reach people of the type are drawn.
    """
    world, standard = coverage.world, coverage.standard
    places = lowest_polygons(world.places)
    if len(places) == 0:
        return covered_region(_with_reaching(coverage, settlement), settlement, standard)
    region = covered_region(world, settlement, standard)
    if "settlement" not in places.columns:
        return region
    holds = places[places["settlement"].isna() | (places["settlement"] == str(settlement))]
    return shapely.intersection(region, shapely.union_all(holds.geometry.to_numpy()))


def _with_reaching(coverage: Coverage, settlement: Settlement) -> World:
    """Return the world with only those facilities open that have people of a type within the radius."""
    world, rule = coverage.world, coverage.standard.rule(settlement)
    homes = world.demand.xy[(coverage.points["settlement"] == str(settlement)).to_numpy(bool)]
    if rule is None or rule.radius_m is None or len(homes) == 0:
        return world
    nearest_m, _ = cKDTree(homes).query(world.facilities.xy)
    frame = world.facilities.frame
    too_far = (nearest_m > rule.radius_m) & (frame["status"] == Status.EXISTING)
    frame.loc[too_far, "status"] = str(Status.CLOSED)
    return world.with_facilities(Facilities(frame))


def _lives_here(coverage: Coverage, settlement: str) -> bool:
    points = coverage.points
    return bool(points.loc[points["settlement"] == str(settlement), "persons"].sum() > 0)
