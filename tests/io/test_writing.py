"""Writing a world: whole or not at all, in the place of a world only, nothing of others lost."""

from __future__ import annotations

import dataclasses
import sys
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import cultureplan as cp
from cultureplan.base.errors import InputError, MissingExtraError, OutputExistsError
from cultureplan.io import writing
from cultureplan.io.folder import read_world, write_world
from tests.strategies import assert_same_world
from tests.worlds import demand, facilities

NAMES = {"facilities", "demand"}


@pytest.fixture
def world() -> cp.World:
    """Two facilities and two demand points with a column of ours and one of theirs."""
    return cp.World(
        name="一个世界",
        facilities=facilities([(0, 0), (500, 0)], ids=["001", "002"], volumes=[1200.0, 2.5]),
        demand=demand([(0, 100), (300, 400)], [5.0, 6.5], 备注=["=1+1", None]),
        notes={
            "name_zh": "世界",
            "sources": [{"what": "名录", "licence": "CC0"}],
            "drawn": 3,
        },
    )


def places(shape: shapely.Geometry | None) -> cp.Places:
    """One place of a shape."""
    frame = gpd.GeoDataFrame(
        {"place_id": ["6402"], "name": ["市"], "place_level": ["city"]}, geometry=[shape], crs="EPSG:4544"
    )
    return cp.Places(frame)


def files(folder: Path) -> set[str]:
    """The names of what is in a folder."""
    return {entry.name for entry in folder.iterdir()}


@pytest.mark.parametrize("table_format", ["csv", "geojson", "gpkg", "parquet", "xlsx"])
def test_a_folder_holds_one_file_a_table(world: cp.World, tmp_path: Path, table_format: str):
    """And ``world.toml``; nothing is left beside it."""
    folder = write_world(world, tmp_path / "deep" / "down", table_format=table_format)
    assert files(folder) == {f"facilities.{table_format}", f"demand.{table_format}", "world.toml"}
    assert files(folder.parent) == {"down"}
    assert folder.stat().st_mode & 0o055


def test_the_page_says_what_the_tables_cannot(world: cp.World, tmp_path: Path):
    """Name, metric system, system of the tables, sources, kinds of columns, further notes."""
    noted = dataclasses.replace(world, notes={**world.notes, "drawn": np.int64(3), "empty": None})
    page = tomllib.loads((write_world(noted, tmp_path / "w") / "world.toml").read_text(encoding="utf-8"))
    assert page == {
        "name": "一个世界",
        "name_zh": "世界",
        "crs": "EPSG:4544",
        "coordinates": "wgs84",
        "sources": [{"what": "名录", "licence": "CC0"}],
        "types": {"demand": {"备注": "text"}},
        "notes": {"drawn": 3},
    }


def test_csv_is_what_excel_opens(world: cp.World, tmp_path: Path):
    """A mark for UTF-8, plain whole numbers, degrees with at most nine decimals."""
    data = (write_world(world, tmp_path / "w") / "facilities.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    frame = pd.read_csv(tmp_path / "w" / "facilities.csv", dtype=str)
    assert frame["facility_id"].tolist() == ["001", "002"]
    assert frame["volumes"].tolist() == ["1200.0", "2.5"]
    assert frame["lon"].str.partition(".")[2].str.len().max() <= 9
    assert pd.read_csv(tmp_path / "w" / "demand.csv", dtype=str)["persons"].tolist() == ["5.0", "6.5"]


def test_places_with_boundaries_go_beside_cells_as_geojson(world: cp.World, tmp_path: Path):
    """Points fit into a CSV, polygons do not fit into a cell."""
    point, square = shapely.Point(500_000, 4_300_000), shapely.box(499_000, 4_299_000, 501_000, 4_301_000)
    for shape, name in ((point, "places.csv"), (square, "places.geojson"), (None, "places.csv")):
        whole = cp.World(name="w", facilities=world.facilities, demand=world.demand, places=places(shape))
        folder = write_world(whole, tmp_path / "w")
        assert {file for file in files(folder) if file.startswith("places")} == {name}
        assert_same_world(whole, read_world(folder))


def test_a_world_is_replaced_and_other_files_are_kept(world: cp.World, tmp_path: Path):
    """The tables of the old one go, whatever their form; a reader's notes stay."""
    folder = write_world(world, tmp_path / "w", table_format="gpkg")
    (folder / "README.md").write_text("mine", encoding="utf-8")
    (folder / "maps").mkdir()
    (folder / "maps" / "old.csv").write_text("mine too", encoding="utf-8")
    write_world(world, folder, table_format="csv")
    assert files(folder) == {"facilities.csv", "demand.csv", "world.toml", "README.md", "maps"}
    assert (folder / "maps" / "old.csv").read_text(encoding="utf-8") == "mine too"
    assert files(tmp_path) == {"w"}


def test_an_empty_folder_may_be_filled(world: cp.World, tmp_path: Path):
    """It was made for this."""
    (tmp_path / "w").mkdir()
    assert_same_world(
        world.with_demand(world.demand), read_world(write_world(world, tmp_path / "w")), digits=15
    )


def test_what_is_not_a_world_is_not_overwritten(world: cp.World, tmp_path: Path):
    """A folder of other things, or a file of that name, stays as it is."""
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.docx").write_bytes(b"years of work")
    (tmp_path / "file").write_bytes(b"x")
    for name in ("thesis", "file"):
        with pytest.raises(OutputExistsError, match=name) as caught:
            write_world(world, tmp_path / name)
        assert isinstance(caught.value, FileExistsError)
    assert files(tmp_path / "thesis") == {"chapter1.docx"}
    assert files(tmp_path) == {"thesis", "file"}


@pytest.mark.parametrize("there_already", [False, True])
def test_a_failure_half_way_leaves_nothing_behind(
    world: cp.World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there_already: bool
):
    """Neither a folder, nor parts of one, nor a change to the world that was there."""
    if there_already:
        write_world(world, tmp_path / "w", table_format="parquet")
    before = files(tmp_path)

    def full(*_: object, **__: object) -> str:
        raise OSError("No space left on device")

    monkeypatch.setattr(writing, "build_settings_text", full)
    with pytest.raises(OSError, match="No space"):
        write_world(world, tmp_path / "w")
    assert files(tmp_path) == before
    if there_already:
        assert files(tmp_path / "w") == {"facilities.parquet", "demand.parquet", "world.toml"}


def test_a_failed_exchange_puts_the_old_world_back(
    world: cp.World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The old folder is moved aside only for the moment."""
    write_world(world, tmp_path / "w", table_format="gpkg")
    rename, calls = Path.rename, []

    def stumble(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == 2:
            raise OSError("no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stumble)
    with pytest.raises(OSError, match="no"):
        write_world(world, tmp_path / "w")
    assert files(tmp_path) == {"w"}
    assert "facilities.gpkg" in files(tmp_path / "w")


def test_an_unknown_form_names_the_closest(world: cp.World, tmp_path: Path):
    """Nothing is made."""
    with pytest.raises(InputError, match="geojson"):
        write_world(world, tmp_path / "w", table_format="json")  # type: ignore[arg-type]
    assert files(tmp_path) == set()


@pytest.mark.parametrize(
    ("table_format", "column", "values", "code"),
    [
        ("xlsx", "note", ["x" * 40_000, "y"], "io.text_too_long"),
        ("xlsx", "note", ["bell\x07", "y"], "io.control_character"),
        ("gpkg", "NAME", ["a", "b"], "io.names_differ_in_case"),
    ],
)
def test_what_a_form_cannot_hold_is_said(
    world: cp.World, tmp_path: Path, table_format: str, column: str, values: list[str], code: str
):
    """Another form takes it."""
    frame = world.facilities.frame.assign(**{column: values})
    bad = world.with_facilities(cp.Facilities(frame))
    with pytest.raises(InputError) as caught:
        write_world(bad, tmp_path / "w", table_format=table_format)
    assert [fault.code for fault in caught.value.faults] == [code]
    assert files(tmp_path) == set()
    if code != "io.control_character":
        assert_same_world(bad, read_world(write_world(bad, tmp_path / "w", table_format="csv")), digits=15)


def test_too_many_rows_for_a_workbook_are_said(
    world: cp.World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A sheet has 1,048,576 rows."""
    monkeypatch.setattr("cultureplan.io.spreadsheets._MAX_ROWS", 2)
    with pytest.raises(InputError, match="2 rows; a workbook holds 1"):
        write_world(world, tmp_path / "w", table_format="xlsx")


def test_columns_called_lon_and_lat_do_not_move_the_points(world: cp.World, tmp_path: Path):
    """A column of that name in memory is theirs; the points are then written as text."""
    frame = world.facilities.frame.assign(lon=[1.5, 2.5], 纬度=[3.5, 4.5])
    kept = world.with_facilities(cp.Facilities(frame))
    for table_format in ("csv", "xlsx"):
        assert_same_world(
            kept, read_world(write_world(kept, tmp_path / "w", table_format=table_format)), digits=15
        )


def test_unusual_columns_become_text(world: cp.World, tmp_path: Path):
    """Categories, lists and mixed cells have no kind in a file."""
    frame = world.demand.frame.assign(
        category=pd.Categorical(["a", "b"]),
        listed=[[1, 2], None],
        mixed=[1, "x"],
        moment=pd.Timestamp("2024-05-01"),
    )
    again = read_world(write_world(world.with_demand(cp.DemandPoints(frame)), tmp_path / "w")).demand.frame
    assert again["category"].tolist() == ["a", "b"]
    assert again["listed"].fillna("").tolist() == ["[1, 2]", ""]
    assert again["mixed"].tolist() == ["1", "x"]
    assert again["moment"].tolist() == [pd.Timestamp("2024-05-01")] * 2


def test_without_openpyxl_the_message_says_what_to_install(
    world: cp.World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """For reading and for writing."""
    write_world(world, tmp_path / "w", table_format="xlsx")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match=r"cultureplan\[excel\]"):
        read_world(tmp_path / "w")
    with pytest.raises(MissingExtraError, match=r"cultureplan\[excel\]"):
        write_world(world, tmp_path / "v", table_format="xlsx")
    assert files(tmp_path) == {"w"}


def test_where_a_world_came_from_is_kept(tmp_path: Path):
    """What was declared for the tables first read stays in the notes of every later copy."""
    from tests.io.folders import save

    folder = save(tmp_path / "amap", toml='name = "x"\ncoordinates = "gcj02"\n')
    first = read_world(folder)
    again = read_world(write_world(first, tmp_path / "copy"))
    assert again.notes["coordinates"] == {"facilities": "gcj02", "demand": "gcj02"}
    assert_same_world(first, again, digits=15)


@pytest.mark.parametrize("name", cp.datasets.names())
def test_the_bundled_worlds_survive_every_form(name: str, tmp_path: Path):
    """Real tables, not only drawn ones."""
    world = cp.load_world(name)
    for table_format in ("csv", "gpkg"):
        again = read_world(write_world(world, tmp_path / table_format, table_format=table_format))
        assert_same_world(world, again, digits=15)
