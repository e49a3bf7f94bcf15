"""Facilities: libraries, stations, centres and service points, each with its level and its parent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import geopandas as gpd
import numpy as np
import opening_hours
import pandas as pd

from cultureplan.base.checks import FaultList, Origin
from cultureplan.world.levels import Level, Status
from cultureplan.world.table import PointTable, validate_tree


class Facilities(PointTable):
    """The facilities of a world: one validated GeoDataFrame of points.

    Parameters
    ----------
    frame : GeoDataFrame
        Columns ``facility_id``, ``name``, ``level`` (central, head, branch, service_point) and point
        geometry in a metric coordinate system; optional ones are listed on the page "The world folder".
    origin : Origin, optional
        Where the table came from.

    Raises
    ------
    TableError
        Listing every fault: bad values, repeated ids, unknown parents, cycles, a rank that does not fall
        along a link.
    CrsError
        If the coordinate system is not metric here.
    """

    _table: ClassVar[str] = "facilities"
    __slots__ = ()

    def _validate(self, frame: gpd.GeoDataFrame, *, origin: Origin, faults: FaultList) -> None:
        if "parent_id" not in frame.columns:
            frame["parent_id"] = pd.Series(pd.NA, index=frame.index, dtype="string")
        if "level" in frame.columns:
            rank = frame["level"].map({level.value: level.rank for level in Level}).astype(float)
            validate_tree(frame, "facility_id", rank, origin=origin, faults=faults)
        if "opening_hours" in frame.columns:
            hours = frame["opening_hours"]
            wrong = [text for text in hours.dropna().unique() if not opening_hours.validate(str(text))]
            bad = hours.isin(wrong)
            faults.add_rows(
                "table.bad_opening_hours", origin=origin, frame=frame, bad=bad, column="opening_hours"
            )

    def select(
        self,
        *,
        status: Iterable[str] | None = (Status.EXISTING,),
        levels: Iterable[str] = (),
        kinds: Iterable[str] = (),
    ) -> np.ndarray:
        """Return the row numbers of the facilities of some status, levels and kinds.

        Parameters
        ----------
        status : iterable of str or None
            Wanted statuses; None means any.
        levels, kinds : iterable of str
            Wanted levels and kinds; empty means any.
        """
        frame = self._frame
        chosen = np.ones(len(frame), dtype=bool)
        if status is not None:
            chosen &= frame["status"].isin([str(value) for value in status]).to_numpy(bool)
        for column, wanted in (("level", tuple(levels)), ("kind", tuple(kinds))):
            if wanted:
                chosen &= frame[column].isin([str(value) for value in wanted]).to_numpy(bool)
        return np.flatnonzero(chosen)
