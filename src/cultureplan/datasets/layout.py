"""Where things lie in an invented world: counties, townships and villages, array by array."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cultureplan.world.levels import Settlement

CENTRE_M = (500_000.0, 4_200_000.0)
MAX_REACH_M = 400_000.0  # beyond it lengths in one plane system go wrong, so larger worlds are denser
POINTS_PER_VILLAGE = 30


@dataclass(frozen=True, kw_only=True)
class Land:
    """What one settlement type looks like."""

    village_km2: float  # land of a village
    spread_m: float  # how far homes lie from the middle of their village (standard deviation)
    persons: float  # median persons of a demand point
    minors_share: float
    older_share: float


LAND = {
    Settlement.URBAN: Land(
        village_km2=1.0, spread_m=300.0, persons=100.0, minors_share=0.16, older_share=0.12
    ),
    Settlement.RURAL: Land(
        village_km2=6.0, spread_m=400.0, persons=40.0, minors_share=0.14, older_share=0.25
    ),
    Settlement.PASTORAL: Land(
        village_km2=40.0, spread_m=2_500.0, persons=8.0, minors_share=0.20, older_share=0.15
    ),
}


def split(total: int, weights: np.ndarray, *, least: int = 0) -> np.ndarray:
    """Return whole numbers in proportion to weights, summing to `total`, none below `least`."""
    room = total - least * len(weights)
    quota = room * weights / weights.sum()
    parts = np.floor(quota).astype(np.int64)
    order = np.argsort(parts - quota, kind="stable")
    parts[order[: room - int(parts.sum())]] += 1
    return parts + least


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """Counties, townships and villages: where they lie and who belongs to whom."""

    county_xy: np.ndarray  # (n_counties, 2)
    township_county: np.ndarray
    township_xy: np.ndarray  # (n_townships, 2)
    village_township: np.ndarray  # ascending
    village_xy: np.ndarray  # (n_villages, 2)
    village_type: np.ndarray  # position in the mix
    types: tuple[Settlement, ...]
    scale: float  # how much everything is drawn together to stay within one plane system


def lay_out(
    rng: np.random.Generator,
    mix: Mapping[Settlement, float],
    *,
    n_demand: int,
    n_counties: int,
    n_townships: int,
) -> Layout:
    """Return the layout: villages in rings round their county's seat, grouped into compact townships."""
    types = tuple(mix)
    n_villages = max(n_demand // POINTS_PER_VILLAGE, n_townships, n_counties, len(types))
    n_type = split(n_villages, np.array(list(mix.values())), least=1)
    kind = np.repeat(np.arange(len(types)), n_type)
    county = np.arange(n_villages) % n_counties

    # the land of a county from the seat outwards: town, farms, pastures; a village somewhere on its share
    area_m2 = np.array([LAND[s].village_km2 for s in types])[kind] * 1e6
    order = np.lexsort((kind, county))
    area, start = area_m2[order], np.flatnonzero(np.r_[True, np.diff(county[order]) != 0])
    outer = np.cumsum(area)
    before = np.repeat(outer[start] - area[start], np.diff(np.r_[start, n_villages]))
    radius = np.sqrt((outer - before - area * rng.random(n_villages)) / np.pi)
    angle = rng.uniform(0.0, 2 * np.pi, n_villages)
    local = np.empty((n_villages, 2))
    local[order] = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])

    reach = float(radius.max(initial=0.0)) + 3 * max(LAND[s].spread_m for s in types)
    step = np.arange(n_counties)
    turn = step * np.pi * (3 - np.sqrt(5))
    seats = 1.6 * reach * np.sqrt(step)[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    scale = min(1.0, MAX_REACH_M / (float(np.abs(seats).max()) + reach))
    xy = (seats[county] + local) * scale + CENTRE_M

    per_county = split(n_townships, np.bincount(county, minlength=n_counties).astype(float), least=1)
    order = np.lexsort((morton(xy), kind, county))
    township = np.empty(n_villages, dtype=np.int64)
    first = 0
    for number, rows in enumerate(np.split(order, np.searchsorted(county[order], step[1:]))):
        groups = min(int(per_county[number]), len(rows))
        township[rows] = first + np.arange(len(rows)) * groups // len(rows)
        first += groups
    by_township = np.argsort(township, kind="stable")
    township, xy, kind = township[by_township], xy[by_township], kind[by_township]
    n_found = np.bincount(township, minlength=first)
    middle = np.column_stack([np.bincount(township, weights=xy[:, axis]) / n_found for axis in (0, 1)])
    return Layout(
        county_xy=seats * scale + CENTRE_M,
        township_county=county[by_township][np.r_[0, np.cumsum(n_found)[:-1]]],
        township_xy=middle,
        village_township=township,
        village_xy=xy,
        village_type=kind,
        types=types,
        scale=scale,
    )


def morton(xy: np.ndarray) -> np.ndarray:
    """Return the position of points on a Z-shaped curve: points near on it are near on the map."""
    low = xy.min(axis=0)
    cell = ((xy - low) / max(float((xy.max(axis=0) - low).max()), 1.0) * 65_535).astype(np.uint64)
    code = np.zeros(len(xy), dtype=np.uint64)
    for bit in range(16):
        for axis in (0, 1):
            code |= ((cell[:, axis] >> np.uint64(bit)) & np.uint64(1)) << np.uint64(2 * bit + axis)
    return code
