"""The face of the solver: statuses, limits, results as values."""

from __future__ import annotations

import math
import pickle

import pytest

from cultureplan.base.errors import InputError
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.solve import solve_siting


@pytest.fixture
def result(three_by_three):
    """The best single site of the small problem."""
    return solve_siting(three_by_three, MaximalCoverage(n_sites=1))


def test_the_result_survives_a_copy_process(result):
    """A result is plain data that another process can receive."""
    again = pickle.loads(pickle.dumps(result))
    assert (again.selected, again.objective, again.summary()) == (
        result.selected,
        result.objective,
        result.summary(),
    )


@pytest.mark.parametrize(("lang", "words"), [("en", "optimal (proven)"), ("zh", "最优（已证明）")])
def test_the_summary_speaks_both_languages(result, lang, words):
    """Status, objective, bound and sites are said in English and Chinese."""
    summary = result.summary(lang)
    assert words in summary
    assert "70" in summary
    assert "A" in summary


def test_the_notebook_view_holds_both_languages_and_escapes(result):
    """The HTML shows the summary in both languages."""
    html = result._repr_html_()
    assert 'lang="zh"' in html
    assert "optimal (proven)" in html


@pytest.mark.parametrize(
    "arguments",
    [{"method": "magic"}, {"time_limit_s": 0}, {"time_limit_s": math.nan}, {"gap": -1}, {"gap": math.inf}],
)
def test_bad_settings_are_refused(three_by_three, arguments):
    """Method, time limit and gap are checked before anything is solved."""
    with pytest.raises(InputError):
        solve_siting(three_by_three, MaximalCoverage(n_sites=1), **arguments)


@pytest.mark.parametrize("method", ["auto", "exact", "heuristic"])
def test_every_method_gives_a_valid_bound(three_by_three, method):
    """Whatever the method, the objective is measured and the bound is on the right side."""
    result = solve_siting(three_by_three, MaximalCoverage(n_sites=2), method=method)
    assert result.objective <= result.bound
    assert result.bound >= 110
