"""Small world folders for tests, made of rows."""

from __future__ import annotations

from pathlib import Path

FACILITIES = """\
编号,名称,级别,上级,经度,纬度
F1,石嘴山市图书馆,中心馆,,106.3764,39.0128
F2,大武口区图书馆,总馆,F1,106.3802,39.0211
"""
DEMAND = """\
编号,人口,城乡,经度,纬度
0101,4019,城镇,106.3900,39.0165
0102,850,农村,106.4460,38.9712
"""
TOML = 'name = "Dawukou"\ncoordinates = "wgs84"\n'


def save(folder: Path, *, toml: str | None = TOML, **tables: str | bytes) -> Path:
    """Write a folder: tables by name with their ending after a double underscore (``demand__csv``)."""
    folder.mkdir(parents=True, exist_ok=True)
    have = {name.partition("__")[0] for name in tables}
    usual = {"facilities__csv": FACILITIES, "demand__csv": DEMAND}
    usual = {name: text for name, text in usual.items() if name.partition("__")[0] not in have}
    grid = "population" in have
    for name, content in {**usual, **tables}.items():
        if grid and name == "demand__csv":
            continue
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name.replace("__", ".")).write_bytes(data)
    if toml is not None:
        (folder / "world.toml").write_text(toml, encoding="utf-8")
    return folder
