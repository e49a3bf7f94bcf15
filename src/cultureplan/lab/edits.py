"""Changes as the lab makes them: applied to the light table of sites, folded, and put into words.

A map must answer within a few milliseconds, and building a validated table takes ten times as long. So the
lab keeps its own table of sites, changed by the same rules; a test holds it to what the scenario says.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.lab.ground import Ground, Site
from cultureplan.planning.changes import Add, Change, ChangeLevel, Close, Move, Open, Reassign
from cultureplan.world.levels import Level, Status


def changed_sites(ground: Ground, sites: Mapping[str, Site], changes: Sequence[Change]) -> Mapping[str, Site]:
    """Return the sites after some changes.

    Parameters
    ----------
    ground : Ground
        The world before any change.
    sites : Mapping[str, Site]
        Sites by id, in the order of the table.
    changes : sequence of Change
        Open, Add, Close, Move, ChangeLevel, Reassign.

    Raises
    ------
    InputError, UnknownNameError
        If a change does not fit.
    """
    after = dict(sites)
    for change in changes:
        _apply(ground, after, change)
    return MappingProxyType(after)


def _apply(ground: Ground, sites: dict[str, Site], change: Change) -> None:
    if isinstance(change, Add):
        if change.facility_id in sites:
            raise InputError.of("planning.id_taken", facility_id=change.facility_id)
        sites[change.facility_id] = _added(ground, sites, change)
        return
    if not isinstance(change, (Open, Close, Move, ChangeLevel, Reassign)):
        raise InputError.of("lab.unknown_change", kind=type(change).__name__)
    site = find_site(sites, change.facility_id)
    if isinstance(change, Open):
        if site.is_open:
            raise InputError.of("planning.already_open", facility_id=site.facility_id)
        sites[site.facility_id] = dataclasses.replace(site, status=str(Status.EXISTING))
    elif isinstance(change, Close):
        if not site.is_open:
            raise InputError.of("planning.not_open", facility_id=site.facility_id)
        sites[site.facility_id] = dataclasses.replace(site, status=str(Status.CLOSED))
    elif isinstance(change, Move):
        x, y = change.x_m, change.y_m
        own = ground.settlements_at(np.array([[x, y]]))[0]
        sites[site.facility_id] = dataclasses.replace(site, x_m=x, y_m=y, settlement=own)
    elif isinstance(change, ChangeLevel):
        parent = site.parent_id
        if change.parent_id is not None:
            parent = find_site(sites, change.parent_id).facility_id
        sites[site.facility_id] = dataclasses.replace(site, level=str(change.level), parent_id=parent)
    else:
        parent = find_site(sites, change.parent_id).facility_id
        sites[site.facility_id] = dataclasses.replace(site, parent_id=parent)


def _added(ground: Ground, sites: Mapping[str, Site], change: Add) -> Site:
    name = str(change.attributes.get("name") or change.facility_id)
    parent = change.attributes.get("parent_id") or nearest_parent_id(
        sites, change.level, change.x_m, change.y_m
    )
    return Site(
        facility_id=change.facility_id,
        name=name,
        name_en=str(change.attributes.get("name_en") or ""),
        level=str(change.level),
        kind=change.kind,
        status=str(Status.EXISTING),
        x_m=change.x_m,
        y_m=change.y_m,
        parent_id=str(parent or ""),
        settlement=ground.settlements_at(np.array([[change.x_m, change.y_m]]))[0],
    )


def nearest_parent_id(sites: Mapping[str, Site], level: str, x_m: float, y_m: float) -> str:
    """Return the id of the nearest open site of the next higher level there is; empty where there is none."""
    rank = Level(level).rank
    higher = [site for site in sites.values() if site.is_open and Level(site.level).rank > rank]
    if not higher:
        return ""
    next_rank = min(Level(site.level).rank for site in higher)
    near = [site for site in higher if Level(site.level).rank == next_rank]
    return min(
        near, key=lambda site: ((site.x_m - x_m) ** 2 + (site.y_m - y_m) ** 2, site.facility_id)
    ).facility_id


def find_site(sites: Mapping[str, Site], facility_id: str) -> Site:
    """Return a site by its id.

    Raises
    ------
    UnknownNameError
        Naming the closest id there is.
    """
    if facility_id not in sites:
        raise UnknownNameError.closest("world.unknown_id", facility_id, sites, table="facilities")
    return sites[facility_id]


def validate_rank(site: Site, level: str, parent: Site) -> None:
    """Raise InputError unless a parent is of a higher level than the site that is to report to it."""
    if Level(parent.level).rank <= Level(level).rank:
        raise InputError.of(
            "lab_map.rank_not_above",
            facility_id=site.facility_id,
            level=level,
            parent_id=parent.facility_id,
            parent_level=parent.level,
        )


def folded(changes: Sequence[Change], change: Change) -> tuple[Change, ...]:
    """Return the changes with one more, leaving out what it undoes.

    A facility moved twice is moved once, one added and moved is added where it ends, one added and closed
    was never there, and one opened and closed, or closed and opened again, stays as it was. Only the last
    change to a facility is folded, and none that another facility's change may rest on.
    """
    before = tuple(changes)
    if not before:
        return (change,)
    last, facility_id = before[-1], getattr(change, "facility_id", None)
    if getattr(last, "facility_id", None) != facility_id:
        return (*before, change)
    kept = before[:-1]
    if isinstance(change, Move) and isinstance(last, (Add, Move)):
        return (*kept, dataclasses.replace(last, x_m=change.x_m, y_m=change.y_m))
    if isinstance(change, Close) and isinstance(last, Add):
        return kept
    if isinstance(change, Open) and isinstance(last, Close):
        return kept
    return (*before, change)
