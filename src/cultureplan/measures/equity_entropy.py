"""The indices that come from entropy and from dislike of inequality: Theil, its parts, and Atkinson."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError
from cultureplan.measures.equity_sample import read_groups, read_sample, validate_choice
from cultureplan.measures.statistics import weighted_mean


@dataclass(frozen=True, kw_only=True, eq=False)
class TheilParts:
    """Theil's index split into what lies between groups and what lies within them.

    Parameters
    ----------
    total, between, within : float
        The index of all, and its two parts, which add up to it.
    by_group : DataFrame, index group
        ``persons``, ``mean``, ``theil`` (within the group) and ``contribution`` (its part of `within`).
    """

    total: float
    between: float
    within: float
    by_group: pd.DataFrame

    @property
    def between_share(self) -> float:
        """Part of the inequality that lies between the groups."""
        return self.between / self.total if self.total > 0 else math.nan


def theil(values: object, weights: object = None, *, kind: Literal["T", "L"] = "T") -> float:
    """Return Theil's index: 0 where all have the same; it can be split by groups (:func:`theil_parts`).

    Parameters
    ----------
    values, weights
        As in :func:`lorenz_curve`.
    kind : {"T", "L"}
        T is more sensitive at the top; L (mean log deviation) at the bottom, and infinite as soon as one
        person has nothing.

    References
    ----------
    Theil, H. (1967). Economics and Information Theory. Amsterdam: North-Holland.
    """
    validate_choice("kind", kind, ("T", "L"))
    held, persons = read_sample(values, weights)
    return _theil(held, persons, kind)


def theil_parts(
    values: object, groups: object, weights: object = None, *, kind: Literal["T", "L"] = "T"
) -> TheilParts:
    """Return Theil's index split into the inequality between groups and that within them.

    Parameters
    ----------
    values, weights
        As in :func:`lorenz_curve`.
    groups : Series or array-like, shape (n,)
        Group of each demand point: settlement type, district ... Missing ones are an error.
    kind : {"T", "L"}
        As in :func:`theil`.

    Returns
    -------
    TheilParts

    References
    ----------
    Shorrocks, A. F. (1980). The class of additively decomposable inequality measures. Econometrica 48,
    613-625.
    """
    validate_choice("kind", kind, ("T", "L"))
    held, persons = read_sample(values, weights)
    table = pd.DataFrame({"value": held, "persons": persons, "group": read_groups(values, groups)})
    mean, total = weighted_mean(held, persons), float(persons.sum())
    rows = {}
    for group, part in table.groupby("group", sort=True):
        x, w = part["value"].to_numpy(), part["persons"].to_numpy()
        own_mean, own = weighted_mean(x, w), float(w.sum())
        if own == 0:
            continue
        people = own / total
        portion = people * own_mean / mean if kind == "T" and mean > 0 else people
        inside = _theil(x, w, kind)
        # a group that has nothing at all weighs nothing in T, however it is spread
        contribution = 0.0 if portion == 0 else portion * inside
        rows[group] = (own, own_mean, inside, contribution)
    by_group = pd.DataFrame.from_dict(
        rows, orient="index", columns=["persons", "mean", "theil", "contribution"]
    )
    by_group.index.name = "group"
    between = _theil(by_group["mean"].to_numpy(float), by_group["persons"].to_numpy(float), kind)
    within = float(by_group["contribution"].sum()) if len(by_group) and mean > 0 else math.nan
    return TheilParts(total=_theil(held, persons, kind), between=between, within=within, by_group=by_group)


def atkinson(values: object, weights: object = None, *, epsilon: float = 0.5) -> float:
    """Return Atkinson's index: the share of everything that could go if the rest were spread equally.

    Parameters
    ----------
    values, weights
        As in :func:`lorenz_curve`.
    epsilon : float
        How much inequality is disliked: 0 not at all; 1 and above, a single person with nothing makes
        the index 1.

    References
    ----------
    Atkinson, A. B. (1970). On the measurement of inequality. Journal of Economic Theory 2, 244-263.
    """
    if not (epsilon >= 0 and math.isfinite(epsilon)):
        raise InputError.of("equity.negative_parameter", name="epsilon", value=epsilon)
    held, persons = read_sample(values, weights)
    mean = weighted_mean(held, persons)
    if not mean > 0:
        return math.nan
    living = persons > 0
    share, persons = held[living] / mean, persons[living]
    if epsilon >= 1 and (share == 0).any():
        return 1.0
    logs = np.log(share, out=np.full(len(share), -np.inf), where=share > 0)
    if abs(epsilon - 1) < 1e-9:
        return 1 - math.exp(weighted_mean(logs, persons))
    # by logarithms from the largest term on, so that a high epsilon does not overflow
    powers = (1 - epsilon) * logs
    largest = float(powers.max())
    mean_log = largest + math.log(weighted_mean(np.exp(powers - largest), persons))
    return max(1 - math.exp(mean_log / (1 - epsilon)), 0.0)


def _theil(held: np.ndarray, persons: np.ndarray, kind: str) -> float:
    mean = weighted_mean(held, persons)
    if not mean > 0:
        return math.nan
    living = persons > 0
    share, persons = held[living] / mean, persons[living]
    if kind == "L" and (share == 0).any():
        return math.inf
    logs = np.log(share, out=np.zeros(len(share)), where=share > 0)
    return max(weighted_mean(share * logs if kind == "T" else -logs, persons), 0.0)
