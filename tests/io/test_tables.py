"""Tables as offices keep them: Chinese headings, GB18030, titles, units, blank rows, any coordinates."""

from __future__ import annotations

import datetime as dt
import json
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from cultureplan.io.coordinates import read_system
from cultureplan.io.folder import check_world, read_world
from tests.io.folders import DEMAND, FACILITIES, save

LONLAT = np.array([[106.3900, 39.0165], [106.4460, 38.9712]])


def lonlat(world) -> np.ndarray:
    """Where the people are, in degrees."""
    return read_system(world.crs.to_string()).to_lonlat(world.demand.xy)


def workbook(rows: list[list], *, sheet: str = "Sheet1", before: bool = False) -> bytes:
    """An Excel file whose sheet holds rows."""
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    if before:
        book.create_sheet("说明", 0).append(["本表由各馆填报"])
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_chinese_tables_are_read_in_any_encoding(tmp_path: Path, encoding: str):
    """Headings, words and names come out the same, and ids keep their leading zeros."""
    world = read_world(
        save(tmp_path / "w", facilities__csv=FACILITIES.encode(encoding), demand__csv=DEMAND.encode(encoding))
    )
    assert world.demand.frame["demand_id"].tolist() == ["0101", "0102"]
    assert world.demand.settlement.tolist() == ["urban", "rural"]
    assert world.facilities.frame["name"].tolist() == ["石嘴山市图书馆", "大武口区图书馆"]
    assert world.facilities.frame["level"].tolist() == ["central", "head"]
    np.testing.assert_allclose(lonlat(world), LONLAT, atol=1e-9)


@pytest.mark.parametrize(("delimiter", "ending"), [("\t", "tsv"), ("\t", "txt"), (";", "csv"), ("\t", "csv")])
def test_other_delimiters_are_found_out(tmp_path: Path, delimiter: str, ending: str):
    """Tab and semicolon, as spreadsheets write them."""
    text = DEMAND.replace(",", delimiter)
    assert len(read_world(save(tmp_path / "w", **{f"demand__{ending}": text})).demand) == 2


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_any_line_end_is_read(tmp_path: Path, line_end: str):
    """Unix, Windows, and the old Macintosh."""
    world = read_world(save(tmp_path / "w", demand__csv=DEMAND.replace("\n", line_end).encode()))
    assert world.demand.persons.tolist() == [4019, 850]


def test_titles_blank_rows_and_blank_columns_are_passed_over(tmp_path: Path):
    """And rows keep the number that a spreadsheet shows."""
    text = (
        "大武口区人口表,,,,,\n,,,,,\n编号,人口,,经度,纬度,\n1,5,,106.39,39.01,\n,,,,,\n2,-6,,106.4,39.0,\n\n"
    )
    (fault,) = check_world(save(tmp_path / "w", demand__csv=text))
    assert (fault.code, fault.rows, fault.column) == ("table.negative", ("6",), "人口")


def test_text_in_quotes_may_hold_commas_and_lines(tmp_path: Path):
    """A line break within a cell does not count as a row."""
    text = 'demand_id,name,persons,lon,lat\n1,"甲, 乙\n丙 ""丁""",5,106.39,39.01\n2,x,-1,106.4,39.02\n'
    (fault,) = check_world(save(tmp_path / "w", demand__csv=text))
    assert fault.rows == ("3",)
    world = read_world(save(tmp_path / "w", demand__csv=text.replace("-1", "1")))
    assert world.demand.frame["name"].iloc[0] == '甲, 乙\n丙 "丁"'


def test_units_in_headings_are_converted(tmp_path: Path):
    """万人 and 千人 become persons; the fault of such a column still shows what was written."""
    text = (
        "编号,人口（万人）,老年人口（千人）,经度,纬度\n1,0.4019,0.5,106.39,39.01\n2,0.085,0.1,106.40,39.02\n"
    )
    world = read_world(save(tmp_path / "w", demand__csv=text))
    assert world.demand.persons.tolist() == pytest.approx([4019, 850])
    assert world.demand.frame["older_persons"].tolist() == pytest.approx([500, 100])
    (fault,) = check_world(save(tmp_path / "w", demand__csv=text.replace("0.085,0.1", "-0.085,0")))
    assert (fault.column, fault.samples) == ("人口（万人）", ("-0.085",))


def test_ids_that_a_program_took_for_numbers_are_mended(tmp_path: Path):
    """640202.0 is 640202, where the whole column is so."""
    places = "编号,名称,级别,上级\n640200,石嘴山市,市,\n640202,大武口区,县,640200.0\n"
    demand = (
        DEMAND.replace("编号,", "编号,所在地,").replace("0101,", "0101,640202.0,").replace("0102,", "0102,,")
    )
    world = read_world(save(tmp_path / "w", places__csv=places, demand__csv=demand))
    assert world.places.frame["parent_id"].tolist()[1] == "640200"
    assert world.demand.frame["place_id"].iloc[0] == "640202"
    assert world.places.frame.geometry.isna().all()


def test_full_width_digits_are_numbers(tmp_path: Path):
    """As some input methods write them."""
    assert (
        read_world(save(tmp_path / "w", demand__csv=DEMAND.replace("4019", "４０１９"))).demand.persons.iloc[
            0
        ]
        == 4019
    )


def test_unknown_columns_are_kept_in_the_kind_they_look_like(tmp_path: Path):
    """Numbers, whole numbers, yes and no; codes with leading zeros stay text."""
    text = (
        "编号,人口,经度,纬度,户数,海拔,邮编,有电梯,备注\n"
        "1,5,106.39,39.01,2,1090.5,010000,True,\n2,5,106.40,39.02,3,1091,750001,false,约\n"
    )
    frame = read_world(save(tmp_path / "w", demand__csv=text)).demand.frame
    assert frame["户数"].tolist() == [2, 3]
    assert frame["户数"].dtype.kind == "i"
    assert frame["海拔"].tolist() == [1090.5, 1091.0]
    assert frame["邮编"].tolist() == ["010000", "750001"]
    assert frame["有电梯"].tolist() == [True, False]
    assert frame["备注"].isna().tolist() == [True, False]


def test_the_kind_of_a_column_can_be_said(tmp_path: Path):
    """What ``[types]`` says goes before what it looks like."""
    text = DEMAND.replace("编号,", "编号,网格,").replace("0101,", "0101,12,").replace("0102,", "0102,7,")
    toml = 'coordinates = "wgs84"\n[types.demand]\n"网格" = "text"\n'
    assert read_world(save(tmp_path / "w", toml=toml, demand__csv=text)).demand.frame["网格"].tolist() == [
        "12",
        "7",
    ]


def test_a_workbook_as_offices_keep_it(tmp_path: Path):
    """A title above, headings with line breaks and units, numbers as numbers, a sheet of notes before it."""
    rows = [
        ["石嘴山市公共图书馆一览表"],
        [],
        ["序号", "设施\n编号", " 名 称", "级别", "上级馆", "藏书量\n（万册）", "经度", "纬度", "开放日期"],
        [1, 101, "石嘴山市图书馆", "中心馆", None, 25, 106.3764, 39.0128, dt.date(1984, 5, 1)],
        [2, 102, "大武口区图书馆", "总馆", 101, 9.5, "106.3802", "39.0211", None],
        [None, None],
    ]
    world = read_world(save(tmp_path / "w", facilities__xlsx=workbook(rows, before=False)))
    frame = world.facilities.frame
    assert frame["facility_id"].tolist() == ["101", "102"]
    assert frame["parent_id"].fillna("").tolist() == ["", "101"]
    assert frame["volumes"].tolist() == [250_000, 95_000]
    assert world.network.roots() == ("101",)


def test_the_sheet_named_like_the_table_is_read(tmp_path: Path):
    """Whatever stands before it."""
    rows = [row.split(",") for row in FACILITIES.splitlines()]
    data = workbook(rows, sheet="Facilities", before=True)
    assert len(read_world(save(tmp_path / "w", facilities__xlsx=data)).facilities) == 2


def test_coordinates_in_one_cell_are_read(tmp_path: Path):
    """As the answers of map services have them."""
    text = 'id,persons,location\n1,5,"106.3900,39.0165"\n2,6,"106.4460, 38.9712"\n'
    np.testing.assert_allclose(lonlat(read_world(save(tmp_path / "w", demand__csv=text))), LONLAT, atol=1e-9)


def test_well_known_text_is_read(tmp_path: Path):
    """With or without the number of a system in front, which is not looked at."""
    text = "id,persons,wkt\n1,5,POINT (106.3900 39.0165)\n2,6,SRID=4490;POINT Z(106.4460 38.9712 5)\n"
    np.testing.assert_allclose(lonlat(read_world(save(tmp_path / "w", demand__csv=text))), LONLAT, atol=1e-9)


@pytest.mark.parametrize(
    "name", ["wgs84", "cgcs2000", "gcj02", "bd09", "EPSG:4544", "EPSG:4523", "EPSG:32648"]
)
def test_every_system_leads_to_the_same_place(tmp_path: Path, name: str):
    """A table in any coordinate system, declared for that table, lies where it lies."""
    x, y = read_system(name).from_lonlat(LONLAT).T
    text = f"id,persons,x,y\n1,5,{x[0]:.12g},{y[0]:.12g}\n2,6,{x[1]:.12g},{y[1]:.12g}\n"
    toml = f'crs = "EPSG:4544"\n[coordinates]\nfacilities = "wgs84"\ndemand = "{name}"\n'
    world = read_world(save(tmp_path / "w", toml=toml, demand__csv=text))
    assert world.crs.to_epsg() == 4544
    wanted = read_system("EPSG:4544").from_lonlat(LONLAT)
    np.testing.assert_allclose(world.demand.xy, wanted, rtol=0, atol=0.001)
    assert world.notes["coordinates"] == {"facilities": "wgs84", "demand": name}


@pytest.mark.parametrize("form", ["gpkg", "parquet", "geojson"])
def test_a_file_that_carries_its_system_is_read_by_it(tmp_path: Path, form: str):
    """Whatever is declared for the tables that carry none; GeoJSON is in degrees by its standard."""
    frame = gpd.GeoDataFrame(
        {"demand_id": ["1", "2"], "persons": [5, 6]}, geometry=gpd.points_from_xy(*LONLAT.T), crs="EPSG:4326"
    )
    folder = save(tmp_path / "w", toml='coordinates = "EPSG:4544"\n', facilities__csv=_in_metres(FACILITIES))
    (folder / "demand.csv").unlink()
    file = folder / f"demand.{form}"
    if form == "parquet":
        frame.to_crs("EPSG:4523").to_parquet(file)
    elif form == "gpkg":
        frame.to_crs("EPSG:4490").to_file(file, driver="GPKG")
    else:
        file.write_text(frame.to_json(drop_id=True), encoding="utf-8")
    np.testing.assert_allclose(lonlat(read_world(folder)), LONLAT, atol=1e-9)


def test_gcj02_holds_for_map_files_too(tmp_path: Path):
    """No file format can say GCJ-02: a GeoJSON in a folder so declared is shifted back."""
    shifted = read_system("gcj02").from_lonlat(LONLAT)
    frame = gpd.GeoDataFrame(
        {"demand_id": ["1", "2"], "persons": [5, 6]}, geometry=gpd.points_from_xy(*shifted.T), crs="EPSG:4326"
    )
    folder = save(tmp_path / "w", toml='coordinates = "gcj02"\n', demand__geojson=frame.to_json(drop_id=True))
    np.testing.assert_allclose(lonlat(read_world(folder)), LONLAT, atol=1e-9)


def test_columns_named_for_a_system_declare_it(tmp_path: Path):
    """Where nothing else is said."""
    shifted = read_system("gcj02").from_lonlat(LONLAT)
    text = "id,persons,gcj02_lon,gcj02_lat\n" + "".join(
        f"{i},5,{x:.9f},{y:.9f}\n" for i, (x, y) in enumerate(shifted)
    )
    toml = '[coordinates]\nfacilities = "wgs84"\n'
    np.testing.assert_allclose(
        lonlat(read_world(save(tmp_path / "w", toml=toml, demand__csv=text))), LONLAT, atol=1e-9
    )


def test_outside_china_wgs84_need_not_be_said(tmp_path: Path):
    """There is no shift to be unsure of, and no ``world.toml`` is needed."""
    facilities = "facility_id,name,level,lon,lat\nF1,a library,branch,-0.12,51.5\n"
    world = read_world(
        save(
            tmp_path / "London",
            toml=None,
            facilities__csv=facilities,
            demand__csv="id,persons,lon,lat\nD,5,-0.1,51.5\n",
        )
    )
    assert world.name == "London"
    assert world.crs.to_epsg() == 32630
    assert world.notes["coordinates"] == {"facilities": "wgs84", "demand": "wgs84"}


def test_geojson_in_gb18030_is_read(tmp_path: Path):
    """Not allowed, but made."""
    point = gpd.GeoDataFrame({"编号": ["1"], "人口": [5]}, geometry=gpd.points_from_xy(*LONLAT[:1].T))
    text = json.dumps(json.loads(point.to_json(drop_id=True)), ensure_ascii=False)
    world = read_world(save(tmp_path / "w", demand__geojson=text.encode("gb18030")))
    assert world.demand.persons.tolist() == [5]


def test_plain_parquet_with_coordinate_columns_is_read(tmp_path: Path):
    """Without any geometry in it."""
    folder = save(tmp_path / "w")
    frame = pd.read_csv(folder / "demand.csv", dtype={"编号": str})
    (folder / "demand.csv").unlink()
    frame.to_parquet(folder / "demand.parquet")
    np.testing.assert_allclose(lonlat(read_world(folder)), LONLAT, atol=1e-9)


@pytest.mark.parametrize("name", ["wgs84", "cgcs2000", "gcj02", "bd09"])
def test_polygons_stay_valid_through_conversion(tmp_path: Path, name: str):
    """Holes that touch their ring in the file may poke out of it, by a rounding error, once converted."""
    places = []
    for step in range(30):
        tip = shapely.line_interpolate_point(
            shapely.LineString([(106.3, 38.9), (106.5, 38.95)]), 0.005 * step + 0.02
        )
        hole = [(tip.x, tip.y), (tip.x + 0.02, 39.0), (tip.x - 0.02, 39.0)]
        shape = shapely.Polygon([(106.3, 38.9), (106.5, 38.95), (106.5, 39.1), (106.3, 39.1)], [hole])
        places += [shape] if shape.is_valid else []
    frame = gpd.GeoDataFrame(
        {"place_id": range(len(places)), "name": "区", "place_level": "county"}, geometry=places
    )
    assert len(places) > 3
    toml = f'coordinates = "{name}"\n'
    world = read_world(save(tmp_path / "w", toml=toml, places__geojson=frame.to_json(drop_id=True)))
    assert world.places.frame.is_valid.all()
    areas_m2 = frame.set_crs("EPSG:4326").to_crs(world.crs).area.to_numpy()
    np.testing.assert_allclose(world.places.frame.area, areas_m2, rtol=0.005)


def _in_metres(text: str) -> str:
    rows = [row.split(",") for row in text.splitlines()]
    rows[0][-2:] = ["x", "y"]
    for row in rows[1:]:
        row[-2:] = map(
            repr, read_system("EPSG:4544").from_lonlat(np.array([row[-2:]], dtype=float))[0].tolist()
        )
    return "\n".join(",".join(row) for row in rows) + "\n"
