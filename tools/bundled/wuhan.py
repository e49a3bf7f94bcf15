"""Wuhan: the real streets of its centre, with people and libraries set on them by rule."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bundled.common import degrees, write_rows

SYSTEM = "EPSG:4547"  # CGCS2000, 3-degree zone on 114 E: lengths are true here
BOX = (114.24, 30.51, 114.36, 30.61)  # west, south, east, north
SHAPE_M = 1.0  # points of a street whose absence moves it by less are left out
STREET_M = (40.0, 600.0)  # shorter streets hold no homes of their own, longer ones lead along water or parks
PERSONS_PER_M = 2.0
CELL_M = 2_000.0
LEAST_CELL_PERSONS = 10_000

# The middle of the rivers, read off the gap between the streets of the two banks: (longitude, latitude).
YANGTZE = [
    (114.2560, 30.505), (114.2720, 30.528), (114.2795, 30.545), (114.2840, 30.556),
    (114.2920, 30.566), (114.3020, 30.578), (114.3090, 30.590), (114.3200, 30.610),
]  # fmt: skip
HAN = [
    (114.2350, 30.5740), (114.2420, 30.5685), (114.2450, 30.5676), (114.2500, 30.5664), (114.2600, 30.5653),
    (114.2700, 30.5635), (114.2770, 30.5640), (114.2800, 30.5668), (114.2920, 30.5660),
]  # fmt: skip
CITY = "WH"
TOWNS = {  # the three towns that the rivers part
    "WH-HK": ("汉口", "Hankou"),
    "WH-HY": ("汉阳", "Hanyang"),
    "WH-WC": ("武昌", "Wuchang"),
}
LEVEL_ZH = {"central": "中心馆", "head": "总馆", "branch": "分馆"}
LEVEL_EN = {"central": "central library", "head": "head library", "branch": "branch library"}

Record = dict[str, object]


def build(shared: Path, folder: Path) -> dict[str, object]:
    """Write the tables of the world and return the figures that its source page quotes."""
    streets = make_streets(shared)
    write_streets(folder / "streets.geojson", streets)
    homes = make_homes(streets)
    facilities = make_facilities(streets, homes)
    write_rows(folder / "demand.csv", [_home_row(home) for home in homes.to_dict("records")])
    write_rows(folder / "facilities.csv", facilities)
    write_rows(folder / "places.csv", make_places(homes))
    return {
        "n_streets": len(streets),
        "km": round(float(streets.length.sum()) / 1000),
        "n_demand": len(homes),
        "persons": int(homes["persons"].sum()),
        "n_existing": sum(row["status"] == "existing" for row in facilities),
        "n_candidates": sum(row["status"] == "candidate" for row in facilities),
    }


def make_streets(shared: Path) -> gpd.GeoDataFrame:
    """Return the streets that lie wholly in the box and hang together, in metres.

    What hangs together is found on the ends as they are written; of a street drawn twice one remains.
    """
    raw = gpd.read_parquet(shared / "streets_wuhan_neatnet" / "simplified.parquet")
    bounds = raw.geometry.to_crs("EPSG:4326").bounds
    west, south, east, north = BOX
    inside = (bounds["minx"] >= west) & (bounds["maxx"] <= east)
    inside &= (bounds["miny"] >= south) & (bounds["maxy"] <= north)
    part = raw.loc[inside, ["highway", "geometry"]].to_crs(SYSTEM)
    part = part[~part.geometry.normalize().duplicated()]
    part = part.set_geometry(part.geometry.simplify(SHAPE_M)).reset_index(drop=True)
    labels = _component(_as_written(part.geometry))
    longest = part.length.groupby(labels).sum().idxmax()
    return part[labels == longest].reset_index(drop=True)


def _as_written(lines: gpd.GeoSeries) -> np.ndarray:
    """Return the lines in degrees with six decimals."""
    return np.asarray(shapely.transform(lines.to_crs("EPSG:4326").to_numpy(), lambda xy: np.round(xy, 6)))


def _ends(lines: np.ndarray, decimals: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the nodes, and the first and last node of each line."""
    first, last = (shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1))
    nodes, at = np.unique(np.round(np.vstack([first, last]), decimals), axis=0, return_inverse=True)
    at = np.ravel(at)
    return nodes, at[: len(lines)], at[len(lines) :]


def _component(lines: np.ndarray) -> np.ndarray:
    nodes, first, last = _ends(lines, decimals=6)
    links = coo_array((np.ones(len(lines)), (first, last)), shape=(len(nodes), len(nodes)))
    return np.asarray(connected_components(links, directed=False)[1][first])


def write_streets(path: Path, streets: gpd.GeoDataFrame) -> None:
    """Write the streets as GeoJSON, in degrees to about 0.1 m, one a line."""
    features = []
    for way_class, line in zip(streets["highway"], _as_written(streets.geometry), strict=True):
        feature = {
            "type": "Feature",
            "properties": {"highway": way_class if isinstance(way_class, str) else None},
            "geometry": {"type": "LineString", "coordinates": [list(point) for point in line.coords]},
        }
        features.append(json.dumps(feature, separators=(",", ":")))
    head = '{"type":"FeatureCollection","name":"streets","features":[\n'
    path.write_text(head + ",\n".join(features) + "\n]}\n", encoding="utf-8", newline="\n")


def make_homes(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return where people live: in the middle of each street of a usual length that crosses no river."""
    rivers = gpd.GeoSeries(
        [shapely.LineString(line) for line in (YANGTZE, HAN)], crs="EPSG:4326"
    ).to_crs(SYSTEM).union_all()  # fmt: skip
    kept = streets[streets.length.between(*STREET_M) & ~streets.intersects(rivers)]
    middle = gpd.GeoSeries(shapely.line_interpolate_point(kept.geometry.to_numpy(), 0.5, normalized=True))
    middle = middle.set_crs(SYSTEM)
    lonlat = middle.to_crs("EPSG:4326")
    return gpd.GeoDataFrame(
        {
            "demand_id": [f"WH-{number + 1:04d}" for number in range(len(kept))],
            "persons": np.floor(kept.length.to_numpy() * PERSONS_PER_M + 0.5).astype(int),
            "place_id": [town_of(lon, lat) for lon, lat in zip(lonlat.x, lonlat.y, strict=True)],
            "lon": lonlat.x.to_numpy(),
            "lat": lonlat.y.to_numpy(),
        },
        geometry=middle,
    )


def town_of(lon: float, lat: float) -> str:
    """Return which of the three towns a point is in, by the side of the rivers it is on."""
    if lon > np.interp(lat, *zip(*((y, x) for x, y in YANGTZE), strict=True)):
        return "WH-WC"
    return "WH-HK" if lat > np.interp(lon, *zip(*HAN, strict=True)) else "WH-HY"


def make_facilities(streets: gpd.GeoDataFrame, homes: gpd.GeoDataFrame) -> list[Record]:
    """Return a library at a crossing in every cell with people enough, and candidates in cells between.

    The largest cell of each town is its head library, that of Hankou the central library.
    """
    nodes, first, last = _ends(streets.geometry.to_numpy())
    crossings = nodes[np.bincount(np.concatenate([first, last]), minlength=len(nodes)) >= 3]
    existing = _sites(homes, crossings, shift_m=0.0)
    between = _sites(homes, crossings, shift_m=CELL_M / 2)
    taken = {(site["x"], site["y"]) for site in existing}
    between = [site for site in between if (site["x"], site["y"]) not in taken]
    heads: dict[str, str] = {}
    for number, site in enumerate(sorted(existing, key=lambda site: -int(str(site["cell_persons"])))):
        site["facility_id"] = f"L{number + 1:02d}"
        heads.setdefault(str(site["place_id"]), str(site["facility_id"]))
    central = heads["WH-HK"]
    rows = []
    for site in sorted(existing, key=lambda site: str(site["facility_id"])):
        key, town = str(site["facility_id"]), str(site["place_id"])
        level = "central" if key == central else "head" if key == heads[town] else "branch"
        parent = "" if level == "central" else central if level == "head" else heads[town]
        rows.append(_facility_row(site, level=level, parent=parent, status="existing"))
    for number, site in enumerate(between):
        site["facility_id"] = f"C{number + 1:02d}"
        parent = heads[str(site["place_id"])]
        rows.append(_facility_row(site, level="branch", parent=parent, status="candidate"))
    return rows


def _sites(homes: gpd.GeoDataFrame, crossings: np.ndarray, *, shift_m: float) -> list[Record]:
    """Return, for each cell with people enough, the crossing nearest to the middle of its people."""
    xy = shapely.get_coordinates(homes.geometry.to_numpy())
    cell = np.floor((xy - shift_m) / CELL_M).astype(int)
    table = pd.DataFrame(
        {"row": cell[:, 1], "column": cell[:, 0], "place_id": homes["place_id"].to_numpy(),
         "persons": homes["persons"].to_numpy(), "x": xy[:, 0], "y": xy[:, 1]}
    )  # fmt: skip
    sites: list[Record] = []
    for _, inside in table.groupby(["row", "column", "place_id"]):  # a cell across a river is two
        persons = int(inside["persons"].sum())
        if persons < LEAST_CELL_PERSONS:
            continue
        middle = np.average(inside[["x", "y"]].to_numpy(), axis=0, weights=inside["persons"])
        x, y = crossings[np.hypot(*(crossings - middle).T).argmin()]
        sites.append({"place_id": inside["place_id"].iloc[0], "cell_persons": persons, "x": x, "y": y})
    return sites


def _facility_row(site: Record, *, level: str, parent: str, status: str) -> Record:
    point = gpd.GeoSeries([shapely.Point(site["x"], site["y"])], crs=SYSTEM).to_crs("EPSG:4326").iloc[0]
    town_zh, town_en = TOWNS[str(site["place_id"])]
    return {
        "facility_id": site["facility_id"],
        "name": f"{town_zh}{LEVEL_ZH[level]} {site['facility_id']}",
        "name_en": f"{town_en} {LEVEL_EN[level]} {site['facility_id']}",
        "level": level,
        "kind": "library",
        "parent_id": parent,
        "place_id": site["place_id"],
        "status": status,
        "lon": degrees(point.x),
        "lat": degrees(point.y),
    }


def _home_row(home: Record) -> Record:
    return {
        "demand_id": home["demand_id"],
        "persons": home["persons"],
        "settlement": "urban",
        "place_id": home["place_id"],
        "lon": degrees(float(str(home["lon"]))),
        "lat": degrees(float(str(home["lat"]))),
    }


def make_places(homes: gpd.GeoDataFrame) -> list[Record]:
    """Return the city and its three towns, each at the middle of its people."""
    rows = [_place(CITY, ("武汉（中心）", "Wuhan (centre)"), "city", "", homes)]
    for code, names in TOWNS.items():
        rows.append(_place(code, names, "county", CITY, homes[homes["place_id"] == code]))
    return rows


def _place(code: str, names: tuple[str, str], level: str, parent: str, inside: gpd.GeoDataFrame) -> Record:
    middle: Iterable[float] = np.average(inside[["lon", "lat"]].to_numpy(), axis=0, weights=inside["persons"])
    lon, lat = middle
    return {
        "place_id": code,
        "name": names[0],
        "name_en": names[1],
        "place_level": level,
        "parent_id": parent,
        "settlement": "urban",
        "lon": degrees(lon),
        "lat": degrees(lat),
    }
