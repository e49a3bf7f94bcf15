"""Measures of places: who is inside a circle, how many facilities each place has, figures per head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from cultureplan.measures.circles import CircleRule, CircleStandard, Need
from cultureplan.measures.coverage import Coverage, measure_coverage
from cultureplan.measures.statistics import share_of
from cultureplan.standards.context import Context
from cultureplan.standards.measured import Args, Frame, Measured, MissingInput, measure
from cultureplan.standards.readings import UNSET
from cultureplan.standards.requirement import Requirement
from cultureplan.travel.modes import StraightLine
from cultureplan.world.demand import DemandPoints
from cultureplan.world.levels import Settlement
from cultureplan.world.world import World


@measure("circle")
def circle(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the share of the persons inside the circle: of all, and of each place."""
    circles = context.standard.circles
    rules = () if circles is None else tuple(r for r in circles.rules if r.requirement == requirement.id)
    if circles is None or not rules:
        raise MissingInput("circle", requirement.id)
    world = context.world
    if args.get("homes") == "by_year_share":
        world = _by_year_share(world)
    coverage = measure_coverage(world, CircleStandard(id=circles.id, rules=rules))
    yield from _shares(context, coverage, args)


@measure("radius_share")
def radius_share(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the share of the persons within a straight-line radius, for places of a size of population."""
    limit_m = requirement.threshold
    if limit_m is None:
        raise MissingInput("figure", requirement.id)
    context.facilities(args)
    rules = tuple(
        CircleRule(
            settlement=settlement,
            limit=limit_m,
            mode=StraightLine(),
            needs=(Need(kinds=tuple(args["kinds"])),),
        )
        for settlement in Settlement
    )
    coverage = measure_coverage(context.world, CircleStandard(id=requirement.id, rules=rules))
    target = args["target"]
    shares: dict[str, Frame] = {}
    for place, name in _places_of_size(context, requirement, args):
        level = str(context.places.at[place, "place_level"])
        if level not in shares:
            shares[level] = coverage.by(level)["covered_share"]
        yield _judged(float(shares[level][place]), target, place_id=place, subject=name)


@measure("facility_count")
def facility_count(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield how many facilities of the kinds each place has."""
    venues = context.existing
    venues = venues[venues["kind"].isin(args["kinds"]).to_numpy(bool)]
    for level, places in context.places_at(args["per"]).groupby("place_level", sort=False):
        home = venues["home"].map(context.ancestor(str(level)))
        counts = home.value_counts()
        for place, row in places.iterrows():
            yield Measured(value=float(counts.get(place, 0)), place_id=str(place), subject=str(row["name"]))


@measure("persons_per_site")
def persons_per_site(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the persons of a settlement type for each facility of the kinds, place by place."""
    persons = context.persons(args.get("settlement", ""))
    venues = context.existing
    venues = venues[venues["kind"].isin(args["kinds"]).to_numpy(bool)]
    for level, places in context.places_at(args["per"]).groupby("place_level", sort=False):
        counts = venues["home"].map(context.ancestor(str(level))).value_counts()
        for place, row in places.iterrows():
            n = float(counts.get(place, 0))
            people = float(persons.get(place, 0.0))
            value = people / n if n else (np.inf if people else 0.0)
            yield Measured(value=value, place_id=str(place), subject=str(row["name"]))


@measure("sites_of_size")
def sites_of_size(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield how many libraries of a size class a place of a size of population has."""
    libraries = context.facilities({"kinds": ["library"]})
    if "size_class" not in libraries.columns:
        raise MissingInput("column", "facilities.size_class")
    persons = context.persons()
    of_size = libraries[(libraries["size_class"] == args["size"]).to_numpy(bool)]
    for place, name in _places_of_size(context, requirement, args):
        level = str(context.places.at[place, "place_level"])
        n = float((of_size["home"].map(context.ancestor(level)) == place).sum())
        wanted = 1.0
        if args.get("one_per_persons"):
            wanted = max(1.0, float(persons[place] // args["one_per_persons"]))
        yield Measured(value=n, figure=wanted, place_id=place, subject=name)


@measure("per_head")
def per_head(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield one total over another: volumes a person, loans a volume, persons a post."""
    banded = "persons_from" in args
    subjects: list[tuple[str, str]] = (
        list(_places_of_size(context, requirement, args)) if banded else [("", "")]
    )
    for place, name in subjects:
        top = sum(_amount(context, what, place, args) for what in args["numbers"])
        below = [_amount(context, what, place, args) for what in args.get("over", ())]
        value = share_of(top, sum(below)) if below else top
        missing = "" if value == value else f"column:{args['over'][0]}"
        yield Measured(value=value, place_id=place, subject=name, missing=missing)


@measure("areas_served")
def areas_served(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield how many facilities each area has that must have matched facilities."""
    areas = context.register("areas")
    areas = areas[areas["area_kind"].isin(args["wanted"]).to_numpy(bool)]
    if len(areas) == 0:
        raise MissingInput("rows", "areas")
    venues = context.existing
    points = shapely.points(venues["x_m"].to_numpy(float), venues["y_m"].to_numpy(float))
    for _, area in areas.iterrows():
        if isinstance(area["wkt"], str):
            n = int(shapely.intersects(shapely.from_wkt(area["wkt"]), points).sum())
        elif isinstance(area["place_id"], str):
            level = str(context.places.at[area["place_id"], "place_level"])
            n = int((venues["home"].map(context.ancestor(level)) == area["place_id"]).sum())
        else:
            yield Measured(subject=str(area["area_id"]), missing="column:areas.wkt")
            continue
        yield Measured(
            value=float(n),
            is_met=n > 0,
            place_id=area["place_id"] if isinstance(area["place_id"], str) else "",
            subject=area["name"] if isinstance(area["name"], str) else str(area["area_id"]),
            listed=() if n else (str(area["area_kind"]),),
        )


def _shares(context: Context, coverage: Coverage, args: Args) -> Iterator[Measured]:
    target = args["target"]
    if coverage.persons_assessed == 0:
        raise MissingInput("persons")
    yield _judged(coverage.share, target)
    if context.world.places is None:
        return
    by_place = coverage.by(args["by"])
    for place, row in by_place[by_place["persons_assessed"] > 0].iterrows():
        share = float(row["covered_share"])
        yield _judged(share, target, place_id=str(place), subject=context.place_name(place))


def _judged(share: float, target: object, **of: Any) -> Measured:
    if target == UNSET:
        return Measured(value=share, unit="share", missing="setting:target_share", **of)
    wanted = float(target)  # type: ignore[arg-type]
    return Measured(value=share, figure=wanted, unit="share", is_met=share >= wanted - 1e-12, **of)


def _by_year_share(world: World) -> World:
    frame = world.demand.frame
    if "year_share" not in frame.columns:
        raise MissingInput("column", "demand.year_share")
    share = pd.to_numeric(frame["year_share"], errors="coerce")
    if share.isna().any() or ((share < 0) | (share > 1)).any():
        raise MissingInput("column", "demand.year_share")
    frame["persons"] = frame["persons"] * share
    return world.with_demand(DemandPoints(frame))


def _places_of_size(context: Context, requirement: Requirement, args: Args) -> Iterator[tuple[str, str]]:
    """Yield (id, name) of the places whose population lies in the band that a measure names."""
    low = float(args.get("persons_from", 0))
    high = float(args.get("persons_below", np.inf))
    persons = context.persons()
    for place, row in context.places_at(requirement.levels).iterrows():
        if low <= float(persons.get(place, 0.0)) < high:
            yield str(place), str(row["name"])


def _amount(context: Context, what: str, place: str, args: Mapping[str, Any]) -> float:
    """Return persons, a facility column or a yearly quantity of a place, or of the whole world."""
    if what == "persons":
        return float(context.persons()[place] if place else context.world.demand.persons.sum())
    level = str(context.places.at[place, "place_level"]) if place else ""
    if what.startswith("quantity:"):
        rows = context.register("quantities")
        rows = rows[(rows["quantity"] == what.removeprefix("quantity:")).to_numpy(bool)]
        if len(rows) == 0:
            raise MissingInput("rows", what.replace("quantity:", "quantities."))
        rows = rows[(rows["year"] == rows["year"].max()).to_numpy(bool)]
        home = rows["place_id"]
        numbers = rows["value"]
    else:
        venues = context.facilities({"kinds": args.get("kinds", ())})
        numbers, home = context.number(venues, what), venues["home"]
    if place:
        numbers = numbers[(home.map(context.ancestor(level)) == place).to_numpy(bool)]
    return float(numbers.fillna(0.0).sum())
