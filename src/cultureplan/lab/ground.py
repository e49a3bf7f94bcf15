"""What stays the same while somebody plans: people, places, candidate sites, and how to snap to them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd
from scipy.spatial import KDTree
from shapely import Point, STRtree

from cultureplan.base.errors import InputError
from cultureplan.base.messages import Lang
from cultureplan.measures.area import lowest_polygons
from cultureplan.measures.circles import load_circles
from cultureplan.siting.candidates import candidate_table
from cultureplan.siting.problem import CandidateSource
from cultureplan.world.demand import DemandPoints
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Level, Settlement, Status
from cultureplan.world.world import World

_ROOM = (
    1.0  # a facility may stand this many sizes of the world outside of it: nobody drops one further by intent
)
_FEW_POINTS = 2_000  # up to so many demand points each can be a candidate; above, a grid is

SnapKind = Literal["candidate", "demand", "free"]


@dataclass(frozen=True, kw_only=True)
class Site:
    """One facility as a map shows it.

    Parameters
    ----------
    facility_id, name, name_en : str
        Id and names; the English one may be empty.
    level, kind, status : str
        As in the facilities table.
    x_m, y_m : float
        Where, in metres of the world's coordinate system.
    parent_id : str
        Whom it reports to; empty for nobody.
    settlement : str
        Settlement type of the people nearest to it: says which of the circles is its own.
    """

    facility_id: str
    name: str
    level: str
    kind: str
    status: str
    x_m: float
    y_m: float
    name_en: str = ""
    parent_id: str = ""
    settlement: str = "urban"

    @property
    def is_open(self) -> bool:
        """Whether people can go there."""
        return self.status == Status.EXISTING

    def shut(self) -> Site:
        """Return the site as a closed one."""
        return replace(self, status=str(Status.CLOSED))

    def label(self, lang: Lang = "en") -> str:
        """Return the name in a language, or the id where there is none."""
        return (self.name_en if lang == "en" and self.name_en else self.name) or self.facility_id


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where a facility goes after snapping.

    Parameters
    ----------
    x_m, y_m : float
        Where, in metres.
    kind : {"candidate", "demand", "free"}
        What it snapped to.
    target_id : str
        Id of the candidate or demand point; empty for a free spot.
    """

    x_m: float
    y_m: float
    kind: SnapKind = "free"
    target_id: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class People:
    """Those of one settlement type: their rows in the demand table, and a world of their own."""

    rows: np.ndarray
    world: World


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """A world as it is, with what the lab looks up in it again and again.

    Parameters
    ----------
    world : World
        The world before any change.
    candidates : {"table", "demand", "places", "grid"} or Facilities, optional
        Where facilities may be opened; where absent, the world's own candidates, or else its demand
        points, or else (many points) a grid.
    """

    world: World
    candidates: CandidateSource | Facilities | None = None

    @cached_property
    def demand_xy(self) -> np.ndarray:
        """Coordinates of the people, shape (n_demand, 2), metres."""
        return self.world.demand.xy

    @cached_property
    def persons(self) -> np.ndarray:
        """Persons of each demand point, shape (n_demand,)."""
        return self.world.demand.persons.to_numpy(float)

    @cached_property
    def settlement(self) -> np.ndarray:
        """Settlement type of each demand point, shape (n_demand,)."""
        return self.world.demand.settlement.to_numpy(object)

    @cached_property
    def settlement_codes(self) -> np.ndarray:
        """Settlement type of each demand point as its place in :class:`Settlement`, shape (n_demand,)."""
        return pd.Categorical(self.settlement, categories=[str(name) for name in Settlement]).codes.astype(
            int
        )

    def people(self, settlement: str) -> People | None:
        """Return those who live in one settlement type, or None where nobody does."""
        if settlement not in self._people:
            rows = np.flatnonzero(self.settlement == settlement)
            self._people[settlement] = None
            if len(rows):  # a table without rows is none
                demand = DemandPoints(self.world.demand.frame.iloc[rows])
                self._people[settlement] = People(rows=rows, world=self.world.with_demand(demand))
        return self._people[settlement]

    @cached_property
    def _people(self) -> dict[str, People | None]:
        return {}

    @cached_property
    def demand_ids(self) -> np.ndarray:
        """Id of each demand point, shape (n_demand,)."""
        return self.world.demand.ids.to_numpy(object)

    @cached_property
    def demand_names(self) -> np.ndarray:
        """Name of each demand point, or else of the place it lies in; empty where neither is known."""
        frame = self.world.demand.frame
        names = pd.Series("", index=range(len(frame)), dtype=object)
        if self.world.places is not None:
            of_place = self.world.demand_places.map(self.world.places.names)
            names = pd.Series(of_place.to_numpy(object)).where(of_place.notna().to_numpy(), "")
        if "name" in frame.columns:
            own = frame["name"].astype(object)
            names = own.where(own.notna(), names)
        return names.to_numpy(object)

    def place_at(self, x_m: float, y_m: float) -> str | None:
        """Return the id of the smallest place with a boundary round a point, or None."""
        places, tree = self._place_tree
        found = tree.query(Point(x_m, y_m), predicate="intersects")
        return None if len(found) == 0 else str(places["place_id"].iloc[int(found.min())])

    @cached_property
    def _place_tree(self) -> tuple[pd.DataFrame, STRtree]:
        places = lowest_polygons(self.world.places)
        return places, STRtree(places.geometry.to_numpy())

    @cached_property
    def demand_place_ids(self) -> np.ndarray:
        """Id of the place each demand point lies in; None where it lies in none."""
        return self.world.demand_places.to_numpy(object)

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of people and facilities, metres."""
        both = np.concatenate([self.demand_xy, self.world.facilities.xy])
        if len(both) == 0:
            return (0.0, 0.0, 1.0, 1.0)
        (west, south), (east, north) = both.min(axis=0), both.max(axis=0)
        return float(west), float(south), float(east), float(north)

    @cached_property
    def base_sites(self) -> Mapping[str, Site]:
        """The facilities of the world before any change, by id."""
        frame = self.world.facilities.frame
        names = {c: _texts(frame, c) for c in ("name", "name_en", "parent_id", "level", "kind", "status")}
        ids, xy = self.world.facilities.ids, self.world.facilities.xy
        near = self.settlements_at(xy)
        return MappingProxyType(
            {
                str(facility_id): Site(
                    facility_id=str(facility_id),
                    x_m=float(xy[row, 0]),
                    y_m=float(xy[row, 1]),
                    settlement=near[row],
                    **{column: values[row] for column, values in names.items()},
                )
                for row, facility_id in enumerate(ids)
            }
        )

    @cached_property
    def candidate_sites(self) -> Mapping[str, Site]:
        """Where facilities may be opened, by id; empty where the world offers nothing of the kind."""
        source = self.candidate_source
        try:
            standard = load_circles("ordos-2014")  # asked for by "anywhere" only
            table = candidate_table(self.world, source, standard, level=Level.SERVICE_POINT, kind="library")
        except InputError:
            return MappingProxyType({})
        facilities = Facilities(table.assign(parent_id=None))
        ground = Ground(world=self.world.with_facilities(facilities))
        ground.__dict__["demand_tree"] = self.demand_tree
        return ground.base_sites

    @property
    def candidate_source(self) -> CandidateSource | Facilities:
        """Where candidates come from: as the caller said, or the world's own, or else what fits its size."""
        if self.candidates is not None:
            return self.candidates
        if len(self.world.facilities.select(status=(Status.CANDIDATE,))):
            return "table"
        return "demand" if len(self.world.demand) <= _FEW_POINTS else "grid"

    @cached_property
    def demand_tree(self) -> KDTree:
        """Finds the people nearest to a spot."""
        return KDTree(self.demand_xy)

    @cached_property
    def _candidate_tree(self) -> tuple[KDTree, list[str]]:
        sites = self.candidate_sites
        xy = np.array([(site.x_m, site.y_m) for site in sites.values()]).reshape(-1, 2)
        return KDTree(xy), list(sites)

    def settlements_at(self, xy: np.ndarray) -> list[str]:
        """Return the settlement type of the people nearest to each of some points, shape (n, 2)."""
        if len(self.demand_xy) == 0:
            return ["urban"] * len(xy)
        _, row = self.demand_tree.query(xy)
        return [str(name) for name in self.settlement[row]]

    def snap(self, x_m: float, y_m: float, *, within_m: float = 0.0) -> Spot:
        """Return where a facility dropped at a point goes.

        Parameters
        ----------
        x_m, y_m : float
            Where it was dropped, metres.
        within_m : float
            How far it may jump: to the nearest candidate, else to the nearest demand point; 0: not at all.

        Raises
        ------
        InputError
            If the point is no point, or far outside the world.
        """
        self.validate_point(x_m, y_m)
        if within_m > 0 and self.candidate_sites:
            tree, ids = self._candidate_tree
            distance_m, row = tree.query((x_m, y_m))
            if distance_m <= within_m:
                site = self.candidate_sites[ids[int(row)]]
                return Spot(x_m=site.x_m, y_m=site.y_m, kind="candidate", target_id=site.facility_id)
        if within_m > 0 and len(self.demand_xy):
            distance_m, row = self.demand_tree.query((x_m, y_m))
            if distance_m <= within_m:
                x, y = self.demand_xy[row]
                return Spot(x_m=float(x), y_m=float(y), kind="demand", target_id=str(self.demand_ids[row]))
        return Spot(x_m=float(x_m), y_m=float(y_m))

    def validate_point(self, x_m: float, y_m: float) -> None:
        """Raise InputError unless a point lies in the world or near it."""
        west, south, east, north = self.bounds
        room = _ROOM * max(east - west, north - south, 1_000.0)
        inside = west - room <= x_m <= east + room and south - room <= y_m <= north + room
        if not (math.isfinite(x_m) and math.isfinite(y_m) and inside):
            raise InputError.of("lab.outside", x=x_m, y=y_m)


def _texts(frame: pd.DataFrame, column: str) -> list[str]:
    """Return a column as texts, empty where it is missing."""
    if column not in frame.columns:
        return [""] * len(frame)
    values = frame[column]
    return [str(value) for value in values.astype(object).where(values.notna(), "")]
