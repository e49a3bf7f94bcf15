"""What the map is sent: figures, colours, legend, sites and geometry agree with the measures."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import cultureplan as cp
from cultureplan.lab import LabSession, LabState
from cultureplan.lab.map_data import geometry_bytes, own_radius_m, radii_bytes
from cultureplan.lab.meter import Measured, Meter
from cultureplan.lab.paint import COLOURINGS, paint
from tests.worlds import circle, standard, world, worlds


@given(worlds())
@settings(max_examples=25)
def test_the_meter_says_what_the_measure_says(some_world):
    """Arrays and figures are those of the coverage through edits, rules and undo, whenever asked for."""
    state, meter = LabState.start(some_world, "ordos-2014"), Meter()
    closed = state.close(state.open_ids[0])
    added = closed.add(*map(float, some_world.demand.xy[0]))
    other = added.set_limit("urban", 14).set_limit("rural", 1500)
    moved = other.move("new-1", *map(float, some_world.demand.xy[-1]))
    walk = [state, closed, added, other, moved, moved.undo(), closed, state.set_limit("urban", 5), added]
    seen = [(shown, meter.measure(shown)) for shown in walk]
    for shown, measured in [*((shown, meter.measure(shown)) for shown in walk), *seen]:
        coverage = cp.measure_coverage(shown.world, shown.standard)
        everyone = measured.everyone
        assert measured.is_covered.tolist() == coverage.points["is_covered"].tolist()
        assert measured.has_rule.tolist() == coverage.points["has_rule"].tolist()
        assert measured.n_circles.tolist() == coverage.points["n_circles"].tolist()
        assert measured.nearest_id.tolist() == coverage.points["nearest_facility_id"].tolist()
        np.testing.assert_array_equal(measured.nearest_cost, coverage.points["nearest_cost"])
        assert (everyone.persons_covered, everyone.persons_assessed) == (
            coverage.persons,
            coverage.persons_assessed,
        )
        table = coverage.by("settlement")
        for group in measured.groups:
            assert group.persons_covered == pytest.approx(table.loc[group.name, "persons_covered"])


@given(worlds(), st.sampled_from(COLOURINGS))
@settings(max_examples=25)
def test_every_person_stands_behind_one_colour(some_world, colouring):
    """The persons of the legend are all persons, whichever the colouring."""
    state, meter = LabState.start(some_world, "ordos-2014"), Meter()
    painted = paint(meter.measure(state), meter.today(state), colouring=colouring)
    assert sum(entry.persons for entry in painted.legend) == pytest.approx(some_world.demand.persons.sum())
    assert painted.values.max() < len(painted.colours)


def test_colours_tell_newly_covered_from_lost():
    """Someone reached by a new facility, someone left by a closed one, and the others keep their colour."""
    town = world([(0, 0), (1000, 0), (2000, 0), (3000, 0)], [(0, 0), (1000, 0)], settlement="urban")
    state = LabState.start(town, standard(circle(100)))
    after = state.close("F001").add(*map(float, town.demand.xy[2]))
    meter = Meter()
    painted = paint(meter.measure(after), meter.today(after))
    assert painted.values.tolist() == [2, 4, 3, 1]


def test_a_cost_of_exactly_the_limit_has_an_inside_colour():
    """The step from inside to outside colours is the limit itself, inclusive."""
    town = world([(0, 0), (100, 0), (101, 0), (301, 0)], [(0, 0)])
    state, meter = LabState.start(town, standard(circle(100))), Meter()
    painted = paint(meter.measure(state), meter.today(state), colouring="cost")
    assert painted.values.tolist() == [1, 4, 5, 7]


def test_people_without_a_rule_are_grey_in_every_colouring():
    """Whom the standard says nothing about gets the first colour, and no facility is no reason to fail."""
    town = world([(0, 0), (50, 0)], [(0, 0)], settlement=["pastoral", "urban"], status="closed")
    state, meter = LabState.start(town, standard(circle(100))), Meter()
    for colouring, other in (("coverage", 1), ("overlap", 1), ("cost", 8)):
        painted = paint(meter.measure(state), meter.today(state), colouring=colouring)
        assert painted.values.tolist() == [0, other]


def test_geometry_is_read_back_within_centimetres():
    """Float32 metres from the middle of the world lose less than five centimetres across 200 km."""
    rng = np.random.default_rng(5)
    town = world([tuple(xy) for xy in rng.uniform(-100_000, 100_000, (50, 2))], [(0, 0)])
    ground = LabState.start(town).ground
    content, layout = geometry_bytes(ground)
    xy = np.frombuffer(content, "<f4", 2 * layout["n_demand"]).reshape(-1, 2) + layout["origin"]
    assert np.abs(xy - town.demand.xy).max() < 0.05
    assert len(content) == 9 * layout["n_demand"] + 8 * layout["n_vertices"] + 4 * layout["n_rings"]


def test_each_site_has_the_circle_of_its_own_settlement():
    """Ten kilometres among herders, ten minutes in town, and none round what does not count."""
    town = world(
        [(0, 0), (50_000, 0)], [(0, 0), (50_000, 0), (10, 0)],
        settlement=["urban", "pastoral"], kind=["library", "library", "theatre"],
    )  # fmt: skip
    state = LabState.start(town, "ordos-2014")
    radii = np.frombuffer(radii_bytes(state), "<f4")
    assert radii[:3].tolist() == pytest.approx([10 * 80 / 1.2, 10_000, 0])
    assert [own_radius_m(s, state.standard) for s in state.sites.values()] == pytest.approx(
        radii[:3].tolist()
    )


def test_a_refused_action_is_told_and_changes_nothing():
    """The session keeps its state, words the reason in its language, and forgets it with the next action."""
    town = world([(0, 0)], [(0, 0)])
    session = LabSession(LabState.start(town, standard(circle(100))), lang="zh")
    before = session.state
    assert not session.do(lambda state: state.close("nobody"))
    assert session.state is before
    assert "nobody" in session.notice
    assert session.do(lambda state: state.close("F000"))
    assert session.notice == ""


def test_a_preview_is_shown_and_not_kept():
    """While something is dragged its effect is shown; undo has nothing to take back."""
    town = world([(0, 0), (1000, 0)], [(0, 0)])
    session = LabSession(LabState.start(town, standard(circle(100))))
    x_m, y_m = map(float, town.demand.xy[1])
    session.preview(lambda state: state.move("F000", x_m, y_m))
    assert session.is_preview
    assert session.measured.is_covered.tolist() == [False, True]
    assert session.state.past == ()
    session.preview(lambda state: state.move("nobody", x_m, y_m))
    assert not session.is_preview
    assert isinstance(session.measured, Measured)
