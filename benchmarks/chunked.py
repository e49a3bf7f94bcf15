"""Coverage of 100 million people in Parquet partitions: time and memory, and the same numbers as in memory.

Run ``python benchmarks/chunked.py`` (``--short`` for two million; ``--cluster`` for two worker processes as
well). A hundred files of a million people each are written into a temporary folder, in spatial order and once
more in random order (2 GB each), and deleted at the end. The memory is that of a process of its own that
does nothing else. The numbers are compared with those of :func:`sites_near` on the same people in memory.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import dask
import numba
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cultureplan.travel import chunked
from cultureplan.travel.exact_sum import ExactSums
from cultureplan.travel.kernels import search_near, squared_radii

SIDE_M, LIMIT_M, N_SITES = 300_000.0, 2_000.0, 10_000
COUNTED = "--counted"


def lay_sites() -> np.ndarray:
    return np.random.default_rng(1).uniform(0, SIDE_M, (N_SITES, 2))


def lay_people(tile: int, n_tiles: int, n: int, *, spatial: bool) -> tuple[np.ndarray, np.ndarray]:
    """A million people of one strip of the land in order, or of all of it in any order."""
    rng = np.random.default_rng([2, tile])
    xy = rng.uniform(0, SIDE_M, (n, 2))
    persons = rng.gamma(2.0, 2.0, n).astype(np.float32)
    if spatial:
        xy[:, 1] = (tile + xy[:, 1] / SIDE_M) * SIDE_M / n_tiles
        order = np.lexsort((xy[:, 1], np.floor(xy[:, 0] / 500)))
        xy, persons = xy[order], persons[order]
    return xy, persons


def write(folder: Path, n_files: int, n: int, *, spatial: bool) -> None:
    for tile in range(n_files):
        xy, persons = lay_people(tile, n_files, n, spatial=spatial)
        table = pa.table({"x": xy[:, 0], "y": xy[:, 1], "persons": persons})
        pq.write_table(
            table,
            folder / f"{tile:04d}.parquet",
            use_dictionary=False,
            compression="none",
            row_group_size=2**18,
        )


def in_memory(n_files: int, n: int, *, spatial: bool) -> tuple[str, str]:
    """Return persons in all and inside without a file, file by file, as text of the exact float."""
    sites, total, inside = lay_sites(), ExactSums.zero(), ExactSums.zero()
    for tile in range(n_files):
        xy, persons = lay_people(tile, n_files, n, spatial=spatial)
        people = persons.astype(float)
        found = search_near(xy, sites, squared_radii(LIMIT_M, N_SITES))
        total, inside = (
            total.plus(ExactSums.of(people)),
            inside.plus(ExactSums.of(people[found.n_within > 0])),
        )
    return total.total().hex(), inside.total().hex()


def counted(job: str, folder: str) -> None:
    """Do one job and print what it found, took and held; run in a process of its own."""
    import resource

    run = chunked.Run(progress=False)
    begin = 0.0
    warm = next(Path(folder).glob("*.parquet"))
    if job == "coverage":
        chunked.coverage(warm, lay_sites(), limit_m=LIMIT_M, run=run)  # compiled, or loaded
        begin = time.process_time()
        found = chunked.coverage(folder, lay_sites(), limit_m=LIMIT_M, run=run)
        answer = {"total": found.persons.hex(), "inside": found.persons_inside.hex(), "share": found.share}
    elif job == "nearest":
        chunked.nearest(warm, lay_sites(), run=run)
        begin = time.process_time()
        found = chunked.nearest(folder, lay_sites(), run=run)
        answer = {"total": found.persons.hex(), "gini_error": found.spread.gini_error}
    else:
        supply, decay = np.full(N_SITES, 300.0), {1_000: 1.0, 2_000: 0.68, 5_000: 0.22}
        chunked.access(warm, lay_sites(), supply, decay=decay, run=run)
        begin = time.process_time()
        found = chunked.access(folder, lay_sites(), supply, decay=decay, run=run)
        answer = {
            "total": found.persons.hex(),
            "gini": found.spread.gini,
            "gini_error": found.spread.gini_error,
        }
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    core_s = time.process_time() - begin
    print(
        json.dumps(
            {"seconds": found.runtime_s, "core_s": core_s, "peak_mb": peak_mb, "n": found.n_points, **answer}
        )
    )


def apart(job: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, __file__, COUNTED, job, str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


def on_cluster(folder: Path, expected: str) -> None:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made,
        Client(made) as client,
    ):
        run = chunked.Run(client=client, progress=False)
        found = chunked.coverage(folder, lay_sites(), limit_m=LIMIT_M, run=run)
        assert found.persons_inside.hex() == expected
        print(f"  coverage   {found.runtime_s:8.2f} s on two worker processes, starting them not counted")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="two million people, for a quick check")
    parser.add_argument("--cluster", action="store_true", help="also on two worker processes")
    args = parser.parse_args()
    n_files, n = (4, 500_000) if args.short else (100, 1_000_000)
    for spatial in (True, False):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write(folder, n_files, n, spatial=spatial)
            begin = time.perf_counter()
            total, inside = in_memory(n_files, n, spatial=spatial)
            made_s = time.perf_counter() - begin
            order = "spatial" if spatial else "random"
            print(f"{n_files * n:,} people in {n_files} files in {order} order, {N_SITES:,} sites")
            for job in ("coverage", "nearest", "access") if spatial else ("coverage",):
                found = apart(job, folder)
                assert found["n"] == n_files * n
                assert found["total"] == total
                assert job != "coverage" or found["inside"] == inside
                per_million = found["core_s"] / (n_files * n / 1e6)
                print(
                    f"  {job:<10} {found['seconds']:8.2f} s on {os.cpu_count()} cores, "
                    f"{found['core_s']:.1f} s of one core ({per_million:.3f} s a million), "
                    f"{found['peak_mb']:.0f} MB at the peak"
                )
            print(f"  same numbers as in memory (made and searched in {made_s:.1f} s)")
            if args.cluster and spatial:
                on_cluster(folder, inside)
    print(
        f"{dt.datetime.now(tz=dt.UTC).date()}, python {platform.python_version()}, numpy {np.__version__}, "
        f"numba {numba.__version__}, pyarrow {pa.__version__}, dask {dask.__version__}, {platform.machine()}"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == [COUNTED]:
        counted(*sys.argv[2:4])
    else:
        main()
