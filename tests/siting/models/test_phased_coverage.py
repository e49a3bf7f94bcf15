"""Phased coverage."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import InputError
from cultureplan.siting.models.phased_coverage import PhasedCoverage
from cultureplan.siting.solve import solve_siting
from tests.siting.strategies import persons_covered, small_problems


def test_formulation_as_text(three_by_three):
    """What is open in the first year stays open in the second."""
    lines = PhasedCoverage(n_sites=(1, 1)).formulation(three_by_three).to_text().splitlines()
    assert "stay2[A]: x[A] - x1[A] >= 0" in lines
    assert "number[1]: x1[A] + x1[B] + x1[C] = 1" in lines
    assert "number[2]: x[A] + x[B] + x[C] = 2" in lines


@given(small_problems(max_sites=5), st.sampled_from([(1.0, 1.0), (3.0, 1.0), (1.0, 0.5)]))
@settings(max_examples=40)
def test_equals_brute_force(problem, weights):
    """The most person-years, as trying every order of openings says."""
    assume(len(problem.choices) >= 2)
    expected = 0.0
    for first, second in permutations(problem.choices, 2):
        one = problem.is_fixed.copy()
        one[first] = True
        two = one.copy()
        two[second] = True
        years = (persons_covered(problem, one), persons_covered(problem, two))
        expected = max(expected, sum(w * n for w, n in zip(weights, years, strict=True)))
    result = solve_siting(problem, PhasedCoverage(n_sites=(1, 1), year_weights=weights))
    assert result.objective == pytest.approx(expected)
    assert result.is_optimal
    assert sorted(result.to_frame()["phase"].dropna()) == [1, 2]


@pytest.mark.parametrize(
    "arguments",
    [{"n_sites": ()}, {"n_sites": (0, 0)}, {"n_sites": (1, 1), "year_weights": (1.0,)}],
)
def test_bad_settings_are_refused(arguments):
    """As many weights as years, and at least one site."""
    with pytest.raises(InputError):
        PhasedCoverage(**arguments)
