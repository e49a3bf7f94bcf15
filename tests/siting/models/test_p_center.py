"""The p-center model, by covering questions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultureplan.siting.models.p_center import PCenter
from cultureplan.siting.problem import Quota, SitingProblem
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.costs import TravelCosts
from tests.siting.strategies import choices, dense, shuffled, small_problems


def longest_way(problem: SitingProblem, is_open: np.ndarray) -> float:
    """Return the largest cost to the nearest open site, the plain way."""
    return float(np.where(is_open, dense(problem), np.inf).min(axis=1).max())


def test_formulation_as_text(three_by_three):
    """Every point is served within r by an open site."""
    lines = PCenter(n_sites=1).formulation(three_by_three).to_text().splitlines()
    assert lines[0] == "min r"
    assert "within[0]: -r + 100 z[0,0] + 900 z[0,1] + 2000 z[0,2] <= 0" in lines
    assert "number: x[A] + x[B] + x[C] = 1" in lines


@given(small_problems(), st.data())
@settings(max_examples=80)
def test_equals_brute_force(problem, data):
    """The shortest longest way, or infeasible, as trying every choice says."""
    n_sites = data.draw(st.integers(1, len(problem.choices)))
    expected = min(longest_way(problem, is_open) for is_open in choices(problem, n_sites))
    result = solve_siting(problem, PCenter(n_sites=n_sites))
    if np.isinf(expected):
        assert str(result.status) == "infeasible"
    else:
        assert (result.objective, result.bound) == (expected, expected)
        assert len(result.opened) == n_sites


@given(small_problems(reachable=True))
@settings(max_examples=20)
def test_the_textbook_program_agrees(problem):
    """The program as written has the same optimum as the covering questions."""
    ours = solve_siting(problem, PCenter(n_sites=1))
    plain = solve_siting(problem, PCenter(n_sites=1), method="exact")
    assert ours.objective == pytest.approx(plain.objective)


def city(seed: int) -> SitingProblem:
    """Return a random city in which every pair is stored."""
    rng = np.random.default_rng(seed)
    homes, sites = rng.uniform(0, 9_000, (200, 2)), rng.uniform(0, 9_000, (60, 2))
    distance = np.hypot(homes[:, None, 0] - sites[None, :, 0], homes[:, None, 1] - sites[None, :, 1])
    return SitingProblem(costs=TravelCosts.from_dense(distance, unit="m"), persons=np.ones(200), limit=1.0)


def test_the_order_of_rows_does_not_matter():
    """The same sites come out when the table is shuffled."""
    problem = city(3)
    first = solve_siting(problem, PCenter(n_sites=6))
    second = solve_siting(shuffled(problem, np.random.default_rng(1)), PCenter(n_sites=6))
    assert (first.selected, first.objective) == (second.selected, second.objective)


def test_a_heuristic_answer_is_within_a_valid_bound():
    """Stopped after the first sites, the bound is below the proven optimum."""
    proven = solve_siting(city(4), PCenter(n_sites=6))
    quick = solve_siting(city(4), PCenter(n_sites=6), method="heuristic")
    assert quick.bound <= proven.objective <= quick.objective


def test_quotas_hold(three_by_three):
    """A quota restricts the centers too."""
    from dataclasses import replace

    problem = replace(three_by_three, quotas=[Quota(facility_ids=("A",), at_most=0)])
    assert "A" not in solve_siting(problem, PCenter(n_sites=1)).selected
