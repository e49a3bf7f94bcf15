"""The command that serves the planner's page."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from cultureplan.base.errors import UnknownNameError
from cultureplan.base.messages import Lang, text
from cultureplan.cli.codes import OK


def app(options: argparse.Namespace, lang: Lang) -> int:
    """Serve the planner's page until Ctrl-C; a folder with faults is opened too, to show them there."""
    from cultureplan.app.serving import serve
    from cultureplan.datasets import names

    world = options.world or ""
    if world and not Path(world).is_dir() and world not in names():
        raise UnknownNameError.closest("app.no_such_world", world, names())
    language: Lang = options.language or lang

    def ready(address: str) -> None:
        said = json.dumps({"ok": True, "address": address}) if options.json else ""
        print(said or text("app.ready", language, address=address), flush=True)

    serve(world, lang=language, port=options.port, open_browser=not options.no_browser, on_ready=ready)
    if not options.json:
        print(text("app.stopped", language), flush=True)
    return OK
