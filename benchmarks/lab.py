"""How long a person waits at the lab's map: slider to pixels, drag, and click, measured in the browser.

Run with ``python -m benchmarks.lab`` (Debian's chromium, the extras lab and test). Each figure is the
median, with the tenth and ninetieth percentile, of 30 actions under Voila; the clock is the browser's own,
from the input event to the frame that shows the answer.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import cultureplan as cp
from tests.browser.conftest import FLAGS
from tests.browser.lab_pages import MapHand, voila_server

SOURCE = """
import cultureplan as cp
from cultureplan.lab import CoverageExplorer
CoverageExplorer(cp.datasets.synthetic_world(n_demand={n}, n_facilities=60, n_candidates=100, seed=7))
"""
TARGETS_MS = {10_000: {"slider": 80, "drag": 60, "click": 50}, 100_000: {"slider": 150}}

# Resolves once a batch that was not there before the input is on the canvas, with the milliseconds it took;
# with -1 after five seconds, as when a click met a facility and only marked it.
WATCH = """([canvas, kind]) => {
  const tick = Number(canvas.dataset.tick);
  window.cpWaited = new Promise((resolve) => {
    let start = 0;
    const begin = () => { start ||= performance.now(); };
    addEventListener(kind, begin, { capture: true, once: true });
    const look = () => {
      if (start && Number(canvas.dataset.tick) > tick) resolve(performance.now() - start);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    setTimeout(() => resolve(-1), 5000);
  });
}"""


def timed(hand: MapHand, kind: str, action) -> float:
    """Return the milliseconds from an input event to the frame that shows what it did."""
    hand.page.evaluate(WATCH, [hand.canvas.element_handle(), kind])
    action()
    waited = hand.page.evaluate("() => window.cpWaited")
    hand.page.wait_for_timeout(120)
    return float(waited)


def slider(hand: MapHand, n: int) -> list[float]:
    """Step the urban limit to and fro."""
    handle = hand.page.locator("[role=slider]").first
    handle.focus()
    keys = ["ArrowRight"] * 4 + ["ArrowLeft"] * 4
    return [timed(hand, "keydown", lambda k=k: hand.page.keyboard.press(keys[k % 8])) for k in range(n)]


def click(hand: MapHand, n: int) -> list[float]:
    """Open facilities at places spread over the map, and take each back by Ctrl + Z."""
    box = hand.canvas.bounding_box()
    found = []
    for k in range(n):
        x, y = box["width"] * (0.2 + 0.6 * k / n), box["height"] * (0.3 + 0.02 * (k % 20))
        position = {"x": x, "y": y}
        waited = timed(hand, "pointerup", lambda p=position: hand.canvas.click(position=p))
        if waited >= 0:
            found.append(waited)
            hand.answered(lambda: hand.page.keyboard.press("Control+z"))
    return found


def drag(hand: MapHand, world: cp.World, n: int) -> list[float]:
    """Drag one facility to and fro; from letting go to the frame with the figures of its new place."""
    box = hand.canvas.bounding_box()
    row = world.facilities.select()[-1]
    x, y = hand.px(*world.facilities.xy[row])
    mouse, found = hand.page.mouse, []
    for k in range(n):
        side = 60 if k % 2 == 0 else -60
        mouse.move(box["x"] + x, box["y"] + y)
        mouse.down()
        mouse.move(box["x"] + x + side, box["y"] + y + 25, steps=4)
        hand.settle()
        hand.page.wait_for_timeout(60)
        waited = timed(hand, "pointerup", mouse.up)
        if waited >= 0:
            found.append(waited)
        hand.settle()
        # it may have snapped: start again from where it stood
        hand.answered(lambda: hand.page.get_by_role("button", name="Back to today").click())
        x, y = hand.px(*world.facilities.xy[row])
    return found


def main() -> None:
    """Measure and print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--times", type=int, default=30)
    options = parser.parse_args()
    notebooks = {f"map{n}": SOURCE.format(n=n) for n in options.points}
    print(f"load of the machine at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with (
        tempfile.TemporaryDirectory() as folder,
        voila_server(Path(folder), notebooks) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", headless=True, args=FLAGS)
        for n in options.points:
            world = cp.datasets.synthetic_world(n_demand=n, n_facilities=60, n_candidates=100, seed=7)
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            page.goto(f"{address}map{n}.ipynb")
            hand = MapHand(page)
            hand.wait_first()
            # the first edit under a rule prepares what later ones use
            hand.answered(lambda h=hand: h.canvas.click(position={"x": 300, "y": 200}))
            hand.answered(lambda p=page: p.keyboard.press("Control+z"))
            for name, waited in (
                ("slider", slider(hand, options.times)),
                ("click", click(hand, options.times)),
                ("drag", drag(hand, world, options.times)),
            ):
                tell(n, name, waited)
            page.close()
        browser.close()


def tell(n: int, name: str, waited: list[float]) -> None:
    """Print one figure beside its target."""
    low, *_, high = statistics.quantiles(waited, n=10)
    target = TARGETS_MS.get(n, {}).get(name)
    print(
        f"{n:>7,} points  {name:<6} median {statistics.median(waited):6.1f} ms"
        f"  (10-90 %: {low:.0f}-{high:.0f} ms, n {len(waited)})" + (f"  target {target} ms" if target else "")
    )


if __name__ == "__main__":
    main()
