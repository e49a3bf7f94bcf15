"""The p-center problem: the longest way to the nearest open site is as short as can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from cultureplan.base.errors import Fault
from cultureplan.siting.center_search import CenterSearch
from cultureplan.siting.cover import id_order, id_rank
from cultureplan.siting.coverage import nearest_open, service_table
from cultureplan.siting.mip import Mip, MipBuilder, Sense
from cultureplan.siting.model import (
    Answer,
    Control,
    SitingModel,
    add_number,
    add_sites,
    solve_formulation,
    validate_choice,
    validate_number,
)
from cultureplan.siting.problem import SitingProblem


@dataclass(frozen=True, kw_only=True)
class PCenter(SitingModel):
    r"""Open `n_sites` sites so that the largest cost to the nearest open site is smallest.

    .. math::

        \min r \quad \text{s.t.} \quad \sum_j d_{ij} z_{ij} \le r, \qquad \sum_j z_{ij} = 1, \qquad
        z_{ij} \le x_j, \qquad \sum_j x_j = p, \qquad x_j, z_{ij} \in \{0, 1\}

    ============== ===============================================================
    symbol         argument
    ============== ===============================================================
    :math:`d_{ij}` ``problem.costs``; a pair that is not stored cannot be used
    :math:`p`      `n_sites`: opened *beside* the fixed ones
    ============== ===============================================================

    Persons do not count: a hamlet far out weighs as much as a town.

    Parameters
    ----------
    n_sites : int
        Sites to open in addition to the fixed ones.

    Notes
    -----
    NP-hard, also to come within a factor of 2. The answer is one of the stored costs, so it is found by
    bisection: can p sites cover everybody within r? Each question is asked for a small, growing set of
    demand points; what is impossible for some is impossible for all. Not to be used where the outlier is
    a data error, or can be served by a mobile library: one point decides everything.

    References
    ----------
    Hakimi (1964); Minieka (1970): The m-center problem. SIAM Review 12, 138-139. Chen and Chen (2009):
    New relaxation-based algorithms for the optimal solution of the continuous and discrete p-center
    problems. Computers and Operations Research 36, 1646-1655 (the growing set).

    Examples
    --------
    >>> import cultureplan as cp
    >>> costs = cp.TravelCosts.from_dense([[100, 900], [700, 300], [900, 200]], unit="m")
    >>> problem = cp.SitingProblem(costs=costs, persons=[50, 20, 40])
    >>> cp.solve_siting(problem, cp.PCenter(n_sites=2)).objective
    300.0
    """

    n_sites: int

    key: ClassVar[str] = "p_center"
    sense: ClassVar[Sense] = "min"
    assigns_within_circle: ClassVar[bool] = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_sites", validate_number("n_sites", self.n_sites))

    def validate(self, problem: SitingProblem) -> None:
        """Raise if there are not so many sites."""
        validate_choice(problem, self.n_sites)

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return the unit of the costs."""
        return str(problem.costs.unit)

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the textbook program (the solver asks covering questions instead)."""
        costs = problem.costs
        builder = MipBuilder("min")
        column_of = add_sites(builder, problem)
        radius = builder.add_columns("r", [""], cost=1.0, upper=np.inf, integer=False)
        usable = (problem.is_fixed | problem.is_choice)[costs.indices]
        at, rank = np.flatnonzero(usable), id_rank(problem.demand_ids)
        at = at[np.lexsort((problem.site_rank[costs.indices[at]], rank[costs.rows[at]]))]
        rows, sites, values = costs.rows[at], costs.indices[at], costs.values[at]
        pairs = list(zip(rows.tolist(), sites.tolist(), strict=True))
        z = builder.add_columns("z", pairs)
        points = id_order(problem.demand_ids).tolist()
        serve = builder.add_rows("serve", points, lower=1.0, upper=1.0)[rank]
        builder.add_entries(serve[rows], z, 1.0)
        within = builder.add_rows("within", points, upper=0.0)[rank]
        builder.add_entries(within[rows], z, values)
        builder.add_entries(within, np.repeat(radius, problem.n_demand), -1.0)
        chosen = column_of[sites] >= 0
        link = builder.add_rows("open", [pairs[at] for at in np.flatnonzero(chosen)], upper=0.0)
        builder.add_entries(link, z[chosen], 1.0)
        builder.add_entries(link, column_of[sites[chosen]], -1.0)
        add_number(builder, column_of[problem.choices], self.n_sites)
        return builder.build()

    def objective(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the largest cost to the nearest open site."""
        cost = nearest_open(problem, is_open, within_circle=False)["cost"].to_numpy(float)
        return float(np.where(np.isnan(cost), np.inf, cost).max())

    def infeasible_notes(self, problem: SitingProblem) -> tuple[Fault, ...]:
        """Return the points that no site can be reached from."""
        usable = (problem.is_fixed | problem.is_choice)[problem.costs.indices]
        reached = np.bincount(problem.costs.rows[usable], minlength=problem.n_demand) > 0
        lost = np.flatnonzero(~reached)
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
        """Return the demand point that decides."""
        nearest = nearest_open(problem, is_open, within_circle=False)
        far = nearest["cost"].to_numpy(float)
        worst = sorted(map(str, nearest["demand_id"][far == far.max()]))
        return (Fault(code="siting.note_farthest", values={"id": worst[0] if worst else "-"}),)

    def site_table(
        self, problem: SitingProblem, is_open: np.ndarray, assignment: pd.DataFrame
    ) -> pd.DataFrame:
        """Return persons and mean cost of each open site, those who serve most first."""
        return service_table(problem, is_open, assignment)

    def solve(self, problem: SitingProblem, control: Control) -> Answer:
        """Return the answer, by bisection."""
        if control.method == "exact":
            return solve_formulation(self, problem, control)
        return CenterSearch(problem, self.n_sites, control).solve()
