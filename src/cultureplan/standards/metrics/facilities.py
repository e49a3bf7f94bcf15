"""Measures of single facilities: figures, checklist items, opening hours, posts, services."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cultureplan.standards.context import Context
from cultureplan.standards.measured import Args, Frame, Measured, MissingInput, measure, yes
from cultureplan.standards.opening_table import EVENINGS, WEEKENDS
from cultureplan.standards.requirement import Requirement


@measure("facility_number")
def facility_number(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield a figure of each facility: floor area, volumes, computers, posts."""
    venues, column = context.facilities(args), args["column"]
    if column == "staff_persons" and column not in venues.columns:
        numbers = _persons_at_work(context, venues)
    else:
        numbers = context.number(venues, column)
    if args.get("add") == "own_and_deposited":
        numbers = numbers + context.number(venues, "deposited_volumes").fillna(0.0)
    for i, value in numbers.items():
        missing = f"column:facilities.{column}" if np.isnan(value) else ""
        yield _of(venues.loc[i], float(value), missing=missing)


@measure("checklist")
def checklist(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield for each facility whether it has one item of its checklist."""
    venues = context.facilities(args)
    if "items" not in venues.columns or venues["items"].isna().all():
        raise MissingInput("column", "facilities.items")
    for _, venue in venues.iterrows():
        if not isinstance(venue["items"], str):
            yield _of(venue, np.nan, missing="column:facilities.items")
            continue
        present = {code.strip() for code in venue["items"].split("|")}
        met = _has_item(requirement.id, present, args)
        yield _of(venue, float(met), listed=() if met else (requirement.id,))


@measure("facility_level")
def facility_level(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield for each facility of a kind whether it stands at the level of the network it should."""
    for _, venue in context.facilities(args).iterrows():
        met = venue["level"] == args["level"]
        yield _of(venue, float(met), is_met=met)


@measure("weekly_hours")
def weekly_hours(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the opening hours a week of each facility; evenings or weekends must be among them."""
    hours, unknown = context.week.hours, set(context.week.unknown)
    late = context.week.hours_in(EVENINGS) + context.week.hours_in(WEEKENDS)
    for i, venue in context.facilities(args).iterrows():
        if i in unknown:
            yield _of(venue, np.nan, missing="column:facilities.opening_hours")
            continue
        asked = args.get("staggered", True) and requirement.threshold is not None
        only_by_day = asked and hours[i] > 0 and late[i] == 0
        yield _of(
            venue,
            float(hours[i]),
            is_met=False if only_by_day else None,
            listed=("staggered_hours",) if only_by_day else (),
        )


@measure("self_service")
def self_service(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the hours a day each library can be used: itself, or a self-service library attached to it."""
    points = context.existing[(context.existing["kind"] == "self_service").to_numpy(bool)]
    hours, unknown = context.week.hours, set(context.week.unknown)
    for i, venue in context.facilities(args).iterrows():
        attached = points[((points["parent_id"] == i) | (points["home"] == venue["home"])).to_numpy(bool)]
        known = [name for name in (i, *attached.index) if name not in unknown]
        if not known:
            yield _of(venue, np.nan, missing="column:facilities.opening_hours")
            continue
        yield _of(venue, max(float(hours[name]) for name in known) / 7)


@measure("venue_flag")
def venue_flag(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield for each facility whether the register of venues gives it a mark."""
    venues, marks = context.facilities(args), context.register("venues").set_index("facility_id")
    for i, venue in venues.iterrows():
        if i not in marks.index:
            yield _of(venue, np.nan, missing="rows:venues")
            continue
        met = yes(marks.at[i, args["flag"]])
        yield _of(venue, float(met), is_met=met)


@measure("venue_share")
def venue_share(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the share of the facilities that the register of venues gives a mark or value."""
    venues, marks = context.facilities(args), context.register("venues").set_index("facility_id")
    known = marks.reindex(venues.index)
    if "flag" in args:
        good = np.array([yes(value) for value in known[args["flag"]]], dtype=bool)
    else:
        ((column, value),) = args["equal"].items()
        good = (known[column] == value).to_numpy(bool)
    lacking = tuple(str(i) for i in venues.index[~good])
    unknown = ~venues.index.isin(marks.index)
    if unknown.any():
        raise MissingInput("rows", "venues")
    yield Measured(value=float(good.mean()), listed=lacking)


@measure("levels_staffed")
def levels_staffed(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield at how many of the four levels every facility has the posts the user's standard asks for."""
    wanted = context.figure(args["posts"], "posts_per_facility")
    posts = context.number(context.existing, "staff_posts").fillna(0.0)
    levels = ("central", "head", "branch", "service_point")
    short = []
    for level in levels:
        of_level = posts[(context.existing["level"] == level).to_numpy(bool)]
        if len(of_level) == 0 or (of_level < wanted).any():
            short.append(f"level/{level}")
    yield Measured(value=float(len(levels) - len(short)), listed=tuple(short))


@measure("vacancy")
def vacancy(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the share of the established posts that is vacant at each facility."""
    staff = context.register("staff")
    sums = staff[staff["facility_id"].notna()].groupby("facility_id")[["posts", "persons"]].sum()
    for i, venue in context.facilities(args).iterrows():
        if i not in sums.index or not sums.at[i, "posts"] > 0:
            yield _of(venue, np.nan, missing="column:staff.posts")
            continue
        yield _of(venue, max(0.0, 1.0 - float(sums.at[i, "persons"]) / float(sums.at[i, "posts"])))


def _has_item(item: str, present: set[str], args: Args) -> bool:
    """Return whether an item is there, by its own code or by the codes of its parts (reading U-12)."""
    if item in present:
        return True
    parts = [part in present for part in args.get("parts", ())]
    need = args.get("joined", "as_written")
    need = args.get("parts_need", "all") if need == "as_written" else need
    return bool(parts) and (all(parts) if need == "all" else any(parts))


def _persons_at_work(context: Context, venues: Frame) -> Frame:
    staff = context.register("staff")
    return staff.groupby("facility_id")["persons"].sum().reindex(venues.index)


def _of(
    venue: Frame,
    value: float,
    *,
    is_met: bool | None = None,
    missing: str = "",
    listed: tuple[str, ...] = (),
) -> Measured:
    home = venue["home"]
    return Measured(
        value=value,
        is_met=is_met,
        facility_id=str(venue["facility_id"]),
        place_id="" if home is None or home != home else str(home),
        subject=str(venue["name"]),
        missing=missing,
        listed=listed,
    )
