"""Which condition binds, and what loosening it would bring."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings

from cultureplan.siting.explain import binding_constraints
from cultureplan.siting.models.capacitated import CapacitatedCoverage
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.models.p_median import PMedian
from cultureplan.siting.models.set_cover import SetCover
from cultureplan.siting.problem import Quota, SitingProblem
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.costs import TravelCosts
from tests.siting.strategies import choices, persons_covered, small_problems


@given(small_problems(max_sites=6, fixed=False))
@settings(max_examples=20)
def test_the_gain_of_one_more_site_is_that_of_brute_force(problem):
    """One more site, or a forbidden one allowed, brings what the best of all plans brings."""
    assume(problem.n_sites >= 3)
    first = problem.facility_ids[0]
    tight = replace(problem, forbidden=[first])
    result = solve_siting(tight, MaximalCoverage(n_sites=1))
    table = binding_constraints(
        tight, result.model, objective=result.objective, bound=result.bound
    ).set_index("constraint")
    now = max(persons_covered(tight, o) for o in choices(tight, 1))
    gains = {
        "number": max(persons_covered(tight, o) for o in choices(tight, 2)) - now,
        "forbidden": max(persons_covered(problem, o) for o in choices(problem, 1)) - now,
    }
    assert table["gain"].to_dict() == gains
    assert table["is_binding"].to_dict() == {name: gain > 0 for name, gain in gains.items()}


def test_an_answer_says_what_would_make_it_better(three_by_three):
    """In both languages: the quota that binds, the pair that does not, and one more site."""
    problem = replace(
        three_by_three,
        quotas=[Quota(facility_ids=("A",), at_most=0, name="west")],
        conflicts=[("B", "C")],
    )
    result = solve_siting(problem, MaximalCoverage(n_sites=1))
    words = result.explain(problem=problem)
    assert "Without quota west: 70 persons, better by 10." in words
    assert "Without pairs that must not both be open: no better" in words
    assert "With one more site" in words
    assert "取消配额 west：70 人，改善 10。" in result.explain("zh", problem=problem)


def test_an_infeasible_wish_says_which_condition_is_in_the_way(three_by_three):
    """Everybody is to be covered, but one quota keeps the only site closed; the other is not to blame."""
    quotas = [
        Quota(facility_ids=("A",), at_most=0, name="west"),
        Quota(facility_ids=("C",), at_most=1, name="east"),
    ]
    problem = replace(three_by_three, quotas=quotas)
    result = solve_siting(problem, SetCover())
    assert str(result.status) == "infeasible"
    words = result.explain(problem=problem)
    assert "Without quota west: there would be an answer, 2 sites." in words
    assert "Without quota east: still no answer." in words


def test_demand_that_no_candidate_reaches_is_named_for_any_model(three_by_three):
    """Also a p-median, which asks for no circle, tells who is outside of all of them."""
    problem = replace(three_by_three, limit=150.0)
    result = solve_siting(problem, PMedian(n_sites=1))
    assert "No site can cover" not in result.explain()
    assert "No site can cover 2 demand points with 60 persons (2, 3)" in result.explain(problem=problem)


def test_capacity_and_budget_that_bind_are_priced():
    """Without limits of capacity all are served; a tenth more budget buys the dearer site."""
    costs = TravelCosts.from_dense([[100.0, 900.0], [100.0, 900.0], [900.0, 100.0]], unit="m")
    small = SitingProblem(costs=costs, persons=[40, 40, 50], limit=500.0, capacity=[50.0, 60.0])
    result = solve_siting(small, CapacitatedCoverage(n_sites=1))
    table = binding_constraints(
        small, result.model, objective=result.objective, bound=result.bound
    ).set_index("constraint")
    assert table.loc["capacity", "gain"] == pytest.approx(80 - 50)
    dear = replace(small, capacity=None, site_cost=[10.5, 10.0])
    result = solve_siting(dear, MaximalCoverage(budget=10.0))
    table = binding_constraints(dear, result.model, objective=result.objective, bound=result.bound)
    assert table.set_index("constraint").loc["budget", "gain"] == 30
