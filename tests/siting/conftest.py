"""Small problems that many siting tests use."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from cultureplan.siting.problem import SitingProblem
from cultureplan.travel.costs import TravelCosts
from cultureplan.world.demand import DemandPoints
from cultureplan.world.facilities import Facilities
from cultureplan.world.world import World

CRS = "EPSG:4544"  # CGCS2000 3-degree zone, central meridian 105 E
ORIGIN = np.array([600_000.0, 4_320_000.0])


@pytest.fixture
def three_by_three() -> SitingProblem:
    """Three demand points and three sites; A covers 1 and 2, B covers 2 and 3, C covers 3."""
    costs = TravelCosts.from_dense(
        [[100, 900, 2000], [500, 400, 1500], [3000, 600, 200]],
        unit="m",
        demand_ids=["1", "2", "3"],
        facility_ids=["A", "B", "C"],
    )
    return SitingProblem(costs=costs, persons=[50, 20, 40], limit=800.0)


@pytest.fixture
def town() -> World:
    """A town along a road: homes at every kilometre, one library at the left end, one candidate site."""
    return make_town()


def make_town(kinds: tuple[str, ...] = ("library", "library")) -> World:
    """Return the town; `kinds` are those of the library and of the candidate."""
    x = np.arange(0.0, 6_000.0, 1_000.0)
    homes = ORIGIN + np.column_stack([x, np.zeros_like(x)])
    demand = gpd.GeoDataFrame(
        {
            "demand_id": [f"D{number}" for number in range(len(x))],
            "persons": [100.0, 50.0, 80.0, 60.0, 30.0, 70.0],
            "settlement": ["urban"] * 4 + ["rural"] * 2,
        },
        geometry=shapely.points(homes),
        crs=CRS,
    )
    sites = ORIGIN + np.array([[0.0, 0.0], [3_000.0, 0.0]])
    facilities = gpd.GeoDataFrame(
        {
            "facility_id": ["F1", "C1"],
            "name": ["Library", "Station"],
            "level": ["branch", "service_point"],
            "kind": list(kinds),
            "status": ["existing", "candidate"],
        },
        geometry=shapely.points(sites),
        crs=CRS,
    )
    return World(name="road", facilities=Facilities(facilities), demand=DemandPoints(demand))
