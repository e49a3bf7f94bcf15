"""Every English lesson runs, in a fresh kernel, quickly, and its solutions are right.

One file a language, so that two workers share them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.notebooks.lessons import lesson_paths, run_lesson, validate_run


@pytest.mark.parametrize("path", lesson_paths("en"), ids=lambda path: path.stem)
def test_a_lesson_runs_and_its_solutions_are_right(path: Path, tmp_path: Path, monkeypatch) -> None:
    """No cell fails, warns or hangs, each exercise is solved by its folded solution, and a panel is shown."""
    validate_run(run_lesson(path, tmp_path, monkeypatch))
