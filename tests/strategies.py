"""Hypothesis strategies for whole worlds, Chinese names, optional columns and all, and how to compare two."""

from __future__ import annotations

import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import shapely

import cultureplan as cp
from cultureplan.world.levels import Level, PlaceLevel

# metric systems and a point near the middle of each
SYSTEMS = (
    ("EPSG:4544", 600_000.0, 4_320_000.0),  # Ningxia, CGCS2000 CM 105E
    ("EPSG:4521", 33_480_000.0, 4_300_000.0),  # CGCS2000 zone 33, eastings with the zone number
    ("EPSG:27700", 530_000.0, 180_000.0),  # London
    ("EPSG:32618", 585_000.0, 4_510_000.0),  # New York
    (
        "+proj=tmerc +lat_0=38.9 +lon_0=106.3 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m",
        500_000.0,
        0.0,
    ),
)
_NAMES = (
    "石嘴山市图书馆",
    "大武口区",
    'Zoë\'s library, "north"',
    "=1+1",
    "NA",
    "null",
    "007",
    "第一行\n第二行",
    "true",
)
_HOURS = ("24/7", "Tu-Su 09:00-21:00", "Mo-Fr 08:30-12:00,14:00-18:00; PH off")
_EXTRA_NAMES = ("备注", "fid", "note 1", "geom", "lon", "改造日期")

names = st.one_of(
    st.sampled_from(_NAMES),
    st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12),
)
identifiers = st.text("0123456789ABc石-_", min_size=1, max_size=6)
offsets = st.tuples(st.floats(-20_000, 20_000), st.floats(-20_000, 20_000))
amounts = st.one_of(st.none(), st.integers(0, 10**6).map(float), st.floats(0, 1e6))
words = st.one_of(st.none(), names)
moments = st.integers(0, 2 * 10**9).map(lambda seconds: pd.Timestamp(seconds, unit="s"))


def _column(draw: st.DrawFn, values: st.SearchStrategy, n: int) -> list:
    return draw(st.lists(values, min_size=n, max_size=n))


def _extras(draw: st.DrawFn, n: int) -> dict[str, pd.Series]:
    """Columns that the schema does not know, one of each kind that is kept."""
    kinds = {
        "text": lambda: pd.Series(_column(draw, words, n), dtype="string"),
        "number": lambda: pd.Series(_column(draw, amounts, n), dtype=float),
        "integer": lambda: pd.Series(_column(draw, st.integers(-(10**12), 10**12), n), dtype="int64"),
        "some integers": lambda: pd.Series(_column(draw, st.none() | st.integers(0, 9), n), dtype="Int64"),
        "boolean": lambda: pd.Series(_column(draw, st.booleans(), n), dtype=bool),
        "moment": lambda: pd.Series(_column(draw, st.none() | moments, n)).astype("datetime64[us]"),
    }
    chosen = draw(st.lists(st.sampled_from(_EXTRA_NAMES), unique=True, max_size=3))
    return {name: kinds[draw(st.sampled_from(sorted(kinds)))]() for name in chosen}


def _parents(draw: st.DrawFn, ids: list[str], ranks: list[int]) -> list[str | None]:
    """A parent of higher rank for each row, or none."""
    return [
        draw(st.sampled_from([None, *(ids[j] for j in range(len(ids)) if ranks[j] > rank)])) for rank in ranks
    ]


def _frame(columns: dict, draw: st.DrawFn, n: int, at: tuple[str, float, float]) -> gpd.GeoDataFrame:
    crs, x, y = at
    points = np.array(_column(draw, offsets, n)) + np.array([x, y])
    return gpd.GeoDataFrame({**columns, **_extras(draw, n)}, geometry=gpd.points_from_xy(*points.T), crs=crs)


def _places(draw: st.DrawFn, at: tuple[str, float, float]) -> cp.Places:
    n = draw(st.integers(1, 6))
    ids = draw(st.lists(identifiers, min_size=n, max_size=n, unique=True))
    levels = _column(draw, st.sampled_from(list(PlaceLevel)), n)
    frame = _frame(
        {
            "place_id": ids,
            "name": _column(draw, names.map(str.strip).filter(bool), n),
            "place_level": [str(level) for level in levels],
            "parent_id": _parents(draw, ids, [level.rank for level in levels]),
        },
        draw,
        n,
        at,
    )
    shapes = _column(draw, st.sampled_from(["point", "polygon", "holed", "parts", "none"]), n)
    frame["geometry"] = [_shape(kind, point) for kind, point in zip(shapes, frame.geometry, strict=True)]
    return cp.Places(frame.set_geometry("geometry", crs=at[0]))


def _shape(kind: str, point: shapely.Point) -> shapely.Geometry | None:
    square = shapely.box(point.x - 800, point.y - 500, point.x + 800, point.y + 500)
    return {
        "point": point,
        "polygon": square,
        "holed": square.difference(point.buffer(200)),
        "parts": shapely.MultiPolygon(
            [square, shapely.box(point.x + 900, point.y, point.x + 950, point.y + 9)]
        ),
        "none": None,
    }[kind]


@st.composite
def full_worlds(draw: st.DrawFn) -> cp.World:
    """Small worlds with every column there is, in several coordinate systems, with or without places."""
    at = draw(st.sampled_from(SYSTEMS))
    places = draw(st.booleans()) and _places(draw, at)
    place_ids = st.none() if not places else st.sampled_from([None, *places.ids])
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    ids = draw(st.lists(identifiers, min_size=m, max_size=m, unique=True))
    levels = _column(draw, st.sampled_from(list(Level)), m)
    facilities = {
        "facility_id": ids,
        "name": _column(draw, names.map(str.strip).filter(bool), m),
        "level": [str(level) for level in levels],
        "parent_id": _parents(draw, ids, [level.rank for level in levels]),
        "status": _column(draw, st.sampled_from(["existing", "candidate", "closed"]), m),
        "kind": _column(draw, st.sampled_from(["library", "museum", "自己的类型"]), m),
        "volumes": _column(draw, amounts, m),
        "opening_hours": _column(draw, st.none() | st.sampled_from(_HOURS), m),
        "items": _column(draw, st.none() | st.just("A1|B2"), m),
        "place_id": _column(draw, place_ids, m),
    }
    optional = ("status", "kind", "volumes", "opening_hours", "items", "place_id")
    for name in draw(st.sets(st.sampled_from(optional))):
        del facilities[name]
    persons = _column(draw, st.integers(0, 10**5).map(float) | st.floats(0, 1e5), n)
    demand = {
        "demand_id": draw(st.lists(identifiers, min_size=n, max_size=n, unique=True)),
        "persons": persons,
        "settlement": _column(draw, st.sampled_from(["urban", "rural", "pastoral"]), n),
        "place_id": _column(draw, place_ids, n),
        "minors_persons": [value * 0.25 for value in persons],
        "left_behind_persons": [value * 0.125 for value in persons],
    }
    for name in draw(st.sets(st.sampled_from(list(demand)[2:]))):
        del demand[name]
    return cp.World(
        name=draw(names.map(str.strip).filter(bool)),
        facilities=cp.Facilities(_frame(facilities, draw, m, at)),
        demand=cp.DemandPoints(_frame(demand, draw, n, at)),
        places=places or None,
        notes=draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "name_zh": names,
                    "sources": st.just([{"what": "名录", "licence": "CC0", "reference": "—"}]),
                    "columns": st.just({"demand": {"persons": {"status": "modelled"}}}),
                    "remark": names,
                },
            )
        ),
    )


def assert_same_world(
    one: cp.World, other: cp.World, *, tolerance_m: float = 0.001, digits: int | None = None
) -> None:
    """Two worlds hold the same, places on the ground within a tolerance, numbers to some digits."""
    assert one.name == other.name
    assert one.crs == other.crs
    for table in ("facilities", "demand", "places"):
        a, b = getattr(one, table), getattr(other, table)
        assert (a is None) == (b is None), table
        if a is not None:
            assert_same_table(a.frame, b.frame, tolerance_m=tolerance_m, digits=digits)
    assert (one.streets is None) == (other.streets is None)
    if one.streets is not None:
        assert len(one.streets) == len(other.streets)
        np.testing.assert_allclose(np.sort(one.streets.length_m), np.sort(other.streets.length_m))
    notes = [{key: value for key, value in w.notes.items() if key != "coordinates"} for w in (one, other)]
    assert notes[0] == notes[1]


def assert_same_table(
    a: gpd.GeoDataFrame, b: gpd.GeoDataFrame, *, tolerance_m: float, digits: int | None = None
) -> None:
    """Two tables have the same columns with the same values, and shapes at the same place."""
    assert set(a.columns) == set(b.columns)
    for name in a.columns.drop("geometry"):
        left, right = a[name], b[name]
        assert left.isna().tolist() == right.isna().tolist(), name
        if digits is not None and left.dtype.kind == "f":
            np.testing.assert_allclose(right.dropna(), left.dropna(), rtol=10.0 ** (1 - digits))
        else:
            assert left.dropna().tolist() == right.dropna().tolist(), name
        if left.dtype.kind in "biufM":
            assert left.dtype.kind == right.dtype.kind, name
    for left, right in zip(a.geometry, b.geometry, strict=True):
        assert (left is None or left.is_empty) == (right is None or right.is_empty)
        if left is not None and not left.is_empty:
            assert left.geom_type == right.geom_type
            assert shapely.hausdorff_distance(left, right) <= tolerance_m
