"""The maximal covering location problem: as many persons covered as a number of sites or a budget allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import numpy as np
import pandas as pd

from cultureplan.base.errors import Fault, InputError, WrongTypeError
from cultureplan.base.units import positive
from cultureplan.measures.decay import Decay
from cultureplan.siting.cover import total
from cultureplan.siting.coverage import (
    covered_persons,
    idle_note,
    lost_note,
    nearest_open,
    next_site_note,
    service_table,
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
from cultureplan.siting.partial import SMALL_PAIRS as SMALL_PARTIAL_PAIRS
from cultureplan.siting.partial import PartialCover, partial_cover
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.site_dual import solve_by_sites

LARGEST_PARTIAL_PAIRS = 30_000  # of the integer program where something restricts the choice


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

    With `outer_reach` or `decay` a person just outside the circle counts in part, each at the best open
    site (the gradual covering decay of Berman and Krass):

    .. math::

        \max \sum_{i,j} w_i a_{ij} z_{ij} \quad \text{s.t.} \quad \sum_j z_{ij} \le 1, \qquad
        z_{ij} \le x_j, \qquad
        a_{ij} = \min \Bigl(1, \max \Bigl(0, \frac{\rho L_i - d_{ij}}{\rho L_i - L_i} \Bigr) \Bigr)
        \;\text{ or }\; a(d_{ij})

    ============== ===============================================================
    symbol         argument
    ============== ===============================================================
    :math:`L_i`    ``problem.limit``: who is no farther counts in full
    :math:`\rho`   `outer_reach`: at this many times the limit nobody counts any more
    :math:`a`      `decay`
    :math:`d_{ij}` ``problem.costs``, stored as far as anybody counts
    :math:`w_i`    with `group_weights`: :math:`\sum_g \omega_g w_{ig}` over ``problem.groups``
    ============== ===============================================================

    Parameters
    ----------
    n_sites : int, optional
        Sites to open in addition to the fixed ones.
    budget : float, optional
        Instead of a number: what the opened sites may cost together.
    outer_reach : float, optional
        Above 1: the share that counts falls straight from 1 at the limit to 0 at this many times it.
    decay : Decay, optional
        Instead of `outer_reach`: the share by cost, such as ``cp.access.gaussian_catchment(2_000)``; it
        may be 1 at most, and takes the place of the limit.
    group_weights : mapping of str to float, optional
        Weight of each group of people, see :meth:`SitingProblem.with_group_weights`.

    Notes
    -----
    NP-hard; greedy reaches at least 63 % of the best with plain circles and usually 98 %. Not to be used
    when everybody must be covered (:class:`SetCover`), or when the far away must not be forgotten
    (:class:`EquitableCoverage`, :class:`PCenter`): it serves the dense places first.

    Partial coverage is a p-median on what is lost of each person, and is solved as one. It needs the cost
    of every pair, so it is not for :func:`~cultureplan.siting.from_points.covering_problem`, whose demand
    points are merged; and not for circles that ask for several sites. With a budget, a quota or a
    conflict it is an integer program with a row for each pair; beyond 30,000 pairs
    (:data:`LARGEST_PARTIAL_PAIRS`) plans and a bound come from prices for people and a program for the
    sites alone, and usually leave a gap.

    References
    ----------
    Church and ReVelle (1974): The maximal covering location problem. Papers of the Regional Science
    Association 32, 101-118. Berman and Krass (2002): The generalized maximal covering location problem.
    Computers and Operations Research 29, 563-581. Berman, Krass and Drezner (2003): The gradual covering
    decay location problem on a network. European Journal of Operational Research 151, 474-480.

    Examples
    --------
    >>> import cultureplan as cp
    >>> costs = cp.TravelCosts.from_dense([[100, 900], [700, 300], [900, 200]], unit="m")
    >>> problem = cp.SitingProblem(costs=costs, persons=[50, 20, 40], limit=800.0)
    >>> result = cp.solve_siting(problem, cp.MaximalCoverage(n_sites=1))
    >>> result.selected, result.objective
    ((0,), 70.0)

    With half as far again as the outer limit, the second home counts for a quarter at the other site:

    >>> costs = cp.TravelCosts.from_dense([[100, 900], [1_100, 300]], unit="m")
    >>> problem = cp.SitingProblem(costs=costs, persons=[50, 20], limit=800.0)
    >>> cp.solve_siting(problem, cp.MaximalCoverage(n_sites=1, outer_reach=1.5)).objective
    57.5
    """

    n_sites: int | None = None
    budget: float | None = None
    outer_reach: float | None = None
    decay: Decay | None = None
    group_weights: Mapping[str, float] | None = None

    key: ClassVar[str] = "maximal_coverage"
    sense: ClassVar[Sense] = "max"

    def __post_init__(self) -> None:
        if (self.n_sites is None) == (self.budget is None):
            raise InputError.of("siting.number_or_budget")
        if self.n_sites is not None:
            object.__setattr__(self, "n_sites", validate_number("n_sites", self.n_sites))
        else:
            object.__setattr__(self, "budget", positive("budget", float(self.budget or 0.0)))
        if self.outer_reach is not None and self.decay is not None:
            raise InputError.of("siting.reach_or_decay")
        if self.outer_reach is not None and positive("outer_reach", self.outer_reach) <= 1:
            raise InputError.of("siting.reach_too_short", value=self.outer_reach)
        for name, kind, want in (
            ("decay", Decay, "a Decay"),
            ("group_weights", Mapping, "a mapping {group: weight}"),
        ):
            value = getattr(self, name)
            if value is not None and not isinstance(value, kind):
                raise WrongTypeError.of("fault.wrong_type", name=name, got=type(value).__name__, want=want)

    @property
    def is_partial(self) -> bool:
        """Whether persons outside the circle count in part."""
        return self.outer_reach is not None or self.decay is not None

    def validate(self, problem: SitingProblem) -> None:
        """Raise if there are not so many sites, or the budget buys none."""
        if self.n_sites is not None:
            validate_choice(problem, self.n_sites)
        elif self.budget is not None:
            cheapest = float(problem.site_cost[problem.is_choice].min(initial=np.inf))
            if self.budget < cheapest:
                raise InputError.of("siting.budget_too_small", budget=self.budget, cheapest=cheapest)
        if self.is_partial:
            self.partial(problem)
        else:
            _ = self._weighted(problem).covering  # says so if there is no limit

    def partial(self, problem: SitingProblem) -> PartialCover:
        """Return which share of a person counts at each stored pair."""
        return partial_cover(self._weighted(problem), decay=self.decay, outer_reach=self.outer_reach)

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return ``persons``, or ``weighted-persons`` where groups are weighted."""
        return "persons" if self.group_weights is None else "weighted-persons"

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the program: one y for each class of demand points; with shares, one z for each pair."""
        if self.is_partial:
            return self.partial(problem).formulation(partial(self._add_limit, problem=problem))
        seen = self._weighted(problem)
        builder = MipBuilder("max")
        builder.offset = seen.classes.covered_persons
        column_of = add_sites(builder, seen)
        add_coverage(builder, seen, seen.classes, column_of)
        self._add_limit(builder, column_of[problem.choices], problem=problem)
        return builder.build()

    def objective(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the persons covered, and the preference of the opened sites."""
        if self.is_partial:
            return self.partial(problem).persons(is_open) + preference_of(problem, is_open)
        return covered_persons(self._weighted(problem), is_open) + preference_of(problem, is_open)

    def solve(self, problem: SitingProblem, control: Control) -> Answer:
        """Return the answer: by the compiled search where the problem is plain and not tiny."""
        plain = self.n_sites is not None and problem.is_plain and control.method != "exact"
        if self.is_partial:
            return self._solve_partial(problem, control, searched=plain)
        seen = self._weighted(problem)
        if plain and len(seen.classes.indices) > SMALL_PAIRS and seen.classes.is_plain:
            return solve_plain(seen, int(self.n_sites or 0), control)
        return solve_formulation(self, problem, control)

    def notes(self, problem: SitingProblem, is_open: np.ndarray) -> tuple[Fault, ...]:
        """Return who cannot be reached, which sites reach nobody new, and what one more would add."""
        if self.is_partial:
            return self._partial_notes(problem, is_open)
        seen = self._weighted(problem)
        notes = unreachable_note(problem) + idle_note(seen, is_open)
        if self.group_weights is None:
            return notes + next_site_note(problem, is_open)
        values = {"persons": covered_persons(problem, is_open)}
        return (*notes, Fault(code="siting.note_unweighted", values=values))

    def site_table(
        self, problem: SitingProblem, is_open: np.ndarray, assignment: pd.DataFrame
    ) -> pd.DataFrame:
        """Return what each open site contributes; with shares, whom it serves and how many of them count."""
        if not self.is_partial:
            return super().site_table(problem, is_open, assignment)
        table = service_table(problem, is_open, assignment)
        share = self.partial(problem).best_share(is_open)
        site = problem.positions(assignment["facility_id"].dropna())
        at = np.flatnonzero(assignment["facility_id"].notna())
        counted = np.bincount(site, (problem.persons * share)[at], problem.n_sites)
        return table.assign(persons_counted=counted[problem.positions(table["facility_id"])])

    def _weighted(self, problem: SitingProblem) -> SitingProblem:
        return problem if self.group_weights is None else problem.with_group_weights(self.group_weights)

    def _add_limit(self, builder: MipBuilder, columns: np.ndarray, *, problem: SitingProblem) -> None:
        if self.n_sites is not None:
            add_number(builder, columns, self.n_sites)
        elif self.budget is not None:
            add_budget(builder, columns, problem.site_cost[problem.choices], self.budget)

    def _solve_partial(self, problem: SitingProblem, control: Control, *, searched: bool) -> Answer:
        counted = self.partial(problem)
        if searched and problem.costs.n_pairs > SMALL_PARTIAL_PAIRS:
            answer = counted.solve(int(self.n_sites or 0), control)
        elif control.method != "exact" and problem.costs.n_pairs > LARGEST_PARTIAL_PAIRS:
            add_limit = partial(self._add_limit, problem=problem)
            answer = solve_by_sites(counted, add_limit, control)
        else:
            answer = solve_formulation(self, problem, control)
        if answer.is_open is None:
            return answer
        served = nearest_open(counted.loss, answer.is_open, within_circle=False)
        # the nearest where anything counts, at its cost and not at what is lost
        nearest = nearest_open(problem, answer.is_open, within_circle=False)
        nearest.loc[served["facility_id"].isna().to_numpy(), ["facility_id", "cost"]] = [None, np.nan]
        return replace(answer, flow=nearest)

    def _partial_notes(self, problem: SitingProblem, is_open: np.ndarray) -> tuple[Fault, ...]:
        counted = self.partial(problem)
        share = counted.best_share(is_open)
        reached = np.zeros(problem.n_demand, dtype=bool)
        usable = (problem.is_fixed | problem.is_choice)[problem.costs.indices] & (counted.shares > 0)
        reached[problem.costs.rows[usable]] = True
        values = {
            "full": total(problem.persons[share == 1]),
            "part": total(problem.persons[(share > 0) & (share < 1)]),
        }
        gains = counted.gains(is_open)
        notes = (*lost_note(problem, ~reached), Fault(code="siting.note_partial", values=values))
        if gains.max() <= 0:
            return (*notes, Fault(code="siting.note_no_more"))
        best = np.lexsort((problem.site_rank, -gains))[0]
        code = "siting.note_next" if self.group_weights is None else "siting.note_next_weighted"
        values = {"id": problem.facility_ids[best], "persons": float(gains[best])}
        return (*notes, Fault(code=code, values=values))
