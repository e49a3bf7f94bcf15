"""Sites as far apart as can be."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import InputError
from cultureplan.siting.models.dispersion import Dispersion, pairs_closer_than
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.solve import solve_siting
from tests.siting.strategies import choices, small_problems


def test_formulation_as_text(three_by_three):
    """Of two sites that are too close at most one opens."""
    problem = replace(three_by_three, site_xy=[[0, 0], [300, 0], [1_000, 0]])
    text = Dispersion(n_sites=2).formulation(problem).to_text()
    assert "apart[A,B]: x[A] + x[B] <= 1" in text
    assert "apart[A,C]" not in text


@given(small_problems(max_sites=6), st.data())
@settings(max_examples=50)
def test_equals_brute_force(problem, data):
    """The largest smallest distance, as trying every choice says."""
    xy = np.array([[data.draw(st.integers(0, 9)), data.draw(st.integers(0, 9))] for _ in problem.is_fixed])
    problem = replace(problem, site_xy=xy)
    n_sites = data.draw(st.integers(1, len(problem.choices)))
    assume(n_sites + problem.is_fixed.sum() >= 2)

    def least(is_open):
        pairs = [
            float(np.hypot(*(xy[one] - xy[other])))
            for one, other in combinations(np.flatnonzero(is_open), 2)
            if not (problem.is_fixed[one] and problem.is_fixed[other])
        ]
        return min(pairs)

    expected = max(least(is_open) for is_open in choices(problem, n_sites))
    result = solve_siting(problem, Dispersion(n_sites=n_sites))
    assert result.objective == pytest.approx(expected)
    assert result.bound == pytest.approx(expected)


def test_pairs_that_are_too_close_keep_another_model_apart(three_by_three):
    """The pairs nearer than a distance serve as conflicts."""
    problem = replace(three_by_three, site_xy=[[0, 0], [300, 0], [1_000, 0]])
    problem = replace(problem, conflicts=pairs_closer_than(problem, 500))
    assert problem.conflicts == (("A", "B"),)
    assert set(solve_siting(problem, MaximalCoverage(n_sites=2)).selected) == {"A", "C"}


def test_without_coordinates_it_is_refused(three_by_three):
    """Somebody must know where the sites stand."""
    with pytest.raises(InputError, match="where the sites stand"):
        solve_siting(three_by_three, Dispersion(n_sites=2))
