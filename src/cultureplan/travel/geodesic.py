"""Distances on the ellipsoid from longitude and latitude, for regions wider than one map zone.

Points are put into space, where the chord between two of them is a plain straight line, so the searches of
:mod:`cultureplan.travel.kernels` work as they are. From the chord c the way along the ground is
``2 R asin(c / 2R)`` with R the mean radius of curvature (the root of the meridian's times that of the prime
vertical) at the site: the correction is 1 mm at 10 km, so that R may be somewhat off.

Largest error against the geodesic on the ellipsoid, any direction, anywhere in China (3 to 54 degrees
north): 0.007 mm at 10 km, 0.9 mm at 50 km, 7 mm at 100 km, 0.2 m at 300 km, 7 m at 1,000 km. The ellipsoid
is that of WGS84; that of CGCS2000 differs from it by a tenth of a millimetre.

Nobody is asked for a map projection, and no zone has an edge. Within one zone the plane is as good and
quicker: a point's own CGCS2000 3-degree zone errs by up to 3.6 m at 10 km.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from pyproj import Geod

from cultureplan.base.checks import finite_array, points_array
from cultureplan.base.errors import InputError
from cultureplan.base.units import Unit
from cultureplan.travel.costs import TravelCosts
from cultureplan.travel.exact_sum import exact_sum
from cultureplan.travel.kernels import Near, limits_array, search_near, tree_pairs

_WGS84 = Geod(ellps="WGS84")


def geodesic_costs(demand_lonlat: object, site_lonlat: object, *, limit_m: object) -> TravelCosts:
    """Return the distances along the ground between two sets of points; ids are ``0 ... n - 1``.

    Parameters
    ----------
    demand_lonlat : array-like, shape (n_demand, 2), degrees
        Longitude and latitude (WGS84 or CGCS2000; GCJ-02 and BD-09 must be converted first).
    site_lonlat : array-like, shape (n_sites, 2), degrees
    limit_m : float or array-like, shape (n_sites,)
        Cutoff, inclusive; one for all sites or one a site.

    Returns
    -------
    TravelCosts
        In metres.

    Examples
    --------
    >>> from cultureplan.travel.geodesic import geodesic_costs
    >>> costs = geodesic_costs([[106.38, 39.02], [106.38, 39.40]], [[106.38, 39.00]], limit_m=10_000)
    >>> costs.to_frame()["cost"].round(1).tolist()
    [2220.3]
    """
    demand, sites = degrees_array("demand_lonlat", demand_lonlat), degrees_array("site_lonlat", site_lonlat)
    limit = limits_array("limit_m", limit_m, n=len(sites))
    radius = mean_radius_m(sites)
    indptr, columns, square = tree_pairs(to_space(demand), to_space(sites), chord_squares(limit, radius))
    # the chord has decided who is inside; rounding must not put a cost above the limit
    at_most = np.broadcast_to(limit, len(sites))[columns]
    distance_m = np.minimum(ground_distance_m(square, radius[columns]), at_most)
    return TravelCosts(
        indptr=indptr,
        indices=columns,
        values=distance_m,
        demand_ids=pd.RangeIndex(len(demand), name="demand_id"),
        facility_ids=pd.RangeIndex(len(sites), name="facility_id"),
        unit=Unit.METRES,
        limit=float(np.max(limit, initial=0.0)) if np.ndim(limit) else float(limit),
    )


def geodesic_near(
    demand_lonlat: object,
    site_lonlat: object,
    *,
    limit_m: object,
    persons: object = None,
    threads: int | None = None,
) -> Near:
    """Return counts within a limit along the ground, the nearest site, and the persons about each site.

    No pairs are built; see :func:`~cultureplan.travel.kernels.sites_near`, of which this is the counterpart
    in degrees.

    Parameters
    ----------
    demand_lonlat, site_lonlat : array-like, shape (n, 2), degrees
    limit_m : float or array-like, shape (n_sites,)
        Inclusive.
    persons : array-like, shape (n_demand,), optional
    threads : int, optional
    """
    demand, sites = degrees_array("demand_lonlat", demand_lonlat), degrees_array("site_lonlat", site_lonlat)
    people = None if persons is None else finite_array("persons", persons, n=len(demand))
    radius = mean_radius_m(sites)
    squares = chord_squares(limits_array("limit_m", limit_m, n=len(sites)), radius)
    found = search_near(to_space(demand), to_space(sites), squares, persons=people, threads=threads)
    nearest_m = found.nearest_square.copy()
    reached = found.nearest >= 0
    nearest_m[reached] = ground_distance_m(nearest_m[reached], radius[found.nearest[reached]])
    return Near(
        n_within=found.n_within,
        nearest=found.nearest,
        nearest_m=nearest_m,
        site_persons=None if found.site_persons is None else found.site_persons.to_array(),
    )


def geodesic_covered_persons(
    demand_lonlat: object, persons: object, site_lonlat: object, *, limit_m: object
) -> float:
    """Return how many persons have at least one site within a limit along the ground (inclusive).

    Parameters
    ----------
    demand_lonlat : array-like, shape (n_demand, 2), degrees
    persons : array-like, shape (n_demand,)
    site_lonlat : array-like, shape (n_sites, 2), degrees
    limit_m : float or array-like, shape (n_sites,)

    Examples
    --------
    >>> from cultureplan.travel.geodesic import geodesic_covered_persons
    >>> people = [[106.38, 39.02], [106.38, 39.40]]
    >>> geodesic_covered_persons(people, [100, 50], [[106.38, 39.00]], limit_m=10_000)
    100.0
    """
    near = geodesic_near(demand_lonlat, site_lonlat, limit_m=limit_m)
    return exact_sum(finite_array("persons", persons, n=len(near.n_within))[near.n_within > 0])


def degrees_array(name: str, lonlat: object) -> np.ndarray:
    """Return points as longitude and latitude, shape (n, 2), or raise if they can be none.

    Raises
    ------
    InputError
        If a point is missing, or beyond 180 degrees of longitude or 90 of latitude: metres, or latitude
        first.
    """
    points = points_array(name, lonlat)
    bad = (np.abs(points[:, 0]) > 180) | (np.abs(points[:, 1]) > 90)
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        lon, lat = points[first]
        raise InputError.of(
            "geodesic.not_degrees", name=name, n=int(bad.sum()), first=first, lon=lon, lat=lat
        )
    return points


def to_space(lonlat: np.ndarray) -> np.ndarray:
    """Return points on the ellipsoid as metres from the centre of the earth, shape (n, 3)."""
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    prime_vertical = _WGS84.a / np.sqrt(1.0 - _WGS84.es * np.sin(lat) ** 2)
    out = np.empty((len(lonlat), 3))
    out[:, 0] = prime_vertical * np.cos(lat) * np.cos(lon)
    out[:, 1] = prime_vertical * np.cos(lat) * np.sin(lon)
    out[:, 2] = prime_vertical * (1.0 - _WGS84.es) * np.sin(lat)
    return out


def mean_radius_m(lonlat: np.ndarray) -> np.ndarray:
    """Return the mean radius of curvature of the ellipsoid at each point, shape (n,)."""
    bulge = 1.0 - _WGS84.es * np.sin(np.radians(lonlat[:, 1])) ** 2
    return np.asarray(_WGS84.b / bulge)


def chord_squares(limit_m: float | np.ndarray, radius_m: np.ndarray) -> np.ndarray:
    """Return the squared chord that a way along the ground stands for, by site, shape (n_sites,)."""
    half_angle = limit_m / (2.0 * radius_m)
    chord = 2.0 * radius_m * np.sin(half_angle)
    return np.where(half_angle < np.pi / 2, chord * chord, np.inf)  # beyond: the whole earth


def ground_distance_m(square: np.ndarray, radius_m: np.ndarray) -> np.ndarray:
    """Return the way along the ground that a squared chord stands for, pair by pair."""
    sine = np.minimum(np.sqrt(square) / (2.0 * radius_m), 1.0)
    return np.asarray(2.0 * radius_m * np.arcsin(sine))
