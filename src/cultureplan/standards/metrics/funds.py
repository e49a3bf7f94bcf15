"""Measures of money: what it was meant for, where it came from, where it went, who shares the cost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cultureplan.measures.statistics import share_of
from cultureplan.standards.context import Context, is_filled
from cultureplan.standards.measured import Args, Frame, Measured, MissingInput, measure
from cultureplan.standards.requirement import Requirement


@measure("off_purpose")
def off_purpose(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield for each fund with a purpose the share of its spending that went to another use."""
    funds, ledger = context.register("funds"), context.register("ledger")
    earmarked = funds[is_filled(funds["allowed_uses"])]
    spent = ledger[ledger["fund_id"].isin(earmarked["fund_id"]).to_numpy(bool)]
    if len(spent) == 0:
        raise MissingInput("rows", "ledger.fund_id")
    uses = earmarked.set_index("fund_id")["allowed_uses"]
    for fund, own in spent.groupby("fund_id"):
        off = own[np.array([use not in uses[fund] for use in own["use"]], dtype=bool)]
        value = share_of(float(off["amount_yuan"].sum()), float(own["amount_yuan"].sum()))
        yield Measured(value=value, subject=str(fund), listed=tuple(off["entry_id"]))


@measure("source_share")
def source_share(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the share of each year's money that came from some sources."""
    ledger = context.register("ledger")
    for year, own in ledger.groupby("year"):
        part = own[own["source"].isin(args["sources"]).to_numpy(bool)]
        yield _share(part, own, f"{year:.0f}")


@measure("grassroots_share")
def grassroots_share(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the share of each year's spending that reached places of some levels."""
    ledger = context.register("ledger")
    level = ledger["place_id"].map(context.places["place_level"])
    for year, own in ledger.groupby("year"):
        part = own[level.loc[own.index].isin(args["levels"]).to_numpy(bool)]
        yield _share(part, own, f"{year:.0f}")


@measure("shares_sum")
def shares_sum(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the sum of the cost shares of each project: it must be 1."""
    table = context.register(args["register"])
    if len(table) == 0:
        raise MissingInput("rows", args["register"])
    for project, own in table.groupby(args["group"]):
        total = float(own[args["column"]].sum())
        yield Measured(value=total, figure=1.0, is_met=abs(total - 1.0) <= 1e-6, subject=str(project))


@measure("weight")
def weight(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the weight of one component of the evaluation: it must be above 0."""
    table = context.register("indicators")
    own = table[(table["component"] == args["component"]).to_numpy(bool)]
    if len(own) and own["weight"].isna().all():
        raise MissingInput("column", "indicators.weight")
    value = float(own["weight"].fillna(0.0).sum())
    yield Measured(value=value, is_met=value > 0, subject=str(args["component"]))


def _share(part: Frame, whole: Frame, period: str) -> Measured:
    value = share_of(float(part["amount_yuan"].sum()), float(whole["amount_yuan"].sum()))
    return Measured(value=value, period=period)
