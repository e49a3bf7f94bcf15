"""Columns nobody described: their kind is told from their values, and kept to the last digit."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from cultureplan.io.columns import as_kind, guess_kind, kind_of, read_numbers


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2", ""], "integer"),
        (["1", "2.5"], "number"),
        (["1e3", "-2"], "number"),
        (["007", "8"], "text"),
        (["1234567890123456"], "text"),
        (["1,200"], "text"),
        (["True", "false", ""], "boolean"),
        (["2024-05-01"], "text"),
        (["", " "], "text"),
        (["1"] * 200 + ["x"], "text"),
        ([1, 2, None], "integer"),
        ([1, 2.5], "number"),
        ([True, None], "boolean"),
        ([1, "x"], "text"),
    ],
)
def test_the_kind_is_told_from_the_cells(cells: list, kind: str):
    """Codes with leading zeros or more than 15 digits are no numbers."""
    assert guess_kind(pd.Series(cells, dtype=object)) == kind


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_are_kept_to_the_last_digit(values: list):
    """As text, as objects, and as they are."""
    for cells in ([None if v is None else str(v) for v in values], values):
        column = as_kind(pd.Series(cells, dtype=object), "integer")
        assert [None if pd.isna(v) else int(v) for v in column] == values


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_are_read_exactly(values: list[float]):
    """The shortest text that a program writes means the same number."""
    numbers, bad = read_numbers(pd.Series([repr(value) for value in values], dtype="string"))
    assert not bad.any()
    assert numbers.tolist() == values


@pytest.mark.parametrize("kind", ["number", "integer", "boolean", "datetime"])
def test_a_column_that_is_not_what_it_is_said_to_be_stays_text(kind: str):
    """All of it: nothing is dropped."""
    column = as_kind(pd.Series(["1", "x", ""], dtype=object), kind)
    assert column.fillna("-").tolist() == ["1", "x", "-"]


def test_half_numbers_are_no_integers():
    """Nothing is rounded."""
    assert as_kind(pd.Series(["1", "2.5"]), "integer").tolist() == ["1", "2.5"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pd.Series([1, 2]), "integer"),
        (pd.Series([1.0, np.nan]), "number"),
        (pd.Series([True, False]), "boolean"),
        (pd.Series([True, None], dtype=object), "boolean"),
        (pd.Series(["a", None]), "text"),
        (pd.Series([None, None], dtype=object), "text"),
        (pd.to_datetime(pd.Series(["2024-05-01"])), "datetime"),
        (pd.Series(pd.Categorical(["a"])), "text"),
    ],
)
def test_the_kind_of_a_column_in_memory(values: pd.Series, kind: str):
    """As ``world.toml`` will name it."""
    assert kind_of(values) == kind


def test_moments_keep_their_zone():
    """Beijing time stays Beijing time."""
    column = as_kind(pd.Series(["2024-05-01T08:00:00+08:00", None], dtype=object), "datetime")
    assert column.iloc[0] == pd.Timestamp("2024-05-01T00:00:00Z")
    assert column.dt.tz is not None
