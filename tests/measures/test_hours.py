"""Opening hours and coverage through the week, against an hour-by-hour oracle."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours

import cultureplan as cp
from cultureplan.base.errors import InputError
from cultureplan.measures.hours import (
    ORDINARY_WEEK,
    measure_weekly_coverage,
    opening_week,
    period_slots,
    weekly_hours,
    world_at,
)

HOURS = [
    "Tu-Su 09:00-17:00",
    "24/7",
    "Mo-Fr 08:30-12:00,14:30-18:00",
    "Fr 20:00-26:00",
    "Sa-Su",
    None,
    "PH off",
]
MONDAY = dt.datetime.combine(ORDINARY_WEEK, dt.time())
STANDARD = cp.CircleStandard(
    id="own", rules=(cp.CircleRule(settlement="urban", limit=1_000, mode=cp.StraightLine()),)
)


def town(hours, demand_x=(0, 2_000, 4_000), persons=(100, 50, 10)):
    """Return a town on a line: facilities every 2,000 m with the given hours, people beside them."""
    n = len(hours)
    facilities = gpd.GeoDataFrame(
        {
            "facility_id": [f"F{i}" for i in range(n)],
            "name": "x",
            "level": "service_point",
            "opening_hours": pd.Series(hours, dtype=object),
        },
        geometry=gpd.points_from_xy(500_000 + 2_000 * np.arange(n), np.full(n, 4_300_000.0)),
        crs="EPSG:4544",
    )
    demand = gpd.GeoDataFrame(
        {"demand_id": [f"D{i}" for i in range(len(demand_x))], "persons": persons},
        geometry=gpd.points_from_xy(500_000 + np.asarray(demand_x), np.full(len(demand_x), 4_300_000.0)),
        crs="EPSG:4544",
    )
    return cp.World(name="line", facilities=cp.Facilities(facilities), demand=cp.DemandPoints(demand))


def test_hours_a_week_are_counted_from_the_text():
    """A week of slots adds up to the hours on the door, over midnight too; unknown hours are listed."""
    world = town(HOURS)
    week = opening_week(world.facilities)
    assert week.hours.tolist() == [48.0, 168.0, 35.0, 6.0, 48.0, 0.0, 0.0]
    assert week.always_open.tolist() == ["F1"]
    assert week.unknown == ("F5",)
    assert week.hours_in("weekend").tolist() == [16.0, 28.0, 0.0, 0.0, 28.0, 0.0, 0.0]
    assert week.hours_in("Fr 20:00-22:00")["F3"] == 2.0


def test_facilities_that_state_no_hours_count_as_they_are_told_to():
    """Closed, open, or an error naming the first of them."""
    facilities = town(["24/7", None]).facilities
    assert opening_week(facilities, missing="open").hours.tolist() == [168.0, 168.0]
    with pytest.raises(InputError) as caught:
        weekly_hours(facilities)
    assert caught.value.faults[0].code == "hours.missing"
    assert "F1" in caught.value.render("zh")


@settings(max_examples=30)
@given(
    hours=st.lists(st.sampled_from(HOURS), min_size=1, max_size=4),
    minute=st.integers(0, 7 * 24 * 60 - 1),
)
def test_the_world_at_a_moment_holds_what_is_open_then(hours, minute):
    """The library's own answer for the moment decides which facilities are left."""
    world = town(hours)
    moment = MONDAY + dt.timedelta(minutes=minute)
    at = world_at(world, moment)
    expected = [f"F{i}" for i, text in enumerate(hours) if text and OpeningHours(text).is_open(moment)]
    assert at.facilities.ids[at.facilities.select()].tolist() == expected


@settings(max_examples=4)
@given(hours=st.lists(st.sampled_from(HOURS[:6]), min_size=1, max_size=3))
def test_the_week_is_the_measure_taken_at_every_slot(hours):
    """Each slot's persons equal coverage of the world at that hour, whatever states were put together."""
    world = town(hours)
    week = measure_weekly_coverage(world, STANDARD, slot_minutes=60)
    for minute in range(0, 7 * 24 * 60, 11 * 60):
        moment = MONDAY + dt.timedelta(minutes=minute)
        there = cp.measure_coverage(world_at(world, moment), STANDARD)
        slot = week.curve.loc[minute]
        assert slot["persons"] == there.persons
        assert slot["share"] == pytest.approx(there.share)
        assert (week.at(moment) == there.is_covered).all()


def test_the_parts_of_a_week_are_worth_what_their_hours_are():
    """Three libraries: office hours, always, and Saturdays; people at each of them."""
    world = town(["Mo-Fr 08:30-17:30", "24/7", "Sa 10:00-12:00"])
    week = measure_weekly_coverage(world, STANDARD)
    assert week.hours_covered.tolist() == [45.0, 168.0, 2.0]
    table = week.by_period()
    assert table.loc["office", "hours"] == 45
    assert table.loc["office", "persons_at_some_time"] == 150
    assert table.loc["office", "persons_throughout"] == 150
    assert table.loc["weekend", "persons_at_some_time"] == 60
    assert table.loc["outside_office", "persons_at_some_time"] == 60
    assert table.loc["week", "persons_throughout"] == 50
    everything = 45 * 100 + 168 * 50 + 2 * 10
    assert table.loc["weekend", "share_of_covered_hours"] == pytest.approx((28 * 50 + 2 * 10) / everything)
    assert table.loc["office", "mean_share"] == pytest.approx(150 / 160)
    assert week.covered_in("Sa").tolist() == [0.0, 24.0, 2.0]
    assert week.curve.loc[5 * 1440 + 10 * 60, ["weekday", "time", "n_open"]].tolist() == [6, "10:00", 2]


def test_longer_hours_never_cover_fewer_people():
    """Opening one facility for longer raises every slot or leaves it as it is."""
    short = measure_weekly_coverage(town(["Mo-Fr 09:00-17:00", "Sa-Su"]), STANDARD).curve
    longer = measure_weekly_coverage(town(["Mo-Su 09:00-21:00", "Sa-Su"]), STANDARD).curve
    assert (longer["persons"] >= short["persons"]).all()
    assert longer["persons"].sum() > short["persons"].sum()


def test_public_holidays_close_what_they_close():
    """The National Day week of 2026 in China: closed on the first of October by PH off."""
    facilities = town(["Mo-Su 09:00-17:00; PH off"]).facilities
    assert opening_week(facilities).hours.tolist() == [56.0]
    assert opening_week(facilities, week_of=dt.date(2026, 10, 1)).hours.iloc[0] < 56


def test_slots_begin_open_or_not_at_all():
    """A facility that opens at 9:15 is open from the slot of 9:30, or 9:15 where slots are shorter."""
    facilities = town(["Mo 09:15-10:00"]).facilities
    assert opening_week(facilities).hours.tolist() == [0.5]
    assert opening_week(facilities, slot_minutes=15).hours.tolist() == [0.75]
    assert period_slots("Mo 00:00-01:00", slot_minutes=60).sum() == 1


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: period_slots("from nine to five"), "hours.not_read"),
        (lambda: period_slots("Mo", slot_minutes=45), "hours.bad_slot"),
    ],
    ids=["no hours", "no slot"],
)
def test_hours_that_cannot_be_read_say_so(call, code):
    """Both faults have their message and remedy in both languages."""
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.faults[0].code == code
    assert caught.value.render("zh")
