"""Lesson 1: whether a mended folder can be trusted."""

from __future__ import annotations

from pathlib import Path

from cultureplan.base.errors import CulturePlanError
from cultureplan.datasets.bundled import load_world
from cultureplan.io.folder import read_world
from cultureplan.lab.exercises.judging import Found
from cultureplan.lab.exercises.record import RECORD


def trusted_folder(answer: object) -> Found:
    """Judge a folder: it reads, its people are where they live, and everybody reports to the right house."""
    if not isinstance(answer, str | Path) or not (Path(answer) / "world.toml").is_file():
        return Found(code="no_folder")
    try:
        mended = read_world(answer)
    except CulturePlanError as error:
        first = error.faults[0].render(RECORD.lang)
        return Found(code="still_faulty", values={"n": len(error.faults), "first": first})
    town = load_world("sanheyuan")
    persons = mended.demand.persons.sum()
    if persons != town.demand.persons.sum():
        return Found(code="people", values={"persons": f"{persons:,.0f}"})
    lived = mended.demand.persons.groupby(mended.demand_places).sum()
    wanted = town.demand.persons.groupby(town.demand_places).sum()
    gaps = wanted.sub(lived, fill_value=0.0)
    if (gaps != 0).any():
        return Found(code="places", values={"place": gaps[gaps != 0].index[0]})
    reports = mended.network.parents
    for facility_id, parent in town.network.parents.items():
        held = reports.get(facility_id, "?")
        if not (held == parent or (held != held and parent != parent) or (held is None and parent is None)):
            return Found(code="network", values={"facility": facility_id, "parent": held})
    return Found()
