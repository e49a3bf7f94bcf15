"""Lesson 7: seats for those who have none, without a worse index."""

from __future__ import annotations

import cultureplan as cp
from cultureplan.lab.exercises.judging import Found
from cultureplan.lab.exercises.reading import read_ids

REACH_M, MOST_SITES, MOST_LEFT_OUT, MOST_GINI = 10_000.0, 3, 20.0, 0.205


def seats_for_all(answer: object) -> Found:
    """Judge a choice of candidates of Sanheyuan: who has no seat, and how unequal it is then.

    Parameters
    ----------
    answer : ids
        Candidates to open.
    """
    world, chosen = cp.load_world("sanheyuan"), sorted(read_ids(answer))
    known = set(world.facilities.ids[world.facilities.select(status=("candidate",))])
    if strange := [site for site in chosen if site not in known]:
        return Found(code="unknown", values={"ids": ", ".join(strange)})
    if len(chosen) > MOST_SITES:
        return Found(code="too_many", values={"n": len(chosen)})
    scenario = cp.Scenario(world)
    for site in chosen:
        scenario = scenario.add(site)
    after, persons = scenario.apply(), world.demand.persons
    costs = cp.travel_costs(after, cp.StraightLine(), limit=REACH_M)
    seats = cp.access.supply_of(after, "seats")
    each = cp.access.two_step_floating_catchment(costs, persons, seats)
    left_out, gini = float(persons[each == 0].sum()), cp.equity.gini(each, persons)
    if left_out > MOST_LEFT_OUT:
        return Found(code="left_out", values={"persons": left_out})
    if gini > MOST_GINI:
        return Found(code="unequal", values={"gini": gini})
    return Found()
