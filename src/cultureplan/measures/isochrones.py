"""Isochrones: the streets from which a facility is reached in time, and the land along them.

An isochrone here is the ground within a stated distance of the streets that are reached, not a hull
round the farthest points: what lies between two streets, out of reach, stays out. It is for maps and
areas; who is inside is decided by the cost along the streets, never by a polygon.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cultureplan.base.errors import InputError
from cultureplan.base.units import positive
from cultureplan.travel.street_reach import Stretches, reached_stretches
from cultureplan.travel.streets import Streets
from cultureplan.world.levels import Status
from cultureplan.world.world import World

_SEGMENTS_A_QUARTER = 8


def isochrones(
    world: World,
    mode: Streets,
    *,
    limit: float | Sequence[float],
    buffer_m: float = 50.0,
    status: tuple[str, ...] = (Status.EXISTING,),
    merged: bool = False,
) -> gpd.GeoDataFrame:
    """Return the land along the streets from which each facility is reached within a limit.

    Parameters
    ----------
    world : World
        A world with streets.
    mode : Streets
        How people travel; they go towards the facility.
    limit : float or sequence of float
        In the unit of the mode; several give nested polygons, the smallest limit first.
    buffer_m : float
        How far to both sides of a street the land counts, metres. 50 m is about half a city block; it is
        part of the result, so say it with every area.
    status : tuple of str
        Which facilities.
    merged : bool
        One polygon for all facilities together instead of one each.

    Returns
    -------
    GeoDataFrame
        ``facility_id`` (left out where merged), ``limit``, ``unit``, ``buffer_m``, ``street_length_m``
        (streets within the limit), ``area_m2``, polygon geometry (empty where no street is reached).

    Raises
    ------
    InputError
        If the world has no streets, or a facility lies off them.
    """
    ranges = np.unique(np.atleast_1d(np.asarray(limit, dtype=float)))
    if len(ranges) == 0:
        raise InputError.of("fault.not_positive", name="limit", value=limit)
    buffer_m = positive("buffer_m", buffer_m)
    rows = world.facilities.select(status=status)
    ids = world.facilities.ids[rows].to_numpy(object)
    frames = []
    for reach in ranges:
        lines, length_m = _reached_lines(world, mode, rows, positive("limit", reach), merged=merged)
        frame = pd.DataFrame({} if merged else {"facility_id": ids})
        frame = frame.reindex(range(len(lines)))
        frame["limit"], frame["unit"] = float(reach), str(mode.unit)
        frame["buffer_m"], frame["street_length_m"] = buffer_m, length_m
        polygons = shapely.buffer(lines, buffer_m, quad_segs=_SEGMENTS_A_QUARTER)
        frame["area_m2"] = shapely.area(polygons)
        frames.append(gpd.GeoDataFrame(frame, geometry=polygons, crs=world.crs))
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=world.crs)


def reached_streets(
    world: World,
    mode: Streets,
    *,
    limit: float,
    status: tuple[str, ...] = (Status.EXISTING,),
    merged: bool = False,
) -> gpd.GeoDataFrame:
    """Return the stretches of street from which facilities are reached within a limit, one row each.

    Parameters
    ----------
    world, mode, limit, status
        As for :func:`isochrones`, with one limit.
    merged : bool
        The stretches from which any facility is reached, instead of those of each.

    Returns
    -------
    GeoDataFrame
        ``facility_id`` (left out where merged), ``street`` (row of the network), ``way_class``,
        ``length_m``, line geometry cut where the limit ends.
    """
    rows = world.facilities.select(status=status)
    stretches = _stretches(world, mode, rows, positive("limit", limit), merged=merged)
    graph = mode.world_graph(world)
    columns: dict[str, np.ndarray] = {}
    if not merged:
        columns["facility_id"] = world.facilities.ids[rows].to_numpy(object)[stretches.site]
    columns["street"] = stretches.street
    columns["way_class"] = graph.network.way_class[stretches.street]
    columns["length_m"] = stretches.length_m(graph)
    return gpd.GeoDataFrame(columns, geometry=stretches.lines(graph), crs=world.crs)


def _stretches(world: World, mode: Streets, rows: np.ndarray, limit: float, *, merged: bool) -> Stretches:
    stretches = reached_stretches(mode.world_graph(world), mode.snap_facilities(world, rows), limit=limit)
    return stretches.merged() if merged else stretches


def _reached_lines(
    world: World, mode: Streets, rows: np.ndarray, limit: float, *, merged: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the reached streets of each facility as one geometry, and their length in metres."""
    graph = mode.world_graph(world)
    stretches = _stretches(world, mode, rows, limit, merged=merged)
    n = 1 if merged else len(rows)
    length_m = np.bincount(stretches.site, weights=stretches.length_m(graph), minlength=n)
    out = np.full(n, shapely.MultiLineString(), dtype=object)
    shapely.multilinestrings(stretches.lines(graph), indices=stretches.site, out=out)
    return out, length_m
