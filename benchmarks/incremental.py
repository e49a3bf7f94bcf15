"""One facility moved among a million people: a held coverage against measuring anew.

Run ``python benchmarks/incremental.py`` (``--short`` for 100,000 people). The peer is the library's own full
measurement of the changed world, which asks everybody; changing the world itself is not counted. After the
moves both must agree to the last bit on every person. How long a move takes depends on the people within the
old and the new circle, and on those whose nearest facility it is: with few facilities these are many.
"""

from __future__ import annotations

import argparse
import datetime as dt
import platform
import time

import geopandas as gpd
import numba
import numpy as np
import pandas as pd

import cultureplan as cp
from cultureplan.measures.incremental import HeldCoverage
from cultureplan.travel.kernels import sites_near

SIDE_M = 60_000.0
CRS = "EPSG:4544"
CORNER = np.array([470_000.0, 4_300_000.0])


def build_world(n: int, n_sites: int) -> cp.World:
    """A country of towns and villages: half of the people in a hundred clusters, half anywhere."""
    rng = np.random.default_rng(7)
    towns = rng.uniform(0, SIDE_M, (100, 2))
    xy = rng.uniform(0, SIDE_M, (n, 2))
    xy[: n // 2] = towns[rng.integers(0, 100, n // 2)] + rng.normal(0, 1_500, (n // 2, 2))
    people = pd.DataFrame({"demand_id": np.arange(n).astype(str), "persons": rng.random(n) * 9})
    sites = CORNER + xy[rng.integers(0, n, n_sites)]
    table = pd.DataFrame({"facility_id": [f"F{at:05d}" for at in range(n_sites)], "name": "library"})
    table = table.assign(level="service_point", kind="library")
    return cp.World(
        name="bench",
        demand=cp.DemandPoints(
            gpd.GeoDataFrame(people, geometry=gpd.points_from_xy(*(CORNER + xy).T), crs=CRS)
        ),
        facilities=cp.Facilities(gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(*sites.T), crs=CRS)),
    )


def compare(n: int, n_sites: int, n_moves: int) -> None:
    world = build_world(n, n_sites)
    rule = cp.CircleRule(settlement="urban", limit=1_000, mode=cp.StraightLine())
    standard = cp.CircleStandard(id="1 km", rules=(rule,))
    begin = time.perf_counter()
    held = HeldCoverage(world, standard)
    held_s = time.perf_counter() - begin

    rng = np.random.default_rng(1)
    scenario, taken, touched = cp.Scenario(world), [], []
    for _ in range(n_moves):
        name = f"F{rng.integers(n_sites):05d}"
        at = held.facilities.loc[name]
        x_m, y_m = at["x_m"] + rng.normal(0, 800), at["y_m"] + rng.normal(0, 800)
        scenario = scenario.move(name, x_m=x_m, y_m=y_m)
        begin = time.perf_counter()
        change = held.move(name, x_m=x_m, y_m=y_m)
        persons = held.persons
        taken.append(time.perf_counter() - begin)
        touched.append(len(change.points))

    changed, full_s = scenario.apply(), np.inf
    for _ in range(3):
        begin = time.perf_counter()
        full = cp.measure_coverage(changed, standard)
        full_persons = full.persons
        full_s = min(full_s, time.perf_counter() - begin)
    search_s, demand_xy, site_xy = np.inf, changed.demand.xy, changed.facilities.xy
    for _ in range(3):
        begin = time.perf_counter()
        sites_near(demand_xy, site_xy, 1_000.0)
        search_s = min(search_s, time.perf_counter() - begin)
    pd.testing.assert_frame_equal(held.points, full.points, check_exact=True)
    assert persons == full_persons

    median, worst = float(np.median(taken)), float(np.max(taken))
    print(f"{n:,} people, {n_sites:,} facilities, circles of 1 km, {n_moves} moves of about 1 km")
    print(f"  holding the coverage, once              {1e3 * held_s:9.1f} ms")
    print(f"  measured anew                           {1e3 * full_s:9.1f} ms")
    print(f"  of which the search of everybody        {1e3 * search_s:9.1f} ms")
    print(f"  one move, median                        {1e3 * median:9.2f} ms   {full_s / median:6.0f} x")
    print(f"  one move, worst                         {1e3 * worst:9.2f} ms   {full_s / worst:6.0f} x")
    print(f"  people asked about, median and most     {int(np.median(touched)):,} and {max(touched):,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="100,000 people, for a quick check")
    args = parser.parse_args()
    n = 100_000 if args.short else 1_000_000
    for n_sites in (300, 1_000, 10_000):
        compare(n, n_sites, 60)
    print(
        f"{dt.datetime.now(tz=dt.UTC).date()}, python {platform.python_version()}, numpy {np.__version__}, "
        f"pandas {pd.__version__}, numba {numba.__version__}, {platform.machine()}"
    )


if __name__ == "__main__":
    main()
