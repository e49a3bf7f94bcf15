"""The validated table that facilities, demand points and places have in common."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, Self

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cultureplan.base.checks import FaultList, Origin
from cultureplan.base.crs import crs_name, read_crs, validate_metric_crs
from cultureplan.base.errors import CrsError, MissingColumnError, TableError, UnknownNameError, WrongTypeError
from cultureplan.world.schema import columns, known_columns, validate_columns


class Table:
    """One validated GeoDataFrame; nothing in it is ever changed.

    Parameters
    ----------
    frame : GeoDataFrame
        The table, in a metric coordinate system. Usual Chinese column names are understood; columns we
        do not know are kept.
    origin : Origin, optional
        Where the table came from, so that a message can name file and row.

    Raises
    ------
    TableError
        Listing every fault of the table.
    """

    _table: ClassVar[str]
    _frame: gpd.GeoDataFrame
    _kept: dict[str, Any]
    __slots__ = ("_frame", "_kept")

    def __init__(self, frame: gpd.GeoDataFrame, *, origin: Origin | None = None) -> None:
        if not isinstance(frame, gpd.GeoDataFrame):
            raise WrongTypeError.of(
                "fault.wrong_type", name=self._table, got=type(frame).__name__, want="a GeoDataFrame"
            )
        origin = origin or Origin(table=self._table)
        faults = FaultList()
        names = known_columns(frame, self._table)
        spelled = {**origin.spelled, **{ours: theirs for theirs, ours in names.items()}}
        origin = dataclasses.replace(origin, spelled=spelled)
        checked = validate_columns(frame.rename(columns=names), self._table, origin=origin, faults=faults)
        self._validate(checked, origin=origin, faults=faults)
        try:
            validate_metric_crs(checked.crs, _corner_points(checked))
        except CrsError as error:
            if len(faults) == 0:
                raise CrsError(*(_placed(fault, origin) for fault in error.faults)) from None
            faults.extend(_placed(fault, origin) for fault in error.faults)
        only_columns = {fault.code for fault in faults} == {"table.missing_column"}
        faults.raise_if_any(MissingColumnError if only_columns else TableError)
        _hold(self, checked.reset_index(drop=True))

    def _validate(self, frame: gpd.GeoDataFrame, *, origin: Origin, faults: FaultList) -> None:
        """Note the faults that only this kind of table can have."""

    def __setattr__(self, name: str, value: object) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self._frame))

    @property
    def frame(self) -> gpd.GeoDataFrame:
        """The table; a copy, so changing it changes nothing here."""
        return self._frame.copy(deep=False)

    @property
    def ids(self) -> pd.Index:
        """The unique ids, in row order."""
        if "ids" not in self._kept:
            key = next(iter(columns(self._table)))
            self._kept["ids"] = pd.Index(self._frame[key].astype(object), name=key)
        ids: pd.Index = self._kept["ids"]
        return ids

    @property
    def crs(self) -> CRS:
        """The metric coordinate system."""
        return read_crs(self._frame.crs)

    def __len__(self) -> int:
        return len(self._frame)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self):,} rows, {crs_name(self.crs)})"

    def _repr_html_(self) -> str:
        head = pd.DataFrame(self._frame.drop(columns="geometry")).dropna(axis="columns", how="all").head(8)
        return f"<p>{self!r}</p>{head.to_html(index=False)}"

    def to_crs(self, crs: object) -> Self:
        """Return the table in another metric coordinate system."""
        return type(self)(self._frame.to_crs(read_crs(crs)))

    def positions(self, ids: object) -> np.ndarray:
        """Return the row numbers of some ids.

        Raises
        ------
        UnknownNameError
            Naming an id that is not in the table, and the closest one that is.
        """
        wanted = pd.Index([str(name) for name in np.atleast_1d(np.asarray(ids, dtype=object))], dtype=object)
        found = self.ids.get_indexer(wanted)
        if (found < 0).any():
            name = str(wanted[found < 0][0])
            raise UnknownNameError.closest("world.unknown_id", name, map(str, self.ids), table=self._table)
        return np.asarray(found)


def _rebuild(kind: type[Table], frame: gpd.GeoDataFrame) -> Table:
    """Make a table from a frame that one of its kind held: unpickling checks nothing twice."""
    table = kind.__new__(kind)
    _hold(table, frame)
    return table


def _hold(table: Table, frame: gpd.GeoDataFrame) -> None:
    object.__setattr__(table, "_frame", frame)
    object.__setattr__(table, "_kept", {})  # what is asked for often and never changes


class PointTable(Table):
    """A table whose geometry is points."""

    __slots__ = ()

    @property
    def xy(self) -> np.ndarray:
        """Coordinates, shape (n, 2), metres; a copy, so changing it changes nothing here."""
        if "xy" not in self._kept:
            at = self._frame.geometry
            self._kept["xy"] = np.column_stack([at.x.to_numpy(float), at.y.to_numpy(float)])
        points: np.ndarray = self._kept["xy"].copy()
        return points


def _corner_points(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Return the lower left and upper right corner of what a frame draws (none for no geometry)."""
    bounds = frame.geometry.total_bounds
    return np.asarray(bounds, dtype=float).reshape(2, 2) if np.isfinite(bounds).all() else np.empty((0, 2))


def _placed(fault: Any, origin: Origin) -> Any:
    return dataclasses.replace(fault, file=origin.file, table=origin.table)


def parent_positions(frame: pd.DataFrame, key: str) -> np.ndarray:
    """Return for each row the row number of its parent, -1 where there is none (or it is not here)."""
    ids = pd.Index(frame[key].astype(object))
    return np.asarray(ids.get_indexer(pd.Index(frame["parent_id"].astype(object))), dtype=np.int64)


def validate_tree(
    frame: gpd.GeoDataFrame, key: str, rank: pd.Series, *, origin: Origin, faults: FaultList
) -> None:
    """Note parents that are not there, cycles, and links along which the rank does not fall.

    Parameters
    ----------
    frame : GeoDataFrame
        Table with `key` and ``parent_id``.
    key : str
        Id column.
    rank : Series
        Rank of each row, higher nearer the top; NaN where the level was not understood.
    origin, faults
        Where the table came from, and where faults are noted.
    """
    if key not in frame.columns or "parent_id" not in frame.columns or frame[key].duplicated().any():
        return  # ids must be right before links can be judged
    parent = parent_positions(frame, key)
    note: dict[str, Any] = {"origin": origin, "frame": frame, "column": "parent_id"}
    named = frame["parent_id"].notna().to_numpy()
    faults.add_rows("world.unknown_parent", bad=named & (parent < 0), **note)
    linked = np.flatnonzero(parent >= 0)
    links = coo_array((np.ones(len(linked)), (linked, parent[linked])), shape=(len(frame), len(frame)))
    _, part = connected_components(links, directed=True, connection="strong")
    in_cycle = (np.bincount(part, minlength=1)[part] > 1) | (parent == np.arange(len(frame)))
    faults.add_rows("world.cycle", bad=in_cycle, **note)
    ranks = rank.to_numpy(float)
    not_falling = np.zeros(len(frame), dtype=bool)
    not_falling[linked] = ranks[parent[linked]] <= ranks[linked]
    level = "level" if "level" in frame.columns else "place_level"
    labels = frame[level].astype("string").fillna("?")
    pairs = labels + " < " + labels.iloc[np.maximum(parent, 0)].to_numpy()
    faults.add_rows("world.rank_not_falling", bad=not_falling & ~in_cycle, samples=pairs, **note)
