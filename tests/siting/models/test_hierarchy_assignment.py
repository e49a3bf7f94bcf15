"""Who reports to whom."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import cultureplan as cp
from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.siting.hierarchy import hierarchy_problem, reporting_lines, with_reporting
from cultureplan.siting.models.hierarchy_assignment import HierarchyAssignment
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.costs import TravelCosts
from cultureplan.world.facilities import Facilities
from tests.siting.conftest import CRS, ORIGIN

LEVELS = {"P": "service_point", "B": "branch", "H": "head"}


def problem_of(
    matrix: np.ndarray,
    children: list[str],
    parents: list[str],
    *,
    candidates: tuple[str, ...] = (),
    weight: list[float] | None = None,
    district: dict[str, str | None] | None = None,
) -> SitingProblem:
    """Return a problem whose ids begin with the letter of their level."""
    frame = gpd.GeoDataFrame(
        {"facility_id": parents, "name": parents, "level": [LEVELS[name[0]] for name in parents]},
        geometry=[shapely.Point(*(ORIGIN + k)) for k in range(len(parents))],
        crs=CRS,
    )
    where = district or {}
    return SitingProblem(
        costs=TravelCosts.from_dense(matrix, unit="m", demand_ids=children, facility_ids=parents),
        persons=[1.0] * len(children) if weight is None else weight,
        fixed=[name for name in parents if name not in candidates],
        places=pd.Series([where.get(name) for name in children], index=children, dtype=object),
        site_places=pd.Series([where.get(name) for name in parents], index=parents, dtype=object),
        sites=Facilities(frame),
    )


def three() -> SitingProblem:
    """Two points and a branch; that branch, another that may open, and a head."""
    matrix = np.array([[100.0, 300.0, 900.0], [700.0, 200.0, 400.0], [0.0, 500.0, 600.0]])
    return problem_of(matrix, ["P1", "P2", "B1"], ["B1", "B2", "H1"], candidates=("B2",))


def test_formulation_as_text():
    """Points report to branches, branches to the head; what may open reports only if it is open."""
    matrix = np.array([[100.0, 300.0, 900.0], [700.0, 200.0, 400.0], [0.0, 500.0, 600.0], [1.0, 0.0, 50.0]])
    problem = problem_of(matrix, ["P1", "P2", "B1", "B2"], ["B1", "B2", "H1"], candidates=("B2",))
    model = HierarchyAssignment(points_per_branch=1, n_branches=1)
    assert model.formulation(problem).to_text().splitlines() == [
        "min 600 z[B1,H1] + 50 z[B2,H1] + 100 z[P1,B1] + 300 z[P1,B2] + 700 z[P2,B1] + 200 z[P2,B2]",
        "report[B1]: z[B1,H1] = 1",
        "report[B2]: -x[B2] + z[B2,H1] = 0",
        "report[P1]: z[P1,B1] + z[P1,B2] = 1",
        "report[P2]: z[P2,B1] + z[P2,B2] = 1",
        "open[P1,B2]: -x[B2] + z[P1,B2] <= 0",
        "open[P2,B2]: -x[B2] + z[P2,B2] <= 0",
        "room[B1]: z[P1,B1] + z[P2,B1] <= 1",
        "room[B2]: -x[B2] + z[P1,B2] + z[P2,B2] <= 0",
        "number[branch]: x[B2] = 1",
        "number[head]: 0 = 0",
        *(f"{name} in {{0, 1}}" for name in ("x[B2]", "z[B1,H1]", "z[B2,H1]", "z[P1,B1]", "z[P1,B2]")),
        "z[P2,B1] in {0, 1}",
        "z[P2,B2] in {0, 1}",
    ]
    result = solve_siting(problem, model)
    assert result.objective == 600 + 50 + 100 + 200
    assert result.opened == ("B2",)


@st.composite
def trees(draw: st.DrawFn) -> SitingProblem:
    """Draw a few points, branches and heads, some of them candidates, in up to two districts."""
    points = [f"P{k}" for k in range(draw(st.integers(1, 4)))]
    branches = [f"B{k}" for k in range(draw(st.integers(1, 3)))]
    heads = [f"H{k}" for k in range(draw(st.integers(1, 2)))]
    children = list(draw(st.permutations(points + branches)))
    parents = list(draw(st.permutations(branches + heads)))
    cost = st.one_of(st.integers(0, 9).map(float), st.just(np.inf))
    matrix = np.array([[draw(cost) for _ in parents] for _ in children])
    candidates = tuple(name for name in parents if draw(st.integers(0, 2)) == 0)
    place = st.sampled_from(["p", "p", "q", None])
    return problem_of(
        matrix,
        children,
        parents,
        candidates=candidates,
        weight=[float(draw(st.integers(0, 4))) for _ in children],
        district={name: draw(place) for name in [*points, *branches, *heads]},
    )


def by_hand(problem: SitingProblem, model: HierarchyAssignment) -> float:
    """Try every choice of candidates and every parent of every child."""
    matrix = np.full((problem.n_demand, problem.n_sites), np.inf)
    matrix[problem.costs.rows, problem.costs.indices] = problem.costs.values
    cost = pd.DataFrame(matrix, index=problem.demand_ids, columns=problem.facility_ids)
    weight = dict(zip(problem.demand_ids, problem.persons, strict=True))
    spare = problem.facility_ids[problem.choices]
    best = np.inf
    for branches in combinations([name for name in spare if name[0] == "B"], model.n_branches):
        for heads in combinations([name for name in spare if name[0] == "H"], model.n_heads):
            opened = {*problem.fixed, *branches, *heads}
            children = [name for name in problem.demand_ids if name[0] == "P" or name in opened]
            options = []
            for child in children:
                limit = model.point_limit if child[0] == "P" else model.branch_limit
                options.append(
                    [
                        parent
                        for parent in opened
                        if parent[0] == {"P": "B", "B": "H"}[child[0]]
                        and cost.at[child, parent] <= (np.inf if limit is None else limit)
                        and np.isfinite(cost.at[child, parent])
                        and (
                            not model.same_district
                            or problem.places[child] is None
                            or problem.site_places[parent] is None
                            or problem.places[child] == problem.site_places[parent]
                        )
                    ]
                )
            for plan in product(*options):
                load = pd.Series(plan, dtype=object).value_counts()
                most = {"B": model.points_per_branch, "H": model.branches_per_head}
                if all(most[name[0]] is None or n <= most[name[0]] for name, n in load.items()):
                    way = sum(weight[c] * cost.at[c, p] for c, p in zip(children, plan, strict=True))
                    best = min(best, float(way))
    return best


@given(trees(), st.data())
@settings(max_examples=60)
def test_equals_brute_force(problem, data):
    """The least travel under every rule, or infeasible, as trying everything says."""
    spare = problem.facility_ids[problem.choices]
    model = HierarchyAssignment(
        n_branches=data.draw(st.integers(0, sum(name[0] == "B" for name in spare))),
        n_heads=data.draw(st.integers(0, sum(name[0] == "H" for name in spare))),
        points_per_branch=data.draw(st.sampled_from([None, 1, 2])),
        branches_per_head=data.draw(st.sampled_from([None, 1, 2])),
        point_limit=data.draw(st.sampled_from([None, 6.0])),
        branch_limit=data.draw(st.sampled_from([None, 6.0])),
        same_district=data.draw(st.booleans()),
    )
    expected = by_hand(problem, model)
    result = solve_siting(problem, model)
    if np.isinf(expected):
        assert str(result.status) == "infeasible"
        assert result.explain() != result.explain("zh")
        return
    assert result.objective == pytest.approx(expected)
    assert result.is_optimal
    assert set(problem.fixed) <= set(result.selected)
    assert sorted(name[0] for name in result.opened) == ["B"] * model.n_branches + ["H"] * model.n_heads
    # what the plan says of its sites, asked again
    assert model.objective(problem, problem.mask(result.selected)) == pytest.approx(expected)


@given(trees())
@settings(max_examples=15)
def test_looser_rules_never_cost_more(problem):
    """More room, and other districts, never lengthen the ways."""

    def travel(**rules: object) -> float:
        result = solve_siting(problem, HierarchyAssignment(**rules))
        return result.objective if result.has_answer else np.inf

    tight, wide = travel(points_per_branch=1), travel(points_per_branch=2)
    assert travel(points_per_branch=2, same_district=False) <= wide <= tight


@given(trees(), st.integers(0, 2**32 - 1))
@settings(max_examples=15)
def test_the_order_of_rows_does_not_matter(problem, seed):
    """The same lines come out when children and parents come in another order."""
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(problem.n_demand), rng.permutation(problem.n_sites)
    matrix = np.full((problem.n_demand, problem.n_sites), np.inf)
    matrix[problem.costs.rows, problem.costs.indices] = problem.costs.values
    spare = set(problem.facility_ids[problem.choices])
    other = problem_of(
        matrix[np.ix_(rows, columns)],
        list(problem.demand_ids[rows]),
        list(problem.facility_ids[columns]),
        candidates=tuple(spare),
        weight=problem.persons[rows].tolist(),
        district={**problem.places.to_dict(), **problem.site_places.to_dict()},
    )
    model = HierarchyAssignment(points_per_branch=2, n_branches=int(any(name[0] == "B" for name in spare)))
    first, again = (solve_siting(one, model) for one in (problem, other))
    assert (first.status, first.selected) == (again.status, again.selected)
    if first.has_answer:
        assert reporting_lines(first).equals(reporting_lines(again))


def test_a_world_reports_as_the_answer_says():
    """The lines of the bundled county make a tree without orphans, in a world and in a scenario."""
    world = cp.load_world("sanheyuan")
    problem = hierarchy_problem(world, limit=60_000, weight="volumes")
    result = solve_siting(problem, HierarchyAssignment(points_per_branch=3))
    assert result.is_optimal
    lines = reporting_lines(result)
    after = with_reporting(world, result)
    assert after.network.parents[lines["child_id"]].tolist() == lines["parent_id"].tolist()
    assert set(after.network.orphans()) <= set(world.network.orphans())
    scenario = cp.Scenario(world).add(result)
    for line in lines.itertuples():
        scenario = scenario.reassign(line.child_id, line.parent_id)
    assert scenario.apply().network.parents.equals(after.network.parents)
    county = world.places.ancestor_at("county")
    for line in lines.itertuples():
        home = [county.get(world.facility_places[name]) for name in (line.child_id, line.parent_id)]
        assert pd.isna(home).any() or home[0] == home[1]
    table = result.to_frame()
    assert table["n_children"].sum() == len(lines)
    assert table.loc[table["level"] == "branch", "n_children"].max() <= 3


def test_a_candidate_that_opens_reports_too():
    """A branch that opens takes points, and reports to a head itself."""
    world = cp.load_world("sanheyuan")
    frame = world.facilities.frame
    branch = frame.loc[frame["level"] == "branch", "facility_id"].iloc[0]
    status = frame["status"].mask(frame["facility_id"] == branch, "candidate")
    parent = frame["parent_id"].mask(frame["parent_id"] == branch)
    world = world.with_facilities(Facilities(frame.assign(status=status, parent_id=parent)))
    problem = hierarchy_problem(world, limit=60_000)
    kept = solve_siting(problem, HierarchyAssignment(same_district=False))
    assert branch not in set(reporting_lines(kept)["child_id"])
    opened = solve_siting(problem, HierarchyAssignment(n_branches=1, same_district=False))
    assert opened.opened == (branch,)
    assert branch in set(reporting_lines(opened)["child_id"])
    after = with_reporting(world, opened)
    assert branch in after.network.ids


def test_many_districts_are_solved_apart():
    """Many districts with full branches are proven one by one, and all together over their near pairs."""
    rng = np.random.default_rng(0)
    n_districts, per = 20, 40
    points = [f"P{d}-{k}" for d in range(n_districts) for k in range(per)]
    parents = [f"B{d}-{k}" for d in range(n_districts) for k in range(5)]
    where = {name: name[1:].split("-")[0] for name in [*points, *parents]}
    homes, sites = rng.uniform(0, 50_000, (len(points), 2)), rng.uniform(0, 50_000, (len(parents), 2))
    matrix = np.hypot(*(homes[:, None] - sites[None]).transpose(2, 0, 1))
    problem = problem_of(matrix, points, parents, district=where)
    result = solve_siting(problem, HierarchyAssignment(points_per_branch=8), time_limit_s=30)
    assert result.is_optimal
    assert (result.assignment["facility_id"].value_counts() <= 8).all()
    looser = solve_siting(problem, HierarchyAssignment(points_per_branch=8, same_district=False))
    assert looser.is_optimal
    assert looser.objective <= result.objective


def test_who_cannot_report_is_named():
    """Infeasible says which facility has no parent, and which parents are full."""
    far = solve_siting(three(), HierarchyAssignment(point_limit=500.0))
    assert str(far.status) == "infeasible"
    assert "P2" in far.explain()
    assert "没有可隶属的上级（P2）" in far.explain("zh")
    full = solve_siting(three(), HierarchyAssignment(points_per_branch=1))
    assert "2 facilities share the parents B1, which have room for 1" in full.explain()
    assert "仅可容纳 1 个" in full.explain("zh")
    assert solve_siting(three(), HierarchyAssignment(n_branches=1, points_per_branch=1)).has_answer


@pytest.mark.parametrize(
    "arguments",
    [
        {"point_limit": 0},
        {"branch_limit": np.nan},
        {"points_per_branch": 0},
        {"branches_per_head": 1.5},
        {"n_branches": -1},
        {"n_heads": True},
    ],
)
def test_bad_settings_are_refused(arguments):
    """Limits are positive, numbers whole."""
    with pytest.raises(InputError):
        HierarchyAssignment(**arguments)


def test_what_does_not_fit_the_problem_is_refused():
    """More branches than candidates, a limit beyond the costs, no levels, no districts."""
    with pytest.raises(InputError, match="level branch are to be opened, but there are only 1"):
        solve_siting(three(), HierarchyAssignment(n_branches=2))
    with pytest.raises(InputError, match="level of every site"):
        solve_siting(replace(three(), sites=None), HierarchyAssignment())
    with pytest.raises(InputError, match="same_district=False"):
        solve_siting(replace(three(), site_places=None), HierarchyAssignment())
    world = cp.load_world("sanheyuan")
    problem = hierarchy_problem(world, limit=60_000)
    with pytest.raises(InputError, match="beyond the cutoff"):
        solve_siting(problem, HierarchyAssignment(point_limit=70_000))
    with pytest.raises(UnknownNameError, match="'volume' in weight"):
        hierarchy_problem(world, limit=60_000, weight="volume")
    with pytest.raises(UnknownNameError, match="district_level"):
        hierarchy_problem(world, limit=60_000, district_level="parish")
    with pytest.raises(InputError, match="no value for"):
        hierarchy_problem(world, limit=60_000, weight=pd.Series([1.0], index=["F01"]))
    only_heads = world.facilities.frame.query("level == 'head'").assign(parent_id=None)
    with pytest.raises(InputError, match="nobody can report"):
        hierarchy_problem(world.with_facilities(Facilities(only_heads)), limit=60_000)
