"""Panels of equality, tree, scenarios and requirements in a browser: what a person does is seen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import cultureplan as cp
from cultureplan.plotting.style import COVERED, LOST
from tests.browser.lab_pages import MapHand, forget_harmless, voila_server

pytest.importorskip("voila", reason="the extra lab is not installed")

_PAGE = """
import cultureplan as cp
from cultureplan.lab import {panel}
{panel}(cp.load_world("sanheyuan"))
"""
PAGES = {
    name: _PAGE.format(panel=panel)
    for name, panel in (
        ("equity", "EquityPanel"),
        ("tree", "HierarchyPanel"),
        ("compare", "ComparisonPanel"),
        ("standards", "StandardsPanel"),
    )
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[str]:
    """The address of the panels."""
    with voila_server(tmp_path_factory.mktemp("panels"), PAGES) as address:
        yield address


@pytest.fixture
def opened(chromium_page, lab):
    """A function that opens a panel and returns the hand on its first map."""

    def show(name: str) -> MapHand:
        chromium_page.goto(f"{lab}{name}.ipynb")
        hand = MapHand(chromium_page)
        hand.wait_first()
        return hand

    yield show
    forget_harmless(chromium_page)


@pytest.fixture(scope="module")
def town() -> cp.World:
    """The world that all panels show."""
    return cp.load_world("sanheyuan")


def place_of(world: cp.World, facility_id: str) -> tuple[float, float]:
    """Return where a facility stands, metres."""
    x_m, y_m = world.facilities.xy[world.facilities.ids.get_loc(facility_id)]
    return float(x_m), float(y_m)


def costly_closure(world: cp.World) -> tuple[str, tuple[float, float], float]:
    """Return what to close so that people far from all markers are left: which, where, how many."""
    before = cp.measure_coverage(world, cp.load_circles("ordos-2014")).points
    gap_m = np.hypot(*(world.demand.xy[:, None] - world.facilities.xy[None]).transpose(2, 0, 1)).min(axis=1)
    best: tuple[float, str, tuple[float, float], float] = (0.0, "", (0.0, 0.0), 0.0)
    for closed in world.network.ids:
        left = cp.Scenario(world).close(closed).apply()
        after = cp.measure_coverage(left, cp.load_circles("ordos-2014")).points
        lost = (before["is_covered"] & ~after["is_covered"]).to_numpy()
        row = int(np.where(lost, gap_m, 0.0).argmax())
        if lost.any() and gap_m[row] > best[0]:
            point = (float(world.demand.xy[row, 0]), float(world.demand.xy[row, 1]))
            best = (float(gap_m[row]), str(closed), point, float(before["persons"].to_numpy()[lost].sum()))
    return best[1:]


def wait_text(page, selector: str, words: str) -> None:
    """Wait until something on the page says some words."""
    page.locator(selector, has_text=words).first.wait_for(timeout=10_000)


def test_the_lorenz_curve_follows_a_drag(opened, chromium_page, town, chinese_glyphs):
    """Moving a station bends the curve and recolours the map; undo straightens both; words turn Chinese."""
    page, hand = chromium_page, opened("equity")
    svg = page.locator(".cp-lorenz svg")
    curve = page.locator(".cp-lorenz polyline").last
    before, picture = curve.get_attribute("points"), hand.picture()
    assert svg.get_attribute("aria-label").startswith("Lorenz curve")
    x, y = place_of(town, town.network.ids[3])
    hand.answered(lambda: hand.drag((x, y), (x + 9_000, y - 4_000)))
    page.mouse.move(5, 5)
    hand.settle()
    assert curve.get_attribute("points") != before
    assert page.locator(".cp-lorenz polyline[stroke-dasharray]").get_attribute("points") == before
    assert hand.picture() != picture
    hand.canvas.focus()
    for key in ("Control+z", "Escape"):
        page.keyboard.press(key)
    hand.canvas.evaluate("canvas => canvas.blur()")
    page.wait_for_function(
        "before => [...document.querySelectorAll('.cp-lorenz polyline')].at(-1)"
        ".getAttribute('points') === before",
        arg=before,
    )
    hand.settle()
    assert hand.picture() == picture

    shot = svg.screenshot()
    page.get_by_text("Who counts").locator("xpath=following::select[1]").select_option(label="older people")
    page.wait_for_function(
        "before => [...document.querySelectorAll('.cp-lorenz polyline')].at(-1)"
        ".getAttribute('points') !== before",
        arg=before,
    )
    assert svg.screenshot() != shot
    page.get_by_role("button", name="中文").click()
    wait_text(page, ".cp-lorenz", "基尼系数")
    assert page.get_by_text("Split by").count() == 0


def test_tree_and_map_are_one(opened, chromium_page, town):
    """Chosen in the one it is marked in the other; given another parent, tree and links change."""
    page, hand = chromium_page, opened("tree")
    frame = town.facilities.frame.set_index("facility_id")
    branch = next(name for name in town.network.ids if frame.at[name, "level"] == "branch")
    line = page.locator(f".cp-tree-line[data-id='{branch}']")
    plain = hand.picture()
    line.click()
    page.wait_for_function("id => document.querySelector('.cp-facts-name')?.dataset.id === id", arg=branch)
    hand.settle()
    ringed = hand.picture()
    assert ringed != plain
    other = next(
        name
        for name in town.network.ids
        if frame.at[name, "level"] == "head" and name != frame.at[branch, "parent_id"]
    )
    hand.click(*place_of(town, other))
    page.locator(f".cp-tree-line[data-id='{other}'][aria-selected=true]").wait_for()
    page.locator(".cp-tree-list").focus()
    page.keyboard.press("Home")
    page.locator(f".cp-tree-line[data-id='{town.network.roots()[0]}'][aria-selected=true]").wait_for()

    line.click()
    page.wait_for_function("id => document.querySelector('.cp-facts-name')?.dataset.id === id", arg=branch)
    parents = page.get_by_text("New parent").locator("xpath=following::select[1]")
    parents.select_option(index=1 if parents.locator("option").count() > 1 else 0)
    tree = page.locator(".cp-tree-list").inner_text()
    hand.answered(lambda: page.get_by_role("button", name="Reassign", exact=True).click())
    page.mouse.move(5, 5)
    hand.settle()
    assert page.locator(".cp-tree-list").inner_text() != tree
    assert hand.picture() != ringed
    hand.answered(lambda: page.get_by_role("button", name="Undo", exact=True).click())
    page.mouse.move(5, 5)
    hand.settle()
    assert page.locator(".cp-tree-list").inner_text() == tree
    assert hand.picture() == ringed


def test_two_maps_move_together_and_tell_what_differs(opened, chromium_page, town):
    """Zooming and panning one moves the other; a closure shows on one map only, and in the table."""
    page, today = chromium_page, opened("compare")
    now = MapHand(page, at=1)
    picture = today.picture()
    page.get_by_role("button", name="Zoom in").first.click()
    today.canvas.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        """() => {
          const maps = [...document.querySelectorAll("canvas.cp-map-canvas")];
          const [a, b] = maps.map((each) => each.dataset.view.split(",").map(Number));
          return a.every((value, k) => Math.abs(value - b[k]) < 1e-6 * Math.max(1, Math.abs(value)));
        }"""
    )
    page.get_by_role("button", name="Show everything").last.click()
    for hand in (today, now):
        hand.canvas.evaluate("canvas => canvas.blur()")
        hand.settle()
    assert today.picture() == picture
    closed, point, n_lost = costly_closure(town)
    row = page.locator("tr", has_text="No longer served")
    assert row.locator("td").last.inner_text() == "0"
    now.answered(lambda: now.click(*place_of(town, closed), button="right"))
    page.mouse.move(5, 5)
    now.settle()
    n = f"{n_lost:,.0f}"
    wait_text(page, "tr", n)
    assert row.locator("td").last.inner_text() == n
    assert now.colour(*point) == LOST
    assert today.colour(*point) == COVERED
    page.get_by_role("button", name="3", exact=True).click()
    page.wait_for_function("document.querySelectorAll('canvas.cp-map-canvas[data-frames]').length === 3")


def test_the_matrix_tells_and_is_checked_again(opened, chromium_page, town, chinese_glyphs):
    """A cell tells its clause in both languages; after a closure the button checks again and a cell fails."""
    page, hand = chromium_page, opened("standards")
    cell = page.locator("[data-key^='O-HIER-01|']").nth(1)
    cell.hover()
    wait_text(page, ".cp-clause", "每个苏木乡镇")
    wait_text(page, ".cp-clause", "Every township")
    cell.click()
    page.locator("[data-key^='O-HIER-01|'][aria-selected=true]").wait_for()
    page.keyboard.press("ArrowRight")
    page.locator("td[aria-selected=true]").first.wait_for()
    page.mouse.move(5, 5)
    button = page.get_by_role("button", name="Check")
    assert button.is_disabled()
    frame = town.facilities.frame
    stations = frame[(frame["level"] == "branch") & (frame["status"] == "existing")]
    before = page.locator(".cp-matrix table").screenshot()
    hand.canvas.scroll_into_view_if_needed()
    closed = str(stations["facility_id"].iloc[0])
    hand.answered(lambda: hand.click(*place_of(town, closed), button="right"))
    page.get_by_text("The plan has changed since the check.").wait_for()
    page.get_by_role("button", name="Check again").click()
    page.get_by_text("The matrix shows the plan as it is now.").wait_for()
    page.wait_for_function("document.querySelector(\"td[data-key^='O-HIER-01|'].cp-failed\") !== null")
    page.mouse.move(5, 5)
    assert page.locator(".cp-matrix table").screenshot() != before
    few = page.locator(".cp-matrix-clause").count()
    page.get_by_text("Clauses shown").locator("xpath=following::select[1]").select_option(label="all")
    page.wait_for_function(
        "few => document.querySelectorAll('.cp-matrix-clause').length > few", arg=few, timeout=10_000
    )
    page.get_by_role("button", name="中文").click()
    wait_text(page, ".cp-matrix", "设施清单")
