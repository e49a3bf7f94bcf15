"""Set covering at size: throw out what another row or site implies, find a cover, prove it on the rest."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from cultureplan.siting.covering_search import from_matrix
from cultureplan.siting.mip import MipBuilder, solve_mip
from cultureplan.siting.models.base import Answer, Control
from cultureplan.siting.problem import SitingProblem

SMALL_PAIRS = 4_000  # below this the integer program is solved at once, and nothing is compiled
_STEPS = 60_000  # steps of the local search for a smaller cover
_WORK = 2e7  # and no more operations than about this times the rows of a column


def solve_cover(problem: SitingProblem, control: Control) -> Answer:
    """Return the cheapest cover of plain rows, with a bound."""
    from cultureplan.siting.kernels import covering  # compiled on first use

    classes = problem.classes
    cost = problem.site_cost[classes.sites]
    matrix, columns = reduced(classes.row_matrix(), cost)
    price = cost[columns]
    chosen = _greedy(matrix, price)
    if len(columns) and (price == price[0]).all():
        data = from_matrix(matrix, np.ones(matrix.shape[0]))
        n_steps = int(min(_STEPS, _WORK / (len(data.cidx) / max(data.n_columns, 1) + len(chosen))))
        chosen = covering.cover_search(
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
    from cultureplan.siting.kernels import covering

    columns = np.arange(matrix.shape[1])
    while True:
        before = matrix.shape
        data = from_matrix(matrix, np.ones(matrix.shape[0]))
        everything = np.ones(matrix.shape[0], dtype=bool)
        out = covering.implied(data.rptr, data.ridx, data.cptr, data.cidx, everything, data.weight)
        matrix = csr_array(matrix[np.flatnonzero(~out)])
        data = from_matrix(matrix, np.ones(matrix.shape[0]))
        useful = np.diff(data.cptr) > 0
        price = cost[columns]
        out = covering.contained(data.cptr, data.cidx, data.rptr, data.ridx, useful, price)
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
