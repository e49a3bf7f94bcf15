"""Loops behind the exact area of overlapping discs: which arcs are exposed, what polygon edges cut.

Every loop is a plain function that runs as it stands on small input and compiled on large input
(:func:`loops`), so both give the same answer and a small world never waits for a compiler. They share one
file because the compiler's cache on disk notices changes in the file of the outermost function only.

Circles that coincide are told apart by their position in the strips: the earlier one counts as the
wider one. Two circles always see the same half chord, computed from the same symmetric product, so
their arcs meet even where they barely touch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from cultureplan.measures.disc_strips import Arcs, Cuts, Floats, Ints, Strips

P = ParamSpec("P")
R = TypeVar("R")

TURN = 2.0 * math.pi
FIRST_CHECK = 12  # neighbours after which a circle is first tested for being hidden altogether
SLACK = 1e-6  # share by which a search looks further than it need
FEW = 24  # numbers that are sorted faster by insertion than by a library call


_parts: list[Callable[..., Any]] = []


def _part(function: Callable[P, R]) -> Callable[P, R]:
    """Note a function that compiled loops call, and leave it plain Python for everybody else."""
    _parts.append(function)
    return function


@_part
def _sort(values: Floats, n: int) -> None:
    """Sort the first `n` values in place."""
    if n > FEW:
        values[:n].sort()
        return
    for i in range(1, n):
        value = values[i]
        j = i - 1
        while j >= 0 and values[j] > value:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = value


@_part
def _runs(
    begins: Floats, ends: Floats, n: int, base: int, least: int, most: int, stop: float, out: Floats
) -> int:
    """Write the stretches of [0, stop] that lie in `least` to `most` intervals; return 2 x their number.

    The first `n` of `begins` and of `ends` are sorted each for itself: a count needs no pairing. `base`
    intervals are open at 0.
    """
    count = base
    b = e = written = 0
    at = 0.0
    while True:
        next_begin = begins[b] if b < n else stop
        next_end = ends[e] if e < n else stop
        upto = min(next_begin, next_end)
        if upto > at:
            if least <= count <= most:
                if written > 0 and out[written - 1] == at:
                    out[written - 1] = upto
                else:
                    out[written] = at
                    out[written + 1] = upto
                    written += 2
            at = upto
        if b < n and next_begin <= next_end:
            count += 1
            b += 1
        elif e < n:
            count -= 1
            e += 1
        elif b < n:
            b += 1
        else:
            return written


@_part
def _first_from(values: Floats, start: int, stop: int, bound: float) -> int:
    """Return the first position from `start` whose value is not below `bound`, in sorted values."""
    while start < stop:
        middle = (start + stop) // 2
        if values[middle] < bound:
            start = middle + 1
        else:
            stop = middle
    return start


@_part
def _rows(strips: Strips, octave: int, low: float, high: float) -> tuple[int, int, float, float]:
    """Return first, last, lower edge of the first and height of the strips that meet low <= y <= high.

    None do where last < first.
    """
    first, beyond = strips.octave_row[octave], strips.octave_row[octave + 1]
    y, height = strips.octave_y[octave], strips.octave_height[octave]
    down = max(math.floor((low - y) / height), 0.0)
    up = min(math.floor((high - y) / height), float(beyond - 1 - first))
    return first + int(down), first + int(up), y + down * height, height


@_part
def _quarter_turns(dx: float, dy: float) -> float:
    """Return the direction of a vector as a number in [0, 4) that grows with its angle."""
    if dy >= 0.0:
        turns = dy / (dx + dy) if dx >= 0.0 else 1.0 - dx / (dy - dx)
    else:
        turns = 2.0 + dy / (dx + dy) if dx < 0.0 else 3.0 + dx / (dx - dy)
    return turns if turns < 4.0 else 0.0


@_part
def _radians(turns: float) -> float:
    """Return the angle of a direction given by :func:`_quarter_turns`, in [0, 2 pi]."""
    quarter = min(math.floor(turns), 3.0)
    part = turns - quarter
    return 0.25 * TURN * quarter + math.atan2(part, 1.0 - part)


@_part
def _cover(
    strips: Strips, i: int, level: int, begins: Floats, ends: Floats, out: Floats, cursor: Ints
) -> tuple[int, int]:
    """Collect the intervals in which circle i lies in other discs, in :func:`_quarter_turns`.

    `cursor` remembers the place in each strip from circle to circle; any numbers will do at first.

    Returns their number (begins and ends sorted each for itself) and how many of
    the discs hold its point at 0; (0, -1) if more than `level` discs hold every point of the circle.
    """
    x, y, r, row_start = strips.x, strips.y, strips.r, strips.row_start
    xi, yi, ri = x[i], y[i], r[i]
    base = whole = n = 0
    check_at = FIRST_CHECK
    # Wide discs first: they are the ones that hide others whole.
    for octave in range(len(strips.octave_reach) - 1, -1, -1):
        reach = ri + strips.octave_reach[octave]
        first, last, bottom, height = _rows(strips, octave, yi - reach, yi + reach)
        home = min(max(first + int((yi - bottom) / height), first), last)
        # The own strip first, then outwards: near discs are the ones that hide a circle.
        for step in range(2 * max(home - first, last - home) + 1 if last >= first else 0):
            row = home + (step + 1) // 2 if step % 2 else home - step // 2
            if row < first or row > last:
                continue
            start, stop = row_start[row], row_start[row + 1]
            # Circles come sorted by x, so the place in a strip mostly moves on by a step or two.
            right = max(cursor[row], start)
            if right == start or x[right - 1] >= xi:
                right = _first_from(x, start, stop, xi)
            while right < stop and x[right] < xi:
                right += 1
            cursor[row] = right
            left = right - 1
            go_left = False
            while True:
                dx_left = xi - x[left] if left >= start else reach
                dx_right = x[right] - xi if right < stop else reach
                if dx_left >= reach and dx_right >= reach:
                    break
                go_left = not go_left
                if (go_left and dx_left < reach) or dx_right >= reach:
                    j = left
                    left -= 1
                else:
                    j = right
                    right += 1
                if j == i:
                    continue
                dx, dy = x[j] - xi, y[j] - yi
                rj = r[j]
                square = dx * dx + dy * dy
                total = ri + rj
                if square >= total * total:
                    continue
                differ = ri - rj
                if square <= differ * differ:
                    if differ < 0.0 or (differ == 0.0 and j < i):
                        whole += 1
                        if whole > level:
                            return 0, -1
                    continue
                # The common points are a d +- h d', d the way to the other centre, d' at right angles.
                distance = math.sqrt(square)
                product = (total + distance) * (total - distance)
                product *= (distance + differ) * (distance - differ)
                h = math.sqrt(max(product, 0.0))
                a = square + differ * total
                begin = _quarter_turns(a * dx + h * dy, a * dy - h * dx)
                end = _quarter_turns(a * dx - h * dy, a * dy + h * dx)
                length = end - begin if end >= begin else end - begin + 4.0
                # Rounding may swap the ends of an interval that is next to nothing or next to everything.
                if a > 0.0 and length > 3.0:
                    continue
                if a < 0.0 and length < 1.0:
                    whole += 1
                    if whole > level:
                        return 0, -1
                    continue
                if end < begin:
                    base += 1
                begins[n] = begin
                ends[n] = end
                n += 1
                if n == check_at:
                    _sort(begins, n)
                    _sort(ends, n)
                    if _runs(begins, ends, n, base + whole, 0, level, 4.0, out) == 0:
                        return 0, -1
                    check_at *= 2
    _sort(begins, n)
    _sort(ends, n)
    return n, base + whole


def exposed_arcs(strips: Strips, level: int, first: int, last: int) -> Arcs:
    """Return the arcs that lie in exactly `level` other discs: the rim of what `level + 1` discs cover.

    Parameters
    ----------
    strips : Strips
        The discs.
    level : int
        Number of other discs.
    first, last : int
        Circles whose arcs are wanted, `last` excluded, so that threads can share the work.
    """
    n = len(strips.x)
    begins, ends, out = np.empty(n), np.empty(n), np.empty(4 * n + 4)
    cursor = np.zeros(len(strips.row_start), np.int64)
    size = 4 * (last - first) + 16
    disc, begin, end = np.empty(size, np.int64), np.empty(size), np.empty(size)
    found = 0
    for i in range(first, last):
        m, base = _cover(strips, i, level, begins, ends, out, cursor)
        if base < 0:
            continue
        written = _runs(begins, ends, m, base, level, level, 4.0, out)
        while found + written // 2 > size:
            disc = np.concatenate((disc, np.empty(size, np.int64)))
            begin = np.concatenate((begin, np.empty(size)))
            end = np.concatenate((end, np.empty(size)))
            size *= 2
        for q in range(0, written, 2):
            disc[found] = i
            begin[found] = _radians(out[q])
            end[found] = _radians(out[q + 1])
            found += 1
    return Arcs(disc[:found].copy(), begin[:found].copy(), end[:found].copy())


@_part
def _angle(dx: float, dy: float) -> float:
    """Return the direction of a vector in [0, 2 pi)."""
    angle = math.atan2(dy, dx)
    if angle < 0.0:
        angle += TURN
    return angle if angle < TURN else 0.0


@_part
def _edge_in_disc(ax: float, ay: float, bx: float, by: float, r: float) -> tuple[float, float, int]:
    """Return the stretch of edge a-b, metres from a, in a disc round the origin, and which ends it crosses.

    The last value is 0 for no end, 1 for the first, 2 for the second, 3 for both, -1 for no stretch at
    all. Whether an end of the edge is in the disc is asked of the vertex alone, so the two edges that
    share a vertex always agree and a ring enters a disc as often as it leaves it.
    """
    dx, dy = bx - ax, by - ay
    length = math.sqrt(dx * dx + dy * dy)
    a_in = ax * ax + ay * ay <= r * r
    b_in = bx * bx + by * by <= r * r
    if a_in and b_in:
        return 0.0, length, 0
    if length == 0.0:
        return 0.0, 0.0, -1
    dx, dy = dx / length, dy / length
    foot = -(ax * dx + ay * dy)
    away = abs(ax * dy - ay * dx)
    square = (r - away) * (r + away)
    if not a_in and not b_in and (square <= 0.0 or foot <= 0.0 or foot >= length):
        return 0.0, 0.0, -1
    half = math.sqrt(max(square, 0.0))
    begin = 0.0 if a_in else min(max(foot - half, 0.0), length)
    end = length if b_in else max(min(foot + half, length), begin)
    return begin, end, (0 if a_in else 1) + (0 if b_in else 2)


def cut_edges(
    strips: Strips, edges: Floats, owner: Ints, exposed: NDArray[np.bool_], level: int
) -> tuple[Floats, Cuts]:
    """Return the area term of each edge's part in more than `level` discs, and where edges cross circles.

    Parameters
    ----------
    strips : Strips
        The discs.
    edges : array of float, shape (m, 4)
        ax, ay, bx, by with the polygon on the left, metres, grouped by polygon.
    owner : array of int, shape (m,)
        Polygon of each edge.
    exposed : array of bool, shape (n,)
        Discs whose crossings are wanted.
    level : int
        One less than the number of discs that must cover.

    Returns
    -------
    terms : array of float, shape (m,)
        Half the integral of x dy - y dx, m2.
    cuts : Cuts
    """
    n = len(strips.x)
    terms = np.zeros(len(edges))
    begins, ends, out = np.empty(n), np.empty(n), np.empty(4 * n + 4)
    touched_by = np.full(n, -1, np.int64)
    size = 64
    polygon, disc = np.empty(size, np.int64), np.empty(size, np.int64)
    angle, turn = np.empty(size), np.empty(size, np.int64)
    found = 0
    for g in range(len(edges)):
        ax, ay, bx, by = edges[g, 0], edges[g, 1], edges[g, 2], edges[g, 3]
        length = math.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay))
        m = 0
        for octave in range(len(strips.octave_reach)):
            reach = strips.octave_reach[octave] * (1.0 + SLACK)
            first, last, bottom, height = _rows(strips, octave, min(ay, by) - reach, max(ay, by) + reach)
            for row in range(first, last + 1):
                # Only the part of a long edge that this strip's discs can reach.
                low, high = min(ax, bx), max(ax, bx)
                if ay != by:
                    base = bottom + (row - first) * height
                    s = (base - reach - SLACK * height - ay) / (by - ay)
                    t = (base + reach + (1.0 + SLACK) * height - ay) / (by - ay)
                    s, t = max(min(s, t), 0.0), min(max(s, t), 1.0)
                    xs, xt = ax + s * (bx - ax), ax + t * (bx - ax)
                    low, high = max(low, min(xs, xt)), min(high, max(xs, xt))
                start, stop = strips.row_start[row], strips.row_start[row + 1]
                for j in range(_first_from(strips.x, start, stop, low - reach), stop):
                    if strips.x[j] > high + reach:
                        break
                    x, y, r = strips.x[j], strips.y[j], strips.r[j]
                    begin, end, crossed = _edge_in_disc(ax - x, ay - y, bx - x, by - y, r)
                    if crossed < 0:
                        continue
                    begins[m] = begin
                    ends[m] = end
                    m += 1
                    if not exposed[j] or (crossed == 0 and touched_by[j] == owner[g]):
                        continue
                    touched_by[j] = owner[g]
                    if found + 2 > size:
                        polygon = np.concatenate((polygon, np.empty(size, np.int64)))
                        disc = np.concatenate((disc, np.empty(size, np.int64)))
                        angle = np.concatenate((angle, np.empty(size)))
                        turn = np.concatenate((turn, np.empty(size, np.int64)))
                        size *= 2
                    if crossed == 0:
                        polygon[found], disc[found], angle[found], turn[found] = owner[g], j, 0.0, 0
                        found += 1
                    for side in range(2):
                        if crossed & (1 + side):
                            at = (end if side else begin) / length
                            polygon[found], disc[found] = owner[g], j
                            angle[found] = _angle(ax - x + at * (bx - ax), ay - y + at * (by - ay))
                            # Inwards over the rim, the polygon's left is the clockwise side.
                            turn[found] = 1 if side else -1
                            found += 1
        _sort(begins, m)
        _sort(ends, m)
        written = _runs(begins, ends, m, 0, level + 1, n, length, out)
        inside = 0.0
        for q in range(0, written, 2):
            inside += out[q + 1] - out[q]
        if inside > 0.0:
            terms[g] = 0.5 * (ax * by - ay * bx) * (inside / length)
    cuts = Cuts(polygon[:found].copy(), disc[:found].copy(), angle[:found].copy(), turn[:found].copy())
    return terms, cuts


@_part
def _arc_term(x: float, y: float, r: float, begin: float, end: float) -> float:
    """Return half the integral of x dy - y dx along an arc, m2."""
    across = math.sin(end) - math.sin(begin)
    up = math.cos(end) - math.cos(begin)
    return 0.5 * r * (r * (end - begin) + x * across - y * up)


def arc_terms(strips: Strips, arcs: Arcs) -> Floats:
    """Return half the integral of x dy - y dx along each arc, shape (n,), m2."""
    terms = np.empty(len(arcs.disc))
    for q in range(len(arcs.disc)):
        i = arcs.disc[q]
        terms[q] = _arc_term(strips.x[i], strips.y[i], strips.r[i], arcs.begin[q], arcs.end[q])
    return terms


def clipped_arc_terms(
    strips: Strips, arcs: Arcs, arc_start: Ints, cuts: Cuts, pair_start: Ints, at_zero: Ints
) -> Floats:
    """Return the area term of the arcs of one circle inside one polygon, for each pair of the two, m2.

    Parameters
    ----------
    strips, arcs : Strips, Arcs
        The discs and their exposed arcs.
    arc_start : array of int, shape (n_discs + 1,)
        Where the arcs of each disc begin.
    cuts : Cuts
        Crossings sorted by polygon, disc and angle.
    pair_start : array of int, shape (n_pairs + 1,)
        Where the crossings of each pair begin.
    at_zero : array of int, shape (n_pairs,)
        1 where the circle's point at angle 0 is in the polygon.
    """
    terms = np.zeros(len(at_zero))
    for p in range(len(at_zero)):
        i = cuts.disc[pair_start[p]]
        x, y, r = strips.x[i], strips.y[i], strips.r[i]
        for q in range(arc_start[i], arc_start[i + 1]):
            inside = at_zero[p]
            low = 0.0
            for c in range(pair_start[p], pair_start[p + 1] + 1):
                high = cuts.angle[c] if c < pair_start[p + 1] else TURN
                begin, end = max(low, arcs.begin[q]), min(high, arcs.end[q])
                if inside != 0 and end > begin:
                    terms[p] += inside * _arc_term(x, y, r, begin, end)
                if c < pair_start[p + 1]:
                    inside += cuts.turn[c]
                    low = high
    return terms


class Loops(NamedTuple):
    """The loops of this module, plain or compiled."""

    exposed_arcs: Callable[[Strips, int, int, int], Arcs]
    cut_edges: Callable[[Strips, Floats, Ints, NDArray[np.bool_], int], tuple[Floats, Cuts]]
    arc_terms: Callable[[Strips, Arcs], Floats]
    clipped_arc_terms: Callable[[Strips, Arcs, Ints, Cuts, Ints, Ints], Floats]


@cache
def loops(*, compiled: bool) -> Loops:
    """Return the loops as plain Python, or compiled (once, then cached on disk)."""
    plain: tuple[Any, ...] = (exposed_arcs, cut_edges, arc_terms, clipped_arc_terms)
    if not compiled:
        return Loops(*plain)
    # Imported here, so that a small world does not wait for the compiler's own import either.
    from numba import njit
    from numba.extending import register_jitable

    for part in _parts:
        register_jitable(part)
    return Loops(*(njit(cache=True, nogil=True)(function) for function in plain))
