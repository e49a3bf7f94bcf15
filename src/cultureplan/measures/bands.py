"""Bands: a measure taken again and again, its range, and how surely one place is worse off than another."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError


@dataclass(frozen=True, kw_only=True, eq=False)
class Bands:
    """A measure taken again and again.

    Parameters
    ----------
    name : str
        What was measured.
    baseline : Series, index unit
        The measure with the standard's own values.
    draws : DataFrame, one row a draw, one column a unit
        The measure in each draw; the units are places, demand points, or ``all``.
    """

    name: str
    baseline: pd.Series
    draws: pd.DataFrame = field(repr=False)

    def band(self, level: float = 0.9) -> pd.DataFrame:
        """Return the middle and the range of each unit.

        Parameters
        ----------
        level : float
            Share of the draws between ``low`` and ``high``.

        Returns
        -------
        DataFrame, index unit
            ``baseline``, ``mean``, ``low``, ``median``, ``high``.
        """
        edge = _edge(level)
        quantiles = self.draws.quantile([edge, 0.5, 1 - edge])
        return pd.DataFrame(
            {
                "baseline": self.baseline,
                "mean": self.draws.mean(),
                "low": quantiles.iloc[0],
                "median": quantiles.iloc[1],
                "high": quantiles.iloc[2],
            }
        )

    def ranks(self, level: float = 0.9, *, n_worst: int = 5) -> pd.DataFrame:
        """Return how surely each unit has its rank; rank 1 is the worst served.

        Parameters
        ----------
        level : float
            Share of the draws between ``low`` and ``high``.
        n_worst : int
            Length of the list of the worst that ``worst_share`` is about.

        Returns
        -------
        DataFrame, index unit
            ``baseline`` rank, ``mean``, ``low``, ``high``, and ``worst_share``: the share of the draws in
            which the unit is among the `n_worst` worst. Units with the same value share the mean rank.
        """
        edge = _edge(level)
        drawn = self.draws.rank(axis=1)
        quantiles = drawn.quantile([edge, 1 - edge])
        return pd.DataFrame(
            {
                "baseline": self.baseline.rank(),
                "mean": drawn.mean(),
                "low": quantiles.iloc[0],
                "high": quantiles.iloc[1],
                "worst_share": (self.draws.rank(axis=1, method="min") <= n_worst).mean(),
            }
        )

    def rank_stability(self) -> float:
        """Return the mean rank correlation (Spearman) of the draws with the baseline: 1 is fully stable.

        NaN where there are fewer than two units, or all have the same value.
        """
        ranks, base = self.draws.rank(axis=1).to_numpy(float), self.baseline.rank().to_numpy(float)
        usable = np.isfinite(base) & np.isfinite(ranks).all(axis=0)
        ranks, base = ranks[:, usable], base[usable]
        if len(base) < 2:
            return float("nan")
        ranks, base = ranks - ranks.mean(axis=1, keepdims=True), base - base.mean()
        spread = np.sqrt((ranks**2).sum(axis=1) * (base**2).sum())
        known = spread > 0
        return float(np.mean((ranks[known] @ base) / spread[known])) if known.any() else float("nan")

    def __repr__(self) -> str:
        return f"Bands({self.name}, {self.draws.shape[1]:,} units, {len(self.draws):,} draws)"


def _edge(level: float) -> float:
    if not 0 < level < 1:
        raise InputError.of("equity.level", value=level)
    return (1 - level) / 2
