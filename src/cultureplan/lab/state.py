"""The lab without a screen: everything a panel can do, as functions from one state to the next.

A state never changes. Each method returns the next one, so undo is a tuple of earlier drafts and a test
needs no widget.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.base.messages import Lang, text
from cultureplan.lab.choice import Choice
from cultureplan.lab.draft import Draft as Draft
from cultureplan.lab.draft import SolveRequest as SolveRequest
from cultureplan.lab.draft import Step as Step
from cultureplan.lab.edits import changed_sites, find_site, folded, validate_rank
from cultureplan.lab.ground import Ground, Site, Spot
from cultureplan.lab.week import Week, asleep_ids, validate_hour, week_of
from cultureplan.measures.circles import CircleStandard
from cultureplan.planning.changes import Add, Change, ChangeLevel, Close, Move, Open, Reassign
from cultureplan.planning.compare import Comparison, compare
from cultureplan.planning.scenario import Scenario
from cultureplan.siting.model import SitingModel
from cultureplan.siting.problem import CandidateSource, SitingProblem
from cultureplan.siting.result import SitingResult
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Level, Status
from cultureplan.world.world import World

MOST_STEPS = 200  # that can be undone
_NEW_ID = "new-"
_REPEATED = ("setting", "limit", "hour")  # the same one again and again is one step to undo


@dataclass(frozen=True, kw_only=True, eq=False)
class LabState:
    """A world, what was done to it, and what can be undone.

    Parameters
    ----------
    ground : Ground
        The world before any change, and its candidate sites.
    draft : Draft
        What holds now.
    past, future : tuple of Draft
        What undo and redo go to; the nearest last.
    snapshots : Mapping[str, Draft]
        Drafts kept under a name.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan.lab.state import LabState
    >>> state = LabState.start(cp.load_world("sanheyuan"), "ordos-2014")
    >>> closed = state.close(state.open_ids[0])
    >>> len(state.open_ids) - len(closed.open_ids), len(closed.undo().open_ids) == len(state.open_ids)
    (1, True)
    """

    ground: Ground
    draft: Draft
    past: tuple[Draft, ...] = ()
    future: tuple[Draft, ...] = ()
    snapshots: Mapping[str, Draft] = field(default_factory=dict)

    @classmethod
    def start(
        cls,
        world: World,
        standard: str | CircleStandard = "ordos-2014",
        *,
        candidates: CandidateSource | Facilities | None = None,
    ) -> Self:
        """Return the first state of a world.

        Parameters
        ----------
        world : World
            The world as it is.
        standard : str or CircleStandard
            Circle standard.
        candidates : {"table", "demand", "places", "grid"} or Facilities, optional
            Where facilities may be opened.
        """
        ground = Ground(world=world, candidates=candidates)
        return cls(ground=ground, draft=Draft(choice=Choice.of(standard)))

    # what holds now

    @property
    def standard(self) -> CircleStandard:
        """The circle standard as chosen."""
        return self.draft.choice.standard

    @cached_property
    def scenario(self) -> Scenario:
        """The world and the changes to it."""
        return Scenario(self.ground.world, self.draft.changes)

    @cached_property
    def world(self) -> World:
        """The world after the changes, validated."""
        return self.scenario.apply() if self.draft.changes else self.ground.world

    @cached_property
    def sites(self) -> Mapping[str, Site]:
        """Every facility after the changes, by id."""
        return changed_sites(self.ground, self.ground.base_sites, self.draft.changes)

    @property
    def open_ids(self) -> tuple[str, ...]:
        """Ids of the facilities that are open."""
        return tuple(site.facility_id for site in self.sites.values() if site.is_open)

    @cached_property
    def free_candidates(self) -> Mapping[str, Site]:
        """Candidate sites where nothing is open yet, forbidden ones included."""
        taken = {name for name, site in self.sites.items() if site.status != Status.CANDIDATE}
        return {name: site for name, site in self.ground.candidate_sites.items() if name not in taken}

    @property
    def forbidden_free(self) -> frozenset[str]:
        """Ids of the free candidates that a solver must leave alone."""
        return self.draft.forbidden & self.free_candidates.keys()

    @property
    def required_free(self) -> frozenset[str]:
        """Ids of the free candidates that a solver must open."""
        return self.draft.required & self.free_candidates.keys()

    @cached_property
    def opened_ids(self) -> tuple[str, ...]:
        """Ids of the facilities that are open now and were not before."""
        base = self.ground.base_sites
        return tuple(name for name in self.open_ids if name not in base or not base[name].is_open)

    @cached_property
    def asleep(self) -> frozenset[str]:
        """Ids of the open facilities that are shut at the hour of the draft; none where it has no hour."""
        hour = self.draft.hour
        return frozenset() if hour is None else asleep_ids(self.ground, self.week, self.sites, hour)

    @cached_property
    def counted_sites(self) -> Mapping[str, Site]:
        """Every facility by id, those that are shut at the hour as closed ones."""
        shut = {name: self.sites[name].shut() for name in self.asleep}
        return MappingProxyType({**self.sites, **shut}) if shut else self.sites

    @property
    def week(self) -> Week:
        """When the facilities of the world are open."""
        return week_of(self.ground)

    # rules

    def set_hour(self, hour: int | None) -> Self:
        """Return the state at an hour of the week, 0 to 167 from Monday 00:00, or at no particular one.

        Raises
        ------
        InputError
            If there is no such hour.
        """
        return self._to(hour=None if hour is None else validate_hour(hour), step=Step(name="hour"))

    def select_standard(self, standard: str | CircleStandard) -> Self:
        """Return the state under another standard, with its default readings."""
        choice = Choice.of(standard)
        return self._to(choice=choice, step=Step(name="standard", what=choice.name))

    def set_setting(self, name: str, value: float | str) -> Self:
        """Return the state under another reading of the standard; repeated, it is one step to undo."""
        return self._to(
            choice=self.draft.choice.with_setting(name, value), step=Step(name="setting", what=name)
        )

    def set_limit(self, settlement: str, limit: float) -> Self:
        """Return the state with another limit for a settlement type, in the unit of its rule."""
        choice = self.draft.choice.with_limit(settlement, limit)
        return self._to(choice=choice, step=Step(name="limit", what=settlement))

    # facilities

    def add(
        self,
        x_m: float,
        y_m: float,
        *,
        snap_m: float = 0.0,
        only_candidates: bool = False,
        level: str = Level.SERVICE_POINT,
        kind: str | None = None,
        name: str = "",
    ) -> Self:
        """Return the state with a facility opened at a point.

        Parameters
        ----------
        x_m, y_m : float
            Where, in metres of the world's coordinate system.
        snap_m : float
            How far it may jump to a candidate, which is then opened, or to a demand point.
        only_candidates : bool
            Whether anything but a candidate is refused.
        level, kind, name : str, optional
            Of a facility that is no candidate; a kind that the standard counts where absent.
        """
        spot = self.ground.snap(x_m, y_m, within_m=snap_m)
        if spot.kind == "candidate" and spot.target_id in self.free_candidates:
            return self.open(spot.target_id)
        if only_candidates:
            raise InputError.of("lab.no_candidate_here", n=len(self.free_candidates))
        number = 1 + max((_number(name) for name in self.sites), default=0)
        facility_id = f"{_NEW_ID}{number}"
        attributes = {"name": name} if name else {}
        change = Add(
            facility_id=facility_id, x_m=spot.x_m, y_m=spot.y_m, level=str(level),
            kind=kind or self.usual_kind, attributes=attributes,
        )  # fmt: skip
        return self._changed(change, Step(name="add", what=facility_id))

    def open(self, facility_id: str) -> Self:
        """Return the state with a candidate, or a closed facility, opened."""
        candidate = self.ground.candidate_sites.get(facility_id)
        change: Change = Open(facility_id=facility_id)
        if candidate is not None and facility_id not in self.sites:
            change = Add(
                facility_id=facility_id, x_m=candidate.x_m, y_m=candidate.y_m, level=candidate.level,
                kind=self.usual_kind, attributes={"name": candidate.name},
            )  # fmt: skip
        return self._changed(change, Step(name="open", what=facility_id))

    def move(self, facility_id: str, x_m: float, y_m: float, *, snap_m: float = 0.0) -> Self:
        """Return the state with an open facility moved to a point, which may snap as in :meth:`add`."""
        if not find_site(self.sites, facility_id).is_open:
            raise InputError.of("lab.not_open_to_move", facility_id=facility_id)
        spot = self.ground.snap(x_m, y_m, within_m=snap_m)
        change = Move(facility_id=facility_id, x_m=spot.x_m, y_m=spot.y_m)
        return self._changed(change, Step(name="move", what=facility_id))

    def close(self, facility_id: str) -> Self:
        """Return the state with an open facility closed; one that was only added is gone."""
        site = find_site(self.sites, facility_id)
        base = self.ground.base_sites.get(facility_id)
        if site.is_open and base is not None and base.status == Status.CANDIDATE:
            return self._withdrawn(facility_id)
        return self._changed(Close(facility_id=facility_id), Step(name="close", what=facility_id))

    def reassign(self, facility_id: str, parent_id: str) -> Self:
        """Return the state with a facility reporting to another one, which must be of a higher level."""
        site, parent = find_site(self.sites, facility_id), find_site(self.sites, parent_id)
        validate_rank(site, site.level, parent)
        return self._changed(
            Reassign(facility_id=facility_id, parent_id=parent_id), Step(name="reassign", what=facility_id)
        )

    def change_level(self, facility_id: str, level: str, *, parent_id: str | None = None) -> Self:
        """Return the state with a facility on another level, and reporting to another one where named.

        Raises
        ------
        InputError
            If its parent, or a facility that reports to it, does not fit the level.
        """
        site = find_site(self.sites, facility_id)
        parent = self.sites.get(parent_id if parent_id is not None else site.parent_id)
        after = dataclasses.replace(site, level=str(Level(level)))
        if parent is not None:
            validate_rank(after, after.level, parent)
        for child in self.sites.values():
            if child.parent_id == facility_id and child.is_open:
                validate_rank(child, child.level, after)
        change = ChangeLevel(facility_id=facility_id, level=after.level, parent_id=parent_id)
        return self._changed(change, Step(name="level", what=facility_id))

    def forbid(self, facility_id: str) -> Self:
        """Return the state with a candidate forbidden to the solver, or allowed again."""
        find_site(self.ground.candidate_sites, facility_id)
        forbidden, required = self.draft.forbidden ^ {facility_id}, self.draft.required - {facility_id}
        return self._to(forbidden=forbidden, required=required, step=Step(name="forbid", what=facility_id))

    def require(self, facility_id: str) -> Self:
        """Return the state with a candidate that the solver must open, or is free to leave again."""
        find_site(self.ground.candidate_sites, facility_id)
        forbidden, required = self.draft.forbidden - {facility_id}, self.draft.required ^ {facility_id}
        return self._to(forbidden=forbidden, required=required, step=Step(name="require", what=facility_id))

    def clear(self) -> Self:
        """Return the state with the facilities as they are today and every candidate left to the solver."""
        none: frozenset[str] = frozenset()
        return self._to(changes=(), forbidden=none, required=none, step=Step(name="clear"))

    def without_new(self) -> Self:
        """Return the state in which nothing was opened that is not open today; closures and moves stay."""
        new = set(self.opened_ids)
        kept = tuple(
            change for change in self.draft.changes if getattr(change, "facility_id", None) not in new
        )
        return self._to(changes=kept, step=Step(name="clear"))

    def snap(self, x_m: float, y_m: float, *, within_m: float) -> Spot:
        """Return where a facility dropped at a point would go."""
        return self.ground.snap(x_m, y_m, within_m=within_m)

    @property
    def usual_kind(self) -> str:
        """A kind of facility that the standard counts: the first it names, or a library."""
        kinds = [kind for rule in self.standard.rules for need in rule.needs for kind in need.kinds]
        return "library" if "library" in kinds or not kinds else kinds[0]

    # undo, redo, snapshots

    def undo(self) -> Self:
        """Return the state before the last step; the same one where there is none."""
        if not self.past:
            return self
        return dataclasses.replace(
            self, draft=self.past[-1], past=self.past[:-1], future=(*self.future, self.draft)
        )

    def redo(self) -> Self:
        """Return the state after the step that was undone last; the same one where there is none."""
        if not self.future:
            return self
        return dataclasses.replace(
            self, draft=self.future[-1], past=(*self.past, self.draft), future=self.future[:-1]
        )

    def take_snapshot(self, name: str) -> Self:
        """Return the state with the draft kept under a name; an earlier one of that name is replaced."""
        if not name.strip():
            raise InputError.of("lab.no_name")
        return dataclasses.replace(
            self, snapshots=MappingProxyType({**self.snapshots, name.strip(): self.draft})
        )

    def go_to_snapshot(self, name: str) -> Self:
        """Return the state with the draft kept under a name; can be undone."""
        draft = self._snapshot(name)
        return self._to(
            choice=draft.choice, changes=draft.changes, forbidden=draft.forbidden,
            required=draft.required, hour=draft.hour,
            step=Step(name="snapshot", what=name),
        )  # fmt: skip

    def at(self, draft: Draft) -> Self:
        """Return the state with a draft holding that nothing led to: to measure it, not to go on from it."""
        return dataclasses.replace(self, draft=draft, past=(), future=())

    def drop_snapshot(self, name: str) -> Self:
        """Return the state without a snapshot."""
        self._snapshot(name)
        kept = {key: draft for key, draft in self.snapshots.items() if key != name}
        return dataclasses.replace(self, snapshots=MappingProxyType(kept))

    def compare(self, lang: Lang = "en") -> Comparison:
        """Return today, every snapshot and what holds now, all measured by the standard that holds now."""
        worlds = {text("lab.today", lang): self.ground.world}
        for name, draft in self.snapshots.items():
            worlds[name] = Scenario(self.ground.world, draft.changes).apply()
        worlds[text("lab.now", lang)] = self.world
        return compare(worlds, self.standard)

    # siting

    def request(self, model: SitingModel) -> SolveRequest:
        """Return what a solver needs to improve on the facilities as they are open now.

        Raises
        ------
        InputError
            If the world has no candidates, or the model makes no sense on it.
        """
        candidates = self.ground.candidate_source
        problem = SitingProblem.from_world(
            self.world, self.standard, candidates=candidates, forbidden=tuple(sorted(self.forbidden_free))
        )
        model.validate(problem)
        return SolveRequest(problem=problem, model=model, draft=self.draft)

    def take(self, result: SitingResult) -> Self:
        """Return the state with the sites opened that a solver chose, and those it had to choose."""
        after = self.scenario.add(result).close(*map(str, result.closed))
        state = self._to(changes=after.changes)
        given = sorted(state.required_free)
        for name in given:
            state = state.open(name)
        step = Step(name="solve", what=str(len(result.opened) + len(given)))
        return self._to(changes=state.draft.changes, step=step)

    # inside

    def _snapshot(self, name: str) -> Draft:
        if name not in self.snapshots:
            raise UnknownNameError.closest("lab.no_snapshot", name, self.snapshots)
        return self.snapshots[name]

    def _withdrawn(self, facility_id: str) -> Self:
        """Return the state in which a candidate was never opened."""
        kept = tuple(
            change for change in self.draft.changes if getattr(change, "facility_id", None) != facility_id
        )
        step = Step(name="close", what=facility_id)
        try:
            return self._to(changes=kept, step=step)
        except (UnknownNameError, InputError):
            return self._changed(Close(facility_id=facility_id), step)

    def _changed(self, change: Change, step: Step) -> Self:
        return self._to(changes=folded(self.draft.changes, change), step=step)

    def _to(self, **fields: Any) -> Self:
        """Return the state with another draft, which can be undone; the same setting twice is one step."""
        draft = dataclasses.replace(self.draft, **fields)
        if draft == self.draft:
            return self
        repeats = draft.step == self.draft.step and draft.step.name in _REPEATED and self.past
        past = self.past if repeats else (*self.past, self.draft)[-MOST_STEPS:]
        after = dataclasses.replace(self, draft=draft, past=past, future=())
        _ = after.counted_sites  # a change that does not fit is refused here
        return after


def _number(facility_id: str) -> int:
    """Return the number in the id of a facility that was added here, else 0."""
    rest = facility_id.removeprefix(_NEW_ID)
    return int(rest) if facility_id.startswith(_NEW_ID) and rest.isdecimal() and len(rest) < 10 else 0
