"""The files beside the report: every table as CSV, all of them as one workbook, maps as GeoJSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cultureplan.base.crs import WGS84
from cultureplan.base.errors import MissingExtraError
from cultureplan.base.messages import Lang, catalogue, text
from cultureplan.governance.chapter import CHAPTER_TABLES
from cultureplan.measures.area import circle_polygons, gap_polygons, lowest_polygons
from cultureplan.plotting.wording import clean, label_width
from cultureplan.report.blocks import ReportFile, ReportTable
from cultureplan.report.facts import Subject

COMPLIANCE = "compliance_"  # what the names of the compliance chapter's files begin with
TABLES, MAPS, WORKBOOK = "tables", "maps", "tables.xlsx"
MOST_MAP_POINTS = 200_000  # more demand points than this would make a GeoJSON nobody can open

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER_FORMATS = {
    "count": "#,##0", "number": "#,##0.0", "share": "0.0%", "cost": "#,##0.0", "area": "#,##0",
    "coordinate": "0.000000",
}  # fmt: skip


def own_names() -> set[str]:
    """Return the names, without ending, of the files that a report may write."""
    kinds = ("report.table_", "report.map_")
    named = {key.removeprefix(kind) for key in catalogue() for kind in kinds if key.startswith(kind)}
    return named | {f"{COMPLIANCE}{name}" for name in CHAPTER_TABLES}


def write_tables(folder: Path, tables: Sequence[ReportTable], lang: Lang) -> list[ReportFile]:
    """Write every table as CSV, in UTF-8 with the mark that Excel needs.

    Headings are the names of the values, the same in every language, with their unit. Text that a
    spreadsheet would take for a formula gets an apostrophe in front.
    """
    files = []
    (folder / TABLES).mkdir(exist_ok=True)
    for table in tables:
        path = f"{TABLES}/{table.key}.csv"
        frame = _safe(_plain(table.frame))
        frame.to_csv(folder / path, index=False, encoding="utf-8-sig", lineterminator="\n")
        files.append(_file(path, table.title(lang), len(frame), lang))
    return files


def write_workbook(folder: Path, tables: Sequence[ReportTable], lang: Lang) -> ReportFile:
    """Write the tables as one Excel workbook, a sheet each, with readable headings.

    Raises
    ------
    MissingExtraError
        If openpyxl is not installed.
    """
    if find_spec("openpyxl") is None:
        raise MissingExtraError.for_extra("openpyxl", "excel")
    from openpyxl import Workbook

    book = Workbook(write_only=True)  # rows are written as they come, so that long tables stay cheap
    chosen = [table for table in tables if table.in_excel]
    for table in chosen:
        _write_sheet(book.create_sheet(_sheet_name(table.title(lang), book.sheetnames)), table, lang)
    book.save(folder / WORKBOOK)
    return ReportFile(path=WORKBOOK, words=text("report.workbook", lang, n=len(chosen)))


def write_maps(folder: Path, subject: Subject, tables: Sequence[ReportTable]) -> list[ReportFile]:
    """Write what the maps show as GeoJSON, longitude and latitude (WGS84)."""
    (folder / MAPS).mkdir(exist_ok=True)
    files = []
    for name, layer in _layers(subject, {table.key: table for table in tables}):
        path = f"{MAPS}/{name}.geojson"
        _write_geojson(folder / path, layer)
        files.append(_file(path, text(f"report.map_{name}", subject.lang), len(layer), subject.lang))
    return files


def _file(path: str, words: str, n_rows: int, lang: Lang) -> ReportFile:
    return ReportFile(path=path, words=text("report.file_line", lang, words=words, n=n_rows))


def _layers(subject: Subject, tables: dict[str, ReportTable]) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Yield the name and the features of each map file."""
    for name, key in (
        ("facilities", "facilities"),
        ("demand", "demand_points"),
        ("proposed_sites", "proposed_sites"),
    ):
        if key in tables and len(tables[key].frame) <= MOST_MAP_POINTS:
            frame = tables[key].frame
            points = shapely.points(frame["lon"].to_numpy(float), frame["lat"].to_numpy(float))
            rest = frame.drop(columns=["lon", "lat"])
            yield name, gpd.GeoDataFrame(rest, geometry=points, crs=WGS84)
    world, standard = subject.coverage.world, subject.coverage.standard
    gaps = tables.get("gaps")
    if gaps is not None and len(gaps.frame):
        at = world.demand.positions(gaps.frame["demand_id"])
        points = shapely.points(subject.demand_lonlat[at])
        yield "gaps", gpd.GeoDataFrame(gaps.frame.copy(), geometry=points, crs=WGS84)
    if all(rule.radius_m is not None for rule in standard.rules):
        yield "circles", circle_polygons(world, standard).to_crs(WGS84)
        if len(lowest_polygons(world.places)):
            land = gap_polygons(world, standard)
            if len(land):
                yield "gap_land", land.to_crs(WGS84)


def _write_geojson(path: Path, layer: gpd.GeoDataFrame) -> None:
    plain = _plain(pd.DataFrame(layer.drop(columns="geometry")))
    ready = gpd.GeoDataFrame(plain, geometry=layer.geometry.to_numpy(), crs=WGS84)
    path.unlink(missing_ok=True)
    ready.to_file(path, driver="GeoJSON", engine="pyogrio", RFC7946="YES", COORDINATE_PRECISION=7)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with whole numbers as whole numbers, and everything but numbers and flags as text."""
    plain: dict[str, object] = {}
    for name in frame.columns:
        values = frame[name]
        if pd.api.types.is_bool_dtype(values):
            plain[name] = values.to_numpy(bool)
        elif pd.api.types.is_numeric_dtype(values):
            numbers = pd.Series(values.to_numpy(float, na_value=np.nan)).replace([np.inf, -np.inf], np.nan)
            whole = numbers.notna().any() and bool((numbers.dropna() % 1 == 0).all())
            plain[name] = (numbers.astype("Int64") if whole else numbers).array
        else:
            plain[name] = np.array([_as_text(value) for value in values], dtype=object)
    return pd.DataFrame(plain)


def _as_text(value: object) -> str | None:
    if _is_missing(value):
        return None
    return clean("|".join(map(str, value)) if isinstance(value, list | tuple | set) else str(value))


def _safe(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with no text that a spreadsheet would run as a formula."""
    safe = frame.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):  # flags count as numbers
            safe[name] = [
                f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
                for value in safe[name]
            ]
    return safe


def _write_sheet(sheet: Any, table: ReportTable, lang: Lang) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    frame = _plain(table.frame)
    headings = []
    sheet.freeze_panes = "A2"
    for at, column in enumerate(table.columns):
        words = column.heading(lang) + (" (m²)" if column.kind == "area" else "")
        heading = WriteOnlyCell(sheet, value=words)
        heading.font, heading.fill = Font(bold=True), PatternFill("solid", fgColor="E8EEF3")
        heading.alignment = Alignment(wrap_text=True, vertical="top")
        headings.append(heading)
        shown = [str(value) for value in frame.iloc[:200, at] if not _is_missing(value)]
        widest = max(map(label_width, [words, *shown]))
        most = 48 if column.kind == "text" else 18
        sheet.column_dimensions[get_column_letter(at + 1)].width = min(max(widest + 2, 9), most)
    sheet.append(headings)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headings))}{len(frame) + 1}"
    columns = [_cells(sheet, frame.iloc[:, at], column.kind) for at, column in enumerate(table.columns)]
    for row in zip(*columns, strict=True):
        sheet.append(row)


def _cells(sheet: Any, values: pd.Series, kind: str) -> list[Any]:
    """Return one cell a value; text is text, whatever it begins with."""
    from openpyxl.cell import WriteOnlyCell

    cells: list[Any] = []
    for value in values.tolist():
        if _is_missing(value):
            cells.append(None)
        elif isinstance(value, str):
            cell = WriteOnlyCell(sheet, value=value)
            cell.data_type = "s"
            cells.append(cell)
        elif isinstance(value, bool):
            cells.append(value)
        else:
            cell = WriteOnlyCell(sheet, value=value)
            cell.number_format = _NUMBER_FORMATS.get(kind, "General")
            cells.append(cell)
    return cells


def _sheet_name(title: str, taken: Sequence[str]) -> str:
    """Return a name that Excel takes: at most 31 characters, without those it forbids, not there yet."""
    allowed = "".join(" " if character in "[]:*?/\\'" else character for character in clean(title)).strip()
    name, number = allowed[:31], 2
    while name.lower() in {other.lower() for other in taken}:
        name = f"{allowed[:28]} {number}"
        number += 1
    return name


def _is_missing(value: object) -> bool:
    return (
        value is None or value is pd.NA or (isinstance(value, float | np.floating) and bool(np.isnan(value)))
    )
