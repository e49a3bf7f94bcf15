"""Money (Ordos 2014, Quanzhou 2020): totals, co-funding, cost of gaps, demand that is not supplied."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.measures.statistics import share_of
from cultureplan.standards.compliance import ComplianceReport
from cultureplan.standards.registers import Registers

GROUPS = (
    "year", "source", "fund_id", "fund_kind", "use", "head", "instrument", "mode", "place_id",
    "project_id", "provider",
)  # fmt: skip


def spending_by(registers: Registers, *columns: str) -> pd.DataFrame:
    """Return spending by any columns of the ledger: year, source, use, tier of fund ...

    Parameters
    ----------
    registers : Registers
        With ``ledger``; for ``tier`` also ``funds``.
    *columns : str
        One or more of :data:`GROUPS`, or ``tier`` (of the fund the money came from).

    Returns
    -------
    DataFrame, index `columns`
        ``amount_yuan``, ``share`` (of all spending); what has no value is under an empty name.
    """
    ledger = _table(registers, "ledger")
    if "tier" in columns:
        ledger["tier"] = ledger["fund_id"].map(_table(registers, "funds").set_index("fund_id")["tier"])
    for name in columns:
        if name not in (*GROUPS, "tier"):
            raise UnknownNameError.closest("funding.unknown_column", name, (*GROUPS, "tier"))
    keys = [ledger[name].astype(object).where(ledger[name].notna(), "") for name in columns]
    total = float(ledger["amount_yuan"].sum())
    table = ledger.groupby(keys)["amount_yuan"].sum().to_frame()
    return table.assign(share=[share_of(float(x), total) for x in table["amount_yuan"]])


def co_funding(registers: Registers) -> pd.DataFrame:
    """Return what each tier owes to each project by its cost share, and what it has paid.

    Parameters
    ----------
    registers : Registers
        With ``cost_shares`` and ``ledger`` (``project_id``, ``source`` is the tier that paid).

    Returns
    -------
    DataFrame, index (project_id, tier)
        ``share``, ``due_yuan`` (share of all that was spent on the project), ``paid_yuan``,
        ``difference_yuan`` (paid less due).
    """
    shares, ledger = _table(registers, "cost_shares"), _table(registers, "ledger")
    share = shares.groupby(["project_id", "tier"])["share"].sum()
    cost = ledger.groupby("project_id")["amount_yuan"].sum()
    paid = ledger.groupby(["project_id", "source"])["amount_yuan"].sum()
    table = share.to_frame()
    projects = table.index.get_level_values("project_id")
    table["due_yuan"] = table["share"] * cost.reindex(projects).fillna(0.0).to_numpy(float)
    table["paid_yuan"] = paid.rename_axis(["project_id", "tier"]).reindex(table.index).fillna(0.0)
    return table.assign(difference_yuan=table["paid_yuan"] - table["due_yuan"])


def gap_costs(report: ComplianceReport, unit_costs: Mapping[str, float]) -> pd.DataFrame:
    """Return what closing each gap would cost, by unit costs of the user's.

    Parameters
    ----------
    report : ComplianceReport
    unit_costs : Mapping[str, float]
        Yuan for each unit of shortfall, by requirement id: for example per square metre, volume or post; for
        a clause that is met or not, per case. No paper names any.

    Returns
    -------
    DataFrame
        One row a finding that is not met: ``requirement``, ``place_id``, ``facility_id``, ``subject``,
        ``period``, ``shortfall`` (figure less value, at least; 1 where there is no figure), ``unit``,
        ``unit_cost_yuan``, ``cost_yuan`` (NaN where no unit cost is given).

    Raises
    ------
    UnknownNameError
        For a requirement the standard does not have.
    InputError
        For a cost that is negative or not finite.
    """
    for name, cost in unit_costs.items():
        report.standard.requirement(name)
        if not (np.isfinite(cost) and cost >= 0):
            raise InputError.of("funding.bad_cost", name=name, cost=cost)
    table = report.not_met()[
        ["requirement", "place_id", "facility_id", "subject", "period", "value", "threshold", "unit"]
    ].copy()
    counted = {r.id for r in report.standard.requirements if r.comparison in (">=", ">", "between")}
    short = (table["threshold"] - table["value"]).astype(float)
    plain = ~table["requirement"].isin(counted) | ~(short > 0)
    table["shortfall"] = short.mask(plain, 1.0)
    table["unit_cost_yuan"] = table["requirement"].map(dict(unit_costs)).astype(float)
    table["cost_yuan"] = table["shortfall"] * table["unit_cost_yuan"]
    return table.drop(columns=["value", "threshold"])


def gap_totals(costs: pd.DataFrame, *, by: str = "requirement") -> pd.DataFrame:
    """Return gaps and their costs by requirement, place or facility, dearest first.

    Parameters
    ----------
    costs : DataFrame
        From :func:`gap_costs`.
    by : str
        ``requirement``, ``place_id`` or ``facility_id``.

    Returns
    -------
    DataFrame, index `by`
        ``n_gaps``, ``cost_yuan`` (NaN where no gap has a cost), ``n_without_cost`` (gaps for which no
        unit cost was given).
    """
    grouped = costs.groupby(by)["cost_yuan"]
    table = pd.DataFrame({"n_gaps": grouped.size(), "cost_yuan": grouped.sum(min_count=1)})
    table["n_without_cost"] = table["n_gaps"] - grouped.count()
    return table.sort_values("cost_yuan", ascending=False, kind="stable")


def unmet_demand(registers: Registers) -> pd.DataFrame:
    """Return what people ask for and do not get, against what the purchase catalogue buys.

    Parameters
    ----------
    registers : Registers
        With ``requests``; ``purchase_items`` where services are bought.

    Returns
    -------
    DataFrame, index item
        ``requested``, ``supplied``, ``unmet``, ``fulfilled_share`` (NaN where nobody asked), ``bought``,
        ``amount_yuan``, ``is_in_catalogue``; most unmet first. An item that is bought and never asked for
        is there as well.
    """
    asked = _table(registers, "requests")
    asked["requested"] = asked["requested"].fillna(1.0)
    table = asked.groupby("item")[["requested", "supplied"]].sum()
    if "purchase_items" in registers:
        bought = registers["purchase_items"]
        sums = bought.groupby("item")[["supplied", "amount_yuan"]].sum()
        table = table.join(sums.rename(columns={"supplied": "bought"}), how="outer")
        table["is_in_catalogue"] = table.index.isin(sums.index)
    else:
        table = table.assign(bought=0.0, amount_yuan=0.0, is_in_catalogue=False)
    numbers = ["requested", "supplied", "bought", "amount_yuan"]
    table[numbers] = table[numbers].fillna(0.0)
    table["unmet"] = (table["requested"] - table["supplied"]).clip(lower=0.0)
    table["fulfilled_share"] = 1.0 - table["unmet"] / table["requested"].where(table["requested"] > 0)
    shown = [
        "requested", "supplied", "unmet", "fulfilled_share", "bought", "amount_yuan", "is_in_catalogue",
    ]  # fmt: skip
    return table[shown].sort_values("unmet", ascending=False, kind="stable")


def provider_concentration(registers: Registers) -> pd.DataFrame:
    """Return how concentrated purchases are on few providers, year by year.

    Returns
    -------
    DataFrame, index year
        ``n_providers``, ``herfindahl`` (sum of squared shares: 1 is a single provider), ``largest_share``.
    """
    ledger = _table(registers, "ledger")
    rows = {}
    for year, own in ledger[ledger["provider"].notna()].groupby("year"):
        share = own.groupby("provider")["amount_yuan"].sum() / own["amount_yuan"].sum()
        rows[int(str(year).split(".")[0])] = (len(share), float((share**2).sum()), float(share.max()))
    columns = ["n_providers", "herfindahl", "largest_share"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("year")


def _table(registers: Registers, name: str) -> pd.DataFrame:
    if name not in registers:
        raise InputError.of("funding.no_register", name=name)
    return registers[name]
