"""What a measure can ask: facilities, places and registers of one world, and the readings of one standard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from cultureplan.measures.hours import OpeningWeek, opening_week
from cultureplan.standards.catalogue import Standard
from cultureplan.standards.measured import Frame, MissingInput
from cultureplan.standards.readings import UNSET
from cultureplan.standards.registers import Registers
from cultureplan.world.levels import PlaceLevel
from cultureplan.world.world import World


@dataclass(frozen=True, kw_only=True, eq=False)
class Context:
    """One world, one standard and the registers that go with them.

    Parameters
    ----------
    world : World
    standard : Standard
    registers : Registers
        May be empty; a measure then names the register it lacks.
    as_of : date, optional
        Day up to which open intervals are counted.
    """

    world: World
    standard: Standard
    registers: Registers
    as_of: dt.date | None = None

    def resolve(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a measure with ``$setting`` replaced by the reading chosen."""
        return {
            key: self.standard.readings[value[1:]]
            if isinstance(value, str) and value.startswith("$")
            else value
            for key, value in args.items()
        }

    def figure(self, value: object, setting: str) -> float:
        """Return a setting's figure, or raise MissingInput where the user has set none."""
        if value is None or value == UNSET:
            raise MissingInput("setting", setting)
        return float(value)  # type: ignore[arg-type]

    # ---- facilities and places

    @cached_property
    def existing(self) -> Frame:
        """The existing facilities with ``home`` (the place each stands in), index facility_id."""
        frame = pd.DataFrame(self.world.facilities.frame.drop(columns="geometry"))
        frame["home"] = self.world.facility_places.to_numpy(object)
        frame["x_m"], frame["y_m"] = self.world.facilities.xy.T
        frame = frame[(frame["status"] == "existing").to_numpy(bool)]
        return frame.set_index(pd.Index(frame["facility_id"].astype(object), name="id"))

    @cached_property
    def week(self) -> OpeningWeek:
        """When the existing facilities are open in an ordinary week, to five minutes."""
        return opening_week(self.world.facilities, slot_minutes=5, missing="closed")

    def facilities(self, args: Mapping[str, Any]) -> Frame:
        """Return the existing facilities of the ``kinds`` and ``levels`` that a measure names."""
        frame = self.existing
        for key, column in (("kinds", "kind"), ("levels", "level")):
            if args.get(key):
                frame = frame[frame[column].isin(args[key]).to_numpy(bool)]
        if len(frame) == 0:
            raise MissingInput("facilities", "|".join([*args.get("kinds", ()), *args.get("levels", ())]))
        return frame

    def number(self, frame: Frame, column: str) -> Frame:
        """Return a number column of facilities, or raise MissingInput where the table lacks it."""
        if column not in frame.columns or frame[column].isna().all():
            raise MissingInput("column", f"facilities.{column}")
        return pd.to_numeric(frame[column], errors="coerce").astype(float)

    @cached_property
    def places(self) -> Frame:
        """The places with ``name`` and ``place_level``, index place_id."""
        if self.world.places is None or len(self.world.places) == 0:
            raise MissingInput("table", "places")
        frame = self.world.places.frame[["place_id", "name", "place_level"]]
        return frame.set_index(pd.Index(frame["place_id"].astype(object), name="id"))

    def places_at(self, levels: Iterable[str]) -> Frame:
        """Return the places of some levels, or raise MissingInput where there are none."""
        wanted = [str(level) for level in levels]
        frame = self.places[self.places["place_level"].isin(wanted).to_numpy(bool)]
        if len(frame) == 0:
            raise MissingInput("places", "|".join(wanted))
        return frame

    def ancestor(self, level: str) -> Frame:
        """Return place id -> id of the place of `level` it belongs to or is."""
        if self.world.places is None:
            raise MissingInput("table", "places")
        return self.world.places.ancestor_at(level)

    def place_name(self, place_id: object) -> str:
        """Return the name of a place, or its id where it has none here."""
        if self.world.places is None or place_id not in self.places.index:
            return "" if place_id is None or place_id != place_id else str(place_id)
        return str(self.places.at[place_id, "name"])

    def persons(self, settlement: str = "") -> Frame:
        """Return persons by the id of every place, those of the places below it included."""
        if settlement not in self._persons:
            self._persons[settlement] = self._count_persons(settlement)
        return self._persons[settlement]

    @cached_property
    def _persons(self) -> dict[str, Frame]:
        return {}

    def _count_persons(self, settlement: str) -> Frame:
        demand = self.world.demand
        persons = demand.persons
        if settlement:
            persons = persons[(demand.settlement == settlement).to_numpy(bool)]
        home = self.world.demand_places.reindex(persons.index)
        totals = [
            persons.groupby(home.map(self.ancestor(str(level))).to_numpy(object)).sum()
            for level in PlaceLevel
        ]
        joined = pd.concat([total for total in totals if len(total)] or [pd.Series(dtype=float)])
        return joined[~joined.index.duplicated()]

    # ---- registers

    def register(self, name: str) -> Frame:
        """Return a register, or raise MissingInput."""
        if name not in self.registers:
            raise MissingInput("register", name)
        frame = self.registers[name]
        if "facility_id" in frame.columns and "place_id" in frame.columns:
            of_facility = frame["facility_id"].map(self.world.facility_places)
            frame["place_id"] = frame["place_id"].where(frame["place_id"].notna(), of_facility)
        return frame

    def records(self, args: Mapping[str, Any]) -> Frame:
        """Return the rows of ``register`` that keep to ``where``, ``contains``, ``filled`` and ``due``."""
        frame = self.register(args["register"])
        keep = np.ones(len(frame), dtype=bool)
        for column, wanted in args.get("where", {}).items():
            keep &= matches(frame[column], wanted)
        for column, code in args.get("contains", {}).items():
            keep &= frame[column].map(lambda codes, code=code: code in codes).to_numpy(bool)
        for column in args.get("filled", ()):
            keep &= is_filled(frame[column])
        if args.get("due"):
            last = pd.Period(args["due"], freq="M").end_time
            keep &= (frame["date"] <= last).to_numpy(bool)
        return frame[keep]

    def years_of(self, name: str) -> Sequence[int]:
        """Return every year from the first to the last that a register tells of."""
        frame = self.register(name)
        years = record_years(frame).dropna()
        if len(years) == 0:
            raise MissingInput("rows", name)
        return range(int(years.min()), int(years.max()) + 1)


def matches(values: Frame, wanted: object) -> np.ndarray:
    """Return where a column has a value, or one of several; ``yes`` and ``no`` are flags."""
    options = wanted if isinstance(wanted, list | tuple) else [wanted]
    if str(values.dtype) == "boolean":
        return np.asarray(values.fillna(False).astype(bool) == (options[0] == "yes"))
    return np.asarray(values.isin(list(options)).to_numpy(bool))


def is_filled(values: Frame) -> np.ndarray:
    """Return where a column says something: a value, a number above 0, at least one code."""

    def says(value: Any) -> bool:
        if isinstance(value, tuple):
            return len(value) > 0
        if isinstance(value, float):
            return value > 0
        return not pd.isna(value)

    return np.array([says(value) for value in values], dtype=bool)


def record_years(frame: Frame) -> Frame:
    """Return the year of each record: its ``year``, or that of its ``date``."""
    if "year" in frame.columns:
        return frame["year"].astype(float)
    return frame["date"].dt.year.astype(float)
