"""Decay: how much a facility counts for a person as the cost of getting there grows.

A :class:`Decay` turns costs into weights from 1 (on the doorstep) downwards; the access measures take
one as ``decay=``. Make it with one of the functions below, or with :func:`custom` from a function of
your own. A weight that never ends (:func:`gravity`, :func:`exponential` ...) is cut where the costs are
cut: the cutoff of the cost table is then the catchment.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from cultureplan.base.errors import InputError, WrongTypeError
from cultureplan.base.units import Unit, positive, read_unit
from cultureplan.travel.costs import TravelCosts, validate_same_unit

_PROBES = 1_001  # costs at which a function of the user's own is looked at
_RISE = 1e-9  # a rise smaller than this is rounding
_NOTHING = 1e-150  # a smaller weight is 0, so that its square and its inverse stay numbers


@dataclass(frozen=True, kw_only=True, eq=False)
class Decay:
    """A weight that falls with cost.

    Parameters
    ----------
    name : str
        What it is called in tables and messages.
    function : callable
        Costs, shape (n,), to weights, shape (n,).
    limit : float
        Cost (inclusive) above which the weight is 0; infinite where it never ends.
    unit : Unit, optional
        Unit that `limit` and the other parameters are in; then costs in another unit are refused.
    steps : tuple of (float, float)
        Upper limits (inclusive) and weights, where the weight is a step function; else empty.
    verified : bool
        Whether the function is known to be finite, non-negative and falling; if not, every use checks.
    """

    name: str
    function: Callable[[np.ndarray], np.ndarray]
    limit: float = math.inf
    unit: Unit | None = None
    steps: tuple[tuple[float, float], ...] = ()
    verified: bool = False

    def weights(self, costs: object) -> np.ndarray:
        """Return the weight of each cost, same shape; 0 above the limit.

        Raises
        ------
        InputError
            If a weight is missing, infinite or negative, or rises with cost.
        """
        array = np.asarray(costs, dtype=float)
        flat = np.atleast_1d(array).ravel()
        weights = np.asarray(self.function(flat), dtype=float)
        if not self.verified:
            self._validate(flat, weights)
        if not self.steps:
            weights = np.where((flat <= self.limit) & (weights >= _NOTHING), weights, 0.0)
        return weights.reshape(array.shape)

    def pair_weights(self, costs: TravelCosts) -> np.ndarray:
        """Return the weight of every stored pair of a cost table, shape (n_pairs,).

        Raises
        ------
        UnitError
            If the decay has a unit and the costs another one.
        InputError
            If the decay reaches beyond the cutoff: the pairs out there are not in the table, and a sum
            without them would be too small with no sign of it.
        """
        if self.unit is not None:
            validate_same_unit(costs, self.unit, name="decay")
        if math.isfinite(self.limit) and self.limit > costs.limit:
            raise InputError.of(
                "travel.limit_beyond_cutoff", limit=self.limit, cutoff=costs.limit, unit=costs.unit
            )
        return self.weights(costs.values)

    def _validate(self, costs: np.ndarray, weights: np.ndarray) -> None:
        if weights.shape != costs.shape:
            raise InputError.of("fault.wrong_shape", name=self.name, got=weights.shape, want=costs.shape)
        inside = costs <= self.limit
        bad = inside & (~np.isfinite(weights) | (weights < 0))
        if bad.any():
            at = int(np.flatnonzero(bad)[0])
            raise InputError.of(
                "access.bad_weight", name=self.name, weight=float(weights[at]), cost=float(costs[at])
            )
        chosen = np.flatnonzero(inside)
        chosen = chosen[np.linspace(0, len(chosen) - 1, min(len(chosen), _PROBES)).astype(np.int64)]
        order = chosen[np.argsort(costs[chosen], kind="stable")]
        rises = np.flatnonzero(np.diff(weights[order]) > _RISE)
        if len(rises):
            near, far = costs[order[rises[0]]], costs[order[rises[0] + 1]]
            raise InputError.of("access.decay_rises", name=self.name, near=float(near), far=float(far))

    def __repr__(self) -> str:
        ends = math.isfinite(self.limit) and not self.steps
        return f"Decay({self.name}{f', up to {self.limit:g}' if ends else ''})"


def step(weights: Mapping[float, float], *, unit: str | None = None) -> Decay:
    """Return a decay in steps: one weight for each zone round a facility.

    The enhanced two-step method weighs nearer zones more (Luo and Qi 2009); with one zone of weight 1 it
    is the plain circle of the two-step method.

    Parameters
    ----------
    weights : mapping of float to float
        Upper limit of each zone (inclusive, in the unit of the costs) -> its weight. Weights must not
        rise outwards.
    unit : {"m", "minutes"}, optional
        Unit of the limits; costs in another unit are then refused.

    Returns
    -------
    Decay

    Raises
    ------
    InputError
        If there is no zone, a limit is not positive, or a weight is negative or rises.

    Examples
    --------
    >>> import cultureplan as cp
    >>> near = cp.access.step({2_000: 1.0, 5_000: 0.68, 10_000: 0.22})
    >>> near.weights([0, 2_000, 2_001, 10_000, 10_001]).tolist()
    [1.0, 1.0, 0.68, 0.22, 0.0]

    References
    ----------
    Luo, W. and Qi, Y. (2009). An enhanced two-step floating catchment area (E2SFCA) method for measuring
    spatial accessibility to primary care physicians. Health & Place 15, 1100-1107.
    """
    if not isinstance(weights, Mapping):
        raise WrongTypeError.of(
            "fault.wrong_type", name="weights", got=type(weights).__name__, want="a mapping {limit: weight}"
        )
    if not weights:
        raise InputError.of("access.no_steps")
    steps = tuple(sorted((positive("limit", limit), float(weight)) for limit, weight in weights.items()))
    for limit, weight in steps:
        if not (math.isfinite(weight) and weight >= 0):
            raise InputError.of("access.bad_weight", name="step", weight=weight, cost=limit)
    for (near, nearer_weight), (far, farther_weight) in pairwise(steps):
        if farther_weight > nearer_weight:
            raise InputError.of("access.decay_rises", name="step", near=near, far=far)
    listed = ", ".join(f"{limit:g}: {weight:g}" for limit, weight in steps)
    return Decay(
        name=f"step {{{listed}}}",
        function=partial(_step, steps=steps),
        limit=steps[-1][0],
        unit=_unit(unit),
        steps=steps,
        verified=True,
    )


def circle(limit: float, *, unit: str | None = None) -> Decay:
    """Return the plain circle: weight 1 up to a limit (inclusive), 0 beyond (Luo and Wang 2003)."""
    return step({limit: 1.0}, unit=unit)


def gaussian(bandwidth: float, *, limit: float = math.inf, unit: str | None = None) -> Decay:
    """Return the bell curve exp(-cost^2 / (2 bandwidth^2)), 1 at cost 0; cut at `limit` if one is given.

    Examples
    --------
    >>> import cultureplan as cp
    >>> float(cp.access.gaussian(1_000).weights(1_000).round(4))
    0.6065
    """
    bandwidth = positive("bandwidth", bandwidth)
    return _smooth(f"gaussian {bandwidth:g}", partial(_gaussian, bandwidth=bandwidth), limit=limit, unit=unit)


def gaussian_catchment(limit: float, *, unit: str | None = None) -> Decay:
    """Return the bell curve that falls from 1 on the spot to exactly 0 at the edge of a catchment.

    It makes the Gaussian two-step method of Dai (2010), usual in Chinese library and park studies:
    (exp(-(cost/limit)^2 / 2) - exp(-1/2)) / (1 - exp(-1/2)).

    References
    ----------
    Dai, D. (2010). Black residential segregation, disparities in spatial access to health care
    facilities, and late-stage breast cancer diagnosis in metropolitan Detroit. Health & Place 16,
    1038-1052.
    """
    limit = positive("limit", limit)
    function = partial(_gaussian_catchment, limit=limit)
    return _smooth(f"gaussian catchment {limit:g}", function, limit=limit, unit=unit)


def kernel_density(limit: float, *, unit: str | None = None) -> Decay:
    """Return the Epanechnikov kernel 1 - (cost/limit)^2, for the kernel-density two-step method.

    The usual factor 3/4 is left out, so that the weight on the spot is 1; catchment ratios do not change.

    References
    ----------
    Dai, D. and Wang, F. (2011). Geographic disparities in accessibility to food stores in southwest
    Mississippi. Environment and Planning B 38, 659-677.
    """
    limit = positive("limit", limit)
    return _smooth(f"kernel density {limit:g}", partial(_epanechnikov, limit=limit), limit=limit, unit=unit)


def linear(limit: float, *, unit: str | None = None) -> Decay:
    """Return the straight fall from 1 on the spot to 0 at `limit`."""
    limit = positive("limit", limit)
    return _smooth(f"linear {limit:g}", partial(_linear, limit=limit), limit=limit, unit=unit)


def exponential(scale: float, *, limit: float = math.inf, unit: str | None = None) -> Decay:
    """Return exp(-cost / scale): at `scale` a facility counts 0.37 of one on the spot."""
    scale = positive("scale", scale)
    return _smooth(f"exponential {scale:g}", partial(_exponential, scale=scale), limit=limit, unit=unit)


def gravity(
    exponent: float, *, min_cost: float, scale: float = 1.0, limit: float = math.inf, unit: str | None = None
) -> Decay:
    """Return the power law (max(cost, min_cost) / scale) ^ -exponent of the gravity models.

    Parameters
    ----------
    exponent : float
        How steeply it falls; above 0 (1 to 2 are usual).
    min_cost : float
        Costs below this count as this: without it a person on the doorstep would weigh infinitely much.
    scale : float
        Cost at which the weight is 1; it cancels in the catchment ratios.
    limit : float
        Cost beyond which the weight is 0.
    unit : {"m", "minutes"}, optional
        Unit of the costs.

    References
    ----------
    Hansen, W. G. (1959). How accessibility shapes land use. Journal of the American Institute of Planners
    25, 73-76.
    """
    function = partial(
        _gravity,
        exponent=positive("exponent", exponent),
        min_cost=positive("min_cost", min_cost),
        scale=positive("scale", scale),
    )
    return _smooth(f"gravity {exponent:g}", function, limit=limit, unit=unit)


def logistic(midpoint: float, spread: float, *, limit: float = math.inf, unit: str | None = None) -> Decay:
    """Return the S-curve that starts at 1, is near one half at `midpoint`, and falls within `spread`.

    Parameters
    ----------
    midpoint : float
        Cost at which about half the weight is gone.
    spread : float
        Width of the fall; the smaller, the more it looks like a circle.
    """
    function = partial(_logistic, midpoint=positive("midpoint", midpoint), spread=positive("spread", spread))
    return _smooth(f"logistic {midpoint:g} +- {spread:g}", function, limit=limit, unit=unit)


def custom(
    function: Callable[[np.ndarray], np.ndarray],
    *,
    limit: float = math.inf,
    unit: str | None = None,
    name: str = "custom",
) -> Decay:
    """Return a decay from a function of your own; each use checks that its weights make sense.

    Parameters
    ----------
    function : callable
        Costs, shape (n,), to weights, shape (n,): finite, 0 or more, not rising with cost.
    limit : float
        Cost (inclusive) beyond which the weight is 0.
    unit : {"m", "minutes"}, optional
        Unit of the costs.
    name : str
        What messages call it.

    Examples
    --------
    >>> import numpy as np
    >>> import cultureplan as cp
    >>> cp.access.custom(lambda minutes: 1 / (1 + minutes)).weights(np.array([0.0, 1.0])).tolist()
    [1.0, 0.5]
    """
    if not callable(function):
        raise WrongTypeError.of(
            "fault.wrong_type", name="function", got=type(function).__name__, want="a function"
        )
    return Decay(name=name, function=function, limit=_limit(limit), unit=_unit(unit))


def _smooth(
    name: str, function: Callable[[np.ndarray], np.ndarray], *, limit: float, unit: str | None
) -> Decay:
    return Decay(name=name, function=function, limit=_limit(limit), unit=_unit(unit), verified=True)


def _limit(limit: float) -> float:
    return math.inf if limit == math.inf else positive("limit", limit)


def _unit(unit: str | None) -> Unit | None:
    return None if unit is None else read_unit(unit)


def _step(costs: np.ndarray, *, steps: tuple[tuple[float, float], ...]) -> np.ndarray:
    weights = np.zeros(costs.shape)
    for limit, weight in reversed(steps):
        weights = np.where(costs <= limit, weight, weights)
    return weights


def _gaussian(costs: np.ndarray, *, bandwidth: float) -> np.ndarray:
    return np.asarray(np.exp(-0.5 * (costs / bandwidth) ** 2))


def _gaussian_catchment(costs: np.ndarray, *, limit: float) -> np.ndarray:
    edge = math.exp(-0.5)
    return np.asarray(np.maximum((np.exp(-0.5 * (costs / limit) ** 2) - edge) / (1.0 - edge), 0.0))


def _epanechnikov(costs: np.ndarray, *, limit: float) -> np.ndarray:
    return np.asarray(np.maximum(1.0 - (costs / limit) ** 2, 0.0))


def _linear(costs: np.ndarray, *, limit: float) -> np.ndarray:
    return np.asarray(np.maximum(1.0 - costs / limit, 0.0))


def _exponential(costs: np.ndarray, *, scale: float) -> np.ndarray:
    return np.asarray(np.exp(-costs / scale))


def _gravity(costs: np.ndarray, *, exponent: float, min_cost: float, scale: float) -> np.ndarray:
    return np.asarray((np.maximum(costs, min_cost) / scale) ** -exponent)


def _logistic(costs: np.ndarray, *, midpoint: float, spread: float) -> np.ndarray:
    # logaddexp keeps exp from overflowing far out; divided by its value at 0 so that it starts at 1
    start = math.exp(-np.logaddexp(0.0, -midpoint / spread))
    return np.asarray(np.exp(-np.logaddexp(0.0, (costs - midpoint) / spread)) / start)
