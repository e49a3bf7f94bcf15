"""Extra lesson 1: what five corners that never close add to the week."""

from __future__ import annotations

from functools import cache

from cultureplan.datasets.bundled import load_world
from cultureplan.lab.exercises.judging import Found
from cultureplan.lab.exercises.reading import read_ids
from cultureplan.lab.lesson_kit.choosing import city_of_chicago, with_corners
from cultureplan.measures.circles import CircleRule, CircleStandard
from cultureplan.measures.hours import measure_weekly_coverage
from cultureplan.travel.modes import Walking
from cultureplan.world.levels import Settlement
from cultureplan.world.world import World

N_SITES, WANTED_SHARE = 5, 0.18


def five_hosts(answer: object) -> Found:
    """Judge five libraries with a corner each by the average over the week."""
    sites, city = sorted(read_ids(answer)), _city()
    known = set(city.facilities.ids[city.facilities.select()])
    for site in sites:
        if site not in known:
            return Found(code="no_library", values={"site": site})
    if len(sites) != N_SITES:
        return Found(code="not_five", values={"n": len(sites)})
    rule = CircleRule(settlement=Settlement.URBAN, limit=15, mode=Walking())
    circle = CircleStandard(id="15-minutes-on-foot", rules=(rule,))
    weekly = measure_weekly_coverage(with_corners(city, sites), circle, country="US")
    share = float(weekly.by_period()["mean_share"]["week"])
    return Found() if share >= WANTED_SHARE else Found(code="too_few", values={"share": f"{share:.1%}"})


@cache
def _city() -> World:
    return city_of_chicago(load_world("chicago"))
