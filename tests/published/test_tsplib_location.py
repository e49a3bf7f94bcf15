"""TSPLIB points as location instances: p-center (Pullan) and p-median (Duran-Mateluna et al. 2023).

Clients and sites are all nodes. For the p-center distances are Euclidean and the published value is
rounded; for the p-median (European Journal of Operational Research 308, 84-96) they are floored.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from cultureplan.siting.models.p_center import PCenter
from cultureplan.siting.models.p_median import PMedian
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.costs import TravelCosts

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "tsplib_location"


def centers() -> list[tuple[str, int, float]]:
    """Return instance, number of sites and rounded optimum of the p-center table."""
    path = FOLDER / "pcenter_opt.txt"
    if not path.is_file():
        return []
    lines = [line.split() for line in path.read_text().splitlines() if line.strip()]
    return [(name, int(n), float(value)) for name, n, value in lines if (FOLDER / f"{name}.tsp").is_file()]


def medians() -> list[tuple[str, int, float]]:
    """Return instance, number of sites and optimum of the p-median table for rl1304."""
    path = FOLDER / "pmedian_values.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        (row["instance"], int(row["p"]), float(row["opt_or_best_known"]))
        for row in rows
        if row["instance"] == "rl1304" and int(row["p"]) in (5, 20, 200)
    ]


@cache
def distance(name: str) -> np.ndarray:
    """Return the Euclidean distances of an instance."""
    lines = (FOLDER / f"{name}.tsp").read_text().splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("NODE_COORD_SECTION")) + 1
    rows = [line.split() for line in lines[start:] if len(line.split()) == 3]
    xy = np.array([[float(row[1]), float(row[2])] for row in rows])
    return np.hypot(xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1])


@pytest.mark.parametrize(("name", "n_sites", "optimum"), centers())
def test_the_published_center_is_proven(shared_data, name, n_sites, optimum):
    """Our proven value rounds to the published one."""
    matrix = distance(name)
    problem = SitingProblem(costs=TravelCosts.from_dense(matrix, unit="m"), persons=np.ones(len(matrix)))
    result = solve_siting(problem, PCenter(n_sites=n_sites))
    assert result.is_optimal
    assert round(result.objective) == optimum


@pytest.mark.slow
@pytest.mark.parametrize(("name", "n_sites", "optimum"), medians())
def test_the_published_median_is_within_the_bound(shared_data, name, n_sites, optimum):
    """The published optimum lies between our bound and our answer, which are close."""
    matrix = np.floor(distance(name))
    problem = SitingProblem(costs=TravelCosts.from_dense(matrix, unit="m"), persons=np.ones(len(matrix)))
    result = solve_siting(problem, PMedian(n_sites=n_sites))
    assert result.bound <= optimum <= result.objective
    assert result.gap < 0.005
