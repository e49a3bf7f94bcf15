"""The same input to PySAL access and to us: the same answers, and ours where it has none."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import cultureplan as cp

pytest.importorskip("access", reason="PySAL access is not installed")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from access import fca as peer_fca
    from access import weights as peer_weights
    from access.raam import raam as peer_raam

# the peer still uses what pandas is about to drop
pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("ignore:The inplace keyword")]

STEPS = {2_000: 1.0, 5_000: 0.68, 10_000: 0.22}
FOUR_STEPS = {2_000: 0.962, 5_000: 0.704, 8_000: 0.377, 10_000: 0.042}
# name -> the peer's weight function, ours
WEIGHTS = {
    "circle": (None, cp.access.circle(10_000)),
    "steps": (peer_weights.step_fn(STEPS), cp.access.step(STEPS)),
    "gaussian": (peer_weights.gaussian(3_000), cp.access.gaussian(3_000, limit=10_000)),
    "gravity": (
        peer_weights.gravity(1_000, -1.5, min_dist=50),
        cp.access.gravity(1.5, scale=1_000, min_cost=50, limit=10_000),
    ),
}


class Region:
    """Random people and sites, far people out of everybody's reach, in the peer's form and in ours."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        demand = np.vstack([rng.uniform(0, 40_000, (200, 2)), [[90_000.0, 90_000.0]]])
        sites = rng.uniform(0, 40_000, (35, 2))
        self.persons = pd.Series(rng.integers(1, 4_000, len(demand)), name="demand").rename_axis("geoid")
        self.supply = pd.Series(rng.integers(0, 30, len(sites)), name="supply").rename_axis("geoid")
        self.costs = cp.straight_line_costs(demand, sites, limit_m=10_000)
        self.pairs = pd.DataFrame(
            {"origin": self.costs.rows, "dest": self.costs.indices, "cost": self.costs.values}
        )


@pytest.fixture(scope="module", params=[1, 2])
def region(request) -> Region:
    """Two random regions."""
    return Region(request.param)


@pytest.mark.parametrize("name", WEIGHTS)
def test_two_step_catchments_equal_pysal_where_it_has_a_value(region, name):
    """2SFCA, E2SFCA, Gaussian and gravity forms agree; where nobody is reached PySAL has none, we have 0."""
    theirs, ours = WEIGHTS[name]
    peer = peer_fca.two_stage_fca(
        region.persons.to_frame(), region.supply.to_frame(), region.pairs, max_cost=10_000, weight_fn=theirs
    ).reindex(region.persons.index)
    got = cp.access.two_step_floating_catchment(region.costs, region.persons, region.supply, decay=ours)
    known = peer.notna().to_numpy()
    assert known.sum() > 190
    np.testing.assert_allclose(got[known], peer[known], rtol=1e-12)
    assert (got[~known] == 0).all()
    assert not known[-1]


@pytest.mark.parametrize("name", ["steps", "gaussian", "gravity"])
def test_three_step_catchments_equal_pysal_where_it_has_a_value(region, name):
    """3SFCA agrees with the peer's, with the published four zones too."""
    theirs, ours = WEIGHTS[name]
    if name == "steps":
        theirs, ours = peer_weights.step_fn(FOUR_STEPS), cp.access.step(FOUR_STEPS)
    peer = peer_fca.three_stage_fca(
        region.persons.to_frame(),
        region.supply.to_frame(),
        region.pairs.copy(),
        max_cost=10_000,
        weight_fn=theirs,
    ).reindex(region.persons.index)
    got = cp.access.three_step_floating_catchment(region.costs, region.persons, region.supply, decay=ours)
    known = peer.notna().to_numpy()
    assert known.sum() > 190
    np.testing.assert_allclose(got[known], peer[known], rtol=1e-12)
    assert (got[~known] == 0).all()


@pytest.mark.parametrize("tau", [3_000, 30_000])
def test_rational_agents_equal_pysal_move_by_move(tau):
    """150 rounds give the peer's costs to rounding, on a full table of costs."""
    region = Region(3)
    demand, sites = np.random.default_rng(4).uniform(0, 40_000, (2, 201, 2))
    sites = sites[:35]
    costs = cp.straight_line_costs(demand, sites, limit_m=100_000)
    pairs = pd.DataFrame({"origin": costs.rows, "dest": costs.indices, "cost": costs.values})
    peer = peer_raam(region.persons.to_frame(), region.supply.to_frame(), pairs, tau=tau)
    got = cp.access.raam(costs, region.persons, region.supply, tau=tau)
    np.testing.assert_allclose(got, peer.reindex(region.persons.index), rtol=1e-9)


def test_the_resting_point_is_better_than_where_pysal_stops():
    """What people pay above their best choice is far smaller at our resting point than after 150 rounds."""
    region = Region(3)
    demand, sites = np.random.default_rng(4).uniform(0, 40_000, (2, 201, 2))
    costs = cp.straight_line_costs(demand, sites[:35], limit_m=100_000)
    rest = cp.access.raam_equilibrium(costs, region.persons, region.supply, tau=30_000)
    rounds = cp.access.raam(costs, region.persons, region.supply, tau=30_000)
    assert rest.converged
    assert rest.gap <= 1e-5
    # both are near each other in the mean, but single places are not
    mean = np.average(rounds, weights=region.persons)
    assert mean == pytest.approx(np.average(rest.cost, weights=region.persons), rel=0.05)
    assert np.abs(rounds / rest.cost - 1).max() > 0.01
