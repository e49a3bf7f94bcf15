"""The p-median with equality: a short way on average, and none that is far too long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from cultureplan.base.errors import Fault, InputError
from cultureplan.base.units import positive
from cultureplan.measures.equity import gini
from cultureplan.siting.cover import id_rank, total
from cultureplan.siting.coverage import service_table
from cultureplan.siting.mip import Mip, MipBuilder, Sense
from cultureplan.siting.model import (
    Answer,
    Control,
    SitingModel,
    add_number,
    add_sites,
    preference_of,
    solve_formulation,
    translated,
    validate_choice,
    validate_number,
)
from cultureplan.siting.models.p_median import PMedian
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.rank_search import Ranked

EXACT_POINTS = 40  # up to so many peopled points Gini's index is solved as an integer program
LARGEST_PROGRAM = 100  # and up to so many where method="exact" asks for it


@dataclass(frozen=True, kw_only=True)
class EquitableMedian(SitingModel):
    r"""Open `n_sites` sites so that the mean cost and a penalty on inequality are least together.

    .. math::

        \min \frac{1}{W} \sum_i w_i c_i + \lambda P(c), \qquad c_i = \sum_j d_{ij} z_{ij} + q s_i, \qquad
        \sum_j z_{ij} + s_i = 1, \qquad z_{ij} \le x_j, \qquad \sum_j x_j = p

    with ``penalty="shortfall"``, the measure of Foster, Greer and Thorbecke of who falls short:

    .. math::

        P = \frac{1}{W} \sum_i w_i L_i \Bigl( \frac{\max(0, c_i - L_i)}{L_i} \Bigr)^\alpha

    (for :math:`\alpha = 0`: :math:`L_i` for everybody beyond it), or with ``penalty="gini"``, the mean
    times Gini's index of the costs:

    .. math::

        P = \bar c\, G = \frac{1}{W^2} \sum_{i < k} w_i w_k e_{ik}, \qquad
        e_{ik} \ge c_i - c_k, \quad e_{ik} \ge c_k - c_i

    ================= ============================================================
    symbol            argument
    ================= ============================================================
    :math:`w_i, W`    ``problem.persons`` and their sum
    :math:`d_{ij}`    ``problem.costs``; a pair that is not stored cannot be used
    :math:`p`         `n_sites`: opened *beside* the fixed ones
    :math:`\lambda`   `weight`
    :math:`L_i`       `limit`, or ``problem.limit``
    :math:`\alpha`    `power`
    :math:`q`         `unserved_cost`; without it everybody must be served
    ================= ============================================================

    Both penalties are in the unit of the costs, and so is the objective: a weight of 1 with `power` 1
    counts every metre beyond the limit twice.

    Parameters
    ----------
    n_sites : int
        Sites to open in addition to the fixed ones.
    penalty : {"shortfall", "gini"}
        What is unequal.
    weight : float
        0 is the p-median. For ``gini`` at most 1: above it, a plan could look better because the best
        served are served worse.
    limit : float, optional
        Cost beyond which somebody falls short; the problem's limit where absent. For ``shortfall`` only.
    power : float
        0 counts who falls short, 1 by how much, 2 the far more than the near. For ``shortfall`` only.
    unserved_cost : float, optional
        Cost a person with no open site among the stored pairs.

    Notes
    -----
    NP-hard. The shortfall adds up over people, so it is a p-median on changed costs: any size, proven as
    that one is. Gini's index does not add up. Up to 40 peopled points (:data:`EXACT_POINTS`; 100 with
    ``method="exact"``) it is the integer program above, which has two rows for each pair of points.
    Beyond that, p-medians whose weights are ranks give plans and a bound (see
    :mod:`cultureplan.siting.rank_search`), which often do not meet: the status is then ``feasible`` and
    the gap says how far apart they are.

    Not to be used where one person far out decides (:class:`PCenter`), or where places are compared
    (:class:`EquitableCoverage`).

    References
    ----------
    Foster, Greer and Thorbecke (1984): A class of decomposable poverty measures. Econometrica 52,
    761-766. Ogryczak (2009): Inequality measures and equitable locations. Annals of Operations Research
    167, 61-86 (why the weight of the mean difference is at most 1). Drezner, Drezner and Guyse (2009):
    Equitable service by a facility: minimizing the Gini coefficient. Computers and Operations Research
    36, 3240-3246.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan.siting.models.equitable_median import EquitableMedian
    >>> costs = cp.TravelCosts.from_dense([[0, 600], [0, 600], [1_500, 600]], unit="m")
    >>> problem = cp.SitingProblem(costs=costs, persons=[10, 10, 10], limit=800.0)
    >>> cp.solve_siting(problem, cp.PMedian(n_sites=1)).selected
    (0,)
    >>> result = cp.solve_siting(problem, EquitableMedian(n_sites=1, weight=1.0))
    >>> result.selected, result.objective
    ((1,), 600.0)
    """

    n_sites: int
    penalty: Literal["shortfall", "gini"] = "shortfall"
    weight: float = 1.0
    limit: float | None = None
    power: float = 1.0
    unserved_cost: float | None = None

    key: ClassVar[str] = "equitable_median"
    sense: ClassVar[Sense] = "min"
    assigns_within_circle: ClassVar[bool] = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_sites", validate_number("n_sites", self.n_sites))
        if self.penalty not in ("shortfall", "gini"):
            known = "shortfall, gini"
            raise InputError.of(
                "fault.not_one_of", name="penalty", value=self.penalty, known=known, closest="gini"
            )
        for name in ("weight", "power", "unserved_cost"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < np.inf:
                raise InputError.of("siting.negative_number", name=name, value=value)
        if self.penalty == "gini" and self.weight > 1:
            raise InputError.of("siting.gini_weight", value=self.weight)
        if self.limit is not None:
            object.__setattr__(self, "limit", positive("limit", self.limit))

    def validate(self, problem: SitingProblem) -> None:
        """Raise if there are not so many sites, nobody to serve, or no limit to fall short of."""
        validate_choice(problem, self.n_sites)
        if problem.total_persons <= 0:
            raise InputError.of("siting.no_persons")
        if self.penalty == "shortfall":
            self._line(problem)

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return the unit of the costs."""
        return str(problem.costs.unit)

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the program: the p-median on changed costs, or the one with a difference for each pair."""
        if self.penalty == "gini":
            return self._gini_program(problem)
        scale = 1.0 / problem.total_persons
        changed, price, shift = self._changed(problem, scale)
        mip = PMedian(n_sites=self.n_sites, unserved_cost=price).formulation(changed)
        return replace(mip, offset=mip.offset - shift)

    def objective(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the mean cost and the penalty, less the preference of the opened sites."""
        mean, penalty = self.parts(problem, is_open)
        return mean + self.weight * penalty - preference_of(problem, is_open)

    def parts(self, problem: SitingProblem, is_open: np.ndarray) -> tuple[float, float]:
        """Return the mean cost and the penalty (without its weight) of some open sites."""
        paid = self._ranked(problem).costs(is_open)
        peopled = problem.persons > 0
        paid, persons = paid[peopled], problem.persons[peopled]
        if not np.isfinite(paid).all():
            return np.inf, np.inf
        mean = total(paid * persons) / problem.total_persons
        if self.penalty == "gini":
            return mean, mean * gini(paid, weights=persons) if mean > 0 else 0.0
        short = self._shortfall(paid, self._line(problem)[peopled])
        return mean, total(short * persons) / problem.total_persons

    def infeasible_notes(self, problem: SitingProblem) -> tuple[Fault, ...]:
        """Return the points that no site can be reached from."""
        return PMedian(n_sites=self.n_sites, unserved_cost=self.unserved_cost).infeasible_notes(problem)

    def notes(self, problem: SitingProblem, is_open: np.ndarray) -> tuple[Fault, ...]:
        """Return the mean cost and how unequal it is."""
        mean, penalty = self.parts(problem, is_open)
        unit = str(problem.costs.unit)
        note = Fault(code="siting.note_mean", values={"mean": mean, "unit": unit})
        if self.penalty == "gini":
            index = penalty / mean if mean > 0 else 0.0
            return (note, Fault(code="siting.note_gini", values={"gini": index}))
        short = self._ranked(problem).costs(is_open) > self._line(problem)
        values = {"persons": total(problem.persons[short]), "penalty": penalty, "unit": unit}
        return (note, Fault(code="siting.note_short", values=values))

    def site_table(
        self, problem: SitingProblem, is_open: np.ndarray, assignment: pd.DataFrame
    ) -> pd.DataFrame:
        """Return persons and mean cost of each open site, those who serve most first."""
        return service_table(problem, is_open, assignment)

    def solve(self, problem: SitingProblem, control: Control) -> Answer:
        """Return the answer: by the p-median on changed costs, or as Gini's index allows."""
        if self.penalty == "gini":
            return self._solve_gini(problem, control)
        changed, price, shift = self._changed(problem, 1.0)
        persons = problem.total_persons
        inner = translated(control, lambda value: (value - shift) / persons)
        answer = PMedian(n_sites=self.n_sites, unserved_cost=price).solve(changed, inner)
        return replace(answer, bound=(answer.bound - shift) / persons)

    def _solve_gini(self, problem: SitingProblem, control: Control) -> Answer:
        n_points = int((problem.persons > 0).sum())
        if n_points <= EXACT_POINTS and control.method != "heuristic":
            return solve_formulation(self, problem, control)
        median = PMedian(n_sites=self.n_sites, unserved_cost=self.unserved_cost)
        is_exact = control.method == "exact" and n_points <= LARGEST_PROGRAM
        first = replace(control, time_limit_s=control.time_limit_s / 4) if is_exact else control
        answer = self._ranked(problem).solve(median.solve, first)
        if is_exact and answer.is_open is not None:
            return solve_formulation(self, problem, control, start=answer.is_open, bound=answer.bound)
        return answer

    def _gini_program(self, problem: SitingProblem) -> Mip:
        builder = MipBuilder("min")
        columns = add_sites(builder, problem)
        everybody = problem.total_persons
        points = np.flatnonzero(problem.persons > 0)
        points = points[np.argsort(id_rank(problem.demand_ids)[points], kind="stable")]
        place = np.full(problem.n_demand, -1, dtype=np.int64)
        place[points] = np.arange(len(points))
        names = [str(name) for name in problem.demand_ids[points]]
        share = problem.persons[points] / everybody
        c = builder.add_columns("c", names, cost=share, upper=np.inf, integer=False)

        costs = problem.costs
        price = np.inf if self.unserved_cost is None else self.unserved_cost
        usable = (problem.is_fixed | problem.is_choice)[costs.indices] & (costs.values < price)
        kept = np.flatnonzero(usable & (place[costs.rows] >= 0))
        kept = kept[np.lexsort((problem.site_rank[costs.indices[kept]], place[costs.rows[kept]]))]
        owner, site, cost = place[costs.rows[kept]], costs.indices[kept], costs.values[kept]
        ids = problem.facility_ids
        labels = [(names[i], str(ids[j])) for i, j in zip(owner, site, strict=True)]
        z = builder.add_columns("z", labels, integer=False)
        s = builder.add_columns("s", names, upper=float(np.isfinite(price)), integer=False)
        serve = builder.add_rows("serve", names, lower=1.0, upper=1.0)
        builder.add_entries(serve[owner], z, 1.0)
        builder.add_entries(serve, s, 1.0)
        pays = builder.add_rows("pays", names, lower=0.0, upper=0.0)
        builder.add_entries(pays, c, 1.0)
        builder.add_entries(pays[owner], z, -cost)
        builder.add_entries(pays, s, -price if np.isfinite(price) else 0.0)
        free = np.flatnonzero(columns[site] >= 0)
        link = builder.add_rows("open", [labels[at] for at in free], upper=0.0)
        builder.add_entries(link, z[free], 1.0)
        builder.add_entries(link, columns[site[free]], -1.0)

        one, other = np.triu_indices(len(points), k=1)
        pairs = [(names[i], names[k]) for i, k in zip(one, other, strict=True)]
        worth = self.weight * share[one] * share[other]
        e = builder.add_columns("e", pairs, cost=worth, upper=np.inf, integer=False)
        for name, sign in (("above", 1.0), ("below", -1.0)):
            rows = builder.add_rows(name, pairs, lower=0.0)
            builder.add_entries(rows, e, 1.0)
            builder.add_entries(rows, c[one], -sign)
            builder.add_entries(rows, c[other], sign)
        add_number(builder, columns[problem.choices], self.n_sites)
        return builder.build()

    def _changed(self, problem: SitingProblem, scale: float) -> tuple[SitingProblem, float | None, float]:
        """Return the p-median whose costs hold the penalty, the price of the unserved, and what to deduct.

        The price differs from point to point where the limits do; costs are raised to the highest price.
        """
        costs, line, persons = problem.costs, self._line(problem), problem.persons * scale
        values = costs.values + self.weight * self._shortfall(costs.values, line[costs.rows])
        price, shift = None, 0.0
        if self.unserved_cost is not None:
            own = self.unserved_cost + self.weight * self._shortfall(
                np.full(problem.n_demand, float(self.unserved_cost)), line
            )
            price = float(own.max())
            values = np.maximum(values + (price - own)[costs.rows], 0.0)
            shift = total(persons * (price - own))
        changed = replace(
            problem,
            costs=replace(costs, values=values, limit=np.inf),
            persons=persons,
            preference=problem.preference * problem.total_persons * scale,
            limit=None,
            cover=None,
        )
        return changed, price, shift

    def _shortfall(self, cost: np.ndarray, line: np.ndarray) -> np.ndarray:
        beyond = np.maximum(cost - line, 0.0) / line
        return np.asarray(np.where(beyond > 0, line * beyond**self.power, 0.0))

    def _line(self, problem: SitingProblem) -> np.ndarray:
        """Return the limit of each demand point, or raise if somebody has none."""
        limit = problem.limit if self.limit is None else self.limit
        if limit is None:
            raise InputError.of("siting.no_line")
        line = np.array(np.broadcast_to(np.asarray(limit, dtype=float), problem.n_demand))
        if (line[problem.persons > 0] <= 0).any():
            raise InputError.of("siting.no_line")
        return np.where(line > 0, line, 1.0)

    def _ranked(self, problem: SitingProblem) -> Ranked:
        price = np.inf if self.unserved_cost is None else float(self.unserved_cost)
        return Ranked(problem=problem, weight=self.weight, price=price)
