"""The lab in a browser, under Voila: what a person does reaches the state, and the pixels show the answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import cultureplan as cp
from cultureplan.plotting.style import COVERED, NEWLY_COVERED, UNCOVERED
from tests.browser.lab_pages import MapHand, forget_harmless, voila_server

pytest.importorskip("voila", reason="the extra lab is not installed")

NEARLY_COVERED = "SHY-1203-1"  # a village 2.1 km from its nearest library, where 2 km count

EXPLORER = """
import cultureplan as cp
from cultureplan.lab import CoverageExplorer
CoverageExplorer(cp.load_world("sanheyuan"))
"""
STUDIO = """
import cultureplan as cp
from cultureplan.lab import SitingStudio
SitingStudio(cp.load_world("sanheyuan"), n_sites=2)
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[str]:
    """The address of the two panels."""
    with voila_server(tmp_path_factory.mktemp("lab"), {"explorer": EXPLORER, "studio": STUDIO}) as address:
        yield address


@pytest.fixture
def opened(chromium_page, lab):
    """A function that opens a panel and returns the hand on its map; no unknown problem may have come up."""

    def show(name: str) -> MapHand:
        chromium_page.goto(f"{lab}{name}.ipynb")
        hand = MapHand(chromium_page)
        hand.wait_first()
        return hand

    yield show
    forget_harmless(chromium_page)


def empty_spot(world: cp.World, x_m: float, y_m: float) -> tuple[float, float]:
    """Return a place 1.5 km from a point where nothing is near enough to snap to."""
    taken = np.concatenate([world.demand.xy, world.facilities.xy])
    for turn in np.linspace(0, 2 * np.pi, 36):
        spot = (x_m + 1_500 * np.cos(turn), y_m + 1_500 * np.sin(turn))
        if np.hypot(*(taken - spot).T).min() > 1_200:
            return float(spot[0]), float(spot[1])
    raise AssertionError("everything is near something")


def set_slider(page, label: str, keys: list[str]) -> None:
    """Move the slider under a caption with the keyboard."""
    caption = page.get_by_text(label, exact=True)
    slider = caption.locator("xpath=following::div[@role='slider'][1]")
    slider.focus()
    for key in keys:
        page.keyboard.press(key)


def test_a_person_explores_coverage(opened, chromium_page, chinese_glyphs):
    """Slider, click, drag, right-click, undo and language: figures follow, and so do the pixels."""
    page, hand, world = chromium_page, opened("explorer"), cp.load_world("sanheyuan")
    status = page.locator(".cp-map-status")
    first_words, first_picture = status.inner_text(), hand.picture()
    share = cp.measure_coverage(world, cp.load_circles("ordos-2014")).share
    assert first_words.startswith(f"{100 * share:.1f}% covered")
    x, y = map(float, world.demand.xy[world.demand.ids.get_loc(NEARLY_COVERED)])
    assert hand.colour(x, y) == UNCOVERED

    hand.answered(lambda: set_slider(page, "Limit, rural (m)", ["ArrowRight"] * 3))
    assert status.inner_text() != first_words
    assert hand.colour(x, y) == COVERED
    hand.answered(lambda: page.get_by_role("button", name="Undo", exact=True).click())
    assert status.inner_text() == first_words
    assert hand.picture() == first_picture

    spot = empty_spot(world, x, y)
    hand.answered(lambda: hand.click(*spot))
    assert "18 facilities" in status.inner_text()
    assert hand.colour(x, y) == NEWLY_COVERED
    hand.answered(lambda: hand.drag(spot, (x + 5_000, y - 1_500)))
    page.mouse.move(5, 5)
    hand.settle()
    assert hand.colour(x, y) == UNCOVERED
    hand.canvas.focus()
    hand.answered(lambda: page.keyboard.press("Control+z"))
    assert hand.colour(x, y) == NEWLY_COVERED
    hand.answered(lambda: hand.click(*spot, button="right"))
    page.mouse.move(5, 5)
    hand.settle()
    assert status.inner_text() == first_words

    page.mouse.move(*_on_page(hand, x, y))
    page.locator(".cp-map-tip:visible").wait_for()
    assert "not covered" in page.locator(".cp-map-tip").inner_text()
    hand.answered(lambda: page.get_by_role("button", name="中文").click())
    assert "覆盖率" in status.inner_text()
    assert hand.canvas.get_attribute("aria-label") == "居民与设施地图"
    assert not page.get_by_text("Circle standard").count()


def _on_page(hand: MapHand, x_m: float, y_m: float) -> tuple[float, float]:
    box, (x, y) = hand.canvas.bounding_box(), hand.px(x_m, y_m)
    return box["x"] + x, box["y"] + y


def test_keys_alone_are_enough(opened, chromium_page):
    """Without a mouse: choose a facility, move it, close it, take it back, zoom, and see everything again."""
    page, hand = chromium_page, opened("explorer")
    status = page.locator(".cp-map-status")
    before, picture = status.inner_text(), hand.picture()
    hand.canvas.focus()
    page.keyboard.press("n")
    hand.answered(lambda: page.keyboard.press("Shift+ArrowUp"))
    hand.answered(lambda: page.keyboard.press("Delete"))
    assert "16 facilities" in status.inner_text()
    hand.answered(lambda: page.keyboard.press("Control+z"))
    hand.answered(lambda: page.keyboard.press("Control+z"))
    assert status.inner_text() == before
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    hand.settle()
    assert hand.picture() != picture
    for key in ("0", "Escape"):
        page.keyboard.press(key)
    hand.canvas.evaluate("canvas => canvas.blur()")
    hand.settle()
    assert hand.picture() == picture


def test_a_learner_plays_against_the_solver(opened, chromium_page):
    """Open a candidate, solve, read the proof, show the solver's sites: the verdict follows each."""
    page, hand, world = chromium_page, opened("studio"), cp.load_world("sanheyuan")
    frame = world.facilities.frame
    candidates = frame[frame["status"] == "candidate"]
    chosen = candidates.geometry.iloc[-1]
    hand.answered(lambda: hand.click(chosen.x, chosen.y))
    page.get_by_text("You have opened 1 of 2 sites.").wait_for()
    page.get_by_role("button", name="Solve", exact=True).click()
    page.get_by_text("Proved in").wait_for(timeout=60_000)
    hand.answered(lambda: page.get_by_role("button", name="Show the solver's sites").click())
    page.get_by_text("As good as it gets").wait_for()
    free = hand.px(*world.demand.xy.min(axis=0))
    hand.answered(lambda: hand.canvas.click(position={"x": free[0], "y": free[1]}))
    page.get_by_text("There is no candidate site here").wait_for()
