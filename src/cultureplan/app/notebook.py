"""What the page's server is given: a folder with one notebook and its kernel, gone afterwards."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cultureplan.base.messages import Lang, text

KERNEL = "cultureplan"
NOTEBOOK = "planner.ipynb"
# Whatever of another program's settings could change the page: its own folder stands in for all of them.
_OWN_FOLDERS = {
    "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
    "IPYTHONDIR": "ipython",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The folder of a running page.

    Parameters
    ----------
    folder : Path
        Private folder, removed when the page ends.
    """

    folder: Path

    @property
    def notebook(self) -> Path:
        """The notebook that is served."""
        return self.folder / "page" / NOTEBOOK

    @property
    def files(self) -> Path:
        """Where pages put what is dropped on them, each in a folder of its own."""
        return self.folder / "files"


@contextmanager
def staged(world: str, *, lang: Lang) -> Iterator[Stage]:
    """Make the folder of a page, and remove it with everything that was put into it.

    Parameters
    ----------
    world : str
        Folder or name of the world to open; empty for none.
    lang : {"en", "zh"}
        Language to begin with.
    """
    with tempfile.TemporaryDirectory(prefix="cultureplan-app-", ignore_cleanup_errors=True) as name:
        stage = Stage(folder=Path(name))
        for part in ("page", "files", *_OWN_FOLDERS.values()):
            (stage.folder / part).mkdir(mode=0o700)
        given = os.path.abspath(world) if os.path.exists(world) else world
        stage.notebook.write_text(notebook_text(given, lang=lang, files=stage.files), encoding="utf-8")
        _write_kernel(stage.folder / "data" / "kernels" / KERNEL)
        before = {variable: os.environ.get(variable) for variable in _OWN_FOLDERS}
        os.environ.update({variable: str(stage.folder / part) for variable, part in _OWN_FOLDERS.items()})
        try:
            yield stage
        finally:
            for variable, value in before.items():
                os.environ.pop(variable, None)
                if value is not None:
                    os.environ[variable] = value


def notebook_text(world: str, *, lang: Lang, files: Path) -> str:
    """Return the notebook of the page: one cell that shows it.

    Parameters
    ----------
    world : str
        World to open; empty for none.
    lang : {"en", "zh"}
        Language to begin with.
    files : Path
        Where dropped files go.
    """
    source = f"from cultureplan.app.page import show\nshow({world!r}, lang={lang!r}, files={str(files)!r})"
    cell: dict[str, Any] = {
        "cell_type": "code", "execution_count": None, "id": "page", "metadata": {}, "outputs": [],
        "source": source,
    }  # fmt: skip
    notebook = {
        "cells": [cell],
        "metadata": {
            "kernelspec": {"display_name": KERNEL, "language": "python", "name": KERNEL},
            "language_info": {"name": "python"},
            "title": text("app.title", lang),
            "cultureplan": {"lang": "zh-CN" if lang == "zh" else "en", "loading": text("app.loading", lang)},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False)


def _write_kernel(folder: Path) -> None:
    """Write the specification of a kernel that runs this very Python."""
    folder.mkdir(parents=True)
    log = str(folder / "kernels.log")
    command = [
        sys.executable,
        "-m",
        "cultureplan.app.kernel",
        log,
        "--log-level=ERROR",
        "-f",
        "{connection_file}",
    ]
    spec = {
        "argv": command, "display_name": KERNEL, "language": "python",
        "env": {"MPLBACKEND": "Agg", "PYDEVD_DISABLE_FILE_VALIDATION": "1"},
    }  # fmt: skip
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
