"""What the lessons' files hold: built from their sources, without outputs, in order, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tools import build_lessons

from cultureplan.base.messages import LANGS
from cultureplan.lab.exercises import lessons
from tests.notebooks.lessons import NOTEBOOKS, lesson_paths

EVERY = [path for lang in LANGS for path in lesson_paths(lang)]
MOST_LINES = 12


def cells_of(path: Path, kind: str) -> list[dict]:
    """Return the cells of one kind."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == kind]


def code_of(path: Path) -> list[str]:
    """Return the text of every code cell."""
    return ["".join(cell["source"]) for cell in cells_of(path, "code")]


def test_the_notebooks_agree_with_their_sources():
    """Run tools/build_lessons.py after a change of examples/lessons; no notebook is edited by hand."""
    assert build_lessons.stale_files() == []
    assert EVERY


def test_every_lesson_exists_in_both_languages_and_has_exercises():
    """The same lessons in English and Chinese, each with a file of exercises."""
    names = {lang: [path.name for path in lesson_paths(lang)] for lang in LANGS}
    assert names["en"] == names["zh"]
    assert {build_lessons.lesson_number(Path(name)) for name in names["en"]} == set(lessons())


@pytest.mark.parametrize("path", EVERY, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_notebook_has_no_outputs_no_private_names_and_short_cells(path: Path) -> None:
    """What hangs at random in Voila (interact, Output) is used nowhere; logic lives in the library."""
    assert not any(cell["outputs"] or cell["execution_count"] for cell in cells_of(path, "code"))
    code = "\n".join(code_of(path))
    assert re.findall(r"(?:\.|import )_[a-z]\w*", code) == []
    assert re.findall(r"\binteract\w*\(|\bOutput\(|interactive_output", code) == []
    assert max(len(cell.splitlines()) for cell in code_of(path)) <= MOST_LINES
    assert [cell for cell in code_of(path) if "print(" in cell and "import" in cell] == []


@pytest.mark.parametrize("path", EVERY, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_notebook_reads_in_one_language(path: Path) -> None:
    """Chinese stands in the Chinese texts, and no English sentence is left in them."""
    words = "\n".join("".join(cell["source"]) for cell in cells_of(path, "markdown"))
    ideographs = len(re.findall("[\u4e00-\u9fff]", words))
    if path.parent.name == "zh":
        assert ideographs > 500
    else:
        assert ideographs < 150
        assert len(words.split()) > 250


@pytest.mark.parametrize("path", lesson_paths("en"), ids=lambda path: path.stem)
def test_each_exercise_is_asked_checked_and_solved(path: Path) -> None:
    """Each exercise of the data file is asked, and solved in a folded cell; a guess is revealed instead."""
    exercises = lessons()[build_lessons.lesson_number(path)].exercises
    for tag in ("exercise", "solution"):
        wanted = {exercise.id for exercise in exercises if tag == "exercise" or not exercise.is_guess}
        tagged = [cell for cell in cells_of(path, "code") if tag in cell["metadata"].get("tags", [])]
        assert {cell["metadata"]["exercise"] for cell in tagged} == wanted
        assert all(("jupyter" in cell["metadata"]) == (tag == "solution") for cell in tagged)
        code = "\n".join("".join(cell["source"]) for cell in tagged)
        assert set(re.findall(r'check\("([^"]+)"', code)) == wanted
    guesses = {exercise.id for exercise in exercises if exercise.is_guess}
    assert set(re.findall(r'reveal\("([^"]+)"', "\n".join(code_of(path)))) == guesses


def test_no_notebook_lies_beside_the_folders_of_the_languages():
    """Lessons are built into en and zh; nothing is left where the first notebooks lay."""
    assert list(NOTEBOOKS.glob("*.ipynb")) == []
