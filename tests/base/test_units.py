"""Two units, and numbers that must be positive."""

from __future__ import annotations

import math

import pytest

from cultureplan.base.errors import InputError, UnitError
from cultureplan.base.units import Unit, positive, read_unit


def test_the_units_are_metres_and_minutes():
    """By their written names."""
    assert read_unit("m") is Unit.METRES
    assert read_unit("minutes") is Unit.MINUTES


@pytest.mark.parametrize("name", ["km", "min", "hours", "M", ""])
def test_other_units_must_be_converted_by_the_caller(name: str):
    """The message says which there are."""
    with pytest.raises(UnitError, match="minutes"):
        read_unit(name)


def test_positive_gives_a_float():
    """Of anything that is a number above 0."""
    assert positive("limit", "2.5") == 2.5


@pytest.mark.parametrize("value", [0, -1, math.inf, math.nan, None, "far"])
def test_what_is_not_positive_is_named(value: object):
    """With the parameter's name."""
    with pytest.raises(InputError, match="limit"):
        positive("limit", value)  # type: ignore[arg-type]
