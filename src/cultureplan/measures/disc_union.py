"""Exact area of the union of circles, clipped to places, and the union as a shape for maps.

Green's theorem turns the area into a sum over the rim: the arcs of circles that lie in no other disc, and the
parts of the clip polygon's edges that lie in some disc. Nothing is drawn with straight pieces, so the
answer is exact but for rounding.

Arrays only; coordinates are metres in a CRS whose local scale is 1.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from cultureplan.base.checks import finite_array, points_array
from cultureplan.base.errors import InputError, WrongTypeError
from cultureplan.measures.disc_clip import Geometry, clipped_areas_m2, exposed_arcs, loops_for
from cultureplan.measures.disc_shape import union_shape
from cultureplan.measures.disc_strips import Floats, build_strips, local_origin

LEAST_RADIUS_M = 1e-9  # below a nanometre a disc covers nothing


def union_area_m2(centres_xy: ArrayLike, radius_m: ArrayLike, *, clip: Geometry | None = None) -> float:
    """Area covered by at least one disc, m2.

    The land that lies within reach of some facility, counted once however many circles overlap there.

    Parameters
    ----------
    centres_xy : array-like of float, shape (n, 2)
        Centres, metres.
    radius_m : float or array-like, shape (n,)
        Radius of all discs or of each, metres, >= 0.
    clip : shapely Polygon or MultiPolygon, optional
        Count only what lies in it; holes do not count.

    Returns
    -------
    float
        Square metres; 0.0 without discs.

    Raises
    ------
    InputError
        If a number is missing, infinite or negative, a shape is wrong, or `clip` is not a valid polygon.
    WrongTypeError
        If it is not a polygon at all.

    Examples
    --------
    >>> import numpy as np
    >>> area = union_area_m2([[0.0, 0.0], [3.0, 0.0]], 1.0)
    >>> bool(np.isclose(area, 2 * np.pi))
    True
    """
    return k_fold_area_m2(centres_xy, radius_m, k=1, clip=clip)


def k_fold_area_m2(
    centres_xy: ArrayLike, radius_m: ArrayLike, *, k: int, clip: Geometry | None = None
) -> float:
    """Area covered by at least `k` discs, m2.

    Land with a choice: two libraries within reach, or one left when another closes. Discs at the same
    place count each for itself.

    Parameters
    ----------
    centres_xy : array-like of float, shape (n, 2)
        Centres, metres.
    radius_m : float or array-like, shape (n,)
        Radius of all discs or of each, metres, >= 0.
    k : int
        How many discs must cover, >= 1.
    clip : shapely Polygon or MultiPolygon, optional
        Count only what lies in it.

    Returns
    -------
    float
        Square metres.

    Raises
    ------
    InputError
        As :func:`union_area_m2`, or if `k` is below 1.
    WrongTypeError
        If `k` is not a whole number or `clip` not a polygon.

    Examples
    --------
    >>> k_fold_area_m2([[0.0, 0.0], [3.0, 0.0]], 1.0, k=2)
    0.0
    """
    xy, radius = _discs(centres_xy, radius_m)
    if not isinstance(k, int | np.integer):
        raise WrongTypeError.of("fault.wrong_type", name="k", got=type(k).__name__, want="an int")
    if k < 1:
        raise InputError.of("area.k_below_one", k=k)
    if clip is not None:
        return float(clipped_areas_m2(xy, radius, _polygons([clip], "clip"), level=k - 1)[0])
    if len(xy) == 0:
        return 0.0
    strips = build_strips(xy - local_origin(xy), radius)
    run = loops_for(strips)
    return max(0.0, float(run.arc_terms(strips, exposed_arcs(run, strips, k - 1)).sum()))


def union_area_by_polygon_m2(
    centres_xy: ArrayLike, radius_m: ArrayLike, polygons: Iterable[Geometry]
) -> Floats:
    """Area of each polygon that is covered by at least one disc, m2.

    For a table of towns: the exposed arcs are found once and then shared out. Polygons may overlap.

    Parameters
    ----------
    centres_xy : array-like of float, shape (n, 2)
        Centres, metres.
    radius_m : float or array-like, shape (n,)
        Radius of all discs or of each, metres, >= 0.
    polygons : iterable of shapely Polygon or MultiPolygon
        What to share the area out to; an empty polygon has 0.

    Returns
    -------
    array of float, shape (n_polygons,)
        Square metres, in the order of `polygons`.

    Raises
    ------
    InputError
        As :func:`union_area_m2`; the message names the position of the first bad polygon.
    WrongTypeError
        If one is not a polygon at all.

    Examples
    --------
    >>> towns = [shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 2)]
    >>> (union_area_by_polygon_m2([[2.0, 1.0]], 1.0, towns) / np.pi).round(12).tolist()
    [0.5, 0.5]
    """
    xy, radius = _discs(centres_xy, radius_m)
    return clipped_areas_m2(xy, radius, _polygons(polygons, "polygons"), level=0)


def union_polygon(centres_xy: ArrayLike, radius_m: ArrayLike, *, chord_error_m: float = 1.0) -> Geometry:
    """The union of discs as a polygon to draw.

    Its vertices lie on the true rim and its chords nowhere leave the union, so it is too small by at most
    `chord_error_m` across the rim. For maps only: whether a person is inside is decided by distance, and area
    by :func:`union_area_m2`, never by this shape.

    Parameters
    ----------
    centres_xy : array-like of float, shape (n, 2)
        Centres, metres.
    radius_m : float or array-like, shape (n,)
        Radius of all discs or of each, metres, >= 0.
    chord_error_m : float
        Largest distance between a chord and its arc, metres, > 0. A full circle has at least 8 corners.

    Returns
    -------
    shapely Polygon or MultiPolygon
        Valid; an empty Polygon without discs.

    Raises
    ------
    InputError
        As :func:`union_area_m2`, or if `chord_error_m` is not a positive number.

    Examples
    --------
    >>> union_polygon([[0.0, 0.0]], 100.0, chord_error_m=0.1).is_valid
    True
    """
    xy, radius = _discs(centres_xy, radius_m)
    if not (np.isfinite(chord_error_m) and chord_error_m > 0):
        raise InputError.of("fault.not_positive", name="chord_error_m", value=chord_error_m)
    if len(xy) == 0:
        return shapely.Polygon()
    origin = local_origin(xy)
    strips = build_strips(xy - origin, radius)
    return union_shape(strips, exposed_arcs(loops_for(strips), strips, 0), origin, chord_error_m)


def gap_polygon(
    region: Geometry, centres_xy: ArrayLike, radius_m: ArrayLike, *, chord_error_m: float = 1.0
) -> Geometry:
    """The part of a region outside all discs as a polygon to draw.

    Parameters
    ----------
    region : shapely Polygon or MultiPolygon
        Where gaps are looked for.
    centres_xy : array-like of float, shape (n, 2)
        Centres, metres.
    radius_m : float or array-like, shape (n,)
        Radius of all discs or of each, metres, >= 0.
    chord_error_m : float
        Largest distance between a chord and its arc, metres; gaps are too wide by at most this.

    Returns
    -------
    shapely Polygon or MultiPolygon
        Valid; empty where everything is covered. For maps only, as :func:`union_polygon`.

    Raises
    ------
    InputError
        As :func:`union_polygon`, or if `region` is not a valid polygon.
    WrongTypeError
        If it is not a polygon at all.

    Examples
    --------
    >>> gap = gap_polygon(shapely.box(0, 0, 10, 10), [[5.0, 5.0]], 5.0, chord_error_m=0.01)
    >>> round(gap.area)
    22
    """
    (area,) = _polygons([region], "region")
    xy, radius = _discs(centres_xy, radius_m)
    # Discs elsewhere change nothing, and a country may be asked about one town at a time.
    if not area.is_empty and len(xy):
        bounds = shapely.bounds(area)
        near = np.maximum(bounds[:2] - xy, xy - bounds[2:]).max(axis=1) < radius
        xy, radius = xy[near], radius[near]
    gap = shapely.difference(area, union_polygon(xy, radius, chord_error_m=chord_error_m))
    parts = shapely.get_parts(gap)
    parts = parts[shapely.area(parts) > 0]
    if len(parts) == 0:
        return shapely.Polygon()
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _discs(centres_xy: ArrayLike, radius_m: ArrayLike) -> tuple[Floats, Floats]:
    """Return centres and radii of the discs that have an area."""
    xy = points_array("centres_xy", centres_xy)
    given = np.asarray(radius_m, dtype=float)
    if given.ndim == 0:
        given = np.full(max(len(xy), 1), given)
        radius = finite_array("radius_m", given)[: len(xy)]
    else:
        radius = finite_array("radius_m", given, n=len(xy))
    seen = radius > LEAST_RADIUS_M
    return (xy, radius) if seen.all() else (xy[seen], radius[seen])


def _polygons(given: Iterable[Geometry], name: str) -> NDArray[np.object_]:
    """Return valid polygons as an array, or raise for the first that is not one."""
    polygons = np.empty(len(listed := list(given)), dtype=object)
    polygons[:] = listed
    kinds = shapely.get_type_id(polygons) if shapely.is_geometry(polygons).all() else None
    if kinds is None or not np.isin(kinds, (3, 6)).all():
        bad = next(g for g in listed if getattr(g, "geom_type", "") not in ("Polygon", "MultiPolygon"))
        got = getattr(bad, "geom_type", type(bad).__name__)
        raise WrongTypeError.of("fault.wrong_type", name=name, got=got, want="a Polygon or MultiPolygon")
    if not (valid := shapely.is_valid(polygons)).all():
        first = int(np.flatnonzero(~valid)[0])
        reason = shapely.is_valid_reason(polygons[first])
        raise InputError.of(
            "area.invalid_polygon", name=name, first=first, n=int((~valid).sum()), reason=reason
        )
    return shapely.force_2d(polygons)
