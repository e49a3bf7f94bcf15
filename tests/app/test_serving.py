"""The server's edges: who is let in, what is left behind, ports that cannot be had."""

from __future__ import annotations

import json
import os
import socket
import sys

import pytest

from cultureplan.app.notebook import staged
from cultureplan.app.serving import bound, refusal
from cultureplan.base.errors import InputError

pytest.importorskip("tornado", reason="the extra lab is not installed")

from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from cultureplan.app.gate import cookie_name, is_known


def request(uri: str = "/", *, host: str = "127.0.0.1:8000", cookie: str = "") -> HTTPServerRequest:
    """A request as a browser sends it."""
    headers = HTTPHeaders({"Host": host} | ({"Cookie": cookie} if cookie else {}))
    line = RequestStartLine("GET", uri, "HTTP/1.1")
    return HTTPServerRequest(start_line=line, headers=headers)


@pytest.mark.parametrize(
    ("shown", "let_in"),
    [
        (request("/?token=secret"), True),
        (request(cookie="cultureplan-8000=secret"), True),
        (request("/voila/static/x.js", cookie="a=b; cultureplan-8000=secret"), True),
        (request(host="localhost:8000", cookie="cultureplan-8000=secret"), True),
        (request(), False),
        (request("/?token="), False),
        (request("/?token=Secret"), False),
        (request("/?token=secret", cookie="cultureplan-8000=old"), False),
        (request(cookie="cultureplan-9000=secret"), False),
        (request("/?token=secret", host="evil.example:8000"), False),
        (request(cookie="cultureplan-8000=secret", host="127.0.0.1.evil.example"), False),
    ],
)
def test_only_the_token_under_a_name_of_this_machine_is_let_in(shown, let_in):
    """The token counts in the address or in the cookie of this port; another host name never does."""
    assert is_known(shown, token="secret", cookie=cookie_name(8000)) is let_in


def test_the_refusal_speaks_both_languages():
    """Who is refused is told why, in English and Chinese."""
    english, chinese = refusal().split("\n")[:2]
    assert "token" in english
    assert "令牌" in chinese


def test_a_port_that_cannot_be_had_is_an_error_with_a_remedy():
    """A taken port and one that is none are refused; 0 finds a free one on this machine only."""
    with bound(0) as sock:
        host, port = sock.getsockname()[:2]
        assert host == "127.0.0.1"
        for number in (port, 70_000, -1):
            with pytest.raises(InputError) as caught:
                bound(number)
            assert "--port" in caught.value.render("en")
    assert isinstance(sock, socket.socket)


def test_the_stage_is_private_and_gone_afterwards(tmp_path):
    """The notebook holds the world's path, the kernel is this Python, settings of others are kept out."""
    before = dict(os.environ)
    with staged(str(tmp_path), lang="zh") as stage:
        source = json.loads(stage.notebook.read_text(encoding="utf-8"))["cells"][0]["source"]
        assert repr(str(tmp_path)) in source
        assert "lang='zh'" in source
        spec = json.loads((stage.folder / "data" / "kernels" / "cultureplan" / "kernel.json").read_text())
        assert spec["argv"][0] == sys.executable
        assert os.environ["JUPYTER_CONFIG_DIR"].startswith(str(stage.folder))
        assert stage.folder.stat().st_mode & 0o077 == 0
        folder = stage.folder
    assert not folder.exists()
    assert dict(os.environ) == before
