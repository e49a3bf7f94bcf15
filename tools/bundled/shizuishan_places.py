"""Shizuishan: the real places, and the rule that gives every one of them a position.

Real: the city, its 3 districts, 36 towns and streets, 326 villages and communities, by code and name.
Published positions are used where an open source has them; every other position follows the rules below
and is marked ``rule``. No boundary enters here: a village keeps to its town because it stands nearer to
its own town's centre than to any other town's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bundled.common import LonLat, Row, distance_m, jittered, read_rows, spiral

CITY = "6402"
CITY_ROW = ("石嘴山市", "Shizuishan City")
DISTRICTS = {  # code -> name, English name, persons at the 2020 census
    "640202": ("大武口区", "Dawukou District", 298_292),
    "640205": ("惠农区", "Huinong District", 178_891),
    "640221": ("平罗县", "Pingluo County", 274_206),
}
# GeoNames points (CC BY 4.0) that name a street or the seat of a district: geonameid -> where it serves
GEONAMES_TOWNS = {"640202006": "1794971", "640205004": "8596383"}  # Shitanjing, Beijie
GEONAMES_SEATS = {"640202": ("1813344", "12324556"), "640205": ("1794806", "8596383")}
SEAT_TOWN = {"640221": "640221100"}  # Chengguan Town is the seat of Pingluo
SEAT_REACH_M = 8_000  # a published point counts towards the built-up centre if it is that near the first one

STREET_SPACING_M = 2_400  # between the centres of streets that no open source places
STREET_CLEAR_M = 1_850  # and never nearer than this to another street
SPACING_M = {"community": 950, "fringe": 1_300, "village": 2_300}
CLEARANCE_SHARE = 0.72  # a new point keeps this share of its spacing to all points already placed
JITTER_SHARE = 0.18  # and is then moved by at most this share of it, by the hash of its code

URBAN_CODES = {"111", "112", "121", "122", "123"}  # National Bureau of Statistics, urban-rural code
ENDINGS = (
    ("社区居民委员会", "Community"), ("社区居委会", "Community"),
    ("居民委员会", "Community"), ("居委会", "Community"),
    ("村村民委员会", "Village"), ("村民委员会", "Village"), ("村委员会", "Village"), ("村委会", "Village"),
    ("生活区", "Residential Area"), ("街道", "Subdistrict"), ("镇", "Town"), ("乡", "Township"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Place:
    """One administrative unit with its position and how the position came about."""

    code: str
    name: str
    name_en: str
    level: str
    parent: str
    settlement: str
    nbs_code: str
    point: LonLat
    position: str  # published | rule
    position_source: str


def romanised(name: str, pinyin: dict[str, str]) -> tuple[str, str]:
    """Return (short Chinese name, English name): the ending translated, the rest in pinyin."""
    for ending, english in ENDINGS:
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            word = ""
            for syllable in pinyin[stem].split():
                word += ("'" if word and syllable[0] in "aeo" else "") + syllable
            return stem, f"{word.capitalize()} {english}"
    raise ValueError(name)


def settlement_of(row: Row) -> str:
    """Return urban or rural: by the 2016 statistical code, and by kind where there is none."""
    code = row["urban_rural_code_2016"]
    if code:
        return "urban" if code in URBAN_CODES else "rural"
    return "urban" if row["kind"] == "居委会" else "rural"


def _class(row: Row) -> str:
    """Return how far apart such places stand: community, fringe (a village inside a town), village."""
    if row["kind"] == "居委会":
        return "community"
    return "fringe" if settlement_of(row) == "urban" else "village"


def mean_point(points: Sequence[LonLat]) -> LonLat:
    """Return the mean of some points, to six decimals."""
    lon = sum(point[0] for point in points) / len(points)
    lat = sum(point[1] for point in points) / len(points)
    return round(lon, 6), round(lat, 6)


def read_places(shared: Path) -> list[Place]:
    """Return all 366 places, in code order: city, districts, towns, villages and communities."""
    admin = shared / "cn_admin"
    towns = read_rows(admin / "towns.csv", city_code=CITY)
    villages = read_rows(admin / "villages.csv", city_code=CITY)
    pinyin = {row["name"]: row["pinyin"] for row in read_rows(Path(__file__).with_name("pinyin.csv"))}
    geonames = {
        row["geonameid"]: (round(float(row["lon"]), 6), round(float(row["lat"]), 6))
        for row in read_rows(admin / "geonames_cities500_bbox.csv", area="shizuishan")
    }
    centres = place_towns(towns, geonames)
    seats = {code: _seat(code, towns, geonames) for code in DISTRICTS}
    found = place_villages(towns, villages, centres)

    places = [
        Place(
            code=CITY, name=CITY_ROW[0], name_en=CITY_ROW[1], level="city", parent="", settlement="",
            nbs_code="", point=seats["640202"], position="rule", position_source="rule",
        )
    ]  # fmt: skip
    for code, (name, name_en, _) in DISTRICTS.items():
        places.append(
            Place(
                code=code, name=name, name_en=name_en, level="county", parent=CITY, settlement="",
                nbs_code="", point=seats[code], position="rule", position_source="rule",
            )
        )  # fmt: skip
    for row in towns:
        point, source = centres[row["code"]]
        places.append(
            Place(
                code=row["code"], name=row["name"], name_en=romanised(row["name"], pinyin)[1],
                level="township", parent=row["county_code"], settlement="", nbs_code="", point=point,
                position="rule" if source == "rule" else "published", position_source=source,
            )
        )  # fmt: skip
    for row in villages:
        point, source = found[row["code"]]
        places.append(
            Place(
                code=row["code"], name=row["name"], name_en=romanised(row["name"], pinyin)[1],
                level="community" if row["kind"] == "居委会" else "village", parent=row["town_code"],
                settlement=settlement_of(row), nbs_code=row["urban_rural_code_2016"], point=point,
                position="rule" if source == "rule" else "published", position_source=source,
            )
        )  # fmt: skip
    return places


def _published(row: Row) -> LonLat | None:
    return (float(row["wgs84_lon"]), float(row["wgs84_lat"])) if row["wgs84_lon"] else None


def _seat(district: str, towns: Sequence[Row], geonames: dict[str, LonLat]) -> LonLat:
    """Return the middle of a district's town: the mean of the published points in and around it.

    Pingluo's seat is the centre of Chengguan Town. For the two urban districts it is the mean of the
    GeoNames points of the seat and the published centres of streets within 8 km of the first of them.
    """
    if district in SEAT_TOWN:
        return next(p for row in towns if row["code"] == SEAT_TOWN[district] and (p := _published(row)))
    points = [geonames[key] for key in GEONAMES_SEATS[district]]
    first = points[0]
    for row in towns:
        point = _published(row)
        if point and row["county_code"] == district and row["type"] == "街道":
            points += [point] if distance_m(first, point) <= SEAT_REACH_M else []
    return mean_point(points)


def place_towns(towns: Sequence[Row], geonames: dict[str, LonLat]) -> dict[str, tuple[LonLat, str]]:
    """Return the centre of every town with its source.

    Published centres stand. A street without one takes the first free point of a spiral around its
    district's seat, in code order, that is clear of every street placed so far.
    """
    centres: dict[str, tuple[LonLat, str]] = {}
    for row in towns:
        point = _published(row)
        if point:
            centres[row["code"]] = (point, "Vonng/adcode")
        elif row["code"] in GEONAMES_TOWNS:
            centres[row["code"]] = (geonames[GEONAMES_TOWNS[row["code"]]], "GeoNames")
    for row in towns:
        if row["code"] in centres:
            continue
        for spot in spiral(_seat(row["county_code"], towns, geonames), STREET_SPACING_M / 4):
            point = jittered(spot, row["code"], JITTER_SHARE * STREET_SPACING_M)
            if all(distance_m(point, other) >= STREET_CLEAR_M for other, _ in centres.values()):
                centres[row["code"]] = (point, "rule")
                break
    return centres


def place_villages(
    towns: Sequence[Row], villages: Sequence[Row], centres: dict[str, tuple[LonLat, str]]
) -> dict[str, tuple[LonLat, str]]:
    """Return the position of every village and community with its source.

    Published points stand. The others go, first the communities of all towns, then villages counted as
    urban, then farm villages, each in code order, to the first free point of a spiral around their town's
    centre that is nearer to it than to any other town's centre and clear of all points placed so far. A
    street in the middle of a town has no room for villages, nor always for its last communities: these go
    to the edge of the built-up area, past the other streets of the district but into no other town.
    """
    found: dict[str, tuple[LonLat, str]] = {}
    for row in villages:
        point = _published(row)
        if point:
            found[row["code"]] = (point, "Vonng/adcode")
    all_centres = {code: centre for code, (centre, _) in centres.items()}
    for wanted in SPACING_M:
        for town in towns:
            outside = [
                all_centres[other["code"]] for other in towns if _keeps_out(town, other, sisters=False)
            ]
            sisters = [all_centres[other["code"]] for other in towns if _keeps_out(town, other, sisters=True)]
            for row in villages:
                if row["town_code"] == town["code"] and row["code"] not in found and _class(row) == wanted:
                    taken = [point for point, _ in found.values()]
                    spot = None
                    if wanted == "community":
                        spot = _free_spot(row, all_centres[town["code"]], outside + sisters, taken)
                    spot = spot or _free_spot(row, all_centres[town["code"]], outside, taken)
                    if spot is None:
                        raise ValueError(row["code"])
                    found[row["code"]] = (spot, "rule")
    return found


def _keeps_out(town: Row, other: Row, *, sisters: bool) -> bool:
    """Return whether `other` is another town: a sister (streets of one district) or one further off."""
    both = town["county_code"] == other["county_code"] and town["type"] == other["type"] == "街道"
    return town["code"] != other["code"] and both == sisters


def _free_spot(row: Row, centre: LonLat, others: Sequence[LonLat], taken: Sequence[LonLat]) -> LonLat | None:
    """Return the first free point of the spiral around `centre` that is nearer to it than to `others`."""
    spacing = SPACING_M[_class(row)]
    for spot in spiral(centre, spacing / 3, 2_000):
        point = jittered(spot, row["code"], JITTER_SHARE * spacing)
        own = distance_m(point, centre)
        if all(distance_m(point, other) > own for other in others) and all(
            distance_m(point, other) >= CLEARANCE_SHARE * spacing for other in taken
        ):
            return point
    return None
