"""How lessons are run by the tests: in a fresh kernel, strictly, against the clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from cultureplan.lab.exercises import lessons

NOTEBOOKS = Path(__file__).resolve().parents[2] / "examples" / "notebooks"
MOST_SECONDS = 30
_SOLVED = "from cultureplan.lab import progress\nprint('\\n'.join(progress().query('points > 0').index))"


@dataclass(frozen=True, kw_only=True)
class Run:
    """A lesson that ran: its cells with what they showed, the exercises that were solved, and the time."""

    notebook: nbformat.NotebookNode
    solved: set[str]
    seconds: float


def lesson_paths(lang: str) -> list[Path]:
    """Return the notebooks of one language, in order."""
    return sorted((NOTEBOOKS / lang).glob("*.ipynb"))


def run_lesson(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a lesson from top to bottom in a folder of its own, wrong answers being errors."""
    monkeypatch.setenv("CULTUREPLAN_STRICT", "1")
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(_SOLVED))
    begun = time.monotonic()
    client = NotebookClient(notebook, timeout=MOST_SECONDS, kernel_name="python3")
    client.execute(cwd=str(folder))
    seconds = time.monotonic() - begun
    last = notebook.cells.pop()
    said = "".join(output.get("text", "") for output in last.outputs)
    return Run(notebook=notebook, solved=set(said.split()), seconds=seconds)


def validate_run(run: Run) -> None:
    """Assert what holds for every lesson that ran."""
    number = run.notebook.metadata["cultureplan"]["lesson"]
    assert run.seconds < MOST_SECONDS
    asked = {exercise.id for exercise in lessons()[number].exercises if not exercise.is_guess}
    assert run.solved >= asked
    outputs = [output for cell in run.notebook.cells for output in cell.get("outputs", [])]
    shown = {kind for output in outputs for kind in output.get("data", {})}
    assert "image/png" in shown
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert [output["text"] for output in outputs if output.get("name") == "stderr"] == []
