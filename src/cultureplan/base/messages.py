"""One catalogue of every text a user sees, in English and Chinese.

The texts live beside this file, one TOML file a room (``messages/<room>.toml``); a key is
``<room>.<name>``. Every entry has ``en`` and ``zh`` with the same placeholders; an entry that words a
fault also has ``fix_en`` and ``fix_zh``, which say what to do about it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

Lang: TypeAlias = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = get_args(Lang)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Return every entry of the catalogue by its key.

    Returns
    -------
    Mapping[str, Mapping[str, str]]
        ``{"room.name": {"en": ..., "zh": ..., "fix_en": ..., "fix_zh": ...}}``, read-only.
    """
    entries: dict[str, Mapping[str, str]] = {}
    for file in sorted(resources.files("cultureplan.base").joinpath("messages").iterdir(), key=str):
        if file.name.endswith(".toml"):
            room = file.name.removesuffix(".toml")
            for name, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
                entries[f"{room}.{name}"] = MappingProxyType(entry)
    return MappingProxyType(entries)


def text(key: str, /, lang: Lang = "en", **values: object) -> str:
    """Return one text in the wanted language with its placeholders filled.

    Parameters
    ----------
    key : str
        ``<room>.<name>`` in the catalogue.
    lang : {"en", "zh"}
        Language.
    **values
        What the placeholders stand for.

    Returns
    -------
    str
    """
    return _fill(catalogue()[key][lang], values)


def remedy(key: str, /, lang: Lang = "en", **values: object) -> str:
    """Return what to do about the fault worded by `key`, or an empty string where nothing is said."""
    return _fill(catalogue()[key].get(f"fix_{lang}", ""), values)


def _fill(template: str, values: Mapping[str, object]) -> str:
    return template.format(**values)
