"""What a learner calls: open a lesson, check an answer, ask for a hint, hold a guess against the result."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from cultureplan.base.errors import CulturePlanError, Fault
from cultureplan.base.messages import Lang, text
from cultureplan.lab.exercises.book import Exercise, Kind, find_exercise, find_lesson
from cultureplan.lab.exercises.judging import judge
from cultureplan.lab.exercises.reading import is_unanswered
from cultureplan.lab.exercises.record import RECORD, Attempt
from cultureplan.lab.exercises.verdict import Status, Verdict

STRICT = "CULTUREPLAN_STRICT"
_SHOWN = 200  # characters of an answer that are kept


class WrongAnswerError(CulturePlanError, AssertionError):
    """An answer is not right, in strict mode."""


class _Strictness:
    """Whether strict mode was switched on in this process; the environment may do so too."""

    depth = 0


@contextmanager
def strict() -> Iterator[None]:
    """Raise on a wrong answer instead of saying so, inside a ``with`` block.

    The environment variable ``CULTUREPLAN_STRICT=1`` does the same for a whole process: that is how the
    lessons' own solutions are tested. ``...`` is no wrong answer.

    Examples
    --------
    >>> from cultureplan.lab.exercises import check, strict
    >>> with strict():
    ...     verdict = check("7.1", ...)
    >>> verdict.status
    <Status.UNANSWERED: 'unanswered'>
    """
    _Strictness.depth += 1
    try:
        yield
    finally:
        _Strictness.depth -= 1


def is_strict() -> bool:
    """Return whether a wrong answer raises."""
    return _Strictness.depth > 0 or os.environ.get(STRICT, "") not in ("", "0")


def begin_lesson(lesson: int | str, *, lang: Lang = "en") -> Verdict:
    """Open a lesson: answers are said in its language from here on, and earlier ones are forgotten.

    Parameters
    ----------
    lesson : int or str
        Number of the lesson, or ``"x1"`` for an extra one.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    Verdict
        Its title, and how many exercises and points it has.

    Raises
    ------
    UnknownNameError
        If there is no such lesson.
    """
    opened = find_lesson(str(lesson))
    RECORD.begin(opened.id, lang)
    points = sum(exercise.points for exercise in opened.exercises)
    message = text("exercises.lesson_has", lang, n=len(opened.exercises), points=points)
    title = text("exercises.lesson", lang, id=opened.id, title=opened.title[lang])
    return Verdict(exercise_id=opened.id, status=Status.NOTED, message=message, lang=lang, title=title)


def check(exercise_id: str, answer: object = ..., *, lang: Lang | None = None) -> Verdict:
    """Return what is to be said to an answer; shown in a notebook as a coloured box.

    Right answers are recognised within a tolerance, usual wrong ones get a hint that teaches. Nothing leaves
    the machine; :func:`save_answers` writes a file when it is called.

    Parameters
    ----------
    exercise_id : str
        Such as ``"2.3"``.
    answer : object
        A number, ids, a choice, a table or a plan, as the exercise asks; ``...`` where there is none yet.
    lang : {"en", "zh"}, optional
        Language; that of the open lesson where not given.

    Returns
    -------
    Verdict
        True where the answer is right.

    Raises
    ------
    WrongAnswerError
        In strict mode alone.

    Examples
    --------
    >>> from cultureplan.lab.exercises import check
    >>> check("7.1", ...).status
    <Status.UNANSWERED: 'unanswered'>
    """
    lang = lang or RECORD.lang
    try:
        exercise = find_exercise(str(exercise_id))
    except CulturePlanError as error:
        verdict = Verdict(
            exercise_id=str(exercise_id), status=Status.UNREADABLE, message=error.render(lang), lang=lang
        )
    else:
        verdict = judge(exercise, answer, lang)
        if verdict.status is not Status.UNANSWERED:
            RECORD.attempts.append(Attempt(verdict=verdict, answer=_short(answer)))
    if is_strict() and verdict.status in (Status.WRONG, Status.UNREADABLE):
        values = {"id": verdict.exercise_id, "answer": _short(answer), "said": verdict.message}
        raise WrongAnswerError(Fault(code="exercises.wrong_answer", values=values))
    return verdict


def hint(exercise_id: str, *, lang: Lang | None = None) -> Verdict:
    """Return the hint of an exercise.

    Parameters
    ----------
    exercise_id : str
        Such as ``"2.3"``.
    lang : {"en", "zh"}, optional
        Language; that of the open lesson where not given.

    Raises
    ------
    UnknownNameError
        If there is no such exercise.
    """
    lang = lang or RECORD.lang
    exercise = find_exercise(exercise_id)
    message = exercise.hint[lang] or exercise.question[lang]
    title = text("exercises.hint_for", lang, id=exercise.id)
    return Verdict(exercise_id=exercise.id, status=Status.UNANSWERED, message=message, lang=lang, title=title)


def reveal(exercise_id: str, found: object = None, *, lang: Lang | None = None) -> Verdict:
    """Hold a guess, given before, against what was found since.

    Parameters
    ----------
    exercise_id : str
        A guess, such as ``"7.1"``.
    found : object, optional
        What was computed: in strict mode it must agree with what the lesson says.
    lang : {"en", "zh"}, optional
        Language; that of the open lesson where not given.

    Raises
    ------
    UnknownNameError
        If there is no such exercise.
    WrongAnswerError
        In strict mode, if what was found is not what the lesson says.
    """
    lang = lang or RECORD.lang
    exercise = find_exercise(exercise_id)
    if is_strict() and not is_unanswered(found):
        _insist(exercise, found, lang)
    guess = RECORD.best().get(exercise_id)
    it_is = text("exercises.it_is", lang, value=answer_words(exercise, lang))
    said = text("exercises.you_guessed", lang, guess=guess.answer) if guess else ""
    message = "\n".join(part for part in (said, it_is, exercise.because[lang]) if part)
    title = text("exercises.your_guess", lang, id=exercise.id)
    return Verdict(exercise_id=exercise.id, status=Status.NOTED, message=message, lang=lang, title=title)


def answer_words(exercise: Exercise, lang: Lang) -> str:
    """Return the right answer of an exercise in words."""
    value = exercise.value
    if exercise.kind is Kind.CHOICE:
        return f"{value}: {exercise.options[value][lang]}"
    if exercise.kind is Kind.IDS:
        return ", ".join(map(str, value))
    if exercise.kind is Kind.TABLE:
        return ", ".join(f"{name}: {number:,.6g}" for name, number in value.items())
    if exercise.kind is Kind.PLAN:
        return text("exercises.many_are_right", lang)
    return f"{value:,.6g} {text(f'exercises.unit_{exercise.unit}', lang) if exercise.unit else ''}".strip()


def _insist(exercise: Exercise, found: object, lang: Lang) -> None:
    verdict = judge(replace(exercise, is_guess=False), found, lang)
    if verdict.status is not Status.RIGHT:
        values = {"id": exercise.id, "answer": _short(found), "said": verdict.message}
        raise WrongAnswerError(Fault(code="exercises.wrong_answer", values=values))


def _short(answer: object) -> str:
    try:
        shown = str(answer)
    except Exception:  # an answer's own __str__ may fail; the lesson goes on
        shown = type(answer).__name__
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + " ..."
