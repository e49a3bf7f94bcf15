"""Goals of the siting studio: from what a person chooses to a siting problem and a model."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError
from cultureplan.base.messages import Lang, text
from cultureplan.lab.meter import Meter
from cultureplan.lab.state import LabState, SolveRequest
from cultureplan.plotting.wording import NOTHING, cost_words, count_words, share_words
from cultureplan.siting.model import SitingModel
from cultureplan.siting.models.backup_coverage import BackupCoverage
from cultureplan.siting.models.equitable_coverage import EquitableCoverage
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.models.p_center import PCenter
from cultureplan.siting.models.p_median import PMedian
from cultureplan.siting.models.set_cover import SetCover
from cultureplan.siting.problem import SitingProblem
from cultureplan.world.demand import DemandPoints
from cultureplan.world.facilities import Facilities

GOALS = (
    "maximal_coverage", "set_cover", "p_median", "p_center", "equitable_coverage", "backup_coverage",
)  # fmt: skip
BY_WAY = ("p_median", "p_center")  # everybody counts, however far
BY_COST = ("maximal_coverage", "set_cover")  # may look at what sites cost
_MOST_PAIRS = 10_000_000  # of people and sites, where everybody counts
_METRES_A_MINUTE = 80.0


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What a person asks the solver for.

    Parameters
    ----------
    name : str
        One of :data:`GOALS`: most people covered, everybody covered by the fewest sites, shortest mean
        way, shortest longest way, the worst-off place as well off as can be, covered twice.
    n_sites : int
        Sites to open, those that must be opened among them; not for ``set_cover``.
    budget : float, optional
        Instead of a number, for ``maximal_coverage``: what the sites may cost together.
    uses_cost : bool
        Whether ``set_cover`` seeks the cheapest sites instead of the fewest.
    unit_cost : float
        Cost of a site whose own is not known.
    share : float
        Share of the people who can be covered that ``set_cover`` must cover.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan.lab.goals import Goal
    >>> state = cp.lab.LabState.start(cp.load_world("sanheyuan"))
    >>> request = Goal(name="p_median", n_sites=2).request(state)
    >>> cp.solve_siting(request.problem, request.model).is_optimal
    True
    """

    name: str = "maximal_coverage"
    n_sites: int = 5
    budget: float | None = None
    uses_cost: bool = False
    unit_cost: float = 1.0
    share: float = 1.0

    def request(self, state: LabState) -> SolveRequest:
        """Return the problem and the model for a state; its open facilities stay, forbidden sites are out.

        Raises
        ------
        InputError
            If there are no candidates, more must be opened than may be, or everybody's way is asked for
            in a world too large for it.
        """
        problem = self._problem(state)
        given = tuple(name for name in sorted(state.required_free) if problem.mask([name]).any())
        problem = dataclasses.replace(problem, fixed=(*problem.fixed, *given))
        model = self._model(problem, given)
        model.validate(problem)
        return SolveRequest(problem=problem, model=model, draft=state.draft, given=given)

    def _problem(self, state: LabState) -> SitingProblem:
        world, reach = state.world, 1.0
        if self.name in BY_WAY:
            draft = dataclasses.replace(state.draft, hour=None)
            measured = Meter().measure(dataclasses.replace(state, draft=draft))
            rows = np.flatnonzero(measured.has_rule)
            n_sites = len(state.free_candidates) + len(state.open_ids)
            if len(rows) * n_sites > _MOST_PAIRS:
                raise InputError.of("lab_solve.too_large", n=len(rows), m=n_sites)
            if 0 < len(rows) < len(measured.has_rule):
                world = world.with_demand(DemandPoints(world.demand.frame.iloc[rows]))
            reach = _reach(state, measured.nearest_cost[rows], measured.limit[rows])
        problem = SitingProblem.from_world(
            world,
            state.standard,
            candidates=state.ground.candidate_source,
            forbidden=tuple(sorted(state.forbidden_free)),
            reach=reach,
        )
        return dataclasses.replace(problem, site_cost=self._site_cost(problem))

    def _site_cost(self, problem: SitingProblem) -> np.ndarray | None:
        if self.budget is None and not self.uses_cost:
            return None
        known = {} if problem.sites is None else build_costs(problem.sites)
        return np.array([known.get(str(name), self.unit_cost) for name in problem.facility_ids])

    def _model(self, problem: SitingProblem, given: tuple[str, ...]) -> SitingModel:
        if self.name == "set_cover":
            return SetCover(share=self.share, unreachable="skip")
        if self.name == "maximal_coverage" and self.budget is not None:
            spent = float(problem.site_cost[problem.positions(given)].sum())
            if spent >= self.budget:
                raise InputError.of("lab_solve.nothing_left", spent=spent, budget=self.budget)
            return MaximalCoverage(budget=self.budget - spent)
        n_free = self.n_sites - len(given)
        if n_free < 1:
            raise InputError.of("lab_solve.all_given", n=self.n_sites, k=len(given))
        if self.name == "p_median":
            # nobody pays more than the way that is kept: also where no site is near enough to be stored
            price = float(problem.costs.values.max(initial=0.0))
            return PMedian(n_sites=n_free, unserved_cost=price)
        if self.name == "p_center":
            return PCenter(n_sites=n_free)
        if self.name == "equitable_coverage":
            return EquitableCoverage(n_sites=n_free)
        if self.name == "backup_coverage":
            return BackupCoverage(n_sites=n_free)
        return MaximalCoverage(n_sites=n_free)


def goals_of(state: LabState) -> tuple[str, ...]:
    """Return the goals that make sense on a world: comparing places needs places."""
    has_places = bool(state.ground.world.demand_places.notna().any())
    return tuple(name for name in GOALS if has_places or name != "equitable_coverage")


def build_costs(facilities: Facilities) -> Mapping[str, float]:
    """Return the cost of building each facility whose table states one, by id."""
    frame = facilities.frame
    if "build_cost" not in frame.columns:
        return {}
    costs = pd.Series(frame["build_cost"].to_numpy(float, na_value=math.nan), index=frame["facility_id"])
    return {str(name): float(cost) for name, cost in costs[costs > 0].items()}


def candidate_costs(state: LabState) -> Mapping[str, float]:
    """Return the cost of opening each free candidate that states one, by id."""
    source = state.ground.candidate_source
    table = source if isinstance(source, Facilities) else state.ground.world.facilities
    return {name: cost for name, cost in build_costs(table).items() if name in state.free_candidates}


def value_words(request: SolveRequest, value: float, lang: Lang = "en") -> str:
    """Return a value of a request's goal with its unit, as people say it."""
    if not math.isfinite(value):
        return NOTHING
    model, problem = request.model, request.problem
    if model.key == "p_median":
        mean = value / problem.total_persons if problem.total_persons else math.nan
        return text("lab_solve.mean_way", lang, way=cost_words(mean, str(problem.costs.unit), lang))
    if model.key == "p_center":
        return text("lab_solve.longest_way", lang, way=cost_words(value, str(problem.costs.unit), lang))
    if model.key == "equitable_coverage":
        return text("lab_solve.worst_share", lang, share=share_words(value))
    if model.key == "set_cover":
        unit = "sites" if model.objective_unit(problem) == "sites" else "cost"
        value += float(problem.site_cost[problem.positions(request.given)].sum())
        return text(f"lab_solve.n_{unit}", lang, n=count_words(value))
    key = "lab_solve.weighted_persons" if model.key == "backup_coverage" else "lab_solve.n_persons"
    return text(key, lang, n=count_words(value))


def _reach(state: LabState, nearest: np.ndarray, limit: np.ndarray) -> float:
    """Return up to how many limits pairs must be kept so that the best answer is among them.

    Nobody goes farther than to the nearest facility of today; without any, the whole world counts.
    """
    known = np.isfinite(nearest)
    if known.any():
        ratio = float((nearest[known] / limit[known]).max())
    else:
        west, south, east, north = state.ground.bounds
        rules = state.standard.rules
        limits_m = [
            rule.radius_m or rule.limit * (_METRES_A_MINUTE if rule.unit == "minutes" else 1)
            for rule in rules
        ]
        ratio = 1.5 * math.hypot(east - west, north - south) / min(limits_m)
    return max(1.0, ratio * (1 + 1e-9))
