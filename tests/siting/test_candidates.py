"""Where candidates come from: street nodes, anywhere, tables of one's own, and land that is allowed."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.spatial import KDTree

import cultureplan as cp
from cultureplan.base.errors import CrsError, InputError
from cultureplan.measures.circles import CircleRule, CircleStandard
from cultureplan.siting.candidates import street_candidates
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.modes import StraightLine, Walking
from cultureplan.travel.streets import Streets
from cultureplan.world.streets import StreetNetwork
from tests.siting.conftest import CRS, ORIGIN

CIRCLES = CircleStandard(
    id="test",
    rules=(
        CircleRule(settlement="urban", limit=15, mode=Walking()),
        CircleRule(settlement="rural", limit=2_000, mode=StraightLine()),
    ),
)


@pytest.fixture
def lattice() -> StreetNetwork:
    """Eleven by eleven crossings, a hundred metres apart."""
    at = np.arange(11) * 100.0
    lines = [shapely.LineString([(x, y), (x + 100, y)]) for x in at[:-1] for y in at]
    lines += [shapely.LineString([(x, y), (x, y + 100)]) for x in at for y in at[:-1]]
    lines = [shapely.transform(line, lambda xy: xy + ORIGIN) for line in lines]
    return StreetNetwork.from_edges(gpd.GeoDataFrame(geometry=lines, crs=CRS))


def test_thinned_nodes_keep_apart_and_leave_no_hole(lattice):
    """No two are nearer than the spacing, and every node has one within it, in any order of rows."""
    xy = shapely.get_coordinates(street_candidates(lattice, spacing_m=250).geometry)
    assert KDTree(xy).query(xy, k=2)[0][:, 1].min() >= 250
    assert KDTree(xy).query(lattice.node_xy)[0].max() < 250
    order = np.random.default_rng(3).permutation(lattice.n_streets)
    again = street_candidates(lattice.select(order), spacing_m=250)
    assert set(again["facility_id"]) == set(street_candidates(lattice, spacing_m=250)["facility_id"])


def test_exactly_the_spacing_is_far_enough(lattice):
    """Nodes at exactly the spacing may both stay."""
    assert len(street_candidates(lattice, spacing_m=100)) == 121
    assert len(street_candidates(lattice, spacing_m=100.1)) < 121


def test_nodes_nearest_to_points_and_on_allowed_land(lattice):
    """Only nodes next to the points, and only those on the land, its edge included."""
    near = street_candidates(lattice, nearest_to=ORIGIN + np.array([[10, 10], [20, 30], [490, 510]]))
    xy = shapely.get_coordinates(near.geometry) - ORIGIN
    assert xy[np.lexsort(xy.T)].tolist() == [[0, 0], [500, 500]]
    park = shapely.box(*ORIGIN, *(ORIGIN + 200))
    inside = street_candidates(lattice, allowed=park)
    assert len(inside) == 9
    assert inside.crs == CRS


def test_street_nodes_of_the_world_are_candidates(town, lattice):
    """Their ids say so; a world without streets says what to do."""
    world = dataclasses.replace(town, streets=lattice)
    problem = SitingProblem.from_world(world, CIRCLES, candidates="streets", grid_spacing_m=400)
    assert all(name.startswith("street-") for name in problem.facility_ids[problem.choices])
    with pytest.raises(InputError, match="no streets"):
        SitingProblem.from_world(town, CIRCLES, candidates="streets")


def test_anywhere_is_at_least_as_good_as_any_other_source(town):
    """The plane holds every other candidate, so its plan covers as many or more."""
    best = {}
    for source in ("demand", "grid", "anywhere"):
        problem = SitingProblem.from_world(town, CIRCLES, candidates=source)
        best[source] = solve_siting(problem, MaximalCoverage(n_sites=1)).objective
    # from 3 km out exactly all are within their limits; the grid misses that point
    assert best == {"demand": 390.0, "grid": 320.0, "anywhere": 390.0}


def test_anywhere_on_allowed_land_stays_on_it(town):
    """Candidates and the plan lie on the land; where nothing does, the error says there is no candidate."""
    west = shapely.box(*(ORIGIN - 500), *(ORIGIN + np.array([1_500, 500])))
    problem = SitingProblem.from_world(town, CIRCLES, candidates="anywhere", allowed=west)
    xy = problem.site_xy[problem.choices]
    assert (xy[:, 0] <= ORIGIN[0] + 1_500).all()
    # from 1.5 km out D1 and D2 are within a kilometre; D1 has the library, D2 is new
    assert solve_siting(problem, MaximalCoverage(n_sites=1)).objective == 150 + 80
    for source in ("demand", "grid"):
        clipped = SitingProblem.from_world(town, CIRCLES, candidates=source, allowed=west)
        assert (clipped.site_xy[clipped.choices][:, 0] <= ORIGIN[0] + 1_500).all()
    far = shapely.box(*(ORIGIN + 90_000), *(ORIGIN + 90_001))
    with pytest.raises(InputError, match="no candidate"):
        SitingProblem.from_world(town, CIRCLES, candidates="anywhere", allowed=far)


def test_anywhere_needs_straight_lines(town, lattice):
    """A circle along streets has no crossings; the error says what to ask for instead."""
    rules = (CircleRule(settlement="urban", limit=15, mode=Streets(speed_m_per_minute=80)),)
    world = dataclasses.replace(town, streets=lattice)
    with pytest.raises(InputError, match="follows the streets"):
        SitingProblem.from_world(world, CircleStandard(id="s", rules=rules), candidates="anywhere")


def test_a_plain_table_of_points_gets_ids_and_names(town):
    """Points alone are enough, in any coordinate system that is named."""
    points = gpd.GeoDataFrame(
        geometry=shapely.points(ORIGIN + np.array([[2_900.0, 0.0], [4_000.0, 0.0]])), crs=CRS
    )
    problem = SitingProblem.from_world(town, CIRCLES, candidates=points.to_crs("EPSG:4326"))
    assert problem.facility_ids[problem.choices].tolist() == ["site-0001", "site-0002"]
    assert solve_siting(problem, MaximalCoverage(n_sites=1)).selected == ("F1", "site-0001")
    with pytest.raises(CrsError, match="coordinate system"):
        SitingProblem.from_world(town, CIRCLES, candidates=points.set_crs(None, allow_override=True))


def test_one_line_plans_anywhere_in_a_bundled_world():
    """For a real town the plane beats the homes, and the plan is proven."""
    world, standard = cp.load_world("shizuishan"), cp.load_circles("shizuishan-2021")
    plans = {
        source: cp.solve_siting(
            cp.SitingProblem.from_world(world, standard, candidates=source), cp.MaximalCoverage(n_sites=3)
        )
        for source in ("demand", "anywhere")
    }
    assert plans["anywhere"].is_optimal
    assert plans["anywhere"].objective > plans["demand"].objective
