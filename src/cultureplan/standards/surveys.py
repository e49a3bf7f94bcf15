"""Satisfaction surveys: shares with confidence intervals, non-response, sample sizes, visits to draw."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.stats import norm

from cultureplan.base.errors import InputError
from cultureplan.measures.statistics import share_of


def wilson_interval(n_yes: float, n: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of a share.

    Unlike the plain interval it stays within 0 and 1 and does not collapse where nobody or everybody agrees.

    Parameters
    ----------
    n_yes, n : float
        Persons who agree, persons asked; NaN, NaN where nobody was.
    confidence : float
        Between 0 and 1.

    Examples
    --------
    >>> from cultureplan.standards.surveys import wilson_interval
    >>> low, high = wilson_interval(80, 100)
    >>> round(low, 4), round(high, 4)
    (0.7112, 0.8666)

    References
    ----------
    Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209-212.
    """
    if not 0 < confidence < 1:
        raise InputError.of("evaluation.bad_confidence", confidence=confidence)
    if not 0 <= n_yes <= n:
        raise InputError.of("evaluation.bad_counts", n_yes=n_yes, n=n)
    if n == 0:
        return math.nan, math.nan
    z = float(norm.ppf(0.5 + confidence / 2))
    share = n_yes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if n_yes == 0 else max(0.0, centre - half)
    return low, 1.0 if n_yes == n else min(1.0, centre + half)


def satisfaction(surveys: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Return the share satisfied of each survey, its interval, and what non-response could hide.

    Parameters
    ----------
    surveys : DataFrame
        Register ``surveys``: ``invited_persons``, ``answered_persons``, ``satisfied_persons``.
    confidence : float

    Returns
    -------
    DataFrame, index as `surveys`
        ``response_share``, ``satisfied_share`` (of those who answered), ``low``, ``high`` (Wilson),
        ``worst_share`` and ``best_share`` (if all who did not answer were dissatisfied, or satisfied).
    """
    needed = ["invited_persons", "answered_persons", "satisfied_persons"]
    numbers = surveys[needed].astype(float)
    bad = ~((numbers["satisfied_persons"] <= numbers["answered_persons"]) & (
        numbers["answered_persons"] <= numbers["invited_persons"]
    ))  # fmt: skip
    if bad.any():
        row = numbers.index[bad.to_numpy(bool)][0]
        raise InputError.of("evaluation.bad_answers", row=row)
    rows = []
    for invited, answered, satisfied in numbers.itertuples(index=False, name=None):
        low, high = wilson_interval(satisfied, answered, confidence=confidence)
        silent = invited - answered
        rows.append(
            {
                "response_share": share_of(answered, invited),
                "satisfied_share": share_of(satisfied, answered),
                "low": low,
                "high": high,
                "worst_share": share_of(satisfied, invited),
                "best_share": share_of(satisfied + silent, invited),
            }
        )
    return pd.DataFrame(rows, index=surveys.index)


def stratified_satisfaction(
    answers: pd.DataFrame, persons: pd.Series, *, confidence: float = 0.95
) -> dict[str, float]:
    """Return the share satisfied in a population from a survey in strata (communities, groups).

    Each stratum counts by its people, not by who happened to answer, so uneven non-response between strata
    does not tilt the result.

    Parameters
    ----------
    answers : DataFrame, index stratum
        ``answered_persons``, ``satisfied_persons``.
    persons : Series, index stratum
        People who live there.
    confidence : float

    Returns
    -------
    dict
        ``satisfied_share``, ``low``, ``high`` (Wilson at the effective number of answers),
        ``effective_answers``, ``unweighted_share``.

    Raises
    ------
    InputError
        If a stratum with people has no answer: nothing is known about it.
    """
    table = answers.join(persons.rename("persons"), how="outer").fillna(0.0)
    peopled = table[table["persons"] > 0]
    silent = peopled.index[(peopled["answered_persons"] <= 0).to_numpy(bool)]
    if len(silent) or len(peopled) == 0:
        raise InputError.of("evaluation.silent_stratum", strata=", ".join(map(str, silent)) or "-")
    weight = peopled["persons"] / peopled["persons"].sum()
    share = peopled["satisfied_persons"] / peopled["answered_persons"]
    estimate = float((weight * share).sum())
    # variance of a stratum at its Wilson centre, so that a unanimous stratum does not count as certain
    centre = (peopled["satisfied_persons"] + 1.92) / (peopled["answered_persons"] + 3.84)
    variance = float((weight**2 * centre * (1 - centre) / peopled["answered_persons"]).sum())
    overall = min(max(estimate, 1e-3), 1 - 1e-3)
    effective = min(overall * (1 - overall) / variance, float(peopled["answered_persons"].sum()))
    low, high = wilson_interval(estimate * effective, effective, confidence=confidence)
    plain = share_of(float(peopled["satisfied_persons"].sum()), float(peopled["answered_persons"].sum()))
    return {
        "satisfied_share": estimate,
        "low": low,
        "high": high,
        "effective_answers": effective,
        "unweighted_share": plain,
    }


def sample_size(
    margin: float, *, persons: float = math.inf, confidence: float = 0.95, response_share: float = 1.0
) -> int:
    """Return how many persons to ask so that a share is known within a margin, whatever it is.

    Parameters
    ----------
    margin : float
        Half the width of the interval, for example 0.05.
    persons : float
        People in the population; a small one needs fewer.
    confidence : float
    response_share : float
        Share of those asked who are expected to answer.

    Examples
    --------
    >>> from cultureplan.standards.surveys import sample_size
    >>> sample_size(0.05)
    385
    """
    for name, value in (("margin", margin), ("response_share", response_share)):
        if not 0 < value <= 1:
            raise InputError.of("evaluation.bad_share", name=name, value=value)
    z = float(norm.ppf(0.5 + confidence / 2))
    n = z * z * 0.25 / margin**2
    if math.isfinite(persons):
        n = n / (1 + (n - 1) / persons)
    return math.ceil(math.ceil(round(n, 9)) / response_share)


def draw_visits(
    sites: pd.Index, *, n_open: int, n_unannounced: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Return which sites to visit openly and which unannounced, each at most once (K-EVAL-04).

    Parameters
    ----------
    sites : Index
        Ids of the sites; their order does not matter.
    n_open, n_unannounced : int
        How many of each; the paper names no number.
    rng : numpy.random.Generator

    Returns
    -------
    DataFrame
        ``site``, ``visit`` (``open`` or ``unannounced``), sorted by site.
    """
    if n_open < 0 or n_unannounced < 0 or n_open + n_unannounced > len(sites):
        raise InputError.of("evaluation.too_many_visits", wanted=n_open + n_unannounced, n=len(sites))
    ordered = np.sort(sites.astype(str).to_numpy(str))
    drawn = rng.permutation(len(ordered))[: n_open + n_unannounced]
    visit = np.array(["open"] * n_open + ["unannounced"] * n_unannounced, dtype=object)
    table = pd.DataFrame({"site": ordered[drawn].astype(object), "visit": visit})
    return table.sort_values("site", kind="stable", ignore_index=True)
