"""The service network: who reports to whom, how deep, how many, and who is cut off, against networkx."""

from __future__ import annotations

import hypothesis.strategies as st
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

import cultureplan as cp
from cultureplan.base.errors import UnknownNameError
from tests.worlds import facilities

LEVELS = [str(level) for level in cp.Level]
RANK = {str(level): level.rank for level in cp.Level}


@st.composite
def networks(draw: st.DrawFn) -> cp.ServiceNetwork:
    """Good trees of up to 12 facilities, a few of them closed or candidates."""
    n = draw(st.integers(1, 12))
    levels = draw(st.lists(st.sampled_from(LEVELS), min_size=n, max_size=n))
    parents = [
        draw(st.sampled_from([None, *(f"F{j:03d}" for j in range(n) if RANK[levels[j]] > RANK[levels[i]])]))
        for i in range(n)
    ]
    status = draw(
        st.lists(st.sampled_from(["existing"] * 4 + ["closed", "candidate"]), min_size=n, max_size=n)
    )
    return cp.ServiceNetwork(
        facilities=facilities([(i, i) for i in range(n)], level=levels, parent_id=parents, status=status)
    )


def graph_of(network: cp.ServiceNetwork) -> nx.DiGraph:
    """The tree by hand, from the table."""
    frame = network.facilities.frame
    frame = frame[frame["status"] == "existing"]
    graph = nx.DiGraph()
    graph.add_nodes_from(frame["facility_id"])
    for child, parent in zip(frame["facility_id"], frame["parent_id"], strict=True):
        if isinstance(parent, str) and parent in graph:
            graph.add_edge(parent, child)
    return graph


@settings(max_examples=30)
@given(networks())
def test_the_tree_is_that_of_networkx(network: cp.ServiceNetwork):
    """Children, descendants, ancestors, depth, span and links agree with a graph built by hand."""
    graph = graph_of(network)
    assert set(network.ids) == set(graph)
    assert set(map(tuple, network.links[["parent_id", "facility_id"]].to_numpy())) == set(graph.edges)
    for name in network.ids:
        assert set(network.children(name)) == set(graph.successors(name))
        assert set(network.descendants(name)) == nx.descendants(graph, name)
        assert set(network.ancestors(name)) == nx.ancestors(graph, name)
        assert network.depth[name] == len(nx.ancestors(graph, name))
        assert network.span_of_control[name] == graph.out_degree(name)
        assert network.parents[name] == next(iter(graph.predecessors(name)), None)


@settings(max_examples=30)
@given(networks(), st.randoms(use_true_random=False))
def test_totals_below_are_sums_over_descendants(network: cp.ServiceNetwork, random):
    """A facility's own value and all below it."""
    graph = graph_of(network)
    values = pd.Series({name: float(random.randrange(100)) for name in network.ids}, dtype=float)
    totals = network.subtree_total(values)
    for name in network.ids:
        assert totals[name] == pytest.approx(
            values[name] + sum(values[d] for d in nx.descendants(graph, name))
        )


@settings(max_examples=30)
@given(networks())
def test_roots_and_orphans_are_those_without_a_parent(network: cp.ServiceNetwork):
    """Of the highest level there is, and of lower ones."""
    frame = network.facilities.frame.set_index("facility_id")
    alone = {name for name in network.ids if network.parents[name] is None}
    assert set(network.roots()) | set(network.orphans()) == alone
    top = max((RANK[frame.loc[name, "level"]] for name in network.ids), default=0)
    assert all(RANK[frame.loc[name, "level"]] == top for name in network.roots())
    assert all(RANK[frame.loc[name, "level"]] < top for name in network.orphans())


@settings(max_examples=30)
@given(networks())
def test_closing_a_facility_orphans_all_below_it(network: cp.ServiceNetwork):
    """Those who report to it, and theirs."""
    for name in network.ids:
        cut_off = network.orphaned_by_closing(name)
        assert set(cut_off["facility_id"]) == set(network.descendants(name))
        assert set(cut_off.loc[cut_off["is_direct"], "facility_id"]) == set(network.children(name))


@settings(max_examples=30)
@given(networks())
def test_networkx_gets_every_attribute(network: cp.ServiceNetwork):
    """Missing ones left out."""
    graph = network.to_networkx()
    assert set(graph.edges) == set(graph_of(network).edges)
    frame = network.facilities.frame.set_index("facility_id")
    for name, data in graph.nodes(data=True):
        assert data["level"] == frame.loc[name, "level"]
        assert (data["x_m"], data["y_m"]) == (frame.loc[name, "geometry"].x, frame.loc[name, "geometry"].y)
        assert ("parent_id" in data) == isinstance(frame.loc[name, "parent_id"], str)


@pytest.fixture
def shizuishan() -> cp.ServiceNetwork:
    """Two heads below a centre, three branches, one service point, one branch that nobody runs."""
    return cp.ServiceNetwork(
        facilities=facilities(
            [(i, 0) for i in range(8)],
            ids=["C", "H1", "H2", "B1", "B2", "B3", "S", "lost"],
            level=["central", "head", "head", "branch", "branch", "branch", "service_point", "branch"],
            parent_id=[None, "C", "C", "H1", "H1", "H2", "B2", None],
        )
    )


def test_counts_are_from_the_top(shizuishan: cp.ServiceNetwork):
    """Levels without any are 0."""
    assert shizuishan.count_by_level().to_dict() == {"central": 1, "head": 2, "branch": 4, "service_point": 1}
    assert list(shizuishan.count_by_level().index) == ["central", "head", "branch", "service_point"]


def test_a_head_carries_what_is_below_it(shizuishan: cp.ServiceNetwork):
    """Facilities and people; a value that is not given counts as 0."""
    load = shizuishan.load_per_head(pd.Series({"B1": 100.0, "S": 20.0, "H2": 7.0}))
    assert load["n_facilities"].to_dict() == {"H1": 3, "H2": 1}
    assert load["load"].to_dict() == {"H1": 120.0, "H2": 7.0}


def test_the_lost_branch_is_an_orphan(shizuishan: cp.ServiceNetwork):
    """And the centre the only root."""
    assert shizuishan.roots() == ("C",)
    assert shizuishan.orphans() == ("lost",)


def test_depth_counts_links(shizuishan: cp.ServiceNetwork):
    """From the top."""
    assert shizuishan.depth.to_dict() == {
        "C": 0,
        "H1": 1,
        "H2": 1,
        "B1": 2,
        "B2": 2,
        "B3": 2,
        "S": 3,
        "lost": 0,
    }


def test_an_unknown_facility_is_answered_with_the_closest(shizuishan: cp.ServiceNetwork):
    """Everywhere an id is asked for."""
    for ask in (
        shizuishan.children,
        shizuishan.descendants,
        shizuishan.ancestors,
        shizuishan.orphaned_by_closing,
    ):
        with pytest.raises(UnknownNameError, match="'H1'"):
            ask("H11")


def test_a_network_of_nobody_is_empty():
    """All facilities are candidates."""
    network = cp.ServiceNetwork(facilities=facilities([(0, 0)], status="candidate"))
    assert len(network.ids) == len(network.links) == len(network.roots()) == len(network.orphans()) == 0
    assert network.count_by_level().sum() == 0
    assert network.to_networkx().number_of_nodes() == 0
    assert network.subtree_total(pd.Series(dtype=float)).empty
    assert np.asarray(network.depth).size == 0
