"""Demand points: where the people live who should be served, and how many they are."""

from __future__ import annotations

from typing import ClassVar

import pandas as pd

from cultureplan.world.schema import group_columns
from cultureplan.world.table import PointTable


class DemandPoints(PointTable):
    """The people of a world: one validated GeoDataFrame of points with persons.

    Parameters
    ----------
    frame : GeoDataFrame
        Columns ``demand_id``, ``persons`` (finite, 0 or more), optional ``settlement`` (urban, rural,
        pastoral; urban where absent), ``place_id``, and any column ending in ``_persons`` that counts a
        group of the persons; point geometry in a metric coordinate system.
    origin : Origin, optional
        Where the table came from.

    Raises
    ------
    TableError
        Listing every fault.
    CrsError
        If the coordinate system is not metric here.
    """

    _table: ClassVar[str] = "demand"
    __slots__ = ()

    @property
    def persons(self) -> pd.Series:
        """Persons by demand id."""
        return pd.Series(self._frame["persons"].to_numpy(float), index=self.ids, name="persons")

    @property
    def settlement(self) -> pd.Series:
        """Settlement type by demand id."""
        return pd.Series(self._frame["settlement"].to_numpy(object), index=self.ids, name="settlement")

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the group columns, for example ``minors_persons``."""
        return group_columns(self._frame)
