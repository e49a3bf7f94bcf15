"""Who is newly served, by place and by group: persons, against the world of today."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cultureplan.base.messages import Lang
from cultureplan.lab.meter import Measured
from cultureplan.lab.state import LabState
from cultureplan.plotting.wording import group_words, shown_names

_LEVELS = ("township", "county", "city")  # the finest that still makes a short table comes first
COLUMNS = ("name", "persons", "covered_before", "covered_now", "change")


def by_place(state: LabState, now: Measured, today: Measured, *, lang: Lang = "en") -> pd.DataFrame:
    """Return persons covered before and now by place, those that change most first.

    Parameters
    ----------
    state : LabState
        What holds now.
    now, today : Measured
        Coverage now, and before any change, by the same standard.
    lang : {"en", "zh"}
        Language of the names.

    Returns
    -------
    DataFrame
        ``name``, ``persons`` (those the standard says something about), ``covered_before``,
        ``covered_now``, ``change``; empty where the world has no places.
    """
    world = state.ground.world
    if world.places is None:
        return pd.DataFrame(columns=list(COLUMNS))
    known = set(world.places.frame["place_level"])
    level = next((name for name in _LEVELS if name in known), None)
    homes = world.demand_places
    keys = homes if level is None else homes.map(world.places.ancestor_at(level))
    table = _counted(keys.to_numpy(object), world.demand.persons.to_numpy(float), now, today)
    names = shown_names(world.places, lang)
    table.insert(0, "name", [str(names.get(key, key)) for key in table.index])
    order = np.lexsort((-table["persons"].to_numpy(), -table["change"].abs().to_numpy()))
    return table.iloc[order].reset_index(drop=True)


def by_group(state: LabState, now: Measured, today: Measured, *, lang: Lang = "en") -> pd.DataFrame:
    """Return persons covered before and now by group (minors, older ...); empty where none is known.

    Parameters and columns are those of :func:`by_place`.
    """
    demand = state.ground.world.demand
    parts = []
    for column in demand.groups:
        persons = pd.to_numeric(demand.frame[column]).fillna(0.0).to_numpy(float)
        everyone = np.zeros(len(persons), dtype=int)
        row = _counted(everyone, persons, now, today)
        row.insert(0, "name", [group_words(column, lang)] * len(row))
        parts.append(row)
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(parts, ignore_index=True)


def _counted(keys: np.ndarray, persons: np.ndarray, now: Measured, today: Measured) -> pd.DataFrame:
    counted = pd.DataFrame(
        {
            "key": keys,
            "persons": persons * now.has_rule,
            "covered_before": persons * (today.is_covered & now.has_rule),
            "covered_now": persons * now.is_covered,
        }
    )
    table = counted.groupby("key", dropna=True).sum()
    table["change"] = table["covered_now"] - table["covered_before"]
    return table[table["persons"] > 0]
