"""Who is covered by which site: the sparse structure every covering model works on.

A *row* asks for `need` open sites out of a list. A demand point may have several rows (a required venue
and two free spaces): it is covered when each of them is met. Demand points that ask for the same become
one weighted *class*, found by hashing, so that millions of people are a few thousand rows to a solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

COVERED = -1  # met by what is open anyway
UNREACHABLE = -2  # no choice of sites can meet it
NOT_ASKED = -3  # no rule speaks about it


@dataclass(frozen=True, kw_only=True, eq=False)
class Cover:
    """Which sites count for which demand point, and how many of them are needed.

    Parameters
    ----------
    indptr : ndarray of int64, shape (n_rows + 1,)
        Row r lists ``indices[indptr[r]:indptr[r + 1]]``.
    indices : ndarray of int32
        Site positions that count for the row.
    need : ndarray of int32, shape (n_rows,)
        Open sites a row needs, at least 1.
    demand : ndarray of int64, shape (n_rows,)
        Demand position of each row, rising.
    n_demand, n_sites : int
        Sizes.
    """

    indptr: np.ndarray
    indices: np.ndarray
    need: np.ndarray
    demand: np.ndarray
    n_demand: int
    n_sites: int

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.need)

    @cached_property
    def rows(self) -> np.ndarray:
        """Row number of every entry."""
        return np.repeat(np.arange(self.n_rows), np.diff(self.indptr))

    @cached_property
    def is_asked(self) -> np.ndarray:
        """Whether any row speaks about each demand point, shape (n_demand,)."""
        asked = np.zeros(self.n_demand, dtype=bool)
        asked[self.demand] = True
        return asked

    def n_open(self, is_open: np.ndarray) -> np.ndarray:
        """Return how many open sites count for each row; `is_open` has shape (n_sites,)."""
        running = np.concatenate([[0], np.cumsum(is_open[self.indices], dtype=np.int64)])
        return np.asarray(running[self.indptr[1:]] - running[self.indptr[:-1]])

    def is_covered(self, is_open: np.ndarray) -> np.ndarray:
        """Return whether every row of each demand point is met, shape (n_demand,)."""
        unmet = self.n_open(is_open) < self.need
        covered = self.is_asked.copy()
        covered[self.demand[unmet]] = False
        return covered


@dataclass(frozen=True, kw_only=True, eq=False)
class CoverClasses:
    """Demand points that ask for the same, merged; what is met or hopeless anyway is counted and left out.

    Parameters
    ----------
    sites : ndarray of int64, shape (n_columns,)
        Site positions of the columns: those that may be opened, in the order of their ids.
    indptr, indices : ndarray
        Columns of every distinct row, rising within a row.
    need : ndarray of int64, shape (n_rows,)
        Sites still needed beside the fixed ones.
    class_indptr, class_rows : ndarray
        Rows of every class.
    weight : ndarray of float64, shape (n_classes,)
        Persons.
    class_of_demand : ndarray of int64, shape (n_demand,)
        Class, or COVERED, UNREACHABLE, NOT_ASKED.
    covered_persons, unreachable_persons : float
        Persons met by the fixed sites, and those no choice can meet.
    """

    sites: np.ndarray
    indptr: np.ndarray
    indices: np.ndarray
    need: np.ndarray
    class_indptr: np.ndarray
    class_rows: np.ndarray
    weight: np.ndarray
    class_of_demand: np.ndarray
    covered_persons: float
    unreachable_persons: float

    @property
    def n_rows(self) -> int:
        """Number of distinct rows."""
        return len(self.need)

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.weight)

    @property
    def n_columns(self) -> int:
        """Number of sites that may be opened."""
        return len(self.sites)

    @property
    def is_plain(self) -> bool:
        """Whether one open site is enough for every class, so that a class is one row."""
        one_row = bool((np.diff(self.class_indptr) == 1).all())
        return one_row and bool((self.need == 1).all())

    def row_matrix(self) -> csr_array:
        """Return the rows x columns incidence."""
        ones = np.ones(len(self.indices))
        return csr_array((ones, self.indices, self.indptr), shape=(self.n_rows, self.n_columns))

    def class_matrix(self) -> csr_array:
        """Return the classes x columns incidence; only where the classes are plain."""
        matrix = self.row_matrix()[self.class_rows]
        return csr_array(matrix)


def id_order(ids: pd.Index) -> np.ndarray:
    """Return positions that sort ids, so that no answer depends on the order of rows."""
    return np.argsort(ids.astype(str).to_numpy(), kind="stable")


def id_rank(ids: pd.Index) -> np.ndarray:
    """Return the place of each id in sorted order."""
    order = id_order(ids)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank


def merge_demand(
    cover: Cover,
    persons: np.ndarray,
    *,
    site_rank: np.ndarray,
    is_fixed: np.ndarray,
    is_choice: np.ndarray,
) -> CoverClasses:
    """Return the classes of a cover.

    Parameters
    ----------
    cover : Cover
        Rows by demand point.
    persons : ndarray, shape (n_demand,)
        Persons.
    site_rank : ndarray of int64, shape (n_sites,)
        Order of the sites by id.
    is_fixed, is_choice : ndarray of bool, shape (n_sites,)
        Sites that are open anyway, and sites that may be opened.
    """
    sites = np.flatnonzero(is_choice)
    sites = sites[np.argsort(site_rank[sites], kind="stable")]
    column = np.full(cover.n_sites, -1, dtype=np.int64)
    column[sites] = np.arange(len(sites))

    left = cover.need.astype(np.int64) - cover.n_open(is_fixed)
    is_hopeless = left > cover.n_open(is_choice)
    state = np.full(cover.n_demand, NOT_ASKED, dtype=np.int64)
    state[cover.demand] = COVERED
    state[cover.demand[left > 0]] = 0
    state[cover.demand[is_hopeless]] = UNREACHABLE
    row_kept = (left > 0) & (state[cover.demand] == 0)

    entry_column = column[cover.indices]
    entry_kept = row_kept[cover.rows] & (entry_column >= 0)
    rows = np.flatnonzero(row_kept)
    counts = np.bincount(cover.rows[entry_kept], minlength=cover.n_rows)[rows]
    columns = entry_column[entry_kept]
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    key = row_keys(indptr, columns, left[rows], len(sites))
    _, first, row_of = np.unique(key, return_index=True, return_inverse=True)
    distinct_ptr, distinct = take_rows(indptr, columns, first)

    demand, class_key, class_ptr, class_rows = _class_keys(cover.demand[rows], row_of.ravel(), key[first])
    _, class_first, class_of = np.unique(class_key, return_index=True, return_inverse=True)
    kept_ptr, kept_rows = take_rows(class_ptr, class_rows, class_first)
    state[demand] = class_of.ravel()
    return CoverClasses(
        sites=sites,
        indptr=distinct_ptr,
        indices=distinct,
        need=left[rows][first],
        class_indptr=kept_ptr,
        class_rows=kept_rows,
        weight=sums_by_group(class_of.ravel(), persons[demand], len(class_first)),
        class_of_demand=state,
        covered_persons=total(persons[state == COVERED]),
        unreachable_persons=total(persons[state == UNREACHABLE]),
    )


def sums_by_group(group: np.ndarray, values: np.ndarray, n_groups: int) -> np.ndarray:
    """Return the sum of each group, the same to the last bit for any order of the rows."""
    if not _sums_exactly(values):
        order = np.lexsort((values, group))
        group, values = group[order], values[order]
    return np.bincount(group, weights=values, minlength=n_groups)


def total(values: np.ndarray) -> float:
    """Return the sum, the same to the last bit for any order of the values."""
    return float(np.sum(values if _sums_exactly(values) else np.sort(values)))


def _sums_exactly(values: np.ndarray) -> bool:
    """Whole numbers below 2^53 add up exactly in any order."""
    return bool(np.abs(values).sum() < 2.0**53 and (values == np.rint(values)).all())


def _mixed(values: np.ndarray, salt: int) -> np.ndarray:
    """Return 64-bit numbers that look random (the finaliser of splitmix64)."""
    z = (values.astype(np.uint64) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def _sums_of_rows(values: np.ndarray, indptr: np.ndarray) -> np.ndarray:
    """Return the sums of rows, wrapping round at 2^64."""
    running = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(values, dtype=np.uint64)])
    return np.asarray(running[indptr[1:]] - running[indptr[:-1]])


def row_keys(indptr: np.ndarray, columns: np.ndarray, need: np.ndarray, n_columns: int) -> np.ndarray:
    """Return a 128-bit key of each row as complex-free structured pairs; equal rows have equal keys."""
    halves = []
    for salt in (1, 2):
        keys = _mixed(np.arange(n_columns), salt << 32)
        halves.append(_sums_of_rows(keys[columns], indptr) + _mixed(need, salt << 40))
    return _pairs(halves[0], halves[1])


def _pairs(high: np.ndarray, low: np.ndarray) -> np.ndarray:
    pairs = np.empty(len(high), dtype=[("high", np.uint64), ("low", np.uint64)])
    pairs["high"], pairs["low"] = high, low
    return pairs


def _class_keys(
    demand_of_row: np.ndarray, row_of: np.ndarray, keys: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the demand points with open rows, a key of what each asks for, and its rows."""
    order = np.lexsort((row_of, demand_of_row))
    rows, owner = row_of[order], demand_of_row[order]
    # the same row twice asks for nothing more
    fresh = np.concatenate([[True], (rows[1:] != rows[:-1]) | (owner[1:] != owner[:-1])])[: len(rows)]
    rows, owner = rows[fresh], owner[fresh]
    demand, start = np.unique(owner, return_index=True)
    indptr = np.concatenate([start, [len(rows)]]).astype(np.int64)
    halves = [_sums_of_rows(_mixed(keys[half], 3 << 32)[rows], indptr) for half in ("high", "low")]
    return demand, _pairs(halves[0], halves[1]), indptr, rows


def take_rows(indptr: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return some rows of a CSR structure, their columns rising."""
    counts = (indptr[1:] - indptr[:-1])[rows]
    new = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    at = np.arange(new[-1]) - np.repeat(new[:-1], counts) + np.repeat(indptr[rows], counts)
    taken = columns[at]
    order = np.lexsort((taken, np.repeat(np.arange(len(rows)), counts)))
    return new, taken[order].astype(np.int64)


def merged_rows(
    matrix: csr_array, weight: np.ndarray, is_open: np.ndarray
) -> tuple[csr_array, np.ndarray, float]:
    """Take some columns as open, drop the rows they cover, and merge rows that became the same.

    Parameters
    ----------
    matrix : csr_array, shape (n_rows, n_columns)
        Incidence.
    weight : ndarray, shape (n_rows,)
        Persons.
    is_open : ndarray of bool, shape (n_columns,)
        Columns taken as open.

    Returns
    -------
    matrix : csr_array
        Distinct rows that can still be covered, over the other columns.
    weight : ndarray
        Their persons.
    covered : float
        Persons of the rows that were dropped because they are covered.
    """
    is_met = (matrix @ is_open.astype(float)) > 0
    rest = csr_array(csr_array(matrix[~is_met])[:, ~is_open])
    left = weight[~is_met]
    kept = np.flatnonzero(np.diff(rest.indptr) > 0)
    rest, left = csr_array(rest[kept]), left[kept]
    keys = row_keys(rest.indptr, rest.indices, np.ones(len(left), dtype=np.int64), rest.shape[1])
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    merged = csr_array(rest[first])
    return merged, sums_by_group(group.ravel(), left, len(first)), float(weight[is_met].sum())
