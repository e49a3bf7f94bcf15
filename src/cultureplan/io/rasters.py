"""Read a population grid: one demand point for every cell in which somebody lives."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from cultureplan.base.checks import FaultList, Origin
from cultureplan.base.crs import read_crs
from cultureplan.base.errors import MissingExtraError
from cultureplan.io.cells import reason_of
from cultureplan.io.vectors import Shapes


def read_population_grid(path: Path, *, origin: Origin, faults: FaultList) -> Shapes | None:
    """Return the populated cells of a GeoTIFF as points, or note why there are none and return None.

    A cell is one point at its centre, called ``r12c34`` after its row and column from the top left, from
    0. Persons are kept as they stand, fractions included. Cells that are empty, masked, marked as no data
    or negative (a count cannot be: -99999 and the like say that nothing is known) are left out. The first
    band is read, block by block; its scale and offset are applied.

    Parameters
    ----------
    path : Path
        GeoTIFF of persons in each cell (a count, not a density) in any coordinate system.
    origin, faults
        What the file is, and where faults are noted.

    Raises
    ------
    MissingExtraError
        If rasterio is not installed.
    """
    rasterio = _rasterio()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)  # a fault, below
            with rasterio.open(path) as grid:
                affine, crs = grid.transform, grid.crs
                rows, columns, persons = _populated(grid)
    except rasterio.errors.RasterioError as error:
        faults.add("io.unreadable", origin=origin, reason=reason_of(error))
        return None
    if affine.is_identity:
        faults.add("io.not_georeferenced", origin=origin)
        return None
    frame = pd.DataFrame(
        {
            "demand_id": [f"r{row}c{column}" for row, column in zip(rows, columns, strict=True)],
            "persons": persons,
        }
    )
    x = affine.a * (columns + 0.5) + affine.b * (rows + 0.5) + affine.c
    y = affine.d * (columns + 0.5) + affine.e * (rows + 0.5) + affine.f
    points = np.asarray(shapely.points(x, y), dtype=object)
    return Shapes(frame=frame, geometry=points, crs=None if crs is None else read_crs(crs.to_wkt()))


def _populated(grid: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return row, column and persons of every cell with somebody in it."""
    rows, columns, persons = [], [], []
    for _, window in grid.block_windows(1):
        cells = grid.read(1, window=window, masked=True)
        values = np.ma.filled(cells.astype(float), np.nan)
        values[~(values >= 0)] = np.nan  # a negative count, and what is not a number
        values = values * grid.scales[0] + grid.offsets[0]
        row, column = np.nonzero(values > 0)
        rows.append(row + window.row_off)
        columns.append(column + window.col_off)
        persons.append(values[row, column])
    if not rows:
        return np.empty(0, dtype=int), np.empty(0, dtype=int), np.empty(0)
    order = np.lexsort((np.concatenate(columns), np.concatenate(rows)))
    return np.concatenate(rows)[order], np.concatenate(columns)[order], np.concatenate(persons)[order]


def _rasterio() -> Any:
    try:
        import rasterio
        import rasterio.errors
    except ImportError:
        raise MissingExtraError.for_extra("rasterio", "raster") from None
    return rasterio
