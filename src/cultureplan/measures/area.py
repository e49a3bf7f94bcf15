"""Covered land: how much of each place lies inside a circle, and where the gaps are.

Areas of rules with one need ("at least k facilities") are exact: circle arcs, not polygons. Polygons are for
maps: who is inside is decided by distance, never by these.
"""

from __future__ import annotations

from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cultureplan.base.errors import InputError
from cultureplan.measures.circles import CircleRule, CircleStandard
from cultureplan.measures.disc_union import (
    gap_polygon,
    k_fold_area_m2,
    union_area_by_polygon_m2,
    union_polygon,
)
from cultureplan.world.levels import Settlement
from cultureplan.world.places import Places
from cultureplan.world.world import World

_SEGMENTS_A_QUARTER = 64  # a drawn circle has 256 corners: 0.01 % of its area is lost


def circle_polygons(world: World, standard: CircleStandard) -> gpd.GeoDataFrame:
    """Return the circle of every facility that counts, for each rule: to draw, not to decide.

    Returns
    -------
    GeoDataFrame
        ``facility_id``, ``settlement`` (of the rule), ``radius_m``, polygon geometry; one row a circle.

    Raises
    ------
    InputError
        If a rule follows streets and so has no circle.
    """
    parts = []
    for rule in standard.rules:
        rows = rule.eligible(world.facilities)
        radius_m = _radius_m(rule)
        centres = shapely.points(world.facilities.xy[rows])
        parts.append(
            gpd.GeoDataFrame(
                {
                    "facility_id": world.facilities.ids[rows].to_numpy(object),
                    "settlement": str(rule.settlement),
                    "radius_m": radius_m,
                },
                geometry=shapely.buffer(centres, radius_m, quad_segs=_SEGMENTS_A_QUARTER),
                crs=world.crs,
            )
        )
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=world.crs)


def covered_area(world: World, standard: CircleStandard) -> pd.DataFrame:
    """Return how much land of each place lies inside the circles of the rule that holds there.

    A place with a settlement type is measured by the rule for that type; a place without one by every
    rule, one row each. Only the lowest places that have a boundary are measured, so that no land counts
    twice. A world without boundaries gives one row a rule: the whole area of the circles.

    Returns
    -------
    DataFrame
        ``place_id`` (missing without boundaries), ``name``, ``settlement``, ``area_m2``,
        ``covered_area_m2``, ``covered_share``.

    Raises
    ------
    InputError
        If a rule follows streets and so has no circle.
    """
    places = lowest_polygons(world.places)
    rows = []
    for rule in standard.rules:
        if len(places) == 0:
            covered_m2 = np.array([_whole_area_m2(world, rule)])
            area_m2, ids, names = np.array([np.nan]), np.array([None]), np.array([None])
        else:
            of_rule = places[_settlement_of(places).isin([str(rule.settlement), ""])]
            covered_m2 = _area_by_polygon_m2(world, rule, of_rule.geometry.to_numpy())
            area_m2 = of_rule.geometry.area.to_numpy()
            ids, names = of_rule["place_id"].to_numpy(object), of_rule["name"].to_numpy(object)
        rows.append(
            pd.DataFrame(
                {
                    "place_id": ids,
                    "name": names,
                    "settlement": str(rule.settlement),
                    "area_m2": area_m2,
                    "covered_area_m2": covered_m2,
                    "covered_share": covered_m2 / area_m2,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def gap_polygons(world: World, standard: CircleStandard, *, chord_error_m: float = 1.0) -> gpd.GeoDataFrame:
    """Return the land outside the circles, place by place, as polygons to draw.

    Parameters
    ----------
    world, standard
        As for :func:`covered_area`; the world must have places with boundaries.
    chord_error_m : float
        How far a drawn arc may be from the true one.

    Returns
    -------
    GeoDataFrame
        ``place_id``, ``name``, ``settlement``, ``area_m2`` of the gap, polygon geometry; places without a
        gap are left out.
    """
    places = lowest_polygons(world.places)
    rows = []
    for rule in standard.rules:
        region = None if _needs_one(rule) else _region(world, rule)
        sites = world.facilities.xy[rule.eligible(world.facilities)]
        for place in places[_settlement_of(places).isin([str(rule.settlement), ""])].itertuples():
            if region is None:
                gap = gap_polygon(place.geometry, sites, _radius_m(rule), chord_error_m=chord_error_m)
            else:
                gap = shapely.difference(place.geometry, region)
            if not gap.is_empty:
                rows.append((place.place_id, place.name, str(rule.settlement), gap.area, gap))
    columns = ["place_id", "name", "settlement", "area_m2", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=world.crs)


def covered_region(world: World, settlement: str, standard: CircleStandard) -> shapely.Geometry:
    """Return the land inside the circles of the rule for one settlement type, as a polygon to draw."""
    rule = standard.rule(settlement)
    if rule is None:
        return shapely.MultiPolygon()
    if _needs_one(rule):
        return union_polygon(world.facilities.xy[rule.eligible(world.facilities)], _radius_m(rule))
    return _region(world, rule)


def lowest_polygons(places: Places | None) -> gpd.GeoDataFrame:
    """Return the places with a boundary that contain no other place with a boundary."""
    if places is None:
        return gpd.GeoDataFrame({"place_id": [], "name": []}, geometry=gpd.GeoSeries([]))
    frame = places.polygons
    parents = set(frame["parent_id"].dropna())
    return frame[~frame["place_id"].isin(parents)]


def _settlement_of(places: gpd.GeoDataFrame) -> pd.Series:
    if "settlement" not in places.columns:
        return pd.Series("", index=places.index)
    return places["settlement"].astype(object).where(places["settlement"].notna(), "")


def _needs_one(rule: CircleRule) -> bool:
    return len(rule.needs) == 1 and rule.needs[0].at_least == 1


def _radius_m(rule: CircleRule) -> float:
    if rule.radius_m is None:
        raise InputError.of("circles.no_circle", settlement=str(Settlement(rule.settlement)))
    return rule.radius_m


def _whole_area_m2(world: World, rule: CircleRule) -> float:
    if len(rule.needs) == 1:
        sites = world.facilities.xy[rule.eligible(world.facilities)]
        return k_fold_area_m2(sites, _radius_m(rule), k=rule.needs[0].at_least)
    return float(_region(world, rule).area)


def _area_by_polygon_m2(world: World, rule: CircleRule, polygons: np.ndarray) -> np.ndarray:
    if len(rule.needs) > 1:
        return np.asarray(shapely.area(shapely.intersection(polygons, _region(world, rule))))
    sites, radius_m = world.facilities.xy[rule.eligible(world.facilities)], _radius_m(rule)
    k = rule.needs[0].at_least
    if k == 1:
        return np.asarray(union_area_by_polygon_m2(sites, radius_m, polygons))
    return np.array([k_fold_area_m2(sites, radius_m, k=k, clip=polygon) for polygon in polygons])


def _region(world: World, rule: CircleRule) -> shapely.Geometry:
    """Return the land where a rule with several needs is met, from drawn circles.

    The circles cut the plane into faces; a face belongs to the region when the facilities within the
    radius of a point inside it meet the needs.
    """
    radius_m = _radius_m(rule)
    rows = rule.eligible(world.facilities)
    circles = shapely.buffer(
        shapely.points(world.facilities.xy[rows]), radius_m, quad_segs=_SEGMENTS_A_QUARTER
    )
    lines = shapely.union_all(shapely.boundary(circles))
    faces = np.asarray(shapely.get_parts(shapely.polygonize([lines])))
    inner = shapely.point_on_surface(faces)
    tree = shapely.STRtree(circles)
    met = np.ones(len(faces), dtype=bool)
    for size in range(1, len(rule.needs) + 1):
        for needs in combinations(rule.needs, size):
            eligible = np.isin(rows, np.concatenate([need.eligible(world.facilities) for need in needs]))
            face, circle = tree.query(inner, predicate="within")
            counted = np.bincount(face[eligible[circle]], minlength=len(faces))
            met &= counted >= sum(need.at_least for need in needs)
    return shapely.union_all(faces[met])
