"""Covering problems straight from coordinates."""

from __future__ import annotations

import numpy as np
import pytest

from cultureplan.siting.from_points import covering_problem
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.modes import straight_line_costs


@pytest.mark.parametrize(("n_demand", "n_sites"), [(3_000, 12), (200, 1), (20_000, 60)])
def test_classes_lose_nobody_and_solve_to_the_same(n_demand, n_sites):
    """The merged problem has all the people and the same best coverage as the one with pairs."""
    rng = np.random.default_rng(n_demand)
    # whole coordinates on a coarse lattice: many points lie exactly on a circle
    demand = rng.integers(0, 200, (n_demand, 2)) * 50.0
    sites = rng.integers(0, 200, (n_sites, 2)) * 50.0
    persons = rng.integers(0, 9, n_demand)
    merged = covering_problem(demand, persons, sites, limit_m=1_500)
    pairs = SitingProblem(
        costs=straight_line_costs(demand, sites, limit_m=1_500), persons=persons, limit=1_500.0
    )
    assert merged.persons.sum() == persons.sum()
    assert merged.n_demand < n_demand
    model = MaximalCoverage(n_sites=min(4, n_sites))
    first, second = solve_siting(merged, model), solve_siting(pairs, model)
    assert (first.objective, first.selected) == (second.objective, second.selected)
