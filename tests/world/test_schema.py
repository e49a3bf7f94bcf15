"""The schema as data: what a column is, how it is written, and every fault of a table that breaks it."""

from __future__ import annotations

import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from cultureplan.base.checks import FaultList, Origin
from cultureplan.world.levels import kinds_with, read_data_table, vocabulary, word
from cultureplan.world.schema import (
    clean_text,
    columns,
    group_columns,
    known_columns,
    spellings,
    validate_columns,
)

TABLES = ("facilities", "demand", "places")
KINDS = {"id", "text", "level", "kind", "status", "settlement", "place_level", "number", "group", "codes"}


def checked(table: str, **values: list) -> tuple[gpd.GeoDataFrame, list[str]]:
    """The table as it is read, and the codes of its faults."""
    n = len(next(iter(values.values())))
    frame = gpd.GeoDataFrame(values, geometry=gpd.points_from_xy(range(n), range(n)))
    faults = FaultList()
    return validate_columns(frame, table, origin=Origin(table=table), faults=faults), [f.code for f in faults]


@pytest.mark.parametrize("table", TABLES)
def test_the_schema_is_well_formed(table: str):
    """Known kinds, both descriptions, an id first, defaults and limits that make sense."""
    first, *_ = columns(table).values()
    assert first.kind == "id"
    assert first.required
    for column in columns(table).values():
        assert column.kind in KINDS
        assert column.en
        assert column.zh
        assert column.minimum <= column.maximum
        assert not (column.required and column.default)


@pytest.mark.parametrize("table", TABLES)
def test_a_spelling_means_one_column(table: str):
    """No alias is used twice within a table."""
    rows = [(name.lower(), c.name) for c in columns(table).values() for name in {c.name, *c.aliases}]
    assert len({name for name, _ in rows}) == len(rows)
    assert spellings(table)["名称"] == "name"


@pytest.mark.parametrize("kind", ["level", "status", "settlement", "place_level", "kind"])
def test_every_word_of_a_vocabulary_is_understood_and_shown(kind: str):
    """Stored value, English, Chinese and aliases lead to the stored value; both names lead from it."""
    words = vocabulary(kind)
    for value in set(words.values()):
        assert words[value] == value
        for lang in ("en", "zh"):
            assert words[word(kind, value, lang).lower()] == value
    assert word(kind, "never heard of", "zh") == "never heard of"


def test_flags_of_facility_kinds():
    """The kinds that the published rules speak of."""
    assert {"library", "culture_centre", "culture_station"} <= set(kinds_with("required_venue"))
    assert "book_house" in kinds_with("free_space")
    assert kinds_with("mobile") == ("mobile_stop",)
    assert set(read_data_table("facility_kinds.csv")["core"]) == {"yes", "no"}


def test_chinese_columns_are_known_by_our_names():
    """Ours goes first where both are there; one we do not know is left out."""
    frame = pd.DataFrame(columns=["编号", "人口", "备注", "persons"])
    assert known_columns(frame, "demand") == {"编号": "demand_id"}


@pytest.mark.parametrize(
    ("value", "text"),
    [("  F1 ", "F1"), (640202, "640202"), (640202.0, "640202"), ("0102", "0102"), (1.5, "1.5"), ("", None),
     ("  ", None), (None, None), (np.nan, None), (pd.NA, None), ("640202.0", "640202.0")],
)  # fmt: skip
def test_text_is_cleaned(value: object, text: str | None):
    """Stripped; whole numbers without a point; nothing is missing."""
    for values in (pd.Series([value], dtype=object), pd.Series([value, None], dtype=object)):
        cleaned = clean_text(values).iloc[0]
        assert cleaned == text if text is not None else pd.isna(cleaned)


@given(st.lists(st.text(), min_size=1))
def test_cleaning_twice_changes_nothing(values: list[str]):
    """And any text at all survives it but for its blanks."""
    once = clean_text(pd.Series(values, dtype=object))
    assert once.equals(clean_text(once))
    assert once.fillna("").tolist() == [value.strip() for value in values]


def test_defaults_fill_what_is_missing():
    """Whole columns and single cells."""
    frame, codes = checked(
        "facilities", facility_id=["a", "b"], name=["x", "y"], level=["总馆", "Branch"], kind=["", "美术馆"]
    )
    assert codes == []
    assert frame["status"].tolist() == ["existing"] * 2
    assert frame["kind"].tolist() == ["library", "gallery"]
    assert frame["level"].tolist() == ["head", "branch"]


def test_a_kind_we_do_not_know_is_kept():
    """The list of kinds is open, the list of levels is not."""
    frame, codes = checked("facilities", facility_id=["a"], name=["x"], level=["分馆"], kind=["咖啡馆"])
    assert frame["kind"].tolist() == ["咖啡馆"]
    assert codes == []
    assert checked("facilities", facility_id=["a"], name=["x"], level=["咖啡馆"])[1] == ["table.unknown_word"]


@pytest.mark.parametrize(
    ("persons", "code"),
    [
        ("many", "table.bad_number"),
        ("nan", "table.bad_number"),
        (-1, "table.negative"),
        (np.inf, "table.infinite"),
        (-np.inf, "table.infinite"),
        (np.nan, "table.missing_value"),
        (None, "table.missing_value"),
        ("", "table.missing_value"),
    ],
)
def test_a_bad_number_of_persons(persons: object, code: str):
    """Each is told apart."""
    assert checked("demand", demand_id=["a", "b"], persons=pd.Series([1, persons], dtype=object))[1] == [code]


def test_groups_are_part_of_the_persons():
    """Any column ending in _persons is one; missing means none of them."""
    frame, codes = checked(
        "demand",
        demand_id=["a", "b"],
        persons=[10, 5],
        minors_persons=[3, None],
        left_behind_persons=["2", "1"],
    )
    assert codes == []
    assert frame["minors_persons"].tolist() == [3, 0]
    assert frame["left_behind_persons"].tolist() == [2, 1]
    assert group_columns(frame) == ("minors_persons", "left_behind_persons")
    assert checked("demand", demand_id=["a"], persons=[5], older_persons=[6])[1] == [
        "table.group_above_persons"
    ]


def test_every_fault_of_a_table_is_noted_at_once():
    """Nothing stops at the first."""
    _, codes = checked(
        "facilities", facility_id=["a", "a", ""], level=["head", "x", "branch"], volumes=[-1, "?", 5]
    )
    assert sorted(codes) == [
        "table.bad_number",
        "table.duplicate_id",
        "table.missing_column",
        "table.missing_value",
        "table.negative",
        "table.unknown_word",
    ]


def test_nothing_the_caller_gave_is_changed():
    """The frame is as it was."""
    frame = gpd.GeoDataFrame({"demand_id": [" a "], "persons": ["5"]}, geometry=gpd.points_from_xy([0], [0]))
    before = frame.copy()
    validate_columns(frame, "demand", origin=Origin(table="demand"), faults=FaultList())
    pd.testing.assert_frame_equal(frame, before)
