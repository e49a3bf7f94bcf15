"""What the command line prints: words, tables, JSON, a progress bar, and errors without a traceback."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cultureplan.base.errors import CulturePlanError
from cultureplan.base.messages import Lang, text


def speak_utf8() -> None:
    """Write Chinese on a terminal whose locale says ASCII, instead of failing half-way."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and (stream.encoding or "").lower().replace("-", "") != "utf8":
            reconfigure(encoding="utf-8", errors="replace")


@contextmanager
def steps(n: int, options: argparse.Namespace, lang: Lang) -> Iterator[Callable[[str], None]]:
    """Show a progress bar on the error stream while something long runs on a terminal."""
    from tqdm import tqdm

    off = options.json or options.quiet or not sys.stderr.isatty()
    with tqdm(
        total=n, disable=off, leave=False, bar_format="{desc} {bar:24} {n_fmt}/{total_fmt} {elapsed}"
    ) as bar:

        def step(name: str) -> None:
            bar.set_description_str(text(f"cli.step_{name}", lang))
            bar.update(1 if bar.n or name != "reading" else 0)

        yield step


def say(options: argparse.Namespace, found: dict[str, Any], words: str) -> None:
    """Print what was found: words, or JSON where that was asked for."""
    if options.json:
        cleaned = {k: (None if isinstance(v, float) and v != v else v) for k, v in found.items()}
        print(json.dumps(cleaned, ensure_ascii=False, indent=2))
    else:
        print(words)


def fail(error: CulturePlanError, options: argparse.Namespace, lang: Lang, code: int) -> int:
    """Print an error with all its faults and return the exit code."""
    if options.json:
        faults = [fault.to_dict(lang) for fault in error.faults]
        print(json.dumps({"ok": False, "faults": faults}, ensure_ascii=False, indent=2, default=str))
    else:
        print(error.render(lang), file=sys.stderr)
    return code


def as_table(table: Any) -> str:
    """Return a table as aligned text: counts with separators, shares with four digits."""
    import pandas as pd

    shown = table.copy()
    for column in shown.columns:
        if pd.api.types.is_numeric_dtype(shown[column]):
            share = 0 < shown[column].abs().max() <= 1 and not pd.api.types.is_integer_dtype(shown[column])
            pattern = "{:.4f}" if share else "{:,.1f}" if (shown[column] % 1 != 0).any() else "{:,.0f}"
            shown[column] = [("" if pd.isna(v) else pattern.format(v)) for v in shown[column]]
    with pd.option_context("display.unicode.east_asian_width", True):
        return shown.to_string()


def with_names(table: Any, world: Any) -> Any:
    """Return a table of places with their names in front of the codes."""
    if world.places is None or not table.index.isin(world.places.ids).all():
        return table
    named = table.copy()
    named.insert(0, "name", world.places.names.reindex(table.index))
    return named


def as_records(table: Any) -> list[dict[str, Any]]:
    """Return rows as plain values; JSON knows no NaN, so a missing number is null."""
    return json.loads(table.reset_index().to_json(orient="records", double_precision=10))


def os_words(error: OSError) -> str:
    """Return what the system says, with the file it speaks of."""
    return f"{error.strerror or error}: {error.filename}" if error.filename else str(error)
