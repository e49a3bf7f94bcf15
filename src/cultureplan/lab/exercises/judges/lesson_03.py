"""Lesson 3: what five new libraries bring along the streets."""

from __future__ import annotations

from functools import cache

from cultureplan.datasets.bundled import load_world
from cultureplan.lab.exercises.judging import Found
from cultureplan.lab.exercises.reading import read_ids
from cultureplan.lab.lesson_kit.choosing import with_sites
from cultureplan.measures.circles import CircleRule, CircleStandard
from cultureplan.measures.coverage import measure_coverage
from cultureplan.travel.streets import Streets
from cultureplan.world.levels import Settlement
from cultureplan.world.world import World

WANTED_PERSONS, N_SITES = 95_000, 5


def five_libraries(answer: object) -> Found:
    """Judge five sites by the people they bring within 15 minutes along the streets."""
    sites = sorted(read_ids(answer))
    world, today = _today()
    candidates = set(world.facilities.ids[world.facilities.select(status=("candidate",))])
    for site in sites:
        if site not in candidates:
            return Found(code="no_site", values={"site": site})
    if len(sites) != N_SITES:
        return Found(code="not_five", values={"n": len(sites)})
    gain = measure_coverage(with_sites(world, sites), _standard()).persons - today
    return Found() if gain >= WANTED_PERSONS else Found(code="too_few", values={"gain": f"{gain:,.0f}"})


def _standard() -> CircleStandard:
    rule = CircleRule(settlement=Settlement.URBAN, limit=15, mode=Streets(speed_m_per_minute=80))
    return CircleStandard(id="streets", rules=(rule,))


@cache
def _today() -> tuple[World, float]:
    world = load_world("wuhan")
    return world, measure_coverage(world, _standard()).persons
