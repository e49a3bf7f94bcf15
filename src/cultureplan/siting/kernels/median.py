"""Median kernels: swap search by clusters, and the Lagrangian dual by the volume algorithm.

``rptr, rsite, rcost`` list the columns of each demand point by rising weighted cost; ``beyond`` is what a
point costs when none of its columns is open (its nearest fixed site, or a price for not being served).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numba import njit

Array: TypeAlias = np.ndarray

FREE, CLOSED, OPEN = -1, 0, 1


@njit(cache=True, nogil=True)
def _next(state: Array) -> Any:  # xorshift: the same numbers on every machine
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return x


@njit(cache=True, nogil=True)
def _below(state: Array, n: Any) -> Any:
    return np.int64(_next(state) % np.uint64(n))


@njit(cache=True, nogil=True)
def nearest_two(
    rptr: Array,
    rsite: Array,
    rcost: Array,
    beyond: Array,
    is_open: Array,
    site: Array,
    first: Array,
    second: Array,
) -> Any:
    """Write the nearest open column and the two smallest costs of every point; return the total cost."""
    total = 0.0
    for u in range(len(beyond)):
        site[u] = -1
        first[u] = beyond[u]
        second[u] = beyond[u]
        for a in range(rptr[u], rptr[u + 1]):
            if rcost[a] >= beyond[u]:
                break
            if is_open[rsite[a]]:
                if site[u] < 0:
                    site[u] = rsite[a]
                    first[u] = rcost[a]
                else:
                    second[u] = rcost[a]
                    break
        total += first[u]
    return total


@njit(cache=True, nogil=True)
def _best_swap(
    rptr: Array,
    rsite: Array,
    rcost: Array,
    is_open: Array,
    site: Array,
    first: Array,
    second: Array,
    gain: Array,
    loss: Array,
    extra: Array,
    order: Array,
    start: Array,
    partner: Array,
    worth: Array,
) -> Any:
    """Return (in, out, saving) of the best swap of one open column for a closed one.

    Writes for each open column the `partner` that replaces it best, and what that saves.
    """
    n_columns = len(gain)
    gain[:] = 0.0
    loss[:] = 0.0
    start[:] = 0
    for u in range(len(first)):
        if site[u] >= 0:
            loss[site[u]] += second[u] - first[u]
            start[site[u] + 1] += 1
        for a in range(rptr[u], rptr[u + 1]):
            if rcost[a] >= first[u]:
                break
            gain[rsite[a]] += first[u] - rcost[a]
    for j in range(n_columns):
        start[j + 1] += start[j]
    place = start[:-1].copy()
    for u in range(len(first)):
        if site[u] >= 0:
            order[place[site[u]]] = u
            place[site[u]] += 1
    top = -1
    for i in range(n_columns):
        if not is_open[i] and (top < 0 or gain[i] > gain[top]):
            top = i
    best_in, best_out, best = -1, -1, -np.inf
    touched = np.empty(n_columns, dtype=np.int64)
    for j in range(n_columns):
        if not is_open[j]:
            continue
        n = 0
        for k in range(start[j], start[j + 1]):
            u = order[k]
            for a in range(rptr[u], rptr[u + 1]):
                if rcost[a] >= second[u]:
                    break
                i = rsite[a]
                if is_open[i]:
                    continue
                part = second[u] - max(rcost[a], first[u])
                if part <= 0.0:
                    continue
                if extra[i] == 0.0:
                    touched[n] = i
                    n += 1
                extra[i] += part
        partner[j], worth[j] = top, (gain[top] - loss[j] if top >= 0 else -np.inf)
        for k in range(n):
            i = touched[k]
            saving = gain[i] - loss[j] + extra[i]
            extra[i] = 0.0
            if saving > worth[j]:
                worth[j], partner[j] = saving, i
        if worth[j] > best:
            best, best_in, best_out = worth[j], partner[j], j
    return best_in, best_out, best


@njit(cache=True, nogil=True)
def _swap_many(is_open: Array, partner: Array, worth: Array, most: int) -> Any:
    """Make up to `most` of the best swaps, no partner twice; mark them by an infinite worth.

    Returns what they save if none touches another.
    """
    hoped = 0.0
    for j in np.argsort(-worth)[:most]:
        if worth[j] > 0.0 and worth[j] < np.inf and is_open[j] and not is_open[partner[j]]:
            is_open[j], is_open[partner[j]] = False, True
            hoped += worth[j]
            worth[j] = np.inf
    return hoped


@njit(cache=True, nogil=True)
def greedy(rptr: Array, rsite: Array, rcost: Array, beyond: Array, n_columns: int, n_open: int) -> Any:
    """Return `n_open` columns, each the one that saves most (the first by number among equals)."""
    now = beyond.copy()
    is_open = np.zeros(n_columns, dtype=np.bool_)
    for _ in range(n_open):
        gain = np.zeros(n_columns)
        for u in range(len(now)):
            for a in range(rptr[u], rptr[u + 1]):
                if rcost[a] >= now[u]:
                    break
                gain[rsite[a]] += now[u] - rcost[a]
        best = -1
        for i in range(n_columns):
            if not is_open[i] and (best < 0 or gain[i] > gain[best]):
                best = i
        is_open[best] = True
        for u in range(len(now)):
            for a in range(rptr[u], rptr[u + 1]):
                if rcost[a] >= now[u]:
                    break
                if rsite[a] == best:
                    now[u] = rcost[a]
                    break
    return is_open


@njit(cache=True, nogil=True)
def swap_search(
    rptr: Array,
    rsite: Array,
    rcost: Array,
    beyond: Array,
    is_open: Array,
    n_rounds: int,
    n_work: int,
    seed: int,
) -> Any:
    """Descend by best swaps; then shake a few columns and descend again, keeping the best.

    Stops after `n_rounds` shakes without a better answer, or about `n_work` inspected pairs. Returns the
    best open columns and their cost.
    """
    noise = np.array([seed * 2654435761 + 88172645463325252], dtype=np.uint64)
    n_columns, n = len(is_open), len(beyond)
    is_open = is_open.copy()
    site = np.empty(n, dtype=np.int64)
    first, second = np.empty(n), np.empty(n)
    gain, loss, extra = np.zeros(n_columns), np.zeros(n_columns), np.zeros(n_columns)
    order, start = np.empty(n, dtype=np.int64), np.zeros(n_columns + 1, dtype=np.int64)
    partner, worth = np.empty(n_columns, dtype=np.int64), np.full(n_columns, -np.inf)
    best_open = is_open.copy()
    best = nearest_two(rptr, rsite, rcost, beyond, is_open, site, first, second)
    n_open = 0
    for j in range(n_columns):
        n_open += is_open[j]
    idle, work = 0, 0
    batch = n_open // 10
    while n_open > 0 and n_open < n_columns:
        value = nearest_two(rptr, rsite, rcost, beyond, is_open, site, first, second)
        while work < n_work:
            into, out, saving = _best_swap(
                rptr, rsite, rcost, is_open, site, first, second, gain, loss, extra, order, start,
                partner, worth,
            )  # fmt: skip
            work += n + 2 * (rptr[n] // max(n_open, 1)) + n_columns
            if into < 0 or saving <= 1e-9 * abs(value):
                break
            # several swaps far from each other are as good as one; if they are not, only the best one counts
            if batch > 1:
                hoped = _swap_many(is_open, partner, worth, batch)
                work += n
                after = nearest_two(rptr, rsite, rcost, beyond, is_open, site, first, second)
                if value - after >= max(0.7 * hoped, saving):
                    value = after
                    worth[:] = -np.inf
                    continue
                batch //= 2
                for j in range(n_columns):
                    if worth[j] == np.inf:
                        is_open[j], is_open[partner[j]] = True, False
            worth[:] = -np.inf
            is_open[into], is_open[out] = True, False
            value = nearest_two(rptr, rsite, rcost, beyond, is_open, site, first, second)
        if value < best - 1e-9 * abs(best):
            best = value
            best_open[:] = is_open
            idle = 0
        else:
            idle += 1
        if idle > n_rounds or work >= n_work:
            break
        is_open[:] = best_open
        for _ in range(2 + _below(noise, max(2, min(6, n_open // 4)))):
            i = _below(noise, n_columns)
            j = _below(noise, n_columns)
            while is_open[i]:
                i = (i + 1) % n_columns
            while not is_open[j]:
                j = (j + 1) % n_columns
            is_open[i], is_open[j] = True, False
    return best_open, best


@njit(cache=True, nogil=True)
def _chosen(score: Array, state: Array, n_free: int, x: Array) -> Any:
    """Open the `n_free` free columns of the lowest score besides the forced ones."""
    n_columns = len(score)
    total = 0.0
    n = 0
    for j in range(n_columns):
        x[j] = 0.0
        if state[j] == OPEN:
            x[j] = 1.0
            total += score[j]
        elif state[j] == FREE:
            n += 1
    if n_free <= 0 or n == 0:
        return total, -np.inf, np.inf
    free = np.empty(n)
    n = 0
    for j in range(n_columns):
        if state[j] == FREE:
            free[n] = score[j]
            n += 1
    if n_free >= n:
        for j in range(n_columns):
            if state[j] == FREE:
                x[j] = 1.0
                total += score[j]
        return total, free.max(), np.inf
    part = np.partition(free, n_free)
    above = part[n_free]
    threshold = part[:n_free].max()
    left = n_free
    for j in range(n_columns):
        if state[j] == FREE and score[j] < threshold:
            x[j] = 1.0
            total += score[j]
            left -= 1
    for j in range(n_columns):
        if left > 0 and state[j] == FREE and score[j] == threshold:
            x[j] = 1.0
            total += score[j]
            left -= 1
    return total, threshold, above


@njit(cache=True, nogil=True)
def dual(
    rptr: Array,
    rsite: Array,
    rcost: Array,
    beyond: Array,
    state: Array,
    n_free: int,
    v: Array,
    target: float,
    n_steps: int,
    enough: float,
    theta: float,
    alpha: float,
) -> Any:
    """Raise the Lagrangian bound of the p-median by the volume algorithm (Barahona and Anbil 2000).

    The rows ``sum z = 1`` are relaxed with prices v (at most `beyond`):
    ``L(v) = sum(v) + the n_free lowest sums of min(0, cost - v) over the points of a column``.

    Returns the best bound, its prices, scores and choice, the averaged choice, and the scores of the last
    column in and the first one out.
    """
    n, n_columns = len(beyond), len(state)
    best, best_v = -np.inf, v.copy()
    best_score, best_x = np.zeros(n_columns), np.zeros(n_columns)
    best_in, best_out = -np.inf, np.inf
    v = v.copy()
    score, x, mean = np.empty(n_columns), np.zeros(n_columns), np.zeros(n_columns)
    slack, mean_slack = np.empty(n), np.zeros(n)
    red, at_last_check = 0, -np.inf
    for step in range(n_steps):
        score[:] = 0.0
        base = 0.0
        for u in range(n):
            base += v[u]
            for a in range(rptr[u], rptr[u + 1]):
                if rcost[a] >= v[u]:
                    break
                score[rsite[a]] += rcost[a] - v[u]
        total, threshold, above = _chosen(score, state, n_free, x)
        bound = base + total
        agree = 0.0
        for u in range(n):
            g = 1.0 if v[u] < beyond[u] else 0.0
            for a in range(rptr[u], rptr[u + 1]):
                if rcost[a] >= v[u]:
                    break
                g -= x[rsite[a]]
            slack[u] = g
            agree += g * mean_slack[u]
        share = 1.0 if step == 0 else alpha
        for j in range(n_columns):
            mean[j] += share * (x[j] - mean[j])
        for u in range(n):
            mean_slack[u] += share * (slack[u] - mean_slack[u])
        if bound > best:
            if bound > best + 1e-6 * abs(best):
                red = 0
                if agree > 0.0:
                    theta = min(theta * 1.1, 2.0)
            best = bound
            best_v[:] = v
            best_score[:] = score
            best_x[:] = x
            best_in, best_out = threshold, above
        else:
            red += 1
            if red >= 15:
                theta = max(theta * 0.67, 1e-5)
                red = 0
        if best >= enough:
            break
        if step % 40 == 39:
            if best - at_last_check < 1e-4 * abs(best):
                alpha = max(alpha * 0.7, 0.003)
            if best - at_last_check < 1e-7 * abs(best) and step > 150:
                break
            at_last_check = best
        norm = 0.0
        for u in range(n):
            d = mean_slack[u]
            if not (best_v[u] >= beyond[u] and d > 0.0):
                norm += d * d
        if norm < 1e-12:
            break
        length = theta * max(target - best, 1e-6 * abs(best)) / norm
        for u in range(n):
            v[u] = min(max(best_v[u] + length * mean_slack[u], 0.0), beyond[u])
    return best, best_v, best_score, best_x, mean, best_in, best_out


@njit(cache=True, nogil=True)
def dual_again(
    rptr: Array,
    rsite: Array,
    rcost: Array,
    beyond: Array,
    state: Array,
    n_free: int,
    v: Array,
    target: float,
    n_steps: int,
    enough: float,
    theta: float,
) -> Any:
    """Raise the bound from prices that are nearly right already: plain subgradients that never go back.

    Returns what :func:`dual` returns.
    """
    n, n_columns = len(beyond), len(state)
    best, best_v = -np.inf, v.copy()
    best_score, best_x = np.zeros(n_columns), np.zeros(n_columns)
    best_in, best_out = -np.inf, np.inf
    v = v.copy()
    score, x, mean = np.empty(n_columns), np.zeros(n_columns), np.zeros(n_columns)
    slack = np.zeros(n)
    red = 0
    for step in range(n_steps):
        score[:] = 0.0
        base = 0.0
        for u in range(n):
            base += v[u]
            for a in range(rptr[u], rptr[u + 1]):
                if rcost[a] >= v[u]:
                    break
                score[rsite[a]] += rcost[a] - v[u]
        total, threshold, above = _chosen(score, state, n_free, x)
        bound = base + total
        share = max(0.04, 1.0 / (step + 1.0))
        for j in range(n_columns):
            mean[j] += share * (x[j] - mean[j])
        if bound > best:
            best = bound
            best_v[:] = v
            best_score[:] = score
            best_x[:] = x
            best_in, best_out = threshold, above
            red = 0
        else:
            red += 1
            if red >= 8:
                theta *= 0.6
                red = 0
        if best >= enough or theta < 1e-5:
            break
        norm = 0.0
        for u in range(n):
            g = 1.0 if v[u] < beyond[u] else 0.0
            for a in range(rptr[u], rptr[u + 1]):
                if rcost[a] >= v[u]:
                    break
                g -= x[rsite[a]]
            slack[u] = g + 0.6 * slack[u]
            norm += slack[u] * slack[u]
        if norm < 1e-12:
            break
        length = theta * max(target - bound, 1e-6 * abs(bound)) / norm
        for u in range(n):
            v[u] = min(max(v[u] + length * slack[u], 0.0), beyond[u])
    return best, best_v, best_score, best_x, mean, best_in, best_out
