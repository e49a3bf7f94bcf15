"""Stopping a solve from outside: a flag that somebody sets, a function that is asked, or Ctrl-C.

A search looks at its :class:`Stop` between two steps and the solver of integer programs a few times a
second; both then hand over the best answer they have, with its bound.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import Any, Protocol, runtime_checkable

from cultureplan.base.errors import WrongTypeError


@runtime_checkable
class EventLike(Protocol):
    """Anything that can be set by another thread, such as a ``threading.Event``."""

    def is_set(self) -> bool:
        """Return whether it was set."""


Cancel = Callable[[], bool] | EventLike


class Stop:
    """Whether a solve should end now; once true it stays true.

    Parameters
    ----------
    cancel : callable or event, optional
        A function without arguments that returns whether to stop, or an object with ``is_set()``.

    Raises
    ------
    WrongTypeError
        If it is neither.
    """

    def __init__(self, cancel: Cancel | None = None) -> None:
        if isinstance(cancel, EventLike):
            self._ask: Callable[[], bool] = cancel.is_set
        elif cancel is None:
            self._ask = _never
        elif callable(cancel):
            self._ask = cancel
        else:
            raise WrongTypeError.of(
                "fault.wrong_type",
                name="cancel",
                got=type(cancel).__name__,
                want="a function or an object with is_set()",
            )
        self.is_requested = False

    def request(self) -> None:
        """Ask the solve to end."""
        self.is_requested = True

    def is_set(self) -> bool:
        """Return whether somebody asked the solve to end."""
        if not self.is_requested and self._ask():
            self.is_requested = True
        return self.is_requested


_CURRENT: ContextVar[Stop | None] = ContextVar("cultureplan_siting_stop", default=None)


def current_stop() -> Stop:
    """Return the stop of the solve that is running in this thread, or one that nobody sets."""
    return _CURRENT.get() or Stop()


@contextmanager
def listening(stop: Stop) -> Iterator[None]:
    """Let a stop hold for everything that is solved within, and let Ctrl-C set it.

    The first Ctrl-C asks the solve to end with what it has; a second one interrupts it for good. A handler
    of the caller's own is left alone, and so are threads, which never receive the signal.
    """
    token = _CURRENT.set(stop)
    is_main = threading.current_thread() is threading.main_thread()
    is_usual = is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler

    def handle(number: int, frame: FrameType | None) -> Any:
        if stop.is_requested:
            signal.default_int_handler(number, frame)
        stop.request()

    if is_usual:
        signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        if is_usual:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        _CURRENT.reset(token)


def _never() -> bool:
    return False
