"""Who may use which street, and how fast: the table of way classes, and speeds of a profile."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from io import StringIO
from typing import Literal, get_args

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.base.units import positive

Profile = Literal["walk", "cycle", "drive"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
WALKING_M_PER_MINUTE = 80.0  # Finnis and Walton 2008
_M_PER_MINUTE = 1000 / 60  # metres a minute in a kilometre an hour


@cache
def speed_table() -> pd.DataFrame:
    """Return the table of way classes: names, whether people walk there, cycling and driving speed.

    Returns
    -------
    DataFrame, index way_class (empty: unknown)
        ``en``, ``zh``, ``walk_m_per_minute``, ``cycle_m_per_minute``, ``drive_m_per_minute``; NaN where
        the profile may not go. Sources stand in ``street_speeds_sources.csv`` (:func:`speed_sources`).
    """
    text = _read("street_speeds.csv")
    table = text.set_index("way_class")[["en", "zh"]]
    walks = (text["walk"] == "yes").to_numpy()
    table["walk_m_per_minute"] = np.where(walks, WALKING_M_PER_MINUTE, np.nan)
    for profile in ("cycle", "drive"):
        km_per_hour = pd.to_numeric(text[f"{profile}_km_per_hour"], errors="coerce")
        table[f"{profile}_m_per_minute"] = km_per_hour.to_numpy(float) * _M_PER_MINUTE
    return table


def speed_sources() -> pd.DataFrame:
    """Return where the figures of :func:`speed_table` come from, and whether they were verified."""
    return _read("street_speeds_sources.csv")


def read_profile(profile: str) -> Profile:
    """Return the profile named, or raise with the closest known one."""
    for known in PROFILES:
        if profile == known:
            return known
    raise UnknownNameError.closest("streets.unknown_profile", str(profile), PROFILES)


def street_speeds(
    way_class: np.ndarray, profile: Profile, *, constant: float | None, own: Mapping[str, float] | None
) -> np.ndarray:
    """Return the speed on each street, metres a minute; NaN where the profile may not go.

    Parameters
    ----------
    way_class : ndarray of str, shape (n,)
    profile : {"walk", "cycle", "drive"}
    constant : float, optional
        One speed for all streets the profile may use.
    own : Mapping[str, float], optional
        Speeds by way class that go before the table's; 0 closes a class.
    """
    table = speed_table()[f"{profile}_m_per_minute"]
    if constant is not None:
        table = table.where(table.isna(), constant)
    table = table.copy()
    for name, speed in (own or {}).items():
        number = float(speed)
        if number < 0 or not np.isfinite(number):
            raise InputError.of("fault.not_positive", name=f"speeds[{name!r}]", value=speed)
        table.loc[name] = number if number > 0 else np.nan
    codes, classes = pd.factorize(pd.Series(way_class, dtype=object))
    known = [name if name in table.index else "" for name in classes]
    return table.loc[known].to_numpy(float)[codes]


def positive_or_none(name: str, value: float | None) -> float | None:
    """Return `value` if it is positive or None, or raise."""
    return None if value is None else positive(name, value)


def _read(name: str) -> pd.DataFrame:
    file = resources.files("cultureplan.travel").joinpath("data", name)
    return pd.read_csv(StringIO(file.read_text(encoding="utf-8")), dtype=str, keep_default_na=False)
