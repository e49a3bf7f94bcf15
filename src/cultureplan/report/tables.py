"""What the report shows of coverage, gaps, plan and comparison: tables of plain values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cultureplan.base.messages import Lang, text
from cultureplan.measures.area import covered_area
from cultureplan.measures.coverage import Coverage
from cultureplan.planning.compare import Comparison
from cultureplan.plotting.siting import opened_ids
from cultureplan.plotting.wording import demand_names, group_words, shown_names
from cultureplan.report.blocks import Column, ReportTable
from cultureplan.report.facts import Subject
from cultureplan.world.levels import PlaceLevel, Settlement, word

MOST_EXCEL_ROWS = 20_000

_COUNTS = (
    Column(name="persons", kind="count"),
    Column(name="persons_assessed", kind="count"),
    Column(name="persons_covered", kind="count"),
    Column(name="persons_uncovered", kind="count"),
    Column(name="covered_share", kind="share"),
)
_NEAREST = (
    Column(name="nearest_facility"),
    Column(name="nearest_facility_id", is_shown=False),
    Column(name="nearest_cost", kind="cost"),
)


def coverage_tables(subject: Subject) -> list[ReportTable]:
    """Return coverage by settlement type, by place and by group, and of every demand point."""
    tables = [by_settlement(subject)]
    places = by_place(subject)
    if places is not None:
        tables.append(places)
    if subject.coverage.world.demand.groups:
        tables.append(by_group(subject))
    area = land(subject)
    return [*tables, *([] if area is None else [area]), demand_points(subject), gaps(subject)]


def by_settlement(subject: Subject) -> ReportTable:
    """Return one row a settlement type, and one for all where there are several."""
    coverage, lang = subject.coverage, subject.lang
    counts = coverage.by("settlement")
    counts = counts[counts["persons"] > 0]
    rows: list[dict[str, object]] = []
    for settlement in [s for s in Settlement if str(s) in counts.index]:
        rule = coverage.standard.rule(settlement)
        row: dict[str, object] = {"settlement": str(settlement)}
        row["settlement_name"] = word("settlement", settlement, lang)
        row |= _values(counts.loc[[str(settlement)]].iloc[0])
        row["limit_words"] = text("coverage.no_rule", lang) if rule is None else rule.limit_words(lang)
        if rule is not None:
            row |= coverage.cost_statistics(str(settlement)) | {"unit": str(rule.unit)}
        rows.append(row)
    if len(rows) > 1:
        total = _values(counts.sum(numeric_only=True)) | {"covered_share": coverage.share}
        everybody = {"settlement": "all", "settlement_name": text("coverage.all", lang), "limit_words": ""}
        rows.append(everybody | total)
    columns = (
        Column(name="settlement", is_shown=False),
        Column(name="settlement_name"),
        Column(name="limit_words"),
        *_COUNTS,
        Column(name="mean_cost", kind="cost"),
        Column(name="p95_cost", kind="cost"),
        Column(name="unit", is_shown=False),
    )
    return ReportTable.of("coverage_by_settlement", pd.DataFrame(rows), columns=columns)


def _values(row: pd.Series) -> dict[str, object]:
    return {str(name): value for name, value in row.items()}


def by_place(subject: Subject) -> ReportTable | None:
    """Return one row a place of every level, those with most people left out first within a level."""
    coverage, places = subject.coverage, subject.coverage.world.places
    if places is None:
        return None
    names = shown_names(places, subject.lang)
    parts = []
    for level in PlaceLevel:
        if len(places.at_level(level)) == 0:
            continue
        part = coverage.by(level).rename_axis("place_id").reset_index()
        part = part.sort_values(["persons_uncovered", "persons"], ascending=False, kind="stable")
        part.insert(0, "place_level", str(level))
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    if len(frame) == 0:
        return None
    frame["name"] = frame["place_id"].map(names)
    frame["within"] = subject.paths(frame["place_id"])
    columns = (
        Column(name="place_level", is_shown=False),
        Column(name="place_id", is_shown=False),
        Column(name="name"),
        Column(name="within"),
        *_COUNTS,
    )
    return ReportTable.of("coverage_by_place", frame, columns=columns, n_shown=15)


def by_group(subject: Subject) -> ReportTable:
    """Return one row a group of persons that the demand table counts."""
    frame = subject.coverage.by("group").reset_index()
    frame.insert(1, "group_name", [group_words(str(name), subject.lang) for name in frame["group"]])
    columns = (Column(name="group", is_shown=False), Column(name="group_name"), *_COUNTS)
    return ReportTable.of("coverage_by_group", frame, columns=columns)


def land(subject: Subject) -> ReportTable | None:
    """Return the land inside the circles, place by place; nothing where rules follow streets."""
    coverage, lang = subject.coverage, subject.lang
    if any(rule.radius_m is None for rule in coverage.standard.rules):
        return None
    frame = covered_area(coverage.world, coverage.standard)
    if coverage.world.places is not None and frame["place_id"].notna().all():
        frame["name"] = frame["place_id"].map(shown_names(coverage.world.places, lang))
        frame["within"] = subject.paths(frame["place_id"])
        frame["gap_m2"] = (frame["area_m2"] - frame["covered_area_m2"]).clip(lower=0.0)
        frame = frame.sort_values("gap_m2", ascending=False, kind="stable", ignore_index=True)
    else:
        frame["name"], frame["within"], frame["gap_m2"] = subject.title, "", np.nan
    frame["settlement_name"] = [word("settlement", str(value), lang) for value in frame["settlement"]]
    columns = (
        Column(name="place_id", is_shown=False),
        Column(name="name"),
        Column(name="within"),
        Column(name="settlement", is_shown=False),
        Column(name="settlement_name"),
        Column(name="area_m2", kind="area"),
        Column(name="covered_area_m2", kind="area"),
        Column(name="gap_m2", kind="area"),
        Column(name="covered_share", kind="share"),
    )
    return ReportTable.of("covered_land", frame, columns=columns)


def demand_points(subject: Subject) -> ReportTable:
    """Return every demand point with what was measured there: the rows that all shares are sums of."""
    coverage = subject.coverage
    frame = coverage.points.reset_index()
    frame.insert(1, "name", demand_names(coverage.world, subject.lang).to_numpy(object))
    frame.insert(2, "place_id", coverage.world.demand_places.to_numpy(object))
    frame["nearest_facility"] = frame["nearest_facility_id"].map(subject.facility_names)
    lonlat = subject.demand_lonlat
    frame["lon"], frame["lat"] = lonlat[:, 0], lonlat[:, 1]
    columns = (
        Column(name="demand_id"),
        Column(name="name"),
        Column(name="place_id"),
        Column(name="persons", kind="count"),
        Column(name="settlement"),
        Column(name="has_rule", kind="flag"),
        Column(name="is_covered", kind="flag"),
        Column(name="n_circles", kind="count"),
        *_NEAREST,
        Column(name="limit", kind="cost"),
        Column(name="unit"),
        Column(name="lon", kind="coordinate"),
        Column(name="lat", kind="coordinate"),
    )
    return ReportTable.of("demand_points", frame, columns=columns, in_excel=len(frame) <= MOST_EXCEL_ROWS)


def gaps(subject: Subject) -> ReportTable:
    """Return the demand points that are assessed and not covered, most persons first."""
    coverage, lang = subject.coverage, subject.lang
    rows = coverage.uncovered()
    frame = rows.reset_index()
    frame.insert(1, "name", demand_names(coverage.world, lang).reindex(rows.index).to_numpy(object))
    frame["within"] = subject.paths(frame["place_id"])
    frame["settlement_name"] = [word("settlement", str(value), lang) for value in frame["settlement"]]
    frame["nearest_facility"] = frame["nearest_facility_id"].map(subject.facility_names)
    columns = (
        Column(name="demand_id", is_shown=False),
        Column(name="name"),
        Column(name="within"),
        Column(name="place_id", is_shown=False),
        Column(name="persons", kind="count"),
        Column(name="settlement", is_shown=False),
        Column(name="settlement_name"),
        *_NEAREST,
        Column(name="limit", kind="cost"),
        Column(name="excess_cost", kind="cost"),
        Column(name="unit", is_shown=False),
    )
    return ReportTable.of("gaps", frame, columns=columns, n_shown=15, in_excel=len(frame) <= MOST_EXCEL_ROWS)


def proposed_sites(subject: Subject) -> ReportTable | None:
    """Return one row a new facility of the plan: where it is and what it adds."""
    plan = subject.plan
    if plan is None:
        return None
    ids = opened_ids(subject.coverage.world, plan.world, subject.order)
    if not ids:
        return None
    frame = plan.world.facilities.frame.set_index("facility_id").loc[ids]
    places = plan.world.facility_places.reindex(ids)
    lonlat = subject.lonlat(plan.world.facilities.xy[plan.world.facilities.positions(ids)])
    table = pd.DataFrame(
        {
            "number": np.arange(1, len(ids) + 1),
            "facility_id": ids,
            "name": subject.facility_names.reindex(ids).to_numpy(object),
            "within": subject.paths(places, with_own=True),
            "level_name": [word("level", str(value), subject.lang) for value in frame["level"]],
            "kind_name": [word("kind", str(value), subject.lang) for value in frame["kind"]],
            "parent": frame["parent_id"].map(subject.facility_names).to_numpy(object),
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
        }
    )
    gained = _gains(subject, ids)
    table = table.join(gained, on="facility_id")
    costs = [] if "build_cost" not in frame.columns else frame["build_cost"].to_numpy(float)
    if len(costs) and np.isfinite(costs).any():
        table["build_cost"] = costs
    columns = (
        Column(name="number", kind="count"),
        Column(name="facility_id", is_shown=False),
        Column(name="name"),
        Column(name="within"),
        Column(name="level_name"),
        Column(name="kind_name"),
        Column(name="persons_added", kind="count"),
        Column(name="persons_only_here", kind="count"),
        Column(name="persons_in_circle", kind="count"),
        Column(name="build_cost", kind="count"),
        Column(name="parent", is_shown=False),
        Column(name="lon", kind="coordinate", is_shown=False),
        Column(name="lat", kind="coordinate", is_shown=False),
    )
    return ReportTable.of("proposed_sites", table, columns=columns, n_shown=50)


def _gains(subject: Subject, ids: list[str]) -> pd.DataFrame:
    """Return what each new facility adds, as the solver's own table says it, else not at all."""
    names = ["persons_added", "persons_only_here", "persons_in_circle"]
    if subject.siting is None:
        return pd.DataFrame(columns=names)
    sites = subject.siting.to_frame().set_index("facility_id")
    return sites.reindex(columns=names).reindex(ids).dropna(axis="columns", how="all")


def comparison_tables(comparison: Comparison, lang: Lang, subject: Subject) -> list[ReportTable]:
    """Return the worlds side by side: all people and settlement types, places, and whose state changes."""
    measures = (
        Column(name="persons_assessed", kind="count"),
        Column(name="persons_covered", kind="count"),
        Column(name="covered_share", kind="share"),
        Column(name="persons_newly_covered", kind="count"),
        Column(name="persons_lost", kind="count"),
        Column(name="covered_area_m2", kind="area"),
        Column(name="mean_cost", kind="cost"),
        Column(name="p95_cost", kind="cost"),
        Column(name="unit", is_shown=False),
    )
    total = comparison.frame.reset_index().assign(settlement="all")
    parts = comparison.by("settlement").reset_index()
    parts = parts[parts["persons_assessed"] > 0]
    several = len(set(parts["settlement"])) > 1
    both = pd.concat([total, parts] if several else [total], ignore_index=True)
    names = {str(s): word("settlement", s, lang) for s in Settlement} | {"all": text("coverage.all", lang)}
    both["settlement_name"] = both["settlement"].map(names)
    worlds, kinds = list(comparison.labels), ["all", *map(str, Settlement)]
    both = both.sort_values(
        ["world", "settlement"],
        key=lambda column: column.map((worlds if column.name == "world" else kinds).index),
        ignore_index=True,
    )
    columns = (
        Column(name="world"),
        Column(name="settlement", is_shown=False),
        Column(name="settlement_name"),
        *measures,
    )
    has_orphans = bool((both["n_orphans"].fillna(0) > 0).any())
    extra = (
        Column(name="n_facilities", kind="count"),
        Column(name="n_orphans", kind="count", is_shown=has_orphans),
    )
    tables = [ReportTable.of("comparison", both, columns=(*columns, *extra), n_shown=30)]
    tables.extend(_by_place(comparison, lang, subject))
    changes = [
        comparison.changed_points(label).reset_index().assign(world=label) for label in comparison.labels[1:]
    ]
    changed = pd.concat(changes, ignore_index=True)
    changed["name"] = changed["demand_id"].map(demand_names(subject.coverage.world, lang))
    changed["change"] = [text(f"report.{value}", lang) for value in changed["change"]]
    shown = (
        Column(name="world"), Column(name="demand_id"), Column(name="name"), Column(name="settlement"),
        Column(name="persons", kind="count"), Column(name="change"), Column(name="cost_before", kind="cost"),
        Column(name="cost_after", kind="cost"), Column(name="unit"),
    )  # fmt: skip
    return [
        *tables,
        ReportTable.of("changed_points", changed, columns=shown, in_excel=len(changed) <= MOST_EXCEL_ROWS),
    ]


def _by_place(comparison: Comparison, lang: Lang, subject: Subject) -> list[ReportTable]:
    places = subject.coverage.world.places
    parts = []
    for level in (PlaceLevel.COUNTY, PlaceLevel.TOWNSHIP):
        if places is None or len(places.at_level(level)) == 0:
            continue
        part = comparison.by(level).reset_index(names=["world", "place_id"])
        part.insert(1, "place_level", str(level))
        parts.append(part[part["persons_assessed"] > 0])
    if places is None or not parts:
        return []
    frame = pd.concat(parts, ignore_index=True)
    frame["name"] = frame["place_id"].map(shown_names(places, lang))
    columns = (
        Column(name="world"), Column(name="place_level", is_shown=False),
        Column(name="place_id", is_shown=False), Column(name="name"),
        Column(name="persons_assessed", kind="count"),
        Column(name="persons_covered", kind="count"), Column(name="covered_share", kind="share"),
        Column(name="persons_newly_covered", kind="count"), Column(name="persons_lost", kind="count"),
    )  # fmt: skip
    return [ReportTable.of("comparison_by_place", frame, columns=columns)]


def plan_of(comparison: Comparison | None, opened: set[str]) -> Coverage | None:
    """Return the coverage of the first compared world that has all the opened sites, else of the last."""
    if comparison is None or len(comparison.labels) < 2:
        return None
    for label in comparison.labels[1:]:
        facilities = comparison.coverages[label].world.facilities
        if opened and opened <= set(map(str, facilities.ids[facilities.select()])):
            return comparison.coverages[label]
    return comparison.coverages[comparison.labels[-1]]
