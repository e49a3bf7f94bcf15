"""Partial coverage: who counts in part, because the nearest site is a little too far.

The share of a person that counts falls with the cost, so counting everybody at their best open site is a
p-median on what is lost: a person with share a loses 1 - a, and everything where no site is open near.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from cultureplan.base.errors import InputError
from cultureplan.measures.decay import Decay
from cultureplan.siting.cover import total
from cultureplan.siting.median_search import MedianRows, median_rows, solve_median
from cultureplan.siting.mip import Mip, MipBuilder
from cultureplan.siting.model import Answer, Control, add_sites, translated
from cultureplan.siting.problem import SitingProblem
from cultureplan.travel.costs import TravelCosts

SMALL_PAIRS = 3_000  # below this the integer program is solved at once, and nothing is compiled


@dataclass(frozen=True, kw_only=True, eq=False)
class PartialCover:
    """A problem and the share of a person that counts at each stored pair.

    Parameters
    ----------
    problem : SitingProblem
        Problem; its persons are what is counted.
    shares : ndarray, shape (n_pairs,)
        From 0 to 1, for each stored pair of the costs.
    """

    problem: SitingProblem
    shares: np.ndarray

    def best_share(self, is_open: np.ndarray) -> np.ndarray:
        """Return the share that counts of a person at each demand point, shape (n_demand,)."""
        costs = self.problem.costs
        kept = is_open[costs.indices]
        best = np.zeros(self.problem.n_demand)
        np.maximum.at(best, costs.rows[kept], self.shares[kept])
        return best

    def persons(self, is_open: np.ndarray) -> float:
        """Return the persons that count."""
        return total(self.problem.persons * self.best_share(is_open))

    def gains(self, is_open: np.ndarray) -> np.ndarray:
        """Return the persons that each closed site would add, shape (n_sites,); 0 where it may not open."""
        costs = self.problem.costs
        more = self.shares - self.best_share(is_open)[costs.rows]
        kept = (more > 0) & (self.problem.is_choice & ~is_open)[costs.indices]
        weight = more[kept] * self.problem.persons[costs.rows[kept]]
        return np.bincount(costs.indices[kept], weight, minlength=self.problem.n_sites)

    @cached_property
    def loss(self) -> SitingProblem:
        """The p-median on what is lost of each person; pairs at which nothing counts are left out."""
        costs = self.problem.costs
        kept = self.shares > 0
        running = np.concatenate([[0], np.cumsum(kept, dtype=np.int64)])
        lost = TravelCosts(
            indptr=running[costs.indptr],
            indices=costs.indices[kept],
            values=1.0 - self.shares[kept],
            demand_ids=costs.demand_ids,
            facility_ids=costs.facility_ids,
            unit=costs.unit,
        )
        return replace(self.problem, costs=lost, limit=None, cover=None)

    @cached_property
    def rows(self) -> MedianRows:
        """The sites of each demand point by rising loss."""
        return median_rows(self.loss, 1.0)

    def program(self) -> tuple[MipBuilder, np.ndarray]:
        """Return the program without its number or budget, and the column of each site.

        A z for each pair that is better than the best fixed site, worth what it is better by.
        """
        rows, problem = self.rows, self.problem
        builder = MipBuilder("max")
        builder.offset = total(problem.persons) - rows.base - float(rows.beyond.sum())
        column_of = add_sites(builder, problem)
        columns = column_of[problem.choices]
        owner = np.repeat(np.arange(len(rows.beyond)), np.diff(rows.rptr))
        pairs = list(zip(owner.tolist(), rows.rsite.tolist(), strict=True))
        z = builder.add_columns("z", pairs, cost=rows.beyond[owner] - rows.rcost, integer=False)
        once = builder.add_rows("once", range(len(rows.beyond)), upper=1.0)
        builder.add_entries(once[owner], z, 1.0)
        link = builder.add_rows("open", pairs, upper=0.0)
        builder.add_entries(link, z, 1.0)
        builder.add_entries(link, columns[rows.rsite], -1.0)
        return builder, column_of

    def formulation(self, add_limit: Callable[[MipBuilder, np.ndarray], None]) -> Mip:
        """Return the program; `add_limit` adds the number of sites or the budget."""
        builder, column_of = self.program()
        add_limit(builder, column_of[self.problem.choices])
        return builder.build()

    def solve(self, n_sites: int, control: Control) -> Answer:
        """Return the best `n_sites` by the search for medians, with a bound."""
        everybody = total(self.problem.persons)
        inner = translated(control, lambda lost: everybody - lost)
        answer = solve_median(self.loss, n_sites, inner, unserved_cost=1.0)
        return replace(answer, bound=everybody - answer.bound)


def partial_cover(problem: SitingProblem, *, decay: Decay | None, outer_reach: float | None) -> PartialCover:
    """Return which share of a person counts at each stored pair.

    Parameters
    ----------
    problem : SitingProblem
        Problem in which one site is enough for everybody.
    decay : Decay, optional
        The share by cost.
    outer_reach : float, optional
        The share is 1 within ``problem.limit``, and falls straight to 0 at this many times the limit.

    Raises
    ------
    InputError
        If the circles ask for several sites, the limit is not one number a point, the costs end before
        the fall does, or a share is above 1.
    """
    cover = problem.cover
    if cover is not None and not ((cover.need == 1).all() and (np.diff(cover.demand) > 0).all()):
        raise InputError.of("siting.partial_needs_one")
    costs = problem.costs
    if decay is not None:
        shares = decay.pair_weights(costs)
        if shares.max(initial=0.0) > 1 + 1e-9:
            raise InputError.of("siting.share_above_one", name=decay.name, share=float(shares.max()))
        return PartialCover(problem=problem, shares=np.minimum(shares, 1.0))
    if problem.limit is None:
        raise InputError.of("siting.no_single_limit")
    full = np.broadcast_to(np.asarray(problem.limit, dtype=float), problem.n_demand)
    outer = full * float(outer_reach or 1.0)
    if float(outer.max()) > costs.limit * (1 + 1e-12):
        raise InputError.of(
            "travel.limit_beyond_cutoff", limit=float(outer.max()), cutoff=costs.limit, unit=costs.unit
        )
    near, far = full[costs.rows], outer[costs.rows]
    width = np.where(far > near, far - near, 1.0)
    falling = np.clip((far - costs.values) / width, 0.0, 1.0)
    return PartialCover(problem=problem, shares=np.where(costs.values <= near, 1.0, falling))
