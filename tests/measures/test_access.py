"""Access measures against plain-Python sums, their conservation laws, and their edge cases."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

import cultureplan as cp
from cultureplan.base.errors import CulturePlanError, InputError
from cultureplan.measures import catchment, raam_kernels

NEAR = cp.access.step({2: 1.0, 5: 0.68, 10: 0.22})
DECAYS = [NEAR, cp.access.circle(6), cp.access.gaussian_catchment(9), cp.access.gravity(1, min_cost=0.5)]


@st.composite
def towns(draw):
    """Draw costs with gaps, persons and supply, some of them 0, as plain lists and as TravelCosts."""
    n, m = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    cost = st.one_of(st.just(float("inf")), st.integers(0, 12).map(float))
    matrix = draw(st.lists(st.lists(cost, min_size=m, max_size=m), min_size=n, max_size=n))
    persons = draw(st.lists(st.integers(0, 500), min_size=n, max_size=n))
    supply = draw(st.lists(st.integers(0, 50), min_size=m, max_size=m))
    return matrix, persons, supply, cp.TravelCosts.from_dense(matrix, unit="minutes")


def weight_matrix(matrix, decay):
    """Return the weights as nested lists, 0 where a facility cannot be reached."""
    return [[float(decay.weights(c)) if np.isfinite(c) else 0.0 for c in row] for row in matrix]


def share(part, whole):
    """Return part / whole, and 0 where there is nothing to divide by."""
    return part / whole if whole > 0 else 0.0


def plain_two_step(w, persons, supply, *, power=1):
    """Compute the two-step ratios with loops; with power 2 the modified form."""
    n, m = len(persons), len(supply)
    ratio = [share(supply[j], sum(persons[i] * w[i][j] for i in range(n))) for j in range(m)]
    return [sum(ratio[j] * w[i][j] ** power for j in range(m)) for i in range(n)]


def plain_three_step(w, persons, supply, pull):
    """Compute the three-step ratios with loops."""
    n, m = len(persons), len(supply)
    g = [
        [share(pull[j] * w[i][j], sum(pull[k] * w[i][k] for k in range(m))) for j in range(m)]
        for i in range(n)
    ]
    ratio = [share(supply[j], sum(persons[i] * g[i][j] * w[i][j] for i in range(n))) for j in range(m)]
    return [sum(ratio[j] * g[i][j] * w[i][j] for j in range(m)) for i in range(n)]


def plain_balanced(w, persons, supply):
    """Compute the balanced ratios with loops."""
    n, m = len(persons), len(supply)
    rows = [sum(w[i]) for i in range(n)]
    columns = [sum(w[i][j] for i in range(n)) for j in range(m)]
    asked = [sum(share(persons[i] * w[i][j], rows[i]) for i in range(n)) for j in range(m)]
    ratio = [share(supply[j], asked[j]) for j in range(m)]
    return [sum(share(ratio[j] * w[i][j], columns[j]) for j in range(m)) for i in range(n)]


@pytest.mark.parametrize("decay", DECAYS, ids=repr)
@given(town=towns())
def test_every_catchment_measure_is_its_formula(decay, town):
    """Two-step, modified, three-step and balanced catchments equal loops written from their formulas."""
    matrix, persons, supply, costs = town
    w = weight_matrix(matrix, decay)
    pull = [j + 1.0 for j in range(len(supply))]
    access = cp.access
    pairs = [
        (access.two_step_floating_catchment, {}, plain_two_step(w, persons, supply)),
        (access.modified_two_step_floating_catchment, {}, plain_two_step(w, persons, supply, power=2)),
        (access.three_step_floating_catchment, {}, plain_three_step(w, persons, supply, [1.0] * len(supply))),
        (access.three_step_floating_catchment, {"pull": pull}, plain_three_step(w, persons, supply, pull)),
        (access.balanced_floating_catchment, {}, plain_balanced(w, persons, supply)),
    ]
    for measure, more, expected in pairs:
        got = measure(costs, persons, supply, decay=decay, **more)
        assert got.index.equals(costs.demand_ids)
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("decay", DECAYS, ids=repr)
@given(town=towns())
def test_what_catchments_share_out_is_what_there_is(decay, town):
    """Persons times access add up to the supply somebody reaches; the modified form gives out no more."""
    matrix, persons, supply, costs = town
    w = weight_matrix(matrix, decay)
    claimed = [sum(persons[i] * w[i][j] for i in range(len(persons))) > 0 for j in range(len(supply))]
    reached = sum(s for s, c in zip(supply, claimed, strict=True) if c)
    for measure in (cp.access.two_step_floating_catchment, cp.access.three_step_floating_catchment):
        shared_out = float((measure(costs, persons, supply, decay=decay) * persons).sum())
        assert shared_out == pytest.approx(reached)
    wasteful = cp.access.modified_two_step_floating_catchment(costs, persons, supply, decay=decay)
    if decay.weights(0.0) <= 1:
        assert float((wasteful * persons).sum()) <= reached * (1 + 1e-9)


@given(town=towns())
def test_the_balanced_catchment_counts_persons_and_service_once(town):
    """The access of all places adds up to the ratios of all facilities: no level of service is doubled."""
    matrix, persons, supply, costs = town
    w = weight_matrix(matrix, NEAR)
    n, m = len(persons), len(supply)
    asked = [sum(share(persons[i] * w[i][j], sum(w[i])) for i in range(n)) for j in range(m)]
    ratios = sum(share(supply[j], asked[j]) for j in range(m))
    got = cp.access.balanced_floating_catchment(costs, persons, supply, decay=NEAR)
    assert float(got.sum()) == pytest.approx(ratios)


@given(town=towns())
def test_crowding_counts_every_person_who_reaches_supply(town):
    """Crowding times supply adds up to the persons with any supply in reach."""
    matrix, persons, supply, costs = town
    w = weight_matrix(matrix, NEAR)
    crowd = cp.access.crowding(costs, persons, supply, decay=NEAR)
    served = sum(
        p
        for p, row in zip(persons, w, strict=True)
        if sum(a * s for a, s in zip(row, supply, strict=True)) > 0
    )
    assert crowd.index.equals(costs.facility_ids)
    assert float((crowd * supply).sum()) == pytest.approx(served)


@given(town=towns())
def test_huff_shares_add_up_to_one_and_visitors_to_the_persons(town):
    """A demand point's shares sum to 1 where anything pulls, and the visitors are those shares' persons."""
    _, persons, supply, costs = town
    shares = cp.access.huff_shares(costs, supply, decay=NEAR)
    per_point = shares.groupby("demand_id")["share"].sum()
    assert ((per_point - 1).abs().lt(1e-9) | per_point.eq(0)).all()
    visitors = cp.access.huff_visitors(costs, persons, supply, decay=NEAR)
    people = pd.Series(persons, index=costs.demand_ids)
    expected = (shares["share"] * shares["demand_id"].map(people)).groupby(shares["facility_id"]).sum()
    expected = expected.reindex(costs.facility_ids, fill_value=0.0)
    np.testing.assert_allclose(visitors, expected.astype(float), atol=1e-9)


@given(town=towns())
def test_opportunities_and_gravity_are_weighted_sums(town):
    """Cumulative opportunities count what is within the limit; gravity weighs it."""
    matrix, _, supply, costs = town
    counted = cp.access.cumulative_opportunities(costs, limit=5)
    assert counted.tolist() == [sum(c <= 5 for c in row) for row in matrix]
    w = weight_matrix(matrix, DECAYS[3])
    expected = [sum(a * s for a, s in zip(row, supply, strict=True)) for row in w]
    np.testing.assert_allclose(cp.access.hansen_gravity(costs, supply, decay=DECAYS[3]), expected)


def test_nobody_reached_is_0_and_not_nan():
    """A place without a facility in reach, a facility without people and people without number: all 0."""
    costs = cp.TravelCosts.from_dense(
        [[1.0, np.inf, 1.0], [np.inf, np.inf, np.inf], [1.0, 1.0, 1.0]], unit="m"
    )
    got = cp.access.two_step_floating_catchment(costs, [10, 20, 0], [5, 7, 0], decay=NEAR)
    assert got.tolist() == [0.5, 0.0, 0.5]
    assert cp.access.supply_per_person(costs, [10, 20, 0], [5, 7, 0], decay=NEAR).tolist() == [0.5, 0.0, 0.0]


def test_series_are_matched_by_id_whatever_their_order():
    """A Series in another order, with ids that are not asked for, gives what the array gives."""
    costs = cp.TravelCosts.from_dense(
        [[1.0, 4.0], [6.0, 2.0]], unit="m", demand_ids=["a", "b"], facility_ids=["x", "y"]
    )
    plain = cp.access.two_step_floating_catchment(costs, [30, 10], [3, 4], decay=NEAR)
    persons = pd.Series([10, 99, 30], index=["b", "elsewhere", "a"])
    supply = pd.Series([4, 3], index=["y", "x"])
    pd.testing.assert_series_equal(
        cp.access.two_step_floating_catchment(costs, persons, supply, decay=NEAR), plain
    )
    assert plain.index.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("persons", "supply", "code"),
    [
        ([1, 2, 3], [1], "fault.wrong_shape"),
        ([1, -2], [1], "fault.negative"),
        ([1, float("nan")], [1], "fault.not_finite"),
        (pd.Series([1, 2], index=["a", "c"]), [1], "access.not_aligned"),
        (pd.Series([1, 2, 3], index=["a", "b", "b"]), [1], "access.index_repeats"),
        ([1, 2], pd.Series([1], index=[0]), "access.not_aligned"),
        (pd.Series([1, None], index=["a", "b"], dtype="Float64"), [1], "fault.not_finite"),
    ],
)
def test_values_that_do_not_fit_the_costs_are_refused(persons, supply, code):
    """Wrong length, unknown ids, negative or missing values each have their own message."""
    costs = cp.TravelCosts.from_dense([[1.0], [2.0]], unit="m", demand_ids=["a", "b"], facility_ids=["x"])
    with pytest.raises(InputError) as caught:
        cp.access.two_step_floating_catchment(costs, persons, supply)
    assert caught.value.faults[0].code == code
    assert caught.value.render("zh")


@given(seed=st.integers(0, 10_000), n=st.integers(0, 60), m=st.integers(0, 12), flat=st.booleans())
def test_the_way_without_pairs_gives_what_the_pairs_give(seed, n, m, flat):
    """Streaming from coordinates equals the table of costs, on points on a lattice and on a line too."""
    rng = np.random.default_rng(seed)
    demand, sites = rng.integers(0, 21, (n, 2)).astype(float), rng.integers(0, 21, (m, 2)).astype(float)
    if flat:
        demand[:, 1] = sites[:, 1] = 0
    persons, supply = rng.integers(0, 50, n), rng.integers(0, 9, m)
    streamed = cp.access.two_step_from_coordinates(demand, persons, sites, supply, decay=NEAR)
    costs = cp.straight_line_costs(demand, sites, limit_m=10)
    stored = cp.access.two_step_floating_catchment(costs, persons, supply, decay=NEAR)
    np.testing.assert_allclose(streamed, stored, rtol=1e-12)
    assert streamed.index.equals(stored.index)


def test_the_way_without_pairs_compiled_gives_the_same():
    """Above the sizes where the loop is compiled and threads are used, the answer is the same."""
    rng = np.random.default_rng(3)
    n = catchment._THREADED + 1_000
    demand, sites = rng.uniform(0, 30_000, (n, 2)), rng.uniform(0, 30_000, (80, 2))
    persons, supply = pd.Series(rng.uniform(0, 50, n)), rng.integers(0, 9, 80)
    persons.array.to_numpy().flags.writeable = False  # as a column of a frame is handed out
    near = cp.access.step({500: 1.0, 1_500: 0.5, 3_000: 0.25}, unit="m")
    streamed = cp.access.two_step_from_coordinates(demand, persons, sites, supply, decay=near)
    costs = cp.straight_line_costs(demand, sites, limit_m=3_000)
    stored = cp.access.two_step_floating_catchment(costs, persons.to_numpy(), supply, decay=near)
    np.testing.assert_allclose(streamed, stored, rtol=1e-11)


def test_the_way_without_pairs_wants_steps_in_metres():
    """A smooth decay, or one in minutes, is refused with the way that can do it."""
    for decay in (cp.access.gaussian(100), cp.access.circle(10, unit="minutes")):
        with pytest.raises(InputError):
            cp.access.two_step_from_coordinates([[0, 0]], [1], [[0, 0]], [1], decay=decay)


# ---------------------------------------------------------------- rational agents


@st.composite
def regions(draw):
    """Draw a small region where every demand point reaches some supply."""
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    matrix = draw(st.lists(st.lists(st.floats(0, 3), min_size=m, max_size=m), min_size=n, max_size=n))
    persons = draw(st.lists(st.integers(1, 300), min_size=n, max_size=n))
    supply = draw(st.lists(st.integers(1, 30), min_size=m, max_size=m))
    return np.array(matrix), np.array(persons, float), np.array(supply, float)


@settings(max_examples=25)
@given(region=regions())
def test_the_equilibrium_is_the_least_point_of_beckmanns_function(region):
    """An independent solver of the convex program finds the same crowding at every facility."""
    matrix, persons, supply = region
    n, m = matrix.shape
    offered = supply * persons.sum() / supply.sum()
    scale = persons.sum()

    def objective(x):
        flow = x.reshape(n, m) * scale
        return float((flow * matrix).sum() + (flow.sum(axis=0) ** 2 / (2 * offered)).sum()) / scale

    def gradient(x):
        return (matrix + x.reshape(n, m).sum(axis=0) * scale / offered).ravel()

    rows = np.kron(np.eye(n), np.ones(m))
    start = np.repeat(persons / m, m) / scale
    best = minimize(
        objective,
        start,
        jac=gradient,
        method="SLSQP",
        bounds=[(0, None)] * (n * m),
        constraints=[{"type": "eq", "fun": lambda x: rows @ x - persons / scale, "jac": lambda x: rows}],
        options={"maxiter": 500, "ftol": 1e-14},
    )
    costs = cp.TravelCosts.from_dense(matrix, unit="minutes")
    result = cp.access.raam_equilibrium(costs, persons, supply, tau=1.0, tolerance=1e-9, max_rounds=5_000)
    assert result.converged
    assert result.persons.sum() == pytest.approx(persons.sum())
    np.testing.assert_allclose(
        result.crowding, best.x.reshape(n, m).sum(axis=0) * scale / offered, rtol=2e-3, atol=2e-3
    )


@given(region=regions(), factor=st.sampled_from([0.001, 0.5, 7.0]))
def test_the_equilibrium_does_not_depend_on_what_a_person_is_counted_in(region, factor):
    """Counting thousands of persons changes nothing, as it would if persons moved as wholes."""
    matrix, persons, supply = region
    costs = cp.TravelCosts.from_dense(matrix, unit="minutes")
    one = cp.access.raam_equilibrium(costs, persons, supply, tau=1.0, tolerance=1e-9)
    other = cp.access.raam_equilibrium(costs, persons * factor, supply * 3, tau=1.0, tolerance=1e-9)
    np.testing.assert_allclose(one.cost, other.cost, rtol=1e-3)


def test_a_place_pays_the_common_level_of_its_facilities():
    """Two towns 1,000 m apart, one with three times the people: persons move until both cost the same."""
    costs = cp.straight_line_costs([[0, 0], [1_000, 0]], [[0, 0], [1_000, 0]], limit_m=2_000)
    result = cp.access.raam_equilibrium(costs, [300, 100], [10, 10], tau=4_000)
    # 225 stay and 75 go: a crowd of 225 / 200 at home, of 175 / 200 there and 0.25 for the way
    assert result.persons.tolist() == pytest.approx([225, 175])
    assert result.cost.tolist() == pytest.approx([1.125, 0.875])
    rounds = cp.access.raam(costs, [300, 100], [10, 10], tau=4_000)
    assert rounds.tolist() == pytest.approx([1.125, 0.875], rel=0.02)


def test_rational_agents_without_people_or_ways_have_costs_all_the_same():
    """Nobody lives at b, yet going from there has its cost; c cannot go anywhere; y has nothing to offer."""
    matrix = [[1.0, 0.0], [2.0, 0.0], [np.inf, 1.0]]
    costs = cp.TravelCosts.from_dense(matrix, unit="minutes", demand_ids=["a", "b", "c"])
    for got in (
        cp.access.raam(costs, [10, 0, 0], [5, 0], tau=1.0),
        cp.access.raam_equilibrium(costs, [10, 0, 0], [5, 0], tau=1.0).cost,
    ):
        assert got.tolist() == [2.0, 3.0, np.inf]
    nobody = cp.access.raam_equilibrium(costs, [0, 0, 0], [5, 0], tau=1.0)
    assert nobody.cost.tolist() == [1.0, 2.0, np.inf]
    assert nobody.converged
    with pytest.raises(InputError):
        cp.access.raam(costs, [1, 1, 1], [0, 0], tau=1.0)
    with pytest.raises(InputError):
        cp.access.raam(costs, [1, 1, 1], [1, 1], tau=0.0)


def test_fractions_of_persons_move_by_rounds_too():
    """With less than one person a place, rounds of whole persons would leave everybody where they are."""
    costs = cp.straight_line_costs([[0, 0], [1_000, 0]], [[0, 0], [1_000, 0]], limit_m=2_000)
    few = cp.access.raam(costs, [0.3, 0.1], [10, 10], tau=4_000)
    assert few.tolist() == pytest.approx([1.125, 0.875], rel=0.02)


@pytest.mark.parametrize("full", [True, False])
def test_rational_agents_compiled_and_in_threads_give_the_same(monkeypatch, full):
    """The plain loops, the compiled ones and the ones for full tables decide alike."""
    rng = np.random.default_rng(5)
    matrix = rng.uniform(0, 2, (60, 37))
    if not full:
        matrix[rng.random(matrix.shape) < 0.3] = np.inf
    costs = cp.TravelCosts.from_dense(matrix, unit="minutes")
    persons, supply = rng.integers(0, 900, 60), rng.integers(0, 30, 37)
    plain = cp.access.raam(costs, persons, supply, tau=1.0, n_rounds=40)
    rest = cp.access.raam_equilibrium(costs, persons, supply, tau=1.0)
    monkeypatch.setattr(raam_kernels, "SMALL_PAIRS", 0)
    monkeypatch.setattr("cultureplan.measures.raam._THREADED_PAIRS", 0)
    pd.testing.assert_series_equal(
        cp.access.raam(costs, persons, supply, tau=1.0, n_rounds=40), plain, rtol=1e-12
    )
    again = cp.access.raam_equilibrium(costs, persons, supply, tau=1.0)
    np.testing.assert_allclose(again.cost, rest.cost, rtol=1e-3)


# ---------------------------------------------------------------- supply


@pytest.fixture(scope="module")
def world():
    """Two existing facilities and a closed one; the second states neither seats nor hours."""
    frame = gpd.GeoDataFrame(
        {
            "facility_id": ["A", "B", "C"],
            "name": "x",
            "level": "service_point",
            "status": ["existing", "existing", "closed"],
            "seats": [40, None, 9],
            "opening_hours": ["Mo-Fr 09:00-17:00", None, "24/7"],
        },
        geometry=gpd.points_from_xy([500_000, 500_100, 500_200], [4_300_000] * 3),
        crs="EPSG:4544",
    )
    people = gpd.GeoDataFrame(
        {"demand_id": ["D"], "persons": [10]},
        geometry=gpd.points_from_xy([500_000], [4_300_000]),
        crs="EPSG:4544",
    )
    return cp.World(name="w", facilities=cp.Facilities(frame), demand=cp.DemandPoints(people))


def test_supply_is_read_from_the_table_or_the_hours(world):
    """Existing facilities only, by id, fit for the costs of the world."""
    seats = cp.access.supply_of(world, "seats", missing=5)
    assert seats.to_dict() == {"A": 40.0, "B": 5.0}
    assert cp.access.supply_of(world, "weekly_hours", missing=0).to_dict() == {"A": 40.0, "B": 0.0}
    costs = cp.travel_costs(world, cp.StraightLine(), limit=500)
    access = cp.access.two_step_floating_catchment(costs, world.demand.persons, seats)
    assert access.to_dict() == {"D": 4.5}


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("seats", "access.supply_missing"),
        ("weekly_hours", "hours.missing"),
        ("name", "access.unknown_supply"),
        ("volumez", "access.unknown_supply"),
    ],
)
def test_supply_that_is_not_stated_is_an_error(world, column, code):
    """A gap in the table is not taken for nothing unless one says so."""
    with pytest.raises(CulturePlanError) as caught:
        cp.access.supply_of(world, column)
    assert caught.value.faults[0].code == code
    assert caught.value.render("zh")
