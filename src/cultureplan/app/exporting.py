"""What a planner takes away: the report, a workbook and a map file, each as bytes to download."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cultureplan.app.costs import site_costs
from cultureplan.app.duties import Checked, gap_table
from cultureplan.app.phasing import Phasing
from cultureplan.app.plans import zipped
from cultureplan.app.served import by_group, by_place
from cultureplan.base.crs import WGS84, to_lonlat
from cultureplan.base.messages import Lang, text
from cultureplan.lab.meter import Meter
from cultureplan.lab.state import LabState
from cultureplan.measures.coverage import measure_coverage
from cultureplan.planning.compare import compare
from cultureplan.plotting.wording import shown_names
from cultureplan.report.blocks import Column, ReportTable
from cultureplan.report.exports import WORKBOOK, write_workbook
from cultureplan.report.write import REPORT, write_report
from cultureplan.siting.result import SitingResult
from cultureplan.world.levels import Status, word

_DECIMALS = 7  # of degrees: a centimetre


@dataclass(frozen=True, kw_only=True, eq=False)
class Work:
    """Everything that is exported.

    Parameters
    ----------
    state : LabState
        The world and what was changed.
    checked : Checked, optional
        Against the policy standard.
    phasing : Phasing, optional
        Which site in which year.
    result : SitingResult, optional
        The solver's answer, where the plan is just that.
    lang : {"en", "zh"}
        Language of what is written.
    """

    state: LabState
    checked: Checked | None = None
    phasing: Phasing | None = None
    result: SitingResult | None = field(default=None, repr=False)
    lang: Lang = "en"


def report_files(work: Work) -> tuple[bytes, bytes]:
    """Return the report as one HTML page, and as a zip with the tables and maps behind it."""
    state, lang = work.state, work.lang
    world, standard = state.ground.world, state.standard
    comparison = None
    if state.draft.changes:
        labels = {text("report.today", lang): world, text("report.plan", lang): state.world}
        comparison = compare(labels, standard)
    coverage = measure_coverage(world, standard) if comparison is None else comparison.baseline
    result = work.result
    is_the_plan = result is not None and set(map(str, result.opened)) == set(state.opened_ids)
    with tempfile.TemporaryDirectory() as name:
        path = write_report(
            name,
            world=world,
            standard=standard,
            coverage=coverage,
            comparison=comparison,
            siting=result if is_the_plan else None,
            compliance=None if work.checked is None else work.checked.after,
            governance=None if work.checked is None else work.checked.governance,
            lang=lang,
        )
        (Path(name) / "plan.geojson").write_bytes(geojson_bytes(work))
        return path.read_bytes(), zipped(Path(name))


def site_table(work: Work) -> pd.DataFrame:
    """Return every facility that is open, or was, with what the plan does to it.

    Returns
    -------
    DataFrame
        ``facility_id``, ``name``, ``level``, ``kind``, ``status``, ``change`` (``opened``, ``moved``,
        ``closed`` or empty), ``cost`` (yuan, of what is opened), ``year`` (missing where not planned),
        ``lon``, ``lat``.
    """
    state, lang = work.state, work.lang
    base = state.ground.base_sites
    facilities = state.world.facilities
    names = shown_names(facilities, lang)
    rows = []
    opened = set(state.opened_ids)
    for site in state.sites.values():
        before = base.get(site.facility_id)
        was_open = before is not None and before.is_open
        if not site.is_open and not was_open:
            continue
        change = ""
        if site.facility_id in opened:
            change = "opened"
        elif not site.is_open:
            change = "closed"
        elif before is not None and (before.x_m, before.y_m) != (site.x_m, site.y_m):
            change = "moved"
        rows.append(
            {
                "facility_id": site.facility_id,
                "name": str(names.get(site.facility_id, site.label(lang))),
                "level": word("level", site.level, lang),
                "kind": word("kind", site.kind, lang),
                "status": site.status,
                "change": change,
                "x_m": site.x_m,
                "y_m": site.y_m,
            }
        )
    columns = ["facility_id", "name", "level", "kind", "status", "change", "x_m", "y_m"]
    table = pd.DataFrame(rows, columns=columns)
    lonlat = to_lonlat(table[["x_m", "y_m"]].to_numpy(float), state.world.crs).round(_DECIMALS)
    usual = 0.0 if work.phasing is None else work.phasing.budgets.usual_cost
    costs = site_costs(facilities, table["facility_id"], usual_cost=usual).to_numpy(float)
    table["cost"] = np.where((table["change"] == "opened") & (costs > 0), costs, np.nan)
    years = {} if work.phasing is None else work.phasing.sites.set_index("facility_id")["year"].to_dict()
    planned = [years.get(facility_id, 0) or None for facility_id in table["facility_id"]]
    table["year"] = pd.array(planned, dtype="Int64")
    table["lon"], table["lat"] = lonlat[:, 0], lonlat[:, 1]
    return table.drop(columns=["x_m", "y_m"])


def geojson_bytes(work: Work) -> bytes:
    """Return the facilities of the plan as GeoJSON: longitude and latitude in WGS84."""
    table = site_table(work)
    points = gpd.GeoSeries(shapely.points(table["lon"], table["lat"]), crs=WGS84)
    records = table.drop(columns=["lon", "lat"]).astype(object)
    features = [
        {
            "type": "Feature",
            "properties": {key: _plain(value) for key, value in record.items()},
            "geometry": {"type": "Point", "coordinates": [round(point.x, 7), round(point.y, 7)]},
        }
        for record, point in zip(records.to_dict("records"), points, strict=True)
    ]
    collection = {"type": "FeatureCollection", "name": work.state.ground.world.name, "features": features}
    return (json.dumps(collection, ensure_ascii=False, allow_nan=False) + "\n").encode()


def workbook_bytes(work: Work) -> bytes:
    """Return the plan as an Excel workbook: figures, sites, who is newly served, years, duties.

    Raises
    ------
    MissingExtraError
        If openpyxl is not installed.
    """
    with tempfile.TemporaryDirectory() as name:
        write_workbook(Path(name), workbook_tables(work), work.lang)
        return (Path(name) / WORKBOOK).read_bytes()


def workbook_tables(work: Work) -> list[ReportTable]:
    """Return the sheets of the workbook."""
    state, lang = work.state, work.lang
    meter = Meter()
    now, today = meter.measure(state), meter.today(state)
    tables = [_figures(work, meter)]
    sites = site_table(work)
    sites["change"] = [text(f"app.change_{change}", lang) if change else "" for change in sites["change"]]
    kinds = {"cost": "count", "year": "year", "lon": "coordinate", "lat": "coordinate"}
    tables.append(_table("sites", sites.drop(columns="status"), lang, kinds))
    served = {"persons": "count", "covered_before": "count", "covered_now": "count", "change": "count"}
    for key, rows in (
        ("by_place", by_place(state, now, today, lang=lang)),
        ("by_group", by_group(state, now, today, lang=lang)),
    ):
        if len(rows):
            tables.append(_table(key, rows, lang, served))
    if work.phasing is not None:
        kinds = {"persons_covered": "count", "persons_gained": "count", "covered_share": "share"}
        kinds |= {"budget": "count", "spent": "count", "n_sites": "count"}
        tables.append(_table("years", work.phasing.years.reset_index(), lang, kinds))
    if work.checked is not None:
        gaps = gap_table(work.checked, lang)
        for column in ("before", "after"):
            gaps[column] = [text(f"compliance.{verdict.lower()}", lang) for verdict in gaps[column]]
        tables.append(_table("duties", gaps, lang, {"n_before": "count", "n_after": "count"}))
    return tables


def _figures(work: Work, meter: Meter) -> ReportTable:
    state, lang = work.state, work.lang
    now, today = meter.measure(state).everyone, meter.today(state).everyone
    opened = len(state.opened_ids)
    base = state.ground.base_sites
    closed = sum(1 for name, site in state.sites.items() if _was_open(base, name) and not site.is_open)
    counts = {
        "persons": now.persons_assessed,
        "before": today.persons_covered,
        "now": now.persons_covered,
        "newly": now.persons_covered - today.persons_covered,
        "opened": opened,
        "closed": closed,
    }
    said = {"world": state.ground.world.title(lang), "standard": state.standard.title(lang)}
    frame = pd.DataFrame(
        {
            "what": [text(f"app.figure_{name}", lang) for name in (*said, *counts)],
            "value": [*[np.nan] * len(said), *map(float, counts.values())],
            "note": [*said.values(), *[""] * len(counts)],
        }
    )
    return _table("figures", frame, lang, {"value": "count"})


def _was_open(base: Mapping[str, object], name: str) -> bool:
    return name in base and getattr(base[name], "status", "") == Status.EXISTING


def _table(key: str, frame: pd.DataFrame, lang: Lang, kinds: Mapping[str, str]) -> ReportTable:
    columns = tuple(
        Column(
            name=str(name), kind=kinds.get(str(name), "text"), given_heading=_heading(key, str(name), lang)
        )
        for name in frame.columns
    )
    return ReportTable.of(key, frame, columns=columns, given_title=text(f"app.sheet_{key}", lang))


def _heading(key: str, name: str, lang: Lang) -> str:
    """Return what a column of a sheet is called."""
    return text("app.col_figure" if (key, name) == ("figures", "what") else f"app.col_{name}", lang)


def _plain(value: object) -> object:
    """Return a cell as JSON knows it."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


__all__ = ["REPORT", "Work", "geojson_bytes", "report_files", "site_table", "workbook_bytes"]
