"""What is asked in the lessons: one data file a lesson, read once.

A file ``lab/exercise_data/lesson_NN.toml`` lists the exercises of lesson NN: question, kind of answer, right
value with its tolerance, points, and the usual wrong answers with what they teach, in English and Chinese.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, TypeAlias

from cultureplan.base.errors import InputError, UnknownNameError
from cultureplan.base.messages import LANGS, Lang

Words: TypeAlias = Mapping[Lang, str]
_NAME = re.compile(r"lesson_(\w+)\.toml")
_RELATIVE_TOLERANCE = 0.005


class Kind(StrEnum):
    """What sort of answer an exercise asks for."""

    NUMBER = "number"
    INTEGER = "integer"
    IDS = "ids"
    CHOICE = "choice"
    TABLE = "table"
    PLAN = "plan"


@dataclass(frozen=True, kw_only=True, eq=False)
class WrongAnswer:
    """A wrong answer that people often give.

    Parameters
    ----------
    name : str
        What went wrong, in short; a class summary counts by it.
    value : object
        The answer, of the exercise's kind.
    tolerance : float
        How far a number may be from it.
    words : Mapping
        The hint by language: what the answer would have been right for, and what is missing.
    """

    name: str
    value: Any
    tolerance: float
    words: Words


@dataclass(frozen=True, kw_only=True, eq=False)
class Exercise:
    """One thing that is asked.

    Parameters
    ----------
    id : str
        ``<lesson>.<number>``, such as ``2.3``.
    kind : Kind
        Sort of answer.
    is_guess : bool
        A guess before a result is known: any readable answer is noted, none is wrong.
    points : int
        What it is worth.
    question, hint, because : Mapping
        Words by language; the hint is given on request, `because` after the right answer.
    value : object
        Right answer: a number, a list of ids, the key of an option, a mapping of rows; None for a plan.
    tolerance : float
        How far a number may be from it, in its unit.
    unit : str
        Unit of a number: ``share``, ``persons``, ``m``, ``minutes`` ...
    total : float, optional
        The whole of which the value is a part: its complement is recognised.
    options : Mapping
        Key of a choice -> words by language.
    wrong : tuple of WrongAnswer
        Usual wrong answers.
    judge : str
        ``module:function`` below ``lab.exercises.judges``, for a plan.
    findings : Mapping
        What a judge may find -> words by language.
    """

    id: str
    kind: Kind
    is_guess: bool
    points: int
    question: Words
    hint: Words
    because: Words
    value: Any
    tolerance: float
    unit: str
    total: float | None
    options: Mapping[str, Words]
    wrong: tuple[WrongAnswer, ...]
    judge: str
    findings: Mapping[str, Words]

    @property
    def lesson(self) -> str:
        """The lesson it belongs to, as in its id."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, kw_only=True, eq=False)
class Lesson:
    """The exercises of one lesson.

    Parameters
    ----------
    id : str
        Number of the lesson, or ``x1`` for an extra one.
    title : Mapping
        Words by language.
    exercises : tuple of Exercise
        In the order in which they are asked.
    """

    id: str
    title: Words
    exercises: tuple[Exercise, ...]


@cache
def lessons() -> Mapping[str, Lesson]:
    """Return the lessons that have exercises, by their number; extra ones stand last."""
    found = {}
    for file in resources.files("cultureplan.lab").joinpath("exercise_data").iterdir():
        if name := _NAME.fullmatch(file.name):
            number = name[1].lstrip("0")
            found[number] = _read_lesson(number, tomllib.loads(file.read_text(encoding="utf-8")))
    return MappingProxyType(dict(sorted(found.items(), key=lambda item: lesson_order(item[0]))))


def lesson_order(lesson_id: str) -> tuple[int, str]:
    """Return what lessons are sorted by: numbers first, extra lessons after them."""
    return (int(lesson_id), "") if lesson_id.isdigit() else (1_000, lesson_id)


def find_lesson(lesson_id: str) -> Lesson:
    """Return a lesson.

    Raises
    ------
    UnknownNameError
        If there is none of that number; names the closest one.
    """
    if lesson_id not in lessons():
        raise UnknownNameError.closest("exercises.no_lesson", lesson_id, lessons())
    return lessons()[lesson_id]


def find_exercise(exercise_id: str) -> Exercise:
    """Return an exercise.

    Raises
    ------
    UnknownNameError
        If there is none of that id; names the closest one.
    """
    known = {exercise.id: exercise for lesson in lessons().values() for exercise in lesson.exercises}
    if exercise_id not in known:
        raise UnknownNameError.closest("exercises.no_exercise", str(exercise_id), known)
    return known[exercise_id]


def _read_lesson(number: str, document: Mapping[str, Any]) -> Lesson:
    exercises = tuple(_read_exercise(entry) for entry in document.get("exercise", []))
    for exercise in exercises:
        if exercise.lesson != number:
            raise InputError.of("exercises.wrong_lesson", id=exercise.id, lesson=number)
    return Lesson(id=number, title=_words(document, "title_"), exercises=exercises)


def _read_exercise(entry: Mapping[str, Any]) -> Exercise:
    value = entry.get("value")
    tolerance = float(entry.get("tolerance", _usual_tolerance(entry["kind"], value)))
    return Exercise(
        id=entry["id"],
        kind=Kind(entry["kind"]),
        is_guess=bool(entry.get("is_guess", False)),
        points=int(entry.get("points", 1)),
        question=_words(entry, "question_"),
        hint=_words(entry, "hint_"),
        because=_words(entry, "because_"),
        value=value,
        tolerance=tolerance,
        unit=entry.get("unit", ""),
        total=entry.get("total"),
        options=MappingProxyType({option["key"]: _words(option, "") for option in entry.get("option", [])}),
        wrong=tuple(
            WrongAnswer(
                name=one.get("name", "other"),
                value=one["value"],
                tolerance=float(one.get("tolerance", _usual_tolerance(entry["kind"], one["value"]))),
                words=_words(one, ""),
            )
            for one in entry.get("wrong", [])
        ),
        judge=entry.get("judge", ""),
        findings=MappingProxyType(
            {code: _words(words, "") for code, words in entry.get("finding", {}).items()}
        ),
    )


def _usual_tolerance(kind: str, value: object) -> float:
    if kind == Kind.NUMBER and isinstance(value, int | float):
        return _RELATIVE_TOLERANCE * abs(value)
    if kind == Kind.TABLE and isinstance(value, Mapping):
        return _RELATIVE_TOLERANCE * max((abs(float(one)) for one in value.values()), default=0.0)
    return 0.0


def _words(entry: Mapping[str, Any], prefix: str) -> Words:
    return MappingProxyType({lang: str(entry.get(f"{prefix}{lang}", "")).strip() for lang in LANGS})
