"""Merging demand points into classes keeps every count."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cultureplan.siting.cover import Cover, merge_demand
from cultureplan.siting.coverage import class_weight_covered, marginal_persons
from cultureplan.siting.problem import SitingProblem
from cultureplan.travel.costs import TravelCosts


@st.composite
def covers(draw: st.DrawFn) -> tuple[Cover, np.ndarray]:
    """Draw a cover whose demand points may have several rows, each asking for up to three sites."""
    n_demand, n_sites = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    demand = sorted(draw(st.lists(st.integers(0, n_demand - 1), max_size=8)))
    lists = [sorted(draw(st.sets(st.integers(0, n_sites - 1)))) for _ in demand]
    cover = Cover(
        indptr=np.cumsum([0, *map(len, lists)]).astype(np.int64),
        indices=np.array([site for row in lists for site in row], dtype=np.int32),
        need=np.array([draw(st.integers(1, 3)) for _ in demand], dtype=np.int32),
        demand=np.array(demand, dtype=np.int64),
        n_demand=n_demand,
        n_sites=n_sites,
    )
    return cover, np.array([float(draw(st.integers(0, 9))) for _ in range(n_demand)])


def plainly_covered(cover: Cover, is_open: np.ndarray) -> list[bool]:
    """Decide for each demand point, the plain way, whether each of its rows is met."""
    met = [
        sum(is_open[site] for site in cover.indices[cover.indptr[r] : cover.indptr[r + 1]]) >= cover.need[r]
        for r in range(cover.n_rows)
    ]
    return [
        any(cover.demand == i) and all(met[r] for r in range(cover.n_rows) if cover.demand[r] == i)
        for i in range(cover.n_demand)
    ]


@given(covers(), st.data())
def test_covered_is_what_a_plain_count_says(drawn, data):
    """A demand point is covered exactly when every row has enough open sites."""
    cover, _ = drawn
    is_open = np.array([data.draw(st.booleans()) for _ in range(cover.n_sites)])
    assert cover.is_covered(is_open).tolist() == plainly_covered(cover, is_open)


@given(covers(), st.data())
@settings(max_examples=200)
def test_classes_weigh_what_their_demand_weighs(drawn, data):
    """Persons covered by classes plus persons covered anyway equal the plain count, for any open sites."""
    cover, persons = drawn
    role = np.array([data.draw(st.sampled_from("fcx")) for _ in range(cover.n_sites)])
    classes = merge_demand(
        cover,
        persons,
        site_rank=np.arange(cover.n_sites),
        is_fixed=role == "f",
        is_choice=role == "c",
    )
    is_open = role == "f"
    opened = np.array([data.draw(st.booleans()) for _ in range(classes.n_columns)], dtype=bool)
    is_open[classes.sites[opened]] = True
    expected = sum(persons[i] for i, met in enumerate(plainly_covered(cover, is_open)) if met)
    covered = classes.covered_persons + class_weight_covered(classes, opened)
    assert covered == expected
    gains = marginal_persons(classes, opened)
    for column in np.flatnonzero(~opened):
        more = opened.copy()
        more[column] = True
        gain = class_weight_covered(classes, more) - class_weight_covered(classes, opened)
        assert gains[column] == gain


def test_demand_with_the_same_sites_is_one_class():
    """Points that ask for the same are merged with their persons added, in any order of rows."""
    costs = TravelCosts.from_dense([[1, 1], [1, np.inf], [1, 1], [1, np.inf]], unit="m")
    problem = SitingProblem(costs=costs, persons=[1, 2, 4, 8], limit=1.0)
    assert sorted(problem.classes.weight) == [5.0, 10.0]
    assert problem.classes.class_of_demand[0] == problem.classes.class_of_demand[2]
