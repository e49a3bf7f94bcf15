"""What every pane is: a column of widgets that follows the planner and shows only when it is looked at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets

from cultureplan.app.browser import Sender
from cultureplan.app.planner import Planner
from cultureplan.base.messages import Lang, text
from cultureplan.lab.panels.quiet import Quiet
from cultureplan.lab.session import LabSession


class Pane(ABC, Quiet):
    """One step of the story.

    Parameters
    ----------
    planner : Planner
        What is on the desk.
    sender : Sender
        Hands files to the browser.

    Notes
    -----
    A pane is built when it is first looked at, and again for another world; while it is hidden, changes
    only mark it as out of date.
    """

    needs_world = True

    def __init__(self, planner: Planner, sender: Sender) -> None:
        self.planner, self.sender = planner, sender
        self.box = widgets.VBox([])
        self.box.add_class("cp-pane")
        self._built_for: object = None
        self._is_stale = True
        self.is_shown = False

    @property
    def lang(self) -> Lang:
        """Language of the page."""
        return self.planner.lang

    @property
    def session(self) -> LabSession:
        """Session of the world that is open."""
        session = self.planner.session
        if session is None:
            raise RuntimeError("a pane that needs a world is shown without one")
        return session

    @abstractmethod
    def build(self) -> list[Any]:
        """Return the widgets of the pane, for the world that is open."""

    def refresh(self) -> None:
        """Show what holds now, in the language of the page."""

    def show(self, shown: bool) -> None:
        """Show or hide the pane."""
        self.is_shown = shown
        self.box.layout.display = "" if shown else "none"
        if shown:
            self.update()

    def changed(self, what: str) -> None:
        """Take note of a change; ``world`` has the pane built anew."""
        self._is_stale = True
        if what == "world" and self.needs_world:
            self._built_for = None
        if self.is_shown:
            self.update()

    def update(self) -> None:
        """Build or refresh what is out of date."""
        if not self._is_stale or (self.needs_world and self.planner.session is None):
            return
        self._is_stale = False
        key = self.planner.session if self.needs_world else self
        with self.quiet():
            if self._built_for is not key:
                self._built_for = key
                self.box.children = self.build()
            self.refresh()

    def button(self, action: Callable[[], object], *, main: bool = False) -> Any:
        """Return a button that does something when it is pressed."""
        made = widgets.Button(button_style="primary" if main else "", layout=wide())
        made.on_click(lambda _: action())
        return made

    def words(self, key: str, **values: object) -> str:
        """Return a text of the page in its language."""
        return text(f"app.{key}", self.lang, **values)


def wide() -> Any:
    """Return a layout of its own: a widget that is hidden must not hide others with it."""
    return widgets.Layout(width="auto")


def label(words: str, *, strong: bool = False) -> str:
    """Return what stands over a field."""
    return f'<div class="cp-label{" cp-strong" if strong else ""}">{escape(words)}</div>'


def columns(left: list[Any], right: list[Any], *, css: str = "") -> Any:
    """Return a narrow column of controls with the rest beside it."""
    side = widgets.VBox(left)
    side.add_class("cp-side")
    rest = widgets.VBox(right)
    rest.add_class("cp-main")
    both = widgets.HBox([side, rest])
    both.add_class("cp-columns")
    if css:
        both.add_class(css)
    return both


def choices_of(widget: Any, options: list[tuple[str, Any]], value: Any) -> None:
    """Give a dropdown its options and value, as one change."""
    if tuple(widget.options) != tuple(options):
        widget.options = options  # which chooses the first
    if widget.value != value:
        widget.value = value
