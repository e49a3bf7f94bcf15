"""Pages that are marked complete run as they stand, and print what they show."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
MARK = "<!-- complete -->"
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PAGES = sorted(
    path.relative_to(DOCS).as_posix()
    for path in DOCS.rglob("*.md")
    if MARK in path.read_text(encoding="utf-8").splitlines()
)


def blocks(page: str) -> list[tuple[str, str]]:
    """Return the Python blocks of a page, each with the text block that follows it, or an empty text."""
    fences = FENCE.findall((DOCS / page).read_text(encoding="utf-8"))
    following = [*fences[1:], ("", "")]
    return [
        (code, shown if after == "text" else "")
        for (language, code), (after, shown) in zip(fences, following, strict=True)
        if language == "python"
    ]


def test_the_pages_on_measures_are_complete():
    """Each measure's page has a mark and at least one block that runs."""
    wanted = {"streets.md", "access.md", "equity.md", "hours.md", "uncertainty.md", "zh/measures.md"}
    assert wanted <= set(PAGES)
    assert all(blocks(page) for page in PAGES)


def test_every_page_on_siting_is_complete():
    """One page a model, and those on fronts, candidates and proof: each runs, also the Chinese one."""
    siting = {path.relative_to(DOCS).as_posix() for path in (DOCS / "siting").glob("*.md")}
    assert siting | {"zh/siting.md"} <= set(PAGES)
    assert len(siting) >= 18


@pytest.mark.parametrize("page", PAGES)
def test_the_blocks_of_a_complete_page_run_and_print_what_they_show(page: str, tmp_path, monkeypatch):
    """In order and in one session; what a text block below shows is what is printed, to the letter."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": page}
    for code, shown in blocks(page):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, page, "exec"), names)
        if shown:
            lines = [line.rstrip() for line in printed.getvalue().splitlines()]
            assert lines == shown.splitlines()
