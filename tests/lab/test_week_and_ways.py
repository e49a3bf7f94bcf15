"""The hour of the week and the way along streets: what the lab shows is what the measures say."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import shapely

import cultureplan as cp
from cultureplan.base.errors import CulturePlanError, InputError
from cultureplan.lab import LabSession, LabState
from cultureplan.lab.layers import LAYERS, layers_of
from cultureplan.lab.map_widget import CityMap
from cultureplan.lab.meter import Meter
from cultureplan.lab.panels.coverage_explorer import CoverageExplorer
from cultureplan.lab.reached import BUFFER_M
from cultureplan.lab.saving import document_of, state_from
from cultureplan.lab.week import hour_words
from cultureplan.measures.isochrones import isochrones
from tests.worlds import circle, standard, world

MONDAY = dt.datetime(2026, 3, 2)  # noqa: DTZ001 - local time, as on the door; no public holiday that week


@pytest.fixture(scope="module")
def sanheyuan() -> cp.World:
    """The bundled invented town, whose facilities state opening hours."""
    return cp.load_world("sanheyuan")


@pytest.fixture(scope="module")
def wuhan() -> cp.World:
    """The bundled town with streets, and few enough people for a test."""
    whole = cp.load_world("wuhan")
    return whole.with_demand(cp.DemandPoints(whole.demand.frame.iloc[::20]))


@pytest.mark.parametrize("hour", [0, 10, 34, 43, 130, 167])
def test_an_hour_counts_what_is_open_then(sanheyuan, hour):
    """Today and after edits, coverage at an hour is that of the world with the shut facilities closed."""
    start, meter = LabState.start(sanheyuan), Meter()
    moment = MONDAY + dt.timedelta(hours=hour)
    today = start.set_hour(hour)
    for state in (
        today,
        today.close(start.open_ids[1]),
        today.close(start.open_ids[1]).set_limit("rural", 3e3),
    ):
        expected = cp.measure_coverage(cp.hours.world_at(state.world, moment), state.standard)
        assert meter.measure(state).is_covered.tolist() == expected.is_covered.tolist()
    assert (
        meter.today(today.close(start.open_ids[0])).is_covered.tolist()
        == meter.measure(today).is_covered.tolist()
    )
    assert (
        meter.measure(start).is_covered.tolist()
        == cp.measure_coverage(sanheyuan, start.standard).is_covered.tolist()
    )


def test_a_facility_added_here_is_open_at_every_hour(sanheyuan):
    """Nobody knows its hours yet, and a learner who adds it wants to see what it does."""
    night = LabState.start(sanheyuan).set_hour(3)
    added = night.add(*map(float, sanheyuan.demand.xy[0]))
    assert "new-1" not in added.asleep
    assert len(added.open_ids) - len(added.asleep) == len(night.open_ids) - len(night.asleep) + 1


def test_a_facility_of_today_without_hours_counts_as_shut():
    """What is not stated is not assumed to be open."""
    town = world([(0, 0)], [(0, 0), (10, 0)], opening_hours=["Mo-Su 09:00-17:00", None])
    state = LabState.start(town, standard(circle(100)))
    assert state.set_hour(9).asleep == {"F001"}
    assert state.set_hour(17).asleep == {"F000", "F001"}
    assert state.asleep == frozenset()


@pytest.mark.parametrize("hour", [-1, 168, 3.5, True])
def test_an_hour_that_is_none_is_refused(sanheyuan, hour):
    """A week has the hours 0 to 167."""
    with pytest.raises(InputError, match="no hour of the week"):
        LabState.start(sanheyuan).set_hour(hour)


def test_the_panel_switches_the_hour_and_says_what_it_means(sanheyuan):
    """Switch, day and hour arrive; moving the slider is one step; off again, everything counts."""
    explorer = CoverageExplorer(sanheyuan)
    all_words = explorer.map.widget.status
    hours = explorer.hours
    hours.switch.value = True
    assert explorer.state.draft.hour == 34
    for hour in (11, 12, 22):
        hours.hour.value = hour
    hours.day.value = 0
    assert explorer.map.widget.status.startswith("Monday 22:00: ")
    assert sorted(explorer.state.asleep) == explorer.map.widget.asleep
    assert len(explorer.state.past) == 1
    explorer.bar.lang.value = "zh"
    assert explorer.map.widget.status.startswith(hour_words(22, "zh"))
    explorer.bar.lang.value = "en"
    explorer.session.undo()
    assert not hours.switch.value
    assert explorer.map.widget.status == all_words


def test_a_world_without_hours_says_so():
    """The switch is off and cannot be pressed, and the reason stands beside it."""
    explorer = CoverageExplorer(world([(0, 0)], [(0, 0)]), standard(circle(100)))
    assert explorer.hours.switch.disabled
    assert "No facility" in explorer.hours.note.value


def test_hour_and_way_come_back_from_a_file(sanheyuan, wuhan):
    """A saved plan keeps the hour and the way along streets; an older file still opens."""
    start = LabState.start(sanheyuan)
    saved = document_of(start.set_hour(40))
    assert state_from(start, saved).draft.hour == 40
    older = {**saved, "now": {k: v for k, v in saved["now"].items() if k not in ("hour", "required")}}
    assert state_from(start, older).draft.hour is None
    with pytest.raises(CulturePlanError):
        state_from(start, {**saved, "now": {**saved["now"], "hour": 999}})
    along = LabState.start(wuhan).set_setting("way", "streets")
    assert state_from(LabState.start(wuhan), document_of(along)).standard == along.standard


def test_the_way_along_streets_is_a_reading_like_any_other(wuhan):
    """Streets and back, with a detour chosen before: coverage is the measure's own, and nothing is lost."""
    start = LabState.start(wuhan).set_setting("detour", 1.4)
    along = start.set_setting("way", "streets")
    assert along.standard.rule("urban").radius_m is None
    expected = cp.measure_coverage(wuhan, along.standard)
    assert Meter().measure(along).is_covered.tolist() == expected.is_covered.tolist()
    back = along.set_setting("way", "straight_line")
    assert back.draft.choice == start.draft.choice
    with pytest.raises(CulturePlanError):
        start.set_setting("way", "by boat")


def test_a_facility_dropped_off_the_streets_reaches_nobody(wuhan):
    """Along streets a place far from every street is an empty circle, not an error."""
    state = LabState.start(wuhan).set_setting("way", "streets")
    west, south, *_ = state.ground.bounds
    away = state.add(west - 3_000, south - 3_000)
    assert Meter().measure(away).everyone == Meter().measure(state).everyone


def test_the_panel_offers_the_streets_where_there_are_some(wuhan, sanheyuan):
    """The choice of the way changes state and sliders; a world without streets has no such choice."""
    explorer = CoverageExplorer(wuhan)
    explorer.rules.rows["way"].value = "streets"
    assert explorer.state.standard.rule("urban").radius_m is None
    assert "detour" not in explorer.rules.rows
    explorer.session.undo()
    assert explorer.rules.rows["way"].value == "straight_line"
    assert "way" not in CoverageExplorer(sanheyuan).rules.rows


def test_a_world_has_the_layers_it_can_fill(wuhan, sanheyuan):
    """Streets only where there are streets, mobile stops only where some stand; others are refused."""
    assert set(LAYERS) - set(layers_of(LabState.start(sanheyuan).ground)) == {"isochrones", "streets"}
    assert {"isochrones", "streets"} <= set(layers_of(LabState.start(wuhan).ground))
    plain = LabState.start(world([(0, 0)], [(0, 0)]), standard(circle(100)))
    assert layers_of(plain.ground) == ("people", "circles", "candidates")
    with pytest.raises(CulturePlanError, match="no layer 'moon'"):
        CityMap(LabSession(plain)).set_layer("moon", True)


def test_the_map_is_sent_isochrones_once_and_only_on_request(wuhan):
    """Keys of the open facilities go out with the layer, polygons when asked for, true to the measure."""
    session = LabSession(LabState.start(wuhan))
    shown = CityMap(session)
    assert shown.widget.reached == {}
    shown.set_layer("isochrones", True)
    keys = shown.widget.reached
    assert set(keys) == set(session.state.open_ids)
    sent: list[tuple[dict, list]] = []
    shown.widget.send = lambda content, buffers=None: sent.append((content, buffers))
    name = session.state.open_ids[0]
    shown._receive(None, {"type": "reached", "keys": [keys[name], "i999"]}, [])
    content, (buffer,) = sent[0]
    (shape,) = content["shapes"]
    vertices = np.frombuffer(buffer, "<f4", 2 * shape["n_vertices"]).reshape(-1, 2).astype(float)
    rings = np.split(vertices, np.frombuffer(buffer, "<u4", offset=8 * len(vertices))[1:])
    area = sum(float(shapely.LinearRing(ring).is_ccw * 2 - 1) * shapely.Polygon(ring).area for ring in rings)
    mode = session.state.standard.along_streets().rule("urban").mode
    made = isochrones(wuhan, mode, limit=10, buffer_m=BUFFER_M).set_index("facility_id")
    assert area == pytest.approx(made.loc[name, "area_m2"], rel=0.01)
    session.do(lambda state: state.close(name))
    assert name not in shown.widget.reached
    session.undo()
    assert shown.widget.reached == keys
    shown._receive(None, {"type": "streets"}, [])
    content, (buffer,) = sent[-1]
    assert len(buffer) == 8 * content["n_vertices"] + 4 * content["n_lines"]
    shown._receive(None, {"type": "reached", "keys": "all of them"}, [])


def test_a_mark_is_shared_by_maps_and_read_out(sanheyuan):
    """Marking in one map marks in every map of the session and in linked ones, and its facts are spoken."""
    session = LabSession(LabState.start(sanheyuan))
    first, second = CityMap(session), CityMap(session)
    other = CityMap(LabSession(LabState.start(sanheyuan, "zhejiang-2022"), lang="zh"))
    first.link(other)
    name = session.state.open_ids[0]
    heard: list[str] = []
    session.subscribe_selection(lambda told: heard.append(told.selected))
    ticks = second.widget.tick
    first.widget.selected = name
    assert heard == [name]
    assert (second.widget.selected, other.widget.selected, other.session.selected) == (name, name, name)
    assert session.state.sites[name].label("en") in second.widget.spoken
    assert session.state.sites[name].label("zh") in other.widget.spoken
    assert second.widget.tick == ticks
    session.selected = ""
    assert (first.widget.selected, other.widget.selected, first.widget.spoken) == ("", "", "")


def test_the_map_can_be_told_where_to_look(sanheyuan):
    """A place and a width become a view, and a place that is nowhere near is refused."""
    shown = CityMap(LabSession(LabState.start(sanheyuan)))
    x_m, y_m = map(float, sanheyuan.demand.xy[0])
    shown.look_at(x_m, y_m, width_m=3_000, width_px=600)
    assert shown.widget.view == {"x_m": x_m, "y_m": y_m, "scale": 0.2}
    shown.look_at_all()
    assert shown.widget.view == {}
    with pytest.raises(InputError):
        shown.look_at(0.0, 0.0, width_m=10)


def test_reporting_elsewhere_and_another_level_keep_the_ranks(sanheyuan):
    """A branch may report to another head, not to its equal; a head with branches cannot become one."""
    start = LabState.start(sanheyuan)
    heads = [n for n in start.open_ids if start.sites[n].level == "head"]
    branch = next(n for n in start.open_ids if start.sites[n].level == "branch")
    other = next(n for n in heads if n != start.sites[branch].parent_id)
    moved = start.reassign(branch, other)
    assert moved.world.network.parents[branch] == other
    assert moved.undo().world is start.world
    twin = next(n for n in start.open_ids if start.sites[n].level == "branch" and n != branch)
    with pytest.raises(InputError, match="cannot report to"):
        start.reassign(branch, twin)
    parent = start.sites[branch].parent_id
    with pytest.raises(InputError, match="cannot report to"):
        start.change_level(parent, "service_point")


def test_pointing_at_a_place_tells_its_people(sanheyuan):
    """Away from people and facilities the place under the pointer answers, with its own covered share."""
    session = LabSession(LabState.start(sanheyuan))
    shown, told = CityMap(session), []
    shown.widget.send = lambda content, buffers=None: told.append(content["lines"])
    coverage = cp.measure_coverage(sanheyuan, session.state.standard).by("place_id")
    for place_id, x_m, y_m in zip(sanheyuan.demand_places, *sanheyuan.demand.xy.T, strict=True):
        shown._receive(None, {"type": "hover", "key": "p", "x_m": float(x_m), "y_m": float(y_m)}, [])
        assert f"{100 * coverage.loc[place_id, 'covered_share']:.1f}%" in told[-1][-1]
    shown._receive(None, {"type": "hover", "key": "p", "x_m": 0.0, "y_m": 0.0}, [])
    shown._receive(None, {"type": "hover", "key": "p", "x_m": "here"}, [])
    assert told[-2:] == [[], []]
