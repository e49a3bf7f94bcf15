"""Persons inside, nearest and overlap for a million people: k-d trees and spatial joins against one pass.

Run ``python benchmarks/reach.py`` (``--short`` for a tenth of it). Every side gets the same people, sites and
radius in one run and answers the same three questions: how many circles each person is in, which site is
nearest, how many persons have a site within reach. The answers must be equal: each peer takes the square
root, so a person within a billionth of a rim is let off. Ours also adds up the persons about each site.

Peers: scipy's cKDTree, once listing the pairs in reach (as coverage is usually written, and as anything
about the single sites needs) and once only counting them (its fastest way to these answers), both on all
cores; geopandas' ``sjoin(predicate="dwithin")`` and ``sjoin_nearest``; scikit-learn's BallTree.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import platform
import resource
import time
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numba
import numpy as np
import scipy
import shapely
import sklearn
from scipy.spatial import cKDTree
from sklearn.neighbors import BallTree

from cultureplan.travel.kernels import Near, sites_near

SIDE_M = 30_000.0
Answer = tuple[np.ndarray, np.ndarray]  # circles about each person, distance of the nearest


def by_listing(demand: np.ndarray, sites: np.ndarray, radius_m: float) -> Answer:
    tree = cKDTree(sites)
    n_within = np.empty(len(demand), np.int64)
    for at in range(0, len(demand), 100_000):  # all lists at once would not fit into memory
        listed = tree.query_ball_point(demand[at : at + 100_000], radius_m, workers=-1)
        n_within[at : at + 100_000] = [len(near) for near in listed]
    return n_within, tree.query(demand, workers=-1)[0]


def by_counting(demand: np.ndarray, sites: np.ndarray, radius_m: float) -> Answer:
    tree = cKDTree(sites)
    n_within = tree.query_ball_point(demand, radius_m, return_length=True, workers=-1)
    return n_within, tree.query(demand, workers=-1)[0]


def by_sjoin(demand: np.ndarray, sites: np.ndarray, radius_m: float) -> Answer:
    people = gpd.GeoDataFrame(geometry=shapely.points(demand), crs="EPSG:4544")
    libraries = gpd.GeoDataFrame(geometry=shapely.points(sites), crs="EPSG:4544")
    pairs = gpd.sjoin(people, libraries, predicate="dwithin", distance=radius_m)
    n_within = np.bincount(pairs.index.to_numpy(), minlength=len(demand))
    nearest = gpd.sjoin_nearest(people, libraries, distance_col="apart")
    return n_within, nearest["apart"].groupby(level=0).first().to_numpy()


def by_balltree(demand: np.ndarray, sites: np.ndarray, radius_m: float) -> Answer:
    tree = BallTree(sites)
    return tree.query_radius(demand, radius_m, count_only=True), tree.query(demand)[0][:, 0]


PEERS = {
    "scipy cKDTree, pairs listed": by_listing,
    "scipy cKDTree, pairs counted": by_counting,
    "geopandas sjoin dwithin": by_sjoin,
    "sklearn BallTree": by_balltree,
}


def timed(job: Callable[[], Any]) -> tuple[Any, float]:
    begin = time.perf_counter()
    answer = job()
    return answer, time.perf_counter() - begin


def best_of(times: int, job: Callable[[], Near]) -> tuple[Near, float]:
    """Return the answer and the shortest of several runs, seconds."""
    runs = [timed(job) for _ in range(times)]
    return runs[0][0], min(seconds for _, seconds in runs)


def check(ours: Near, peer: Answer, demand: np.ndarray, sites: np.ndarray, radius_m: float) -> int:
    """Return how many persons are let off for standing on a rim, to the peer's precision."""
    assert np.allclose(ours.nearest_m, peer[1], rtol=1e-9, atol=1e-6)
    differing = np.flatnonzero(ours.n_within != peer[0])
    for row in differing:
        apart = np.hypot(*(sites - demand[row]).T)
        assert np.abs(apart / radius_m - 1.0).min() < 1e-9
    return len(differing)


def compare(n: int, n_sites: int, overlap: float, peers: list[str]) -> None:
    rng = np.random.default_rng(7)
    demand, sites = rng.uniform(0, SIDE_M, (n, 2)), rng.uniform(0, SIDE_M, (n_sites, 2))
    persons = rng.integers(1, 500, n).astype(float)
    radius_m = math.sqrt(overlap * SIDE_M**2 / (math.pi * n_sites))
    tiles = np.floor(demand / (SIDE_M / 256))
    spatial = np.lexsort((demand[:, 0], tiles[:, 1], tiles[:, 0]))

    sites_near(demand[:30_000], sites, radius_m, persons=persons[:30_000])  # compiled, or loaded
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ours, ours_s = best_of(5, lambda: sites_near(demand, sites, radius_m))
    memory_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    _, with_persons_s = best_of(3, lambda: sites_near(demand, sites, radius_m, persons=persons))
    in_order = demand[spatial]
    ordered, ordered_s = best_of(3, lambda: sites_near(in_order, sites, radius_m))
    assert np.array_equal(ordered.n_within, ours.n_within[spatial])
    assert np.array_equal(ordered.nearest, ours.nearest[spatial])

    pairs = int(ours.n_within.sum())
    share = persons[ours.n_within > 0].sum() / persons.sum()
    print(f"{n:,} people x {n_sites:,} sites, {pairs / 1e6:.1f}M pairs, {share:.4f} of the persons inside")
    print(f"  cultureplan sites_near                  {ours_s:8.3f} s")
    print(f"  ... with persons about each site        {with_persons_s:8.3f} s")
    print(f"  ... people in spatial order             {ordered_s:8.3f} s (sorting not counted)")
    print(f"  memory beside the people themselves     {memory_mb:8.0f} MB")
    for name in peers:
        answer, peer_s = timed(lambda name=name: PEERS[name](demand, sites, radius_m))
        rims = check(ours, answer, demand, sites, radius_m)
        print(f"  {name:<38}  {peer_s:8.3f} s   {peer_s / ours_s:6.0f} x   ({rims} on a rim)", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a tenth of the people, for a quick check")
    args = parser.parse_args()
    n = 100_000 if args.short else 1_000_000
    compare(n, 10_000, 95.0, list(PEERS)[:3])
    compare(n, 1_000, 9.5, list(PEERS))
    print(
        f"{dt.datetime.now(tz=dt.UTC).date()}, python {platform.python_version()}, "
        f"numpy {np.__version__}, numba {numba.__version__}, scipy {scipy.__version__}, "
        f"geopandas {gpd.__version__} (GEOS {shapely.geos_version_string}), "
        f"scikit-learn {sklearn.__version__}, {platform.machine()}"
    )


if __name__ == "__main__":
    main()
