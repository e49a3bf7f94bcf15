"""A lab state as a file: readable JSON with a version, written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cultureplan.base.errors import CulturePlanError, InputError, MissingFileError
from cultureplan.lab.choice import Choice
from cultureplan.lab.state import Draft, LabState
from cultureplan.lab.week import validate_hour
from cultureplan.planning.changes import Add, Change, ChangeLevel, Close, Move, Open, Reassign

FORMAT, VERSION = "cultureplan-lab", 1
_CHANGES: Mapping[str, type] = {
    "open": Open, "add": Add, "close": Close, "move": Move, "change_level": ChangeLevel, "reassign": Reassign,
}  # fmt: skip
_NAMES = {kind: name for name, kind in _CHANGES.items()}


def save_state(state: LabState, path: str | Path) -> None:
    """Write what holds now and the snapshots to a JSON file; undo and redo are not kept.

    The file is written beside its place and then moved there, so a crash leaves the earlier file whole.

    Parameters
    ----------
    state : LabState
        What to save; the world itself is not in the file, only its name and sizes.
    path : str or Path
        File, replaced where it exists.
    """
    target = Path(path)
    content = state_json(state)
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent or ".")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def document_of(state: LabState) -> dict[str, Any]:
    """Return what :func:`save_state` writes, as plain records."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "world": _world_facts(state),
        "now": _draft_record(state.draft),
        "snapshots": {name: _draft_record(draft) for name, draft in state.snapshots.items()},
    }


def state_json(state: LabState) -> str:
    """Return what :func:`save_state` writes, as text."""
    content = json.dumps(document_of(state), ensure_ascii=False, indent=1, allow_nan=False, default=_plain)
    return content + "\n"


def state_from_bytes(state: LabState, content: bytes, *, name: str = "") -> LabState:
    """Return what the content of a file holds, on the world of a state; see :func:`load_state`."""
    try:
        document = json.loads(content.decode("utf-8"))
    except ValueError as error:
        raise InputError.of("lab.not_a_lab_file", path=name, why=str(error)) from None
    return state_from(state, document, name=name)


def load_state(state: LabState, path: str | Path) -> LabState:
    """Return what a file holds, on the world of a state; what held before can be undone to.

    Parameters
    ----------
    state : LabState
        Of the same world as the file; a standard made by hand is taken from it.
    path : str or Path
        File written by :func:`save_state`.

    Raises
    ------
    MissingFileError
        If there is no such file.
    InputError
        If it is no lab file, of a later version, of another world, or a change does not fit the world.
    """
    file = Path(path)
    if not file.is_file():
        raise MissingFileError.of("lab.no_file", path=str(path))
    return state_from_bytes(state, file.read_bytes(), name=file.name)


def state_from(state: LabState, document: Any, *, name: str = "") -> LabState:
    """Return what a document read from JSON holds, on the world of a state; see :func:`load_state`."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError.of("lab.not_a_lab_file", path=name, why=f"format is not {FORMAT}")
    if document.get("version") != VERSION:
        raise InputError.of("lab.other_version", path=name, found=document.get("version"), known=VERSION)
    here = _world_facts(state)
    if document.get("world") != here:
        raise InputError.of("lab.other_world", path=name, found=document.get("world"), here=here)
    try:
        own = state.draft.choice.own
        now = _read_draft(document["now"], own=own)
        kept = {str(key): _read_draft(part, own=own) for key, part in document.get("snapshots", {}).items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, CulturePlanError):
            raise
        raise InputError.of("lab.not_a_lab_file", path=name, why=repr(error)) from None
    after = replace(
        state, draft=now, past=(*state.past, state.draft), future=(), snapshots=MappingProxyType(kept)
    )
    for draft in (now, *kept.values()):
        _ = replace(after, draft=draft).world  # every change fits, or the file is refused
    return after


def _world_facts(state: LabState) -> dict[str, Any]:
    world = state.ground.world
    return {"name": world.name, "n_demand": len(world.demand), "n_facilities": len(world.facilities)}


def _draft_record(draft: Draft) -> dict[str, Any]:
    return {
        "standard": draft.choice.name,
        "settings": dict(draft.choice.settings),
        "limits": dict(draft.choice.limits),
        "changes": [_change_record(change) for change in draft.changes],
        "forbidden": sorted(draft.forbidden),
        "required": sorted(draft.required),
        "hour": draft.hour,
    }


def _change_record(change: Change) -> dict[str, Any]:
    if type(change) not in _NAMES:
        raise InputError.of("lab.unknown_change", kind=type(change).__name__)
    record: dict[str, Any] = {"change": _NAMES[type(change)]}
    for field in fields(change):  # type: ignore[arg-type]  # every kind of change is a dataclass
        value = getattr(change, field.name)
        record[field.name] = dict(value) if isinstance(value, Mapping) else value
    return record


def _read_draft(record: Mapping[str, Any], *, own: Any) -> Draft:
    name = str(record["standard"])
    choice = Choice(
        name=name,
        settings=tuple(sorted(record["settings"].items())),
        limits=tuple(sorted((str(key), float(limit)) for key, limit in record["limits"].items())),
        own=own if own is not None and own.id == name else None,
    )
    _ = choice.standard  # an unknown standard or setting is named here
    return Draft(
        choice=choice,
        changes=tuple(_read_change(part) for part in record["changes"]),
        forbidden=frozenset(map(str, record["forbidden"])),
        required=frozenset(map(str, record.get("required", ()))),
        hour=None if record.get("hour") is None else validate_hour(record["hour"]),
    )


def _read_change(record: Mapping[str, Any]) -> Change:
    rest = dict(record)
    kind = str(rest.pop("change"))
    if kind not in _CHANGES:
        raise InputError.of("lab.unknown_change", kind=kind)
    change: Change = _CHANGES[kind](**rest)
    return change


def _plain(value: Any) -> Any:
    """Return a NumPy or geometry value as JSON knows it."""
    return value.item() if hasattr(value, "item") else str(value)
