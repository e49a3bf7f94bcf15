"""Problems made from a world and a circle standard."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.datasets import load_world
from cultureplan.measures.circles import CircleRule, CircleStandard, Need, load_circles
from cultureplan.measures.coverage import measure_coverage
from cultureplan.siting.fronts import coverage_curve
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.models.set_cover import SetCover
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.modes import StraightLine, Walking
from cultureplan.world.demand import DemandPoints
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Level
from cultureplan.world.places import Places
from cultureplan.world.world import World
from tests.siting.conftest import CRS, ORIGIN, make_town

URBAN_RURAL = CircleStandard(
    id="test",
    rules=(
        CircleRule(settlement="urban", limit=15, mode=Walking()),
        CircleRule(settlement="rural", limit=2_000, mode=StraightLine()),
    ),
)


def with_opened(world: World, result) -> World:
    """Return the world with the opened sites standing."""
    existing = world.facilities.frame.iloc[world.facilities.select()]
    rows = [*existing.to_dict("records"), *result.facilities.assign(status="existing").to_dict("records")]
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=world.crs)
    return world.with_facilities(Facilities(frame))


def test_existing_are_fixed_and_candidates_open(town):
    """The library is kept, the station is the choice, and limits follow the settlement."""
    problem = SitingProblem.from_world(town, URBAN_RURAL)
    assert problem.fixed == ("F1",)
    assert problem.facility_ids[problem.choices].tolist() == ["C1"]
    result = solve_siting(problem, MaximalCoverage(n_sites=1))
    # urban within 1,000 m: D0 D1 by F1, D2 D3 by C1; rural within 2,000 m of C1: D4 D5
    assert result.objective == 390.0
    assert result.facilities["facility_id"].tolist() == ["C1"]


@pytest.mark.parametrize("source", ["table", "demand", "grid"])
def test_the_objective_is_what_the_coverage_measure_says(town, source):
    """Persons covered by the plan equal a new measurement of the world with the plan built."""
    problem = SitingProblem.from_world(town, URBAN_RURAL, candidates=source)
    result = solve_siting(problem, MaximalCoverage(n_sites=1))
    assert measure_coverage(with_opened(town, result), URBAN_RURAL).persons == result.objective


def test_candidates_on_request_have_speaking_ids(town):
    """Candidates at the demand points, at place centres and on a grid carry where they come from."""
    by_demand = SitingProblem.from_world(town, URBAN_RURAL, candidates="demand")
    assert by_demand.facility_ids[by_demand.choices].tolist()[:2] == ["demand-D0", "demand-D1"]
    by_grid = SitingProblem.from_world(town, URBAN_RURAL, candidates="grid", grid_spacing_m=1_000)
    assert by_grid.facility_ids[by_grid.choices][0] == "grid-0001"
    places = gpd.GeoDataFrame(
        {"place_id": ["640202001"], "name": ["Road town"], "place_level": ["township"]},
        geometry=[shapely.box(*(ORIGIN - 100.0), *(ORIGIN + np.array([5_100.0, 100.0])))],
        crs=CRS,
    )
    world = World(name="w", facilities=town.facilities, demand=town.demand, places=Places(places))
    by_place = SitingProblem.from_world(world, URBAN_RURAL, candidates="places")
    assert by_place.facility_ids[by_place.choices].tolist() == ["place-640202001"]
    assert set(by_place.places) == {"640202001"}


def test_a_table_of_ones_own(town):
    """Any table of facilities may be the candidates, whatever status it gives them."""
    own = gpd.GeoDataFrame(
        {"facility_id": ["X"], "name": ["X"], "level": ["branch"], "kind": ["library"]},
        geometry=shapely.points(ORIGIN + np.array([[4_000.0, 0.0]])),
        crs=CRS,
    )
    problem = SitingProblem.from_world(town, URBAN_RURAL, candidates=Facilities(own))
    assert problem.facility_ids[problem.choices].tolist() == ["X"]


def two_needs() -> CircleStandard:
    """One library and one culture square within a kilometre; a village centre may be either."""
    needs = (
        Need(kinds=("library", "village_centre"), at_least=1),
        Need(kinds=("square", "village_centre"), at_least=1),
    )
    return CircleStandard(
        id="two", rules=(CircleRule(settlement="urban", limit=1_000, mode=StraightLine(), needs=needs),)
    )


def test_several_needs_are_met_by_different_facilities():
    """A person with two needs is covered only when two facilities share them out."""
    world = make_town(("village_centre", "village_centre"))
    problem = SitingProblem.from_world(world, two_needs(), candidates="demand", kind="village_centre")
    result = solve_siting(problem, MaximalCoverage(n_sites=1))
    assert result.objective == 150.0  # D0 and D1 have the old centre and need one more
    assert measure_coverage(with_opened(world, result), two_needs()).persons == 150.0
    everybody = solve_siting(problem, SetCover())
    assert measure_coverage(with_opened(world, everybody), two_needs()).share == 1.0


def test_people_without_a_rule_ask_for_nothing():
    """Where the standard says nothing about a settlement, its people are in no objective."""
    problem = SitingProblem.from_world(make_town(), two_needs(), candidates="demand", kind="village_centre")
    assert problem.covering.is_asked.tolist() == [True] * 4 + [False] * 2
    assert problem.classes.weight.sum() + problem.classes.covered_persons == 290.0


def test_the_usual_site_serves_most_needs(town):
    """Where level and kind are not given, candidates get those that the rules count most."""
    only_branches = CircleStandard(
        id="branches",
        rules=(
            CircleRule(
                settlement="urban", limit=1_000, mode=StraightLine(), needs=(Need(levels=(Level.BRANCH,)),)
            ),
        ),
    )
    problem = SitingProblem.from_world(town, only_branches, candidates="demand")
    assert set(problem.sites.frame["level"]) == {"branch"}


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"candidates": "somewhere"}, UnknownNameError, "not a source of candidates"),
        ({"candidates": "places"}, InputError, "no candidate site"),
        ({"candidates": 7}, TypeError, "Facilities table"),
        ({"candidates": "grid", "grid_spacing_m": -1}, InputError, "positive"),
    ],
)
def test_bad_candidates_are_one_clear_error(town, arguments, error, words):
    """An unknown source, an empty one and a wrong type are named."""
    with pytest.raises(error, match=words):
        SitingProblem.from_world(town, URBAN_RURAL, **arguments)


def test_a_kind_no_rule_counts_is_refused():
    """A candidate that no rule counts would change nothing, so it is an error."""
    with pytest.raises(InputError, match="No rule"):
        SitingProblem.from_world(make_town(), two_needs(), candidates="demand", kind="museum")


def test_reach_keeps_costs_beyond_the_circle(town):
    """With reach, pairs beyond the limit are stored and nobody more is covered."""
    near = SitingProblem.from_world(town, URBAN_RURAL)
    wide = SitingProblem.from_world(town, URBAN_RURAL, reach=3.0)
    assert wide.costs.n_pairs > near.costs.n_pairs
    everything = np.ones(wide.n_sites, dtype=bool)
    assert (wide.covering.is_covered(everything) == near.covering.is_covered(everything)).all()


def test_the_order_of_tables_does_not_matter(town):
    """The same plan comes out when the demand table is turned round."""
    turned = World(name="w", facilities=town.facilities, demand=DemandPoints(town.demand.frame.iloc[::-1]))
    plans = [
        solve_siting(
            SitingProblem.from_world(world, URBAN_RURAL, candidates="demand"), MaximalCoverage(n_sites=2)
        )
        for world in (town, turned)
    ]
    assert plans[0].selected == plans[1].selected


def test_people_without_a_rule_count_in_no_share():
    """Shizuishan's paper speaks of towns: farmers are no part of a share, and make no problem infeasible."""
    world, standard = load_world("shizuishan"), load_circles("shizuishan-2021")
    coverage = measure_coverage(world, standard)
    problem = SitingProblem.from_world(world, standard)
    assert problem.total_persons == pytest.approx(coverage.persons_assessed)
    curve = coverage_curve(problem, [0])
    assert curve["covered_share"].iloc[0] == pytest.approx(coverage.share)
    assert (problem.groups.sum() <= world.demand.frame[problem.groups.columns].sum() + 1e-6).all()
    most = solve_siting(problem, SetCover(share=0.9), time_limit_s=20)
    assert most.has_answer
