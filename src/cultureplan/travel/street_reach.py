"""The part of the streets from which a facility is reached within a limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from cultureplan.travel.street_graph import Snapped, StreetGraph
from cultureplan.travel.street_search import nodes_along_streets

_POINT = 1e-12  # a stretch shorter than this share of its street is a point


@dataclass(frozen=True, kw_only=True, eq=False)
class Stretches:
    """Stretches of streets, sorted by site and street; those of one site do not overlap.

    Parameters
    ----------
    site : ndarray of int64, shape (n,)
    street : ndarray of int64, shape (n,)
    low, high : ndarray of float64, shape (n,)
        Shares of the drawn line, 0 to 1.
    """

    site: np.ndarray
    street: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def merged(self) -> Stretches:
        """Return the stretches that any site reaches, all as site 0."""
        return _joined(np.zeros_like(self.site), self.street, self.low, self.high)

    def length_m(self, graph: StreetGraph) -> np.ndarray:
        """Return the length of each stretch, metres."""
        return np.asarray((self.high - self.low) * graph.network.length_m[self.street])

    def lines(self, graph: StreetGraph) -> np.ndarray:
        """Return each stretch as a line, shape (n,)."""
        return cut_lines(graph.network.lines[self.street], self.low, self.high)


def reached_stretches(
    graph: StreetGraph, sites: Snapped, *, limit: float, compiled: bool | None = None
) -> Stretches:
    """Return the stretches of street from which each site is reached within a limit.

    Parameters
    ----------
    graph : StreetGraph
    sites : Snapped
        A site beyond the snap limit reaches nothing.
    limit : float
        In the unit of the graph, inclusive.
    compiled : bool, optional
        Which way to take; decided by size where absent.
    """
    start, node, weight = nodes_along_streets(graph, sites, limit=limit, compiled=compiled)
    bound = limit * graph.divisor
    arcs = graph.arcs
    # every arc that leaves a reached node is gone along as far as the rest of the limit carries
    n_arcs = arcs.start[node + 1] - arcs.start[node]
    entry = np.repeat(np.arange(len(node)), n_arcs)
    first = np.cumsum(n_arcs) - n_arcs
    arc = arcs.start[node][entry] + np.arange(len(entry)) - first[entry]
    share = np.minimum((bound - weight[entry]) / arcs.weight[arc], 1.0)
    street, against = graph.arc_streets[arc, 0], graph.arc_streets[arc, 1] == 1
    site = np.repeat(np.arange(len(start) - 1), np.diff(start))[entry]
    low, high = np.where(against, 1.0 - share, 0.0), np.where(against, 1.0, share)
    # and the street a site lies on, to both sides of it
    inner = np.flatnonzero(sites.is_snapped & (sites.share > 0) & (sites.share < 1))
    own, at = sites.street[inner], sites.share[inner]
    rest = bound - sites.distance_m[inner] * graph.off_street_weight
    near = rest >= 0
    own_low = np.maximum(at - rest / graph.inward[own], 0.0)
    own_high = np.minimum(at + rest / graph.outward[own], 1.0)
    return _joined(
        np.concatenate([site, inner[near]]),
        np.concatenate([street, own[near]]),
        np.concatenate([low, own_low[near]]),
        np.concatenate([high, own_high[near]]),
    )


def cut_lines(lines: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the part of each line between two shares of its length, shape (n,)."""
    cut = np.asarray(lines, dtype=object).copy()
    partial = np.flatnonzero((low > 0) | (high < 1))
    if len(partial) == 0:
        return cut
    whole = cut[partial]
    drawn = shapely.length(whole)
    begin, end = low[partial] * drawn, high[partial] * drawn
    xy, line = shapely.get_coordinates(whole, return_index=True)
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    step[np.flatnonzero(np.diff(line, prepend=-1))] = 0.0
    along = np.cumsum(step)
    along -= along[np.searchsorted(line, np.arange(len(whole)))][line]
    between = (along > begin[line]) & (along < end[line])
    ends = [shapely.get_coordinates(shapely.line_interpolate_point(whole, at)) for at in (begin, end)]
    rows = np.arange(len(whole))
    owner = np.concatenate([rows, line[between], rows])
    order = np.lexsort((np.concatenate([begin, along[between], end]), owner))
    points = np.concatenate([ends[0], xy[between], ends[1]])
    cut[partial] = shapely.linestrings(points[order], indices=owner[order])
    return cut


def _joined(site: np.ndarray, street: np.ndarray, low: np.ndarray, high: np.ndarray) -> Stretches:
    """Return the stretches sorted, with those that overlap or touch joined, and points left out."""
    kept = high - low > _POINT
    site, street, low, high = site[kept], street[kept], low[kept], high[kept]
    order = np.lexsort((low, street, site))
    site, street, low, high = site[order], street[order], low[order], high[order]
    if len(site) == 0:
        return Stretches(site=site, street=street, low=low, high=high)
    new_street = np.flatnonzero((np.diff(site, prepend=-1) != 0) | (np.diff(street, prepend=-1) != 0))
    group = np.zeros(len(site), dtype=np.int64)
    group[new_street] = 1
    # streets two apart on one long axis: the farthest end so far never reaches into the next street
    offset = 2.0 * np.cumsum(group)
    farthest = np.maximum.accumulate(high + offset)
    begins = np.concatenate([[True], low[1:] + offset[1:] > farthest[:-1]])
    first = np.flatnonzero(begins)
    last = np.concatenate([first[1:], [len(site)]]) - 1
    return Stretches(
        site=site[first],
        street=street[first],
        low=low[first],
        high=np.clip(farthest[last] - offset[last], 0, 1),
    )
