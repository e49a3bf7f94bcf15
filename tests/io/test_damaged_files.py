"""Damage of any kind ends in faults with both wordings, never in another library's error or a wrong world."""

from __future__ import annotations

import shutil
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from cultureplan.io.folder import check_world, read_world, write_world
from cultureplan.io.writing import TABLE_FORMATS
from tests.io.broken.draft import Draft

CELLS = (
    *("", "0", "-1", "1e400", "nan", "inf", "106.3", "39", "180", "91", "1e308", "１２", "106°", "a,b"),
    *("F1", "head", "总馆", "lon", "y", "geometry", "id", "人口（万人）", "=1+1", "#REF!"),
    *("'", '"', ";", "\t", "\x00", "\u2028", "POINT (1 2)", "POINT EMPTY", "POINT (1 1e999)"),
)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The good world in every form."""
    folder = tmp_path_factory.mktemp("good")
    Draft().save(folder / "draft")
    world = read_world(folder / "draft")
    for table_format in TABLE_FORMATS:
        write_world(world, folder / table_format, table_format=table_format)
    return folder


def copy_of(good: Path, form: str, to: Path) -> list[Path]:
    """Copy a world; return its files."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(good / form, to)
    return sorted(to.iterdir())


def check(folder: Path) -> None:
    """Either it is a world, which can be written again, or its faults can be worded."""
    faults = check_world(folder)
    for fault in faults:
        assert fault.render("en") != fault.render("zh")
    if not faults:
        write_world(read_world(folder), folder.with_name("again"))


@settings(max_examples=40)
@given(data=st.data(), form=st.sampled_from(TABLE_FORMATS))
def test_damaged_bytes(good: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, form: str):
    """Bytes changed, lost and put in, in any file of any form."""
    folder = tmp_path_factory.mktemp("damaged") / "world"
    file = data.draw(st.sampled_from(copy_of(good, form, folder)))
    content = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(content) - 1, 0)))
        lost = data.draw(st.sampled_from([0, 1, 1, 20, 200]))
        content[at : at + lost] = data.draw(st.binary(max_size=3))
    file.write_bytes(bytes(content))
    check(folder)


@settings(max_examples=60)
@given(data=st.data())
def test_damaged_cells(good: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    """Cells changed, lost, put in and rows doubled, in the tables of a CSV world."""
    folder = tmp_path_factory.mktemp("damaged") / "world"
    files = [file for file in copy_of(good, "csv", folder) if file.suffix == ".csv"]
    file = data.draw(st.sampled_from(files))
    rows = [line.split(",") for line in file.read_text(encoding="utf-8-sig").splitlines()]
    for _ in range(data.draw(st.integers(1, 4))):
        row = data.draw(st.integers(0, len(rows) - 1))
        at = data.draw(st.integers(0, max(len(rows[row]) - 1, 0)))
        change = data.draw(st.sampled_from(["set", "set", "set", "lose", "insert", "double"]))
        if change == "double":
            rows.insert(row, list(rows[row]))
        else:
            new = [] if change == "lose" else [data.draw(st.sampled_from(CELLS))]
            rows[row][at : at + (change != "insert")] = new
    file.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    check(folder)
