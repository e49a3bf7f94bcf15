"""OR-Library p-median instances (Beasley 1985, EJOR 21, 270-273) against the published optima.

Edges are read in turn and a repeated edge overwrites the earlier one; distances are all-pairs shortest
paths. The optima are those of ``pmedopt`` (see ``orlib_pmed/SOURCE.md`` beside the data).
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from cultureplan.siting.models.p_center import PCenter
from cultureplan.siting.models.p_median import PMedian
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.costs import TravelCosts

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "orlib_pmed"


def rows() -> list[dict[str, str]]:
    """Return the table of optima, for the instances that are there."""
    if not (FOLDER / "optima.csv").is_file():
        return []
    with (FOLDER / "optima.csv").open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    return [row for row in table if (FOLDER / f"{row['instance']}.txt").is_file()]


@cache
def network(instance: str) -> tuple[SitingProblem, int]:
    """Return the problem of an instance and its number of sites."""
    numbers = np.array((FOLDER / f"{instance}.txt").read_text().split(), dtype=int)
    n, n_edges, n_sites = (int(value) for value in numbers[:3])
    edges = {}
    for one, other, length in numbers[3 : 3 + 3 * n_edges].reshape(-1, 3):
        edges[min(one, other) - 1, max(one, other) - 1] = float(length)
    ends = np.array(list(edges))
    graph = csr_array((np.array(list(edges.values())), (ends[:, 0], ends[:, 1])), shape=(n, n))
    distance = dijkstra(graph, directed=False)
    return SitingProblem(costs=TravelCosts.from_dense(distance, unit="m"), persons=np.ones(n)), n_sites


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["instance"])
def test_the_published_median_is_proven(shared_data, row):
    """Our answer has the published value, and our bound proves it."""
    problem, n_sites = network(row["instance"])
    result = solve_siting(problem, PMedian(n_sites=n_sites))
    assert result.is_optimal
    assert result.objective == float(row["pmedian_opt_orlib"])


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["instance"])
def test_the_published_center_is_proven(shared_data, row):
    """The p-center of the same network has the published value (Pullan), and our bound proves it."""
    problem, n_sites = network(row["instance"])
    result = solve_siting(problem, PCenter(n_sites=n_sites))
    assert result.is_optimal
    assert result.objective == float(row["pcenter_opt_pullan"])
