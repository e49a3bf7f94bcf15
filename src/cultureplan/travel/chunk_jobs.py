"""What a thread or a worker does with one part of the people, and how its answers are put together.

Each job reads a part, asks the disc search, and returns sums that merge in any order without rounding. A job
keeps nothing between parts, so one that is lost with its worker is simply done again elsewhere.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cultureplan.travel.disc_search import search_discs
from cultureplan.travel.distribution import Distribution
from cultureplan.travel.exact_sum import ExactSums
from cultureplan.travel.geodesic import chord_squares, ground_distance_m, mean_radius_m, to_space
from cultureplan.travel.kernels import squared_radii
from cultureplan.travel.parquet_parts import Batch, Columns, Part, read_batches


class Mergeable(Protocol):
    """An answer over some people that can be put together with one over others."""

    def plus(self, other: Self) -> Self:
        """Return the answer over the people of both."""


M = TypeVar("M", bound=Mergeable)
_PLACED = ("x", "y", "persons")
_VALUED = ("persons", "value")


def plus(one: M, other: M) -> M:
    """Return two answers put together."""
    return one.plus(other)


def merged(answers: Iterable[M]) -> M:
    """Return one or more answers put together."""
    return functools.reduce(plus, answers)


def written(
    out: str,
    part: Part,
    job: Callable[[Batch], tuple[M, dict[str, np.ndarray]]],
    columns: Columns,
) -> M:
    """Return the sums of a job over a part; where a folder is named, write a row a person into it.

    The file appears when it is complete, under a name that belongs to the part: a part that is done twice
    leaves the same file. Beside the answers it holds the persons, and the row in the file they came from.
    """
    answers: list[M] = []
    target = Path(out) / f"part-{part.number:06d}.parquet"
    half = target.with_suffix(f".half-{os.getpid()}")
    writer: pq.ParquetWriter | None = None
    row = part.first_row
    for batch in read_batches(part, columns, numbers=_PLACED):
        sums, rows = job(batch)
        answers.append(sums)
        if out:
            n = len(batch.persons)
            table = pa.table({"row": np.arange(row, row + n), "persons": batch.persons, **rows})
            writer = writer or pq.ParquetWriter(half, table.schema)
            writer.write_table(table)
            row += n
    if writer is not None:
        writer.close()
        half.replace(target)
    return merged(answers)


@dataclass(frozen=True, kw_only=True, eq=False)
class Sites:
    """Facilities as the search takes them, in the plane or in space.

    Parameters
    ----------
    points : ndarray, shape (n, 2) or (n, 3), metres
    radius_m : ndarray, shape (n,)
        Mean radius of curvature of the earth at each site; infinite in the plane.
    degrees : bool
        Whether people come in degrees.
    """

    points: np.ndarray
    radius_m: np.ndarray
    degrees: bool

    @classmethod
    def of(cls, xy: np.ndarray, *, degrees: bool) -> Self:
        """Return sites from metres, or from longitude and latitude."""
        if degrees:
            return cls(points=to_space(xy), radius_m=mean_radius_m(xy), degrees=True)
        return cls(points=xy, radius_m=np.full(len(xy), np.inf), degrees=False)

    def __len__(self) -> int:
        return len(self.points)

    def squares(self, limit_m: float | np.ndarray) -> np.ndarray:
        """Return the squared radius of each site's disc."""
        if self.degrees:
            return chord_squares(limit_m, self.radius_m)
        return squared_radii(limit_m, len(self))

    def people(self, batch: Batch) -> np.ndarray:
        """Return where people live, as the search takes it."""
        points = batch.points if batch.points is not None else np.empty((0, 2))
        return to_space(points) if self.degrees else points

    def distance_m(self, square: np.ndarray, site: np.ndarray) -> np.ndarray:
        """Return the distance to a site of each person from its square."""
        return ground_distance_m(square, self.radius_m[site]) if self.degrees else np.sqrt(square)


@dataclass(frozen=True, kw_only=True, eq=False)
class CoverageSums:
    """Persons by the number of circles they are in, by site and by group (all of it, and those inside)."""

    n_points: int
    overlap: ExactSums
    site_persons: ExactSums
    groups: Mapping[object, tuple[ExactSums, ExactSums]] = field(default_factory=dict)

    def plus(self, other: Self) -> Self:
        """Return the sums over the people of both."""
        groups = dict(self.groups)
        for group, (persons, inside) in other.groups.items():
            known = groups.get(group)
            groups[group] = (known[0].plus(persons), known[1].plus(inside)) if known else (persons, inside)
        return type(self)(
            n_points=self.n_points + other.n_points,
            overlap=self.overlap.plus(other.overlap),
            site_persons=self.site_persons.plus(other.site_persons),
            groups=groups,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class SpreadSums:
    """The distribution of a number over persons, and the persons whose nearest each site is."""

    n_points: int
    spread: Distribution
    site_persons: ExactSums

    def plus(self, other: Self) -> Self:
        """Return the sums over the people of both."""
        return type(self)(
            n_points=self.n_points + other.n_points,
            spread=self.spread.plus(other.spread),
            site_persons=self.site_persons.plus(other.site_persons),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class CoverageJob:
    """Who is inside a circle."""

    columns: Columns
    sites: Sites
    squares: np.ndarray

    def __call__(self, part: Part) -> CoverageSums:
        """Return the sums over a part."""
        return merged(self._batch(batch) for batch in read_batches(part, self.columns, numbers=_PLACED))

    def _batch(self, batch: Batch) -> CoverageSums:
        found = search_discs(
            self.sites.people(batch), self.sites.points, squares=self.squares, persons=batch.persons,
            seek=False, threads=1,
        )  # fmt: skip
        groups: dict[object, tuple[ExactSums, ExactSums]] = {}
        if batch.group is not None:
            names, at = np.unique(batch.group.astype(str), return_inverse=True)
            inside = np.where(found.n_within > 0, batch.persons, 0.0)
            for number, name in enumerate(names.tolist()):
                rows = at == number
                groups[name] = (ExactSums.of(batch.persons[rows]), ExactSums.of(inside[rows]))
        return CoverageSums(
            n_points=len(batch.persons),
            overlap=ExactSums.by_key(batch.persons, found.n_within, int(found.n_within.max(initial=0)) + 1),
            site_persons=found.site_persons or ExactSums.zero(len(self.sites)),
            groups=groups,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class NearestJob:
    """How far everybody has to the nearest site, written out where a folder is named."""

    columns: Columns
    sites: Sites
    ids: np.ndarray
    out: str = ""

    def __call__(self, part: Part) -> SpreadSums:
        """Return the sums over a part."""
        return written(self.out, part, self._batch, self.columns)

    def _batch(self, batch: Batch) -> tuple[SpreadSums, dict[str, np.ndarray]]:
        found = search_discs(self.sites.people(batch), self.sites.points, threads=1)
        distance_m = self.sites.distance_m(found.nearest_square, found.nearest)
        sums = SpreadSums(
            n_points=len(batch.persons),
            spread=Distribution.of(distance_m, batch.persons),
            site_persons=ExactSums.by_key(batch.persons, found.nearest, len(self.sites)),
        )
        return sums, {"nearest_facility_id": self.ids[found.nearest], "nearest_m": distance_m}


@dataclass(frozen=True, kw_only=True, eq=False)
class DemandJob:
    """Persons about each site, within each step of a decay: the first half of the floating catchment."""

    columns: Columns
    sites: Sites
    squares: np.ndarray

    def __call__(self, part: Part) -> ExactSums:
        """Return the persons in each disc over a part, one step after the other."""
        return merged(self._batch(batch) for batch in read_batches(part, self.columns, numbers=_PLACED))

    def _batch(self, batch: Batch) -> ExactSums:
        n_steps = len(self.squares)
        discs = np.tile(self.sites.points, (n_steps, 1))
        found = search_discs(
            self.sites.people(batch), discs, squares=self.squares.ravel(), persons=batch.persons,
            seek=False, threads=1,
        )  # fmt: skip
        return found.site_persons or ExactSums.zero(len(discs))


@dataclass(frozen=True, kw_only=True, eq=False)
class AccessJob:
    """What everybody finds: the second half, the ratios of the sites in reach by step of the decay.

    Parameters
    ----------
    gains : ndarray of int64, shape (n_steps, n_sites)
        What a disc gives, in units of ``2.0 ** -bits`` of supply per person.
    """

    columns: Columns
    sites: Sites
    squares: np.ndarray
    gains: np.ndarray
    bits: int
    out: str = ""

    def __call__(self, part: Part) -> SpreadSums:
        """Return the sums over a part."""
        return written(self.out, part, self._batch, self.columns)

    def _batch(self, batch: Batch) -> tuple[SpreadSums, dict[str, np.ndarray]]:
        discs = np.tile(self.sites.points, (len(self.squares), 1))
        found = search_discs(
            self.sites.people(batch), discs, squares=self.squares.ravel(), gains=self.gains.ravel(),
            seek=False, threads=1,
        )  # fmt: skip
        access = np.ldexp(found.n_within.astype(float), -self.bits)
        spread = Distribution.of(access, batch.persons)
        sums = SpreadSums(n_points=len(access), spread=spread, site_persons=ExactSums.zero(0))
        return sums, {"access": access}


@dataclass(frozen=True, kw_only=True, eq=False)
class SpreadJob:
    """How a column is spread over persons."""

    columns: Columns

    def __call__(self, part: Part) -> SpreadSums:
        """Return the sums over a part."""
        return merged(self._batch(batch) for batch in read_batches(part, self.columns, numbers=_VALUED))

    def _batch(self, batch: Batch) -> SpreadSums:
        value = batch.value if batch.value is not None else np.empty(0)
        spread = Distribution.of(value, batch.persons)
        return SpreadSums(n_points=len(value), spread=spread, site_persons=ExactSums.zero(0))
