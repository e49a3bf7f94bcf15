"""The documentation site as a reader meets it: both languages, nothing fetched, a search that finds."""

from __future__ import annotations

import functools
import http.server
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def site(repo, tmp_path_factory) -> Iterator[str]:
    """Both sites, built strictly from a copy and served on this machine; the address of the first page."""
    pytest.importorskip("mkdocs", reason="the extra docs is not installed")
    folder = tmp_path_factory.mktemp("site")
    for name in ("docs", "src"):
        shutil.copytree(repo / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(repo / "mkdocs.yml", folder)
    for config in ("mkdocs.yml", "docs/mkdocs.zh.yml"):
        done = subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--config-file", config],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            """Say nothing on each request."""

    handler = functools.partial(Handler, directory=folder / "build" / "site")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_the_first_page_leads_to_the_other_language_and_back(chromium_page, site):
    """The language switch goes from the English first page to the Chinese one and returns."""
    chromium_page.goto(f"{site}index.html")
    assert chromium_page.locator("html").get_attribute("lang") == "en"
    for lang in ("zh", "en"):
        href = chromium_page.locator(f'.md-select__link[hreflang="{lang}"]').get_attribute("href")
        chromium_page.goto(chromium_page.evaluate("href => new URL(href, location.href).href", href))
        assert chromium_page.locator("html").get_attribute("lang") == lang
    assert chromium_page.url == f"{site}index.html"


@pytest.mark.parametrize(("page", "word"), [("zh/index.html", "文化圈"), ("index.html", "facilities")])
def test_the_search_finds_a_word_of_the_page(chromium_page, site, page, word):
    """A word typed into the search is found, also a Chinese one from the middle of a sentence."""
    chromium_page.goto(f"{site}{page}")
    chromium_page.keyboard.press("f")
    field = chromium_page.locator(".md-search__input")
    field.fill(word)
    field.press("End")  # the search listens to keys, and Chinese is not typed with them
    chromium_page.locator(".md-search-result__item").first.wait_for(timeout=15_000)
    assert word in chromium_page.locator(".md-search-result__list").inner_text()
