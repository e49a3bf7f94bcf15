"""Set covering kernels: what another row or column implies, and a search for small covers.

Rows and columns as in :mod:`cultureplan.siting.kernels.covering`.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numba import njit

from cultureplan.siting.kernels.covering import _close, _next, _open, start_state

Array: TypeAlias = np.ndarray


@njit(cache=True, nogil=True)
def _rarest(ptr: Array, idx: Array, turned_ptr: Array, r: Any) -> Any:
    """Return the member of a list that the fewest lists share."""
    best = idx[ptr[r]]
    for a in range(ptr[r] + 1, ptr[r + 1]):
        c = idx[a]
        if turned_ptr[c + 1] - turned_ptr[c] < turned_ptr[best + 1] - turned_ptr[best]:
            best = c
    return best


@njit(cache=True, nogil=True)
def _is_within(ptr: Array, idx: Array, small: Any, large: Any) -> Any:
    """Return whether one rising list is part of another."""
    b, end = ptr[large], ptr[large + 1]
    for a in range(ptr[small], ptr[small + 1]):
        while b < end and idx[b] < idx[a]:
            b += 1
        if b == end or idx[b] != idx[a]:
            return False
        b += 1
    return True


@njit(cache=True, nogil=True)
def implied(ptr: Array, idx: Array, turned_ptr: Array, turned_idx: Array, alive: Array, cost: Array) -> Any:
    """Return which lists contain another living list that costs no more (the first of equal ones stays).

    With rows as lists of columns: rows that are covered whenever another one is. Lists are rising.
    """
    n = len(ptr) - 1
    found = np.zeros(n, dtype=np.bool_)
    for s in range(n):
        size = ptr[s + 1] - ptr[s]
        if not alive[s] or size == 0 or found[s]:
            continue
        c = _rarest(ptr, idx, turned_ptr, s)
        for b in range(turned_ptr[c], turned_ptr[c + 1]):
            r = turned_idx[b]
            more = ptr[r + 1] - ptr[r] - size
            if r == s or more < 0 or not alive[r] or found[r] or cost[s] > cost[r]:
                continue
            if (more > 0 or cost[s] < cost[r] or s < r) and _is_within(ptr, idx, s, r):
                found[r] = True
    return found


@njit(cache=True, nogil=True)
def contained(ptr: Array, idx: Array, turned_ptr: Array, turned_idx: Array, alive: Array, cost: Array) -> Any:
    """Return which lists are contained in another living list that costs no more.

    With columns as lists of rows: columns that another one replaces. Lists are rising.
    """
    n = len(ptr) - 1
    found = np.zeros(n, dtype=np.bool_)
    for j in range(n):
        size = ptr[j + 1] - ptr[j]
        if not alive[j] or size == 0:
            continue
        r = _rarest(ptr, idx, turned_ptr, j)
        for b in range(turned_ptr[r], turned_ptr[r + 1]):
            k = turned_idx[b]
            more = ptr[k + 1] - ptr[k] - size
            if k == j or more < 0 or not alive[k] or found[k] or cost[k] > cost[j]:
                continue
            if (more > 0 or cost[k] < cost[j] or k < j) and _is_within(ptr, idx, j, k):
                found[j] = True
                break
    return found


@njit(cache=True, nogil=True)
def cover_search(
    rptr: Array, ridx: Array, cptr: Array, cidx: Array, sites: Array, least: int, n_steps: int, seed: int
) -> Any:
    """Look for a cover of all rows by fewer columns: rows that stay uncovered long weigh ever more.

    Row-weighting local search (Gao, Weise and Li 2015). Stops at `least` columns or after `n_steps`.
    Returns the columns of the smallest cover found.
    """
    noise = np.array([seed * 2654435761 + 88172645463325252], dtype=np.uint64)
    n_rows, n_columns = len(rptr) - 1, len(cptr) - 1
    weight = np.ones(n_rows)
    count, owner, gain, loss, _ = start_state(rptr, ridx, cptr, cidx, weight, sites)
    is_open = np.zeros(n_columns, dtype=np.bool_)
    chosen = np.empty(n_columns, dtype=np.int64)
    place = np.full(n_columns, -1, dtype=np.int64)
    n_open = len(sites)
    for k in range(n_open):
        is_open[sites[k]] = True
        chosen[k] = sites[k]
        place[sites[k]] = k
    since = np.zeros(n_columns, dtype=np.int64)
    may_open = np.ones(n_columns, dtype=np.bool_)
    left = np.empty(n_rows, dtype=np.int64)
    left_place = np.full(n_rows, -1, dtype=np.int64)
    n_left = 0
    best = sites.copy()
    last = -1
    for step in range(1, n_steps + 1):
        is_short = False
        while not is_short:
            is_short = n_left > 0  # one goes while something is uncovered, and any before that
            if not is_short:
                best = chosen[:n_open].copy()
                if n_open <= least:
                    return best
            out = -1
            for k in range(n_open):
                j = chosen[k]
                if (j == last and n_left > 0) or (out >= 0 and loss[j] > loss[out]):
                    continue
                if out < 0 or loss[j] < loss[out] or since[j] < since[out]:
                    out = j
            if out < 0:
                return best
            _close(out, rptr, ridx, cptr, cidx, weight, count, owner, gain, loss)
            is_open[out] = False
            n_open -= 1
            moved = chosen[n_open]
            chosen[place[out]] = moved
            place[moved] = place[out]
            since[out] = step
            may_open[out] = False
            for a in range(cptr[out], cptr[out + 1]):
                r = cidx[a]
                if count[r] == 0:
                    left[n_left] = r
                    left_place[r] = n_left
                    n_left += 1
                for b in range(rptr[r], rptr[r + 1]):
                    if ridx[b] != out:
                        may_open[ridx[b]] = True
        r = left[np.int64(_next(noise) % np.uint64(n_left))]
        into = -1
        for b in range(rptr[r], rptr[r + 1]):
            c = ridx[b]
            if not may_open[c]:
                continue
            if into < 0 or gain[c] > gain[into] or (gain[c] == gain[into] and since[c] < since[into]):
                into = c
        if into < 0:
            into = ridx[rptr[r]]
        _open(into, rptr, ridx, cptr, cidx, weight, count, owner, gain, loss)
        is_open[into] = True
        chosen[n_open] = into
        place[into] = n_open
        n_open += 1
        since[into] = step
        last = into
        for a in range(cptr[into], cptr[into + 1]):
            r = cidx[a]
            if left_place[r] >= 0:
                n_left -= 1
                other = left[n_left]
                left[left_place[r]] = other
                left_place[other] = left_place[r]
                left_place[r] = -1
            for b in range(rptr[r], rptr[r + 1]):
                if ridx[b] != into:
                    may_open[ridx[b]] = True
        for k in range(n_left):
            r = left[k]
            weight[r] += 1.0
            for b in range(rptr[r], rptr[r + 1]):
                gain[ridx[b]] += 1.0
    return best
