"""Map files: GeoJSON of any make, GeoPackage, GeoParquet - and what is wrong with one."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import cultureplan as cp
from cultureplan.base.errors import InputError
from cultureplan.io import vectors
from cultureplan.io.coordinates import read_system
from cultureplan.io.folder import check_world, read_world, write_world
from tests.io.folders import save
from tests.street_networks import lattice
from tests.worlds import demand, facilities

LONLAT = np.array([[106.3900, 39.0165], [106.4460, 38.9712]])


def collection(xy: np.ndarray, **members: object) -> str:
    """Two people on a map, as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "properties": {"demand_id": f"0{i}", "persons": 5, "tags": {"a": [1]}, "since": "2020-01-01"},
            "geometry": {"type": "Point", "coordinates": [*point, 1090.0]},
        }
        for i, point in enumerate(xy.tolist())
    ]
    return json.dumps({"type": "FeatureCollection", **members, "features": features})


def where(world: cp.World) -> np.ndarray:
    """Longitude and latitude of the people."""
    return read_system(world.crs.to_string()).to_lonlat(world.demand.xy)


def test_geojson_keeps_text_as_text(tmp_path: Path):
    """Ids, dates and nested values are not reinterpreted; heights are left aside."""
    world = read_world(save(tmp_path / "w", demand__geojson=collection(LONLAT)))
    frame = world.demand.frame
    assert frame["demand_id"].tolist() == ["00", "01"]
    assert frame["since"].tolist() == ["2020-01-01"] * 2
    assert frame["tags"].tolist() == ['{"a": [1]}'] * 2
    assert not frame.geometry.has_z.any()
    np.testing.assert_allclose(where(world), LONLAT, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "code"), [("urn:ogc:def:crs:EPSG::4544", 4544), ("urn:ogc:def:crs:OGC:1.3:CRS84", 4326)]
)
def test_geojson_of_older_programs_names_its_system(tmp_path: Path, name: str, code: int):
    """The ``crs`` member of 2008."""
    xy = read_system(f"EPSG:{code}").from_lonlat(LONLAT)
    text = collection(xy, crs={"type": "name", "properties": {"name": name}})
    np.testing.assert_allclose(
        where(read_world(save(tmp_path / "w", demand__geojson=text))), LONLAT, atol=1e-9
    )


def test_geojson_in_metres_takes_the_declared_system(tmp_path: Path):
    """Against its standard, but made; without a declaration the numbers are no degrees."""
    text = collection(read_system("EPSG:4544").from_lonlat(LONLAT))
    toml = '[coordinates]\nfacilities = "wgs84"\ndemand = "EPSG:4544"\n'
    folder = save(tmp_path / "w", toml=toml, demand__geojson=text)
    np.testing.assert_allclose(where(read_world(folder)), LONLAT, atol=1e-9)
    (folder / "world.toml").write_text('coordinates = "wgs84"\n', encoding="utf-8")
    assert [fault.code for fault in check_world(folder)] == ["io.looks_like_metres"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "io.empty_file"),
        (" \n", "io.empty_file"),
        ('{"type": "FeatureCollection", "features": []}', "table.empty"),
        ('{"type": "FeatureCollection", "features": [1]}', "io.not_geojson"),
        ('{"type": "Point", "coordinates": [106, 39]}', "io.not_geojson"),
        (collection(LONLAT, crs={"properties": {"name": "EPSG:99999"}}), "crs.unknown"),
        (b"\xff\xff{}", "io.unknown_encoding"),
    ],
)
def test_geojson_that_is_no_map(tmp_path: Path, text: str | bytes, code: str):
    """Each says what it lacks."""
    assert [fault.code for fault in check_world(save(tmp_path / "w", demand__geojson=text))] == [code]


@pytest.mark.parametrize("form", ["gpkg", "parquet"])
def test_shapes_without_a_system_take_the_declared_one(tmp_path: Path, form: str):
    """Some programs write none."""
    xy = read_system("EPSG:4544").from_lonlat(LONLAT)
    frame = gpd.GeoDataFrame({"demand_id": ["a", "b"], "persons": [1, 2]}, geometry=gpd.points_from_xy(*xy.T))
    folder = save(tmp_path / "w", toml='[coordinates]\nfacilities = "wgs84"\ndemand = "EPSG:4544"\n')
    (folder / "demand.csv").unlink()
    if form == "parquet":
        frame.to_parquet(folder / "demand.parquet")
    else:
        with pytest.warns(UserWarning, match="crs"):
            frame.to_file(folder / "demand.gpkg", driver="GPKG")
    np.testing.assert_allclose(where(read_world(folder)), LONLAT, atol=1e-9)


def test_a_second_geometry_is_kept_as_text(tmp_path: Path):
    """A table has one place only."""
    frame = gpd.GeoDataFrame(
        {
            "demand_id": ["a"],
            "persons": [1],
            "area": gpd.GeoSeries([shapely.box(106, 38, 107, 39)], crs="EPSG:4326"),
        },
        geometry=gpd.points_from_xy(*LONLAT[:1].T),
        crs="EPSG:4326",
    )
    folder = save(tmp_path / "w")
    (folder / "demand.csv").unlink()
    frame.to_parquet(folder / "demand.parquet")
    assert read_world(folder).demand.frame["area"].tolist()[0].startswith("POLYGON")


def test_parquet_with_binary_shapes_and_no_word_of_them_is_read(tmp_path: Path):
    """As databases export it; other binary cells are kept as digits."""
    folder = save(tmp_path / "w")
    (folder / "demand.csv").unlink()
    shapes = shapely.to_wkb(shapely.points(LONLAT))
    frame = pd.DataFrame(
        {"demand_id": ["a", "b"], "persons": [1, 2], "geometry": shapes, "hash": [b"\x01\xff", None]}
    )
    frame.to_parquet(folder / "demand.parquet")
    world = read_world(folder)
    np.testing.assert_allclose(where(world), LONLAT, atol=1e-9)
    assert world.demand.frame["hash"].fillna("").tolist() == ["01ff", ""]


def test_the_only_layer_is_read_whatever_its_name(tmp_path: Path):
    """And the one of the table's name among several."""
    frame = gpd.GeoDataFrame(
        {"demand_id": ["a", "b"], "persons": [1, 2]}, geometry=gpd.points_from_xy(*LONLAT.T), crs="EPSG:4326"
    )
    folder = save(tmp_path / "w")
    (folder / "demand.csv").unlink()
    frame.to_file(folder / "demand.gpkg", layer="居民点", driver="GPKG")
    assert len(read_world(folder).demand) == 2
    frame.head(1).to_file(folder / "demand.gpkg", layer="demand", driver="GPKG", mode="a")
    assert len(read_world(folder).demand) == 1


def test_what_gdal_cannot_write_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """With its reason, and nothing is left behind."""

    def refuse(*_: object, **__: object) -> None:
        raise ValueError("no such type\nat all")

    monkeypatch.setattr(vectors.pyogrio, "write_dataframe", refuse)
    world = cp.World(name="w", facilities=facilities([(0, 0)]), demand=demand([(0, 0)]))
    with pytest.raises(InputError, match="no such type"):
        write_world(world, tmp_path / "w", table_format="gpkg")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("table_format", "file"),
    [("csv", "streets.graphml"), ("gpkg", "streets.gpkg"), ("parquet", "streets.parquet")],
)
def test_streets_come_and_go_with_the_world(tmp_path: Path, table_format: str, file: str):
    """In the world's own system; a world without streets leaves none of the old one's."""
    world = cp.World(name="w", facilities=facilities([(0, 0)]), demand=demand([(0, 0)]), streets=lattice(3))
    folder = write_world(world, tmp_path / "w", table_format=table_format)
    again = read_world(folder)
    assert (folder / file).is_file()
    assert again.streets.crs == world.crs
    np.testing.assert_allclose(np.sort(again.streets.length_m), np.sort(world.streets.length_m), rtol=1e-6)
    assert read_world(write_world(world.with_streets(None), folder)).streets is None


def test_broken_streets_are_one_fault_among_the_others(tmp_path: Path):
    """With the name of their file."""
    folder = save(
        tmp_path / "w", streets__graphml="no graph", demand__csv="id,persons,lon,lat\n1,-5,106.39,39.01\n"
    )
    assert [(fault.code, fault.file) for fault in check_world(folder)] == [
        ("table.negative", "demand.csv"),
        ("streets.unreadable", "streets.graphml"),
    ]
