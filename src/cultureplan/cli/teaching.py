"""The command that copies the lessons and opens them."""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.util import find_spec

from cultureplan.base.errors import MissingExtraError
from cultureplan.base.messages import Lang, text
from cultureplan.cli.codes import OK
from cultureplan.cli.output import say

FOLDER = "cultureplan-lessons"


def lessons(options: argparse.Namespace, lang: Lang) -> int:
    """Copy the lessons to a folder, say what became of changed ones, and open JupyterLab."""
    from cultureplan.lab.lessons import copy_lessons, export_answers

    language: Lang = options.language or lang
    if options.solutions:
        files = export_answers(options.folder or f"{FOLDER}-solutions", lang=language)
        found = {"folder": str(files[0].parent), "files": [file.name for file in files]}
        say(options, found, text("lessons.solutions_in", lang, n=len(files), folder=files[0].parent))
        return OK
    opens = not (options.no_open or options.json)
    if opens and find_spec("jupyterlab") is None:
        raise MissingExtraError.for_extra("jupyterlab", "lab")
    copied = copy_lessons(options.folder or FOLDER, lang=language, force=options.force)
    found = {
        "folder": str(copied.folder),
        "written": list(copied.written),
        "same": list(copied.same),
        "kept": list(copied.kept),
        "backed_up": list(copied.backed_up),
    }
    say(options, found, copied.words(lang))
    if not opens:
        return OK
    print(text("lessons.opening", lang), flush=True)
    return subprocess.run([sys.executable, "-m", "jupyterlab", str(copied.folder)], check=False).returncode
