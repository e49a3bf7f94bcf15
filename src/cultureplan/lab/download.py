"""Buttons for files: one that saves what is made when it is pressed, one that opens a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from typing import Any

import anywidget
import traitlets


def _static(name: str) -> str:
    return resources.files("cultureplan.lab").joinpath("static", name).read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file to be saved: its name, what kind it is, and what is in it."""

    name: str
    content: bytes
    mime: str = "application/octet-stream"


class DownloadButton(anywidget.AnyWidget):
    """A button behind which a file is made when somebody presses it.

    Parameters
    ----------
    make : callable
        Returns the :class:`Download`, or None where there is nothing to save (and somebody was told why).
    **traits
        ``label``, ``hint``, ``disabled``.

    Examples
    --------
    >>> from cultureplan.lab.download import Download, DownloadButton
    >>> button = DownloadButton(lambda: Download(name="a.txt", content=b"a"), label="Save")
    >>> button.label
    'Save'
    """

    _esm = _static("download.js")

    label = traitlets.Unicode("").tag(sync=True)
    hint = traitlets.Unicode("").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)

    def __init__(self, make: Callable[[], Download | None], **traits: Any) -> None:
        super().__init__(**traits)
        self._make = make
        self.on_msg(self._asked)

    def _asked(self, _: object, content: Any, __: object) -> None:
        if not isinstance(content, dict) or content.get("type") != "want":
            return
        file = self._make()
        if file is not None:
            answer = {"type": "file", "asked": content.get("asked"), "name": file.name, "mime": file.mime}
            self.send(answer, [file.content])


class UploadButton(anywidget.AnyWidget):
    """A button with which somebody opens a file of their machine.

    Parameters
    ----------
    take : callable
        Called with the name and the content of the file.
    **traits
        ``label``, ``hint``, ``disabled``, ``accept`` (such as ``.json``).
    """

    _esm = _static("upload.js")

    label = traitlets.Unicode("").tag(sync=True)
    hint = traitlets.Unicode("").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)
    accept = traitlets.Unicode("").tag(sync=True)

    def __init__(self, take: Callable[[str, bytes], object], **traits: Any) -> None:
        super().__init__(**traits)
        self._take = take
        self.on_msg(self._sent)

    def _sent(self, _: object, content: Any, buffers: Any) -> None:
        if isinstance(content, dict) and content.get("type") == "file" and buffers:
            self._take(str(content.get("name", "")), bytes(buffers[0]))
