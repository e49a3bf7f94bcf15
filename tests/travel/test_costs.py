"""TravelCosts: what is stored, what is refused, and that every form gives the same costs."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import cultureplan as cp
from cultureplan.base.errors import InputError, MissingColumnError, UnitError, UnknownNameError
from cultureplan.travel.costs import validate_same_unit

matrices = arrays(
    float,
    st.tuples(st.integers(1, 8), st.integers(1, 8)),
    elements=st.one_of(st.floats(0, 2000), st.just(float("inf")), st.just(0.0)),
)


@given(matrices)
def test_dense_table_and_csr_hold_the_same_pairs(matrix: np.ndarray) -> None:
    """A stored zero stays a cost of zero; infinity is not stored."""
    costs = cp.TravelCosts.from_dense(matrix, unit="m")
    assert costs.n_pairs == int(np.isfinite(matrix).sum())
    again = cp.TravelCosts.from_table(
        costs.to_frame(), unit="m", demand_ids=costs.demand_ids, facility_ids=costs.facility_ids
    )
    for name in ("indptr", "indices", "values"):
        assert np.array_equal(getattr(costs, name), getattr(again, name))
    assert costs.to_csr().nnz == costs.n_pairs


@given(matrices, st.floats(1, 2000))
def test_within_keeps_a_cost_equal_to_the_limit(matrix: np.ndarray, limit: float) -> None:
    """The limit is inclusive."""
    matrix = np.where(matrix > 1500, limit, matrix)
    costs = cp.TravelCosts.from_dense(matrix, unit="m").within(limit)
    assert costs.n_pairs == int((matrix <= limit).sum())


@given(matrices)
def test_nearest_is_the_smallest_cost_and_ties_go_to_the_first_id(matrix: np.ndarray) -> None:
    """Against a plain loop; ids are ordered as text."""
    ids = [f"S{k}" for k in range(matrix.shape[1])][::-1]
    nearest = cp.TravelCosts.from_dense(matrix, unit="m", facility_ids=ids).nearest()
    for row, (facility, cost) in zip(matrix, nearest.to_numpy(object), strict=True):
        if np.isfinite(row).any():
            ties = sorted(ids[k] for k in np.flatnonzero(row == row.min()))
            assert (facility, cost) == (ties[0], row.min())
        else:
            assert pd.isna(facility)
            assert np.isnan(cost)


def test_selecting_facilities_keeps_their_costs_in_the_order_asked_for() -> None:
    """Columns come back in the caller's order."""
    matrix = pd.DataFrame([[1.0, 2.0, 3.0], [4.0, np.inf, 6.0]], columns=["a", "b", "c"])
    chosen = cp.TravelCosts.from_dense(matrix, unit="minutes").select_facilities(["c", "a"])
    assert list(chosen.facility_ids) == ["c", "a"]
    assert chosen.to_csr().toarray().tolist() == [[3.0, 1.0], [6.0, 4.0]]


@pytest.mark.parametrize(
    ("matrix", "words"),
    [([[np.nan]], "missing"), ([[-1.0]], "negative"), ([1.0], "shape")],
    ids=["nan", "negative", "one-dimensional"],
)
def test_a_full_matrix_with_a_bad_cost_is_refused(matrix: list[object], words: str) -> None:
    """NaN is no way to say unreachable."""
    with pytest.raises(InputError, match=words):
        cp.TravelCosts.from_dense(matrix, unit="m")


def test_other_units_are_refused_with_the_two_that_exist() -> None:
    """Kilometres and seconds must be converted by the caller."""
    with pytest.raises(UnitError, match="minutes"):
        cp.TravelCosts.from_dense([[1.0]], unit="km")
    with pytest.raises(UnitError, match="limit is in minutes"):
        validate_same_unit(cp.TravelCosts.from_dense([[1.0]], unit="m"), "minutes", name="limit")


def test_a_limit_beyond_the_cutoff_is_refused() -> None:
    """Pairs beyond the cutoff are not stored, so nobody can say who is within."""
    costs = cp.straight_line_costs([[0, 0]], [[0, 500]], limit_m=800)
    with pytest.raises(InputError, match="beyond the cutoff"):
        costs.within(1000)


def test_tables_of_other_tools_are_read_by_their_own_column_names() -> None:
    """r5py writes from_id, to_id, travel_time; a missing time means unreachable."""
    frame = pd.DataFrame({"from_id": ["a", "a"], "to_id": ["x", "y"], "travel_time": [7.0, np.nan]})
    costs = cp.TravelCosts.from_table(frame, unit="minutes")
    assert costs.n_pairs == 1
    assert costs.nearest().loc["a", "facility_id"] == "x"


def test_a_table_with_a_missing_column_an_unknown_id_or_a_double_pair_is_refused() -> None:
    """Each fault names what is wrong."""
    frame = pd.DataFrame({"demand_id": ["a", "a"], "facility_id": ["x", "x"], "cost": [1.0, 2.0]})
    with pytest.raises(MissingColumnError, match="cost"):
        cp.TravelCosts.from_table(frame.drop(columns="cost"), unit="m")
    with pytest.raises(UnknownNameError, match="'x'"):
        cp.TravelCosts.from_table(frame.head(1), unit="m", facility_ids=["y"])
    with pytest.raises(InputError, match="twice"):
        cp.TravelCosts.from_table(frame, unit="m")


def test_arrays_cannot_be_changed_and_the_object_travels_to_another_process() -> None:
    """Frozen through and through; pickling is for worker processes only."""
    costs = cp.TravelCosts.from_dense([[1.0, 2.0]], unit="m")
    with pytest.raises(ValueError, match="read-only"):
        costs.values[0] = 5.0
    assert pickle.loads(pickle.dumps(costs)).n_pairs == 2
