"""Maximal covering instances of Sao Jose dos Campos (Lorena), against proven optima.

Coordinates and demand: Lorena's SJC324 and SJC402; every node is client and site. Optima: computed with
an independent plain integer program, gap 0 (``mclp_sjc/SOURCE.md`` beside the data).
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.modes import straight_line_costs

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "mclp_sjc"


def rows() -> list[tuple[str, float, int, float]]:
    """Return instance, radius, number of sites and optimum of every line of the table."""
    if not (FOLDER / "optimal_coverage.csv").is_file():
        return []
    with (FOLDER / "optimal_coverage.csv").open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    return [
        (row["instance"], float(row["radius"]), int(row["p"]), float(row["covered_demand"])) for row in table
    ]


@cache
def problem(instance: str, radius_m: float) -> SitingProblem:
    """Return one instance with one radius."""
    xy = np.loadtxt(FOLDER / f"{instance}.txt", skiprows=1)
    persons = np.loadtxt(FOLDER / f"demand-{instance}.dat")
    costs = straight_line_costs(xy, xy, limit_m=radius_m)
    return SitingProblem(costs=costs, persons=persons, limit=radius_m)


@pytest.mark.parametrize(("instance", "radius_m", "n_sites", "optimum"), rows())
def test_the_published_optimum_is_proven(shared_data, instance, radius_m, n_sites, optimum):
    """Our answer has the published value, and our bound proves it."""
    result = solve_siting(problem(instance, radius_m), MaximalCoverage(n_sites=n_sites))
    assert (result.objective, result.bound) == (optimum, optimum)
    assert result.is_optimal
