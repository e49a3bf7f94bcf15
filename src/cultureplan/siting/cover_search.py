"""Set covering at size: throw out what another row or site implies, find a cover, prove it on the rest."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from cultureplan.siting.cover_cuts import Tightened, tightened
from cultureplan.siting.covering_search import from_matrix
from cultureplan.siting.mip import MipBuilder, solve_mip
from cultureplan.siting.model import Answer, Control
from cultureplan.siting.problem import SitingProblem

SMALL_PAIRS = 4_000  # below this the integer program is solved at once, and nothing is compiled
_FIRST_STEPS = 60_000  # steps of the first local search for a smaller cover
_WORK_PER_SECOND = 4e8  # of that search, about; sets how many more steps a time limit allows
_BRANCH_PAIRS = 20_000  # up to this branching gets on, and searching much longer first would only delay it
_SEARCH_SHARE = 0.2  # of the time, where the first search and the bound do not meet


def solve_cover(problem: SitingProblem, control: Control) -> Answer:
    """Return the cheapest cover of plain rows, with a bound."""
    classes = problem.classes
    cost = problem.site_cost[classes.sites]
    matrix, columns = reduced(classes.row_matrix(), cost)
    search = _CoverSearch(matrix, cost[columns], control)
    search.run()
    is_open = problem.is_fixed.copy()
    is_open[classes.sites[columns[search.chosen]]] = True
    return Answer(is_open=is_open, bound=min(search.bound, search.best))


def small_cover(matrix: csr_array, n_sites: int, control: Control) -> np.ndarray | None:
    """Return a cover by at most `n_sites` columns, or a larger one if there is none; None where unknown.

    Parameters
    ----------
    matrix : csr_array, shape (n_rows, n_columns)
        Reduced incidence.
    n_sites : int
        Columns allowed.
    control : Control
        Time and seed.
    """
    search = _CoverSearch(matrix, np.ones(matrix.shape[1]), control, wanted=n_sites)
    search.run()
    if len(search.chosen) <= n_sites or search.bound > n_sites:
        return search.chosen
    return None


class _CoverSearch:
    """What is known so far of a reduced program: the best cover and the bound."""

    def __init__(
        self, matrix: csr_array, price: np.ndarray, control: Control, *, wanted: int | None = None
    ) -> None:
        self.wanted = wanted  # a cover this small is small enough, and larger ones are of no interest
        self.matrix, self.price, self.control = matrix, price, control
        self.is_whole = bool((price == np.rint(price)).all())
        self.chosen = _greedy(matrix, price)
        self.bound = 0.0

    @property
    def best(self) -> float:
        """Cost of the best cover."""
        return float(self.price[self.chosen].sum())

    @property
    def is_done(self) -> bool:
        """Whether the gap that was asked for is reached, or time is up."""
        if self.wanted is not None and not (self.bound <= self.wanted < self.best):
            return True
        slack = max(self.control.gap, 1e-9) * self.best
        return self.best - self.bound <= slack or self.control.left_s <= 0

    def run(self) -> None:
        """Search, bound, search longer, branch."""
        self._look(_FIRST_STEPS)
        if self.is_done:
            return
        program = tightened(self.matrix, self.price, self.control, enough=self._below)
        if program is None:
            return
        self.bound = max(self.bound, self._rounded(program.bound))
        if self.is_done or self.control.method == "heuristic":
            return
        n_steps = _SEARCH_SHARE * self.control.time_limit_s * _WORK_PER_SECOND / self._work_per_step
        is_branched_soon = self.matrix.nnz <= _BRANCH_PAIRS
        self._look(int(min(n_steps, _FIRST_STEPS) if is_branched_soon else n_steps))
        if not self.is_done:
            self._branch(program)

    @property
    def _below(self) -> float:
        """What a cover must not cost more than to be of interest."""
        return self.best - self._step if self.wanted is None else self.wanted + 1e-6

    @property
    def _step(self) -> float:
        """A better cover costs less by at least about this."""
        return 1.0 - 1e-6 if self.is_whole else 0.0

    @property
    def _work_per_step(self) -> float:
        n_rows, n_columns = self.matrix.shape
        return len(self.chosen) + 4.0 * self.matrix.nnz**2 / max(n_rows * n_columns, 1)

    def _look(self, n_steps: int) -> None:
        """Look for a cover by fewer sites, where they all cost the same."""
        from cultureplan.siting.kernels import set_covering  # compiled on first use

        if len(self.price) == 0 or not (self.price == self.price[0]).all() or self.control.left_s <= 0:
            return
        data = from_matrix(self.matrix, np.ones(self.matrix.shape[0]))
        least = max(int(np.ceil(self.bound / max(self.price[0], 1e-300) - 1e-6)), self.wanted or 1)
        self.chosen = set_covering.cover_search(
            data.rptr, data.ridx, data.cptr, data.cidx, self.chosen, least, n_steps, self.control.seed
        )

    def _rounded(self, bound: float) -> float:
        return float(np.ceil(bound - 1e-6)) if self.is_whole else bound

    def _branch(self, program: Tightened) -> None:
        """Solve what is left as an integer program that asks for something better than the best cover."""
        best = self.best
        kept = np.flatnonzero(program.bound + program.reduced < self._below + 1e-6)
        if len(kept) > 0.9 * len(self.price):  # not worth another path through the tree
            kept = np.arange(len(self.price))
        builder = MipBuilder("min")
        x = builder.add_columns("x", range(len(kept)), cost=self.price[kept])
        part = csr_array(program.matrix[:, kept])
        rows = builder.add_rows("cover", range(part.shape[0]), lower=program.lower)
        builder.add_entries(np.repeat(rows, np.diff(part.indptr)), x[part.indices], part.data)
        row = builder.add_rows("known", [""], upper=self._below)
        builder.add_entries(np.repeat(row, len(x)), x, self.price[kept])
        solution = solve_mip(
            builder.build(),
            time_limit_s=self.control.left_s,
            gap=self.control.gap,
            progress=self.control.progress,
            heuristics=False,
        )
        if solution.status == "infeasible":
            self.bound = best if self.wanted is None else self.wanted + 1.0
            return
        if solution.values is not None:
            found = kept[np.flatnonzero(solution.values > 0.5)]
            if self.price[found].sum() < best and self._covers(found):
                self.chosen = found
        self.bound = max(self.bound, min(self._rounded(solution.bound), best))

    def _covers(self, columns: np.ndarray) -> bool:
        is_open = np.zeros(len(self.price))
        is_open[columns] = 1.0
        return bool((self.matrix @ is_open > 0.5).all())


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
