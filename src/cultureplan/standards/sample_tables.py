"""Registers that are made as a whole: members, meetings, venues, money, quantities, targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cultureplan.standards.context import Context
from cultureplan.standards.measured import Args, MissingInput
from cultureplan.standards.register_schema import RegisterColumn
from cultureplan.standards.requirement import Requirement

_TARGET_LEVELS = ("city", "county", "township", "village")


@dataclass(kw_only=True, eq=False)
class Draft:
    """Registers in the making: a list of records for each, and the chance that decides what is there."""

    rng: np.random.Generator
    years: tuple[int, ...]
    fulfilment: float
    units: tuple[str, ...]
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def happens(self) -> bool:
        """Return whether something that a clause asks for is done."""
        return bool(self.rng.random() < self.fulfilment)

    def add(self, register: str, record: dict[str, Any]) -> None:
        """Put a record into a register under an id of its own."""
        rows = self.tables.setdefault(register, [])
        key = next((name for name in record if name.endswith("_id") and record[name] == "new"), None)
        rows.append(record if key is None else record | {key: f"{register}-{len(rows) + 1}"})

    def matching(self, args: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the records of a register that keep to ``where``."""
        rows = self.tables.get(args.get("register", ""), [])
        return [row for row in rows if _matches(row, args.get("where", {}))]

    def has_rows(self, args: Mapping[str, Any]) -> bool:
        """Return whether a register has records that keep to ``where``."""
        return bool(self.matching(args))


def required_value(column: RegisterColumn, draft: Draft, *, year: int, number: int) -> Any:
    """Return a plain value for a column that must say something."""
    values: dict[str, Any] = {
        "key": "new",
        "year": year,
        "date": f"{year}-{6 - number % 6:02d}-15",
        "choice": column.choices[0] if column.choices else "",
        "flag": "yes",
        "number": 1,
        "share": 1.0,
        "code": "other",
        "text": draft.units[number % len(draft.units)] if column.name == "unit" else "B1",
    }
    return values.get(column.kind)


def _matches(row: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    return all(
        row.get(name) in (wanted if isinstance(wanted, list | tuple) else [wanted])
        for name, wanted in where.items()
    )


def _members(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    """Meetings need members: one record a unit, who comes, does not object and signs."""
    if "members" not in draft.tables:
        for unit in draft.units:
            draft.add("members", {"body_id": "B1", "unit": unit})
    if "attendance" in draft.tables:
        return
    for meeting in draft.tables.get("meetings", []):
        for member in draft.tables["members"]:
            good = draft.happens()
            draft.add(
                "attendance",
                {
                    "meeting_id": meeting["meeting_id"],
                    "unit": member["unit"],
                    "is_invited": "yes",
                    "is_present": "yes" if good else "no",
                    "objects": "no",
                    "has_signed": "yes" if good else "no",
                },
            )


def _meetings(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    """Every meeting is about major matters, announced in time; its minutes are issued."""
    if not draft.tables.get("meetings"):
        record = {"meeting_id": "new", "body_id": "B1", "kind": "adhoc", "date": f"{draft.years[0]}-06-15"}
        draft.add("meetings", record)
    days = requirement.threshold if requirement.measure == "notice" else None
    for meeting in draft.tables["meetings"]:
        date = pd.Timestamp(meeting["date"])
        ahead = int(days or 1) if draft.happens() else 0
        meeting.setdefault("has_major_matter", "yes")
        meeting["notice_date"] = str((date - pd.Timedelta(days=ahead)).date())
        meeting["minutes_issued"] = str((date + pd.Timedelta(days=7)).date())
    _members(draft, context, requirement, args)


def _agenda(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    areas = args.get("wanted", ("other",))
    for number, area in enumerate(areas):
        day = pd.Timestamp(draft.years[0], 3, 1) + pd.Timedelta(days=number)
        stages = ("drafted", "consolidated", "cleared", "deliberated", "minuted")
        record: dict[str, Any] = {
            stage: str((day + pd.Timedelta(days=i)).date()) for i, stage in enumerate(stages)
        }
        if not draft.happens():
            record["consolidated"] = ""
        draft.add("agenda", {"item_id": "new", "area": area, "cleared_by": "head"} | record)


def _venues(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    rows = draft.tables.setdefault("venues", [])
    if not rows:
        rows.extend({"facility_id": str(i), "operator": "government"} for i in context.existing.index)
    for row in rows:
        good = draft.happens()
        if "flag" in args:
            row[args["flag"]] = "yes" if good else "no"
        elif "wanted" in args:
            row["functions"] = tuple(args["wanted"] if good else args["wanted"][:-1])


def _vacancy(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    for i in context.existing.index:
        posts = 3
        persons = posts if draft.happens() else posts - 1
        record = {"category": "professional", "facility_id": str(i), "posts": posts, "persons": persons}
        draft.add("staff", {"staff_id": "new"} | record)


def _rising(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    names = args.get("quantities") or (args["quantity"],)
    units: list[str] = [""]
    if args.get("per"):
        units = [str(i) for i in context.places_at(args["per"]).index]
    elif args.get("each_unit"):
        units = [str(i) for i in context.places_at(["township"]).index]
    for name in names:
        for place in units:
            value = requirement.threshold or (0.5 if name.endswith(("share", "coverage")) else 100.0)
            for number, year in enumerate(draft.years):
                value *= 1.0 if number == 0 else (1.05 if draft.happens() else 0.97)
                record = {"quantity": name, "year": year, "value": round(value, 4), "place_id": place or None}
                draft.add("quantities", record)


def _money(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    if "ledger_made" in draft.tables:
        return
    draft.tables["ledger_made"] = []
    grant = {"fund_id": "G1", "kind": "earmarked", "tier": "central", "amount_yuan": 1e6}
    draft.add("funds", grant | {"allowed_uses": ("facilities", "activities")})
    for year in draft.years:
        for source, use in (("central", "facilities"), ("city", "activities"), ("social", "products")):
            fund = {"fund_id": "G1"} if source == "central" else {}
            use = use if source != "central" or draft.happens() else "products"
            entry = {"entry_id": "new", "year": year, "source": source, "use": use, "amount_yuan": 1e5}
            draft.add("ledger", entry | fund)


def _shares(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    rest = 0.4 if draft.happens() else 0.3
    for tier, share in (("city", 0.6), ("county", rest)):
        draft.add("cost_shares", {"project_id": "P1", "tier": tier, "share": share})


def _indicators(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    for component in ("monitoring", "satisfaction", "field", "process"):
        for kind in ("stock", "increment"):
            record = {"component": component, "kind": kind, "direction": "higher", "unit": "share"}
            draft.add(
                "indicators", {"indicator_id": "new", "name": f"{component} {kind}", "weight": 0.125} | record
            )


def _dates(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    """Two records as far apart as the clause says."""
    gap = int(requirement.threshold or 1)
    late = 0 if draft.happens() else 1
    for year in (draft.years[0], draft.years[0] + gap + late):
        kind = args.get("where", {}).get("kind", "inspection")
        draft.add(args["register"], {"inspection_id": "new", "kind": kind, "date": f"{year}-06-01"})


def _stage(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    period = requirement.period or "2014-09"
    first, last = period.split("/")[0], period.split("/")[-1]
    if requirement.measure == "duration":
        last = str(pd.Period(first, freq="M") + int(requirement.threshold or 1) - 1)
    shift = 0 if draft.happens() else 1
    start = pd.Period(first, freq="M") + shift
    draft.add("stages", {"stage": args["stage"], "start": f"{start}-01", "end": f"{last}-28"})


def _links(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    venues = context.facilities(args)
    county = venues["home"].map(context.ancestor(args["per"]))
    for _, own in venues.groupby(county.to_numpy(object)):
        ids = list(own.index)
        for other in ids[1:]:
            if draft.happens():
                draft.add("sharing_links", {"facility_id": ids[0], "other_facility_id": other})


def _areas(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    homes = [str(home) for home in context.existing["home"].dropna().unique()]
    for number, kind in enumerate(args["wanted"]):
        if homes:
            draft.add("areas", {"area_id": "new", "area_kind": kind, "place_id": homes[number % len(homes)]})


def _targets(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    for number, level in enumerate(_TARGET_LEVELS):
        above = f"T{number - 1}" if number else None
        value = 100 if draft.happens() else 90
        draft.add(
            "targets",
            {"target_id": f"T{number}", "parent_target_id": above, "place_level": level, "value": value},
        )


def _institutions(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    if "institutions" in draft.tables:
        rows = draft.tables["institutions"]
    else:
        rows = draft.tables["institutions"] = []
    if not any(row.get("kind") == "culture_centre" for row in rows):
        for kind in ("library", "culture_centre"):
            draft.add("institutions", {"institution_id": "new", "kind": kind})
    for row in rows:
        row["grade"] = 1 if draft.happens() else 2


def _flags(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    for number in range(4):
        record = {"site_id": "new", "name": f"site {number}"} | dict(args.get("where", {}))
        draft.add(args["register"], record | {args["flag"]: "yes" if draft.happens() else "no"})


def _safely(make: Callable[..., None]) -> Callable[..., None]:
    def made(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
        try:
            make(draft, context, requirement, args)
        except MissingInput:
            return  # the world lacks what the register would be about

    return made


def _codes(draft: Draft, context: Context, requirement: Requirement, args: Args) -> None:
    if args["register"] == "venues":
        _venues(draft, context, requirement, args)
    elif args["register"] == "agenda":
        _agenda(draft, context, requirement, args)
    elif args["register"] == "indicators":
        _indicators(draft, context, requirement, args)


# Measure -> what makes the registers it reads; the others are made record by record.
OWN_TABLES: dict[str, Callable[..., None]] = {
    name: _safely(make)
    for name, make in {
        "agenda_order": _agenda,
        "areas_served": _areas,
        "attendance_rate": _meetings,
        "codes": _codes,
        "consensus": _meetings,
        "duration": _stage,
        "filled": _members,
        "flag_share": _flags,
        "grassroots_share": _money,
        "interval": _dates,
        "linked": _links,
        "notice": _meetings,
        "off_purpose": _money,
        "quantity": _rising,
        "rising": _rising,
        "share_at_most": _institutions,
        "share_equal": _institutions,
        "shares_sum": _shares,
        "sign_off": _meetings,
        "source_share": _money,
        "stage_month": _stage,
        "target_tree": _targets,
        "vacancy": _vacancy,
        "venue_flag": _venues,
        "venue_share": _venues,
        "weight": _indicators,
    }.items()
}
