"""Take the pictures of the planner's page for the documentation, in both languages.

    python tools/build_app_pictures.py [--all FOLDER]

Serves the page, opens it in Chromium (the path in CHROMIUM, else the one installed) and writes
``docs/images/app-<step>-<language>.png``; with ``--all`` every step at 1440 and 1024 pixels goes to a folder,
to be looked at.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
STEPS = ("data", "rules", "sites", "years", "duties", "compare", "saving")
SHOWN = ("sites", "years")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, help="folder for every step at both widths")
    folder: Path | None = parser.parse_args().all
    command = [sys.executable, "-m", "cultureplan", "app", "shizuishan", "--no-browser", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            take(json.loads(next(iter(server.stdout or ())))["address"], folder)
        finally:
            server.terminate()


def take(address: str, folder: Path | None) -> None:
    """Take the pictures of a served page."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for width in (1440, 1024) if folder else (1280,):
            for lang in ("en", "zh"):
                page = browser.new_page(viewport={"width": width, "height": 900})
                show(page, address, lang)
                for number, step in enumerate(STEPS):
                    if folder is None and step not in SHOWN:
                        continue
                    page.locator(".cp-steps button").nth(number).click()
                    page.wait_for_timeout(2500)
                    name = f"{step}-{lang}-{width}.png" if folder else f"app-{step}-{lang}.png"
                    shoot(page, (folder or IMAGES) / name)
                page.close()
        browser.close()


def show(page: Any, address: str, lang: str) -> None:
    """Open the page in a language with six sites of the solver."""
    page.set_default_timeout(90_000)
    page.goto(address)
    page.wait_for_selector("canvas.cp-map-canvas[data-frames]")
    page.get_by_role("button", name="English" if lang == "en" else "中文").click()
    page.get_by_role("button", name="Find sites" if lang == "en" else "开始选址").click()
    page.get_by_text("Proven in" if lang == "en" else "秒内证明").first.wait_for()


def shoot(page: Any, path: Path) -> None:
    """Take a picture of the whole page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    width = page.viewport_size["width"]
    height = page.evaluate("document.querySelector('.cp-app').scrollHeight")
    page.set_viewport_size({"width": width, "height": max(700, min(height + 20, 2600))})
    page.wait_for_timeout(500)
    page.screenshot(path=path)
    page.set_viewport_size({"width": width, "height": 900})
    print(path)


if __name__ == "__main__":
    main()
