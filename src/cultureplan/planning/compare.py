"""Compare worlds of the same people: who gains, who loses, how much nearer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError
from cultureplan.base.messages import Lang, text
from cultureplan.measures.area import covered_area
from cultureplan.measures.circles import CircleStandard
from cultureplan.measures.coverage import Coverage, measure_coverage, validate_same_people
from cultureplan.measures.statistics import weighted_mean, weighted_quantile
from cultureplan.world.levels import PlaceLevel, Status, word
from cultureplan.world.world import World

_MEASURES = (
    "persons_assessed", "persons_covered", "covered_share", "persons_newly_covered", "persons_lost",
    "covered_area_m2", "mean_cost", "p95_cost",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Two or more worlds measured by one standard, the first being what the others are compared with.

    Parameters
    ----------
    coverages : Mapping[str, Coverage]
        Coverage of each world by its label, in order.
    """

    coverages: Mapping[str, Coverage]

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the worlds, the baseline first."""
        return tuple(self.coverages)

    @property
    def baseline(self) -> Coverage:
        """Coverage of the first world."""
        return self.coverages[self.labels[0]]

    def by(self, column: str) -> pd.DataFrame:
        """Return the measures by settlement, place or any column :meth:`Coverage.by` knows.

        Returns
        -------
        DataFrame, index (world, `column`)
            ``persons_assessed``, ``persons_covered``, ``covered_share``, ``persons_newly_covered`` and
            ``persons_lost`` (against the first world), ``covered_area_m2``, ``mean_cost`` and ``p95_cost``
            of the nearest facility (NaN where metres and minutes would be mixed), ``unit``.
        """
        keys = self.baseline._keys(column)
        parts = {label: self._measures(coverage, keys, column) for label, coverage in self.coverages.items()}
        return pd.concat(parts, names=["world", column])

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row a world: the measures over all people, with the number of facilities and orphans."""
        everyone = pd.Series("all", index=self.baseline.points.index)
        rows = []
        for label, coverage in self.coverages.items():
            row = self._measures(coverage, everyone, "all").iloc[0].to_dict()
            facilities = coverage.world.facilities.frame
            row["n_facilities"] = int((facilities["status"] == Status.EXISTING).sum())
            row["n_orphans"] = len(coverage.world.network.orphans())
            rows.append(pd.Series(row, name=label))
        columns = [*_MEASURES, "unit", "n_facilities", "n_orphans"]
        return pd.DataFrame(rows)[columns].infer_objects().rename_axis("world")

    def changed_points(self, label: str) -> pd.DataFrame:
        """Return the demand points that a world covers newly or no longer, most persons first.

        Returns
        -------
        DataFrame, index demand_id
            ``persons``, ``settlement``, ``change`` (``newly_covered`` or ``lost``), ``cost_before``,
            ``cost_after``, ``unit``.
        """
        before, after = self.baseline.points, self.coverages[label].points.reindex(self.baseline.points.index)
        changed = before["is_covered"] != after["is_covered"]
        rows = pd.DataFrame(
            {
                "persons": before["persons"],
                "settlement": before["settlement"],
                "change": np.where(after["is_covered"], "newly_covered", "lost"),
                "cost_before": before["nearest_cost"],
                "cost_after": after["nearest_cost"],
                "unit": before["unit"],
            }
        )
        return rows[changed].sort_values("persons", ascending=False, kind="stable")

    def to_table(self, lang: Lang = "en") -> pd.DataFrame:
        """Return all people and each settlement type in one table with readable headings."""
        total = self.frame.drop(columns=["n_facilities", "n_orphans"])
        total.index = pd.MultiIndex.from_product(
            [total.index, [text("coverage.all", lang)]], names=["world", "settlement"]
        )
        parts = self.by("settlement").rename(
            index=lambda value: word("settlement", str(value), lang), level="settlement"
        )
        parts = parts[parts["persons_assessed"] > 0]
        both = pd.concat([total, parts]).sort_index(level="world", sort_remaining=False, kind="stable")
        both = both.reindex(list(self.labels), level="world")
        both["unit"] = [text(f"planning.unit_{unit}", lang) if unit else "" for unit in both["unit"]]
        both.columns = [text(f"planning.{name}", lang) for name in both.columns]
        names = [text("planning.world", lang), text("coverage.settlement", lang)]
        return both.rename_axis(names)

    def __repr__(self) -> str:
        shares = ", ".join(f"{label} {coverage.share:.4f}" for label, coverage in self.coverages.items())
        return f"Comparison(by {self.baseline.standard.id}: share {shares})"

    def _repr_html_(self) -> str:
        return self.to_table().to_html()

    def _measures(self, coverage: Coverage, keys: pd.Series, column: str) -> pd.DataFrame:
        base = self.baseline.points
        points = coverage.points.reindex(base.index)
        persons = points["persons"].to_numpy(float)
        now, before = points["is_covered"].to_numpy(bool), base["is_covered"].to_numpy(bool)
        counted = pd.DataFrame(
            {
                "persons_assessed": persons * points["has_rule"].to_numpy(bool),
                "persons_covered": persons * now,
                "persons_newly_covered": persons * (now & ~before),
                "persons_lost": persons * (before & ~now),
            }
        )
        groups = keys.reindex(base.index).to_numpy(object)
        table = counted.groupby(groups, dropna=True).sum().rename_axis(column)
        assessed = table["persons_assessed"].where(table["persons_assessed"] > 0)
        table["covered_share"] = table["persons_covered"] / assessed
        table["covered_area_m2"] = self._area_m2(coverage, column).reindex(table.index)
        costs = [_cost_row(points[groups == key]) for key in table.index]
        table[["mean_cost", "p95_cost", "unit"]] = pd.DataFrame(
            costs, index=table.index, columns=["mean_cost", "p95_cost", "unit"]
        )
        return table[[*_MEASURES, "unit"]]

    def _area_m2(self, coverage: Coverage, column: str) -> pd.Series:
        """Return the covered land by the wanted key; missing where land would be counted twice."""
        standard, world = coverage.standard, coverage.world
        if any(rule.radius_m is None for rule in standard.rules):
            return pd.Series(dtype=float)
        area = covered_area(world, standard)
        if column == "settlement":
            return area.groupby("settlement")["covered_area_m2"].sum()
        if area["place_id"].duplicated().any():
            return pd.Series(dtype=float)
        if column == "all":
            return pd.Series({"all": area["covered_area_m2"].sum()})
        if world.places is None or area["place_id"].isna().any():
            return pd.Series(dtype=float)
        if column in tuple(PlaceLevel):
            area["place_id"] = area["place_id"].map(world.places.ancestor_at(column))
        elif column != "place_id":
            return pd.Series(dtype=float)
        return area.groupby("place_id")["covered_area_m2"].sum()


def compare(worlds: Mapping[str, World], standard: CircleStandard) -> Comparison:
    """Measure several worlds of the same people by one standard.

    Parameters
    ----------
    worlds : Mapping[str, World]
        Two or more worlds by label; the first is what the others are compared with.
    standard : CircleStandard
        The circle rules.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        For fewer than two worlds, or worlds whose demand points differ.

    Examples
    --------
    >>> import cultureplan as cp
    >>> world = cp.load_world("sanheyuan")
    >>> fewer = cp.Scenario(world).close(world.network.ids[-1]).apply()
    >>> comparison = cp.compare({"today": world, "fewer": fewer}, cp.load_circles("ordos-2014"))
    >>> comparison.frame["n_facilities"].diff().iloc[-1].item()
    -1.0
    """
    if len(worlds) < 2:
        raise InputError.of("planning.too_few_worlds", n=len(worlds))
    first = next(iter(worlds.values()))
    for world in worlds.values():
        validate_same_people(first, world)
    return Comparison(coverages={label: measure_coverage(world, standard) for label, world in worlds.items()})


def _cost_row(points: pd.DataFrame) -> tuple[float, float, str]:
    """Return mean, 95th percentile and unit of the nearest cost, where all costs have one unit."""
    rows = points[points["has_rule"] & np.isfinite(points["nearest_cost"].astype(float))]
    units = rows["unit"].unique()
    if len(units) != 1:
        return float("nan"), float("nan"), ""
    cost, persons = rows["nearest_cost"].to_numpy(float), rows["persons"].to_numpy(float)
    return weighted_mean(cost, persons), weighted_quantile(cost, persons, 0.95), str(units[0])
