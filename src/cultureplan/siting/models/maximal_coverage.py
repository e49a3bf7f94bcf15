"""The maximal covering location problem: as many persons covered as a number of sites or a budget allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cultureplan.base.errors import Fault, InputError
from cultureplan.base.units import positive
from cultureplan.siting.coverage import (
    covered_persons,
    idle_note,
    next_site_note,
    unreachable_note,
)
from cultureplan.siting.covering_search import SMALL_PAIRS, solve_plain
from cultureplan.siting.mip import Mip, MipBuilder, Sense
from cultureplan.siting.model import (
    Answer,
    Control,
    SitingModel,
    add_budget,
    add_coverage,
    add_number,
    add_sites,
    preference_of,
    solve_formulation,
    validate_choice,
    validate_number,
)
from cultureplan.siting.problem import SitingProblem


@dataclass(frozen=True, kw_only=True)
class MaximalCoverage(SitingModel):
    r"""Open `n_sites` sites, or what a budget buys, so that the most persons are covered (MCLP).

    .. math::

        \max \sum_i w_i y_i \quad \text{s.t.} \quad
        k_r y_i \le \sum_{j \in N_r} x_j \;\; \forall i, r \in R_i, \qquad
        \sum_j x_j = p \;\text{ or }\; \sum_j c_j x_j \le b, \qquad
        x_j \in \{0, 1\},\; 0 \le y_i \le 1

    ============= ================================================================
    symbol        argument
    ============= ================================================================
    :math:`w_i`   ``problem.persons``; points with the same sites are one i
    :math:`N_r`   sites within ``problem.limit`` of the demand point of row r
    :math:`k_r`   sites needed (1, or what the circle rule asks for), less the fixed ones; where one is
                  above 1, y is an integer too
    :math:`p`     `n_sites`: opened *beside* the fixed ones
    :math:`c_j`   ``problem.site_cost``
    :math:`b`     `budget`
    ============= ================================================================

    Parameters
    ----------
    n_sites : int, optional
        Sites to open in addition to the fixed ones.
    budget : float, optional
        Instead of a number: what the opened sites may cost together.

    Notes
    -----
    NP-hard; greedy reaches at least 63 % of the best with plain circles and usually 98 %. Not to be used
    when everybody must be covered (:class:`SetCover`), or when the far away must not be forgotten
    (:class:`EquitableCoverage`, :class:`PCenter`): it serves the dense places first.

    References
    ----------
    Church and ReVelle (1974): The maximal covering location problem. Papers of the Regional Science
    Association 32, 101-118.

    Examples
    --------
    >>> import cultureplan as cp
    >>> costs = cp.TravelCosts.from_dense([[100, 900], [700, 300], [900, 200]], unit="m")
    >>> problem = cp.SitingProblem(costs=costs, persons=[50, 20, 40], limit=800.0)
    >>> result = cp.solve_siting(problem, cp.MaximalCoverage(n_sites=1))
    >>> result.selected, result.objective
    ((0,), 70.0)
    """

    n_sites: int | None = None
    budget: float | None = None

    key: ClassVar[str] = "maximal_coverage"
    sense: ClassVar[Sense] = "max"

    def __post_init__(self) -> None:
        if (self.n_sites is None) == (self.budget is None):
            raise InputError.of("siting.number_or_budget")
        if self.n_sites is not None:
            object.__setattr__(self, "n_sites", validate_number("n_sites", self.n_sites))
        else:
            object.__setattr__(self, "budget", positive("budget", float(self.budget or 0.0)))

    def validate(self, problem: SitingProblem) -> None:
        """Raise if there are not so many sites, or the budget buys none."""
        if self.n_sites is not None:
            validate_choice(problem, self.n_sites)
        elif self.budget is not None:
            cheapest = float(problem.site_cost[problem.is_choice].min(initial=np.inf))
            if self.budget < cheapest:
                raise InputError.of("siting.budget_too_small", budget=self.budget, cheapest=cheapest)
        _ = problem.covering  # says so if there is no limit

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return ``persons``."""
        return "persons"

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the program: one y for each class of demand points."""
        classes = problem.classes
        builder = MipBuilder("max")
        builder.offset = classes.covered_persons
        column_of = add_sites(builder, problem)
        columns = column_of[problem.choices]
        add_coverage(builder, problem, classes, column_of)
        if self.n_sites is not None:
            add_number(builder, columns, self.n_sites)
        elif self.budget is not None:
            add_budget(builder, columns, problem.site_cost[problem.choices], self.budget)
        return builder.build()

    def objective(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the persons covered, and the preference of the opened sites."""
        return covered_persons(problem, is_open) + preference_of(problem, is_open)

    def solve(self, problem: SitingProblem, control: Control) -> Answer:
        """Return the answer: by the compiled search where the problem is plain and not tiny."""
        plain = self.n_sites is not None and problem.is_plain and control.method != "exact"
        if plain and len(problem.classes.indices) > SMALL_PAIRS and problem.classes.is_plain:
            return solve_plain(problem, int(self.n_sites or 0), control)
        return solve_formulation(self, problem, control)

    def notes(self, problem: SitingProblem, is_open: np.ndarray) -> tuple[Fault, ...]:
        """Return who cannot be reached, which sites reach nobody new, and what one more would add."""
        return unreachable_note(problem) + idle_note(problem, is_open) + next_site_note(problem, is_open)
