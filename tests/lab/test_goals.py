"""Goals of the studio: each is a problem a solver proves, and a learner's sites are judged honestly."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import cultureplan as cp
from cultureplan.base.errors import CulturePlanError, InputError
from cultureplan.lab import CityMap, LabSession, LabState, SitingStudio, goals
from cultureplan.lab.contest import Contest, contest_of
from cultureplan.lab.goals import GOALS, Goal, candidate_costs, goals_of, value_words
from cultureplan.lab.progress_svg import progress_svg
from cultureplan.siting.mip import ProgressPoint
from cultureplan.siting.result import SitingResult
from tests.worlds import circle, standard, world


@pytest.fixture(scope="module")
def start() -> LabState:
    """The first state of the bundled invented town, which has nine candidates with costs."""
    return LabState.start(cp.load_world("sanheyuan"), "ordos-2014")


def solved(state: LabState, goal: Goal) -> tuple[LabState, Contest, SitingResult]:
    """Return a state, where it stands without picks, and the solver's answer."""
    request = goal.request(state.without_new())
    result = cp.solve_siting(request.problem, request.model)
    return state, contest_of(state, request, result), result


@pytest.mark.parametrize("name", GOALS)
def test_every_goal_is_proved_and_no_choice_beats_it(start, name):
    """Against brute force over all pairs of candidates: none is better, and the solver's own picks win."""
    goal = Goal(name=name, n_sites=2, share=0.8)
    request = goal.request(start)
    result = cp.solve_siting(request.problem, request.model)
    assert result.is_optimal
    taken = contest_of(start.take(result), request, result)
    assert taken.stand == "won"
    assert taken.mine == pytest.approx(result.objective)
    if name == "set_cover":
        return
    for pair in combinations(start.free_candidates, 2):
        picked = start.open(pair[0]).open(pair[1])
        contest = contest_of(picked, request, result)
        assert contest.stand in ("won", "less")
        assert not contest.part_of_gain > 1 + 1e-9  # no number where nothing can be gained
        assert not contest.own_gap < 0


@pytest.mark.parametrize("name", ["p_median", "p_center"])
def test_ways_are_measured_for_everybody_assessed(start, name):
    """The pairs kept are enough: the answer is that of a table in which every pair is kept."""
    request = Goal(name=name, n_sites=2).request(start)
    result = cp.solve_siting(request.problem, request.model)
    whole = cp.SitingProblem.from_world(start.world, start.standard, candidates="table", reach=1_000.0)
    more = cp.solve_siting(whole, cp.PMedian(n_sites=2) if name == "p_median" else cp.PCenter(n_sites=2))
    assert result.objective == pytest.approx(more.objective)


def test_people_without_a_rule_do_not_make_a_way_impossible(start):
    """Under a standard that says nothing of herders, the longest way is that of the others."""
    state = start.select_standard("zhejiang-2022")
    request = Goal(name="p_center", n_sites=2).request(state)
    assert request.problem.n_demand < len(state.world.demand)
    assert cp.solve_siting(request.problem, request.model).has_answer


def test_a_world_without_any_facility_has_ways_too():
    """Nothing to start from: every pair is kept, and the best single site is found."""
    town = world(
        [(0, 0), (1_000, 0), (3_000, 0)], [(0, 0), (1_000, 0), (3_000, 0)],
        status="candidate", persons=[5.0, 1.0, 1.0],
    )  # fmt: skip
    state = LabState.start(town, standard(circle(100)))
    request = Goal(name="p_median", n_sites=1).request(state)
    assert cp.solve_siting(request.problem, request.model).opened == ("F000",)


def test_a_world_too_large_for_ways_is_told_so(start, monkeypatch):
    """Everybody's way to every site is refused before memory is filled, with a remedy."""
    monkeypatch.setattr(goals, "_MOST_PAIRS", 100)
    with pytest.raises(InputError, match="too many here"):
        Goal(name="p_median", n_sites=3).request(start)


def test_a_budget_buys_what_the_table_says_sites_cost(start):
    """Costs of the table are kept to; brute force over all subsets within the budget finds no better."""
    costs = candidate_costs(start)
    assert set(costs) == set(start.free_candidates)
    budget = sorted(costs.values())[1] * 2
    request = Goal(budget=budget).request(start)
    result = cp.solve_siting(request.problem, request.model)
    assert sum(costs[str(name)] for name in result.opened) <= budget
    best = 0.0
    for size in (1, 2, 3, 4):
        for picks in combinations(costs, size):
            if sum(costs[name] for name in picks) <= budget:
                open_now = request.problem.is_fixed | request.problem.mask(picks)
                best = max(best, request.model.objective(request.problem, open_now))
    assert result.objective == best
    dear = max(costs, key=costs.__getitem__)
    rich = start
    for name in sorted(costs, key=costs.__getitem__, reverse=True)[:3]:
        rich = rich.open(name)
    contest = contest_of(rich, request, result)
    assert contest.stand == "too_dear"
    assert f"{costs[dear]:,.0f}"[:3] in contest.lines(0)[1] or contest.spent > budget
    cheapest = Goal(name="set_cover", uses_cost=True, share=0.8).request(start)
    assert cheapest.model.objective_unit(cheapest.problem) == "cost"


def test_sites_without_a_cost_take_the_one_given():
    """Where the table is silent, the cost of a site is what the learner says."""
    town = world([(0, 0), (500, 0)], [(0, 0), (500, 0)], status="candidate")
    state = LabState.start(town, standard(circle(100)))
    assert dict(candidate_costs(state)) == {}
    request = Goal(budget=5.0, unit_cost=3.0).request(state)
    assert len(cp.solve_siting(request.problem, request.model).opened) == 1


def test_demanded_sites_are_opened_and_forbidden_ones_are_not(start):
    """They count into the number, may be taken back, and one cannot be both."""
    plain = Goal(n_sites=3).request(start)
    best = [str(name) for name in cp.solve_siting(plain.problem, plain.model).opened]
    other = next(name for name in start.free_candidates if name not in best)
    state = start.require(other).forbid(best[0])
    request = Goal(n_sites=3).request(state)
    assert request.given == (other,)
    result = cp.solve_siting(request.problem, request.model)
    after = state.take(result)
    assert other in after.opened_ids
    assert best[0] not in after.opened_ids
    assert len(after.opened_ids) == 3
    assert len(after.past) == len(state.past) + 1
    contest = contest_of(after, request, result)
    assert (contest.stand, contest.n_asked) == ("won", 3)
    assert state.forbid(other).draft.required == frozenset()
    assert state.require(best[0]).draft.forbidden == frozenset()
    assert start.require(other).require(other).draft == start.draft
    with pytest.raises(InputError, match="nothing is left to choose"):
        Goal(n_sites=1).request(state)
    with pytest.raises(InputError, match="nothing is left to choose"):
        Goal(budget=candidate_costs(start)[other]).request(start.require(other))


def test_a_cover_that_lacks_somebody_is_told_how_many(start):
    """Fewer sites than the solver's that leave people out have not won."""
    _, _, result = solved(start, Goal(name="set_cover"))
    request = Goal(name="set_cover").request(start)
    few = start.open(str(result.opened[0]))
    contest = contest_of(few, request, result)
    assert contest.stand == "not_enough"
    assert contest.lacking_persons > 0
    assert "uncovered" in contest.lines(0)[0]


def test_what_is_not_proved_is_not_called_proved(start):
    """A stopped answer names its gap; a learner who beats it is told so, and no more."""
    request = Goal(n_sites=2).request(start)
    result = cp.solve_siting(request.problem, request.model)
    weak = cp.SitingResult(
        **{
            **{field: getattr(result, field) for field in result.__dataclass_fields__},
            "status": type(result.status).FEASIBLE,
            "objective": result.objective - 100,
            "bound": result.objective + 500,
            "gap": 0.05,
        }
    )
    lines = contest_of(start.take(result), request, weak).lines(2)
    assert "Better than the solver in its time" in lines[0]
    assert "within" in lines[1]
    assert "Not proved" in lines[-1]
    assert "Not proved" in contest_of(start, request, weak).lines(2)[-1]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", GOALS)
def test_every_verdict_has_words(start, name, lang):
    """Each goal says value, bound and proof in both languages, without a placeholder left."""
    request = Goal(name=name, n_sites=2, share=0.7).request(start)
    result = cp.solve_siting(request.problem, request.model)
    picked = start.open(next(iter(start.free_candidates)))
    for state in (start, picked, start.take(result)):
        lines = contest_of(state, request, result).lines(2, lang)
        assert all(line and "{" not in line for line in lines)
    assert value_words(request, float("nan"), lang) == "–"


def test_comparing_places_needs_places():
    """The equitable goal is offered where people live in places."""
    assert "equitable_coverage" in goals_of(LabState.start(cp.load_world("sanheyuan")))
    plain = LabState.start(world([(0, 0)], [(0, 0)]), standard(circle(100)))
    assert "equitable_coverage" not in goals_of(plain)


def test_the_studio_shows_what_a_goal_needs(start):
    """Number, budget, cost and share come and go with the goal; each goal is solved from the panel."""
    studio = SitingStudio(start.ground.world, n_sites=2)
    goal = studio.solver.goal

    def shown() -> set[str]:
        rows = ("by", "n_sites", "budget", "unit_cost", "share")
        return {row for row in rows if getattr(goal, row).layout.display != "none"}

    assert shown() == {"by", "n_sites"}
    goal.by.value = "cost"
    assert shown() == {"by", "budget"}
    goal.goal.value = "set_cover"
    assert shown() == {"by", "share"}
    goal.goal.value = "p_center"
    assert shown() == {"n_sites"}
    studio.solver.start()
    assert "longest way" in studio.solver.verdict.value
    assert "Proved" in studio.solver.verdict.value
    studio.solver.take.click()
    assert "As good as it gets" in studio.solver.verdict.value
    studio.bar.lang.value = "zh"
    assert "最远路程" in studio.solver.verdict.value
    assert goal.goal.value == "p_center"
    assert studio.figures.box.layout.display is None


def test_a_click_does_what_is_chosen(start):
    """Open, demand or forbid: what a click on a candidate, or beside one, does."""
    session = LabSession(start)
    shown = CityMap(session, only_candidates=True)
    first, second = list(start.free_candidates)[:2]
    site = start.free_candidates[second]
    shown.click = "require"
    shown._receive(None, {"type": "open", "id": first}, [])
    shown._receive(None, {"type": "add", "x_m": site.x_m + 5, "y_m": site.y_m, "snap_m": 50}, [])
    assert session.state.draft.required == {first, second}
    assert shown.widget.changed[first]["is_required"]
    shown.click = "forbid"
    shown._receive(None, {"type": "open", "id": first}, [])
    assert session.state.draft.forbidden == {first}
    assert {"required", "forbidden"} <= {entry.get("shape") for entry in shown.widget.legend}
    shown.click = "open"
    shown._receive(None, {"type": "open", "id": first}, [])
    assert session.state.opened_ids == (first,)


def test_progress_is_drawn_where_there_is_some():
    """Best answer and bound are two lines that meet; without either there is no picture."""
    nan, inf = float("nan"), float("inf")
    points = [
        ProgressPoint(seconds=s, objective=best, bound=bound, stage="x")
        for s, best, bound in [(0.1, nan, inf), (0.2, 10.0, 90.0), (0.5, 40.0, 50.0), (0.9, 45.0, 45.0)]
    ]
    picture = progress_svg(points, "zh")
    assert picture.count("<path") == 3
    assert "界限" in picture
    assert progress_svg(points[:1]) == ""
    assert progress_svg([]) == ""
    many = progress_svg([points[1]] * 5_000 + points[2:])
    assert len(many) < 20_000


def test_a_goal_that_cannot_be_asked_is_told(start):
    """More sites than candidates, and no candidates at all, are errors with a remedy."""
    for goal in (Goal(n_sites=99), Goal(name="backup_coverage", n_sites=99)):
        with pytest.raises(CulturePlanError):
            goal.request(start)
    costs = np.array([site.x_m for site in start.free_candidates.values()])
    assert len(costs) == 9
