"""A scenario: a world with changes, none of which touches the world itself."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Self

import geopandas as gpd

from cultureplan.base.errors import InputError
from cultureplan.planning.changes import Add, Change, ChangeLevel, Close, Move, Open, Reassign
from cultureplan.siting.result import SitingResult
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Level
from cultureplan.world.world import World


@dataclass(frozen=True, eq=False)
class Scenario:
    """A world and the changes that would be made to it; every method returns another scenario.

    Parameters
    ----------
    world : World
        The world as it is.
    changes : tuple of Change
        In the order in which they are made.
    name : str
        Name of the world after the changes; the world's own where empty.

    Examples
    --------
    >>> import cultureplan as cp
    >>> world = cp.load_world("sanheyuan")
    >>> closed = world.network.ids[-1]
    >>> after = cp.Scenario(world).close(closed).apply()
    >>> len(world.network.ids) - len(after.network.ids)
    1
    """

    world: World
    changes: tuple[Change, ...] = ()
    name: str = ""

    def add(self, what: SitingResult | Facilities | str | None = None, **facility: Any) -> Self:
        """Return the scenario with facilities opened or added.

        Parameters
        ----------
        what : SitingResult, Facilities or str, optional
            The sites that a solver opened, a table of new facilities, or the id of a candidate.
        **facility
            A single new facility: ``facility_id``, ``x_m``, ``y_m`` and any column of the table.

        Raises
        ------
        InputError
            When the scenario is applied: an id that is taken, or already open.
        """
        if isinstance(what, str):
            return self._with(Open(facility_id=what))
        if isinstance(what, SitingResult):
            return self._with(*self._opened(what))
        if isinstance(what, Facilities):
            return self._with(*(_addition(row) for row in _records(what.frame)))
        if not facility:
            raise InputError.of("planning.nothing_to_add")
        return self._with(_addition(facility))

    def close(self, *facility_ids: str) -> Self:
        """Return the scenario with some facilities closed."""
        return self._with(*(Close(facility_id=facility_id) for facility_id in facility_ids))

    def move(self, facility_id: str, *, x_m: float, y_m: float) -> Self:
        """Return the scenario with one facility moved (metres in the world's coordinate system)."""
        return self._with(Move(facility_id=facility_id, x_m=x_m, y_m=y_m))

    def change_level(self, facility_id: str, level: str, *, parent_id: str | None = None) -> Self:
        """Return the scenario with one facility's level (and parent, where named) changed."""
        return self._with(ChangeLevel(facility_id=facility_id, level=level, parent_id=parent_id))

    def reassign(self, facility_id: str, parent_id: str) -> Self:
        """Return the scenario with one facility reporting to another."""
        return self._with(Reassign(facility_id=facility_id, parent_id=parent_id))

    def named(self, name: str) -> Self:
        """Return the scenario under another name."""
        return dataclasses.replace(self, name=name)

    def apply(self) -> World:
        """Return the world after all changes.

        Raises
        ------
        CulturePlanError
            If a change does not fit, or the facilities would no longer be a valid table.
        """
        frame = self.world.facilities.frame
        for change in self.changes:
            frame = change.apply(frame)
        world = self.world.with_facilities(Facilities(frame))
        return dataclasses.replace(world, name=self.name) if self.name else world

    def _with(self, *changes: Change) -> Self:
        return dataclasses.replace(self, changes=(*self.changes, *changes))

    def _opened(self, result: SitingResult) -> tuple[Change, ...]:
        known = set(self.world.facilities.ids)
        opened = [str(facility_id) for facility_id in result.opened]
        there = [Open(facility_id=facility_id) for facility_id in opened if facility_id in known]
        missing = [facility_id for facility_id in opened if facility_id not in known]
        if missing and result.facilities is None:
            raise InputError.of("planning.no_location", facility_id=missing[0], n=len(missing))
        rows = [] if result.facilities is None else _records(result.facilities)
        wanted = set(missing)
        return (*there, *(_addition(row) for row in rows if row["facility_id"] in wanted))


def _records(facilities: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    frame = facilities.copy(deep=False)
    frame["x_m"], frame["y_m"] = frame.geometry.x, frame.geometry.y
    rows = frame.drop(columns=["geometry", "status"]).to_dict("records")
    return [{str(k): v for k, v in row.items() if v is not None and v == v} for row in rows]


def _addition(facility: dict[str, Any]) -> Add:
    """Return the change that adds one facility given as a record."""
    record = dict(facility)
    try:
        return Add(
            facility_id=str(record.pop("facility_id")),
            x_m=float(record.pop("x_m")),
            y_m=float(record.pop("y_m")),
            level=str(record.pop("level", Level.SERVICE_POINT)),
            kind=str(record.pop("kind", "library")),
            attributes=record,
        )
    except KeyError as error:
        raise InputError.of("planning.missing_field", field=str(error.args[0])) from None
