"""Access: how much supply each person can draw on, and how crowded each facility is.

Coverage says whether a facility is near enough; access says how much of it is left for a person once
everybody else within reach has taken a share. All measures take a :class:`TravelCosts`, the persons of
each demand point and, where it matters, the supply of each facility (floor area, volumes, seats, staff
posts, hours), and return a Series on the ids of the costs.

Persons and supply may be a Series (matched by id) or an array in the order of the costs.

How missing people and places are treated, everywhere in this module:

- a demand point that reaches no facility has access 0, not NaN: nothing is there for it;
- a facility whose catchment holds no person serves nobody, and its ratio is 0, not infinite or NaN;
- a cost of zero is a cost like any other, so a decay that is infinite there is refused when it is made.

With W the weights of the pairs, P the persons, S the supply:

==============================  ==================================================================
cumulative opportunities        A_i = sum_j S_j [cost_ij <= limit]
gravity (Hansen)                A_i = sum_j S_j W_ij
two-step floating catchment     A_i = sum_j W_ij S_j / D_j,            D_j = sum_i P_i W_ij
modified two-step               A_i = sum_j W_ij^2 S_j / D_j,          D_j as above
three-step                      A_i = sum_j G_ij W_ij S_j / D_j,       D_j = sum_i P_i G_ij W_ij
balanced                        A_i = sum_j (W_ij / sum_k W_kj) S_j / D_j,  D_j = sum_i P_i W_ij / sum_k W_ik
inverted two-step (crowding)    C_j = sum_i W_ij P_i / T_i,            T_i = sum_j S_j W_ij
==============================  ==================================================================

where G_ij = B_j W_ij / sum_k B_k W_ik is the share of i's visits that j draws (Huff), B the pull of the
facilities (all alike unless given).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from cultureplan.measures.aligned import aligned_array
from cultureplan.measures.catchment import two_step_from_coordinates as two_step_from_coordinates
from cultureplan.measures.decay import Decay as Decay
from cultureplan.measures.decay import circle as circle
from cultureplan.measures.decay import custom as custom
from cultureplan.measures.decay import exponential as exponential
from cultureplan.measures.decay import gaussian as gaussian
from cultureplan.measures.decay import gaussian_catchment as gaussian_catchment
from cultureplan.measures.decay import gravity as gravity
from cultureplan.measures.decay import kernel_density as kernel_density
from cultureplan.measures.decay import linear as linear
from cultureplan.measures.decay import logistic as logistic
from cultureplan.measures.decay import step as step
from cultureplan.measures.raam import RaamResult as RaamResult
from cultureplan.measures.raam import raam as raam
from cultureplan.measures.raam import raam_equilibrium as raam_equilibrium
from cultureplan.measures.supply import WEEKLY_HOURS as WEEKLY_HOURS
from cultureplan.measures.supply import supply_of as supply_of
from cultureplan.travel.costs import TravelCosts


def cumulative_opportunities(costs: TravelCosts, supply: object = None, *, limit: float) -> pd.Series:
    """Return the supply within a limit of each demand point; the number of facilities if none is given.

    Parameters
    ----------
    costs : TravelCosts
        Costs up to at least `limit`.
    supply : Series or array-like, shape (n_facilities,), optional
        Supply of each facility.
    limit : float
        In the unit of the costs, inclusive.

    Returns
    -------
    Series, index demand_id
        In the unit of the supply.

    References
    ----------
    Wachs, M. and Kumagai, T. G. (1973). Physical accessibility as a social indicator. Socio-Economic
    Planning Sciences 7, 437-456.
    """
    return hansen_gravity(costs, supply, decay=circle(limit))


def hansen_gravity(costs: TravelCosts, supply: object = None, *, decay: Decay) -> pd.Series:
    """Return the supply around each demand point, weighted by how far it is.

    Parameters
    ----------
    costs : TravelCosts
        Costs within a cutoff.
    supply : Series or array-like, shape (n_facilities,), optional
        Supply of each facility; 1 each if absent.
    decay : Decay
        For example :func:`gravity` or :func:`exponential`.

    Returns
    -------
    Series, index demand_id
        In the unit of the supply.

    References
    ----------
    Hansen, W. G. (1959). How accessibility shapes land use. Journal of the American Institute of Planners
    25, 73-76.
    """
    return _on_demand(costs, _weights(costs, decay) @ _supply(costs, supply), name="access")


def two_step_floating_catchment(
    costs: TravelCosts, persons: object, supply: object, *, decay: Decay | None = None
) -> pd.Series:
    """Return the supply per person that each demand point can draw on (2SFCA and its relatives).

    First each facility divides its supply by the persons in its catchment; then each demand point adds
    up the ratios of the facilities in reach. The decay makes the variant: none or :func:`circle` the
    original; :func:`step` the enhanced one (E2SFCA); :func:`gaussian_catchment` and
    :func:`kernel_density` the Gaussian and the kernel-density ones; :func:`gravity` the gravity form.

    Parameters
    ----------
    costs : TravelCosts
        Costs within a cutoff.
    persons : Series or array-like, shape (n_demand,)
        Persons of each demand point.
    supply : Series or array-like, shape (n_facilities,)
        Supply of each facility.
    decay : Decay, optional
        Weight of a pair; 1 for every stored pair if absent.

    Returns
    -------
    Series, index demand_id
        Supply per person. Its sum over persons is the supply of all facilities that somebody reaches.

    Notes
    -----
    The values are those of PySAL ``access``, which leaves NaN where nobody is reached; see the module's
    page for what is returned there.

    Examples
    --------
    >>> import cultureplan as cp
    >>> costs = cp.straight_line_costs([[0, 0], [1_000, 0]], [[0, 0], [900, 0]], limit_m=2_000)
    >>> seats = cp.access.two_step_floating_catchment(costs, [100, 300], [40, 20])
    >>> seats.round(3).tolist()
    [0.15, 0.15]

    References
    ----------
    Luo, W. and Wang, F. (2003). Measures of spatial accessibility to health care in a GIS environment.
    Environment and Planning B 30, 865-884. Luo, W. and Qi, Y. (2009). An enhanced two-step floating
    catchment area (E2SFCA) method. Health & Place 15, 1100-1107.
    """
    weights = _weights(costs, decay)
    ratio = _ratio(_supply(costs, supply), weights.T @ _persons(costs, persons))
    return _on_demand(costs, weights @ ratio, name="access")


def modified_two_step_floating_catchment(
    costs: TravelCosts, persons: object, supply: object, *, decay: Decay
) -> pd.Series:
    """Return the M2SFCA: supply per person where distance also wastes supply.

    The two-step method shares out all supply however far it is; here the weight enters twice, so that a
    town whose facilities are far away loses some of them. The sum over persons is at most the supply.

    Parameters
    ----------
    costs, persons, supply, decay
        As in :func:`two_step_floating_catchment`.

    Returns
    -------
    Series, index demand_id

    References
    ----------
    Delamater, P. L. (2013). Spatial accessibility in suboptimally configured health care systems: a
    modified two-step floating catchment area (M2SFCA) metric. Health & Place 24, 30-43.
    """
    weights = _weights(costs, decay)
    ratio = _ratio(_supply(costs, supply), weights.T @ _persons(costs, persons))
    return _on_demand(costs, _with_values(weights, weights.data**2) @ ratio, name="access")


def three_step_floating_catchment(
    costs: TravelCosts, persons: object, supply: object, *, decay: Decay, pull: object = None
) -> pd.Series:
    """Return the 3SFCA: supply per person where people divide their visits among facilities.

    The two-step method lets every person ask at every facility in reach, which overstates demand where
    there is much choice. Here a person's visits are first divided among the facilities, by nearness and
    (if `pull` is given) by attraction.

    Parameters
    ----------
    costs, persons, supply
        As in :func:`two_step_floating_catchment`.
    decay : Decay
        Weight of a pair.
    pull : Series or array-like, shape (n_facilities,), optional
        Attraction of each facility, as in the Huff model; all alike if absent.

    Returns
    -------
    Series, index demand_id
        Supply per person; its sum over persons is the supply of all facilities that somebody reaches.

    References
    ----------
    Wan, N., Zou, B. and Sternberg, T. (2012). A three-step floating catchment area method for analyzing
    spatial access to health services. International Journal of Geographical Information Science 26,
    1073-1089. With `pull`: Luo, J. (2014). Integrating the Huff model and floating catchment area
    methods. Transactions in GIS 18, 436-448.
    """
    weights = _weights(costs, decay)
    attraction = _supply(costs, pull, name="pull")
    drawn = weights.data * attraction[weights.indices]
    total = weights @ attraction
    # the share G_ij = drawn_ij / total_i; its denominator is carried by the persons and the sums instead
    chosen = _with_values(weights, drawn * weights.data)
    ratio = _ratio(_supply(costs, supply), chosen.T @ _ratio(_persons(costs, persons), total))
    return _on_demand(costs, _ratio(chosen @ ratio, total), name="access")


def balanced_floating_catchment(
    costs: TravelCosts, persons: object, supply: object, *, decay: Decay
) -> pd.Series:
    """Return the balanced FCA: nobody is counted twice, and no level of service either.

    Each person is divided among the facilities in reach, and each facility's ratio among the demand
    points in reach, in proportion to the weights. The persons at all facilities then add up to the
    population, and the access of all demand points to the sum of the facilities' ratios.

    Parameters
    ----------
    costs, persons, supply, decay
        As in :func:`two_step_floating_catchment`.

    Returns
    -------
    Series, index demand_id

    References
    ----------
    Paez, A., Higgins, C. D. and Vivona, S. F. (2019). Demand and level of service inflation in floating
    catchment area (FCA) methods. PLOS ONE 14, e0218773.
    """
    weights = _weights(costs, decay)
    of_demand = weights @ np.ones(costs.n_facilities)
    of_facility = weights.T @ np.ones(costs.n_demand)
    asked = weights.T @ _ratio(_persons(costs, persons), of_demand)
    level_of_service = _ratio(_supply(costs, supply), asked)
    return _on_demand(costs, weights @ _ratio(level_of_service, of_facility), name="access")


def supply_per_person(
    costs: TravelCosts, persons: object, supply: object, *, decay: Decay | None = None
) -> pd.Series:
    """Return the ratio of each facility, the first step of the two-step method: how thinly it is spread.

    Parameters
    ----------
    costs, persons, supply, decay
        As in :func:`two_step_floating_catchment`.

    Returns
    -------
    Series, index facility_id
        Supply per person in the catchment; 0 where the catchment holds nobody.
    """
    weights = _weights(costs, decay)
    ratio = _ratio(_supply(costs, supply), weights.T @ _persons(costs, persons))
    return pd.Series(ratio, index=costs.facility_ids, name="supply_per_person")


def crowding(costs: TravelCosts, persons: object, supply: object, *, decay: Decay | None = None) -> pd.Series:
    """Return the persons per unit of supply at each facility: how crowded it is (i2SFCA).

    The two-step method turned round: each demand point divides its persons by the supply in reach, and
    each facility adds up what falls to it.

    Parameters
    ----------
    costs, persons, supply, decay
        As in :func:`two_step_floating_catchment`.

    Returns
    -------
    Series, index facility_id
        Persons per unit of supply. Its sum over the supply is the number of persons who reach any.

    References
    ----------
    Wang, F. (2018). Inverted two-step floating catchment area method for measuring facility crowdedness.
    The Professional Geographer 70, 251-260.
    """
    weights = _weights(costs, decay)
    ratio = _ratio(_persons(costs, persons), weights @ _supply(costs, supply))
    return pd.Series(weights.T @ ratio, index=costs.facility_ids, name="persons_per_supply")


def huff_shares(costs: TravelCosts, pull: object = None, *, decay: Decay) -> pd.DataFrame:
    """Return the share of each demand point's visits that each facility in reach draws.

    Parameters
    ----------
    costs : TravelCosts
        Costs within a cutoff.
    pull : Series or array-like, shape (n_facilities,), optional
        Attraction of each facility, for example its floor area or volumes; all alike if absent.
    decay : Decay
        How the pull falls with cost.

    Returns
    -------
    DataFrame
        One row a stored pair: ``demand_id``, ``facility_id``, ``cost``, ``share``. The shares of a demand
        point add up to 1, or to 0 where nothing in reach has any pull.

    References
    ----------
    Huff, D. L. (1963). A probabilistic analysis of shopping center trade areas. Land Economics 39, 81-90.
    """
    weights = _weights(costs, decay)
    attraction = _supply(costs, pull, name="pull")
    total = weights @ attraction
    drawn = weights.data * attraction[weights.indices]
    return costs.to_frame().assign(share=_ratio(drawn, total[costs.rows]))


def huff_visitors(costs: TravelCosts, persons: object, pull: object = None, *, decay: Decay) -> pd.Series:
    """Return the persons that each facility draws when everybody follows the Huff shares.

    Parameters
    ----------
    costs, pull, decay
        As in :func:`huff_shares`.
    persons : Series or array-like, shape (n_demand,)
        Persons of each demand point.

    Returns
    -------
    Series, index facility_id
        Persons; their sum is the number of persons with any pull in reach.
    """
    weights = _weights(costs, decay)
    attraction = _supply(costs, pull, name="pull")
    share_per_pull = _ratio(_persons(costs, persons), weights @ attraction)
    return pd.Series(attraction * (weights.T @ share_per_pull), index=costs.facility_ids, name="persons")


def _weights(costs: TravelCosts, decay: Decay | None) -> csr_array:
    """Return the weights of the stored pairs, shape (n_demand, n_facilities), on the costs' own pattern."""
    data = np.ones(costs.n_pairs) if decay is None else decay.pair_weights(costs)
    # 32-bit row starts where they fit: scipy would otherwise copy the facility positions to 64 bit
    narrow = costs.n_pairs <= np.iinfo(np.int32).max
    indptr = costs.indptr.astype(np.int32) if narrow else costs.indptr
    return csr_array((data, costs.indices, indptr), shape=(costs.n_demand, costs.n_facilities))


def _with_values(weights: csr_array, values: np.ndarray) -> csr_array:
    return csr_array((values, weights.indices, weights.indptr), shape=weights.shape)


def _persons(costs: TravelCosts, persons: object) -> np.ndarray:
    return aligned_array("persons", persons, costs.demand_ids)


def _supply(costs: TravelCosts, supply: object, *, name: str = "supply") -> np.ndarray:
    if supply is None:
        return np.ones(costs.n_facilities)
    return aligned_array(name, supply, costs.facility_ids)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole, and 0 where there is nobody or nothing to divide by."""
    return np.divide(part, whole, out=np.zeros(np.shape(part)), where=whole > 0)


def _on_demand(costs: TravelCosts, values: np.ndarray, *, name: str) -> pd.Series:
    return pd.Series(np.asarray(values), index=costs.demand_ids, name=name)
