"""The hour of the week: which facilities of a state are shut then, and how an hour is worded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError
from cultureplan.base.messages import Lang, text
from cultureplan.lab.ground import Ground, Site
from cultureplan.measures.hours import opening_week
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Status

HOURS_A_WEEK = 168


@dataclass(frozen=True, kw_only=True, eq=False)
class Week:
    """When the facilities of a world are open.

    Parameters
    ----------
    stated : Mapping[str, str]
        Opening hours in OpenStreetMap syntax, by id, of the facilities that state any.
    is_open : ndarray of bool, shape (n_stated, 168)
        Whether each of these is open when an hour of the week begins; Monday 00:00 first.
    """

    stated: Mapping[str, str]
    is_open: np.ndarray = field(repr=False)

    def shut(self, hour: int) -> set[str]:
        """Return the ids of those that state hours and are shut when an hour begins."""
        return {name for name, is_open in zip(self.stated, self.is_open[:, hour], strict=True) if not is_open}


def stated_hours(ground: Ground) -> Mapping[str, str]:
    """Return the opening hours that the facilities of a world state, by id."""
    frame = ground.world.facilities.frame
    if "opening_hours" not in frame.columns:
        return {}
    pairs = zip(frame["facility_id"], frame["opening_hours"], strict=True)
    return {str(name): str(hours) for name, hours in pairs if not pd.isna(hours) and str(hours).strip()}


_weeks: WeakKeyDictionary[Ground, Week] = WeakKeyDictionary()


def week_of(ground: Ground) -> Week:
    """Return when the facilities of a world are open, read once."""
    if ground not in _weeks:
        _weeks[ground] = read_week(ground)
    return _weeks[ground]


def read_week(ground: Ground) -> Week:
    """Return when the facilities of a world are open, candidates and closed ones too."""
    stated = stated_hours(ground)
    frame = ground.world.facilities.frame
    rows = frame[frame["facility_id"].isin(list(stated))]
    if len(rows) == 0:
        return Week(stated={}, is_open=np.zeros((0, HOURS_A_WEEK), dtype=bool))
    as_if_open = Facilities(rows.assign(status=str(Status.EXISTING), parent_id=None))
    week = opening_week(as_if_open, slot_minutes=60).is_open
    return Week(stated=stated, is_open=week.loc[list(stated)].to_numpy(bool))


def asleep_ids(ground: Ground, week: Week, sites: Mapping[str, Site], hour: int) -> frozenset[str]:
    """Return the ids of the open sites that are shut when an hour begins.

    One of today that states no hours counts as shut; one that was added or opened here as open.
    """
    base, shut = ground.base_sites, week.shut(hour)
    return frozenset(
        name
        for name, site in sites.items()
        if site.is_open
        and (name in shut or (name not in week.stated and name in base and base[name].is_open))
    )


def validate_hour(hour: int) -> int:
    """Return an hour of the week, 0 (Monday 00:00) to 167, or raise InputError."""
    if isinstance(hour, bool) or int(hour) != hour or not 0 <= hour < HOURS_A_WEEK:
        raise InputError.of("lab_map.not_an_hour", hour=hour)
    return int(hour)


def hour_words(hour: int, lang: Lang = "en") -> str:
    """Return an hour of the week, such as ``Tuesday 10:00``."""
    return text("lab_map.hour_of_day", lang, day=day_words(hour // 24, lang), hour=f"{hour % 24:02d}:00")


def day_words(day: int, lang: Lang = "en") -> str:
    """Return the name of a day of the week; Monday is 0."""
    return text(f"lab_map.day_{day}", lang)
