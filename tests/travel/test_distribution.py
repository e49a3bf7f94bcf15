"""Distributions that merge: exact while they are small, with a stated error beyond, in any order the same."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultureplan.travel import distribution
from cultureplan.travel.distribution import Distribution


def plain_gini(values: np.ndarray, persons: np.ndarray) -> float:
    """Mean difference between two persons over twice the mean."""
    apart = np.abs(values[:, None] - values[None]) * persons[:, None] * persons[None]
    return float(apart.sum() / (2 * persons.sum() * (values * persons).sum()))


draws = st.lists(
    st.tuples(st.floats(0, 1e6).map(lambda v: round(v, 3)), st.floats(0, 50)), min_size=1, max_size=60
)


@given(draws, st.lists(st.integers(0, 60), max_size=4))
def test_parts_merge_into_the_whole_in_any_order(rows: list[tuple[float, float]], cuts: list[int]) -> None:
    """Values, persons and amounts of merged parts are those of everybody at once, bit by bit."""
    values, persons = np.array(rows).T
    whole = Distribution.of(values, persons)
    edges = sorted({0, len(rows), *(min(cut, len(rows)) for cut in cuts)})
    parts = [Distribution.of(values[a:b], persons[a:b]) for a, b in itertools.pairwise(edges)]
    for order in (parts, parts[::-1]):
        merged = Distribution.nobody()
        for part in order:
            merged = merged.plus(part)
        assert np.array_equal(merged.values, whole.values)
        assert np.array_equal(merged.weights, whole.weights)
        assert merged.amounts.total() == whole.amounts.total()
        assert merged.n_persons == math.fsum(persons[persons > 0])


@given(draws)
def test_gini_is_the_mean_difference(rows: list[tuple[float, float]]) -> None:
    """Against the definition over all pairs; NaN where nobody has anything."""
    values, persons = np.array(rows).T
    found = Distribution.of(values, persons)
    if math.fsum(values * persons) < 1e-6:
        return
    assert found.gini == pytest.approx(plain_gini(values, persons), abs=1e-9)
    assert found.gini_error == 0.0
    assert math.isnan(Distribution.nobody().gini)
    assert math.isnan(Distribution.nobody().quantile(0.5))


def test_many_values_are_put_together_and_the_error_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for 64 values: mean and persons stay exact, the Gini index is within the bound it states."""
    rng = np.random.default_rng(0)
    values, persons = rng.lognormal(3, 1, 4_000), rng.random(4_000) * 9
    exact = Distribution.of(values, persons)
    monkeypatch.setattr(distribution, "MOST_VALUES", 64)
    coarse = Distribution.of(values, persons)
    assert len(coarse.keys) <= 64
    assert not coarse.is_exact
    assert coarse.mean == exact.mean
    assert coarse.n_persons == exact.n_persons
    assert 0.0 <= exact.gini - coarse.gini <= coarse.gini_error < 0.05
    assert coarse.quantile(0.5) == pytest.approx(exact.quantile(0.5), rel=0.3)
    shuffled, merged = rng.permutation(4_000), Distribution.nobody()
    for rows in np.array_split(shuffled, 7):
        merged = merged.plus(Distribution.of(values[rows], persons[rows]))
    assert merged.dropped_bits == coarse.dropped_bits
    assert np.array_equal(merged.keys, coarse.keys)
    assert np.array_equal(merged.weights, coarse.weights)
    assert merged.gini == coarse.gini


def test_a_distribution_of_equals_is_equal_and_a_line_is_straight() -> None:
    """Everybody has the same: Gini 0, the Lorenz curve is the diagonal; a negative zero is a zero."""
    found = Distribution.of(np.array([2.0, 2.0]), np.array([1.0, 3.0]))
    assert found.gini == 0.0
    curve = found.lorenz_curve(5)
    assert curve["value_share"].tolist() == curve["persons_share"].tolist()
    assert Distribution.of(np.array([-0.0, 0.0]), np.ones(2)).values.tolist() == [0.0]
