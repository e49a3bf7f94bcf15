"""What can be wrong with a folder, its ``world.toml`` and its files as files."""
# ruff: noqa: D103 - the name of a case says what is done to the folder

from __future__ import annotations

from io import BytesIO

import numpy as np

from tests.io.broken.draft import (
    DEMAND,
    FACILITIES,
    PLACES,
    TOML,
    Draft,
    broken,
    geopackage,
    grid_file,
    in_file,
    workbook,
)

# ------------------------------------------------------------------ the folder


@broken(("io.missing_table", None, (), None))
def no_facilities(draft: Draft) -> None:
    del draft.files[FACILITIES]


@broken(("io.missing_table", None, (), None))
def no_demand(draft: Draft) -> None:
    del draft.files[DEMAND]


@broken(("io.missing_table", None, (), None), ("io.missing_table", None, (), None))
def nothing_but_a_toml(draft: Draft) -> None:
    draft.files = {TOML: draft.files[TOML]}


@broken(("io.misnamed_table", None, (), None))
def a_file_name_with_a_slip(draft: Draft) -> None:
    draft.move(FACILITIES, "facilites.csv")


@broken(("io.two_files", None, (), None))
def two_files_for_one_table(draft: Draft) -> None:
    draft.files["demand.tsv"] = draft.files[DEMAND].replace(b",", b"\t")


@broken(("io.two_files", None, (), None))
def a_table_and_a_grid(draft: Draft) -> None:
    draft.files["population.tif"] = grid_file(np.ones((2, 2)))


@broken(in_file("facilities.shp", "io.unknown_form"))
def a_shapefile(draft: Draft) -> None:
    draft.move(FACILITIES, "facilities.shp")


# ------------------------------------------------------------------ world.toml


@broken(in_file(TOML, "io.bad_toml"))
def toml_without_quotes(draft: Draft) -> None:
    draft.toml("name = Test\n")


@broken(in_file(TOML, "io.unknown_key"))
def toml_with_a_slip(draft: Draft) -> None:
    draft.toml('nmae = "Test"\ncoordinates = "wgs84"\n')


@broken(in_file(TOML, "io.wrong_kind_of_key"))
def toml_with_a_number_for_a_name(draft: Draft) -> None:
    draft.toml('name = 6402\ncoordinates = "wgs84"\n')


@broken(in_file(TOML, "crs.unknown"))
def an_unknown_coordinate_system(draft: Draft) -> None:
    draft.toml('name = "Test"\ncoordinates = "mars2000"\n')


@broken(in_file(TOML, "io.unknown_table"))
def coordinates_of_an_unknown_table(draft: Draft) -> None:
    draft.toml('[coordinates]\nfacilities = "wgs84"\ndemand = "wgs84"\nplaces = "wgs84"\nroads = "wgs84"\n')


@broken(in_file(TOML, "io.crs_distorts"))
def the_world_in_web_mercator(draft: Draft) -> None:
    draft.toml('name = "Test"\ncrs = "EPSG:3857"\ncoordinates = "wgs84"\n')


@broken(in_file(TOML, "io.crs_in_degrees"))
def the_world_in_degrees(draft: Draft) -> None:
    draft.toml('name = "Test"\ncrs = "EPSG:4326"\ncoordinates = "wgs84"\n')


@broken(in_file(TOML, "io.crs_in_degrees"))
def the_world_in_gcj02(draft: Draft) -> None:
    draft.toml('name = "Test"\ncrs = "gcj02"\ncoordinates = "gcj02"\n')


@broken(in_file(TOML, "io.crs_distorts"))
def the_world_in_a_far_zone(draft: Draft) -> None:
    draft.toml('name = "Test"\ncrs = "EPSG:4554"\ncoordinates = "wgs84"\n')


@broken(in_file(TOML, "io.crs_not_metric"))
def the_world_in_feet(draft: Draft) -> None:
    draft.toml('name = "Test"\ncrs = "EPSG:2263"\ncoordinates = "wgs84"\n')


@broken(in_file(TOML, "io.unknown_kind"))
def a_kind_of_column_that_is_none(draft: Draft) -> None:
    draft.toml('coordinates = "wgs84"\n[types.demand]\nremark = "words"\n')


@broken(in_file(TOML, "io.bad_bytes"))
def toml_with_a_false_mark(draft: Draft) -> None:
    draft.files[TOML] = b'\xef\xbb\xbfname = "\xca\xd2"\n'


@broken(in_file(TOML, "io.coordinates_undeclared"))
def coordinates_not_declared_in_china(draft: Draft) -> None:
    draft.toml('name = "Test"\n')


# ------------------------------------------------------------------ files and encodings


@broken(in_file(DEMAND, "io.empty_file"))
def a_file_of_no_bytes(draft: Draft) -> None:
    draft.files[DEMAND] = b""


@broken(in_file(DEMAND, "io.empty_file"))
def a_file_of_blank_lines(draft: Draft) -> None:
    draft.files[DEMAND] = b"\r\n\r\n"


@broken(in_file(DEMAND, "table.empty"))
def a_table_of_headings_only(draft: Draft) -> None:
    draft.put(DEMAND, draft.rows(DEMAND)[:1])


@broken(in_file(PLACES, "table.empty"))
def an_optional_table_of_headings_only(draft: Draft) -> None:
    draft.put(PLACES, draft.rows(PLACES)[:1])
    for name in (FACILITIES, DEMAND):
        draft.drop(name, "place_id")


@broken(in_file(FACILITIES, "io.big5"))
def a_big5_file(draft: Draft) -> None:
    text = "編號,名稱,級別,經度,緯度\nF1,臺北市立圖書館總館,central,106.37,39.01\n"
    draft.files[FACILITIES] = text.encode("big5")


@broken(in_file(FACILITIES, "io.unknown_encoding"))
def a_latin_1_file(draft: Draft) -> None:
    draft.files[FACILITIES] = "facility_id,name,level,lon,lat\nF1,Café,central,106.37,39.01\n".encode(
        "latin-1"
    )


@broken(in_file(FACILITIES, "io.broken_utf8"))
def a_file_cut_off(draft: Draft) -> None:
    data = draft.files[FACILITIES]
    draft.files[FACILITIES] = data[: data.index("服务点".encode()) + 4]


@broken(in_file(FACILITIES, "io.not_text"))
def utf_16_without_its_mark(draft: Draft) -> None:
    draft.files[FACILITIES] = draft.files[FACILITIES].decode().encode("utf-16-le")


@broken(in_file(FACILITIES, "io.other_form"))
def a_workbook_called_csv(draft: Draft) -> None:
    draft.files[FACILITIES] = workbook([["facility_id"]])


@broken(in_file("facilities.xlsx", "io.other_form"))
def an_old_workbook_called_xlsx(draft: Draft) -> None:
    del draft.files[FACILITIES]
    draft.files["facilities.xlsx"] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@broken(in_file("facilities.xlsx", "io.unreadable"))
def a_csv_called_xlsx(draft: Draft) -> None:
    draft.move(FACILITIES, "facilities.xlsx")


@broken(in_file("facilities.xlsx", "io.empty_file"))
def an_empty_workbook(draft: Draft) -> None:
    del draft.files[FACILITIES]
    draft.files["facilities.xlsx"] = workbook([])


@broken(in_file("demand.geojson", "io.bad_json"))
def geojson_cut_off(draft: Draft) -> None:
    text = draft.frame(DEMAND).to_json()
    del draft.files[DEMAND]
    draft.files["demand.geojson"] = text[: len(text) // 2].encode()


@broken(in_file("demand.geojson", "io.not_geojson"))
def json_that_is_no_map(draft: Draft) -> None:
    del draft.files[DEMAND]
    draft.files["demand.geojson"] = b'[{"demand_id": "D1", "persons": 5}]'


@broken(in_file("demand.gpkg", "io.unreadable"))
def a_text_called_gpkg(draft: Draft) -> None:
    draft.move(DEMAND, "demand.gpkg")


@broken(in_file("demand.parquet", "io.unreadable"))
def parquet_cut_off(draft: Draft) -> None:
    buffer = BytesIO()
    draft.frame(DEMAND).to_parquet(buffer)
    del draft.files[DEMAND]
    draft.files["demand.parquet"] = buffer.getvalue()[:-40]


@broken(in_file("population.tif", "io.unreadable"))
def a_broken_grid(draft: Draft) -> None:
    del draft.files[DEMAND]
    draft.files["population.tif"] = b"II*\x00" + bytes(40)


@broken(in_file("population.tif", "io.not_georeferenced"))
def a_grid_that_is_nowhere(draft: Draft) -> None:
    del draft.files[DEMAND]
    draft.files["population.tif"] = grid_file(np.ones((2, 2)), transform=None)


@broken(in_file("population.tif", "table.empty"))
def a_grid_without_people(draft: Draft) -> None:
    del draft.files[DEMAND]
    draft.files["population.tif"] = grid_file(np.array([[0.0, -99999.0], [np.nan, 0.0]]))


@broken(in_file("demand.gpkg", "io.many_layers"))
def a_geopackage_of_several_layers(draft: Draft) -> None:
    draft.files["demand.gpkg"] = geopackage({"now": draft.frame(DEMAND), "then": draft.frame(DEMAND)})
    del draft.files[DEMAND]
