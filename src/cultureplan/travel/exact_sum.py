"""Sums that are right to the last bit, so that no order of rows, thread or partition can change them.

A float is a whole number times a power of two, so it is a few digits to the base 2**32. Digits are added up
as whole numbers, which is exact in any order and can be undone; only the finished sum is rounded, once. For
persons counted in whole numbers there is a single digit, and the detour costs nothing.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

_BITS = 32  # of a digit; a stored sum of digits has room for 2**31 of them
_BLOCK = 65_536


def exact_sum(values: np.ndarray) -> float:
    """Return the sum of floats, rounded once: the same in whatever order they stand."""
    array = np.asarray(values, dtype=float)
    plain = float(array.sum())
    # whole numbers, the sum of whose sizes is below 2**53, are added without rounding
    if abs(plain) < 2.0**53 and not np.any(array < 0) and np.array_equal(array, np.floor(array)):
        return plain
    blocks = (array[at : at + _BLOCK].tolist() for at in range(0, len(array), _BLOCK))
    return math.fsum(itertools.chain.from_iterable(blocks))


def digit_planes(values: np.ndarray) -> tuple[tuple[int, ...], np.ndarray]:
    """Return numbers as digits to the base 2**32.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Finite.

    Returns
    -------
    exponents : tuple of int
        One a plane; a plane of zeros is left out.
    planes : ndarray of int64, shape (n_planes, n)
        ``values`` is the sum of ``planes * 2.0 ** (32 * exponents)``, exactly.
    """
    rest = np.array(values, dtype=float)
    largest = float(np.abs(rest).max()) if len(rest) else 0.0
    exponents: list[int] = []
    planes: list[np.ndarray] = []
    exponent = math.frexp(largest)[1] // _BITS
    left = largest > 0
    while left:
        digits = _times_power(rest, -_BITS * exponent)
        np.trunc(digits, out=digits)
        if digits.any():
            exponents.append(exponent)
            planes.append(digits.astype(np.int64))
            rest -= _times_power(digits, _BITS * exponent)
            left = bool(rest.any())
        exponent -= 1
    if not planes:
        return (), np.zeros((0, len(rest)), np.int64)
    return tuple(exponents), np.stack(planes)


@dataclass(frozen=True, eq=False)
class ExactSums:
    """Sums of digits, shape (n,) a plane, that are added to each other without rounding.

    Parameters
    ----------
    digits : Mapping[int, ndarray of int64]
        Plane exponent -> sums of digits, all of one shape.
    n : int
        Length of every plane.
    """

    digits: Mapping[int, np.ndarray]
    n: int

    @classmethod
    def of_planes(cls, exponents: tuple[int, ...], planes: np.ndarray) -> Self:
        """Return the sums held in planes, shape (n_planes, n)."""
        return cls(dict(zip(exponents, planes, strict=True)), planes.shape[1])._carried()

    @classmethod
    def of(cls, values: np.ndarray) -> Self:
        """Return a single sum, that of all values."""
        exponents, planes = digit_planes(values)
        return cls.of_planes(exponents, planes.sum(axis=1, dtype=np.int64).reshape(-1, 1))

    @classmethod
    def by_key(cls, values: np.ndarray, keys: np.ndarray, n: int) -> Self:
        """Return the sums of the values of each key from 0 to n - 1; at most two million values."""
        exponents, planes = digit_planes(values)
        # a digit is below 2**32, so two million of them are added as floats without rounding
        sums = [np.bincount(keys, weights=plane, minlength=n).astype(np.int64) for plane in planes]
        return cls(dict(zip(exponents, sums, strict=True)), n)._carried()

    @classmethod
    def zero(cls, n: int = 1) -> Self:
        """Return `n` sums of nothing."""
        return cls({}, n)

    def plus(self, other: Self) -> Self:
        """Return the sums of both; the shorter of the two is taken to go on with sums of nothing."""
        n = max(self.n, other.n)
        digits = {exponent: _longer(row, n) for exponent, row in self.digits.items()}
        for exponent, row in other.digits.items():
            more = _longer(row, n)
            digits[exponent] = digits[exponent] + more if exponent in digits else more
        return type(self)(digits, n)._carried()

    def minus(self, other: Self) -> Self:
        """Return these sums without what `other` had added."""
        return self.plus(type(self)({exponent: -d for exponent, d in other.digits.items()}, other.n))

    def regrouped(self, keys: np.ndarray, n: int) -> Self:
        """Return the sums with each one added to that of its key, from 0 to n - 1."""
        digits = {}
        for exponent, row in self.digits.items():
            digits[exponent] = np.zeros(n, np.int64)
            np.add.at(digits[exponent], keys, row)
        return type(self)(digits, n)._carried()

    def to_array(self) -> np.ndarray:
        """Return the sums as floats, each rounded once, shape (n,)."""
        if not self.digits:
            return np.zeros(self.n)
        lowest = min(self.digits)
        if len(self.digits) == 1 and lowest == 0:
            return self.digits[0].astype(float)
        if len(self.digits) == 2 and lowest + 1 in self.digits:
            high, low = self.digits[lowest + 1], self.digits[lowest]
            if np.all(np.abs(high) < 2**29) and np.all(np.abs(low) < 2**62 - 2**61):  # one whole number
                return np.asarray(np.ldexp((high * 2**_BITS + low).astype(float), _BITS * lowest))
        return np.array([self._rounded(at, lowest) for at in range(self.n)])

    def total(self) -> float:
        """Return the sum of all sums, rounded once."""
        lowest = min(self.digits, default=0)
        whole = sum(
            int(at) << (_BITS * (e - lowest)) for e, row in self.digits.items() for at in row.tolist()
        )
        return _scaled(whole, lowest)

    def _rounded(self, at: int, lowest: int) -> float:
        whole = sum(int(row[at]) << (_BITS * (e - lowest)) for e, row in self.digits.items())
        return _scaled(whole, lowest)

    def _carried(self) -> Self:
        """Return the same sums with room for as many digits again."""
        digits = dict(self.digits)
        for exponent in self._rising(digits):
            row = digits[exponent]
            over = row >> _BITS
            if np.any((over > 0) | (over < -1)):
                digits[exponent] = row - (over << _BITS)
                above = digits.get(exponent + 1)
                digits[exponent + 1] = over if above is None else above + over
        return type(self)(digits, self.n)

    @staticmethod
    def _rising(digits: Mapping[int, np.ndarray]) -> Iterator[int]:
        """Yield the exponents from the lowest, those that arise on the way too."""
        done: set[int] = set()
        while left := [exponent for exponent in digits if exponent not in done]:
            exponent = min(left)
            done.add(exponent)
            yield exponent


def _times_power(values: np.ndarray, power: int) -> np.ndarray:
    """Return values * 2**power, exactly."""
    # multiplying is much faster, and exact while the power is a plain float
    return values * 2.0**power if abs(power) < 900 else np.ldexp(values, power)


def _longer(row: np.ndarray, n: int) -> np.ndarray:
    return row if len(row) == n else np.concatenate([row, np.zeros(n - len(row), np.int64)])


def _scaled(whole: int, exponent: int) -> float:
    """Return whole * 2**(32 * exponent), rounded once."""
    if exponent >= 0:
        return float(whole << (_BITS * exponent))
    return whole / (1 << (-_BITS * exponent))
