"""Maximal coverage in which people count in part, or count differently by group."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cultureplan as cp
from cultureplan.base.errors import InputError, UnknownNameError, WrongTypeError
from cultureplan.siting.model import Control
from cultureplan.siting.models.maximal_coverage import LARGEST_PARTIAL_PAIRS, MaximalCoverage
from cultureplan.siting.problem import Quota, SitingProblem
from cultureplan.siting.site_dual import solve_by_sites
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.costs import TravelCosts
from tests.siting.strategies import choices, dense, shuffled, small_problems


def counted(problem: SitingProblem, is_open: np.ndarray, reach: float) -> float:
    """Add up the shares of everybody at their best open site, the plain way."""
    matrix, limit = dense(problem), float(problem.limit)
    persons = 0.0
    for i in range(problem.n_demand):
        nearest = min((matrix[i, j] for j in range(problem.n_sites) if is_open[j]), default=np.inf)
        share = 1.0 if nearest <= limit else max(0.0, (reach * limit - nearest) / (reach * limit - limit))
        persons += float(problem.persons[i]) * share
    return persons


def test_formulation_as_text(three_by_three):
    """Who lies between the limit and the outer limit has a z that is worth a part of their persons."""
    text = MaximalCoverage(n_sites=1, outer_reach=1.25).formulation(three_by_three).to_text()
    # limit 800, outer limit 1,000: point 1 counts in full at A (100 m) and half at B (900 m)
    lines = text.splitlines()
    assert lines[0] == "max 50 z[0,0] + 25 z[0,1] + 20 z[1,0] + 20 z[1,1] + 40 z[2,1] + 40 z[2,2]"
    assert "once[0]: z[0,0] + z[0,1] <= 1" in lines
    assert "open[0,1]: -x[B] + z[0,1] <= 0" in lines
    assert "number: x[A] + x[B] + x[C] = 1" in lines


@given(small_problems(), st.sampled_from([1.2, 2.0, 3.5]), st.data())
@settings(max_examples=40)
def test_partial_coverage_equals_brute_force(problem, reach, data):
    """Most persons, some of them in part, as trying every choice says."""
    n_sites = data.draw(st.integers(1, len(problem.choices)))
    expected = max(counted(problem, is_open, reach) for is_open in choices(problem, n_sites))
    model = MaximalCoverage(n_sites=n_sites, outer_reach=reach)
    result = solve_siting(problem, model)
    assert result.objective == pytest.approx(expected)
    assert result.is_optimal
    answer = model.partial(problem).solve(n_sites, Control(time_limit_s=20))
    assert counted(problem, answer.is_open, reach) == pytest.approx(expected)
    assert answer.bound == pytest.approx(expected)


@given(small_problems(), st.integers(4, 10))
@settings(max_examples=30)
def test_a_budget_equals_brute_force(problem, budget):
    """Partial coverage within a budget, as trying every choice says; fixed sites stay."""
    expected = max(
        counted(problem, is_open, 2.0)
        for is_open in choices(problem)
        if problem.site_cost[is_open & ~problem.is_fixed].sum() <= budget
    )
    result = solve_siting(problem, MaximalCoverage(budget=budget, outer_reach=2.0))
    assert result.objective == pytest.approx(expected)
    assert set(problem.fixed) <= set(result.selected)


@given(small_problems())
@settings(max_examples=12)
def test_more_sites_and_wider_falls_never_count_fewer(problem):
    """Partial coverage grows with the sites and with the outer limit, and lies above the plain one."""
    counts = range(1, len(problem.choices) + 1)
    reached = [solve_siting(problem, MaximalCoverage(n_sites=n, outer_reach=2.0)).objective for n in counts]
    assert (np.diff(reached) >= -1e-9).all()
    wider = solve_siting(problem, MaximalCoverage(n_sites=1, outer_reach=3.0)).objective
    plain = solve_siting(problem, MaximalCoverage(n_sites=1)).objective
    assert plain - 1e-9 <= reached[0] <= wider + 1e-9


@given(small_problems(), st.data())
@settings(max_examples=20)
def test_group_weights_equal_brute_force(problem, data):
    """Weights make a person of a group count more, with plain circles and in part."""
    older = np.array([data.draw(st.integers(0, 5)) for _ in range(problem.n_demand)], dtype=float)
    problem = replace(problem, groups=pd.DataFrame({"older": older}))
    weights = {"persons": 1.0, "older": 2.5}
    by_hand = replace(problem, persons=problem.persons + 2.5 * older)
    for settings_ in ({}, {"outer_reach": 2.0}):
        ours = solve_siting(problem, MaximalCoverage(n_sites=1, group_weights=weights, **settings_))
        plain = solve_siting(by_hand, MaximalCoverage(n_sites=1, **settings_))
        assert ours.objective == pytest.approx(plain.objective)
        assert ours.selected == plain.selected
    assert ours.objective_unit == "weighted-persons"
    assert "weighted persons" in ours.summary()
    assert "加权" in ours.summary("zh")


def city(n_demand: int = 400, n_sites: int = 60, seed: int = 3) -> SitingProblem:
    """Return a random city from points, costs stored up to twice the limit."""
    rng = np.random.default_rng(seed)
    homes, sites = rng.uniform(0, 9_000, (n_demand, 2)), rng.uniform(0, 9_000, (n_sites, 2))
    costs = cp.straight_line_costs(homes, sites, limit_m=2_400)
    return SitingProblem(costs=costs, persons=rng.integers(1, 90, n_demand), limit=1_200.0)


def test_search_and_program_agree_on_a_city():
    """The search for medians proves what the integer program proves."""
    problem, model = city(), MaximalCoverage(n_sites=6, outer_reach=2.0)
    ours, plain = solve_siting(problem, model), solve_siting(problem, model, method="exact")
    assert ours.is_optimal
    assert plain.is_optimal
    assert ours.objective == pytest.approx(plain.objective)


@given(small_problems(), st.integers(4, 10))
@settings(max_examples=25)
def test_prices_and_sites_never_claim_too_much(problem, budget):
    """Within a budget, the plan by prices is one, and no plan is above its bound."""
    model = MaximalCoverage(budget=budget, outer_reach=2.0)
    values = [
        counted(problem, is_open, 2.0)
        for is_open in choices(problem)
        if problem.site_cost[is_open & ~problem.is_fixed].sum() <= budget
    ]
    answer = solve_by_sites(
        model.partial(problem), partial(model._add_limit, problem=problem), Control(time_limit_s=20)
    )
    assert answer.bound >= max(values) - 1e-6
    assert problem.site_cost[answer.is_open & ~problem.is_fixed].sum() <= budget
    assert counted(problem, answer.is_open, 2.0) <= max(values) + 1e-9
    assert (answer.is_open & problem.is_fixed).sum() == problem.is_fixed.sum()


def test_a_city_with_quotas_and_a_budget_has_a_small_gap():
    """Beyond the size of the integer program, plan and bound are near each other, restrictions and all."""
    problem = replace(city(4_000, 150), site_cost=np.arange(150) % 3 + 1.0)
    assert problem.costs.n_pairs > LARGEST_PARTIAL_PAIRS
    result = solve_siting(problem, MaximalCoverage(budget=20, outer_reach=2.0), time_limit_s=60)
    assert result.gap < 0.03
    assert result.sites.loc[result.sites["is_new"], "site_cost"].sum() <= 20
    far = replace(problem, quotas=[Quota(facility_ids=tuple(range(75)), at_most=3)], conflicts=[(80, 90)])
    other = solve_siting(far, MaximalCoverage(n_sites=10, outer_reach=2.0), time_limit_s=60)
    assert other.gap < 0.03
    assert sum(name < 75 for name in other.opened) <= 3
    stuck = replace(problem, quotas=[Quota(facility_ids=tuple(range(75)), at_least=9)])
    nothing = solve_siting(stuck, MaximalCoverage(n_sites=8, outer_reach=2.0))
    assert str(nothing.status) == "infeasible"


def test_a_gap_that_is_good_enough_ends_the_search():
    """The gap is one of what is covered, and progress is told in persons."""
    problem, model, heard = city(2_000, 200), MaximalCoverage(n_sites=20, outer_reach=2.0), []
    result = solve_siting(problem, model, gap=0.2, progress=heard.append)
    assert result.is_optimal
    assert result.gap <= 0.2
    assert all(point.objective <= point.bound * (1 + 1e-9) for point in heard)
    assert heard[-1].objective == pytest.approx(result.objective)


def test_the_order_of_rows_does_not_matter():
    """The same sites come out when the table is shuffled."""
    first = solve_siting(city(), MaximalCoverage(n_sites=6, outer_reach=2.0))
    other = shuffled(city(), np.random.default_rng(0))
    again = solve_siting(other, MaximalCoverage(n_sites=6, outer_reach=2.0))
    assert (first.selected, first.objective) == (again.selected, again.objective)


def test_a_decay_of_ones_own_takes_the_place_of_the_limit(three_by_three):
    """Any decay that starts at 1 may say the share, also where the problem has no limit."""
    problem = replace(three_by_three, limit=None)
    result = solve_siting(problem, MaximalCoverage(n_sites=1, decay=cp.access.linear(1_000)))
    # A: 50 * 0.9 + 20 * 0.5 = 55; B: 50 * 0.1 + 20 * 0.6 + 40 * 0.4 = 33; C: 40 * 0.8
    assert result.objective == pytest.approx(55)
    assert result.selected == ("A",)
    assert result.assignment["facility_id"].tolist() == ["A", "A", None]
    table = result.to_frame()
    assert table["persons_counted"].tolist() == pytest.approx([55.0])
    assert table["persons_served"].tolist() == [70.0]
    assert "0 persons count in full and 70 in part" in result.explain()
    assert "（C），可多覆盖 32 人" in result.explain("zh")


def test_from_a_world_the_fall_begins_at_each_settlements_limit(town):
    """Urban people fall off from their walk of 15 minutes, and groups come from the demand table."""
    walk = cp.CircleStandard(
        id="walk",
        rules=(
            cp.CircleRule(settlement="urban", limit=1_000, mode=cp.StraightLine()),
            cp.CircleRule(settlement="rural", limit=2_000, mode=cp.StraightLine()),
        ),
    )
    frame = town.demand.frame.assign(older_persons=[0.0, 50.0, 0.0, 0.0, 0.0, 0.0])
    world = town.with_demand(cp.DemandPoints(frame))
    problem = SitingProblem.from_world(world, walk, reach=1.5)
    result = solve_siting(problem, MaximalCoverage(n_sites=1, outer_reach=1.5))
    assert result.objective == 390.0
    # the library at 0 alone: D0, D1 in full; D2 at 2,000 m not at all
    assert MaximalCoverage(n_sites=1, outer_reach=1.5).objective(problem, problem.is_fixed) == 150.0
    wide = SitingProblem.from_world(world, walk, reach=3.0)
    # D2 at 2,000 m of 3,000 m: half of 80 persons; D3 at 3,000 m: nothing; D4 rural, 4,000 of 6,000 m: half
    assert MaximalCoverage(n_sites=1, outer_reach=3.0).objective(wide, wide.is_fixed) == pytest.approx(
        150 + 40 + 15 + 17.5
    )
    weighted = MaximalCoverage(n_sites=1, group_weights={"older_persons": 1})
    assert weighted.objective(problem, problem.is_fixed) == 50.0
    with pytest.raises(InputError, match="beyond the cutoff"):
        solve_siting(problem, MaximalCoverage(n_sites=1, outer_reach=1.6))


def test_a_circle_of_several_sites_has_no_parts(town):
    """Where two facilities are needed, a share of a person is not defined."""
    two = cp.CircleStandard(
        id="two",
        rules=(
            cp.CircleRule(
                settlement="urban", limit=1_000, mode=cp.StraightLine(), needs=(cp.Need(at_least=2),)
            ),
        ),
    )
    problem = SitingProblem.from_world(town, two)
    with pytest.raises(InputError, match="several sites"):
        solve_siting(problem, MaximalCoverage(n_sites=1, outer_reach=1.5))


def test_a_quota_and_a_conflict_hold(three_by_three):
    """What restricts the choice holds with shares too."""
    problem = replace(three_by_three, conflicts=[("A", "B")], quotas=[Quota(facility_ids=("C",), at_most=0)])
    result = solve_siting(problem, MaximalCoverage(n_sites=1, outer_reach=1.25))
    assert result.selected == ("B",)  # 25 + 20 + 40
    infeasible = solve_siting(problem, MaximalCoverage(n_sites=2, outer_reach=1.25))
    assert str(infeasible.status) == "infeasible"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"outer_reach": 1.0}, InputError),
        ({"outer_reach": np.nan}, InputError),
        ({"outer_reach": 2.0, "decay": cp.access.linear(5)}, InputError),
        ({"decay": 0.5}, WrongTypeError),
        ({"group_weights": 2}, WrongTypeError),
    ],
)
def test_bad_settings_are_refused(arguments, error):
    """An outer limit within the limit, two falls at once, and things that are no decay or mapping."""
    with pytest.raises(error):
        MaximalCoverage(n_sites=1, **arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"decay": cp.access.step({5.0: 2.0})}, InputError, "counts a person 2 times"),
        ({"decay": cp.access.linear(5, unit="minutes")}, ValueError, "minutes"),
        ({"group_weights": {"older": 1}}, UnknownNameError, "'older' in group_weights"),
        ({"group_weights": {"persons": -1}}, InputError, "0 or more"),
        ({"group_weights": {"persons": 0}}, InputError, "above 0"),
        ({"group_weights": {"persons": np.nan}}, InputError, "0 or more"),
    ],
)
def test_what_does_not_fit_the_problem_is_refused(arguments, error, words):
    """One clear error for a share above 1, another unit, an unknown group and weights without sense."""
    problem = SitingProblem(costs=TravelCosts.from_dense([[1.0]], unit="m"), persons=[1], limit=2.0)
    with pytest.raises(error, match=words):
        solve_siting(problem, MaximalCoverage(n_sites=1, **arguments))
    with pytest.raises(InputError, match="has one in the unit"):
        solve_siting(replace(problem, limit=None), MaximalCoverage(n_sites=1, outer_reach=2.0))
