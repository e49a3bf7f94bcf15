"""The browser fixture itself: it shows local pages and notices what a page must not do."""

from __future__ import annotations


def test_a_page_from_disk_runs_its_script(chromium_page, tmp_path):
    """A file is opened as a reader opens it, and what its script writes is there to be read."""
    page_file = tmp_path / "page.html"
    page_file.write_text(
        '<!doctype html><meta charset="utf-8"><p id="a"></p>'
        "<script>document.getElementById('a').textContent = '文化' + '圈'</script>",
        encoding="utf-8",
    )
    chromium_page.goto(page_file.as_uri())
    assert chromium_page.inner_text("#a") == "文化圈"


def test_errors_and_foreign_requests_are_noticed(chromium_page):
    """A console error, an uncaught error and an image from elsewhere are all held against a page."""
    chromium_page.set_content(
        "<script>console.error('one'); setTimeout(() => { throw new Error('two') })</script>"
        '<img src="https://tiles.example.org/1.png">'
    )
    chromium_page.wait_for_timeout(200)
    found = "\n".join(chromium_page.problems)
    chromium_page.problems.clear()
    assert "console: one" in found
    assert "uncaught: two" in found
    assert "request leaves this machine: https://tiles.example.org/1.png" in found
