"""A headless Chromium that fails a test when a page logs an error or asks for anything off this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

FLAGS = [
    "--no-sandbox",  # a container's root user cannot have one
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCAL_SCHEMES = {"file", "data", "blob", "about"}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything that uses the page as a browser test."""
    for item in items:
        if "chromium_page" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


def is_local(url: str) -> bool:
    """Return whether a request stays on this machine."""
    parts = urlsplit(url)
    return parts.scheme in LOCAL_SCHEMES or parts.hostname in LOOPBACK


# Playwright's event loop occupies the thread while it runs, and notebooks need that thread too:
# one file at a time, never the whole session.
@pytest.fixture(scope="module")
def chromium():
    """A running Chromium, new profile, closed after the file's last test."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium: install Debian's chromium or name one in CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def chromium_page(chromium) -> Iterator:
    """A blank page, 1280 x 900, that ends with no console error and no request off this machine.

    Requests off this machine are refused, so that a page shows what a reader without network sees. A test
    that knows of a harmless message may filter ``page.problems``, a list of texts, before it ends.
    """
    problems: list[str] = []
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, locale="en-GB", service_workers="block"
    )
    page = context.new_page()
    page.problems = problems

    def guard(route) -> None:
        if is_local(route.request.url):
            route.continue_()
        else:
            problems.append(f"request leaves this machine: {route.request.url}")
            route.abort()

    def note(message) -> None:
        if message.type == "error":
            problems.append(f"console: {message.text}")

    context.route("**/*", guard)
    page.on("console", note)
    page.on("pageerror", lambda error: problems.append(f"uncaught: {error}"))
    page.on("requestfailed", lambda request: problems.append(f"failed: {request.url} ({request.failure})"))
    yield page
    context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def chinese_glyphs(chromium) -> None:
    """Skip where this machine's browser has no Chinese font: there every character is the same empty box."""
    page = chromium.new_page()
    shots = []
    for character in "文圈":
        page.set_content(f'<span id="c" style="font-size: 40px">{character}</span>')
        shots.append(page.locator("#c").screenshot())
    page.close()
    if shots[0] == shots[1]:
        pytest.skip("no Chinese font: install Debian's fonts-wqy-microhei")
