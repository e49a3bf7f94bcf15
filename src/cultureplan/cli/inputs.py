"""What the command line is given: worlds by folder or name, standards with their readings, labels."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cultureplan.base.errors import InputError


def a_world(name: str) -> Any:
    """Return the world in a folder, or the bundled one of that name."""
    from cultureplan import datasets as bundled
    from cultureplan.io.folder import read_world

    if not Path(name).exists() and name in bundled.names():
        return bundled.load_world(name)
    return read_world(name)


def labelled_worlds(worlds: Sequence[str]) -> dict[str, Any]:
    """Return worlds by label; a folder without one is called by its name."""
    labelled: dict[str, Any] = {}
    for entry in worlds:
        label, _, name = entry.rpartition("=")
        label = label or Path(name).name
        if label in labelled:
            raise InputError.of("cli.same_label", label=label)
        labelled[label] = a_world(name)
    return labelled


def a_circle_standard(options: argparse.Namespace) -> Any:
    """Return the circle standard asked for, with the readings asked for."""
    from cultureplan.measures.circles import load_circles

    standard = load_circles(options.circles, **read_settings(options.set))
    return standard.along_streets() if options.streets else standard


def read_settings(entries: Sequence[str]) -> dict[str, float | str]:
    """Return ``NAME=VALUE`` entries as settings; what looks like a number is one."""
    settings: dict[str, float | str] = {}
    for entry in entries:
        name, found, value = entry.partition("=")
        if not found:
            raise InputError.of("cli.bad_setting", entry=entry)
        try:
            settings[name] = float(value)
        except ValueError:
            settings[name] = value
    return settings
