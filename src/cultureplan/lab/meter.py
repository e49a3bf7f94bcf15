"""What the map shows of a state: who is inside the circles, as arrays in the order of the demand table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cultureplan.lab.state import LabState
from cultureplan.measures.circles import CircleStandard
from cultureplan.measures.coverage import Coverage, measure_coverage
from cultureplan.measures.statistics import share_of
from cultureplan.travel.exact_sum import exact_sum
from cultureplan.world.levels import Settlement
from cultureplan.world.world import World


@dataclass(frozen=True, kw_only=True)
class GroupFigures:
    """Persons of one settlement type, or of all: assessed and covered.

    Parameters
    ----------
    name : str
        Settlement type, or ``all``.
    persons, persons_assessed, persons_covered : float
        Persons.
    """

    name: str
    persons: float
    persons_assessed: float
    persons_covered: float

    @property
    def share(self) -> float:
        """Covered over assessed persons; NaN where nobody is assessed."""
        return share_of(self.persons_covered, self.persons_assessed)


@dataclass(frozen=True, kw_only=True, eq=False)
class Measured:
    """Coverage of a state, as arrays of shape (n_demand,).

    Parameters
    ----------
    persons : ndarray of float
        Persons.
    settlement : ndarray of object
        Settlement type.
    has_rule, is_covered : ndarray of bool
        Whether the standard says something about a point, and whether it is covered.
    n_circles : ndarray of int
        Facilities within the limit.
    nearest_cost, limit : ndarray of float
        Cost of the nearest facility that counts, however far, and the limit, in the unit of the rule.
    nearest_id : ndarray of object
        Its id; None where there is none.
    """

    persons: np.ndarray
    settlement: np.ndarray
    has_rule: np.ndarray
    is_covered: np.ndarray
    n_circles: np.ndarray
    nearest_cost: np.ndarray
    limit: np.ndarray
    nearest_id: np.ndarray

    @classmethod
    def of(cls, coverage: Coverage) -> Measured:
        """Return the arrays of a coverage."""
        points = coverage.points
        return cls(
            persons=points["persons"].to_numpy(float),
            settlement=points["settlement"].to_numpy(object),
            has_rule=points["has_rule"].to_numpy(bool),
            is_covered=points["is_covered"].to_numpy(bool),
            n_circles=points["n_circles"].to_numpy(np.int64),
            nearest_cost=points["nearest_cost"].to_numpy(float),
            limit=points["limit"].to_numpy(float),
            nearest_id=points["nearest_facility_id"].to_numpy(object),
        )

    @cached_property
    def everyone(self) -> GroupFigures:
        """Figures of all people."""
        return self._figures("all", np.ones(len(self.persons), dtype=bool))

    @cached_property
    def groups(self) -> tuple[GroupFigures, ...]:
        """Figures of each settlement type that people live in."""
        found = [self._figures(str(name), self.settlement == str(name)) for name in Settlement]
        return tuple(figures for figures in found if figures.persons > 0)

    def _figures(self, name: str, rows: np.ndarray) -> GroupFigures:
        persons = self.persons
        return GroupFigures(
            name=name,
            persons=exact_sum(persons[rows]),
            persons_assessed=exact_sum(persons[rows & self.has_rule]),
            persons_covered=exact_sum(persons[rows & self.is_covered]),
        )


class Meter:
    """Measures states, and remembers what was measured last for as long as it holds.

    Parameters
    ----------
    measure : callable, optional
        World and standard to coverage; :func:`~cultureplan.measures.coverage.measure_coverage`.
    """

    def __init__(self, measure: Callable[[World, CircleStandard], Coverage] = measure_coverage) -> None:
        self._measure = measure
        self._now: tuple[LabState, Measured] | None = None
        self._today: tuple[World, CircleStandard, Measured] | None = None

    def measure(self, state: LabState) -> Measured:
        """Return the coverage of a state."""
        if self._now is None or self._now[0] is not state:
            self._now = (state, self._of(state))
        return self._now[1]

    def today(self, state: LabState) -> Measured:
        """Return the coverage of the unchanged world by the standard of a state."""
        world, standard = state.ground.world, state.standard
        if self._today is None or self._today[0] is not world or self._today[1] is not standard:
            self._today = (world, standard, Measured.of(self._measure(world, standard)))
        return self._today[2]

    def _of(self, state: LabState) -> Measured:
        if not state.draft.changes:
            return self.today(state)
        return Measured.of(self._measure(state.world, state.standard))
