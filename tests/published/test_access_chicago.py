"""Published access values: tracts and doctors of the Chicago region, and a toy town of three tracts."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import cultureplan as cp


@pytest.fixture(scope="module")
def chicago(shared_data):
    """People, supply and costs between 1,930 tracts (centroids in EPSG:3528), up to 250 km."""
    folder = shared_data / "access_chicago"
    people = pd.read_csv(folder / "demand_tracts_xy.csv", dtype={"geoid": str}).set_index("geoid")
    supply = pd.read_csv(folder / "supply_tracts_xy.csv", dtype={"geoid": str}).set_index("geoid")
    expected = json.loads((folder / "expected_values.json").read_text(encoding="utf-8"))
    costs = cp.straight_line_costs(
        people[["x_3528", "y_3528"]], supply[["x_3528", "y_3528"]], limit_m=250_000
    )
    return people, supply, expected, costs


@pytest.mark.parametrize("kind", ["doc", "dentist"])
def test_rational_agent_costs_of_chicago_are_those_printed_by_pysal(chicago, kind):
    """First five RAAM values of notebook 1 of PySAL access (Euclidean, tau 100 km), to all digits printed."""
    people, supply, expected, costs = chicago
    got = cp.access.raam(costs, people["pop"].to_numpy(), supply[kind].to_numpy(), tau=1e5)
    got.index = people.index
    printed = pd.Series(expected[f"raam_euclidean_{kind}"])
    np.testing.assert_allclose(got[printed.index], printed, atol=5e-7)


def test_the_printed_costs_are_not_yet_the_resting_point(chicago):
    """At the resting point the first tract pays 0.891 and not 0.837, and nobody gains 1e-5 by moving."""
    people, supply, expected, costs = chicago
    rest = cp.access.raam_equilibrium(costs, people["pop"].to_numpy(), supply["doc"].to_numpy(), tau=1e5)
    assert rest.gap <= 1e-5
    assert rest.cost.iloc[0] == pytest.approx(0.891, abs=5e-4)
    assert expected["raam_euclidean_doc"][people.index[0]] == pytest.approx(0.837, abs=5e-4)


TOY = {  # three tracts: two suburbs and a city; minutes between them in four states of the roads
    "gridlock": [[1, 80, 40], [80, 1, 40], [40, 40, 1]],
    "faster in": [[1, 80, 20], [80, 1, 20], [40, 40, 1]],
    "faster out": [[1, 80, 40], [80, 1, 40], [20, 20, 1]],
    "faster": [[1, 40, 20], [40, 1, 20], [20, 20, 1]],
}


@pytest.mark.parametrize("state", TOY)
def test_the_toy_town_of_pysal_has_the_values_of_its_test(state):
    """Two- and three-step access with gravity weights equal the loops of the peer's own test example."""
    minutes = np.array(TOY[state], dtype=float)
    persons, doctors = np.array([100.0, 50.0, 10.0]), np.array([15.0, 20.0, 100.0])
    costs = cp.TravelCosts.from_dense(minutes, unit="minutes", limit=61)
    decay = cp.access.gravity(1, min_cost=0.5)
    weight = np.where(minutes <= 61, 1 / minutes, 0.0)
    ratio = doctors / (persons @ weight)
    got = cp.access.two_step_floating_catchment(costs, persons, doctors, decay=decay)
    np.testing.assert_allclose(got, weight @ ratio)
    chosen = weight / weight.sum(axis=1, keepdims=True) * weight
    got = cp.access.three_step_floating_catchment(costs, persons, doctors, decay=decay)
    np.testing.assert_allclose(got, chosen @ (doctors / (persons @ chosen)))


def test_better_roads_into_town_help_the_suburbs_and_crowd_the_city():
    """The order of values that the peer's example argues for: the city loses what the suburbs gain."""
    decay = cp.access.gravity(1, min_cost=0.5)
    access = {
        state: cp.access.two_step_floating_catchment(
            cp.TravelCosts.from_dense(minutes, unit="minutes", limit=61),
            [100, 50, 10],
            [15, 20, 100],
            decay=decay,
        )
        for state, minutes in TOY.items()
    }
    before = access["gridlock"]
    for state, suburbs_gain in {"faster in": True, "faster out": False, "faster": True}.items():
        change = access[state] - before
        assert ((change[:2] > 0) == suburbs_gain).all()
        assert (change[2] > 0) != suburbs_gain
