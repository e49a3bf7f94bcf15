"""Measures of yearly quantities: the latest figure, and whether it rises from year to year."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from cultureplan.standards.context import Context
from cultureplan.standards.measured import Args, Frame, Measured, MissingInput, measure
from cultureplan.standards.requirement import Requirement


@measure("rising")
def rising(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the change of each quantity from one year to the next, in total or unit by unit (U-08)."""
    table = context.register("quantities")
    each_unit = args.get("each_unit") in (True, "each_unit")
    strict = args.get("strict", "rising") == "rising"
    tolerance = float(args.get("tolerance", 0.0))
    for name in args["quantities"]:
        frame = table[(table["quantity"] == name).to_numpy(bool)]
        if len(frame) == 0:
            yield Measured(about=name, missing=f"rows:quantities.{name}")
            continue
        for (place, facility, subject), own in _units(context, frame, args, each_unit=each_unit):
            series = own.groupby("year")["value"].sum().sort_index()
            if len(series) < 2:
                yield Measured(
                    place_id=place, facility_id=facility, subject=subject, about=name, missing="periods:2"
                )
                continue
            for before, after in itertools.pairwise(series.index):
                change = float(series[after] - series[before])
                floor = -tolerance * abs(float(series[before]))
                met = change > floor if strict and tolerance == 0 else change >= floor
                yield Measured(
                    value=change,
                    is_met=met,
                    place_id=place,
                    facility_id=facility,
                    subject=subject,
                    about=name,
                    period=f"{before:.0f}-{after:.0f}",
                )


@measure("quantity")
def quantity(context: Context, requirement: Requirement, args: Args) -> Iterator[Measured]:
    """Yield the latest yearly figure of a quantity; where asked, it must also have risen."""
    table, name = context.register("quantities"), args["quantity"]
    frame = table[(table["quantity"] == name).to_numpy(bool)]
    if len(frame) == 0:
        raise MissingInput("rows", f"quantities.{name}")
    series = frame.groupby("year")["value"].sum().sort_index()
    year = series.index[-1]
    fell = bool(args.get("rising")) and len(series) > 1 and series.iloc[-1] <= series.iloc[-2]
    yield Measured(
        value=float(series.iloc[-1]),
        is_met=False if fell and requirement.threshold is not None else None,
        about=name,
        period=f"{year:.0f}",
        listed=(name,) if fell else (),
    )


def _units(
    context: Context, frame: Frame, args: Args, *, each_unit: bool
) -> Iterator[tuple[tuple[str, str, str], Frame]]:
    """Yield (place, facility, name) and the rows of each unit, of each place of a level, or of all."""
    if each_unit:
        venues = context.existing
        keyed = frame.assign(
            facility_id=frame["facility_id"].fillna(""), place_id=frame["place_id"].fillna("")
        )
        for (place, facility), own in keyed.groupby(["place_id", "facility_id"]):
            known = facility in venues.index
            name = str(venues.at[facility, "name"]) if known else context.place_name(place or None)
            yield (str(place), str(facility), name), own
    elif args.get("per"):
        for level, places in context.places_at(args["per"]).groupby("place_level", sort=False):
            home = frame["place_id"].map(context.ancestor(str(level)))
            for place, row in places.iterrows():
                yield (str(place), "", str(row["name"])), frame[(home == place).to_numpy(bool)]
    else:
        yield ("", "", ""), frame
