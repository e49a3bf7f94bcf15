"""Exercises of the lessons: check an answer, ask for a hint, keep answers, mark a class.

No accounts, and nothing leaves the machine: answers live in memory until they are saved to a file.
"""

from __future__ import annotations

from cultureplan.lab.exercises.book import Exercise, Lesson, find_exercise, find_lesson, lessons
from cultureplan.lab.exercises.checking import (
    WrongAnswerError,
    begin_lesson,
    check,
    hint,
    is_strict,
    reveal,
    strict,
)
from cultureplan.lab.exercises.marking import ClassSummary, class_summary, progress, save_answers
from cultureplan.lab.exercises.verdict import Status, Verdict

__all__ = [
    "ClassSummary",
    "Exercise",
    "Lesson",
    "Status",
    "Verdict",
    "WrongAnswerError",
    "begin_lesson",
    "check",
    "class_summary",
    "find_exercise",
    "find_lesson",
    "hint",
    "is_strict",
    "lessons",
    "progress",
    "reveal",
    "save_answers",
    "strict",
]
