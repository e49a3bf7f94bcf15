"""Inequality indices against sums over single persons, against closed forms, and their laws."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

import cultureplan as cp
from cultureplan.base.errors import InputError

eq = cp.equity


@st.composite
def towns(draw, *, least=0):
    """Draw values and whole persons, with somebody who has something."""
    n = draw(st.integers(1, 8))
    values = draw(st.lists(st.integers(least, 40).map(float), min_size=n, max_size=n))
    persons = draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
    assume(sum(v * p for v, p in zip(values, persons, strict=True)) > 0)
    return values, persons


def people(values, persons):
    """Return one value a person."""
    return [v for v, p in zip(values, persons, strict=True) for _ in range(p)]


def plain_gini(x):
    """Return half the mean difference of all pairs over the mean."""
    n, mean = len(x), sum(x) / len(x)
    return sum(abs(a - b) for a in x for b in x) / (2 * n * n * mean)


def plain_theil(x, kind):
    """Return Theil's T or L by its sum."""
    mean = sum(x) / len(x)
    if kind == "L":
        return math.inf if 0 in x else sum(math.log(mean / a) for a in x) / len(x)
    return sum(a / mean * math.log(a / mean) for a in x if a > 0) / len(x)


def plain_atkinson(x, epsilon):
    """Return Atkinson's index by its sum."""
    mean = sum(x) / len(x)
    if epsilon >= 1 and 0 in x:
        return 1.0
    if epsilon == 1:
        return 1 - math.exp(sum(math.log(a) for a in x) / len(x)) / mean
    return 1 - (sum((a / mean) ** (1 - epsilon) for a in x) / len(x)) ** (1 / (1 - epsilon))


@given(town=towns())
def test_weighted_indices_equal_sums_over_single_persons(town):
    """300 persons with a value count as 300 values: every index equals its sum over persons."""
    values, persons = town
    x = people(values, persons)
    mean = sum(x) / len(x)
    assert eq.gini(values, weights=persons) == pytest.approx(plain_gini(x), abs=1e-12)
    assert eq.hoover(values, persons) == pytest.approx(sum(abs(a - mean) for a in x) / (2 * len(x) * mean))
    for kind in ("T", "L"):
        assert eq.theil(values, persons, kind=kind) == pytest.approx(plain_theil(x, kind), abs=1e-12)
    for epsilon in (0.0, 0.5, 1.0, 2.0):
        got = eq.atkinson(values, persons, epsilon=epsilon)
        assert got == pytest.approx(plain_atkinson(x, epsilon), abs=1e-12)
    assert eq.min_max_gap(values, persons) == max(x) - min(x)


@given(town=towns(), line=st.integers(1, 40), alpha=st.sampled_from([0, 1, 2]))
def test_shortfall_equals_its_sum_on_either_side_of_the_line(town, line, alpha):
    """Foster, Greer and Thorbecke: values on the line are not short; costs are short above it."""
    values, persons = town
    x = people(values, persons)
    below = sum(((line - a) / line) ** alpha for a in x if a < line) / len(x)
    above = sum(((a - line) / line) ** alpha for a in x if a > line) / len(x)
    assert eq.foster_greer_thorbecke(values, line, persons, alpha=alpha) == pytest.approx(below)
    got = eq.foster_greer_thorbecke(values, line, persons, alpha=alpha, worse="above")
    assert got == pytest.approx(above)


@given(town=towns(), seed=st.integers(0, 99))
def test_concentration_by_any_rank_equals_its_covariance_form(town, seed):
    """The curve's area equals 2 cov(value, mid rank) / mean, with tied ranks at the middle of the tie."""
    values, persons = town
    rank = np.random.default_rng(seed).integers(0, 4, len(values)).astype(float)
    x, r = people(values, persons), people(rank, persons)
    middle = [(sum(b < a for b in r) + 0.5 * sum(b == a for b in r)) / len(r) for a in r]
    mean = sum(x) / len(x)
    expected = 2 / mean * sum((a - mean) * (m - 0.5) for a, m in zip(x, middle, strict=True)) / len(x)
    assert eq.concentration_index(values, rank, persons) == pytest.approx(expected, abs=1e-12)


@given(town=towns())
def test_laws_of_every_index(town):
    """0 for equality; unchanged when all is doubled, people are cloned, or rows come in another order."""
    values, persons = town
    values, persons = np.array(values), np.array(persons)
    flip = np.arange(len(values))[::-1]
    for index in (eq.gini, eq.hoover, eq.theil, eq.atkinson, eq.palma_ratio):
        one = index(values, persons)
        assert index(values * 7, persons * 3) == pytest.approx(one, abs=1e-9)
        assert index(values[flip], persons[flip]) == pytest.approx(one, abs=1e-9)
    assert eq.concentration_index(values, values, persons) == eq.gini(values, persons)
    same = np.full(len(values), 3.0)
    for index in (eq.gini, eq.hoover, eq.theil, eq.atkinson):
        assert index(same, persons) == pytest.approx(0.0, abs=1e-12)
    assert eq.palma_ratio(same, persons) == pytest.approx(0.25)


@given(town=towns(least=1), epsilon=st.sampled_from([0.5, 1.0, 2.0, 40.0]))
def test_a_gift_from_rich_to_poor_lowers_every_index(town, epsilon):
    """The principle of transfers: half the gap between the two ends, moved, makes all more equal."""
    values, _ = town
    assume(len(values) > 1 and max(values) > min(values))
    after = np.array(values)
    gift = (after.max() - after.min()) / 4
    after[np.argmax(values)] -= gift
    after[np.argmin(values)] += gift
    assert eq.gini(after) < eq.gini(values)
    assert eq.theil(after) < eq.theil(values)
    assert eq.theil(after, kind="L") < eq.theil(values, kind="L")
    assert eq.atkinson(after, epsilon=epsilon) < eq.atkinson(values, epsilon=epsilon) + 1e-12
    assert eq.hoover(after) <= eq.hoover(values) + 1e-12


@pytest.mark.parametrize("kind", ["T", "L"])
@given(town=towns(least=1), seed=st.integers(0, 99))
def test_theil_is_what_lies_between_groups_and_within_them(kind, town, seed):
    """Between and within add up to the whole, and each group's own index is that of its people."""
    values, persons = town
    groups = np.random.default_rng(seed).choice(["farm", "herding", "town"], len(values))
    parts = eq.theil_parts(values, groups, persons, kind=kind)
    assert parts.total == pytest.approx(eq.theil(values, persons, kind=kind), abs=1e-12)
    assert parts.between + parts.within == pytest.approx(parts.total, abs=1e-12)
    assert parts.by_group["persons"].sum() == sum(persons)
    for group, row in parts.by_group.iterrows():
        mine = groups == group
        assert row["theil"] == pytest.approx(
            eq.theil(np.array(values)[mine], np.array(persons)[mine], kind=kind), abs=1e-12
        )


# ---------------------------------------------------------------- closed forms

MIDDLES = (np.arange(200_000) + 0.5) / 200_000


def test_uniform_values_have_their_closed_forms():
    """1 ... n: Gini (n - 1) / (3 n); uniform on 0 to 1: Gini 1/3, Hoover 1/4, Theil T ln 2 - 1/2."""
    assert eq.gini(np.arange(1, 11)) == pytest.approx(9 / 30)
    assert eq.gini(MIDDLES) == pytest.approx(1 / 3, abs=1e-6)
    assert eq.hoover(MIDDLES) == pytest.approx(1 / 4, abs=1e-6)
    assert eq.theil(MIDDLES) == pytest.approx(math.log(2) - 0.5, abs=1e-6)
    assert eq.theil(MIDDLES, kind="L") == pytest.approx(1 - math.log(2), abs=1e-5)
    assert eq.palma_ratio(MIDDLES) == pytest.approx(0.19 / 0.16, abs=1e-5)


def test_lognormal_values_have_their_closed_forms():
    """With sigma s: Gini 2 Phi(s / sqrt 2) - 1, both Theils s^2 / 2, Atkinson 1 - exp(-e s^2 / 2)."""
    s = 0.6
    values = stats.lognorm.ppf(MIDDLES, s)
    assert eq.gini(values) == pytest.approx(2 * stats.norm.cdf(s / math.sqrt(2)) - 1, rel=1e-3)
    assert eq.theil(values) == pytest.approx(s * s / 2, rel=1e-3)
    assert eq.theil(values, kind="L") == pytest.approx(s * s / 2, rel=1e-3)
    for epsilon in (0.5, 1.0, 1.5):
        expected = 1 - math.exp(-epsilon * s * s / 2)
        assert eq.atkinson(values, epsilon=epsilon) == pytest.approx(expected, rel=1e-3)


def test_pareto_values_have_their_closed_forms():
    """With shape a: Gini 1 / (2 a - 1), Theil L ln(a / (a - 1)) - 1 / a, Lorenz 1 - (1 - p)^(1 - 1/a)."""
    a = 4.0
    values = stats.pareto.ppf(MIDDLES, a)
    assert eq.gini(values) == pytest.approx(1 / (2 * a - 1), rel=1e-3)
    assert eq.theil(values, kind="L") == pytest.approx(math.log(a / (a - 1)) - 1 / a, rel=2e-3)
    assert eq.theil(values) == pytest.approx(1 / (a - 1) - math.log(a / (a - 1)), rel=5e-3)
    curve = eq.lorenz_curve(values)
    half = np.interp(0.5, curve["persons_share"], curve["value_share"])
    assert half == pytest.approx(1 - 0.5 ** (1 - 1 / a), rel=1e-3)


def test_the_corrected_concentration_of_a_share_does_not_care_what_is_counted():
    """Erreygers and Wagstaff: counting the uncovered instead of the covered only changes the sign."""
    covered, income = [0.2, 0.4, 0.9, 1.0], [1, 2, 3, 4]
    missed = [1 - x for x in covered]
    for correction in ("erreygers", "wagstaff"):
        one = eq.concentration_index(covered, income, correction=correction)
        assert one > 0
        assert eq.concentration_index(missed, income, correction=correction) == pytest.approx(-one)
    # by hand: mean 0.625, C = 2 / 0.625 * 0.090625 = 0.29, Erreygers 4 * 0.625 * 0.29
    assert eq.concentration_index(covered, income) == pytest.approx(0.29)
    assert eq.concentration_index(covered, income, correction="erreygers") == pytest.approx(0.725)
    # in whole numbers of a percent scale the same
    assert eq.concentration_index(
        [20, 40, 90, 100], income, correction="erreygers", bounds=(0, 100)
    ) == pytest.approx(0.725)


def test_palma_compares_means_when_people_are_ranked_by_something_else():
    """Ten equal groups by income: the richest tenth has 30 facilities, the poorest four tenths 15 each."""
    values = [15, 15, 15, 15, 20, 20, 20, 20, 20, 30]
    assert eq.palma_ratio(values, rank_by=range(10)) == pytest.approx(2.0)
    assert eq.palma_ratio(values) == pytest.approx(30 / 60)
    assert eq.palma_ratio([0] * 9 + [1]) == math.inf


# ---------------------------------------------------------------- edges


def test_nobody_and_nothing_are_nan():
    """Without people, or where all have nothing, there is nothing to be uneven."""
    for values, persons in (([], []), ([1, 2], [0, 0]), ([0, 0], [3, 4])):
        for index in (eq.gini, eq.hoover, eq.theil, eq.atkinson, eq.palma_ratio):
            assert math.isnan(index(np.array(values, float), np.array(persons, float)))
    assert math.isnan(eq.foster_greer_thorbecke([1.0], 2, [0.0]))
    assert math.isnan(eq.min_max_gap([1.0], [0.0]))


def test_a_place_without_people_changes_nothing():
    """Its value may even be the largest."""
    assert eq.gini([1, 3, 99], [1, 1, 0]) == eq.gini([1, 3])
    assert eq.theil([1, 3, 0], [1, 1, 0], kind="L") == eq.theil([1, 3], kind="L")
    assert eq.min_max_gap([1, 3, 99], [1, 1, 0]) == 2


def test_a_trimmed_gap_leaves_out_the_ends():
    """With a tenth off at each end the outliers do not count."""
    values = [0, *([10] * 4), *([20] * 4), 99]
    assert eq.min_max_gap(values) == 99
    assert eq.min_max_gap(values, trim_share=0.15) == 10


def test_a_place_that_reaches_nothing_is_short_of_any_circle():
    """An infinite travel time counts among the people beyond the limit, and has no finite mean excess."""
    minutes, persons = [5, 15, 20, math.inf], [10, 20, 30, 40]
    assert eq.foster_greer_thorbecke(minutes, 15, persons, worse="above") == pytest.approx(0.7)
    assert eq.foster_greer_thorbecke(minutes, 15, persons, worse="above", alpha=1) == math.inf
    persons[3] = 0
    got = eq.foster_greer_thorbecke(minutes, 15, persons, worse="above", alpha=1)
    assert got == pytest.approx(30 / 60 * 5 / 15)


def test_series_are_matched_by_index():
    """Weights, groups and ranks in another order give the same."""
    values = pd.Series([1.0, 3.0, 5.0], index=["a", "b", "c"])
    persons = pd.Series([7, 6, 5], index=["c", "a", "b"])
    assert eq.gini(values, weights=persons) == eq.gini([1, 3, 5], weights=[6, 5, 7])
    groups = pd.Series(["x", "x", "y"], index=["c", "b", "a"])
    assert eq.theil_parts(values, groups).by_group.loc["y", "mean"] == 1.0
    table = eq.equity_table(values, persons, by=groups)
    assert table.index.tolist() == ["x", "y", "all"]
    assert table.loc["all", "gini"] == eq.gini(values, persons)
    assert table.loc["x", "persons"] == 12


def test_bootstrap_intervals_hold_the_value_and_repeat_with_the_seed():
    """The interval lies round the value, is narrower for more places, and is the same for the same seed."""
    rng = np.random.default_rng(11)
    values, persons = rng.lognormal(0, 0.6, 400), rng.integers(1, 50, 400)
    wide = eq.bootstrap_interval(eq.gini, values[:30], persons[:30], rng=5, n_draws=200)
    narrow = eq.bootstrap_interval(eq.gini, values, persons, rng=5, n_draws=200)
    assert narrow.low < narrow.value < narrow.high
    assert narrow.high - narrow.low < wide.high - wide.low
    assert narrow == eq.bootstrap_interval(eq.gini, values, persons, rng=5, n_draws=200)
    assert narrow.value == eq.gini(values, persons)


def test_bootstrap_intervals_cover_the_truth_about_as_often_as_they_say():
    """Of 60 samples of a lognormal, 80 % intervals hold the true Gini in about four of five."""
    s, held = 0.5, 0
    truth = 2 * stats.norm.cdf(s / math.sqrt(2)) - 1
    for seed in range(60):
        values = np.random.default_rng(seed).lognormal(0, s, 150)
        interval = eq.bootstrap_interval(eq.gini, values, rng=seed, level=0.8, n_draws=99)
        held += interval.low <= truth <= interval.high
    assert 36 <= held <= 58


def test_bootstrap_draws_further_arguments_along():
    """Ranks go with their places, whatever order their Series is in."""
    values = pd.Series([1.0, 2.0, 4.0, 4.5], index=list("abcd"))
    rank = pd.Series([4, 3, 2, 1], index=list("dcba"))
    got = eq.bootstrap_interval(
        eq.concentration_index, values, rng=1, n_draws=50, rank_by=rank, method="basic"
    )
    assert got.value == pytest.approx(eq.gini(values))


WRONG = {
    "a negative value": (lambda: eq.gini([1, -1]), "fault.negative"),
    "a missing value": (lambda: eq.gini([1, math.nan]), "fault.not_finite"),
    "an infinite value": (lambda: eq.gini([1, math.inf]), "fault.not_finite"),
    "weights of another length": (lambda: eq.gini([1, 2], [1]), "fault.wrong_shape"),
    "an unknown kind": (lambda: eq.theil([1, 2], kind="S"), "fault.not_one_of"),
    "a negative epsilon": (lambda: eq.atkinson([1, 2], epsilon=-1), "equity.negative_parameter"),
    "too much trimmed": (lambda: eq.min_max_gap([1, 2], trim_share=0.5), "equity.trim_share"),
    "a line at 0": (lambda: eq.foster_greer_thorbecke([1, 2], 0), "fault.not_positive"),
    "a level of 95": (lambda: eq.bootstrap_interval(eq.gini, [1, 2], rng=1, level=95), "equity.level"),
    "a missing group": (lambda: eq.theil_parts([1, 2], ["x", None]), "equity.no_group"),
    "a value outside its range": (
        lambda: eq.concentration_index([1, 2], [1, 2], correction="wagstaff"),
        "equity.outside_bounds",
    ),
}


@pytest.mark.parametrize(("call", "code"), WRONG.values(), ids=WRONG.keys())
def test_input_that_makes_no_sense_is_named(call, code):
    """Each has its own message, in both languages."""
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.faults[0].code == code
    assert caught.value.render("zh")
