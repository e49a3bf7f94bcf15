"""The area that discs cover inside polygons: exposed arcs shared out to the polygons they lie in.

Whether an arc is in a polygon follows from where the polygon's rings cross its circle, not from testing a
point near an edge, so a corner on a circle or a circle along an edge cannot turn the answer over.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from cultureplan.measures.disc_kernels import TURN, Loops, loops
from cultureplan.measures.disc_strips import Arcs, Cuts, Floats, Ints, Strips, build_strips

Geometry: TypeAlias = Any  # shapely ships no types

PLAIN_STEPS = 100_000  # steps that plain Python takes in less time than it takes to load compiled loops
THREADS_FROM = 50_000  # circles; fewer are done before a second thread has started
SURE_GAP = 1e-9  # radians; between crossings this far apart their order on the circle is certain


def loops_for(strips: Strips, n_edges: int = 0) -> Loops:
    """Return plain loops for small input and compiled ones for large, by the size of the input alone."""
    n = len(strips.x)
    steps = 10.0 * n + 5.0 * n_edges
    if steps <= PLAIN_STEPS:
        tree = cKDTree(np.column_stack((strips.x, strips.y)))
        pairs = float(tree.count_neighbors(tree, 2 * strips.octave_reach.max()))
        steps += pairs + 0.5 * n_edges * pairs / n
    return loops(compiled=steps > PLAIN_STEPS)


def exposed_arcs(run: Loops, strips: Strips, level: int) -> Arcs:
    """Return the arcs of all circles that lie in exactly `level` other discs; many circles use all cores.

    The answer does not depend on the number of threads: each circle is looked at alone.
    """
    n = len(strips.x)
    if n < THREADS_FROM:
        return run.exposed_arcs(strips, level, 0, n)
    shares = np.linspace(0, n, 4 * (os.cpu_count() or 1) + 1).astype(int).tolist()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = list(pool.map(lambda share: run.exposed_arcs(strips, level, *share), pairwise(shares)))
    return Arcs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def clipped_areas_m2(xy: Floats, radius: Floats, polygons: NDArray[np.object_], *, level: int) -> Floats:
    """Return the area of each polygon that more than `level` discs cover, shape (n_polygons,), m2.

    Parameters
    ----------
    xy : array of float, shape (n, 2)
        Centres, metres.
    radius : array of float, shape (n,)
        Radii above 0, metres.
    polygons : array of shapely Polygon or MultiPolygon, shape (n_polygons,)
        Valid; they may be empty and may overlap.
    level : int
        One less than the number of discs that must cover.
    """
    areas = np.zeros(len(polygons))
    if len(xy) == 0 or shapely.is_empty(polygons).all():
        return areas
    bounds = shapely.total_bounds(polygons)
    aside = np.maximum(bounds[:2] - xy, xy - bounds[2:]).max(axis=1)
    xy, radius = xy[aside < radius], radius[aside < radius]
    if len(xy) == 0:
        return areas
    origin = np.round((bounds[:2] + bounds[2:]) / 2)
    xy = xy - origin
    most = shapely.area(polygons)
    polygons = shapely.transform(polygons, lambda coordinates: coordinates - origin)
    strips = build_strips(xy, radius)
    shapely.prepare(polygons)
    edges, owner = _edges(polygons)
    run = loops_for(strips, len(edges))

    arcs = exposed_arcs(run, strips, level)
    exposed = np.zeros(len(strips.x), dtype=bool)
    exposed[arcs.disc] = True
    edge_terms, cuts = run.cut_edges(strips, edges, owner, exposed, level)
    areas += np.bincount(owner, edge_terms, len(areas))

    pairs = _pairs(cuts, len(strips.x))
    at_zero = _at_zero(strips, pairs, polygons)
    arc_start = np.searchsorted(arcs.disc, np.arange(len(strips.x) + 1))
    pair_terms = run.clipped_arc_terms(strips, arcs, arc_start, pairs.cuts, pairs.start, at_zero)
    areas += np.bincount(pairs.polygon, pair_terms, len(areas))

    whole = np.bincount(arcs.disc, run.arc_terms(strips, arcs), len(strips.x)).astype(float)
    areas += _whole_circles(strips, np.flatnonzero(exposed), whole, polygons, pairs)
    return np.clip(areas, 0.0, most)


def _edges(polygons: NDArray[np.object_]) -> tuple[Floats, Ints]:
    """Return the edges of all polygons, interior on the left, shape (m, 4), and the polygon of each."""
    parts, part_owner = shapely.get_parts(polygons, return_index=True)
    rings, ring_part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    follows = ring[1:] == ring[:-1]
    edges = np.hstack((points[:-1], points[1:]))[follows]
    return np.ascontiguousarray(edges), part_owner[ring_part[ring[1:][follows]]].astype(np.int64)


class _Pairs(NamedTuple):
    """Circles that touch polygons: the crossings sorted, and for each pair where they begin and who it is."""

    cuts: Cuts
    start: Ints
    polygon: Ints
    disc: Ints


def _pairs(cuts: Cuts, n_discs: int) -> _Pairs:
    """Group crossings by polygon and disc, in the order of their angle."""
    key = cuts.polygon * n_discs + cuts.disc
    order = np.lexsort((cuts.angle, key))
    cuts = Cuts(cuts.polygon[order], cuts.disc[order], cuts.angle[order], cuts.turn[order])
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    return _Pairs(cuts, np.append(first, len(key)), cuts.polygon[first], cuts.disc[first])


def _at_zero(strips: Strips, pairs: _Pairs, polygons: NDArray[np.object_]) -> Ints:
    """Return, for each pair, 1 where the circle's point at angle 0 is in the polygon, else 0.

    A ring enters a disc as often as it leaves, so the turns of a pair add to nothing and tell, but for a
    constant, where the circle is inside. The constant follows from the turns themselves wherever two sure
    gaps differ; only a circle that no edge truly crosses (a hole within the disc, a corner that just
    touches) is tested by points, in the widest gap, by majority.
    """
    start, ends, cuts = pairs.start[:-1], pairs.start[1:], pairs.cuts
    if len(start) == 0:
        return np.zeros(0, dtype=np.int64)
    depth = np.cumsum(cuts.turn)
    following = np.append(cuts.angle[1:], 0.0)
    following[ends - 1] = cuts.angle[start] + TURN
    gap = following - cuts.angle
    sure = gap > SURE_GAP
    limit = np.iinfo(np.int64).max
    least = np.minimum.reduceat(np.where(sure, depth, limit), start)
    most = np.maximum.reduceat(np.where(sure, depth, -limit), start)
    inside = -least
    unsure = np.flatnonzero(least == most)
    if len(unsure):
        widest = np.array([b + np.argmax(gap[b:e]) for b, e in zip(start[unsure], ends[unsure], strict=True)])
        angles = cuts.angle[widest, None] + gap[widest, None] * np.array([0.31, 0.5, 0.73])
        disc = pairs.disc[unsure, None]
        x = strips.x[disc] + strips.r[disc] * np.cos(angles)
        y = strips.y[disc] + strips.r[disc] * np.sin(angles)
        votes = shapely.contains_xy(polygons[pairs.polygon[unsure], None], x, y).sum(axis=1)
        inside[unsure] = (votes >= 2) - depth[widest]
    return inside


def _whole_circles(
    strips: Strips, discs: Ints, whole: Floats, polygons: NDArray[np.object_], pairs: _Pairs
) -> Floats:
    """Return, for each polygon, the terms of the circles inside it that none of its edges touches.

    Such a centre is at least a radius away from every edge, so the test of a point in a polygon is safe.
    """
    areas = np.zeros(len(polygons))
    x, y = strips.x[discs], strips.y[discs]
    by_x = np.argsort(x, kind="stable")
    discs, x, y = discs[by_x], x[by_x], y[by_x]
    bounds = shapely.bounds(polygons)
    touched = np.searchsorted(pairs.polygon, np.arange(len(polygons) + 1))
    is_touched = np.zeros(len(strips.x), dtype=bool)
    for p in np.flatnonzero(~shapely.is_empty(polygons)):
        begin, end = np.searchsorted(x, (bounds[p, 0], bounds[p, 2]))
        own = pairs.disc[touched[p] : touched[p + 1]]
        is_touched[own] = True
        near = (y[begin:end] > bounds[p, 1]) & (y[begin:end] < bounds[p, 3]) & ~is_touched[discs[begin:end]]
        is_touched[own] = False
        near = begin + np.flatnonzero(near)
        near = near[shapely.contains_xy(polygons[p], x[near], y[near])]
        areas[p] = whole[discs[near]].sum()
    return areas
