"""Shizuishan: the people split by rule to the real villages, and a modelled network of facilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from bundled.common import degrees, hash_share, jittered, largest_remainder, read_rows, write_rows
from bundled.shizuishan_places import DISTRICTS, Place, read_places

# one community of a town weighs as much as three villages counted as urban
URBAN_WEIGHT = {"community": 3.0, "village": 1.0}
SIZE_SPREAD = 0.35  # sizes of places of a class lie within 1 +- this, by the hash of the code

SERVICE_POINT_SHARE = {"urban": 0.20, "rural": 0.60}  # of the places of a town, the oldest committees first
HOURS = {
    "central": "Tu-Su 09:00-21:00",
    "head": "Tu-Su 09:00-18:00",
    "branch": "Mo-Sa 08:30-12:00,14:30-18:00",
    "village_centre": "Mo-Sa 09:00-12:00,15:00-18:00",
    "community_centre": "Mo-Su 09:00-12:00,14:30-18:00",
    "book_house": "Tu-Su 14:00-20:00",
}
SEAT_REACH_M = 500  # the central and head libraries stand that near the middle of town, not all on one spot
SEATS = {"central": 600, "head": 300, "branch": 40, "service_point": 15}
CANDIDATE_AREA_M2 = 80  # the smallest new cultural space the 2021 plan allows
BUILD_COST_PER_M2 = {"urban": 3_000, "rural": 2_000}  # yuan

Record = dict[str, object]


def build(shared: Path, folder: Path) -> dict[str, object]:
    """Write the tables of the world and return the figures that its source page quotes."""
    places = read_places(shared)
    demand = split_persons(shared, places)
    facilities = make_facilities(places)
    write_rows(folder / "places.csv", [_place_row(place) for place in places])
    write_rows(folder / "demand.csv", demand)
    write_rows(folder / "facilities.csv", facilities)
    published = [place for place in places if place.position == "published"]
    return {
        "n_demand": len(demand),
        "n_towns_published": sum(place.level == "township" for place in published),
        "n_villages_published": sum(place.level in ("village", "community") for place in published),
        "n_existing": sum(row["status"] == "existing" for row in facilities),
        "n_candidates": sum(row["status"] == "candidate" for row in facilities),
        "n_urban_places": sum(place.settlement == "urban" for place in places),
        "n_rural_places": sum(place.settlement == "rural" for place in places),
    }


def _place_row(place: Place) -> Record:
    return {
        "place_id": place.code,
        "name": place.name,
        "name_en": place.name_en,
        "place_level": place.level,
        "parent_id": place.parent,
        "settlement": place.settlement,
        "lon": degrees(place.point[0]),
        "lat": degrees(place.point[1]),
        "position": place.position,
        "position_source": place.position_source,
        "urban_rural_code_2016": place.nbs_code,
    }


def split_persons(shared: Path, places: Sequence[Place]) -> list[Record]:
    """Return one demand point a village or community; every district sums exactly to its census total."""
    census = {row["CODE"]: row for row in read_rows(shared / "cn_admin" / "census2020_county.csv")}
    rows: list[Record] = []
    for district, (_, _, total) in DISTRICTS.items():
        shares = census[district]
        homes = [p for p in places if p.code.startswith(district) and p.level in ("village", "community")]
        urban = round(total * float(shares["POPU_URB"]))
        persons: dict[str, int] = {}
        for settlement, pool in (("urban", urban), ("rural", total - urban)):
            weights = {p.code: _weight(p) for p in homes if p.settlement == settlement}
            persons |= largest_remainder(pool, weights)
        minors = largest_remainder(round(total * float(shares["AGES_0-14"])), persons)
        older = largest_remainder(round(total * float(shares["AGES_65P"])), persons)
        for place in homes:
            rows.append(
                {
                    "demand_id": place.code,
                    "name": place.name,
                    "persons": persons[place.code],
                    "settlement": place.settlement,
                    "place_id": place.code,
                    "minors_persons": minors[place.code],
                    "older_persons": older[place.code],
                    "lon": degrees(place.point[0]),
                    "lat": degrees(place.point[1]),
                }
            )
    return rows


def _weight(place: Place) -> float:
    base = URBAN_WEIGHT[place.level] if place.settlement == "urban" else 1.0
    return base * (1 + SIZE_SPREAD * (2 * hash_share(place.code + "/size") - 1))


def make_facilities(places: Sequence[Place]) -> list[Record]:
    """Return the modelled facilities: one central, a head a district, a branch a town, service points."""
    city, *rest = places
    rows = [
        _facility(city, "central", name="石嘴山市图书馆", name_en="Shizuishan City Library", parent="")
    ]  # fmt: skip
    for place in rest:
        if place.level == "county":
            stem_en = place.name_en.split()[0]
            rows.append(
                _facility(
                    place, "head", name=f"{place.name}图书馆", name_en=f"{stem_en} Library",
                    parent=f"{city.code}-C",
                )
            )  # fmt: skip
    towns = [place for place in rest if place.level == "township"]
    for town in towns:
        rows.append(
            _facility(
                town, "branch", name=f"{town.name}综合文化站（图书馆分馆）",
                name_en=f"{town.name_en} Culture Station", parent=f"{town.parent}-H",
            )
        )  # fmt: skip
    for town in towns:
        rows += _service_points(town, [place for place in rest if place.parent == town.code])
    return rows


def _service_points(town: Place, homes: Sequence[Place]) -> list[Record]:
    """Return the service points of one town, and a candidate at each of its places that has none.

    Places are ranked by official code, apart for urban and rural ones: the low codes are the old committees
    in the middle of the town. The upper share has a service point, the first one in rank a culture centre
    and the others a book house. So the new quarters at the edges are left without, as plans often find.
    """
    kept: dict[str, str] = {}
    for settlement, share in SERVICE_POINT_SHARE.items():
        ranked = sorted(place.code for place in homes if place.settlement == settlement)
        for number, code in enumerate(ranked[: math.floor(share * len(ranked) + 0.5)]):
            kept[code] = "centre" if number == 0 else "book_house"
    rows = []
    for place in homes:
        kind = "book_house"
        if kept.get(place.code) == "centre":
            kind = "community_centre" if place.level == "community" else "village_centre"
        rows.append(
            _facility(
                place, "service_point", kind=kind, status="existing" if place.code in kept else "candidate",
                parent=f"{town.code}-B",
            )
        )  # fmt: skip
    return rows


SUFFIX = {"central": "C", "head": "H", "branch": "B", "service_point": "S"}
WORDS = {
    ("book_house", "village"): ("农家书屋", "Farmers' Book House"),
    ("book_house", "community"): ("书屋", "Book House"),
    ("village_centre", "village"): ("综合文化服务中心", "Culture Centre"),
    ("community_centre", "community"): ("综合文化服务中心", "Culture Centre"),
}


def _facility(
    place: Place,
    level: str,
    *,
    parent: str,
    name: str = "",
    name_en: str = "",
    kind: str = "",
    status: str = "existing",
) -> Record:
    """Return one facility at the place's point; what is not given follows from level and kind."""
    kind = kind or ("culture_station" if level == "branch" else "library")
    candidate = status == "candidate"
    key = f"{place.code}-{SUFFIX[level]}"
    point = jittered(place.point, key, SEAT_REACH_M) if level in ("central", "head") else place.point
    if level == "service_point":
        word, word_en = WORDS[kind, place.level]
        name = f"{_short(place.name)}{word}"
        name_en = f"{place.name_en} {word_en}"
    return {
        "facility_id": key,
        "name": name,
        "name_en": name_en,
        "level": level,
        "kind": kind,
        "parent_id": parent,
        "place_id": place.code,
        "status": status,
        "seats": SEATS[level],
        "opening_hours": HOURS[kind if level == "service_point" else level],
        "build_cost": BUILD_COST_PER_M2[place.settlement] * CANDIDATE_AREA_M2 if candidate else "",
        "lon": degrees(point[0]),
        "lat": degrees(point[1]),
    }


def _short(name: str) -> str:
    """Return the everyday name of a village or community: the committee's name without the committee."""
    if name.endswith("生活区"):
        return name
    stem = name
    for ending in ("居民委员会", "居委会", "村民委员会", "村委员会", "村委会"):
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            return stem if stem.endswith(("社区", "村")) else stem + ("社区" if "居" in ending else "村")
    raise ValueError(stem)
