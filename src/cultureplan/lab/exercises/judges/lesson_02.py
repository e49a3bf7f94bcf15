"""Lesson 2: what one more reading room brings."""

from __future__ import annotations

from functools import cache

from cultureplan.datasets.bundled import load_world
from cultureplan.lab.exercises.judging import Found
from cultureplan.lab.exercises.reading import read_ids
from cultureplan.measures.circles import load_circles
from cultureplan.measures.coverage import measure_coverage
from cultureplan.planning.scenario import Scenario
from cultureplan.world.world import World

WANTED_PERSONS = 9_500


def one_site(answer: object) -> Found:
    """Judge a site by the people it adds."""
    sites = sorted(read_ids(answer))
    if len(sites) != 1:
        return Found(code="too_many", values={"n": len(sites)})
    world, today = _today()
    candidates = world.facilities.ids[world.facilities.select(status=("candidate",))]
    if sites[0] not in set(candidates):
        return Found(code="no_site", values={"site": sites[0]})
    after = measure_coverage(Scenario(world).add(sites[0]).apply(), load_circles("shizuishan-2021"))
    gain = after.persons - today
    if gain < WANTED_PERSONS:
        return Found(code="too_few", values={"site": sites[0], "gain": f"{gain:,.0f}"})
    return Found()


@cache
def _today() -> tuple[World, float]:
    world = load_world("shizuishan")
    return world, measure_coverage(world, load_circles("shizuishan-2021")).persons
