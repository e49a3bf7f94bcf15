"""Any number of people: the same searches over partitions of Parquet files, with Dask.

A province on a 100 m grid does not fit into memory; its files do fit through it. The people are read a
million rows at a time; each thread or worker searches its rows and returns sums, and the sums are merged
without rounding. The answer is the same to the last bit as if everybody had been in memory, whatever the
order and size of the partitions, the number of threads, and the workers lost on the way.

By default the threads of this machine do it. With ``Run(client=...)`` (a ``dask.distributed.Client``) any
cluster does; its workers must see the files under the same names and have cultureplan installed.

Memory: for each thread about 200 MB, and 100 bytes for each site (and step of the decay). Nothing grows with
the number of people.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from cultureplan.base.checks import finite_array
from cultureplan.base.errors import CulturePlanError, MissingExtraError
from cultureplan.base.messages import text
from cultureplan.travel.chunk_jobs import (
    AccessJob,
    CoverageJob,
    CoverageSums,
    DemandJob,
    M,
    NearestJob,
    Sites,
    SpreadJob,
    SpreadSums,
    merged,
    plus,
)
from cultureplan.travel.chunk_results import (
    ChunkedCoverage,
    ChunkedSpread,
    decay_steps,
    located_sites,
    matched_supply,
    output_folder,
)
from cultureplan.travel.distribution import Distribution
from cultureplan.travel.exact_sum import ExactSums
from cultureplan.travel.kernels import limits_array
from cultureplan.travel.parquet_parts import Columns, Part, Source, find_parts

__all__ = ["ChunkedCoverage", "ChunkedSpread", "Columns", "Run", "access", "coverage", "equity", "nearest"]

PLAIN = Columns()
_MERGED_AT_ONCE = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """Who does the work, and how it is watched.

    Parameters
    ----------
    client : dask.distributed.Client, optional
        A cluster; the threads of this machine where absent.
    progress : bool or callable
        A bar; or a function that is called with the parts done and the parts in all.
    threads : int, optional
        Threads of this machine; all cores where absent.
    """

    client: Any = None
    progress: bool | Callable[[int, int], None] = True
    threads: int | None = None

    def sums(self, job: Callable[[Part], M], parts: list[Part], nothing: M) -> M:
        """Return what a job makes of all parts, put together; `nothing` where there are none."""
        if not parts:
            return nothing
        with _Watch(self.progress, len(parts)) as watch:
            if self.client is not None:
                return self._on_cluster(job, parts, watch)
            return self._on_threads(job, parts, watch)

    def _on_threads(self, job: Callable[[Part], M], parts: list[Part], watch: _Watch) -> M:
        dask = _dask()

        def watched(part: Part) -> M:
            found = job(part)
            watch.one_more()
            return found

        row = [dask.delayed(watched, pure=False)(part) for part in parts]
        while len(row) > 1:  # a tree, so that answers are merged while others are still worked out
            row = [
                dask.delayed(merged, pure=False)(row[at : at + _MERGED_AT_ONCE])
                for at in range(0, len(row), _MERGED_AT_ONCE)
            ]
        (found,) = dask.compute(row[0], scheduler="threads", num_workers=self.threads or os.cpu_count() or 1)
        answer: M = found
        return answer

    def _on_cluster(self, job: Callable[[Part], M], parts: list[Part], watch: _Watch) -> M:
        """Hand out parts as workers become free, and merge here what comes back."""
        import distributed

        client, waiting = self.client, list(reversed(parts))
        shared = client.submit(_same, job, pure=False)  # sent once, and again to a worker that was lost

        def send() -> Any:
            return client.submit(_answer, shared, waiting.pop(), pure=False)

        at_once = min(len(parts), 4 * max(1, sum(client.nthreads().values())))
        working: Any = distributed.as_completed([send() for _ in range(at_once)])  # type: ignore[no-untyped-call]
        answers: list[M] = []
        for future in working:
            found = future.result()
            if isinstance(found, CulturePlanError):
                raise found
            answers = [plus(answers[0], found)] if answers else [found]
            watch.one_more()
            if waiting:
                working.add(send())
        return answers[0]


class _Watch:
    """Counts the parts done, for a bar or for the caller's function, from any thread."""

    def __init__(self, progress: bool | Callable[[int, int], None], n: int) -> None:
        self._call = progress if callable(progress) else None
        self._bar = tqdm(total=n, unit=text("chunked.progress"), disable=progress is not True)
        self._done, self._n, self._lock = 0, n, threading.Lock()

    def __enter__(self) -> _Watch:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def one_more(self) -> None:
        """Say that one more part is done."""
        with self._lock:
            self._done += 1
            self._bar.update()
            if self._call is not None:
                self._call(self._done, self._n)


def _dask() -> ModuleType:
    try:
        import dask
    except ImportError:
        raise MissingExtraError.for_extra("dask", "dask") from None
    return dask


def _same(job: Callable[[Part], M]) -> Callable[[Part], M]:
    """Return a job as it is: the copy that the workers share."""
    return job


def _answer(job: Callable[[Part], M], part: Part) -> M | CulturePlanError:
    """Return what a job makes of a part, or the fault of the part: trying again would not mend it."""
    try:
        return job(part)
    except CulturePlanError as error:
        return error


def coverage(
    source: Source,
    sites: object,
    *,
    limit_m: object,
    columns: Columns = PLAIN,
    run: Run | None = None,
) -> ChunkedCoverage:
    """Measure who is inside a circle, over partitions.

    Parameters
    ----------
    source : str, Path or sequence of them
        Folders, patterns or files. People in spatial order are searched about twice as fast.
    sites : Facilities or array-like, shape (n_sites, 2)
        Facilities (the existing ones count), or points in the coordinates of the people.
    limit_m : float or array-like, shape (n_sites,)
        Inclusive; one for all sites or one a site.
    columns : Columns
        What the columns of the partitions are called, and whether they are degrees.
    run : Run, optional
        A cluster, a progress bar, the number of threads.

    Returns
    -------
    ChunkedCoverage

    Raises
    ------
    TableError
        Naming each file that lacks a column or cannot be read, and rows with missing or negative numbers.

    Examples
    --------
    >>> import tempfile, pandas as pd
    >>> from cultureplan.travel import chunked
    >>> folder = tempfile.TemporaryDirectory()
    >>> people = pd.DataFrame({"x": [0.0, 900.0], "y": [0.0, 0.0], "persons": [100, 50]})
    >>> people.to_parquet(folder.name + "/1.parquet")
    >>> chunked.coverage(folder.name, [[0, 500]], limit_m=500, run=chunked.Run(progress=False)).share
    0.6666666666666666
    >>> folder.cleanup()
    """
    begin, run = time.perf_counter(), run or Run()
    ids, xy, rows, n_given = located_sites(sites, columns)
    placed, limits = Sites.of(xy, degrees=columns.degrees), limits_array("limit_m", limit_m, n=n_given)
    parts = find_parts(source, columns, numbers=("x", "y", "persons"))
    squares = placed.squares(limits[rows] if isinstance(limits, np.ndarray) else limits)
    nothing = CoverageSums(n_points=0, overlap=ExactSums.zero(), site_persons=ExactSums.zero(len(ids)))
    found = run.sums(CoverageJob(columns=columns, sites=placed, squares=squares), parts, nothing)
    overlap = pd.Series(found.overlap.to_array(), name="persons").rename_axis("n_circles")
    circled = np.minimum(np.arange(found.overlap.n), 1)
    named = sorted(found.groups.items(), key=str)
    groups = pd.DataFrame(
        [(a.total(), b.total()) for _, (a, b) in named],
        columns=["persons", "persons_inside"],
        index=pd.Index([name for name, _ in named], name=columns.group or "group", dtype=object),
        dtype=float,
    )
    groups["share"] = groups["persons_inside"] / groups["persons"].where(groups["persons"] > 0)
    return ChunkedCoverage(
        n_points=found.n_points,
        persons=found.overlap.total(),
        persons_inside=float(found.overlap.regrouped(circled, 2).to_array()[1]),
        overlap=overlap,
        site_persons=pd.Series(found.site_persons.to_array(), index=ids, name="persons"),
        groups=groups,
        n_parts=len(parts),
        runtime_s=time.perf_counter() - begin,
    )


def nearest(
    source: Source,
    sites: object,
    *,
    columns: Columns = PLAIN,
    out: str | Path = "",
    run: Run | None = None,
) -> ChunkedSpread:
    """Measure how far everybody has to the nearest site, over partitions.

    Parameters
    ----------
    source, sites, columns, run
        As for :func:`coverage`.
    out : str or Path, optional
        Folder to write ``row``, ``persons``, ``nearest_facility_id`` and ``nearest_m`` into, a file a part.

    Returns
    -------
    ChunkedSpread
        The distribution of the distance in metres; ``sites["nearest_persons"]`` says for how many persons
        each site is the nearest. A tie goes to the id that sorts first, or to the point that stands first.
    """
    begin, run = time.perf_counter(), run or Run()
    ids, xy, _, _ = located_sites(sites, columns, at_least_one=True)
    parts = find_parts(source, columns, numbers=("x", "y", "persons"))
    job = NearestJob(
        columns=columns,
        sites=Sites.of(xy, degrees=columns.degrees),
        ids=ids.to_numpy(str) if ids.dtype == object else ids.to_numpy(),
        out=output_folder(out),
    )
    found = run.sums(job, parts, _nobody(len(ids)))
    table = pd.DataFrame({"nearest_persons": found.site_persons.to_array()}, index=ids)
    return _spread(found, table, parts, begin)


def access(
    source: Source,
    sites: object,
    supply: object,
    *,
    decay: Any,
    columns: Columns = PLAIN,
    out: str | Path = "",
    run: Run | None = None,
) -> ChunkedSpread:
    """Measure the supply per person in reach (enhanced two-step floating catchment), over partitions.

    The people are read twice: to hand their persons to the sites in reach, and to collect the sites'
    supply per person. With a step decay neither needs pairs. What people collect is added up in whole
    multiples of a small unit (2**-61 of the sum over all sites), so that no order can change it.

    Parameters
    ----------
    source, sites, columns, run
        As for :func:`coverage`.
    supply : Series or array-like, shape (n_sites,)
        Supply of each site, in the order of `sites`; a Series is matched by facility id.
    decay : Mapping[float, float] or step decay
        Upper limits in metres (inclusive) and weights, or ``cp.access.step(...)``.
    out : str or Path, optional
        Folder to write ``row``, ``persons`` and ``access`` into, a file a part.

    Returns
    -------
    ChunkedSpread
        The distribution of supply per person; ``sites`` holds each site's weighted demand and its ratio.

    References
    ----------
    Luo and Qi (2009), Health & Place 15: 1100-1107.
    """
    begin, run = time.perf_counter(), run or Run()
    ids, xy, rows, n_given = located_sites(sites, columns)
    offered = finite_array("supply", matched_supply(supply, sites), n=n_given)[rows]
    limits, weights = decay_steps(decay)
    parts = find_parts(source, columns, numbers=("x", "y", "persons"))
    placed = Sites.of(xy, degrees=columns.degrees)
    squares = np.stack([placed.squares(limit) for limit in limits])
    demand_job = DemandJob(columns=columns, sites=placed, squares=squares)
    held = run.sums(demand_job, parts, ExactSums.zero(squares.size)).to_array().reshape(squares.shape)
    adds = weights - np.append(weights[1:], 0.0)  # what a disc adds to the one around it
    demand = adds @ held
    ratio = np.divide(offered, demand, out=np.zeros(len(ids)), where=demand > 0)
    given = adds[:, None] * ratio
    bits = 61 - math.frexp(max(float(given.sum()), 1e-300))[1]
    gains = np.rint(np.ldexp(given, bits)).astype(np.int64)
    folder = output_folder(out)
    job = AccessJob(columns=columns, sites=placed, squares=squares, gains=gains, bits=bits, out=folder)
    found = run.sums(job, parts, _nobody(0))
    table = pd.DataFrame({"demand_persons": demand, "supply_per_person": ratio}, index=ids)
    return _spread(found, table, parts, begin)


def equity(source: Source, *, columns: Columns, run: Run | None = None) -> ChunkedSpread:
    """Measure how equally a column is spread over persons, over partitions.

    Parameters
    ----------
    source, run
        As for :func:`coverage`; for example the folder that :func:`access` wrote.
    columns : Columns
        ``Columns(value="access")``: the number, and the persons who have it.

    Returns
    -------
    ChunkedSpread
        With ``spread.gini``, exact up to 65,536 different values and with a stated error
        (``spread.gini_error``) beyond, ``spread.lorenz_curve()``, ``spread.quantile(0.5)``.
    """
    begin, run = time.perf_counter(), run or Run()
    parts = find_parts(source, columns, numbers=("persons", "value"))
    found = run.sums(SpreadJob(columns=columns), parts, _nobody(0))
    return _spread(found, pd.DataFrame(index=pd.Index([], name="facility_id", dtype=object)), parts, begin)


def _spread(found: SpreadSums, table: pd.DataFrame, parts: list[Part], begin: float) -> ChunkedSpread:
    return ChunkedSpread(
        n_points=found.n_points,
        spread=found.spread,
        sites=table,
        n_parts=len(parts),
        runtime_s=time.perf_counter() - begin,
    )


def _nobody(n_sites: int) -> SpreadSums:
    return SpreadSums(n_points=0, spread=Distribution.nobody(), site_persons=ExactSums.zero(n_sites))
