"""Confidence intervals of any index, from demand points drawn again and again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cultureplan.base.errors import InputError
from cultureplan.base.units import positive
from cultureplan.measures.equity_sample import read_sample, same_order, validate_choice


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A value with its confidence interval.

    Parameters
    ----------
    value, low, high : float
        The value of the whole sample, and the bounds.
    level : float
        Confidence, as a share.
    """

    value: float
    low: float
    high: float
    level: float


def bootstrap_interval(
    measure: Callable[..., float],
    values: object,
    weights: object = None,
    *,
    rng: np.random.Generator | int,
    level: float = 0.95,
    n_draws: int = 999,
    method: Literal["percentile", "basic", "BCa"] = "percentile",
    **aligned: object,
) -> Interval:
    """Return an index with a confidence interval from demand points drawn again and again.

    It says how far the index hangs on which places were surveyed; it knows nothing of errors in the
    values. Demand points are drawn with their persons.

    Parameters
    ----------
    measure : callable
        An index of this module: ``measure(values, weights=..., **aligned) -> float``.
    values, weights
        As in :func:`lorenz_curve`.
    rng : Generator or int
        Source of chance, or its seed.
    level : float
        Confidence, as a share.
    n_draws : int
        How often the demand points are drawn.
    method : {"percentile", "basic", "BCa"}
        How bounds are read off the draws; BCa corrects skew and costs one more round over the places.
    **aligned
        Further arguments with one value a demand point, such as ``rank_by``, drawn along.

    Returns
    -------
    Interval

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall.
    """
    from scipy.stats import bootstrap  # half a second, and most uses need none of it

    validate_choice("method", method, ("percentile", "basic", "BCa"))
    if not 0 < level < 1:
        raise InputError.of("equity.level", value=level)
    held, persons = read_sample(values, weights)
    arrays = {name: np.asarray(same_order(values, name, value)) for name, value in aligned.items()}

    def drawn(rows: np.ndarray) -> float:
        return measure(held[rows], weights=persons[rows], **{name: a[rows] for name, a in arrays.items()})

    everybody = np.arange(len(held))
    value = drawn(everybody)
    if len(held) < 2:
        return Interval(value=value, low=math.nan, high=math.nan, level=level)
    bounds = bootstrap(
        (everybody,),
        drawn,
        n_resamples=int(positive("n_draws", n_draws)),
        confidence_level=level,
        vectorized=False,
        method=method,
        rng=np.random.default_rng(rng),
    ).confidence_interval
    return Interval(value=value, low=float(bounds.low), high=float(bounds.high), level=level)
