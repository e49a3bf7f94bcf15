"""Two levels at once: branches with a wide circle and service points with a narrow one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from cultureplan.base.errors import Fault, InputError
from cultureplan.base.units import positive
from cultureplan.siting.coverage import covered_persons
from cultureplan.siting.mip import Mip, MipBuilder, Sense
from cultureplan.siting.model import (
    Answer,
    Control,
    SitingModel,
    add_coverage,
    add_number,
    add_sites,
    preference_of,
    solve_program,
    validate_choice,
    validate_number,
)
from cultureplan.siting.problem import SitingProblem


@dataclass(frozen=True, kw_only=True)
class TwoLevel(SitingModel):
    r"""Open branches and service points together, each level with its own circle.

    A branch offers all that a service point does, and more to people within a wider circle.

    .. math::

        \max \alpha \sum_i w_i u_i + (1 - \alpha) \sum_i w_i v_i \quad \text{s.t.} \quad
        u_i \le \sum_{j : d_{ij} \le R} b_j, \qquad v_i \le \sum_{j : d_{ij} \le L_i} (b_j + s_j), \qquad
        b_j + s_j \le 1, \qquad \sum_j b_j = p, \qquad \sum_j s_j = q

    ============= ================================================================
    symbol        argument
    ============= ================================================================
    :math:`w_i`   ``problem.persons``
    :math:`R`     `branch_limit`, in the unit of the costs
    :math:`L_i`   ``problem.limit``: of service points
    :math:`p, q`  `n_branches`, `n_points`, beside the fixed sites
    :math:`\alpha` `branch_weight`
    ============= ================================================================

    Fixed sites count as service points; those in `fixed_branches` as branches.

    Parameters
    ----------
    n_branches, n_points : int
        Branches and service points to open.
    branch_limit : float
        Circle of a branch.
    branch_weight : float
        Weight of being within a branch's circle, 0 to 1.
    fixed_branches : tuple of ids
        Fixed sites that are branches.

    Notes
    -----
    NP-hard; the program is two maximal coverings that share the sites. ``result.to_frame()`` tells the
    level of each new site in the column ``level``. Not to be used where a point must stand near its
    branch: which point then reports to which branch is decided afterwards, by the nearest.

    References
    ----------
    Moore and ReVelle (1982): The hierarchical service location problem. Management Science 28, 775-780.
    """

    n_branches: int
    n_points: int
    branch_limit: float
    branch_weight: float = 0.5
    fixed_branches: tuple[object, ...] = ()

    key: ClassVar[str] = "two_level"
    sense: ClassVar[Sense] = "max"

    def __post_init__(self) -> None:
        for name in ("n_branches", "n_points"):
            object.__setattr__(self, name, validate_number(name, getattr(self, name), at_least=0))
        object.__setattr__(self, "branch_limit", positive("branch_limit", self.branch_limit))
        if not 0 <= self.branch_weight <= 1:
            raise InputError.of("siting.not_a_weight", name="branch_weight", value=self.branch_weight)

    def validate(self, problem: SitingProblem) -> None:
        """Raise if there are not so many sites, or the costs end before the branch's circle."""
        validate_choice(problem, self.n_branches + self.n_points)
        self._branch_problem(problem)
        _ = problem.covering

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return ``persons`` (weighted over the two levels)."""
        return "persons"

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the program: x for either level, b for branches."""
        upper = self._branch_problem(problem)
        builder = MipBuilder("max")
        builder.offset = (
            self.branch_weight * upper.classes.covered_persons
            + (1 - self.branch_weight) * problem.classes.covered_persons
        )
        either = add_sites(builder, problem)
        names = [str(name) for name in problem.facility_ids[problem.choices]]
        branch = np.full(problem.n_sites, -1, dtype=np.int64)
        branch[problem.choices] = builder.add_columns("b", names)
        add_coverage(builder, problem, upper.classes, branch, name="u", worth=self.branch_weight)
        add_coverage(builder, problem, problem.classes, either, worth=1 - self.branch_weight)
        rows = builder.add_rows("level", names, upper=0.0)
        builder.add_entries(rows, branch[problem.choices], 1.0)
        builder.add_entries(rows, either[problem.choices], -1.0)
        add_number(builder, either[problem.choices], self.n_branches + self.n_points)
        row = builder.add_rows("branches", [""], lower=self.n_branches, upper=self.n_branches)
        columns = branch[problem.choices]
        builder.add_entries(np.repeat(row, len(columns)), columns, 1.0)
        return builder.build()

    def objective(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the weighted persons if every new site were a service point."""
        return (1 - self.branch_weight) * covered_persons(problem, is_open) + self._upper(
            problem, problem.mask(self.fixed_branches)
        )

    def objective_of(self, problem: SitingProblem, answer: Answer) -> float:
        """Return the weighted persons of a plan with its levels."""
        if answer.is_open is None or answer.detail is None:
            return float("nan")
        branches = answer.detail.loc[answer.detail["level"] == "branch", "facility_id"]
        is_branch = problem.mask([*self.fixed_branches, *branches])
        lower = (1 - self.branch_weight) * covered_persons(problem, answer.is_open)
        return lower + self._upper(problem, is_branch) + preference_of(problem, answer.is_open)

    def notes(self, problem: SitingProblem, is_open: np.ndarray) -> tuple[Fault, ...]:
        """Return nothing beside the table."""
        return ()

    def solve(self, problem: SitingProblem, control: Control) -> Answer:
        """Return the best plan, with the level of each new site."""
        solution = solve_program(self.formulation(problem), control)
        if solution.values is None:
            infeasible = solution.status == "infeasible"
            return Answer(is_open=None, bound=solution.bound, is_infeasible=infeasible)
        n = len(problem.choices)
        opened = np.flatnonzero(solution.values[:n] > 0.5)
        is_branch = solution.values[n : 2 * n][opened] > 0.5
        is_open = problem.is_fixed.copy()
        is_open[problem.choices[opened]] = True
        detail = pd.DataFrame(
            {
                "facility_id": problem.facility_ids.to_numpy(object)[problem.choices[opened]],
                "level": np.where(is_branch, "branch", "service_point"),
            }
        )
        return Answer(is_open=is_open, bound=solution.bound, detail=detail)

    def _upper(self, problem: SitingProblem, is_branch: np.ndarray) -> float:
        return self.branch_weight * covered_persons(self._branch_problem(problem), is_branch)

    def _branch_problem(self, problem: SitingProblem) -> SitingProblem:
        """Return the problem of the upper level: other circle, other fixed sites."""
        names = set(map(str, self.fixed_branches))
        fixed = [name for name in problem.fixed if str(name) in names]
        closed = [name for name in problem.fixed if str(name) not in names]
        return replace(
            problem,
            limit=self.branch_limit,
            cover=None,
            fixed=fixed,
            forbidden=[*problem.forbidden, *closed],
            conflicts=(),
            quotas=(),
        )
