"""Lesson 4: whom sixty more hours a week help."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pandas as pd

from cultureplan.datasets.bundled import load_world
from cultureplan.lab.exercises.judging import Found
from cultureplan.lab.exercises.reading import read_table
from cultureplan.lab.lesson_kit.choosing import city_of_chicago
from cultureplan.measures import access
from cultureplan.travel.costs import TravelCosts
from cultureplan.travel.modes import StraightLine, travel_costs

WANTED_PERSONS, HOURS, LITTLE = 25_000, 60.0, 0.5


def sixty_hours(answer: object) -> Found:
    """Judge extra hours by the people who then have no less than half an hour per 1,000."""
    if not isinstance(answer, Mapping | pd.Series):
        return Found(code="not_a_mapping", values={"example": '{"CPL-044": 20}'})
    extra = read_table(answer)
    costs, persons, hours = _city()
    for library, given in extra.items():
        if library not in hours.index:
            return Found(code="no_library", values={"library": library})
        if given < 0:
            return Found(code="negative", values={"library": library, "given": f"{given:g}"})
    if extra.sum() > HOURS + 1e-9:
        return Found(code="too_many", values={"total": f"{extra.sum():g}"})
    lifted = _with_little(costs, persons, hours) - _with_little(
        costs, persons, hours.add(extra, fill_value=0.0)
    )
    return Found() if lifted >= WANTED_PERSONS else Found(code="too_few", values={"lifted": f"{lifted:,.0f}"})


def _with_little(costs: TravelCosts, persons: pd.Series, hours: pd.Series) -> float:
    zones = access.step({1_000: 1.0, 2_000: 0.68, 3_000: 0.22})
    each = 1_000 * access.two_step_floating_catchment(costs, persons, hours, decay=zones)
    return float(persons[each < LITTLE].sum())


@cache
def _city() -> tuple[TravelCosts, pd.Series, pd.Series]:
    city = city_of_chicago(load_world("chicago"))
    costs = travel_costs(city, StraightLine(), limit=10_000)
    return costs, city.demand.persons, access.supply_of(city, "weekly_hours")
