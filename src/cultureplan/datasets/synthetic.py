"""Invented worlds of any size, for tests, benchmarks and lessons on scale.

The layout follows how Chinese counties lie: round each county seat a dense town, then farm villages, then
herding land, each with its own size of village; townships are compact groups of villages. Everything is
drawn by one NumPy generator, array by array, so a million people's homes take seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError
from cultureplan.base.messages import text
from cultureplan.datasets.layout import LAND, Layout, lay_out, split
from cultureplan.world.demand import DemandPoints
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Level, PlaceLevel, Settlement, Status
from cultureplan.world.places import Places
from cultureplan.world.world import World

CRS = "EPSG:4545"  # CGCS2000 / 3-degree Gauss-Kruger CM 108E
SETTLEMENT_MIX: Mapping[str, float] = MappingProxyType({"urban": 0.6, "rural": 0.3, "pastoral": 0.1})
HEAD_SHARE, BRANCH_SHARE = 0.06, 0.30  # of all facilities; the rest are service points


_PERSONS_SIGMA = 0.5  # of the logarithm: sizes of demand points and villages
_HOURS = {
    Level.CENTRAL: "Tu-Su 09:00-21:00",
    Level.HEAD: "Tu-Su 09:00-18:00",
    Level.BRANCH: "Mo-Sa 08:30-12:00,14:30-18:00",
    Level.SERVICE_POINT: "Tu-Su 14:00-20:00",
}
_KINDS = {
    Level.CENTRAL: "library",
    Level.HEAD: "library",
    Level.BRANCH: "culture_station",
    Level.SERVICE_POINT: "book_house",
}
_CAPACITY = {Level.CENTRAL: 20_000, Level.HEAD: 10_000, Level.BRANCH: 4_000, Level.SERVICE_POINT: 1_000}
_BUILD_COST = 240_000.0  # yuan: 80 m2 at 3,000 yuan per m2


def synthetic_world(
    n_demand: int = 10_000,
    n_facilities: int = 50,
    *,
    seed: int | np.random.Generator = 7,
    n_candidates: int = 0,
    settlement_mix: Mapping[str, float] = SETTLEMENT_MIX,
) -> World:
    """Return an invented world of any size: town, farm and herding land, four levels, a tree of places.

    Same arguments, same world. Use it to try a method at a size no bundled world has, or many small
    worlds for a test.

    Parameters
    ----------
    n_demand : int
        Demand points, at least 1.
    n_facilities : int
        Existing facilities, at least 1: one central, then about 6 % heads, 30 % branches and the rest
        service points.
    seed : int or numpy.random.Generator
        Where the random numbers come from.
    n_candidates : int
        Candidate sites beside them, at demand points drawn by their persons.
    settlement_mix : Mapping[str, float]
        Weights of ``urban``, ``rural`` and ``pastoral`` among the demand points.

    Returns
    -------
    World
        In EPSG:4545, within 400 km of its middle.

    Raises
    ------
    InputError
        If a count is too small or the mix is not one of weights of the three settlement types.

    Examples
    --------
    >>> import cultureplan as cp
    >>> world = cp.datasets.synthetic_world(n_demand=1_000, n_facilities=20, seed=1)
    >>> len(world.demand), len(world.facilities)
    (1000, 20)
    """
    for name, value, least in (
        ("n_demand", n_demand, 1),
        ("n_facilities", n_facilities, 1),
        ("n_candidates", n_candidates, 0),
    ):
        if isinstance(value, bool) or int(value) != value or value < least:
            raise InputError.of("datasets.bad_count", name=name, value=value, least=least)
    mix = _checked_mix(settlement_mix)
    rng = np.random.default_rng(seed)
    n_heads = min(max(1, round(HEAD_SHARE * n_facilities)), n_facilities - 1)
    n_branches = min(max(1, round(BRANCH_SHARE * n_facilities)), n_facilities - 1 - n_heads)
    land = lay_out(rng, mix, n_demand=n_demand, n_counties=max(1, n_heads), n_townships=max(1, n_branches))
    demand = _homes(rng, land, mix, n_demand)
    n_service = n_facilities - 1 - n_heads - n_branches
    sites = _sites(rng, land, demand, n_heads=n_heads, n_branches=n_branches, n_service=n_service)
    branches = sites.loc[sites["level"] == Level.BRANCH.value, "facility_id"].to_numpy(object)
    if n_candidates:
        sites = pd.concat([sites, _candidates(rng, land, demand, branches, n_candidates)], ignore_index=True)
    size = {"n_demand": n_demand, "n_facilities": n_facilities}
    source = {
        "what": text("datasets.synthetic_source", "en", **size),
        "what_zh": text("datasets.synthetic_source", "zh", **size),
        "licence": "-",
        "reference": "cultureplan.datasets.synthetic_world",
    }
    return World(
        name=text("datasets.synthetic_name", "en"),
        facilities=Facilities(_points(sites)),
        demand=DemandPoints(_points(demand)),
        places=Places(_points(_place_table(land))),
        notes={
            "name_zh": text("datasets.synthetic_name", "zh"),
            "sources": [source],
        },
    )


def _checked_mix(mix: Mapping[str, float]) -> dict[Settlement, float]:
    """Return the positive weights of the settlement types, summing to 1."""
    known = {str(settlement.value) for settlement in Settlement}
    weights = {str(name): float(weight) for name, weight in mix.items()}
    fine = set(weights) <= known and all(np.isfinite(w) and w >= 0 for w in weights.values())
    if not fine or sum(weights.values()) <= 0:
        raise InputError.of("datasets.bad_mix", mix=dict(mix), known=", ".join(sorted(known)))
    whole = sum(weights.values())
    return {s: weights[s.value] / whole for s in Settlement if weights.get(s.value, 0.0) > 0}


def _homes(
    rng: np.random.Generator, land: Layout, mix: Mapping[Settlement, float], n_demand: int
) -> pd.DataFrame:
    """Return the demand points, in the order of their villages."""
    n_type = split(n_demand, np.array(list(mix.values())))
    weight = rng.lognormal(0.0, _PERSONS_SIGMA, len(land.village_xy))
    counts = np.zeros(len(weight), dtype=np.int64)
    for number, wanted in enumerate(n_type):
        rows = np.flatnonzero(land.village_type == number)
        counts[rows] = rng.multinomial(int(wanted), weight[rows] / weight[rows].sum())
    village = np.repeat(np.arange(len(counts)), counts)
    kind = land.village_type[village]
    spread = np.array([LAND[s].spread_m for s in land.types])[kind] * land.scale
    xy = land.village_xy[village] + rng.normal(0.0, 1.0, (n_demand, 2)) * spread[:, None]
    median = np.array([LAND[s].persons for s in land.types])[kind]
    persons = np.maximum(1, np.rint(median * rng.lognormal(0.0, _PERSONS_SIGMA, n_demand))).astype(np.int64)
    minors = rng.binomial(persons, np.array([LAND[s].minors_share for s in land.types])[kind])
    older = rng.binomial(persons - minors, np.array([LAND[s].older_share for s in land.types])[kind])
    return pd.DataFrame(
        {
            "demand_id": _ids("D", n_demand),
            "persons": persons,
            "settlement": np.array([s.value for s in land.types], dtype=object)[kind],
            "place_id": _ids("V", len(counts))[village],
            "minors_persons": minors,
            "older_persons": older,
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )


def _sites(
    rng: np.random.Generator,
    land: Layout,
    demand: pd.DataFrame,
    *,
    n_heads: int,
    n_branches: int,
    n_service: int,
) -> pd.DataFrame:
    """Return the existing facilities: central, heads at the seats, a branch a township, service points."""
    n_villages, n_townships = len(land.village_xy), len(land.township_xy)
    township = np.arange(n_branches) % n_townships
    code = pd.Index(_ids("V", n_villages)).get_indexer(demand["place_id"])
    people = np.bincount(code, weights=demand["persons"], minlength=n_villages) + 1e-9
    once = min(n_service, n_villages)
    village = rng.choice(n_villages, once, replace=False, p=people / people.sum())
    village = np.concatenate([village, rng.choice(n_villages, n_service - once, p=people / people.sum())])
    spread = np.array([LAND[s].spread_m for s in land.types])[land.village_type[village]] * land.scale / 3

    levels = [Level.CENTRAL] + [Level.HEAD] * n_heads + [Level.BRANCH] * n_branches
    levels += [Level.SERVICE_POINT] * n_service
    ids = _ids("F", len(levels))
    heads, branches = ids[1 : 1 + n_heads], ids[1 + n_heads : 1 + n_heads + n_branches]
    xy = np.concatenate(
        [
            land.county_xy[:1],
            land.county_xy[:n_heads] + rng.normal(0.0, 200.0 * land.scale, (n_heads, 2)),
            land.township_xy[township] + rng.normal(0.0, 100.0 * land.scale, (n_branches, 2)),
            land.village_xy[village] + rng.normal(0.0, 1.0, (n_service, 2)) * spread[:, None],
        ]
    )
    parents = np.concatenate(
        [
            np.array([None], dtype=object),
            np.repeat(ids[:1], n_heads),
            heads[land.township_county[township]] if n_heads else np.empty(0, dtype=object),
            branches[land.village_township[village]] if n_branches else np.empty(0, dtype=object),
        ]
    )
    places = np.concatenate(
        [
            _ids("C", len(land.county_xy))[:1],
            _ids("C", len(land.county_xy))[:n_heads],
            _ids("T", n_townships)[township],
            _ids("V", n_villages)[village],
        ]
    )
    return _facility_table(ids, levels, parents, places, xy, status=Status.EXISTING)


def _candidates(
    rng: np.random.Generator, land: Layout, demand: pd.DataFrame, branches: np.ndarray, n_candidates: int
) -> pd.DataFrame:
    """Return the candidates: service points at demand points drawn by their persons."""
    share = demand["persons"].to_numpy(float) / float(demand["persons"].sum())
    once = min(n_candidates, len(demand))
    rows = rng.choice(len(demand), once, replace=False, p=share)
    rows = np.concatenate([rows, rng.choice(len(demand), n_candidates - once, p=share)])
    chosen = demand.iloc[rows]
    xy = chosen[["x", "y"]].to_numpy(float) + rng.normal(0.0, 30.0 * land.scale, (n_candidates, 2))
    parents = np.full(n_candidates, None, dtype=object)
    if len(branches):
        village = pd.Index(_ids("V", len(land.village_xy))).get_indexer(chosen["place_id"])
        parents = branches[land.village_township[village]]
    levels = [Level.SERVICE_POINT] * n_candidates
    places = chosen["place_id"].to_numpy(object)
    return _facility_table(
        _ids("K", n_candidates), levels, parents, places, xy, status=Status.CANDIDATE, build_cost=_BUILD_COST
    )


def _facility_table(
    ids: np.ndarray,
    levels: list[Level],
    parents: np.ndarray,
    places: np.ndarray,
    xy: np.ndarray,
    *,
    status: Status,
    build_cost: float = np.nan,
) -> pd.DataFrame:
    """Return rows of the facility table; what is not given follows from the level."""
    named = list(enumerate(levels, start=1))
    return pd.DataFrame(
        {
            "facility_id": ids,
            "name": [text(f"datasets.{level.value}", "zh", n=n) for n, level in named],
            "name_en": [text(f"datasets.{level.value}", "en", n=n) for n, level in named],
            "level": [level.value for level in levels],
            "kind": [_KINDS[level] for level in levels],
            "parent_id": parents,
            "place_id": places,
            "status": status.value,
            "capacity_persons": [float(_CAPACITY[level]) for level in levels],
            "opening_hours": [_HOURS[level] for level in levels],
            "build_cost": build_cost,
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )


def _place_table(land: Layout) -> pd.DataFrame:
    """Return the tree of places: a city, its counties, their townships, their villages."""
    counties, townships = _ids("C", len(land.county_xy)), _ids("T", len(land.township_xy))
    types = np.array([s.value for s in land.types], dtype=object)[land.village_type]
    urban = types == Settlement.URBAN.value
    parts = [
        (PlaceLevel.CITY, np.array(["CITY"], dtype=object), None, None, land.county_xy.mean(axis=0)[None, :]),
        (PlaceLevel.COUNTY, counties, "CITY", None, land.county_xy),
        (PlaceLevel.TOWNSHIP, townships, counties[land.township_county], None, land.township_xy),
        (PlaceLevel.VILLAGE, _ids("V", len(types)), townships[land.village_township], types, land.village_xy),
    ]
    frames = [
        pd.DataFrame(
            {
                "place_id": ids,
                "name": [text(f"datasets.{level.value}", "zh", n=n) for n in range(1, len(ids) + 1)],
                "name_en": [text(f"datasets.{level.value}", "en", n=n) for n in range(1, len(ids) + 1)],
                "place_level": level.value,
                "parent_id": parent,
                "settlement": settlement,
                "x": xy[:, 0],
                "y": xy[:, 1],
            }
        ).astype({"parent_id": object, "settlement": object})
        for level, ids, parent, settlement, xy in parts
    ]
    frames[-1].loc[urban, "place_level"] = PlaceLevel.COMMUNITY.value
    return pd.concat(frames, ignore_index=True)


def _ids(letter: str, count: int) -> np.ndarray:
    """Return `count` ids of equal length that sort as they count: V001, V002 ..."""
    width = len(str(count))
    return np.array([f"{letter}{number:0{width}d}" for number in range(1, count + 1)], dtype=object)


def _points(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    geometry = gpd.points_from_xy(frame["x"], frame["y"])
    return gpd.GeoDataFrame(frame.drop(columns=["x", "y"]), geometry=geometry, crs=CRS)
