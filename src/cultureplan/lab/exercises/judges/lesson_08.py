"""Lesson 8: new superiors for the branches of a head library that closes."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

import cultureplan as cp
from cultureplan.lab.exercises.judging import Found

CLOSED, SUPERIORS = "640221-H", ("6402-C", "640202-H", "640205-H")
MOST_DIRECT, MOST_KM = 20, 360.0


def new_superiors(answer: object) -> Found:
    """Judge who leads the branches of Pingluo: nobody left, nobody overburdened, not too far.

    Parameters
    ----------
    answer : Mapping or Series
        Branch -> superior.
    """
    if isinstance(answer, pd.Series):
        answer = answer.to_dict()
    if not isinstance(answer, Mapping):
        return Found(code="not_a_mapping")
    given = {str(branch).strip(): str(superior).strip() for branch, superior in answer.items()}
    world = cp.load_world("shizuishan")
    branches = world.network.children(CLOSED)
    if missing := [branch for branch in branches if branch not in given]:
        return Found(code="missing", values={"n": len(missing), "ids": missing[0]})
    if unfit := sorted({given[branch] for branch in branches} - set(SUPERIORS)):
        return Found(code="unfit", values={"ids": ", ".join(unfit)})
    scenario = cp.Scenario(world).close(CLOSED)
    for branch in branches:
        scenario = scenario.reassign(branch, given[branch])
    network = scenario.apply().network
    direct = network.span_of_control.loc[list(SUPERIORS)]
    if direct.max() > MOST_DIRECT:
        return Found(code="too_many", values={"ids": direct.idxmax(), "n": int(direct.max())})
    where = world.facilities.frame.set_index("facility_id").geometry
    km = sum(where[branch].distance(where[given[branch]]) for branch in branches) / 1_000
    return Found(code="too_long", values={"km": km}) if km > MOST_KM else Found()
