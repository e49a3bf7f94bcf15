"""Lesson 11: sites that are good at every walking speed."""

from __future__ import annotations

from functools import cache

import cultureplan as cp
from cultureplan.lab.exercises.judging import Found
from cultureplan.lab.exercises.reading import read_ids

N_SITES, MOST_REGRET, SPEEDS, SPACING_M = 5, 25_000.0, (60, 70, 80, 90), 600.0


@cache
def problem_at(speed_m_per_minute: int) -> cp.SitingProblem:
    """Return New York's problem at a walking speed."""
    mode = cp.Walking(speed_m_per_minute=speed_m_per_minute, detour=1.2)
    rule = cp.CircleRule(settlement=cp.Settlement.URBAN, limit=15, mode=mode)
    standard = cp.CircleStandard(id=f"{speed_m_per_minute}", rules=(rule,))
    world = cp.load_world("newyork")
    return cp.SitingProblem.from_world(
        world, standard, candidates="grid", grid_spacing_m=SPACING_M, level="branch", kind="library"
    )


@cache
def best_at(speed_m_per_minute: int) -> float:
    """Return the most persons that five new branches can cover at a walking speed."""
    return cp.solve_siting(problem_at(speed_m_per_minute), cp.MaximalCoverage(n_sites=N_SITES)).objective


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
    problem = problem_at(SPEEDS[0])
    known = set(map(str, problem.facility_ids)) - set(map(str, problem.fixed))
    if strange := [site for site in opened if site not in known]:
        return Found(code="unknown", values={"ids": strange[0]})
    model = cp.MaximalCoverage(n_sites=N_SITES)
    regret = {}
    for speed in SPEEDS:
        problem = problem_at(speed)
        regret[speed] = best_at(speed) - model.objective(problem, problem.mask([*problem.fixed, *opened]))
    worst = max(SPEEDS, key=lambda speed: regret[speed])
    if regret[worst] > MOST_REGRET:
        return Found(code="regret", values={"speed": worst, "persons": regret[worst]})
    return Found()
