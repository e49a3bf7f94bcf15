"""The message catalogue: both languages, the same placeholders, nothing unused, nothing missing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from cultureplan.base.messages import catalogue

SRC = Path(__file__).resolve().parents[2] / "src" / "cultureplan"
ROOMS = {key.split(".")[0] for key in catalogue()}
LANG_PAIRS = [("en", "zh"), ("fix_en", "fix_zh")]

# Calls whose first argument is a key, and the keywords they keep for themselves.
WORDING_CALLS = {
    "text": set(),
    "remedy": set(),
    "of": set(),
    "add": {"origin", "column"},
    "add_rows": {"origin", "frame", "bad", "column", "samples"},
}


def placeholders(template: str) -> set[str]:
    """Return the names of the values a text asks for."""
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(template) if name is not None}


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Yield every module of the package, parsed."""
    for path in sorted(SRC.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def wording_calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Yield (place, key, call) of every call that words a message whose key is written out."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            key = node.args[0].value
            is_key = (
                isinstance(key, str) and re.fullmatch(r"[a-z_]+\.\w+", key) and key.split(".")[0] in ROOMS
            )
            if called in WORDING_CALLS and is_key:
                yield f"{path.relative_to(SRC)}:{node.lineno}", key, node


def patterns_in_source() -> tuple[set[str], list[re.Pattern[str]]]:
    """Return the strings written in the package, and patterns for the keys put together in f-strings."""
    constants: set[str] = set()
    patterns: list[re.Pattern[str]] = []
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(part.value) if isinstance(part, ast.Constant) else r"\w+"
                    for part in node.values
                ]
                if parts and re.match(rf"({'|'.join(ROOMS)})\\?\.", parts[0]):
                    patterns.append(re.compile("".join(parts)))
    return constants, patterns


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_a_text_has_both_languages_with_the_same_placeholders(key):
    """A key reads the same in English and Chinese, and a remedy given in one is given in the other."""
    entry = catalogue()[key]
    assert {"en", "zh"} <= set(entry) <= {"en", "zh", "fix_en", "fix_zh"}
    for english, chinese in LANG_PAIRS:
        assert (english in entry) == (chinese in entry)
        if english in entry:
            assert placeholders(entry[english]) == placeholders(entry[chinese])
    if "fix_en" in entry:
        assert entry["fix_en"].strip()
        assert entry["fix_zh"].strip()


def test_every_text_is_used():
    """Each key of the catalogue is written somewhere in the package, or matches an f-string there."""
    constants, patterns = patterns_in_source()
    # Page templates and tables of the package name keys too.
    others = [path for path in SRC.rglob("*.*") if path.suffix in {".html", ".js", ".csv"}]
    named = {
        word
        for path in others
        for word in re.findall(r"[a-z_]+\.\w+", path.read_text(encoding="utf-8", errors="ignore"))
    }
    unused = [
        key
        for key in catalogue()
        if key not in constants and key not in named and not any(p.fullmatch(key) for p in patterns)
    ]
    assert unused == []


def test_every_key_in_a_call_exists():
    """A key written in the code is in the catalogue, so that no error fails while it words itself."""
    missing = [f"{place}: {key}" for place, key, _ in wording_calls() if key not in catalogue()]
    assert missing == []


def test_every_call_fills_every_placeholder():
    """A call gives each value that the English text, the Chinese text and both remedies ask for."""
    lacking = []
    for place, key, call in wording_calls():
        if key not in catalogue() or any(keyword.arg is None for keyword in call.keywords):
            continue
        called = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id
        given = {keyword.arg for keyword in call.keywords} - WORDING_CALLS[called]
        asked = set().union(*(placeholders(template) for template in catalogue()[key].values()))
        # `text` is also called for what it shows alone; the remedy is then worded by its own call.
        if called == "text":
            asked = placeholders(catalogue()[key]["en"])
        lacking += [f"{place}: {key} lacks {name}" for name in sorted(asked - given)]
    assert lacking == []
