"""How a number is spread over any number of people, as sums that can be merged in any order.

Kept are the different values, the persons who have each, and the persons times the value. Up to
65,536 different values the summary is exact. Beyond that, values that agree in their leading digits
are put together, two binary digits coarser each time, until no more than that remain; nothing else is given
up, and :attr:`Distribution.gini_error` bounds what that can do to the Gini index. All sums are exact, so
neither the order of the partitions nor their number changes a bit, and the coarseness depends on the values
alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd

from cultureplan.travel.exact_sum import ExactSums

MOST_VALUES = 2**16  # different values kept: with both sums, some 4 MB
_COARSER = 2  # binary digits given up at a time, of 52


@dataclass(frozen=True, kw_only=True, eq=False)
class Distribution:
    """The distribution of a number of 0 or more over persons.

    Parameters
    ----------
    keys : ndarray of int64, shape (n,)
        The leading bits of the values, rising.
    persons, amounts : ExactSums
        Persons with each value, and their persons times value.
    dropped_bits : int
        Trailing bits of the 52 of a value that were given up; 0 where the summary is exact.
    """

    keys: np.ndarray = field(repr=False)
    persons: ExactSums = field(repr=False)
    amounts: ExactSums = field(repr=False)
    dropped_bits: int = 0

    @classmethod
    def of(cls, values: np.ndarray, persons: np.ndarray) -> Self:
        """Return the distribution of some values; at most two million of them at a time.

        Parameters
        ----------
        values : ndarray of float64, shape (n,)
            Finite and 0 or more.
        persons : ndarray of float64, shape (n,)
            Persons with each value; who has none is left out.
        """
        peopled = persons > 0
        values, persons = values[peopled], persons[peopled]
        # the bits of floats of 0 or more rise with them; + 0.0 makes a negative zero a plain one
        keys, at = np.unique((values + 0.0).view(np.int64), return_inverse=True)
        dropped_bits = _bits_to_drop(keys, 0)
        keys, group = _put_together(keys, dropped_bits)
        return cls(
            keys=keys,
            persons=ExactSums.by_key(persons, group[at], len(keys)),
            amounts=ExactSums.by_key(values * persons, group[at], len(keys)),
            dropped_bits=dropped_bits,
        )

    @classmethod
    def nobody(cls) -> Self:
        """Return the distribution over nobody, which merges with any other."""
        return cls(keys=np.empty(0, np.int64), persons=ExactSums.zero(0), amounts=ExactSums.zero(0))

    def plus(self, other: Self) -> Self:
        """Return the distribution over the persons of both."""
        dropped = max(self.dropped_bits, other.dropped_bits)
        one, two = self._coarser(dropped), other._coarser(dropped)
        keys = np.union1d(one.keys, two.keys)
        first, second = np.searchsorted(keys, one.keys), np.searchsorted(keys, two.keys)
        merged = type(self)(
            keys=keys,
            persons=one.persons.regrouped(first, len(keys)).plus(two.persons.regrouped(second, len(keys))),
            amounts=one.amounts.regrouped(first, len(keys)).plus(two.amounts.regrouped(second, len(keys))),
            dropped_bits=dropped,
        )
        return merged._coarser(_bits_to_drop(keys, dropped))

    @property
    def is_exact(self) -> bool:
        """Whether every different value was kept."""
        return self.dropped_bits == 0

    @cached_property
    def weights(self) -> np.ndarray:
        """Persons with each value, values rising, shape (n,)."""
        return self.persons.to_array()

    @cached_property
    def values(self) -> np.ndarray:
        """The values, rising; the mean of those put together where the summary is not exact, shape (n,)."""
        if self.is_exact:
            return self.keys.view(np.float64)
        return self.amounts.to_array() / self.weights

    @cached_property
    def n_persons(self) -> float:
        """All persons."""
        return self.persons.total()

    @property
    def mean(self) -> float:
        """Mean over the persons; NaN for nobody."""
        return self.amounts.total() / self.n_persons if self.n_persons > 0 else float("nan")

    @property
    def gini(self) -> float:
        """Gini index over the persons, between 0 and 1; NaN where nobody has anything."""
        people, held = self._shares()
        if len(people) == 0:
            return float("nan")
        below = np.concatenate([[0.0], np.cumsum(held)[:-1]])
        return float(1.0 - np.sum(people * (2.0 * below + held)))

    @property
    def gini_error(self) -> float:
        """How much the Gini index may be too small, because values were put together; 0 where exact."""
        people, held = self._shares()
        # values between v and v (1 + width) differ least equally when half the amount is at either end
        width = 2.0 ** (self.dropped_bits - 52) if self.dropped_bits else 0.0
        return float(np.sum(people * held) * width / 4.0)

    def lorenz_curve(self, n_points: int = 101) -> pd.DataFrame:
        """Return the share of the amount that the poorest share of the persons hold.

        Parameters
        ----------
        n_points : int
            Points of the curve, evenly spaced over the persons.

        Returns
        -------
        DataFrame
            ``persons_share``, ``value_share``.
        """
        people, held = self._shares()
        at = np.linspace(0.0, 1.0, n_points)
        running = np.concatenate([[0.0], np.cumsum(people)]), np.concatenate([[0.0], np.cumsum(held)])
        return pd.DataFrame({"persons_share": at, "value_share": np.interp(at, *running)})

    def quantile(self, share: float) -> float:
        """Return the smallest value that at least a share of the persons do not exceed; NaN for nobody."""
        if self.n_persons <= 0:
            return float("nan")
        running = np.cumsum(self.weights)
        at = np.searchsorted(running, share * running[-1] * (1 - 1e-12))
        return float(self.values[min(int(at), len(running) - 1)])

    def _shares(self) -> tuple[np.ndarray, np.ndarray]:
        amounts = self.values * self.weights
        total = float(amounts.sum())
        if total <= 0:
            return np.empty(0), np.empty(0)
        return self.weights / float(self.weights.sum()), amounts / total

    def _coarser(self, dropped_bits: int) -> Self:
        if dropped_bits == self.dropped_bits:
            return self
        keys, at = _put_together(self.keys, dropped_bits)
        return type(self)(
            keys=keys,
            persons=self.persons.regrouped(at, len(keys)),
            amounts=self.amounts.regrouped(at, len(keys)),
            dropped_bits=dropped_bits,
        )


def _bits_to_drop(keys: np.ndarray, at_least: int) -> int:
    """Return how many trailing bits must go so that few enough different keys are left."""
    dropped_bits, different = at_least, len(keys)
    while different > MOST_VALUES and dropped_bits < 52:  # what is left are powers of two
        dropped_bits += _COARSER
        different = 1 + int(np.count_nonzero(np.diff(keys >> dropped_bits)))
    return dropped_bits


def _put_together(keys: np.ndarray, dropped_bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the different keys without their trailing bits, rising, and the position of each key there."""
    short = keys >> dropped_bits << dropped_bits
    first = np.diff(short, prepend=-1) != 0
    return short[first], np.cumsum(first) - 1
