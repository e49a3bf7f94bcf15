"""Distances of 10 km anywhere in China: the error against the ellipsoid, and the time, beside what is usual.

Run ``python benchmarks/geodesic.py`` (``--short`` for a tenth of the pairs). Every way measures the same
pairs, laid out by pyproj's geodesics at exact distances in all directions between 3 and 54 degrees north:
pyproj's own inverse, ours (chord and arc), the haversine formula, and map planes (the CGCS2000 3-degree zone
of each point, and Web Mercator). Then coverage of a million people over all of China in degrees.
"""

from __future__ import annotations

import argparse
import datetime as dt
import platform
import time

import numba
import numpy as np
import pyproj
from pyproj import Geod, Transformer

from cultureplan.travel.geodesic import geodesic_near, ground_distance_m, mean_radius_m, to_space
from cultureplan.travel.kernels import squared_distance

GEOD = Geod(ellps="WGS84")


def lay_out(n: int, distance_m: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    start = np.column_stack([rng.uniform(73.5, 135.1, n), rng.uniform(3.0, 53.6, n)])
    lon, lat, _ = GEOD.fwd(start[:, 0], start[:, 1], rng.uniform(0, 360, n), np.full(n, distance_m))
    return start, np.column_stack([lon, lat])


def by_geod(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return GEOD.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])[2]


def by_chord(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return ground_distance_m(squared_distance(to_space(a), to_space(b)), mean_radius_m(b))


def by_haversine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    (lon, lat), (lon2, lat2) = np.radians(a).T, np.radians(b).T
    part = np.sin((lat2 - lat) / 2) ** 2 + np.cos(lat) * np.cos(lat2) * np.sin((lon2 - lon) / 2) ** 2
    return 2 * 6_371_008.8 * np.arcsin(np.sqrt(part))


def by_zone(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    apart = np.empty(len(a))
    zones = np.clip(np.round((a[:, 0] - 75) / 3), 0, 20).astype(int)
    for zone in np.unique(zones):
        rows = zones == zone
        plane = Transformer.from_crs(4326, 4534 + int(zone), always_xy=True)
        first, second = (np.column_stack(plane.transform(*points[rows].T)) for points in (a, b))
        apart[rows] = np.hypot(*(first - second).T)
    return apart


def by_mercator(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    plane = Transformer.from_crs(4326, 3857, always_xy=True)
    first, second = (np.column_stack(plane.transform(*points.T)) for points in (a, b))
    return np.hypot(*(first - second).T)


WAYS = {
    "pyproj Geod.inv": by_geod,
    "cultureplan chord and arc": by_chord,
    "haversine": by_haversine,
    "CGCS2000 3-degree zone": by_zone,
    "Web Mercator": by_mercator,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="a tenth of the pairs, for a quick check")
    args = parser.parse_args()
    n = 100_000 if args.short else 1_000_000

    a, b = lay_out(n, 10_000.0)
    seconds = {}
    print(f"{n:,} pairs at 10 km anywhere in China     largest error    time")
    for name, way in WAYS.items():
        best = np.inf
        for _ in range(1 if way is by_geod else 3):
            begin = time.perf_counter()
            apart = way(a, b)
            best = min(best, time.perf_counter() - begin)
        error_mm = 1e3 * float(np.abs(apart - 10_000.0).max())
        seconds[name] = best
        print(f"  {name:<36} {error_mm:14.4f} mm {best:7.3f} s")
        if way is by_chord:
            assert error_mm < 0.01, error_mm
    ratio = seconds["pyproj Geod.inv"] / seconds["cultureplan chord and arc"]
    print(f"  ratio to pyproj                      {ratio:14.0f} x")
    for distance_m in (50_000.0, 100_000.0, 300_000.0, 1_000_000.0):
        a, b = lay_out(n // 10, distance_m)
        error_mm = 1e3 * float(np.abs(by_chord(a, b) - distance_m).max())
        print(f"  chord and arc at {distance_m / 1000:6,.0f} km            {error_mm:14.4f} mm")

    rng = np.random.default_rng(7)
    towns = np.column_stack([rng.uniform(98, 122, 2_000), rng.uniform(22, 42, 2_000)])
    people = towns[rng.integers(0, 2_000, n)] + rng.normal(0, 0.05, (n, 2))
    sites = people[rng.integers(0, n, 10_000)]
    geodesic_near(people[:30_000], sites, limit_m=2_000)
    begin = time.perf_counter()
    near = geodesic_near(people, sites, limit_m=2_000)
    took = time.perf_counter() - begin
    some = rng.integers(0, n, 200)
    for row in some:
        at = np.flatnonzero(np.abs(sites - people[row]).max(axis=1) < 0.05)
        apart = GEOD.inv(*np.broadcast_to(people[row], (len(at), 2)).T, *sites[at].T)[2]
        assert near.n_within[row] == int((apart <= 2_000).sum())
    print(f"  {n:,} people, 10,000 sites in degrees  {took:14.3f} s (200 of them checked by pyproj)")
    print(
        f"{dt.datetime.now(tz=dt.UTC).date()}, python {platform.python_version()}, numpy {np.__version__}, "
        f"numba {numba.__version__}, pyproj {pyproj.__version__} (PROJ {pyproj.proj_version_str}), "
        f"{platform.machine()}"
    )


if __name__ == "__main__":
    main()
