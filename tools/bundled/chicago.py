"""Chicago: the real branches of the city's library with their hours, and the metropolitan census tracts."""

from __future__ import annotations

import re
from pathlib import Path

from bundled.common import Row, degrees, read_rows, write_rows

REGION, CITY, COOK = "CHICAGO-METRO", "1714000", "17031"
COUNTIES = {  # federal county code -> name
    COOK: "Cook County outside Chicago",
    "17043": "DuPage County",
    "17089": "Kane County (part)",
    "17093": "Kendall County (part)",
    "17097": "Lake County (part)",
    "17111": "McHenry County (part)",
    "17197": "Will County (part)",
}
PERSONS, COOK_PERSONS = 8_105_097, 5_194_675  # of the file; that of Cook County is the 2010 census total
CENTRAL = "Harold Washington Library Center"
REGIONAL = ("Sulzer Regional Library", "Woodson Regional Library")
MISSPELT = ("Washtington", "Washington")
UNDER_CONSTRUCTION = "Closed for Construction"  # stands in the list where the telephone number would
DAYS = {"Mon": "Mo", "Tue": "Tu", "Wed": "We", "Thu": "Th", "Fri": "Fr", "Sat": "Sa", "Sun": "Su"}
WEEK = list(DAYS.values())

Record = dict[str, object]


def build(shared: Path, folder: Path) -> dict[str, object]:
    """Write the tables of the world and return the figures that its source page quotes."""
    facilities = make_facilities(shared)
    demand = make_demand(shared)
    write_rows(folder / "facilities.csv", facilities)
    write_rows(folder / "demand.csv", demand)
    write_rows(folder / "places.csv", make_places(demand))
    in_city = [row for row in demand if row["place_id"] == CITY]
    return {
        "n_demand": len(demand),
        "n_facilities": len(facilities),
        "n_closed": sum(row["status"] == "closed" for row in facilities),
        "persons": _persons(demand),
        "n_city": len(in_city),
        "persons_city": _persons(in_city),
    }


def make_facilities(shared: Path) -> list[Record]:
    """Return the branches; regional libraries and branches report to the central library."""
    rows = read_rows(shared / "libraries_us" / "chicago_public_libraries.csv")
    ids = {_name(row): f"CPL-{row['WEBSITE'].rstrip('/').rpartition('/')[2]:0>3}" for row in rows}
    records: list[Record] = []
    for row in rows:
        name = _name(row)
        lat, lon = re.findall(r"-?\d+\.\d+", row["LOCATION"])
        is_shut = row["PHONE"] == UNDER_CONSTRUCTION
        records.append(
            {
                "facility_id": ids[name],
                "name": name,
                "level": "central" if name == CENTRAL else "head" if name in REGIONAL else "branch",
                "kind": "library",
                "parent_id": "" if name == CENTRAL else ids[CENTRAL],
                "place_id": CITY,
                "status": "closed" if is_shut else "existing",
                "opening_hours": opening_hours(row["HOURS OF OPERATION"]),
                "lon": degrees(float(lon)),
                "lat": degrees(float(lat)),
                "address": f"{row['ADDRESS']}, {row['CITY']} {row['ZIP']}",
                "hours_text": row["HOURS OF OPERATION"],
                "note": row["PHONE"] if is_shut else "",
            }
        )
    return records


def _name(row: Row) -> str:
    return row["NAME "].strip().replace(*MISSPELT)


def opening_hours(text: str) -> str:
    """Return the list's hours in the syntax of OpenStreetMap.

    ``Sun., Closed; Mon. & Wed., Noon-8; Fri. 9-5`` becomes ``Mo,We 12:00-20:00; Fr 09:00-17:00; Su off``.
    Hours before 9 are in the afternoon, as is every end.
    """
    rules: list[tuple[int, str]] = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        found = re.fullmatch(r"(?P<days>[A-Za-z.&\- ]+?),?\s+(?P<hours>Closed|(Noon|\d+)-\d+)l?", part)
        if found is None:
            raise ValueError(f"hours not understood: {part!r}")
        days = [DAYS[name] for name in re.findall(r"[A-Z][a-z]{2}", found["days"])]
        listed = "-".join(days) if " - " in found["days"] else ",".join(sorted(days, key=WEEK.index))
        rules.append((min(map(WEEK.index, days)), f"{listed} {_span(found['hours'])}"))
    return "; ".join(rule for _, rule in sorted(rules))


def _span(hours: str) -> str:
    if hours == "Closed":
        return "off"
    first, last = (12 if word == "Noon" else int(word) for word in hours.split("-"))
    begin = first if first >= 9 else first + 12
    return f"{begin:02d}:00-{last + 12:02d}:00"


def make_demand(shared: Path) -> list[Record]:
    """Return the census tracts in the order of their file, each counted at its centre point."""
    rows = read_rows(shared / "access_chicago" / "demand_tracts_xy.csv")
    in_cook = sum(int(row["pop"]) for row in rows if row["geoid"].startswith(COOK))
    if (sum(int(row["pop"]) for row in rows), in_cook) != (PERSONS, COOK_PERSONS):
        raise ValueError("the persons of the tracts are not those of the census")
    return [
        {
            "demand_id": row["geoid"],
            "persons": int(row["pop"]),
            "settlement": "urban",
            "place_id": _place_of(row),
            "lon": degrees(float(row["lon"])),
            "lat": degrees(float(row["lat"])),
        }
        for row in rows
    ]


def _place_of(tract: Row) -> str:
    """Return the city or the county of a tract: numbers say which tracts of Cook County are the city's."""
    county, number = tract["geoid"][:5], int(tract["geoid"][5:9])
    city = number < 7_800 or 8_310 <= number < 8_440 or number >= 9_800
    return CITY if county == COOK and city else county


def make_places(demand: list[Record]) -> list[Record]:
    """Return the region, the city and the counties, each at the middle of its people."""
    rows = [_place(REGION, "Chicago metropolitan tracts", "city", "", demand)]
    for code, name in {CITY: "Chicago", **COUNTIES}.items():
        rows.append(_place(code, name, "county", REGION, [row for row in demand if row["place_id"] == code]))
    return rows


def _place(code: str, name: str, level: str, parent: str, inside: list[Record]) -> Record:
    total = _persons(inside)
    middle = {
        axis: sum(float(str(row[axis])) * int(str(row["persons"])) for row in inside) / total
        for axis in ("lon", "lat")
    }
    return {
        "place_id": code,
        "name": name,
        "place_level": level,
        "parent_id": parent,
        "settlement": "urban",
        "lon": degrees(middle["lon"]),
        "lat": degrees(middle["lat"]),
    }


def _persons(rows: list[Record]) -> int:
    return sum(int(str(row["persons"])) for row in rows)
