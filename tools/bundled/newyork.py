"""New York: the real branches of three library systems and the real census points of two boroughs."""

from __future__ import annotations

import re
from pathlib import Path

from bundled.common import LonLat, degrees, distance_m, read_rows, write_rows

CITY = "3651000"  # census place code of New York city
BOROUGHS = {  # BOROCODE of the library list -> census county code, borough, county
    "1": ("36061", "Manhattan", "New York County"),
    "2": ("36005", "Bronx", "Bronx County"),
    "3": ("36047", "Brooklyn", "Kings County"),
    "4": ("36081", "Queens", "Queens County"),
    "5": ("36085", "Staten Island", "Richmond County"),
}
SYSTEMS = {  # system -> its main building, as named in the list
    "NYPL": "Stephen A. Schwarzman Building",
    "BPL": "Brooklyn Central Library",
    "QPL": "Queens Central Library",
}
PERSONS = {"36061": ("NewYork.csv", 1_585_873), "36005": ("Bronx.csv", 1_385_108)}

Record = dict[str, object]


def build(shared: Path, folder: Path) -> dict[str, object]:
    """Write the tables of the world and return the figures that its source page quotes."""
    facilities = make_facilities(shared)
    demand = make_demand(shared)
    write_rows(folder / "facilities.csv", facilities)
    write_rows(folder / "demand.csv", demand)
    write_rows(folder / "places.csv", make_places(facilities))
    return {
        "n_demand": len(demand),
        "n_facilities": len(facilities),
        "n_closed": sum(row["status"] == "closed" for row in facilities),
        "persons": sum(int(str(row["persons"])) for row in demand),
    }


def make_facilities(shared: Path) -> list[Record]:
    """Return the branches: the main building of each system is its head, all others report to it."""
    rows = read_rows(shared / "libraries_us" / "nyc_libraries.csv")
    numbered: dict[str, int] = {}
    records: list[Record] = []
    ids = {}
    for row in rows:
        numbered[row["SYSTEM"]] = numbered.get(row["SYSTEM"], 0) + 1
        ids[row["NAME"]] = f"{row['SYSTEM']}-{numbered[row['SYSTEM']]:03d}"
    for row in rows:
        name, _, note = (part.strip() for part in row["NAME"].partition("<br>"))
        is_head = row["NAME"] == SYSTEMS[row["SYSTEM"]]
        lon, lat = re.findall(r"-?\d+\.\d+", row["the_geom"])
        records.append(
            {
                "facility_id": ids[row["NAME"]],
                "name": name,
                "level": "head" if is_head else "branch",
                "kind": "library",
                "parent_id": "" if is_head else ids[SYSTEMS[row["SYSTEM"]]],
                "place_id": BOROUGHS[row["BOROCODE"]][0],
                "status": "closed" if "closed" in note.lower() else "existing",
                "owner": row["SYSTEM"],
                "lon": degrees(float(lon)),
                "lat": degrees(float(lat)),
                "address": f"{row['HOUSENUM']} {row['STREETNAME']}".strip() + f", {row['CITY']} {row['ZIP']}",
                "note": note.strip("()"),
            }
        )
    return records


def make_demand(shared: Path) -> list[Record]:
    """Return the census points of Manhattan and the Bronx, in the order of their files."""
    records: list[Record] = []
    for county, (file, total) in PERSONS.items():
        rows = read_rows(shared / "mclp_city" / file)
        if sum(int(row["population"]) for row in rows) != total:
            raise ValueError(file)
        records += [
            {
                "demand_id": f"{county}-{int(row['id']):04d}",
                "persons": int(row["population"]),
                "settlement": "urban",
                "place_id": county,
                "lon": degrees(float(row["lon"])),
                "lat": degrees(float(row["lat"])),
            }
            for row in rows
        ]
    return records


def make_places(facilities: list[Record]) -> list[Record]:
    """Return the city and its boroughs; the point is the library nearest the mean of those inside."""
    records = [_place(CITY, "New York City", "city", "", facilities)]
    for county, borough, legal in BOROUGHS.values():
        inside = [row for row in facilities if row["place_id"] == county]
        records.append(_place(county, f"{borough} ({legal})", "county", CITY, inside))
    return records


def _place(code: str, name: str, level: str, parent: str, inside: list[Record]) -> Record:
    points: list[LonLat] = [(float(str(row["lon"])), float(str(row["lat"]))) for row in inside]
    mean = (sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points))
    lon, lat = min(points, key=lambda point: (distance_m(point, mean), point))
    return {
        "place_id": code,
        "name": name,
        "place_level": level,
        "parent_id": parent,
        "settlement": "urban",
        "lon": degrees(lon),
        "lat": degrees(lat),
    }
