"""A town that keeps to every clause: one city, county, township, village and community, and their houses."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

import cultureplan as cp
from tests import worlds

ITEMS = {
    "culture_station": [f"O-CHK-T{i:02d}" for i in range(1, 11)],
    "village_centre": [f"O-CHK-V{i:02d}" for i in range(1, 5)],
    "community_centre": [f"O-CHK-C{i:02d}" for i in range(1, 8)],
}
# id, kind, level, parent, place
HOUSES = [
    ("C", "library", "central", None, "city"),
    ("H", "library", "head", "C", "county"),
    ("W", "culture_centre", "head", "C", "county"),
    ("B", "culture_station", "branch", "H", "township"),
    ("V", "village_centre", "service_point", "B", "village"),
    ("M", "community_centre", "service_point", "B", "community"),
    ("R", "book_house", "service_point", "B", "village"),
    ("N", "culture_space", "service_point", "B", "community"),
]
PLACES = [
    ("city", "city", None),
    ("county", "county", "city"),
    ("township", "township", "county"),
    ("village", "village", "township"),
    ("community", "community", "township"),
]


def houses() -> pd.DataFrame:
    """The facilities as a plain frame, index facility_id, to be changed by a test."""
    frame = pd.DataFrame(HOUSES, columns=["facility_id", "kind", "level", "parent_id", "place_id"])
    frame["name"] = frame["facility_id"]
    frame["volumes"], frame["computers"], frame["staff_posts"] = 5000.0, 20.0, 3.0
    frame["floor_area_m2"] = 80.0
    frame["opening_hours"] = np.where(frame["level"].isin(["central", "head"]), "24/7", "Mo-Su 09:00-20:00")
    frame["items"] = ["|".join(ITEMS.get(kind, ["none"])) for kind in frame["kind"]]
    frame["x"], frame["y"] = 0.0, 0.0
    return frame.set_index("facility_id", drop=False)


def town(
    frame: pd.DataFrame | None = None,
    *,
    homes: tuple[tuple[float, float], ...] = ((0.0, 0.0),),
    settlement: str = "urban",
) -> cp.World:
    """A world of these facilities, of people at some points, and of the five places."""
    rows = houses() if frame is None else frame
    xy = rows[["x", "y"]].to_numpy(float) + worlds.ORIGIN
    facilities = gpd.GeoDataFrame(
        rows.drop(columns=["x", "y"]).reset_index(drop=True),
        geometry=gpd.points_from_xy(*xy.T),
        crs=worlds.CRS,
    )
    places = pd.DataFrame(PLACES, columns=["place_id", "place_level", "parent_id"]).assign(
        name=[row[0] for row in PLACES]
    )
    return cp.World(
        name="town",
        facilities=cp.Facilities(facilities),
        demand=worlds.demand(homes, 100.0, settlement=settlement, place_id="village"),
        places=cp.Places(gpd.GeoDataFrame(places, geometry=[None] * len(places), crs=worlds.CRS)),
    )
