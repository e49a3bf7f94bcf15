"""The lab's state: every edit gives a new one, undo goes back, the light table of sites tells the truth."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import cultureplan as cp
from cultureplan.base.errors import CulturePlanError, InputError, UnknownNameError
from cultureplan.lab.choice import Choice
from cultureplan.lab.state import LabState
from tests.worlds import ORIGIN, circle, standard, world


@pytest.fixture(scope="module")
def sanheyuan() -> cp.World:
    """The bundled invented town, which has candidates of its own."""
    return cp.load_world("sanheyuan")


@pytest.fixture
def start(sanheyuan) -> LabState:
    """The first state of the town."""
    return LabState.start(sanheyuan, "ordos-2014")


def at(x: float, y: float) -> tuple[float, float]:
    """Return a point of the small worlds in their coordinate system."""
    return float(ORIGIN[0] + x), float(ORIGIN[1] + y)


def test_a_state_is_never_changed(start):
    """An edit leaves the state it started from as it was."""
    before = start.open_ids
    start.close(before[0])
    assert start.open_ids == before
    assert start.draft.changes == ()


def test_undo_and_redo_walk_the_same_drafts(start):
    """Undoing every step and doing it again ends where it was, and a new step forgets what was undone."""
    first = start.open_ids[0]
    steps = start.close(first).set_limit("rural", 3000).open("C1" if "C1" in start.sites else first)
    back = steps.undo().undo().undo()
    assert back.draft == start.draft
    assert back.undo() is back
    again = back.redo().redo().redo()
    assert again.draft == steps.draft
    assert again.redo() is again
    assert back.close(first).future == ()


def test_a_slider_that_is_dragged_is_one_step(start):
    """The same limit set again and again is undone at once; another limit is a step of its own."""
    state = start
    for limit in (2100, 2200, 2300):
        state = state.set_limit("rural", limit)
    assert len(state.past) == 1
    assert len(state.set_limit("urban", 12).past) == 2
    assert state.undo().draft == start.draft


def test_a_limit_set_back_is_no_change(start):
    """The standard's own limit and a default reading leave the choice as if nothing had been chosen."""
    assert start.set_limit("rural", 3000).set_limit("rural", 2000).draft.choice == start.draft.choice
    changed = start.set_setting("speed_m_per_minute", 60.0)
    assert changed.standard.rule("urban").radius_m == 500.0
    assert changed.set_setting("speed_m_per_minute", 80.0).draft.choice == start.draft.choice


def test_a_new_facility_snaps_to_the_candidate_before_the_people():
    """Within reach of both a candidate is opened; within reach of people it stands among them."""
    town = world([(0, 0), (1000, 0)], [(2000, 0), (10, 0)], status=["existing", "candidate"])
    state = LabState.start(town, standard(circle(500)))
    opened = state.add(*at(4, 0), snap_m=50)
    assert opened.open_ids == ("F000", "F001")
    among = state.add(*at(1030, 0), snap_m=50)
    assert (among.sites["new-1"].x_m, among.sites["new-1"].y_m) == at(1000, 0)
    here = state.add(*at(1030, 0), snap_m=20)
    assert (here.sites["new-1"].x_m, here.sites["new-1"].y_m) == at(1030, 0)
    with pytest.raises(InputError, match="no candidate site here"):
        state.add(*at(1030, 0), snap_m=50, only_candidates=True)


def test_edits_that_cancel_out_leave_nothing():
    """Added and closed, closed and opened again, opened and closed: the scenario is empty again."""
    town = world([(0, 0)], [(500, 0), (10, 0)], status=["existing", "candidate"])
    state = LabState.start(town, standard(circle(500)))
    assert state.add(*at(70, 0)).close("new-1").draft.changes == ()
    assert state.close("F000").open("F000").draft.changes == ()
    assert state.open("F001").close("F001").draft.changes == ()
    moved = state.add(*at(70, 0)).move("new-1", *at(90, 0)).move("new-1", *at(95, 5))
    assert len(moved.draft.changes) == 1
    assert (moved.sites["new-1"].x_m, moved.sites["new-1"].y_m) == at(95, 5)


@pytest.mark.parametrize("point", [(math.nan, 0.0), (math.inf, 0.0), (0.0, 0.0), (9e9, 9e9)])
def test_a_point_that_is_nowhere_near_is_refused(start, point):
    """Not a number, infinity and another country are one clear error, and nothing is opened."""
    with pytest.raises(InputError, match="not in or near the world"):
        start.add(*point)
    with pytest.raises(InputError, match="not in or near the world"):
        start.move(start.open_ids[0], *point)


def test_what_does_not_fit_is_refused_with_a_remedy(start):
    """Unknown ids, closed facilities, unknown settings, standards and snapshots each say what to do."""
    closed = start.close(start.open_ids[0])
    tries = [
        lambda: start.close("nobody"),
        lambda: closed.close(start.open_ids[0]),
        lambda: closed.move(start.open_ids[0], *start.ground.demand_xy[0]),
        lambda: start.open(start.open_ids[0]),
        lambda: start.set_setting("no_such", 1),
        lambda: start.set_limit("lunar", 10),
        lambda: start.set_limit("urban", -1),
        lambda: start.select_standard("no-such-standard"),
        lambda: start.go_to_snapshot("none"),
        lambda: start.take_snapshot("  "),
        lambda: start.forbid("nobody"),
    ]
    for attempt in tries:
        with pytest.raises(CulturePlanError) as caught:
            attempt()
        assert all(fault.render("en") != fault.render("zh") for fault in caught.value.faults)


def test_a_standard_made_by_hand_has_limits_but_no_settings():
    """A standard that no file holds can be explored; asking for a reading of it is an error."""
    town = world([(0, 0)], [(700, 0)])
    state = LabState.start(town, standard(circle(500)))
    assert state.set_limit("urban", 700).standard.rule("urban").limit == 700
    with pytest.raises(UnknownNameError):
        state.set_setting("detour", 1.3)
    assert Choice.of("ordos-2014").own is None


def test_snapshots_are_kept_gone_to_and_compared(start):
    """A snapshot holds a draft; going to it can be undone; a comparison has today, each of them, and now."""
    kept = start.close(start.open_ids[0]).take_snapshot("fewer").undo()
    there = kept.go_to_snapshot("fewer")
    assert len(there.open_ids) == len(start.open_ids) - 1
    assert there.undo().open_ids == start.open_ids
    comparison = kept.compare()
    assert comparison.labels == ("today", "fewer", "now")
    shares = comparison.frame["covered_share"]
    assert shares["today"] == shares["now"] >= shares["fewer"]
    assert dict(kept.drop_snapshot("fewer").snapshots) == {}


def test_the_solver_adds_what_it_proved(start):
    """A request solved and taken opens exactly the solver's sites and reaches the objective it claims."""
    request = start.request(cp.MaximalCoverage(n_sites=2))
    result = cp.solve_siting(request.problem, request.model)
    after = start.take(result)
    assert set(after.opened_ids) == set(map(str, result.opened))
    assert cp.measure_coverage(after.world, after.standard).persons == result.objective
    assert after.without_new().open_ids == start.open_ids


def test_a_forbidden_candidate_is_left_alone(start):
    """The best site, once forbidden, is not chosen, and allowed again it is."""
    best = cp.solve_siting(*_asked(start)).opened[0]
    forbidden = start.forbid(str(best))
    assert best not in cp.solve_siting(*_asked(forbidden)).opened
    assert cp.solve_siting(*_asked(forbidden.forbid(str(best)))).opened[0] == best


def _asked(state: LabState) -> tuple[cp.SitingProblem, cp.MaximalCoverage]:
    request = state.request(cp.MaximalCoverage(n_sites=1))
    return request.problem, request.model


@st.composite
def edited_states(draw: st.DrawFn) -> LabState:
    """States of a small town after up to twelve edits, accepted or refused."""
    town = world(
        [(0, 0), (400, 300), (900, 100), (1500, 800)],
        [(0, 100), (500, 300), (1400, 700), (800, 0)],
        settlement=["urban", "rural", "urban", "rural"],
        level=["head", "branch", "service_point", "service_point"],
        parent_id=[None, "F000", "F001", None],
        status=["existing", "existing", "existing", "candidate"],
    )
    state = LabState.start(town, "ordos-2014")
    names = st.sampled_from(["F000", "F001", "F002", "F003", "new-1", "new-2", "demand-D001"])
    spots = st.tuples(st.integers(0, 1600), st.integers(0, 900))
    for _ in range(draw(st.integers(0, 12))):
        kind, name, (x, y) = draw(st.sampled_from(["add", "move", "close", "open"])), draw(names), draw(spots)
        try:
            if kind == "add":
                state = state.add(*at(x, y), snap_m=draw(st.sampled_from([0.0, 100.0])))
            elif kind == "move":
                state = state.move(name, *at(x, y))
            else:
                state = getattr(state, kind)(name)
        except CulturePlanError:
            pass
    return state


@settings(max_examples=40)
@given(edited_states())
def test_the_light_table_says_what_the_scenario_says(state):
    """Ids, places, levels, parents and statuses of the sites are those of the validated world."""
    frame = state.world.facilities.frame.set_index("facility_id")
    assert list(frame.index) == list(state.sites)
    for name, site in state.sites.items():
        row = frame.loc[name]
        parent = row["parent_id"] if isinstance(row["parent_id"], str) else ""
        assert (site.x_m, site.y_m) == (row.geometry.x, row.geometry.y)
        assert (site.level, site.kind, site.status) == (row["level"], row["kind"], row["status"])
        assert site.parent_id == parent
        assert site.name == row["name"]


@settings(max_examples=25)
@given(edited_states())
def test_undo_leads_back_to_the_start(state):
    """However many edits, undoing all of them gives the world as it was, and redo gives it again."""
    back = state
    for _ in state.past:
        back = back.undo()
    assert back.world is back.ground.world
    for _ in state.past:
        back = back.redo()
    assert back.draft == state.draft


@given(st.integers(0, 1600), st.integers(0, 900), st.integers(1, 400))
def test_snapping_goes_to_the_nearest_within_reach(x, y, reach):
    """Against brute force: the nearest candidate within reach, else the nearest people, else the point."""
    town = world([(0, 0), (400, 300), (900, 100)], [(800, 0), (100, 700)], status="candidate")
    state = LabState.start(town, standard(circle(500)))
    spot = state.snap(*at(x, y), within_m=float(reach))
    point = np.array(at(x, y))
    for kind, xy in (("candidate", town.facilities.xy), ("demand", town.demand.xy)):
        far = np.hypot(*(xy - point).T)
        if far.min() <= reach:
            assert spot.kind == kind
            assert np.hypot(spot.x_m - point[0], spot.y_m - point[1]) == far.min()
            return
    assert spot.kind == "free"
    assert (spot.x_m, spot.y_m) == tuple(point)
