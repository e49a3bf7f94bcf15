"""The bundled worlds: they load, their totals are the published ones, and the planted lessons hold."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import cultureplan as cp
from cultureplan import datasets
from cultureplan.base.errors import UnknownNameError

WORLDS = ("chicago", "newyork", "sanheyuan", "shizuishan", "wuhan")


@pytest.fixture(scope="module")
def worlds() -> dict[str, cp.World]:
    """Every bundled world, loaded once."""
    return {name: datasets.load_world(name) for name in WORLDS}


def test_the_bundled_worlds_are_listed():
    """Names come in order, and each has a folder that is a world."""
    assert datasets.names() == WORLDS


@pytest.mark.parametrize("name", WORLDS)
def test_a_bundled_world_loads_without_a_fault_and_says_where_it_is_from(name, worlds):
    """It has both titles, sources with a licence each, and an explanation of every column."""
    world = worlds[name]
    assert world.title("en") != world.title("zh")
    assert all(source["licence"] and source["reference"] for source in world.notes["sources"])
    tables = {
        "facilities": world.facilities.frame,
        "demand": world.demand.frame,
        "places": world.places.frame,
    }
    if world.streets is not None:
        tables["streets"] = world.streets.to_edges().rename(columns={"way_class": "highway"})
    assert set(world.notes["columns"]) == set(tables)
    for table, frame in tables.items():
        explained = world.notes["columns"][table]
        assert {entry["status"] for entry in explained.values()} <= {"real", "derived", "modelled"}
        assert all(entry["en"] and entry["zh"] for entry in explained.values())
        read = set(explained) - {"lon", "lat", "x", "y", "geometry"}
        assert read <= set(frame.columns)


@pytest.mark.parametrize("name", WORLDS)
def test_the_hierarchy_of_a_bundled_world_is_whole(name, worlds):
    """No facility below the top lacks a parent, every id stands once, and all places belong together."""
    world = worlds[name]
    assert world.network.orphans() == ()
    assert world.facilities.ids.is_unique
    assert world.places.frame["parent_id"].isna().sum() == 1
    assert set(world.facilities.frame["place_id"]) <= set(world.places.ids)
    assert set(world.demand.frame["place_id"]) <= set(world.places.ids)


@pytest.mark.parametrize("name", WORLDS)
def test_a_source_page_has_both_languages(name):
    """English comes first, then Chinese; each half can be had alone."""
    english, chinese = datasets.source_page(name, lang="en"), datasets.source_page(name, lang="zh")
    assert datasets.source_page(name).startswith(english.strip())
    assert "## Sources and licences" in english
    assert "## 来源与许可" in chinese
    assert "## 来源与许可" not in english
    assert "## Sources and licences" not in chinese


def test_a_misspelt_name_is_answered_with_the_closest_one():
    """The error names the world that was probably meant, and lists all of them."""
    with pytest.raises(UnknownNameError, match="shizuishan") as caught:
        datasets.load_world("shizuishang")
    assert "newyork" in str(caught.value)
    assert "是否指" in caught.value.render("zh")


def test_the_overview_counts_what_is_there(worlds):
    """One row a world, with its persons and its facilities that stand."""
    table = datasets.describe()
    assert tuple(table.index) == WORLDS
    assert table["persons"].to_dict() == {
        "chicago": 8_105_097,
        "newyork": 2_970_981,
        "sanheyuan": 26_388,
        "shizuishan": 751_389,
        "wuhan": 1_302_964,
    }
    assert table.loc["newyork", "n_facilities"] == 213
    candidates = {"chicago": 0, "newyork": 0, "sanheyuan": 9, "shizuishan": 194, "wuhan": 32}
    assert table["n_candidates"].to_dict() == candidates


# ---------------------------------------------------------------- Shizuishan


def test_the_districts_of_shizuishan_sum_to_the_census(worlds):
    """Whole persons that add up exactly to the 2020 totals of the three districts."""
    demand = worlds["shizuishan"].demand.frame
    assert (demand["persons"] % 1 == 0).all()
    sums = demand.groupby(demand["demand_id"].str[:6])["persons"].sum().to_dict()
    assert sums == {"640202": 298_292, "640205": 178_891, "640221": 274_206}


def test_the_urban_share_of_each_district_is_that_of_the_census(worlds):
    """Urban persons are the census share of the district's total, rounded to whole persons."""
    demand = worlds["shizuishan"].demand.frame
    urban = demand[demand["settlement"] == "urban"]
    sums = urban.groupby(urban["demand_id"].str[:6])["persons"].sum().to_dict()
    shares = {"640202": 0.9129, "640205": 0.837, "640221": 0.5961}
    totals = {"640202": 298_292, "640205": 178_891, "640221": 274_206}
    assert sums == {code: round(totals[code] * share) for code, share in shares.items()}


def test_the_age_groups_of_each_district_are_those_of_the_census(worlds):
    """Under 15 and 65 and over sum to the census shares and exceed the persons nowhere."""
    demand = worlds["shizuishan"].demand.frame
    sums = demand.groupby(demand["demand_id"].str[:6])[["persons", "minors_persons", "older_persons"]].sum()
    shares = (sums[["minors_persons", "older_persons"]].div(sums["persons"], axis=0)).round(4)
    assert shares["minors_persons"].tolist() == [0.15, 0.1337, 0.172]
    assert shares["older_persons"].tolist() == [0.1189, 0.1219, 0.1233]


def test_the_places_of_shizuishan_nest_by_their_codes(worlds):
    """A town's code begins with its district's, a village's with its town's; 3, 36 and 326 of them."""
    places = worlds["shizuishan"].places.frame
    levels = Counter(places["place_level"])
    assert (levels["city"], levels["county"], levels["township"]) == (1, 3, 36)
    assert levels["village"] + levels["community"] == 326
    below = places[places["parent_id"].notna()]
    assert all(
        code.startswith(parent) for code, parent in zip(below["place_id"], below["parent_id"], strict=True)
    )


def test_the_network_of_shizuishan_has_four_levels_as_the_plan_says(worlds):
    """One central library, a head in each district, a branch in each town, points under their own town."""
    network = worlds["shizuishan"].network
    frame = worlds["shizuishan"].facilities.frame
    standing = frame[frame["status"] == "existing"]
    counts = Counter(standing["level"])
    assert (counts["central"], counts["head"], counts["branch"]) == (1, 3, 36)
    assert len(network.roots()) == 1
    points = frame[frame["level"] == "service_point"]
    assert (points["parent_id"] == points["place_id"].str[:9] + "-B").all()
    assert len(points) == 326


def test_no_two_villages_of_shizuishan_stand_on_each_other(worlds):
    """Positions by rule keep apart: 600 m and more but for those published."""
    xy = worlds["shizuishan"].demand.xy
    apart = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    assert apart.min() > 600


def test_a_village_of_shizuishan_is_near_its_own_town(worlds):
    """Three in four villages stand nearer to their own town's centre than to any other's, none 15 km off."""
    world = worlds["shizuishan"]
    places = world.places.frame.set_index("place_id")
    towns = places[places["place_level"] == "township"]
    centres = np.column_stack([towns.geometry.x, towns.geometry.y])
    apart = np.hypot(*(world.demand.xy[:, None, :] - centres[None, :, :]).transpose(2, 0, 1))
    own = towns.index.get_indexer(world.demand.ids.str[:9])
    assert (apart.argmin(axis=1) == own).mean() > 0.75
    assert apart[np.arange(len(own)), own].max() < 15_000


def test_the_urban_circle_of_shizuishan_leaves_something_to_plan(worlds):
    """Within 1,000 m (15 minutes) are 55 to 90 % of townspeople; five greedy sites add 3 points or more."""
    world = worlds["shizuishan"]
    urban = (world.demand.settlement == "urban").to_numpy()
    persons = world.demand.persons.to_numpy() * urban
    status = world.facilities.frame["status"]
    apart = np.hypot(*(world.demand.xy[:, None, :] - world.facilities.xy[None, :, :]).transpose(2, 0, 1))
    near = apart <= 1_000
    covered = near[:, status == "existing"].any(axis=1)
    before = (persons * covered).sum() / persons.sum()
    candidates = near[:, status == "candidate"]
    for _ in range(5):
        covered |= candidates[:, ((persons * ~covered)[:, None] * candidates).sum(axis=0).argmax()]
    after = (persons * covered).sum() / persons.sum()
    assert 0.55 < before < 0.90
    assert after - before > 0.03


# ---------------------------------------------------------------- New York


def test_new_york_has_the_census_totals_and_all_branches(worlds):
    """2,713 and 3,839 points with 1,585,873 and 1,385,108 residents; 92, 65 and 59 branches."""
    world = worlds["newyork"]
    demand = world.demand.frame
    assert demand.groupby("place_id")["persons"].sum().to_dict() == {"36061": 1_585_873, "36005": 1_385_108}
    assert Counter(demand["place_id"]) == {"36061": 2_713, "36005": 3_839}
    assert Counter(world.facilities.frame["owner"]) == {"NYPL": 92, "QPL": 65, "BPL": 59}


def test_new_york_is_three_trees_two_levels_deep(worlds):
    """Each system's main building heads all its other branches, closed ones included."""
    world = worlds["newyork"]
    frame = world.facilities.frame.set_index("facility_id")
    roots = world.network.roots()
    assert set(frame.loc[list(roots), "name"]) == {
        "Stephen A. Schwarzman Building",
        "Brooklyn Central Library",
        "Queens Central Library",
    }
    below = frame[frame["level"] == "branch"]
    assert (frame.loc[below["parent_id"], "owner"].to_numpy() == below["owner"].to_numpy()).all()
    assert set(frame[frame["status"] == "closed"]["name"]) == {"Brighton Beach", "New Utrecht", "Ozone Park"}
    assert not frame["name"].str.contains("<").any()


# ---------------------------------------------------------------- Chicago


def test_chicago_has_the_tracts_of_the_published_example_and_the_census_total_of_its_county(worlds):
    """1,930 tracts with 8,105,097 residents; Cook County, the city included, has its 5,194,675 of 2010."""
    demand = worlds["chicago"].demand.frame
    assert len(demand) == 1_930
    assert demand.loc[demand["demand_id"].str[:5] == "17031", "persons"].sum() == 5_194_675
    city = demand[demand["place_id"] == "1714000"]
    assert len(city) == 802
    assert city["persons"].sum() == pytest.approx(2_695_598, rel=0.015)  # tracts cross the city limits


def test_every_branch_of_chicago_lies_among_the_tracts_of_the_city(worlds):
    """The tract nearest to a branch is one of the city's: numbers and places tell the same story."""
    world = worlds["chicago"]
    apart = np.hypot(*(world.facilities.xy[:, None, :] - world.demand.xy[None, :, :]).transpose(2, 0, 1))
    nearest = world.demand_places.to_numpy()[apart.argmin(axis=1)]
    assert (nearest == "1714000").mean() > 0.95
    assert apart.min(axis=1).max() < 2_500


def test_the_hours_of_chicago_are_those_of_the_list(worlds):
    """Every open branch states hours; a usual one opens 48 hours a week, the three largest 68."""
    facilities = worlds["chicago"].facilities.frame.set_index("name")
    assert Counter(facilities["status"]) == {"existing": 77, "closed": 4}
    week = cp.hours.opening_week(worlds["chicago"].facilities, missing="error", country="US")
    assert Counter(week.hours) == {48.0: 72, 68.0: 3, 60.0: 1, 40.0: 1}
    assert facilities.loc["Albany Park", "hours_text"].startswith("Sun., Closed; Mon. & Wed., 10-6")
    assert facilities.loc["Albany Park", "opening_hours"] == (
        "Mo,We 10:00-18:00; Tu,Th 12:00-20:00; Fr,Sa 09:00-17:00; Su off"
    )


def test_chicago_has_one_central_library_and_two_regional_ones(worlds):
    """All others are branches, and all report to the central library."""
    facilities = worlds["chicago"].facilities.frame
    assert Counter(facilities["level"]) == {"central": 1, "head": 2, "branch": 78}
    (central,) = facilities.loc[facilities["level"] == "central", "name"]
    assert central == "Harold Washington Library Center"


# ---------------------------------------------------------------- Wuhan


def test_the_streets_of_wuhan_hang_together(worlds):
    """One connected part of some 740 km, in a system that keeps lengths, with class where it is known."""
    streets = worlds["wuhan"].streets
    assert len(streets.components()) == 1
    assert streets.total_length_m == pytest.approx(735_800, rel=1e-3)
    assert (streets.way_class == "residential").sum() > 1_000
    assert "motorway" not in set(streets.way_class)


def test_everything_in_wuhan_stands_on_a_street(worlds):
    """People live in the middle of a street, libraries stand at a crossing: nobody is snapped far."""
    snapped = cp.Streets().snapped(worlds["wuhan"])
    assert snapped["is_snapped"].all()
    assert snapped["distance_m"].max() < 0.5


def test_the_people_of_wuhan_are_two_a_metre_of_street(worlds):
    """The rule of the source page: streets of 40 to 600 m, bridges left out, two persons a metre."""
    world = worlds["wuhan"]
    length_m = world.streets.length_m
    ordinary = length_m[(length_m >= 40) & (length_m <= 600)].sum()
    assert world.demand.persons.sum() == pytest.approx(2 * ordinary, rel=0.01)
    assert world.demand.persons.between(80, 1_200).all()


def test_the_rivers_of_wuhan_part_its_towns(worlds):
    """Each town has its head library, and between the people of Wuchang and all others lies the Yangtze."""
    world = worlds["wuhan"]
    facilities = world.facilities.frame
    heads = facilities[facilities["level"].isin(["central", "head"])]
    assert sorted(heads["place_id"]) == ["WH-HK", "WH-HY", "WH-WC"]
    assert set(world.demand_places) == {"WH-HK", "WH-HY", "WH-WC"}
    east = world.demand.xy[(world.demand_places == "WH-WC").to_numpy()]
    west = world.demand.xy[(world.demand_places != "WH-WC").to_numpy()]
    apart = np.hypot(*(west[:, None, :] - east[None, :, :]).transpose(2, 0, 1))
    assert apart.min() > 900  # the Yangtze is about a kilometre wide


# ---------------------------------------------------------------- Sanheyuan


def distance_m(world: cp.World, demand_id: str, facility_id: str) -> float:
    """Return the straight-line distance of a demand point from a facility."""
    here = world.demand.xy[world.demand.positions([demand_id])[0]]
    there = world.facilities.xy[world.facilities.positions([facility_id])[0]]
    return float(np.hypot(*(here - there)))


@pytest.mark.parametrize(
    ("demand_id", "facility_id", "metres"),
    [
        ("SHY-1105-1", "F02", 1_000.0),
        ("SHY-1202-1", "F10", 2_000.0),
        ("SHY-2103-2", "F03", 10_000.0),
        ("SHY-1203-1", "F10", 2_100.0),
        ("SHY-1302-1", "F12", 0.0),
    ],
)
def test_the_planted_distances_of_sanheyuan_are_exact(demand_id, facility_id, metres, worlds):
    """On the limit means on it, to the last bit: the reader moves no coordinate of this world."""
    assert distance_m(worlds["sanheyuan"], demand_id, facility_id) == metres


def test_the_points_on_the_limit_are_covered_and_have_no_nearer_facility(worlds):
    """Each of the three has exactly one facility within its limit, the one it is exactly on the limit of."""
    world = worlds["sanheyuan"]
    standing = world.facilities.select()
    for demand_id, limit in (("SHY-1105-1", 1_000), ("SHY-1202-1", 2_000), ("SHY-2103-2", 10_000)):
        here = world.demand.xy[world.demand.positions([demand_id])[0]]
        apart = np.hypot(*(world.facilities.xy[standing] - here).T)
        assert (apart <= limit).sum() == 1
        assert apart.min() == limit


def test_the_crowded_branch_of_sanheyuan_is_crowded(worlds):
    """The people whose nearest facility is F04 are three times those it can serve."""
    world = worlds["sanheyuan"]
    standing = world.facilities.select()
    apart = np.hypot(
        *(world.demand.xy[:, None, :] - world.facilities.xy[standing][None, :, :]).transpose(2, 0, 1)
    )
    nearest = world.facilities.ids[standing][apart.argmin(axis=1)]
    persons = world.demand.persons[nearest == "F04"].sum()
    capacity = world.facilities.frame.set_index("facility_id").loc["F04", "capacity_persons"]
    assert persons >= 3 * capacity


def test_qiaotou_is_reached_only_across_the_border_of_its_township(worlds):
    """Both homes have F11 alone within 2 km, and F11 stands in another township."""
    world = worlds["sanheyuan"]
    standing = world.facilities.select()
    township = world.places.ancestor_at("township")
    for demand_id in ("SHY-1204-1", "SHY-1204-2"):
        here = world.demand.xy[world.demand.positions([demand_id])[0]]
        near = standing[np.hypot(*(world.facilities.xy[standing] - here).T) <= 2_000]
        assert list(world.facilities.ids[near]) == ["F11"]
    assert township[world.facility_places["F11"]] != township[world.demand_places["SHY-1204-1"]]


def test_the_polygons_of_sanheyuan_share_their_borders(worlds):
    """Villages fill the city without gap or overlap; every home and facility stands in its own village."""
    world = worlds["sanheyuan"]
    polygons = world.places.polygons.set_index("place_id")
    assert len(polygons) == len(world.places)
    area = polygons.geometry.area.groupby(polygons["place_level"].replace("community", "village")).sum()
    assert area.to_numpy() == pytest.approx(area["city"], rel=1e-9)
    for table in (world.demand, world.facilities):
        frame = table.frame
        assert polygons.geometry.loc[frame["place_id"]].contains(frame.geometry, align=False).all()


def test_sanheyuan_has_all_settlements_levels_and_groups(worlds):
    """A first lesson finds everything here: settlements, levels, statuses, groups, costs and places."""
    world = worlds["sanheyuan"]
    facilities = world.facilities.frame
    assert set(world.demand.settlement) == {"urban", "rural", "pastoral"}
    assert set(facilities["level"]) == {"central", "head", "branch", "service_point"}
    assert set(facilities["status"]) == {"existing", "candidate", "closed"}
    assert set(world.demand.groups) == {
        "minors_persons",
        "older_persons",
        "disabled_persons",
        "migrants_persons",
    }
    assert facilities.loc[facilities["status"] == "candidate", "build_cost"].notna().all()
    assert set(world.places.frame["place_level"]) == {"city", "county", "township", "village", "community"}
