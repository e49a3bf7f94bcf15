"""How long a planner waits for the page: the command to its address, and the address to the first view.

Run with ``python -m benchmarks.first_view`` (Debian's chromium, the extras lab and test). The first visit
finds a kernel that has just begun to warm up, later ones one that is warm. A visit ends when the page's
steps are there to be clicked.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS

COMMAND = [sys.executable, "-m", "cultureplan", "app", "shizuishan", "--no-browser", "--json"]
GOAL_S, PAUSE_S, VISITS = 5.0, 6.0, 4


def main() -> None:
    """Measure and print one line a visit."""
    print(f"load of the machine at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    begun = time.perf_counter()
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = json.loads(server.stdout.readline())["address"]
        print(f"address after  {time.perf_counter() - begun:5.2f} s")
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
                for visit in range(VISITS):
                    page = browser.new_page(viewport={"width": 1440, "height": 900})
                    begun = time.perf_counter()
                    page.goto(address)
                    page.wait_for_selector(".cp-steps", timeout=60_000)
                    waited = time.perf_counter() - begun
                    kernel = "cold" if visit == 0 else "warm"
                    print(f"visit {visit + 1} ({kernel})  {waited:5.2f} s  target {GOAL_S:.0f} s")
                    time.sleep(PAUSE_S)  # the next kernel warms up
                    page.close()
                browser.close()
        finally:
            server.send_signal(signal.SIGINT)


if __name__ == "__main__":
    main()
