"""Coverage: who is inside a circle, person-weighted, and who is left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from cultureplan.base.checks import finite_array, points_array
from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.base.messages import Lang, text
from cultureplan.measures.circles import CircleRule, CircleStandard
from cultureplan.measures.statistics import share_of, weighted_mean, weighted_quantile
from cultureplan.travel.exact_sum import exact_sum
from cultureplan.travel.kernels import count_within, limits_array
from cultureplan.world.levels import PlaceLevel, Settlement, word
from cultureplan.world.world import World


@dataclass(frozen=True, kw_only=True, eq=False)
class Coverage:
    """How a world keeps to a circle standard.

    Parameters
    ----------
    world : World
        What was measured.
    standard : CircleStandard
        What it was measured by.
    points : DataFrame, index demand_id
        One row a demand point: ``persons``, ``settlement``, ``has_rule`` (the standard says something
        about its settlement type), ``is_covered``, ``n_circles`` (facilities within the limit),
        ``nearest_facility_id``, ``nearest_cost`` (however far), ``limit``, ``unit``.
    """

    world: World
    standard: CircleStandard
    points: pd.DataFrame = field(repr=False)

    @cached_property
    def persons(self) -> float:
        """Persons who are covered."""
        return exact_sum(self.points.loc[self.points["is_covered"], "persons"].to_numpy())

    @cached_property
    def persons_assessed(self) -> float:
        """Persons about whom the standard says something."""
        return exact_sum(self.points.loc[self.points["has_rule"], "persons"].to_numpy())

    @cached_property
    def share(self) -> float:
        """Covered persons over assessed persons; NaN where nobody is assessed."""
        return share_of(self.persons, self.persons_assessed)

    @property
    def is_covered(self) -> pd.Series:
        """Whether each demand point is covered."""
        return self.points["is_covered"]

    @property
    def overlap(self) -> pd.Series:
        """How many circles each demand point is in: facilities that count, within the limit."""
        return self.points["n_circles"]

    @property
    def nearest(self) -> pd.DataFrame:
        """Nearest facility that counts, however far: ``nearest_facility_id``, ``nearest_cost``, ``unit``."""
        return self.points[["nearest_facility_id", "nearest_cost", "unit"]]

    def by(self, column: str) -> pd.DataFrame:
        """Return persons, covered persons and share by any column of the demand table or level of place.

        Parameters
        ----------
        column : str
            ``settlement``, ``place_id``, a level of place (``county``, ``township`` ...: the place of that
            level which each demand point belongs to), ``group`` (the group columns), or any other column
            of the demand table.

        Returns
        -------
        DataFrame, index `column`
            ``persons`` (all), ``persons_assessed``, ``persons_covered``, ``persons_uncovered``,
            ``covered_share`` (NaN where nobody is assessed).
        """
        if column == "group":
            return self._by_group()
        keys = self._keys(column)
        counted = pd.DataFrame(
            {
                column: keys.to_numpy(object),
                "persons": self.points["persons"].to_numpy(),
                "persons_assessed": (self.points["persons"] * self.points["has_rule"]).to_numpy(),
                "persons_covered": (self.points["persons"] * self.points["is_covered"]).to_numpy(),
            }
        )
        return _with_share(counted.groupby(column, sort=True, dropna=True).sum())

    def uncovered(self) -> pd.DataFrame:
        """Return the demand points that are assessed and not covered, most persons first.

        Returns
        -------
        DataFrame, index demand_id
            ``persons``, ``settlement``, ``place_id``, ``nearest_facility_id``, ``nearest_cost``,
            ``limit``, ``unit``, ``excess_cost`` (how far the nearest is beyond the limit; NaN where it is
            within, and something else that the rule needs is missing).
        """
        rows = self.points[self.points["has_rule"] & ~self.points["is_covered"]].copy()
        rows["place_id"] = self.world.demand_places.reindex(rows.index)
        excess = rows["nearest_cost"] - rows["limit"]
        rows["excess_cost"] = excess.where(excess > 0)
        shown = [
            "persons", "settlement", "place_id", "nearest_facility_id",
            "nearest_cost", "limit", "unit", "excess_cost",
        ]  # fmt: skip
        return rows[shown].sort_values("persons", ascending=False, kind="stable")

    def nearest_load(self) -> pd.Series:
        """Return the persons whose nearest facility each one is, by facility id; 0 for the others.

        People outside every circle are counted too: they go somewhere, or nowhere else.
        """
        load = self.points.groupby("nearest_facility_id")["persons"].sum()
        return load.reindex(self.world.facilities.ids).fillna(0.0).rename("load_persons")

    def summary(self, lang: Lang = "en") -> pd.DataFrame:
        """Return one row a settlement type and one for all, with readable headings.

        The costs are of the nearest facility that counts, over all persons assessed.
        """
        peopled = [str(s) for s in Settlement if self._of(str(s))["persons"].sum() > 0]
        rows = [self._summary_row(settlement, lang) for settlement in peopled]
        labels = [word("settlement", settlement, lang) for settlement in peopled]
        if len(rows) > 1:
            rows.append(self._total_row())
            labels.append(text("coverage.all", lang))
        headings = [
            text(f"coverage.{name}", lang)
            for name in (
                "persons",
                "limit",
                "assessed",
                "covered",
                "uncovered",
                "share",
                "mean",
                "p95",
                "unit",
            )
        ]
        index = pd.Index(labels, name=text("coverage.settlement", lang))
        return pd.DataFrame(rows, columns=headings, index=index)

    def cost_statistics(self, settlement: str) -> dict[str, float]:
        """Return the person-weighted mean and 95th percentile of the nearest cost of a settlement type."""
        rows = self._of(settlement)
        reached = np.isfinite(rows["nearest_cost"].to_numpy(float))
        cost, persons = (
            rows["nearest_cost"].to_numpy(float)[reached],
            rows["persons"].to_numpy(float)[reached],
        )
        return {
            "mean_cost": weighted_mean(cost, persons),
            "p95_cost": weighted_quantile(cost, persons, 0.95),
        }

    def __repr__(self) -> str:
        return (
            f"Coverage({self.world.name!r} by {self.standard.id}: {self.persons:,.0f} of "
            f"{self.persons_assessed:,.0f} persons, share {self.share:.4f})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{self!r}</p>{self.summary().to_html()}"

    def _of(self, settlement: str) -> pd.DataFrame:
        return self.points[self.points["settlement"] == settlement]

    def _summary_row(self, settlement: str, lang: Lang) -> list[object]:
        rows, rule = self._of(settlement), self.standard.rule(settlement)
        persons = float(rows["persons"].sum())
        if rule is None:
            nan = float("nan")
            return [persons, text("coverage.no_rule", lang), 0.0, 0.0, 0.0, nan, nan, nan, ""]
        covered = float(rows.loc[rows["is_covered"], "persons"].sum())
        statistics = self.cost_statistics(settlement)
        share = share_of(covered, persons)
        return [
            persons, rule.limit_words(lang), persons, covered, persons - covered, share,
            statistics["mean_cost"], statistics["p95_cost"], text(f"coverage.{rule.unit.name.lower()}", lang),
        ]  # fmt: skip

    def _total_row(self) -> list[object]:
        persons = float(self.points["persons"].sum())
        uncovered = self.persons_assessed - self.persons
        nan = float("nan")  # metres and minutes have no common mean
        return [persons, "", self.persons_assessed, self.persons, uncovered, self.share, nan, nan, ""]

    def _keys(self, column: str) -> pd.Series:
        if column == "place_id":
            return self.world.demand_places
        if column in tuple(PlaceLevel) and self.world.places is not None:
            return self.world.demand_places.map(self.world.places.ancestor_at(column))
        if column in self.points.columns:
            return self.points[column]
        frame = self.world.demand.frame
        if column not in frame.columns or column == "geometry":
            known = [*frame.columns.drop("geometry"), *PlaceLevel, "group"]
            raise UnknownNameError.closest("coverage.unknown_column", column, map(str, known))
        return pd.Series(frame[column].to_numpy(object), index=self.world.demand.ids)

    def _by_group(self) -> pd.DataFrame:
        frame, groups = self.world.demand.frame, self.world.demand.groups
        rule, covered = self.points["has_rule"].to_numpy(), self.points["is_covered"].to_numpy()
        rows = {
            name: (
                float(frame[name].sum()),
                float(frame[name].to_numpy()[rule].sum()),
                float(frame[name].to_numpy()[covered].sum()),
            )
            for name in groups
        }
        counted = pd.DataFrame.from_dict(
            rows, orient="index", columns=["persons", "persons_assessed", "persons_covered"]
        )
        return _with_share(counted.rename_axis("group"))


def measure_coverage(world: World, standard: CircleStandard) -> Coverage:
    """Measure who is inside the circles of a standard.

    A person is covered when, within the limit of the rule for his or her settlement type, there are at
    least as many different existing facilities as each need of the rule asks for. The limit is inclusive.

    Parameters
    ----------
    world : World
        The world.
    standard : CircleStandard
        For example ``load_circles("ordos-2014")``.

    Returns
    -------
    Coverage

    Examples
    --------
    >>> import cultureplan as cp
    >>> world = cp.datasets.synthetic_world(n_demand=200, n_facilities=10, seed=7)
    >>> coverage = cp.measure_coverage(world, cp.load_circles("ordos-2014"))
    >>> 0.0 <= coverage.share <= 1.0
    True
    """
    settlement = world.demand.settlement.to_numpy(object)
    n = len(settlement)
    has_rule, covered = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    n_circles, cost, limit = np.zeros(n, dtype=np.int64), np.full(n, np.nan), np.full(n, np.nan)
    nearest, unit = np.full(n, None, dtype=object), np.full(n, None, dtype=object)
    ids = world.facilities.ids.to_numpy(object)
    for rule in standard.rules:
        rows = np.flatnonzero(settlement == str(rule.settlement))
        reach = rule.mode.reach(world, rows, rule.eligible(world.facilities), limit=rule.limit)
        has_rule[rows], limit[rows], unit[rows] = True, rule.limit, str(rule.unit)
        n_circles[rows], cost[rows] = reach.n_within, reach.nearest_cost
        found = reach.nearest >= 0
        nearest[rows[found]] = ids[reach.nearest[found]]
        covered[rows] = _needs_are_met(world, rule, rows, reach.n_within)
    points = pd.DataFrame(
        {
            "persons": world.demand.persons.to_numpy(),
            "settlement": settlement,
            "has_rule": has_rule,
            "is_covered": covered,
            "n_circles": n_circles,
            "nearest_facility_id": nearest,
            "nearest_cost": cost,
            "limit": limit,
            "unit": unit,
        },
        index=world.demand.ids,
    )
    return Coverage(world=world, standard=standard, points=points)


def covered_persons(demand_xy: object, persons: object, site_xy: object, *, limit_m: object) -> float:
    """Return how many persons have at least one site within a straight-line limit (inclusive).

    No table of pairs is built, so any size that fits into memory will do; beyond that there is
    ``cp.chunked``. Positions in degrees go to :func:`~cultureplan.travel.geodesic.geodesic_covered_persons`.

    Parameters
    ----------
    demand_xy : array-like, shape (n_demand, 2), metres
    persons : array-like, shape (n_demand,)
    site_xy : array-like, shape (n_sites, 2), metres
    limit_m : float or array-like, shape (n_sites,)
        One limit for all sites, or one a site where circles depend on the level of the facility.

    Returns
    -------
    float
        Added up without rounding and rounded once, so that the order of the rows cannot matter.

    Examples
    --------
    >>> import cultureplan as cp
    >>> cp.covered_persons([[0, 0], [900, 0]], [100, 50], [[0, 500]], limit_m=500)
    100.0
    """
    demand, sites = points_array("demand_xy", demand_xy), points_array("site_xy", site_xy)
    weights = finite_array("persons", persons, n=len(demand))
    inside = count_within(demand, sites, limits_array("limit_m", limit_m, n=len(sites))) > 0
    return exact_sum(weights[inside])


def _needs_are_met(world: World, rule: CircleRule, rows: np.ndarray, n_any: np.ndarray) -> np.ndarray:
    """Return whether different facilities can serve all needs of a rule (Hall's marriage condition).

    For every set of needs, the facilities that serve at least one of them must be as many as the set
    asks for in all.
    """
    met = np.ones(len(rows), dtype=bool)
    for size in range(1, len(rule.needs) + 1):
        for needs in combinations(rule.needs, size):
            if size == len(rule.needs):
                n_within = n_any
            else:
                eligible = np.unique(np.concatenate([need.eligible(world.facilities) for need in needs]))
                n_within = rule.mode.reach(world, rows, eligible, limit=rule.limit).n_within
            met &= n_within >= sum(need.at_least for need in needs)
    return met


def _with_share(counted: pd.DataFrame) -> pd.DataFrame:
    counted["persons_uncovered"] = counted["persons_assessed"] - counted["persons_covered"]
    assessed = counted["persons_assessed"].where(counted["persons_assessed"] > 0)
    counted["covered_share"] = counted["persons_covered"] / assessed
    return counted


def validate_same_people(first: World, second: World) -> None:
    """Raise InputError unless two worlds have the same demand points."""
    if not first.demand.ids.sort_values().equals(second.demand.ids.sort_values()):
        raise InputError.of("coverage.other_people", first=first.name, second=second.name)
