"""Write a document of plain values as TOML, in a stable order and one key a line."""

from __future__ import annotations

import json
from typing import Any


def toml_text(document: dict[str, Any]) -> str:
    """Return a document as TOML: plain keys, then ``[tables]``, then ``[[lists of tables]]``."""
    lines: list[str] = [f"{key} = {_value(value)}" for key, value in document.items() if _is_plain(value)]
    for key, value in document.items():
        if isinstance(value, dict):
            for name, table in value.items():
                lines += ["", f"[{key}.{name}]", *(f"{k} = {_value(v)}" for k, v in table.items())]
    for key, value in document.items():
        if _is_table_list(value):
            for table in value:
                lines += ["", f"[[{key}]]", *(f"{k} = {_value(v)}" for k, v in table.items())]
    return "\n".join(lines) + "\n"


def _is_table_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict) and not _is_table_list(value)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
