"""Readings of ambiguous clauses: named settings of a standard, read from its file and from the user."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.measures.circles import Setting

Reading: TypeAlias = float | str

UNSET = "none"  # a setting without a figure: what it decides stays not assessable


def read_settings(
    specs: Mapping[str, Mapping[str, Any]], given: Mapping[str, Reading], *, standard: str
) -> tuple[Setting, ...]:
    """Return the settings of a standard with the readings the user gave.

    Parameters
    ----------
    specs : Mapping
        Table ``[settings]`` of the file: default, choices or limits, meaning, reference.
    given : Mapping[str, float or str]
        Readings other than the defaults.
    standard : str
        Id of the standard, used in messages.

    Raises
    ------
    UnknownNameError
        For a setting the standard does not have, or a choice the setting does not have.
    InputError
        For a figure outside the setting's limits.
    """
    for name in given:
        if name not in specs:
            raise UnknownNameError.closest("circles.unknown_setting", name, specs, standard=standard)
    return tuple(_read(name, spec, given.get(name)) for name, spec in specs.items())


def _read(name: str, spec: Mapping[str, Any], given: Reading | None) -> Setting:
    default, choices = spec["default"], tuple(spec.get("choices", ()))
    value = default if given is None else given
    if choices and value not in choices:
        raise UnknownNameError.closest("circles.bad_choice", str(value), choices, setting=name)
    if not choices and value != UNSET:
        value = _number(name, value, low=spec.get("low", -math.inf), high=spec.get("high", math.inf))
    return Setting(
        name=name,
        value=value,
        default=default,
        choices=choices,
        en=spec.get("en", ""),
        zh=spec.get("zh", ""),
        reference=spec.get("reference", ""),
    )


def _number(name: str, value: object, *, low: float, high: float) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number <= high:
        raise InputError.of("standards.setting_outside", name=name, value=value, low=low, high=high)
    return number
