"""Where a facility could be opened: a table, homes, place centres, street nodes, a grid, anywhere."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import KDTree

from cultureplan.base.checks import points_array
from cultureplan.base.crs import crs_name
from cultureplan.base.errors import CrsError, InputError, UnknownNameError, WrongTypeError
from cultureplan.base.units import positive
from cultureplan.measures.circles import CircleStandard
from cultureplan.siting.anywhere import dominating_points, read_land
from cultureplan.travel.kernels import nearest_site
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Status
from cultureplan.world.streets import StreetNetwork
from cultureplan.world.world import World

SOURCES = ("table", "demand", "places", "grid", "streets", "anywhere")
_GRID_POINTS = 400  # about so many, where no spacing is given


def candidate_table(
    world: World,
    source: str | Facilities | gpd.GeoDataFrame | None,
    standard: CircleStandard,
    *,
    level: str,
    kind: str,
    spacing_m: float | None = None,
    allowed: Any = None,
) -> gpd.GeoDataFrame:
    """Return candidate sites as rows of a facilities table.

    A candidate whose id belongs to a facility that exists already (an earlier candidate that was opened)
    is left out.

    Parameters
    ----------
    world : World
        The world.
    source : {"table", "demand", "places", "grid", "streets", "anywhere"}, Facilities, GeoDataFrame or None
        Where from; None takes the world's own candidates, or else its demand points.
    standard : CircleStandard
        Whose circles are meant by ``"anywhere"``.
    level, kind : str
        Of the candidates made here.
    spacing_m : float, optional
        Spacing of the grid, or least distance between street nodes.
    allowed : polygons, optional
        Land on which a candidate may stand.

    Raises
    ------
    InputError
        If there is no candidate, or no circle or street to make them from.
    UnknownNameError
        For another source.
    """
    land = None if allowed is None else read_land(allowed)
    own = world.facilities.frame.iloc[world.facilities.select(status=(Status.CANDIDATE,))]
    if isinstance(source, Facilities):
        table = source.to_crs(world.crs).frame
    elif isinstance(source, gpd.GeoDataFrame):
        table = _read_table(source, world)
    elif source is None:
        table = own if len(own) else _at_demand(world)
    elif source == "table":
        table = own
    elif source == "demand":
        table = _at_demand(world)
    elif source == "places":
        table = _at_places(world)
    elif source == "grid":
        table = _on_grid(world, spacing_m)
    elif source == "streets":
        table = _on_streets(world, spacing_m)
    elif source == "anywhere":
        table = _anywhere(world, standard, land)
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
    if land is not None:
        table = table[shapely.intersects(land, table.geometry.to_numpy())]
    if len(table) == 0:
        raise InputError.of(
            "siting.no_candidates", source=str(source if isinstance(source, str) else "table")
        )
    return table


def street_candidates(
    streets: StreetNetwork, *, spacing_m: float | None = None, nearest_to: Any = None, allowed: Any = None
) -> gpd.GeoDataFrame:
    """Return street nodes as candidate sites, for ``SitingProblem.from_world(candidates=...)``.

    A facility stands at a street, so its nodes are where sites are looked for in a built-up town.

    Parameters
    ----------
    streets : StreetNetwork
        Streets.
    spacing_m : float, optional
        No two candidates are nearer to each other than this, in a straight line; and no node is farther
        than this from a candidate. All nodes where absent.
    nearest_to : GeoDataFrame, GeoSeries or array-like, shape (n, 2), optional
        Only the nodes nearest to some points (demand points, plots of public land).
    allowed : Polygon, MultiPolygon, GeoSeries or GeoDataFrame, optional
        Only nodes on this land, its edge included.

    Returns
    -------
    GeoDataFrame
        ``facility_id`` (``street-<node_id>``), ``name``, geometry; by id. The same for any order of rows.

    Examples
    --------
    >>> import cultureplan as cp
    >>> streets = cp.load_world("wuhan").streets
    >>> len(cp.street_candidates(streets)), len(cp.street_candidates(streets, spacing_m=500))
    (2917, 281)
    """
    names = streets.node_ids.astype(str).to_numpy(object)
    kept = np.argsort(names.astype(str), kind="stable")
    if allowed is not None:
        land = read_land(allowed)
        kept = kept[shapely.intersects_xy(land, streets.node_xy[kept])]
    if nearest_to is not None and len(kept):
        kept = kept[np.unique(nearest_site(_xy_of(nearest_to), streets.node_xy[kept])[0])]
    if spacing_m is not None:
        kept = kept[_thinned(streets.node_xy[kept], positive("spacing_m", spacing_m))]
    ids = [f"street-{name}" for name in names[kept]]
    return gpd.GeoDataFrame(
        {"facility_id": ids, "name": ids}, geometry=shapely.points(streets.node_xy[kept]), crs=streets.crs
    )


def _thinned(xy: np.ndarray, spacing_m: float) -> np.ndarray:
    """Return the first point, then each that is not within the spacing of one taken before."""
    tree, is_near, taken = KDTree(xy), np.zeros(len(xy), dtype=bool), []
    for at in range(len(xy)):
        if not is_near[at]:
            taken.append(at)
            near = np.asarray(tree.query_ball_point(xy[at], spacing_m * (1 + 1e-9)), dtype=np.int64)
            is_near[near[np.hypot(*(xy[near] - xy[at]).T) < spacing_m]] = True
    return np.asarray(taken, dtype=np.int64)


def _xy_of(points: Any) -> np.ndarray:
    if isinstance(points, gpd.GeoDataFrame | gpd.GeoSeries):
        return shapely.get_coordinates(points.geometry.to_numpy())
    return points_array("nearest_to", points)


def _read_table(table: gpd.GeoDataFrame, world: World) -> gpd.GeoDataFrame:
    """Return a table of one's own in the world's coordinate system, with ids and names."""
    if table.crs is None:
        raise CrsError.of("siting.candidates_without_crs", crs=crs_name(world.crs))
    table = table.to_crs(world.crs)
    digits = max(4, len(str(len(table))))
    if "facility_id" not in table.columns:
        ids = [f"site-{number:0{digits}d}" for number in range(1, len(table) + 1)]
        table = table.assign(facility_id=ids)
    return table if "name" in table.columns else table.assign(name=table["facility_id"].astype(str))


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
    return _points(*_numbered("grid", len(points)), points, world)


def _on_streets(world: World, spacing_m: float | None) -> gpd.GeoDataFrame:
    if world.streets is None:
        raise InputError.of("siting.no_streets")
    return street_candidates(world.streets, spacing_m=spacing_m).to_crs(world.crs)


def _anywhere(world: World, standard: CircleStandard, land: Any) -> gpd.GeoDataFrame:
    """Return the places that no other place beats, for the circles of a standard."""
    settlement = world.demand.settlement.to_numpy(object)
    radius = np.zeros(len(settlement))
    for rule in standard.rules:
        asked = settlement == str(rule.settlement)
        if asked.any() and rule.radius_m is None:
            raise InputError.of("siting.not_planar", settlement=str(rule.settlement))
        radius[asked] = rule.radius_m or 0.0
    asked = radius > 0
    points = dominating_points(world.demand.xy[asked], radius[asked], allowed=land)
    return _points(*_numbered("anywhere", len(points)), points, world)


def _numbered(word: str, n: int) -> tuple[list[str], list[str]]:
    digits = max(4, len(str(n)))
    ids = [f"{word}-{number:0{digits}d}" for number in range(1, n + 1)]
    return ids, ids
