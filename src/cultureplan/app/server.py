"""The server itself: Voila, with the gate before it and the page's own template."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from voila.app import Voila  # type: ignore[import-untyped]

from cultureplan.app.gate import gated

_TEMPLATE = Path(__file__).parent / "static"


class PageServer(Voila):  # type: ignore[misc]  # voila ships no types
    """Voila on a socket that is bound already, behind the gate."""

    def prepare(self, sock: socket.socket, *, token: str, ready: Callable[[], None], refusal: str) -> None:
        """Say where to listen, whom to let in, and what to do once the page can be asked for.

        Parameters
        ----------
        sock : socket
            Listening.
        token : str
            Secret that visitors must show.
        ready : callable
            Called when visitors can come.
        refusal : str
            What visitors without the token are told.
        """
        self.sock, self.secret, self.ready, self.refusal = sock, token, ready, refusal

    def setup_template_dirs(self) -> None:
        """Put the page's template before those of Voila."""
        super().setup_template_dirs()
        self.template_paths.insert(0, str(_TEMPLATE))

    def listen(self) -> None:
        """Serve until Ctrl-C or a request to end."""
        self.port = int(self.sock.getsockname()[1])
        router = gated(self.app, token=self.secret, port=self.port, refusal=self.refusal)
        self.ioloop = IOLoop.current()
        http = HTTPServer(router)
        http.add_socket(self.sock)
        self.ioloop.add_callback(self.ready)
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            pass
        finally:
            http.stop()
            self.stop()

    def stop(self) -> None:
        """End every kernel; a second Ctrl-C must not leave one behind."""
        asked = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            with contextlib.suppress(OSError, RuntimeError, asyncio.CancelledError):
                super().stop()
        finally:
            signal.signal(signal.SIGINT, asked)
