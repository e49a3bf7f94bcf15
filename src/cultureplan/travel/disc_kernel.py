"""The compiled search: people are cut into ever smaller boxes, and each box keeps the sites it must ask.

For a box of people a disc either holds all of them, none, or its rim crosses the box; only the last are
handed down to the boxes inside. So a person meets the few rims that pass near, however many discs he or she
is in. In the same walk a site that is farther from all of the box than another one is to all of the box
cannot be the nearest to anybody there, and is dropped.

The boxes are the tight ones of the people themselves. Subtracting, squaring and adding are rounded in a way
that never reverses an order, so the square that is computed for the far corner of a box is at least, and
that for its near side at most, the square computed for any person in it: dropping and taking whole boxes
gives the same bits as asking everybody.
"""

from __future__ import annotations

import numpy as np

# Measured: asking a few hundred people about a site runs in vector instructions, so small boxes do not pay.
LEAF = 512  # people in a box that is not cut further
FEW = 32  # sites to ask that make cutting a box further not worth it
FAN = 16  # boxes that one box is cut into, at most
_DEPTH = 60  # only people in geometric clusters of clusters come near


def sweep(
    demand: np.ndarray,
    weights: np.ndarray,
    discs: tuple[np.ndarray, np.ndarray, np.ndarray, tuple[int, ...]],
    asked: tuple[np.ndarray, np.ndarray],
    found: tuple[np.ndarray, np.ndarray, np.ndarray],
    site_weights: np.ndarray,
) -> None:
    """Count the discs about each person, find the nearest site, and add up the weights in each disc.

    Parameters
    ----------
    demand : ndarray of float64, shape (n, dims)
        Points in 2 or 3 dimensions.
    weights : ndarray of int64, shape (n_planes, n)
        Whole numbers to add up in each disc; no planes where nothing is.
    discs : tuple
        Sites as ndarray of shape (dims, n_sites); squared radii, shape (n_sites,); the whole number that
        each person in the disc gains, shape (n_sites,); and the axes, (0, 1) in the plane or (0, 1, 2) in
        space, whose number is thus known when the code is compiled.
    asked : tuple of ndarray of int32
        Sites whose discs are counted, and sites that may be the nearest, both rising.
    found : tuple of ndarray, each of shape (n,)
        Written: what each person gains (of the dtype of the gains), nearest site (int32), its square
        (float64). Each is left as it is where no site is asked for it.
    site_weights : ndarray of int64, shape (n_planes, n_sites)
        Added to: the weights in each disc.
    """
    sites, squares, gains, axes = discs
    n, dims = len(demand), len(axes)
    n_planes = weights.shape[0]
    counting, seeking = len(asked[0]) > 0, len(asked[1]) > 0
    gained, nearest, nearest_square = found
    # people, copied so that each box of them is a stretch; cutting moves them from one side to the other
    points = np.empty((2, dims, n))
    order = np.empty((2, n), np.int32)
    carried = np.empty((2, n_planes, n), np.int64)
    for i in range(n):
        order[0, i] = i
        for a in range(dims):
            points[0, a, i] = demand[i, a]
        for p in range(n_planes):
            carried[0, p, i] = weights[p, i]
    # boxes still to do
    todo = _DEPTH * FAN
    start, stop, depth_of = np.empty(todo, np.int64), np.empty(todo, np.int64), np.empty(todo, np.int64)
    # what each depth holds for the box being done there: rims from edge[d, 0] to edge[d, 1] of `rims`,
    # contenders likewise, and what everybody in the box gains
    rims, contenders = np.concatenate((asked[0], asked[0])), np.concatenate((asked[1], asked[1]))
    near, counted = np.empty(len(asked[1])), np.empty(n, gains.dtype)
    best_square, best_site = np.empty(n), np.empty(n, np.int32)
    edge = np.zeros((_DEPTH + 2, 4), np.int64)
    edge[0, 1], edge[0, 3] = len(asked[0]), len(asked[1])
    whole = np.zeros(_DEPTH + 2, gains.dtype)
    low, high, total = np.empty(3), np.empty(3), np.empty(max(n_planes, 1), np.int64)
    cell = np.empty(n, np.uint8)
    bounds = np.empty(FAN + 1, np.int64)
    start[0], stop[0], depth_of[0] = 0, n, 1
    left = 1 if n > 0 else 0
    while left > 0:
        left -= 1
        first, last, depth = start[left], stop[left], depth_of[left]
        side = (depth + 1) % 2
        for a in range(dims):
            least, most = points[side, a, first], points[side, a, first]
            for i in range(first + 1, last):
                value = points[side, a, i]
                least, most = min(least, value), max(most, value)
            low[a], high[a] = least, most
        for p in range(n_planes):
            total[p] = 0
            for i in range(first, last):
                total[p] += carried[side, p, i]

        # which discs hold the box, and which only cross it
        held, end = whole[depth - 1], edge[depth - 1, 1]
        edge[depth, 0] = end
        if len(rims) < end + (end - edge[depth - 1, 0]):
            rims = np.concatenate((rims, np.empty(len(rims), np.int32)))
        for at in range(edge[depth - 1, 0], edge[depth - 1, 1]):
            site = rims[at]
            nearest_corner, farthest_corner = 0.0, 0.0
            for a in range(dims):
                below, above = low[a] - sites[a, site], high[a] - sites[a, site]
                far = max(-below, above)
                farthest_corner += far * far
                gap = max(max(below, -above), 0.0)
                nearest_corner += gap * gap
            if farthest_corner <= squares[site]:
                held += gains[site]
                for p in range(n_planes):
                    site_weights[p, site] += total[p]
            elif nearest_corner <= squares[site]:
                rims[end] = site
                end += 1
        edge[depth, 1], whole[depth] = end, held

        # which sites may be the nearest to somebody here
        end = edge[depth - 1, 3]
        edge[depth, 2] = end
        if len(contenders) < end + (end - edge[depth - 1, 2]):
            contenders = np.concatenate((contenders, np.empty(len(contenders), np.int32)))
        best = np.inf
        for at in range(edge[depth - 1, 2], edge[depth - 1, 3]):
            site = contenders[at]
            nearest_corner, farthest_corner = 0.0, 0.0
            for a in range(dims):
                below, above = low[a] - sites[a, site], high[a] - sites[a, site]
                far = max(-below, above)
                farthest_corner += far * far
                gap = max(max(below, -above), 0.0)
                nearest_corner += gap * gap
            near[at - edge[depth - 1, 2]] = nearest_corner
            best = min(best, farthest_corner)
        for at in range(edge[depth - 1, 2], edge[depth - 1, 3]):
            if near[at - edge[depth - 1, 2]] <= best:
                contenders[end] = contenders[at]
                end += 1
        edge[depth, 3] = end

        n_asked = edge[depth, 1] - edge[depth, 0] + edge[depth, 3] - edge[depth, 2]
        count, widest = last - first, 0
        for a in range(1, dims):
            if high[a] - low[a] > high[widest] - low[widest]:
                widest = a
        extent = high[widest] - low[widest]
        if count > LEAF and n_asked > FEW and extent > 1e-300 and depth < _DEPTH:
            second = 1 - widest if dims == 2 else (widest + 1) % 3
            if dims == 3 and high[(widest + 2) % 3] - low[(widest + 2) % 3] > high[second] - low[second]:
                second = (widest + 2) % 3
            other = high[second] - low[second]
            fan = min(FAN, max(4, count // LEAF))
            columns = fan if other <= extent / fan else min(fan, max(2, int(np.sqrt(fan * extent / other))))
            rows = max(fan // columns, 1)
            across, down = columns / extent, (rows / other if rows > 1 else 0.0)
            bounds[: columns * rows + 1] = 0
            for i in range(first, last):
                column = min(int((points[side, widest, i] - low[widest]) * across), columns - 1)
                row = min(int((points[side, second, i] - low[second]) * down), rows - 1)
                cell[i] = row * columns + column
                bounds[cell[i] + 1] += 1
            bounds[0] = first
            for c in range(columns * rows):
                bounds[c + 1] += bounds[c]
                if bounds[c + 1] > bounds[c]:
                    start[left], stop[left], depth_of[left] = bounds[c], bounds[c + 1], depth + 1
                    left += 1
            for i in range(first, last):
                to = bounds[cell[i]]
                bounds[cell[i]] += 1
                order[1 - side, to] = order[side, i]
                for a in range(dims):
                    points[1 - side, a, to] = points[side, a, i]
                for p in range(n_planes):
                    carried[1 - side, p, to] = carried[side, p, i]
            continue

        xs, ys = points[side, 0, first:last], points[side, 1, first:last]
        zs, who = points[side, dims - 1, first:last], order[side, first:last]
        if counting:
            counts = counted[first:last]
            counts[:] = held
            for at in range(edge[depth, 0], edge[depth, 1]):
                site = rims[at]
                x, y, z = sites[0, site], sites[1, site], sites[dims - 1, site]
                square, gain = squares[site], gains[site]
                for i in range(count):
                    dx, dy = xs[i] - x, ys[i] - y
                    apart = dx * dx + dy * dy
                    if dims == 3:
                        dz = zs[i] - z
                        apart += dz * dz
                    counts[i] += gain if apart <= square else 0
                for p in range(n_planes):
                    added, load = 0, carried[side, p, first:last]
                    for i in range(count):
                        dx, dy = xs[i] - x, ys[i] - y
                        apart = dx * dx + dy * dy
                        if dims == 3:
                            dz = zs[i] - z
                            apart += dz * dz
                        added += load[i] * (apart <= square)
                    site_weights[p, site] += added
            for i in range(count):
                gained[who[i]] = counts[i]
        if seeking:
            smallest, closest = best_square[first:last], best_site[first:last]
            smallest[:], closest[:] = np.inf, -1
            for at in range(edge[depth, 2], edge[depth, 3]):
                site = contenders[at]
                x, y, z = sites[0, site], sites[1, site], sites[dims - 1, site]
                for i in range(count):
                    dx, dy = xs[i] - x, ys[i] - y
                    apart = dx * dx + dy * dy
                    if dims == 3:
                        dz = zs[i] - z
                        apart += dz * dz
                    nearer = apart < smallest[i]
                    smallest[i] = apart if nearer else smallest[i]
                    closest[i] = site if nearer else closest[i]
            for i in range(count):
                nearest[who[i]], nearest_square[who[i]] = closest[i], smallest[i]
