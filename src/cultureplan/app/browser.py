"""The page's own small widgets: the steps, the place to drop files, and files sent to the browser."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

import anywidget
import traitlets

from cultureplan.base.errors import CulturePlanError


@cache
def _static(name: str) -> str:
    return resources.files("cultureplan.app").joinpath("static", name).read_text(encoding="utf-8")


class Steps(anywidget.AnyWidget):
    """The steps of the story as tabs."""

    _esm = _static("steps.js")

    titles: traitlets.List[Any] = traitlets.List().tag(sync=True)
    active = traitlets.Int(0).tag(sync=True)
    is_open = traitlets.Bool(False).tag(sync=True)
    label = traitlets.Unicode("").tag(sync=True)


class Sender(anywidget.AnyWidget):
    """Hands files to the browser; shows nothing."""

    _esm = _static("send.js")

    lang = traitlets.Unicode("en").tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)

    def save(self, name: str, content: bytes, mime: str) -> None:
        """Have the browser save a file."""
        self.send({"type": "file", "name": name, "mime": mime}, [content])

    def print(self, content: bytes) -> None:
        """Have the browser print an HTML page: on paper, or as a PDF."""
        self.send({"type": "print", "name": "", "mime": "text/html;charset=utf-8"}, [content])


class DropZone(anywidget.AnyWidget):
    """Where files are dropped.

    Parameters
    ----------
    begin : callable
        Told the names and sizes (bytes); raises to refuse.
    write : callable
        Given a name and a piece.
    finish : callable
        Called when all is there.
    refused : callable
        Told why nothing came of it.
    """

    _esm = _static("drop.js")

    labels = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        *,
        begin: Callable[[list[tuple[str, int]]], None],
        write: Callable[[str, bytes], None],
        finish: Callable[[], None],
        refused: Callable[[CulturePlanError | str], None],
    ) -> None:
        super().__init__()
        self._begin, self._write, self._finish, self._refused = begin, write, finish, refused
        self.on_msg(self._receive)

    def _receive(self, _: object, content: Any, buffers: Any) -> None:
        """Take what the browser sends; every message but a failure is answered, refused or not."""
        kind = content.get("type") if isinstance(content, dict) else None
        try:
            if kind == "begin":
                self._begin([(str(name), int(size)) for name, size in content["files"]])
            elif kind == "piece":
                self._write(str(content["name"]), bytes(buffers[0]))
            elif kind == "end":
                self._finish()
            elif kind == "failed":
                self._refused(str(content.get("why", "")))
                return
        except CulturePlanError as error:
            self._refused(error)
            self.send({"ok": False})
            return
        except OSError as error:
            self._refused(str(error.strerror or error))
            self.send({"ok": False})
            return
        self.send({"ok": True})
