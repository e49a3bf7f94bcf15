"""What the pictures of access, equity, hours and streets are drawn from: small, counted by hand."""

from __future__ import annotations

import geopandas as gpd
from shapely import LineString

import cultureplan as cp
from tests.plotting.worlds import CRS, X0, Y0, world


def street_world() -> cp.World:
    """Return the hand-made world with one long street through it and one beside it."""
    lines = [
        LineString([(X0 + 1_000, Y0 + 2_000), (X0 + 9_000, Y0 + 2_000)]),
        LineString([(X0 + 9_000, Y0 + 2_000), (X0 + 38_000, Y0 + 6_000)]),
        LineString([(X0 + 9_000, Y0 + 2_000), (X0 + 9_000, Y0 + 9_000)]),
    ]
    streets = cp.StreetNetwork.from_edges(gpd.GeoDataFrame(geometry=lines, crs=CRS))
    return world().with_streets(streets)


def open_world() -> cp.World:
    """Return the hand-made world whose library in town is open on Tuesday morning, its branch always."""
    frame = world().facilities.frame
    frame["opening_hours"] = frame["facility_id"].map({"C": "Tu 09:00-12:00", "H": "off", "B1": "24/7"})
    return world().with_facilities(cp.Facilities(frame))


def circle(name: str, mode: object, *, limit: float = 15) -> cp.CircleStandard:
    """Return a standard with one limit for everybody."""
    rules = [cp.CircleRule(settlement=s, limit=limit, mode=mode) for s in ("urban", "rural")]
    return cp.CircleStandard(id=name, rules=tuple(rules))


LINE, ALONG = circle("line", cp.Walking()), circle("along", cp.Walking(detour=20.0))
