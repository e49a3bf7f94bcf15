"""The world: facilities, people, places and streets that agree with each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import pandas as pd
from pyproj import CRS

from cultureplan.base.checks import FaultList, Origin
from cultureplan.base.crs import crs_name
from cultureplan.base.errors import WorldError
from cultureplan.world.demand import DemandPoints
from cultureplan.world.facilities import Facilities
from cultureplan.world.network import ServiceNetwork
from cultureplan.world.places import Places
from cultureplan.world.streets import StreetNetwork


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """What stands on the ground: the start of every measure, plan and report.

    Parameters
    ----------
    name : str
        Name people know it by.
    facilities : Facilities
        Existing, candidate and closed facilities.
    demand : DemandPoints
        Where people live.
    places : Places, optional
        Administrative units.
    streets : StreetNetwork, optional
        What people walk, cycle and drive along.
    notes : Mapping, optional
        Where the data came from: ``name_zh``, ``sources`` (list of mappings with ``what``, ``licence``,
        ``reference``), ``columns`` (what is real and what is modelled).
    origins : Mapping[str, Origin], optional
        File of each table, used in messages only.

    Raises
    ------
    WorldError
        If the tables differ in coordinate system, or one names a place that another does not have.
    """

    name: str
    facilities: Facilities
    demand: DemandPoints
    places: Places | None = None
    streets: StreetNetwork | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", MappingProxyType(dict(self.notes)))
        object.__setattr__(self, "origins", MappingProxyType(dict(self.origins)))
        faults = FaultList()
        self._validate_crs(faults)
        self._validate_place_ids(faults)
        faults.raise_if_any(WorldError)

    @property
    def crs(self) -> CRS:
        """The metric coordinate system that all tables share."""
        return self.demand.crs

    @cached_property
    def network(self) -> ServiceNetwork:
        """The administrative tree of the existing facilities."""
        return ServiceNetwork(facilities=self.facilities)

    def title(self, lang: str = "en") -> str:
        """Return the world's name in a language."""
        return str(self.notes.get("name_zh") or self.name) if lang == "zh" else self.name

    def with_facilities(self, facilities: Facilities) -> Self:
        """Return a world with other facilities and the same people and places."""
        return dataclasses.replace(self, facilities=facilities)

    def with_demand(self, demand: DemandPoints) -> Self:
        """Return a world with other people and the same facilities and places."""
        return dataclasses.replace(self, demand=demand)

    def with_streets(self, streets: StreetNetwork | None) -> Self:
        """Return a world with other streets and the same facilities, people and places."""
        return dataclasses.replace(self, streets=streets)

    def to_crs(self, crs: object) -> Self:
        """Return the world in another metric coordinate system."""
        return dataclasses.replace(
            self,
            facilities=self.facilities.to_crs(crs),
            demand=self.demand.to_crs(crs),
            places=None if self.places is None else self.places.to_crs(crs),
            streets=None if self.streets is None else self.streets.to_crs(crs),
        )

    @cached_property
    def facility_places(self) -> pd.Series:
        """Id of the place each facility stands in: as its table says, else the lowest polygon round it.

        Missing where neither tells.
        """
        return self._places_of(self.facilities)

    @cached_property
    def demand_places(self) -> pd.Series:
        """Id of the place each demand point lies in: as its table says, else the lowest polygon round it."""
        return self._places_of(self.demand)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "notes": dict(self.notes), "origins": dict(self.origins)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        read_only = {name: MappingProxyType(state[name]) for name in ("notes", "origins")}
        self.__dict__.update({**state, **read_only})

    def __repr__(self) -> str:
        places = 0 if self.places is None else len(self.places)
        streets = "" if self.streets is None else f"{len(self.streets):,} streets, "
        return (
            f"World({self.name!r}: {len(self.facilities):,} facilities, {len(self.demand):,} demand points "
            f"with {self.demand.persons.sum():,.0f} persons, {places:,} places, {streets}"
            f"{crs_name(self.crs)})"
        )

    def _places_of(self, table: Facilities | DemandPoints) -> pd.Series:
        frame = table.frame
        if "place_id" in frame.columns:
            found = frame["place_id"].astype(object).where(frame["place_id"].notna(), None)
        else:
            found = pd.Series([None] * len(frame), dtype=object)
        unknown = np.flatnonzero(found.isna())
        if self.places is not None and len(unknown) and len(self.places.polygons):
            from cultureplan.world.levels import PlaceLevel

            polygons = self.places.polygons
            rank = polygons["place_level"].map({level.value: level.rank for level in PlaceLevel}).to_numpy()
            points = frame.geometry.iloc[unknown]
            point, polygon = polygons.sindex.query(points, predicate="intersects")
            ids = polygons["place_id"].to_numpy(object)
            hits = pd.DataFrame({"point": point, "rank": rank[polygon], "id": ids[polygon]})
            lowest = hits.sort_values(["point", "rank", "id"]).drop_duplicates("point")
            found.iloc[unknown[lowest["point"].to_numpy()]] = lowest["id"].to_numpy(object)
        return pd.Series(found.to_numpy(object), index=table.ids, name="place_id", dtype=object)

    def _tables(self) -> dict[str, Facilities | DemandPoints | Places]:
        tables = {"facilities": self.facilities, "demand": self.demand, "places": self.places}
        return {name: table for name, table in tables.items() if table is not None}

    def _validate_crs(self, faults: FaultList) -> None:
        systems = {name: table.crs for name, table in self._tables().items()}
        if self.streets is not None:
            systems["streets"] = self.streets.crs
        if any(crs != self.crs for crs in systems.values()):
            listed = ", ".join(f"{name} {crs_name(crs)}" for name, crs in systems.items())
            faults.add("crs.differ", origin=Origin(table="world"), crs_list=listed, use=crs_name(self.crs))

    def _validate_place_ids(self, faults: FaultList) -> None:
        if self.places is None:
            return
        for name in ("facilities", "demand"):
            frame = self._tables()[name].frame
            if "place_id" in frame.columns:
                named = frame["place_id"].notna()
                unknown = named & ~frame["place_id"].isin(self.places.ids)
                origin = self.origins.get(name, Origin(table=name))
                faults.add_rows(
                    "world.unknown_place", origin=origin, frame=frame, bad=unknown, column="place_id"
                )
