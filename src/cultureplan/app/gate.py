"""The gate before the page: whoever does not know the token, or comes by another name, is refused.

A page on the loopback address can still be asked for by any program and any user of the machine, and by
pages of other sites in the same browser. So every request, static files and sockets included, passes here.
"""

from __future__ import annotations

import hmac
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher, Rule, RuleRouter
from tornado.web import Application, RequestHandler

NAMES = ("127.0.0.1", "localhost")  # a name that only seems to be this machine is refused: DNS rebinding


def is_here(request: HTTPServerRequest) -> bool:
    """Return whether a request was sent to this machine by a name of its own."""
    return urlsplit(f"//{request.host}").hostname in NAMES


def shown_token(request: HTTPServerRequest, cookie: str) -> str:
    """Return the token that a request shows: in its cookie, else in its address; empty where there is none.

    Parameters
    ----------
    request : HTTPServerRequest
        Any request.
    cookie : str
        Name of the cookie.
    """
    try:
        kept = SimpleCookie(request.headers.get("Cookie", "")).get(cookie)
    except CookieError:
        kept = None
    if kept is not None:
        return kept.value
    return "".join(parse_qs(request.query).get("token", ())[:1])


def is_known(request: HTTPServerRequest, *, token: str, cookie: str) -> bool:
    """Return whether a request may pass."""
    shown = shown_token(request, cookie)
    return is_here(request) and hmac.compare_digest(shown.encode(), token.encode())


def cookie_name(port: int) -> str:
    """Return the name of the cookie of a port: cookies of one host are shared by all its ports."""
    return f"cultureplan-{port}"


def gated(app: Application, *, token: str, port: int, refusal: str) -> RuleRouter:
    """Return a router that lets those with the token through to an application.

    The first visit brings the token in its address; it is put into a cookie that no script can read and
    the address is shown without it, so that it stays out of bookmarks and screenshots.

    Parameters
    ----------
    app : Application
        What is behind the gate.
    token : str
        Secret.
    port : int
        Port the page is served on.
    refusal : str
        What the others are told.
    """
    cookie = cookie_name(port)
    enter = Application([(r"/.*", _Enter, {"token": token, "cookie": cookie})], log_function=_say_nothing)
    refuse = Application([(r".*", _Refuse, {"words": refusal})], log_function=_say_nothing)
    known = _Known(token=token, cookie=cookie)
    first = _First(token=token, cookie=cookie)
    return RuleRouter([Rule(first, enter), Rule(known, app), Rule(_Anybody(), refuse)])


def _say_nothing(_: RequestHandler) -> None:
    """Log no request: addresses hold the token, and a stranger must not fill the terminal."""


class _Known(Matcher):
    """Matches requests that may pass."""

    def __init__(self, *, token: str, cookie: str) -> None:
        self.token, self.cookie = token, cookie

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        return {} if is_known(request, token=self.token, cookie=self.cookie) else None


class _First(Matcher):
    """Matches a visit of the page with the right token in its address, whatever cookie it has."""

    def __init__(self, *, token: str, cookie: str) -> None:
        self.token = token

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        shown = "".join(parse_qs(request.query).get("token", ())[:1])
        is_right = request.path == "/" and hmac.compare_digest(shown.encode(), self.token.encode())
        return {} if is_right and is_here(request) and request.method == "GET" else None


class _Anybody(Matcher):
    """Matches everything."""

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        return {}


class _Enter(RequestHandler):
    """Takes the token out of the address and into a cookie."""

    def initialize(self, token: str, cookie: str) -> None:
        self.token, self.cookie = token, cookie

    def get(self) -> None:
        """Answer with the address without the token."""
        self.set_cookie(self.cookie, self.token, httponly=True, samesite="Strict", path="/")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        self.redirect("/")


class _Refuse(RequestHandler):
    """Refuses."""

    def initialize(self, words: str) -> None:
        self.words = words

    def prepare(self) -> None:
        """Answer 403, whatever was asked."""
        self.set_status(403)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(self.words)
