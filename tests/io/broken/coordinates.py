"""What can be wrong with where things are."""
# ruff: noqa: D103 - the name of a case says what is done to the folder

from __future__ import annotations

import json

from tests.io.broken.draft import (
    DEMAND,
    FACILITIES,
    PLACES,
    TOML,
    Draft,
    broken,
    geojson,
    geopackage,
    in_file,
    in_plane,
    to_england,
    workbook,
)

# ------------------------------------------------------------------ coordinates


@broken(in_file(DEMAND, "table.bad_number", 2, column="lon"))
def a_longitude_in_words(draft: Draft) -> None:
    draft.set(DEMAND, 2, "lon", "东门")


@broken(in_file(DEMAND, "io.degrees_minutes", 2, column="lon"))
def degrees_and_minutes(draft: Draft) -> None:
    draft.set(DEMAND, 2, "lon", "106°23′24″")


@broken(in_file(FACILITIES, "table.missing_geometry", 5, column="lon"))
def no_point(draft: Draft) -> None:
    draft.set(FACILITIES, 5, "lon", "")
    draft.set(FACILITIES, 5, "lat", "")


@broken(in_file(FACILITIES, "io.half_point", 5, column="lat"))
def half_a_point(draft: Draft) -> None:
    draft.set(FACILITIES, 5, "lat", "")


@broken(in_file(FACILITIES, "io.zero_coordinates", 3, column="lon, lat"))
def a_point_at_zero(draft: Draft) -> None:
    draft.set(FACILITIES, 3, "lon", "0")
    draft.set(FACILITIES, 3, "lat", "0")


@broken(in_file(DEMAND, "io.swapped", 2, 3, 4, 5, column="经度, 纬度"))
def headings_exchanged(draft: Draft) -> None:
    draft.rename(DEMAND, "lon", "纬度")
    draft.rename(DEMAND, "lat", "经度")


@broken(in_file(DEMAND, "io.swapped", 4, column="lon, lat"))
def one_row_exchanged(draft: Draft) -> None:
    draft.set(DEMAND, 4, "lon", "38.9712")
    draft.set(DEMAND, 4, "lat", "106.4460")


@broken(in_file(DEMAND, "io.swapped", 2, 3, 4, 5, column="lon, lat"))
def exchanged_west_of_ninety_degrees(draft: Draft) -> None:
    """Urumqi lies at 87.6 E, which could be a latitude."""
    for name, column, base in ((FACILITIES, "lon", 87.6), (PLACES, "lon", 87.6), (DEMAND, "lat", 87.6)):
        draft.column(name, column, lambda value, base=base: f"{base + float(value) % 0.1:.4f}")
    for name, column in ((FACILITIES, "lat"), (PLACES, "lat"), (DEMAND, "lon")):
        draft.column(name, column, lambda value: f"{43.8 + float(value) % 0.1:.4f}")


@broken(in_file(FACILITIES, "io.one_is_swapped", column="lon, lat"))
def exchanged_in_england(draft: Draft) -> None:
    """Either table could be the one."""
    to_england(draft)
    rows = draft.rows(DEMAND)
    for row in rows[1:]:
        row[-2:] = row[:-3:-1]
    draft.put(DEMAND, rows)


@broken(in_file(FACILITIES, "io.swapped", 2, 3, 4, 5, column="lon, lat"),
        in_file(DEMAND, "io.swapped", 2, 3, 4, 5, column="lon, lat"))  # fmt: skip
def all_exchanged_where_the_system_says_england(draft: Draft) -> None:
    to_england(draft)
    draft.toml('name = "Test"\ncrs = "EPSG:27700"\ncoordinates = "wgs84"\n')
    for name in (FACILITIES, DEMAND):
        rows = draft.rows(name)
        for row in rows[1:]:
            row[-2:] = row[:-3:-1]
        draft.put(name, rows)


@broken(in_file(DEMAND, "io.outside", 5, column="lon, lat"))
def a_longitude_above_180(draft: Draft) -> None:
    draft.set(DEMAND, 5, "lon", "1062.871")


@broken(in_file(FACILITIES, "io.looks_like_metres", 2, 3, 4, 5, column="lon, lat"))
def metres_declared_as_degrees(draft: Draft) -> None:
    in_plane(draft, FACILITIES, "EPSG:4544", names=("lon", "lat"))


@broken(in_file(FACILITIES, "io.looks_like_degrees", 2, 3, 4, 5, column="lon, lat"))
def degrees_declared_as_metres(draft: Draft) -> None:
    draft.toml('[coordinates]\nfacilities = "EPSG:4544"\ndemand = "wgs84"\nplaces = "wgs84"\n')


@broken(in_file(FACILITIES, "io.other_zone", 2, 3, 4, 5, column="x, y"))
def eastings_with_a_zone_number(draft: Draft) -> None:
    in_plane(draft, FACILITIES, "EPSG:4523")
    draft.toml('[coordinates]\nfacilities = "EPSG:4544"\ndemand = "wgs84"\nplaces = "wgs84"\n')


@broken(in_file(FACILITIES, "io.swapped", 2, 3, 4, 5, column="x, y"))
def x_to_the_north(draft: Draft) -> None:
    """Chinese surveyors call the northing X."""
    in_plane(draft, FACILITIES, "EPSG:4544", names=("y", "x"))
    draft.toml('[coordinates]\nfacilities = "EPSG:4544"\ndemand = "wgs84"\nplaces = "wgs84"\n')


@broken(in_file(FACILITIES, "io.far_apart"))
def the_neighbouring_zone(draft: Draft) -> None:
    """Nothing in the numbers tells 105 E from 108 E; the other tables do."""
    in_plane(draft, FACILITIES, "EPSG:4544")
    draft.toml('[coordinates]\nfacilities = "EPSG:4545"\ndemand = "wgs84"\nplaces = "wgs84"\n')


@broken(in_file(FACILITIES, "io.web_mercator"))
def a_table_declared_web_mercator(draft: Draft) -> None:
    in_plane(draft, FACILITIES, "EPSG:3857")
    draft.toml('[coordinates]\nfacilities = "EPSG:3857"\ndemand = "wgs84"\nplaces = "wgs84"\n')


@broken(in_file("facilities.gpkg", "io.web_mercator"))
def a_geopackage_in_web_mercator(draft: Draft) -> None:
    draft.files["facilities.gpkg"] = geopackage({"facilities": draft.frame(FACILITIES, "EPSG:3857")})
    del draft.files[FACILITIES]


@broken(in_file("facilities.gpkg", "io.declared_differs"))
def a_geopackage_in_another_system_than_declared(draft: Draft) -> None:
    draft.files["facilities.gpkg"] = geopackage({"facilities": draft.frame(FACILITIES, "EPSG:4544")})
    del draft.files[FACILITIES]
    draft.toml('[coordinates]\nfacilities = "EPSG:4545"\ndemand = "wgs84"\nplaces = "wgs84"\n')


@broken(in_file(FACILITIES, "io.columns_say_otherwise", column="gcj02_lon"))
def columns_named_for_another_system(draft: Draft) -> None:
    draft.rename(FACILITIES, "lon", "gcj02_lon")
    draft.rename(FACILITIES, "lat", "gcj02_lat")


@broken(in_file(FACILITIES, "io.outside", 2, 3, 4, 5, column="lon, lat"),
        in_file(DEMAND, "io.outside", 2, 3, 4, 5, column="lon, lat"))  # fmt: skip
def england_declared_as_gcj02(draft: Draft) -> None:
    to_england(draft)
    draft.toml('coordinates = "gcj02"\n')


@broken(in_file(DEMAND, "io.far_away", 3, column="lon, lat"))
def one_point_in_another_province(draft: Draft) -> None:
    draft.set(DEMAND, 3, "lon", "116.3929")


@broken(in_file(FACILITIES, "io.far_apart"))
def facilities_of_another_city(draft: Draft) -> None:
    draft.column(FACILITIES, "lat", lambda value: f"{float(value) - 2:.4f}")


@broken(in_file("places.csv", "io.bad_geometry", 3, column="geometry"))
def well_known_text_cut_off(draft: Draft) -> None:
    draft.drop(PLACES, "lat")
    draft.rename(PLACES, "lon", "geometry")
    draft.column(PLACES, "geometry", lambda value: "POINT (106.39 39.01)")
    draft.set(PLACES, 3, "geometry", "POLYGON ((106.39 39.01")


@broken(in_file(PLACES, "io.endless_geometry", 3, column="geometry"))
def a_coordinate_without_end(draft: Draft) -> None:
    draft.drop(PLACES, "lat")
    draft.rename(PLACES, "lon", "geometry")
    draft.column(PLACES, "geometry", lambda value: "POINT (106.39 39.01)")
    draft.set(PLACES, 3, "geometry", "POINT (106.39 1e999)")


@broken(in_file("facilities.geojson", "io.endless_geometry", 2))
def geojson_with_a_coordinate_that_is_no_number(draft: Draft) -> None:
    content = json.loads(draft.frame(FACILITIES).to_json())
    content["features"][1]["geometry"]["coordinates"][0] = float("nan")
    draft.files["facilities.geojson"] = json.dumps(content).encode()
    del draft.files[FACILITIES]


@broken(in_file(DEMAND, "io.bad_pair", 4, column="location"))
def half_a_pair(draft: Draft) -> None:
    rows = [[*row[:-2], f'"{row[-2]},{row[-1]}"'] for row in draft.rows(DEMAND)]
    rows[0][-1] = "location"
    rows[3][-1] = "106.4460"
    draft.put(DEMAND, rows)


@broken(in_file("places.geojson", "table.invalid_polygon", 1))
def a_polygon_that_crosses_itself(draft: Draft) -> None:
    ring = [[106.3, 39.0], [106.4, 39.1], [106.4, 39.0], [106.3, 39.1], [106.3, 39.0]]
    draft.files["places.geojson"] = geojson("Polygon", [ring])
    del draft.files[PLACES]
    for name in (FACILITIES, DEMAND):
        draft.drop(name, "place_id")


@broken(in_file("places.geojson", "table.not_a_place_shape", 1))
def a_place_drawn_as_a_line(draft: Draft) -> None:
    draft.files["places.geojson"] = geojson("LineString", [[106.3, 39.0], [106.4, 39.1]])
    del draft.files[PLACES]
    for name in (FACILITIES, DEMAND):
        draft.drop(name, "place_id")


@broken(in_file("facilities.geojson", "table.not_a_point", 2))
def a_facility_drawn_as_a_polygon(draft: Draft) -> None:
    frame = draft.frame(FACILITIES)
    frame.loc[1, "geometry"] = frame.geometry[1].buffer(0.001)
    draft.files["facilities.geojson"] = frame.to_json().encode()
    del draft.files[FACILITIES]


@broken(in_file("facilities.geojson", "io.bad_geometry", 3))
def geojson_with_a_geometry_that_is_none(draft: Draft) -> None:
    content = json.loads(draft.frame(FACILITIES).to_json())
    content["features"][2]["geometry"] = {"type": "Point", "coordinates": ["east", "north"]}
    draft.files["facilities.geojson"] = json.dumps(content).encode()
    del draft.files[FACILITIES]


@broken(in_file("facilities.xlsx", "io.error_cell", 4, column="藏书量"))
def a_formula_that_failed(draft: Draft) -> None:
    rows = draft.rows(FACILITIES)
    rows[0][rows[0].index("volumes")] = "藏书量"
    rows[3][rows[0].index("藏书量")] = "#REF!"
    draft.files["facilities.xlsx"] = workbook(rows)
    del draft.files[FACILITIES]


@broken(in_file("facilities.xlsx", "table.bad_number", 6, column="藏书量（万册）"))
def a_workbook_with_a_title_and_a_slip(draft: Draft) -> None:
    rows = draft.rows(FACILITIES)
    rows[0][rows[0].index("volumes")] = "藏书量（万册）"
    rows[3][rows[0].index("藏书量（万册）")] = "若干"
    draft.files["facilities.xlsx"] = workbook([["石嘴山市公共图书馆一览表"], ["2024年"], *rows])
    del draft.files[FACILITIES]


@broken(
    in_file(TOML, "io.unknown_key"),
    in_file(FACILITIES, "io.zero_coordinates", 2, column="lon, lat"),
    in_file(DEMAND, "io.ragged_row", 3),
    in_file(FACILITIES, "world.unknown_parent", 5, column="parent_id"),
    in_file(DEMAND, "table.negative", 4, column="persons"),
    in_file(PLACES, "table.unknown_word", 2, column="place_level"),
    in_file(DEMAND, "world.unknown_place", 2, column="place_id"),
)
def something_in_every_file(draft: Draft) -> None:
    """One error lists all of it."""
    draft.toml('title = "Test"\ncoordinates = "wgs84"\n')
    draft.set(FACILITIES, 2, "lon", "0")
    draft.set(FACILITIES, 2, "lat", "0")
    draft.set(FACILITIES, 5, "parent_id", "F33")
    draft.set(DEMAND, 4, "persons", "-850")
    draft.set(DEMAND, 2, "place_id", "x")
    draft.replace(DEMAND, "6118", "6,118")
    draft.set(PLACES, 2, "place_level", "megacity")
