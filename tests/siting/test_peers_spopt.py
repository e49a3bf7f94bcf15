"""The same small input to PySAL spopt gives the same objective."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.models.set_cover import SetCover
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.costs import TravelCosts

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the peer's own modelling library
]


@pytest.fixture(scope="module")
def locate():
    """The peer's module; it warns about its own dependencies when loaded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("spopt.locate")


@pytest.fixture(scope="module")
def city() -> tuple[np.ndarray, np.ndarray]:
    """Sixty homes and fifteen sites in a square of ten kilometres."""
    rng = np.random.default_rng(11)
    homes, sites = rng.uniform(0, 10_000, (60, 2)), rng.uniform(0, 10_000, (15, 2))
    distance = np.hypot(homes[:, None, 0] - sites[None, :, 0], homes[:, None, 1] - sites[None, :, 1])
    return distance, rng.integers(1, 100, 60).astype(float)


def peer_solve(model):
    """Solve a model of the peer with its default solver, silently."""
    pulp = pytest.importorskip("pulp")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return (
            model.solve(pulp.HiGHS(msg=False))
            if hasattr(pulp, "HiGHS")
            else model.solve(pulp.PULP_CBC_CMD(msg=False))
        )


@pytest.mark.parametrize("n_sites", [2, 5])
def test_maximal_coverage_agrees(locate, city, n_sites):
    """Both reach the same persons."""
    distance, persons = city
    peer = peer_solve(
        locate.MCLP.from_cost_matrix(distance, persons, service_radius=2_500, p_facilities=n_sites)
    )
    problem = SitingProblem(costs=TravelCosts.from_dense(distance, unit="m"), persons=persons, limit=2_500.0)
    ours = solve_siting(problem, MaximalCoverage(n_sites=n_sites))
    assert ours.objective == pytest.approx(peer.problem.objective.value())


def test_set_cover_agrees(locate, city):
    """Both need the same number of sites."""
    distance, persons = city
    peer = peer_solve(locate.LSCP.from_cost_matrix(distance, service_radius=5_000))
    problem = SitingProblem(costs=TravelCosts.from_dense(distance, unit="m"), persons=persons, limit=5_000.0)
    assert solve_siting(problem, SetCover()).objective == pytest.approx(peer.problem.objective.value())
