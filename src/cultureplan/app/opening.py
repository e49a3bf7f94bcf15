"""From what a planner drops on the page to a world, or to every fault of it at once.

Files land in a private folder; a zip is unpacked there, a folder in a folder is looked into, tables with
their usual Chinese names get the names that a world folder has. Then the folder is read as any other.
"""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile, ZipFile

from cultureplan.base.errors import CulturePlanError, Fault, InputError
from cultureplan.base.messages import Lang, remedy, text
from cultureplan.datasets.bundled import load_world
from cultureplan.datasets.bundled import names as bundled_names
from cultureplan.io.folder import read_world
from cultureplan.io.settings import FILE, TABLES
from cultureplan.io.tables import FORMS
from cultureplan.lab.saving import FORMAT
from cultureplan.world.world import World

MOST_BYTES = 200_000_000  # of what is dropped, and five times that when it is unpacked
MOST_FILES = 500
SYSTEMS = ("", "wgs84", "gcj02", "bd09", "cgcs2000")  # "": as the files themselves say

_USUAL_NAMES = {
    "设施": "facilities", "设施表": "facilities", "图书馆": "facilities", "文化设施": "facilities",
    "居民点": "demand", "人口": "demand", "居民": "demand", "人口点": "demand",
    "区划": "places", "行政区划": "places", "行政区": "places", "街道网": "streets", "道路": "streets",
}  # fmt: skip
_IGNORED = ("__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, kw_only=True, eq=False)
class Opened:
    """What came of opening something: a world, or faults, never half of both.

    Parameters
    ----------
    world : World, optional
        The world; None where there are faults.
    faults : tuple of Fault
        Everything that is wrong.
    plan : mapping, optional
        A saved plan that lay beside the world, or alone.
    folder : Path, optional
        Where it was read from.
    """

    world: World | None = None
    faults: tuple[Fault, ...] = ()
    plan: dict[str, Any] | None = None
    folder: Path | None = None


@dataclass(frozen=True, kw_only=True)
class FaultRow:
    """One line of the table of faults, in words."""

    file: str
    rows: str
    column: str
    values: str
    what: str
    remedy: str


def open_named(name: str) -> Opened:
    """Open a bundled world by its name, or a folder by its path."""
    name = name.strip()
    if name in bundled_names() and not Path(name).is_dir():
        return Opened(world=load_world(name))
    return open_folder(Path(name).expanduser())


def open_folder(folder: Path) -> Opened:
    """Open a world folder, with the plan that may lie in it.

    Parameters
    ----------
    folder : Path
        World folder; one that only holds a world folder is looked into.
    """
    home = world_folder(folder) if folder.is_dir() else folder
    plan = _plan_in(home)
    if plan is not None and not _has_tables(home):
        return Opened(plan=plan, folder=home)
    try:
        return Opened(world=read_world(home), plan=plan, folder=home)
    except CulturePlanError as error:
        return Opened(faults=error.faults, folder=home)
    except OSError as error:
        why = f"{error.strerror or error}"
        return Opened(faults=(Fault(code="app.cannot_read", values={"why": why}),), folder=home)


def fault_rows(faults: Sequence[Fault], lang: Lang) -> list[FaultRow]:
    """Return the faults in words, one line each.

    Parameters
    ----------
    faults : sequence of Fault
        From :class:`Opened`.
    lang : {"en", "zh"}
        Language.
    """
    comma = text("fault.comma", lang)
    rows = []
    for fault in faults:
        shown = ", ".join(fault.rows)
        if fault.n_rows > len(fault.rows):
            shown = text("app.rows_of", lang, rows=shown, n=fault.n_rows)
        rows.append(
            FaultRow(
                file=fault.file or fault.table or "",
                rows=shown,
                column=fault.column or "",
                values=comma.join(value or text("fault.empty", lang) for value in fault.samples),
                what=text(fault.code, lang, **fault.values),
                remedy=remedy(fault.code, lang, **fault.values),
            )
        )
    return rows


# what is dropped


class Inbox:
    """The private folder that files are dropped into, piece by piece.

    Parameters
    ----------
    folder : Path
        Emptied whenever something new is dropped.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._expected: dict[str, int] = {}
        self._given: dict[str, str] = {}

    def begin(self, sizes: Sequence[tuple[str, int]]) -> None:
        """Empty the folder and say what is to come.

        Parameters
        ----------
        sizes : sequence of (name, bytes)
            Files; a name may have folders in front.

        Raises
        ------
        InputError
            If there are too many files, they are too large, or one has a name that leads elsewhere.
        """
        validate_amount(len(sizes), sum(size for _, size in sizes))
        names = inner_names([name for name, _ in sizes])
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700, parents=True)
        self._expected = {
            name: size for name, (_, size) in zip(names, sizes, strict=True) if not _is_ignored(name)
        }
        self._given = dict(zip((name for name, _ in sizes), names, strict=True))

    def write(self, name: str, piece: bytes) -> None:
        """Append a piece to a file that was announced."""
        inner = self._given.get(name, "")
        if inner not in self._expected:
            return
        path = self.folder / inner
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(piece)
        if path.stat().st_size > self._expected[inner]:
            raise InputError.of("app.other_size", name=name)

    def finish(self, *, system: str = "", name: str = "") -> Opened:
        """Open what was dropped.

        Parameters
        ----------
        system : str
            Coordinate system of tables that do not say it; empty where it was not told.
        name : str
            Name of a world that has none.
        """
        for inner in self._expected:  # an empty file has no piece
            path = self.folder / inner
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch()
        try:
            for packed in sorted(self.folder.rglob("*.zip")):
                unpack(packed)
        except InputError as error:
            return Opened(faults=error.faults, folder=self.folder)
        home = world_folder(self.folder)
        rename_usual(home)
        declare(home, system=system, name=name)
        return open_folder(home)


def validate_amount(n_files: int, n_bytes: int, *, most_bytes: int = MOST_BYTES) -> None:
    """Raise InputError if there is nothing, or too much."""
    if n_files == 0:
        raise InputError.of("app.nothing_dropped")
    if n_files > MOST_FILES or n_bytes > most_bytes:
        mb = round(n_bytes / 1e6)
        raise InputError.of(
            "app.too_much", n=n_files, mb=mb, most_files=MOST_FILES, most_mb=round(most_bytes / 1e6)
        )


def inner_names(names: Sequence[str]) -> list[str]:
    """Return names as relative paths, without the folder that all of them lie in.

    Raises
    ------
    InputError
        If a name is absolute or leads upwards.
    """
    paths = []
    for name in names:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or not path.parts or ":" in path.parts[0] or "\0" in name:
            raise InputError.of("app.bad_name", name=name)
        paths.append(path)
    first = {path.parts[0] for path in paths}
    if len(first) == 1 and all(len(path.parts) > 1 for path in paths):
        paths = [PurePosixPath(*path.parts[1:]) for path in paths]
    return [str(path) for path in paths]


def unpack(packed: Path) -> None:
    """Unpack a zip beside itself and remove it.

    Raises
    ------
    InputError
        If it is none, is locked, holds too much, or a name in it leads elsewhere.
    """
    try:
        with ZipFile(packed, metadata_encoding="gb18030") as archive:  # unless a name is marked as UTF-8
            files = [entry for entry in archive.infolist() if not entry.is_dir()]
            validate_amount(len(files), sum(entry.file_size for entry in files), most_bytes=5 * MOST_BYTES)
            names = inner_names([entry.filename for entry in files])
            for entry, name in zip(files, names, strict=True):
                if _is_ignored(name):
                    continue
                target = packed.parent / name
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with archive.open(entry) as source, target.open("wb") as file:
                    shutil.copyfileobj(source, file)
    except (BadZipFile, RuntimeError, NotImplementedError, EOFError, UnicodeDecodeError) as error:
        raise InputError.of("app.bad_zip", name=packed.name, why=str(error)) from None
    packed.unlink(missing_ok=True)


def world_folder(folder: Path) -> Path:
    """Return the folder itself, or the only one in it that holds a world."""
    if _has_tables(folder) or (folder / FILE).is_file() or _plan_in(folder) is not None:
        return folder
    inner = [path for path in sorted(folder.iterdir()) if path.is_dir() and not _is_ignored(path.name)]
    return world_folder(inner[0]) if len(inner) == 1 else folder


def rename_usual(folder: Path) -> None:
    """Give tables with usual Chinese names the names that a world folder has, where those are free."""
    taken = {path.stem.lower() for path in folder.iterdir()}
    for path in sorted(folder.iterdir()):
        name = _USUAL_NAMES.get(path.stem)
        if name is not None and name not in taken and path.suffix.lower() in FORMS:
            path.rename(path.with_name(f"{name}{path.suffix}"))
            taken.add(name)


def declare(folder: Path, *, system: str, name: str) -> None:
    """Write into ``world.toml`` what the planner said about tables that do not say it themselves."""
    path = folder / FILE
    said: dict[str, Any] = {}
    content = ""
    if path.is_file():
        try:
            content = path.read_text(encoding="utf-8-sig")
            said = tomllib.loads(content)
        except (UnicodeDecodeError, tomllib.TOMLDecodeError):
            return  # the reader will say what is wrong with it
    lines = []
    if system and "coordinates" not in said:
        lines.append(f"coordinates = {json.dumps(system)}")
    if name.strip() and "name" not in said:
        lines.append(f"name = {json.dumps(name.strip(), ensure_ascii=False)}")
    if lines and _has_tables(folder):
        path.write_text("\n".join([*lines, content]), encoding="utf-8", newline="\n")


def _has_tables(folder: Path) -> bool:
    known = (*TABLES, "population", *_USUAL_NAMES)
    return any(
        path.is_file() and path.suffix.lower() in FORMS and path.stem.lower() in known
        for path in folder.iterdir()
    )


def _plan_in(folder: Path) -> dict[str, Any] | None:
    """Return the saved plan in a folder, if there is one."""
    if not folder.is_dir():
        return None
    for path in sorted(folder.glob("*.json")):
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, OSError):
            continue
        if isinstance(document, dict) and document.get("format") == FORMAT:
            return document
    return None


def _is_ignored(name: str) -> bool:
    return any(part in _IGNORED or part.startswith("._") or part == ".DS_Store" for part in name.split("/"))
