"""Equitable coverage."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cultureplan.base.errors import InputError
from cultureplan.siting.models.equitable_coverage import EquitableCoverage
from cultureplan.siting.solve import solve_siting
from tests.siting.strategies import choices, dense, small_problems


def test_formulation_as_text(three_by_three):
    """Each place is a row that bounds the share from above."""
    problem = replace(three_by_three, places=pd.Series(["p", "p", "q"], index=["1", "2", "3"]))
    text = EquitableCoverage(n_sites=1).formulation(problem).to_text()
    assert text.splitlines()[0] == "max t"
    assert "0.714286 y[" in text
    assert "place[q]: y[" in text


@given(small_problems(), st.data())
@settings(max_examples=50)
def test_equals_brute_force(problem, data):
    """The largest smallest share, as trying every choice says."""
    names = [data.draw(st.sampled_from(["p", "q", "r"])) for _ in range(problem.n_demand)]
    assume((problem.persons > 0).any())
    problem = replace(problem, places=pd.Series(names, index=problem.demand_ids))
    n_sites = data.draw(st.integers(1, len(problem.choices)))
    inside = dense(problem) <= problem.limit
    frame = pd.DataFrame({"place": names, "persons": problem.persons})

    def worst(is_open):
        covered = frame["persons"] * inside[:, is_open].any(axis=1)
        total = frame.groupby("place")["persons"].sum()
        share = covered.groupby(frame["place"]).sum() / total.where(total > 0)
        return share.min()

    expected = max(worst(is_open) for is_open in choices(problem, n_sites))
    result = solve_siting(problem, EquitableCoverage(n_sites=n_sites))
    assert result.objective == pytest.approx(expected)
    assert result.bound == pytest.approx(expected, abs=1e-6)


def test_without_places_it_is_refused(three_by_three):
    """Comparing places needs places."""
    with pytest.raises(InputError, match="compares places"):
        solve_siting(three_by_three, EquitableCoverage(n_sites=1))
