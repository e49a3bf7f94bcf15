"""Siting problems: what they accept, refuse, and restrict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cultureplan.base.errors import CulturePlanError, InputError, UnitError, UnknownNameError
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.models.set_cover import SetCover
from cultureplan.siting.problem import Quota, SitingProblem
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.costs import TravelCosts


def test_series_are_aligned_by_id(three_by_three):
    """Persons and site costs given as Series may come in any order."""
    problem = replace(
        three_by_three,
        persons=pd.Series([40.0, 50.0, 20.0], index=["3", "1", "2"]),
        site_cost=pd.Series([3.0, 1.0, 2.0], index=["C", "A", "B"]),
    )
    assert problem.persons.tolist() == [50.0, 20.0, 40.0]
    assert problem.site_cost.tolist() == [1.0, 2.0, 3.0]


def test_nothing_the_caller_gave_is_shared(three_by_three):
    """Changing the caller's array later changes no problem."""
    persons = np.array([1.0, 2.0, 3.0])
    problem = replace(three_by_three, persons=persons)
    persons[0] = 99.0
    assert problem.persons[0] == 1.0


def test_limits_may_differ_by_demand_point(three_by_three):
    """A limit for each point decides, inclusive."""
    problem = replace(three_by_three, limit=[99.0, 400.0, 200.0])
    assert solve_siting(problem, MaximalCoverage(n_sites=3)).objective == 60.0


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"persons": [1, 2]}, InputError, "shape"),
        ({"persons": [1, 2, -3]}, InputError, "negative"),
        ({"persons": [1, 2, np.nan]}, InputError, "missing or infinite"),
        ({"limit": -5}, InputError, "positive"),
        ({"limit": np.nan}, InputError, "positive"),
        ({"unit": "minutes"}, UnitError, "minutes"),
        ({"fixed": ["A"], "forbidden": ["A"]}, InputError, "fixed and forbidden"),
        ({"fixed": ["Z"]}, UnknownNameError, "'Z' in fixed"),
        ({"site_cost": [1, 2]}, InputError, "shape"),
        ({"site_cost": [1, -2, 3]}, InputError, "negative"),
        ({"capacity": [1, np.nan, 3]}, InputError, "missing"),
        ({"conflicts": [("A", "A")]}, InputError, "two different sites"),
        ({"conflicts": [("A", "B")], "fixed": ["A", "B"]}, InputError, "both are fixed"),
        ({"quotas": [Quota(facility_ids=("A",), at_least=2)]}, InputError, "Quota"),
        ({"persons": pd.Series([1.0], index=["1"])}, InputError, "no value for 2 ids"),
    ],
)
def test_bad_input_is_one_clear_error(three_by_three, change, error, words):
    """Each mistake is named, in English and Chinese."""
    with pytest.raises(error, match=words) as caught:
        replace(three_by_three, **change)
    assert isinstance(caught.value, CulturePlanError)
    assert caught.value.render("zh")


def test_a_covering_model_needs_a_limit(three_by_three):
    """Without a limit nobody can be covered, and the error says what to give."""
    with pytest.raises(InputError, match="no limit"):
        solve_siting(replace(three_by_three, limit=None), SetCover())


def test_a_limit_beyond_the_costs_is_refused():
    """Pairs beyond the cutoff of the costs are not stored, so no limit may look there."""
    costs = TravelCosts.from_dense([[100.0]], unit="m", limit=500)
    with pytest.raises(InputError, match="beyond the cutoff"):
        SitingProblem(costs=costs, persons=[1], limit=800.0)


def test_wrong_types_are_named(three_by_three):
    """Costs must be TravelCosts, and a model must be a model."""
    with pytest.raises(TypeError, match="TravelCosts"):
        SitingProblem(costs=[[1]], persons=[1], limit=1)
    with pytest.raises(TypeError, match="SitingModel"):
        solve_siting(three_by_three, "mclp")
    with pytest.raises(TypeError, match="SitingModel"):
        solve_siting(three_by_three, SetCover)


def test_forbidden_sites_stay_closed(three_by_three):
    """A forbidden site is never opened."""
    result = solve_siting(replace(three_by_three, forbidden="A"), MaximalCoverage(n_sites=1))
    assert result.selected == ("B",)


def test_conflicts_and_quotas_hold(three_by_three):
    """Of two sites in conflict at most one opens; a quota is kept; what they ask may be infeasible."""
    problem = replace(three_by_three, conflicts=[("A", "B")])
    assert set(solve_siting(problem, MaximalCoverage(n_sites=2)).selected) == {"A", "C"}
    problem = replace(three_by_three, quotas=[Quota(facility_ids=("B", "C"), at_least=2)])
    assert set(solve_siting(problem, MaximalCoverage(n_sites=2)).selected) == {"B", "C"}
    problem = replace(three_by_three, conflicts=[("A", "B"), ("B", "C"), ("A", "C")])
    result = solve_siting(problem, MaximalCoverage(n_sites=2))
    assert str(result.status) == "infeasible"
    assert "no choice of sites" in result.explain()


def test_preference_counts_like_persons(three_by_three):
    """Votes for a site are weighed against the persons it would cover."""
    result = solve_siting(replace(three_by_three, preference=[0, 15, 0]), MaximalCoverage(n_sites=1))
    assert (result.selected, result.objective) == (("B",), 75.0)
