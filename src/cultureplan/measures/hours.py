"""Hours: who is covered at which hour of the week, and what evenings and weekends add.

A closed library covers nobody. Opening hours stand in the facilities' table in OpenStreetMap's
``opening_hours`` syntax and are read by the ``opening_hours`` library. The week is cut into slots of half
an hour (unless told otherwise); a facility counts as open in a slot if it is open when the slot begins. At
any hour the world is the world with only the open facilities (:func:`world_at`), so every measure of the
library can be taken at that hour; :func:`measure_weekly_coverage` does so for coverage and the whole week.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd
from opening_hours import OpeningHours, State, validate

from cultureplan.base.errors import InputError
from cultureplan.measures.circles import CircleStandard
from cultureplan.measures.coverage import measure_coverage
from cultureplan.measures.statistics import share_of
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Status
from cultureplan.world.world import World

ORDINARY_WEEK = dt.date(2026, 3, 2)  # a Monday; no public holiday in China that week
SLOT_MINUTES = 30
WEEK_MINUTES = 7 * 24 * 60
Missing = Literal["closed", "open", "error"]

# Parts of the week, in the syntax of the table. Offices in China keep about 8:30 to 17:30; the law asks
# libraries to open at weekends (Public Library Law, in force 2018-01-01).
PERIODS: Mapping[str, str] = MappingProxyType(
    {
        "office": "Mo-Fr 08:30-17:30",
        "evening": "Mo-Su 18:00-22:00",
        "weekend": "Sa-Su 08:00-22:00",
        "night": "Mo-Su 22:00-24:00,00:00-08:00",
    }
)


@dataclass(frozen=True, kw_only=True, eq=False)
class OpeningWeek:
    """When facilities are open in a week.

    Parameters
    ----------
    is_open : DataFrame of bool, index facility_id
        One column a slot, labelled with its first minute since Monday 00:00.
    slot_minutes : int
        Length of a slot.
    unknown : tuple of str
        Facilities whose hours are not stated, in the order of the table.
    """

    is_open: pd.DataFrame = field(repr=False)
    slot_minutes: int
    unknown: tuple[str, ...] = ()

    @property
    def hours(self) -> pd.Series:
        """Hours open a week, by facility id."""
        return (self.is_open.sum(axis=1) * self.slot_minutes / 60).rename("hours")

    @property
    def always_open(self) -> pd.Index:
        """Facilities that never close, such as 24-hour self-service libraries."""
        return self.is_open.index[self.is_open.all(axis=1)]

    def hours_in(self, period: str) -> pd.Series:
        """Return the hours a week open within a part of the week, by facility id.

        Parameters
        ----------
        period : str
            One of :data:`PERIODS`, or hours in OpenStreetMap syntax such as ``Sa-Su``.
        """
        inside = period_slots(period, slot_minutes=self.slot_minutes)
        hours = self.is_open.loc[:, inside].sum(axis=1) * self.slot_minutes / 60
        return hours.rename("hours")


@dataclass(frozen=True, kw_only=True, eq=False)
class WeeklyCoverage:
    """Who is covered in each slot of a week.

    Parameters
    ----------
    standard : CircleStandard
        What coverage was measured by.
    opening : OpeningWeek
        When which facility is open.
    persons : Series, index demand_id
        Persons about whom the standard says something; 0 at the others.
    states : ndarray of bool, shape (n_states, n_demand)
        Whether each demand point is covered in each of the different states of the week.
    state_of_slot : ndarray of int, shape (n_slots,)
        State of each slot.
    """

    standard: CircleStandard
    opening: OpeningWeek
    persons: pd.Series = field(repr=False)
    states: np.ndarray = field(repr=False)
    state_of_slot: np.ndarray = field(repr=False)

    @property
    def slot_minutes(self) -> int:
        """Length of a slot."""
        return self.opening.slot_minutes

    @cached_property
    def curve(self) -> pd.DataFrame:
        """The week as a curve: one row a slot.

        Index ``minute`` since Monday 00:00; ``weekday`` (1 = Monday), ``time`` (HH:MM), ``n_open``
        facilities, ``persons`` covered, ``share``.
        """
        persons = (self.states @ self.persons.to_numpy())[self.state_of_slot]
        minute = self.opening.is_open.columns.to_numpy(np.int64)
        total = float(self.persons.sum())
        return pd.DataFrame(
            {
                "weekday": minute // 1440 + 1,
                "time": [f"{m % 1440 // 60:02d}:{m % 60:02d}" for m in minute],
                "n_open": self.opening.is_open.sum(axis=0).to_numpy(),
                "persons": persons,
                "share": [share_of(float(p), total) for p in persons],
            },
            index=self.opening.is_open.columns,
        )

    @cached_property
    def hours_covered(self) -> pd.Series:
        """Hours a week in which each demand point is covered, by demand id."""
        slots = np.bincount(self.state_of_slot, minlength=len(self.states))
        hours = slots @ self.states * self.slot_minutes / 60
        return pd.Series(hours, index=self.persons.index, name="hours_covered")

    def at(self, moment: dt.datetime) -> pd.Series:
        """Return whether each demand point is covered at the weekday and time of a moment."""
        state = self.state_of_slot[_minute_of_week(moment) // self.slot_minutes]
        return pd.Series(self.states[state], index=self.persons.index, name="is_covered")

    def covered_in(self, period: str) -> pd.Series:
        """Return the hours in which each demand point is covered within a part of the week.

        Parameters
        ----------
        period : str
            One of :data:`PERIODS`, or hours in OpenStreetMap syntax.
        """
        inside = period_slots(period, slot_minutes=self.slot_minutes)
        slots = np.bincount(self.state_of_slot[inside], minlength=len(self.states))
        hours = slots @ self.states * self.slot_minutes / 60
        return pd.Series(hours, index=self.persons.index, name="hours_covered")

    def by_period(self, periods: Mapping[str, str] = PERIODS) -> pd.DataFrame:
        """Return what each part of the week is worth.

        Parameters
        ----------
        periods : mapping of str to str
            Name -> hours in OpenStreetMap syntax. Two rows are always added: ``outside_office`` (all but
            the office hours) and ``week``.

        Returns
        -------
        DataFrame, index period
            ``hours`` in the period, ``mean_share`` (of the persons, over these hours),
            ``persons_at_some_time`` and ``persons_throughout`` the period, and
            ``share_of_covered_hours``: the part of all covered person-hours of the week that falls into
            the period.
        """
        masks = {name: period_slots(hours, slot_minutes=self.slot_minutes) for name, hours in periods.items()}
        masks["outside_office"] = ~period_slots("office", slot_minutes=self.slot_minutes)
        masks["week"] = np.ones(len(self.state_of_slot), dtype=bool)
        people, total = self.persons.to_numpy(), float(self.persons.sum())
        of_week = float((self.hours_covered.to_numpy() * people).sum())
        rows = {}
        for name, inside in masks.items():
            n_slots = int(inside.sum())
            slots = np.bincount(self.state_of_slot[inside], minlength=len(self.states)) @ self.states
            hours = n_slots * self.slot_minutes / 60
            person_hours = float((slots * people).sum()) * self.slot_minutes / 60
            rows[name] = {
                "hours": hours,
                "mean_share": share_of(person_hours, total * hours),
                "persons_at_some_time": float(people[slots > 0].sum()),
                "persons_throughout": float(people[(slots == n_slots) & (n_slots > 0)].sum()),
                "share_of_covered_hours": share_of(person_hours, of_week),
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("period")


def opening_week(
    facilities: Facilities,
    *,
    week_of: dt.date = ORDINARY_WEEK,
    slot_minutes: int = SLOT_MINUTES,
    missing: Missing = "closed",
    country: str | None = "CN",
) -> OpeningWeek:
    """Return when the existing facilities are open in a week.

    Parameters
    ----------
    facilities : Facilities
        With the column ``opening_hours``; only existing ones are taken.
    week_of : date
        Any day of the week; an ordinary week without public holidays if absent.
    slot_minutes : int
        Length of a slot; must divide an hour.
    missing : {"closed", "open", "error"}
        What a facility without stated hours counts as; ``unknown`` of the result lists them.
    country : str, optional
        Whose public holidays ``PH`` means.

    Raises
    ------
    InputError
        If hours are missing and that is an error, or the slots do not fit.
    """
    slot_minutes = _slot(slot_minutes)
    rows = facilities.select(status=(Status.EXISTING,))
    ids = facilities.ids[rows]
    frame = facilities.frame
    stated = frame["opening_hours"] if "opening_hours" in frame.columns else pd.Series([None] * len(frame))
    texts = [None if pd.isna(text) or not str(text).strip() else str(text) for text in stated.iloc[rows]]
    unknown = tuple(str(name) for name, text in zip(ids, texts, strict=True) if text is None)
    if unknown and missing == "error":
        raise InputError.of("hours.missing", n=len(unknown), first=unknown[0])
    monday = week_of - dt.timedelta(days=week_of.weekday())
    masks: dict[str | None, np.ndarray] = {
        text: _slots_of(text, monday=monday, slot_minutes=slot_minutes, country=country)
        for text in set(texts)
        if text is not None
    }
    n_slots = WEEK_MINUTES // slot_minutes
    masks[None] = np.full(n_slots, missing == "open")
    is_open = np.array([masks[text] for text in texts], dtype=bool).reshape(len(rows), n_slots)
    minutes = pd.Index(np.arange(n_slots) * slot_minutes, name="minute")
    return OpeningWeek(
        is_open=pd.DataFrame(is_open, index=ids, columns=minutes), slot_minutes=slot_minutes, unknown=unknown
    )


def world_at(
    world: World, moment: dt.datetime, *, missing: Missing = "closed", country: str | None = "CN"
) -> World:
    """Return the world as it stands at a moment: facilities that are not open count as closed.

    Any measure taken of it is that measure at that hour.

    Parameters
    ----------
    world : World
        The world.
    moment : datetime
        Local time.
    missing : {"closed", "open", "error"}
        What a facility without stated hours counts as.
    country : str, optional
        Whose public holidays ``PH`` means.

    Examples
    --------
    >>> import datetime as dt
    >>> import cultureplan as cp
    >>> world = cp.datasets.synthetic_world(n_demand=50, n_facilities=10, seed=7)
    >>> at_night = cp.hours.world_at(world, dt.datetime(2026, 3, 4, 3, 0))
    >>> len(at_night.facilities.select()) < len(world.facilities.select())
    True
    """
    week = opening_week(
        world.facilities, week_of=moment.date(), slot_minutes=1, missing=missing, country=country
    )
    return _with_open(world, week.is_open.index[week.is_open.iloc[:, _minute_of_week(moment)]])


def measure_weekly_coverage(
    world: World,
    standard: CircleStandard,
    *,
    week_of: dt.date = ORDINARY_WEEK,
    slot_minutes: int = SLOT_MINUTES,
    missing: Missing = "closed",
    country: str | None = "CN",
) -> WeeklyCoverage:
    """Measure who is covered in every slot of a week.

    Slots in which the same facilities are open are measured once.

    Parameters
    ----------
    world : World
        Facilities with ``opening_hours``.
    standard : CircleStandard
        As in :func:`~cultureplan.measures.coverage.measure_coverage`.
    week_of, slot_minutes, missing, country
        As in :func:`opening_week`.

    Returns
    -------
    WeeklyCoverage
    """
    week = opening_week(
        world.facilities, week_of=week_of, slot_minutes=slot_minutes, missing=missing, country=country
    )
    columns, state_of_slot = np.unique(week.is_open.to_numpy(), axis=1, return_inverse=True)
    states = np.zeros((columns.shape[1], len(world.demand)), dtype=bool)
    persons = np.zeros(len(world.demand))
    for state in range(columns.shape[1]):
        coverage = measure_coverage(_with_open(world, week.is_open.index[columns[:, state]]), standard)
        states[state] = coverage.is_covered.to_numpy()
        persons = (coverage.points["persons"] * coverage.points["has_rule"]).to_numpy()
    return WeeklyCoverage(
        standard=standard,
        opening=week,
        persons=pd.Series(persons, index=world.demand.ids, name="persons"),
        states=states,
        state_of_slot=np.ravel(state_of_slot),
    )


def period_slots(period: str, *, slot_minutes: int = SLOT_MINUTES) -> np.ndarray:
    """Return which slots of an ordinary week belong to a part of it, shape (n_slots,).

    Parameters
    ----------
    period : str
        One of :data:`PERIODS`, or hours in OpenStreetMap syntax.
    slot_minutes : int
        Length of a slot.
    """
    hours = PERIODS.get(period, period)
    return _slots_of(hours, monday=ORDINARY_WEEK, slot_minutes=_slot(slot_minutes), country=None)


def weekly_hours(facilities: Facilities, *, missing: Missing = "error") -> pd.Series:
    """Return the hours a week that each existing facility is open, by id: supply for the access measures."""
    return opening_week(facilities, missing=missing).hours


def _with_open(world: World, open_ids: Sequence[object] | pd.Index) -> World:
    frame = world.facilities.frame
    shut = (frame["status"] == Status.EXISTING) & ~frame["facility_id"].isin(list(open_ids))
    frame["status"] = frame["status"].mask(shut, str(Status.CLOSED))
    return world.with_facilities(Facilities(frame))


def _slots_of(hours: str, *, monday: dt.date, slot_minutes: int, country: str | None) -> np.ndarray:
    """Return the slots of a week in which hours hold at the slot's first minute."""
    if not validate(hours):
        raise InputError.of("hours.not_read", hours=hours)
    rules = OpeningHours(hours, country=country)
    begin = dt.datetime.combine(monday, dt.time())  # local time, as on the door
    is_open = np.zeros(WEEK_MINUTES // slot_minutes, dtype=bool)
    for start, end, state, _ in rules.intervals(begin, begin + dt.timedelta(minutes=WEEK_MINUTES)):
        if state == State.OPEN:
            first = (start - begin).total_seconds() / 60
            last = WEEK_MINUTES if end is None else (end - begin).total_seconds() / 60
            is_open[max(int(np.ceil(first / slot_minutes)), 0) : int(np.ceil(last / slot_minutes))] = True
    return is_open


def _minute_of_week(moment: dt.datetime) -> int:
    return moment.weekday() * 1440 + moment.hour * 60 + moment.minute


def _slot(minutes: int) -> int:
    if minutes not in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60):
        raise InputError.of("hours.bad_slot", minutes=minutes)
    return int(minutes)
