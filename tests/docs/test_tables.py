"""The documentation's tables and its first-day script are what the library does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.build_docs_tables import TABLES, render


def test_tables_in_the_docs_are_those_of_the_library() -> None:
    """Rebuilt by ``python tools/build_docs_tables.py``."""
    assert {path.name: path.read_text(encoding="utf-8") for path in TABLES.iterdir()} == render()


def test_the_first_day_script_runs_as_written(repo: Path, tmp_path: Path) -> None:
    """In an empty folder, warnings being errors."""
    script = repo / "docs" / "snippets" / "first_day.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "536,364 persons" in done.stdout
