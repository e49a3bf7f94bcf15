"""What comes out of the partitions, and what goes in beside the people: sites, supply, steps, a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cultureplan.base.checks import finite_array, points_array
from cultureplan.base.crs import to_lonlat
from cultureplan.base.errors import InputError, OutputExistsError
from cultureplan.base.units import positive
from cultureplan.travel.distribution import Distribution
from cultureplan.travel.geodesic import degrees_array
from cultureplan.travel.parquet_parts import Columns
from cultureplan.world.facilities import Facilities


@dataclass(frozen=True, kw_only=True, eq=False)
class ChunkedCoverage:
    """Who is inside a circle, over any number of people.

    Parameters
    ----------
    n_points : int
        Rows read.
    persons, persons_inside : float
        Persons in all, and with at least one site within its limit; each rounded once.
    overlap : Series, index n_circles
        Persons by the number of circles they are in.
    site_persons : Series, index facility_id
        Persons inside the circle of each site; who is in several circles counts in each.
    groups : DataFrame, index group
        ``persons``, ``persons_inside``, ``share`` by the group column; empty where none was named.
    n_parts : int
        Parts the people were read in.
    runtime_s : float
    """

    n_points: int
    persons: float
    persons_inside: float
    overlap: pd.Series = field(repr=False)
    site_persons: pd.Series = field(repr=False)
    groups: pd.DataFrame = field(repr=False)
    n_parts: int
    runtime_s: float

    @property
    def share(self) -> float:
        """Persons inside over persons; NaN for nobody."""
        return self.persons_inside / self.persons if self.persons > 0 else float("nan")


@dataclass(frozen=True, kw_only=True, eq=False)
class ChunkedSpread:
    """How a number (distance, access, a column) is spread over any number of persons.

    Parameters
    ----------
    n_points : int
        Rows read.
    spread : Distribution
        The distribution: ``mean``, ``gini``, ``gini_error``, ``lorenz_curve()``, ``quantile(share)``.
    sites : DataFrame, index facility_id
        ``nearest_persons`` (nearest), or ``demand_persons`` and ``supply_per_person`` (access).
    n_parts : int
        Parts the people were read in.
    runtime_s : float
    """

    n_points: int
    spread: Distribution
    sites: pd.DataFrame = field(repr=False)
    n_parts: int
    runtime_s: float

    @property
    def persons(self) -> float:
        """All persons."""
        return self.spread.n_persons


def located_sites(
    sites: object, columns: Columns, *, at_least_one: bool = False
) -> tuple[pd.Index, np.ndarray, np.ndarray, int]:
    """Return ids and coordinates of the sites that count, their rows in what was given, and its length."""
    if isinstance(sites, Facilities):
        rows = sites.select()
        rows = rows[np.argsort(sites.ids.to_numpy(str)[rows], kind="stable")]
        xy, ids = sites.xy[rows], sites.ids[rows]
        xy = to_lonlat(xy, sites.crs) if columns.degrees else xy
    else:
        xy = degrees_array("sites", sites) if columns.degrees else points_array("sites", sites)
        rows, ids = np.arange(len(xy)), pd.RangeIndex(len(xy), name="facility_id")
    if at_least_one and len(rows) == 0:
        raise InputError.of("fault.wrong_shape", name="sites", got=xy.shape, want="(n, 2), n > 0")
    return ids, xy, rows, len(sites) if isinstance(sites, Facilities) else len(xy)


def matched_supply(supply: object, sites: object) -> object:
    """Return supply in the order of the sites."""
    if isinstance(supply, pd.Series) and isinstance(sites, Facilities):
        return supply.reindex(sites.ids).to_numpy(float)
    return supply


def decay_steps(decay: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return rising limits and the weights up to each."""
    pairs = sorted(decay.items()) if isinstance(decay, Mapping) else list(getattr(decay, "steps", ()))
    if not pairs or getattr(decay, "unit", None) not in (None, "m"):
        raise InputError.of("chunked.no_steps")
    limits = np.array([positive("limit", limit) for limit, _ in pairs])
    weights = finite_array("decay", [weight for _, weight in pairs], non_negative=False)
    if np.any(np.diff(weights) > 0) or weights[0] > 1 or weights[-1] < 0:
        listed = ", ".join(f"{limit:g}: {weight:g}" for limit, weight in pairs)
        raise InputError.of("chunked.bad_steps", weights=listed)
    return limits, weights


def output_folder(out: str | Path) -> str:
    """Return a folder to write into, made and empty of Parquet files; an empty name stays one."""
    if not str(out):
        return ""
    folder = Path(out)
    if folder.is_dir() and any(folder.glob("*.parquet")):
        raise OutputExistsError.of("chunked.out_exists", path=str(out))
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder.resolve())
