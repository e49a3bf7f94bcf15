"""The lessons as files: copy them to a folder to work in, and write an instructor's set with answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from cultureplan.base.errors import InputError, MissingFileError, OutputExistsError
from cultureplan.base.messages import LANGS, Lang, text
from cultureplan.lab.exercises.book import lessons
from cultureplan.lab.exercises.checking import answer_words

# What was copied, by its hash: a copy that nobody changed may be brought up to date.
_LEDGER = ".cultureplan-lessons.json"
_MOST_BACKUPS = 1_000


@dataclass(frozen=True, kw_only=True)
class CopiedLessons:
    """What became of each lesson.

    Parameters
    ----------
    folder : Path
        Where they lie.
    written : tuple of str
        Copied, or brought up to date.
    same : tuple of str
        Already there.
    kept : tuple of str
        Changed by the learner, and therefore left alone.
    backed_up : tuple of str
        Changed by the learner and replaced; names of the copies that were put aside.
    """

    folder: Path
    written: tuple[str, ...]
    same: tuple[str, ...]
    kept: tuple[str, ...]
    backed_up: tuple[str, ...]

    def words(self, lang: Lang = "en") -> str:
        """Return what happened, in a few lines."""
        n = len(self.written) + len(self.same) + len(self.kept)
        lines = [text("lessons.are_in", lang, n=n, folder=self.folder)]
        if self.kept:
            lines.append(text("lessons.kept", lang, n=len(self.kept), files=", ".join(self.kept)))
        if self.backed_up:
            lines.append(text("lessons.backed_up", lang, files=", ".join(self.backed_up)))
        return "\n".join(lines)


def lesson_files(lang: Lang = "en") -> tuple[Path, ...]:
    """Return the notebooks of the lessons in one language, in order.

    Parameters
    ----------
    lang : {"en", "zh"}
        Language.

    Raises
    ------
    MissingFileError
        If this installation has none.
    """
    _validate_lang(lang)
    clone = Path(__file__).resolve().parents[3]
    packed = Path(str(resources.files("cultureplan.lab"))) / "notebooks"
    is_clone = Path(__file__).resolve().parents[2].name == "src" and (clone / "examples" / "lessons").is_dir()
    home = clone / "examples" / "notebooks" if is_clone else packed
    files = tuple(sorted((home / lang).glob("*.ipynb")))
    if not files:
        raise MissingFileError.of("lessons.none_here", path=str(home / lang))
    return files


def copy_lessons(folder: str | Path, *, lang: Lang = "en", force: bool = False) -> CopiedLessons:
    """Copy the lessons to a folder; a lesson that somebody worked in is never overwritten.

    Parameters
    ----------
    folder : str or Path
        Folder to copy to; made where it is missing.
    lang : {"en", "zh"}
        Language.
    force : bool
        Replace changed lessons too, after putting a copy of each aside.

    Returns
    -------
    CopiedLessons

    Raises
    ------
    OutputExistsError
        If there is a file where the folder should be.
    """
    sources = lesson_files(lang)
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise OutputExistsError.of("lessons.not_a_folder", path=str(target))
    target.mkdir(parents=True, exist_ok=True)
    ledger = _read_ledger(target)
    fate: dict[str, list[str]] = {"written": [], "same": [], "kept": [], "backed_up": []}
    for source in sources:
        file, fresh = target / source.name, source.read_bytes()
        held = file.read_bytes() if file.exists() else None
        if held == fresh:
            fate["same"].append(file.name)
        elif held is None or ledger.get(file.name) == _digest(held):
            fate["written"].append(file.name)
            file.write_bytes(fresh)
        elif force:
            fate["backed_up"].append(_put_aside(file).name)
            fate["written"].append(file.name)
            file.write_bytes(fresh)
        else:
            fate["kept"].append(file.name)
            continue
        ledger[file.name] = _digest(fresh)
    (target / _LEDGER).write_text(json.dumps(ledger, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return CopiedLessons(folder=target, **{name: tuple(files) for name, files in fate.items()})


def answers_frame(lang: Lang = "en") -> pd.DataFrame:
    """Return every exercise with its answer, for instructors.

    Parameters
    ----------
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    DataFrame, index exercise
        ``lesson``, ``question``, ``answer``, ``tolerance``, ``points``, ``hint``.
    """
    rows = [
        {
            "exercise": exercise.id,
            "lesson": lesson.title[lang],
            "question": exercise.question[lang],
            "answer": answer_words(exercise, lang),
            "tolerance": exercise.tolerance,
            "points": exercise.points,
            "hint": exercise.hint[lang],
        }
        for lesson in lessons().values()
        for exercise in lesson.exercises
    ]
    return pd.DataFrame(rows).set_index("exercise")


def export_answers(folder: str | Path, *, lang: Lang = "en") -> tuple[Path, ...]:
    """Write an instructor's set: a table of answers and points, and the notebooks with the solutions open.

    Parameters
    ----------
    folder : str or Path
        Folder to write to; must not exist, or be empty.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    tuple of Path
        The files: ``answers.csv`` first, which Excel opens with its Chinese whole.

    Raises
    ------
    OutputExistsError
        If the folder has something in it.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutputExistsError.of("lessons.not_empty", path=str(target))
    target.mkdir(parents=True, exist_ok=True)
    table = target / "answers.csv"
    answers_frame(lang).to_csv(table, encoding="utf-8-sig")
    written = [table]
    for source in lesson_files(lang):
        file = target / source.name
        notebook = _with_open_solutions(json.loads(source.read_text(encoding="utf-8")))
        file.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.append(file)
    return tuple(written)


def _with_open_solutions(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook whose solutions are in plain sight, and whose empty answers are gone."""
    cells = list(notebook["cells"])
    solved = {
        cell["metadata"].get("exercise") for cell in cells if "solution" in cell["metadata"].get("tags", [])
    }

    def opened(cells: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for cell in cells:
            metadata = cell["metadata"]
            if "exercise" in metadata.get("tags", []) and metadata.get("exercise") in solved:
                continue
            kept = {key: value for key, value in metadata.items() if key not in ("jupyter", "collapsed")}
            yield {**cell, "metadata": kept}

    return {**notebook, "cells": list(opened(cells))}


def _read_ledger(folder: Path) -> dict[str, str]:
    try:
        held = json.loads((folder / _LEDGER).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet, or damaged: then every other file counts as changed
        return {}
    return {str(name): str(digest) for name, digest in held.items()} if isinstance(held, dict) else {}


def _put_aside(file: Path) -> Path:
    """Rename a file to the first free name with a number, and return that."""
    for number in range(1, _MOST_BACKUPS):
        aside = file.with_name(f"{file.stem}.mine-{number}{file.suffix}")
        if not aside.exists():
            return file.rename(aside)
    raise OutputExistsError.of("lessons.too_many_backups", path=str(file))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _validate_lang(lang: str) -> None:
    if lang not in LANGS:
        raise InputError.of("lessons.no_language", lang=lang, known=", ".join(LANGS))
