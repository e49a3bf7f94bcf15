"""The arrays that searches along streets take: arcs, seeds, points and pairs on one street."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Positions = NDArray[np.int32]


class Arcs(NamedTuple):
    """The arcs along which a search spreads, by the node they leave.

    Attributes
    ----------
    start : array of int64, shape (n_nodes + 1,)
        Arcs of node i are ``start[i]:start[i + 1]``.
    to : array of int32, shape (n_arcs,)
        Node each arc leads to.
    weight : array of float64, shape (n_arcs,)
        What it costs, above 0.
    """

    start: Ints
    to: Positions
    weight: Floats


class Seeds(NamedTuple):
    """Where the searches begin: for each source up to two nodes and what it costs to get there.

    Attributes
    ----------
    node : array of int32, shape (n_sources, 2)
        -1 where there is none.
    weight : array of float64, shape (n_sources, 2)
    """

    node: Positions
    weight: Floats


class Points(NamedTuple):
    """The points that are looked for, by the node from which they are reached.

    Attributes
    ----------
    start : array of int64, shape (n_nodes + 1,)
        Ways to points from node i are ``start[i]:start[i + 1]``.
    point : array of int32, shape (n_ways,)
    weight : array of float64, shape (n_ways,)
    n : int
        Number of points.
    """

    start: Ints
    point: Positions
    weight: Floats
    n: int


class Direct(NamedTuple):
    """Pairs that lie on one and the same street, by source.

    Attributes
    ----------
    start : array of int64, shape (n_sources + 1,)
    point : array of int32, shape (n_pairs,)
    weight : array of float64, shape (n_pairs,)
        Cost along the street itself.
    """

    start: Ints
    point: Positions
    weight: Floats
