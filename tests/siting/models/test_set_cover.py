"""The location set covering model."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from cultureplan.base.errors import InfeasibleError, InputError
from cultureplan.siting.models.set_cover import SetCover
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.result import SitingStatus
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.costs import TravelCosts
from tests.siting.strategies import choices, dense, persons_covered, small_problems


def test_formulation_as_text(three_by_three):
    """One row a distinct list of sites, the cheapest set of them wanted."""
    lines = SetCover().formulation(three_by_three).to_text().splitlines()
    assert lines[0] == "min x[A] + x[B] + x[C]"
    assert sorted(line.split(": ")[1] for line in lines[1:4]) == [
        "x[A] + x[B] >= 1",
        "x[A] >= 1",
        "x[B] + x[C] >= 1",
    ]
    assert lines[4:] == ["x[A] in {0, 1}", "x[B] in {0, 1}", "x[C] in {0, 1}"]


@given(small_problems())
@settings(max_examples=60)
def test_equals_brute_force(problem):
    """Cheapest cover of every demand point, or infeasible, as trying every choice says."""
    inside = dense(problem) <= problem.limit
    costs = [
        problem.site_cost[is_open & ~problem.is_fixed].sum()
        for is_open in choices(problem)
        if inside[:, is_open].any(axis=1).all()
    ]
    result = solve_siting(problem, SetCover())
    if costs:
        assert (result.status, result.objective) == (SitingStatus.OPTIMAL, min(costs))
        assert set(problem.fixed) <= set(result.selected)
    else:
        assert result.status is SitingStatus.INFEASIBLE
        assert math.isnan(result.objective)


@given(small_problems())
@settings(max_examples=40)
def test_a_share_equals_brute_force(problem):
    """Cheapest way to cover a share of the persons, as trying every choice says."""
    wanted = 0.7 * problem.persons.sum()
    costs = [
        problem.site_cost[is_open & ~problem.is_fixed].sum()
        for is_open in choices(problem)
        if persons_covered(problem, is_open) >= wanted - 1e-9
    ]
    result = solve_siting(problem, SetCover(share=0.7))
    assert result.has_answer == bool(costs)
    if costs:
        assert result.objective == min(costs)
        assert persons_covered(problem, problem.mask(result.selected)) >= wanted - 1e-6


def far_away() -> SitingProblem:
    """Return a problem whose second demand point no site reaches."""
    costs = TravelCosts.from_dense(
        [[100.0], [np.inf]], unit="m", demand_ids=["near", "far"], facility_ids=["A"]
    )
    return SitingProblem(costs=costs, persons=[5, 7], limit=800.0)


def test_infeasible_names_who_cannot_be_reached():
    """An impossible cover is a value with a reason in both languages, and an error on request."""
    result = solve_siting(far_away(), SetCover())
    assert result.status is SitingStatus.INFEASIBLE
    assert result.bound == -math.inf
    assert "far" in result.explain()
    assert "7 persons" in result.explain()
    assert "7 人" in result.explain("zh")
    with pytest.raises(InfeasibleError, match="far"):
        result.raise_if_infeasible()


def test_the_unreachable_can_be_skipped():
    """With `skip` the rest is covered and the missing are named."""
    result = solve_siting(far_away(), SetCover(unreachable="skip"))
    assert result.selected == ("A",)
    assert "far" in result.explain()


def test_what_is_fixed_costs_nothing(three_by_three):
    """A fixed site counts as open and adds no cost."""
    result = solve_siting(replace(three_by_three, fixed=("A",)), SetCover())
    assert result.objective == 1
    assert result.selected in {("A", "B"), ("A", "C")}
    assert len(result.opened) == 1


@pytest.mark.parametrize("share", [0, -0.1, 1.5, math.nan])
def test_a_share_out_of_range_is_refused(share):
    """A share is above 0 and at most 1."""
    with pytest.raises(InputError, match="share"):
        SetCover(share=share)
