"""Exercises: right, usually wrong, and unreadable answers, in both languages, and nothing raised."""

from __future__ import annotations

import importlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultureplan.base.errors import CulturePlanError
from cultureplan.base.messages import LANGS
from cultureplan.lab.exercises import (
    Status,
    WrongAnswerError,
    begin_lesson,
    check,
    find_exercise,
    hint,
    lessons,
    reveal,
    strict,
)
from cultureplan.lab.exercises.book import Exercise, Kind, Lesson
from cultureplan.lab.exercises.judging import judge

EVERY = [exercise for lesson in lessons().values() for exercise in lesson.exercises]


@pytest.fixture(autouse=True)
def _open_lesson(monkeypatch):
    """Each test begins a lesson of its own, and the environment is not strict."""
    monkeypatch.delenv("CULTUREPLAN_STRICT", raising=False)
    begin_lesson(2, lang="en")


@pytest.mark.parametrize("exercise", EVERY, ids=lambda exercise: exercise.id)
def test_an_exercise_is_complete_in_both_languages(exercise: Exercise):
    """Question, reason and every hint are worded twice; a plan, and nothing else, has a judge."""
    for lang in LANGS:
        assert exercise.question[lang]
        assert exercise.because[lang]
        assert exercise.hint[lang] or exercise.is_guess
        assert all(usual.words[lang] for usual in exercise.wrong)
        assert all(words[lang] for words in exercise.options.values())
        assert all(words[lang] for words in exercise.findings.values())
    assert bool(exercise.judge) == (exercise.kind is Kind.PLAN) == (exercise.value is None)
    if exercise.judge:
        module, _, function = exercise.judge.partition(":")
        assert callable(
            getattr(importlib.import_module(f"cultureplan.lab.exercises.judges.{module}"), function)
        )


@pytest.mark.parametrize(
    "exercise", [e for e in EVERY if e.kind is not Kind.PLAN and not e.is_guess], ids=lambda e: e.id
)
def test_the_stored_answer_is_right_and_each_usual_wrong_one_gets_its_own_hint(exercise: Exercise):
    """The right value is never taken for a slip, and no slip is so near that it passes or hides another."""
    for lang in LANGS:
        assert judge(exercise, exercise.value, lang).status is Status.RIGHT
        for usual in exercise.wrong:
            verdict = judge(exercise, usual.value, lang)
            assert (verdict.status, verdict.slip) == (Status.WRONG, usual.name)
            assert verdict.message == usual.words[lang]


NOT_ANSWERED = [..., None, "", " ", "...", "…", "?", "？", [...], {"a": None}]
UNREADABLE = [
    True, np.bool_(False), "84 %", b"1", float("nan"), np.nan, pd.NA, pd.NaT, float("inf"), -np.inf, 10**400,
    1j, [1, 2], np.zeros((3, 3)), pd.Series([1, 2]), pd.DataFrame({"a": [1, 2]}), {"a": 1}, {1, 2}, object(),
    len, int, range(5), lambda: 3, np.datetime64("2026-01-01"), pd.Timestamp("2026-01-01"),
]  # fmt: skip


@pytest.mark.parametrize("answer", NOT_ANSWERED, ids=repr)
def test_three_dots_and_their_like_are_no_answer(answer):
    """An exercise that nobody touched is neither wrong nor an error, even in strict mode."""
    with strict():
        verdict = check("2.2", answer)
    assert verdict.status is Status.UNANSWERED
    assert not verdict


@pytest.mark.parametrize("answer", UNREADABLE, ids=[f"{n}" for n in range(len(UNREADABLE))])
@pytest.mark.parametrize("lang", LANGS)
def test_what_is_no_number_is_said_kindly(answer, lang):
    """Nothing is raised, and the message says what is asked in the language of the lesson."""
    verdict = check("2.2", answer, lang=lang)
    assert verdict.status is Status.UNREADABLE
    assert verdict.message
    assert ("练习" in repr(verdict)) == (lang == "zh")


@pytest.mark.parametrize(
    "answer", [92_575, 92_575.0, np.float32(92_575), np.int64(92_575), np.array(92_575), pd.Series([92_575])]
)
def test_a_number_is_read_from_whatever_holds_one(answer):
    """A plain number, a numpy scalar, and an array or column with a single element mean the same."""
    assert check("2.2", answer).status is Status.RIGHT


@pytest.mark.parametrize(
    ("exercise_id", "answer", "slip"),
    [
        ("2.5", 78.529, "percent"),
        ("2.5", 0.21471, "complement"),
        ("2.2", 492_922, "complement"),
        ("2.2", 9.2575, "ten_thousands"),
        ("2.2", 92.575, "thousands"),
        ("2.2", -92_575, "sign"),
        ("2.2", 93_000, "rounded"),
        ("2.2", 37, "points_for_people"),
        ("2.2", 258_467, "not_assessed_counted"),
        ("2.3", 1.0, "kilometres"),
        ("2.3", 1_200, "detour_forgotten"),
        ("2.2", 5, "other"),
    ],
)
def test_usual_slips_are_recognised(exercise_id, answer, slip):
    """Percent for share, covered for uncovered, thousands and 万, kilometres, a lost sign, rounding."""
    if find_exercise(exercise_id).kind is Kind.INTEGER and answer != int(answer):
        assert check(exercise_id, answer).status is Status.UNREADABLE
        return
    verdict = check(exercise_id, answer)
    assert (verdict.status, verdict.slip) == (Status.WRONG, slip)


def make(**given) -> Exercise:
    """An exercise of its own for a test."""
    words = {"en": "words", "zh": "话"}
    usual = {
        "id": "2.9", "kind": Kind.NUMBER, "is_guess": False, "points": 1, "question": words, "hint": words,
        "because": words, "value": 1.0, "tolerance": 0.0, "unit": "", "total": None, "options": {},
        "wrong": (), "judge": "", "findings": {},
    }  # fmt: skip
    return Exercise(**{**usual, **given})


@pytest.mark.parametrize(
    "answer",
    [["a", "b"], ("b", "a"), {"a", "b"}, np.array(["a", "b"]), pd.Index(["b", "a"]), pd.Series(["a", "b"]),
     pd.Series([1, 2], index=["a", "b"]), pd.DataFrame({"facility_id": ["b", "a"]}),
     pd.DataFrame({"x": [1, 2]}, index=["a", "b"]), {"a": 1, "b": 2}],
    ids=[f"form{n}" for n in range(10)],
)  # fmt: skip
def test_ids_are_a_set_in_whatever_form_they_come(answer):
    """Order and container do not matter; a table is read by its ids."""
    exercise = make(kind=Kind.IDS, value=["a", "b"])
    assert judge(exercise, answer, "en").status is Status.RIGHT
    assert judge(exercise, ["a", "c"], "en").message.startswith("1 of the 2")


def test_a_choice_is_given_by_its_letter_or_its_words():
    """In either language and in any case; anything else lists the options."""
    exercise = make(
        kind=Kind.CHOICE, value="b", options={"a": {"en": "few", "zh": "少"}, "b": {"en": "many", "zh": "多"}}
    )
    assert all(judge(exercise, answer, "en") for answer in ("b", "B ", "many", "多"))
    assert judge(exercise, "a", "en").status is Status.WRONG
    assert "many" in judge(exercise, "z", "en").message


def test_a_table_is_compared_row_by_row():
    """Rows in any order; missing and differing ones are named; a slip made in every row is recognised."""
    exercise = make(kind=Kind.TABLE, value={"x": 0.2, "y": 0.4}, unit="share", tolerance=0.001)
    assert judge(exercise, pd.Series({"y": 0.4, "x": 0.2}), "en").status is Status.RIGHT
    assert judge(exercise, {"x": 20.0, "y": 40.0}, "en").slip == "percent"
    assert "y" in judge(exercise, {"x": 0.2}, "en").message
    assert "y" in judge(exercise, {"x": 0.2, "y": 0.9}, "en").message


def test_a_guess_is_noted_and_held_against_what_was_found():
    """No guess is wrong; the figure it is held against must be the lesson's own, in strict mode."""
    assert check("2.1", 0.9).status is Status.NOTED
    assert "0.9" in reveal("2.1", 0.39751).message
    with strict(), pytest.raises(WrongAnswerError):
        reveal("2.1", 0.5)


def test_strict_mode_raises_on_wrong_and_unreadable_answers(monkeypatch):
    """By the context manager and by the environment; the error names exercise and answer."""
    with strict():
        assert check("2.2", 92_575)
        with pytest.raises(WrongAnswerError, match=r"2\.2.*37"):
            check("2.2", 37)
    monkeypatch.setenv("CULTUREPLAN_STRICT", "1")
    with pytest.raises(WrongAnswerError):
        check("2.2", "many")


def test_an_unknown_exercise_is_no_error_to_check():
    """A mistyped id names the closest one; asking for its hint is a programmer's error."""
    verdict = check("2.22", 5)
    assert verdict.status is Status.UNREADABLE
    assert "2.2" in verdict.message
    with pytest.raises(CulturePlanError):
        hint("2.22")


class Hostile:
    """An answer whose every method raises."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __str__(self):
        raise RuntimeError("str")

    __repr__ = __float__ = __iter__ = __eq__ = __hash__ = __array__ = __str__


@pytest.mark.parametrize("exercise", EVERY, ids=lambda exercise: exercise.id)
def test_no_answer_makes_an_exercise_raise(exercise: Exercise, tmp_path, monkeypatch):
    """Each kind, and each judge of plans, survives answers that make no sense."""
    monkeypatch.chdir(tmp_path)
    for answer in (
        -7,
        "x",
        [],
        {},
        ["nowhere"],
        {"nowhere": 1},
        object(),
        Hostile(),
        [1, [2]],
        pd.DataFrame(),
    ):
        verdict = check(exercise.id, answer, lang="zh")
        assert verdict.status is not Status.RIGHT
        assert repr(verdict)


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.text() | st.binary(), st.lists, max_leaves=5)
)
def test_no_plain_value_raises(answer):
    """Whatever Python value is typed, something is said, as text and as HTML."""
    for exercise_id in ("2.2", "2.5", "3.1", "1.3", "2.6"):
        verdict = check(exercise_id, answer)
        assert isinstance(verdict._repr_html_(), str)


def test_a_verdict_escapes_what_was_typed():
    """An answer with markup is shown, not run."""
    assert "<script>" not in check("2.2", "<script>alert(1)</script>")._repr_html_()


def test_lessons_are_in_order():
    """By number, extra lessons last."""
    numbers = list(lessons())
    assert numbers[:6] == ["1", "2", "3", "4", "5", "6"]
    assert [n for n in numbers if not n.isdigit()] == numbers[len([n for n in numbers if n.isdigit()]) :]
    assert all(isinstance(lesson, Lesson) and all(lesson.title.values()) for lesson in lessons().values())
