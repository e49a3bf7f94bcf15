"""Registers are read and validated like the tables of a world: every fault of every file in one error."""

from __future__ import annotations

import pandas as pd
import pytest

from cultureplan.base.errors import MissingFileError, OutputExistsError, TableError, UnknownNameError
from cultureplan.standards.register_schema import register_columns, register_names, registers_schema
from cultureplan.standards.registers import Registers, read_registers, write_registers
from tests import worlds

KINDS = {
    "key", "text", "number", "share", "year", "date", "flag", "code", "codes", "choice",
    "place", "facility", "coordinate", "wkt",
}  # fmt: skip


def test_every_column_is_documented_in_both_languages():
    """Each column has a kind we read and a meaning in English and Chinese, each register a title."""
    for lang in ("en", "zh"):
        schema = registers_schema(lang)
        assert (schema["meaning"] != "").all()
        assert set(schema["table"]) == set(register_names())
    for name in register_names():
        headings = [column.zh for column in register_columns(name).values()]
        assert len(set(headings)) == len(headings)  # each is a heading that is understood
        assert {column.kind for column in register_columns(name).values()} <= KINDS


def test_values_are_read_as_what_they_are():
    """Flags, dates, years, codes and numbers come out typed; Chinese headings are understood."""
    meetings = pd.DataFrame(
        {
            "唯一编号": ["M1"], "机构": ["B"], "类别": ["regular"], "日期": ["2022年3月5日"],
            "是否讨论重大事项": ["是"], "议题会商部门": ["CUL|FIN"], "my_own": ["kept"],
        }
    )  # fmt: skip
    row = Registers(tables={"meetings": meetings})["meetings"].iloc[0]
    assert row["date"] == pd.Timestamp(2022, 3, 5)
    assert bool(row["has_major_matter"])
    assert row["consulted"] == ("CUL", "FIN")
    assert row["my_own"] == "kept"


def test_every_fault_of_every_file_is_in_one_error(tmp_path):
    """Bad flags, dates, years, shares, words, repeated ids and missing columns: one error that lists them."""
    (tmp_path / "staff.csv").write_text(
        "staff_id,category,posts\nA,driver,3\nA,amateur,-1\n", encoding="utf-8"
    )
    (tmp_path / "meetings.csv").write_bytes(
        "meeting_id,body_id,kind,date,has_major_matter\nM,B,regular,soon,perhaps\n".encode("gb18030")
    )
    (tmp_path / "cost_shares.csv").write_text("project_id,tier,share\nP,city,70\n", encoding="utf-8")
    (tmp_path / "honours.csv").write_text("honour_id,kind,year\nH,teams,2021.5\n", encoding="utf-8")
    (tmp_path / "teams.csv").write_text("team_id\nT\n", encoding="utf-8")
    (tmp_path / "areas.csv").write_text("area_id,area_kind,wkt\nA,park,POLYGON\n", encoding="utf-8")
    with pytest.raises(TableError) as caught:
        read_registers(tmp_path)
    assert {fault.code for fault in caught.value.faults} == {
        "table.unknown_word", "table.duplicate_id", "table.negative", "register.bad_date",
        "register.bad_flag", "table.too_high", "register.bad_year", "table.missing_column",
        "register.bad_wkt",
    }  # fmt: skip
    assert "meetings.csv, row 2, column date" in caught.value.render("en")
    assert "第 2 行" in caught.value.render("zh")


def test_what_is_written_reads_back(tmp_path):
    """Registers survive a round trip through CSV."""
    tables = {
        "activities": pd.DataFrame(
            {"activity_id": ["A1", "A2"], "kind": "show", "date": ["2021-02-03", "2022-05"],
             "groups": ["minors|older", ""], "persons": [10, None]}
        ),
        "evaluations": pd.DataFrame({"round_id": ["R"], "date": ["2021-12-31"], "is_published": [True]}),
    }  # fmt: skip
    registers = Registers(tables=tables)
    write_registers(registers, tmp_path)
    again = read_registers(tmp_path)
    for name in tables:
        pd.testing.assert_frame_equal(registers[name], again[name])
    with pytest.raises(OutputExistsError):
        write_registers(registers, tmp_path)


def test_ids_must_be_of_the_world():
    """A register that names a facility the world does not have is refused with row and column."""
    world = worlds.world([(0, 0)], [(0, 0)])
    good = pd.DataFrame({"facility_id": ["F000"], "has_wifi": ["yes"]})
    Registers(tables={"venues": good}).validate_against(world)
    with pytest.raises(TableError, match="F999"):
        Registers(tables={"venues": good.assign(facility_id="F999")}).validate_against(world)


def test_unknown_registers_and_folders_are_refused(tmp_path):
    """A register of another name, or a folder without any, is one clear error."""
    with pytest.raises(UnknownNameError, match="staff"):
        Registers(tables={"stafff": pd.DataFrame()})
    with pytest.raises(MissingFileError):
        read_registers(tmp_path)
    registers = Registers(tables={"teams": pd.DataFrame({"team_id": [], "kind": [], "place_id": []})})
    assert len(registers.without_table("teams")) == 0
    assert "teams" in registers.with_table("staff", pd.DataFrame({"staff_id": [], "category": []}))
