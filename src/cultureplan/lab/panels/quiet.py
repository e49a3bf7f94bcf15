"""Widgets that can be set without taking it for something that a person did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Quiet:
    """What sets widgets and listens to them: a piece of a panel, a pane of the planner's page."""

    _is_quiet = False

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Let widgets be set without taking it for something that was done."""
        before, self._is_quiet = self._is_quiet, True
        try:
            yield
        finally:
            self._is_quiet = before

    def on_value(self, widget: Any, action: Callable[[Any], object]) -> Any:
        """Call an action with the new value whenever a person changes a widget; return the widget."""

        def changed(change: Any) -> None:
            if not self._is_quiet:
                action(change["new"])

        widget.observe(changed, names="value")
        return widget
