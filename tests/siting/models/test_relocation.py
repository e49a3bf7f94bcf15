"""Relocation of existing facilities."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import InputError
from cultureplan.siting.models.relocation import Relocation
from cultureplan.siting.solve import solve_siting
from tests.siting.strategies import choices, persons_covered, small_problems


def test_formulation_as_text(three_by_three):
    """At most so many fixed sites close, and each lets one open elsewhere."""
    problem = replace(three_by_three, fixed=["A", "C"])
    lines = Relocation(n_moves=1).formulation(problem).to_text().splitlines()
    assert "close: x[A] + x[C] >= 1" in lines
    assert "open: x[A] + x[B] + x[C] <= 2" in lines


@given(small_problems(max_sites=6), st.integers(1, 2), st.integers(0, 1))
@settings(max_examples=50)
def test_equals_brute_force(problem, n_moves, n_new):
    """The most persons after the moves, as trying every set of open sites says."""
    assume(problem.is_fixed.any())
    free = replace(problem, fixed=())
    expected = 0.0
    for is_open in choices(free):
        closed = int((problem.is_fixed & ~is_open).sum())
        opened = int((is_open & ~problem.is_fixed).sum())
        if closed <= n_moves and opened <= closed + n_new:
            expected = max(expected, persons_covered(problem, is_open))
    result = solve_siting(problem, Relocation(n_moves=n_moves, n_new=n_new))
    assert result.objective == expected
    assert result.is_optimal
    assert set(result.closed) == set(problem.fixed) - set(result.selected)


def test_kept_sites_stay(three_by_three):
    """A site that is to be kept is never closed."""
    problem = replace(three_by_three, fixed=["C"])
    assert solve_siting(problem, Relocation(n_moves=1)).closed == ("C",)
    with pytest.raises(InputError, match="No site may close"):
        solve_siting(problem, Relocation(n_moves=1, keep=("C",)))
