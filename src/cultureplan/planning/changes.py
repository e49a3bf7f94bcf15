"""Changes to the facilities of a world: open, add, close, move, change level.

A change is a small frozen record that knows how to apply itself to a facilities table; a scenario is a
world and a tuple of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import geopandas as gpd
import pandas as pd
from shapely import Point

from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.world.levels import Level, Status


class Change(Protocol):
    """One change; the smallest thing a scenario needs to know about it."""

    def apply(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the facilities table after the change; `frame` is the caller's own copy."""


@dataclass(frozen=True, kw_only=True)
class Open:
    """Open a facility that is in the table as a candidate or closed.

    Parameters
    ----------
    facility_id : str
        Which one.
    """

    facility_id: str

    def apply(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the table with the facility existing."""
        row = _row(frame, self.facility_id)
        if frame.at[row, "status"] == Status.EXISTING:
            raise InputError.of("planning.already_open", facility_id=self.facility_id)
        frame.loc[row, "status"] = str(Status.EXISTING)
        return frame


@dataclass(frozen=True, kw_only=True)
class Add:
    """Add a facility that is not in the table yet.

    Parameters
    ----------
    facility_id : str
        A new id.
    x_m, y_m : float
        Where, in the metric coordinate system of the world.
    level : str
        Level; a service point unless told otherwise.
    kind : str
        What it is.
    attributes : Mapping, optional
        Further columns, such as ``name``, ``parent_id`` or ``build_cost``.
    """

    facility_id: str
    x_m: float
    y_m: float
    level: str = Level.SERVICE_POINT
    kind: str = "library"
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def apply(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the table with the facility added; without a parent it gets the nearest of a higher rank."""
        if self.facility_id in set(frame["facility_id"]):
            raise InputError.of("planning.id_taken", facility_id=self.facility_id)
        record = {
            "name": self.facility_id,
            "parent_id": nearest_parent(frame, self.level, self.x_m, self.y_m),
            **self.attributes,
            "facility_id": self.facility_id,
            "level": str(self.level),
            "kind": self.kind,
            "status": str(Status.EXISTING),
        }
        added = gpd.GeoDataFrame([record], geometry=[Point(self.x_m, self.y_m)], crs=frame.crs)
        return gpd.GeoDataFrame(pd.concat([frame, added], ignore_index=True), crs=frame.crs)


@dataclass(frozen=True, kw_only=True)
class Close:
    """Close an existing facility; those that report to it become orphans until they are reassigned."""

    facility_id: str

    def apply(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the table with the facility closed."""
        row = _row(frame, self.facility_id)
        if frame.at[row, "status"] != Status.EXISTING:
            raise InputError.of("planning.not_open", facility_id=self.facility_id)
        frame.loc[row, "status"] = str(Status.CLOSED)
        return frame


@dataclass(frozen=True, kw_only=True)
class Move:
    """Move a facility to another point, metres in the world's coordinate system."""

    facility_id: str
    x_m: float
    y_m: float

    def apply(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the table with the facility moved; the place it stands in is looked up anew."""
        row = _row(frame, self.facility_id)
        frame.loc[row, "geometry"] = Point(self.x_m, self.y_m)
        if "place_id" in frame.columns:
            frame.loc[row, "place_id"] = pd.NA
        return frame


@dataclass(frozen=True, kw_only=True)
class ChangeLevel:
    """Give a facility another level, and another parent where one is named."""

    facility_id: str
    level: str
    parent_id: str | None = None

    def apply(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the table with the level changed."""
        if self.level not in tuple(Level):
            raise UnknownNameError.closest("circles.unknown_level", str(self.level), list(Level))
        row = _row(frame, self.facility_id)
        frame.loc[row, "level"] = str(self.level)
        if self.parent_id is not None:
            _row(frame, self.parent_id)
            frame.loc[row, "parent_id"] = self.parent_id
        return frame


@dataclass(frozen=True, kw_only=True)
class Reassign:
    """Let a facility report to another one."""

    facility_id: str
    parent_id: str

    def apply(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the table with the parent changed."""
        _row(frame, self.parent_id)
        frame.loc[_row(frame, self.facility_id), "parent_id"] = self.parent_id
        return frame


def nearest_parent(frame: gpd.GeoDataFrame, level: str, x_m: float, y_m: float) -> str | None:
    """Return the id of the nearest existing facility of the next higher level that exists, or None."""
    if level not in tuple(Level):
        raise UnknownNameError.closest("circles.unknown_level", str(level), list(Level))
    ranks = frame["level"].map({item.value: item.rank for item in Level})
    higher = (frame["status"] == Status.EXISTING) & (ranks > Level(level).rank)
    if not higher.any():
        return None
    contenders = frame[higher & (ranks == ranks[higher].min())]
    contenders = contenders.sort_values("facility_id")
    return str(contenders["facility_id"].iloc[contenders.distance(Point(x_m, y_m)).to_numpy().argmin()])


def _row(frame: gpd.GeoDataFrame, facility_id: str) -> Any:
    found = frame.index[frame["facility_id"] == facility_id]
    if len(found) == 0:
        known = map(str, frame["facility_id"])
        raise UnknownNameError.closest("world.unknown_id", facility_id, known, table="facilities")
    return found[0]
