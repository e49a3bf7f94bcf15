"""The main job on data that is not ours: England's libraries, and a population grid of an island."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import cultureplan as cp
from cultureplan.base.errors import WorldError
from cultureplan.cli import main

WALK_15 = """
id = "walk-15"
title_en = "A walk of 15 minutes"
[[rules]]
settlement = "urban"
limit = 15
unit = "minutes"
needs = [{ at_least = 1, kinds = ["library"] }]
"""


@pytest.fixture(scope="module")
def england(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All 3,539 rows of the 2023 list as they come, and people from its walking isochrones.

    The list has no residents. Two demand points stand in for them at each of the 2,659 libraries with
    isochrones: the people within 10 minutes at its door, those between 10 and 15 minutes at a point of
    that ring. People between two libraries count twice: good enough to run the job, not a census.
    """
    folder = tmp_path_factory.mktemp("england")
    listed = pd.read_csv(shared_data / "libraries_uk" / "england_libraries_2023_enhanced.csv", dtype=str)
    kinds = {"Static Library": "library", "Mobile Library": "mobile_stop"}
    facilities = pd.DataFrame(
        {
            "facility_id": [f"E{row:04d}" for row in range(len(listed))],
            "name": listed["Name"],
            "level": "branch",
            "kind": listed["Type"].map(kinds).fillna("other"),
            "lon": listed["Longitude"],
            "lat": listed["Latitude"],
        }
    )
    facilities.to_csv(folder / "facilities.csv", index=False)
    rings = gpd.read_file(shared_data / "libraries_uk" / "isochrones_walk_10_15min.gpkg")
    attributes = pd.read_csv(shared_data / "libraries_uk" / "isochrones_walk_attributes.csv")
    persons = attributes[attributes["seconds"].isin([600, 900])].pivot_table(
        index=["authority", "slug"], columns="seconds", values="total_pop"
    )
    door = attributes.drop_duplicates(["authority", "slug"]).set_index(["authority", "slug"])[["lon", "lat"]]
    outer = rings[rings["seconds"] == 900].set_index(["authority", "slug"]).geometry
    inner = rings[rings["seconds"] == 600].set_index(["authority", "slug"]).geometry.reindex(outer.index)
    ring = shapely.point_on_surface(shapely.difference(outer.to_numpy(), inner.to_numpy()))
    at_ring = pd.DataFrame({"lon": shapely.get_x(ring), "lat": shapely.get_y(ring)}, index=outer.index)
    between = (persons[900] - persons[600]).clip(lower=0)
    people = pd.concat(
        [door.assign(persons=persons[600]), at_ring.assign(persons=between.reindex(at_ring.index))]
    ).dropna()
    people.insert(0, "demand_id", [f"P{row:05d}" for row in range(len(people))])
    people.to_csv(folder / "demand.csv", index=False)
    (folder / "world.toml").write_text('name = "England"\ncoordinates = "wgs84"\n', encoding="utf-8")
    (folder / "walk.toml").write_text(WALK_15, encoding="utf-8")
    return folder


def test_englands_list_as_it_comes_names_the_fifteen_rows_without_a_point(england: Path) -> None:
    """Nothing is dropped silently."""
    with pytest.raises(WorldError) as caught:
        cp.read_world(england)
    points = [fault for fault in caught.value.faults if fault.file == "facilities.csv"]
    assert [fault.n_rows for fault in points] == [15]


def test_england_runs_from_folder_to_report(
    england: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """3,524 libraries with a point, a walk of 15 minutes, five more sites, one report."""
    folder = tmp_path / "england"
    shutil.copytree(england, folder)
    facilities = pd.read_csv(folder / "facilities.csv", dtype=str).dropna(subset=["lon", "lat"])
    facilities.to_csv(folder / "facilities.csv", index=False)
    world = cp.read_world(folder)
    coverage = cp.measure_coverage(world, cp.load_circles(folder / "walk.toml"))
    assert len(world.facilities) == 3524
    # everybody lives within a 15-minute walk of a library in use or closed since; streets are longer
    # than 1.2 x the straight line for some, so nearly all are inside our circle
    assert 0.80 < coverage.share <= 1.0
    arguments = ["plan", str(folder), "--circles", str(folder / "walk.toml"), "--new", "5"]
    code = main([*arguments, "--candidates", "demand", "--out", str(tmp_path / "out"), "--lang", "en"])
    assert code == 0, capsys.readouterr().err
    assert (tmp_path / "out" / "report.html").exists()


def test_a_population_grid_is_read_cell_by_cell_and_planned_for(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sao Miguel: 145,603 people on a 30 arc-second grid (GPW 4.11), one library in each municipality."""
    raw = shared_data / "popgrid_saomiguel"
    folder = tmp_path / "saomiguel"
    folder.mkdir()
    shutil.copy(raw / "gpw_v411_2020_count_2020.tif", folder / "population.tif")
    towns = gpd.read_file(raw / "concelhos.gpkg").to_crs("EPSG:32626")
    doors = gpd.GeoSeries(towns.representative_point(), crs=towns.crs).to_crs("EPSG:4326")
    pd.DataFrame(
        {
            "facility_id": [f"L{row}" for row in range(len(towns))],
            "name": "Biblioteca",
            "level": "branch",
            "lon": doors.x,
            "lat": doors.y,
        }
    ).to_csv(folder / "facilities.csv", index=False)
    (folder / "world.toml").write_text('name = "Sao Miguel"\ncoordinates = "wgs84"\n', encoding="utf-8")
    (folder / "walk.toml").write_text(WALK_15, encoding="utf-8")
    world = cp.read_world(folder)
    listed = pd.read_csv(raw / "gpw_count_2020_points.csv")
    assert len(world.demand) == len(listed)
    assert world.demand.persons.sum() == pytest.approx(listed["population"].sum(), rel=1e-6)
    arguments = ["plan", str(folder), "--circles", str(folder / "walk.toml"), "--new", "3"]
    code = main([*arguments, "--candidates", "grid", "--out", str(tmp_path / "out"), "--lang", "zh"])
    assert code == 0, capsys.readouterr().err
    assert "覆盖" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
