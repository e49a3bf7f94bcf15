"""Lab pages for the browser tests: a Voila server with notebooks, and a hand on the map."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

# What Voila's own page asks for and says, whatever notebook it shows: two icon fonts that ipywidgets can do
# without, and a shared module that only JupyterLab has.
HARMLESS = (
    "fortawesome/fontawesome-free",
    "net::ERR_FAILED",
    "@jupyterlab/docmanager",
    "shared module is not",
)


# What is done to a world before a panel is shown, so that there is something to see on it.
_SOLVED = """
request = state.request(cp.MaximalCoverage(n_sites=5))
state = state.take(cp.solve_siting(request.problem, request.model, time_limit_s=20))
"""
_STEPS = {
    "CoverageExplorer": "",
    "SitingStudio": "",
    "EquityPanel": _SOLVED,
    "HierarchyPanel": """
parents = [name for name in state.open_ids if state.sites[name].level in ("head", "branch")]
state = state.close(parents[-1])
chosen = parents[2]
""",
    "ComparisonPanel": _SOLVED
    + """
kept = {"en": "five new", "zh": "新增五处"}[lang]
state = state.take_snapshot(kept).undo().close(state.open_ids[0])
""",
    "StandardsPanel": "",
}
_MORE = {"ComparisonPanel": ", n_maps=3"}
_AFTER = {"HierarchyPanel": "panel.session.select(chosen)\n"}
PANELS = tuple(_STEPS)


def panel_source(panel: str, world: str, *, lang: str = "en", policy: str = "ordos-2014") -> str:
    """Return the notebook source that mounts a panel on a bundled world, with a plan begun.

    Screens of all panels: serve ``{name: panel_source(...)}`` with :func:`voila_server` and take each page.
    """
    more = f', policy="{policy}"' if panel == "StandardsPanel" else _MORE.get(panel, "")
    circles = policy if policy in ("ordos-2014", "shizuishan-2021", "gb50180-2018") else "ordos-2014"
    return f"""
import cultureplan as cp
from cultureplan.lab import LabSession, LabState, {panel}
lang = "{lang}"
state = LabState.start(cp.load_world("{world}"), "{circles}")
{_STEPS[panel]}
panel = {panel}(LabSession(state, lang=lang){more})
{_AFTER.get(panel, "")}panel
"""


def write_notebook(file: Path, source: str) -> None:
    """Write a notebook of one code cell."""
    cell = {"cell_type": "code", "execution_count": None, "id": "one", "metadata": {}, "outputs": []}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {
        "cells": [{**cell, "source": source}],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    file.write_text(json.dumps(notebook), encoding="utf-8")


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def voila_server(folder: Path, notebooks: Mapping[str, str]) -> Iterator[str]:
    """Serve notebooks (name -> source) with Voila; yield the address that names are put behind."""
    for name, source in notebooks.items():
        write_notebook(folder / f"{name}.ipynb", source)
    port = free_port()
    own = {
        name: str(folder / f".{name}") for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    }
    command = [
        sys.executable,
        "-m",
        "voila",
        "--no-browser",
        f"--port={port}",
        "--Voila.ip=127.0.0.1",
        str(folder),
    ]
    with (folder / "voila.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | own)
        try:
            _wait_for(f"http://127.0.0.1:{port}/voila/static/voila.js", server, folder / "voila.log")
            yield f"http://127.0.0.1:{port}/voila/render/"
        finally:
            server.terminate()
            server.wait(10)


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError(log.read_text())
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(log.read_text())


def forget_harmless(page) -> None:
    """Drop from a page's problems what Voila itself is known to say."""
    page.problems[:] = [line for line in page.problems if not any(part in line for part in HARMLESS)]


class MapHand:
    """A person at the map of a page: finds places by their metres, and waits until the answer is drawn."""

    def __init__(self, page, at: int = 0) -> None:
        self.page = page
        self.canvas = page.locator("canvas.cp-map-canvas").nth(at)

    def wait_first(self) -> None:
        """Wait until the map was drawn for the first time, and nothing more is on its way."""
        self.page.wait_for_selector("canvas.cp-map-canvas[data-frames]", timeout=60_000)
        self.settle()

    def settle(self) -> None:
        """Wait until no frame was drawn for a fifth of a second."""
        frames = -1
        while frames != (now := self.data("frames")):
            frames = now
            self.page.wait_for_timeout(200)

    def data(self, name: str) -> str:
        """Return one of the facts that the canvas tells about itself."""
        return self.canvas.evaluate("(canvas, name) => canvas.dataset[name]", name)

    def px(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Return where a place is on the canvas, in pixels of the page's style."""
        x, y, scale = map(float, self.data("view").split(","))
        width, height = self.canvas.evaluate("canvas => [canvas.clientWidth, canvas.clientHeight]")
        return (x_m - x) * scale + width / 2, height / 2 - (y_m - y) * scale

    def colour(self, x_m: float, y_m: float, *, dx: float = 0, dy: float = 0) -> str:
        """Return the colour drawn at a place, so many pixels beside it."""
        x, y = self.px(x_m, y_m)
        red, green, blue = self.canvas.evaluate(
            """(canvas, [x, y]) => {
              const ratio = canvas.width / canvas.clientWidth;
              return [...canvas.getContext("2d").getImageData(x * ratio, y * ratio, 1, 1).data].slice(0, 3);
            }""",
            [x + dx, y + dy],
        )
        return f"#{red:02x}{green:02x}{blue:02x}"

    def picture(self) -> str:
        """Return all pixels of the canvas, to compare."""
        return self.canvas.evaluate("canvas => canvas.toDataURL()")

    def answered(self, action) -> None:
        """Do something and wait until what Python answers is drawn."""
        tick = int(self.data("tick"))
        action()
        self.page.wait_for_function(
            "([canvas, tick]) => Number(canvas.dataset.tick) > tick",
            arg=[self.canvas.element_handle(), tick],
            timeout=60_000,
        )
        self.settle()

    def click(self, x_m: float, y_m: float, *, button: str = "left") -> None:
        """Click a place."""
        x, y = self.px(x_m, y_m)
        self.canvas.click(position={"x": x, "y": y}, button=button)

    def drag(self, start: tuple[float, float], end: tuple[float, float], *, steps: int = 8) -> None:
        """Press at one place, go to another, and let go."""
        box = self.canvas.bounding_box()
        (x0, y0), (x1, y1) = self.px(*start), self.px(*end)
        self.page.mouse.move(box["x"] + x0, box["y"] + y0)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + x1, box["y"] + y1, steps=steps)
        self.page.mouse.up()
