"""The p-median with a shortfall or Gini penalty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import InputError
from cultureplan.measures.equity import gini
from cultureplan.siting.model import Control
from cultureplan.siting.models.equitable_median import EquitableMedian
from cultureplan.siting.models.p_median import PMedian
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.rank_search import Ranked, rank_weights
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.costs import TravelCosts
from tests.siting.strategies import choices, dense, shuffled, small_problems


def paid(problem: SitingProblem, is_open: np.ndarray, price: float = np.inf) -> np.ndarray:
    """Return what each peopled point pays to the nearest open site, the plain way."""
    nearest = np.where(is_open, dense(problem), np.inf).min(axis=1)
    return np.minimum(nearest, price)[problem.persons > 0]


def by_hand(problem: SitingProblem, is_open: np.ndarray, model: EquitableMedian, price: float) -> float:
    """Compute mean and penalty from their definitions, pair by pair."""
    cost, persons = paid(problem, is_open, price), problem.persons[problem.persons > 0]
    if np.isinf(cost).any():
        return np.inf
    everybody = persons.sum()
    mean = (cost * persons).sum() / everybody
    if model.penalty == "gini":
        apart = np.abs(cost[:, None] - cost[None, :]) * np.outer(persons, persons)
        return float(mean + model.weight * apart.sum() / (2 * everybody**2))
    line = float(problem.limit)
    short = [line * ((c - line) / line) ** model.power if c > line else 0.0 for c in cost]
    return float(mean + model.weight * (np.array(short) * persons).sum() / everybody)


def test_shortfall_formulation_as_text(three_by_three):
    """What lies beyond the limit costs its metres twice."""
    text = EquitableMedian(n_sites=1).formulation(three_by_three).to_text()
    # point 1 has 50 of 110 persons: A at 100 m, B at 900 (100 beyond 800: 1,000), C at 2,000 (3,200)
    assert text.startswith("min 45.4545 z[0,0] + 454.545 z[0,1] + 1454.55 z[0,2]")
    assert "number: x[A] + x[B] + x[C] = 1" in text


def test_gini_formulation_as_text(three_by_three):
    """Every pair of points has a difference that counts with the weight of both."""
    lines = EquitableMedian(n_sites=1, penalty="gini").formulation(three_by_three).to_text().splitlines()
    assert lines[0] == (
        "min 0.454545 c[1] + 0.181818 c[2] + 0.363636 c[3] + 0.0826446 e[1,2] + 0.165289 e[1,3] "
        "+ 0.0661157 e[2,3]"
    )
    assert "pays[1]: c[1] - 100 z[1,A] - 900 z[1,B] - 2000 z[1,C] = 0" in lines
    assert "above[1,2]: -c[1] + c[2] + e[1,2] >= 0" in lines
    assert "below[1,2]: c[1] - c[2] + e[1,2] >= 0" in lines
    assert "open[1,A]: -x[A] + z[1,A] <= 0" in lines
    assert "s[1] = 0" in lines


def models() -> st.SearchStrategy[EquitableMedian]:
    """Draw a penalty, its weight, and a power."""
    short = st.builds(
        EquitableMedian,
        n_sites=st.just(1),
        weight=st.sampled_from([0.0, 0.5, 1.0, 4.0]),
        power=st.sampled_from([0.0, 1.0, 2.0]),
        unserved_cost=st.sampled_from([None, 0.0, 4.0, 12.0]),
    )
    unequal = st.builds(
        EquitableMedian,
        n_sites=st.just(1),
        penalty=st.just("gini"),
        weight=st.sampled_from([0.0, 0.5, 1.0]),
        unserved_cost=st.sampled_from([None, 0.0, 4.0, 12.0]),
    )
    return st.one_of(short, unequal)


@given(small_problems(), models(), st.data())
@settings(max_examples=60)
def test_equals_brute_force(problem, model, data):
    """Mean and penalty are least together, or infeasible, as trying every choice says."""
    assume((problem.persons > 0).any())
    model = replace(model, n_sites=data.draw(st.integers(1, len(problem.choices))))
    price = np.inf if model.unserved_cost is None else model.unserved_cost
    expected = min(by_hand(problem, is_open, model, price) for is_open in choices(problem, model.n_sites))
    result = solve_siting(problem, model)
    if np.isinf(expected):
        assert str(result.status) == "infeasible"
        return
    assert result.objective == pytest.approx(expected, abs=1e-7)
    assert result.bound == pytest.approx(expected, abs=1e-6)
    assert set(problem.fixed) <= set(result.selected)


@given(small_problems(reachable=True), st.sampled_from([0.3, 1.0]), st.data())
@settings(max_examples=30)
def test_the_bound_by_ranks_is_never_beaten(problem, weight, data):
    """No plan is below the bound of the search by ranks, and its own plan is one of them."""
    assume((problem.persons > 0).any())
    n_sites = data.draw(st.integers(1, len(problem.choices)))
    model = EquitableMedian(n_sites=n_sites, penalty="gini", weight=weight)
    values = [by_hand(problem, is_open, model, np.inf) for is_open in choices(problem, n_sites)]
    ranked = Ranked(problem=problem, weight=weight, price=np.inf)
    answer = ranked.solve(PMedian(n_sites=n_sites).solve, Control(time_limit_s=20))
    assert answer.bound <= min(values) + 1e-9
    found = by_hand(problem, answer.is_open, model, np.inf)
    assert found >= min(values) - 1e-9
    assert np.count_nonzero(answer.is_open & ~problem.is_fixed) == n_sites


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=8), st.floats(0, 1))
def test_rank_weights_give_mean_and_gini(people, weight):
    """Costs times their rank weights add up to mean x (1 + weight x Gini)."""
    cost, persons = np.array(people, dtype=float).T
    ranked = rank_weights(cost, persons, weight)
    mean = np.average(cost, weights=persons)
    index = gini(cost, weights=persons) if mean > 0 else 0.0
    assert (ranked * cost).sum() == pytest.approx(mean * (1 + weight * index))
    assert ranked.sum() == pytest.approx(1)
    assert (ranked >= -1e-12).all()


def city(n_demand: int = 120, n_sites: int = 30, seed: int = 3) -> SitingProblem:
    """Return a random city in which every pair is stored."""
    rng = np.random.default_rng(seed)
    homes, sites = rng.uniform(0, 9_000, (n_demand, 2)), rng.uniform(0, 9_000, (n_sites, 2))
    costs = TravelCosts.from_dense(np.hypot(*(homes[:, None] - sites[None]).transpose(2, 0, 1)), unit="m")
    return SitingProblem(costs=costs, persons=rng.integers(1, 90, n_demand), limit=1_500.0)


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_a_citys_shortfall_is_proven_by_the_search_for_medians(power):
    """The compiled search proves what the integer program proves."""
    model = EquitableMedian(n_sites=5, power=power, weight=2.0)
    ours, plain = solve_siting(city(), model), solve_siting(city(), model, method="exact")
    assert ours.is_optimal
    assert ours.objective == pytest.approx(plain.objective)


def test_a_citys_gini_has_an_honest_gap():
    """Where bound and plan do not meet the status says so, and neither a p-median nor its mean is better."""
    model, heard = EquitableMedian(n_sites=4, penalty="gini"), []
    result = solve_siting(city(60, 20), model, progress=heard.append)
    assert str(result.status) in ("feasible", "optimal")
    assert result.is_optimal == (result.gap == 0)
    assert result.bound <= result.objective
    assert heard[-1].stage == "ranks"
    median = solve_siting(city(60, 20), PMedian(n_sites=4))
    assert result.bound >= median.objective / city(60, 20).total_persons - 1e-6
    mask = city(60, 20).mask(median.selected)
    assert result.objective <= model.objective(city(60, 20), mask) + 1e-9


@given(small_problems(reachable=True))
@settings(max_examples=20)
def test_one_more_site_never_costs_more(problem):
    """Mean and penalty fall as sites are added, since nobody's way gets longer and weights are positive."""
    assume((problem.persons > 0).any())
    for penalty in ("shortfall", "gini"):
        reached = [
            solve_siting(problem, EquitableMedian(n_sites=n, penalty=penalty)).objective
            for n in range(1, len(problem.choices) + 1)
        ]
        assert (np.diff(reached) <= 1e-7).all()


def test_a_limit_for_each_point_and_a_price(three_by_three):
    """Limits may differ by point, also where the unserved cost something."""
    costs = TravelCosts.from_dense([[100, 900], [500, np.inf], [300, np.inf]], unit="m")
    problem = SitingProblem(costs=costs, persons=[1, 1, 1], limit=[50.0, 1_000.0, 100.0], forbidden=[0])
    result = solve_siting(problem, EquitableMedian(n_sites=1, unserved_cost=700.0))
    # 700 + 650 beyond 50; 700; 700 + 600 beyond 100
    assert result.objective == pytest.approx((700 * 3 + 650 + 600) / 3)
    assert result.bound == pytest.approx(result.objective)
    assert result.is_optimal


def test_preferences_and_conflicts_hold(three_by_three):
    """Votes are worth metres a person, and sites that exclude each other stay apart."""
    for penalty in ("shortfall", "gini"):
        model = EquitableMedian(n_sites=2, penalty=penalty)
        problem = replace(three_by_three, conflicts=[("A", "B"), ("A", "C")], preference=[0.0, 10.0, 0.0])
        result = solve_siting(problem, model)
        assert result.selected == ("B", "C")
        plain = solve_siting(replace(three_by_three, forbidden=["A"]), model)
        assert result.objective == pytest.approx(plain.objective - 10)


@pytest.mark.parametrize("penalty", ["shortfall", "gini"])
def test_the_order_of_rows_does_not_matter(penalty):
    """The same sites come out when the table is shuffled."""
    model = EquitableMedian(n_sites=4, penalty=penalty)
    first = solve_siting(city(60, 20), model)
    again = solve_siting(shuffled(city(60, 20), np.random.default_rng(0)), model)
    assert first.selected == again.selected
    assert first.bound == pytest.approx(again.bound)


def test_the_notes_tell_mean_and_inequality_in_both_languages(three_by_three):
    """The answer says what the mean is, who is beyond the limit, and Gini's index."""
    short = solve_siting(three_by_three, EquitableMedian(n_sites=1))
    assert "persons are beyond the limit" in short.explain()
    assert "超出限值" in short.explain("zh")
    unequal = solve_siting(three_by_three, EquitableMedian(n_sites=1, penalty="gini"))
    assert "Gini's index of the costs is 0." in unequal.explain()
    assert "基尼系数" in unequal.explain("zh")
    assert unequal.objective_unit == "m"


def test_a_point_that_no_site_reaches_is_named():
    """Infeasible says who cannot be served."""
    costs = TravelCosts.from_dense([[100.0], [np.inf]], unit="m", demand_ids=["near", "far"])
    problem = SitingProblem(costs=costs, persons=[1, 2], limit=800.0)
    for penalty in ("shortfall", "gini"):
        result = solve_siting(problem, EquitableMedian(n_sites=1, penalty=penalty))
        assert str(result.status) == "infeasible"
        assert "far" in result.explain()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"penalty": "theil"}, "penalty"),
        ({"weight": -1}, "weight is -1"),
        ({"weight": np.nan}, "weight is nan"),
        ({"penalty": "gini", "weight": 1.5}, "at most 1"),
        ({"power": -1}, "power is -1"),
        ({"limit": 0}, "limit"),
        ({"unserved_cost": np.inf}, "unserved_cost"),
    ],
)
def test_bad_settings_are_refused(arguments, words):
    """One clear error for each setting that makes no sense."""
    with pytest.raises(InputError, match=words):
        EquitableMedian(n_sites=1, **arguments)


def test_what_does_not_fit_the_problem_is_refused(three_by_three):
    """Nobody to serve, and nothing to fall short of."""
    with pytest.raises(InputError, match="nobody to serve"):
        solve_siting(replace(three_by_three, persons=[0, 0, 0]), EquitableMedian(n_sites=1))
    with pytest.raises(InputError, match="limit above 0"):
        solve_siting(replace(three_by_three, limit=None), EquitableMedian(n_sites=1))
