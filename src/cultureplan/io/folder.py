"""A world on disk: read a folder, with every fault of every file in one error, and write one."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from pyproj import CRS

from cultureplan.base.checks import FaultList, Origin
from cultureplan.base.crs import crs_fault_code, crs_name, scale_error, suggest_metric_crs
from cultureplan.base.errors import (
    CrsError,
    CulturePlanError,
    Fault,
    MissingExtraError,
    MissingFileError,
    WorldError,
)
from cultureplan.io.coordinates import read_system
from cultureplan.io.placing import (
    PlacedTable,
    check_declared,
    check_together,
    check_web_mercator,
    choose_system,
    common_extent,
    locate,
    to_metric,
)
from cultureplan.io.settings import FILE, STREETS, TABLES, Settings, read_settings
from cultureplan.io.streets import find_streets, read_streets, takes_coordinates
from cultureplan.io.tables import FORMS, RawTable, read_table
from cultureplan.io.writing import write_world
from cultureplan.world.demand import DemandPoints
from cultureplan.world.facilities import Facilities
from cultureplan.world.places import Places
from cultureplan.world.schema import clean_text
from cultureplan.world.streets import StreetNetwork
from cultureplan.world.table import Table
from cultureplan.world.world import World

__all__ = ["check_world", "find_files", "read_world", "write_world"]

GRID = "population"  # population.tif stands for the demand table
_CLASSES: dict[str, type[Table]] = {"facilities": Facilities, "demand": DemandPoints, "places": Places}


def read_world(folder: str | Path) -> World:
    """Return the world that a folder holds.

    Tables may be CSV (UTF-8, GB18030 or UTF-16), GeoJSON, GeoPackage, Parquet or Excel, each in any
    coordinate system that ``world.toml`` or the file itself names, and demand may be a GeoTIFF population
    grid, ``population.tif``. Everything is converted to the world's metric system: the one that
    ``world.toml`` names under ``crs``, or else the one that fits. What was declared stays in
    ``world.notes["coordinates"]``.

    A folder without ``world.toml`` is read too; its name is the world's.

    Parameters
    ----------
    folder : str or Path
        World folder.

    Raises
    ------
    MissingFileError
        If there is no such folder.
    WorldError
        Listing every fault of every file, with file, row, column, value and remedy.
    MissingExtraError
        If a file needs a library that is not installed (Excel, GeoTIFF).
    """
    path = Path(folder)
    if not path.is_dir():
        raise MissingFileError.of("io.no_folder", folder=str(folder))
    faults = FaultList()
    settings = read_settings(path, faults=faults)
    raws = _read_tables(path, settings, faults)
    placed = {name: _place(raw, settings, faults) for name, raw in raws.items() if len(raw.frame)}
    check_declared(placed.values(), settings, faults=faults)
    check_together(list(placed.values()), settings.crs, faults=faults)
    check_web_mercator(placed.values(), faults=faults)
    target = _choose_target(settings, placed, faults)
    tables = {name: _build(table, target, faults) for name, table in placed.items()}
    streets = _read_streets(path, target, settings, faults)
    _check_place_ids(raws, faults)
    facilities, demand, places = (tables.get(name) for name in TABLES)
    if len(faults) or not isinstance(facilities, Facilities) or not isinstance(demand, DemandPoints):
        raise WorldError(*faults.faults)
    systems = {name: table.system.name for name, table in placed.items()}
    return World(
        name=settings.name,
        facilities=facilities,
        demand=demand,
        places=places if isinstance(places, Places) else None,
        streets=streets,
        notes={"coordinates": systems, **settings.notes},
        origins={name: replace(table.raw.origin, written={}) for name, table in placed.items()},
    )


def check_world(folder: str | Path) -> tuple[Fault, ...]:
    """Return every fault of a world folder; none if it is a world. Nothing is written.

    Parameters
    ----------
    folder : str or Path
        World folder.
    """
    try:
        read_world(folder)
    except CulturePlanError as error:
        return error.faults
    return ()


def find_files(folder: Path, *, faults: FaultList) -> dict[str, Path]:
    """Return the file of each table of a world folder, noting tables that have none, or two.

    Parameters
    ----------
    folder : Path
        World folder.
    faults : FaultList
        Where faults are noted.
    """
    files = sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))
    found: dict[str, Path] = {}
    for table in TABLES:
        named = [file for file in files if file.stem.lower() == table]
        named += [file for file in files if table == "demand" and _is_grid(file)]
        usable = [file for file in named if _is_grid(file) or FORMS.get(file.suffix.lower(), "tif") != "tif"]
        origin = Origin(table=table)
        if len(usable) > 1:
            names = ", ".join(file.name for file in usable)
            faults.add("io.two_files", origin=origin, files=names)
        elif usable:
            found[table] = usable[0]
        elif named:
            known = ", ".join(
                f"{table}{ending}" for ending in (".csv", ".geojson", ".gpkg", ".parquet", ".xlsx")
            )
            faults.add("io.unknown_form", origin=replace(origin, file=named[0].name), known=known)
        elif table != "places":
            _note_missing(table, files, faults)
    return found


def _note_missing(table: str, files: list[Path], faults: FaultList) -> None:
    """Note that a table has no file, and the file that may have been meant."""
    others = [file for file in files if file.suffix.lower() in FORMS and file.stem.lower() not in TABLES]
    closest = difflib.get_close_matches(table, [file.stem for file in others], n=1, cutoff=0.5)
    present = ", ".join(file.name for file in files) or "-"
    if closest:
        meant = next(file for file in others if file.stem == closest[0])
        use = f"{table}{meant.suffix}"
        faults.add(
            "io.misnamed_table", origin=Origin(table=table), present=present, meant=meant.name, use=use
        )
    else:
        faults.add("io.missing_table", origin=Origin(table=table), present=present, table_name=table)


def _is_grid(file: Path) -> bool:
    return file.stem.lower() == GRID and FORMS.get(file.suffix.lower()) == "tif"


def _read_tables(folder: Path, settings: Settings, faults: FaultList) -> dict[str, RawTable]:
    """Return the tables that could be read at all."""
    raws: dict[str, RawTable] = {}
    for table, file in find_files(folder, faults=faults).items():
        system = settings.coordinates.get(table) or read_system("wgs84")
        types = settings.types.get(table, {})
        raw = read_table(file, table, system=system, types=types, faults=faults)
        if raw is not None:
            raws[table] = raw
            if len(raw.frame) == 0:
                faults.add("table.empty", origin=raw.origin)
    return raws


def _place(raw: RawTable, settings: Settings, faults: FaultList) -> PlacedTable:
    return locate(raw, choose_system(raw, settings, faults=faults), faults=faults)


@dataclass(frozen=True, kw_only=True)
class _Target:
    """The metric system that tables are brought to, and a point in it for rows that are nowhere.

    Without any row that is somewhere it is a stand-in too, so that columns can still be checked.
    """

    crs: CRS = field(default_factory=lambda: CRS.from_epsg(4545))
    point: tuple[float, float] = (500_000.0, 4_300_000.0)
    is_stand_in: bool = True


def _choose_target(settings: Settings, placed: Mapping[str, PlacedTable], faults: FaultList) -> _Target:
    """Return the world's metric system, noting one that does not fit the place."""
    extent = common_extent(placed.values())
    if extent is None:
        return _Target()
    crs = settings.crs
    code = None if crs is None else crs_fault_code(crs, extent)
    if crs is None or code is not None:
        try:
            use = suggest_metric_crs(extent)
        except CrsError as error:
            faults.extend(error.faults)
            return _Target()
        if crs is not None:
            faults.add(
                "io.crs_distorts" if code == "crs.distorts" else "io.crs_not_metric",
                origin=Origin(table="world", file=FILE),
                crs=crs_name(crs),
                use=crs_name(use),
                error_percent=round(100 * scale_error(crs, extent), 1),
            )
        crs = use
    middle = np.array([(extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2])
    x, y = read_system("wgs84").convert(middle, crs)[0]
    return _Target(crs=crs, point=(float(x), float(y)), is_stand_in=False)


def _build(placed: PlacedTable, target: _Target, faults: FaultList) -> Table | None:
    """Return the checked table, or note its faults and return None."""
    frame = to_metric(placed, target.crs, stand_in=target.point)
    try:
        return _CLASSES[placed.raw.origin.table](frame, origin=placed.raw.origin)
    except CulturePlanError as error:
        faults.extend(
            fault for fault in error.faults if not (target.is_stand_in and fault.code.startswith("crs."))
        )
        return None


def _read_streets(
    folder: Path, target: _Target, settings: Settings, faults: FaultList
) -> StreetNetwork | None:
    """Return the streets of the folder in the world's system, or note what is wrong with their file."""
    file = find_streets(folder)
    if file is None or target.is_stand_in:
        return None
    declared = settings.coordinates.get(STREETS)
    if not settings.each_table and not takes_coordinates(file):
        declared = None  # what is declared for all tables is not meant for a file that knows better
    try:
        return read_streets(file, crs=target.crs, coordinates=declared)
    except MissingExtraError:
        raise
    except CulturePlanError as error:
        faults.extend(replace(fault, file=file.name) for fault in error.faults)
        return None


def _check_place_ids(raws: Mapping[str, RawTable], faults: FaultList) -> None:
    """Note rows that name a place which the table of places does not have."""
    if "places" not in raws or "place_id" not in raws["places"].frame.columns:
        return
    ids = clean_text(raws["places"].frame["place_id"]).dropna()
    for name in ("facilities", "demand"):
        if name in raws and "place_id" in raws[name].frame.columns:
            frame = raws[name].frame
            named = clean_text(frame["place_id"])
            unknown = (named.notna() & ~named.isin(ids)).to_numpy(dtype=bool)
            faults.add_rows(
                "world.unknown_place", origin=raws[name].origin, frame=frame, bad=unknown, column="place_id"
            )
