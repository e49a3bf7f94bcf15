"""The p-median problem: the least total way to the nearest open site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from cultureplan.base.errors import Fault, InputError
from cultureplan.siting.coverage import nearest_open, service_table
from cultureplan.siting.median_search import median_rows, solve_median
from cultureplan.siting.mip import Mip, MipBuilder, Sense
from cultureplan.siting.model import (
    Answer,
    Control,
    SitingModel,
    add_number,
    add_sites,
    preference_of,
    solve_formulation,
    validate_choice,
    validate_number,
)
from cultureplan.siting.problem import SitingProblem

_SMALL_PAIRS = 3_000  # below this nothing is compiled


@dataclass(frozen=True, kw_only=True)
class PMedian(SitingModel):
    r"""Open `n_sites` sites so that the person-weighted cost to the nearest open site is least.

    .. math::

        \min \sum_i \sum_j w_i d_{ij} z_{ij} + \sum_i w_i q \, s_i \quad \text{s.t.} \quad
        \sum_j z_{ij} + s_i = 1, \qquad z_{ij} \le x_j, \qquad \sum_j x_j = p, \qquad x_j \in \{0, 1\}

    ============== ===============================================================
    symbol         argument
    ============== ===============================================================
    :math:`w_i`    ``problem.persons``
    :math:`d_{ij}` ``problem.costs``; a pair that is not stored cannot be used
    :math:`p`      `n_sites`: opened *beside* the fixed ones
    :math:`q`      `unserved_cost`; without it everybody must be served (:math:`s_i = 0`)
    ============== ===============================================================

    The nearest fixed site of each point caps what it pays, so fixed sites are no variables.

    Parameters
    ----------
    n_sites : int
        Sites to open in addition to the fixed ones.
    unserved_cost : float, optional
        Cost a person with no open site among the stored pairs. With costs stored up to a cutoff, the
        cutoff itself makes the bound valid for the full table.

    Notes
    -----
    NP-hard. Swap search (Whitaker 1983; Resende and Werneck 2007) finds the answer, a Lagrangian dual
    with reduced-cost fixing bounds it, branch and bound closes the rest. Not to be used where a limit
    decides who is served (:class:`MaximalCoverage`) or where the worst off count most (:class:`PCenter`).

    References
    ----------
    Hakimi (1964): Optimum locations of switching centers. Operations Research 12, 450-459. ReVelle and
    Swain (1970): Central facilities location. Geographical Analysis 2, 30-42.

    Examples
    --------
    >>> import cultureplan as cp
    >>> costs = cp.TravelCosts.from_dense([[100, 900], [700, 300], [900, 200]], unit="m")
    >>> problem = cp.SitingProblem(costs=costs, persons=[50, 20, 40])
    >>> result = cp.solve_siting(problem, cp.PMedian(n_sites=1))
    >>> result.selected, result.objective, result.objective_unit
    ((0,), 55000.0, 'person-m')
    """

    n_sites: int
    unserved_cost: float | None = None

    key: ClassVar[str] = "p_median"
    sense: ClassVar[Sense] = "min"
    assigns_within_circle: ClassVar[bool] = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_sites", validate_number("n_sites", self.n_sites))
        if self.unserved_cost is not None and not 0 <= self.unserved_cost < np.inf:
            raise InputError.of("siting.negative_cost", name="unserved_cost", value=self.unserved_cost)

    @property
    def _price(self) -> float:
        return np.inf if self.unserved_cost is None else float(self.unserved_cost)

    def validate(self, problem: SitingProblem) -> None:
        """Raise if there are not so many sites."""
        validate_choice(problem, self.n_sites)

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return ``person-m`` or ``person-minutes``."""
        return f"person-{problem.costs.unit}"

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the program: one z for each pair that is nearer than the nearest fixed site."""
        rows = median_rows(problem, self._price)
        builder = MipBuilder("min")
        builder.offset = rows.base
        columns = add_sites(builder, problem)[problem.choices]
        n = len(rows.beyond)
        owner = np.repeat(np.arange(n), np.diff(rows.rptr))
        pairs = list(zip(owner.tolist(), rows.rsite.tolist(), strict=True))
        z = builder.add_columns("z", pairs, cost=rows.rcost, integer=False)
        may_miss = (~rows.must_serve).astype(float)
        s = builder.add_columns("s", range(n), cost=rows.beyond, upper=may_miss, integer=False)
        serve = builder.add_rows("serve", range(n), lower=1.0, upper=1.0)
        builder.add_entries(serve[owner], z, 1.0)
        builder.add_entries(serve, s, 1.0)
        link = builder.add_rows("open", pairs, upper=0.0)
        builder.add_entries(link, z, 1.0)
        builder.add_entries(link, columns[rows.rsite], -1.0)
        add_number(builder, columns, self.n_sites)
        return builder.build()

    def objective(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the cost of everybody to the nearest open site, less the preference."""
        cost = nearest_open(problem, is_open, within_circle=False)["cost"].to_numpy(float)
        cost = np.minimum(np.where(np.isnan(cost), np.inf, cost), self._price)
        peopled = problem.persons > 0
        paid = np.sort(cost[peopled] * problem.persons[peopled]).sum()
        return float(paid) - preference_of(problem, is_open)

    def infeasible_notes(self, problem: SitingProblem) -> tuple[Fault, ...]:
        """Return the points that no site can be reached from."""
        if self.unserved_cost is not None:
            return ()
        usable = (problem.is_fixed | problem.is_choice)[problem.costs.indices]
        reached = np.bincount(problem.costs.rows[usable], minlength=problem.n_demand) > 0
        lost = np.flatnonzero(~reached & (problem.persons > 0))
        if len(lost) == 0:
            return ()
        names = sorted(problem.demand_ids[lost].astype(str), key=lambda name: (len(name), name))
        values = {
            "n": len(lost),
            "persons": float(problem.persons[lost].sum()),
            "ids": ", ".join(names[:5]) + (" ..." if len(lost) > 5 else ""),
        }
        return (Fault(code="siting.note_unreachable", values=values),)

    def notes(self, problem: SitingProblem, is_open: np.ndarray) -> tuple[Fault, ...]:
        """Return the mean cost a person."""
        mean = self.objective(problem, is_open) / max(problem.total_persons, 1e-300)
        return (Fault(code="siting.note_mean", values={"mean": mean, "unit": str(problem.costs.unit)}),)

    def site_table(
        self, problem: SitingProblem, is_open: np.ndarray, assignment: pd.DataFrame
    ) -> pd.DataFrame:
        """Return persons and mean cost of each open site, those who serve most first."""
        return service_table(problem, is_open, assignment)

    def solve(self, problem: SitingProblem, control: Control) -> Answer:
        """Return the answer: by the compiled search where the problem is plain and not tiny."""
        searched = problem.is_plain and control.method != "exact" and problem.costs.n_pairs > _SMALL_PAIRS
        if not searched:
            return solve_formulation(self, problem, control)
        answer = solve_median(problem, self.n_sites, control, unserved_cost=self._price)
        if answer.is_open is not None and not np.isfinite(self.objective(problem, answer.is_open)):
            return solve_formulation(self, problem, control)  # serving everybody is the hard part here
        return answer
