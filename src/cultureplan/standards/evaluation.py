"""The two-yearly inspection as a score: four components, stock and increment indicators, ranks that hold.

Kundulun 2020, K-EVAL-01 to K-EVAL-05: effectiveness monitoring, satisfaction survey, field verification
(open and unannounced) and process management. The paper gives no weights, so they are always an input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError
from cultureplan.base.messages import Lang
from cultureplan.standards.weights import Weights, _finite_table, given_weights
from cultureplan.standards.words import policy_word

COMPONENTS = ("monitoring", "satisfaction", "field", "process")
_DRAWS_AT_ONCE = 4_096


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """Scores and ranks of districts (or units) by weighted indicators of the four components.

    Parameters
    ----------
    indicators : DataFrame, index indicator_id
        ``component``, ``kind`` (stock or increment), ``direction`` (higher or lower), ``weight`` (within its
        component, summing to 1 there).
    scores : DataFrame, subjects x indicators
        Every value scaled to 0 (worst) to 1 (best).
    component_weights : Weights
        Of the four components.
    """

    indicators: pd.DataFrame = field(repr=False)
    scores: pd.DataFrame = field(repr=False)
    component_weights: Weights

    @cached_property
    def by_component(self) -> pd.DataFrame:
        """Score of each subject on each component, 0 to 1."""
        weight = self.indicators["weight"]
        columns = {
            name: (self.scores.loc[:, own] * weight[own]).sum(axis=1)
            for name in COMPONENTS
            if len(own := self.indicators.index[(self.indicators["component"] == name).to_numpy(bool)])
        }
        return pd.DataFrame(columns, index=self.scores.index)

    @cached_property
    def total(self) -> pd.Series:
        """Score of each subject, 0 to 1."""
        return (self.by_component * self.component_weights.values).sum(axis=1).rename("score")

    @cached_property
    def ranks(self) -> pd.Series:
        """Rank of each subject, 1 the best; equal scores share the better rank."""
        return _ranks(self.total.to_numpy(float)[None, :], index=self.scores.index)

    def by_kind(self) -> pd.DataFrame:
        """Return the part of each score that comes from stock and from increment indicators."""
        weight = self.indicators["weight"] * self.indicators["component"].map(self.component_weights.values)
        columns = {
            kind: (self.scores.loc[:, own] * weight[own]).sum(axis=1)
            for kind in ("stock", "increment")
            if len(own := self.indicators.index[(self.indicators["kind"] == kind).to_numpy(bool)])
        }
        return pd.DataFrame(columns, index=self.scores.index)

    def to_frame(self, lang: Lang = "en") -> pd.DataFrame:
        """Return components, score and rank of each subject, best first, with readable headings."""
        table = self.by_component.rename(columns=lambda name: policy_word("code", str(name), lang))
        headings = {"score": {"en": "Score", "zh": "得分"}, "rank": {"en": "Rank", "zh": "名次"}}
        table[headings["score"][lang]] = self.total
        table[headings["rank"][lang]] = self.ranks
        return table.sort_values(headings["rank"][lang], kind="stable")

    def rank_sensitivity(
        self, *, rng: np.random.Generator, n_draws: int = 10_000, concentration: float | None = 50.0
    ) -> pd.DataFrame:
        """Return how often each rank holds when the component weights are drawn at random.

        Parameters
        ----------
        rng : numpy.random.Generator
        n_draws : int
            Sets of weights.
        concentration : float or None
            How close the drawn weights lie to the chosen ones (Dirichlet; 50 lets a weight of 0.25 vary by
            about 0.06); None draws any weights with equal probability.

        Returns
        -------
        DataFrame, index subject
            ``rank``, ``holds_share`` (draws in which the rank is the same), ``best_rank``, ``worst_rank``,
            ``mean_rank``, and ``rank_1`` ... ``rank_n``: share of the draws in which it has that rank.
        """
        if n_draws < 1:
            raise InputError.of("fault.not_positive", name="n_draws", value=n_draws)
        table = self.by_component
        weights = self.component_weights.values.reindex(table.columns).to_numpy(float)
        alpha = np.ones(len(weights)) if concentration is None else concentration * weights
        free = alpha > 0
        n = len(table)
        counts = np.zeros((n, n), dtype=np.int64)
        for start in range(0, n_draws, _DRAWS_AT_ONCE):
            size = min(_DRAWS_AT_ONCE, n_draws - start)
            drawn = np.zeros((size, len(weights)))
            drawn[:, free] = rng.dirichlet(alpha[free], size=size)
            ranks = _rank_array(drawn @ table.to_numpy(float).T)
            for subject in range(n):
                counts[subject] += np.bincount(ranks[:, subject] - 1, minlength=n)
        share = counts / n_draws
        rank = self.ranks.to_numpy(int)
        seen = counts > 0
        result = pd.DataFrame(
            {
                "rank": rank,
                "holds_share": share[np.arange(n), rank - 1],
                "best_rank": seen.argmax(axis=1) + 1,
                "worst_rank": n - seen[:, ::-1].argmax(axis=1),
                "mean_rank": share @ np.arange(1, n + 1),
            },
            index=table.index,
        )
        return result.join(
            pd.DataFrame(share, index=table.index, columns=[f"rank_{i + 1}" for i in range(n)])
        )


def evaluate(
    values: pd.DataFrame, indicators: pd.DataFrame, *, component_weights: Mapping[str, float] | Weights
) -> Evaluation:
    """Return scores and ranks of subjects from their indicator values.

    Parameters
    ----------
    values : DataFrame, subjects x indicators
        One column for each id in `indicators`; no value may be missing.
    indicators : DataFrame
        The indicator library (register ``indicators``): ``indicator_id``, ``component``, ``kind``,
        ``direction``, ``weight``; optional ``low`` and ``high``, the values that score 0 and 1. Where they
        are absent, the worst and best of the subjects score 0 and 1; where all are alike, all score 1.
        Weights are scaled to sum to 1 within their component; without any, its indicators count alike.
    component_weights : Mapping or Weights
        Of the four components, summing to 1. No paper gives them.

    Returns
    -------
    Evaluation

    Raises
    ------
    InputError
        If a component has no indicator (the clause asks for all four), a value is missing, or the weights
        are not those of the four components.

    Examples
    --------
    >>> import pandas as pd
    >>> from cultureplan.standards.evaluation import COMPONENTS, evaluate
    >>> library = pd.DataFrame({"indicator_id": list("abcd"), "component": COMPONENTS, "kind": "stock",
    ...                         "direction": "higher", "weight": 1.0})
    >>> values = pd.DataFrame([[9, 8, 7, 6], [1, 2, 3, 4]], index=["X", "Y"], columns=list("abcd"))
    >>> evaluate(values, library, component_weights=dict.fromkeys(COMPONENTS, 0.25)).ranks.to_dict()
    {'X': 1, 'Y': 2}
    """
    library = (
        indicators.set_index("indicator_id") if "indicator_id" in indicators.columns else indicators.copy()
    )
    absent = [name for name in COMPONENTS if not (library["component"] == name).any()]
    if absent:
        raise InputError.of("evaluation.no_component", absent=", ".join(absent))
    lacking = [str(name) for name in library.index if name not in values.columns]
    if lacking:
        raise InputError.of("evaluation.no_column", columns=", ".join(lacking))
    if isinstance(component_weights, Weights):
        component_weights = {str(k): float(v) for k, v in component_weights.values.items()}
    weights = given_weights(component_weights, names=COMPONENTS)
    table = pd.DataFrame(
        _finite_table("values", values[list(library.index)]), index=values.index, columns=library.index
    )
    return Evaluation(
        indicators=library.assign(weight=_within_components(library)),
        scores=_scaled(table, library),
        component_weights=weights,
    )


def with_increments(now: pd.DataFrame, before: pd.DataFrame, *, suffix: str = " +") -> pd.DataFrame:
    """Return the values of now with a column of yearly change beside each: stock and increment (K-EVAL-03).

    Parameters
    ----------
    now, before : DataFrame, subjects x indicators
        The same subjects and indicators in two periods.
    suffix : str
        What the name of an increment column ends with.

    Returns
    -------
    DataFrame
        The change is a share of the earlier value, and the plain difference where that was 0.
    """
    if not now.index.equals(before.index) or not now.columns.equals(before.columns):
        raise InputError.of("evaluation.other_subjects")
    first, second = _finite_table("before", before), _finite_table("now", now)
    change = (second - first) / np.where(first == 0, 1.0, np.abs(first))
    grown = pd.DataFrame(change, index=now.index, columns=[f"{name}{suffix}" for name in now.columns])
    return now.join(grown)


def result_of_year(
    results: Mapping[int, pd.Series], year: int, *, off_year: str = "carry_forward"
) -> tuple[pd.Series | None, bool]:
    """Return the result that counts in a year, and whether it was carried forward (reading U-16).

    Parameters
    ----------
    results : Mapping[int, Series]
        Score of each subject by the year of the inspection.
    year : int
        Year of the appraisal.
    off_year : {"carry_forward", "skip"}
        What a year without an inspection takes.
    """
    if year in results:
        return results[year], False
    earlier = [known for known in results if known < year]
    if off_year == "skip" or not earlier:
        return None, False
    return results[max(earlier)], True


def marked_declines(now: pd.Series, before: pd.Series, *, threshold: float) -> pd.Series:
    """Return the falls in score of at least a threshold, largest first: who is criticised (K-RS-03).

    Parameters
    ----------
    now, before : Series, index subject
    threshold : float
        The paper names no figure; it must be given.
    """
    fall = (before.reindex(now.index) - now).dropna()
    return fall[fall >= threshold].sort_values(ascending=False, kind="stable").rename("fall")


def _within_components(library: pd.DataFrame) -> pd.Series:
    weight = pd.to_numeric(library["weight"], errors="coerce") if "weight" in library.columns else None
    if weight is None or weight.isna().all():
        weight = pd.Series(1.0, index=library.index)
    if weight.isna().any() or (weight < 0).any():
        raise InputError.of("evaluation.weights_sum", total=float(weight.sum()))
    sums = weight.groupby(library["component"]).transform("sum")
    if (sums <= 0).any():
        raise InputError.of("evaluation.weights_sum", total=float(sums.min()))
    return weight / sums


def _scaled(values: pd.DataFrame, library: pd.DataFrame) -> pd.DataFrame:
    low, high = values.min(), values.max()
    for name, bound in (("low", low), ("high", high)):
        if name in library.columns:
            given = pd.to_numeric(library[name], errors="coerce")
            bound.update(given.dropna())
    span = (high - low).where(high > low)
    share = ((values - low) / span).clip(0.0, 1.0)
    falling = (library["direction"] == "lower").to_numpy(bool)[None, :]
    turned = np.where(falling, 1.0 - share.to_numpy(float), share.to_numpy(float))
    return pd.DataFrame(np.where(np.isnan(turned), 1.0, turned), index=values.index, columns=values.columns)


def _rank_array(scores: np.ndarray) -> np.ndarray:
    """Return ranks along the last axis, 1 the best; scores equal within rounding share the better rank."""
    rounded = np.round(scores, 12)
    return (rounded[:, None, :] > rounded[:, :, None]).sum(axis=2) + 1


def _ranks(scores: np.ndarray, *, index: pd.Index) -> pd.Series:
    return pd.Series(_rank_array(scores)[0], index=index, name="rank")
