"""Curves, fronts, alternatives and regret."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from cultureplan.base.errors import InputError
from cultureplan.siting.fronts import alternatives, cost_front, coverage_curve, regret
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from tests.siting.strategies import choices, persons_covered, small_problems


@given(small_problems(max_sites=5))
@settings(max_examples=25)
def test_the_curve_equals_brute_force_and_never_falls(problem):
    """Each number of sites has its best coverage, and more sites never cover fewer."""
    counts = range(len(problem.choices) + 1)
    curve = coverage_curve(problem, list(counts))
    expected = [max(persons_covered(problem, o) for o in choices(problem, n)) for n in counts]
    assert curve["persons"].tolist() == expected
    assert curve["bound"].tolist() == expected
    assert curve["persons"].is_monotonic_increasing


@given(small_problems(max_sites=5))
@settings(max_examples=25)
def test_no_plan_beats_the_front(problem):
    """No choice of sites is cheaper and covers more than a plan on the front at its cost."""
    budgets = np.arange(4.0, 4.0 * problem.n_sites + 1)
    front = cost_front(problem, budgets)
    for is_open in choices(problem):
        cost = problem.site_cost[is_open & ~problem.is_fixed].sum()
        if cost >= 4:
            reached = front.loc[front["cost"] <= cost, "persons"].max()
            assert not persons_covered(problem, is_open) > reached
    assert front["persons"].is_monotonic_increasing


@given(small_problems(max_sites=6))
@settings(max_examples=25)
def test_alternatives_are_all_the_best_plans(problem):
    """Every best plan is listed once, and what all of them open is named."""
    values = {
        tuple(sorted(problem.facility_ids[o & ~problem.is_fixed])): persons_covered(problem, o)
        for o in choices(problem, 1)
    }
    best = max(values.values())
    found = alternatives(problem, MaximalCoverage(n_sites=1), count=20)
    assert sorted(found["opened"]) == sorted(plan for plan, value in values.items() if value == best)
    assert found.attrs["is_complete"]
    shared = set.intersection(*(set(plan) for plan in found["opened"]))
    assert set(found.attrs["always"]) == shared


def test_near_best_plans_are_listed_with_their_loss(three_by_three):
    """A wider share lets more plans in, each with what it loses."""
    found = alternatives(three_by_three, MaximalCoverage(n_sites=1), within=0.2)
    assert found["opened"].tolist() == [("A",), ("B",)]
    assert found["loss_share"].tolist() == pytest.approx([0.0, 10 / 70])


def test_regret_is_what_foresight_would_have_won(three_by_three):
    """A plan has no regret in its own scenario, and the safest plan stands first."""
    table = regret(three_by_three, {"west grows": [90, 20, 40], "east grows": [10, 20, 120]}, n_sites=1)
    assert table.loc["west grows", "west grows"] == 0
    assert table.loc["east grows", "east grows"] == 0
    assert table.loc["west grows", "east grows"] == 140 - 30
    assert table.index[0] == "east grows"
    with pytest.raises(InputError, match="No scenario"):
        regret(replace(three_by_three), {}, n_sites=1)
