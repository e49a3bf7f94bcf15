"""Hierarchy assignment: which service point reports to which branch, which branch to which head library."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd

from cultureplan.base.errors import Fault, InputError
from cultureplan.base.units import positive
from cultureplan.siting.cover import total
from cultureplan.siting.coverage import lost_note, service_table
from cultureplan.siting.mip import Mip, Sense
from cultureplan.siting.model import Answer, Control, SitingModel, preference_of, validate_number
from cultureplan.siting.models.reporting import Plan, site_levels
from cultureplan.siting.problem import SitingProblem
from cultureplan.world.levels import Level


@dataclass(frozen=True, kw_only=True)
class HierarchyAssignment(SitingModel):
    r"""Let every service point report to a branch and every branch to a head, with the least travel.

    .. math::

        \min \sum_{i,j} w_i d_{ij} z_{ij} \quad \text{s.t.} \quad
        \sum_j z_{ij} = 1 \;(= x_i \text{ for a branch that may be opened}), \qquad z_{ij} \le x_j, \qquad
        \sum_i z_{ij} \le q_{l(j)} x_j, \qquad \sum_{j \in B} x_j = n_B, \quad \sum_{j \in H} x_j = n_H

    A pair exists where j is one level above i, :math:`d_{ij} \le R_{l(i)}`, and both lie in the same
    district if that is the rule.

    ================= ============================================================
    symbol            argument
    ================= ============================================================
    :math:`w_i`       ``problem.persons``: volumes, deliveries or persons of child i
    :math:`d_{ij}`    ``problem.costs`` from child to parent
    :math:`R`         `point_limit`, `branch_limit`
    :math:`q`         `points_per_branch`, `branches_per_head`
    :math:`n_B, n_H`  `n_branches`, `n_heads`: candidates opened *beside* the fixed ones
    ================= ============================================================

    The level of a site is that of ``problem.sites``; a child that is a site has that site's level, any
    other child is a service point. :func:`~cultureplan.siting.hierarchy.hierarchy_problem` makes such a
    problem from a world, :func:`~cultureplan.siting.hierarchy.reporting_lines` reads the answer.

    Parameters
    ----------
    point_limit, branch_limit : float, optional
        Longest way from a service point to its branch, and from a branch to its head.
    points_per_branch, branches_per_head : int, optional
        How many may report to one parent.
    n_branches, n_heads : int
        Candidates to open at each level; all others stay closed.
    same_district : bool
        A child reports within its district (``problem.places`` and ``problem.site_places``). Where one of
        the two is not known, as for a library of the whole city, the rule does not bind.

    Notes
    -----
    With nothing to open it is a transport problem, whose linear program has whole answers: polynomial. It
    is taken apart into groups of children that share no parent - at least the districts, where that is
    the rule - and a group in which everybody's nearest parent has room needs no program at all. With
    candidates to open it is NP-hard (a capacitated p-median), and all candidates are one group.

    Each way counts with the child's own weight. Not to be used where a round serves many children in one
    tour (see the operations room), or where the books of the points weigh on the way from branch to head:
    then give the branches the weight of what passes through them.

    References
    ----------
    Narula (1984): Hierarchical location-allocation problems: a classification scheme. European Journal of
    Operational Research 15, 93-99. Şahin and Süral (2007): A review of hierarchical facility location
    models. Computers and Operations Research 34, 2310-2331.
    """

    point_limit: float | None = None
    branch_limit: float | None = None
    points_per_branch: int | None = None
    branches_per_head: int | None = None
    n_branches: int = 0
    n_heads: int = 0
    same_district: bool = True

    key: ClassVar[str] = "hierarchy_assignment"
    sense: ClassVar[Sense] = "min"
    assigns_within_circle: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for name in ("point_limit", "branch_limit"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, positive(name, getattr(self, name)))
        for name in ("points_per_branch", "branches_per_head"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, validate_number(name, getattr(self, name)))
        for name in ("n_branches", "n_heads"):
            object.__setattr__(self, name, validate_number(name, getattr(self, name), at_least=0))

    def validate(self, problem: SitingProblem) -> None:
        """Raise if levels or districts are not known, a limit is beyond the costs, or candidates lack."""
        if problem.sites is None:
            raise InputError.of("siting.no_levels")
        if self.same_district and (problem.places is None or problem.site_places is None):
            raise InputError.of("siting.no_districts")
        for limit in (self.point_limit, self.branch_limit):
            if limit is not None and limit > problem.costs.limit:
                raise InputError.of(
                    "travel.limit_beyond_cutoff",
                    limit=limit,
                    cutoff=problem.costs.limit,
                    unit=problem.costs.unit,
                )
        level = site_levels(problem)
        for wanted, name in ((self.n_branches, Level.BRANCH), (self.n_heads, Level.HEAD)):
            n_choices = int((problem.is_choice & (level == name)).sum())
            if wanted > n_choices:
                raise InputError.of(
                    "siting.too_many_of_level", n_sites=wanted, level=str(name), n_choices=n_choices
                )

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return ``weight-m`` or ``weight-minutes``: deliveries, volumes or persons times the way."""
        return f"weight-{problem.costs.unit}"

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the program of all groups at once."""
        plan = Plan(self, problem)
        everything = np.arange(len(plan.pairs.rows))
        return plan.program(everything, np.flatnonzero(plan.is_child), sites=True)[0]

    def objective(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the travel of the best assignment to some open sites, by solving for it."""
        ids = problem.facility_ids
        held = replace(problem, fixed=tuple(ids[is_open]), forbidden=tuple(ids[~is_open]))
        answer = replace(self, n_branches=0, n_heads=0).solve(held, Control())
        return self.objective_of(problem, answer)

    def objective_of(self, problem: SitingProblem, answer: Answer) -> float:
        """Return the travel of an assignment, less the preference of the opened sites."""
        if answer.is_open is None or answer.flow is None:
            return float("nan")
        way = answer.flow["persons"].to_numpy(float) * answer.flow["cost"].to_numpy(float)
        return total(way) - preference_of(problem, answer.is_open)

    def infeasible_notes(self, problem: SitingProblem) -> tuple[Fault, ...]:
        """Return the children that no parent may take."""
        plan = Plan(self, problem)
        must = plan.is_child & ~plan.may_open
        reached = np.bincount(plan.pairs.rows, minlength=problem.n_demand) > 0
        notes = lost_note(problem, must & ~reached)
        return tuple(Fault(code="siting.note_no_parent", values=note.values) for note in notes)

    def notes(self, problem: SitingProblem, is_open: np.ndarray) -> tuple[Fault, ...]:
        """Return nothing beside the table."""
        return ()

    def site_table(
        self, problem: SitingProblem, is_open: np.ndarray, assignment: pd.DataFrame
    ) -> pd.DataFrame:
        """Return level, number of children, their weight and mean way of each parent."""
        table = service_table(problem, is_open, assignment).rename(
            columns={"persons_served": "weight_served"}
        )
        at = problem.positions(table["facility_id"])
        count = np.bincount(problem.positions(assignment["facility_id"]), minlength=problem.n_sites)
        return table.assign(level=site_levels(problem)[at].astype(str), n_children=count[at])

    def solve(self, problem: SitingProblem, control: Control) -> Answer:
        """Return the best assignment, group by group."""
        plan = Plan(self, problem)
        chosen: list[np.ndarray] = []
        is_open, bound, is_lost = problem.is_fixed.copy(), 0.0, False
        asked = [group for group in plan.groups() if not plan.take_nearest(group, chosen)]
        done = total(plan.worth[np.concatenate(chosen)]) if chosen else 0.0
        for group in asked:
            outcome = plan.choose(group, control, done) if group[2] else plan.transport(group, control)
            bound += outcome.bound
            if outcome.is_infeasible:
                notes = () if group[2] else plan.room_note(group)
                return Answer(is_open=None, bound=-np.inf, is_infeasible=True, notes=notes)
            is_lost |= outcome.at is None
            if outcome.at is not None:
                chosen.append(outcome.at)
                is_open |= outcome.is_open
        if is_lost:
            return Answer(is_open=None, bound=bound + done)
        return Answer(is_open=is_open, bound=bound + done, flow=plan.frame(chosen))
