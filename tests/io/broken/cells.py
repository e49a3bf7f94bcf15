"""What can be wrong with rows, columns and the values in them."""
# ruff: noqa: D103 - the name of a case says what is done to the folder

from __future__ import annotations

from tests.io.broken.draft import (
    DEMAND,
    FACILITIES,
    PLACES,
    Draft,
    broken,
    in_file,
)

# ------------------------------------------------------------------ rows and columns


@broken(in_file(DEMAND, "io.ragged_row", 3))
def a_comma_too_many(draft: Draft) -> None:
    draft.replace(DEMAND, "6118,urban", "6,118,urban")


@broken(in_file(DEMAND, "io.ragged_row", 4))
def a_row_cut_short(draft: Draft) -> None:
    draft.replace(DEMAND, ",90,106.4460,38.9712", ",90,106.4460")


@broken(in_file(FACILITIES, "io.ragged_row", 3))
def a_quotation_mark_not_closed(draft: Draft) -> None:
    draft.replace(FACILITIES, "F2,区图书馆", 'F2,"区图书馆')
    draft.drop(PLACES, "lon", "lat")


@broken(in_file(DEMAND, "io.duplicate_column", column="persons"))
def the_same_heading_twice(draft: Draft) -> None:
    draft.rename(DEMAND, "minors_persons", "persons")


@broken(in_file(DEMAND, "table.missing_column"))
def no_persons(draft: Draft) -> None:
    draft.drop(DEMAND, "persons", "minors_persons")


@broken(in_file(FACILITIES, "table.missing_column"), in_file(FACILITIES, "table.missing_column"))
def neither_id_nor_name(draft: Draft) -> None:
    draft.drop(FACILITIES, "facility_id", "name")


@broken(in_file(FACILITIES, "table.missing_column"))
def a_unit_that_nobody_knows(draft: Draft) -> None:
    draft.drop(FACILITIES, "level")


@broken(in_file(DEMAND, "table.missing_column"))
def persons_in_a_unit_we_do_not_know(draft: Draft) -> None:
    draft.rename(DEMAND, "persons", "人口（百户）")
    draft.drop(DEMAND, "minors_persons")


@broken(in_file(DEMAND, "io.no_coordinates"))
def no_coordinates(draft: Draft) -> None:
    draft.drop(DEMAND, "lon", "lat")


@broken(in_file(DEMAND, "io.no_coordinates"))
def longitude_without_latitude(draft: Draft) -> None:
    draft.drop(DEMAND, "lat")


@broken(in_file(DEMAND, "table.bad_number", 3, column="persons"))
def persons_in_words(draft: Draft) -> None:
    draft.set(DEMAND, 3, "persons", "约六千")


@broken(in_file(DEMAND, "table.bad_number", 3, column="人口（万人）"))
def persons_in_words_under_a_chinese_heading(draft: Draft) -> None:
    draft.rename(DEMAND, "persons", "人口（万人）")
    draft.set(DEMAND, 3, "人口（万人）", "0.6万")


@broken(in_file(DEMAND, "table.negative", 4, column="persons"))
def negative_persons(draft: Draft) -> None:
    draft.set(DEMAND, 4, "persons", "-5")
    draft.set(DEMAND, 4, "minors_persons", "")


@broken(in_file(DEMAND, "table.bad_number", 2, column="persons"))
def persons_nan(draft: Draft) -> None:
    draft.set(DEMAND, 2, "persons", "NaN")


@broken(in_file(DEMAND, "table.missing_value", 2, 5, column="persons"))
def persons_missing(draft: Draft) -> None:
    draft.set(DEMAND, 2, "persons", "")
    draft.set(DEMAND, 5, "persons", " ")


@broken(in_file(DEMAND, "table.infinite", 2, column="persons"))
def persons_infinite(draft: Draft) -> None:
    draft.set(DEMAND, 2, "persons", "inf")


@broken(in_file(DEMAND, "table.group_above_persons", 5, column="minors_persons"))
def more_minors_than_people(draft: Draft) -> None:
    draft.set(DEMAND, 5, "minors_persons", "121")


@broken(in_file(FACILITIES, "table.negative", 5, column="volumes"))
def negative_volumes(draft: Draft) -> None:
    draft.set(FACILITIES, 5, "volumes", "-1")


@broken(in_file(FACILITIES, "table.duplicate_id", 3, 5, column="facility_id"))
def an_id_twice(draft: Draft) -> None:
    draft.set(FACILITIES, 5, "facility_id", "F2")
    draft.drop(FACILITIES, "parent_id")


@broken(in_file(DEMAND, "table.missing_value", 3, column="demand_id"))
def an_id_missing(draft: Draft) -> None:
    draft.set(DEMAND, 3, "demand_id", "")


@broken(in_file(FACILITIES, "table.unknown_word", 4, column="级别"))
def an_unknown_level(draft: Draft) -> None:
    draft.rename(FACILITIES, "level", "级别")
    draft.set(FACILITIES, 4, "级别", "支馆")


@broken(in_file(DEMAND, "table.unknown_word", 4, column="settlement"))
def an_unknown_settlement(draft: Draft) -> None:
    draft.set(DEMAND, 4, "settlement", "suburb")


@broken(in_file(FACILITIES, "table.bad_opening_hours", 2, 4, column="opening_hours"))
def opening_hours_in_words(draft: Draft) -> None:
    draft.set(FACILITIES, 2, "opening_hours", "周二至周日9点到21点")
    draft.set(FACILITIES, 4, "opening_hours", "周二至周日9点到21点")


@broken(in_file(FACILITIES, "world.unknown_parent", 4, column="parent_id"))
def an_unknown_parent(draft: Draft) -> None:
    draft.set(FACILITIES, 4, "parent_id", "F9")


@broken(in_file(PLACES, "world.unknown_parent", 3, column="parent_id"))
def an_unknown_parent_of_a_place(draft: Draft) -> None:
    draft.set(PLACES, 3, "parent_id", "64")


@broken(in_file(FACILITIES, "world.cycle", 2, 3, 4, column="parent_id"))
def parents_in_a_circle(draft: Draft) -> None:
    draft.set(FACILITIES, 2, "parent_id", "F3")


@broken(in_file(FACILITIES, "world.cycle", 2, column="parent_id"))
def a_parent_of_itself(draft: Draft) -> None:
    draft.set(FACILITIES, 2, "parent_id", "F1")


@broken(in_file(FACILITIES, "world.rank_not_falling", 3, column="parent_id"))
def a_head_below_a_branch(draft: Draft) -> None:
    draft.set(FACILITIES, 3, "level", "branch")
    draft.set(FACILITIES, 4, "level", "head")
    draft.set(FACILITIES, 3, "parent_id", "F4")
    draft.set(FACILITIES, 4, "parent_id", "F1")
    draft.set(FACILITIES, 5, "parent_id", "")
    draft.set(FACILITIES, 5, "level", "branch")


@broken(in_file(PLACES, "world.rank_not_falling", 4, column="parent_id"))
def a_county_in_a_county(draft: Draft) -> None:
    draft.set(PLACES, 4, "place_level", "county")


@broken(in_file(DEMAND, "world.unknown_place", 3, column="place_id"))
def an_unknown_place(draft: Draft) -> None:
    draft.set(DEMAND, 3, "place_id", "640203")


@broken(in_file(FACILITIES, "world.unknown_place", 2, 3, 4, 5, column="place_id"))
def places_of_another_city(draft: Draft) -> None:
    draft.column(FACILITIES, "place_id", lambda code: "15" + code[2:])
