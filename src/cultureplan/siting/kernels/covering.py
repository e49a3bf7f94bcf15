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


@njit(cache=True)
def _next(state: Array) -> Any:  # xorshift: the same numbers on every machine
    x = state[0]
    x ^= (x << np.uint64(13)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    x ^= x >> np.uint64(7)
    x ^= (x << np.uint64(17)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    state[0] = x
    return x


@njit(cache=True)
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


@njit(cache=True)
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


@njit(cache=True)
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


@njit(cache=True)
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


@njit(cache=True)
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


@njit(cache=True)
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


@njit(cache=True)
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


@njit(cache=True)
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


@njit(cache=True)
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


@njit(cache=True)
def implied(ptr: Array, idx: Array, turned_ptr: Array, turned_idx: Array, alive: Array, cost: Array) -> Any:
    """Return which lists contain another living list that costs no more (the first of equal ones stays).

    With rows as lists of columns: rows that are covered whenever another one is.
    """
    n = len(ptr) - 1
    size = np.zeros(n, dtype=np.int64)
    for r in range(n):
        size[r] = ptr[r + 1] - ptr[r]
    found = np.zeros(n, dtype=np.bool_)
    hits = np.zeros(n, dtype=np.int64)
    for r in range(n):
        if not alive[r]:
            continue
        for a in range(ptr[r], ptr[r + 1]):
            c = idx[a]
            for b in range(turned_ptr[c], turned_ptr[c + 1]):
                hits[turned_idx[b]] += 1
        for a in range(ptr[r], ptr[r + 1]):
            c = idx[a]
            for b in range(turned_ptr[c], turned_ptr[c + 1]):
                s = turned_idx[b]
                if hits[s] == size[s] and s != r and alive[s] and cost[s] <= cost[r] and not found[r]:
                    found[r] = size[s] < size[r] or cost[s] < cost[r] or s < r
                hits[s] = 0
    return found


@njit(cache=True)
def contained(ptr: Array, idx: Array, turned_ptr: Array, turned_idx: Array, alive: Array, cost: Array) -> Any:
    """Return which lists are contained in another living list that costs no more.

    With columns as lists of rows: columns that another one replaces.
    """
    n = len(ptr) - 1
    found = np.zeros(n, dtype=np.bool_)
    hits = np.zeros(n, dtype=np.int64)
    for j in range(n):
        if not alive[j]:
            continue
        size = ptr[j + 1] - ptr[j]
        for a in range(ptr[j], ptr[j + 1]):
            r = idx[a]
            for b in range(turned_ptr[r], turned_ptr[r + 1]):
                hits[turned_idx[b]] += 1
        for a in range(ptr[j], ptr[j + 1]):
            r = idx[a]
            for b in range(turned_ptr[r], turned_ptr[r + 1]):
                k = turned_idx[b]
                if hits[k] == size and k != j and alive[k] and cost[k] <= cost[j] and not found[j]:
                    found[j] = ptr[k + 1] - ptr[k] > size or cost[k] < cost[j] or k < j
                hits[k] = 0
    return found


@njit(cache=True)
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


@njit(cache=True)
def cover_dual(
    rptr: Array,
    ridx: Array,
    cost: Array,
    state: Array,
    u: Array,
    target: float,
    n_steps: int,
    enough: float,
    theta: float,
) -> Any:
    """Raise the Lagrangian bound of set covering by subgradients.

    The rows ``sum x >= 1`` are relaxed with prices u: ``L(u) = sum(u) + sum of the negative reduced costs``.
    Returns the best bound, its prices and reduced costs, and the averaged choice.
    """
    n_rows, n_columns = len(rptr) - 1, len(cost)
    u = u.copy()
    best, best_u, best_reduced = -np.inf, u.copy(), cost.copy()
    reduced, x, mean = np.empty(n_columns), np.zeros(n_columns), np.zeros(n_columns)
    slack = np.zeros(n_rows)
    red = 0
    for step in range(n_steps):
        reduced[:] = cost
        bound = 0.0
        for r in range(n_rows):
            bound += u[r]
            if u[r] > 0.0:
                for b in range(rptr[r], rptr[r + 1]):
                    reduced[ridx[b]] -= u[r]
        for j in range(n_columns):
            x[j] = 0.0
            if state[j] == OPEN or (state[j] == FREE and reduced[j] < 0.0):
                x[j] = 1.0
                bound += reduced[j]
        share = max(0.03, 1.0 / (step + 1.0))
        for j in range(n_columns):
            mean[j] += share * (x[j] - mean[j])
        if bound > best:
            red = 0 if bound > best + 1e-5 * abs(best) else red + 1
            best = bound
            best_u[:] = u
            best_reduced[:] = reduced
        else:
            red += 1
        if red >= 15:
            theta *= 0.6
            red = 0
        if best >= enough or theta < 1e-4:
            break
        norm = 0.0
        for r in range(n_rows):
            g = 1.0
            for b in range(rptr[r], rptr[r + 1]):
                g -= x[ridx[b]]
            if u[r] <= 0.0 and g < 0.0:
                g = 0.0
            slack[r] = g + 0.5 * slack[r]
            norm += slack[r] * slack[r]
        if norm < 1e-12:
            break
        length = theta * max(target - bound, 1e-3) / norm
        for r in range(n_rows):
            u[r] = max(u[r] + length * slack[r], 0.0)
    return best, best_u, best_reduced, mean
