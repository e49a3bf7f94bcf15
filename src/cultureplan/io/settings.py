"""Read and write ``world.toml``, the page of a world folder that says what the tables cannot."""

from __future__ import annotations

import datetime as dt
import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from pyproj import CRS

from cultureplan.base.checks import FaultList, Origin
from cultureplan.base.crs import WGS84
from cultureplan.base.errors import CrsError
from cultureplan.io.cells import reason_of
from cultureplan.io.columns import KINDS
from cultureplan.io.coordinates import CoordinateSystem, read_system
from cultureplan.io.encodings import decode_text

FILE = "world.toml"
TABLES = ("facilities", "demand", "places")
STREETS = "streets"  # no table of rows, but its coordinates can be declared like theirs

_KEYS: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "name_zh": (str,),
    "crs": (str, int),
    "coordinates": (str, int, dict),
    "sources": (list,),
    "columns": (dict,),
    "types": (dict,),
    "notes": (dict,),
}
_OWN_NOTES = ("name_zh", "sources", "columns")  # notes that have a key of their own


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What ``world.toml`` says.

    Parameters
    ----------
    name : str
        Name of the world; the folder's where none is given.
    crs : pyproj.CRS or None
        Metric system of the world; None to have one chosen.
    coordinates : Mapping[str, CoordinateSystem]
        Declared system by table; a table that is not in it was not declared.
    each_table : bool
        Whether the systems were declared table by table.
    types : Mapping[str, Mapping[str, str]]
        Table -> column -> kind, of columns that the schema does not know.
    notes : Mapping
        Everything said about the world and its sources.
    is_readable : bool
        False where there is a ``world.toml``, but what it says is unknown.
    """

    name: str
    crs: CRS | None = None
    coordinates: Mapping[str, CoordinateSystem] = field(default_factory=dict)
    each_table: bool = False
    types: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)
    is_readable: bool = True


def read_settings(folder: Path, *, faults: FaultList) -> Settings:
    """Return what a folder's ``world.toml`` says, noting every fault in it; defaults where there is none.

    Parameters
    ----------
    folder : Path
        World folder.
    faults : FaultList
        Where faults are noted.
    """
    path = folder / FILE
    origin = Origin(table="world", file=FILE)
    default = Settings(name=folder.resolve().name)
    if not path.is_file():
        return default
    text = decode_text(path.read_bytes(), origin=origin, faults=faults)
    if text is None:
        return replace(default, is_readable=False)
    try:
        content = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        faults.add("io.bad_toml", origin=origin, reason=reason_of(error))
        return replace(default, is_readable=False)
    said = _known_keys(content, origin=origin, faults=faults)
    notes = {**said.get("notes", {}), **{key: said[key] for key in _OWN_NOTES if key in said}}
    declared = said.get("coordinates", {})
    return Settings(
        name=str(said.get("name", "")).strip() or default.name,
        crs=_read_world_crs(said["crs"], origin=origin, faults=faults) if "crs" in said else None,
        coordinates=_read_coordinates(declared, origin=origin, faults=faults),
        each_table=isinstance(declared, dict),
        types=_read_types(said.get("types", {}), origin=origin, faults=faults),
        notes=notes,
    )


def build_settings_text(
    *, name: str, crs: str, coordinates: str, types: Mapping[str, Mapping[str, str]], notes: Mapping[str, Any]
) -> str:
    """Return the text of a ``world.toml``.

    Parameters
    ----------
    name : str
        Name of the world.
    crs : str
        Its metric system.
    coordinates : str
        System of the tables that carry none themselves.
    types : Mapping[str, Mapping[str, str]]
        Kinds of the columns that the schema does not know.
    notes : Mapping
        Notes on the world; what TOML has no word for is written as text, what is missing is left out.
    """
    plain = _plain(notes)
    page: dict[str, Any] = {"name": name}
    page |= {"name_zh": plain["name_zh"]} if "name_zh" in plain else {}
    page |= {"crs": crs, "coordinates": coordinates}
    page |= {key: plain[key] for key in ("sources", "columns") if key in plain}
    page |= {"types": {table: dict(kinds) for table, kinds in types.items() if kinds}}
    page |= {"notes": {key: value for key, value in plain.items() if key not in _OWN_NOTES}}
    return tomli_w.dumps({key: value for key, value in page.items() if value not in ({}, [])})


def _known_keys(content: dict[str, Any], *, origin: Origin, faults: FaultList) -> dict[str, Any]:
    """Return the entries that are known and of the right type; note the others."""
    said: dict[str, Any] = {}
    for key, value in content.items():
        if key not in _KEYS:
            closest = difflib.get_close_matches(key, _KEYS, n=1, cutoff=0.0)[0]
            faults.add("io.unknown_key", origin=origin, key=key, closest=closest, known=", ".join(_KEYS))
        elif not isinstance(value, _KEYS[key]) or isinstance(value, bool):
            want = " / ".join(
                {str: "text", int: "number", dict: "table", list: "array"}[t] for t in _KEYS[key]
            )
            faults.add("io.wrong_kind_of_key", origin=origin, key=key, want=want)
        else:
            said[key] = value
    return said


def _read_world_crs(value: object, *, origin: Origin, faults: FaultList) -> CRS | None:
    try:
        system = read_system(value)
    except CrsError as error:
        faults.extend(replace(fault, file=origin.file) for fault in error.faults)
        return None
    if system.is_degrees:
        faults.add("io.crs_in_degrees", origin=origin, crs=str(value))
        return None
    return system.crs


def _read_coordinates(
    declared: str | int | dict[str, Any], *, origin: Origin, faults: FaultList
) -> dict[str, CoordinateSystem]:
    placed = (*TABLES, STREETS)
    by_table = declared if isinstance(declared, dict) else dict.fromkeys(placed, declared)
    systems: dict[str, CoordinateSystem] = {}
    noted: set[str] = set()
    for table, name in by_table.items():
        if table not in placed:
            faults.add("io.unknown_table", origin=origin, key=f"coordinates.{table}", known=", ".join(placed))
            continue
        try:
            systems[table] = read_system(name)
        except CrsError as error:
            if str(name) not in noted:
                faults.extend(replace(fault, file=origin.file) for fault in error.faults)
            noted.add(str(name))
            systems[table] = CoordinateSystem(name="?", crs=WGS84)
    return systems


def _read_types(types: dict[str, Any], *, origin: Origin, faults: FaultList) -> dict[str, Mapping[str, str]]:
    read: dict[str, Mapping[str, str]] = {}
    for table, kinds in types.items():
        if table not in TABLES or not isinstance(kinds, dict):
            faults.add("io.unknown_table", origin=origin, key=f"types.{table}", known=", ".join(TABLES))
            continue
        for column, kind in kinds.items():
            if kind not in KINDS:
                known = ", ".join(KINDS)
                faults.add(
                    "io.unknown_kind", origin=origin, key=f"types.{table}.{column}", kind=kind, known=known
                )
        read[table] = {column: kind for column, kind in kinds.items() if kind in KINDS}
    return read


def _plain(value: Any) -> Any:
    """Return notes in the words of TOML."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value if item is not None]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, str | bool | int | float | dt.date | dt.time):
        return value
    return str(value)
