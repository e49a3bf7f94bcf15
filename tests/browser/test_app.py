"""The planner's page in a browser: open, drop, drag, solve, stop, switch, export; two planners at once."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import cultureplan as cp
from tests.browser.conftest import is_local
from tests.browser.lab_pages import MapHand

pytest.importorskip("voila", reason="the extra lab is not installed")

FACILITIES = "facility_id,name,level,kind,lon,lat\nF1,Library,head,library,106.39,39.02\n"
DEMAND = "demand_id,persons,settlement,lon,lat\nD1,100,urban,106.391,39.021\nD2,50,rural,106.41,39.03\n"
SLOW = 90_000  # milliseconds; a busy machine is no failure


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a served page without a world, token included."""
    command = [sys.executable, "-m", "cultureplan", "app", "--no-browser", "--json", "--language", "en"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())["address"]
        finally:
            server.terminate()


class Hand:
    """A planner at the page."""

    def __init__(self, page, address: str) -> None:
        self.page = page
        page.set_default_timeout(SLOW)
        page.goto(address)
        page.get_by_role("tab", name="Data").wait_for()

    def press(self, name: str) -> None:
        """Press a button of the step that is shown."""
        self.page.get_by_role("button", name=name, exact=True).locator("visible=true").first.click()

    def step(self, name: str) -> None:
        """Go to a step."""
        self.page.get_by_role("tab", name=name).click()

    def sees(self, words: str | re.Pattern[str]) -> None:
        """Wait until some words are seen."""
        self.page.get_by_text(words).locator("visible=true").first.wait_for()

    def open_example(self, world: str) -> None:
        """Open a world that comes along."""
        self.page.locator(".cp-open select").nth(1).select_option(label=world)
        self.press("Open the example")
        self.sees("is open, without a fault")

    def drop(self, files: dict[str, str]) -> None:
        """Drop files on the zone that is shown."""
        given = self.page.evaluate_handle(
            """(files) => {
              const given = new DataTransfer();
              for (const [name, text] of Object.entries(files)) given.items.add(new File([text], name));
              return given;
            }""",
            files,
        )
        self.page.locator(".cp-drop").locator("visible=true").first.dispatch_event(
            "drop", {"dataTransfer": given}
        )

    def download(self, name: str, folder: Path) -> Path:
        """Press an export button and return the file that the browser saved."""
        with self.page.expect_download() as saved:
            self.press(name)
        path = folder / saved.value.suggested_filename
        saved.value.save_as(path)
        return path


def test_from_an_example_to_the_exports(chromium_page, address, tmp_path, chinese_glyphs):
    """Drag, solve, money, duties, language, downloads: the figures are the same everywhere."""
    hand = Hand(chromium_page, address)
    assert "token" not in chromium_page.url
    hand.open_example("Sanheyuan: invented teaching town")
    hand.step("Map and sites")
    city = MapHand(chromium_page)
    city.wait_first()
    world = cp.load_world("sanheyuan")
    standard = cp.load_circles("ordos-2014")
    before = cp.measure_coverage(world, standard)
    status = chromium_page.locator(".cp-map-status").first
    assert status.inner_text().startswith(f"{100 * before.share:.1f}%")

    moved = world.facilities.frame.set_index("facility_id").loc[world.network.ids[-1]].geometry
    middle = world.demand.xy.mean(axis=0)
    city.answered(lambda: city.drag((moved.x, moved.y), (float(middle[0]), float(middle[1]))))
    assert "Against today" in status.inner_text()
    hand.press("Undo")
    hand.sees("Nothing is changed yet")
    city.answered(lambda: hand.press("Find sites"))
    hand.sees("Proven in")
    hand.sees("persons are newly covered")

    hand.step("Budget and years")
    hand.sees("No other order serves more people earlier")
    assert chromium_page.locator(".cp-chart circle").count() == 4
    hand.step("Duties")
    hand.sees("Requirements that could be assessed")
    chromium_page.get_by_role("button", name="中文").click()
    hand.sees("达标情况与责任部门")
    assert chromium_page.evaluate("document.documentElement.lang") == "zh-CN"
    chromium_page.get_by_role("button", name="English").click()
    hand.sees("What is required, and who must act")

    hand.step("Save and export")
    plan = json.loads(hand.download("Save the plan (JSON)", tmp_path).read_text(encoding="utf-8"))
    added = [change for change in plan["now"]["changes"] if change["change"] == "open"]
    after = cp.Scenario(world)
    for change in added:
        after = after.add(change["facility_id"])
    persons = cp.measure_coverage(after.apply(), standard).persons
    features = json.loads(hand.download("Sites for GIS (GeoJSON)", tmp_path).read_text(encoding="utf-8"))
    opened = {
        feature["properties"]["facility_id"]
        for feature in features["features"]
        if feature["properties"]["change"] == "opened"
    }
    assert opened == {change["facility_id"] for change in added}
    assert len(opened) == 5
    sheets = pd.read_excel(hand.download("Tables (Excel)", tmp_path), sheet_name=None)
    assert persons in sheets["Figures"]["Value"].tolist()
    report = hand.download("Report (HTML)", tmp_path).read_text(encoding="utf-8")
    assert f"{persons - before.persons:,.0f}" in report


def test_faults_are_listed_and_a_sound_drop_opens(chromium_page, address):
    """Two faulty tables open nothing and name row, value and remedy; mended, they are a world."""
    hand = Hand(chromium_page, address)
    chromium_page.locator(".cp-open select").first.select_option(label="GCJ-02 (Amap, Tencent)")
    chromium_page.get_by_placeholder("where the files do not say it").fill("Dropped town")
    hand.drop({"facilities.csv": FACILITIES, "demand.csv": DEMAND + "D3,-5,urban,106.4,39.0\n"})
    hand.sees("Nothing was loaded")
    row = chromium_page.locator(".cp-grid tbody tr").first.inner_text()
    assert "demand.csv" in row
    assert "-5" in row
    assert chromium_page.get_by_role("tab", name="Map and sites").is_disabled()
    chromium_page.get_by_role("button", name="中文").click()
    hand.sees("未载入任何数据")
    chromium_page.get_by_role("button", name="English").click()
    hand.drop({"facilities.csv": FACILITIES, "demand.csv": DEMAND})
    hand.sees("Dropped town is open, without a fault")
    hand.step("Map and sites")
    MapHand(chromium_page).wait_first()


def test_a_long_solve_can_be_stopped(chromium_page, address):
    """A hard question shows that it runs, stops when told, and the page goes on."""
    hand = Hand(chromium_page, address)
    hand.open_example("New York: real libraries")
    hand.step("Map and sites")
    MapHand(chromium_page).wait_first()
    chromium_page.locator(".cp-card select").select_option(label="Shortest way on average (p-median)")
    slider = chromium_page.locator(".cp-card [role=slider]").first
    slider.focus()
    chromium_page.keyboard.press("End")
    hand.press("Find sites")
    chromium_page.locator(".cp-card .progress").locator("visible=true").first.wait_for()
    hand.press("Stop")
    hand.sees(re.compile("Best so far|Stopped before"))
    assert chromium_page.get_by_role("button", name="Find sites").is_enabled()
    hand.sees("Nothing is changed yet")


def test_two_planners_see_their_own_worlds(chromium_page, address):
    """Two browsers at once: another world, another language, and nothing of one reaches the other."""
    one = Hand(chromium_page, address)
    context = chromium_page.context.browser.new_context(service_workers="block")
    page = context.new_page()
    foreign: list[str] = []
    page.on("request", lambda request: None if is_local(request.url) else foreign.append(request.url))
    other = Hand(page, address)
    one.open_example("Sanheyuan: invented teaching town")
    other.open_example("Wuhan centre: real streets")
    page.get_by_role("button", name="中文").click()
    other.sees("武汉（中心）")
    assert "Sanheyuan" in chromium_page.locator(".cp-top h1").inner_text()
    assert "武汉" in page.locator(".cp-top h1").inner_text()
    context.close()
    assert foreign == []
