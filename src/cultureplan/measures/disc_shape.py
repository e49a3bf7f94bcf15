"""The rim of a union of discs as lines to draw."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from cultureplan.measures.disc_clip import Geometry
from cultureplan.measures.disc_kernels import TURN
from cultureplan.measures.disc_strips import Arcs, Floats, Ints, Strips

WELD_M = 1e-6  # ends of arcs closer than this are one point
AREA_SLACK = 1e-6  # share by which the shape may differ from the sum over its chords
LEAST_CORNERS = 8  # of a full circle, however coarse the chords may be


def union_shape(strips: Strips, arcs: Arcs, origin: Floats, chord_error_m: float) -> Geometry:
    """Return the shape whose rim are the exposed arcs, drawn with chords: a valid Polygon or MultiPolygon.

    The exposed arcs of a disc lie in its cell of the power diagram, which is convex, and cells do not
    overlap: so chords of different discs cannot cross, and the lines close to rings as they are.

    Parameters
    ----------
    strips, arcs : Strips, Arcs
        The discs and the arcs that lie in no other disc.
    origin : array of float, shape (2,)
        Where the strips' own origin lies; the shape is built there, since moving it could fold it.
    chord_error_m : float
        Largest distance between a chord and its arc, metres.
    """
    lines, expected_m2 = _chords(strips, arcs, origin, chord_error_m)
    shape = shapely.build_area(shapely.geometrycollections(lines))
    if abs(shape.area - expected_m2) > AREA_SLACK * expected_m2 or not shape.is_valid:
        # Circles that touch in a corner of both leave a ring that meets itself: node the lines first.
        lines = shapely.union_all(lines, grid_size=WELD_M)
        shape = shapely.make_valid(shapely.build_area(lines), method="structure", keep_collapsed=False)
    return shapely.Polygon() if shape.is_empty else shape


def _chords(
    strips: Strips, arcs: Arcs, origin: Floats, chord_error_m: float
) -> tuple[NDArray[np.object_], float]:
    """Return exposed arcs as lines, corners on the circle and ends welded, and the area that they enclose."""
    r = strips.r[arcs.disc]
    step = np.minimum(2 * np.arccos(np.maximum(1 - chord_error_m / r, 0.0)), TURN / LEAST_CORNERS)
    pieces = np.ceil((arcs.end - arcs.begin) / step).astype(np.int64)
    line = np.repeat(np.arange(len(r)), pieces + 1)
    first = np.cumsum(pieces + 1) - (pieces + 1)
    along = (np.arange(len(line)) - first[line]) / pieces[line]
    angle = arcs.begin[line] + along * (arcs.end - arcs.begin)[line]
    points = np.column_stack((strips.x[arcs.disc], strips.y[arcs.disc]))[line]
    points += r[line, None] * np.column_stack((np.cos(angle), np.sin(angle)))
    last = first + pieces
    ends = np.concatenate((first, last))
    points[ends] = points[ends][_welded(points[ends])]
    turns_back = (pieces == 1) & (points[first] == points[last]).all(axis=1)
    keep = ~turns_back[line]
    lines = np.asarray(shapely.linestrings(points[keep] + origin, indices=_renumbered(line[keep])))
    here, there = points[:-1][line[1:] == line[:-1]], points[1:][line[1:] == line[:-1]]
    return lines, 0.5 * float((here[:, 0] * there[:, 1] - here[:, 1] * there[:, 0]).sum())


def _welded(points: Floats) -> Ints:
    """Return, for each point, the first point of its cluster."""
    n = len(points)
    pairs = cKDTree(points).query_pairs(WELD_M, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs), dtype=bool), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    n_clusters, cluster = connected_components(graph, directed=False)
    first = np.full(n_clusters, n, dtype=np.int64)
    np.minimum.at(first, cluster, np.arange(n))
    return first[cluster]


def _renumbered(labels: Ints) -> Ints:
    """Return sorted labels as 0, 1, 2 ... without holes."""
    return np.cumsum(np.diff(labels, prepend=labels[:1]) > 0)
