"""Exact area of 100,000 circles clipped to a region: shapely's buffer and union against arcs.

Run ``python benchmarks/area.py`` (``--n`` for fewer circles, ``--depth`` for more overlap). Both sides get
the same circles and the same region in one run. The answers must agree within what a polygon of 64 corners
may err, and ours must satisfy an identity that has no tolerance of its own: the areas covered by at least
1, 2, 3 ... discs add up to the sum of the discs.
"""

from __future__ import annotations

import argparse
import itertools
import math
import platform
import time
from collections.abc import Callable

import numba
import numpy as np
import shapely

from cultureplan.measures.disc_union import k_fold_area_m2, union_area_by_polygon_m2, union_area_m2

RADIUS_M = 800.0
QUAD_SEGS = 16
# An inscribed polygon of 4 x 16 sides is this share smaller than its circle.
SHORT_SHARE = 1.0 - math.sin(math.tau / (4 * QUAD_SEGS)) / (math.tau / (4 * QUAD_SEGS))


def build_region(side_m: float) -> shapely.Polygon:
    """A bay-edged region of 400 corners with a lake in it."""
    angle = np.linspace(0.0, math.tau, 400, endpoint=False)
    reach = side_m / 2 * (0.85 + 0.1 * np.sin(7 * angle))
    rim = side_m / 2 + reach[:, None] * np.column_stack((np.cos(angle), np.sin(angle)))
    return shapely.Polygon(rim).difference(shapely.Point(side_m / 2, side_m / 2).buffer(side_m / 10))


def best_of(times: int, job: Callable[[], float]) -> tuple[float, float]:
    """Return the answer and the shortest of several runs, seconds."""
    best = math.inf
    for _ in range(times):
        begin = time.perf_counter()
        answer = job()
        best = min(best, time.perf_counter() - begin)
    return answer, best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=100_000, help="circles")
    parser.add_argument("--depth", type=float, default=1.0, help="discs over a place, on average")
    args = parser.parse_args()

    side_m = math.sqrt(args.n * math.pi * RADIUS_M**2 / args.depth)
    xy = np.random.default_rng(7).uniform(0.0, side_m, (args.n, 2))
    region = build_region(side_m)

    def ours() -> float:
        return union_area_m2(xy, RADIUS_M, clip=region)

    def peer() -> float:
        drawn = shapely.union_all(shapely.buffer(shapely.points(xy), RADIUS_M, quad_segs=QUAD_SEGS))
        return float(shapely.area(shapely.intersection(drawn, region)))

    begin = time.perf_counter()
    ours()
    first_s = time.perf_counter() - begin
    area_m2, ours_s = best_of(5, ours)
    drawn_m2, peer_s = best_of(1, peer)
    share = drawn_m2 / area_m2 - 1.0
    assert -SHORT_SHARE <= share <= 0.0, share

    few = xy[: min(args.n, 3_000)] * math.sqrt(min(args.n, 3_000) / args.n)
    small = build_region(float(np.ptp(few)))
    folds, k = 0.0, 1
    while (fold := k_fold_area_m2(few, RADIUS_M, k=k, clip=small)) > 0.0:
        folds, k = folds + fold, k + 1
    discs = sum(union_area_m2([centre], RADIUS_M, clip=small) for centre in few)
    identity = abs(folds / discs - 1.0)
    assert identity < 1e-9, identity

    strips = list(itertools.pairwise(np.linspace(0.0, side_m, 7)))
    towns = [shapely.box(x, y, u, v) for x, u in strips for y, v in strips]
    by_town, towns_s = best_of(3, lambda: float(union_area_by_polygon_m2(xy, RADIUS_M, towns).sum()))
    whole = union_area_m2(xy, RADIUS_M, clip=shapely.box(0, 0, side_m, side_m))
    assert abs(by_town / whole - 1.0) < 1e-9

    print(f"{args.n:,} circles of {RADIUS_M:.0f} m, {args.depth:g} over a place, region with a hole")
    print(f"  covered share of the region             {area_m2 / region.area:.4f}")
    print(f"  shapely buffer({QUAD_SEGS}) + union + clip        {peer_s:8.3f} s   {share:+.1e} off")
    print(f"  union_area_m2                           {ours_s:8.3f} s   {identity:.1e} off (sum over k)")
    print(f"  first call in this process              {first_s:8.3f} s")
    print(f"  shared out to 36 towns                  {towns_s:8.3f} s")
    print(f"  ratio                                   {peer_s / ours_s:8.0f} x")
    print(
        f"  python {platform.python_version()}, numpy {np.__version__}, shapely {shapely.__version__} "
        f"(GEOS {shapely.geos_version_string}), numba {numba.__version__}, {platform.machine()}"
    )


if __name__ == "__main__":
    main()
