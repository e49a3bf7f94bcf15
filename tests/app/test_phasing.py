"""Phasing: the years of the chosen sites serve as many person-years as any order could."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import cultureplan as cp
from cultureplan.app.phasing import Budgets, brought_forward, is_affordable, phase_sites
from cultureplan.base.errors import InputError
from cultureplan.lab.state import LabState
from tests.worlds import circle, standard, world


def planned(demand_xy, persons, site_xy, costs) -> LabState:
    """A state with one open library far away, and every candidate opened."""
    sites = [(90_000.0, 0.0), *site_xy]
    status = ["existing", *["candidate"] * len(site_xy)]
    made = world(demand_xy, sites, persons=persons, status=status, build_cost=[1.0, *costs])
    state = LabState.start(made, standard(circle(600.0)))
    for name in tuple(state.free_candidates):
        state = state.open(name)
    return state


def covered(state: LabState, site_ids) -> float:
    """Persons within 600 m of any of some sites, the plain way."""
    ground = state.ground
    at = [(state.sites[name].x_m, state.sites[name].y_m) for name in site_ids]
    if not at:
        return 0.0
    gaps = ground.demand_xy[:, None, :] - np.array(at)[None, :, :]
    return float(ground.persons[(np.hypot(gaps[..., 0], gaps[..., 1]) <= 600.0).any(axis=1)].sum())


spots = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda p: (100.0 * p[0], 100.0 * p[1]))


@settings(max_examples=12)
@given(data=st.data(), carries_over=st.booleans())
def test_no_other_order_serves_more_person_years(data, carries_over):
    """Equal to the best of all assignments of sites to years that keep within the budgets."""
    site_xy = data.draw(st.lists(spots, min_size=1, max_size=4, unique=True))
    demand_xy = data.draw(st.lists(spots, min_size=1, max_size=6))
    persons = data.draw(st.lists(st.integers(1, 50), min_size=len(demand_xy), max_size=len(demand_xy)))
    costs = data.draw(st.lists(st.integers(1, 5), min_size=len(site_xy), max_size=len(site_xy)))
    yuan = tuple(map(float, data.draw(st.lists(st.integers(0, 6), min_size=1, max_size=3))))
    state = planned(demand_xy, persons, site_xy, list(map(float, costs)))
    budgets = Budgets(first_year=2030, yuan=yuan, carries_over=carries_over)
    phasing = phase_sites(state, budgets)
    ids, price = list(state.opened_ids), np.array(costs, dtype=float)

    def person_years(built) -> float:
        years = range(len(yuan))
        return sum(covered(state, [i for i, at in zip(ids, built, strict=True) if at <= y]) for y in years)

    best = max(
        person_years(built)
        for built in itertools.product(range(len(yuan) + 1), repeat=len(ids))
        if is_affordable(np.array(built), price, budgets)
    )
    assert phasing.is_proven
    assert phasing.years["persons_covered"].sum() == best
    year_of = phasing.sites.set_index("facility_id")["year"]
    built = np.array([list(budgets.years).index(y) if (y := year_of[i]) else len(yuan) for i in ids])
    assert is_affordable(built, price, budgets)
    assert person_years(built) == best


def test_money_that_is_left_brings_building_forward():
    """A site that serves nobody new still goes into the first year that can pay for it."""
    built = brought_forward(
        np.array([0, 2, 3]), np.array([4.0, 4.0, 2.0]), Budgets(first_year=1, yuan=(6, 4, 4))
    )
    assert built.tolist() == [0, 1, 0]


def test_the_tables_add_up():
    """Spending stays within each year's budget, gains add up, and what no year can pay is left out."""
    state = planned([(0, 0), (2_000, 0)], [10, 20], [(0, 0), (2_000, 0), (2_500, 0)], [3.0, 3.0, 99.0])
    phasing = phase_sites(state, Budgets(first_year=2030, yuan=(3.0, 3.0)))
    assert phasing.years["spent"].tolist() == [3.0, 3.0]
    assert phasing.years["persons_covered"].tolist() == [20.0, 30.0]
    assert phasing.years["persons_gained"].tolist() == [20.0, 10.0]
    assert phasing.years["covered_share"].iloc[-1] == 1.0
    assert len(phasing.left_out) == 1


def test_nothing_new_and_senseless_money_are_refused():
    """Without new sites there is nothing to phase; budgets must be numbers of 0 or above."""
    with pytest.raises(InputError):
        phase_sites(LabState.start(cp.load_world("sanheyuan")), Budgets(first_year=2030, yuan=(1.0,)))
    for yuan in ((), (-1.0,), (float("nan"),)):
        with pytest.raises(InputError):
            Budgets(first_year=2030, yuan=yuan)
    with pytest.raises(InputError):
        Budgets(first_year=2030, yuan=(1.0,), usual_cost=0.0)
