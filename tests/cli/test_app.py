"""``cultureplan app``: what it refuses at the command line, whom it lets in, how it stops."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from cultureplan.cli import main

pytest.importorskip("voila", reason="the extra lab is not installed")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_unknown_world_and_a_taken_port_are_told_not_thrown(capsys, language):
    """Exit code 1 and one message in the language asked for; no server is started."""
    assert main(["app", "shizuisan", "--language", language]) == 1
    assert "shizuishan" in capsys.readouterr().err
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert main(["app", "--port", port, "--language", language]) == 1
        told = capsys.readouterr().err
        assert port in told
        assert ("Port" if language == "en" else "端口") in told
    assert main(["app", "--port", "70000", "--language", language]) == 1


@pytest.fixture
def running() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A served page without a world, and its address."""
    command = [sys.executable, "-m", "cultureplan", "app", "--no-browser", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server, json.loads(server.stdout.readline())["address"]
        finally:
            server.kill()


def answer(address: str, **headers: str) -> tuple[int, str]:
    """Status and body of a request."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=60) as got:
            return got.status, got.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_strangers_are_refused_and_ctrl_c_ends_everything(running):
    """Without token, with a wrong one, under another name: 403 for pages, files and sockets alike."""
    server, address = running
    home, token = address.split("?token=")
    paths = (
        "",
        "?token=wrong",
        "voila/static/voila.js",
        "voila/files/planner.ipynb",
        "api/kernels/x/channels",
    )
    for path in paths:
        status, words = answer(home + path)
        assert status == 403
        assert "token" in words
    assert answer(address, Host="evil.example")[0] == 403
    assert answer(home, Cookie=f"cultureplan-1={token}")[0] == 403
    port = home.rstrip("/").rsplit(":", 1)[1]
    known = f"cultureplan-{port}={token}"
    assert answer(f"{home}voila/static/voila.js", Cookie=known)[0] == 200
    assert answer(f"{home}voila/files/planner.ipynb", Cookie=known)[0] == 403
    server.send_signal(signal.SIGINT)
    _, errors = server.communicate(timeout=60)
    assert server.returncode == 0
    assert errors == ""
