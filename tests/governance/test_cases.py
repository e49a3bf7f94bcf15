"""Rectification cases: only legal moves in any order of events, and a history that survives a crash."""

from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.governance.case_store import CaseStore
from cultureplan.governance.cases import CLAUSES, Case, CaseState, Move, MoveKind, Trigger, open_case
from cultureplan.standards.catalogue import load_standard

DAY = dt.date(2024, 3, 1)


def move(kind, day=0, **more):
    """A move so many days after the first day, with what its kind needs."""
    date = DAY + dt.timedelta(days=day)
    needed = {
        "order": {"deadline": date + dt.timedelta(days=30)},
        "recheck": {"passed": True},
        "hold_to_account": {"trigger": "slow"},
    }.get(kind, {})
    return Move(kind=kind, date=date, **({"by": "OFF"} | needed | more))


def test_a_case_goes_its_way():
    """Criticised, ordered, re-checked, closed: each step is there, with its clause."""
    case = open_case("1", unit="U", date=DAY).replay(
        [move("order", 1), move("recheck", 20), move("close", 21)]
    )
    assert case.state == CaseState.CLOSED
    assert not case.is_open
    assert case.deadline == DAY + dt.timedelta(days=31)
    for kind in MoveKind:
        load_standard("kundulun-2020").requirement(CLAUSES[kind])


def test_a_failed_recheck_leads_to_a_new_order_or_to_accountability():
    """What was not put right cannot be closed; what was cannot be held against the unit."""
    failed = open_case("1", unit="U", date=DAY).replay([move("order"), move("recheck", passed=False)])
    assert failed.allowed_moves() == (MoveKind.ORDER, MoveKind.HOLD_TO_ACCOUNT)
    assert failed.apply(move("hold_to_account", trigger="fake")).state == CaseState.ACCOUNTABILITY
    passed = open_case("1", unit="U", date=DAY).replay([move("order"), move("recheck")])
    assert passed.allowed_moves() == (MoveKind.CLOSE,)


@pytest.mark.parametrize(
    ("moves", "code"),
    [
        ([move("close")], "cases.illegal_move"),
        ([move("criticise")], "cases.illegal_move"),
        ([move("order"), move("order")], "cases.illegal_move"),
        ([move("order"), move("recheck", passed=False), move("close")], "cases.illegal_move"),
        ([move("order"), move("recheck"), move("close"), move("order")], "cases.illegal_move"),
        ([move("order", deadline=None)], "cases.needs_deadline"),
        ([move("order", deadline=DAY - dt.timedelta(days=1))], "cases.needs_deadline"),
        ([move("order"), move("recheck", passed=None)], "cases.needs_office"),
        ([move("order"), move("recheck", by="U")], "cases.needs_office"),
        ([move("order"), move("hold_to_account", trigger=None)], "cases.needs_trigger"),
        ([move("order", 5), move("recheck", 4)], "cases.back_in_time"),
    ],
)
def test_illegal_moves_raise(moves, code):
    """A move that the state or its own kind does not allow is one clear error in both languages."""
    with pytest.raises(InputError) as caught:
        open_case("1", unit="U", date=DAY).replay(moves)
    assert [fault.code for fault in caught.value.faults] == [code]
    assert all(caught.value.render(lang) for lang in ("en", "zh"))


def test_words_outside_the_vocabulary_are_refused():
    """A move or trigger of another name is not accepted."""
    with pytest.raises(InputError):
        Move(kind="forget", date=DAY, by="OFF")
    with pytest.raises(InputError):
        move("hold_to_account", trigger="lazy")


def test_a_case_is_overdue_after_its_deadline():
    """Overdue counts only while rectifying, and only after the day itself."""
    case = open_case("1", unit="U", date=DAY).apply(move("order"))
    assert not case.is_overdue(case.deadline)
    assert case.is_overdue(case.deadline + dt.timedelta(days=1))
    assert not case.apply(move("recheck")).is_overdue(DAY + dt.timedelta(days=400))


class CaseMachine(RuleBasedStateMachine):
    """Any order of moves, legal or not, against a plain model of what the rules allow."""

    @initialize()
    def open(self):
        """Open the case."""
        self.case, self.state, self.passed, self.day = (
            open_case("1", unit="U", date=DAY),
            "criticised",
            None,
            0,
        )

    @rule(kind=st.sampled_from(list(MoveKind)), passed=st.booleans(), later=st.integers(0, 5))
    def step(self, kind, passed, later):
        """Try a move: it is taken exactly where the plain rules allow it."""
        legal = {
            ("criticised", "order"): "rectifying",
            ("rectifying", "recheck"): "rechecked",
            ("rectifying", "hold_to_account"): "accountability",
            ("rechecked", "close"): "closed" if self.passed else None,
            ("rechecked", "order"): None if self.passed else "rectifying",
            ("rechecked", "hold_to_account"): None if self.passed else "accountability",
        }.get((self.state, str(kind)))
        more = {"passed": passed} if kind == MoveKind.RECHECK else {}
        attempt = move(str(kind), self.day + later, **more)
        if legal is None:
            with pytest.raises(InputError):
                self.case.apply(attempt)
            return
        before = self.case
        self.case = before.apply(attempt)
        assert before.moves == self.case.moves[:-1]  # nothing earlier is changed
        self.state, self.day = legal, self.day + later
        if kind == MoveKind.RECHECK:
            self.passed = passed

    @precondition(lambda self: hasattr(self, "case"))
    @invariant()
    def agrees(self):
        """State, openness and history agree with the model."""
        assert str(self.case.state) == self.state
        assert self.case.is_open == (self.state not in ("closed", "accountability"))
        assert Case(id="1", unit="U").replay(self.case.moves) == self.case


CaseMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
test_cases_keep_to_the_rules_in_any_order = CaseMachine.TestCase


def test_the_store_keeps_every_step(tmp_path):
    """What is written reads back after the file was closed; unknown and repeated ids are refused."""
    path = tmp_path / "cases.sqlite"
    with CaseStore(path) as store:
        store.add(open_case("A", unit="U", date=DAY, requirement="S-AREA-01"))
        store.append("A", move("order", note="里程碑"))
        with pytest.raises(InputError):
            store.add(open_case("A", unit="U", date=DAY))
        with pytest.raises(InputError):
            store.append("A", move("close"))
        with pytest.raises(UnknownNameError, match="A"):
            store.append("B", move("order"))
    with CaseStore(path) as store:
        store.validate()
        assert store.n_moves == 2
        case = store.case("A")
        assert case == open_case("A", unit="U", date=DAY, requirement="S-AREA-01").apply(
            move("order", note="里程碑")
        )
        assert store.overdue(DAY + dt.timedelta(days=60)) == (case,)


def test_history_cannot_be_rewritten(tmp_path):
    """The database itself refuses to change or delete a step or a case."""
    path = tmp_path / "cases.sqlite"
    with CaseStore(path) as store:
        store.add(open_case("A", unit="U", date=DAY))
    connection = sqlite3.connect(path)
    for statement in (
        "UPDATE moves SET move = '{}'",
        "DELETE FROM moves",
        "UPDATE cases SET unit = 'X'",
        "DELETE FROM cases",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


def test_another_file_is_no_store(tmp_path):
    """A file of something else is refused, and left as it is."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but a long enough text to look at " * 40)
    before = path.read_bytes()
    with pytest.raises(InputError):
        CaseStore(path)
    assert path.read_bytes() == before


WRITER = """
import datetime as dt, sys
from cultureplan.governance.case_store import CaseStore
from cultureplan.governance.cases import Move, open_case

store, day = CaseStore(sys.argv[1]), dt.date(2024, 3, 1)
start = len(store.ids)
for number in range(start, start + 100_000):
    case = f"C{number}"
    store.add(open_case(case, unit="U", date=day))
    print(f"{case} 1", flush=True)
    step = 1
    for move in (
        Move(kind="order", date=day, by="OFF", deadline=day, note="x" * 20_000),
        Move(kind="recheck", date=day, by="OFF", passed=True),
        Move(kind="close", date=day, by="OFF"),
    ):
        store.append(case, move)
        step += 1
        print(f"{case} {step}", flush=True)
"""


def test_nothing_confirmed_is_lost_when_the_writer_is_killed(tmp_path):
    """Killed 50 times in the middle of writing, the store has every confirmed step and no half one."""
    path, rng = tmp_path / "cases.sqlite", np.random.default_rng(5)
    CaseStore(path).close()
    confirmed: dict[str, int] = {}
    for _ in range(50):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        first = writer.stdout.readline()
        time.sleep(float(rng.uniform(0.0, 0.03)))
        writer.kill()
        lines = [first, *writer.stdout.read().splitlines()]
        writer.stdout.close()
        writer.wait()
        for line in lines:
            parts = line.split()
            if len(parts) == 2:
                confirmed[parts[0]] = max(confirmed.get(parts[0], 0), int(parts[1]))
        with CaseStore(path) as store:
            store.validate()
            for case, steps in confirmed.items():
                assert len(store.case(case).moves) >= steps
            unconfirmed = store.n_moves - sum(confirmed.values())
            # at most the one step that was on disk when the writer died before it could say so, each time
            assert 0 <= unconfirmed <= 1
            for case in store.cases():
                confirmed[case.id] = len(case.moves)
    assert len(confirmed) > 50


def test_two_writers_do_not_overwrite_each_other(tmp_path):
    """Of two writers that want the same step, one gets it and the other is told the state."""
    path = tmp_path / "cases.sqlite"
    with CaseStore(path) as first, CaseStore(path) as second:
        first.add(open_case("A", unit="U", date=DAY))
        first.append("A", move("order"))
        with pytest.raises(InputError):
            second.append("A", move("order"))
        assert second.append("A", move("recheck")).state == CaseState.RECHECKED
        assert first.case("A") == second.case("A")


def test_triggers_are_those_of_the_paper():
    """The four reasons for accountability are the four codes of K-RS-05."""
    assert {str(t) for t in Trigger} == set(
        load_standard("kundulun-2020").requirement("K-RS-05").check["allowed"]
    )
