"""Supply: what a facility has to offer, read from the facilities' table for the access measures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.measures.hours import opening_week
from cultureplan.world.levels import Status
from cultureplan.world.world import World

WEEKLY_HOURS = "weekly_hours"


def supply_of(world: World, column: str, *, missing: float | None = None) -> pd.Series:
    """Return what each existing facility offers, by facility id: ready as ``supply=``.

    Parameters
    ----------
    world : World
        The world.
    column : str
        A numeric column of the facilities (``floor_area_m2``, ``volumes``, ``seats``, ``staff_posts``,
        ``computers``, ``capacity_persons`` ...) or ``weekly_hours``, the hours a week by
        ``opening_hours``.
    missing : float, optional
        What to take where nothing is stated; an error if absent.

    Returns
    -------
    Series, index facility_id

    Raises
    ------
    UnknownNameError
        If there is no such column of numbers.
    InputError
        If a facility states nothing and `missing` is not given.

    Examples
    --------
    >>> import cultureplan as cp
    >>> world = cp.datasets.synthetic_world(n_demand=50, n_facilities=5, seed=7)
    >>> places = cp.access.supply_of(world, "capacity_persons", missing=0)
    >>> len(places) == len(world.facilities.select())
    True
    """
    rows = world.facilities.select(status=(Status.EXISTING,))
    frame, ids = world.facilities.frame.iloc[rows], world.facilities.ids[rows]
    if column == WEEKLY_HOURS:
        week = opening_week(world.facilities, missing="error" if missing is None else "closed")
        return week.hours.mask(week.hours.index.isin(week.unknown), missing).rename(column)
    numeric = [name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name])]
    if column not in numeric:
        raise UnknownNameError.closest("access.unknown_supply", column, [*numeric, WEEKLY_HOURS])
    values = frame[column].to_numpy(float, na_value=np.nan)
    unstated = np.isnan(values)
    if unstated.any() and missing is None:
        raise InputError.of(
            "access.supply_missing", column=column, n=int(unstated.sum()), first=str(ids[unstated][0])
        )
    filled = np.where(unstated, missing if missing is not None else np.nan, values)
    return pd.Series(filled, index=ids, name=column)
