"""What the map shows of a state: who is inside the circles, as arrays in the order of the demand table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from cultureplan.lab.ground import Ground, Site
from cultureplan.lab.state import LabState
from cultureplan.lab.week import asleep_ids
from cultureplan.measures.circles import CircleRule, CircleStandard
from cultureplan.measures.coverage import measure_coverage
from cultureplan.measures.incremental import HeldCoverage
from cultureplan.measures.statistics import share_of
from cultureplan.planning.changes import Change
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Settlement, Status
from cultureplan.world.world import World

_EVERYONE = "all"
_Made = tuple[tuple[Change, ...], int | None]  # what a world was made for: changes and hour


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

    Who is covered is known at once; what only some colourings and a pointed-at point need is looked up
    when it is asked for.

    Parameters
    ----------
    persons : ndarray of float
        Persons.
    settlement : ndarray of object
        Settlement type.
    codes : ndarray of int
        The same as numbers, in the order of :class:`~cultureplan.world.levels.Settlement`.
    has_rule, is_covered : ndarray of bool
        Whether the standard says something about a point, and whether it is covered.
    points_of : callable
        Returns the table of :attr:`Coverage.points`.
    """

    persons: np.ndarray
    settlement: np.ndarray
    codes: np.ndarray
    has_rule: np.ndarray
    is_covered: np.ndarray
    points_of: Callable[[], pd.DataFrame] = field(repr=False)

    @cached_property
    def _points(self) -> pd.DataFrame:
        return self.points_of()

    @cached_property
    def n_circles(self) -> np.ndarray:
        """Facilities that count, within the limit."""
        return self._points["n_circles"].to_numpy(np.int64)

    @cached_property
    def nearest_cost(self) -> np.ndarray:
        """Cost of the nearest facility that counts, however far, in the unit of the rule."""
        return self._points["nearest_cost"].to_numpy(float)

    @cached_property
    def limit(self) -> np.ndarray:
        """Limit, in the unit of the rule."""
        return self._points["limit"].to_numpy(float)

    @cached_property
    def nearest_id(self) -> np.ndarray:
        """Id of the nearest facility that counts; None where there is none."""
        return self._points["nearest_facility_id"].to_numpy(object)

    @cached_property
    def groups(self) -> tuple[GroupFigures, ...]:
        """Figures of each settlement type that people live in.

        Summed in floating point, which is exact for whole persons; reports sum exactly in any case.
        """
        return tuple(figures for figures in self._all_groups if figures.persons > 0)

    @cached_property
    def everyone(self) -> GroupFigures:
        """Figures of all people."""
        parts = self._all_groups
        return GroupFigures(
            name=_EVERYONE,
            persons=sum(part.persons for part in parts),
            persons_assessed=sum(part.persons_assessed for part in parts),
            persons_covered=sum(part.persons_covered for part in parts),
        )

    @cached_property
    def _all_groups(self) -> tuple[GroupFigures, ...]:
        names = [str(name) for name in Settlement]
        totals, assessed, covered = (
            np.bincount(self.codes, weights=self.persons * kept, minlength=len(names)).tolist()
            for kept in (np.True_, self.has_rule, self.is_covered)
        )
        return tuple(
            GroupFigures(name=name, persons=n, persons_assessed=a, persons_covered=c)
            for name, n, a, c in zip(names, totals, assessed, covered, strict=True)
        )


class Meter:
    """Measures states one after the other, each from the one before where that is quicker.

    When facilities change, coverage by straight-line circles is held and updated where they stood and
    stand; when a rule changes, only its people are measured again. Either way the figures are those of
    :func:`~cultureplan.measures.coverage.measure_coverage`.
    """

    def __init__(self) -> None:
        self._now: tuple[LabState, Measured] | None = None
        self._today: tuple[Ground, CircleStandard, int | None, Measured] | None = None
        self._held: _Held | None = None
        self._by_rule: dict[str, tuple[_Made, _ByRule]] = {}

    def measure(self, state: LabState) -> Measured:
        """Return the coverage of a state."""
        if self._now is None or self._now[0] is not state:
            self._now = (state, self._of(state))
        return self._now[1]

    def today(self, state: LabState) -> Measured:
        """Return the coverage of the unchanged world by the standard, and at the hour, of a state."""
        ground, standard, hour = state.ground, state.standard, state.draft.hour
        if self._today is None or self._today[0] is not ground or self._today[1:3] != (standard, hour):
            self._today = (ground, standard, hour, self._rule_by_rule(state, ()))
        return self._today[3]

    def _of(self, state: LabState) -> Measured:
        if not state.draft.changes:
            return self.today(state)
        held = self._held
        if held is None or not held.fits(state):
            rules_are_new = self._now is not None and self._now[0].standard != state.standard
            if rules_are_new or any(rule.radius_m is None for rule in state.standard.rules):
                return self._rule_by_rule(state, state.draft.changes)
            self._held = held = _Held(state)
        held.follow(state.counted_sites)

        def points_of() -> pd.DataFrame:
            return self._held_for(state).points

        return _measured(state.ground, state.standard, held.coverage.is_covered, points_of)

    def _held_for(self, state: LabState) -> HeldCoverage:
        """Return the held coverage, led back to a state that may not be the last one any more."""
        held = self._held if self._held is not None and self._held.fits(state) else _Held(state)
        held.follow(state.counted_sites)
        return held.coverage

    def _rule_by_rule(self, state: LabState, changes: tuple[Change, ...]) -> Measured:
        name = "changed" if changes else "today"
        made: _Made = (changes, state.draft.hour)
        made_for, known = self._by_rule.get(name, (((), None), None))
        if known is None or known.ground is not state.ground or made_for != made:
            known = _ByRule(state.ground, _world_at(state) if changes else _today_at(state))
            self._by_rule[name] = (made, known)
        return known.measured(state.standard)


def _today_at(state: LabState) -> World:
    """Return the unchanged world at the hour of a state."""
    ground, hour = state.ground, state.draft.hour
    if hour is None:
        return ground.world
    return _without(ground.world, asleep_ids(ground, state.week, ground.base_sites, hour))


def _world_at(state: LabState) -> World:
    return _without(state.world, state.asleep)


def _without(world: World, asleep: frozenset[str]) -> World:
    if not asleep:
        return world
    frame = world.facilities.frame
    shut = frame["facility_id"].isin(list(asleep))
    frame["status"] = frame["status"].mask(shut, str(Status.CLOSED))
    return world.with_facilities(Facilities(frame))


class _ByRule:
    """Coverage of one world, measured rule by rule and kept for as long as a rule stays as it is."""

    def __init__(self, ground: Ground, world: World) -> None:
        self.ground, self.world = ground, world
        self._worlds: dict[str, World] = {}
        self._known: dict[str, tuple[CircleRule, pd.DataFrame]] = {}

    def measured(self, standard: CircleStandard) -> Measured:
        """Return the coverage by a standard."""
        parts = [part for rule in standard.rules for part in self._part(standard, rule)]
        is_covered = np.zeros(len(self.ground.persons), dtype=bool)
        for rows, points in parts:
            is_covered[rows] = points["is_covered"].to_numpy()
        return _measured(self.ground, standard, is_covered, lambda: _together(len(is_covered), parts))

    def _part(self, standard: CircleStandard, rule: CircleRule) -> Iterator[tuple[np.ndarray, pd.DataFrame]]:
        """Yield the rows of the people of a rule, and their coverage; nothing where nobody is concerned."""
        settlement = str(rule.settlement)
        people = self.ground.people(settlement)
        if people is None:
            return
        if settlement not in self._worlds:
            self._worlds[settlement] = people.world.with_facilities(self.world.facilities)
        known = self._known.get(settlement)
        if known is None or known[0] != rule:
            only = CircleStandard(id=standard.id, rules=(rule,))
            known = (rule, measure_coverage(self._worlds[settlement], only).points)
            self._known[settlement] = known
        yield people.rows, known[1]


def _together(n: int, parts: Sequence[tuple[np.ndarray, pd.DataFrame]]) -> pd.DataFrame:
    """Return the parts of a coverage as one table, in the order of the demand table."""
    columns: dict[str, np.ndarray] = {
        "n_circles": np.zeros(n, dtype=np.int64),
        "nearest_facility_id": np.full(n, None, dtype=object),
        "nearest_cost": np.full(n, np.nan),
        "limit": np.full(n, np.nan),
    }
    for rows, points in parts:
        for name, column in columns.items():
            column[rows] = points[name].to_numpy()
    return pd.DataFrame(columns)


class _Held:
    """A held coverage and the sites it knows."""

    def __init__(self, state: LabState) -> None:
        self.ground, self.standard = state.ground, state.standard
        self.coverage = HeldCoverage(state.ground.world, state.standard)
        self.sites: dict[str, Site] = dict(state.ground.base_sites)

    def fits(self, state: LabState) -> bool:
        """Return whether a state has the same world and standard, and the same kinds of facilities."""
        if self.ground is not state.ground or self.standard != state.standard:
            return False
        known = self.sites
        return all(
            name not in known or (known[name].level, known[name].kind) == (site.level, site.kind)
            for name, site in state.sites.items()
            if site is not known.get(name)
        )

    def follow(self, sites: Mapping[str, Site]) -> None:
        """Make the held facilities those of a state; ones it does not have are closed."""
        for name, known in tuple(self.sites.items()):
            if name not in sites and known.is_open:
                self.coverage.close(name)
                self.sites[name] = replace(known, status=str(Status.CLOSED))
        for name, site in sites.items():
            held = self.sites.get(name)
            if held is site:
                continue
            self._change(name, held, site)
            self.sites[name] = site

    def _change(self, name: str, held: Site | None, site: Site) -> None:
        if held is None:
            self.coverage.add(name, x_m=site.x_m, y_m=site.y_m, level=site.level, kind=site.kind)
            if not site.is_open:
                self.coverage.close(name)
            return
        if held.is_open and not site.is_open:
            self.coverage.close(name)
        if (held.x_m, held.y_m) != (site.x_m, site.y_m):
            self.coverage.move(name, x_m=site.x_m, y_m=site.y_m)
        if site.is_open and not held.is_open:
            self.coverage.open(name)


def _measured(
    ground: Ground,
    standard: CircleStandard,
    is_covered: np.ndarray,
    points_of: Callable[[], pd.DataFrame],
) -> Measured:
    ruled = np.array([standard.rule(str(name)) is not None for name in Settlement])
    return Measured(
        persons=ground.persons,
        settlement=ground.settlement,
        codes=ground.settlement_codes,
        has_rule=ruled[ground.settlement_codes],
        is_covered=is_covered,
        points_of=points_of,
    )
