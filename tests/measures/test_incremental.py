"""Held coverage: after any run of changes it is what a full measurement says, to the last bit."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import cultureplan as cp
from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.measures import held_rule
from cultureplan.measures.incremental import HeldCoverage
from tests.worlds import ORIGIN, circle, demand, facilities, standard, world

places = st.tuples(st.integers(-2, 30), st.integers(-2, 30)).map(lambda p: (50.0 * p[0], 50.0 * p[1]))
kinds = st.sampled_from(["library", "museum", "square"])
levels = st.sampled_from(["branch", "service_point"])

RULES = standard(
    circle(500.0, needs=(cp.Need(kinds=("library",)), cp.Need(at_least=2))),
    circle(300.0, settlement="rural", needs=(cp.Need(levels=("branch",)), cp.Need(kinds=("museum",)))),
    cp.CircleRule(settlement="pastoral", limit=9.0, mode=cp.Walking()),
)


class Changes(RuleBasedStateMachine):
    """Facilities are moved, closed, opened and added at random; a scenario keeps the same book."""

    @initialize(
        people=st.lists(
            st.tuples(places, st.sampled_from(["urban", "rural", "pastoral"]), st.floats(0, 99)),
            min_size=1,
            max_size=60,
        ),
        sites=st.lists(st.tuples(places, kinds, levels, st.booleans()), min_size=1, max_size=12),
    )
    def begin(self, people: list, sites: list) -> None:
        """Lattice worlds: many ties, many people on a rim, several facilities on one spot."""
        xy, settlement, persons = zip(*people, strict=True)
        site_xy, kind, level, is_open = zip(*sites, strict=True)
        status = ["existing" if here else "candidate" for here in is_open]
        self.world = cp.World(
            name="test",
            demand=demand(xy, persons=list(persons), settlement=list(settlement)),
            facilities=facilities(site_xy, kind=list(kind), level=list(level), status=status),
        )
        self.scenario = cp.Scenario(self.world)
        self.held = HeldCoverage(self.world, RULES)
        self.before = self.held.points

    def ids(self, *, is_open: bool) -> list[str]:
        """Ids of the open facilities, or of the others."""
        table = self.held.facilities
        return list(table.index[table["is_open"] == is_open])

    def check(self, change: object) -> None:
        """What the change says it did is what it did."""
        after, before = self.held.points, self.before
        moved = (after.ne(before) & ~(after.isna() & before.isna())).any(axis=1)
        assert set(np.flatnonzero(moved)) <= set(change.points.tolist())
        gained = after["is_covered"] & ~before["is_covered"]
        lost = before["is_covered"] & ~after["is_covered"]
        assert change.persons_gained == pytest.approx(after["persons"][gained].sum())
        assert change.persons_lost == pytest.approx(after["persons"][lost].sum())
        self.before = after

    @rule(data=st.data(), to=places)
    def move(self, data: st.DataObject, to: tuple[float, float]) -> None:
        """Any facility may be moved, closed ones too."""
        name = data.draw(st.sampled_from(list(self.held.facilities.index)))
        x_m, y_m = to[0] + ORIGIN[0], to[1] + ORIGIN[1]
        self.scenario = self.scenario.move(name, x_m=x_m, y_m=y_m)
        self.check(self.held.move(name, x_m=x_m, y_m=y_m))

    @precondition(lambda self: self.ids(is_open=True))
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        """The last one may be closed too."""
        name = data.draw(st.sampled_from(self.ids(is_open=True)))
        self.scenario = self.scenario.close(name)
        self.check(self.held.close(name))

    @precondition(lambda self: self.ids(is_open=False))
    @rule(data=st.data())
    def open(self, data: st.DataObject) -> None:
        """Candidates and closed ones."""
        name = data.draw(st.sampled_from(self.ids(is_open=False)))
        self.scenario = self.scenario.add(name)
        self.check(self.held.open(name))

    @rule(number=st.integers(0, 10**6), at=places, kind=kinds, level=levels)
    def add(self, number: int, at: tuple[float, float], kind: str, level: str) -> None:
        """New ids fall anywhere among the old ones."""
        name = f"{'AFZ'[number % 3]}{number}"
        if name in self.held.facilities.index:
            return
        what = {"x_m": at[0] + ORIGIN[0], "y_m": at[1] + ORIGIN[1], "kind": kind, "level": level}
        self.scenario = self.scenario.add(facility_id=name, **what)
        self.check(self.held.add(name, **what))

    @invariant()
    def it_is_what_a_full_measurement_says(self) -> None:
        """Points, persons and share, bit by bit."""
        full = cp.measure_coverage(self.scenario.apply(), RULES)
        pd.testing.assert_frame_equal(self.held.points, full.points, check_exact=True)
        assert self.held.persons == full.persons
        assert self.held.persons_assessed == full.persons_assessed
        assert self.held.share == full.share or (np.isnan(self.held.share) and np.isnan(full.share))
        assert np.array_equal(self.held.is_covered, full.is_covered.to_numpy())


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=10, stateful_step_count=8, deadline=None)


def test_many_people_in_many_blocks_are_updated_as_if_measured_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five thousand people, so that blocks are passed over, and distances are taken in halves."""
    monkeypatch.setattr(held_rule, "_AT_ONCE", 300)
    rng = np.random.default_rng(3)
    some = world(rng.random((5_000, 2)) * 6_000, rng.random((40, 2)) * 6_000, persons=rng.random(5_000) * 9)
    rules = standard(circle(450.0))
    held, scenario = HeldCoverage(some, rules), cp.Scenario(some)
    start = held.points
    for step in range(12):
        name, to = f"F{rng.integers(40):03d}", ORIGIN + rng.random(2) * 6_000
        scenario = scenario.move(name, x_m=to[0], y_m=to[1])
        change = held.move(name, x_m=to[0], y_m=to[1])
        assert 0 < len(change.points) < 2_000
        if step % 4 == 3:
            full = cp.measure_coverage(scenario.apply(), rules)
            pd.testing.assert_frame_equal(held.points, full.points, check_exact=True)
            assert held.persons == full.persons
    for name, at in some.facilities.frame.set_index("facility_id").geometry.items():
        held.move(name, x_m=at.x, y_m=at.y)
    pd.testing.assert_frame_equal(held.points, start, check_exact=True)


def test_closing_gives_everybody_the_next_nearest_and_the_last_leaves_nobody_with_any() -> None:
    """The next is found however far it is; without any the cost is infinite."""
    some = world([(0, 0), (90, 0)], [(0, 0), (100, 0), (5_000, 0)])
    held = HeldCoverage(some, standard(circle(100.0)))
    assert held.persons == 2.0
    assert held.close("F000").persons_lost == 0.0
    assert held.points["nearest_facility_id"].tolist() == ["F001", "F001"]
    assert held.close("F001").persons_lost == 2.0
    assert held.points["nearest_cost"].tolist() == [5_000.0, 4_910.0]
    held.close("F002")
    assert held.points["nearest_facility_id"].tolist() == [None, None]
    assert np.isinf(held.points["nearest_cost"]).all()
    assert held.open("F000").persons_gained == 2.0


def test_nobody_of_a_settlement_is_no_fault() -> None:
    """A rule for herders in a world without any stays silent."""
    held = HeldCoverage(world([(0, 0)], [(0, 0)]), standard(circle(5.0, settlement="pastoral")))
    assert np.isnan(held.share)
    assert len(held.move("F000", x_m=1.0, y_m=2.0).points) == 0


def test_changes_that_do_not_fit_are_refused_and_change_nothing() -> None:
    """Unknown, taken, open already, closed already, a point that is none, a rule along streets."""
    some = world([(0, 0)], [(0, 0), (9, 0)], status=["existing", "candidate"])
    held = HeldCoverage(some, standard(circle(5.0)))
    before = held.facilities
    with pytest.raises(UnknownNameError, match="F000"):
        held.close("F00")
    with pytest.raises(InputError, match="already in the table"):
        held.add("F001", x_m=0, y_m=0)
    with pytest.raises(InputError, match="already open"):
        held.open("F000")
    with pytest.raises(InputError, match="not open"):
        held.close("F001")
    with pytest.raises(InputError, match="missing or infinite"):
        held.move("F000", x_m=float("nan"), y_m=0)
    with pytest.raises(InputError, match="missing or infinite"):
        held.add("F9", x_m=float("nan"), y_m=0)
    with pytest.raises(UnknownNameError, match="branch"):
        held.add("F9", x_m=0, y_m=0, level="brunch")
    pd.testing.assert_frame_equal(held.facilities, before)
    assert held.persons == 1.0


def test_a_rule_along_streets_is_refused() -> None:
    """Streets are measured anew; the message says so."""
    from cultureplan.travel.streets import Streets

    streets = cp.CircleRule(settlement="urban", limit=15, mode=Streets())
    with pytest.raises(InputError, match="follows streets"):
        HeldCoverage(world([(0, 0)], [(0, 0)]), standard(streets))
