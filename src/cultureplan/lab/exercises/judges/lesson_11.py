"""Lesson 11: sites that are good at every walking speed."""

from __future__ import annotations

from functools import cache

import cultureplan as cp
from cultureplan.lab.exercises.judging import Found
from cultureplan.lab.exercises.reading import read_ids

N_SITES, MOST_REGRET, SPEEDS, SPACING_M = 5, 25_000.0, (60, 70, 80, 90), 600.0
MINUTES, DETOUR = 15.0, 1.2


# the most persons covered with five new branches, as solve_siting proves for each speed
BEST_PERSONS = {60: 2_596_575.0, 70: 2_795_263.0, 80: 2_897_517.0, 90: 2_946_371.0}


@cache
def grid_problem() -> cp.SitingProblem:
    """Return New York's problem with the lesson's grid; what can be opened is the same at every speed."""
    mode = cp.Walking(speed_m_per_minute=SPEEDS[0], detour=DETOUR)
    rule = cp.CircleRule(settlement=cp.Settlement.URBAN, limit=MINUTES, mode=mode)
    return cp.SitingProblem.from_world(
        cp.load_world("newyork"), cp.CircleStandard(id="lesson-11", rules=(rule,)),
        candidates="grid", grid_spacing_m=SPACING_M, level="branch", kind="library",
    )  # fmt: skip


def covered_at(speed_m_per_minute: float, opened: list[str]) -> float:
    """Return the persons covered at a walking speed with some sites of the grid opened."""
    problem, world = grid_problem(), cp.load_world("newyork")
    sites = world.facilities if problem.sites is None else problem.sites
    xy = sites.xy[sites.positions([*map(str, problem.fixed), *opened])]
    radius_m = MINUTES * speed_m_per_minute / DETOUR
    return cp.covered_persons(world.demand.xy, world.demand.persons, xy, limit_m=radius_m)


def safe_sites(answer: object) -> Found:
    """Judge five sites by their greatest regret over walking speeds.

    Parameters
    ----------
    answer : ids
        Sites of the grid.
    """
    opened = sorted(read_ids(answer))
    if len(opened) != N_SITES:
        return Found(code="not_five", values={"n": len(opened)})
    problem = grid_problem()
    known = set(map(str, problem.facility_ids)) - set(map(str, problem.fixed))
    if strange := [site for site in opened if site not in known]:
        return Found(code="unknown", values={"ids": strange[0]})
    regret = {speed: BEST_PERSONS[speed] - covered_at(speed, opened) for speed in SPEEDS}
    worst = max(SPEEDS, key=lambda speed: regret[speed])
    if regret[worst] > MOST_REGRET:
        return Found(code="regret", values={"speed": worst, "persons": regret[worst]})
    return Found()
