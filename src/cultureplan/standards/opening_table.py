"""Opening hours as the clauses ask about them: hours a week, hours when people are free, round the clock."""

from __future__ import annotations

import pandas as pd

from cultureplan.measures.hours import opening_week
from cultureplan.world.world import World

EVENINGS, WEEKENDS, OFFICE = "Mo-Fr 18:00-24:00", "Sa-Su 00:00-24:00", "Mo-Fr 08:30-17:30"


def opening_table(world: World) -> pd.DataFrame:
    """Return the opening hours of each existing facility, and how many fall when most people are free.

    Staggered and extended hours (错时、延时开放) are those on weekday evenings and at weekends; hours within
    the office day serve few who work.

    Parameters
    ----------
    world : World

    Returns
    -------
    DataFrame, index facility_id
        ``name``, ``level``, ``kind``, ``hours_per_week``, ``evening_share``, ``weekend_share``,
        ``office_share`` (shares of its own hours; NaN where it never opens), ``is_always_open``,
        ``is_stated`` (whether the table says anything about its hours).
    """
    week = opening_week(world.facilities, slot_minutes=5, missing="closed")
    frame = world.facilities.frame.set_index("facility_id").loc[week.hours.index]
    hours = week.hours.where(week.hours > 0)
    return pd.DataFrame(
        {
            "name": frame["name"].to_numpy(object),
            "level": frame["level"].to_numpy(object),
            "kind": frame["kind"].to_numpy(object),
            "hours_per_week": week.hours.to_numpy(float),
            "evening_share": (week.hours_in(EVENINGS) / hours).to_numpy(float),
            "weekend_share": (week.hours_in(WEEKENDS) / hours).to_numpy(float),
            "office_share": (week.hours_in(OFFICE) / hours).to_numpy(float),
            "is_always_open": week.hours.index.isin(week.always_open),
            "is_stated": ~week.hours.index.isin(week.unknown),
        },
        index=week.hours.index,
    )
