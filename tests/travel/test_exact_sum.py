"""Sums rounded once, whatever the order, the parts, or what was taken away again."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cultureplan.travel.exact_sum import ExactSums, digit_planes, exact_sum

numbers = st.lists(
    st.one_of(
        st.floats(-1e200, 1e200, allow_nan=False),
        st.floats(0, 5000),
        st.integers(0, 10**6).map(float),
        st.floats(0, 1e-300),
    ),
    max_size=40,
)


@given(numbers)
def test_digits_are_the_number(values: list[float]) -> None:
    """Planes put together again give each number exactly, and no plane is all zeros."""
    exponents, planes = digit_planes(np.array(values))
    for at, value in enumerate(values):
        whole = sum(int(plane[at]) << (32 * (e + 64)) for e, plane in zip(exponents, planes, strict=True))
        assert whole / (1 << 32 * 64) == value
    assert all(plane.any() for plane in planes)


@given(numbers, st.integers(0, 40))
def test_sums_of_parts_are_the_sum_rounded_once(values: list[float], cut: int) -> None:
    """Any split into two parts, merged in either order, gives what `math.fsum` gives."""
    array = np.array(values, dtype=float)
    first, second = ExactSums.of(array[:cut]), ExactSums.of(array[cut:])
    expected = math.fsum(values)
    assert first.plus(second).to_array().tolist() == [expected]
    assert second.plus(first).total() == expected
    assert exact_sum(array) == expected


@given(numbers, numbers)
def test_what_is_taken_away_leaves_no_trace(kept: list[float], gone: list[float]) -> None:
    """Adding and taking away again ends at the very sum of what was kept."""
    both = ExactSums.of(np.array(kept)).plus(ExactSums.of(np.array(gone)))
    assert both.minus(ExactSums.of(np.array(gone))).total() == math.fsum(kept)


def test_many_merges_do_not_overflow() -> None:
    """Digits are carried on at each merge, so there is room for any number of partitions."""
    part = ExactSums.of(np.full(1000, 4294967295.5))
    total = ExactSums.zero()
    for _ in range(100):
        total = total.plus(part)
    for _ in range(40):
        total = total.plus(total)
    assert total.total() == 4294967295.5 * 100_000 * 2.0**40
    assert max(int(np.abs(row).max()) for row in total.digits.values()) < 2**34


def test_several_sums_at_once_and_an_empty_one() -> None:
    """A plane holds one digit of each sum; no values are a sum of zero."""
    exponents, planes = digit_planes(np.array([0.1, 0.2, 3.0]))
    both = ExactSums.of_planes(exponents, planes)
    assert both.to_array().tolist() == [0.1, 0.2, 3.0]
    assert both.total() == math.fsum([0.1, 0.2, 3.0])
    longer = both.plus(ExactSums.by_key(np.array([1.5, 2.5, 4.0]), np.array([4, 0, 4]), 5))
    assert longer.to_array().tolist() == [2.6, 0.2, 3.0, 0.0, 5.5]
    assert longer.regrouped(np.array([0, 0, 1, 1, 1]), 2).to_array().tolist() == [
        math.fsum([2.5, 0.1, 0.2]),
        8.5,
    ]
    assert ExactSums.zero(2).to_array().tolist() == [0.0, 0.0]
    assert exact_sum(np.empty(0)) == 0.0
