"""Places: the administrative units, from province to village, as a tree."""

from __future__ import annotations

from typing import ClassVar

import geopandas as gpd
import numpy as np
import pandas as pd

from cultureplan.base.checks import FaultList, Origin
from cultureplan.world.levels import PlaceLevel
from cultureplan.world.table import Table, parent_positions, validate_tree


class Places(Table):
    """The administrative places of a world: one validated GeoDataFrame of polygons or points.

    Parameters
    ----------
    frame : GeoDataFrame
        Columns ``place_id``, ``name``, ``place_level`` (province, city, county, township, village,
        community), optional ``parent_id`` and ``settlement``; geometry may be a polygon (the boundary), a
        point (the centre) or missing.
    origin : Origin, optional
        Where the table came from.

    Raises
    ------
    TableError
        Listing every fault: bad values, repeated ids, unknown parents, cycles, a rank that does not fall.
    """

    _table: ClassVar[str] = "places"
    __slots__ = ()

    def _validate(self, frame: gpd.GeoDataFrame, *, origin: Origin, faults: FaultList) -> None:
        if "parent_id" not in frame.columns:
            frame["parent_id"] = pd.Series(pd.NA, index=frame.index, dtype="string")
        if "place_level" in frame.columns:
            rank = frame["place_level"].map({level.value: level.rank for level in PlaceLevel}).astype(float)
            validate_tree(frame, "place_id", rank, origin=origin, faults=faults)

    @property
    def polygons(self) -> gpd.GeoDataFrame:
        """The places that have a boundary."""
        return self._frame[self._frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]

    @property
    def names(self) -> pd.Series:
        """Name by place id."""
        return pd.Series(self._frame["name"].to_numpy(object), index=self.ids, name="name")

    def at_level(self, level: str) -> pd.Index:
        """Return the ids of the places of one level; ``village`` and ``community`` are two levels."""
        return self.ids[(self._frame["place_level"] == str(level)).to_numpy(bool)]

    def ancestor_at(self, level: str) -> pd.Series:
        """Return for each place the id of the place of `level` that it belongs to (or is), or missing.

        Returns
        -------
        Series of object, index place_id
        """
        ids = self.ids.to_numpy(object)
        at_level = (self._frame["place_level"] == str(level)).to_numpy(bool)
        parent = parent_positions(self._frame, "place_id")
        found = np.where(at_level, np.arange(len(ids)), -1)
        walker = parent.copy()
        while ((walker >= 0) & (found < 0)).any():  # a tree of at most five ranks: five rounds
            here = (walker >= 0) & (found < 0)
            hit = here & at_level[np.maximum(walker, 0)]
            found[hit] = walker[hit]
            walker = np.where(here, parent[np.maximum(walker, 0)], -1)
        names = pd.Series(pd.NA, index=self.ids, dtype=object, name=str(level))
        names.iloc[np.flatnonzero(found >= 0)] = ids[found[found >= 0]]
        return names
