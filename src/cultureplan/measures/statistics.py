"""Weighted means and percentiles: a person is counted once and weighted."""

from __future__ import annotations

import numpy as np


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the mean of `values` over the persons in `weights`; NaN where there is nobody."""
    total = float(weights.sum())
    return float((values * weights).sum() / total) if total > 0 else float("nan")


def weighted_quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """Return the smallest value that at least a `share` of the persons do not exceed; NaN for nobody.

    Parameters
    ----------
    values : ndarray, shape (n,)
        One value a demand point.
    weights : ndarray, shape (n,)
        Persons.
    share : float
        Between 0 and 1, for example 0.95.
    """
    peopled = weights > 0
    if not peopled.any():
        return float("nan")
    values, weights = values[peopled], weights[peopled]
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    at = np.searchsorted(cumulative, share * cumulative[-1] * (1 - 1e-12))
    return float(values[order][min(int(at), len(order) - 1)])


def share_of(part: float, whole: float) -> float:
    """Return part / whole, NaN where the whole is zero: nobody is not a share of nobody."""
    return part / whole if whole > 0 else float("nan")
