"""The location set covering problem: as few sites as possible so that everybody is covered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from cultureplan.base.errors import Fault, InputError
from cultureplan.siting.cover import UNREACHABLE
from cultureplan.siting.cover_search import SMALL_PAIRS, solve_cover
from cultureplan.siting.coverage import covered_persons, unreachable_note
from cultureplan.siting.mip import Mip, MipBuilder, Sense
from cultureplan.siting.model import (
    Answer,
    Control,
    SitingModel,
    add_sites,
    preference_of,
    solve_formulation,
)
from cultureplan.siting.problem import SitingProblem


@dataclass(frozen=True, kw_only=True)
class SetCover(SitingModel):
    r"""Open the cheapest set of sites that covers every demand point (LSCP).

    .. math::

        \min \sum_{j} c_j x_j \quad \text{s.t.} \quad
        \sum_{j \in N_r} x_j \ge k_r \;\; \forall r, \qquad x_j \in \{0, 1\}

    With `share` below 1 a demand point i may stay uncovered (:math:`y_i = 0`):
    :math:`\sum_{j \in N_r} x_j \ge k_r y_i` and :math:`\sum_i w_i y_i \ge s \sum_i w_i`.

    ============= ================================================================
    symbol        argument
    ============= ================================================================
    :math:`c_j`   ``problem.site_cost`` (1 each: the number of sites); fixed sites cost 0
    :math:`N_r`   sites within ``problem.limit`` of the demand point of row r
    :math:`k_r`   sites needed (1, or what the circle rule asks for), less the fixed ones
    :math:`w_i`   ``problem.persons``
    :math:`s`     `share`
    ============= ================================================================

    Parameters
    ----------
    share : float
        Share of all persons that must be covered; 1 means every demand point, also one without persons.
    unreachable : {"refuse", "skip"}
        Demand that no site can cover makes the problem infeasible, or is left out and said in a message.

    Notes
    -----
    NP-hard; demand points with the same sites are one row, and solvers close thousands of rows in
    seconds. Not to be used when the budget is fixed (:class:`MaximalCoverage`), or when a person just
    outside a circle is nearly as well off as one inside (:class:`PMedian`).

    References
    ----------
    Toregas, Swain, ReVelle and Bergman (1971): The location of emergency service facilities. Operations
    Research 19(6), 1363-1373.

    Examples
    --------
    >>> import cultureplan as cp
    >>> costs = cp.TravelCosts.from_dense([[100, 900], [700, 300]], unit="m")
    >>> problem = cp.SitingProblem(costs=costs, persons=[50, 20], limit=800.0)
    >>> cp.solve_siting(problem, cp.SetCover()).selected
    (0,)
    """

    share: float = 1.0
    unreachable: Literal["refuse", "skip"] = "refuse"

    key: ClassVar[str] = "set_cover"
    sense: ClassVar[Sense] = "min"

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise InputError.of("siting.not_a_share", name="share", value=self.share)
        if self.unreachable not in ("refuse", "skip"):
            raise InputError.of(
                "fault.not_one_of",
                name="unreachable",
                value=self.unreachable,
                known="refuse, skip",
                closest="skip",
            )

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return ``sites``, or ``cost`` where sites differ in cost."""
        return "sites" if (problem.site_cost[problem.is_choice] == 1).all() else "cost"

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the program: one row for each distinct list of sites."""
        classes = problem.classes
        builder = MipBuilder("min")
        add_sites(builder, problem, cost=problem.site_cost[classes.sites])
        if self.share == 1:
            rows = builder.add_rows("cover", range(classes.n_rows), lower=classes.need.astype(float))
            builder.add_entries(np.repeat(rows, np.diff(classes.indptr)), classes.indices, 1.0)
            return builder.build()
        simple = bool((classes.need == 1).all())
        y = builder.add_columns("y", range(classes.n_classes), integer=not simple)
        pair_class = np.repeat(np.arange(classes.n_classes), np.diff(classes.class_indptr))
        labels = list(zip(pair_class.tolist(), classes.class_rows.tolist(), strict=True))
        rows = builder.add_rows("cover", labels, upper=0.0)
        builder.add_entries(rows, y[pair_class], classes.need[classes.class_rows].astype(float))
        counts = np.diff(classes.indptr)[classes.class_rows]
        part = classes.row_matrix()[classes.class_rows]
        builder.add_entries(np.repeat(rows, counts), part.indices, -1.0)
        wanted = builder.add_rows("share", [""], lower=self._wanted(problem) - classes.covered_persons)
        builder.add_entries(np.repeat(wanted, len(y)), y, classes.weight)
        return builder.build()

    def objective(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the cost of the opened sites, less their preference."""
        cost = np.sort(problem.site_cost[is_open & ~problem.is_fixed]).sum()
        return float(cost) - preference_of(problem, is_open)

    def infeasible_notes(self, problem: SitingProblem) -> tuple[Fault, ...]:
        """Return which demand no site reaches, if that alone makes the wish impossible."""
        classes = problem.classes
        if self.share == 1:
            hopeless = self.unreachable == "refuse" and bool((classes.class_of_demand == UNREACHABLE).any())
        else:
            reachable = classes.covered_persons + classes.weight.sum()
            hopeless = reachable < self._wanted(problem) * (1 - 1e-12)
        return unreachable_note(problem) if hopeless else ()

    def solve(self, problem: SitingProblem, control: Control) -> Answer:
        """Return the answer: by the compiled reduction where the problem is plain and not tiny."""
        classes = problem.classes
        plain = self.share == 1 and problem.is_plain and bool((classes.need == 1).all())
        if plain and control.method != "exact" and len(classes.indices) > SMALL_PAIRS:
            return solve_cover(problem, control)
        return solve_formulation(self, problem, control)

    def notes(self, problem: SitingProblem, is_open: np.ndarray) -> tuple[Fault, ...]:
        """Return the demand that was skipped, and what a partial cover reaches."""
        notes = unreachable_note(problem)
        if self.share < 1:
            reached = covered_persons(problem, is_open)
            share = reached / max(problem.total_persons, 1e-300)
            notes += (Fault(code="siting.note_reached", values={"persons": reached, "share": share}),)
        return notes

    def _wanted(self, problem: SitingProblem) -> float:
        base = problem.total_persons
        if self.unreachable == "skip":
            base -= problem.classes.unreachable_persons
        return self.share * base
