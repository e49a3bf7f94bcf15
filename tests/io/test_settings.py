"""``world.toml``: read whatever is said, say whatever is not understood, write what reads back."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from cultureplan.base.checks import FaultList
from cultureplan.io.settings import build_settings_text, read_settings

texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=20)
values = st.recursive(
    texts | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def read(folder: Path, text: str):
    """What a page says, and the codes of its faults."""
    (folder / "world.toml").write_text(text, encoding="utf-8")
    faults = FaultList()
    return read_settings(folder, faults=faults), [fault.code for fault in faults]


@given(name=texts.filter(str.strip), remarks=st.dictionaries(texts, values, max_size=4))
def test_what_is_written_reads_back(tmp_path_factory: pytest.TempPathFactory, name: str, remarks: dict):
    """Any text, number, list and table, quotes, line ends and all."""
    text = build_settings_text(
        name=name,
        crs="EPSG:4544",
        coordinates="wgs84",
        types={"demand": {"备注": "text"}},
        notes={"more": remarks},
    )
    page = tomllib.loads(text)
    assert page["name"] == name
    assert page.get("notes", {}).get("more", {}) == remarks
    settings, codes = read(tmp_path_factory.mktemp("w"), text)
    assert codes == []
    assert settings.name == name.strip()
    assert settings.crs.to_epsg() == 4544
    assert settings.types == {"demand": {"备注": "text"}}


def test_what_toml_has_no_word_for_becomes_text_or_is_left_out():
    """Dates stay, numpy's numbers become plain, paths and such their text."""
    notes = {
        "day": dt.date(2024, 5, 1),
        "n": np.float64(2.5),
        "path": Path("a/b"),
        "nothing": None,
        "pair": (1, None, 2),
    }
    text = build_settings_text(name="w", crs="EPSG:4544", coordinates="wgs84", types={}, notes=notes)
    assert tomllib.loads(text)["notes"] == {
        "day": dt.date(2024, 5, 1),
        "n": 2.5,
        "path": "a/b",
        "pair": [1, 2],
    }


def test_without_a_page_the_folder_names_the_world(tmp_path: Path):
    """And nothing is declared."""
    faults = FaultList()
    (tmp_path / "石嘴山").mkdir()
    settings = read_settings(tmp_path / "石嘴山", faults=faults)
    assert (settings.name, settings.crs, dict(settings.coordinates), len(faults)) == ("石嘴山", None, {}, 0)


def test_a_system_may_be_declared_for_each_table(tmp_path: Path):
    """Facilities from Amap, people from a census."""
    settings, codes = read(tmp_path, '[coordinates]\nfacilities = "gcj02"\ndemand = "cgcs2000"\n')
    assert codes == []
    assert {table: system.name for table, system in settings.coordinates.items()} == {
        "facilities": "gcj02",
        "demand": "cgcs2000",
    }


def test_a_system_unknown_for_all_tables_is_one_fault(tmp_path: Path):
    """It was written once."""
    assert read(tmp_path, 'coordinates = "gps84"\n')[1] == ["crs.unknown"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("name = 5", "io.wrong_kind_of_key"),
        ("name = true", "io.wrong_kind_of_key"),
        ('sources = "all"', "io.wrong_kind_of_key"),
        ('nam = "x"', "io.unknown_key"),
        ('crs = "EPSG:1"', "crs.unknown"),
        ('crs = "cgcs2000"', "io.crs_in_degrees"),
        ('[types]\ndemand = "text"', "io.unknown_table"),
        ('[types.roads]\na = "text"', "io.unknown_table"),
        ('[types.demand]\na = "string"', "io.unknown_kind"),
        ("name = ", "io.bad_toml"),
    ],
)
def test_what_is_not_understood_is_said(tmp_path: Path, text: str, code: str):
    """One fault each, and the rest is read."""
    settings, codes = read(tmp_path, text)
    assert codes == [code]
    assert settings.is_readable == (code != "io.bad_toml")


def test_notes_are_gathered(tmp_path: Path):
    """Those with a key of their own and the free ones, a Windows file as well as any."""
    text = 'name_zh = "世界"\r\nsources = [{what = "x"}]\r\n[columns.demand]\r\n[notes]\r\nauthor = "y"\r\n'
    (tmp_path / "world.toml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    settings = read_settings(tmp_path, faults=FaultList())
    assert settings.notes == {
        "name_zh": "世界",
        "sources": [{"what": "x"}],
        "columns": {"demand": {}},
        "author": "y",
    }
