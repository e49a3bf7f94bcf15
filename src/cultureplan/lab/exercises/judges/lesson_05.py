"""Lesson 5: whom twelve libraries reach on a Sunday."""

from __future__ import annotations

from functools import cache

from cultureplan.datasets.bundled import load_world
from cultureplan.lab.exercises.judging import Found
from cultureplan.lab.exercises.reading import read_ids
from cultureplan.lab.lesson_kit.choosing import all_closed, city_of_chicago, with_sites
from cultureplan.measures.circles import CircleRule, CircleStandard
from cultureplan.measures.coverage import measure_coverage
from cultureplan.travel.modes import StraightLine
from cultureplan.world.levels import Settlement
from cultureplan.world.world import World

WANTED_PERSONS, N_SITES = 1_840_000, 12
IN_REPAIR = frozenset({"CPL-033", "CPL-061", "CPL-070"})


def twelve_others(answer: object) -> Found:
    """Judge twelve libraries by the people within 3 km of one of them."""
    sites, sunday = sorted(read_ids(answer)), _sunday()
    known = set(sunday.facilities.ids)
    for site in sites:
        if site not in known:
            return Found(code="no_library", values={"site": site})
        if site in IN_REPAIR:
            return Found(code="in_repair", values={"site": site})
    if len(sites) != N_SITES:
        return Found(code="not_twelve", values={"n": len(sites)})
    rule = CircleRule(settlement=Settlement.URBAN, limit=3_000, mode=StraightLine())
    circle = CircleStandard(id="3 km", rules=(rule,))
    persons = measure_coverage(with_sites(sunday, sites), circle).persons
    if persons < WANTED_PERSONS:
        return Found(code="too_few", values={"persons": f"{persons:,.0f}"})
    return Found()


@cache
def _sunday() -> World:
    return all_closed(city_of_chicago(load_world("chicago")))
