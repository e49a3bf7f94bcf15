"""Checks collect every fault and name rows as the user counts them."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays

from cultureplan.base.checks import FaultList, Origin, finite_array, points_array
from cultureplan.base.errors import InputError, TableError

FRAME = pd.DataFrame({"persons": [5, -1, 3, -2]}, index=["a", "b", "c", "d"])
BAD = FRAME["persons"] < 0


def noted(origin: Origin, **more: object):
    """The fault that is noted of two bad rows."""
    faults = FaultList()
    assert faults.add_rows("table.negative", origin=origin, frame=FRAME, bad=BAD, column="persons", **more)
    return faults.faults[0]


def test_rows_go_by_their_labels_in_a_frame():
    """Nobody read a file."""
    assert noted(Origin(table="demand")).rows == ("b", "d")


def test_rows_go_by_their_number_in_a_file():
    """The first record of a spreadsheet is row 2."""
    assert noted(Origin(table="demand", file="demand.csv", first_row=2)).rows == ("3", "5")


def test_rows_go_by_their_own_numbers_where_some_are_blank():
    """A spreadsheet counts blank rows too."""
    origin = Origin(table="demand", row_numbers=np.array([2, 5, 6, 9]))
    assert noted(origin).rows == ("5", "9")


def test_columns_and_values_are_shown_as_written():
    """The user's heading and cells, not what became of them."""
    origin = Origin(
        table="demand",
        spelled={"persons": "人口（万人）"},
        written={"persons": pd.Series(["0.5", "-0.1", "0.3", "-0.2"])},
    )
    fault = noted(origin)
    assert (fault.column, fault.samples) == ("人口（万人）", ("-0.1", "-0.2"))


def test_given_samples_go_first():
    """Where the cell itself says little."""
    assert noted(Origin(table="demand"), samples=list("wxyz")).samples == ("x", "z")


def test_good_rows_are_no_fault():
    """Nothing is noted, and nothing raised."""
    faults = FaultList()
    assert not faults.add_rows("table.negative", origin=Origin(table="t"), frame=FRAME, bad=~BAD & BAD)
    faults.raise_if_any(TableError)
    assert len(faults) == 0


def test_everything_is_raised_at_once():
    """In the order in which it was found."""
    faults = FaultList()
    faults.add("table.empty", origin=Origin(table="t"))
    faults.add_rows("table.negative", origin=Origin(table="t"), frame=FRAME, bad=BAD)
    with pytest.raises(TableError) as caught:
        faults.raise_if_any(TableError)
    assert [fault.code for fault in caught.value.faults] == ["table.empty", "table.negative"]


@given(arrays(bool, st.integers(0, 60)))
def test_all_rows_are_counted_and_five_are_shown(bad: np.ndarray):
    """The first ones, in order."""
    frame = pd.DataFrame({"x": range(len(bad))})
    faults = FaultList()
    assert faults.add_rows("table.negative", origin=Origin(table="t"), frame=frame, bad=bad) == bad.any()
    if bad.any():
        (fault,) = faults.faults
        assert fault.n_rows == bad.sum()
        assert fault.rows == tuple(map(str, np.flatnonzero(bad)[:5]))


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, ""), (np.nan, ""), (pd.NA, ""), ("  ", ""), ("x" * 50, "x" * 37 + "..."), (5, "5")],
)
def test_values_are_shown_short(value: object, shown: str):
    """Nothing is shown as nothing."""
    faults = FaultList()
    frame = pd.DataFrame({"x": pd.Series([value], dtype=object)})
    faults.add_rows("table.negative", origin=Origin(table="t"), frame=frame, bad=np.array([True]), column="x")
    assert faults.faults[0].samples == (shown,)


@given(arrays(float, st.integers(1, 20), elements=st.floats(allow_nan=True, allow_infinity=True)))
def test_finite_array_takes_what_is_finite_and_not_negative(values: np.ndarray):
    """And names the first that is not."""
    bad = ~np.isfinite(values)
    if bad.any() or (values < 0).any():
        first = np.flatnonzero(bad if bad.any() else values < 0)[0]
        with pytest.raises(InputError, match=f"position {first}"):
            finite_array("persons", values)
    else:
        assert (finite_array("persons", values, n=len(values)) == values).all()


def test_finite_array_may_allow_negative_numbers():
    """But never a wrong shape."""
    assert finite_array("x", [-1, 2], non_negative=False).tolist() == [-1, 2]
    for wrong, n in (([[1.0]], None), ([1.0], 2)):
        with pytest.raises(InputError, match="shape"):
            finite_array("x", wrong, n=n)


def test_points_array_is_n_by_two():
    """None is a point set too."""
    assert points_array("xy", []).shape == (0, 2)
    assert points_array("xy", [[1, 2], [3, 4]]).dtype == float
    for wrong in ([1, 2, 3], [[1, 2, 3]]):
        with pytest.raises(InputError, match="shape"):
            points_array("xy", wrong)
    with pytest.raises(InputError, match="missing or infinite"):
        points_array("xy", [[1, 2], [np.nan, 4]])
