"""Where a facility could be opened: from a table, at the demand points, at place centres, or on a grid."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import KDTree

from cultureplan.base.errors import InputError, UnknownNameError, WrongTypeError
from cultureplan.base.units import positive
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Status
from cultureplan.world.world import World

SOURCES = ("table", "demand", "places", "grid")
_GRID_POINTS = 400  # about so many, where no spacing is given


def candidate_table(
    world: World,
    source: str | Facilities | None,
    *,
    level: str,
    kind: str,
    grid_spacing_m: float | None = None,
) -> gpd.GeoDataFrame:
    """Return candidate sites as rows of a facilities table.

    A candidate whose id belongs to a facility that exists already (an earlier candidate that was opened)
    is left out.

    Parameters
    ----------
    world : World
        The world.
    source : {"table", "demand", "places", "grid"}, Facilities or None
        Where from; None takes the world's own candidates, or else its demand points.
    level, kind : str
        Of the candidates made here.
    grid_spacing_m : float, optional
        Spacing of the grid.

    Raises
    ------
    InputError
        If there is no candidate.
    UnknownNameError
        For another source.
    """
    own = world.facilities.frame.iloc[world.facilities.select(status=(Status.CANDIDATE,))]
    if isinstance(source, Facilities):
        table = source.to_crs(world.crs).frame
    elif source is None:
        table = own if len(own) else _at_demand(world)
    elif source == "table":
        table = own
    elif source == "demand":
        table = _at_demand(world)
    elif source == "places":
        table = _at_places(world)
    elif source == "grid":
        table = _on_grid(world, grid_spacing_m)
    elif isinstance(source, str):
        raise UnknownNameError.closest("siting.unknown_source", source, SOURCES)
    else:
        raise WrongTypeError.of(
            "fault.wrong_type", name="candidates", got=type(source).__name__, want="a Facilities table"
        )
    if "level" not in table.columns:
        table = table.assign(level=str(level), kind=str(kind))
    taken = world.facilities.ids[world.facilities.select(status=(Status.EXISTING,))]
    table = table[~table["facility_id"].isin(taken)].assign(status=str(Status.CANDIDATE))
    if len(table) == 0:
        raise InputError.of(
            "siting.no_candidates", source=str(source if isinstance(source, str) else "table")
        )
    return table


def _points(ids: list[str], names: list[str], xy: np.ndarray, world: World) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"facility_id": ids, "name": names}, geometry=shapely.points(xy.reshape(-1, 2)), crs=world.crs
    )


def _at_demand(world: World) -> gpd.GeoDataFrame:
    ids = [f"demand-{name}" for name in world.demand.ids]
    return _points(ids, ids, world.demand.xy, world)


def _at_places(world: World) -> gpd.GeoDataFrame:
    if world.places is None:
        return _points([], [], np.empty((0, 2)), world)
    frame = world.places.frame
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    centre = frame.geometry.representative_point()
    xy = np.column_stack([centre.x, centre.y])
    return _points([f"place-{name}" for name in frame["place_id"]], list(frame["name"]), xy, world)


def _on_grid(world: World, spacing_m: float | None) -> gpd.GeoDataFrame:
    xy = world.demand.xy
    low, size = xy.min(axis=0), np.ptp(xy, axis=0)
    if spacing_m is None:
        spacing_m = max(float(np.sqrt(max(size[0], 1.0) * max(size[1], 1.0) / _GRID_POINTS)), 1.0)
    step = positive("grid_spacing_m", spacing_m)
    x, y = (np.floor(low[k] / step) * step + step * np.arange(int(size[k] // step) + 2) for k in (0, 1))
    points = np.column_stack([part.ravel() for part in np.meshgrid(x, y)])
    near, _ = KDTree(xy).query(points)
    points = points[near <= step]  # a site nobody lives near is no use
    digits = max(4, len(str(len(points))))
    ids = [f"grid-{number:0{digits}d}" for number in range(1, len(points) + 1)]
    return _points(ids, ids, points, world)
