"""Fronts of coverage against cost, way and equality, by brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import InfeasibleError, InputError
from cultureplan.siting.models.equitable_median import EquitableMedian
from cultureplan.siting.models.p_center import PCenter
from cultureplan.siting.models.p_median import PMedian
from cultureplan.siting.pareto import pareto_front
from cultureplan.siting.problem import SitingProblem
from cultureplan.travel.costs import TravelCosts
from tests.siting.strategies import choices, dense, persons_covered, small_problems


def front_of(pairs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the pairs (persons, other) that no pair beats: more persons, and a smaller other number."""
    best: list[tuple[float, float]] = []
    for persons, other in sorted(set(pairs), key=lambda pair: (pair[1], -pair[0])):
        if not best or persons > best[-1][0]:
            best.append((persons, other))
    return best


def mean_cost(problem: SitingProblem, is_open: np.ndarray) -> float:
    """Return the mean cost to the nearest open site, the plain way."""
    nearest = dense(problem)[:, is_open].min(axis=1)
    peopled = problem.persons > 0
    return float((nearest[peopled] * problem.persons[peopled]).sum() / problem.persons.sum())


@given(small_problems(max_sites=6), st.booleans())
@settings(max_examples=25)
def test_the_whole_front_against_site_cost_is_found(problem, uneven):
    """Every plan that no other beats in persons and cost is there, and proven; nothing else is."""
    if not uneven:
        problem = replace(problem, site_cost=2.0)
    front = pareto_front(problem)
    expected = front_of(
        [
            (persons_covered(problem, o), float(problem.site_cost[o & ~problem.is_fixed].sum()))
            for o in choices(problem)
        ]
    )
    assert list(zip(front["persons"], front["site_cost"], strict=True)) == expected
    assert front["bound"].tolist() == front["persons"].tolist()
    assert front["is_proven"].all()
    assert front.attrs["is_complete"]
    for opened, persons in zip(front["opened"], front["persons"], strict=True):
        assert persons_covered(problem, problem.mask(opened) | problem.is_fixed) == persons


@given(small_problems(max_sites=6, reachable=True), st.integers(1, 3))
@settings(max_examples=25)
def test_the_whole_front_against_mean_cost_is_found(problem, n_sites):
    """Most covered against the shortest mean way, at the same number of sites."""
    assume(n_sites <= len(problem.choices) and problem.persons.sum() > 0)
    front = pareto_front(problem, against="mean_cost", n_sites=n_sites)
    expected = front_of(
        [(persons_covered(problem, o), mean_cost(problem, o)) for o in choices(problem, n_sites)]
    )
    assert front["persons"].tolist() == [persons for persons, _ in expected]
    assert front["mean_cost"].tolist() == pytest.approx([other for _, other in expected])
    assert front.attrs["is_complete"]


@given(small_problems(max_sites=6), st.integers(1, 3), st.data())
@settings(max_examples=25)
def test_the_whole_front_against_equality_is_found(problem, n_sites, data):
    """Most covered against the share of the place that is worst off."""
    assume(n_sites <= len(problem.choices) and problem.persons.sum() > 0)
    names = np.array([data.draw(st.sampled_from("AB")) for _ in problem.persons])
    problem = replace(problem, places=pd.Series(names, index=problem.demand_ids))

    def smallest_share(is_open: np.ndarray) -> float:
        limit = problem.limit
        inside = (dense(problem)[:, is_open] <= limit).any(axis=1)
        shares = [
            problem.persons[(names == name) & inside].sum() / problem.persons[names == name].sum()
            for name in "AB"
            if problem.persons[names == name].sum() > 0
        ]
        return float(min(shares))

    front = pareto_front(problem, against="equality", n_sites=n_sites)
    expected = front_of(
        [(persons_covered(problem, o), -smallest_share(o)) for o in choices(problem, n_sites)]
    )
    assert front["persons"].tolist() == [persons for persons, _ in expected]
    assert front["smallest_share"].tolist() == pytest.approx([-other for _, other in expected])


@given(small_problems(max_sites=6, reachable=True))
@settings(max_examples=20)
def test_any_model_can_be_the_other_goal(problem):
    """Here the longest way; the number of sites is the model's own."""
    front = pareto_front(problem, against=PCenter(n_sites=1))
    longest = [
        (persons_covered(problem, o), float(dense(problem)[:, o].min(axis=1).max()))
        for o in choices(problem, 1)
    ]
    assert list(zip(front["persons"], front["objective"], strict=True)) == front_of(longest)


def test_inequality_of_the_ways_can_be_the_other_goal():
    """Gini's index does not add up over people, and still every point of the front is found."""
    rng = np.random.default_rng(5)
    for _ in range(4):
        apart = rng.integers(0, 9, (7, 5)).astype(float)
        costs = TravelCosts.from_dense(apart, unit="m")
        problem = SitingProblem(costs=costs, persons=rng.integers(1, 9, 7), limit=2.0)
        model = EquitableMedian(n_sites=2, penalty="gini", weight=1.0)
        front = pareto_front(problem, against=model)
        expected = front_of(
            [(persons_covered(problem, o), model.objective(problem, o)) for o in choices(problem, 2)]
        )
        assert front["persons"].tolist() == [persons for persons, _ in expected]
        assert front["objective"].tolist() == pytest.approx([other for _, other in expected])


def hundred_homes() -> SitingProblem:
    """Return a problem with a long front."""
    rng = np.random.default_rng(11)
    apart = rng.uniform(0, 2_000, (100, 9))
    costs = TravelCosts.from_dense(apart, unit="m")
    return SitingProblem(
        costs=costs, persons=rng.integers(1, 90, 100), limit=400.0, site_cost=rng.integers(5, 60, 9)
    )


def test_some_points_of_a_long_front_are_points_of_the_whole():
    """Asked for six, both ends are among them, and each lies on the whole front."""
    problem = hundred_homes()
    whole, some = pareto_front(problem), pareto_front(problem, n_points=6)
    assert len(whole) > 6
    assert len(some) == 6
    assert not some.attrs["is_complete"]
    columns = ["site_cost", "persons"]
    assert set(map(tuple, some[columns].values)) <= set(map(tuple, whole[columns].values))
    assert some[columns].iloc[[0, -1]].values.tolist() == whole[columns].iloc[[0, -1]].values.tolist()


def test_out_of_time_says_so():
    """What is found in no time at all is not called complete."""
    front = pareto_front(hundred_homes(), time_limit_s=1e-3)
    assert not front.attrs["is_complete"]


def test_bad_wishes_are_one_clear_error(three_by_three):
    """A number that is missing or too large, an unknown goal, and people who reach nothing."""
    with pytest.raises(InputError, match="same number of sites"):
        pareto_front(three_by_three, against="mean_cost")
    with pytest.raises(InputError, match="not one of"):
        pareto_front(three_by_three, against="beauty")
    with pytest.raises(InputError, match="candidates"):
        pareto_front(three_by_three, against="equality", n_sites=9)
    cut_off = TravelCosts.from_dense([[1.0, np.inf], [np.inf, np.inf]], unit="m")
    lonely = SitingProblem(costs=cut_off, persons=[1, 1], limit=5.0)
    with pytest.raises(InfeasibleError, match="No site can cover"):
        pareto_front(lonely, against="mean_cost", n_sites=1)
    assert len(pareto_front(lonely, against=PMedian(n_sites=1, unserved_cost=9.0))) == 1
