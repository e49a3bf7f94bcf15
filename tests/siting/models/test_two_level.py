"""Branches and service points together."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import InputError
from cultureplan.siting.models.two_level import TwoLevel
from cultureplan.siting.solve import solve_siting
from tests.siting.strategies import dense, persons_covered, small_problems


def test_formulation_as_text(three_by_three):
    """A branch is an open site, and so many of the open ones are branches."""
    text = TwoLevel(n_branches=1, n_points=1, branch_limit=1_000).formulation(three_by_three).to_text()
    assert "level[A]: -x[A] + b[A] <= 0" in text
    assert "branches: b[A] + b[B] + b[C] = 1" in text
    assert "number: x[A] + x[B] + x[C] = 2" in text


@given(small_problems(max_sites=5), st.sampled_from([0.0, 0.3, 1.0]))
@settings(max_examples=50)
def test_equals_brute_force(problem, weight):
    """The best split of two sites into a branch and a point, as trying every one says."""
    assume(len(problem.choices) >= 2)
    wide = dense(problem) <= 7.0
    expected = 0.0
    for pair in combinations(problem.choices, 2):
        for branch in pair:
            is_open = problem.is_fixed.copy()
            is_open[list(pair)] = True
            upper = problem.persons[wide[:, branch]].sum()
            value = weight * upper + (1 - weight) * persons_covered(problem, is_open)
            expected = max(expected, value)
    model = TwoLevel(n_branches=1, n_points=1, branch_limit=7.0, branch_weight=weight)
    result = solve_siting(problem, model)
    assert result.objective == pytest.approx(expected)
    assert result.is_optimal
    assert sorted(result.to_frame()["level"].dropna()) == ["branch", "service_point"]


def test_fixed_branches_count(three_by_three):
    """A fixed branch serves its wide circle without being opened again."""
    from dataclasses import replace

    problem = replace(three_by_three, fixed=["B"])
    plain = TwoLevel(n_branches=0, n_points=1, branch_limit=1_000)
    known = TwoLevel(n_branches=0, n_points=1, branch_limit=1_000, fixed_branches=("B",))
    gain = solve_siting(problem, known).objective - solve_siting(problem, plain).objective
    assert gain == pytest.approx(0.5 * 110)


def test_bad_settings_are_refused():
    """Counts are whole, a weight is a share, a circle is positive."""
    for arguments in ({"n_points": -1}, {"branch_weight": 2}, {"branch_limit": 0}):
        with pytest.raises(InputError):
            TwoLevel(**({"n_branches": 1, "n_points": 1, "branch_limit": 5.0} | arguments))
