"""The two units that a travel cost can have, and the arguments they are read from."""

from __future__ import annotations

import math
from enum import StrEnum

from cultureplan.base.errors import InputError, UnitError


class Unit(StrEnum):
    """Unit of a travel cost: metres or minutes."""

    METRES = "m"
    MINUTES = "minutes"


def read_unit(unit: str) -> Unit:
    """Return the :class:`Unit` named by `unit`.

    Raises
    ------
    UnitError
        For any other name; kilometres, hours and seconds must be converted by the caller.
    """
    try:
        return Unit(unit)
    except ValueError:
        raise UnitError.of("unit.unknown", unit=unit) from None


def positive(name: str, value: float) -> float:
    """Return `value` as a float, or raise if it is not a positive finite number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (number > 0 and math.isfinite(number)):
        raise InputError.of("fault.not_positive", name=name, value=value)
    return number
