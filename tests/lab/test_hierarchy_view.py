"""The tree in the lab: its order, its sums and its loose ends are those of the network."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

import cultureplan as cp
from cultureplan.base.errors import InputError
from cultureplan.lab import LabState
from cultureplan.lab.hierarchy_view import (
    adopt_orphans,
    facts_of,
    hierarchy_of,
    n_children,
    parent_words,
    parents_for,
    tree_rows,
)
from cultureplan.lab.meter import Meter
from cultureplan.world.levels import Level
from tests.worlds import circle, standard, world

_TOWN = LabState.start(cp.load_world("sanheyuan"), "ordos-2014")


@pytest.fixture
def town() -> LabState:
    """The bundled invented town."""
    return _TOWN


@given(st.data())
@settings(max_examples=15)
def test_the_tree_is_the_network_through_edits(data):
    """Parents, depth, descendants and orphans are those of the world, whatever was closed or linked."""
    state = _TOWN
    for _ in range(data.draw(st.integers(0, 4))):
        name = data.draw(st.sampled_from(state.open_ids))
        parents = parents_for(state, name)
        if parents and data.draw(st.booleans()):
            state = state.reassign(name, data.draw(st.sampled_from(parents)).facility_id)
        elif len(state.open_ids) > 2:
            state = state.close(name)
    network, hierarchy = state.world.network, hierarchy_of(state)
    assert set(hierarchy.nodes) == set(network.ids)
    assert set(hierarchy.orphans) == set(network.orphans())
    assert hierarchy.cycles == ()
    for name, node in hierarchy.nodes.items():
        assert node.parent_id == (network.parents[name] or "")
        assert node.depth == network.depth[name]
        assert n_children(hierarchy, name) == network.span_of_control[name]
        assert node.n_below == len(network.descendants(name))
        assert set(hierarchy.below(name)) == set(network.descendants(name))


def test_a_child_stands_below_its_parent(town):
    """In the outline every facility comes after the one it reports to, one step deeper."""
    seen: dict[str, int] = {}
    for row in tree_rows(hierarchy_of(town)):
        node = hierarchy_of(town).nodes[str(row["id"])]
        assert not node.parent_id or seen[node.parent_id] == row["depth"] - 1
        seen[str(row["id"])] = row["depth"]


def test_sums_are_those_of_the_subtree(town):
    """Persons, posts and volumes with all below are the network's totals."""
    measured = Meter().measure(town)
    hierarchy, network = hierarchy_of(town, measured), town.world.network
    frame = town.world.facilities.frame.set_index("facility_id")
    coverage = cp.measure_coverage(town.world, town.standard)
    persons = network.subtree_total(coverage.nearest_load())
    volumes, posts = network.subtree_total(frame["volumes"]), network.subtree_total(frame["staff_posts"])
    for name, node in hierarchy.nodes.items():
        assert node.persons_in_all == pytest.approx(persons[name])
        assert math.isnan(node.volumes_in_all) or node.volumes_in_all == pytest.approx(volumes[name])
        assert math.isnan(node.staff_posts_in_all) or node.staff_posts_in_all == pytest.approx(posts[name])
        if node.parent_id:
            gap = network.facilities.frame.set_index("facility_id").geometry
            assert node.distance_m == pytest.approx(gap[name].distance(gap[node.parent_id]))


def test_a_branch_is_given_to_another_head_and_back(town):
    """Reassigning changes the tree, is one step to undo, and persons move with the branch."""
    branch = next(n for n in town.open_ids if town.sites[n].level == "branch")
    other = next(s for s in parents_for(town, branch) if s.facility_id != town.sites[branch].parent_id)
    moved = town.reassign(branch, other.facility_id)
    assert hierarchy_of(moved).nodes[branch].parent_id == other.facility_id
    assert moved.world.network.parents[branch] == other.facility_id
    assert moved.undo().draft == town.draft
    with pytest.raises(InputError):
        town.reassign(other.facility_id, branch)


def test_parents_are_offered_the_next_level_and_the_nearest_first(town):
    """A service point is offered branches before heads; nothing of its own level or lower, nothing closed."""
    point = next(n for n in town.open_ids if town.sites[n].level == "service_point")
    offered = parents_for(town, point)
    ranks = [Level(site.level).rank for site in offered]
    assert ranks == sorted(ranks)
    assert min(ranks) > Level.SERVICE_POINT.rank
    closed = town.close(offered[0].facility_id)
    assert offered[0].facility_id not in [site.facility_id for site in parents_for(closed, point)]


def test_orphans_are_named_and_all_adopted_in_one_step(town):
    """Closing a branch leaves its points without a parent; the nearest take them; one undo brings it back."""
    branch = next(n for n in town.open_ids if town.sites[n].level == "branch")
    closed = town.close(branch)
    orphans = hierarchy_of(closed).orphans
    assert orphans == tuple(n for n in orphans if town.sites[n].parent_id == branch)
    assert any(row["is_loose"] for row in tree_rows(hierarchy_of(closed), "zh"))
    adopted = adopt_orphans(closed)
    assert hierarchy_of(adopted).orphans == ()
    assert adopted.world.network.orphans() == ()
    assert adopted.undo().draft == closed.draft
    assert adopt_orphans(town) is town


def test_a_circle_of_parents_is_listed_and_does_not_hang():
    """Where parents lead back to themselves, everyone in or below the circle is listed."""
    town = world(
        [(0, 0)], [(0, 0), (10, 0), (20, 0), (30, 0)], level=["head", "branch", "branch", "service_point"]
    )
    state = LabState.start(town, standard(circle(100)))
    parents = {"F001": "F002", "F002": "F001", "F003": "F002"}
    sites = {
        name: type(site)(**{**vars(site), "parent_id": parents.get(name, "")})
        for name, site in state.sites.items()
    }
    state.__dict__["sites"] = sites
    hierarchy = hierarchy_of(state)
    assert hierarchy.cycles == ("F001", "F002", "F003")
    assert len(hierarchy.nodes) == 4


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_facility_has_its_facts(town, lang):
    """Facts are worded for tops, orphans and all between; unknown numbers are dashes."""
    closed = town.close(next(n for n in town.open_ids if town.sites[n].level == "branch"))
    hierarchy = hierarchy_of(closed)
    for name in hierarchy.nodes:
        assert len(facts_of(hierarchy, name, lang)) == 4
        assert parent_words(hierarchy, name, lang)
    assert ("–", "–") in [row[1:] for row in facts_of(hierarchy, closed.open_ids[-1], lang)]


def test_an_added_facility_brings_its_own_figures(town):
    """What an addition states about posts and volumes counts in the tree."""
    x_m, y_m = map(float, town.ground.demand_xy[0])
    change = cp.Scenario(town.ground.world).add(
        facility_id="N1", x_m=x_m, y_m=y_m, level="service_point", volumes=500.0
    )
    added = town._to(changes=change.changes)
    assert hierarchy_of(added).nodes["N1"].volumes == 500.0
