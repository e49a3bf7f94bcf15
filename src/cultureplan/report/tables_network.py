"""What the report shows of the facilities and their hierarchy: tables of plain values."""

from __future__ import annotations

import pandas as pd

from cultureplan.measures.hierarchy import head_load, hierarchy_summary, places_without_facility
from cultureplan.plotting.wording import shown_names
from cultureplan.report.blocks import Column, ReportTable
from cultureplan.report.facts import Subject
from cultureplan.world.levels import PlaceLevel, word

_ASKED_LEVELS = (PlaceLevel.COUNTY, PlaceLevel.TOWNSHIP, PlaceLevel.VILLAGE, PlaceLevel.COMMUNITY)


def network_tables(subject: Subject) -> list[ReportTable]:
    """Return levels, heads and their load, orphans, places without a facility, and all facilities."""
    tables = [
        levels(subject),
        heads(subject),
        orphans(subject),
        unserved_places(subject),
        facilities(subject),
    ]
    return [found for found in tables if found is not None and len(found.frame)]


def levels(subject: Subject) -> ReportTable:
    """Return one row a level: how many, how many without a parent, how many report to one."""
    frame = hierarchy_summary(subject.coverage.world).reset_index()
    frame.insert(1, "level_name", [word("level", str(value), subject.lang) for value in frame["level"]])
    columns = (
        Column(name="level", is_shown=False),
        Column(name="level_name"),
        Column(name="n_facilities", kind="count"),
        Column(name="n_orphans", kind="count"),
        Column(name="mean_span", kind="number"),
        Column(name="max_span", kind="count"),
    )
    return ReportTable.of("hierarchy_levels", frame, columns=columns)


def heads(subject: Subject) -> ReportTable | None:
    """Return one row a head library: facilities below it and the people nearest to them."""
    frame = head_load(subject.coverage).reset_index()
    if len(frame) == 0:
        return None
    frame["name"] = frame["facility_id"].map(subject.facility_names)
    frame["persons_per_facility"] = frame["load_persons"] / (frame["n_facilities"] + 1)
    columns = (
        Column(name="facility_id", is_shown=False),
        Column(name="name"),
        Column(name="n_below", kind="count"),
        Column(name="load_persons", kind="count"),
        Column(name="persons_per_facility", kind="count"),
    )
    return ReportTable.of(
        "head_libraries", frame.rename(columns={"n_facilities": "n_below"}), columns=columns
    )


def orphans(subject: Subject) -> ReportTable | None:
    """Return the facilities below the top that report to nobody."""
    world = subject.coverage.world
    ids = list(world.network.orphans())
    if not ids:
        return None
    frame = world.facilities.frame.set_index("facility_id").loc[ids].reset_index()
    frame["name"] = frame["facility_id"].map(subject.facility_names)
    frame["level_name"] = [word("level", str(value), subject.lang) for value in frame["level"]]
    frame["within"] = subject.paths(world.facility_places.reindex(ids), with_own=True)
    columns = (
        Column(name="facility_id"),
        Column(name="name"),
        Column(name="level_name"),
        Column(name="within"),
    )
    return ReportTable.of("orphans", frame, columns=columns)


def unserved_places(subject: Subject) -> ReportTable | None:
    """Return the places, level by level, in which no existing facility stands."""
    world, lang = subject.coverage.world, subject.lang
    if world.places is None:
        return None
    parts = []
    for level in _ASKED_LEVELS:
        if len(world.places.at_level(level)):
            part = places_without_facility(world, level).reset_index()
            part = part.sort_values("persons", ascending=False, kind="stable")
            part.insert(0, "place_level", str(level))
            parts.append(part)
    if not parts:
        return None
    frame = pd.concat(parts, ignore_index=True)
    frame["name"] = frame["place_id"].map(shown_names(world.places, lang))
    frame["place_level_name"] = [word("place_level", str(value), lang) for value in frame["place_level"]]
    frame["within"] = subject.paths(frame["place_id"])
    columns = (
        Column(name="place_level", is_shown=False),
        Column(name="place_level_name"),
        Column(name="place_id", is_shown=False),
        Column(name="name"),
        Column(name="within"),
        Column(name="persons", kind="count"),
    )
    return ReportTable.of("places_without_facility", frame, columns=columns)


def facilities(subject: Subject) -> ReportTable:
    """Return every facility with its place in the network and the people nearest to it."""
    world, lang = subject.coverage.world, subject.lang
    frame = world.facilities.frame
    network = world.network
    ids = frame["facility_id"]
    lonlat = subject.lonlat(world.facilities.xy)
    shown = pd.DataFrame(
        {
            "facility_id": ids,
            "name": ids.map(subject.facility_names),
            "level_name": [word("level", str(value), lang) for value in frame["level"]],
            "kind_name": [word("kind", str(value), lang) for value in frame["kind"]],
            "status_name": [word("status", str(value), lang) for value in frame["status"]],
            "parent_id": frame["parent_id"],
            "parent": frame["parent_id"].map(subject.facility_names),
            "within": subject.paths(world.facility_places, with_own=True),
            "span_of_control": ids.map(network.span_of_control),
            "load_persons": ids.map(subject.coverage.nearest_load()),
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
        }
    )
    kinds = {"span_of_control": "count", "load_persons": "count", "lon": "coordinate", "lat": "coordinate"}
    columns = tuple(Column(name=str(name), kind=kinds.get(str(name), "text")) for name in shown.columns)
    return ReportTable.of("facilities", shown, columns=columns)
