"""Read a report back: its elements, its words, its tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "hr", "input"}


@dataclass
class Element:
    """An element with its attributes, its own words and the words of everything in it."""

    tag: str
    attributes: dict[str, str]
    words: list[str] = field(default_factory=list)


class Reader(HTMLParser):
    """Collects every element of a page, and fails on tags that do not close."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {key: value or "" for key, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop().tag == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.words.append(data)


def read_page(html: str) -> list[Element]:
    """Return every element of a page in order."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open, f"<{reader.open[-1].tag}> does not close"
    return reader.elements


def all_words(elements: list[Element]) -> str:
    """Return the text of the page's body without scripts and styles."""
    body = next(element for element in elements if element.tag == "body")
    return " ".join(" ".join(body.words).split())
