"""Decays: weights by cost, from the doorstep outwards."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cultureplan as cp
from cultureplan.base.errors import InputError, UnitError, WrongTypeError

COSTS = st.lists(st.floats(0, 1e5), min_size=1, max_size=30)
SHAPES = [
    cp.access.step({2_000: 1.0, 5_000: 0.68, 10_000: 0.22}),
    cp.access.circle(3_000),
    cp.access.gaussian(2_000),
    cp.access.gaussian(2_000, limit=5_000),
    cp.access.gaussian_catchment(5_000),
    cp.access.kernel_density(5_000),
    cp.access.linear(5_000),
    cp.access.exponential(1_500),
    cp.access.gravity(1.5, min_cost=100, scale=100),
    cp.access.logistic(3_000, 500),
]


def test_a_step_weight_holds_up_to_its_limit_inclusive():
    """A cost on the edge of a zone belongs to the zone, and beyond the last zone nothing counts."""
    near = cp.access.step({2_000: 1.0, 5_000: 0.68, 10_000: 0.22})
    costs = [0, 2_000, np.nextafter(2_000, 3_000), 5_000, 10_000, np.nextafter(10_000, 11_000)]
    assert near.weights(costs).tolist() == [1.0, 1.0, 0.68, 0.68, 0.22, 0.0]
    assert near.limit == 10_000


def test_zones_may_be_given_in_any_order():
    """The mapping is sorted by limit."""
    assert cp.access.step({5: 0.5, 2: 1.0}).steps == ((2.0, 1.0), (5.0, 0.5))


def test_the_published_shapes_have_their_published_values():
    """Each curve is checked at a point worked out by hand."""
    assert cp.access.gaussian(10).weights(10) == pytest.approx(math.exp(-0.5))
    assert cp.access.gaussian_catchment(10).weights([0, 10]) == pytest.approx([1.0, 0.0])
    half = (math.exp(-0.125) - math.exp(-0.5)) / (1 - math.exp(-0.5))
    assert cp.access.gaussian_catchment(10).weights(5) == pytest.approx(half)
    assert cp.access.kernel_density(10).weights([0, 5, 10]).tolist() == [1.0, 0.75, 0.0]
    assert cp.access.linear(10).weights([0, 5, 10]).tolist() == [1.0, 0.5, 0.0]
    assert cp.access.exponential(10).weights(10) == pytest.approx(math.exp(-1))
    assert cp.access.gravity(2, min_cost=1, scale=20).weights([0, 1, 2, 20, 40]) == pytest.approx(
        [400, 400, 100, 1, 0.25]
    )
    assert cp.access.logistic(30, 0.01).weights([0, 29, 31]) == pytest.approx([1, 1, 0])


@pytest.mark.parametrize("decay", SHAPES, ids=repr)
@given(costs=COSTS)
def test_weights_are_between_0_and_1_fall_with_cost_and_end_at_the_limit(decay, costs):
    """Every decay of the library is 1 on the doorstep, never rises, and is 0 beyond its limit."""
    costs = np.sort(np.array([0.0, *costs]))
    weights = decay.weights(costs)
    assert weights[0] == pytest.approx(1.0)
    assert (weights >= 0).all()
    assert (np.diff(weights) <= 1e-12).all()
    assert (weights[costs > decay.limit] == 0).all()


@pytest.mark.parametrize("decay", SHAPES, ids=repr)
def test_a_decay_keeps_the_shape_of_its_input(decay):
    """A table of costs gives a table of weights, and one cost gives one weight."""
    costs = np.array([[0.0, 1_000.0], [4_000.0, 20_000.0]])
    assert decay.weights(costs).shape == (2, 2)
    assert decay.weights(0.0).shape == ()


SENSELESS = {
    "no zone": (lambda: cp.access.step({}), "access.no_steps"),
    "a negative weight": (lambda: cp.access.step({100: -1.0}), "access.bad_weight"),
    "a missing weight": (lambda: cp.access.step({100: math.nan}), "access.bad_weight"),
    "a rising weight": (lambda: cp.access.step({100: 0.5, 200: 0.6}), "access.decay_rises"),
    "a zone of no width": (lambda: cp.access.step({0: 1.0}), "fault.not_positive"),
    "a zone without end": (lambda: cp.access.step({math.inf: 1.0}), "fault.not_positive"),
    "no bandwidth": (lambda: cp.access.gaussian(0), "fault.not_positive"),
    "an infinite weight at cost 0": (lambda: cp.access.gravity(1, min_cost=0), "fault.not_positive"),
    "an unknown unit": (lambda: cp.access.circle(10, unit="km"), "unit.unknown"),
    "a negative limit": (lambda: cp.access.exponential(10, limit=-1), "fault.not_positive"),
}


@pytest.mark.parametrize(("make", "code"), SENSELESS.values(), ids=SENSELESS.keys())
def test_a_decay_that_makes_no_sense_is_refused_when_it_is_made(make, code):
    """The error names the fault in both languages before any cost is looked at."""
    with pytest.raises(InputError) as caught:
        make()
    assert caught.value.faults[0].code == code
    assert caught.value.render("zh")


def test_step_wants_a_mapping_and_custom_a_function():
    """The wrong type is named."""
    with pytest.raises(WrongTypeError):
        cp.access.step([(100, 1.0)])
    with pytest.raises(WrongTypeError):
        cp.access.custom(0.5)


UNSOUND = {
    "rises": (lambda costs: costs, "access.decay_rises"),
    "is negative": (lambda costs: -costs, "access.bad_weight"),
    "is missing": (lambda costs: np.where(costs > 0, np.nan, 1.0), "access.bad_weight"),
    "is one number": (lambda costs: 1.0, "fault.wrong_shape"),
}


@pytest.mark.parametrize(("function", "code"), UNSOUND.values(), ids=UNSOUND.keys())
def test_a_function_of_the_users_own_is_checked_at_every_use(function, code):
    """A weight that rises, is negative, missing or of the wrong shape is an error, not a silent result."""
    with pytest.raises(InputError) as caught:
        cp.access.custom(function).weights([0.0, 1.0, 2.0])
    assert caught.value.faults[0].code == code


def test_a_function_of_the_users_own_counts_only_up_to_its_limit():
    """What it returns beyond the limit is not looked at."""
    decay = cp.access.custom(lambda costs: np.where(costs > 10, np.nan, 1.0), limit=10)
    assert decay.weights([0.0, 10.0, 11.0]).tolist() == [1.0, 1.0, 0.0]


def test_costs_in_another_unit_are_refused():
    """A decay in metres does not weigh minutes."""
    costs = cp.TravelCosts.from_dense([[5.0]], unit="minutes")
    with pytest.raises(UnitError):
        cp.access.circle(500, unit="m").pair_weights(costs)


def test_a_decay_that_reaches_beyond_the_cutoff_is_refused():
    """Pairs beyond the cutoff are not stored, so their sum would be too small without a sign of it."""
    costs = cp.straight_line_costs([[0, 0]], [[3, 4]], limit_m=1_000)
    with pytest.raises(InputError) as caught:
        cp.access.circle(2_000).pair_weights(costs)
    assert caught.value.faults[0].code == "travel.limit_beyond_cutoff"
    assert cp.access.circle(1_000).pair_weights(costs).tolist() == [1.0]
