"""Comparison: gains and losses against a plain count, by settlement and place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

import cultureplan as cp
from cultureplan.base.errors import InputError
from tests.worlds import circle, radii, standard, world, worlds


@given(worlds(), radii)
def test_gains_minus_losses_is_the_difference_of_the_covered(some: cp.World, radius_m: float) -> None:
    """In all and for each settlement; people are conserved."""
    rule = standard(circle(radius_m), circle(radius_m, settlement="rural"))
    first = str(some.network.ids[0])
    after = cp.Scenario(some).add(facility_id="N", x_m=501_000, y_m=4_301_000).close(first).apply()
    comparison = cp.compare({"today": some, "plan": after}, rule)
    by_settlement = comparison.by("settlement")
    tables = [by_settlement.xs(name, level=1) for name in by_settlement.index.unique(1)]
    for table in (comparison.frame, *tables):
        today, plan = table.loc["today"], table.loc["plan"]
        difference = plan["persons_covered"] - today["persons_covered"]
        assert plan["persons_newly_covered"] - plan["persons_lost"] == difference
        assert today["persons_newly_covered"] == today["persons_lost"] == 0
    changed = comparison.changed_points("plan").groupby("change")["persons"].sum()
    assert changed.get("newly_covered", 0) == comparison.frame.loc["plan", "persons_newly_covered"]
    assert changed.get("lost", 0) == comparison.frame.loc["plan", "persons_lost"]


def test_mean_and_percentile_are_weighted_by_persons_and_not_mixed_across_units() -> None:
    """Nine people at 100 m and one at 900 m; herders are measured in metres: no common mean."""
    some = world(
        [(100, 0), (900, 0), (5000, 0)],
        [(0, 0)],
        persons=[9, 1, 5],
        settlement=["urban", "urban", "pastoral"],
    )
    rule = cp.CircleStandard(
        id="mixed",
        rules=(
            cp.CircleRule(settlement="urban", limit=10, mode=cp.Walking(speed_m_per_minute=100, detour=1.0)),
            circle(10_000, settlement="pastoral"),
        ),
    )
    comparison = cp.compare({"a": some, "b": some}, rule)
    urban = comparison.by("settlement").loc[("a", "urban")]
    assert (urban["mean_cost"], urban["p95_cost"], urban["unit"]) == (pytest.approx(1.8), 9.0, "minutes")
    assert np.isnan(comparison.frame.loc["a", "mean_cost"])
    assert comparison.frame.loc["a", "unit"] == ""


def test_closing_a_facility_takes_its_land_away() -> None:
    """Covered land falls by one circle where two stood apart."""
    some = world([(0, 0)], [(0, 0), (50_000, 0)])
    after = cp.Scenario(some).close("F001").apply()
    table = cp.compare({"today": some, "after": after}, standard(circle(1000))).frame
    assert table.loc["today", "covered_area_m2"] == pytest.approx(2 * table.loc["after", "covered_area_m2"])
    assert table["n_facilities"].tolist() == [2, 1]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_table_reads_in_both_languages(lang: str) -> None:
    """All people first, then each settlement, for each world in the order given."""
    some = world([(0, 0), (1, 0)], [(0, 0)], settlement=["urban", "rural"])
    rule = standard(circle(10), circle(10, settlement="rural"))
    table = cp.compare({"one": some, "two": some}, rule).to_table(lang)  # type: ignore[arg-type]
    everyone = {"en": "All", "zh": "合计"}[lang]
    assert [index[0] for index in table.index] == ["one"] * 3 + ["two"] * 3
    assert table.index[0][1] == everyone


def test_a_single_world_is_no_comparison() -> None:
    """Two at least."""
    with pytest.raises(InputError, match="two worlds"):
        cp.compare({"a": world([(0, 0)], [(0, 0)])}, standard(circle(10)))
