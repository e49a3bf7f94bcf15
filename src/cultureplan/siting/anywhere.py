"""Sites anywhere in the plane: the finite set of places that no other place beats.

A site covers the people whose circle it stands in. Take any place: the circles it stands in have a common
part, and that part either has a corner, where two circles cross, or is a whole circle, whose centre will
do. So the best places are among the centres and the crossings (Church 1984; Mehrez and Stulman 1982), and
a plan over these points is as good as any plan at all.

Whether a point is inside a circle is decided by :mod:`cultureplan.travel.kernels` and nowhere else. A
crossing computed in floating point may fall a hair outside the circles that define it, so crossings are
taken of circles smaller by a millionth of the radius (a millimetre in a kilometre): a place that covers its
people with twice that to spare is never missed. Where another rim passes nearer than that, the crossings of
the circles as they are count too, if they pass the decision: so two homes exactly two radii apart are
covered from the middle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from cultureplan.base.checks import finite_array, points_array
from cultureplan.base.errors import WrongTypeError
from cultureplan.base.units import positive
from cultureplan.siting.circle_points import (
    Circles,
    circle_crossings,
    crossing_pairs,
    edge_crossings,
    rounded,
)
from cultureplan.siting.cover import row_keys, take_rows
from cultureplan.travel.disc_search import compiled
from cultureplan.travel.kernels import count_within, pairs_within

_CHUNK = 15_000  # pairs of circles at a time
_COMPILED_FROM = 20_000  # members of all sets, from which loading the compiled kernel pays


def dominating_points(demand_xy: object, limit_m: object, *, allowed: Any = None) -> np.ndarray:
    """Return places such that no place at all covers more than one of them does.

    What to choose from when a facility may stand anywhere: covering models (:class:`SetCover`,
    :class:`MaximalCoverage`) over these points are exact for the whole plane. Of places that cover the same
    people one is kept, in their middle where the land allows; a place that covers only part of what another
    covers is dropped.

    Parameters
    ----------
    demand_xy : array-like, shape (n_demand, 2), metres
        Who is to be covered.
    limit_m : float or array-like, shape (n_demand,)
        Straight-line limit of each, inclusive.
    allowed : Polygon, MultiPolygon, GeoSeries or GeoDataFrame, optional
        Land on which a site may stand, its edge included; anywhere where absent. The answer is exact on the
        land too: points where a circle meets an edge, and corners, are among those tried.

    Returns
    -------
    ndarray, shape (n_points, 2), metres
        Sorted by x and y, the same for any order of the rows.

    Raises
    ------
    InputError
        If more than 20 million pairs of circles cross, or a limit is not positive.

    Examples
    --------
    >>> import cultureplan as cp
    >>> cp.dominating_points([[0, 0], [1_600, 0]], 800).tolist()  # only from the middle are both in reach
    [[800.0, 0.0]]

    References
    ----------
    Church (1984): The planar maximal covering location problem. Journal of Regional Science 24, 185-201.
    Mehrez and Stulman (1982): The maximal covering location problem with facility placement on the entire
    plane. Journal of Regional Science 22, 361-365.
    """
    xy = points_array("demand_xy", demand_xy)
    if np.ndim(limit_m) == 0:  # type: ignore[arg-type]
        radius = np.full(len(xy), positive("limit_m", limit_m))  # type: ignore[arg-type]
    else:
        radius = finite_array("limit_m", limit_m, n=len(xy))
        positive("limit_m", float(radius.min(initial=np.inf)) if len(radius) else 1.0)
    land = None if allowed is None else read_land(allowed)
    circles = Circles.of(xy, radius)
    n = len(circles.xy)
    parts = [_Sets.of(points, circles).maximal(n) for points in _places(circles, land)]
    sets = _Sets.joined(parts).maximal(n)
    middle = sets.middle
    if land is not None:
        middle = np.where(_on_land(middle, land)[:, None], middle, sets.best)
    keeps = _same_cover(middle, sets, circles)
    points = np.where(keeps[:, None], middle, sets.best)
    return points[np.lexsort((points[:, 1], points[:, 0]))]


def read_land(allowed: Any) -> Any:
    """Return the polygons in which a site may stand as one shapely geometry.

    Raises
    ------
    WrongTypeError
        If they are not polygons.
    """
    if isinstance(allowed, gpd.GeoDataFrame | gpd.GeoSeries):
        allowed = shapely.union_all(allowed.geometry.to_numpy())
    if not isinstance(allowed, shapely.Polygon | shapely.MultiPolygon):
        raise WrongTypeError.of(
            "fault.wrong_type", name="allowed", got=type(allowed).__name__, want="a polygon or polygons"
        )
    shapely.prepare(allowed)
    return allowed


def _on_land(points: np.ndarray, land: Any) -> np.ndarray:
    return np.asarray(shapely.intersects_xy(land, points[:, 0], points[:, 1]))


def _places(circles: Circles, land: Any) -> Iterator[np.ndarray]:
    """Yield the places worth trying, some at a time."""

    def allowed(points: np.ndarray) -> np.ndarray:
        points = points[np.isfinite(points).all(axis=1)]
        return points if land is None else points[_on_land(points, land)]

    margin = circles.margin_m
    yield allowed(circles.xy)
    if land is not None:
        for inside in (margin, 0.0):
            yield allowed(edge_crossings(circles, land, inside_m=inside))
    first, second = crossing_pairs(circles)
    for at in range(0, len(first), _CHUNK):
        pair = (first[at : at + _CHUNK], second[at : at + _CHUNK])
        robust = circle_crossings(circles, *pair, inside_m=margin)
        points = robust.reshape(-1, 2)
        met = np.isfinite(points).all(axis=1)
        yield allowed(points)
        # where another rim passes as near, the crossing itself may cover more, if it is a number at all
        tight = np.ones(len(points), dtype=bool)
        near = count_within(points[met], circles.xy, circles.radius_m + 4 * margin)
        tight[met] = near > count_within(points[met], circles.xy, circles.radius_m)
        exact = circle_crossings(circles, *pair, inside_m=0.0).reshape(-1, 2)[tight]
        yield allowed(np.concatenate([exact, rounded(exact)]))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sets:
    """Distinct sets of circles that places stand in.

    `best` is the place with most to spare of each set; `middle` the mean of its places.
    """

    indptr: np.ndarray
    members: np.ndarray
    best: np.ndarray
    spare_m: np.ndarray
    total: np.ndarray
    count: np.ndarray

    @property
    def middle(self) -> np.ndarray:
        return np.asarray(self.total / self.count[:, None])

    @classmethod
    def of(cls, points: np.ndarray, circles: Circles) -> _Sets:
        """Return what some places cover; those that cover nobody are left out."""
        indptr, members, apart = pairs_within(points, circles.xy, circles.radius_m)
        spare = circles.radius_m[members] - apart
        kept = np.flatnonzero(np.diff(indptr) > 0)
        least = np.minimum.reduceat(spare, indptr[kept]) if len(kept) else np.empty(0)
        indptr, members = take_rows(indptr, members, kept)
        alone = np.ones(len(kept))
        return cls(
            indptr=indptr,
            members=members,
            best=points[kept],
            spare_m=least,
            total=points[kept],
            count=alone,
        )._merged()

    @classmethod
    def joined(cls, parts: list[_Sets]) -> _Sets:
        """Return the distinct sets of several parts."""
        sizes = np.concatenate([np.diff(part.indptr) for part in parts])
        return cls(
            indptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            members=np.concatenate([part.members for part in parts]),
            best=np.concatenate([part.best for part in parts]),
            spare_m=np.concatenate([part.spare_m for part in parts]),
            total=np.concatenate([part.total for part in parts]),
            count=np.concatenate([part.count for part in parts]),
        )._merged()

    def _merged(self) -> _Sets:
        n = len(self.count)
        none = np.zeros(n, dtype=np.int64)
        keys = row_keys(self.indptr, self.members, none, int(self.members.max(initial=-1)) + 1)
        _, group = np.unique(keys, return_inverse=True)
        group = group.ravel()
        order = np.lexsort((self.best[:, 1], self.best[:, 0], -self.spare_m, group))
        first = order[np.flatnonzero(np.diff(group[order], prepend=-1))]
        indptr, members = take_rows(self.indptr, self.members, first)
        total = np.zeros((len(first), 2))
        np.add.at(total, group, self.total)
        return _Sets(
            indptr=indptr,
            members=members,
            best=self.best[first],
            spare_m=self.spare_m[first],
            total=total,
            count=np.bincount(group, self.count, minlength=len(first)),
        )

    def maximal(self, n_circles: int) -> _Sets:
        """Return the sets that are part of no other."""
        sizes = np.diff(self.indptr)
        order = np.argsort(-sizes, kind="stable")
        run = compiled(_keep_maximal) if len(self.members) > _COMPILED_FROM else _keep_maximal
        kept = np.sort(order[run(*take_rows(self.indptr, self.members, order), n_circles)])
        indptr, members = take_rows(self.indptr, self.members, kept)
        return _Sets(
            indptr=indptr,
            members=members,
            best=self.best[kept],
            spare_m=self.spare_m[kept],
            total=self.total[kept],
            count=self.count[kept],
        )


def _same_cover(points: np.ndarray, sets: _Sets, circles: Circles) -> np.ndarray:
    """Return whether each point still stands in every circle of its set."""
    if len(points) == 0:
        return np.zeros(0, dtype=bool)
    owner = np.repeat(np.arange(len(points)), np.diff(sets.indptr))
    apart = points[owner] - circles.xy[sets.members]
    square = apart[:, 0] * apart[:, 0] + apart[:, 1] * apart[:, 1]
    inside = square <= circles.radius_m[sets.members] ** 2
    return np.asarray(np.bincount(owner[~inside], minlength=len(points)) == 0)


def _keep_maximal(indptr: np.ndarray, members: np.ndarray, n_circles: int) -> np.ndarray:
    """Return whether each set, largest first, is part of no other; equal sets are not expected."""
    n = len(indptr) - 1
    kept = np.zeros(n, dtype=np.bool_)
    n_lists = np.zeros(n_circles, dtype=np.int64)  # kept sets that hold each circle ...
    last = np.full(n_circles, -1, dtype=np.int64)  # ... as a chain of places in `members`
    before = np.full(len(members), -1, dtype=np.int64)
    owner = np.empty(len(members), dtype=np.int64)
    mark = np.full(n_circles, -1, dtype=np.int64)
    for a in range(n):
        size = indptr[a + 1] - indptr[a]
        rarest = members[indptr[a]]
        for at in range(indptr[a], indptr[a + 1]):
            mark[members[at]] = a
            if n_lists[members[at]] < n_lists[rarest]:
                rarest = members[at]
        is_part = False
        place = last[rarest]
        while place >= 0 and not is_part:
            b = owner[place]
            missing = indptr[b + 1] - indptr[b] - size  # members of b that a may lack
            common = 0
            for at in range(indptr[b], indptr[b + 1]):
                if mark[members[at]] == a:
                    common += 1
                else:
                    missing -= 1
                    if missing < 0:
                        break
            is_part = common == size
            place = before[place]
        if not is_part:
            kept[a] = True
            for at in range(indptr[a], indptr[a + 1]):
                owner[at] = a
                before[at] = last[members[at]]
                last[members[at]] = at
                n_lists[members[at]] += 1
    return kept
