"""Backup coverage."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import InputError
from cultureplan.siting.models.backup_coverage import BackupCoverage
from cultureplan.siting.solve import solve_siting
from tests.siting.strategies import choices, dense, persons_covered, small_problems


def test_formulation_as_text(three_by_three):
    """Backed up means two open sites of the list."""
    text = BackupCoverage(n_sites=2).formulation(three_by_three).to_text()
    assert "-x[A] - x[B] + 2 b[" in text
    assert "number: x[A] + x[B] + x[C] = 2" in text
    assert text.count("in {0, 1}") == 3 + 2  # the sites, and b of the two points with two sites


@given(small_problems(), st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.data())
@settings(max_examples=50)
def test_equals_brute_force(problem, weight, data):
    """The best weighted sum of covered and backed-up persons, as trying every choice says."""
    n_sites = data.draw(st.integers(1, len(problem.choices)))
    inside = dense(problem) <= problem.limit

    def value(is_open):
        backed = problem.persons[inside[:, is_open].sum(axis=1) >= 2].sum()
        return (1 - weight) * persons_covered(problem, is_open) + weight * backed

    expected = max(value(is_open) for is_open in choices(problem, n_sites))
    result = solve_siting(problem, BackupCoverage(n_sites=n_sites, backup_weight=weight))
    assert result.objective == pytest.approx(expected)
    assert result.is_optimal


@pytest.mark.parametrize("arguments", [{"times": 1}, {"backup_weight": 1.5}, {"n_sites": 0}])
def test_bad_settings_are_refused(arguments):
    """At least two sites make a backup, and a weight is a share."""
    with pytest.raises(InputError):
        BackupCoverage(**({"n_sites": 1} | arguments))
