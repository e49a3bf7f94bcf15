"""Scenarios side by side: which there are, what each comes to, and who edits what."""

from __future__ import annotations

import math

import pytest

import cultureplan as cp
from cultureplan.base.errors import UnknownNameError
from cultureplan.lab import LabSession, LabState
from cultureplan.lab.comparing import (
    NOW,
    TODAY,
    Comparer,
    SideSession,
    costs_of,
    figures_of,
    newly_served,
    scenario_keys,
    scenario_label,
    scenario_state,
)
from cultureplan.lab.paint import paint
from cultureplan.planning.changes import Add, Close, Open


@pytest.fixture(scope="module")
def start() -> LabState:
    """The bundled invented town."""
    return LabState.start(cp.load_world("sanheyuan"), "ordos-2014")


@pytest.fixture
def planned(start) -> LabState:
    """The town with a snapshot that opens a candidate, and a plan that closes a library."""
    opened = start.open(next(iter(start.free_candidates)))
    x_m, y_m = map(float, start.ground.demand_xy[-1])
    return opened.take_snapshot("today").undo().close(start.open_ids[3]).add(x_m, y_m)


def test_every_scenario_has_a_key_and_a_name(planned):
    """Today, now and each snapshot; a snapshot called "today" is none of the others."""
    assert scenario_keys(planned) == ("today", "now", "snapshot:today")
    assert [scenario_label(key, "zh") for key in scenario_keys(planned)] == ["现状", "当前方案", "today"]
    assert scenario_state(planned, TODAY).draft.changes == ()
    assert scenario_state(planned, NOW) is planned
    assert isinstance(scenario_state(planned, "snapshot:today").draft.changes[0], Open)
    with pytest.raises(UnknownNameError, match="today"):
        scenario_state(planned, "snapshot:todai")


def test_all_are_measured_by_the_rules_of_now(planned):
    """A snapshot kept under other limits is compared under those that hold now."""
    other = planned.set_limit("rural", 3_000)
    for key in scenario_keys(other):
        assert scenario_state(other, key).standard == other.standard


def test_figures_are_those_of_a_comparison(planned):
    """Persons, share, gained and lost are those of cp.compare on the same worlds."""
    comparer = Comparer()
    keys = scenario_keys(planned)
    comparison = comparer.compare(planned, keys)
    worlds = {key: scenario_state(planned, key).world for key in keys}
    frame = cp.compare(worlds, planned.standard).frame
    for figures in figures_of(planned, comparison):
        row = frame.loc[figures.key]
        assert figures.persons_covered == row["persons_covered"]
        assert figures.share == pytest.approx(row["covered_share"])
        assert figures.persons_newly_covered == row["persons_newly_covered"]
        assert figures.persons_lost == row["persons_lost"]
        assert figures.n_facilities == row["n_facilities"]
        assert figures.n_orphans == row["n_orphans"]
        assert 0 <= figures.gini <= 1


def test_a_scenario_that_stays_is_not_measured_again(planned):
    """Comparing again, or after an edit of one scenario, keeps what was measured of the others."""
    comparer = Comparer()
    first = comparer.compare(planned, [TODAY, NOW])
    again = comparer.compare(planned.close(planned.open_ids[0]), [TODAY, NOW, NOW])
    assert again.coverages[TODAY] is first.coverages[TODAY]
    assert again.coverages[NOW] is not first.coverages[NOW]
    assert list(again.coverages) == [TODAY, NOW]


def test_who_is_newly_served_is_named(planned):
    """The list holds exactly the people whose verdict changed, under their names."""
    comparison = Comparer().compare(planned, scenario_keys(planned))
    for key in comparison.labels[1:]:
        changed = newly_served(comparison, key, "zh")
        gained = changed.loc[changed["change"] == "newly_covered", "persons"].sum()
        figures = {each.key: each for each in figures_of(planned, comparison)}[key]
        assert gained == figures.persons_newly_covered
        assert changed["name"].str.len().gt(0).all()


def test_costs_are_of_what_opens_and_closes(start):
    """Opening costs once and each year, closing saves each year; opened and closed again costs nothing."""
    world = start.ground.world
    frame = world.facilities.frame.set_index("facility_id")
    candidate = next(name for name in frame.index if frame.at[name, "status"] == "candidate")
    stated = frame["annual_cost"].dropna()
    existing = next(name for name in stated.index if frame.at[name, "status"] == "existing")
    build, annual = costs_of(world, [Open(facility_id=candidate)])
    assert build == frame.at[candidate, "build_cost"]
    saved = costs_of(world, [Close(facility_id=existing)])
    assert saved == (0.0, -stated[existing])
    assert costs_of(world, [Close(facility_id=existing), Open(facility_id=existing)]) == (0.0, 0.0)
    assert costs_of(world, [Open(facility_id=candidate), Close(facility_id=candidate)]) == (0.0, 0.0)
    unknown, _ = costs_of(world, [Add(facility_id="n", x_m=0, y_m=0)])
    assert math.isnan(unknown)
    assert annual == annual or math.isnan(frame.at[candidate, "annual_cost"])


def test_only_the_side_that_shows_now_edits(planned):
    """An edit on it reaches the plan; on a kept scenario it is refused with words, and nothing changes."""
    main = LabSession(planned)
    now, kept = SideSession(main, NOW), SideSession(main, "snapshot:today")
    name = planned.open_ids[0]
    assert not kept.do(lambda state: state.close(name))
    assert "kept" in kept.notice
    assert main.state is planned
    assert now.do(lambda state: state.close(name))
    now.follow()
    assert now.state is main.state
    now.undo()
    assert main.state.draft == planned.draft
    kept.preview(lambda state: state.close(name))
    assert not main.is_preview


def test_sides_are_coloured_against_the_first(planned):
    """Newly covered on one side means: not covered on the first."""
    main = LabSession(planned)
    first, second = SideSession(main, "snapshot:today"), SideSession(main, TODAY)
    first.baseline = second.baseline = first
    painted = paint(second.measured, second.today)
    lost = first.measured.is_covered & ~second.measured.is_covered
    assert (painted.values == 4).tolist() == lost.tolist()
    assert not set(paint(first.measured, first.today).values) & {3, 4}


def test_a_side_whose_snapshot_is_gone_shows_today(planned):
    """Dropping a snapshot does not leave a map of nothing."""
    main = LabSession(planned)
    side = SideSession(main, "snapshot:today")
    main.do(lambda state: state.drop_snapshot("today"))
    side.follow()
    assert side.key == TODAY
