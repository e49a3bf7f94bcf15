"""Right, usually wrong, or wrong: an answer held against what is known about its exercise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pandas as pd

from cultureplan.base.errors import CulturePlanError
from cultureplan.base.messages import Lang, text
from cultureplan.lab.exercises.book import Exercise, Kind
from cultureplan.lab.exercises.reading import is_unanswered, read_answer
from cultureplan.lab.exercises.verdict import Status, Verdict

RIGHT = "right"
# unit of the answer -> (slip, factor between what was given and what is right)
_FACTORS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "share": (("percent", 100.0),),
    "persons": (("thousands", 1e-3), ("ten_thousands", 1e-4)),
    "m": (("kilometres", 1e-3),),
    "km": (("metres_for_km", 1e3),),
    "m2": (("square_kilometres", 1e-6),),
    "km2": (("square_metres", 1e6),),
    "minutes": (("seconds", 60.0), ("hours", 1 / 60)),
}
_SLIP_TOLERANCE = 0.002
_NEARLY = 0.03


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a judge found in a plan: ``right``, or the name of a finding and what its words speak of."""

    code: str = RIGHT
    values: Mapping[str, object] = field(default_factory=dict)


def judge(exercise: Exercise, answer: object, lang: Lang) -> Verdict:
    """Return what is to be said to an answer; raises nothing, whatever the answer is.

    Parameters
    ----------
    exercise : Exercise
        What was asked.
    answer : object
        Anything.
    lang : {"en", "zh"}
        Language.
    """
    if is_unanswered(answer):
        return _verdict(exercise, Status.UNANSWERED, text("exercises.write_yours", lang), lang)
    try:
        value = read_answer(exercise, answer, lang)
        if exercise.is_guess:
            return _verdict(exercise, Status.NOTED, text("exercises.run_on", lang), lang)
        found = _COMPARE[exercise.kind](exercise, value, lang)
    except CulturePlanError as error:
        return _verdict(exercise, Status.UNREADABLE, error.render(lang), lang)
    except Exception as error:  # whatever an answer's own methods raise: a lesson goes on
        why = text("exercises.unreadable", lang, type=type(answer).__name__, why=f"{error}"[:120])
        return _verdict(exercise, Status.UNREADABLE, why, lang)
    if found is None:
        return _verdict(exercise, Status.RIGHT, exercise.because[lang], lang)
    slip, message = found
    return _verdict(exercise, Status.WRONG, message, lang, slip=slip)


def _verdict(exercise: Exercise, status: Status, message: str, lang: Lang, *, slip: str = "") -> Verdict:
    points = exercise.points if status in (Status.RIGHT, Status.NOTED) else 0
    return Verdict(
        exercise_id=exercise.id, status=status, message=message, points=points,
        out_of=exercise.points, slip=slip, lang=lang,
    )  # fmt: skip


def _number(exercise: Exercise, value: float, lang: Lang) -> tuple[str, str] | None:
    right = float(exercise.value)
    if abs(value - right) <= exercise.tolerance:
        return None
    for usual in exercise.wrong:
        if abs(value - float(usual.value)) <= usual.tolerance:
            return usual.name, usual.words[lang]
    slip = _slip(exercise, value, right)
    if slip:
        return slip, text(f"exercises.slip_{slip}", lang)
    side = "too_high" if value > right else "too_low"
    return "other", _with_hint(exercise, text(f"exercises.{side}", lang, value=f"{value:,.6g}"), lang)


def _slip(exercise: Exercise, value: float, right: float) -> str:
    """Return the name of a slip that turns the right number into this one, or an empty text."""

    def is_close(other: float, within: float = _SLIP_TOLERANCE) -> bool:
        return abs(value - other) <= max(within * abs(other), 1e-12)

    whole = 1.0 if exercise.unit == "share" else exercise.total
    if whole is not None and (
        is_close(whole - right) or (exercise.unit == "share" and is_close(100 * (1 - right)))
    ):
        return "complement"
    for slip, factor in _FACTORS.get(exercise.unit, ()):
        if is_close(right * factor, max(_SLIP_TOLERANCE, 1.01 * exercise.tolerance / abs(right or 1.0))):
            return slip
    if right != 0 and is_close(-right):
        return "sign"
    return "rounded" if right != 0 and is_close(right, _NEARLY) else ""


def _ids(exercise: Exercise, value: frozenset[str], lang: Lang) -> tuple[str, str] | None:
    right = frozenset(map(str, exercise.value))
    if value == right:
        return None
    for usual in exercise.wrong:
        if value == frozenset(map(str, usual.value)):
            return usual.name, usual.words[lang]
    hit = len(value & right)
    said = text("exercises.some_ids", lang, hit=hit, given=len(value), asked=len(right))
    return "other", _with_hint(exercise, said, lang)


def _choice(exercise: Exercise, value: str, lang: Lang) -> tuple[str, str] | None:
    if value == exercise.value:
        return None
    for usual in exercise.wrong:
        if value == usual.value:
            return usual.name, usual.words[lang]
    return "other", _with_hint(exercise, text("exercises.not_this_one", lang), lang)


def _table(exercise: Exercise, value: pd.Series, lang: Lang) -> tuple[str, str] | None:
    right = pd.Series({str(name): float(number) for name, number in exercise.value.items()})
    missing = right.index.difference(value.index)
    if len(missing):
        return "rows_missing", text("exercises.rows_missing", lang, rows=", ".join(missing[:5]))
    given = value.reindex(right.index)
    if not ((given - right).abs() > exercise.tolerance).any():
        return None
    for usual in exercise.wrong:
        other = pd.Series({str(name): float(number) for name, number in usual.value.items()})
        if not ((given - other).abs() > usual.tolerance).any():
            return usual.name, usual.words[lang]
    slips = {_slip(exercise, float(one), float(two)) for one, two in zip(given, right, strict=True)}
    if len(slips) == 1 and (slip := slips.pop()):
        return slip, text(f"exercises.slip_{slip}", lang)
    rows = right.index[(given - right).abs() > exercise.tolerance]
    return "other", _with_hint(exercise, text("exercises.rows_differ", lang, rows=", ".join(rows[:5])), lang)


def _plan(exercise: Exercise, value: Any, lang: Lang) -> tuple[str, str] | None:
    module, _, function = exercise.judge.partition(":")
    judged: Callable[[Any], Found] = getattr(
        import_module(f"cultureplan.lab.exercises.judges.{module}"), function
    )
    found = judged(value)
    if found.code == RIGHT:
        return None
    return found.code, exercise.findings[found.code][lang].format(**found.values)


def _with_hint(exercise: Exercise, message: str, lang: Lang) -> str:
    return "\n".join(part for part in (message, exercise.hint[lang]) if part)


_COMPARE: Mapping[Kind, Callable[[Exercise, Any, Lang], tuple[str, str] | None]] = {
    Kind.NUMBER: _number,
    Kind.INTEGER: _number,
    Kind.IDS: _ids,
    Kind.CHOICE: _choice,
    Kind.TABLE: _table,
    Kind.PLAN: _plan,
}
