"""Capacitated coverage, capacitated p-median and fixed-charge location."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import InputError
from cultureplan.siting.models.capacitated import CapacitatedCoverage, CapacitatedMedian
from cultureplan.siting.models.fixed_charge import FixedCharge
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting
from tests.siting.strategies import choices, dense, small_problems


@st.composite
def tight_problems(draw: st.DrawFn) -> SitingProblem:
    """Draw a small problem whose sites have little room."""
    problem = draw(small_problems(max_sites=4, max_demand=4))
    room = [float(draw(st.integers(9, 25))) for _ in range(problem.n_sites)]
    return replace(problem, capacity=room)


def whole_assignments(problem: SitingProblem, is_open: np.ndarray, matrix: np.ndarray, *, stay: bool):
    """Yield (persons served, cost) of every way to send whole points to open sites with room."""
    people = [i for i in range(problem.n_demand) if problem.persons[i] > 0]
    options = [
        [j for j in range(problem.n_sites) if is_open[j] and np.isfinite(matrix[i, j])]
        + ([-1] if stay else [])
        for i in people
    ]
    for way in product(*options):
        load = np.zeros(problem.n_sites)
        served, cost = 0.0, 0.0
        for i, j in zip(people, way, strict=True):
            if j >= 0:
                load[j] += problem.persons[i]
                served += problem.persons[i]
                cost += problem.persons[i] * matrix[i, j]
        if (load <= problem.capacity).all():
            yield served, cost


def test_formulation_as_text(three_by_three):
    """Room at a site opens with the site."""
    problem = replace(three_by_three, capacity=[60, 30, np.inf])
    text = CapacitatedCoverage(n_sites=2).formulation(problem).to_text()
    assert "room[0]: -60 x[A] + 50 z[0,0] + 20 z[1,0] <= 0" in text
    assert "serve[1]: z[1,0] + z[1,1] <= 1" in text
    text = CapacitatedMedian(n_sites=2).formulation(problem).to_text()
    assert "serve[1]: z[1,0] + z[1,1] + z[1,2] = 1" in text
    assert "room" not in FixedCharge().formulation(problem).to_text()


@given(tight_problems(), st.data())
@settings(max_examples=40)
def test_whole_points_covered_equal_brute_force(problem, data):
    """Without splitting, the most persons with room, as trying every assignment says."""
    n_sites = data.draw(st.integers(1, len(problem.choices)))
    matrix = np.where(dense(problem) <= problem.limit, dense(problem), np.inf)
    expected = max(
        served
        for is_open in choices(problem, n_sites)
        for served, _ in whole_assignments(problem, is_open, matrix, stay=True)
    )
    result = solve_siting(problem, CapacitatedCoverage(n_sites=n_sites, split=False))
    assert result.objective == pytest.approx(expected)
    split = solve_siting(problem, CapacitatedCoverage(n_sites=n_sites))
    assert split.objective >= result.objective - 1e-6


@given(tight_problems(), st.data())
@settings(max_examples=40)
def test_whole_points_sent_equal_brute_force(problem, data):
    """Without splitting, the least cost with room, or infeasible, as trying every assignment says."""
    n_sites = data.draw(st.integers(1, len(problem.choices)))
    costs = [
        cost
        for is_open in choices(problem, n_sites)
        for _, cost in whole_assignments(problem, is_open, dense(problem), stay=False)
    ]
    result = solve_siting(problem, CapacitatedMedian(n_sites=n_sites, split=False))
    if costs:
        assert result.objective == pytest.approx(min(costs))
    else:
        assert str(result.status) == "infeasible"


@given(small_problems(max_sites=5, reachable=True))
@settings(max_examples=40)
def test_fixed_charge_equals_brute_force(problem):
    """The least cost of sites and ways, as trying every choice says."""
    matrix = dense(problem)
    costs = []
    for is_open in choices(problem):
        if is_open.any():
            way = (problem.persons * np.where(is_open, matrix, np.inf).min(axis=1))[problem.persons > 0].sum()
            costs.append(problem.site_cost[is_open & ~problem.is_fixed].sum() + 0.5 * way)
    expected = min(costs) if problem.persons.any() or problem.is_fixed.any() else 0.0
    result = solve_siting(problem, FixedCharge(cost_per_unit=0.5))
    assert result.objective == pytest.approx(expected)


@given(tight_problems(), st.booleans())
@settings(max_examples=30)
def test_no_site_serves_more_than_it_can(problem, split):
    """The flow keeps every capacity and sends nobody twice."""
    result = solve_siting(problem, CapacitatedCoverage(n_sites=1, split=split))
    flow = result.assignment
    load = flow.groupby("facility_id")["persons"].sum()
    room = problem.capacity[problem.positions(load.index)]
    assert (load.to_numpy() <= room + 1e-6).all()
    assert flow["persons"].sum() == pytest.approx(problem.persons.sum())


def test_capacity_below_any_demand_is_refused(three_by_three):
    """A point that may not be split and fits nowhere is one clear error."""
    problem = replace(three_by_three, capacity=10)
    with pytest.raises(InputError, match="largest capacity"):
        solve_siting(problem, CapacitatedMedian(n_sites=1, split=False))
    with pytest.raises(InputError, match="largest capacity"):
        solve_siting(problem, CapacitatedCoverage(n_sites=1, split=False))
    with pytest.raises(InputError, match="largest capacity"):
        solve_siting(replace(problem, capacity=0), CapacitatedCoverage(n_sites=1))
