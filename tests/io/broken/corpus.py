"""The whole corpus, and the wording of what is found."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

from cultureplan.base.errors import Fault
from cultureplan.base.messages import LANGS
from cultureplan.io.folder import check_world
from tests.io.broken import cells, coordinates, folder  # noqa: F401 - they add their cases
from tests.io.broken.draft import CASES, Case, Draft

MESSAGES = Path(__file__).with_name("messages.toml")

__all__ = ["CASES", "MESSAGES", "save", "worded"]


def save(case: Case, to: Path) -> Path:
    """Write a broken folder; return it."""
    draft = Draft()
    case.change(draft)
    draft.save(to)
    return to


def worded(faults: tuple[Fault, ...]) -> dict[str, list[str]]:
    """The messages in both languages; what another library says of a file is left open."""
    open_ended = [
        dataclasses.replace(fault, values={**fault.values, "reason": "..."})
        if "reason" in fault.values
        else fault
        for fault in faults
    ]
    return {lang: [fault.render(lang) for fault in open_ended] for lang in LANGS}


def all_messages() -> dict[str, dict[str, list[str]]]:
    """The messages of every case."""
    with tempfile.TemporaryDirectory() as parent:
        return {
            case.name: worded(check_world(save(case, Path(parent) / case.name / "world"))) for case in CASES
        }
