"""A world: tables that agree with each other, and edited copies of it."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import geopandas as gpd
import pytest
import shapely

import cultureplan as cp
from cultureplan.base.checks import Origin
from cultureplan.base.errors import WorldError
from tests.worlds import CRS, ORIGIN, demand, facilities

X, Y = ORIGIN


def places(order: tuple[int, ...] = (0, 1, 2)) -> cp.Places:
    """A county of two towns that share an edge."""
    frame = gpd.GeoDataFrame(
        {
            "place_id": ["C", "T1", "T2"],
            "name": ["县", "一镇", "二镇"],
            "place_level": ["county", "township", "township"],
            "parent_id": [None, "C", "C"],
        },
        geometry=[
            shapely.box(X, Y, X + 2000, Y + 1000),
            shapely.box(X, Y, X + 1000, Y + 1000),
            shapely.box(X + 1000, Y, X + 1900, Y + 1000),
        ],
        crs=CRS,
    )
    return cp.Places(frame.iloc[list(order)])


@pytest.fixture
def world() -> cp.World:
    """Two facilities and four demand points, one of which names its place."""
    return cp.World(
        name="Test",
        facilities=facilities([(100, 100), (1500, 500)]),
        demand=demand(
            [(200, 200), (1000, 500), (1950, 500), (9000, 0)], [1, 2, 3, 4], place_id=["T2", None, None, None]
        ),
        places=places(),
        notes={"name_zh": "测试"},
    )


def test_the_table_says_where_a_point_belongs_and_else_the_lowest_polygon(world: cp.World):
    """A point on a shared edge goes to one of the two, outside all to none, in the county only to that."""
    assert world.demand_places.isna().tolist() == [False, False, False, True]
    assert world.demand_places.tolist()[:3] == ["T2", "T1", "C"]
    assert world.facility_places.tolist() == ["T1", "T2"]


def test_where_a_point_belongs_does_not_depend_on_the_order_of_places(world: cp.World):
    """Not even on a shared edge."""
    turned = dataclasses.replace(world, places=places((2, 1, 0)))
    assert turned.demand_places.dropna().equals(world.demand_places.dropna())


def test_without_places_only_the_table_tells(world: cp.World):
    """No polygon, no guess."""
    alone = dataclasses.replace(world, places=None)
    assert alone.demand_places.tolist()[0] == "T2"
    assert alone.demand_places.isna().tolist() == [False, True, True, True]
    assert alone.facility_places.isna().all()


def test_a_place_that_is_not_there_is_named_with_its_file(world: cp.World):
    """Rows as the user counts them."""
    with pytest.raises(WorldError) as caught:
        cp.World(
            name="x",
            facilities=world.facilities,
            demand=demand([(0, 0), (1, 1)], place_id=["T1", "T3"]),
            places=world.places,
            origins={"demand": Origin(table="demand", file="demand.csv", first_row=2)},
        )
    (fault,) = caught.value.faults
    assert (fault.code, fault.file, fault.rows, fault.samples) == (
        "world.unknown_place",
        "demand.csv",
        ("3",),
        ("T3",),
    )


def test_tables_in_different_systems_are_refused(world: cp.World):
    """Naming them all."""
    with pytest.raises(WorldError, match="facilities EPSG:4545, demand EPSG:4544"):
        cp.World(name="x", facilities=world.facilities.to_crs("EPSG:4545"), demand=world.demand)


def test_a_world_cannot_be_changed(world: cp.World):
    """Neither its fields nor its notes."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        world.name = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        world.notes["name_zh"] = "改"  # type: ignore[index]


def test_edited_copies_leave_the_world_as_it_is(world: cp.World):
    """Other facilities, other people, the same rest."""
    more = world.with_facilities(facilities([(0, 0), (1, 1), (2, 2)]))
    assert (len(more.facilities), len(world.facilities)) == (3, 2)
    assert more.demand is world.demand
    fewer = world.with_demand(demand([(0, 0)]))
    assert (len(fewer.demand), len(world.demand)) == (1, 4)
    assert fewer.notes == world.notes


def test_a_world_moves_to_another_system_whole(world: cp.World):
    """All tables together."""
    there = world.to_crs("EPSG:4545")
    assert there.crs.to_epsg() == there.facilities.crs.to_epsg() == there.places.crs.to_epsg() == 4545
    assert there.demand_places.dropna().equals(world.demand_places.dropna())


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda world: pickle.loads(pickle.dumps(world))])
def test_a_world_can_be_copied_and_sent_to_another_process(world: cp.World, again):
    """Its notes stay read-only."""
    other = again(world)
    assert other.demand.frame.equals(world.demand.frame)
    assert other.notes == world.notes
    with pytest.raises(TypeError):
        other.notes["x"] = 1


def test_a_world_has_a_title_in_both_languages(world: cp.World):
    """The Chinese one where there is one."""
    assert (world.title(), world.title("zh")) == ("Test", "测试")
    assert dataclasses.replace(world, notes={}).title("zh") == "Test"


def test_a_world_shows_what_it_holds(world: cp.World):
    """On one line."""
    assert repr(world) == (
        "World('Test': 2 facilities, 4 demand points with 10 persons, 3 places, EPSG:4544)"
    )
