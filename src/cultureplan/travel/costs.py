"""Travel costs between demand points and facilities: what is within reach, and how far.

Costs are kept row by row (CSR): row i lists the facilities that demand point i can reach within the
cutoff, in facility order. A stored zero is a cost of zero; what is not stored is beyond the cutoff.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from cultureplan.base.errors import Fault, InputError, MissingColumnError, UnitError, UnknownNameError
from cultureplan.base.units import Unit, positive, read_unit

# what a cost table may call its columns: r5py, pandana, ArcGIS and plain tables
_DEMAND_NAMES = ("demand_id", "from_id", "origin_id", "origin", "OriginID")
_FACILITY_NAMES = ("facility_id", "to_id", "destination_id", "destination", "DestinationID")
_COST_NAMES = ("cost", "travel_time", "travel_time_minutes", "minutes", "distance_m", "Total_Time")


@dataclass(frozen=True, kw_only=True, eq=False)
class TravelCosts:
    """Demand x facility costs within a cutoff.

    Parameters
    ----------
    indptr : ndarray of int64, shape (n_demand + 1,)
        Row i is ``indptr[i]:indptr[i + 1]``.
    indices : ndarray of int32, shape (n_pairs,)
        Facility positions, rising within a row.
    values : ndarray of float64, shape (n_pairs,)
        Costs, finite and 0 or more, in `unit`.
    demand_ids, facility_ids : Index
        Unique ids of the rows and columns.
    unit : Unit
        Metres or minutes.
    limit : float
        Cutoff in `unit`, inclusive; infinite where every pair that can be reached is stored.

    Raises
    ------
    InputError
        If the arrays break one of these rules.
    """

    indptr: np.ndarray
    indices: np.ndarray
    values: np.ndarray
    demand_ids: pd.Index
    facility_ids: pd.Index
    unit: Unit
    limit: float = np.inf

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", read_unit(self.unit))
        for name, ids, n in (
            ("demand_ids", self.demand_ids, len(self.indptr) - 1),
            ("facility_ids", self.facility_ids, len(self.facility_ids)),
        ):
            if len(ids) != n:
                raise InputError.of("fault.wrong_shape", name=name, got=(len(ids),), want=(n,))
            if ids.has_duplicates:
                raise InputError.of("travel.duplicate_ids", name=name, first=ids[ids.duplicated()][0])
        bad = ~np.isfinite(self.values) | (self.values < 0)
        if bad.any():
            raise InputError.of("travel.bad_cost", n=int(bad.sum()), value=float(self.values[bad][0]))
        if len(self.values) and float(self.values.max()) > self.limit:
            raise InputError.of("travel.cost_above_limit", cost=float(self.values.max()), limit=self.limit)
        for array in (self.indptr, self.indices, self.values):
            array.flags.writeable = False

    @classmethod
    def from_dense(
        cls,
        matrix: Any,
        *,
        unit: str,
        demand_ids: Any = None,
        facility_ids: Any = None,
        limit: float = np.inf,
    ) -> Self:
        """Return the costs held in a full matrix.

        Parameters
        ----------
        matrix : array-like or DataFrame, shape (n_demand, n_facilities)
            Costs; infinity means that the facility cannot be reached. NaN and negatives are errors.
        unit : {"m", "minutes"}
            Unit of the costs.
        demand_ids, facility_ids : array-like, optional
            Ids; a DataFrame's index and columns, or ``0 ... n - 1``, where absent.
        limit : float
            Cutoff, inclusive; costs above it are left out.

        Examples
        --------
        >>> import cultureplan as cp
        >>> costs = cp.TravelCosts.from_dense([[0.0, 900.0], [float("inf"), 300.0]], unit="m")
        >>> costs.n_pairs
        3
        """
        if isinstance(matrix, pd.DataFrame):
            demand_ids = matrix.index if demand_ids is None else demand_ids
            facility_ids = matrix.columns if facility_ids is None else facility_ids
        dense = np.asarray(matrix, dtype=float)
        if dense.ndim != 2:
            raise InputError.of(
                "fault.wrong_shape", name="matrix", got=dense.shape, want="(n_demand, n_facilities)"
            )
        bad = np.isnan(dense) | (dense < 0)
        if bad.any():
            raise InputError.of("travel.bad_cost", n=int(bad.sum()), value=float(dense[bad][0]))
        stored = np.isfinite(dense) & (dense <= limit)
        rows, columns = np.nonzero(stored)
        return cls._from_sorted(
            rows,
            columns,
            dense[stored],
            demand_ids=_ids(demand_ids, dense.shape[0], "demand_id"),
            facility_ids=_ids(facility_ids, dense.shape[1], "facility_id"),
            unit=unit,
            limit=limit,
        )

    @classmethod
    def from_table(
        cls,
        frame: pd.DataFrame,
        *,
        unit: str,
        demand_ids: Any = None,
        facility_ids: Any = None,
        limit: float = np.inf,
    ) -> Self:
        """Return the costs listed in a table, one row a pair.

        Parameters
        ----------
        frame : DataFrame
            Columns ``demand_id``, ``facility_id`` and ``cost``; the column names that r5py, ArcGIS and
            pandana write are understood. A missing cost means that the pair cannot be reached.
        unit : {"m", "minutes"}
            Unit of the costs.
        demand_ids, facility_ids : array-like, optional
            All ids, in the wanted order; those of the table, sorted, where absent.
        limit : float
            Cutoff, inclusive.

        Raises
        ------
        MissingColumnError, InputError, UnknownNameError
            If a column is missing, a pair stands twice, or the table names an unknown id.
        """
        demand = frame[_column(frame, _DEMAND_NAMES)].to_numpy(object)
        facility = frame[_column(frame, _FACILITY_NAMES)].to_numpy(object)
        costs = pd.to_numeric(frame[_column(frame, _COST_NAMES)], errors="raise").to_numpy(float)
        demand_index = _ids(demand_ids, None, "demand_id", found=demand)
        facility_index = _ids(facility_ids, None, "facility_id", found=facility)
        rows, columns = (
            demand_index.get_indexer(pd.Index(demand)),
            facility_index.get_indexer(pd.Index(facility)),
        )
        for positions, names, index in ((rows, demand, demand_index), (columns, facility, facility_index)):
            if (positions < 0).any():
                name = str(names[positions < 0][0])
                raise UnknownNameError.closest(
                    "world.unknown_id", name, map(str, index), table=str(index.name)
                )
        kept = ~np.isnan(costs) & ~(costs > limit) & ~np.isposinf(costs)
        rows, columns, costs = rows[kept], columns[kept], costs[kept]
        order = np.lexsort((columns, rows))
        rows, columns, costs = rows[order], columns[order], costs[order]
        twice = (np.diff(rows) == 0) & (np.diff(columns) == 0)
        if twice.any():
            at = int(np.flatnonzero(twice)[0])
            raise InputError.of(
                "travel.pair_twice", demand=demand_index[rows[at]], facility=facility_index[columns[at]]
            )
        return cls._from_sorted(
            rows, columns, costs, demand_ids=demand_index, facility_ids=facility_index, unit=unit, limit=limit
        )

    @classmethod
    def _from_sorted(
        cls,
        rows: np.ndarray,
        columns: np.ndarray,
        costs: np.ndarray,
        *,
        demand_ids: pd.Index,
        facility_ids: pd.Index,
        unit: str,
        limit: float,
    ) -> Self:
        counts = np.bincount(rows, minlength=len(demand_ids))
        return cls(
            indptr=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            indices=columns.astype(np.int32),
            values=costs.astype(float),
            demand_ids=demand_ids,
            facility_ids=facility_ids,
            unit=read_unit(unit),
            limit=float(limit),
        )

    @property
    def n_demand(self) -> int:
        """Number of demand points."""
        return len(self.demand_ids)

    @property
    def n_facilities(self) -> int:
        """Number of facilities."""
        return len(self.facility_ids)

    @property
    def n_pairs(self) -> int:
        """Number of stored pairs."""
        return len(self.values)

    @cached_property
    def rows(self) -> np.ndarray:
        """Demand position of every stored pair, shape (n_pairs,)."""
        return np.repeat(np.arange(self.n_demand), np.diff(self.indptr))

    def within(self, limit: float) -> Self:
        """Return the costs of at most `limit` (inclusive), in the unit of the costs.

        Raises
        ------
        InputError
            If `limit` is beyond the cutoff: pairs up to there are not stored.
        """
        limit = positive("limit", limit)
        if limit > self.limit:
            raise InputError.of("travel.limit_beyond_cutoff", limit=limit, cutoff=self.limit, unit=self.unit)
        return self._masked(self.values <= limit, limit)

    def select_facilities(self, facility_ids: Any) -> Self:
        """Return the costs to some facilities, in the order given."""
        wanted = pd.Index(np.asarray(facility_ids, dtype=object), name=self.facility_ids.name)
        positions = self.facility_ids.get_indexer(wanted)
        if (positions < 0).any():
            name = str(wanted[positions < 0][0])
            raise UnknownNameError.closest(
                "world.unknown_id", name, map(str, self.facility_ids), table="facilities"
            )
        new_position = np.full(self.n_facilities, -1, dtype=np.int64)
        new_position[positions] = np.arange(len(wanted))
        columns = new_position[self.indices]
        kept = columns >= 0
        rows, columns, values = self.rows[kept], columns[kept], self.values[kept]
        order = np.lexsort((columns, rows))
        return self._from_sorted(
            rows[order],
            columns[order],
            values[order],
            demand_ids=self.demand_ids,
            facility_ids=wanted,
            unit=self.unit,
            limit=self.limit,
        )

    def nearest(self) -> pd.DataFrame:
        """Return the nearest facility of each demand point within the cutoff.

        A tie goes to the facility whose id sorts first.

        Returns
        -------
        DataFrame, index demand_id
            ``facility_id`` (missing where none is within the cutoff) and ``cost`` (NaN there).
        """
        rank = np.argsort(np.argsort(self.facility_ids.astype(str).to_numpy(), kind="stable"), kind="stable")
        order = np.lexsort((rank[self.indices], self.values, self.rows))
        rows = self.rows[order]
        first = order[np.flatnonzero(np.diff(rows, prepend=-1))]
        cost = np.full(self.n_demand, np.nan)
        facility = np.full(self.n_demand, None, dtype=object)
        cost[self.rows[first]] = self.values[first]
        facility[self.rows[first]] = self.facility_ids.to_numpy(object)[self.indices[first]]
        return pd.DataFrame({"facility_id": facility, "cost": cost}, index=self.demand_ids)

    def to_csr(self) -> csr_array:
        """Return the costs as a scipy CSR array (a cost of zero is an explicit zero)."""
        shape = (self.n_demand, self.n_facilities)
        return csr_array((self.values.copy(), self.indices.copy(), self.indptr.copy()), shape=shape)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a pair: ``demand_id``, ``facility_id``, ``cost``; reads back by `from_table`."""
        return pd.DataFrame(
            {
                "demand_id": self.demand_ids.to_numpy(object)[self.rows],
                "facility_id": self.facility_ids.to_numpy(object)[self.indices],
                "cost": self.values,
            }
        )

    def __repr__(self) -> str:
        return (
            f"TravelCosts({self.n_demand:,} demand points x {self.n_facilities:,} facilities, "
            f"{self.n_pairs:,} pairs within {self.limit:g} {self.unit})"
        )

    def _masked(self, kept: np.ndarray, limit: float) -> Self:
        return self._from_sorted(
            self.rows[kept],
            self.indices[kept],
            self.values[kept],
            demand_ids=self.demand_ids,
            facility_ids=self.facility_ids,
            unit=self.unit,
            limit=limit,
        )


def validate_same_unit(costs: TravelCosts, unit: str, *, name: str) -> None:
    """Raise UnitError unless `costs` are in the unit that `name` is in."""
    if costs.unit != read_unit(unit):
        raise UnitError.of(
            "unit.mismatch", first=name, first_unit=unit, second="the table of costs", second_unit=costs.unit
        )


def _ids(ids: Any, n: int | None, name: str, found: np.ndarray | None = None) -> pd.Index:
    if ids is None:
        ids = pd.unique(found) if found is not None else np.arange(n or 0)
        if found is not None:
            ids = np.array(sorted(ids, key=str), dtype=object)
    index = pd.Index(np.asarray(ids, dtype=object), name=name)
    if n is not None and len(index) != n:
        raise InputError.of("fault.wrong_shape", name=f"{name}s", got=(len(index),), want=(n,))
    return index


def _column(frame: pd.DataFrame, names: tuple[str, ...]) -> str:
    for name in names:
        if name in frame.columns:
            return name
    present = ", ".join(map(str, frame.columns)) or "-"
    values = {"wanted": names[0], "spelling": " / ".join(names[1:]), "present": present}
    raise MissingColumnError(Fault(code="table.missing_column", values=values, table="costs"))
