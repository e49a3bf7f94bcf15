"""Covering problems straight from coordinates: any number of people, no table of pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cultureplan.base.checks import finite_array, points_array
from cultureplan.base.errors import InputError
from cultureplan.base.units import Unit, positive
from cultureplan.siting.anywhere import dominating_points
from cultureplan.siting.problem import SitingProblem
from cultureplan.travel.costs import TravelCosts
from cultureplan.travel.kernels import pairs_within


def covering_problem(
    demand_xy: object, persons: object, site_xy: object, *, limit_m: float, **settings: object
) -> SitingProblem:
    """Return a covering problem whose demand points are the *classes* of people with the same sites.

    Twenty million people and a hundred sites become a few thousand classes within seconds and without
    their pairs ever being stored. For :class:`SetCover`, :class:`MaximalCoverage` and other models that
    ask only who is covered; the costs are those of one point of each class.

    Parameters
    ----------
    demand_xy : array-like, shape (n_demand, 2), metres
    persons : array-like, shape (n_demand,)
    site_xy : array-like, shape (n_sites, 2), metres, or "anywhere"
        Where a site may stand. ``"anywhere"`` takes the finite set of points that no place in the plane
        beats (:func:`~cultureplan.siting.anywhere.dominating_points`): the plan is then exact for the
        whole plane. ``problem.site_xy`` tells where the sites are.
    limit_m : float
        Straight-line circle, inclusive.
    **settings
        Further arguments of :class:`SitingProblem`, such as ``fixed`` (site numbers).

    Returns
    -------
    SitingProblem
        The id of a class is the number of its first demand point. People whom no site reaches are one
        class of their own.

    Examples
    --------
    >>> problem = covering_problem([[0, 0], [10, 0], [900, 0]], [5, 6, 7], [[0, 0]], limit_m=500)
    >>> sorted(problem.persons.tolist())
    [7.0, 11.0]
    """
    from cultureplan.siting.kernels.signature import merge  # compiled on first use

    demand = points_array("demand_xy", demand_xy)
    if isinstance(site_xy, str):
        if site_xy != "anywhere":
            raise InputError.of(
                "fault.not_one_of", name="site_xy", value=site_xy, known="anywhere", closest="anywhere"
            )
        site_xy = dominating_points(demand, limit_m)
    sites = points_array("site_xy", site_xy)
    weight = finite_array("persons", persons, n=len(demand))
    radius = positive("limit_m", limit_m)
    low, size = sites.min(axis=0), np.ptp(sites, axis=0)
    # a hair wider than the radius, so that rounding never puts a pair at the limit two cells apart
    cell = max(radius * (1 + 1e-9), float(np.sqrt(size[0] * size[1] / max(len(sites), 1))), 1e-9)
    columns, rows = int(size[0] // cell) + 1, int(size[1] // cell) + 1
    place = np.minimum((sites - low) // cell, [columns - 1, rows - 1]).astype(np.int64)
    key = place[:, 1] * columns + place[:, 0]
    order = np.argsort(key, kind="stable")
    keys = np.random.default_rng(0).integers(0, 2**64, size=(len(sites), 2), dtype=np.uint64)
    first, persons_of_class = merge(
        demand,
        weight,
        sites,
        low,
        cell,
        columns,
        rows,
        np.searchsorted(key[order], np.arange(rows * columns + 1)).astype(np.int64),
        order,
        radius * radius,
        keys,
        np.empty(len(demand), dtype=np.int32),
    )
    indptr, indices, distance_m = pairs_within(demand[first], sites, radius)
    costs = TravelCosts(
        indptr=indptr,
        indices=indices,
        values=np.minimum(distance_m, radius),
        demand_ids=pd.Index(first, name="demand_id"),
        facility_ids=pd.RangeIndex(len(sites), name="facility_id"),
        unit=Unit.METRES,
        limit=radius,
    )
    settings = {"site_xy": sites} | settings
    return SitingProblem(costs=costs, persons=persons_of_class, limit=radius, **settings)  # type: ignore[arg-type]
