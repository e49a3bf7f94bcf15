"""The map in JupyterLab: it is drawn, clicks and keys reach it, and the notebook around keeps its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import cultureplan as cp
from cultureplan.plotting.style import NEWLY_COVERED, UNCOVERED
from tests.browser.lab_pages import MapHand, free_port, write_notebook

pytest.importorskip("jupyterlab", reason="the extra lab is not installed")

NEARLY_COVERED = "SHY-1203-1"  # a village 2.1 km from its nearest library, where 2 km count
TOKEN = "only-for-this-test"
SOURCE = """
import cultureplan as cp
from cultureplan.lab import CoverageExplorer
CoverageExplorer(cp.load_world("sanheyuan"), height_px=400)
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory) -> Iterator[str]:
    """The address of a notebook in JupyterLab, which asks nobody for news or updates."""
    folder = tmp_path_factory.mktemp("jupyter")
    write_notebook(folder / "map.ipynb", SOURCE)
    news = folder / ".JUPYTERLAB_SETTINGS_DIR" / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    (news / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    port = free_port()
    own = {
        name: str(folder / f".{name}")
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR")
    }
    own["JUPYTERLAB_WORKSPACES_DIR"] = str(folder / ".workspaces")
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
        "--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.news_url=None",
        "--LabApp.extension_manager=readonly",
    ]  # fmt: skip
    log = folder / "lab.log"
    with log.open("w") as written:
        server = subprocess.Popen(command, stdout=written, stderr=written, env=os.environ | own)
        try:
            _wait_for(f"http://127.0.0.1:{port}/api?token={TOKEN}", server, log)
            yield f"http://127.0.0.1:{port}/lab/tree/map.ipynb?token={TOKEN}"
        finally:
            server.terminate()
            server.wait(15)


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(900):
        if server.poll() is not None:
            raise RuntimeError(log.read_text())
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(log.read_text())


def test_the_map_works_in_a_notebook(notebook, chromium_page):
    """Run the cell, open a facility by a click, take it back by a key: pixels follow, the cell stays."""
    page, world = chromium_page, cp.load_world("sanheyuan")
    page.goto(notebook)
    cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    cell.wait_for(timeout=60_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    cell.click()
    page.keyboard.press("Control+Enter")
    hand = MapHand(page)
    hand.wait_first()
    hand.canvas.scroll_into_view_if_needed()
    hand.settle()
    status, before = page.locator(".cp-map-status"), hand.picture()
    words, source = status.inner_text(), cell.inner_text()
    x, y = map(float, world.demand.xy[world.demand.ids.get_loc(NEARLY_COVERED)])
    assert hand.colour(x, y) == UNCOVERED
    hand.answered(lambda: hand.click(x + 900, y + 900))
    page.mouse.move(5, 5)
    hand.settle()
    assert hand.colour(x, y) == NEWLY_COVERED
    assert status.inner_text() != words
    hand.answered(lambda: page.keyboard.press("Control+z"))
    hand.canvas.evaluate("canvas => canvas.blur()")
    hand.settle()
    assert (status.inner_text(), hand.picture()) == (words, before)
    hand.canvas.focus()
    for key in ("n", "d", "d", "b", "Escape"):  # D D deletes a cell, where the notebook hears it
        page.keyboard.press(key)
    assert cell.inner_text() == source
    assert page.locator(".jp-Notebook .jp-CodeCell").count() == 1
