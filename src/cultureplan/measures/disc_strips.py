"""What the area of discs is computed from: discs in strips, arcs of their circles, cuts by polygon edges.

Discs are sorted into strips so that the neighbours of a place are found without looking at all discs.
Strips are horizontal and sorted by x. Each octave of radius has its own set of them, so a search stays
short even where circles of 500 m and of 10 km are mixed. The order does not depend on the order of the rows.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

NEAR_DISCS = 8  # wanted in a strip within a radius to either side; about as many hide a circle


class Strips(NamedTuple):
    """Discs sorted by octave of radius, strip and x.

    Attributes
    ----------
    x, y, r : array of float, shape (n,)
        Centres relative to a local origin and radii, metres.
    row_start : array of int, shape (n_rows + 1,)
        Where each strip begins; strips of all octaves one after the other.
    octave_row : array of int, shape (n_octaves + 1,)
        First strip of each octave.
    octave_y, octave_height, octave_reach : array of float, shape (n_octaves,)
        Lower edge of the first strip, height of a strip and largest radius, metres.
    """

    x: Floats
    y: Floats
    r: Floats
    row_start: Ints
    octave_row: Ints
    octave_y: Floats
    octave_height: Floats
    octave_reach: Floats


class Arcs(NamedTuple):
    """Arcs of circles, anticlockwise, sorted by disc and angle.

    Attributes
    ----------
    disc : array of int, shape (n,)
        Position of the disc in the strips.
    begin, end : array of float, shape (n,)
        Angles in radians, 0 <= begin < end <= 2 pi; an arc across angle 0 comes as two.
    """

    disc: Ints
    begin: Floats
    end: Floats


class Cuts(NamedTuple):
    """Where polygon edges cross circles.

    Attributes
    ----------
    polygon, disc : array of int, shape (n,)
        Who crosses whom.
    angle : array of float, shape (n,)
        Where on the circle, radians in [0, 2 pi).
    turn : array of int, shape (n,)
        +1 where, going anticlockwise, the circle enters the polygon, -1 where it leaves, 0 for an edge
        that lies in the disc without crossing its circle.
    """

    polygon: Ints
    disc: Ints
    angle: Floats
    turn: Ints


def local_origin(xy: Floats) -> Floats:
    """Return a local origin in whole metres, the same for any order of the points."""
    return np.round((xy.min(axis=0) + xy.max(axis=0)) / 2)


def build_strips(xy: Floats, radius: Floats) -> Strips:
    """Sort discs into strips, the same way for any row order."""
    octave_of = np.frexp(radius)[1]
    octaves, octave_of = np.unique(octave_of, return_inverse=True)
    row_of = np.empty(len(xy), dtype=np.int64)
    first_row = np.zeros(len(octaves) + 1, dtype=np.int64)
    low, height, reach = (np.empty(len(octaves)) for _ in range(3))
    for octave in range(len(octaves)):
        member = octave_of == octave
        y, widest = xy[member, 1], float(radius[member].max())
        low[octave], reach[octave] = y.min(), widest
        height[octave] = max(_strip_height(xy[member], widest), float(np.ptp(y)) / (len(y) + 1))
        row = np.floor((y - low[octave]) / height[octave]).astype(np.int64)
        row_of[member] = row + first_row[octave]
        first_row[octave + 1] = first_row[octave] + row.max() + 1
    order = np.lexsort((xy[:, 0], row_of))
    x, row_of = xy[order, 0], row_of[order]
    if ((x[1:] == x[:-1]) & (row_of[1:] == row_of[:-1])).any():
        order = order[np.lexsort((radius[order], xy[order, 1], x, row_of))]
    row_start = np.searchsorted(row_of, np.arange(first_row[-1] + 1))
    return Strips(
        np.ascontiguousarray(xy[order, 0]),
        np.ascontiguousarray(xy[order, 1]),
        radius[order],
        row_start,
        first_row,
        low,
        height,
        reach,
    )


def _strip_height(xy: Floats, reach: float) -> float:
    """Return a height at which a circle meets some neighbours in its own strip, and the nearest ones there.

    One radius is right for few discs; where many overlap, low strips bring first the discs that hide a
    circle.
    """
    extent_m2 = float(np.prod(np.ptp(xy, axis=0) + 2 * reach))
    wanted = NEAR_DISCS * extent_m2 / (len(xy) * 2 * reach)
    return min(max(wanted, reach / 8), reach)
