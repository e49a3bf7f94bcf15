"""Invented worlds: any size, always valid, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import InputError
from cultureplan.datasets import layout, synthetic_world
from cultureplan.datasets.layout import LAND, split
from cultureplan.world.levels import Level, Settlement


@settings(max_examples=25)
@given(
    n_demand=st.integers(1, 400),
    n_facilities=st.integers(1, 60),
    n_candidates=st.integers(0, 40),
    weights=st.tuples(*[st.floats(0, 1)] * 3).filter(lambda w: sum(w) > 0.01),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_world_of_any_size_is_a_world(n_demand, n_facilities, n_candidates, weights, seed):
    """The counts are exactly those asked for, and the tables pass every check that a user's tables do."""
    mix = dict(zip(("urban", "rural", "pastoral"), weights, strict=True))
    world = synthetic_world(n_demand, n_facilities, seed=seed, n_candidates=n_candidates, settlement_mix=mix)
    status = world.facilities.frame["status"]
    assert len(world.demand) == n_demand
    assert (status == "existing").sum() == n_facilities
    assert (status == "candidate").sum() == n_candidates
    assert (world.demand.persons >= 1).all()
    assert world.network.orphans() == ()
    assert len(world.network.roots()) == 1


def test_the_same_seed_gives_the_same_world_and_another_seed_another():
    """The world depends on the arguments alone; a generator may stand in for a seed."""
    first, again = synthetic_world(500, 20, seed=3), synthetic_world(500, 20, seed=np.random.default_rng(3))
    other = synthetic_world(500, 20, seed=4)
    for table in ("facilities", "demand", "places"):
        frame = getattr(first, table).frame
        assert frame.equals(getattr(again, table).frame)
        assert not frame.equals(getattr(other, table).frame)


def test_every_level_is_there_and_the_links_follow_the_places():
    """Fifty facilities are 1, 3, 15 and 31 on the four levels; a point reports to its township's branch."""
    world = synthetic_world(2_000, 50, seed=11, n_candidates=30)
    facilities = world.facilities.frame.set_index("facility_id")
    standing = facilities[facilities["status"] == "existing"]
    counts = standing["level"].value_counts()
    assert [counts[level] for level in Level] == [1, 3, 15, 31]
    places = world.places.frame.set_index("place_id")
    points = facilities[facilities["level"] == "service_point"]
    branch_town = facilities.loc[points["parent_id"], "place_id"].to_numpy(object)
    own_town = places.loc[points["place_id"], "parent_id"].to_numpy(object)
    assert (branch_town == own_town).all()


def test_the_mix_of_settlements_is_kept_exactly():
    """A mix of 1 : 2 : 1 over 400 demand points is 100, 200 and 100 of them."""
    world = synthetic_world(400, 10, settlement_mix={"urban": 1, "rural": 2, "pastoral": 1})
    assert world.demand.settlement.value_counts().to_dict() == {"rural": 200, "urban": 100, "pastoral": 100}
    only_farms = synthetic_world(50, 5, settlement_mix={"rural": 1})
    assert set(only_farms.demand.settlement) == {"rural"}


def test_sizes_and_groups_follow_their_stated_distributions():
    """Median persons a point and the share of minors come out as written in the table of land types."""
    world = synthetic_world(20_000, 50, seed=2)
    demand = world.demand.frame
    for name, rows in demand.groupby("settlement"):
        land = LAND[Settlement(name)]
        assert rows["persons"].median() == pytest.approx(land.persons, rel=0.05)
        assert rows["minors_persons"].sum() / rows["persons"].sum() == pytest.approx(
            land.minors_share, rel=0.03
        )
    assert ((demand["minors_persons"] + demand["older_persons"]) <= demand["persons"]).all()


def test_towns_are_dense_and_pastures_wide():
    """Homes in town have their nearest neighbours nearer than farms, and farms nearer than herders."""
    world = synthetic_world(6_000, 20, seed=5)
    xy = {name: world.demand.xy[world.demand.settlement == name] for name in ("urban", "rural", "pastoral")}
    typical = {}
    for name, points in xy.items():
        apart = np.hypot(*(points[:200, None, :] - points[None, :, :]).transpose(2, 0, 1))
        typical[name] = np.median(np.sort(apart, axis=1)[:, 10])
    assert typical["urban"] < typical["rural"] < typical["pastoral"]


def test_homes_belong_to_the_village_they_stand_in():
    """The place of a demand point is a village whose centre is within a few spreads of it."""
    world = synthetic_world(3_000, 20, seed=9)
    villages = world.places.frame.set_index("place_id").loc[world.demand.frame["place_id"]]
    centre = np.column_stack([villages.geometry.x, villages.geometry.y])
    spread = world.demand.settlement.map({s.value: land.spread_m for s, land in LAND.items()}).to_numpy()
    assert (np.hypot(*(world.demand.xy - centre).T) < 6 * spread).all()


def test_a_very_large_world_is_drawn_together(monkeypatch):
    """What would leave the plane system is scaled down instead, with every distance in proportion."""
    wide = synthetic_world(300, 20, seed=1)
    reach = np.abs(wide.demand.xy - layout.CENTRE_M).max()
    monkeypatch.setattr(layout, "MAX_REACH_M", reach / 4)
    tight = synthetic_world(300, 20, seed=1)
    ratio = (tight.demand.xy - layout.CENTRE_M) / (wide.demand.xy - layout.CENTRE_M)
    assert np.ptp(ratio) < 1e-6
    assert ratio.mean() < 0.5


@pytest.mark.parametrize(
    "arguments",
    [
        {"n_demand": 0},
        {"n_facilities": 0},
        {"n_candidates": -1},
        {"n_demand": 1.5},
        {"n_demand": True},
        {"settlement_mix": {}},
        {"settlement_mix": {"urban": -1, "rural": 2}},
        {"settlement_mix": {"suburban": 1}},
        {"settlement_mix": {"urban": float("nan")}},
    ],
)
def test_senseless_arguments_are_refused(arguments):
    """A count below its least value or a mix that is none says so in both languages."""
    with pytest.raises(InputError) as caught:
        synthetic_world(**arguments)
    assert caught.value.render("en") != caught.value.render("zh")


@given(
    total=st.integers(0, 10_000),
    weights=st.lists(st.floats(0.01, 1), min_size=1, max_size=30),
    data=st.data(),
)
def test_a_split_into_whole_numbers_sums_up_and_stays_near_its_quota(total, weights, data):
    """The parts sum to the total, none is below the least, and none is more than one off its quota."""
    least = data.draw(st.integers(0, total // len(weights)))
    share = np.array(weights)
    parts = split(total, share, least=least)
    quota = (total - least * len(share)) * share / share.sum() + least
    assert parts.sum() == total
    assert (parts >= least).all()
    assert (np.abs(parts - quota) < 1 + 1e-9).all()
