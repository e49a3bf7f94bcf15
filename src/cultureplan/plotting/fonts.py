"""Fonts that hold Chinese: found on this machine, used for single pictures, never set globally."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from matplotlib import font_manager

from cultureplan.base.messages import Lang, text

# Families that hold simplified Chinese, the best first. Some versions of matplotlib know a font collection
# by its first member only, hence the Japanese names.
CHINESE_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Noto Sans CJK JP",
    "Source Han Sans",
    "Arial Unicode MS",
    "Droid Sans Fallback",
    "SimSun",
)
LATIN_FAMILY = "DejaVu Sans"  # comes with matplotlib

_FILE_HINTS = ("cjk", "notosanssc", "sourcehan", "wqy", "msyh", "simhei", "simsun", "pingfang", "hiragino",
               "arialunicode", "arial unicode", "droidsansfallback")  # fmt: skip
_LAST_LATIN = 0x2E7F  # CJK radicals begin after this code point
_reader_draws: ContextVar[bool] = ContextVar("reader_draws", default=False)


@cache
def chinese_family() -> str | None:
    """Return the name of a font family on this machine that holds Chinese, or None.

    matplotlib's list of fonts may be older than a font that was just installed, so the font folders are
    looked through where the list knows none.
    """
    family = _known_family()
    if family is None:
        for path in font_manager.findSystemFonts():
            if any(hint in Path(path).name.lower() for hint in _FILE_HINTS):
                try:
                    font_manager.fontManager.addfont(path)
                except (OSError, RuntimeError):  # a font file that cannot be read is no font
                    continue
        family = _known_family()
    return family


def _known_family() -> str | None:
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((family for family in CHINESE_FAMILIES if family in known), None)


def font_families() -> list[str]:
    """Return the families to draw with: Latin first, then Chinese, glyph by glyph."""
    family = chinese_family()
    return [LATIN_FAMILY] if family is None else [LATIN_FAMILY, family]


@contextmanager
def text_stays_text() -> Iterator[None]:
    """Draw for a reader whose own fonts show the text, as an SVG with text does.

    Chinese is then always possible, and a glyph that this machine lacks is no reason to warn.
    """
    token = _reader_draws.set(True)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
            yield
    finally:
        _reader_draws.reset(token)


def is_latin(label: str) -> bool:
    """Return whether a label needs no Chinese, Japanese or Korean glyph."""
    return max(map(ord, label), default=0) <= _LAST_LATIN


def has_glyphs(label: str) -> bool:
    """Return whether a label can be drawn here: Latin always, Chinese where there is a font."""
    return _reader_draws.get() or is_latin(label) or chinese_family() is not None


def label_lang(lang: Lang) -> Lang:
    """Return the language to label a picture in: English, with one warning, where Chinese would be boxes."""
    if lang == "en" or has_glyphs("文"):
        return lang
    _warn_once()
    return "en"


@cache
def _warn_once() -> None:
    warnings.warn(text("plot.no_chinese_font", "zh") + " " + text("plot.no_chinese_font", "en"), stacklevel=4)
