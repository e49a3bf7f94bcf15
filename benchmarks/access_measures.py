"""Floating catchments and rational agents: PySAL access against cost tables and coordinates.

Run ``python benchmarks/access_measures.py`` (``--n``, ``--m`` for other sizes of the catchments; ``--wide``
to give the peer 50 million pairs too, which takes it over a minute and gigabytes). Both sides get the same
people, facilities and pairs in one run; every answer is checked. The peer is measured once, we are
measured several times and our first call is shown apart. Memory is what numpy allocates at the peak,
above the input. (The file may not be called access: it would hide the peer.)
"""

from __future__ import annotations

import argparse
import importlib.metadata
import math
import platform
import time
import tracemalloc
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import cultureplan as cp

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from access import fca, weights
    from access.raam import raam as peer_raam

SIDE_M = 100_000.0
TAU_M = 50_000.0


def timed(job: Callable[[], Any]) -> tuple[Any, float]:
    """Return the answer and the seconds of one run."""
    begin = time.perf_counter()
    answer = job()
    return answer, time.perf_counter() - begin


def best_of(times: int, job: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return the answer, the shortest of several runs and the first, seconds."""
    runs = [timed(job) for _ in range(times)]
    return runs[-1][0], min(seconds for _, seconds in runs), runs[0][1]


def peak_mb(job: Callable[[], Any]) -> float:
    """Return the most memory that a run holds at once, MB."""
    tracemalloc.start()
    job()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def largest_difference(ours: pd.Series, theirs: pd.Series) -> float:
    """Return the largest relative difference where the peer has a value; ours must be 0 elsewhere."""
    theirs = theirs.reindex(ours.index)
    known = theirs.notna() & (theirs > 0)
    assert (ours[theirs.isna()] == 0).all()
    return float((ours[known] / theirs[known] - 1).abs().max())


def line(job: str, peer_s: float, ours_s: float, first_s: float, note: str) -> None:
    ratio = f"{peer_s / ours_s:7.0f} x" if math.isfinite(peer_s) else "        -"
    peer = f"{peer_s:9.2f} s" if math.isfinite(peer_s) else "          -"
    print(f"{job:52s} {peer} {ours_s:9.3f} s {ratio}   first call {first_s:6.2f} s   {note}")


def catchments(n: int, m: int, *, wide: bool) -> None:
    rng = np.random.default_rng(1)
    xy, site_xy = rng.uniform(0, SIDE_M, (n, 2)), rng.uniform(0, SIDE_M, (m, 2))
    persons = pd.Series(rng.integers(1, 200, n), name="demand").rename_axis("geoid")
    supply = pd.Series(rng.integers(1, 50, m), name="supply").rename_axis("geoid")
    for per_person, job_names in ((10, ("two_step", "three_step", "coordinates")), (50, ("coordinates",))):
        reach = SIDE_M * math.sqrt(per_person / (math.pi * m))
        steps = {reach / 5: 1.0, reach / 2: 0.68, reach: 0.22}
        near, theirs = cp.access.step(steps), weights.step_fn(steps)
        with_peer = wide or per_person == 10
        costs = cp.straight_line_costs(xy, site_xy, limit_m=reach)
        n_pairs = costs.n_pairs
        pairs = pd.DataFrame(
            {"origin": costs.rows, "dest": costs.indices.astype(np.int64), "cost": costs.values}
        )
        size = f"{n:,} x {m:,}, {n_pairs / 1e6:.0f}M pairs"
        e2sfca: pd.Series | None = None
        e2sfca_s = math.nan
        if with_peer:
            arguments: dict[str, Any] = {"max_cost": reach, "weight_fn": theirs}
            e2sfca, e2sfca_s = timed(
                lambda p=pairs, a=arguments: fca.two_stage_fca(persons.to_frame(), supply.to_frame(), p, **a)
            )
        for name in job_names:
            if name == "coordinates":

                def job(decay: Any = near) -> pd.Series:
                    return cp.access.two_step_from_coordinates(xy, persons, site_xy, supply, decay=decay)

                theirs_value, peer_s, label = e2sfca, e2sfca_s, "E2SFCA from coordinates, no pairs"
            elif name == "two_step":

                def job(decay: Any = near, table: Any = costs) -> pd.Series:
                    return cp.access.two_step_floating_catchment(table, persons, supply, decay=decay)

                theirs_value, peer_s, label = e2sfca, e2sfca_s, "E2SFCA from pairs"
            else:

                def job(decay: Any = near, table: Any = costs) -> pd.Series:
                    return cp.access.three_step_floating_catchment(table, persons, supply, decay=decay)

                label = "3SFCA from pairs"
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    theirs_value, peer_s = timed(
                        lambda p=pairs, a=arguments: fca.three_stage_fca(
                            persons.to_frame(), supply.to_frame(), p, **a
                        )
                    )
            ours, ours_s, first_s = best_of(5, job)
            note = f"{peak_mb(job):.0f} MB"
            if theirs_value is not None:
                difference = largest_difference(ours, theirs_value)
                assert difference < 1e-9, difference
                note += f", {difference:.0e} apart"
            line(f"{label}, {size}", peer_s, ours_s, first_s, note)


def rational_agents(n: int, m: int) -> None:
    rng = np.random.default_rng(2)
    xy, site_xy = rng.uniform(0, SIDE_M / 2, (n, 2)), rng.uniform(0, SIDE_M / 2, (m, 2))
    persons = pd.Series(rng.integers(1, 3_000, n), name="demand").rename_axis("geoid")
    supply = pd.Series(rng.integers(1, 50, m), name="supply").rename_axis("geoid")
    costs = cp.straight_line_costs(xy, site_xy, limit_m=SIDE_M)
    pairs = pd.DataFrame({"origin": costs.rows, "dest": costs.indices, "cost": costs.values})
    theirs, peer_s = timed(lambda: peer_raam(persons.to_frame(), supply.to_frame(), pairs, tau=TAU_M))

    def rounds() -> pd.Series:
        return cp.access.raam(costs, persons, supply, tau=TAU_M)

    ours, ours_s, first_s = best_of(3, rounds)
    difference = largest_difference(ours, theirs)
    assert difference < 1e-9, difference
    size = f"{n:,} x {m:,}"
    line(
        f"RAAM, the peer's 150 rounds, {size}",
        peer_s,
        ours_s,
        first_s,
        f"{peak_mb(rounds):.0f} MB, {difference:.0e} apart",
    )
    exact = cp.access.raam_equilibrium(costs, persons, supply, tau=TAU_M, tolerance=1e-8, max_rounds=5_000)
    worst = float((theirs.reindex(ours.index) / exact.cost - 1).abs().max())
    print(f"  the peer's costs are up to {worst:.0%} off the resting point (proven to {exact.gap:.0e})")
    for tolerance in (1e-3, 1e-5):

        def rest(tolerance: float = tolerance) -> Any:
            return cp.access.raam_equilibrium(costs, persons, supply, tau=TAU_M, tolerance=tolerance)

        result, ours_s, first_s = best_of(3, rest)
        off = float((result.cost / exact.cost - 1).abs().max())
        assert result.gap <= tolerance
        label = f"RAAM, resting point, gap {tolerance:.0e}, {size}"
        line(label, peer_s, ours_s, first_s, f"{peak_mb(rest):.0f} MB, at most {off:.1%} off")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=1_000_000, help="demand points of the catchments")
    parser.add_argument("--m", type=int, default=10_000, help="facilities of the catchments")
    parser.add_argument("--wide", action="store_true", help="give the peer the 50 million pairs too")
    args = parser.parse_args()
    print(f"{'job':52s} {'peer':>11s} {'ours':>11s} {'ratio':>9s}")
    catchments(args.n, args.m, wide=args.wide)
    rational_agents(10_000, 1_000)
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("access", "numpy", "pandas")
    )
    print(f"python {platform.python_version()}, {versions}, {platform.machine()}")


if __name__ == "__main__":
    main()
