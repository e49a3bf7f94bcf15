"""Scenarios side by side: which there are, what each does better, and who is newly served."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cultureplan.base.errors import UnknownNameError
from cultureplan.base.messages import Lang, text
from cultureplan.lab.ground import Ground
from cultureplan.lab.meter import Measured
from cultureplan.lab.session import Action, LabSession
from cultureplan.lab.state import Draft, LabState
from cultureplan.measures import equity
from cultureplan.measures.circles import CircleStandard
from cultureplan.measures.coverage import Coverage, measure_coverage
from cultureplan.planning.changes import Add, Change, Close, Open
from cultureplan.planning.compare import Comparison
from cultureplan.planning.scenario import Scenario
from cultureplan.plotting.wording import demand_names
from cultureplan.world.world import World

TODAY, NOW = "today", "now"
_SNAPSHOT = "snapshot:"


def scenario_keys(state: LabState) -> tuple[str, ...]:
    """Return the scenarios of a state: ``today``, ``now``, and ``snapshot:<name>`` for each snapshot."""
    return (TODAY, NOW, *(f"{_SNAPSHOT}{name}" for name in state.snapshots))


def scenario_label(key: str, lang: Lang = "en") -> str:
    """Return what people call a scenario."""
    return text(f"lab.{key}", lang) if key in (TODAY, NOW) else key.removeprefix(_SNAPSHOT)


def scenario_state(state: LabState, key: str) -> LabState:
    """Return the state in which a scenario holds, under the rules that hold now.

    Raises
    ------
    UnknownNameError
        If there is no such scenario.
    """
    if key == NOW:
        return state
    if key not in scenario_keys(state):
        raise UnknownNameError.closest("lab.no_snapshot", key.removeprefix(_SNAPSHOT), state.snapshots)
    draft = Draft(choice=state.draft.choice)
    if key != TODAY:
        kept = state.snapshots[key.removeprefix(_SNAPSHOT)]
        draft = dataclasses.replace(kept, choice=state.draft.choice)
    return dataclasses.replace(state, draft=draft, past=(), future=())


@dataclass(frozen=True, kw_only=True)
class ScenarioFigures:
    """What a scenario comes to.

    Parameters
    ----------
    key : str
        Which.
    persons_covered, share, persons_newly_covered, persons_lost : float
        Against the first scenario.
    mean_ratio, gini : float
        Cost of the nearest facility over the limit: its mean over the people, and Gini's index of it.
    n_facilities, n_orphans : int
        Open facilities; those that report to nobody.
    build_cost, annual_cost : float
        Of what opens and closes against today; NaN where an opened facility states none.
    """

    key: str
    persons_covered: float
    share: float
    persons_newly_covered: float
    persons_lost: float
    mean_ratio: float
    gini: float
    n_facilities: int
    n_orphans: int
    build_cost: float
    annual_cost: float


class Comparer:
    """Measures scenarios and remembers what it measured: an edit measures one scenario anew.

    Measured as :func:`cultureplan.compare` does, without its areas.
    """

    def __init__(self) -> None:
        self._known: list[_Measured] = []

    def compare(self, state: LabState, keys: Sequence[str]) -> Comparison:
        """Return the comparison of some scenarios of a state, the first being the baseline.

        The labels are the keys; a scenario named twice is compared once.
        """
        used = {key: self._measured(state, key) for key in dict.fromkeys(keys)}
        self._known = list(used.values())
        return Comparison(coverages={key: measured.coverage for key, measured in used.items()})

    def _measured(self, state: LabState, key: str) -> _Measured:
        draft = scenario_state(state, key).draft
        for known in self._known:  # a handful; changes that add a facility have no hash
            same_rules = known.ground is state.ground and known.standard == state.standard
            if same_rules and known.changes == draft.changes:
                return known
        world = Scenario(state.ground.world, draft.changes).apply()
        return _Measured(
            ground=state.ground,
            standard=state.standard,
            changes=draft.changes,
            coverage=measure_coverage(world, state.standard),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Measured:
    """What was measured, and of what."""

    ground: Ground
    standard: CircleStandard
    changes: tuple[Change, ...]
    coverage: Coverage


def figures_of(state: LabState, comparison: Comparison) -> tuple[ScenarioFigures, ...]:
    """Return the figures of each scenario that a :class:`Comparer` compared."""
    before = comparison.baseline.points
    rows = []
    for key, coverage in comparison.coverages.items():
        points, world = coverage.points, coverage.world
        persons = points["persons"].to_numpy(float)
        now, then = points["is_covered"].to_numpy(bool), before["is_covered"].to_numpy(bool)
        ratio = points["nearest_cost"].to_numpy(float) / points["limit"].to_numpy(float)
        known = np.isfinite(ratio)
        people = float(persons[known].sum())
        changes = scenario_state(state, key).draft.changes
        build, annual = costs_of(state.ground.world, changes)
        rows.append(
            ScenarioFigures(
                key=key,
                persons_covered=coverage.persons,
                share=coverage.share,
                persons_newly_covered=float(persons[now & ~then].sum()),
                persons_lost=float(persons[then & ~now].sum()),
                mean_ratio=float((ratio[known] * persons[known]).sum() / people) if people else math.nan,
                gini=equity.gini(ratio[known], persons[known]),
                n_facilities=len(world.network.ids),
                n_orphans=len(world.network.orphans()),
                build_cost=build,
                annual_cost=annual,
            )
        )
    return tuple(rows)


def costs_of(world: World, changes: Sequence[Change]) -> tuple[float, float]:
    """Return what changes cost to build, and a year: what is opened, less what is no longer run.

    NaN where an opened or closed facility states no cost.
    """
    frame = world.facilities.frame.set_index("facility_id")
    opened: dict[str, Add | None] = {}
    closed: set[str] = set()
    for change in changes:
        if isinstance(change, (Add, Open)):
            name = change.facility_id
            if name in closed:
                closed.discard(name)
            else:
                opened[name] = change if isinstance(change, Add) else None
        elif isinstance(change, Close):
            if change.facility_id in opened:
                del opened[change.facility_id]
            else:
                closed.add(change.facility_id)

    def stated(name: str, add: Add | None, column: str) -> float:
        value = frame[column].get(name) if add is None and column in frame else None
        if add is not None:
            value = add.attributes.get(column)
        return math.nan if value is None or pd.isna(value) else float(value)

    build = sum((stated(name, add, "build_cost") for name, add in opened.items()), 0.0)
    annual = sum((stated(name, add, "annual_cost") for name, add in opened.items()), 0.0)
    annual -= sum((stated(name, None, "annual_cost") for name in closed), 0.0)
    return build, annual


def newly_served(comparison: Comparison, key: str, lang: Lang = "en") -> pd.DataFrame:
    """Return who is served by a scenario and not by the first one, or no longer, most persons first.

    Returns
    -------
    DataFrame, index demand_id
        ``name``, ``settlement``, ``change`` (``newly_covered`` or ``lost``), ``persons``, ``cost_before``,
        ``cost_after``, ``unit``.
    """
    changed = comparison.changed_points(key)
    names = demand_names(comparison.baseline.world, lang).reindex(changed.index)
    changed.insert(0, "name", names.to_numpy(object))
    return changed[["name", "settlement", "change", "persons", "cost_before", "cost_after", "unit"]]


class SideSession(LabSession):
    """One side of a comparison: a scenario of another session, coloured against the first side.

    Parameters
    ----------
    main : LabSession
        Whose scenarios are compared; the side that shows ``now`` edits it.
    key : str
        Which scenario.
    """

    def __init__(self, main: LabSession, key: str) -> None:
        super().__init__(scenario_state(main.state, key), lang=main.lang)
        self.main, self.key = main, key
        self.baseline: SideSession | None = None
        self.colouring = main.colouring

    @property
    def is_editable(self) -> bool:
        """Whether this side shows what is being planned."""
        return self.key == NOW

    @property
    def today(self) -> Measured:
        """What the people are coloured against: the coverage of the first side."""
        return super().today if self.baseline is None else self.baseline.measured

    def follow(self) -> None:
        """Show what the main session holds now."""
        main = self.main
        known = scenario_keys(main.state)
        self.key = self.key if self.key in known else TODAY
        self.state = scenario_state(main.state, self.key)
        self._shown = main._shown if self.is_editable else None
        self.lang, self.colouring = main.lang, main.colouring
        self.notice = main.notice if self.is_editable else ""
        self._tell()

    def do(self, action: Action) -> bool:
        """Do something to the main session where this side shows it; another scenario stays as it is kept."""
        if self.is_editable:
            return self.main.do(action)
        self.say(text("lab_panels.kept_scenario", self.lang))
        return False

    def preview(self, action: Action) -> None:
        """Show what an action would do, on the main session."""
        if self.is_editable:
            self.main.preview(action)

    def undo(self) -> None:
        """Undo in the main session."""
        self.main.undo()

    def redo(self) -> None:
        """Redo in the main session."""
        self.main.redo()
