"""Pictures as SVG inside a page: escaped, small, repeatable, with ids of their own."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

import cultureplan as cp
from cultureplan import plotting
from cultureplan.plotting.svg import to_svg
from tests.plotting.worlds import world

STANDARD = cp.load_circles("ordos-2014")


def picture(name: str = "map", **options: object) -> str:
    """Return the coverage map of the small world."""
    coverage = cp.measure_coverage(world(**options), STANDARD)
    return to_svg(lambda ax: plotting.coverage_map(coverage, ax=ax, lang="zh"), name=name, label="Karte")


def test_the_same_input_gives_the_same_text():
    """A report that is written twice is the same twice."""
    assert picture() == picture()


def test_ids_begin_with_the_name_of_the_picture_and_links_follow():
    """Several pictures on a page do not take each other's shapes."""
    drawn = picture("first")
    ids = set(re.findall(r'\bid="([^"]+)"', drawn))
    assert ids
    assert all(key.startswith("first-") for key in ids)
    linked = set(re.findall(r'href="#([^"]+)"', drawn)) | set(re.findall(r"url\(#([^)]+)\)", drawn))
    assert linked <= ids


def test_text_is_text_and_the_picture_says_what_it_is():
    """A reader's own fonts draw the labels, and a reader who hears gets a label."""
    root = ET.fromstring(picture())
    texts = ["".join(element.itertext()) for element in root.iter("text")]
    assert "已覆盖：700 人" in texts
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Karte"
    assert root.get("viewBox")
    assert root.get("width") is None


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a & b ' \""]
)
def test_a_name_from_input_is_text_and_never_a_tag(hostile):
    """No element and no attribute comes out of a name, in the picture or in its label."""
    coverage = cp.measure_coverage(world(name=hostile), STANDARD)
    drawn = to_svg(
        lambda ax: plotting.place_bars(coverage, "township", ax=ax, lang="zh"), name="x", label=hostile
    )
    root = ET.fromstring(drawn)
    assert {element.tag for element in root.iter()} <= {
        "svg", "g", "path", "text", "use", "defs", "style", "clipPath", "rect", "image", "tspan",
    }  # fmt: skip
    assert not [key for element in root.iter() for key in element.attrib if key.startswith("on")]
    assert root.get("aria-label") == hostile
    assert hostile[:12] in "".join("".join(element.itertext()) for element in root.iter("text"))


def test_ten_thousand_points_stay_below_a_megabyte():
    """Very many dots are one image inside the SVG; the labels stay text."""
    big = cp.datasets.synthetic_world(n_demand=10_000, n_facilities=50, seed=7)
    coverage = cp.measure_coverage(big, STANDARD)
    drawn = to_svg(lambda ax: plotting.coverage_map(coverage, ax=ax), name="big", label="big")
    assert len(drawn) < 1_000_000
    assert "<image" in drawn
    assert "<text" in drawn
