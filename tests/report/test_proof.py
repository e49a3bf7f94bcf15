"""How good an answer is, in words that fit each way a solve can end."""

from __future__ import annotations

import dataclasses
import math

import pandas as pd
import pytest

import cultureplan as cp
from cultureplan.base.errors import Fault
from cultureplan.report import write_report
from cultureplan.report.chapters_plan import proof
from cultureplan.report.facts import Subject
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.result import SitingResult, SitingStatus
from tests.plotting.worlds import world

STANDARD = cp.load_circles("ordos-2014")
COVERAGE = cp.measure_coverage(world(), STANDARD)
SOLVED = cp.solve_siting(cp.SitingProblem.from_world(COVERAGE.world, STANDARD), MaximalCoverage(n_sites=1))


def ended(status: str, *, objective: float = 900.0, bound: float = 900.0, sense: str = "max") -> SitingResult:
    """Return a result that ended in some way."""
    return dataclasses.replace(
        SOLVED,
        status=SitingStatus(status),
        objective=objective,
        objective_unit="persons" if sense == "max" else "sites",
        sense=sense,
        bound=bound,
        gap=abs(bound - objective) / objective if objective else math.nan,
        notes=(Fault(code="siting.note_next", values={"id": "N2", "persons": 100.0}),),
    )


@pytest.mark.parametrize(
    ("result", "english", "chinese"),
    [
        (ended("optimal"), "Proven: no other choice of 1 sites", "已证明"),
        (ended("optimal", bound=905.0), "Proven to be within the gap", "已在要求的差距内"),
        (ended("feasible", bound=1_000.0), "at most 100 persons more (11.11%)", "至多还能提高 100 人"),
        (ended("optimal", objective=4, bound=4, sense="min"), "needs less than 4 sites", "不会少于 4 处"),
        (ended("feasible", objective=4, bound=3, sense="min"), "at most 1 sites (25.00%)", "节省 1 处"),
        (ended("infeasible", objective=math.nan, bound=math.nan), "no choice of sites meets", "没有任何组合"),
        (ended("no_solution", objective=math.nan, bound=math.nan), "stopped before a choice", "搜索已停止"),
    ],
)
def test_each_ending_has_its_words(result, english, chinese):
    """Optimal, within a gap, stopped, infeasible, nothing found; upwards and downwards; both languages."""
    for lang, words in (("en", english), ("zh", chinese)):
        blocks = proof(result, Subject(coverage=COVERAGE, siting=result, lang=lang))
        assert words in blocks[0].words


def test_a_note_on_a_site_names_it():
    """The solver knows ids; a reader gets the name too."""
    blocks = proof(ended("optimal"), Subject(coverage=COVERAGE, siting=ended("optimal")))
    assert blocks[-1].items == ("One more site, New two (N2), would add 100 persons.",)


@pytest.mark.parametrize("status", ["infeasible", "no_solution"])
def test_a_report_without_an_answer_still_says_why(status, tmp_path):
    """No plan, no map of one, but the chapter with the reason."""
    nothing = dataclasses.replace(
        ended(status, objective=math.nan, bound=math.nan), opened=(), selected=(), sites=pd.DataFrame()
    )
    report = write_report(
        tmp_path, world=COVERAGE.world, standard=STANDARD, coverage=COVERAGE, siting=nothing
    )
    html = report.read_text(encoding="utf-8")
    assert 'id="plan"' in html
    assert 'id="comparison"' not in html
