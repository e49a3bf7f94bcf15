"""Weights, scores, ranks and surveys against published examples and another library."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import InputError
from cultureplan.standards.evaluation import (
    COMPONENTS,
    evaluate,
    marked_declines,
    result_of_year,
    with_increments,
)
from cultureplan.standards.surveys import (
    draw_visits,
    sample_size,
    satisfaction,
    stratified_satisfaction,
    wilson_interval,
)
from cultureplan.standards.weights import ahp_weights, entropy_weights, given_weights

DRINKS = ["coffee", "wine", "tea", "beer", "sodas", "milk", "water"]
EQUAL = dict.fromkeys(COMPONENTS, 0.25)


def matrix(rows, names):
    """A judgement matrix with names on both sides."""
    return pd.DataFrame(rows, index=names, columns=names)


def test_ahp_gives_saatys_weights():
    """Relative consumption of drinks in the United States: weights and consistency ratio as printed.

    Saaty, T. L. (2008), Decision making with the analytic hierarchy process, International Journal of
    Services Sciences 1 (1), 83-98, table 2: .177 .019 .042 .116 .190 .129 .327, consistency ratio .022.
    """
    rows = [
        [1, 9, 5, 2, 1, 1, 1 / 2],
        [1 / 9, 1, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9],
        [1 / 5, 3, 1, 1 / 3, 1 / 4, 1 / 3, 1 / 9],
        [1 / 2, 9, 3, 1, 1 / 2, 1, 1 / 3],
        [1, 9, 4, 2, 1, 2, 1 / 2],
        [1, 9, 3, 1, 1 / 2, 1, 1 / 3],
        [2, 9, 9, 3, 2, 3, 1],
    ]
    table = matrix(rows, DRINKS)
    weights = ahp_weights(table)
    assert weights.values.round(3).tolist() == [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327]
    assert weights.consistency_ratio == pytest.approx(0.022, abs=5e-4)
    assert weights.is_consistent


def test_entropy_gives_the_weights_of_a_published_example():
    """Four alternatives by four attributes; weights .4630 .3992 .1378 .0000.

    Xu, X. (2004), A note on the subjective and objective integrated approach to determine attribute
    weights, European Journal of Operational Research 156 (2), 530-532.
    """
    table = pd.DataFrame([[30, 30, 38, 29], [19, 54, 86, 29], [19, 15, 85, 28.9], [68, 70, 60, 29]])
    assert entropy_weights(table).values.round(4).tolist() == [0.4630, 0.3992, 0.1378, 0.0000]


@settings(max_examples=50)
@given(st.lists(st.floats(0.05, 20), min_size=2, max_size=9))
def test_consistent_judgements_return_the_weights_they_came_from(numbers):
    """A matrix of exact ratios gives the ratios back, with a consistency ratio of 0."""
    names = [f"i{k}" for k in range(len(numbers))]
    weights = ahp_weights(matrix(np.outer(numbers, 1 / np.array(numbers)), names))
    assert weights.values.to_numpy() == pytest.approx(np.array(numbers) / sum(numbers), rel=1e-6)
    assert weights.consistency_ratio == pytest.approx(0, abs=1e-6)


def test_contradictory_judgements_are_refused_unless_told():
    """A over B over C over A is beyond the limit; the message names a judgement, and it can be allowed."""
    table = matrix([[1, 5, 1 / 5], [1 / 5, 1, 5], [5, 1 / 5, 1]], list("ABC"))
    with pytest.raises(InputError, match="contradict"):
        ahp_weights(table)
    allowed = ahp_weights(table, allow_inconsistent=True)
    assert not allowed.is_consistent
    assert allowed.values.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "rows", [[[1, 2], [2, 1]], [[1, -2], [-0.5, 1]], [[1, np.nan], [1, 1]], [[2, 2], [0.5, 2]]]
)
def test_bad_judgement_matrices_are_refused(rows):
    """Judgements that are not positive and reciprocal are one clear error."""
    with pytest.raises(InputError):
        ahp_weights(matrix(rows, ["a", "b"]))


def test_bad_weights_and_tables_are_refused():
    """Other names, a sum that is not 1, columns without spread, missing or negative values."""
    with pytest.raises(InputError):
        ahp_weights(pd.DataFrame([[1.0]], index=["a"], columns=["b"]))
    for weights in ({"a": 1.0}, {"a": 0.5, "b": 0.6}, {"a": 1.5, "b": -0.5}, {"a": 0.5, "c": 0.5}):
        with pytest.raises(InputError):
            given_weights(weights, names=("a", "b"))
    for rows in ([[1, 1], [1, 1]], [[1, 0], [2, 0]], [[1, -1], [2, 2]], [[1, np.nan], [2, 2]], [[1, 2]]):
        with pytest.raises(InputError):
            entropy_weights(pd.DataFrame(rows, dtype=float))


def library(**more):
    """Two indicators a component, one stock and one increment."""
    names = [f"{component}-{kind}" for component in COMPONENTS for kind in ("stock", "increment")]
    return pd.DataFrame(
        {
            "indicator_id": names,
            "component": [name.split("-")[0] for name in names],
            "kind": [name.split("-")[1] for name in names],
            "direction": "higher",
            "weight": 1.0,
        }
    ).assign(**more)


tables = st.integers(2, 6).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 100), min_size=8, max_size=8), min_size=n, max_size=n)
)


@settings(max_examples=40)
@given(rows=tables, weights=st.lists(st.integers(1, 9), min_size=4, max_size=4))
def test_scores_against_a_plain_sum(rows, weights):
    """Scores are the weighted mean of scaled values written out, and ranks count who is better."""
    table = pd.DataFrame(rows, columns=library()["indicator_id"], dtype=float)
    chosen = dict(zip(COMPONENTS, np.array(weights) / sum(weights), strict=True))
    result = evaluate(table, library(), component_weights=chosen)
    for subject in table.index:
        total = 0.0
        for name in table.columns:
            low, high = min(table[name]), max(table[name])
            scaled = 1.0 if low == high else (table.loc[subject, name] - low) / (high - low)
            total += chosen[name.split("-")[0]] * 0.5 * scaled
        assert result.total[subject] == pytest.approx(total)
        better = sum(result.total[other] > result.total[subject] + 1e-11 for other in table.index)
        assert result.ranks[subject] == better + 1
    assert result.by_kind().sum(axis=1).to_numpy() == pytest.approx(result.total.to_numpy())


def test_direction_limits_and_weights_of_indicators():
    """Lower is better where said; given limits replace best and worst; weights count within a component."""
    table = pd.DataFrame(5.0, index=["X", "Y"], columns=library()["indicator_id"])
    table["field-stock"] = [0.0, 10.0]
    plain = evaluate(table, library(), component_weights=EQUAL)
    assert plain.ranks.to_dict() == {"X": 2, "Y": 1}
    turned = library()
    turned.loc[turned["indicator_id"] == "field-stock", "direction"] = "lower"
    assert evaluate(table, turned, component_weights=EQUAL).ranks.to_dict() == {"X": 1, "Y": 2}
    limited = library(low=0.0, high=20.0)
    assert evaluate(table, limited, component_weights=EQUAL).scores.loc["Y", "field-stock"] == 0.5
    heavy = library()
    heavy.loc[heavy["indicator_id"] == "field-stock", "weight"] = 3.0
    assert evaluate(table, heavy, component_weights=EQUAL).by_component.loc["X", "field"] == 0.25
    for lang in ("en", "zh"):
        assert len(plain.to_frame(lang).columns) == 6


def test_an_evaluation_with_gaps_is_refused():
    """A missing component, column, value or weight stops the evaluation; nothing is published with gaps."""
    table = pd.DataFrame(1.0, index=["X", "Y"], columns=library()["indicator_id"])
    three = library()[library()["component"] != "field"]
    with pytest.raises(InputError, match="field"):
        evaluate(table, three, component_weights=EQUAL)
    with pytest.raises(InputError, match="process-stock"):
        evaluate(table.drop(columns="process-stock"), library(), component_weights=EQUAL)
    with pytest.raises(InputError, match="monitoring"):
        evaluate(table.assign(**{"monitoring-stock": np.nan}), library(), component_weights=EQUAL)
    with pytest.raises(InputError, match="satisfaction"):
        evaluate(table, library(), component_weights={"monitoring": 1.0})
    with pytest.raises(InputError):
        evaluate(table, library(weight=-1.0), component_weights=EQUAL)


def test_increments_are_scored_beside_stocks():
    """Change is a share of the earlier value, and the difference where that was nothing."""
    before = pd.DataFrame({"a": [100.0, 0.0]}, index=["X", "Y"])
    now = pd.DataFrame({"a": [110.0, 3.0]}, index=["X", "Y"])
    assert with_increments(now, before)["a +"].to_dict() == pytest.approx({"X": 0.1, "Y": 3.0})
    with pytest.raises(InputError):
        with_increments(now, before.rename(index={"X": "Z"}))


def test_ranks_that_no_weights_can_change_always_hold():
    """Who is best in every component stays first in every draw; shares of ranks sum to 1."""
    rows = [[9] * 8, [5, 5, 5, 5, 2, 2, 1, 1], [1, 1, 2, 2, 5, 5, 5, 5]]
    table = pd.DataFrame(rows, index=list("XYZ"), columns=library()["indicator_id"], dtype=float)
    result = evaluate(table, library(), component_weights=EQUAL)
    for concentration in (50.0, None):
        table = result.rank_sensitivity(
            rng=np.random.default_rng(1), n_draws=5_000, concentration=concentration
        )
        assert table.loc["X", ["holds_share", "best_rank", "worst_rank"]].tolist() == [1.0, 1, 1]
        assert table.filter(like="rank_").filter(regex=r"rank_\d").sum(axis=1).to_numpy() == pytest.approx(1)
        assert 0 < table.loc["Y", "holds_share"] < 1
    again = result.rank_sensitivity(rng=np.random.default_rng(1), n_draws=5_000, concentration=None)
    pd.testing.assert_frame_equal(table, again)
    with pytest.raises(InputError):
        result.rank_sensitivity(rng=np.random.default_rng(1), n_draws=0)


def test_two_subjects_under_any_weights_against_the_exact_probability():
    """With components (a, b) better by turns, the share of draws is the exact area of the simplex.

    X scores 1 on two of the four components and 0 on the others, Y the reverse: by symmetry each is first
    with probability 1/2 when all weights are equally likely.
    """
    rows = [[1, 1, 1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1]]
    table = pd.DataFrame(rows, index=["X", "Y"], columns=library()["indicator_id"], dtype=float)
    result = evaluate(
        table, library(), component_weights=dict(zip(COMPONENTS, (0.3, 0.3, 0.2, 0.2), strict=True))
    )
    drawn = result.rank_sensitivity(rng=np.random.default_rng(3), n_draws=40_000, concentration=None)
    assert drawn["holds_share"].to_numpy() == pytest.approx(0.5, abs=0.01)


def test_years_without_an_inspection():
    """The last result is carried forward and marked, or the year has none (U-16)."""
    results = {2021: pd.Series({"X": 0.5}), 2023: pd.Series({"X": 0.7})}
    assert result_of_year(results, 2023)[1] is False
    carried, is_carried = result_of_year(results, 2022)
    assert (carried["X"], is_carried) == (0.5, True)
    assert result_of_year(results, 2022, off_year="skip") == (None, False)
    assert result_of_year(results, 2020) == (None, False)
    falls = marked_declines(pd.Series({"X": 0.5, "Y": 0.9}), pd.Series({"X": 0.7, "Y": 0.95}), threshold=0.1)
    assert falls.to_dict() == pytest.approx({"X": 0.2})


@pytest.mark.peer
@settings(max_examples=60)
@given(n=st.integers(1, 400), share=st.floats(0, 1), confidence=st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_wilson_agrees_with_statsmodels(n, share, confidence):
    """The interval is that of statsmodels' proportion_confint(method="wilson")."""
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    n_yes = round(share * n)
    wanted = proportion.proportion_confint(n_yes, n, alpha=1 - confidence, method="wilson")
    assert wilson_interval(n_yes, n, confidence=confidence) == pytest.approx(wanted, abs=1e-9)


def test_surveys_tell_what_silence_could_hide():
    """Response share, interval, and the shares if all who were silent had been of one mind."""
    table = pd.DataFrame({"invited_persons": [200], "answered_persons": [100], "satisfied_persons": [90]})
    row = satisfaction(table).iloc[0]
    assert (row["response_share"], row["satisfied_share"]) == (0.5, 0.9)
    assert (row["worst_share"], row["best_share"]) == (0.45, 0.95)
    assert row["low"] < 0.9 < row["high"]
    nobody = satisfaction(table.assign(answered_persons=0, satisfied_persons=0)).iloc[0]
    assert np.isnan(nobody["satisfied_share"])
    with pytest.raises(InputError):
        satisfaction(table.assign(satisfied_persons=101))
    for bad in ((5, 4, 0.95), (-1, 4, 0.95), (1, 4, 95)):
        with pytest.raises(InputError):
            wilson_interval(bad[0], bad[1], confidence=bad[2])


def test_strata_count_by_their_people():
    """A large quiet stratum outweighs a small loud one; the interval holds the share drawn from it."""
    answers = pd.DataFrame(
        {"answered_persons": [900, 100], "satisfied_persons": [810, 40]}, index=["small", "large"]
    )
    persons = pd.Series({"small": 1_000, "large": 9_000})
    result = stratified_satisfaction(answers, persons)
    assert result["satisfied_share"] == pytest.approx(0.1 * 0.9 + 0.9 * 0.4)
    assert result["unweighted_share"] == pytest.approx(0.85)
    assert result["low"] < result["satisfied_share"] < result["high"]
    with pytest.raises(InputError, match="third"):
        stratified_satisfaction(answers, pd.Series({"small": 1, "large": 1, "third": 1}))


def test_intervals_of_strata_cover_the_truth():
    """Drawn from a known population, the 95 % interval holds its share at least 93 % of the time."""
    rng = np.random.default_rng(11)
    persons, truth = pd.Series({"a": 5_000, "b": 3_000, "c": 2_000}), np.array([0.9, 0.6, 0.75])
    share = float((persons / persons.sum() * truth).sum())
    inside = 0
    for _ in range(1_000):
        answers = pd.DataFrame(
            {"answered_persons": [60, 60, 60], "satisfied_persons": rng.binomial(60, truth)},
            index=persons.index,
        )
        result = stratified_satisfaction(answers, persons)
        inside += result["low"] <= share <= result["high"]
    assert inside >= 930


def test_sample_sizes():
    """The textbook 385 for 5 %, fewer in a small population, more where few answer."""
    assert sample_size(0.05) == 385
    assert sample_size(0.05, persons=1_000) == 278
    assert sample_size(0.05, response_share=0.5) == 770
    for margin, response in itertools.product((0.0, 1.5), (1.0,)):
        with pytest.raises(InputError):
            sample_size(margin, response_share=response)


def test_visits_are_drawn_without_repeats_whatever_the_order():
    """Open and unannounced visits go to different sites; the order of the table changes nothing."""
    sites = pd.Index([f"F{i}" for i in range(20)])
    first = draw_visits(sites, n_open=3, n_unannounced=4, rng=np.random.default_rng(2))
    second = draw_visits(sites[::-1], n_open=3, n_unannounced=4, rng=np.random.default_rng(2))
    pd.testing.assert_frame_equal(first, second)
    assert first["site"].is_unique
    assert first["visit"].value_counts().to_dict() == {"open": 3, "unannounced": 4}
    with pytest.raises(InputError):
        draw_visits(sites, n_open=15, n_unannounced=6, rng=np.random.default_rng(2))
