"""A learner's answers as a small file, and what a class made of the exercises."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cultureplan.base.errors import CulturePlanError, InputError, MissingFileError, OutputExistsError
from cultureplan.base.messages import Lang, text
from cultureplan.lab.exercises.book import Exercise, Lesson, find_exercise, find_lesson
from cultureplan.lab.exercises.record import RECORD
from cultureplan.lab.exercises.verdict import Status

FORMAT, VERSION = "cultureplan-answers", 1
_OK = (Status.RIGHT, Status.NOTED)
_MOST_BYTES = 1_000_000


def progress(*, lang: Lang | None = None) -> pd.DataFrame:
    """Return where the learner stands in the open lesson.

    Parameters
    ----------
    lang : {"en", "zh"}, optional
        Language of the questions; that of the lesson where not given.

    Returns
    -------
    DataFrame, index exercise
        ``question``, ``status``, ``tries``, ``points``, ``out_of``.
    """
    lang = lang or RECORD.lang
    best = RECORD.best()
    rows = [
        {
            "exercise": exercise.id,
            "question": exercise.question[lang],
            "status": str(best[exercise.id].verdict.status if exercise.id in best else Status.UNANSWERED),
            "tries": RECORD.tries(exercise.id),
            "points": best[exercise.id].verdict.points if exercise.id in best else 0,
            "out_of": exercise.points,
        }
        for exercise in _open_lesson().exercises
    ]
    return pd.DataFrame(rows).set_index("exercise")


def save_answers(path: str | Path, *, name: str = "", replace: bool = False) -> Path:
    """Write the answers of the open lesson to a small JSON file; this is the only way they are kept.

    Parameters
    ----------
    path : str or Path
        File to write.
    name : str
        Whatever the learner wants to be called; may stay empty.
    replace : bool
        Whether a file of that name may be replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputExistsError
        If there is such a file and it may not be replaced.
    """
    target = Path(path)
    if target.exists() and not replace:
        raise OutputExistsError.of("exercises.file_exists", path=str(target))
    best = RECORD.best()
    document = {
        "format": FORMAT,
        "version": VERSION,
        "lesson": _open_lesson().id,
        "lang": RECORD.lang,
        "name": str(name),
        "answers": {
            exercise_id: {
                "status": str(attempt.verdict.status),
                "answer": attempt.answer,
                "tries": RECORD.tries(exercise_id),
                "slips": RECORD.slips(exercise_id),
            }
            for exercise_id, attempt in best.items()
        },
    }
    target.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return target


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassSummary:
    """What a class made of the exercises.

    Parameters
    ----------
    learners : DataFrame, index (learner, lesson)
        ``file``, ``n_solved``, ``n_exercises``, ``points``, ``out_of``, ``share``.
    exercises : DataFrame, index exercise
        ``question``, ``n_answered``, ``n_solved``, ``solved_share`` (of those who handed in that lesson),
        ``mean_tries``.
    mistakes : DataFrame
        ``exercise``, ``slip``, ``n_learners``, ``hint``: the commonest first.
    faults : tuple of str
        Files that were passed over, with the reason.
    """

    learners: pd.DataFrame
    exercises: pd.DataFrame
    mistakes: pd.DataFrame
    faults: tuple[str, ...]

    def _repr_html_(self) -> str:
        tables = (self.learners.drop(columns="file"), self.exercises, self.mistakes)
        return "".join(table.to_html() for table in tables)


def class_summary(folder: str | Path, *, lang: Lang = "en") -> ClassSummary:
    """Return what a class made of the exercises, from a folder of saved answers.

    Points are counted from the exercises as they stand here, not from the files. Where a learner handed in a
    lesson twice, under the same name, each exercise counts as it was answered best.

    Parameters
    ----------
    folder : str or Path
        Folder with files written by :func:`save_answers`, also in folders below it.
    lang : {"en", "zh"}
        Language of questions and hints.

    Raises
    ------
    MissingFileError
        If there is no such folder.
    """
    place = Path(folder)
    if not place.is_dir():
        raise MissingFileError.of("exercises.no_folder", path=str(place))
    rows: list[dict[str, Any]] = []
    handed_in: dict[tuple[str, str], str] = {}
    faults = []
    for file in sorted(place.rglob("*.json")):
        try:
            document = _read_answers(file)
        except CulturePlanError as error:
            faults.append(f"{file.name}: {error.render(lang)}")
            continue
        learner = document["name"] or file.stem
        handed_in.setdefault((learner, document["lesson"]), file.name)
        rows += [
            {"learner": learner, "lesson": document["lesson"], "exercise": exercise_id, **answer}
            for exercise_id, answer in document["answers"].items()
        ]
    answers = pd.DataFrame(
        rows, columns=["learner", "lesson", "exercise", "is_solved", "points", "tries", "slips"]
    )
    return ClassSummary(
        learners=_learners(handed_in, answers),
        exercises=_by_exercise(handed_in, answers, lang),
        mistakes=_mistakes(answers, lang),
        faults=tuple(faults),
    )


def _open_lesson() -> Lesson:
    if not RECORD.lesson:
        raise InputError.of("exercises.none_open")
    return find_lesson(RECORD.lesson)


def _read_answers(file: Path) -> dict[str, Any]:
    """Return a file of answers, checked; points follow from the status alone."""
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise InputError.of("exercises.not_answers", why="size")
        document = json.loads(file.read_text(encoding="utf-8-sig"))
        if document["format"] != FORMAT or document["version"] != VERSION:
            raise InputError.of("exercises.not_answers", why=f"{document['format']} {document['version']}")
        lesson = find_lesson(str(document["lesson"]))
        answers = {key: _read_one(find_exercise(key), one) for key, one in document["answers"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, CulturePlanError):
            raise
        raise InputError.of("exercises.not_answers", why=type(error).__name__) from None
    return {"lesson": lesson.id, "name": str(document.get("name") or "").strip()[:80], "answers": answers}


def _read_one(exercise: Exercise, one: Mapping[str, Any]) -> dict[str, Any]:
    is_solved = Status(one["status"]) in _OK
    return {
        "is_solved": is_solved,
        "points": exercise.points if is_solved else 0,
        "tries": max(int(one.get("tries", 1)), 1),
        "slips": tuple(str(slip) for slip in one.get("slips", [])),
    }


def _learners(handed_in: Mapping[tuple[str, str], str], answers: pd.DataFrame) -> pd.DataFrame:
    columns = ["learner", "lesson", "file", "n_solved", "n_exercises", "points", "out_of", "share"]
    best = {
        (str(one["learner"]), str(one["exercise"])): int(one["points"])
        for one in answers.to_dict("records")
        if one["is_solved"]
    }
    rows = []
    for (learner, lesson_id), file in handed_in.items():
        exercises = find_lesson(lesson_id).exercises
        mine = [best[learner, one.id] for one in exercises if (learner, one.id) in best]
        solved, points, out_of = len(mine), sum(mine), sum(one.points for one in exercises)
        share = points / out_of if out_of else float("nan")
        rows.append((learner, lesson_id, file, solved, len(exercises), points, out_of, share))
    return pd.DataFrame(rows, columns=columns).set_index(["learner", "lesson"])


def _by_exercise(handed_in: Mapping[tuple[str, str], str], answers: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    columns = ["exercise", "question", "n_answered", "n_solved", "solved_share", "mean_tries"]
    rows = []
    for lesson_id in dict.fromkeys(lesson for _, lesson in handed_in):
        n_learners = sum(lesson == lesson_id for _, lesson in handed_in)
        for exercise in find_lesson(lesson_id).exercises:
            mine = answers[answers["exercise"] == exercise.id].groupby("learner")
            solved = int(mine["is_solved"].max().sum()) if len(mine) else 0
            tries = float(mine["tries"].max().mean()) if len(mine) else float("nan")
            question = exercise.question[lang]
            rows.append((exercise.id, question, len(mine), solved, solved / n_learners, tries))
    return pd.DataFrame(rows, columns=columns).set_index("exercise")


def _mistakes(answers: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    columns = ["exercise", "slip", "n_learners", "hint"]
    made: dict[tuple[str, str], set[str]] = {}
    for one in answers.to_dict("records"):
        for slip in one["slips"]:
            made.setdefault((str(one["exercise"]), slip), set()).add(str(one["learner"]))
    rows = [
        (exercise_id, slip, len(learners), _slip_words(find_exercise(exercise_id), slip, lang))
        for (exercise_id, slip), learners in sorted(made.items())
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(["n_learners", "exercise"], ascending=[False, True], ignore_index=True)


def _slip_words(exercise: Exercise, slip: str, lang: Lang) -> str:
    for usual in exercise.wrong:
        if usual.name == slip:
            return usual.words[lang]
    if slip in exercise.findings:
        return exercise.findings[slip][lang]
    return text("exercises.another_answer", lang) if slip == "other" else slip.replace("_", " ")
