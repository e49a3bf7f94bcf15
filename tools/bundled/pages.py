"""Writes ``world.toml`` and the source page of a world from one text file, so that the two cannot differ."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bundled.common import toml_text

STATUS = {
    "en": {"real": "real", "derived": "derived", "modelled": "modelled"},
    "zh": {"real": "真实", "derived": "换算", "modelled": "推算"},
}
STATUS_NOTE = (
    "`real`: as published. `derived`: follows from real values by a rule that adds nothing. "
    "`modelled`: made by a rule or invented.",
    "`真实`：按公开资料。`换算`：由真实值按规则得出，不添内容。`推算`：按规则生成或虚构。",
)


def write_texts(name: str, folder: Path, figures: Mapping[str, object]) -> None:
    """Write ``world.toml`` and ``SOURCE.md`` of the world whose tables already lie in `folder`."""
    with (Path(__file__).parent / "texts" / f"{name}.toml").open("rb") as file:
        text = tomllib.load(file)
    columns = {
        table: _explained(text["columns"][table], _columns(folder, table)) for table in text["columns"]
    }
    (folder / "world.toml").write_text(_world_toml(text, columns), encoding="utf-8", newline="\n")
    (folder / "SOURCE.md").write_text(_page(name, text, columns, figures), encoding="utf-8", newline="\n")


def _columns(folder: Path, table: str) -> list[str]:
    """Return the columns a table really has."""
    if (folder / f"{table}.csv").exists():
        with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return next(csv.reader(file))
    features = json.loads((folder / f"{table}.geojson").read_text(encoding="utf-8"))["features"]
    return [*features[0]["properties"], "geometry"]


def _explained(texts: Mapping[str, Any], names: list[str]) -> dict[str, dict[str, str]]:
    """Return the explanation of every column; a column without one, or one without a column, is an error."""
    left = set(texts) - set(names) - {"*"}
    if left or not ("*" in texts or set(names) <= set(texts)):
        raise ValueError(f"explained but absent: {left}; not explained: {set(names) - set(texts)}")
    return {name: texts.get(name, texts.get("*")) for name in names}


def _world_toml(text: Mapping[str, Any], columns: Mapping[str, Any]) -> str:
    lines = [f"{key} = {toml_text(text[key])}" for key in ("name", "name_zh", "crs", "coordinates")]
    for source in text["sources"]:
        lines += ["", "[[sources]]", *(f"{key} = {toml_text(value)}" for key, value in source.items())]
    for table, kinds in text.get("types", {}).items():
        lines += ["", f"[types.{table}]", *(f"{key} = {toml_text(kind)}" for key, kind in kinds.items())]
    for table, entries in columns.items():
        for column, entry in entries.items():
            lines += ["", f"[columns.{table}.{column}]"]
            lines += [f"{key} = {toml_text(entry[key])}" for key in ("status", "en", "zh")]
    return "\n".join(lines) + "\n"


def _page(
    name: str, text: Mapping[str, Any], columns: Mapping[str, Any], figures: Mapping[str, object]
) -> str:
    parts = [f"# {text['name']} / {text['name_zh']}\n"]
    for lang, number in (("en", 0), ("zh", 1)):
        if lang == "zh":
            parts.append(f"---\n\n# {text['name_zh']}\n")
        parts.append(text["page"][lang].strip().format(**figures) + "\n")
        parts.append(_sources(text["sources"], lang))
        parts.append(("## Columns", "## 各列")[number] + f"\n\n{STATUS_NOTE[number]}\n")
        for table, entries in columns.items():
            head = ("| column | status | what |", "| 列 | 性质 | 说明 |")[number]
            rows = [
                f"| `{column}` | {STATUS[lang][entry['status']]} | {entry[lang]} |"
                for column, entry in entries.items()
            ]
            parts.append("\n".join([f"### {table}\n", head, "|---|---|---|", *rows]) + "\n")
        parts.append(_rebuild(name, text["coordinates"], text["crs"])[number])
    return "\n".join(parts)


def _sources(sources: list[dict[str, str]], lang: str) -> str:
    head = {
        "en": ("## Sources and licences", "| what | licence | reference |"),
        "zh": ("## 来源与许可", "| 内容 | 许可 | 出处 |"),
    }[lang]
    rows = [
        f"| {row['what' if lang == 'en' else 'what_zh']} | {row['licence']} | {row['reference']} |"
        for row in sources
    ]
    return "\n".join([head[0] + "\n", head[1], "|---|---|---|", *rows]) + "\n"


def _rebuild(name: str, coordinates: str, crs: str) -> tuple[str, str]:
    stored = "WGS84" if coordinates == "wgs84" else coordinates
    return (
        f"## Rebuild\n\n`python tools/build_datasets.py {name}` makes this folder again, byte for byte, "
        f"from the raw files in `../shared/data`. Tables are in {stored}; the world is measured in {crs}.\n",
        f"## 重建\n\n`python tools/build_datasets.py {name}` 由 `../shared/data` 的原始文件"
        f"逐字节重新生成本文件夹。各表坐标为 {stored}，世界以 {crs} 量算。\n",
    )
