"""Cuts of set covering never cut off a cover."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from cultureplan.siting.cover_cuts import tightened
from cultureplan.siting.model import Control


@st.composite
def coverings(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows x columns in which every row has a column, and prices."""
    n_rows, n_columns = draw(st.integers(1, 8)), draw(st.integers(1, 7))
    rows = st.sets(st.integers(0, n_columns - 1), min_size=1)
    matrix = np.zeros((n_rows, n_columns))
    for row in range(n_rows):
        matrix[row, list(draw(rows))] = 1.0
    price = st.just(1.0) if draw(st.booleans()) else st.integers(1, 5).map(float)
    return matrix, np.array([draw(price) for _ in range(n_columns)])


@given(coverings())
@settings(max_examples=150)
def test_every_cover_meets_every_cut(drawn):
    """No cover violates a row of the tightened program, and none is cheaper than its bound."""
    matrix, price = drawn
    covers = [
        np.array(x) for x in product((0.0, 1.0), repeat=len(price)) if (matrix @ np.array(x) >= 1).all()
    ]
    program = tightened(csr_array(matrix), price, Control(), enough=np.inf)
    best = min(float(price @ x) for x in covers)
    assert program.bound <= best + 1e-9
    for x in covers:
        assert (program.matrix @ x >= program.lower).all()
        opened = x > 0
        assert program.bound + program.reduced[opened].clip(0).max(initial=0.0) <= float(price @ x) + 1e-9


def test_a_triangle_needs_two_sites():
    """Three demand points, any two of which share a site: the relaxation says 1.5, the cut says 2."""
    matrix = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1]], dtype=float)
    program = tightened(csr_array(matrix), np.ones(3), Control(), enough=np.inf)
    assert program.bound == 2.0
    assert program.lower.max() == 2.0
