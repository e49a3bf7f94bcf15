"""A street network made ready for one way of travelling: costs by direction, arcs, and where points lie.

A search spreads from the facilities outwards, so along the streets against the way people go: what it
finds at a node is what it costs to get from there to the facility.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from cultureplan.travel.snapping import SegmentIndex
from cultureplan.travel.street_arrays import Arcs, Direct, Points, Seeds
from cultureplan.world.streets import StreetNetwork

_SAME_SPOT_M = 1e-6  # a point this near to an end of its street is at the node
_KEPT_SNAPS = 8  # places of the same points are looked up once for all rules of a standard


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapped:
    """Where points lie on the streets.

    Parameters
    ----------
    street : ndarray of int64, shape (n,)
        Position of the nearest street that may be used; -1 where none is within the snap limit.
    share : ndarray of float64, shape (n,)
        How far along its drawn line, 0 to 1.
    distance_m : ndarray of float64, shape (n,)
        Straight line to the street; infinite where none is within the snap limit.
    """

    street: np.ndarray
    share: np.ndarray
    distance_m: np.ndarray

    @property
    def is_snapped(self) -> np.ndarray:
        """Whether a street is within the snap limit, shape (n,)."""
        return np.asarray(self.street >= 0)


@dataclass(frozen=True, kw_only=True, eq=False)
class StreetGraph:
    """Streets with what it costs to go along them, for searches that spread from facilities.

    Parameters
    ----------
    network : StreetNetwork
    outward : ndarray of float64, shape (n_streets,)
        Weight of spreading along the drawn direction; infinite where that cannot be.
    inward : ndarray of float64, shape (n_streets,)
        Weight of spreading against the drawn direction.
    divisor : float
        Weight that makes one unit of cost: metres a minute where the speed is constant, else 1.
    off_street_weight : float
        Weight of a metre between a point and its street.
    """

    network: StreetNetwork
    outward: np.ndarray
    inward: np.ndarray
    divisor: float
    off_street_weight: float
    _snaps: OrderedDict[tuple[str, float], Snapped] = field(default_factory=OrderedDict, repr=False)

    @cached_property
    def usable(self) -> np.ndarray:
        """Positions of the streets that can be used in at least one direction."""
        return np.flatnonzero(np.isfinite(self.outward) | np.isfinite(self.inward))

    @cached_property
    def _arc_table(self) -> tuple[Arcs, np.ndarray]:
        net = self.network
        there, back = np.flatnonzero(np.isfinite(self.outward)), np.flatnonzero(np.isfinite(self.inward))
        begin = np.concatenate([net.tail[there], net.head[back]])
        end = np.concatenate([net.head[there], net.tail[back]])
        weight = np.concatenate([self.outward[there], self.inward[back]])
        street = np.concatenate([there, back])
        order = np.lexsort((end, begin))
        start = np.concatenate([[0], np.cumsum(np.bincount(begin, minlength=net.n_nodes))]).astype(np.int64)
        arcs = Arcs(start, end[order].astype(np.int32), weight[order])
        side = np.concatenate([np.zeros(len(there), np.int8), np.ones(len(back), np.int8)])
        return arcs, np.column_stack([street, side])[order]

    @property
    def arcs(self) -> Arcs:
        """The arcs a search spreads along."""
        return self._arc_table[0]

    @property
    def arc_streets(self) -> np.ndarray:
        """Street of each arc, and 0 or 1 for along or against its drawn direction, shape (n_arcs, 2)."""
        return self._arc_table[1]

    @cached_property
    def _index(self) -> SegmentIndex:
        return SegmentIndex(self.network.lines[self.usable])

    def snap(self, xy: np.ndarray, limit_m: float) -> Snapped:
        """Return the nearest place on a usable street of each point, shape (n, 2), within a limit.

        Of several streets at the same distance the one whose nearest place lies farther west (then
        farther south) is taken, so that the order of the rows does not matter.
        """
        key = (
            hashlib.blake2b(np.ascontiguousarray(xy, dtype=float).tobytes(), digest_size=16).hexdigest(),
            limit_m,
        )
        if key in self._snaps:
            self._snaps.move_to_end(key)
            return self._snaps[key]
        snapped = self._snap(np.asarray(xy, dtype=float), limit_m)
        self._snaps[key] = snapped
        if len(self._snaps) > _KEPT_SNAPS:
            self._snaps.popitem(last=False)
        return snapped

    def _snap(self, xy: np.ndarray, limit_m: float) -> Snapped:
        line, along_m, distance_m = self._index.nearest(xy, limit_m)
        found = line >= 0
        drawn_m = self._index.length_m[line[found]]
        at = along_m[found]
        along = np.divide(at, drawn_m, out=np.zeros(len(at)), where=drawn_m > 0)
        along[drawn_m - at <= _SAME_SPOT_M] = 1.0
        along[at <= _SAME_SPOT_M] = 0.0
        street, share = np.full(len(xy), -1, dtype=np.int64), np.zeros(len(xy))
        street[found], share[found] = self.usable[line[found]], along
        return Snapped(street=street, share=share, distance_m=distance_m)

    def seeds(self, sites: Snapped) -> Seeds:
        """Return the nodes from which the search for each site begins, and what it costs to get there."""
        street, share, stub = self._places(sites)
        weight = np.stack([_part(share, self.inward[street]), _part(1 - share, self.outward[street])], axis=1)
        return self._at_nodes(sites, weight + stub[:, None])

    def ways(self, points: Snapped) -> Seeds:
        """Return the nodes from which each point is reached, and what remains from there."""
        street, share, stub = self._places(points)
        weight = np.stack([_part(share, self.outward[street]), _part(1 - share, self.inward[street])], axis=1)
        return self._at_nodes(points, weight + stub[:, None])

    def by_node(self, ways: Seeds) -> Points:
        """Return the ways to points sorted by the node they leave from."""
        point, side = np.nonzero(ways.node >= 0)
        node = ways.node[point, side]
        order = np.argsort(node, kind="stable")
        start = np.concatenate([[0], np.cumsum(np.bincount(node, minlength=self.network.n_nodes))])
        return Points(
            start.astype(np.int64),
            point[order].astype(np.int32),
            ways.weight[point, side][order],
            len(ways.node),
        )

    def direct(self, sites: Snapped, points: Snapped) -> Direct:
        """Return the pairs that lie between the ends of one street, with the cost along that street."""
        inner_sites, inner_points = self._inner(sites), self._inner(points)
        order = inner_points[np.argsort(points.street[inner_points], kind="stable")]
        sorted_streets = points.street[order]
        low = np.searchsorted(sorted_streets, sites.street[inner_sites], side="left")
        high = np.searchsorted(sorted_streets, sites.street[inner_sites], side="right")
        counts = np.zeros(len(sites.street), dtype=np.int64)
        counts[inner_sites] = high - low
        start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        site = np.repeat(np.arange(len(counts)), counts)
        first = np.zeros(len(counts), dtype=np.int64)
        first[inner_sites] = low
        point = order[first[site] + np.arange(len(site)) - start[site]]
        street, onward = sites.street[site], points.share[point] - sites.share[site]
        # neighbours at one spot are together on a one-way street too, however the last digit fell
        onward[np.abs(onward) * self.network.length_m[street] <= _SAME_SPOT_M] = 0.0
        along = np.where(
            onward >= 0, _part(onward, self.outward[street]), _part(-onward, self.inward[street])
        )
        stubs = (sites.distance_m[site] + points.distance_m[point]) * self.off_street_weight
        return Direct(start, point.astype(np.int32), along + stubs)

    def _inner(self, snapped: Snapped) -> np.ndarray:
        return np.flatnonzero(snapped.is_snapped & (snapped.share > 0) & (snapped.share < 1))

    def _places(self, snapped: Snapped) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        stub = np.where(snapped.is_snapped, snapped.distance_m, 0.0) * self.off_street_weight
        return np.maximum(snapped.street, 0), snapped.share, stub

    def _at_nodes(self, snapped: Snapped, weight: np.ndarray) -> Seeds:
        street, net = np.maximum(snapped.street, 0), self.network
        node = np.stack([net.tail[street], net.head[street]], axis=1).astype(np.int32)
        # a point at a node is there, whatever the direction of its street, and needs no other way
        node[(snapped.share == 0), 1] = -1
        node[(snapped.share == 1), 0] = -1
        node[~snapped.is_snapped] = -1
        node[~np.isfinite(weight)] = -1
        return Seeds(node, np.where(node >= 0, weight, 0.0))


def _part(share: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return a share of a weight; no share of what cannot be gone along is nothing."""
    cannot = ~np.isfinite(weight)
    return np.where(cannot, np.where(share == 0, 0.0, np.inf), share * np.where(cannot, 0.0, weight))
