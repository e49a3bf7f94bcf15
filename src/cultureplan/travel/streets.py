"""Travel along streets: on foot, by cycle or by car, in minutes or in metres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from cultureplan.base.checks import points_array
from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.base.units import Unit, positive, read_unit
from cultureplan.travel.costs import TravelCosts
from cultureplan.travel.modes import Reach
from cultureplan.travel.street_graph import Snapped, StreetGraph
from cultureplan.travel.street_search import (
    count_along_streets,
    nearest_along_streets,
    pairs_along_streets,
)
from cultureplan.travel.street_speeds import (
    WALKING_M_PER_MINUTE,
    Profile,
    positive_or_none,
    read_profile,
    street_speeds,
)
from cultureplan.world.streets import StreetNetwork
from cultureplan.world.world import World

OffNetwork = Literal["error", "leave_out"]
_OFF_NETWORK = ("error", "leave_out")
_SHOWN = 5

_graphs: WeakKeyDictionary[StreetNetwork, dict[tuple[object, ...], StreetGraph]] = WeakKeyDictionary()


@dataclass(frozen=True, kw_only=True)
class Streets:
    """Travel along the streets of a world, from where people live to the facility.

    People and facilities join the street network at the nearest point of the nearest street that the
    profile may use. The way from a point to its street is part of the cost (a straight line, on foot).
    Turns and crossings cost nothing, and the hour of the day plays no part.

    Parameters
    ----------
    speed_m_per_minute : float, optional
        One speed on all streets. Where absent: 80 on foot (Finnis and Walton 2008), and by cycle or car
        the speeds by way class in :func:`~cultureplan.travel.street_speeds.speed_table`.
    profile : {"walk", "cycle", "drive"}
        Which streets may be used. One-way streets bind cycles and cars, not walkers.
    unit : {"minutes", "m"}
        What is kept short and reported: time, or length along the streets.
    snap_limit_m : float
        Who lives farther than this from any street cannot reach anything; see :meth:`unsnapped`.
    off_street : bool
        Whether the way between a point and its street counts.
    off_network : {"error", "leave_out"}
        What to do with a facility beyond the snap limit: raise, or treat it as unreachable.
    one_way : bool, optional
        Whether one-way marks bind, whatever the profile.
    speeds : Mapping[str, float], optional
        Metres a minute by way class, before those of the table; 0 closes a class to the profile.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan.travel.streets import Streets
    >>> str(Streets(speed_m_per_minute=80).unit), str(Streets(unit="m").unit)
    ('minutes', 'm')
    """

    speed_m_per_minute: float | None = None
    profile: Profile = "walk"
    unit: Unit = Unit.MINUTES
    snap_limit_m: float = 500.0
    off_street: bool = True
    off_network: OffNetwork = "error"
    one_way: bool | None = None
    speeds: Mapping[str, float] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", read_unit(self.unit))
        object.__setattr__(self, "profile", read_profile(self.profile))
        positive("snap_limit_m", self.snap_limit_m)
        positive_or_none("speed_m_per_minute", self.speed_m_per_minute)
        if self.off_network not in _OFF_NETWORK:
            raise UnknownNameError.closest(
                "streets.unknown_choice", str(self.off_network), _OFF_NETWORK, argument="off_network"
            )
        if self.speeds is not None:
            street_speeds(np.empty(0, object), self.profile, constant=None, own=self.speeds)

    def reach(self, world: World, demand: np.ndarray, facilities: np.ndarray, *, limit: float) -> Reach:
        """Return counts within `limit` and the nearest facility; ties go to the id that sorts first."""
        graph = self.world_graph(world)
        limit = positive("limit", limit)
        by_id = facilities[np.argsort(world.facilities.ids.to_numpy(str)[facilities], kind="stable")]
        points = self._snap_demand(graph, world, demand)
        sites = self.snap_facilities(world, by_id)
        site, cost = nearest_along_streets(graph, sites, points)
        n_within = count_along_streets(graph, sites, points, limit=limit)
        nearest = np.where(site >= 0, by_id[np.maximum(site, 0)] if len(by_id) else -1, -1)
        return Reach(n_within=n_within, nearest=nearest, nearest_cost=cost)

    def costs(self, world: World, facilities: np.ndarray, *, limit: float) -> TravelCosts:
        """Return the costs of at most `limit` from all demand points to some facilities."""
        graph = self.world_graph(world)
        points = self._snap_demand(graph, world, np.arange(len(world.demand)))
        sites = self.snap_facilities(world, facilities)
        return self._table(
            graph,
            points,
            sites,
            demand_ids=world.demand.ids,
            facility_ids=world.facilities.ids[facilities],
            limit=positive("limit", limit),
        )

    def costs_between(
        self, streets: StreetNetwork, demand_xy: object, site_xy: object, *, limit: float
    ) -> TravelCosts:
        """Return the costs along streets between two sets of points; ids are ``0 ... n - 1``.

        Parameters
        ----------
        streets : StreetNetwork
        demand_xy : array-like, shape (n_demand, 2), metres
            Where ways begin, in the coordinate system of `streets`.
        site_xy : array-like, shape (n_sites, 2), metres
            Where they end. A site beyond the snap limit has no pairs.
        limit : float
            Cutoff in the unit of the mode, inclusive.
        """
        graph = self.graph(streets)
        demand, sites = points_array("demand_xy", demand_xy), points_array("site_xy", site_xy)
        return self._table(
            graph,
            graph.snap(demand, self.snap_limit_m),
            graph.snap(sites, self.snap_limit_m),
            demand_ids=pd.RangeIndex(len(demand), name="demand_id"),
            facility_ids=pd.RangeIndex(len(sites), name="facility_id"),
            limit=positive("limit", limit),
        )

    def snapped(self, world: World) -> pd.DataFrame:
        """Return where every demand point and facility joins the streets.

        Returns
        -------
        DataFrame
            ``table`` (demand, facilities), ``id``, ``is_snapped``, ``distance_m`` (to the nearest usable
            street, however far), ``street`` (row of that street), ``share`` (how far along it, 0 to 1)
            and ``part`` (connected part of the network; 0 is the longest).
        """
        streets = _streets_of(world)
        graph = self.graph(streets)
        frames = []
        for name, table in (("demand", world.demand), ("facilities", world.facilities)):
            far = graph.snap(table.xy, np.inf)
            frame = pd.DataFrame(
                {
                    "table": name,
                    "id": table.ids.to_numpy(object),
                    "is_snapped": graph.snap(table.xy, self.snap_limit_m).is_snapped,
                    "distance_m": far.distance_m,
                    "street": far.street,
                    "share": far.share,
                    "part": streets.node_part[streets.tail[far.street]],
                }
            )
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def unsnapped(self, world: World) -> pd.DataFrame:
        """Return the demand points and facilities beyond the snap limit: rows of :meth:`snapped`."""
        table = self.snapped(world)
        return table[~table["is_snapped"]].drop(columns="is_snapped").reset_index(drop=True)

    def graph(self, streets: StreetNetwork) -> StreetGraph:
        """Return the network made ready for this mode; made once for each network.

        Raises
        ------
        InputError
            If the profile may use no street of the network.
        """
        speeds = None if self.speeds is None else tuple(sorted(self.speeds.items()))
        key = (self.profile, self.unit, self.speed_m_per_minute, self.off_street, self.one_way, speeds)
        made = _graphs.setdefault(streets, {})
        if key not in made:
            made[key] = self._prepared(streets)
        return made[key]

    def world_graph(self, world: World) -> StreetGraph:
        """Return the streets of a world made ready for this mode."""
        return self.graph(_streets_of(world))

    def snap_facilities(self, world: World, facilities: np.ndarray) -> Snapped:
        """Return where some rows of the facilities join the streets.

        Raises
        ------
        InputError
            Naming facilities beyond the snap limit, unless they are left out.
        """
        snapped = self.world_graph(world).snap(world.facilities.xy[facilities], self.snap_limit_m)
        off = np.flatnonzero(~snapped.is_snapped)
        if len(off) and self.off_network == "error":
            ids = [str(name) for name in world.facilities.ids[facilities[off[:_SHOWN]]]]
            named = ", ".join(ids) + (" ..." if len(off) > _SHOWN else "")
            raise InputError.of("streets.facility_off", n=len(off), limit_m=self.snap_limit_m, named=named)
        return snapped

    def _prepared(self, streets: StreetNetwork) -> StreetGraph:
        constant = self.speed_m_per_minute
        if constant is None and self.profile == "walk":
            constant = WALKING_M_PER_MINUTE
        speed = street_speeds(streets.way_class, self.profile, constant=constant, own=self.speeds)
        closed = np.isnan(speed)
        if closed.all():
            found = ", ".join(sorted({str(name) or "-" for name in streets.way_class}))
            raise InputError.of("streets.none_for_profile", profile=self.profile, found=found)
        # one speed, or none: lengths add up exactly, and are divided only at the end
        is_length = self.unit == Unit.METRES or (constant is not None and self.speeds is None)
        divisor, stub = 1.0, 1.0
        if is_length:
            along = back = streets.length_m
            if self.unit == Unit.MINUTES and constant is not None:
                divisor = constant
                stub = 1.0 if self.profile == "walk" else constant / WALKING_M_PER_MINUTE
        else:
            own_time = self.profile == "drive" and self.speed_m_per_minute is None
            table_time = streets.length_m / speed
            measured = streets.minutes if own_time else np.full((len(streets), 2), np.nan)
            along = np.where(np.isnan(measured[:, 0]), table_time, measured[:, 0])
            back = np.where(np.isnan(measured[:, 1]), table_time, measured[:, 1])
            stub = 1 / (constant if constant is not None and self.profile == "walk" else WALKING_M_PER_MINUTE)
        binds = self.one_way if self.one_way is not None else self.profile != "walk"
        along = np.where(closed, np.inf, along)
        back = np.where(closed | (binds & streets.oneway), np.inf, back)
        return StreetGraph(
            network=streets,
            # people go towards the facility, so the search spreads against them
            outward=back,
            inward=along,
            divisor=divisor,
            off_street_weight=stub if self.off_street else 0.0,
        )

    def _table(
        self,
        graph: StreetGraph,
        points: Snapped,
        sites: Snapped,
        *,
        demand_ids: pd.Index,
        facility_ids: pd.Index,
        limit: float,
    ) -> TravelCosts:
        start, point, cost = pairs_along_streets(graph, sites, points, limit=limit)
        # turning the rows round sorts each demand point's facilities in linear time
        by_site = csr_array((cost, point, start), shape=(len(facility_ids), len(demand_ids)))
        by_demand = by_site.tocsc()
        return TravelCosts(
            indptr=by_demand.indptr.astype(np.int64),
            indices=by_demand.indices.astype(np.int32),
            values=by_demand.data,
            demand_ids=demand_ids,
            facility_ids=facility_ids,
            unit=self.unit,
            limit=float(limit),
        )

    def _snap_demand(self, graph: StreetGraph, world: World, rows: np.ndarray) -> Snapped:
        """Return where people join the streets; some may be off them, but not the whole world."""
        everyone = world.demand.xy
        snapped = graph.snap(everyone[rows], self.snap_limit_m)
        if len(rows) and not snapped.is_snapped.any():
            distance_m = graph.snap(everyone, np.inf).distance_m
            if distance_m.min() > self.snap_limit_m:
                raise InputError.of(
                    "streets.all_off",
                    table="demand",
                    n=len(everyone),
                    limit_m=self.snap_limit_m,
                    nearest_m=float(distance_m.min()),
                )
        return snapped


def _streets_of(world: World) -> StreetNetwork:
    if world.streets is None:
        raise InputError.of("streets.no_streets", world=world.name)
    return world.streets
