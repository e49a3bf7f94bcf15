"""Both sites list every page they have, and have every page they list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

DOCS = Path(__file__).resolve().parents[2] / "docs"
SITES = {
    "en": (DOCS.parent / "mkdocs.yml", DOCS),
    "zh": (DOCS / "mkdocs.zh.yml", DOCS / "zh"),
}


def pages_of(folder: Path) -> list[Path]:
    """Return the pages of a site; tables and snippets are parts that pages include."""
    parts = {DOCS / "tables", DOCS / "snippets"}
    return [path for path in folder.rglob("*.md") if path.parent not in parts]


def listed_pages(nav: list | dict | str) -> Iterator[str]:
    """Yield the pages named in a navigation tree."""
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, dict):
        for below in nav.values():
            yield from listed_pages(below)
    else:
        for entry in nav:
            yield from listed_pages(entry)


@pytest.mark.parametrize("lang", sorted(SITES))
def test_the_navigation_lists_exactly_the_pages_there_are(lang):
    """No page that a reader cannot find, no entry that leads nowhere, no page twice."""
    config, folder = SITES[lang]
    listed = list(listed_pages(yaml.safe_load(config.read_text(encoding="utf-8"))["nav"]))
    present = {path.relative_to(folder).as_posix() for path in pages_of(folder)}
    if lang == "en":
        present = {page for page in present if not page.startswith("zh/")}
    assert sorted(listed) == sorted(present)


@pytest.mark.parametrize("lang", sorted(SITES))
def test_a_page_starts_with_its_title(lang):
    """The first line of each page is its one heading of level 1, which the navigation and the search show."""
    _, folder = SITES[lang]
    untitled = [
        path.relative_to(DOCS).as_posix()
        for path in pages_of(folder)
        if not path.read_text(encoding="utf-8").startswith("# ")
    ]
    assert untitled == []


def test_no_chinese_sentence_is_broken_into_lines():
    """A line end inside a Chinese sentence would be shown as a blank, so a paragraph stands on one line."""
    ideograph = "[\u4e00-\u9fff\u3001\u3002\uff0c\uff1a\uff1b\uff09]"
    broken = []
    for path in pages_of(SITES["zh"][1]):
        prose = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        broken += [
            f"{path.relative_to(DOCS).as_posix()}: {match.group()!r}"
            for match in re.finditer(rf"{ideograph}\**\n\**{ideograph}", prose)
        ]
    assert broken == []
