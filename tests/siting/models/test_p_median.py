"""The p-median model, by the program and by the compiled search."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import InputError
from cultureplan.siting.median_search import solve_median
from cultureplan.siting.model import Control
from cultureplan.siting.models.p_median import PMedian
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting
from tests.siting.strategies import choices, dense, shuffled, small_problems


def total_cost(problem: SitingProblem, is_open: np.ndarray, price: float = np.inf) -> float:
    """Add up what everybody pays to the nearest open site, the plain way."""
    nearest = np.where(is_open, dense(problem), np.inf).min(axis=1)
    paid = np.minimum(nearest, price)
    return sum(float(w * d) for w, d in zip(problem.persons, paid, strict=True) if w > 0)


def test_formulation_as_text(three_by_three):
    """Every point is served by one open site."""
    text = PMedian(n_sites=1).formulation(three_by_three).to_text()
    assert text.count("serve[") == 3
    assert text.count("open[") == 9
    assert "number: x[A] + x[B] + x[C] = 1" in text
    lines = [line for line in text.splitlines() if line.startswith("open[0,0]")]
    assert lines == ["open[0,0]: -x[A] + z[0,0] <= 0"] or lines[0].endswith("z[0,0] <= 0")


@given(small_problems(), st.data())
@settings(max_examples=60)
def test_equals_brute_force(problem, data):
    """The least total cost with exactly so many new sites, or infeasible, as trying every choice says."""
    n_sites = data.draw(st.integers(1, len(problem.choices)))
    expected = min(total_cost(problem, is_open) for is_open in choices(problem, n_sites))
    result = solve_siting(problem, PMedian(n_sites=n_sites))
    if np.isinf(expected):
        assert str(result.status) == "infeasible"
    else:
        assert result.is_optimal
        assert result.objective == pytest.approx(expected)


@given(small_problems(reachable=True), st.data())
@settings(max_examples=60)
def test_the_compiled_search_equals_brute_force(problem, data):
    """Swap search, dual and branching prove the same optimum, whatever is fixed."""
    n_sites = data.draw(st.integers(1, len(problem.choices)))
    expected = min(total_cost(problem, is_open) for is_open in choices(problem, n_sites))
    answer = solve_median(problem, n_sites, Control(time_limit_s=20), unserved_cost=np.inf)
    assert total_cost(problem, answer.is_open) == pytest.approx(expected)
    assert answer.bound == pytest.approx(expected)


@given(small_problems(), st.floats(0, 12), st.data())
@settings(max_examples=40)
def test_a_price_for_the_unserved_equals_brute_force(problem, price, data):
    """With a price for those nobody serves there is always an answer, and it is the cheapest."""
    n_sites = data.draw(st.integers(1, len(problem.choices)))
    expected = min(total_cost(problem, is_open, price) for is_open in choices(problem, n_sites))
    result = solve_siting(problem, PMedian(n_sites=n_sites, unserved_cost=price))
    assert result.objective == pytest.approx(expected)
    answer = solve_median(problem, n_sites, Control(time_limit_s=20), unserved_cost=price)
    assert total_cost(problem, answer.is_open, price) == pytest.approx(expected)
    assert answer.bound == pytest.approx(expected)


def city(n_demand: int = 150, n_sites: int = 40, seed: int = 5) -> SitingProblem:
    """Return a random city in which every pair is stored."""
    rng = np.random.default_rng(seed)
    homes, sites = rng.uniform(0, 9_000, (n_demand, 2)), rng.uniform(0, 9_000, (n_sites, 2))
    distance = np.hypot(homes[:, None, 0] - sites[None, :, 0], homes[:, None, 1] - sites[None, :, 1])
    from cultureplan.travel.costs import TravelCosts

    costs = TravelCosts.from_dense(distance, unit="m")
    return SitingProblem(costs=costs, persons=rng.integers(1, 90, n_demand))


def test_search_and_program_agree_on_a_city():
    """The compiled search proves the optimum of the integer program on a larger instance."""
    problem = city()
    ours = solve_siting(problem, PMedian(n_sites=5))
    plain = solve_siting(problem, PMedian(n_sites=5), method="exact")
    assert ours.is_optimal
    assert plain.is_optimal
    assert ours.objective == pytest.approx(plain.objective)


def test_a_heuristic_answer_has_a_valid_bound():
    """Stopped early, the bound is still below the proven optimum."""
    problem = city(seed=6)
    proven = solve_siting(problem, PMedian(n_sites=6))
    quick = solve_siting(problem, PMedian(n_sites=6), method="heuristic")
    assert quick.bound <= proven.objective <= quick.objective


def test_the_order_of_rows_does_not_matter():
    """The same sites come out when the table is shuffled."""
    problem = replace(city(seed=7), limit=1.0)
    first = solve_siting(problem, PMedian(n_sites=6))
    second = solve_siting(shuffled(problem, np.random.default_rng(0)), PMedian(n_sites=6))
    assert first.selected == second.selected


def test_the_site_table_counts_who_is_served(three_by_three):
    """Persons and mean cost of each open site come from the assignment."""
    result = solve_siting(three_by_three, PMedian(n_sites=2))
    table = result.to_frame()
    assert table["persons_served"].sum() == 110
    assert (table["persons_served"] * table["mean_cost"]).sum() == pytest.approx(result.objective)


def test_progress_is_told():
    """A callback hears of every stage with an objective that is no better than its bound."""
    heard = []
    solve_siting(city(), PMedian(n_sites=5), progress=heard.append)
    assert {point.stage for point in heard} >= {"greedy", "swap", "lagrange"}
    assert all(point.objective >= point.bound - 1e-6 for point in heard)


@pytest.mark.parametrize(
    "arguments",
    [{"n_sites": 0}, {"n_sites": 2.5}, {"n_sites": 1, "unserved_cost": -1}],
)
def test_bad_settings_are_refused(arguments):
    """A whole number of sites and a price that is no less than zero."""
    with pytest.raises(InputError):
        PMedian(**arguments)
