"""Build the notebooks of the lessons, English and Chinese, from one source each.

    python tools/build_lessons.py            # examples/lessons/*.py -> examples/notebooks/{en,zh}/*.ipynb
    python tools/build_lessons.py --check    # say what differs, write nothing

A source is a jupytext percent script. Markdown cells come in pairs, ``lang="en"`` and then ``lang="zh"``;
code cells are shared unless they carry a language. ``tags=["exercise"] exercise="2.3"`` marks the cell where
a learner answers, ``tags=["solution"] exercise="2.3"`` the one that answers for them, which is folded away.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

REPO = Path(__file__).resolve().parents[1]
SOURCES = REPO / "examples" / "lessons"
NOTEBOOKS = REPO / "examples" / "notebooks"
LANGS = ("en", "zh")

_LESSON = re.compile(r"(\d\d|x\d+)_\w+")
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_BEGIN = """\
from cultureplan.lab import begin_lesson, check, hint, reveal

LANGUAGE = "{lang}"
begin_lesson({lesson}, lang=LANGUAGE)"""
_SOLUTION = {
    "en": "<details><summary>Solution of {id}</summary>Unfold the next cell and run it.</details>",
    "zh": "<details><summary>{id} 的解答</summary>展开下一格并运行。</details>",
}


class LessonError(ValueError):
    """A source that cannot be built."""


def sources(folder: Path = SOURCES) -> list[Path]:
    """Return the sources of all lessons, in order."""
    return sorted(path for path in folder.glob("*.py") if _LESSON.fullmatch(path.stem))


def lesson_number(path: Path) -> str:
    """Return the number of a lesson, as its exercises begin with it."""
    return path.stem.partition("_")[0].lstrip("0")


def build(path: Path, lang: str) -> NotebookNode:
    """Return the notebook of a lesson in one language.

    Parameters
    ----------
    path : Path
        Source.
    lang : {"en", "zh"}
        Language.

    Raises
    ------
    LessonError
        If a text lacks its twin, or an exercise its number.
    """
    source = jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")
    validate_pairs(path, source.cells)
    number = lesson_number(path)
    shown = [cell for cell in source.cells if cell.metadata.get("lang", lang) == lang]
    shown.insert(1, nbformat.v4.new_code_cell(begin_cell(number, lang)))
    cells = [cell for one in shown for cell in finished(path, one, lang)]
    notebook = nbformat.v4.new_notebook(
        cells=[with_id(cell, place) for place, cell in enumerate(cells)],
        metadata={
            "kernelspec": _KERNEL,
            "language_info": {"name": "python"},
            "cultureplan": {"lesson": number, "lang": lang},
        },
    )
    nbformat.validate(notebook)
    return notebook


def begin_cell(number: str, lang: str) -> str:
    """Return the first code cell: it names the language and opens the lesson."""
    return _BEGIN.format(lang=lang, lesson=number if number.isdigit() else f'"{number}"')


def finished(path: Path, cell: NotebookNode, lang: str) -> Iterator[NotebookNode]:
    """Yield the cells that a source cell becomes: a solution gets a heading and is folded."""
    tags = list(cell.metadata.get("tags", []))
    exercise = cell.metadata.get("exercise", "")
    if {"exercise", "solution"} & set(tags) and not exercise:
        raise LessonError(f"{path.name}: a cell tagged {tags} says no exercise: {cell.source[:60]!r}")
    metadata: dict[str, Any] = {"tags": tags} if tags else {}
    if exercise:
        metadata["exercise"] = str(exercise)
    if "solution" in tags:
        yield nbformat.v4.new_markdown_cell(
            _SOLUTION[lang].format(id=exercise),
            metadata={"tags": ["solution-heading"], "exercise": str(exercise)},
        )
        metadata["jupyter"] = {"source_hidden": True, "outputs_hidden": True}
    if cell.cell_type == "markdown":
        yield nbformat.v4.new_markdown_cell(cell.source, metadata=metadata)
    else:
        yield nbformat.v4.new_code_cell(quiet(cell.source), metadata=metadata)


def quiet(code: str) -> str:
    """Return code that shows a picture alone: a semicolon keeps the axes' name out of the output."""
    body = ast.parse(code).body
    last = body[-1].value if body and isinstance(body[-1], ast.Expr) else None
    call = last.func if isinstance(last, ast.Call) else None
    drawn = (
        isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name) and call.value.id == "plotting"
    )
    return f"{code};" if drawn and not code.endswith(";") else code


def validate_pairs(path: Path, cells: list[NotebookNode]) -> None:
    """Raise unless every English text is followed by its Chinese twin."""
    texts = [cell for cell in cells if cell.cell_type == "markdown"]
    for place, cell in enumerate(texts):
        lang, wanted = cell.metadata.get("lang"), LANGS[place % 2]
        if lang != wanted:
            raise LessonError(
                f"{path.name}: text {place + 1} is {lang!r}, not {wanted!r}: {cell.source[:60]!r}"
            )
    if len(texts) % 2:
        raise LessonError(f"{path.name}: the last text has no Chinese twin")


def with_id(cell: NotebookNode, place: int) -> NotebookNode:
    """Return a cell whose id follows from its place, so that the same source gives the same file."""
    cell["id"] = f"cell-{place:02d}"
    return cell


def notebook_text(notebook: Mapping[str, Any]) -> str:
    """Return a notebook as it is written."""
    return nbformat.writes(nbformat.from_dict(notebook), version=4) + "\n"


def wanted_files() -> dict[Path, str]:
    """Return every notebook that should be there, with its content."""
    return {
        NOTEBOOKS / lang / f"{path.stem}.ipynb": notebook_text(build(path, lang))
        for path in sources()
        for lang in LANGS
    }


def stale_files() -> list[str]:
    """Return what differs between the sources and the notebooks that are there."""
    wanted = wanted_files()
    present = {path for lang in LANGS for path in (NOTEBOOKS / lang).glob("*.ipynb")}
    missing = [f"{path.relative_to(REPO)}: missing" for path in wanted if path not in present]
    extra = [f"{path.relative_to(REPO)}: has no source" for path in sorted(present - set(wanted))]
    differing = [
        f"{path.relative_to(REPO)}: differs from its source"
        for path, content in wanted.items()
        if path in present and path.read_text(encoding="utf-8") != content
    ]
    return missing + extra + differing


def main() -> int:
    """Build, or only compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="say what differs, write nothing")
    if parser.parse_args().check:
        stale = stale_files()
        print("\n".join(stale) or "all notebooks agree with their sources")
        return 1 if stale else 0
    for path, content in wanted_files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")
            print(path.relative_to(REPO))
    return 0


if __name__ == "__main__":
    sys.exit(main())
