"""Sanheyuan: writes the invented teaching town from the tables in ``sanheyuan/``.

Those tables give coordinates in whole metres east and north of the town hall, so distances can be worked
out by hand; many come from the triangle 3-4-5. What each planted case teaches is said in the source page.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import MultiPoint, Polygon, mapping

from bundled.common import Row, read_rows, write_rows

TABLES = Path(__file__).with_name("sanheyuan")
ORIGIN_M = (470_000, 4_370_000)  # the town hall in EPSG:4544: open desert steppe, where there is no town
CRS_URN = "urn:ogc:def:crs:EPSG::4544"

# shares of the persons by settlement: aged under 18, aged 65 and over, disabled, migrants
GROUPS = ("minors_persons", "older_persons", "disabled_persons", "migrants_persons")
GROUP_SHARES = {
    "urban": (0.16, 0.12, 0.06, 0.12),
    "rural": (0.14, 0.26, 0.08, 0.02),
    "pastoral": (0.20, 0.15, 0.07, 0.0),
}
STATION_QUARTER = ("SHY-1105", 0.40)  # most newcomers live by the station

Record = dict[str, object]


def build(shared: Path, folder: Path) -> dict[str, object]:
    """Write the tables of the world and return the figures that its source page quotes."""
    places = read_rows(TABLES / "places.csv")
    facilities = read_rows(TABLES / "facilities.csv")
    demand = make_demand(places)
    write_rows(folder / "demand.csv", demand)
    write_rows(folder / "facilities.csv", [_placed(row) for row in facilities])
    write_places(folder / "places.geojson", places)
    persons = dict.fromkeys(GROUP_SHARES, 0)
    for row in demand:
        persons[str(row["settlement"])] += int(str(row["persons"]))
    return {
        "n_demand": len(demand),
        "n_existing": sum(row["status"] == "existing" for row in facilities),
        "n_candidates": sum(row["status"] == "candidate" for row in facilities),
        "n_villages": sum(bool(row["settlement"]) for row in places),
        "persons": sum(persons.values()),
        **{f"persons_{name}": value for name, value in persons.items()},
    }


def make_demand(places: list[Row]) -> list[Record]:
    """Return the demand points: some homes in every village or community, numbered in each."""
    village = {row["place_id"]: row for row in places}
    number: dict[str, int] = {}
    rows: list[Record] = []
    for home in read_rows(TABLES / "homes.csv"):
        place_id, persons = home["place_id"], int(home["persons"])
        number[place_id] = number.get(place_id, 0) + 1
        settlement = village[place_id]["settlement"]
        shares = dict(zip(GROUPS, GROUP_SHARES[settlement], strict=True))
        if place_id == STATION_QUARTER[0]:
            shares["migrants_persons"] = STATION_QUARTER[1]
        rows.append(
            {
                "demand_id": f"{place_id}-{number[place_id]}",
                "name": f"{village[place_id]['name']}{number[place_id]}",
                "persons": persons,
                "settlement": settlement,
                "place_id": place_id,
                **{group: int(persons * share + 0.5) for group, share in shares.items()},
                **_xy(home),
            }
        )
    return rows


def _xy(row: Row) -> dict[str, int]:
    return {"x": ORIGIN_M[0] + int(row["east_m"]), "y": ORIGIN_M[1] + int(row["north_m"])}


def _placed(row: Row) -> Record:
    """Return a row with its coordinates in the stored system instead of east and north of the town hall."""
    return {key: value for key, value in row.items() if key not in ("east_m", "north_m")} | _xy(row)


def write_places(path: Path, places: list[Row]) -> None:
    """Write the places as polygons that share their borders exactly, from city to village.

    The land is cut into the cells nearest to each home, facility and stretch of empty land; a village is
    the union of its cells, a township of its villages, and so on upwards.
    """
    shapes = {village: shapely.union_all(cells) for village, cells in _village_cells().items()}
    for level in ("township", "county", "city"):
        for place in (row for row in places if row["place_level"] == level):
            inside = [shapes[row["place_id"]] for row in places if row["parent_id"] == place["place_id"]]
            shapes[place["place_id"]] = shapely.union_all(inside)
    features = [
        {
            "type": "Feature",
            "properties": {key: value or None for key, value in place.items()},
            "geometry": _whole_metres(shapes[place["place_id"]]),
        }
        for place in places
    ]
    crs = json.dumps({"type": "name", "properties": {"name": CRS_URN}})
    head = f'{{"type": "FeatureCollection", "name": "places", "crs": {crs}, "features": [\n'
    body = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    path.write_text(f"{head}{body}\n]}}\n", encoding="utf-8", newline="\n")


def _village_cells() -> dict[str, list[shapely.Geometry]]:
    """Return the cells of every village, on a grid of whole metres."""
    rows = [row for table in ("homes", "facilities", "land") for row in read_rows(TABLES / f"{table}.csv")]
    seeds = {(_xy(row)["x"], _xy(row)["y"]): row["place_id"] for row in rows}
    outline = Polygon([tuple(_xy(row).values()) for row in read_rows(TABLES / "outline.csv")])
    drawn = shapely.voronoi_polygons(MultiPoint(list(seeds)), extend_to=outline, ordered=True)
    found: dict[str, list[shapely.Geometry]] = {}
    for village, cell in zip(seeds.values(), shapely.get_parts(drawn), strict=True):
        clipped = shapely.set_precision(shapely.intersection(cell, outline), 1.0)
        found.setdefault(village, []).append(clipped)
    return found


def _whole_metres(shape: shapely.Geometry) -> dict[str, object]:
    """Return a shape as GeoJSON with whole metres, always in the same order of points."""
    whole = shapely.transform(shape, np.rint).normalize()
    text = json.dumps(mapping(whole))
    shaped: dict[str, object] = json.loads(text, parse_float=lambda number: int(float(number)))
    return shaped
