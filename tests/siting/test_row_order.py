"""No answer depends on the order of the rows, whatever the model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultureplan.measures.decay import linear
from cultureplan.siting.model import SitingModel
from cultureplan.siting.models.backup_coverage import BackupCoverage
from cultureplan.siting.models.capacitated import CapacitatedCoverage, CapacitatedMedian
from cultureplan.siting.models.dispersion import Dispersion
from cultureplan.siting.models.equitable_coverage import EquitableCoverage
from cultureplan.siting.models.equitable_median import EquitableMedian
from cultureplan.siting.models.fixed_charge import FixedCharge
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.models.p_center import PCenter
from cultureplan.siting.models.p_median import PMedian
from cultureplan.siting.models.phased_coverage import PhasedCoverage
from cultureplan.siting.models.relocation import Relocation
from cultureplan.siting.models.set_cover import SetCover
from cultureplan.siting.models.two_level import TwoLevel
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.costs import TravelCosts

MODELS: tuple[SitingModel, ...] = (
    SetCover(),
    SetCover(share=0.7),
    MaximalCoverage(n_sites=2),
    MaximalCoverage(budget=4),
    MaximalCoverage(n_sites=2, outer_reach=2.0),
    MaximalCoverage(budget=4, decay=linear(8)),
    MaximalCoverage(n_sites=2, group_weights={"persons": 1, "older": 2}),
    PMedian(n_sites=2),
    PMedian(n_sites=2, unserved_cost=4.0),
    PCenter(n_sites=2),
    BackupCoverage(n_sites=2),
    CapacitatedCoverage(n_sites=2),
    CapacitatedCoverage(n_sites=2, split=False),
    CapacitatedMedian(n_sites=2),
    CapacitatedMedian(n_sites=2, split=False),
    FixedCharge(),
    FixedCharge(capacitated=True),
    PhasedCoverage(n_sites=(1, 1)),
    EquitableCoverage(n_sites=2),
    EquitableMedian(n_sites=2, power=2.0, limit=3.0),
    EquitableMedian(n_sites=2, penalty="gini"),
    TwoLevel(n_branches=1, n_points=1, branch_limit=7.0),
    Relocation(n_moves=1, n_new=1),
    Dispersion(n_sites=2),
)


def problem_of(seed: int, order: np.random.Generator | None) -> SitingProblem:
    """Return a problem of a few whole costs, so that many answers tie; rows and columns in some order."""
    rng = np.random.default_rng(seed)
    n_demand, n_sites = 7, 6
    matrix = rng.integers(0, 9, (n_demand, n_sites)).astype(float)
    table = pd.DataFrame(
        {
            "persons": rng.integers(1, 4, n_demand).astype(float),
            "older": rng.integers(0, 2, n_demand).astype(float),
            "place": rng.choice(["p", "q"], n_demand),
        },
        index=[f"D{k}" for k in range(n_demand)],
    )
    xy = rng.integers(0, 4, (n_sites, 2)).astype(float)
    sites = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1]}, index=[f"S{k}" for k in range(n_sites)])
    sites["cost"] = rng.integers(1, 3, n_sites).astype(float)
    rows, columns = np.arange(n_demand), np.arange(n_sites)
    if order is not None:
        rows, columns = order.permutation(n_demand), order.permutation(n_sites)
    table, sites = table.iloc[rows], sites.iloc[columns]
    costs = TravelCosts.from_dense(
        matrix[np.ix_(rows, columns)], unit="m", demand_ids=table.index, facility_ids=sites.index
    )
    return SitingProblem(
        costs=costs,
        persons=table["persons"],
        limit=3.0,
        fixed=["S0"],
        forbidden=["S1"],
        site_cost=sites["cost"],
        capacity=6.0,
        places=table["place"],
        groups=table[["older"]],
        site_xy=sites[["x", "y"]].to_numpy(),
    )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.key}-{MODELS.index(model)}")
@given(seed=st.integers(0, 2**31), order=st.integers(0, 2**31))
@settings(max_examples=5)
def test_the_order_of_rows_does_not_matter(model, seed, order):
    """Status, sites, objective and bound are the same when people and sites come in another order."""
    first = solve_siting(problem_of(seed, None), model)
    again = solve_siting(problem_of(seed, np.random.default_rng(order)), model)
    assert (first.status, first.selected) == (again.status, again.selected)
    if first.has_answer:
        assert first.objective == pytest.approx(again.objective, rel=1e-12)
        assert first.bound == pytest.approx(again.bound, rel=1e-9)
        one, other = (result.to_frame().set_index("facility_id").sort_index() for result in (first, again))
        columns = [name for name in ("level", "phase") if name in one.columns]
        assert one[columns].equals(other[columns])


@pytest.mark.parametrize("n_sites", [2, 3])
def test_a_shuffled_problem_with_every_restriction_is_the_same(n_sites):
    """Conflicts, quotas and preferences go by ids, so they hold for shuffled rows too."""
    for seed in range(5):
        plans = []
        for order in (None, np.random.default_rng(seed)):
            problem = problem_of(seed, order)
            votes = pd.Series(dict(zip(sorted(problem.facility_ids), range(6), strict=True)))
            problem = replace(problem, conflicts=[("S2", "S3")], preference=votes / 10)
            plans.append(solve_siting(problem, PMedian(n_sites=n_sites)).selected)
        assert plans[0] == plans[1]


@pytest.mark.parametrize("model", [PCenter(n_sites=2), PMedian(n_sites=2), CapacitatedMedian(n_sites=2)])
def test_the_textbook_programs_do_not_depend_on_it_either(model):
    """``method="exact"`` hands the solver the same rows in the same order."""
    for seed in range(5):
        first = solve_siting(problem_of(seed, None), model, method="exact")
        again = solve_siting(problem_of(seed, np.random.default_rng(seed)), model, method="exact")
        assert (first.status, first.selected) == (again.status, again.selected)
