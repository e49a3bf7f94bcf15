"""The offset of Chinese maps, one point at a time in plain Python, from the published constants.

Written from the description of the algorithm (a polynomial with a square root and eight sine waves in metres
east and north of 105 E 35 N, turned into degrees on the ellipsoid of Krasovsky 1940; then, for BD-09, a small
wave in polar coordinates and a constant), not from the library under test.
"""

from __future__ import annotations

from math import atan2, cos, pi, sin, sqrt

MAJOR_AXIS_M = 6_378_245.0
FLATTENING = 1 / 298.3  # Krasovsky 1940


def to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """One WGS84 point inside mainland China as GCJ-02."""
    x, y = lon - 105.0, lat - 35.0
    shared = 2 / 3 * (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi))
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * sqrt(abs(x)) + shared
    for metres, per in ((20, 1), (40, 3), (160, 12), (320, 30)):
        north += 2 / 3 * metres * sin(y * pi / per)
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * sqrt(abs(x)) + shared
    for metres, per in ((20, 1), (40, 3), (150, 12), (300, 30)):
        east += 2 / 3 * metres * sin(x * pi / per)
    e2 = 2 * FLATTENING - FLATTENING**2
    w = sqrt(1 - e2 * sin(lat * pi / 180) ** 2)
    meridian_m = MAJOR_AXIS_M * (1 - e2) / w**3  # radius of curvature along the meridian
    parallel_m = MAJOR_AXIS_M / w * cos(lat * pi / 180)  # radius of the parallel
    return lon + east / parallel_m * 180 / pi, lat + north / meridian_m * 180 / pi


def to_bd09(lon: float, lat: float) -> tuple[float, float]:
    """One GCJ-02 point as BD-09."""
    wave = 3000 * pi / 180
    radius = sqrt(lon**2 + lat**2) + 2e-5 * sin(lat * wave)
    angle = atan2(lat, lon) + 3e-6 * cos(lon * wave)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006
