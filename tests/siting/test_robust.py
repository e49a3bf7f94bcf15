"""Sites that are firm, and plans for an unknown future, by brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import InputError
from cultureplan.siting.fronts import alternatives, coverage_curve
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.models.p_median import PMedian
from cultureplan.siting.models.phased_coverage import PhasedCoverage
from cultureplan.siting.models.relocation import Relocation
from cultureplan.siting.models.two_level import TwoLevel
from cultureplan.siting.problem import Quota, SitingProblem
from cultureplan.siting.result import SitingResult
from cultureplan.siting.robust import robust_sites
from cultureplan.siting.sensitivity import site_sensitivity
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.costs import TravelCosts
from tests.siting.strategies import choices, dense, persons_covered, small_problems


@given(small_problems(max_sites=6), st.integers(1, 3), st.sampled_from([0.0, 0.1, 0.3]))
@settings(max_examples=25)
def test_roles_are_those_of_all_near_best_plans(problem, n_sites, within):
    """Always, sometimes and never are what a list of all plans within the share of the best says."""
    assume(n_sites <= len(problem.choices))
    plans = {
        tuple(problem.facility_ids[o & ~problem.is_fixed]): persons_covered(problem, o)
        for o in choices(problem, n_sites)
    }
    best = max(plans.values())
    near = [set(plan) for plan, value in plans.items() if value >= best * (1 - within) - 1e-6]
    table = site_sensitivity(problem, MaximalCoverage(n_sites=n_sites), within=within)
    for name, role in table["role"].items():
        times = sum(name in plan for plan in near)
        expected = "always" if times == len(near) else "sometimes" if times else "never"
        assert role == expected
    assert table.attrs["objective"] == best
    assert table["is_chosen"].sum() == n_sites


@given(small_problems(max_sites=4, reachable=True))
@settings(max_examples=12)
def test_a_turned_decision_is_priced(problem):
    """The loss of a p-median without a chosen site, or with another one, is that of brute force."""
    assume(len(problem.choices) >= 2)

    def way(is_open: np.ndarray) -> float:
        return float((dense(problem)[:, is_open].min(axis=1) * problem.persons).sum())

    table = site_sensitivity(problem, PMedian(n_sites=1))
    for name, row in table.iterrows():
        at = problem.positions([name])[0]
        plans = [way(o) for o in choices(problem, 1) if o[at] != row["is_chosen"]]
        assert row["objective"] == pytest.approx(min(plans))


def test_sites_that_were_not_asked_about_are_unknown(three_by_three):
    """By request only the opened sites are examined; a site without which no plan is left is there always."""
    table = site_sensitivity(three_by_three, MaximalCoverage(n_sites=1), others=False)
    assert table["role"].to_dict() == {"A": "always", "B": "unknown", "C": "unknown"}
    everything = site_sensitivity(three_by_three, MaximalCoverage(n_sites=3))
    assert everything["role"].tolist() == ["always"] * 3
    assert np.isinf(everything["loss_share"]).all()
    with pytest.raises(InputError, match="gap"):
        site_sensitivity(three_by_three, MaximalCoverage(n_sites=1), within=-1)


@given(small_problems(max_sites=6), st.integers(1, 2), st.data())
@settings(max_examples=25)
def test_both_robust_plans_equal_brute_force(problem, n_sites, data):
    """No plan has a smaller worst regret, and none covers more on average."""
    assume(n_sites <= len(problem.choices))
    persons = st.lists(st.integers(0, 9).map(float), min_size=problem.n_demand, max_size=problem.n_demand)
    futures = {name: data.draw(persons) for name in ("low", "mid", "high")}
    chances = {"low": 1.0, "mid": 2.0, "high": 1.0}
    covered = np.array(
        [
            [persons_covered(replace(problem, persons=future), o) for future in futures.values()]
            for o in choices(problem, n_sites)
        ]
    )
    regrets = covered.max(axis=0) - covered
    table = robust_sites(problem, futures, n_sites=n_sites, probabilities=chances)
    assert table.loc["min_max_regret", "max_regret"] == pytest.approx(regrets.max(axis=1).min())
    assert table.loc["min_max_regret", "bound"] == pytest.approx(regrets.max(axis=1).min())
    mean = regrets @ np.array([0.25, 0.5, 0.25])
    assert table.loc["expected", "expected_regret"] == pytest.approx(mean.min())
    assert table.loc["expected", "bound"] == pytest.approx(mean.min())
    assert table.attrs["is_proven"]
    assert table.index.tolist() == ["min_max_regret", "expected", "low", "mid", "high"]
    assert all(table.loc[name, name] == 0 for name in futures)


def test_bad_scenarios_are_one_clear_error(three_by_three):
    """No scenario, and a probability that is missing or negative."""
    with pytest.raises(InputError, match="No scenario"):
        robust_sites(three_by_three, {}, n_sites=1)
    for chances in ({"a": -1.0}, {"b": 1.0}, {"a": 0.0}):
        with pytest.raises(InputError, match="probabilities"):
            robust_sites(three_by_three, {"a": [1, 2, 3]}, n_sites=1, probabilities=chances)


@pytest.mark.parametrize(
    "model",
    [
        Relocation(n_moves=1),
        PhasedCoverage(n_sites=(1, 1)),
        TwoLevel(n_branches=1, n_points=1, branch_limit=900.0),
    ],
)
def test_alternatives_of_a_model_that_decides_more_are_refused(three_by_three, model):
    """A plan in years, levels or moves is more than a set of sites, so a list of sets would mislead."""
    with pytest.raises(InputError, match="opened sites alone"):
        alternatives(replace(three_by_three, fixed=["C"]), model)


def test_a_curve_up_to_a_number(three_by_three):
    """One number stands for all from 0 on."""
    assert coverage_curve(three_by_three, 2)["n_sites"].tolist() == [0, 1, 2]


def test_a_far_fixed_site_may_still_serve():
    """A fixed site that costs more than all others together is no reason to call a p-median infeasible."""
    costs = TravelCosts.from_dense([[0.0, 2.0, 2.0]], unit="m", facility_ids=["near", "far", "old"])
    wish = Quota(facility_ids=("far",), at_least=1)
    problem = SitingProblem(costs=costs, persons=[1], fixed=["old"], quotas=(wish,))
    assert solve_siting(problem, PMedian(n_sites=1)).objective == 2.0


def test_a_curve_never_falls_however_short_the_time(monkeypatch):
    """Where a solve stops at a worse plan, the plan before with any site beside it stands."""
    costs = TravelCosts.from_dense(np.where(np.eye(4) > 0, 0.0, 9.0), unit="m")
    problem = SitingProblem(costs=costs, persons=[8, 4, 2, 1], limit=5.0)

    def lazy(problem: SitingProblem, model: MaximalCoverage, **_: object) -> SitingResult:
        worst = 1 if model.n_sites == 2 else 0
        found = solve_siting(replace(problem, forbidden=[0, 1, 2][: 2 * worst]), model)
        return replace(found, bound=99.0)

    monkeypatch.setattr("cultureplan.siting.fronts.solve_siting", lazy)
    curve = coverage_curve(problem, 3)
    assert curve["persons"].tolist() == [0, 8, 8, 14]
    assert curve["opened"].tolist() == [(), (0,), (0, 1), (0, 1, 2)]
