"""Coverage that is held while facilities are moved, added and closed, and updated where they stood and stand.

Dragging a library across a city asks only those about whom something can change: the people within the old
and the new circle, and those whose nearest facility it was or becomes. What is held is at every moment what
:func:`~cultureplan.measures.coverage.measure_coverage` would say of the changed world, to the last bit.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cultureplan.base.checks import finite_array
from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.measures.circles import CircleStandard
from cultureplan.measures.coverage import measure_coverage
from cultureplan.measures.held_rule import HeldRule, Sites
from cultureplan.measures.statistics import share_of
from cultureplan.travel.exact_sum import ExactSums, exact_sum
from cultureplan.travel.modes import PlanarMode
from cultureplan.world.levels import Level, Status
from cultureplan.world.world import World


@dataclass(frozen=True, kw_only=True, eq=False)
class CoverageChange:
    """What one change did.

    Parameters
    ----------
    persons_gained, persons_lost : float
        Persons who are covered now and were not, and the other way round.
    points : ndarray of int64, shape (n,)
        Rows of the demand table whose coverage, number of circles or nearest facility may be new, rising.
    """

    persons_gained: float
    persons_lost: float
    points: np.ndarray = field(repr=False)


class HeldCoverage:
    """The coverage of a world by a standard of straight-line circles, changed in place.

    This is a tool for trying things out, and the one thing in the library that changes itself; the world is
    not touched. When the plan stands, write it down as a scenario and measure that.

    Parameters
    ----------
    world : World
        The world to begin with.
    standard : CircleStandard
        Its rules must be straight-line ones (metres, or minutes on foot).

    Raises
    ------
    InputError
        If a rule follows streets.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan.measures.incremental import HeldCoverage
    >>> world = cp.datasets.synthetic_world(n_demand=200, n_facilities=10, seed=7)
    >>> held = HeldCoverage(world, cp.load_circles("ordos-2014"))
    >>> before = held.persons
    >>> change = held.close(held.facilities.index[0])
    >>> held.persons == before - change.persons_lost
    True
    """

    def __init__(self, world: World, standard: CircleStandard) -> None:
        for rule in standard.rules:
            if not isinstance(rule.mode, PlanarMode):
                raise InputError.of("incremental.needs_straight_lines", settlement=str(rule.settlement))
        self.world, self.standard = world, standard
        frame = world.facilities.frame
        self._ids: list[str] = [str(name) for name in world.facilities.ids]
        self._sorted = sorted(self._ids)
        self._position = {name: at for at, name in enumerate(self._ids)}
        self._sites = Sites(
            xy=np.array(world.facilities.xy),
            is_open=np.array(frame["status"] == Status.EXISTING, dtype=bool),
            rank=np.array([bisect.bisect_left(self._sorted, name) for name in self._ids], dtype=np.int64),
            level=frame["level"].to_numpy(object),
            kind=frame["kind"].to_numpy(object),
        )
        settlement = world.demand.settlement.to_numpy(object)
        xy, persons = world.demand.xy, world.demand.persons.to_numpy()
        measured = measure_coverage(world, standard).points
        self._rules = []
        for rule in standard.rules:
            rows = np.flatnonzero(settlement == str(rule.settlement))
            nearest = world.facilities.ids.get_indexer(pd.Index(measured["nearest_facility_id"].iloc[rows]))
            self._rules.append(HeldRule(rule, rows, xy[rows], persons[rows], nearest, self._sites))
        self._assessed = exact_sum(persons[measured["has_rule"].to_numpy()])

    @property
    def persons(self) -> float:
        """Persons who are covered, as :attr:`Coverage.persons`."""
        total = ExactSums.zero()
        for rule in self._rules:
            total = total.plus(rule.inside)
        return total.total()

    @property
    def persons_assessed(self) -> float:
        """Persons about whom the standard says something."""
        return self._assessed

    @property
    def share(self) -> float:
        """Covered persons over assessed persons; NaN where nobody is assessed."""
        return share_of(self.persons, self._assessed)

    @property
    def facilities(self) -> pd.DataFrame:
        """Facilities as they stand now, by id: ``x_m``, ``y_m``, ``level``, ``kind``, ``is_open``."""
        sites = self._sites
        columns = {
            "x_m": sites.xy[:, 0].copy(),
            "y_m": sites.xy[:, 1].copy(),
            "level": sites.level,
            "kind": sites.kind,
            "is_open": sites.is_open.copy(),
        }
        return pd.DataFrame(columns, index=pd.Index(self._ids, name="facility_id", dtype=object))

    @property
    def is_covered(self) -> np.ndarray:
        """Whether each demand point is covered, in the order of the demand table, shape (n,)."""
        covered = np.zeros(len(self.world.demand), dtype=bool)
        for rule in self._rules:
            covered[rule.rows] = rule.covered
        return covered

    @property
    def points(self) -> pd.DataFrame:
        """One row a demand point, as :attr:`Coverage.points`; put together when asked for."""
        n = len(self.world.demand)
        has_rule = np.zeros(n, dtype=bool)
        n_circles, cost, limit = np.zeros(n, dtype=np.int64), np.full(n, np.nan), np.full(n, np.nan)
        nearest, unit = np.full(n, None, dtype=object), np.full(n, None, dtype=object)
        ids = np.array([*self._ids, None], dtype=object)
        for held in self._rules:
            rows = held.rows
            has_rule[rows], limit[rows], unit[rows] = True, held.rule.limit, str(held.rule.unit)
            n_circles[rows], cost[rows], nearest[rows] = held.n_circles, held.nearest_cost, ids[held.nearest]
        columns = {
            "persons": self.world.demand.persons.to_numpy(),
            "settlement": self.world.demand.settlement.to_numpy(object),
            "has_rule": has_rule,
            "is_covered": self.is_covered,
            "n_circles": n_circles,
            "nearest_facility_id": nearest,
            "nearest_cost": cost,
            "limit": limit,
            "unit": unit,
        }
        return pd.DataFrame(columns, index=self.world.demand.ids)

    def add(
        self,
        facility_id: str,
        *,
        x_m: float,
        y_m: float,
        level: str = Level.SERVICE_POINT,
        kind: str = "library",
    ) -> CoverageChange:
        """Open a facility that is not in the table yet.

        Parameters
        ----------
        facility_id : str
            A new id.
        x_m, y_m : float
            Where, in the metric coordinate system of the world.
        level, kind : str
            What it is, which decides for which rules it counts.
        """
        if facility_id in self._position:
            raise InputError.of("incremental.id_taken", facility_id=facility_id)
        if level not in tuple(Level):
            raise UnknownNameError.closest("circles.unknown_level", str(level), list(Level))
        xy = finite_array("x_m, y_m", [x_m, y_m], non_negative=False)
        rank = bisect.bisect_left(self._sorted, facility_id)
        self._sorted.insert(rank, facility_id)
        self._position[facility_id] = len(self._ids)
        self._ids.append(facility_id)
        self._sites = self._sites.with_one(xy, rank=rank, level=str(level), kind=kind)
        return self._changed(at=len(self._ids) - 1, stood=None, stands=xy)

    def open(self, facility_id: str) -> CoverageChange:
        """Open a candidate or closed facility of the table."""
        at = self._at(facility_id)
        if self._sites.is_open[at]:
            raise InputError.of("incremental.already_open", facility_id=facility_id)
        self._sites.is_open[at] = True
        return self._changed(at=at, stood=None, stands=self._sites.xy[at])

    def close(self, facility_id: str) -> CoverageChange:
        """Close an open facility; those whose nearest it was have the next one."""
        at = self._at(facility_id)
        if not self._sites.is_open[at]:
            raise InputError.of("incremental.not_open", facility_id=facility_id)
        self._sites.is_open[at] = False
        return self._changed(at=at, stood=self._sites.xy[at], stands=None)

    def move(self, facility_id: str, *, x_m: float, y_m: float) -> CoverageChange:
        """Move a facility, metres in the coordinate system of the world; moving it back undoes it."""
        at = self._at(facility_id)
        stood, stands = self._sites.xy[at].copy(), finite_array("x_m, y_m", [x_m, y_m], non_negative=False)
        self._sites.xy[at] = stands
        if not self._sites.is_open[at]:
            return CoverageChange(persons_gained=0.0, persons_lost=0.0, points=np.empty(0, np.int64))
        return self._changed(at=at, stood=stood, stands=stands)

    def __repr__(self) -> str:
        return (
            f"HeldCoverage({self.world.name!r} by {self.standard.id}: {self.persons:,.0f} of "
            f"{self._assessed:,.0f} persons, share {self.share:.4f})"
        )

    def _at(self, facility_id: str) -> int:
        if facility_id not in self._position:
            raise UnknownNameError.closest("world.unknown_id", facility_id, self._ids, table="facilities")
        return self._position[facility_id]

    def _changed(self, *, at: int, stood: np.ndarray | None, stands: np.ndarray | None) -> CoverageChange:
        gained, lost, points = ExactSums.zero(), ExactSums.zero(), []
        for rule in self._rules:
            more, fewer, touched = rule.changed(self._sites, at, stood=stood, stands=stands)
            gained, lost = gained.plus(more), lost.plus(fewer)
            points.append(touched)
        return CoverageChange(
            persons_gained=gained.total(), persons_lost=lost.total(), points=_rising(points)
        )


def _rising(parts: Iterable[np.ndarray]) -> np.ndarray:
    found = [part for part in parts if len(part)]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
