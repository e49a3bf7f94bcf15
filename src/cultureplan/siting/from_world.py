"""From a world and a circle standard to the arrays of a siting problem."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError
from cultureplan.base.units import Unit, positive
from cultureplan.measures.circles import CircleRule, CircleStandard, Need
from cultureplan.siting.candidates import candidate_table
from cultureplan.siting.cover import Cover
from cultureplan.travel.costs import TravelCosts
from cultureplan.world.demand import DemandPoints
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Level, Status, vocabulary
from cultureplan.world.world import World


def problem_arguments(
    world: World,
    standard: CircleStandard,
    *,
    candidates: Any,
    level: str | None,
    kind: str | None,
    grid_spacing_m: float | None,
    allowed: Any,
    reach: float,
) -> dict[str, Any]:
    """Return the arguments of a siting problem; see ``SitingProblem.from_world``."""
    level, kind = _usual_site(standard, level, kind)
    table = candidate_table(
        world, candidates, standard, level=level, kind=kind, spacing_m=grid_spacing_m, allowed=allowed
    )
    existing = world.facilities.frame.iloc[world.facilities.select(status=(Status.EXISTING,))]
    facilities = Facilities(_stacked(existing, table))
    world = world.with_facilities(facilities)
    counted = _counted(facilities, [need for rule in standard.rules for need in rule.needs])
    is_candidate = (facilities.frame["status"] == Status.CANDIDATE).to_numpy(bool)
    if not is_candidate[counted].any():
        raise InputError.of("siting.kind_not_counted", level=level, kind=kind)
    sites = Facilities(facilities.frame.iloc[counted])
    world = world.with_facilities(sites)
    costs, cover = _costs_and_cover(world, standard, positive("reach", reach))
    # the standard asks nothing for whoever it has no rule for: they count in no share, mean or place
    has_rule = np.isin(
        world.demand.settlement.to_numpy(object), [str(rule.settlement) for rule in standard.rules]
    )
    return {
        "costs": costs,
        "persons": world.demand.persons.where(has_rule, 0.0),
        "groups": _groups(world.demand).mul(has_rule, axis=0),
        "limit": _single_limits(world.demand, standard),
        "cover": cover,
        "fixed": tuple(sites.ids[~is_candidate[counted]]),
        "places": world.demand_places,
        "site_places": world.facility_places,
        "sites": sites,
    }


def _groups(demand: DemandPoints) -> pd.DataFrame:
    """Return the columns that count persons of a group, by demand id."""
    frame = demand.frame
    names = [
        str(name)
        for name in frame.columns
        if (str(name) in demand.groups or str(name).startswith("persons_"))
        and pd.api.types.is_numeric_dtype(frame[name])
    ]
    return pd.DataFrame(frame[names]).set_axis(demand.ids, axis=0)


def _single_limits(demand: DemandPoints, standard: CircleStandard) -> np.ndarray | None:
    """Return the limit of each demand point's rule (0 without one), or None where one number cannot say it.

    It cannot where a rule asks for several facilities, or rules differ in unit.
    """
    several = any(len(rule.needs) > 1 or rule.needs[0].at_least > 1 for rule in standard.rules)
    if several or len({rule.unit for rule in standard.rules}) > 1:
        return None
    limit_of = {str(rule.settlement): float(rule.limit) for rule in standard.rules}
    settlement = demand.settlement.to_numpy(object)
    return np.array([limit_of.get(str(name), 0.0) for name in settlement])


def _stacked(existing: gpd.GeoDataFrame, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put the two tables under each other, columns that only one has being empty in the other."""
    columns = list(dict.fromkeys([*existing.columns, *table.columns]))
    records = [*existing.to_dict("records"), *table.to_dict("records")]
    rows = pd.DataFrame.from_records(records, columns=columns).assign(parent_id=None)  # reports to nobody yet
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=existing.crs)


def _usual_site(standard: CircleStandard, level: str | None, kind: str | None) -> tuple[str, str]:
    """Return the level and kind that serve most needs of a standard, where they are not given."""
    needs = [need for rule in standard.rules for need in rule.needs]
    levels = [level] if level else [str(name) for name in sorted(Level, key=lambda name: name.rank)]
    kinds = [kind] if kind else list(dict.fromkeys(vocabulary("kind").values()))

    def served(pair: tuple[str, str]) -> int:
        return sum(
            (not need.levels or pair[0] in need.levels) and (not need.kinds or pair[1] in need.kinds)
            for need in needs
        )

    return max(((one, other) for one in levels for other in kinds), key=served)


def _counted(facilities: Facilities, needs: list[Need]) -> np.ndarray:
    """Return the rows of the facilities, existing or candidate, that serve any of some needs."""
    status = (Status.EXISTING, Status.CANDIDATE)
    served = [facilities.select(status=status, levels=need.levels, kinds=need.kinds) for need in needs]
    return np.unique(np.concatenate(served))


def _costs_and_cover(world: World, standard: CircleStandard, reach: float) -> tuple[TravelCosts, Cover]:
    settlement = world.demand.settlement.to_numpy(object)
    parts = [
        part
        for rule in standard.rules
        if len(at := np.flatnonzero(settlement == str(rule.settlement)))
        for part in [_RuleCover(world, rule, at, reach)]
    ]
    units = {part.rule.unit for part in parts}
    unit = units.pop() if len(units) == 1 else Unit.METRES
    is_mixed = len({part.rule.unit for part in parts}) > 1
    pairs = [part.pairs(metres=is_mixed) for part in parts]
    rows, columns, values = (np.concatenate([pair[k] for pair in pairs] or [np.empty(0)]) for k in range(3))
    order = np.lexsort((columns, rows))
    n_demand, n_sites = len(world.demand), len(world.facilities)
    limit = float(max((part.rule.limit * max(reach, 1.0) for part in parts), default=np.inf))
    costs = TravelCosts(
        indptr=_pointers(rows.astype(np.int64), n_demand),
        indices=columns[order].astype(np.int32),
        values=values[order].astype(float),
        demand_ids=world.demand.ids,
        facility_ids=world.facilities.ids,
        unit=unit,
        limit=np.inf if is_mixed else limit,
    )
    return costs, _joined([row for part in parts for row in part.rows()], n_demand, n_sites)


class _RuleCover:
    """The pairs of one rule: within its limit, and a little further if asked for."""

    def __init__(self, world: World, rule: CircleRule, at: np.ndarray, reach: float) -> None:
        self.world, self.rule, self.at = world, rule, at
        people = world.with_demand(DemandPoints(world.demand.frame.iloc[at]))
        self.columns = _counted(world.facilities, list(rule.needs))
        self.within = rule.mode.costs(people, self.columns, limit=rule.limit)
        self.near = self.within
        if reach > 1:
            self.near = rule.mode.costs(people, self.columns, limit=rule.limit * reach)

    def pairs(self, *, metres: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return demand, site and cost of every pair; straight-line metres where units differ."""
        rows, columns = self.at[self.near.rows], self.columns[self.near.indices]
        if not metres:
            return rows, columns, self.near.values
        apart = self.world.demand.xy[rows] - self.world.facilities.xy[columns]
        return rows, columns, np.hypot(apart[:, 0], apart[:, 1])

    def rows(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, int]]:
        """Return (demand, entry row, site, need) for each set of needs.

        Different facilities serve all needs exactly when, for every set of needs, those that serve at
        least one of them are as many as the set asks for in all (Hall's marriage condition).
        """
        found = []
        for size in range(1, len(self.rule.needs) + 1):
            for needs in combinations(self.rule.needs, size):
                counts = np.zeros(len(self.world.facilities), dtype=bool)
                counts[_counted(self.world.facilities, list(needs))] = True
                sites = self.columns[self.within.indices]
                kept = counts[sites]
                found.append(
                    (self.at, self.within.rows[kept], sites[kept], sum(need.at_least for need in needs))
                )
        return found


def _joined(
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, int]], n_demand: int, n_sites: int
) -> Cover:
    """Put the rows of several rules together, sorted by demand point."""
    demand = np.concatenate([at for at, *_ in parts] or [np.empty(0, dtype=np.int64)])
    need = np.concatenate([np.full(len(at), need) for at, _, _, need in parts] or [np.empty(0)])
    offsets = np.concatenate([[0], np.cumsum([len(at) for at, *_ in parts])]).astype(np.int64)
    rows = np.concatenate(
        [part[1] + offset for part, offset in zip(parts, offsets[:-1], strict=True)] or [np.empty(0)]
    ).astype(np.int64)
    sites = np.concatenate([part[2] for part in parts] or [np.empty(0)]).astype(np.int32)
    order = np.argsort(demand, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    rows = place[rows]
    entries = np.lexsort((sites, rows))
    return Cover(
        indptr=_pointers(rows, len(demand)),
        indices=sites[entries],
        need=need[order].astype(np.int32),
        demand=demand[order].astype(np.int64),
        n_demand=n_demand,
        n_sites=n_sites,
    )


def _pointers(rows: np.ndarray, n_rows: int) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=n_rows))]).astype(np.int64)
