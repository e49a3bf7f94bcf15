"""Lesson 10: a plan of five years that keeps a promise to every district."""

from __future__ import annotations

from collections.abc import Mapping

import cultureplan as cp
from cultureplan.lab.exercises.judging import Found
from cultureplan.lab.exercises.reading import read_ids
from cultureplan.lab.lesson_kit.years import gains_by_year

N_YEARS, MOST_A_YEAR, LEAST_PERSON_YEARS = 5, 2, 217_000.0
DISTRICTS = {"640202": "大武口区 Dawukou", "640205": "惠农区 Huinong", "640221": "平罗县 Pingluo"}


def five_years(answer: object) -> Found:
    """Judge a plan over years: at most two rooms a year, no district waits, enough person-years.

    Parameters
    ----------
    answer : sequence of ids, or Mapping
        What opens in each year.
    """
    if isinstance(answer, Mapping):
        answer = [answer[year] for year in sorted(answer)]
    if (
        not isinstance(answer, list | tuple)
        or len(answer) > N_YEARS
        or any(isinstance(y, str) for y in answer)
    ):
        return Found(code="not_a_plan")
    plan = [sorted(read_ids(year)) for year in answer]
    plan += [[] for _ in range(N_YEARS - len(plan))]
    for year, opened in enumerate(plan, start=1):
        if len(opened) > MOST_A_YEAR:
            return Found(code="too_many", values={"year": year, "n": len(opened)})
    world = cp.load_world("shizuishan")
    known = set(world.facilities.ids[world.facilities.select(status=("candidate",))])
    opened = [site for year in plan for site in year]
    if strange := [site for site in opened if site not in known or opened.count(site) > 1]:
        return Found(code="unknown", values={"ids": strange[0]})
    early = {site[:6] for site in (*plan[0], *plan[1])}
    if waiting := [name for place, name in DISTRICTS.items() if place not in early]:
        return Found(code="district_waits", values={"names": ", ".join(waiting)})
    gained = gains_by_year(world, cp.load_circles("shizuishan-2021"), plan)["gained_persons"].sum()
    return Found() if gained >= LEAST_PERSON_YEARS else Found(code="too_little", values={"gain": gained})
