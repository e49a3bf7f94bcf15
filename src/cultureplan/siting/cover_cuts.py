"""A better bound for set covering: the linear relaxation with cuts from three rows at a time.

Where any two of three demand points can share a site but no site serves all three, half a site each would
do for the relaxation, and two whole ones are needed. Such cuts close more of the gap in a second than an
hour of branching.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array, vstack

from cultureplan.siting.mip import MipBuilder, MipSolution, _load, _read, _run
from cultureplan.siting.model import Control

_LEAST = 0.02  # violation worth a cut
_MOST = 200_000  # triples looked at in a round
_PER_ROW = 3  # cuts of a round that share a row
_ROUNDS = 60
_TIGHT_ROWS = 6_000  # with more tight rows than this there is no time to look for cuts
_STALLED = 1e-5  # a round that raises the bound by less than this share is the last


@dataclass(frozen=True, kw_only=True, eq=False)
class Tightened:
    """A set covering program with cuts.

    Parameters
    ----------
    matrix : csr_array, shape (n_rows, n_columns)
        The rows, and below them the cuts that bind.
    lower : ndarray, shape (n_rows,)
        What each row asks for.
    bound : float
        Value of the relaxation.
    reduced : ndarray, shape (n_columns,)
        Reduced cost of each column: the bound rises by this where a closed one opens.
    """

    matrix: csr_array
    lower: np.ndarray
    bound: float
    reduced: np.ndarray


class GrowingLp:
    """A covering relaxation ``min price @ x, A x >= 1, 0 <= x`` that is solved again as rows join.

    Parameters
    ----------
    matrix : csr_array, shape (n_rows, n_columns)
        Incidence.
    price : ndarray, shape (n_columns,)
        Cost of each column.
    """

    def __init__(self, matrix: csr_array, price: np.ndarray) -> None:
        builder = MipBuilder("min")
        x = builder.add_columns("x", range(len(price)), cost=price, upper=np.inf)
        rows = builder.add_rows("cover", range(matrix.shape[0]), lower=1.0)
        builder.add_entries(np.repeat(rows, np.diff(matrix.indptr)), x[matrix.indices], 1.0)
        self._mip = builder.build()
        self._solver: Any = _load(self._mip, relax=True)

    def add(self, rows: csr_array, lower: np.ndarray) -> None:
        """Add rows ``rows @ x >= lower``."""
        self._solver.addRows(
            rows.shape[0],
            lower.astype(float),
            np.full(rows.shape[0], np.inf),
            rows.nnz,
            rows.indptr[:-1].astype(np.int32),
            rows.indices.astype(np.int32),
            rows.data.astype(float),
        )

    def solve(self, time_limit_s: float) -> MipSolution:
        """Return the optimum, from where the last one was."""
        self._solver.setOptionValue("time_limit", float(self._solver.getRunTime() + time_limit_s))
        _run(self._solver, None)
        return _read(self._solver, self._mip, relax=True)


def tightened(matrix: csr_array, price: np.ndarray, control: Control, *, enough: float) -> Tightened | None:
    """Return the program with cuts; None where not even the relaxation is solved in time.

    Parameters
    ----------
    matrix : csr_array, shape (n_rows, n_columns)
        Incidence.
    price : ndarray, shape (n_columns,)
        Cost of each column.
    control : Control
        Time.
    enough : float
        A bound at which to stop.
    """
    program = GrowingLp(matrix, price)
    solution = program.solve(control.left_s)
    if solution.status != "optimal" or solution.values is None or solution.row_duals is None:
        return None
    full, lower = matrix, np.ones(matrix.shape[0])
    known: set[tuple[int, ...]] = set()
    reserve = 0.5 * control.left_s  # half of the time is for branching
    for _ in range(_ROUNDS):
        if solution.bound >= enough or control.left_s <= reserve:
            break
        fresh = [key for key in _separated(matrix, solution.values) if key not in known]
        if not fresh:
            break
        known.update(fresh)
        cuts = _cuts(matrix, fresh)
        twos = np.full(cuts.shape[0], 2.0)
        program.add(cuts, twos)
        again = program.solve(control.left_s)
        if again.status != "optimal" or again.values is None or again.row_duals is None:
            break
        full, lower = csr_array(vstack([full, cuts], format="csr")), np.concatenate([lower, twos])
        is_stalled = again.bound < solution.bound * (1 + _STALLED)
        solution = again
        if is_stalled:
            break
    prices = np.maximum(np.asarray(solution.row_duals), 0.0)
    binding = np.arange(len(lower)) < matrix.shape[0]
    binding |= prices > 1e-9
    reduced = price - full.T @ prices
    # weak duality, from the prices themselves: what the solver calls optimal is so within a tolerance
    bound = float(lower @ prices + np.minimum(reduced, 0.0).sum())
    kept = np.flatnonzero(binding)
    return Tightened(matrix=csr_array(full[kept]), lower=lower[kept], bound=bound, reduced=reduced)


def _separated(matrix: csr_array, x: np.ndarray) -> list[tuple[int, ...]]:
    """Return triples of rows whose cut `x` violates, the most violated first, no row in too many."""
    from cultureplan.siting.kernels.odd_rows import odd_triples  # compiled on first use

    support = np.flatnonzero(x > 1e-9)
    tight = np.flatnonzero(matrix @ x < 1 + 1e-6)
    part = csr_array(csr_array(matrix[tight])[:, support])
    # rows with the same columns left are one
    names = np.random.default_rng(0).integers(0, 2**62, len(support)).astype(np.uint64)
    running = np.concatenate([[np.uint64(0)], np.cumsum(names[part.indices], dtype=np.uint64)])
    _, first = np.unique(running[part.indptr[1:]] - running[part.indptr[:-1]], return_index=True)
    tight = np.sort(tight[first])
    if len(tight) > _TIGHT_ROWS:
        return []
    part = csr_array(csr_array(matrix[tight])[:, support])
    part.sort_indices()
    weight = x[support]
    later = csr_array((part * weight) @ part.T).tocoo()
    chosen = (later.col > later.row) & (later.data > 0.02) & (later.data < 0.98)
    shared = csr_array((later.data[chosen], (later.row[chosen], later.col[chosen])), shape=later.shape)
    shared.sort_indices()
    triples, violation = odd_triples(
        part.indptr.astype(np.int64), part.indices.astype(np.int32), weight,
        shared.indptr.astype(np.int64), shared.indices.astype(np.int32), shared.data, _LEAST, _MOST,
    )  # fmt: skip
    used = np.zeros(len(tight), dtype=np.int64)
    kept = []
    for triple in triples[np.argsort(-violation, kind="stable")]:
        if (used[triple] < _PER_ROW).all():
            used[triple] += 1
            kept.append(tuple(tight[triple].tolist()))
    return kept


def _cuts(matrix: csr_array, triples: list[tuple[int, ...]]) -> csr_array:
    """Return ``sum ceil(k / 2) x`` of each triple, k counting the rows that a column covers."""
    rows = np.repeat(np.arange(len(triples)), 3)
    which = csr_array(
        (np.ones(len(rows)), (rows, np.asarray(triples).ravel())), shape=(len(triples), matrix.shape[0])
    )
    cuts = csr_array(which @ matrix)
    cuts.data = np.ceil(cuts.data / 2)
    return cuts
