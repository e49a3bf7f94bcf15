"""Take the screens of every lab panel in Chromium, in both languages and two widths, for the docs.

    python tools/shoot_screens.py            take them all
    python tools/shoot_screens.py NAME ...   take some panels (EquityPanel ...)

Needs Chromium and the extras ``lab`` and ``test``. Panels are mounted as the browser tests mount them, under
Voila, on the bundled world of Shizuishan. A page that logs an error, or asks for anything off this machine,
stops the script.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import ConsoleMessage, Page, Route, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.conftest import FLAGS, is_local  # noqa: E402
from tests.browser.lab_pages import HARMLESS, PANELS, panel_source, voila_server  # noqa: E402

FOLDER = ROOT / "docs" / "images" / "screens"
WIDTHS, HEIGHT = (1440, 1024), 1500  # what is empty at the foot is cut off
LANGUAGES = ("en", "zh")
_POLICY = "shizuishan-2021"


def kept(picture: bytes) -> Image.Image:
    """Return a screen with at most 256 colours, its empty lower part cut off."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    drawn = Image.eval(image.convert("L"), lambda value: 255 if value < 250 else 0).getbbox()
    if drawn is not None:
        image = image.crop((0, 0, image.width, min(drawn[3] + 16, image.height)))
    return image.quantize(256, dither=Image.Dither.NONE)


def settled(page: Page) -> None:
    """Wait until all maps of a page stand still, and nothing is drawn any more."""
    page.wait_for_selector("canvas.cp-map-canvas[data-frames]", timeout=90_000)
    last = None
    for _ in range(120):
        page.wait_for_timeout(700)
        now = page.screenshot()
        if now == last:
            return
        last = now
    raise RuntimeError("the page never comes to rest")


def main(names: list[str]) -> None:
    """Take the screens of the named panels, of all where none is named."""
    chosen = [panel for panel in PANELS if not names or panel in names]
    sources = {
        f"{panel}_{lang}": panel_source(panel, "shizuishan", lang=lang, policy=_POLICY)
        for panel in chosen
        for lang in LANGUAGES
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        voila_server(Path(folder), sources) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name in sources:
            panel, lang = name.rsplit("_", 1)
            page = browser.new_page(viewport={"width": WIDTHS[0], "height": HEIGHT}, locale="en-GB")
            problems = watched(page)
            page.goto(f"{address}{name}.ipynb", timeout=120_000)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": HEIGHT})
                settled(page)
                file = FOLDER / lang / f"{panel}_{width}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                kept(page.screenshot()).save(file, optimize=True)
                print(f"{file.relative_to(ROOT)} {file.stat().st_size / 1000:.0f} kB", flush=True)
            page.close()
            wrong = [line for line in problems if not any(part in line for part in HARMLESS)]
            if wrong:
                raise RuntimeError(f"{name}: {wrong}")
        browser.close()


def watched(page: Page) -> list[str]:
    """Return a list that fills with the errors a page logs; requests off this machine are refused."""
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(message.text)

    def guard(route: Route) -> None:
        if is_local(route.request.url):
            route.continue_()
        else:
            route.abort()

    page.on("console", note)
    page.route("**/*", guard)
    return problems


if __name__ == "__main__":
    main(sys.argv[1:])
