"""Lesson 6: whether a plan is good enough for three goals at once."""

from __future__ import annotations

from functools import cache

import pandas as pd

from cultureplan.datasets.bundled import load_world
from cultureplan.lab.exercises.judging import Found
from cultureplan.lab.exercises.reading import read_ids
from cultureplan.lab.lesson_kit.choosing import city_of_chicago, goals_table
from cultureplan.travel.costs import TravelCosts
from cultureplan.travel.modes import StraightLine, travel_costs

N_SITES, MEAN_M, WORST_M, COVERED_SHARE = 6, 4_000.0, 10_000.0, 0.33
TOO_FAR_M = 9_000.0  # from every library: served by a bus, and left out


def all_can_sign(answer: object) -> Found:
    """Judge six libraries by the average way, the worst way, and the people within 3 km."""
    sites = sorted(read_ids(answer))
    costs, persons = _inner()
    for site in sites:
        if site not in set(costs.facility_ids):
            return Found(code="no_library", values={"site": site})
    if len(sites) != N_SITES:
        return Found(code="not_six", values={"n": len(sites)})
    plan = goals_table(costs, persons, {"plan": sites}, limit_m=3_000.0).loc["plan"]
    if plan["mean_m"] > MEAN_M:
        return Found(code="librarian", values={"mean_m": f"{plan['mean_m']:,.0f}"})
    if plan["worst_m"] > WORST_M:
        return Found(code="okafor", values={"worst_m": f"{plan['worst_m']:,.0f}"})
    if plan["covered_share"] < COVERED_SHARE:
        return Found(code="alderman", values={"share": f"{plan['covered_share']:.1%}".rstrip("%")})
    return Found()


@cache
def _inner() -> tuple[TravelCosts, pd.Series]:
    city = city_of_chicago(load_world("chicago"))
    near = travel_costs(city, StraightLine(), limit=60_000).nearest()["cost"]
    kept = city.demand.frame["demand_id"].isin(near.index[near <= TOO_FAR_M]).to_numpy(bool)
    inner = city.with_demand(type(city.demand)(city.demand.frame[kept]))
    return travel_costs(inner, StraightLine(), limit=60_000), inner.demand.persons
