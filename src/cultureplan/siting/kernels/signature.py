"""People to classes without pairs: a 128-bit key of the sites that cover each point, merged in a table."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numba import njit

Array: TypeAlias = np.ndarray


@njit(cache=True, nogil=True)
def merge(
    demand_xy: Array,
    persons: Array,
    site_xy: Array,
    low: Array,
    cell: float,
    columns: int,
    rows: int,
    starts: Array,
    order: Array,
    square: float,
    keys: Array,
    class_of: Array,
) -> Any:
    """Write the class of each point; return the first point and the persons of every class.

    Sites lie in square cells no smaller than the radius; `keys` holds two random 64-bit numbers a site.
    The key of a point is the sum of those of its sites, whatever their order.
    """
    size = 1 << 12
    table = np.full(size, -1, dtype=np.int64)
    one = np.empty(size, dtype=np.uint64)
    two = np.empty(size, dtype=np.uint64)
    first = np.empty(size, dtype=np.int64)
    weight = np.zeros(size)
    n = 0
    for i in range(len(demand_xy)):
        x, y = demand_xy[i, 0], demand_xy[i, 1]
        column, row = int(np.floor((x - low[0]) / cell)), int(np.floor((y - low[1]) / cell))
        a, b = np.uint64(0), np.uint64(0)
        for r in range(max(row - 1, 0), min(row + 2, rows)):
            for c in range(max(column - 1, 0), min(column + 2, columns)):
                at = r * columns + c
                for k in range(starts[at], starts[at + 1]):
                    site = order[k]
                    dx, dy = x - site_xy[site, 0], y - site_xy[site, 1]
                    if dx * dx + dy * dy <= square:
                        a += keys[site, 0]
                        b += keys[site, 1]
        slot = np.int64(a & np.uint64(size - 1))
        while table[slot] >= 0 and (one[table[slot]] != a or two[table[slot]] != b):
            slot = (slot + 1) & (size - 1)
        if table[slot] < 0:
            table[slot] = n
            one[n], two[n], first[n] = a, b, i
            n += 1
        found = table[slot]
        class_of[i] = found
        weight[found] += persons[i]
        if 2 * n >= size:
            wider = size * 4
            new_table = np.full(wider, -1, dtype=np.int64)
            new_one, new_two = np.empty(wider, dtype=np.uint64), np.empty(wider, dtype=np.uint64)
            new_first, new_weight = np.empty(wider, dtype=np.int64), np.zeros(wider)
            new_one[:n], new_two[:n], new_first[:n], new_weight[:n] = one[:n], two[:n], first[:n], weight[:n]
            for k in range(n):
                slot = np.int64(one[k] & np.uint64(wider - 1))
                while new_table[slot] >= 0:
                    slot = (slot + 1) & (wider - 1)
                new_table[slot] = k
            table, one, two, first, weight, size = new_table, new_one, new_two, new_first, new_weight, wider
    return first[:n].copy(), weight[:n].copy()
