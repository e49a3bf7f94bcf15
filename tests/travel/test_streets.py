"""Travel along streets: on one street and across the town, one-way, off the network, by class and by time."""

from __future__ import annotations

import dataclasses
import json

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

import cultureplan as cp
from cultureplan.base.errors import InputError, UnitError, UnknownNameError
from cultureplan.base.units import Unit
from cultureplan.travel.modes import TravelMode
from cultureplan.travel.street_search import nearest_along_streets, nodes_along_streets
from cultureplan.travel.street_speeds import PROFILES, speed_sources, speed_table
from cultureplan.travel.streets import Streets
from cultureplan.world.streets import StreetNetwork
from tests.street_networks import Case, cases, lattice, nearest_place, network
from tests.worlds import ORIGIN, demand, facilities, world

METRES = Streets(unit=Unit.METRES)


def metres(some: StreetNetwork, mode: Streets, start: tuple[float, float], end: tuple[float, float]) -> float:
    """The cost between two points relative to the origin; infinite where there is no way."""
    costs = mode.costs_between(some, [np.array(start) + ORIGIN], [np.array(end) + ORIGIN], limit=1e7)
    return float(costs.values[0]) if costs.n_pairs else np.inf


def town() -> cp.World:
    """Six by six crossings, two libraries."""
    return world([(0, 0), (250, 100), (130, 40)], [(150, 100), (400, 400)]).with_streets(lattice(6))


def test_two_points_on_one_street_go_along_it_and_not_round_by_its_ends() -> None:
    """100 m apart on a street of 400 m: 100 m, in both directions."""
    street = network({"a": (0, 0), "b": (400, 0)}, [("a", "b")])
    assert metres(street, METRES, (100, 0), (200, 0)) == pytest.approx(100)
    assert metres(street, METRES, (200, 0), (100, 0)) == pytest.approx(100)


def test_two_points_on_one_street_go_round_where_that_is_shorter() -> None:
    """A street of 900 m whose ends lie 100 m apart by another one."""
    ring = network({"a": (0, 0), "b": (400, 0)}, [("a", "b"), ("a", "b")], length_m=[900.0, 100.0])
    lines = ring.lines.copy()
    lines[0] = shapely.LineString(np.array([(0, 0), (200, 400), (400, 0)]) + ORIGIN)
    bent = dataclasses.replace(ring, lines=lines)
    ends = [bent.lines[0].interpolate(share, normalized=True).coords[0] for share in (0.05, 0.95)]
    costs = METRES.costs_between(bent, [ends[0]], [ends[1]], limit=1e6)
    assert costs.values == pytest.approx([45 + 100 + 45])


def test_a_one_way_street_is_driven_one_way_and_walked_both_ways() -> None:
    """Against the direction a car must go round the block, or cannot go at all."""
    corners = {"a": (0, 0), "b": (400, 0), "c": (400, 300), "d": (0, 300)}
    block = network(corners, [("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")], oneway=[True] * 4)
    drive = Streets(profile="drive", unit=Unit.METRES)
    assert metres(block, drive, (100, 0), (300, 0)) == pytest.approx(200)
    assert metres(block, drive, (300, 0), (100, 0)) == pytest.approx(1200)
    assert metres(block, METRES, (300, 0), (100, 0)) == pytest.approx(200)
    assert metres(block, Streets(unit=Unit.METRES, one_way=True), (300, 0), (100, 0)) == pytest.approx(1200)
    alone = network(corners, [("a", "b")], oneway=[True])
    assert metres(alone, drive, (300, 0), (100, 0)) == np.inf
    assert metres(alone, drive, (300, 0), (300, 0)) == 0.0


def test_the_way_goes_from_home_to_the_facility() -> None:
    """On a one-way street the library upstream of the home is out of reach, the one downstream is not."""
    street = network({"a": (0, 0), "b": (400, 0)}, [("a", "b")], oneway=[True])
    some = world([(200, 0)], [(100, 0), (300, 0)]).with_streets(street)
    costs = cp.travel_costs(some, Streets(profile="cycle"), limit=60)
    assert costs.to_frame()["facility_id"].tolist() == ["F001"]


def test_the_way_between_a_point_and_its_street_counts_unless_told_otherwise() -> None:
    """30 m on one side, 20 m on the other, 100 m along."""
    street = network({"a": (0, 0), "b": (400, 0)}, [("a", "b")])
    assert metres(street, METRES, (100, 30), (200, -20)) == pytest.approx(150)
    along = Streets(unit=Unit.METRES, off_street=False)
    assert metres(street, along, (100, 30), (200, -20)) == pytest.approx(100)
    minutes = Streets(speed_m_per_minute=50)
    assert metres(street, minutes, (100, 30), (200, -20)) == pytest.approx(150 / 50)
    cycle = Streets(profile="cycle", speed_m_per_minute=250)
    assert metres(street, cycle, (100, 30), (200, -20)) == pytest.approx(100 / 250 + 50 / 80)


def test_a_point_joins_the_nearest_street_the_profile_may_use() -> None:
    """A walker beside a motorway goes to the street behind it."""
    some = network(
        {"a": (0, 0), "b": (400, 0), "c": (0, 50), "d": (400, 50)},
        [("a", "b"), ("c", "d")],
        way_class=["motorway", "residential"],
    )
    assert metres(some, METRES, (100, 5), (200, 50)) == pytest.approx(100 + 45)
    assert metres(some, Streets(profile="drive", unit=Unit.METRES), (100, 5), (200, 0)) == pytest.approx(105)


def test_the_limit_is_inclusive() -> None:
    """1,200 m at 80 m a minute are 15 minutes, and inside 15 minutes."""
    street = network({"a": (0, 0), "b": (600, 0), "c": (1200, 0)}, [("a", "b"), ("b", "c")])
    some = world([(0, 0)], [(1200, 0)]).with_streets(street)
    mode = Streets(speed_m_per_minute=80)
    assert cp.travel_costs(some, mode, limit=15).values.tolist() == [15.0]
    assert cp.travel_costs(some, mode, limit=14.999).n_pairs == 0
    here = mode.reach(some, np.array([0]), np.array([0]), limit=15)
    assert (here.n_within.tolist(), here.nearest_cost.tolist()) == ([1], [15.0])


def test_what_cannot_be_reached_is_not_stored() -> None:
    """Two parts without a street between: no pair, no nearest, an infinite cost."""
    parts = network({"a": (0, 0), "b": (400, 0), "c": (0, 900), "d": (400, 900)}, [("a", "b"), ("c", "d")])
    some = world([(0, 0), (100, 900)], [(300, 0)]).with_streets(parts)
    costs = cp.travel_costs(some, METRES, limit=1e6)
    assert costs.to_frame().to_numpy().tolist() == [["D000", "F000", 300.0]]
    reach = METRES.reach(some, np.arange(2), np.array([0]), limit=1e6)
    assert reach.nearest.tolist() == [0, -1]
    assert reach.nearest_cost.tolist() == [300.0, np.inf]
    assert METRES.snapped(some)["part"].tolist() == [0, 1, 0]


def test_who_lies_beyond_the_snap_limit_is_listed_and_has_no_costs() -> None:
    """Demand and facilities, each with its distance to the nearest street."""
    some = world([(0, 0), (100, 700)], [(100, 0), (200, -600)]).with_streets(
        network({"a": (0, 0), "b": (400, 0)}, [("a", "b")])
    )
    mode = Streets(unit=Unit.METRES, off_network="leave_out")
    listed = mode.unsnapped(some)
    assert listed[["table", "id", "distance_m"]].to_numpy().tolist() == [
        ["demand", "D001", 700.0],
        ["facilities", "F001", 600.0],
    ]
    assert cp.travel_costs(some, mode, limit=1e6).to_frame().to_numpy().tolist() == [["D000", "F000", 100.0]]
    with pytest.raises(InputError, match="F001") as caught:
        cp.travel_costs(some, METRES, limit=1e6)
    assert "F001" in caught.value.render("zh")
    wide = Streets(unit=Unit.METRES, snap_limit_m=700)
    assert len(wide.unsnapped(some)) == 0
    assert cp.travel_costs(some, wide, limit=1e6).n_pairs == 4


def test_streets_of_another_town_are_an_error() -> None:
    """No demand point near any street: the distance is told."""
    far = world([(90_000, 0)], [(90_000, 10)]).with_streets(lattice(3))
    with pytest.raises(InputError, match="89,800 m"):
        cp.travel_costs(far, Streets(), limit=15)


def test_a_settlement_without_streets_is_not_covered_and_no_error() -> None:
    """Herders far from any street count as not reached; the townspeople are measured along theirs."""
    some = cp.World(
        name="t",
        demand=demand([(0, 0), (500, 0), (9_000, 9_000)], 10, settlement=["urban", "urban", "pastoral"]),
        facilities=facilities([(0, 100)]),
        streets=lattice(6),
    )
    rules = [
        cp.CircleRule(settlement=kind, limit=limit, mode=mode)
        for kind, limit, mode in (("urban", 5, Streets()), ("pastoral", 1_000, Streets(unit="m")))
    ]
    coverage = cp.measure_coverage(some, cp.CircleStandard(id="t", rules=tuple(rules)))
    assert coverage.share == pytest.approx(1 / 3)
    assert coverage.nearest["nearest_cost"].tolist() == [1.25, 7.5, np.inf]


def test_a_world_without_streets_and_a_profile_without_streets_are_errors() -> None:
    """Both name what to do."""
    with pytest.raises(InputError, match=r"streets\.gpkg"):
        cp.travel_costs(world([(0, 0)], [(0, 0)]), Streets(), limit=15)
    paths = network({"a": (0, 0), "b": (400, 0)}, [("a", "b")], way_class="footway")
    with pytest.raises(InputError, match="footway"):
        Streets(profile="drive").graph(paths)
    assert metres(paths, Streets(profile="drive", speeds={"footway": 50}), (0, 0), (400, 0)) == pytest.approx(
        8
    )


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"profile": "fly"}, UnknownNameError),
        ({"unit": "km"}, UnitError),
        ({"speed_m_per_minute": 0}, InputError),
        ({"snap_limit_m": -1}, InputError),
        ({"off_network": "ignore"}, UnknownNameError),
        ({"speeds": {"residential": -5}}, InputError),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict, error: type[Exception]) -> None:
    """When the mode is made, not when it is used."""
    with pytest.raises(error):
        Streets(**wrong)


def test_streets_is_a_travel_mode() -> None:
    """Measures need to know nothing more."""
    assert isinstance(Streets(), TravelMode)
    assert Streets().unit == Unit.MINUTES
    assert Streets(unit="m").unit == Unit.METRES
    assert hash(Streets()) == hash(Streets())


def test_cars_go_by_class_or_by_the_time_given() -> None:
    """65 km an hour on a primary road; a measured time goes before it, in its own direction."""
    minutes = np.array([[np.nan, np.nan], [1.0, 2.0]])
    some = network(
        {"a": (0, 0), "b": (650, 0), "c": (1300, 0)},
        [("a", "b"), ("b", "c")],
        way_class="primary",
        minutes=minutes,
    )
    drive = Streets(profile="drive")
    assert metres(some, drive, (0, 0), (650, 0)) == pytest.approx(0.65 / 65 * 60)
    assert metres(some, drive, (0, 0), (1300, 0)) == pytest.approx(0.6 + 1.0)
    assert metres(some, drive, (1300, 0), (0, 0)) == pytest.approx(0.6 + 2.0)
    assert metres(some, Streets(profile="drive", speeds={"primary": 130}), (0, 0), (650, 0)) == pytest.approx(
        5
    )
    assert metres(some, Streets(profile="drive", speed_m_per_minute=650), (0, 0), (1300, 0)) == pytest.approx(
        2
    )
    assert metres(some, Streets(profile="cycle"), (0, 0), (650, 0)) == pytest.approx(0.65 / 15 * 60)
    assert metres(some, Streets(), (0, 0), (650, 0)) == pytest.approx(650 / 80)


def test_the_table_of_speeds_says_where_its_figures_come_from() -> None:
    """Every profile has sources; walking has one speed, and nobody walks on a motorway."""
    table = speed_table()
    assert set(speed_sources()["profile"]) == set(PROFILES)
    assert table["walk_m_per_minute"].dropna().unique().tolist() == [80.0]
    assert table.loc["motorway"].isna()[["walk_m_per_minute", "cycle_m_per_minute"]].all()
    assert table.loc["primary", "drive_m_per_minute"] == pytest.approx(65_000 / 60)
    assert (table["zh"] != "").all()


def test_ties_go_to_the_facility_whose_id_sorts_first() -> None:
    """In the middle between two libraries, whatever their rows."""
    street = network({"a": (0, 0), "b": (400, 0)}, [("a", "b")])
    for ids in (["F1", "F2"], ["F2", "F1"]):
        some = cp.World(
            name="t",
            demand=demand([(200, 0)]),
            facilities=facilities([(100, 0), (300, 0)], ids=ids),
            streets=street,
        )
        nearest = METRES.reach(some, np.array([0]), np.arange(2), limit=500).nearest[0]
        assert some.facilities.ids[nearest] == "F1"
        assert cp.travel_costs(some, METRES, limit=500).nearest()["facility_id"].tolist() == ["F1"]


def test_reach_says_what_the_costs_say() -> None:
    """Counts and the nearest, for some rows of demand and some facilities."""
    some = town()
    costs = cp.travel_costs(some, Streets(), limit=6)
    reach = Streets().reach(some, np.array([2, 0]), np.array([0, 1]), limit=6)
    assert reach.n_within.tolist() == np.diff(costs.indptr)[[2, 0]].tolist()
    nearest = costs.nearest()
    np.testing.assert_allclose(reach.nearest_cost, nearest["cost"].to_numpy()[[2, 0]])


def test_without_facilities_nobody_has_a_nearest() -> None:
    """And there are no pairs."""
    none = np.empty(0, dtype=np.int64)
    reach = Streets().reach(town(), np.arange(3), none, limit=15)
    assert reach.nearest.tolist() == [-1, -1, -1]
    assert reach.n_within.tolist() == [0, 0, 0]
    assert Streets().costs(town(), none, limit=15).n_pairs == 0


def test_neighbours_at_one_spot_of_a_one_way_street_are_together() -> None:
    """The last digit of where they were snapped to does not send one of them round the town."""
    street = network({"a": (0, 0), "b": (120, 180)}, [("a", "b")], oneway=[True])
    beside = (7.5 - 1.66410059, 11.25 + 1.10940039)
    drive = Streets(profile="drive", unit=Unit.METRES, off_street=False)
    assert metres(street, drive, beside, (7.5, 11.25)) == 0.0
    assert metres(street, drive, (7.5, 11.25), beside) == 0.0


@settings(max_examples=50)
@given(cases())
def test_the_order_of_streets_and_points_changes_nothing(case: Case) -> None:
    """Rows turned round: the same costs, turned round, unless two streets cross at the very point."""
    for point in np.concatenate([case.demand_xy, case.site_xy]):
        assume(nearest_place(case.streets, point)[3])
    mode = Streets(unit=Unit.METRES, one_way=True)
    before = mode.costs_between(case.streets, case.demand_xy, case.site_xy, limit=500).to_csr().toarray()
    turned = case.streets.select(np.arange(len(case.streets))[::-1])
    after = mode.costs_between(turned, case.demand_xy[::-1], case.site_xy[::-1], limit=500).to_csr().toarray()
    np.testing.assert_allclose(after[::-1, ::-1], before, atol=1e-9)


@given(cases())
def test_within_equals_measuring_with_the_smaller_limit(case: Case) -> None:
    """A cutoff applied afterwards equals the same cutoff applied at once."""
    wide = METRES.costs_between(case.streets, case.demand_xy, case.site_xy, limit=800).within(250)
    narrow = METRES.costs_between(case.streets, case.demand_xy, case.site_xy, limit=250)
    np.testing.assert_array_equal(wide.indptr, narrow.indptr)
    np.testing.assert_array_equal(wide.indices, narrow.indices)
    np.testing.assert_array_equal(wide.values, narrow.values)


def test_every_node_of_wuhan_has_the_distance_that_scipy_finds(shared_data) -> None:
    """82,891 nodes, 200 facilities: the nearest by the compiled search and by scipy, to the last bit."""
    lines = gpd.read_parquet(shared_data / "streets_wuhan_neatnet" / "original.parquet").to_crs("EPSG:4547")
    streets = StreetNetwork.from_edges(lines, repeats="drop")
    everywhere = {"motorway": 80.0, "motorway_link": 80.0}
    graph = Streets(unit=Unit.METRES, speeds=everywhere).graph(streets)
    at = np.random.default_rng(3).choice(streets.n_nodes, 200, replace=False)
    sites, everyone = graph.snap(streets.node_xy[at], 1.0), graph.snap(streets.node_xy, 1.0)
    site, cost = nearest_along_streets(graph, sites, everyone, compiled=True)
    shape = (streets.n_nodes, streets.n_nodes)
    row = np.concatenate([streets.tail, streets.head])
    column = np.concatenate([streets.head, streets.tail])
    table = pd.DataFrame({"row": row, "column": column, "length_m": np.tile(streets.length_m, 2)})
    shortest = table.groupby(["row", "column"], as_index=False)["length_m"].min()
    matrix = coo_array((shortest["length_m"], (shortest["row"], shortest["column"])), shape=shape).tocsr()
    expected = dijkstra(matrix, indices=at, min_only=True)
    np.testing.assert_array_equal(cost, expected)
    start, node, weight = nodes_along_streets(graph, sites, limit=2_000, compiled=True)
    first = slice(start[7], start[8])
    alone = dijkstra(matrix, indices=at[7], limit=2_000)
    np.testing.assert_array_equal(np.sort(node[first]), np.flatnonzero(alone <= 2_000))
    np.testing.assert_array_equal(weight[first], alone[node[first]])
    assert (site >= 0).all()


def test_hops_on_the_network_of_seattle_are_those_of_pandana(shared_data) -> None:
    """Expected values of pandana's own tests; what it calls 2,000 is not reached and not stored here."""
    folder = shared_data / "pandana_osm"
    expected = json.loads((folder / "expected_values.json").read_text(encoding="utf-8"))
    nodes, edges = pd.read_csv(folder / "nodes.csv"), pd.read_csv(folder / "edges.csv")
    graph: nx.MultiGraph = nx.MultiGraph(crs="EPSG:4326")
    for row in nodes.itertuples():
        graph.add_node(row.id, x=row.x, y=row.y)
    for weight, tail, head in edges[["weight", "from", "to"]].itertuples(index=False):
        graph.add_edge(tail, head, length=weight)
    streets = StreetNetwork.from_networkx(graph, repeats="drop")
    assert int(streets.components()["n_nodes"].max()) == expected["largest_connected_component_nodes_two_way"]
    lonlat = nodes[["x", "y"]].to_numpy()
    pois = KDTree(lonlat).query(expected["nearest_pois_max2000_k5_pois_at"])[1]
    asked = [53114882, 53114880, 53227769]
    origins = nodes.reset_index().set_index("id").loc[asked, "index"].to_numpy()
    place = dict(zip(streets.node_ids, streets.node_xy, strict=True))
    xy = np.array([place[str(name)] for name in nodes["id"]])
    at_nodes = Streets(unit=Unit.METRES, snap_limit_m=1)  # the third node has no street at all
    costs = at_nodes.costs_between(streets, xy[origins], xy[pois], limit=2000)
    for row, name in enumerate(asked):
        hops = sorted(np.round(costs.values[costs.indptr[row] : costs.indptr[row + 1]], 6).tolist())
        wanted = [hop for hop in expected[f"nearest_pois_node_{name}"] if hop < 2000]
        assert hops == wanted
    route = at_nodes.costs_between(streets, xy[[996]], xy[[71]], limit=2000)
    assert route.values == pytest.approx([expected["shortest_path_internal_996_to_71_hops"]])


def test_a_street_that_ends_where_it_begins_is_gone_round_the_shorter_way() -> None:
    """A loop of 400 m hung on a street; with one-way traffic the long way round."""
    corners = np.array([(400, 0), (500, 0), (500, 100), (400, 100), (400, 0)], dtype=float) + ORIGIN
    lines = np.array([shapely.LineString(np.array([(0, 0), (400, 0)]) + ORIGIN), None], dtype=object)
    lines[1] = shapely.LineString(corners)
    for oneway, back, home in ((False, 150.0, 50.0), (True, 250.0, 350.0)):
        loop = StreetNetwork(
            node_ids=pd.Index(["a", "b"]),
            node_xy=np.array([(0, 0), (400, 0)]) + ORIGIN,
            tail=np.array([0, 1]),
            head=np.array([1, 1]),
            length_m=np.array([400.0, 400.0]),
            lines=lines,
            crs="EPSG:4544",
            oneway=np.array([False, oneway]),
        )
        drive = Streets(profile="drive", unit=Unit.METRES)
        assert metres(loop, drive, (450, 0), (500, 100)) == pytest.approx(150.0)
        assert metres(loop, drive, (500, 100), (450, 0)) == pytest.approx(back)
        assert metres(loop, drive, (400, 50), (400, 0)) == pytest.approx(50.0)
        assert metres(loop, drive, (400, 0), (400, 50)) == pytest.approx(home)


def test_a_large_world_takes_the_compiled_way_with_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Snapping, pairs, counts and nearest through the mode itself, with the thresholds set to nothing."""
    everyone = np.arange(3)

    def answers() -> list[np.ndarray]:
        some = town()
        costs = cp.travel_costs(some, Streets(), limit=8)
        reach = Streets().reach(some, everyone, np.arange(2), limit=8)
        return [costs.indptr, costs.indices, costs.values, reach.n_within, reach.nearest, reach.nearest_cost]

    small = answers()
    monkeypatch.setattr("cultureplan.travel.street_search.SMALL_WORK", 0)
    monkeypatch.setattr("cultureplan.travel.snapping.SMALL_POINTS", 0)
    for before, after in zip(small, answers(), strict=True):
        np.testing.assert_array_equal(before, after)
