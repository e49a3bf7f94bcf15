"""Equity: how evenly something is spread over people.

Every index takes one value a demand point (supply per person, minutes to the nearest library ...) and the
persons who live with it; a demand point of 300 persons counts as 300 persons with that value. Both may be
Series (matched by index) or arrays. Values must be finite and 0 or more: a place that reaches nothing
has access 0, but no travel time - leave such places out, or measure their shortfall instead
(:func:`foster_greer_thorbecke`).

An index is NaN where there is nobody, and where everybody has nothing, since then there is nothing to be
shared out unevenly.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError
from cultureplan.base.units import positive
from cultureplan.measures.equity_bootstrap import Interval as Interval
from cultureplan.measures.equity_bootstrap import bootstrap_interval as bootstrap_interval
from cultureplan.measures.equity_entropy import TheilParts as TheilParts
from cultureplan.measures.equity_entropy import atkinson as atkinson
from cultureplan.measures.equity_entropy import theil as theil
from cultureplan.measures.equity_entropy import theil_parts as theil_parts
from cultureplan.measures.equity_sample import like, read_groups, read_sample, validate_choice
from cultureplan.measures.statistics import weighted_mean, weighted_quantile

RICHEST_SHARE, POOREST_SHARE = 0.1, 0.4  # of Palma's ratio


def lorenz_curve(values: object, weights: object = None, *, rank_by: object = None) -> pd.DataFrame:
    """Return the share of everything that the worst-off share of the people has.

    Parameters
    ----------
    values : Series or array-like, shape (n,)
        One value a demand point, finite and 0 or more.
    weights : Series or array-like, shape (n,), optional
        Persons; 1 each if absent.
    rank_by : Series or array-like, shape (n,), optional
        What orders the people (income, distance to town ...); then it is the concentration curve.
        People of the same rank are taken together.

    Returns
    -------
    DataFrame
        ``persons_share`` and ``value_share``, from (0, 0) to (1, 1), one row a distinct rank.

    Examples
    --------
    >>> import cultureplan as cp
    >>> cp.equity.lorenz_curve([1, 3]).value_share.tolist()
    [0.0, 0.25, 1.0]

    References
    ----------
    Lorenz, M. O. (1905). Methods of measuring the concentration of wealth. Publications of the American
    Statistical Association 9, 209-219.
    """
    held, persons = read_sample(values, weights)
    rank = held if rank_by is None else like(values, "rank_by", rank_by, non_negative=False)
    living = persons > 0
    people, things = _cumulated(held[living], persons[living], rank[living])
    return pd.DataFrame({"persons_share": _shares(people), "value_share": _shares(things)})


def gini(values: object, weights: object = None) -> float:
    """Return Gini's index: 0 where all have the same, near 1 where one has everything.

    Parameters
    ----------
    values, weights
        As in :func:`lorenz_curve`.

    Returns
    -------
    float
        Twice the area between the Lorenz curve and the line of equality.

    Examples
    --------
    >>> import cultureplan as cp
    >>> cp.equity.gini([1, 3], weights=[1, 1])
    0.25

    References
    ----------
    Gini, C. (1912). Variabilita e mutabilita. Bologna: Cuppini.
    """
    held, persons = read_sample(values, weights)
    return _concentration(held, persons, held)


def concentration_index(
    values: object,
    rank_by: object,
    weights: object = None,
    *,
    correction: Literal["erreygers", "wagstaff"] | None = None,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> float:
    """Return how far the better placed have more: from -1 (only the last have) to 1 (only the first).

    Parameters
    ----------
    values, weights
        As in :func:`lorenz_curve`.
    rank_by : Series or array-like, shape (n,)
        What orders people from worse to better placed, for example income.
    correction : {"erreygers", "wagstaff"}, optional
        For values that cannot leave a range, such as a covered share: the plain index then depends on
        whether one counts the covered or the uncovered. Erreygers' index is 4 mean C / (high - low),
        Wagstaff's (high - low) mean C / ((high - mean) (mean - low)).
    bounds : (float, float)
        The range, for the corrections.

    Returns
    -------
    float

    References
    ----------
    Kakwani, N., Wagstaff, A. and van Doorslaer, E. (1997). Socioeconomic inequalities in health. Journal
    of Econometrics 77, 87-103. Erreygers, G. (2009). Correcting the concentration index. Journal of
    Health Economics 28, 504-515. Wagstaff, A. (2005). The bounds of the concentration index when the
    variable of interest is binary. Health Economics 14, 429-432.
    """
    held, persons = read_sample(values, weights)
    plain = _concentration(held, persons, like(values, "rank_by", rank_by, non_negative=False))
    if correction is None:
        return plain
    validate_choice("correction", correction, ("erreygers", "wagstaff"))
    low, high = bounds
    outside = (held < low) | (held > high)
    if not low < high or outside.any():
        first = float(held[outside][0]) if outside.any() else math.nan
        raise InputError.of("equity.outside_bounds", value=first, low=low, high=high)
    mean = weighted_mean(held, persons)
    if correction == "erreygers":
        return 4 * mean * plain / (high - low)
    room = (high - mean) * (mean - low)
    return (high - low) * mean * plain / room if room > 0 else math.nan


def hoover(values: object, weights: object = None) -> float:
    """Return Hoover's index: the share of everything that would have to change hands to make all equal.

    References
    ----------
    Hoover, E. M. (1936). The measurement of industrial localization. Review of Economic Statistics 18,
    162-171.
    """
    held, persons = read_sample(values, weights)
    mean = weighted_mean(held, persons)
    return weighted_mean(np.abs(held - mean), persons) / (2 * mean) if mean > 0 else math.nan


def palma_ratio(values: object, weights: object = None, *, rank_by: object = None) -> float:
    """Return what the top 10 % of the people have over what the bottom 40 % have.

    Parameters
    ----------
    values, weights
        As in :func:`lorenz_curve`.
    rank_by : Series or array-like, shape (n,), optional
        What orders the people, for example income; the values themselves if absent. With it the ratio is
        that of the mean values of the two groups, as in accessibility studies, and can be below 1.

    Returns
    -------
    float
        Without `rank_by` the ratio of the shares; infinite where the bottom has nothing.

    References
    ----------
    Palma, J. G. (2011). Homogeneous middles vs. heterogeneous tails. Development and Change 42, 87-153.
    Herszenhut, D. et al. (2022). The impact of transit monetary costs on transport inequality. Journal of
    Transport Geography 99, 103309.
    """
    curve = lorenz_curve(values, weights, rank_by=rank_by)
    bottom = np.interp(POOREST_SHARE, curve["persons_share"], curve["value_share"])
    top = 1 - np.interp(1 - RICHEST_SHARE, curve["persons_share"], curve["value_share"])
    if rank_by is not None:
        bottom, top = bottom / POOREST_SHARE, top / RICHEST_SHARE
    if not bottom > 0:
        return math.inf if top > 0 else math.nan
    return float(top / bottom)


def min_max_gap(values: object, weights: object = None, *, trim_share: float = 0.0) -> float:
    """Return the distance between the best-off and the worst-off person.

    Parameters
    ----------
    values, weights
        As in :func:`lorenz_curve`.
    trim_share : float
        Share of the people left out at either end, below 0.5: with 0.1 it is the gap between the ninth
        and the first decile.

    Returns
    -------
    float
        In the unit of the values; NaN where there is nobody.
    """
    if not 0 <= trim_share < 0.5:
        raise InputError.of("equity.trim_share", value=trim_share)
    held, persons = read_sample(values, weights)
    held, persons = held[persons > 0], persons[persons > 0]
    if len(held) == 0:
        return math.nan
    if trim_share == 0:
        return float(held.max() - held.min())
    return weighted_quantile(held, persons, 1 - trim_share) - weighted_quantile(held, persons, trim_share)


def foster_greer_thorbecke(
    values: object,
    line: float,
    weights: object = None,
    *,
    alpha: float = 0.0,
    worse: Literal["below", "above"] = "below",
) -> float:
    """Return how many people fall short of a line, and by how much.

    Parameters
    ----------
    values : Series or array-like, shape (n,)
        Access (worse below the line) or cost (worse above it; infinite for places that reach nothing).
    line : float
        The standard, above 0: for costs the limit of a circle.
    weights : Series or array-like, shape (n,), optional
        Persons; 1 each if absent.
    alpha : float
        0 counts the people who fall short, 1 measures the mean shortfall as a share of the line, 2
        weighs the worst off more.
    worse : {"below", "above"}
        Which side of the line is worse. A value on the line is not short of it.

    Returns
    -------
    float
        For costs and alpha above 0, infinite as soon as somebody reaches nothing.

    References
    ----------
    Foster, J., Greer, J. and Thorbecke, E. (1984). A class of decomposable poverty measures. Econometrica
    52, 761-766.
    """
    validate_choice("worse", worse, ("below", "above"))
    line = positive("line", line)
    if not (alpha >= 0 and math.isfinite(alpha)):
        raise InputError.of("equity.negative_parameter", name="alpha", value=alpha)
    held, persons = read_sample(values, weights, endless=worse == "above")
    short = held < line if worse == "below" else held > line
    counted = short & (persons > 0)
    gap = np.zeros(len(held))
    gap[counted] = (np.abs(held[counted] - line) / line) ** alpha
    total = float(persons.sum())
    return float((gap[counted] * persons[counted]).sum() / total) if total > 0 else math.nan


def equity_table(values: object, weights: object = None, *, by: object = None) -> pd.DataFrame:
    """Return all indices in one table, for everybody and (if given) for each group.

    Parameters
    ----------
    values, weights
        As in :func:`lorenz_curve`.
    by : Series or array-like, shape (n,), optional
        Group of each demand point.

    Returns
    -------
    DataFrame
        One row a group and a last row ``all``: ``persons``, ``mean``, ``min``, ``median``, ``max``,
        ``gini``, ``hoover``, ``theil_t``, ``theil_l``, ``atkinson``, ``palma_ratio``.
    """
    held, persons = read_sample(values, weights)
    parts: dict[Any, np.ndarray] = {}
    if by is not None:
        groups = read_groups(values, by)
        parts = {group: groups == group for group in sorted(pd.unique(groups), key=str)}
    parts["all"] = np.ones(len(held), dtype=bool)
    rows = {}
    for group, inside in parts.items():
        x, w = held[inside], persons[inside]
        living = x[w > 0]
        rows[group] = {
            "persons": float(w.sum()),
            "mean": weighted_mean(x, w),
            "min": float(living.min()) if len(living) else math.nan,
            "median": weighted_quantile(x, w, 0.5),
            "max": float(living.max()) if len(living) else math.nan,
            "gini": gini(x, w),
            "hoover": hoover(x, w),
            "theil_t": theil(x, w),
            "theil_l": theil(x, w, kind="L"),
            "atkinson": atkinson(x, w),
            "palma_ratio": palma_ratio(x, w),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")


def _cumulated(held: np.ndarray, persons: np.ndarray, rank: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return running persons and running values from the lowest rank on, equal ranks taken together."""
    ranks, at = np.unique(rank, return_inverse=True)
    people = np.bincount(at, weights=persons, minlength=len(ranks))
    things = np.bincount(at, weights=persons * held, minlength=len(ranks))
    return np.concatenate([[0.0], np.cumsum(people)]), np.concatenate([[0.0], np.cumsum(things)])


def _shares(running: np.ndarray) -> np.ndarray:
    return running / running[-1] if running[-1] > 0 else np.full(len(running), np.nan)


def _concentration(held: np.ndarray, persons: np.ndarray, rank: np.ndarray) -> float:
    people, things = _cumulated(held, persons, rank)
    if not (people[-1] > 0 and things[-1] > 0):
        return math.nan
    area = float((np.diff(people) * (things[1:] + things[:-1])).sum())
    return 1 - area / float(people[-1] * things[-1])
