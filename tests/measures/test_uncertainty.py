"""Bands over drawn speeds, detours, head counts and positions."""

from __future__ import annotations

import dataclasses
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import cultureplan as cp
from cultureplan.base.errors import CulturePlanError
from cultureplan.measures.uncertainty import (
    Bands,
    Uncertainty,
    drawn_worlds,
    uncertain_access,
    uncertain_coverage,
)
from cultureplan.travel.streets import Streets

WALK = cp.CircleStandard(id="w", rules=(cp.CircleRule(settlement="urban", limit=15, mode=cp.Walking()),))
LINE = cp.CircleStandard(
    id="l", rules=(cp.CircleRule(settlement="urban", limit=900, mode=cp.StraightLine()),)
)
CERTAIN = Uncertainty(
    speed_m_per_minute=(80, 80), detour=(1.2, 1.2), older_slower_m_per_minute=0, persons_spread_share=0
)


def town(*, older: bool = False) -> cp.World:
    """Return one library and people from 0 to 1,900 m away, in two quarters, some of them older."""
    x = np.arange(0, 2_000, 100)
    people = {
        "demand_id": [f"D{i:02d}" for i in range(len(x))],
        "persons": 100.0,
        "quarter": np.where(x < 1_000, "near", "far"),
    }
    if older:
        people["older_persons"] = 40.0
    demand = gpd.GeoDataFrame(
        people, geometry=gpd.points_from_xy(500_000 + x, np.full(len(x), 4_300_000.0)), crs="EPSG:4544"
    )
    library = gpd.GeoDataFrame(
        {"facility_id": ["F"], "name": "x", "level": "branch", "floor_area_m2": [500.0]},
        geometry=gpd.points_from_xy([500_000], [4_300_000]),
        crs="EPSG:4544",
    )
    return cp.World(name="t", facilities=cp.Facilities(library), demand=cp.DemandPoints(demand))


def test_with_nothing_uncertain_every_draw_is_the_baseline():
    """Ranges without width give the plain measure, for coverage and for access."""
    world = town(older=True)
    for bands in (
        uncertain_coverage(world, WALK, rng=1, uncertainty=CERTAIN, n_draws=3),
        uncertain_access(world, [500.0], rng=1, uncertainty=CERTAIN, n_draws=3),
    ):
        assert (bands.draws == bands.baseline).all().all()
        band = bands.band()
        assert (band["low"] == band["high"]).all()
    assert (
        uncertain_coverage(world, WALK, rng=1, n_draws=2).baseline["all"]
        == cp.measure_coverage(world, WALK).share
    )


def test_the_band_lies_between_the_ends_of_the_ranges():
    """All draws lie between the slowest walker on the longest way and the quickest on the shortest."""
    world = town()
    ranges = Uncertainty(persons_spread_share=0)
    bands = uncertain_coverage(world, WALK, rng=2, uncertainty=ranges, n_draws=60)
    reach = [cp.Walking(speed_m_per_minute=s, detour=d).radius_m(15) for s, d in ((60, 1.4), (90, 1.1))]
    low, high = (np.mean(np.arange(0, 2_000, 100) <= r) for r in reach)
    assert low <= bands.draws["all"].min() < bands.draws["all"].max() <= high
    band = bands.band(0.8).loc["all"]
    assert band["low"] <= band["median"] <= band["high"]
    assert bands.band(0.5).loc["all", "high"] <= band["high"]


def test_older_people_are_covered_less_and_by_their_share():
    """At one speed, people in reach of the young only lose the older 40 % of their number."""
    world = town(older=True)
    slow = dataclasses.replace(CERTAIN, older_slower_m_per_minute=34)
    share = uncertain_coverage(world, WALK, rng=1, uncertainty=slow, n_draws=1).draws.loc[0, "all"]
    young = 11 * 60  # to 1,000 m at 80 m/min
    old = 6 * 40  # to 575 m at 46 m/min
    assert share == pytest.approx((young + old) / 2_000)


def test_older_people_draw_on_less_and_leave_more_to_the_others():
    """At one speed: the young of 11 points and the old of 6 share the library; supply is given out once."""
    world = town(older=True)
    slow = dataclasses.replace(CERTAIN, older_slower_m_per_minute=34)
    access = uncertain_access(world, [500.0], rng=1, uncertainty=slow, n_draws=1).draws.loc[0]
    ratio = 500 / (11 * 60 + 6 * 40)
    assert access.to_numpy() == pytest.approx([ratio] * 6 + [0.6 * ratio] * 5 + [0.0] * 9)
    assert (access * 100).sum() == pytest.approx(500)


def test_the_same_seed_gives_the_same_draws():
    """Chance comes from `rng` and from nowhere else."""
    world = town()
    one = uncertain_coverage(world, WALK, rng=3, n_draws=5)
    same = uncertain_coverage(world, WALK, rng=np.random.default_rng(3), n_draws=5)
    other = uncertain_coverage(world, WALK, rng=4, n_draws=5)
    pd.testing.assert_frame_equal(one.draws, same.draws)
    assert not one.draws.equals(other.draws)


def test_head_counts_keep_their_mean_and_positions_their_spread():
    """Drawn persons have the stated spread about the count, points that about their place."""
    world = town(older=True)
    ranges = Uncertainty(persons_spread_share=0.2, position_spread_m=30.0)
    draws = list(drawn_worlds(world, ranges, rng=5, n_draws=150))
    persons = np.array([draw.world.demand.persons for draw in draws])
    assert persons.mean() == pytest.approx(100, rel=0.02)
    assert persons.std() == pytest.approx(20, rel=0.1)
    older = draws[0].world.demand.frame["older_persons"].to_numpy()
    np.testing.assert_allclose(older, persons[0] * 0.4)
    offsets = np.array([draw.world.demand.xy - world.demand.xy for draw in draws])
    assert offsets.std() == pytest.approx(30, rel=0.05)
    assert abs(offsets.mean()) < 2
    assert all(60 <= draw.speed_m_per_minute <= 90 and 1.1 <= draw.detour <= 1.4 for draw in draws)
    assert (world.demand.persons == 100).all()


def test_rules_on_the_straight_line_hang_on_positions_only():
    """A limit in metres as the crow flies has no speed; with exact positions its band has no width."""
    ranges = Uncertainty(persons_spread_share=0)
    bands = uncertain_coverage(town(), LINE, rng=1, uncertainty=ranges, n_draws=4)
    assert len(set(bands.draws["all"])) == 1
    shaken = dataclasses.replace(ranges, position_spread_m=80)
    bands = uncertain_coverage(town(), LINE, rng=1, uncertainty=shaken, n_draws=12)
    assert len(set(bands.draws["all"])) > 1


def test_rules_along_paths_and_streets_take_the_draws_that_concern_them():
    """A path limit takes the detour; walking along streets takes the speed and leaves the way alone."""
    from cultureplan.measures.uncertainty import _walked_rule

    def walked(mode):
        rule = cp.CircleRule(settlement="urban", limit=900, mode=mode)
        return _walked_rule(rule, 66.0, 1.3).mode

    assert walked(cp.StraightLine(detour=1.2)) == cp.StraightLine(detour=1.3)
    assert walked(cp.Walking()) == cp.Walking(speed_m_per_minute=66.0, detour=1.3)
    assert walked(Streets()).speed_m_per_minute == 66.0
    assert walked(Streets(profile="drive")) == Streets(profile="drive")


def test_bands_by_place_say_how_sure_the_ranks_are():
    """The far quarter is worse in every draw; its rank is certain and the correlation 1."""
    bands = uncertain_coverage(town(), WALK, rng=1, by="quarter", n_draws=20)
    assert bands.baseline.index.tolist() == ["far", "near"]
    ranks = bands.ranks(n_worst=1)
    assert ranks.loc["far", ["baseline", "mean", "low", "high", "worst_share"]].tolist() == [1, 1, 1, 1, 1]
    assert bands.rank_stability() == pytest.approx(1.0)
    access = uncertain_access(town(), [500.0], rng=1, by="quarter", n_draws=10)
    assert (access.draws["near"] > access.draws["far"]).all()


def test_rank_stability_is_the_mean_spearman_correlation():
    """One draw in order, one reversed: the mean is 0; a single unit has no ranks to compare."""
    base = pd.Series([1.0, 2.0, 3.0], index=list("abc"))
    draws = pd.DataFrame([[10.0, 20.0, 30.0], [3.0, 2.0, 1.0]], columns=list("abc"))
    bands = Bands(name="x", baseline=base, draws=draws)
    assert bands.rank_stability() == pytest.approx(0.0)
    single = Bands(name="x", baseline=base[:1], draws=draws[["a"]])
    assert math.isnan(single.rank_stability())


WRONG = {
    "a range turned round": (lambda: Uncertainty(speed_m_per_minute=(90, 60)), "uncertainty.bad_range"),
    "older people at a stand": (lambda: Uncertainty(older_slower_m_per_minute=70), "uncertainty.bad_range"),
    "a detour below the straight line": (lambda: Uncertainty(detour=(0.9, 1.2)), "uncertainty.short_detour"),
    "a negative spread": (lambda: Uncertainty(persons_spread_share=-0.1), "uncertainty.bad_spread"),
    "an unknown column": (
        lambda: uncertain_coverage(town(), WALK, rng=1, by="quartier", n_draws=1),
        "uncertainty.unknown_column",
    ),
    "no draws": (lambda: uncertain_coverage(town(), WALK, rng=1, n_draws=0), "fault.not_positive"),
    "a level of 90": (
        lambda: uncertain_coverage(town(), WALK, rng=1, n_draws=1).band(90),
        "equity.level",
    ),
}


@pytest.mark.parametrize(("call", "code"), WRONG.values(), ids=WRONG.keys())
def test_ranges_that_make_no_sense_are_named(call, code):
    """Each fault has its message in both languages."""
    with pytest.raises(CulturePlanError) as caught:
        call()
    assert caught.value.faults[0].code == code
    assert caught.value.render("zh")


def test_bands_by_place_follow_the_tree_of_places():
    """By place and by county the baseline is what the plain measure says of them."""
    world, standard = cp.load_world("shizuishan"), cp.load_circles("shizuishan-2021")
    plain = cp.measure_coverage(world, standard)
    for by in ("county", "place_id", "settlement"):
        bands = uncertain_coverage(world, standard, rng=1, by=by, n_draws=1)
        expected = plain.by(by)["covered_share"]
        pd.testing.assert_series_equal(
            bands.baseline, expected.dropna(), check_names=False, check_index_type=False
        )
