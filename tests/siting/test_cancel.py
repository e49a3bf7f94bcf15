"""Stopping a solve from outside: by an event, by a function, by Ctrl-C, by an error in the callback."""

from __future__ import annotations

import signal
import threading
import time

import numpy as np
import pytest

import cultureplan as cp
from cultureplan.base.errors import WrongTypeError
from cultureplan.measures.decay import linear
from cultureplan.siting.hierarchy import hierarchy_problem
from cultureplan.siting.models.backup_coverage import BackupCoverage
from cultureplan.siting.models.capacitated import CapacitatedCoverage, CapacitatedMedian
from cultureplan.siting.models.equitable_median import EquitableMedian
from cultureplan.siting.models.hierarchy_assignment import HierarchyAssignment
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.models.p_center import PCenter
from cultureplan.siting.models.p_median import PMedian
from cultureplan.siting.models.set_cover import SetCover
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.result import SitingStatus
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.costs import TravelCosts


def city(n_demand: int = 200, n_sites: int = 60) -> SitingProblem:
    """Return a random city in which every pair is stored."""
    rng = np.random.default_rng(11)
    homes, sites = rng.uniform(0, 9_000, (n_demand, 2)), rng.uniform(0, 9_000, (n_sites, 2))
    costs = TravelCosts.from_dense(np.hypot(*(homes[:, None] - sites[None]).transpose(2, 0, 1)), unit="m")
    persons = rng.integers(1, 90, n_demand).astype(float)
    return SitingProblem(costs=costs, persons=persons, limit=1_500.0, capacity=2.5 * persons.sum() / n_sites)


def is_valid(result) -> bool:
    """Return whether the objective is on the right side of the bound."""
    slack = 1e-9 * abs(result.bound)
    if result.sense == "max":
        return result.objective <= result.bound + slack
    return result.objective >= result.bound - slack


@pytest.mark.parametrize(
    ("model", "method"),
    [
        (CapacitatedMedian(n_sites=12, split=False), "auto"),
        (CapacitatedCoverage(n_sites=12, split=False), "auto"),
        (BackupCoverage(n_sites=15), "auto"),
        (PMedian(n_sites=12), "exact"),
        (PMedian(n_sites=12), "auto"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_cancelled_solve_returns_its_best_answer_with_a_bound(model, method):
    """Cancelled as soon as there is an answer, a solve ends soon, with that answer and a valid bound."""
    stop = threading.Event()

    def watch(point) -> None:
        if np.isfinite(point.objective):
            stop.set()

    began = time.perf_counter()
    problem = city() if isinstance(model, PMedian | BackupCoverage) else city(60, 20)
    result = solve_siting(problem, model, method=method, time_limit_s=120, progress=watch, cancel=stop)
    assert time.perf_counter() - began < 60
    assert result.status in (SitingStatus.FEASIBLE, SitingStatus.OPTIMAL)
    assert is_valid(result)


@pytest.mark.parametrize(
    "model", [MaximalCoverage(n_sites=9), PMedian(n_sites=9), PCenter(n_sites=9), SetCover()]
)
def test_cancelled_before_it_began_it_claims_nothing(model):
    """A solve that may not begin says so, or gives what it has with a bound that holds."""
    problem = city(120, 40)
    full = solve_siting(problem, model, time_limit_s=30)
    result = solve_siting(problem, model, cancel=lambda: True)
    if result.status is SitingStatus.FEASIBLE:
        assert is_valid(result)
        assert "Stopped on request" in result.explain()
        assert "已按要求中止" in result.explain("zh")
    elif result.status is SitingStatus.NO_SOLUTION:
        assert result.selected == ()
    if full.has_answer and result.sense == "max":
        assert result.bound >= full.objective
    elif full.has_answer:
        assert result.bound <= full.objective


@pytest.mark.parametrize("method", ["auto", "exact"])
def test_ctrl_c_keeps_the_best_answer(method):
    """An interrupt while it runs ends the solve, not the program, and the next one is as before."""
    before = signal.getsignal(signal.SIGINT)

    def interrupt(point) -> None:
        if np.isfinite(point.objective) and not heard:
            heard.append(point)
            signal.raise_signal(signal.SIGINT)

    heard: list[object] = []
    result = solve_siting(city(), PMedian(n_sites=12), method=method, progress=interrupt, time_limit_s=120)
    assert result.has_answer
    assert is_valid(result)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_interrupts_for_good():
    """Whoever presses twice wants out."""

    def interrupt_twice() -> bool:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        return False

    with pytest.raises(KeyboardInterrupt):
        solve_siting(city(), PMedian(n_sites=12), cancel=interrupt_twice)


def test_a_keyboard_interrupt_out_of_the_callback_stops_the_solve():
    """A callback may end a solve by raising what Ctrl-C raises."""

    def raise_it(point) -> None:
        raise KeyboardInterrupt

    result = solve_siting(city(), PMedian(n_sites=12), progress=raise_it, time_limit_s=60)
    assert result.has_answer


def test_an_error_in_the_callback_comes_out():
    """A fault in the caller's own function is not swallowed, and leaves no solver running."""

    def fail(point) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        solve_siting(city(60, 20), CapacitatedMedian(n_sites=12, split=False), progress=fail, time_limit_s=60)


def test_what_cannot_be_asked_is_refused(three_by_three):
    """Something that is neither a function nor an event is one clear error."""
    with pytest.raises(WrongTypeError, match="is_set"):
        solve_siting(three_by_three, PMedian(n_sites=1), cancel=5)


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (EquitableMedian(n_sites=6, penalty="gini"), city()),
        (EquitableMedian(n_sites=6, weight=2.0), city()),
        (MaximalCoverage(n_sites=6, decay=linear(3_000)), city()),
        (MaximalCoverage(budget=6.0, decay=linear(9_000)), city(600, 100)),
    ],
)
def test_searches_that_stand_on_others_are_cancelled_too(model, problem):
    """Cancelled once there is a plan, the plan is returned with a bound on its right side."""
    heard = []
    result = solve_siting(problem, model, progress=heard.append, cancel=lambda: bool(heard), time_limit_s=120)
    assert result.has_answer
    assert is_valid(result)
    assert result.runtime_s < 60


def test_reporting_lines_are_cancelled_too():
    """A hierarchy stopped before it began claims no answer that it does not have."""
    problem = hierarchy_problem(cp.load_world("sanheyuan"), limit=60_000)
    model = HierarchyAssignment(points_per_branch=3)
    best = solve_siting(problem, model)
    result = solve_siting(problem, model, cancel=lambda: True)
    assert result.status in (SitingStatus.NO_SOLUTION, SitingStatus.OPTIMAL)
    assert result.bound <= best.objective + 1e-9
