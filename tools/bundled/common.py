"""What the builders share: reading and writing tables, splitting whole persons, placing points by rule.

Nothing here draws a random number. Where a rule needs variety (so that villages do not stand on a
lattice), the variety comes from a hash of the official code, which anybody can recompute.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

GOLDEN_ANGLE = math.pi * (3.0 - math.sqrt(5.0))

Row = dict[str, str]
LonLat = tuple[float, float]


def read_rows(path: Path, **wanted: str) -> list[Row]:
    """Return the rows of a UTF-8 CSV file in which every `wanted` column has the given value."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if all(row[column] == value for column, value in wanted.items())]


def write_rows(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows as CSV, UTF-8, one line feed a row; the first row's keys are the columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def degrees(value: float) -> str:
    """Return a coordinate with six decimals (about 0.1 m)."""
    return f"{value:.6f}"


def hash_share(text: str) -> float:
    """Return a number in [0, 1) that depends on `text` alone (the first 32 bits of its SHA-256)."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:4], "big") / 2**32


def largest_remainder(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Split `total` into whole numbers in proportion to `weights`, summing exactly to `total`.

    Every part gets the whole part of its quota; what is left goes, one each, to the largest fractions
    (ties by key). This is the method of Hamilton and Vinton.
    """
    whole = sum(weights.values())
    quota = {key: total * weight / whole for key, weight in weights.items()}
    parts = {key: math.floor(value) for key, value in quota.items()}
    left = total - sum(parts.values())
    for key in sorted(quota, key=lambda key: (parts[key] - quota[key], key))[:left]:
        parts[key] += 1
    return parts


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Return the length in metres of one degree of longitude and of latitude on WGS84 (series)."""
    phi = math.radians(lat)
    lon_m = 111412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi) + 0.118 * math.cos(5 * phi)
    lat_m = 111132.92 - 559.82 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
    return lon_m, lat_m


def moved(point: LonLat, east_m: float, north_m: float) -> LonLat:
    """Return the point so many metres east and north of another, to six decimals."""
    lon_m, lat_m = metres_per_degree(point[1])
    return round(point[0] + east_m / lon_m, 6), round(point[1] + north_m / lat_m, 6)


def distance_m(a: LonLat, b: LonLat) -> float:
    """Return the distance between two near points in metres, on the plane that touches at their middle."""
    lon_m, lat_m = metres_per_degree((a[1] + b[1]) / 2)
    return math.hypot((a[0] - b[0]) * lon_m, (a[1] - b[1]) * lat_m)


def spiral(centre: LonLat, spacing_m: float, count: int = 20_000) -> Iterable[LonLat]:
    """Yield points of a golden-angle spiral around `centre`: one point a `spacing_m` squared, inside out."""
    for number in range(count):
        radius = spacing_m * math.sqrt((number + 0.5) / math.pi)
        angle = number * GOLDEN_ANGLE
        yield moved(centre, radius * math.cos(angle), radius * math.sin(angle))


def jittered(point: LonLat, key: str, reach_m: float) -> LonLat:
    """Return `point` moved by at most `reach_m`, whither and how far depending on `key` alone."""
    angle = 2 * math.pi * hash_share(key + "/angle")
    length = reach_m * math.sqrt(hash_share(key + "/length"))
    return moved(point, length * math.cos(angle), length * math.sin(angle))


def toml_text(value: str) -> str:
    """Return a TOML basic string (the escapes of JSON are a subset of TOML's)."""
    return json.dumps(value, ensure_ascii=False)
