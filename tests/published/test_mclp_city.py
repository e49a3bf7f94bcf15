"""Maximal covering of the Bronx: census blocks as people and sites, 600 m circles.

Best known values: Maximo, Cordeau and Nascimento (2023), International Transactions in Operational
Research, doi 10.1111/itor.13387; distance by the spherical law of cosines, R = 6,378,100 m.
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
from cultureplan.travel.costs import TravelCosts

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "mclp_city"
RADIUS_M, EARTH_M = 600.0, 6_378_100.0


@cache
def bronx() -> SitingProblem:
    """Return the instance."""
    with (FOLDER / "Bronx.csv").open(encoding="utf-8") as file:
        rows = [[float(row[key]) for key in ("lat", "lon", "population")] for row in csv.DictReader(file)]
    table = np.array(rows)
    lat, lon = np.radians(table[:, 0]), np.radians(table[:, 1])
    cosine = np.sin(lat)[:, None] * np.sin(lat) + np.cos(lat)[:, None] * np.cos(lat) * np.cos(
        lon[:, None] - lon
    )
    metres = (EARTH_M * np.arccos(np.clip(cosine, -1, 1))).astype(np.float32).astype(float)
    costs = TravelCosts.from_dense(metres, unit="m", limit=RADIUS_M)
    return SitingProblem(costs=costs, persons=table[:, 2], limit=RADIUS_M)


@pytest.mark.slow
@pytest.mark.parametrize(("n_sites", "best_known"), [(50, 1_205_051), (70, 1_348_232), (100, 1_385_099)])
def test_the_bronx_is_nearly_solved(shared_data, n_sites, best_known):
    """Within a minute the answer is near the best known value, and the bound never falls below it."""
    result = solve_siting(bronx(), MaximalCoverage(n_sites=n_sites), time_limit_s=60)
    assert result.bound >= best_known
    assert result.objective >= 0.998 * best_known
    assert result.gap < 0.012
