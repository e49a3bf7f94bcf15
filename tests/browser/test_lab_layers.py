"""The map's layers, linked maps, the hour, files and the solver in a browser: what is asked for is seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import shapely

import cultureplan as cp
from cultureplan.measures.isochrones import isochrones
from tests.browser.lab_pages import MapHand, forget_harmless, voila_server

pytest.importorskip("voila", reason="the extra lab is not installed")

STREETS = """
import cultureplan as cp
from cultureplan.lab import CoverageExplorer
world = cp.load_world("wuhan")
CoverageExplorer(world.with_demand(cp.DemandPoints(world.demand.frame.iloc[::20])))
"""
PAIR = """
import cultureplan as cp, ipywidgets
from cultureplan.lab import CityMap, LabSession, LabState
world = cp.load_world("sanheyuan")
first = CityMap(LabSession(LabState.start(world)), height_px=300)
second = CityMap(LabSession(LabState.start(world, "zhejiang-2022")), height_px=300)
first.link(second)
ipywidgets.HBox([first.widget, second.widget])
"""
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
HARD = """
import cultureplan as cp
from cultureplan.lab import SitingStudio
world = cp.datasets.synthetic_world(n_demand=3_000, n_facilities=10, n_candidates=400, seed=3)
studio = SitingStudio(world, n_sites=28)
studio.solver.goal.goal.value = "backup_coverage"
studio
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[str]:
    """The address of the pages."""
    pages = {"streets": STREETS, "pair": PAIR, "explorer": EXPLORER, "studio": STUDIO, "hard": HARD}
    with voila_server(tmp_path_factory.mktemp("layers"), pages) as address:
        yield address


@pytest.fixture
def opened(chromium_page, lab):
    """A function that opens a page and returns the hand on its first map."""

    def show(name: str) -> MapHand:
        chromium_page.goto(f"{lab}{name}.ipynb")
        hand = MapHand(chromium_page)
        hand.wait_first()
        return hand

    yield show
    forget_harmless(chromium_page)


def switch(hand: MapHand, *layers: str) -> None:
    """Press the switches of some layers."""
    for layer in layers:
        hand.answered(lambda layer=layer: hand.page.get_by_role("checkbox", name=layer, exact=True).click())


def loaded(hand: MapHand) -> None:
    """Wait until everything that a layer asked Python for is on the map."""
    hand.page.wait_for_function(
        "canvas => canvas.dataset.loading === 'false'", arg=hand.canvas.element_handle(), timeout=60_000
    )
    hand.settle()


def spoken(page, wanted: str) -> None:
    """Wait until both maps read out the same: something, or nothing."""
    page.wait_for_function(
        """wanted => {
          const [one, other] = [...document.querySelectorAll(".cp-map-spoken")].map((p) => p.textContent);
          return one === other && (one !== "") === (wanted !== "");
        }""",
        arg=wanted,
        timeout=60_000,
    )


def test_layers_are_switched_on_and_off(opened, chromium_page):
    """Isochrones tint the land along streets and nothing else, streets are lines, and off is off."""
    hand, world = opened("streets"), cp.load_world("wuhan")
    switch(hand, "People", "Circles", "Candidate sites")
    bare = hand.picture()
    mode = cp.load_circles("ordos-2014").along_streets().rule("urban").mode
    reached = isochrones(world, mode, limit=10, merged=True).geometry.iloc[0]
    sites = shapely.MultiPoint(world.facilities.xy)
    inside = shapely.point_on_surface(reached.buffer(-35).difference(sites.buffer(350)))
    west, south, *_ = reached.bounds
    steps = [shapely.Point(west + 250 * i, south + 250 * j) for i in range(40) for j in range(40)]
    outside = next(p for p in steps if reached.distance(p) > 150 and sites.distance(p) > 350)
    assert hand.colour(inside.x, inside.y) == hand.colour(outside.x, outside.y) == "#ffffff"
    switch(hand, "Reached along streets")
    loaded(hand)
    assert hand.colour(outside.x, outside.y) == "#ffffff"
    assert hand.colour(inside.x, inside.y) != "#ffffff"
    tinted = hand.picture()
    assert "reached along streets within 10 min" in chromium_page.locator(".cp-map-legend").inner_text()
    switch(hand, "Streets")
    loaded(hand)
    assert hand.picture() not in (tinted, bare)
    switch(hand, "Streets", "Reached along streets")
    assert hand.picture() == bare


def test_linked_maps_look_at_the_same_place(opened, chromium_page):
    """Zooming, panning and marking in one map is seen in the other, at once and back again."""
    first, second = opened("pair"), MapHand(chromium_page, at=1)
    second.settle()
    whole, other = first.picture(), second.picture()
    chromium_page.get_by_role("button", name="Zoom in").first.click()
    first.canvas.focus()
    chromium_page.keyboard.press("ArrowLeft")
    first.settle()
    second.settle()
    assert first.data("view") == second.data("view")
    assert second.picture() != other
    before = second.picture()
    chromium_page.keyboard.press("n")
    spoken(chromium_page, "something")
    first.settle()
    second.settle()
    assert second.picture() != before
    second.canvas.focus()
    chromium_page.keyboard.press("Escape")
    spoken(chromium_page, "")
    chromium_page.keyboard.press("0")
    chromium_page.evaluate("() => document.activeElement.blur()")
    first.settle()
    second.settle()
    assert (first.picture(), second.picture()) == (whole, other)


def test_an_hour_of_the_week_is_looked_at(opened, chromium_page):
    """What is shut at the hour is pale and covers nobody; without an hour everything is as before."""
    hand, page = opened("explorer"), chromium_page
    status = page.locator(".cp-map-status")
    words, picture = status.inner_text(), hand.picture()
    hand.answered(lambda: page.get_by_role("checkbox", name="Count only what is open then").click())
    assert status.inner_text().startswith("Tuesday 10:00: ")
    assert "closed at this hour" in page.locator(".cp-map-legend").inner_text()
    morning = hand.picture()
    assert morning != picture
    slider = page.get_by_role("slider").last
    slider.focus()
    for _ in range(2):
        hand.answered(lambda: page.keyboard.press("ArrowRight"))
    assert status.inner_text().startswith("Tuesday 12:00: ")
    hand.answered(lambda: page.get_by_role("checkbox", name="Count only what is open then").click())
    assert (status.inner_text(), hand.picture()) == (words, picture)


def test_a_plan_is_saved_and_opened_again(opened, chromium_page, tmp_path):
    """The file brings plan and snapshots back; one that is no plan is refused in words."""
    hand, page = opened("explorer"), chromium_page
    status = page.locator(".cp-map-status")
    today = status.inner_text()
    x, y = map(float, cp.load_world("sanheyuan").demand.xy.mean(axis=0))
    hand.answered(lambda: hand.click(x + 4_000, y + 3_000))
    planned = status.inner_text()
    assert planned != today
    page.get_by_placeholder("Snapshot name").fill("one more")
    hand.answered(lambda: page.get_by_role("button", name="Keep", exact=True).click())
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save", exact=True).click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert file.name == "Sanheyuan.cultureplan.json"
    hand.answered(lambda: page.get_by_role("button", name="Back to today").click())
    hand.answered(lambda: page.get_by_role("button", name="×").click())
    assert status.inner_text() == today
    chooser = page.locator("input[type=file]")
    hand.answered(lambda: chooser.set_input_files(file))
    assert status.inner_text() == planned
    page.get_by_role("button", name="one more").wait_for()
    (tmp_path / "notes.json").write_text("shopping list", encoding="utf-8")
    hand.answered(lambda: chooser.set_input_files(tmp_path / "notes.json"))
    assert "notes.json is not a plan" in page.locator(".cp-map-notice").inner_text()
    assert status.inner_text() == planned


def test_a_site_is_demanded_by_a_click_and_another_goal_solved(opened, chromium_page):
    """The demanded site gets its mark and is among the solver's; the verdict is in the goal's own unit."""
    hand, page = opened("studio"), chromium_page
    frame = cp.load_world("sanheyuan").facilities.frame
    site = frame[frame["status"] == "candidate"].geometry.iloc[-1]
    page.get_by_role("button", name="requires").click()
    hand.settle()
    before = hand.colour(site.x, site.y)
    hand.answered(lambda: hand.click(site.x, site.y))
    page.mouse.move(5, 5)
    hand.settle()
    assert hand.colour(site.x, site.y) not in (before, "#ffffff")
    assert "must be opened" in page.locator(".cp-map-legend").inner_text()
    goals = page.locator("select").nth(1)
    hand.answered(lambda: goals.select_option(label="Shortest way on average (p-median)"))
    page.get_by_role("button", name="Solve", exact=True).click()
    page.get_by_text("Proved in").wait_for(timeout=60_000)
    hand.answered(lambda: page.get_by_role("button", name="Show the solver's sites").click())
    page.get_by_text("As good as it gets: mean way").wait_for()
    page.get_by_text("You have opened 2 of 2 sites.").wait_for()


def test_a_long_solve_shows_its_bound_and_stops(opened, chromium_page):
    """Best answer and bound are told and drawn while it runs; stopped, the gap stands for what it is."""
    opened("hard")
    page = chromium_page
    page.get_by_role("button", name="Solve", exact=True).click()
    page.get_by_text("none can be better than").wait_for(timeout=60_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("Not proved after").wait_for(timeout=60_000)
    assert page.locator("svg[role=img] path").count() == 3
    assert page.get_by_role("button", name="Solve", exact=True).is_enabled()
