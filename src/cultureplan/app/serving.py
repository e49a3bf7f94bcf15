"""Serve the planner's page on this machine: bound to loopback, behind a token, stopped by Ctrl-C."""

from __future__ import annotations

import contextlib
import logging
import secrets
import signal
import socket
import webbrowser
from collections.abc import Callable
from typing import Any

from cultureplan.app.notebook import Stage, staged
from cultureplan.base.errors import InputError, MissingExtraError
from cultureplan.base.messages import LANGS, Lang, text

HOST = "127.0.0.1"
# The parts of JupyterLab that the page needs; others would only make it slower.
_EXTENSIONS = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"]


def bound(port: int) -> socket.socket:
    """Return a socket that listens on a port of this machine only.

    Parameters
    ----------
    port : int
        Port; 0 for any that is free.

    Raises
    ------
    InputError
        If the port is taken, not allowed, or none.
    """
    if not 0 <= port <= 65_535:
        raise InputError.of("app.no_port", port=port)
    try:
        sock = socket.create_server((HOST, port))
    except PermissionError:
        raise InputError.of("app.port_not_allowed", port=port) from None
    except OSError:
        raise InputError.of("app.port_taken", port=port) from None
    sock.setblocking(False)
    return sock


def serve(
    world: str = "",
    *,
    lang: Lang = "en",
    port: int = 0,
    open_browser: bool = True,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    world : str
        Folder or name of the world to open; empty to choose one on the page.
    lang : {"en", "zh"}
        Language to begin with.
    port : int
        Port; 0 for any that is free.
    open_browser : bool
        Whether to show the page at once.
    on_ready : callable, optional
        Told the address, token included, when the page can be asked for.

    Raises
    ------
    InputError
        If the port cannot be had.
    MissingExtraError
        If the extra ``lab`` is not installed.
    """
    with contextlib.closing(bound(port)) as sock:
        try:
            from cultureplan.app.server import PageServer
        except ModuleNotFoundError as error:
            raise MissingExtraError.for_extra(str(error.name or "voila").split(".")[0], "lab") from None
        token = secrets.token_urlsafe(24)
        number = int(sock.getsockname()[1])
        address = f"http://{HOST}:{number}/?token={token}"

        def ready() -> None:
            if on_ready is not None:
                on_ready(address)
            if open_browser:
                with contextlib.suppress(webbrowser.Error):
                    webbrowser.open(address)

        for name in ("tornado.general", "tornado.access"):  # nothing that a planner could mend
            logging.getLogger(name).setLevel(logging.ERROR)
        with staged(world, lang=lang) as stage:
            server = PageServer(config=settings_of(stage))
            server.prepare(sock, token=token, ready=ready, refusal=refusal())
            before = signal.getsignal(signal.SIGTERM)
            try:
                server.initialize([str(stage.notebook)])
                server.start()
            finally:
                signal.signal(signal.SIGTERM, before)


def refusal() -> str:
    """Return what a visitor without the token is told, in every language."""
    return "\n".join(text("app.refused", lang) for lang in LANGS) + "\n"


def settings_of(stage: Stage) -> Any:
    """Return the settings of the server of a stage."""
    from traitlets.config import Config

    return Config(
        {
            "PageServer": {
                "open_browser": False,
                "root_dir": str(stage.notebook.parent),
                "connection_dir_root": str(stage.folder),
                "config_file_paths": [],
                "log_level": logging.ERROR,
            },
            "VoilaConfiguration": {
                "preheat_kernel": True,
                "default_pool_size": 1,
                "extension_allowlist": _EXTENSIONS,
                "file_allowlist": [],
                "allow_template_override": "NO",
                "allow_theme_override": "NO",
                "show_tracebacks": False,
            },
            # The next page's kernel is warmed up once this one is shown; one whose page has been gone for
            # an hour ends.
            "VoilaKernelManager": {"fill_delay": 3.0},
            "MappingKernelManager": {"cull_idle_timeout": 3600, "cull_interval": 300},
        }
    )
