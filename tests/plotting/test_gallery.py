"""The pictures of the gallery are what the library draws today."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from cultureplan import plotting
from cultureplan.plotting.fonts import chinese_family

ROOT = Path(__file__).parents[2]
# Colour steps (of 255) by which two drawings may differ on average: hinting of letters, not more.
MEAN_TOLERANCE = 2.5
# A patch of this many pixels a side that differs much is a change, however small beside the whole.
PATCH, PATCH_TOLERANCE = 24, 70.0


def _tool() -> ModuleType:
    """Load tools/draw_pictures.py, which is a script and no package."""
    spec = importlib.util.spec_from_file_location("draw_pictures", ROOT / "tools" / "draw_pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["draw_pictures"] = module
    spec.loader.exec_module(module)
    return module


tool = _tool()


def apart(one: Image.Image, other: Image.Image) -> tuple[float, float]:
    """Return the mean difference of two pictures, and that of the patch that differs most."""
    first, second = (np.asarray(image.convert("RGB"), dtype=float) for image in (one, other))
    difference = np.abs(first - second).mean(axis=2)
    high, wide = (size // PATCH * PATCH for size in difference.shape)
    patches = difference[:high, :wide].reshape(high // PATCH, PATCH, wide // PATCH, PATCH).mean(axis=(1, 3))
    return float(difference.mean()), float(patches.max(initial=0.0))


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", tool.PICTURES)
def test_a_picture_is_the_one_in_the_gallery(name: str, lang: str) -> None:
    """Size to the pixel, colours within a tolerance; after a wanted change draw, look and commit anew."""
    if lang == "zh" and chinese_family() != "WenQuanYi Micro Hei":
        pytest.skip("the gallery's Chinese letters are those of WenQuanYi Micro Hei")
    kept = Image.open(tool.FOLDER / lang / f"{name}.png")
    fresh = tool.drawn(name, lang)
    assert fresh.size == kept.size, "draw it anew with tools/draw_pictures.py and look at it"
    mean, worst = apart(fresh, kept)
    assert mean < MEAN_TOLERANCE
    assert worst < PATCH_TOLERANCE


def test_the_comparison_sees_a_missing_bar_and_another_colour() -> None:
    """Else it could not fail: a patch painted over, and all blue turned grey, are both too far apart."""
    kept = Image.open(tool.FOLDER / "en" / "settlement_bars.png").convert("RGB")
    painted = kept.copy()
    painted.paste((255, 255, 255), (160, 60, 230, 100))
    assert apart(kept, painted)[1] > PATCH_TOLERANCE
    grey = kept.convert("L").convert("RGB")
    assert max(apart(kept, grey)[0] / MEAN_TOLERANCE, apart(kept, grey)[1] / PATCH_TOLERANCE) > 1


def test_every_picture_of_the_library_is_in_the_gallery() -> None:
    """A new one is shown, looked at and compared as well."""
    assert set(plotting.__all__) == set(tool.PICTURES)
