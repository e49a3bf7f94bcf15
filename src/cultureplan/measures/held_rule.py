"""One rule of a held coverage: its people in blocks of neighbours, and what a changed facility means to them.

A block is some hundred people who live together, with their tight box and the distance of the one who has
farthest to the nearest facility. A facility outside a box by more than that is nearest to nobody in it, so
whole blocks are passed over; all comparisons are of the very squares that the searches compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from cultureplan.measures.circles import CircleRule, Need
from cultureplan.travel.exact_sum import ExactSums, digit_planes
from cultureplan.travel.kernels import count_within, squared_distance, squared_radii
from cultureplan.travel.modes import PlanarMode

_BLOCK = 96  # people in a block
_AT_ONCE = 500_000  # distances in memory at once


@dataclass(frozen=True, kw_only=True, eq=False)
class Sites:
    """Facilities as they stand now; `xy` and `is_open` are written to in place.

    Parameters
    ----------
    xy : ndarray, shape (n, 2), metres
    is_open : ndarray of bool, shape (n,)
    rank : ndarray of int64, shape (n,)
        Place of each id when ids are sorted, which settles ties.
    level, kind : ndarray of object, shape (n,)
    """

    xy: np.ndarray
    is_open: np.ndarray
    rank: np.ndarray
    level: np.ndarray
    kind: np.ndarray

    def with_one(self, xy: np.ndarray, *, rank: int, level: str, kind: str) -> Sites:
        """Return the sites with an open one added at the end."""
        return Sites(
            xy=np.vstack([self.xy, xy]),
            is_open=np.append(self.is_open, True),
            rank=np.append(self.rank + (self.rank >= rank), rank),
            level=np.append(self.level, level),
            kind=np.append(self.kind, kind),
        )

    def serve(self, need: Need) -> np.ndarray:
        """Return which open sites count for a need, shape (n,)."""
        served = self.is_open.copy()
        for values, wanted in ((self.level, need.levels), (self.kind, need.kinds)):
            if wanted:
                served &= np.isin(values.astype(str), [str(name) for name in wanted])
        return served

    def serves(self, at: int, need: Need) -> bool:
        """Return whether one site, if open, counts for a need."""
        return (not need.levels or str(self.level[at]) in need.levels) and (
            not need.kinds or str(self.kind[at]) in need.kinds
        )


class HeldRule:
    """The people that a rule is for, and what they have near."""

    def __init__(
        self,
        rule: CircleRule,
        rows: np.ndarray,
        xy: np.ndarray,
        persons: np.ndarray,
        nearest: np.ndarray,
        sites: Sites,
    ) -> None:
        self.rule, self.rows = rule, rows
        mode = rule.mode
        if not isinstance(mode, PlanarMode):
            raise TypeError(type(mode).__name__)
        self._cost_per_m, radius_m = mode.cost_per_m, mode.radius_m(rule.limit)
        self._square = float(squared_radii(radius_m, 1)[0])
        # neighbours stand together: strips of equal numbers, each in order of the other axis
        n = len(rows)
        n_strips = max(1, round(np.sqrt(n / _BLOCK)))
        by_x = np.argsort(xy[:, 0], kind="stable")
        strip = np.empty(n, np.int64)
        strip[by_x] = np.arange(n) * n_strips // max(n, 1)
        self._order = np.lexsort((xy[:, 1], strip))
        self._place = np.empty(n, np.int64)
        self._place[self._order] = np.arange(n)
        self._xy = np.ascontiguousarray(xy[self._order])
        self._edges = np.append(np.arange(0, n, _BLOCK), n)
        starts = self._edges[:-1]
        self._low = np.minimum.reduceat(self._xy, starts) if n else np.empty((0, 2))
        self._high = np.maximum.reduceat(self._xy, starts) if n else np.empty((0, 2))

        # every set of needs asks for so many different facilities (as measure_coverage does)
        needs = rule.needs
        self._sets = [some for size in range(1, len(needs) + 1) for some in combinations(needs, size)]
        self._asked = [sum(need.at_least for need in some) for some in self._sets]
        self._counts = [
            count_within(self._xy, sites.xy[self._any(sites, some)], radius_m).astype(np.int32)
            for some in self._sets
        ]
        self._nearest = nearest[self._order]
        self._nearest_square = np.full(n, np.inf)
        reached = self._nearest >= 0
        self._nearest_square[reached] = squared_distance(self._xy[reached], sites.xy[self._nearest[reached]])
        self._far = np.maximum.reduceat(self._nearest_square, starts) if n else np.empty(0)
        self._exponents, self._planes = digit_planes(persons[self._order])
        self._covered = self._are_covered(slice(None))
        self.inside = self._persons(self._covered)

    @property
    def covered(self) -> np.ndarray:
        """Whether each row is covered."""
        return self._covered[self._place]

    @property
    def n_circles(self) -> np.ndarray:
        """Facilities that count, within the limit, of each row."""
        return self._counts[-1][self._place]

    @property
    def nearest(self) -> np.ndarray:
        """Position of the nearest facility of each row, -1 where there is none."""
        return self._nearest[self._place]

    @property
    def nearest_cost(self) -> np.ndarray:
        """Cost to it; infinite where there is none."""
        cost: np.ndarray = np.sqrt(self._nearest_square[self._place]) * self._cost_per_m
        return cost

    def changed(
        self, sites: Sites, at: int, *, stood: np.ndarray | None, stands: np.ndarray | None
    ) -> tuple[ExactSums, ExactSums, np.ndarray]:
        """Take in that a facility stood, or stands, at a point.

        Parameters
        ----------
        sites : Sites
            As they are after the change.
        at : int
            Position of the facility.
        stood, stands : ndarray, shape (2,), or None
            Where it was open before the change, and where it is after it.

        Returns
        -------
        gained, lost : ExactSums
            Persons newly covered, and no longer covered.
        rows : ndarray of int64
            Rows of the demand table about which something may have changed.
        """
        serving = [any(sites.serves(at, need) for need in some) for some in self._sets]
        if not serving[-1]:
            return ExactSums.zero(), ExactSums.zero(), np.empty(0, np.int64)
        left = self._within(stood, self._square)
        joined = self._within(stands, self._square)
        circled = np.union1d(left, joined) if len(left) and len(joined) else np.append(left, joined)
        before = self._covered[circled]
        for counts, served in zip(self._counts, serving, strict=True):
            if served:
                counts[left] -= 1
                counts[joined] += 1
        after = self._are_covered(circled)
        self._covered[circled] = after
        gained, lost = self._persons(circled[after & ~before]), self._persons(circled[before & ~after])
        self.inside = self.inside.plus(gained).minus(lost)
        leaving = self._leave(sites, at, stood)
        coming = self._come(sites, at, stands)
        return gained, lost, self.rows[self._order[np.concatenate([circled, leaving, coming])]]

    def _any(self, sites: Sites, some: tuple[Need, ...]) -> np.ndarray:
        return np.any([sites.serve(need) for need in some], axis=0)

    def _are_covered(self, rows: np.ndarray | slice) -> np.ndarray:
        met = [counts[rows] >= asked for counts, asked in zip(self._counts, self._asked, strict=True)]
        return np.asarray(np.all(met, axis=0))

    def _persons(self, rows: np.ndarray) -> ExactSums:
        sums = self._planes[:, rows].sum(axis=1, dtype=np.int64).reshape(-1, 1)
        return ExactSums.of_planes(self._exponents, sums)

    def _blocks(self, point: np.ndarray, squares: float | np.ndarray) -> np.ndarray:
        """Return the blocks whose box is within a squared distance of a point."""
        below, above = self._low - point, point - self._high
        gap = np.maximum(np.maximum(below, above), 0.0)
        return np.flatnonzero(gap[:, 0] * gap[:, 0] + gap[:, 1] * gap[:, 1] <= squares)

    def _people(self, blocks: np.ndarray) -> np.ndarray:
        """Return the places of the people of some blocks, rising."""
        starts, sizes = self._edges[blocks], self._edges[blocks + 1] - self._edges[blocks]
        before = np.cumsum(sizes) - sizes
        return np.repeat(starts - before, sizes) + np.arange(int(sizes.sum()))

    def _within(self, point: np.ndarray | None, square: float) -> np.ndarray:
        if point is None:
            return np.empty(0, np.int64)
        people = self._people(self._blocks(point, square))
        return people[squared_distance(self._xy[people], point[None]) <= square]

    def _leave(self, sites: Sites, at: int, stood: np.ndarray | None) -> np.ndarray:
        """Give those whose nearest facility left the next one; return who they are."""
        if stood is None:
            return np.empty(0, np.int64)
        blocks = self._blocks(stood, self._far)
        people = self._people(blocks)
        people = people[self._nearest[people] == at]
        if len(people):
            others = np.flatnonzero(self._any(sites, self._sets[-1]))
            others = others[others != at]
            self._seek(people, sites, others[np.argsort(sites.rank[others])])
            self._measure(blocks)
        return people

    def _come(self, sites: Sites, at: int, stands: np.ndarray | None) -> np.ndarray:
        """Give a facility to those to whom it is nearest; return who they are."""
        if stands is None:
            return np.empty(0, np.int64)
        blocks = self._blocks(stands, self._far)
        people = self._people(blocks)
        square, known = squared_distance(self._xy[people], stands[None]), self._nearest_square[people]
        nearer = square < known
        tied = np.flatnonzero(square == known)
        nearer[tied] = sites.rank[at] < sites.rank[self._nearest[people[tied]]]
        people, square = people[nearer], square[nearer]
        self._nearest[people], self._nearest_square[people] = at, square
        self._measure(blocks)
        return people

    def _seek(self, people: np.ndarray, sites: Sites, others: np.ndarray) -> None:
        """Find the nearest of some sites, in the order in which ties are settled, for some people."""
        if len(others) == 0:
            self._nearest[people], self._nearest_square[people] = -1, np.inf
            return
        xy = self._xy[people]
        low, high = xy.min(axis=0), xy.max(axis=0)
        below, above = low - sites.xy[others], high - sites.xy[others]
        far, gap = np.maximum(-below, above), np.maximum(np.maximum(below, -above), 0.0)
        farthest = far[:, 0] * far[:, 0] + far[:, 1] * far[:, 1]
        possible = others[gap[:, 0] * gap[:, 0] + gap[:, 1] * gap[:, 1] <= farthest.min()]
        if len(people) > _BLOCK and len(people) * len(possible) > _AT_ONCE:
            half = len(people) // 2  # neighbours stand together, so a half has a smaller box
            self._seek(people[:half], sites, possible)
            self._seek(people[half:], sites, possible)
            return
        dx = xy[:, None, 0] - sites.xy[None, possible, 0]
        dy = xy[:, None, 1] - sites.xy[None, possible, 1]
        square = dx * dx + dy * dy
        first = square.argmin(axis=1)
        self._nearest[people] = possible[first]
        self._nearest_square[people] = square[np.arange(len(people)), first]

    def _measure(self, blocks: np.ndarray) -> None:
        """Take down anew how far the farthest of some blocks have."""
        if len(blocks) == 0:
            return
        people, sizes = self._people(blocks), self._edges[blocks + 1] - self._edges[blocks]
        self._far[blocks] = np.maximum.reduceat(self._nearest_square[people], np.cumsum(sizes) - sizes)
