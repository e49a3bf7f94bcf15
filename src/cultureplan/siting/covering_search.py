"""Maximal coverage at size: annealing for the answer, a Lagrangian dual for the bound, a proof if it fits.

The pieces are compiled kernels; this module decides how much of each, by counting operations and never by
the clock, so that the same problem gives the same answer wherever time suffices.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from cultureplan.siting.cover import CoverClasses, merged_rows
from cultureplan.siting.mip import Mip, MipBuilder, ProgressPoint, solve_mip
from cultureplan.siting.model import Answer, Control
from cultureplan.siting.problem import SitingProblem
from cultureplan.travel.disc_search import in_threads

SMALL_PAIRS = 12_000  # below this the integer program is solved at once, and nothing is compiled
_OPERATIONS_PER_SECOND = 5e7  # of the annealing kernel, about; sets how many moves a time limit allows
_QUICK_PROOF_PAIRS = 120_000  # a smaller one is proven sooner than the answer is improved
_PROOF_PAIRS = 3_000_000  # an integer program larger than this is not worth starting
_LONG_SHARE = 0.45  # of the time, for the answer where the proof is far
# share of that time, heat as a share of what a site covers, and how far it cools
_HEATS = ((0.3, 0.1, 100.0), *((0.1, hot, 30.0) for hot in (0.03, 0.02, 0.03, 0.02, 0.04, 0.03, 0.02)))
_TELLING_S = 0.5  # a shorter run says nothing about how busy the machine is
FREE, CLOSED, OPEN = -1, 0, 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Incidence:
    """Rows x columns and columns x rows of a covering problem, with the weight of each row."""

    rptr: np.ndarray
    ridx: np.ndarray
    cptr: np.ndarray
    cidx: np.ndarray
    weight: np.ndarray

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.cptr) - 1


def incidence(classes: CoverClasses) -> Incidence:
    """Return the incidence of plain classes that have weight."""
    matrix = classes.class_matrix()[np.flatnonzero(classes.weight > 0)]
    return from_matrix(csr_array(matrix), classes.weight[classes.weight > 0])


def from_matrix(matrix: csr_array, weight: np.ndarray) -> Incidence:
    """Return the incidence of a sparse matrix."""
    turned = csr_array(matrix.T.tocsr())
    for part in (matrix, turned):
        part.sort_indices()
    return Incidence(
        rptr=matrix.indptr.astype(np.int64),
        ridx=matrix.indices.astype(np.int32),
        cptr=turned.indptr.astype(np.int64),
        cidx=turned.indices.astype(np.int32),
        weight=np.ascontiguousarray(weight, dtype=float),
    )


def solve_plain(problem: SitingProblem, n_sites: int, control: Control) -> Answer:
    """Return the best `n_sites` for plain classes, with a bound.

    Parameters
    ----------
    problem : SitingProblem
        Plain classes, and nothing that restricts the choice but the number.
    n_sites : int
        Sites to open.
    control : Control
        Method, time, gap, seed.
    """
    search = _Search(problem, n_sites, control)
    for share, n_steps in ((0.004, 400), (0.05, 3_000)):
        search.answer_soon(share=share)
        search.bound_soon(n_steps=n_steps)
        if search.is_done:
            return search.answer()
    if control.method == "auto" and len(search.left_over()[1].data) > _QUICK_PROOF_PAIRS:
        search.answer_long(share=_LONG_SHARE)
    if control.method == "auto" and not search.is_done:
        search.prove()
    return search.answer()


class _Search:
    """What is known so far: best sites, bound, prices."""

    def __init__(self, problem: SitingProblem, n_sites: int, control: Control) -> None:
        from cultureplan.siting.kernels import covering  # compiled on first use

        self.kernels = covering
        self.problem, self.control, self.n_sites = problem, control, n_sites
        self.data = incidence(problem.classes)
        weight = self.data.weight
        self.is_whole = bool((weight == np.rint(weight)).all())
        self.bound = float(weight.sum())
        self.prices = weight * 0.5
        self.scores = np.zeros(self.data.n_columns)
        self.edge = (np.inf, -np.inf)
        self.stage = "greedy"
        d = self.data
        self.sites = covering.greedy(d.rptr, d.ridx, d.cptr, d.cidx, weight, n_sites)
        self.value = self._value(self.sites)
        self.runs = 0
        self.slowness = 1.0  # of this machine now against what moves are counted by
        self.report()

    @property
    def is_done(self) -> bool:
        """Whether the gap that was asked for is reached, or time is up."""
        base = self.problem.classes.covered_persons
        slack = self.control.gap * (self.value + base) + 1e-9 * max(self.value + base, 1.0)
        return self.bound - self.value <= slack or self.control.left_s <= 0

    def report(self) -> None:
        """Tell whoever listens how far this is."""
        if self.control.progress is not None:
            base = self.problem.classes.covered_persons
            seconds = time.perf_counter() - self.control.started
            self.control.progress(
                ProgressPoint(
                    seconds=seconds,
                    objective=base + self.value,
                    bound=base + self.bound,
                    stage=self.stage,
                )
            )

    def answer_soon(self, *, share: float) -> None:
        """Anneal and swap for about a share of the time limit."""
        self.stage = "anneal"
        d = self.data
        room = min(share * self.control.time_limit_s, max(self.control.left_s, 0.0))
        self._anneal([self.sites], n_moves=self._moves(room), hot=0.1, ratio=300.0)
        n_steps = int(min(2_000, room * 2e8 / max(len(d.cidx), 1)))
        if n_steps > 0 and 0 < self.n_sites < d.n_columns:
            found, _, _ = self.kernels.swap_search(
                d.rptr, d.ridx, d.cptr, d.cidx, d.weight, self.sites, n_steps, max(20, n_steps // 10),
                self.control.seed + self.runs,
            )  # fmt: skip
            self._keep(found)
        self.runs += 1
        self.report()

    def answer_long(self, *, share: float) -> None:
        """Anneal two chains beside each other, from hot; then warm the best answer up again and again."""
        self.stage = "anneal"
        room = share * self.control.time_limit_s
        for part, hot, ratio in _HEATS:
            if self.is_done:
                return
            self._anneal([self.sites, self.sites], n_moves=self._moves(part * room), hot=hot, ratio=ratio)
            self.report()

    def _moves(self, seconds: float) -> int:
        room = min(seconds, max(self.control.left_s, 0.0))
        most = 400.0 * self.data.n_columns * self.n_sites
        return int(min(room / (self._seconds_per_move * self.slowness), most))

    @property
    def _seconds_per_move(self) -> float:
        return (len(self.data.cidx) / max(self.data.n_columns, 1) + 5.0) / _OPERATIONS_PER_SECOND

    def _anneal(self, starts: list[np.ndarray], *, n_moves: int, hot: float, ratio: float) -> None:
        """Anneal from each start in a thread of its own; `hot` is a share of what a site covers."""
        d = self.data
        if n_moves <= 100 or not 0 < self.n_sites < d.n_columns:
            return
        heat = hot * max(self.value, 1e-9) / self.n_sites

        def chain(number: int) -> np.ndarray:
            found, _ = self.kernels.anneal(
                d.rptr, d.ridx, d.cptr, d.cidx, d.weight, starts[number], n_moves, heat, heat / ratio,
                self.control.seed + self.runs + number,
            )  # fmt: skip
            return np.asarray(found)

        before = time.perf_counter()
        for found in in_threads(chain, list(range(len(starts))), threads=len(starts)):
            self._keep(found)
        self.runs += len(starts)
        expected = n_moves * self._seconds_per_move
        if expected > _TELLING_S:  # on a machine this busy the time limit goes before the same answer
            self.slowness = max(1.0, (time.perf_counter() - before) / expected)

    def bound_soon(self, *, n_steps: int) -> None:
        """Lower the bound by some steps of the volume algorithm."""
        self.stage = "lagrange"
        d = self.data
        n_steps = int(min(n_steps, max(10.0, self.control.left_s * 1e8 / max(len(d.ridx), 1))))
        state = np.full(d.n_columns, FREE, dtype=np.int64)
        enough = self.value + 0.5 if self.is_whole else self.value
        bound, prices, scores, _, last_in, first_out = self.kernels.dual(
            d.rptr, d.ridx, d.weight, state, self.n_sites, self.prices, self.value, n_steps, enough
        )
        self.prices = prices
        if bound < self.bound:
            self.scores, self.edge = scores, (last_in, first_out)
            self.raw_bound = bound
            self.bound = self._rounded(bound)
        self.report()

    def prove(self) -> None:
        """Fix what the bound decides, and leave the rest to the integer program."""
        self.stage = "highs"
        state, matrix, weight, base = self.left_over()
        left = np.flatnonzero(state != CLOSED)
        if matrix.nnz > _PROOF_PAIRS:
            return
        free = left[state[left] == FREE]
        n_free = self.n_sites - int((state == OPEN).sum())
        mip = _program(matrix, weight, n_free, base)
        start = self._start(mip, matrix, free)
        solution = solve_mip(
            mip,
            time_limit_s=self.control.left_s,
            gap=self.control.gap,
            start=start,
            progress=self.control.progress,
            heuristics=False,
        )
        if solution.status == "infeasible":
            self.bound = self.value
            return
        if solution.values is not None:
            chosen = free[solution.values[: len(free)] > 0.5]
            self._keep(np.concatenate([np.flatnonzero(state == OPEN), chosen]))
        self.bound = max(min(self.bound, self._rounded(solution.bound)), self.value)
        self.report()

    def left_over(self) -> tuple[np.ndarray, csr_array, np.ndarray, float]:
        """Return the state of each column, and the rows that are still to be decided."""
        d = self.data
        state = self._fixed_columns()
        left = np.flatnonzero(state != CLOSED)
        full = csr_array((np.ones(len(d.ridx)), d.ridx, d.rptr), shape=(len(d.weight), d.n_columns))
        rest, weight, base = merged_rows(csr_array(full[:, left]), d.weight, state[left] == OPEN)
        return state, rest, weight, base

    def answer(self) -> Answer:
        """Return what is known."""
        classes = self.problem.classes
        is_open = self.problem.is_fixed.copy()
        is_open[classes.sites[self.sites]] = True
        return Answer(is_open=is_open, bound=classes.covered_persons + self.bound)

    def _value(self, sites: np.ndarray) -> float:
        d = self.data
        is_open = np.zeros(d.n_columns, dtype=bool)
        is_open[sites] = True
        running = np.concatenate([[0], np.cumsum(is_open[d.ridx], dtype=np.int64)])
        return float(d.weight[running[d.rptr[1:]] > running[d.rptr[:-1]]].sum())

    def _keep(self, sites: np.ndarray) -> None:
        value = self._value(sites)
        if value > self.value:
            self.value, self.sites = value, np.asarray(sites)

    def _rounded(self, bound: float) -> float:
        return float(np.floor(bound + 1e-6)) if self.is_whole else bound

    def _fixed_columns(self) -> np.ndarray:
        """Return the columns that every better answer must open or leave closed."""
        state = np.full(self.data.n_columns, FREE, dtype=np.int64)
        last_in, first_out = self.edge
        if np.isfinite(last_in) and hasattr(self, "raw_bound"):
            better = self.value + (1.0 if self.is_whole else 0.0) - 1e-6
            state[self.raw_bound - (last_in - self.scores) < better] = CLOSED
            state[self.raw_bound - (self.scores - first_out) < better] = OPEN
        return state

    def _start(self, mip: Mip, matrix: csr_array, free: np.ndarray) -> np.ndarray | None:
        chosen = np.isin(free, self.sites)
        n_free = round(mip.row_upper[-1])
        if chosen.sum() != n_free:
            return None
        covered = (matrix @ chosen.astype(float)) > 0
        return np.concatenate([chosen, covered]).astype(float)


def _program(matrix: csr_array, weight: np.ndarray, n_free: int, base: float) -> Mip:
    builder = MipBuilder("max")
    builder.offset = base
    x = builder.add_columns("x", range(matrix.shape[1]))
    y = builder.add_columns("y", range(len(weight)), cost=weight, integer=False)
    rows = builder.add_rows("cover", range(len(weight)), upper=0.0)
    builder.add_entries(rows, y, 1.0)
    builder.add_entries(np.repeat(rows, np.diff(matrix.indptr)), x[matrix.indices], -1.0)
    number = builder.add_rows("number", [""], lower=float(n_free), upper=float(n_free))
    builder.add_entries(np.repeat(number, len(x)), x, 1.0)
    return builder.build()
