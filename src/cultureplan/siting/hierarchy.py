"""From a world to the question who reports to whom, and from the answer back to the world.

The children - service points and branches - are the demand points of the problem, the possible parents -
branches and head libraries - its sites, and what a child receives is its weight.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cultureplan.base.checks import finite_array
from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.base.units import positive
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.result import SitingResult
from cultureplan.travel.modes import StraightLine, TravelMode
from cultureplan.world.demand import DemandPoints
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Level, Status
from cultureplan.world.world import World

_CHILDREN = (Level.SERVICE_POINT, Level.BRANCH)
_PARENTS = (Level.BRANCH, Level.HEAD)


def hierarchy_problem(
    world: World,
    *,
    limit: float,
    mode: TravelMode | None = None,
    weight: str | pd.Series | None = None,
    district_level: str = "county",
    **settings: Any,
) -> SitingProblem:
    """Return the problem of who reports to whom, for :class:`HierarchyAssignment`.

    Existing service points report, and existing branches; branches and head libraries whose status is
    candidate may be opened, if the model asks for it.

    Parameters
    ----------
    world : World
        Facilities with their levels; the people play no part.
    limit : float
        Longest way of a delivery that is worth considering, in the unit of the mode; the model can be
        stricter for each level.
    mode : TravelMode, optional
        How deliveries travel; ``StraightLine()`` where absent.
    weight : str or Series, optional
        What each child receives: a column of the facilities table such as ``"volumes"``, or a number for
        each facility id, for example deliveries a year; 1 each where absent.
    district_level : str
        Administrative level of the district that a child reports within: ``county``, ``city`` ... The
        place that a facility names itself where the world has no places.
    **settings
        Further arguments of :class:`SitingProblem`, such as ``conflicts`` or ``preference``.

    Raises
    ------
    InputError
        If there is nobody to report, or to report to; or a weight is missing.

    Examples
    --------
    >>> import cultureplan as cp
    >>> world = cp.load_world("sanheyuan")
    >>> problem = hierarchy_problem(world, limit=60_000)
    >>> result = cp.solve_siting(problem, cp.HierarchyAssignment())
    >>> reporting_lines(result)[["child_id", "parent_id"]].head(2).to_numpy().tolist()
    [['F04', 'F02'], ['F05', 'F02']]
    """
    frame = world.facilities.frame
    level = frame["level"].to_numpy(object)
    existing = (frame["status"] == Status.EXISTING).to_numpy(bool)
    candidate = (frame["status"] == Status.CANDIDATE).to_numpy(bool)
    is_child = np.isin(level, [str(name) for name in _CHILDREN]) & existing
    is_child |= (level == Level.BRANCH) & candidate  # it reports too, once it is open
    is_parent = np.isin(level, [str(name) for name in _PARENTS]) & (existing | candidate)
    children, parents = np.flatnonzero(is_child), np.flatnonzero(is_parent)
    if len(children) == 0 or len(parents) == 0:
        raise InputError.of("siting.no_hierarchy", n_children=len(children), n_parents=len(parents))
    ids = world.facilities.ids
    people = frame.iloc[children][["facility_id", "geometry"]].rename(columns={"facility_id": "demand_id"})
    sites = Facilities(frame.iloc[parents].assign(parent_id=None))
    stage = World(
        name=world.name,
        facilities=sites,
        demand=DemandPoints(people.assign(persons=1.0)),
        streets=world.streets,
    )
    travel = StraightLine() if mode is None else mode
    costs = travel.costs(stage, np.arange(len(sites)), limit=positive("limit", limit))
    district = _districts(world, district_level)
    arguments: dict[str, Any] = {
        "costs": costs,
        "persons": _weights(frame, weight, ids)[children],
        "fixed": tuple(sites.ids[existing[parents]]),
        "places": district.iloc[children],
        "site_places": district.iloc[parents],
        "sites": sites,
    }
    return SitingProblem(**(arguments | settings))


def reporting_lines(result: SitingResult) -> pd.DataFrame:
    """Return who reports to whom: ``child_id``, ``parent_id``, ``cost``, sorted by child.

    Parameters
    ----------
    result : SitingResult
        Of :class:`HierarchyAssignment`.
    """
    lines = result.assignment.rename(columns={"demand_id": "child_id", "facility_id": "parent_id"})
    lines = lines.loc[lines["parent_id"].notna(), ["child_id", "parent_id", "cost"]]
    order = np.argsort(lines["child_id"].astype(str).to_numpy(), kind="stable")
    return lines.iloc[order].reset_index(drop=True)


def with_reporting(world: World, result: SitingResult) -> World:
    """Return the world in which everybody reports as the answer says, with what it opens open.

    In a scenario the same is said step by step: ``scenario.add(result)``, then
    ``scenario.reassign(child_id, parent_id)`` for each of :func:`reporting_lines`.

    Parameters
    ----------
    world : World
        The world that the problem was made from.
    result : SitingResult
        Of :class:`HierarchyAssignment`.
    """
    lines = reporting_lines(result)
    frame = world.facilities.frame
    world.facilities.positions([*lines["child_id"], *lines["parent_id"], *result.opened])  # are they there?
    parent = dict(zip(lines["child_id"].astype(str), lines["parent_id"].astype(str), strict=True))
    own = frame["parent_id"].astype(object).where(frame["parent_id"].notna(), None)
    ids = frame["facility_id"].astype(str)
    status = frame["status"].astype(object).mask(ids.isin([str(name) for name in result.opened]), "existing")
    reports_to = [parent.get(child, old) for child, old in zip(ids, own, strict=True)]
    return world.with_facilities(
        Facilities(frame.assign(parent_id=pd.array(reports_to, dtype="string"), status=status))
    )


def _districts(world: World, level: str) -> pd.Series:
    """Return the district of each facility by its id; missing where it is not known."""
    places = world.facility_places
    if world.places is None:
        return places
    if level not in set(world.places.frame["place_level"].astype(str)):
        known = sorted(set(world.places.frame["place_level"].astype(str)))
        raise UnknownNameError.closest("siting.unknown_place_level", level, known, where="district_level")
    district = world.places.ancestor_at(level)
    named = [district.get(place) if place is not None and pd.notna(place) else None for place in places]
    return pd.Series(named, index=places.index, dtype=object)


def _weights(frame: pd.DataFrame, weight: str | pd.Series | None, ids: pd.Index) -> np.ndarray:
    if weight is None:
        return np.ones(len(frame))
    if isinstance(weight, pd.Series):
        missing = ids.difference(weight.index)
        if len(missing):
            raise InputError.of("siting.not_aligned", name="weight", n=len(missing), first=missing[0])
        return finite_array("weight", weight.reindex(ids).to_numpy(float), n=len(frame))
    if weight not in frame.columns:
        raise UnknownNameError.closest(
            "siting.unknown_column", weight, map(str, frame.columns), where="weight"
        )
    return finite_array(weight, frame[weight].to_numpy(float, na_value=np.nan), n=len(frame))
