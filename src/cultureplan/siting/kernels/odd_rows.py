"""Cuts for set covering: three rows that no single site covers need two sites."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numba import njit

Array: TypeAlias = np.ndarray


@njit(cache=True, nogil=True)
def odd_triples(
    rptr: Array,
    ridx: Array,
    x: Array,
    gptr: Array,
    gidx: Array,
    gval: Array,
    least: float,
    most: int,
) -> Any:
    """Return triples of tight rows whose cut a fractional answer violates, and by how much.

    The sum of three rows ``sum x >= 1``, halved and rounded up, says ``sum ceil(k / 2) x >= 2`` where k is
    how many of the three a column covers (a zero-half cut of Caprara and Fischetti 1996).

    Parameters
    ----------
    rptr, ridx : columns of each row, those with ``x > 0`` only, rising; each row sums to 1
    x : the fractional answer
    gptr, gidx, gval : for each row the later rows it shares columns with, rising, and the x they share
    least : smallest violation
    most : stop at so many
    """
    n = len(rptr) - 1
    triples = np.empty((most, 3), dtype=np.int64)
    violation = np.empty(most)
    found = 0
    shared = np.zeros(n)
    mark = np.zeros(len(x), dtype=np.int8)
    for a in range(n):
        for k in range(rptr[a], rptr[a + 1]):
            mark[ridx[k]] = 1
        for i in range(gptr[a], gptr[a + 1]):
            b = gidx[i]
            for k in range(gptr[b], gptr[b + 1]):
                shared[gidx[k]] = gval[k]
            for k in range(rptr[b], rptr[b + 1]):
                mark[ridx[k]] += 2
            for j in range(i + 1, gptr[a + 1]):
                c = gidx[j]
                # what covers one of the three, or all: less than 1 is a violation
                odd = 3.0 - 2.0 * (gval[i] + gval[j] + shared[c])
                if odd >= 1.0 - 2.0 * least:
                    continue
                for k in range(rptr[c], rptr[c + 1]):
                    if mark[ridx[k]] == 3:
                        odd += 4.0 * x[ridx[k]]
                if odd < 1.0 - 2.0 * least:
                    triples[found, 0], triples[found, 1], triples[found, 2] = a, b, c
                    violation[found] = (1.0 - odd) / 2.0
                    found += 1
                    if found == most:
                        return triples, violation
            for k in range(rptr[b], rptr[b + 1]):
                mark[ridx[k]] -= 2
            for k in range(gptr[b], gptr[b + 1]):
                shared[gidx[k]] = 0.0
        for k in range(rptr[a], rptr[a + 1]):
            mark[ridx[k]] = 0
    return triples[:found].copy(), violation[:found].copy()
