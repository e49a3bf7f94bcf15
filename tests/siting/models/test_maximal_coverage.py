"""The maximal covering model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import InputError
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.solve import solve_siting
from tests.siting.strategies import choices, persons_covered, shuffled, small_problems


def test_formulation_as_text(three_by_three):
    """Persons of each class count when one of its sites is open."""
    text = MaximalCoverage(n_sites=1).formulation(three_by_three).to_text()
    classes = three_by_three.classes
    one, two, three = (int(classes.class_of_demand[at]) for at in range(3))
    assert sorted(text.splitlines()[1:5]) == sorted(
        [
            f"cover[{one}]: -x[A] + y[{one}] <= 0",
            f"cover[{two}]: -x[A] - x[B] + y[{two}] <= 0",
            f"cover[{three}]: -x[B] - x[C] + y[{three}] <= 0",
            "number: x[A] + x[B] + x[C] = 1",
        ]
    )
    assert {f"50 y[{one}]", f"20 y[{two}]", f"40 y[{three}]"} <= set(
        text.splitlines()[0].removeprefix("max ").split(" + ")
    )
    assert text.count("in {0, 1}") == 3


@given(small_problems(), st.data())
@settings(max_examples=60)
def test_a_number_equals_brute_force(problem, data):
    """Most persons with exactly so many new sites, as trying every choice says."""
    n_sites = data.draw(st.integers(1, len(problem.choices)))
    expected = max(persons_covered(problem, is_open) for is_open in choices(problem, n_sites))
    result = solve_siting(problem, MaximalCoverage(n_sites=n_sites))
    assert (result.objective, result.bound, result.is_optimal) == (expected, expected, True)
    assert len(result.opened) == n_sites
    assert set(result.selected) == set(result.opened) | set(problem.fixed)


@given(small_problems(), st.integers(4, 10))
@settings(max_examples=40)
def test_a_budget_equals_brute_force(problem, budget):
    """Most persons that a budget buys, as trying every choice says."""
    expected = max(
        persons_covered(problem, is_open)
        for is_open in choices(problem)
        if problem.site_cost[is_open & ~problem.is_fixed].sum() <= budget
    )
    result = solve_siting(problem, MaximalCoverage(budget=budget))
    assert result.objective == expected
    assert result.sites.loc[result.sites["is_new"], "site_cost"].sum() <= budget


@given(small_problems(), st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_the_order_of_rows_does_not_matter(problem, seed):
    """The same sites are chosen when demand points and sites come in another order."""
    first = solve_siting(problem, MaximalCoverage(n_sites=1))
    second = solve_siting(shuffled(problem, np.random.default_rng(seed)), MaximalCoverage(n_sites=1))
    assert (first.selected, first.objective) == (second.selected, second.objective)


@given(small_problems())
@settings(max_examples=30)
def test_one_more_site_never_covers_fewer(problem):
    """Coverage grows with the number of sites."""
    counts = range(1, len(problem.choices) + 1)
    reached = [solve_siting(problem, MaximalCoverage(n_sites=n)).objective for n in counts]
    assert reached == sorted(reached)


def test_assignment_names_the_nearest_open_site_within_the_limit(three_by_three):
    """A covered point goes to its nearest open site; an uncovered one to nobody."""
    result = solve_siting(three_by_three, MaximalCoverage(n_sites=1))
    assert result.selected == ("A",)
    assert result.assignment["facility_id"].tolist() == ["A", "A", None]
    assert result.assignment["cost"].tolist()[:2] == [100.0, 500.0]


def test_sites_say_what_they_add(three_by_three):
    """The table of sites lists new ones by what they add, and counts who depends on each alone."""
    table = solve_siting(replace(three_by_three, fixed=["C"]), MaximalCoverage(n_sites=2)).to_frame()
    assert table["facility_id"].tolist() == ["A", "B", "C"]
    assert table["persons_added"].tolist()[:2] == [70.0, 0.0]
    assert table["persons_only_here"].tolist() == [50.0, 0.0, 0.0]
    assert table["persons_in_circle"].tolist() == [70.0, 60.0, 40.0]


def test_explain_says_what_one_more_would_add(three_by_three):
    """The note names the best further site and its persons."""
    result = solve_siting(three_by_three, MaximalCoverage(n_sites=1))
    assert "B, would add 40 persons" in result.explain()
    assert "（B）" in result.explain("zh")


@pytest.mark.parametrize(
    "arguments", [{}, {"n_sites": 2, "budget": 3}, {"n_sites": 0}, {"n_sites": 1.5}, {"budget": -1}]
)
def test_bad_settings_are_refused(arguments):
    """Either a whole number of sites or a positive budget, and not both."""
    with pytest.raises(InputError):
        MaximalCoverage(**arguments)


def test_more_sites_than_candidates_is_refused(three_by_three):
    """One clear error names both numbers."""
    with pytest.raises(InputError, match="4 sites are to be opened, but there are only 3"):
        solve_siting(three_by_three, MaximalCoverage(n_sites=4))


def test_a_budget_that_buys_nothing_is_refused(three_by_three):
    """One clear error names the cheapest site."""
    with pytest.raises(InputError, match="cheapest"):
        solve_siting(replace(three_by_three, site_cost=5.0), MaximalCoverage(budget=4))
