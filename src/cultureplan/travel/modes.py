"""Travel modes: how a person gets to a facility, and what that costs.

A mode turns demand points and facilities into :class:`Reach` (counts and the nearest, no pairs kept) or
:class:`TravelCosts` (the pairs). Anything with the two methods of :class:`TravelMode` is a mode.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd

from cultureplan.base.checks import points_array
from cultureplan.base.units import Unit, positive
from cultureplan.travel.costs import TravelCosts
from cultureplan.travel.kernels import pairs_within, sites_near
from cultureplan.world.levels import Status
from cultureplan.world.world import World


@dataclass(frozen=True, kw_only=True, eq=False)
class Reach:
    """What each demand point has near it, without the pairs.

    Parameters
    ----------
    n_within : ndarray of int64, shape (n_demand,)
        Facilities within the limit.
    nearest : ndarray of int64, shape (n_demand,)
        Position of the nearest facility, however far; -1 where none can be reached.
    nearest_cost : ndarray of float64, shape (n_demand,)
        Its cost; infinite where none can be reached.
    """

    n_within: np.ndarray
    nearest: np.ndarray
    nearest_cost: np.ndarray


@runtime_checkable
class TravelMode(Protocol):
    """How people travel: the smallest thing the measures need to know."""

    @property
    def unit(self) -> Unit:
        """Unit of the costs."""

    def reach(self, world: World, demand: np.ndarray, facilities: np.ndarray, *, limit: float) -> Reach:
        """Return counts within `limit` and the nearest, for some rows of demand and facilities."""

    def costs(self, world: World, facilities: np.ndarray, *, limit: float) -> TravelCosts:
        """Return the costs from all demand points to some rows of the facilities."""


class PlanarMode(ABC):
    """A mode whose cost is the straight-line distance times a constant."""

    @property
    @abstractmethod
    def unit(self) -> Unit:
        """Unit of the costs."""

    @property
    @abstractmethod
    def cost_per_m(self) -> float:
        """Cost of a metre of straight line."""

    @abstractmethod
    def radius_m(self, limit: float) -> float:
        """Return the straight-line radius that a cost limit stands for."""

    def reach(self, world: World, demand: np.ndarray, facilities: np.ndarray, *, limit: float) -> Reach:
        """Return counts within `limit` and the nearest facility; ties go to the id that sorts first."""
        demand_xy = world.demand.xy[demand]
        by_id = facilities[np.argsort(world.facilities.ids.to_numpy(str)[facilities], kind="stable")]
        site_xy = world.facilities.xy[by_id]
        near = sites_near(demand_xy, site_xy, self.radius_m(limit))
        nearest = np.where(near.nearest >= 0, by_id[np.maximum(near.nearest, 0)] if len(by_id) else -1, -1)
        nearest_cost = near.nearest_m * self.cost_per_m
        n_within = near.n_within.astype(np.int64)
        return Reach(n_within=n_within, nearest=nearest, nearest_cost=nearest_cost)

    def costs(self, world: World, facilities: np.ndarray, *, limit: float) -> TravelCosts:
        """Return the costs of at most `limit` from all demand points to some facilities."""
        indptr, sites, distance_m = pairs_within(
            world.demand.xy, world.facilities.xy[facilities], self.radius_m(limit)
        )
        return TravelCosts(
            indptr=indptr,
            indices=sites,
            # the radius has decided who is inside; rounding must not put a cost above the limit
            values=np.minimum(distance_m * self.cost_per_m, limit),
            demand_ids=world.demand.ids,
            facility_ids=world.facilities.ids[facilities],
            unit=self.unit,
            limit=float(limit),
        )


@dataclass(frozen=True, kw_only=True)
class StraightLine(PlanarMode):
    """Straight-line distance, in metres, times a detour factor.

    Parameters
    ----------
    detour : float
        Path length over straight-line length; 1 means the straight line itself. About 1.2 is usual in
        towns (Newell 1980; O'Sullivan and Morrall 1996: 1.21-1.23).

    Examples
    --------
    >>> import cultureplan as cp
    >>> cp.StraightLine().radius_m(2_000)
    2000.0
    """

    detour: float = 1.0

    def __post_init__(self) -> None:
        positive("detour", self.detour)

    @property
    def unit(self) -> Unit:
        """Metres."""
        return Unit.METRES

    @property
    def cost_per_m(self) -> float:
        """Metres of path a metre of straight line."""
        return self.detour

    def radius_m(self, limit: float) -> float:
        """Return the straight-line radius that a path limit in metres stands for."""
        return positive("limit", limit) / self.detour


@dataclass(frozen=True, kw_only=True)
class Walking(PlanarMode):
    """Walking time, in minutes: straight line x detour / speed.

    Parameters
    ----------
    speed_m_per_minute : float
        About 80 for adults (Finnis and Walton 2008); over 65 about 70; 60 in r5r's defaults.
    detour : float
        Path length over straight-line length.

    Examples
    --------
    >>> import cultureplan as cp
    >>> cp.Walking(speed_m_per_minute=80, detour=1.2).radius_m(15)
    1000.0
    """

    speed_m_per_minute: float = 80.0
    detour: float = 1.2

    def __post_init__(self) -> None:
        positive("speed_m_per_minute", self.speed_m_per_minute)
        positive("detour", self.detour)

    @property
    def unit(self) -> Unit:
        """Minutes."""
        return Unit.MINUTES

    @property
    def cost_per_m(self) -> float:
        """Minutes a metre of straight line."""
        return self.detour / self.speed_m_per_minute

    def radius_m(self, limit: float) -> float:
        """Return the straight-line radius that a limit in minutes stands for."""
        return positive("limit", limit) * self.speed_m_per_minute / self.detour


def travel_costs(
    world: World, mode: TravelMode, *, limit: float, status: tuple[str, ...] = (Status.EXISTING,)
) -> TravelCosts:
    """Return the costs from every demand point to every facility within a limit.

    Parameters
    ----------
    world : World
        The world.
    mode : TravelMode
        For example ``StraightLine()`` (limit in metres) or ``Walking()`` (limit in minutes).
    limit : float
        Cutoff in the unit of the mode, inclusive.
    status : tuple of str
        Which facilities: existing ones unless told otherwise.

    Returns
    -------
    TravelCosts

    Examples
    --------
    >>> import cultureplan as cp
    >>> world = cp.datasets.synthetic_world(n_demand=200, n_facilities=10, seed=7)
    >>> costs = cp.travel_costs(world, cp.Walking(), limit=15)
    >>> str(costs.unit)
    'minutes'
    """
    return mode.costs(world, world.facilities.select(status=status), limit=positive("limit", limit))


def straight_line_costs(demand_xy: object, site_xy: object, *, limit_m: float) -> TravelCosts:
    """Return straight-line costs between two sets of points; ids are ``0 ... n - 1``.

    Parameters
    ----------
    demand_xy : array-like, shape (n_demand, 2), metres
    site_xy : array-like, shape (n_sites, 2), metres
    limit_m : float
        Cutoff, inclusive.

    Examples
    --------
    >>> import cultureplan as cp
    >>> cp.straight_line_costs([[0, 0], [900, 0]], [[300, 400]], limit_m=500).n_pairs
    1
    """
    demand, sites = points_array("demand_xy", demand_xy), points_array("site_xy", site_xy)
    indptr, indices, distance_m = pairs_within(demand, sites, positive("limit_m", limit_m))
    return TravelCosts(
        indptr=indptr,
        indices=indices,
        values=np.minimum(distance_m, limit_m),
        demand_ids=pd.RangeIndex(len(demand), name="demand_id"),
        facility_ids=pd.RangeIndex(len(sites), name="facility_id"),
        unit=Unit.METRES,
        limit=float(limit_m),
    )
