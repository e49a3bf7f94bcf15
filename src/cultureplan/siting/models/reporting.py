"""Who may report to whom: the pairs that the rules allow, in groups that share no parent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cultureplan.base.errors import Fault, InputError
from cultureplan.siting.cover import id_rank, total
from cultureplan.siting.mip import Mip, MipBuilder, solve_mip
from cultureplan.siting.model import Control, add_sites, translated
from cultureplan.siting.models.flows import Pairs
from cultureplan.siting.problem import SitingProblem
from cultureplan.world.levels import Level

_NEAR = 8  # parents of each child that a transport program begins with
PARENT_OF = {Level.SERVICE_POINT: Level.BRANCH, Level.BRANCH: Level.HEAD}
Group: TypeAlias = tuple[np.ndarray, np.ndarray, bool]  # children, pairs, whether sites are chosen


class Rules(Protocol):
    """What the model says about who may report to whom."""

    @property
    def point_limit(self) -> float | None:
        """Longest way from a service point to its branch."""

    @property
    def branch_limit(self) -> float | None:
        """Longest way from a branch to its head."""

    @property
    def points_per_branch(self) -> int | None:
        """How many points may report to one branch."""

    @property
    def branches_per_head(self) -> int | None:
        """How many branches may report to one head."""

    @property
    def n_branches(self) -> int:
        """Branches to open."""

    @property
    def n_heads(self) -> int:
        """Heads to open."""

    @property
    def same_district(self) -> bool:
        """Whether a child reports within its district."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """What was found for a group: its pairs in use (None: nothing), open sites, and the bound."""

    at: np.ndarray | None
    bound: float
    is_open: np.ndarray
    is_infeasible: bool = False


class Plan:
    """The children, the pairs that the rules allow, and what each costs.

    Parameters
    ----------
    model : Rules
        The model's settings.
    problem : SitingProblem
        Problem.
    """

    def __init__(self, model: Rules, problem: SitingProblem) -> None:
        self.model, self.problem = model, problem
        self.site_level = site_levels(problem)
        as_site = problem.positions(problem.demand_ids)
        self.as_site = as_site
        self.child_level = np.where(as_site >= 0, self.site_level[as_site], Level.SERVICE_POINT)
        opened = {Level.BRANCH: model.n_branches > 0, Level.HEAD: model.n_heads > 0}
        self.may_stand = problem.is_fixed | (
            problem.is_choice & np.array([opened.get(level, False) for level in self.site_level])
        )
        is_member = np.isin(self.child_level, list(PARENT_OF))
        self.may_open = (as_site >= 0) & problem.is_choice[as_site] & is_member
        self.is_child = is_member & ((as_site < 0) | self.may_stand[as_site])
        self.child_rank = id_rank(problem.demand_ids)
        self.pairs = self._allowed()
        self.worth = problem.persons[self.pairs.rows] * self.pairs.costs
        self.room = np.full(problem.n_sites, np.inf)
        for level, most in ((Level.BRANCH, model.points_per_branch), (Level.HEAD, model.branches_per_head)):
            if most is not None:
                self.room[self.site_level == level] = most

    def groups(self) -> list[Group]:
        """Return (children, pairs, whether sites are chosen) of each group that shares no parent."""
        problem, pairs = self.problem, self.pairs
        n = problem.n_demand
        chosen = np.flatnonzero(self.may_stand & problem.is_choice)
        # the numbers, and what else restricts the choice, tie all candidates together
        links = [(pairs.rows, n + pairs.sites), (n + chosen[:-1], n + chosen[1:])]
        twins = np.flatnonzero(self.is_child & self.may_open)
        links.append((twins, n + self.as_site[twins]))
        one, other = (np.concatenate([link[side] for link in links]) for side in (0, 1))
        size = n + problem.n_sites
        _, part = connected_components(
            coo_array((np.ones(len(one)), (one, other)), shape=(size, size)), directed=False
        )
        children = np.flatnonzero(self.is_child)
        children = children[np.argsort(self.child_rank[children], kind="stable")]
        has_choice = np.zeros(size, dtype=bool)
        has_choice[part[n + chosen]] = True
        of_pair = _members(part[pairs.rows])
        none = np.empty(0, dtype=np.int64)
        groups = [
            (children[at], of_pair.get(label, none), bool(has_choice[label]))
            for label, at in _members(part[children]).items()
        ]
        restricted = self.model.n_branches + self.model.n_heads > 0 or bool(problem.quotas)
        if restricted and not any(sites for _, _, sites in groups):
            groups.append((none, none, True))  # candidates that nobody may report to
        return groups

    def take_nearest(self, group: Group, chosen: list[np.ndarray]) -> bool:
        """Send everybody of a group to the nearest parent if all have room; return whether that is so."""
        children, at, sites = group
        if sites or len(np.unique(self.pairs.rows[at])) < len(children):
            return False
        order = at[
            np.lexsort(
                (
                    self.problem.site_rank[self.pairs.sites[at]],
                    self.pairs.costs[at],
                    self.child_rank[self.pairs.rows[at]],
                )
            )
        ]
        first = order[np.flatnonzero(np.diff(self.pairs.rows[order], prepend=-1))]
        load = np.bincount(self.pairs.sites[first], minlength=self.problem.n_sites)
        if (load > self.room).any():
            return False
        chosen.append(first)
        return True

    def choose(self, group: Group, control: Control, done: float) -> Outcome:
        """Choose sites and parents of a group together, as an integer program."""
        children, at, _ = group
        mip, columns = self.program(at, children, sites=True)
        solution = solve_mip(
            mip,
            time_limit_s=control.left_s,
            gap=control.gap,
            progress=translated(control, lambda value: value + done).progress,
        )
        is_open = self.problem.is_fixed.copy()
        used = None
        if solution.values is not None:
            used = at[solution.values[columns] > 0.5]
            n = len(self.problem.choices)
            is_open[self.problem.choices[solution.values[:n] > 0.5]] = True
        infeasible = solution.status == "infeasible"
        return Outcome(at=used, bound=solution.bound, is_open=is_open, is_infeasible=infeasible)

    def transport(self, group: Group, control: Control) -> Outcome:
        """Send a group to parents that have room, as a linear program over a growing set of near pairs.

        The program's corners are whole numbers; pairs that were left out join while their price says that
        they could help, so the answer is that of all pairs.
        """
        children, at, _ = group
        at = at[np.lexsort((self.pairs.costs[at], self.child_rank[self.pairs.rows[at]]))]
        rows = self.pairs.rows[at]
        start = np.flatnonzero(np.diff(rows, prepend=-1))
        place = np.arange(len(at)) - np.repeat(start, np.diff(np.append(start, len(at))))
        bound = total(self.worth[at[start]])  # nobody does better than the nearest parent
        used: np.ndarray | None = None
        n_near = _NEAR
        kept = place < n_near
        while True:
            inside = np.sort(at[kept])  # pairs are numbered in the order of ids
            mip, columns = self.program(inside, children, sites=False)
            solution = solve_mip(mip, time_limit_s=control.left_s, relax=True)
            if solution.status == "infeasible" and not kept.all():
                n_near *= 4
                kept |= place < n_near
                continue
            infeasible = solution.status == "infeasible"
            if solution.values is None or solution.row_duals is None:
                break
            used = inside[solution.values[columns] > 0.5]
            price = np.zeros(self.problem.n_demand)
            price[children[np.argsort(self.child_rank[children], kind="stable")]] = solution.row_duals[
                : len(children)
            ]
            rent = np.zeros(self.problem.n_sites)
            rent[self.bounded(inside)] = solution.row_duals[len(children) :]
            reduced = self.worth[at] - price[rows] - rent[self.pairs.sites[at]]
            better = ~kept & (reduced < -1e-9 * (1.0 + np.abs(self.worth[at])))
            if not better.any():
                return Outcome(at=used, bound=solution.bound, is_open=self.problem.is_fixed)
            kept |= better
        return Outcome(at=used, bound=bound, is_open=self.problem.is_fixed, is_infeasible=infeasible)

    def bounded(self, at: np.ndarray) -> np.ndarray:
        """Return the parents of some pairs that have a limited room, in the order of their ids."""
        parents = np.unique(self.pairs.sites[at])
        parents = parents[np.isfinite(self.room[parents])]
        return np.asarray(parents[np.argsort(self.problem.site_rank[parents], kind="stable")])

    def program(self, at: np.ndarray, children: np.ndarray, *, sites: bool) -> tuple[Mip, np.ndarray]:
        """Return the program of some pairs and children, and the columns of the pairs."""
        problem, pairs = self.problem, self.pairs
        builder = MipBuilder("min")
        column_of = np.full(problem.n_sites, -1, dtype=np.int64)
        if sites:
            column_of = add_sites(builder, problem)
        rows, parents = pairs.rows[at], pairs.sites[at]
        child_names, site_names = problem.demand_ids.astype(str), problem.facility_ids.astype(str)
        labels = list(zip(child_names[rows], site_names[parents], strict=True))
        z = builder.add_columns("z", labels, cost=self.worth[at])
        children = children[np.argsort(self.child_rank[children], kind="stable")]
        row_of = np.full(problem.n_demand, -1, dtype=np.int64)
        free = sites & self.may_open[children]
        must = np.where(free, 0.0, 1.0)
        row_of[children] = builder.add_rows("report", child_names[children].tolist(), lower=must, upper=must)
        builder.add_entries(row_of[rows], z, 1.0)
        builder.add_entries(row_of[children[free]], column_of[self.as_site[children[free]]], -1.0)
        chosen = np.flatnonzero(column_of[parents] >= 0)
        link = builder.add_rows("open", [labels[k] for k in chosen], upper=0.0)
        builder.add_entries(link, z[chosen], 1.0)
        builder.add_entries(link, column_of[parents[chosen]], -1.0)
        bounded = self.bounded(at)
        fixed = column_of[bounded] < 0
        room_of = np.full(problem.n_sites, -1, dtype=np.int64)
        room_of[bounded] = builder.add_rows(
            "room", site_names[bounded].tolist(), upper=np.where(fixed, self.room[bounded], 0.0)
        )
        held = room_of[parents] >= 0
        builder.add_entries(room_of[parents[held]], z[held], 1.0)
        builder.add_entries(room_of[bounded[~fixed]], column_of[bounded[~fixed]], -self.room[bounded[~fixed]])
        if sites:
            for level, number in (
                (Level.BRANCH, self.model.n_branches),
                (Level.HEAD, self.model.n_heads),
            ):
                columns = column_of[problem.choices[self.site_level[problem.choices] == level]]
                row = builder.add_rows("number", [str(level)], lower=number, upper=number)
                builder.add_entries(np.repeat(row, len(columns)), columns, 1.0)
        mip = builder.build()
        if sites:
            mip.upper[: len(problem.choices)][~self.may_stand[problem.choices]] = 0.0
        return mip, z

    def frame(self, chosen: list[np.ndarray]) -> pd.DataFrame:
        """Return who reports to whom, in the order of the children."""
        used = np.concatenate([np.empty(0, dtype=np.int64), *chosen]).astype(np.int64)
        used = used[np.argsort(self.pairs.rows[used], kind="stable")]
        ids = self.problem.facility_ids.to_numpy(object)
        return pd.DataFrame(
            {
                "demand_id": self.problem.demand_ids.to_numpy(object)[self.pairs.rows[used]],
                "facility_id": pd.Series(ids[self.pairs.sites[used]], dtype=object),
                "cost": self.pairs.costs[used],
                "persons": self.problem.persons[self.pairs.rows[used]],
            }
        )

    def room_note(self, group: Group) -> tuple[Fault, ...]:
        """Return the note that a group has more children than its parents have room for."""
        children, at, sites = group
        if sites:
            return ()
        parents = np.unique(self.pairs.sites[at])
        names = self.problem.facility_ids[parents].astype(str)
        values = {"n": len(children), "room": float(self.room[parents].sum()), "ids": ", ".join(names[:5])}
        return (Fault(code="siting.note_no_room", values=values),)

    def _allowed(self) -> Pairs:
        problem, model = self.problem, self.model
        rows, sites, costs = problem.costs.rows, problem.costs.indices, problem.costs.values
        kept = self.is_child[rows] & self.may_stand[sites]
        for level, limit in ((Level.SERVICE_POINT, model.point_limit), (Level.BRANCH, model.branch_limit)):
            of_level = self.child_level[rows] == level
            kept &= ~of_level | (self.site_level[sites] == PARENT_OF[level])
            if limit is not None:
                kept &= ~of_level | (costs <= limit)
        if model.same_district and problem.places is not None and problem.site_places is not None:
            own = _codes(problem.places.reindex(problem.demand_ids), problem.site_places)
            theirs = _codes(problem.site_places.reindex(problem.facility_ids), problem.site_places)
            kept &= (own[rows] == theirs[sites]) | (own[rows] == -1) | (theirs[sites] == -1)
        at = np.flatnonzero(kept)
        at = at[np.lexsort((problem.site_rank[sites[at]], self.child_rank[rows[at]]))]
        return Pairs(rows=rows[at], sites=sites[at].astype(np.int64), costs=costs[at])


def site_levels(problem: SitingProblem) -> np.ndarray:
    """Return the level of each site, or raise if it is not known."""
    if problem.sites is None:
        raise InputError.of("siting.no_levels")
    frame = problem.sites.frame.set_index("facility_id")["level"]
    return np.array([Level(name) for name in frame.loc[list(map(str, problem.facility_ids))]], dtype=object)


def _codes(named: pd.Series, known: pd.Series) -> np.ndarray:
    """Return a number for each place, -1 where none is named, -2 where no site is in it."""
    number = {name: at for at, name in enumerate(dict.fromkeys(known.dropna()))}
    return np.array([-1 if pd.isna(name) else number.get(name, -2) for name in named], dtype=np.int64)


def _members(labels: np.ndarray) -> dict[int, np.ndarray]:
    """Return the positions of each label, in the order of their first position."""
    order = np.argsort(labels, kind="stable")
    names, start = np.unique(labels[order], return_index=True)
    parts = np.split(order, start[1:]) if len(order) else []
    found = {int(name): part for name, part in zip(names, parts, strict=True)}
    return dict(sorted(found.items(), key=lambda item: item[1][0]))
