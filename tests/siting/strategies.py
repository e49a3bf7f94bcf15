"""Random small siting problems, and the slow and sure way to solve them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
from hypothesis import strategies as st

from cultureplan.siting.problem import SitingProblem
from cultureplan.travel.costs import TravelCosts


@st.composite
def small_problems(
    draw: st.DrawFn, *, max_sites: int = 7, max_demand: int = 8, fixed: bool = True, reachable: bool = False
) -> SitingProblem:
    """Draw a problem with up to `max_sites` sites; `reachable` stores every pair."""
    n_demand, n_sites = draw(st.integers(1, max_demand)), draw(st.integers(1, max_sites))
    cost = st.integers(0, 9).map(float)
    if not reachable:
        cost = st.one_of(cost, st.just(np.inf))
    matrix = [[draw(cost) for _ in range(n_sites)] for _ in range(n_demand)]
    persons = [float(draw(st.integers(0, 9))) for _ in range(n_demand)]
    ids = draw(st.permutations([f"S{number}" for number in range(n_sites)]))
    roles = [draw(st.sampled_from("cccff" if fixed else "c")) for _ in range(n_sites)]
    roles[draw(st.integers(0, n_sites - 1))] = "c"
    costs = TravelCosts.from_dense(matrix, unit="m", facility_ids=ids)
    return SitingProblem(
        costs=costs,
        persons=persons,
        limit=draw(st.sampled_from([1.0, 3.0, 5.0, 9.0])),
        fixed=[name for name, role in zip(ids, roles, strict=True) if role == "f"],
        site_cost=[float(draw(st.integers(1, 4))) for _ in range(n_sites)],
    )


def choices(problem: SitingProblem, n_sites: int | None = None) -> Iterator[np.ndarray]:
    """Yield every set of open sites (of a number of new ones, if given) as a mask."""
    sizes = range(len(problem.choices) + 1) if n_sites is None else [n_sites]
    for size in sizes:
        for opened in combinations(problem.choices, size):
            is_open = problem.is_fixed.copy()
            is_open[list(opened)] = True
            yield is_open


def dense(problem: SitingProblem) -> np.ndarray:
    """Return the costs as a full matrix, infinite where nothing is stored."""
    matrix = np.full((problem.n_demand, problem.n_sites), np.inf)
    matrix[problem.costs.rows, problem.costs.indices] = problem.costs.values
    return matrix


def persons_covered(problem: SitingProblem, is_open: np.ndarray) -> float:
    """Count the persons within the limit of an open site, the plain way."""
    limit = np.broadcast_to(problem.limit, problem.n_demand)
    matrix = dense(problem)
    return sum(
        float(problem.persons[i])
        for i in range(problem.n_demand)
        if any(is_open[j] and matrix[i, j] <= limit[i] for j in range(problem.n_sites))
    )


def best(values: Iterator[float], pick: Callable[..., float], default: float) -> float:
    """Return the best of some values, or `default` where there are none."""
    return pick(values, default=default)


def shuffled(problem: SitingProblem, rng: np.random.Generator) -> SitingProblem:
    """Return the same problem with its rows and columns in another order."""
    rows, columns = rng.permutation(problem.n_demand), rng.permutation(problem.n_sites)
    costs = TravelCosts.from_dense(
        dense(problem)[np.ix_(rows, columns)],
        unit="m",
        demand_ids=problem.demand_ids[rows],
        facility_ids=problem.facility_ids[columns],
    )
    return SitingProblem(
        costs=costs,
        persons=problem.persons[rows],
        limit=problem.limit,
        fixed=problem.fixed,
        forbidden=problem.forbidden,
        site_cost=problem.site_cost[columns],
        capacity=problem.capacity[columns],
    )
