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


def test_a_pair_at_the_limit_counts_as_everywhere_else():
    """On awkward lattices, where rounding decides at the rim, classes hold whom the pairs hold."""
    rng = np.random.default_rng(1)
    persons = 2.0 ** np.arange(12)
    for _ in range(300):
        step, corner = rng.choice([0.1, 0.3, 1 / 3, 0.7]), rng.choice([-1.0, 0.0, -37.3, 4_320_000.1])
        homes, sites = (rng.integers(-6, 7, (n, 2)) * step + corner for n in (12, 4))
        limit = float(rng.choice([1, 2, 3, 5])) * step
        problem = covering_problem(homes, persons, sites, limit_m=limit)
        pairs = straight_line_costs(homes, sites, limit_m=limit)
        assert np.array_equal(
            np.bincount(problem.costs.indices, problem.persons[problem.costs.rows], 4),
            np.bincount(pairs.indices, persons[pairs.rows], 4),
        )
