"""Covering kernels: swap search with a tabu list, and the Lagrangian dual by subgradients.

Rows are classes of demand points with a weight, columns are sites. ``rptr, ridx`` list the columns of
each row, ``cptr, cidx`` the rows of each column.
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
    x ^= (x << np.uint64(13)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    x ^= x >> np.uint64(7)
    x ^= (x << np.uint64(17)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    state[0] = x
    return x


@njit(cache=True, nogil=True)
def _open(
    j: Any,
    rptr: Array,
    ridx: Array,
    cptr: Array,
    cidx: Array,
    weight: Array,
    count: Array,
    owner: Array,
    gain: Array,
    loss: Array,
) -> Any:
    covered = 0.0
    for a in range(cptr[j], cptr[j + 1]):
        r = cidx[a]
        w = weight[r]
        if count[r] == 0:
            covered += w
            for b in range(rptr[r], rptr[r + 1]):
                gain[ridx[b]] -= w
            loss[j] += w
        elif count[r] == 1:
            loss[owner[r]] -= w
        count[r] += 1
        owner[r] += j
    return covered


@njit(cache=True, nogil=True)
def _close(
    j: Any,
    rptr: Array,
    ridx: Array,
    cptr: Array,
    cidx: Array,
    weight: Array,
    count: Array,
    owner: Array,
    gain: Array,
    loss: Array,
) -> Any:
    lost = 0.0
    for a in range(cptr[j], cptr[j + 1]):
        r = cidx[a]
        w = weight[r]
        count[r] -= 1
        owner[r] -= j
        if count[r] == 0:
            lost += w
            for b in range(rptr[r], rptr[r + 1]):
                gain[ridx[b]] += w
        elif count[r] == 1:
            loss[owner[r]] += w
    loss[j] = 0.0
    return lost


@njit(cache=True, nogil=True)
def _best_swap(
    cptr: Array,
    cidx: Array,
    weight: Array,
    count: Array,
    owner: Array,
    gain: Array,
    loss: Array,
    sites: Array,
    is_open: Array,
    tabu: Array,
    step: int,
    value: float,
    best: float,
    noise: Array,
) -> Any:
    """Return (in, out, change) of the best swap that is not forbidden, or that beats everything so far."""
    out = -1
    least = np.inf
    for k in range(len(sites)):
        j = sites[k]
        if tabu[j] <= step and loss[j] < least:
            least, out = loss[j], j
    anyway = -1
    least_anyway = np.inf
    for k in range(len(sites)):
        if loss[sites[k]] < least_anyway:
            least_anyway, anyway = loss[sites[k]], sites[k]
    extra = np.zeros(len(loss))
    touched = np.empty(len(sites), dtype=np.int64)
    ties = 0
    change, chosen_in, chosen_out = -np.inf, -1, -1
    for i in range(len(gain)):
        if is_open[i]:
            continue
        n = 0
        for a in range(cptr[i], cptr[i + 1]):
            r = cidx[a]
            if count[r] == 1 and weight[r] > 0:
                j = owner[r]
                if extra[j] == 0.0:
                    touched[n] = j
                    n += 1
                extra[j] += weight[r]
        may = tabu[i] <= step
        for k in range(n + 2):
            if k < n:
                j = touched[k]
            elif k == n:
                j = out
            else:
                j = anyway
            if j < 0:
                continue
            delta = gain[i] - loss[j] + extra[j]
            if not (may and tabu[j] <= step) and value + delta <= best + 1e-9:
                continue
            if delta > change + 1e-9:
                change, chosen_in, chosen_out = delta, i, j
                ties = 1
            elif delta > change - 1e-9:
                ties += 1
                if _next(noise) % np.uint64(ties) == 0:
                    chosen_in, chosen_out = i, j
        for k in range(n):
            extra[touched[k]] = 0.0
    return chosen_in, chosen_out, change


@njit(cache=True, nogil=True)
def start_state(rptr: Array, ridx: Array, cptr: Array, cidx: Array, weight: Array, sites: Array) -> Any:
    """Return count, owner, gain, loss and the covered weight of some open sites."""
    n_rows, n_columns = len(rptr) - 1, len(cptr) - 1
    count = np.zeros(n_rows, dtype=np.int64)
    owner = np.zeros(n_rows, dtype=np.int64)
    gain = np.zeros(n_columns)
    loss = np.zeros(n_columns)
    for r in range(n_rows):
        for b in range(rptr[r], rptr[r + 1]):
            gain[ridx[b]] += weight[r]
    value = 0.0
    for k in range(len(sites)):
        value += _open(sites[k], rptr, ridx, cptr, cidx, weight, count, owner, gain, loss)
    return count, owner, gain, loss, value


@njit(cache=True, nogil=True)
def greedy(rptr: Array, ridx: Array, cptr: Array, cidx: Array, weight: Array, n_open: int) -> Any:
    """Return `n_open` sites, each the one that adds most (the first by number among equals)."""
    sites = np.empty(n_open, dtype=np.int64)
    count, owner, gain, loss, _ = start_state(rptr, ridx, cptr, cidx, weight, sites[:0])
    is_open = np.zeros(len(gain), dtype=np.bool_)
    for k in range(n_open):
        best = -1
        for i in range(len(gain)):
            if not is_open[i] and (best < 0 or gain[i] > gain[best]):
                best = i
        is_open[best] = True
        sites[k] = best
        _open(best, rptr, ridx, cptr, cidx, weight, count, owner, gain, loss)
    return sites


@njit(cache=True, nogil=True)
def swap_search(
    rptr: Array,
    ridx: Array,
    cptr: Array,
    cidx: Array,
    weight: Array,
    sites: Array,
    n_steps: int,
    patience: int,
    seed: int,
) -> Any:
    """Improve a set of open sites by swaps: always the best one that the tabu list allows.

    Stops after `n_steps` swaps, or `patience` swaps without a better answer. Returns the best sites, their
    covered weight, and the number of swaps made.
    """
    noise = np.array([seed * 2654435761 + 88172645463325252], dtype=np.uint64)
    sites = sites.copy()
    n_open = len(sites)
    count, owner, gain, loss, value = start_state(rptr, ridx, cptr, cidx, weight, sites)
    is_open = np.zeros(len(gain), dtype=np.bool_)
    for k in range(n_open):
        is_open[sites[k]] = True
    best, best_sites = value, sites.copy()
    tabu = np.zeros(len(gain), dtype=np.int64)
    tenure_in, tenure_out = max(1, n_open // 6), max(1, min(10, (len(gain) - n_open) // 3))
    idle = 0
    done = 0
    for step in range(n_steps):
        i, j, _ = _best_swap(
            cptr, cidx, weight, count, owner, gain, loss, sites, is_open, tabu, step, value, best, noise
        )
        if i < 0:
            break
        done += 1
        value -= _close(j, rptr, ridx, cptr, cidx, weight, count, owner, gain, loss)
        value += _open(i, rptr, ridx, cptr, cidx, weight, count, owner, gain, loss)
        is_open[j], is_open[i] = False, True
        for k in range(n_open):
            if sites[k] == j:
                sites[k] = i
        tabu[i] = step + 1 + tenure_in // 2 + np.int64(_next(noise) % np.uint64(tenure_in + 1))
        tabu[j] = step + 1 + tenure_out // 2 + np.int64(_next(noise) % np.uint64(tenure_out + 1))
        idle += 1
        if value > best + 1e-9:
            best, best_sites = value, sites.copy()
            idle = 0
        if idle >= patience:
            break
    return best_sites, best, done


@njit(cache=True, nogil=True)
def anneal(
    rptr: Array,
    ridx: Array,
    cptr: Array,
    cidx: Array,
    weight: Array,
    sites: Array,
    n_moves: int,
    hot: float,
    cold: float,
    seed: int,
) -> Any:
    """Improve a set of open sites by random swaps, mostly to a near site, while it cools.

    Returns the best sites and their covered weight.
    """
    noise = np.array([seed * 2654435761 + 88172645463325252], dtype=np.uint64)
    sites = sites.copy()
    n_open = len(sites)
    count, owner, gain, loss, value = start_state(rptr, ridx, cptr, cidx, weight, sites)
    n_columns = len(gain)
    is_open = np.zeros(n_columns, dtype=np.bool_)
    for k in range(n_open):
        is_open[sites[k]] = True
    best, best_sites = value, sites.copy()
    heat = hot
    cooling = (cold / hot) ** (1.0 / max(1.0, n_moves / 64.0))
    for move in range(n_moves):
        if move % 64 == 63:
            heat *= cooling
        at = np.int64(_next(noise) % np.uint64(n_open))
        j = sites[at]
        width = cptr[j + 1] - cptr[j]
        if width > 0 and _next(noise) % np.uint64(8) != 0:
            r = cidx[cptr[j] + np.int64(_next(noise) % np.uint64(width))]
            i = np.int64(ridx[rptr[r] + np.int64(_next(noise) % np.uint64(rptr[r + 1] - rptr[r]))])
        else:
            i = np.int64(_next(noise) % np.uint64(n_columns))
        if is_open[i]:
            continue
        delta = gain[i] - loss[j]
        # draw the level to beat first: most moves are refused before the overlap is counted
        u = (np.float64(_next(noise) >> np.uint64(11)) + 1.0) / 9007199254740993.0
        level = heat * np.log(u)
        if delta + loss[j] < level:
            continue
        for a in range(cptr[i], cptr[i + 1]):
            r = cidx[a]
            if count[r] == 1 and owner[r] == j:
                delta += weight[r]
        if delta < level:
            continue
        value -= _close(j, rptr, ridx, cptr, cidx, weight, count, owner, gain, loss)
        value += _open(i, rptr, ridx, cptr, cidx, weight, count, owner, gain, loss)
        is_open[j], is_open[i] = False, True
        sites[at] = i
        if value > best + 1e-9:
            best = value
            best_sites[:] = sites
    return best_sites, best


@njit(cache=True, nogil=True)
def _chosen(score: Array, state: Array, n_free: int, x: Array) -> Any:
    """Open the `n_free` free sites of the highest score besides the forced ones; return their score sum."""
    n = 0
    for j in range(len(score)):
        x[j] = 1.0 if state[j] == OPEN else 0.0
        n += state[j] == FREE
    total = 0.0
    for j in range(len(score)):
        if state[j] == OPEN:
            total += score[j]
    if n_free <= 0 or n == 0:
        return total, np.inf, -np.inf
    free = np.empty(n)
    n = 0
    for j in range(len(score)):
        if state[j] == FREE:
            free[n] = score[j]
            n += 1
    if n_free >= n:
        for j in range(len(score)):
            if state[j] == FREE:
                x[j] = 1.0
                total += score[j]
        return total, free.min(), -np.inf
    part = np.partition(free, n - n_free)
    threshold = part[n - n_free]
    below = part[: n - n_free].max()
    left = n_free
    for j in range(len(score)):
        if state[j] == FREE and score[j] > threshold:
            x[j] = 1.0
            total += score[j]
            left -= 1
    for j in range(len(score)):
        if left > 0 and state[j] == FREE and score[j] == threshold:
            x[j] = 1.0
            total += score[j]
            left -= 1
    return total, threshold, below


@njit(cache=True, nogil=True)
def dual(
    rptr: Array,
    ridx: Array,
    weight: Array,
    state: Array,
    n_free: int,
    u: Array,
    target: float,
    n_steps: int,
    enough: float,
) -> Any:
    """Lower the Lagrangian bound of maximal coverage by the volume algorithm (Barahona and Anbil 2000).

    The rows ``y <= sum x`` are relaxed with prices u between 0 and the weight:
    ``L(u) = sum(w - u) + the n_free best sums of u over the rows of a column``.

    Parameters: `state` (FREE, CLOSED, OPEN a column), `n_free` columns to choose, start prices `u`, the
    best known value `target`, steps, and a bound at which to stop. Returns the best bound, its prices, its
    column scores, the averaged choice, and the scores of the last column in and the first one out.
    """
    n_rows, n_columns = len(weight), len(state)
    best, best_u, best_score = np.inf, u.copy(), np.zeros(n_columns)
    best_in, best_out = np.inf, -np.inf
    u = u.copy()
    score, x, mean = np.empty(n_columns), np.zeros(n_columns), np.zeros(n_columns)
    slack, mean_slack = np.empty(n_rows), np.zeros(n_rows)
    theta, alpha = 0.1, 0.1
    red, at_last_check = 0, np.inf
    for step in range(n_steps):
        score[:] = 0.0
        base = 0.0
        for r in range(n_rows):
            base += weight[r] - u[r]
            if u[r] > 0.0:
                for b in range(rptr[r], rptr[r + 1]):
                    score[ridx[b]] += u[r]
        total, threshold, below = _chosen(score, state, n_free, x)
        bound = base + total
        agree = 0.0
        for r in range(n_rows):
            g = -1.0 if u[r] < weight[r] else 0.0
            for b in range(rptr[r], rptr[r + 1]):
                g += x[ridx[b]]
            slack[r] = g
            agree += g * mean_slack[r]
        share = 1.0 if step == 0 else alpha
        for j in range(n_columns):
            mean[j] += share * (x[j] - mean[j])
        for r in range(n_rows):
            mean_slack[r] += share * (slack[r] - mean_slack[r])
        if bound < best:
            if bound < best - 1e-6 * abs(best):
                red = 0
                if agree > 0.0:
                    theta = min(theta * 1.1, 2.0)
            best = bound
            best_u[:] = u
            best_score[:] = score
            best_in, best_out = threshold, below
        else:
            red += 1
            if red >= 20:
                theta = max(theta * 0.67, 1e-5)
                red = 0
        if best <= enough:
            break
        if step % 50 == 49:
            if at_last_check - best < 1e-4 * abs(best):
                alpha = max(alpha * 0.7, 0.003)
            if at_last_check - best < 1e-7 * abs(best) and step > 200:
                break
            at_last_check = best
        norm = 0.0
        for r in range(n_rows):
            d = mean_slack[r]
            if not ((best_u[r] >= weight[r] and d < 0.0) or (best_u[r] <= 0.0 and d > 0.0)):
                norm += d * d
        if norm < 1e-12:
            break
        length = theta * max(best - target, 1e-6 * abs(best)) / norm
        for r in range(n_rows):
            moved = best_u[r] - length * mean_slack[r]
            u[r] = min(max(moved, 0.0), weight[r])
    return best, best_u, best_score, mean, best_in, best_out
