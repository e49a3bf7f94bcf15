"""Set covering at size: throw out what another row or site implies, find a cover, prove it on the rest."""

from __future__ import annotations

import heapq

import numpy as np
from scipy.sparse import csr_array

from cultureplan.siting.covering_search import CLOSED, FREE, OPEN, from_matrix
from cultureplan.siting.mip import MipBuilder, solve_mip
from cultureplan.siting.model import Answer, Control
from cultureplan.siting.problem import SitingProblem

SMALL_PAIRS = 4_000  # below this the integer program is solved at once, and nothing is compiled
_STEPS = 300_000  # steps of the local search for a smaller cover
_BRANCH_PAIRS = 60_000  # larger rests are left to the solver of integer programs
_WORK = 1e8  # and no more operations than about this times the rows of a column


def solve_cover(problem: SitingProblem, control: Control) -> Answer:
    """Return the cheapest cover of plain rows, with a bound."""
    from cultureplan.siting.kernels import set_covering  # compiled on first use

    classes = problem.classes
    cost = problem.site_cost[classes.sites]
    matrix, columns = reduced(classes.row_matrix(), cost)
    price = cost[columns]
    chosen = _greedy(matrix, price)
    if len(columns) and (price == price[0]).all():
        data = from_matrix(matrix, np.ones(matrix.shape[0]))
        n_steps = int(min(_STEPS, _WORK / (len(data.cidx) / max(data.n_columns, 1) + len(chosen))))
        chosen = set_covering.cover_search(
            data.rptr, data.ridx, data.cptr, data.cidx, chosen, 1, n_steps, control.seed
        )
    best = float(price[chosen].sum())
    bound = 0.0
    if control.method != "heuristic" or len(columns) < 5_000:
        bound, chosen = _prove(matrix, price, chosen, control)
    is_open = problem.is_fixed.copy()
    is_open[classes.sites[columns[chosen]]] = True
    return Answer(is_open=is_open, bound=min(bound, best))


def reduced(matrix: csr_array, cost: np.ndarray) -> tuple[csr_array, np.ndarray]:
    """Drop rows that another row implies and columns that another replaces, until nothing changes.

    Returns
    -------
    matrix : csr_array
        Rows and columns that are left.
    columns : ndarray of int64
        Which columns these are.
    """
    from cultureplan.siting.kernels import set_covering

    columns = np.arange(matrix.shape[1])
    while True:
        before = matrix.shape
        data = from_matrix(matrix, np.ones(matrix.shape[0]))
        everything = np.ones(matrix.shape[0], dtype=bool)
        out = set_covering.implied(data.rptr, data.ridx, data.cptr, data.cidx, everything, data.weight)
        matrix = csr_array(matrix[np.flatnonzero(~out)])
        data = from_matrix(matrix, np.ones(matrix.shape[0]))
        useful = np.diff(data.cptr) > 0
        price = cost[columns]
        out = set_covering.contained(data.cptr, data.cidx, data.rptr, data.ridx, useful, price)
        kept = np.flatnonzero(useful & ~out)
        matrix, columns = csr_array(matrix[:, kept]), columns[kept]
        if matrix.shape == before:
            return matrix, columns


def _greedy(matrix: csr_array, price: np.ndarray) -> np.ndarray:
    """Return a cover: each time the column with most new rows for its price; then what is idle goes."""
    by_column = csr_array(matrix.T.tocsr())
    left = np.ones(matrix.shape[0])
    chosen: list[int] = []
    while left.any():
        worth = (by_column @ left) / np.maximum(price, 1e-12)
        chosen.append(int(np.argmax(worth)))
        left[by_column.indices[by_column.indptr[chosen[-1]] : by_column.indptr[chosen[-1] + 1]]] = 0.0
    count = np.zeros(matrix.shape[0])
    for column in chosen:
        count[by_column.indices[by_column.indptr[column] : by_column.indptr[column + 1]]] += 1
    kept = []
    for column in sorted(chosen, key=lambda at: -price[at]):
        rows = by_column.indices[by_column.indptr[column] : by_column.indptr[column + 1]]
        if (count[rows] > 1).all():
            count[rows] -= 1
        else:
            kept.append(column)
    return np.asarray(sorted(kept), dtype=np.int64)


def _prove(
    matrix: csr_array, price: np.ndarray, chosen: np.ndarray, control: Control
) -> tuple[float, np.ndarray]:
    """Solve what is left as an integer program; return its bound and the better of the two answers."""
    best = float(price[chosen].sum())
    builder = MipBuilder("min")
    x = builder.add_columns("x", range(len(price)), cost=price)
    rows = builder.add_rows("cover", range(matrix.shape[0]), lower=1.0)
    builder.add_entries(np.repeat(rows, np.diff(matrix.indptr)), x[matrix.indices], 1.0)
    mip = builder.build()
    is_whole = bool((price == np.rint(price)).all())
    relaxed = solve_mip(mip, time_limit_s=control.left_s, relax=True)
    bound = relaxed.bound if relaxed.status == "optimal" else 0.0
    if is_whole:
        bound = float(np.ceil(bound - 1e-6))
    if bound >= best - 1e-9 * best or best - bound <= control.gap * best or control.left_s <= 0:
        return min(bound, best), chosen
    if is_whole and relaxed.row_duals is not None and matrix.nnz <= _BRANCH_PAIRS:
        branched = _Branching(matrix, price, chosen, control)
        return branched.run(np.maximum(relaxed.row_duals, 0.0), bound), branched.chosen
    start = np.zeros(len(price))
    start[chosen] = 1.0
    # the rounded bound is a row too, and below the best answer nothing else is of interest
    row = builder.add_rows("known", [""], lower=bound, upper=best - 1.0 if is_whole else np.inf)
    builder.add_entries(np.repeat(row, len(x)), x, price)
    mip = builder.build()
    solution = solve_mip(
        mip,
        time_limit_s=control.left_s,
        gap=control.gap,
        start=None if is_whole else start,
        progress=control.progress,
        heuristics=False,
    )
    if solution.status == "infeasible":
        return best, chosen
    if solution.values is not None:
        found = np.flatnonzero(solution.values > 0.5)
        if price[found].sum() < best:
            chosen = found
    bound = max(bound, solution.bound)
    return (float(np.ceil(bound - 1e-6)) if is_whole else bound), chosen


class _Branching:
    """Branch and bound on sites, bounded by the Lagrangian dual, for whole prices."""

    def __init__(self, matrix: csr_array, price: np.ndarray, chosen: np.ndarray, control: Control) -> None:
        from cultureplan.siting.kernels import set_covering

        self.dual = set_covering.cover_dual
        self.data = from_matrix(matrix, np.ones(matrix.shape[0]))
        self.by_column = csr_array(matrix.T.tocsr())
        self.price, self.chosen, self.control = price, chosen, control
        self.best = float(price[chosen].sum())

    def run(self, prices: np.ndarray, bound: float) -> float:
        """Return the bound that was proven, from the prices of the relaxed program."""
        state = np.full(len(self.price), FREE, dtype=np.int64)
        root = self._bounded(state, prices, bound)
        heap = [] if root is None else [(root[0], 0, 0, state, root[1], root[2])]
        number = 0
        while heap and self.control.left_s > 0:
            bound, depth, _, state, prices, mean = heapq.heappop(heap)
            if bound > self.best - 1 + 1e-6:
                continue
            free = np.flatnonzero(state == FREE)
            column = int(free[np.argmin(np.abs(mean[free] - 0.5))])
            for side in (CLOSED, OPEN):
                child = state.copy()
                child[column] = side
                found = self._bounded(child, prices, bound)
                if found is not None:
                    number += 1
                    heapq.heappush(heap, (found[0], depth - 1, -number, child, found[1], found[2]))
        left = min((node[0] for node in heap), default=self.best)
        return float(min(np.ceil(left - 1e-6), self.best))

    def _bounded(
        self, state: np.ndarray, prices: np.ndarray, above: float
    ) -> tuple[float, np.ndarray, np.ndarray] | None:
        """Bound a node and fix what the bound decides; None where nothing better lies below it."""
        while True:
            cutoff = self.best - 1 + 1e-6
            bound, prices, reduced, mean = self.dual(
                self.data.rptr, self.data.ridx, self.price, state, prices, self.best, 250, cutoff, 2.0
            )
            if bound >= cutoff:
                return None
            free = state == FREE
            before = int(free.sum())
            state[free & (reduced > 0) & (bound + reduced > cutoff)] = CLOSED
            state[free & (reduced < 0) & (bound - reduced > cutoff)] = OPEN
            now = int((state == FREE).sum())
            if now == 0:
                self._try(state == OPEN)
                return None
            if now > 0.8 * before:
                return max(bound, above), prices, mean

    def _try(self, is_open: np.ndarray) -> None:
        covered = np.asarray(is_open.astype(float) @ self.by_column) > 0
        if covered.all() and self.price[is_open].sum() < self.best:
            self.best, self.chosen = float(self.price[is_open].sum()), np.flatnonzero(is_open)
