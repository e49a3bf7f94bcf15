"""Small worlds for pictures and reports, built by hand so that every number can be counted on fingers."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely import Point, box

import cultureplan as cp

CRS = "EPSG:4545"
X0, Y0 = 500_000.0, 4_300_000.0


def frame(rows: list[dict], crs: str = CRS) -> gpd.GeoDataFrame:
    """Return rows with x and y (or a geometry) as a GeoDataFrame; x and y are kilometres from a corner."""
    plain = pd.DataFrame(rows)
    if "geometry" in plain.columns:
        return gpd.GeoDataFrame(plain, geometry="geometry", crs=crs)
    points = [Point(X0 + 1_000 * x, Y0 + 1_000 * y) for x, y in zip(plain.x, plain.y, strict=True)]
    return gpd.GeoDataFrame(plain.drop(columns=["x", "y"]), geometry=points, crs=crs)


def places(*, has_polygons: bool = True, name: str = "石桥") -> cp.Places:
    """Return a city of two counties with two townships each, side by side, urban in the west."""
    rows = [
        {"place_id": "P", "name": f"{name}市", "name_en": "Stone City", "place_level": "city"},
        {
            "place_id": "P1",
            "name": "东区",
            "name_en": "West County",
            "place_level": "county",
            "parent_id": "P",
        },
        {
            "place_id": "P2",
            "name": "西区",
            "name_en": "East County",
            "place_level": "county",
            "parent_id": "P",
        },
    ]
    for number in range(4):
        rows.append(
            {
                "place_id": f"T{number}",
                "name": f"{name}{number}镇",
                "name_en": f"Town {number}",
                "place_level": "township",
                "parent_id": "P1" if number < 2 else "P2",
                "settlement": "urban" if number < 2 else "rural",
                "geometry": box(X0 + 10_000 * number, Y0, X0 + 10_000 * (number + 1), Y0 + 12_000),
            }
        )
    for row in rows:
        if not has_polygons or "geometry" not in row:
            row["geometry"] = None
    return cp.Places(frame(rows))


def world(
    *, has_places: bool = True, has_polygons: bool = True, has_parents: bool = True, name: str = "石桥"
) -> cp.World:
    """Return a world of 1,000 persons, 700 of them urban, with facilities on four levels and candidates.

    By ``ordos-2014`` 500 urban and 200 rural persons are covered.
    """
    facilities = [
        ("C", f"{name}图书馆", "City Library", "central", "library", None, "T0", "existing", 2, 2),
        ("H", "东区总馆", "Head Library", "head", "library", "C", "T0", "existing", 2.1, 2),
        ("B1", "甲分馆", "Branch A", "branch", "culture_station", "H", "T0", "existing", 5, 5),
        ("B2", "乙分馆", "Branch B", "branch", "culture_station", "H", "T2", "existing", 25, 5),
        ("S1", "书屋", "Book house", "service_point", "book_house", "B2", "T3", "existing", 35, 5),
        ("N1", "新书屋一", "New one", "service_point", "book_house", "B1", "T1", "candidate", 15, 5),
        ("N2", "新书屋二", "New two", "service_point", "book_house", "B2", "T3", "candidate", 38, 10),
    ]
    keys = (
        "facility_id", "name", "name_en", "level", "kind", "parent_id", "place_id", "status", "x", "y",
    )  # fmt: skip
    rows = [dict(zip(keys, row, strict=True)) for row in facilities]
    demand = [
        ("D1", f"{name}甲", 300.0, "urban", "T0", 2.0, 2.2),
        ("D2", f"{name}乙", 200.0, "urban", "T0", 5.1, 5.1),
        ("D3", f"{name}丙", 200.0, "urban", "T1", 15.0, 5.3),
        ("D4", f"{name}丁", 150.0, "rural", "T2", 25.0, 6.0),
        ("D5", f"{name}戊", 50.0, "rural", "T3", 35.0, 6.9),
        ("D6", f"{name}己", 100.0, "rural", "T3", 38.0, 10.5),
    ]
    people = [
        dict(zip(("demand_id", "name", "persons", "settlement", "place_id", "x", "y"), row, strict=True))
        | {"older_persons": row[2] / 10}
        for row in demand
    ]
    if not has_parents:
        for row in rows:
            row["parent_id"] = None
    if not has_places:
        for row in [*rows, *people]:
            del row["place_id"]
    notes = {
        "name_zh": f"{name}市",
        "sources": [
            {"what": "Invented", "what_zh": "虚构", "licence": "MIT", "reference": "https://example.org/x"}
        ],
        "columns": {
            "demand": {
                "persons": {"status": "modelled", "en": "Made up", "zh": "虚构"},
                "name": {"status": "real", "en": "As told", "zh": "如所述"},
            }
        },
    }
    return cp.World(
        name="Stone City",
        facilities=cp.Facilities(frame(rows)),
        demand=cp.DemandPoints(frame(people)),
        places=places(has_polygons=has_polygons, name=name) if has_places else None,
        notes=notes,
    )


def planned(before: cp.World) -> cp.World:
    """Return the world with both candidates open and the branch B1 closed: 300 persons gained, 200 lost."""
    return cp.Scenario(before).add("N1").add("N2").close("B1").apply()
