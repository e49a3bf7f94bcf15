"""Weights of indicators: from a judgement matrix (AHP) or from the spread of the data (entropy)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError

# Mean consistency index of random judgement matrices of order 1 to 15 (Saaty 1980).
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
MAX_CONSISTENCY_RATIO = 0.1  # Saaty's limit: judgements beyond it contradict each other too much
_SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class Weights:
    """Weights that sum to 1, and how they came about.

    Parameters
    ----------
    values : Series
        Weight by name.
    method : str
        ``ahp``, ``entropy`` or ``given``.
    consistency_ratio : float
        Of the judgements, with AHP; NaN otherwise.
    lambda_max : float
        Largest eigenvalue of the judgement matrix, with AHP; NaN otherwise.
    """

    values: pd.Series
    method: str
    consistency_ratio: float = float("nan")
    lambda_max: float = float("nan")

    @property
    def is_consistent(self) -> bool:
        """Whether the judgements keep to Saaty's limit; true where there were none."""
        return not self.consistency_ratio > MAX_CONSISTENCY_RATIO


def ahp_weights(judgements: pd.DataFrame, *, allow_inconsistent: bool = False) -> Weights:
    """Return the weights that a matrix of pairwise judgements implies (principal eigenvector).

    Parameters
    ----------
    judgements : DataFrame, n x n
        How many times as important the row is as the column; the same names on both sides, 1 on the
        diagonal, and each cell the reciprocal of its mirror.
    allow_inconsistent : bool
        Take judgements whose consistency ratio is above 0.1 as well.

    Returns
    -------
    Weights

    Raises
    ------
    InputError
        If the matrix is not square, positive and reciprocal, has more than 15 names, or its consistency
        ratio is above 0.1.

    Examples
    --------
    >>> import pandas as pd
    >>> from cultureplan.standards.weights import ahp_weights
    >>> pairs = pd.DataFrame([[1, 3], [1 / 3, 1]], index=["a", "b"], columns=["a", "b"])
    >>> ahp_weights(pairs).values.to_dict()
    {'a': 0.75, 'b': 0.25}

    References
    ----------
    Saaty, T. L. (1980), The Analytic Hierarchy Process, McGraw-Hill.
    """
    matrix = _judgement_matrix(judgements)
    n = len(matrix)
    eigenvalues, vectors = np.linalg.eig(matrix)
    largest = int(np.argmax(eigenvalues.real))
    vector = np.abs(vectors[:, largest].real)
    lambda_max = float(eigenvalues[largest].real)
    random_index = RANDOM_INDEX[n - 1]
    ratio = (lambda_max - n) / (n - 1) / random_index if random_index > 0 else 0.0
    ratio = max(0.0, ratio)
    if ratio > MAX_CONSISTENCY_RATIO and not allow_inconsistent:
        raise InputError.of(
            "evaluation.inconsistent",
            ratio=ratio,
            limit=MAX_CONSISTENCY_RATIO,
            worst=_worst_pair(judgements, vector),
        )
    values = pd.Series(np.round(vector / vector.sum(), 15), index=judgements.index, name="weight")
    return Weights(values=values, method="ahp", consistency_ratio=ratio, lambda_max=lambda_max)


def entropy_weights(values: pd.DataFrame) -> Weights:
    """Return weights by the spread of the data: an indicator on which all are alike tells nothing.

    Parameters
    ----------
    values : DataFrame, subjects x indicators
        Non-negative and finite, at least two subjects; each indicator above 0 for somebody.

    Returns
    -------
    Weights

    Raises
    ------
    InputError
        If a value is missing or negative, a column is all 0, or no indicator differs between subjects.

    Notes
    -----
    With p the share of a subject in the column's sum and e = -sum(p ln p) / ln(n), the weight is
    (1 - e) over the sum of (1 - e) (Shannon's entropy, as in Zeleny 1982).
    """
    table = _finite_table("values", values)
    if (table < 0).any() or len(table) < 2:
        raise InputError.of("evaluation.entropy_needs", n=len(table))
    sums = table.sum(axis=0)
    if (sums <= 0).any():
        raise InputError.of("evaluation.entropy_needs", n=len(table))
    share = table / sums
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(share > 0, share * np.log(np.where(share > 0, share, 1.0)), 0.0)
    spread = np.maximum(0.0, 1.0 + terms.sum(axis=0) / np.log(len(table)))
    if spread.sum() <= 1e-12:
        raise InputError.of("evaluation.no_spread")
    return Weights(
        values=pd.Series(spread / spread.sum(), index=values.columns, name="weight"), method="entropy"
    )


def given_weights(weights: Mapping[str, float], *, names: tuple[str, ...]) -> Weights:
    """Return weights given by the user, checked: one for each name, none negative, sum 1.

    Raises
    ------
    InputError
        Naming what is absent or unknown, or the sum.
    """
    absent, unknown = sorted(set(names) - set(weights)), sorted(set(weights) - set(names))
    if absent or unknown:
        raise InputError.of(
            "evaluation.weights_of", absent=", ".join(absent) or "-", unknown=", ".join(unknown) or "-"
        )
    values = np.array([float(weights[name]) for name in names])
    if not np.isfinite(values).all() or (values < 0).any() or abs(values.sum() - 1.0) > _SUM_TOLERANCE:
        raise InputError.of("evaluation.weights_sum", total=float(values.sum()))
    return Weights(values=pd.Series(values, index=list(names), name="weight"), method="given")


def _judgement_matrix(judgements: pd.DataFrame) -> np.ndarray:
    names, columns = list(map(str, judgements.index)), list(map(str, judgements.columns))
    matrix = judgements.to_numpy(float)
    n = len(names)
    if n == 0 or n > len(RANDOM_INDEX) or names != columns or len(set(names)) < n:
        raise InputError.of("evaluation.not_square", n=n, limit=len(RANDOM_INDEX))
    if not np.isfinite(matrix).all() or (matrix <= 0).any():
        raise InputError.of("evaluation.not_positive")
    off = np.abs(matrix * matrix.T - 1.0)
    if (off > 0.01).any():
        i, j = np.unravel_index(int(np.argmax(off)), off.shape)
        raise InputError.of("evaluation.not_reciprocal", row=names[int(i)], column=names[int(j)])
    return matrix


def _worst_pair(judgements: pd.DataFrame, vector: np.ndarray) -> str:
    """Return the judgement that lies farthest from the weights it led to."""
    matrix = judgements.to_numpy(float)
    off = np.abs(np.log(matrix * vector[None, :] / vector[:, None]))
    i, j = np.unravel_index(int(np.argmax(off)), off.shape)
    return f"{judgements.index[int(i)]} / {judgements.columns[int(j)]}"


def _finite_table(name: str, values: pd.DataFrame) -> np.ndarray:
    table = values.to_numpy(float)
    bad = ~np.isfinite(table)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise InputError.of(
            "evaluation.no_value",
            name=name,
            n=int(bad.sum()),
            row=str(values.index[int(row)]),
            column=str(values.columns[int(column)]),
        )
    return table
