"""The p-median at size: swap search for the answer, a Lagrangian dual for the bound, and branch and bound.

Fixed sites vanish: each point has the cost of its nearest fixed site as what it pays when nothing better
opens, and only sites nearer than that are looked at.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from cultureplan.siting.mip import ProgressPoint
from cultureplan.siting.model import Answer, Control
from cultureplan.siting.problem import SitingProblem

FREE, CLOSED, OPEN = -1, 0, 1
_WORK_PER_SECOND = 1e8  # pairs the swap search inspects, at most
_TRIAL = 0.02  # share of the time and of the rounds after which the speed of the rest is known


@dataclass(frozen=True, kw_only=True, eq=False)
class MedianRows:
    """The sites of each demand point by rising weighted cost.

    Parameters
    ----------
    rptr, rsite, rcost : ndarray
        Columns (of ``problem.choices``) and costs of each row.
    beyond : ndarray, shape (n_rows,)
        Cost where none of them is open.
    base : float
        Cost of the points that have nothing to gain.
    must_serve : ndarray of bool, shape (n_rows,)
        Whether one of them has to be open; `beyond` is then a price that no answer pays.
    """

    rptr: np.ndarray
    rsite: np.ndarray
    rcost: np.ndarray
    beyond: np.ndarray
    base: float
    must_serve: np.ndarray

    @property
    def n_pairs(self) -> int:
        """Number of pairs worth looking at."""
        return len(self.rsite)


def median_rows(problem: SitingProblem, unserved_cost: float) -> MedianRows:
    """Return the rows of a p-median.

    Parameters
    ----------
    problem : SitingProblem
        Problem.
    unserved_cost : float
        Cost a person that no open site can be reached by; infinite where that must not be.
    """
    costs, persons = problem.costs, problem.persons
    fixed = problem.is_fixed[costs.indices]
    nearest_fixed = np.full(problem.n_demand, np.inf)
    np.minimum.at(nearest_fixed, costs.rows[fixed], costs.values[fixed])
    cap = np.minimum(nearest_fixed, unserved_cost)
    kept = problem.is_choice[costs.indices] & (costs.values < cap[costs.rows]) & (persons[costs.rows] > 0)
    rows, columns = costs.rows[kept], _column_of(problem)[costs.indices[kept]]
    values = costs.values[kept] * persons[rows]
    with np.errstate(invalid="ignore"):
        beyond = np.where(persons > 0, cap * persons, 0.0)
    used = np.flatnonzero((np.bincount(rows, minlength=problem.n_demand) > 0) | np.isinf(beyond))
    base = float(np.sort(np.delete(beyond, used)).sum())
    # the same order of points whatever the order of the table
    order = np.lexsort((columns, values, rows))
    rows, columns, values = rows[order], columns[order], values[order]
    counts = np.bincount(rows, minlength=problem.n_demand)
    pointers = np.concatenate([[0], np.cumsum(counts)])
    first_cost = np.full(problem.n_demand, np.inf)
    filled = counts > 0
    first_cost[filled] = values[pointers[:-1][filled]]
    name_rank = np.argsort(np.argsort(problem.demand_ids.astype(str).to_numpy(), kind="stable"))
    used = used[np.lexsort((name_rank[used], first_cost[used]))]
    at = np.concatenate([np.arange(pointers[u], pointers[u + 1]) for u in used] or [np.empty(0, int)])
    finite = np.isfinite(beyond[used])
    worst = max(float(values.max(initial=0.0)), float(beyond[used][finite].max(initial=0.0)))
    return MedianRows(
        rptr=np.concatenate([[0], np.cumsum(counts[used])]).astype(np.int64),
        rsite=columns[at].astype(np.int32),
        rcost=np.ascontiguousarray(values[at]),
        # a price so high that serving everybody always pays
        beyond=np.where(finite, beyond[used], (worst + 1.0) * (len(used) + 1.0)),
        base=base,
        must_serve=~finite,
    )


def _column_of(problem: SitingProblem) -> np.ndarray:
    column = np.full(problem.n_sites, -1, dtype=np.int64)
    column[problem.choices] = np.arange(len(problem.choices))
    return column


def solve_median(problem: SitingProblem, n_sites: int, control: Control, *, unserved_cost: float) -> Answer:
    """Return the best `n_sites` of a p-median, with a bound."""
    search = _MedianSearch(problem, n_sites, control, unserved_cost)
    search.answer_soon(n_rounds=30, share=0.05)
    search.bound_root(n_steps=300)
    if not search.is_done:
        search.bound_root(n_steps=3_000)
    if control.method == "auto" and not search.is_done:
        search.answer_soon(n_rounds=150, share=0.2)
        search.branch()
    return search.answer()


class _MedianSearch:
    """What is known so far: best columns, bound, prices."""

    def __init__(self, problem: SitingProblem, n_sites: int, control: Control, unserved_cost: float) -> None:
        from cultureplan.siting.kernels import median  # compiled on first use

        self.kernels = median
        self.problem, self.control, self.n_sites = problem, control, n_sites
        self.rows = median_rows(problem, unserved_cost)
        self.n_columns = len(problem.choices)
        r = self.rows
        self.arrays = (r.rptr, r.rsite, r.rcost, r.beyond)
        self.is_whole = bool((r.rcost == np.rint(r.rcost)).all() and (r.beyond == np.rint(r.beyond)).all())
        self.stage = "greedy"
        self.runs = 0
        self.is_open = median.greedy(*self.arrays, self.n_columns, n_sites)
        self.value = self._measured(self.is_open)[0]
        self.bound = 0.0
        self.prices = np.zeros(0)
        self.root_state = np.full(self.n_columns, FREE, dtype=np.int64)
        self.report()

    @property
    def cutoff(self) -> float:
        """An answer must be below this to be better."""
        return self.value - 1.0 + 1e-6 if self.is_whole else self.value * (1 - 1e-10)

    @property
    def is_done(self) -> bool:
        """Whether the gap that was asked for is reached, or time is up."""
        slack = self.control.gap * (self.value + self.rows.base) + 1e-9 * self.value
        return self.value - self.bound <= slack or self.control.left_s <= 0

    def report(self) -> None:
        """Tell whoever listens how far this is."""
        if self.control.progress is not None:
            base = self.rows.base
            self.control.progress(
                ProgressPoint(
                    seconds=time.perf_counter() - self.control.started,
                    objective=base + self.value,
                    bound=base + self.bound,
                    stage=self.stage,
                )
            )

    def answer_soon(self, *, n_rounds: int, share: float) -> None:
        """Descend and shake: a little first, to learn how fast this is here."""
        self.stage = "swap"
        room = min(share * self.control.time_limit_s, max(self.control.left_s, 0.0))
        begun, speed = time.perf_counter(), _WORK_PER_SECOND
        for part in (_TRIAL, 1.0):
            n_work = int(part * max(room - (time.perf_counter() - begun), 0.0) * speed)
            started = time.perf_counter()
            found, value = self.kernels.swap_search(
                *self.arrays,
                self.is_open,
                max(int(part * n_rounds), 1),
                n_work,
                self.control.seed + self.runs,
            )
            self.runs += 1
            if value < self.value:
                self.is_open, self.value = found, value
            speed = min(speed, n_work / max(time.perf_counter() - started, 1e-9))
        self.report()

    def bound_root(self, *, n_steps: int) -> None:
        """Raise the bound by some steps of the volume algorithm, and fix what it decides."""
        self.stage = "lagrange"
        if len(self.prices) == 0:
            _, first, second = self._measured(self.is_open)
            self.prices = (first + second) / 2
        n_steps = int(min(n_steps, max(10.0, self.control.left_s * 2e8 / (self.rows.n_pairs + 1))))
        found = self._dual(self.root_state, self.prices, n_steps)
        self.prices, self.mean = found[1], found[4]
        self.bound = max(self.bound, self._rounded(found[0]))
        self._try(found[3])
        self._fix(self.root_state, found)
        self.report()

    def branch(self) -> None:
        """Branch on sites, always from the node with the lowest bound."""
        self.stage = "branch"
        self._drop_closed()
        heap = [(self.bound, 0, 0, self.root_state, self.prices, self.mean)]
        number = 1
        while heap and self.control.left_s > 0:
            bound, depth, _, state, prices, mean = heapq.heappop(heap)
            self.bound = max(self.bound, min(bound, self.value))
            if self.is_done:
                return
            if bound >= self.cutoff or self._is_settled(state):
                continue
            free = np.flatnonzero(state == FREE)
            column = int(free[np.argmin(np.abs(mean[free] - 0.5))])
            for side in (CLOSED, OPEN):
                child = state.copy()
                child[column] = side
                outcome = self._explore(child, prices, bound)
                if outcome is not None:
                    # among equal bounds the deepest node first: it is nearest to an answer
                    heapq.heappush(heap, (outcome[0], depth - 1, -number, child, outcome[1], outcome[2]))
                    number += 1
            if number % 50 < 2:
                self.report()
        if not heap:
            self.bound = self.value
        else:
            self.bound = max(self.bound, min(heap[0][0], self.value))
        self.report()

    def _is_settled(self, state: np.ndarray) -> bool:
        """Return whether a node leaves nothing to choose; if it is an answer, try it."""
        n_open, n_left = int((state == OPEN).sum()), int((state == FREE).sum())
        if n_open == self.n_sites:
            self._try(state == OPEN)
        elif n_open + n_left == self.n_sites:
            self._try(state != CLOSED)
        return n_open >= self.n_sites or n_open + n_left <= self.n_sites

    def _drop_closed(self) -> None:
        """Forget the pairs of columns that no better answer opens."""
        r = self.rows
        kept = self.root_state[r.rsite] != CLOSED
        running = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
        self.arrays = (running[r.rptr], r.rsite[kept], r.rcost[kept], r.beyond)

    def _explore(
        self, state: np.ndarray, prices: np.ndarray, above: float
    ) -> tuple[float, np.ndarray, np.ndarray] | None:
        """Bound a node; return its bound, prices and averaged choice, or None where it is closed."""
        while True:
            if self._is_settled(state):
                return None
            found = self._dual(state, prices, 120, again=True)
            self._try(found[3])
            if found[0] >= self.cutoff:
                return None
            before = int((state == FREE).sum())
            self._fix(state, found)
            prices = found[1]
            if int((state == FREE).sum()) > 0.8 * before:
                return max(self._rounded(found[0]), above), found[1], found[4]

    def _dual(
        self, state: np.ndarray, prices: np.ndarray, n_steps: int, *, again: bool = False
    ) -> tuple[Any, ...]:
        n_free = self.n_sites - int((state == OPEN).sum())
        arguments = (*self.arrays, state, n_free, prices, self.value, n_steps, self.cutoff)
        found: tuple[Any, ...] = (
            self.kernels.dual_again(*arguments, 0.7) if again else self.kernels.dual(*arguments, 0.3, 0.2)
        )
        return found

    def _fix(self, state: np.ndarray, found: tuple[Any, ...]) -> None:
        """Close and open the columns that every better answer below this node must."""
        bound, _, score, _, _, last_in, first_out = found
        free = state == FREE
        if np.isfinite(last_in):
            state[free & (score > last_in) & (bound + score - last_in > self.cutoff)] = CLOSED
        if np.isfinite(first_out):
            state[free & (score < first_out) & (bound + first_out - score > self.cutoff)] = OPEN

    def _try(self, choice: np.ndarray) -> None:
        is_open = np.asarray(choice) > 0.5
        if int(is_open.sum()) != self.n_sites:
            return
        value = self._measured(is_open)[0]
        if value < self.value:
            self.is_open, self.value = is_open, value

    def _measured(self, is_open: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        n = len(self.rows.beyond)
        site, first, second = np.empty(n, dtype=np.int64), np.empty(n), np.empty(n)
        value = self.kernels.nearest_two(*self.arrays, is_open, site, first, second)
        return float(value), first, second

    def _rounded(self, bound: float) -> float:
        return float(np.ceil(bound - 1e-6)) if self.is_whole else bound

    def answer(self) -> Answer:
        """Return what is known."""
        is_open = self.problem.is_fixed.copy()
        is_open[self.problem.choices[self.is_open]] = True
        return Answer(is_open=is_open, bound=self.rows.base + min(self.bound, self.value))
