"""Small worlds for tests: a few points on a plane, as Hypothesis draws them or as a test spells them out."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import pandas as pd

import cultureplan as cp

CRS = "EPSG:4544"  # CGCS2000 / 3-degree Gauss-Kruger CM 105E
ORIGIN = np.array([500_000.0, 4_300_000.0])


def facilities(
    xy: Sequence[tuple[float, float]], *, ids: Sequence[str] | None = None, **columns: object
) -> cp.Facilities:
    """Facilities at points relative to the origin; columns are spread over all rows."""
    points = np.asarray(xy, dtype=float).reshape(-1, 2) + ORIGIN
    frame = pd.DataFrame(
        {
            "facility_id": ids if ids is not None else [f"F{i:03d}" for i in range(len(points))],
            "name": "a library",
            "level": "service_point",
            "kind": "library",
        }
    ).assign(**columns)
    return cp.Facilities(gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(*points.T), crs=CRS))


def demand(
    xy: Sequence[tuple[float, float]],
    persons: object = 1.0,
    *,
    settlement: object = "urban",
    **columns: object,
) -> cp.DemandPoints:
    """Demand points at points relative to the origin."""
    points = np.asarray(xy, dtype=float).reshape(-1, 2) + ORIGIN
    frame = pd.DataFrame({"demand_id": [f"D{i:03d}" for i in range(len(points))]}).assign(
        persons=persons, settlement=settlement, **columns
    )
    return cp.DemandPoints(gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(*points.T), crs=CRS))


def world(
    demand_xy: Sequence[tuple[float, float]],
    site_xy: Sequence[tuple[float, float]],
    *,
    persons: object = 1.0,
    settlement: object = "urban",
    kind: object = "library",
    **columns: object,
) -> cp.World:
    """A world of demand points and facilities."""
    return cp.World(
        name="test",
        demand=demand(demand_xy, persons, settlement=settlement),
        facilities=facilities(site_xy, kind=kind, **columns),
    )


def circle(
    limit_m: float, *, settlement: str = "urban", needs: tuple[cp.Need, ...] = (cp.Need(),)
) -> cp.CircleRule:
    """A straight-line rule."""
    return cp.CircleRule(settlement=settlement, limit=limit_m, mode=cp.StraightLine(), needs=needs)


def standard(*rules: cp.CircleRule) -> cp.CircleStandard:
    """A standard of some rules."""
    return cp.CircleStandard(id="test", rules=rules)


# whole metres: sums of squares are exact, so a brute-force oracle decides the rim as we do
points = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda p: (50.0 * p[0], 50.0 * p[1])),
    min_size=1,
    max_size=25,
)
radii = st.integers(1, 40).map(lambda k: 50.0 * k)
kinds = st.sampled_from(["library", "museum", "square", "book_house", "mobile_stop"])
settlements = st.sampled_from(["urban", "rural", "pastoral"])


@st.composite
def worlds(draw: st.DrawFn) -> cp.World:
    """Worlds of up to 25 demand points and 25 facilities of mixed kinds and settlements."""
    demand_xy, site_xy = draw(points), draw(points)
    n, m = len(demand_xy), len(site_xy)
    return world(
        demand_xy,
        site_xy,
        persons=draw(st.lists(st.integers(0, 1000), min_size=n, max_size=n)),
        settlement=draw(st.lists(settlements, min_size=n, max_size=n)),
        kind=draw(st.lists(kinds, min_size=m, max_size=m)),
    )


def distances_m(some_world: cp.World) -> np.ndarray:
    """Every distance of a small world, the plain way: shape (n_demand, n_facilities)."""
    gap = some_world.demand.xy[:, None, :] - some_world.facilities.xy[None, :, :]
    return np.asarray(np.hypot(gap[..., 0], gap[..., 1]))
