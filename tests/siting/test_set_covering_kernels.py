"""What one row or site of a set covering implies about another, against the plain definition."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from cultureplan.siting.covering_search import from_matrix
from cultureplan.siting.kernels import set_covering


@st.composite
def incidences(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw a 0-1 matrix whose rows are not empty, and a price of each row."""
    n_rows, n_columns = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    matrix = np.zeros((n_rows, n_columns))
    for row in range(n_rows):
        matrix[row, list(draw(st.sets(st.integers(0, n_columns - 1), min_size=1)))] = 1.0
    return matrix, np.array([float(draw(st.integers(1, 2))) for _ in range(n_rows)])


@given(incidences())
@settings(max_examples=200)
def test_dominance_is_what_the_definition_says(drawn):
    """A list goes exactly when another is its part (or whole), costs no more and stands first if equal."""
    matrix, cost = drawn
    data = from_matrix(csr_array(matrix), np.ones(len(matrix)))
    arguments = (data.rptr, data.ridx, data.cptr, data.cidx, np.ones(len(matrix), dtype=bool), cost)
    sets = [set(np.flatnonzero(row)) for row in matrix]

    def is_better(k: int, j: int) -> bool:
        return cost[k] < cost[j] or sets[k] != sets[j] or k < j

    rows = range(len(sets))
    for kernel, holds in (
        (set_covering.contained, lambda j, k: sets[j] <= sets[k]),
        (set_covering.implied, lambda j, k: sets[j] >= sets[k]),
    ):
        expected = [
            any(k != j and holds(j, k) and cost[k] <= cost[j] and is_better(k, j) for k in rows) for j in rows
        ]
        assert kernel(*arguments).tolist() == expected
