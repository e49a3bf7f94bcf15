"""The tree of the service network as an outline: who reports to whom, what each carries, what hangs loose."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from cultureplan.base.messages import Lang, text
from cultureplan.lab.edits import find_site, nearest_parent_id
from cultureplan.lab.ground import Site
from cultureplan.lab.meter import Measured
from cultureplan.lab.state import LabState
from cultureplan.planning.changes import Add
from cultureplan.plotting.wording import count_words, length_words
from cultureplan.world.levels import Level, word

_NUMBERS = ("staff_posts", "volumes")


@dataclass(frozen=True, kw_only=True)
class Node:
    """One facility in the outline.

    Parameters
    ----------
    site : Site
        The facility.
    depth : int
        Links from the top.
    parent_id : str
        Open facility it reports to; empty at the top and for orphans.
    is_orphan : bool
        Whether it reports to nobody although it is not of the highest level.
    is_in_cycle : bool
        Whether following its parents leads back to itself, or to such a circle.
    n_below : int
        Facilities below it, however deep.
    distance_m : float
        Straight line to its parent; NaN without one.
    persons, persons_in_all : float
        Persons whose nearest facility it is; and with all below it.
    staff_posts, volumes : float
        Of its own, NaN where the table says nothing.
    staff_posts_in_all, volumes_in_all : float
        With all below it; NaN where nothing is stated for any.
    """

    site: Site
    depth: int
    parent_id: str
    is_orphan: bool
    is_in_cycle: bool
    n_below: int
    distance_m: float
    persons: float
    persons_in_all: float
    staff_posts: float
    staff_posts_in_all: float
    volumes: float
    volumes_in_all: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Hierarchy:
    """The whole tree.

    Parameters
    ----------
    nodes : Mapping[str, Node]
        Every open facility by id, each below its parent: the order of an outline.
    """

    nodes: Mapping[str, Node] = field(repr=False)

    @property
    def orphans(self) -> tuple[str, ...]:
        """Ids of the facilities that report to nobody although they should."""
        return tuple(name for name, node in self.nodes.items() if node.is_orphan)

    @property
    def cycles(self) -> tuple[str, ...]:
        """Ids of the facilities that are in a circle of parents or below one."""
        return tuple(name for name, node in self.nodes.items() if node.is_in_cycle)

    def below(self, facility_id: str) -> tuple[str, ...]:
        """Return the ids of all facilities below one, in the order of the outline."""
        found = {facility_id}
        ids = []
        for name, node in self.nodes.items():  # a parent comes before its children
            if node.parent_id in found and name != facility_id:
                found.add(name)
                ids.append(name)
        return tuple(ids)


def hierarchy_of(state: LabState, measured: Measured | None = None) -> Hierarchy:
    """Return the tree of the open facilities of a state.

    Parameters
    ----------
    state : LabState
        What holds.
    measured : Measured, optional
        Its coverage; without it, persons are NaN.
    """
    sites = {name: site for name, site in state.sites.items() if site.is_open}
    parents = {name: site.parent_id if site.parent_id in sites else "" for name, site in sites.items()}
    order, depth, looping = _outline(sites, parents)
    top = max((Level(site.level).rank for site in sites.values()), default=0)
    own = _own_figures(state, sites, measured)
    in_all = {name: list(values) for name, values in own.items()}
    n_below = dict.fromkeys(sites, 0)
    for name in reversed(order):
        parent = parents[name]
        if parent and name not in looping:
            n_below[parent] += n_below[name] + 1
            in_all[parent] = [_sum(a, b) for a, b in zip(in_all[parent], in_all[name], strict=True)]
    nodes = {}
    for name in order:
        site, parent = sites[name], parents[name]
        persons, staff, volumes = own[name]
        all_persons, all_staff, all_volumes = in_all[name]
        nodes[name] = Node(
            site=site,
            depth=depth[name],
            parent_id=parent,
            is_orphan=not parent and Level(site.level).rank < top,
            is_in_cycle=name in looping,
            n_below=n_below[name],
            distance_m=_gap_m(site, sites[parent]) if parent else math.nan,
            persons=persons,
            persons_in_all=all_persons,
            staff_posts=staff,
            staff_posts_in_all=all_staff,
            volumes=volumes,
            volumes_in_all=all_volumes,
        )
    return Hierarchy(nodes=MappingProxyType(nodes))


def parents_for(state: LabState, facility_id: str) -> tuple[Site, ...]:
    """Return the open facilities that one may report to: of a higher level, the lowest and nearest first."""
    site = find_site(state.sites, facility_id)
    rank = Level(site.level).rank
    higher = [s for s in state.sites.values() if s.is_open and Level(s.level).rank > rank]
    return tuple(sorted(higher, key=lambda s: (Level(s.level).rank, _gap_m(site, s), s.facility_id)))


def adopt_orphans(state: LabState) -> LabState:
    """Return the state in which every orphan reports to the nearest open facility of the next level up.

    However many there are, it is one step to undo.
    """
    after = state
    for name in hierarchy_of(state).orphans:
        site = state.sites[name]
        after = after.reassign(name, nearest_parent_id(state.sites, site.level, site.x_m, site.y_m))
    return state if after is state else replace(after, past=(*state.past, state.draft))


def tree_rows(hierarchy: Hierarchy, lang: Lang = "en") -> list[dict[str, object]]:
    """Return the outline for the tree: ``id``, ``depth``, ``label``, ``level``, ``note``, ``is_loose``."""
    rows: list[dict[str, object]] = []
    for name, node in hierarchy.nodes.items():
        loose = node.is_orphan or node.is_in_cycle
        note = count_words(node.n_below) if node.n_below else ""
        if loose:
            note = text("lab_panels.orphan" if node.is_orphan else "lab_panels.in_cycle", lang)
        rows.append(
            {
                "id": name,
                "depth": node.depth,
                "label": node.site.label(lang),
                "level": node.site.level,
                "level_words": word("level", node.site.level, lang),
                "note": note,
                "is_loose": loose,
            }
        )
    return rows


def facts_of(hierarchy: Hierarchy, facility_id: str, lang: Lang = "en") -> list[tuple[str, str, str]]:
    """Return what a facility carries: name of the fact, its own figure, and that with all below it."""
    node = hierarchy.nodes[facility_id]
    rows = [
        ("below", float(n_children(hierarchy, facility_id)), float(node.n_below)),
        ("persons", node.persons, node.persons_in_all),
        ("staff", node.staff_posts, node.staff_posts_in_all),
        ("volumes", node.volumes, node.volumes_in_all),
    ]
    return [
        (text(f"lab_panels.fact_{name}", lang), count_words(own), count_words(in_all))
        for name, own, in_all in rows
    ]


def parent_words(hierarchy: Hierarchy, facility_id: str, lang: Lang = "en") -> str:
    """Return level and kind of a facility, whom it reports to and how far that is, as a line."""
    node = hierarchy.nodes[facility_id]
    site, above = node.site, hierarchy.nodes.get(node.parent_id)
    level, kind = word("level", site.level, lang), word("kind", site.kind, lang)
    what = text("lab.level_kind", lang, level=level, kind=kind)
    if above is None:
        return text(f"lab_panels.is_{'orphan' if node.is_orphan else 'top'}", lang, what=what)
    distance = length_words(node.distance_m, lang)
    return text("lab_panels.reports_to", lang, what=what, parent=above.site.label(lang), distance=distance)


def n_children(hierarchy: Hierarchy, facility_id: str) -> int:
    """Return how many facilities report directly to one."""
    return sum(node.parent_id == facility_id for node in hierarchy.nodes.values())


def _outline(
    sites: Mapping[str, Site], parents: Mapping[str, str]
) -> tuple[list[str], dict[str, int], set[str]]:
    """Return the ids with children below their parents, their depth, and who is in a circle or below."""
    children: dict[str, list[str]] = {}
    for name in sorted(sites, key=lambda n: (-Level(sites[n].level).rank, sites[n].label(), n)):
        children.setdefault(parents[name], []).append(name)
    roots = children.get("", [])
    # who should have a parent comes after the tops
    highest = max((Level(sites[name].level).rank for name in roots), default=0)
    roots = sorted(roots, key=lambda n: Level(sites[n].level).rank < highest)
    order: list[str] = []
    depth: dict[str, int] = {}

    def walk(names: list[str], at: int) -> Iterator[tuple[str, int]]:
        stack = [(name, at) for name in reversed(names)]
        while stack:
            name, here = stack.pop()
            yield name, here
            stack.extend((child, here + 1) for child in reversed(children.get(name, [])))

    for name, here in walk(roots, 0):
        order.append(name)
        depth[name] = here
    looping = {name for name in sites if name not in depth}
    for name in sites:
        if name in looping:
            order.append(name)
            depth[name] = 0
    return order, depth, looping


def _own_figures(
    state: LabState, sites: Mapping[str, Site], measured: Measured | None
) -> dict[str, tuple[float, float, float]]:
    """Return persons, staff posts and volumes of each facility, NaN where nothing is known."""
    persons: dict[object, float] = {}
    if measured is not None:
        nearest = pd.Series(measured.persons).groupby(measured.nearest_id).sum()
        persons = {name: float(n) for name, n in nearest.items()}
    frame = state.ground.world.facilities.frame
    stated: dict[str, dict[str, float]] = {}
    for column in _NUMBERS:
        numbers = (
            frame[column].to_numpy(float, na_value=math.nan)
            if column in frame.columns
            else np.full(len(frame), math.nan)
        )
        stated[column] = dict(zip(frame["facility_id"].astype(str), numbers.tolist(), strict=True))
    for change in state.draft.changes:
        if isinstance(change, Add):
            for column in _NUMBERS:
                stated[column][change.facility_id] = float(change.attributes.get(column, math.nan))
    absent = math.nan if measured is None else 0.0
    return {
        name: (
            persons.get(name, absent),
            stated["staff_posts"].get(name, math.nan),
            stated["volumes"].get(name, math.nan),
        )
        for name in sites
    }


def _sum(a: float, b: float) -> float:
    """Return the sum of what is known of two numbers."""
    return b if math.isnan(a) else a if math.isnan(b) else a + b


def _gap_m(a: Site, b: Site) -> float:
    return math.hypot(a.x_m - b.x_m, a.y_m - b.y_m)
