"""Shared halls as candidates, and money: totals, co-funding, costs of gaps, demand that is not supplied."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import cultureplan as cp
from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.standards.catalogue import load_standard
from cultureplan.standards.check import check_standard
from cultureplan.standards.funding import (
    co_funding,
    gap_costs,
    gap_totals,
    provider_concentration,
    spending_by,
    unmet_demand,
)
from cultureplan.standards.registers import Registers
from cultureplan.standards.sharing import sharing_conditions, sharing_gain, with_shared_sites
from tests import worlds
from tests.standards.town import houses, town


def shared(**columns):
    """Two halls: a school's with all it needs, and a union's, 3 km further, with none."""
    x, y = worlds.ORIGIN
    frame = pd.DataFrame(
        {
            "site_id": ["S1", "S2"], "name": ["school hall", "union hall"],
            "owner_kind": ["school", "workers_palace"],
            "has_agreement": ["yes", "no"], "fee": ["free", "closed"], "hours_published": ["yes", "no"],
            "annual_cost": [10_000, 0], "x": [x + 5_000, x + 8_000], "y": [y, y],
        }
    )  # fmt: skip
    return Registers(tables={"shared_sites": frame.assign(**columns)})


def test_conditions_say_what_stands_against_opening():
    """A hall with agreement, free entry and hours can be opened; the other lacks all three."""
    for lang in ("en", "zh"):
        table = sharing_conditions(shared(), lang)
        assert table["is_openable"].tolist() == [True, False]
        assert table.loc["S1", "lacking"] == ""
        assert table.loc["S2", "lacking"] != ""
    assert sharing_conditions(shared(), "zh").loc["S2", "owner_kind"] == "工人文化宫"
    assert len(sharing_conditions(shared(), "en").loc["S2", "lacking"].split(", ")) == 3


def test_a_scenario_can_open_a_shared_hall():
    """The hall is a candidate of the new world, and opening it covers the people near it."""
    world = town(homes=((0.0, 0.0), (5_000.0, 0.0), (8_000.0, 0.0)))
    circles = cp.load_circles("shizuishan-2021", counts="any")
    offered = with_shared_sites(world, shared())
    row = offered.facilities.frame.set_index("facility_id").loc["shared-S1"]
    assert (row["status"], row["kind"], row["owner"], row["build_cost"]) == (
        "candidate",
        "shared_hall",
        "school",
        0,
    )
    assert cp.measure_coverage(offered, circles).persons == 100
    after = cp.Scenario(offered).add("shared-S1").apply()
    assert cp.measure_coverage(after, circles).persons == 200
    everything = with_shared_sites(world, shared(), only_openable=False)
    assert len(everything.facilities) == len(world.facilities) + 2


def test_the_gain_of_sharing_is_that_of_measuring_again():
    """Persons gained by each hall alone and by all; cost for each person gained."""
    world = town(homes=((0.0, 0.0), (5_000.0, 0.0), (8_000.0, 0.0)))
    both = shared(has_agreement="yes", fee="discount")
    table = sharing_gain(world, both, cp.load_circles("shizuishan-2021", counts="any"))
    assert table["gained_persons"].to_dict() == {"shared-S1": 100, "shared-S2": 100, "all": 200}
    assert table.loc["shared-S1", "yuan_per_person"] == 100
    core = sharing_gain(world, both, cp.load_circles("shizuishan-2021"))
    assert core["gained_persons"].sum() == 0  # by the usual reading a shared hall is no culture facility
    assert core["yuan_per_person"].isna().all()


def test_sites_that_cannot_be_added_are_one_clear_error():
    """Without register, points or conditions there is nothing to offer."""
    for registers in (Registers(), shared(has_agreement="no"), shared(x=None)):
        with pytest.raises(InputError):
            with_shared_sites(town(), registers)


def money():
    """A ledger of two years, one fund, one shared project."""
    ledger = pd.DataFrame(
        {
            "entry_id": list("abcd"), "year": [2021, 2021, 2022, 2022], "amount_yuan": [60, 40, 75, 25],
            "source": ["city", "county", "city", "social"],
            "use": ["facilities", "training", "facilities", None],
            "fund_id": ["F", None, "F", None], "project_id": ["P", "P", None, None],
            "provider": ["x", "y", "x", "x"],
        }
    )  # fmt: skip
    funds = pd.DataFrame({"fund_id": ["F"], "kind": ["special"], "tier": ["city"]})
    shares = pd.DataFrame({"project_id": ["P", "P"], "tier": ["city", "county"], "share": [0.5, 0.5]})
    return Registers(tables={"ledger": ledger, "funds": funds, "cost_shares": shares})


def test_spending_adds_up_whatever_it_is_told_by():
    """Totals by any columns sum to the ledger, and shares to 1."""
    for columns in (("year",), ("source",), ("use",), ("tier",), ("year", "source")):
        table = spending_by(money(), *columns)
        assert table["amount_yuan"].sum() == 200
        assert table["share"].sum() == pytest.approx(1)
    assert spending_by(money(), "tier").loc["city", "amount_yuan"] == 135
    with pytest.raises(UnknownNameError, match="source"):
        spending_by(money(), "sauce")
    with pytest.raises(InputError, match="ledger"):
        spending_by(Registers(), "year")


def test_co_funding_compares_what_is_due_with_what_was_paid():
    """Each tier owes its share of what the project cost."""
    table = co_funding(money())
    assert table.loc[("P", "city"), ["due_yuan", "paid_yuan", "difference_yuan"]].tolist() == [50, 60, 10]
    assert table["difference_yuan"].sum() == 0


def test_providers():
    """One provider for all is 1; the largest share and the count are told by year."""
    table = provider_concentration(money())
    assert table.loc[2021].tolist() == pytest.approx([2, 0.6**2 + 0.4**2, 0.6])
    assert table.loc[2022].tolist() == pytest.approx([1, 1, 1])


def test_gaps_cost_their_shortfall_times_the_unit_cost():
    """Missing volumes and posts are counted, a missing item is one case, and no cost is made up."""
    frame = houses()
    frame.loc["B", ["volumes", "staff_posts"]] = [3_000, 1]
    frame.loc["B", "items"] = "|".join(f"O-CHK-T{i:02d}" for i in range(1, 10))
    report = check_standard(town(frame), load_standard("ordos-2014"))
    costs = gap_costs(report, {"O-COL-01": 30.0, "O-CHK-T10": 150_000.0}).set_index("requirement")
    assert costs.loc["O-COL-01", ["shortfall", "cost_yuan"]].tolist() == [2_000, 60_000]
    assert costs.loc["O-CHK-T10", "cost_yuan"] == 150_000
    assert costs.loc["O-STAFF-01", "shortfall"] == 2
    assert np.isnan(costs.loc["O-STAFF-01", "cost_yuan"])
    totals = gap_totals(costs.reset_index())
    assert totals["n_gaps"].sum() == len(costs)
    assert totals.loc["O-STAFF-01", "n_without_cost"] == 1
    assert gap_totals(costs.reset_index(), by="facility_id").loc["B", "cost_yuan"] == 210_000
    with pytest.raises(UnknownNameError):
        gap_costs(report, {"O-COL-99": 1.0})
    with pytest.raises(InputError):
        gap_costs(report, {"O-COL-01": -1.0})


def test_demand_that_is_not_supplied_comes_first():
    """Asked for and not supplied, supplied in full, and bought though nobody asked."""
    requests = pd.DataFrame(
        {"request_id": list("abc"), "item": ["opera", "opera", "chess"], "channel": "online",
         "requested": [30, None, 10], "supplied": [5, 0, 12]}
    )  # fmt: skip
    items = pd.DataFrame(
        {"item": ["chess", "flags"], "year": 2022, "supplied": [12, 3], "amount_yuan": [100, 50]}
    )
    table = unmet_demand(Registers(tables={"requests": requests, "purchase_items": items}))
    assert table.loc["opera", ["requested", "unmet", "is_in_catalogue"]].tolist() == [31, 26, False]
    assert table.loc["chess", ["unmet", "fulfilled_share"]].tolist() == [0, 1]
    assert table.loc["flags", ["requested", "bought"]].tolist() == [0, 3]
    assert table.index[0] == "opera"
    alone = unmet_demand(Registers(tables={"requests": requests}))
    assert not alone["is_in_catalogue"].any()
