"""The mean and Gini's inequality together, at size: medians whose weights are ranks.

Mean (1 + w Gini) is a sum of the costs in rising order, each with its person's weight times
``1 + w (before + upto - all) / all`` (persons before and up to it). Put in any *other* order, the same
weights give no more than the true value. So the p-median with the rank weights of any order, or of a
mixture of orders, is a valid bound - the plain mean is the mixture of all of them - and its answer is a
candidate; the order of the best answer so far is the next to try.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from cultureplan.siting.mip import ProgressPoint
from cultureplan.siting.model import Answer, Control, preference_of
from cultureplan.siting.problem import SitingProblem

_ROUNDS = 12
_EVALUATIONS = 20_000  # swaps tried, at most
_WORK = 4e7  # and no more than about this many costs sorted

Median = Callable[[SitingProblem, Control], Answer]


def rank_weights(cost: np.ndarray, persons: np.ndarray, weight: float) -> np.ndarray:
    """Return the weight of each point in its own order, shape (n,); they sum to 1.

    Parameters
    ----------
    cost, persons : ndarray, shape (n,)
        What a person pays, and how many do. Points that pay the same share their ranks.
    weight : float
        Weight of the inequality, 0 to 1.
    """
    everybody = float(np.sort(persons).sum())
    paid, group = np.unique(cost, return_inverse=True)
    count = np.bincount(group.ravel(), persons, minlength=len(paid))
    upto = np.cumsum(count)
    rank = (2 * upto - count) / everybody - 1.0  # persons before and up to it, less all
    return np.asarray(persons * (1.0 + weight * rank[group.ravel()]) / everybody)


@dataclass(frozen=True, kw_only=True, eq=False)
class Ranked:
    """A problem, what its people pay, and what mean and inequality cost together.

    Parameters
    ----------
    problem : SitingProblem
        Problem.
    weight : float
        Weight of the inequality, 0 to 1.
    price : float
        Cost a person that no open site can be reached from; infinite where that must not be.
    """

    problem: SitingProblem
    weight: float
    price: float

    def costs(self, is_open: np.ndarray) -> np.ndarray:
        """Return what each point pays a person, shape (n_demand,); 0 where nobody lives."""
        costs = self.problem.costs
        kept = is_open[costs.indices]
        paid = np.full(self.problem.n_demand, self.price)
        np.minimum.at(paid, costs.rows[kept], costs.values[kept])
        return np.where(self.problem.persons > 0, paid, 0.0)

    def value(self, paid: np.ndarray) -> float:
        """Return mean x (1 + weight x Gini) of what people pay."""
        if not np.isfinite(paid).all():
            return np.inf
        ranked = rank_weights(paid, self.problem.persons, self.weight) * paid
        return float(np.sort(ranked).sum())

    def solve(self, median: Median, control: Control) -> Answer:
        """Return the best answer of a few rounds of medians and swaps, with its bound."""
        problem = self.problem
        best, value, bound = None, np.inf, -np.inf
        mixed = problem.persons / float(np.sort(problem.persons).sum())
        for number in range(_ROUNDS):
            inner = replace(
                control,
                method="auto" if control.method == "exact" else control.method,
                time_limit_s=max(min(control.time_limit_s / 8, control.left_s), 1e-3),
                gap=control.gap / 4,
                progress=None,
                started=time.perf_counter(),
            )
            answer = median(replace(problem, persons=mixed, limit=None, cover=None), inner)
            if answer.is_open is None:
                return answer
            bound = max(bound, answer.bound)
            found = self.value(self.costs(answer.is_open)) - preference_of(problem, answer.is_open)
            if found < value:
                best, value = self._swapped(answer.is_open, found, control)
            self._tell(control, value, bound)
            if value - bound <= max(control.gap, 1e-9) * abs(value) or control.left_s <= 0 or best is None:
                break
            own = rank_weights(self.costs(best), problem.persons, self.weight)
            latest = rank_weights(self.costs(answer.is_open), problem.persons, self.weight)
            # the order of the best answer at once, then mixtures that no single plan escapes
            mixed = own if number == 0 else mixed + (latest - mixed) / (number + 1.0)
        return Answer(is_open=best, bound=min(bound, value))

    def _swapped(
        self, is_open: np.ndarray, value: float, control: Control
    ) -> tuple[np.ndarray | None, float]:
        """Swap one open site for a closed one as long as that helps, within a number of trials."""
        problem = self.problem
        if not problem.is_plain or not np.isfinite(value):
            return is_open, value
        left = int(min(_EVALUATIONS, _WORK / max(problem.n_demand, 1)))
        by_site = np.argsort(problem.costs.indices, kind="stable")
        start = np.searchsorted(problem.costs.indices[by_site], np.arange(problem.n_sites + 1))
        is_open, improved = is_open.copy(), True
        while improved and left > 0 and control.left_s > 0:
            improved = False
            for out in problem.choices[is_open[problem.choices]]:
                is_open[out] = False
                rest = self.costs(is_open)
                swap = -1
                for site in problem.choices[~is_open[problem.choices]]:
                    if site == out or left <= 0:
                        continue
                    left -= 1
                    at = by_site[start[site] : start[site + 1]]
                    paid = rest.copy()
                    rows = problem.costs.rows[at]
                    paid[rows] = np.minimum(paid[rows], problem.costs.values[at])
                    found = self.value(paid)
                    if found < value * (1 - 1e-12):
                        swap, value = int(site), found
                is_open[swap if swap >= 0 else out] = True
                improved |= swap >= 0
        return is_open, value

    def _tell(self, control: Control, value: float, bound: float) -> None:
        if control.progress is not None:
            seconds = time.perf_counter() - control.started
            control.progress(
                ProgressPoint(seconds=seconds, objective=value, bound=min(bound, value), stage="ranks")
            )
