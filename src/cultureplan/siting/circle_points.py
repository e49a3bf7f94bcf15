"""Where circles meet each other and the edges of polygons: the only places a best site need stand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from cultureplan.base.errors import InputError
from cultureplan.travel.kernels import count_within, pairs_within

MOST_PAIRS = 20_000_000  # pairs of circles that cross; beyond, sets of points no longer fit the memory
_ROUND_DIGITS = 6  # where circles of a round table meet in one point, it is often a round one


@dataclass(frozen=True, kw_only=True, eq=False)
class Circles:
    """Circles about demand points, in an order that does not depend on the rows of a table.

    Parameters
    ----------
    xy : ndarray, shape (n, 2), metres
    radius_m : ndarray, shape (n,)
    """

    xy: np.ndarray
    radius_m: np.ndarray

    @classmethod
    def of(cls, xy: np.ndarray, radius_m: np.ndarray) -> Circles:
        """Return the distinct circles, sorted."""
        rows = np.unique(np.column_stack([xy, radius_m]), axis=0)
        return cls(xy=np.ascontiguousarray(rows[:, :2]), radius_m=np.ascontiguousarray(rows[:, 2]))

    @property
    def margin_m(self) -> float:
        """How far inside the circles the robust points lie: far above rounding, far below a building."""
        if len(self.xy) == 0:
            return 0.0
        # a point where circles nearly touch is known along them to the root of the rounding, 2e-8 radii
        return 1e-6 * float(self.radius_m.max()) + 64 * float(np.spacing(np.abs(self.xy).max()))


def crossing_pairs(circles: Circles) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of circles that may cross: near enough, and none inside the other.

    Circles are searched in groups of about equal radius, so that a few wide circles do not make every pair of
    narrow ones a candidate.

    Raises
    ------
    InputError
        If there are more than the memory holds.
    """
    xy, radius = circles.xy, circles.radius_m
    group = np.floor(np.log2(radius)).astype(int) if len(radius) else np.empty(0, int)
    names = np.unique(group)
    blocks = [
        (np.flatnonzero(group == a), np.flatnonzero(group == b)) for a in names for b in names if a <= b
    ]
    reach = [float(radius[one].max() + radius[other].max()) * (1 + 1e-9) for one, other in blocks]
    n_pairs = sum(
        int(count_within(xy[one], xy[other], far).sum())
        for (one, other), far in zip(blocks, reach, strict=True)
    )
    if n_pairs > 2 * MOST_PAIRS:
        raise InputError.of("siting.too_dense", n=n_pairs // 2, most=MOST_PAIRS)
    first, second = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for (one, other), far in zip(blocks, reach, strict=True):
        indptr, found, apart = pairs_within(xy[one], xy[other], far)
        a, b = np.repeat(one, np.diff(indptr)), other[found]
        kept = (a < b) if one is other or (len(one) == len(other) and (one == other).all()) else a != b
        kept &= (apart <= (radius[a] + radius[b]) * (1 + 1e-12)) & (apart > np.abs(radius[a] - radius[b]))
        first.append(np.minimum(a, b)[kept])
        second.append(np.maximum(a, b)[kept])
    pairs = np.unique(np.column_stack([np.concatenate(first), np.concatenate(second)]), axis=0)
    return pairs[:, 0], pairs[:, 1]


def circle_crossings(
    circles: Circles, first: np.ndarray, second: np.ndarray, *, inside_m: float
) -> np.ndarray:
    """Return the two points in which pairs of circles meet, their radii less `inside_m`.

    Returns
    -------
    ndarray, shape (n_pairs, 2, 2)
        NaN where they do not meet; the same point twice where they touch.
    """
    one, other = circles.radius_m[first] - inside_m, circles.radius_m[second] - inside_m
    way = circles.xy[second] - circles.xy[first]
    apart = np.hypot(way[:, 0], way[:, 1])
    with np.errstate(invalid="ignore", divide="ignore"):
        along = (apart * apart + (one - other) * (one + other)) / (2 * apart)
        square = (one - along) * (one + along)
        # touching circles meet in one point, whatever rounding says
        square = np.where(apart <= (one + other) * (1 + 1e-12), np.maximum(square, 0.0), np.nan)
        unit = way / apart[:, None]
        side = np.sqrt(square)[:, None] * np.column_stack([-unit[:, 1], unit[:, 0]])
    middle = circles.xy[first] + along[:, None] * unit
    return np.stack([middle + side, middle - side], axis=1)


def rounded(points: np.ndarray) -> np.ndarray:
    """Return points at whole micrometres."""
    return np.round(points, _ROUND_DIGITS)


def edge_crossings(circles: Circles, land: Any, *, inside_m: float) -> np.ndarray:
    """Return the points in which circles meet the edges of a polygon, and its corners, shape (n, 2).

    Parameters
    ----------
    circles : Circles
    land : Polygon or MultiPolygon
    inside_m : float
        Taken off every radius, and off the land all around.
    """
    inner = land.buffer(-inside_m, join_style="mitre") if inside_m else land
    if inner.is_empty:
        return np.empty((0, 2))
    corners, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(inner)), return_index=True)
    joined = np.flatnonzero(ring[1:] == ring[:-1])
    start, end = corners[joined], corners[joined + 1]
    edges = shapely.linestrings(np.stack([start, end], axis=1))
    radius = circles.radius_m - inside_m
    circle, edge = shapely.STRtree(edges).query(
        shapely.points(circles.xy), predicate="dwithin", distance=radius * (1 + 1e-9)
    )
    way, off = end[edge] - start[edge], start[edge] - circles.xy[circle]
    a = (way * way).sum(axis=1)
    b = (way * off).sum(axis=1)
    c = (off * off).sum(axis=1) - radius[circle] ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(np.maximum(b * b - a * c, 0.0))
        shares = np.stack([(-b - root) / a, (-b + root) / a], axis=1)
    met = (shares >= -1e-12) & (shares <= 1 + 1e-12) & (b * b - a * c >= -1e-9 * np.abs(a * c))[:, None]
    points = start[edge][:, None] + np.clip(shares, 0, 1)[:, :, None] * way[:, None]
    return np.concatenate([points[met], corners])
