"""Opening: what is dropped becomes a world or the list of its faults, and stays in its folder."""

from __future__ import annotations

import io
import json
from pathlib import Path
from zipfile import ZipFile

import pytest

import cultureplan as cp
from cultureplan.app.opening import (
    MOST_BYTES,
    MOST_FILES,
    Inbox,
    fault_rows,
    inner_names,
    open_named,
    validate_amount,
)
from cultureplan.base.errors import InputError
from cultureplan.base.messages import LANGS

FACILITIES = "facility_id,name,level,kind,lon,lat\nF1,Library,head,library,106.39,39.02\n"
DEMAND = "demand_id,persons,settlement,lon,lat\nD1,100,urban,106.391,39.021\nD2,50,rural,106.41,39.03\n"


@pytest.fixture
def inbox(tmp_path) -> Inbox:
    """An empty inbox."""
    return Inbox(tmp_path / "inbox")


def drop(inbox: Inbox, files: dict[str, str | bytes], **said: str):
    """Drop files, in pieces of seven bytes, and open them."""
    contents = {name: part.encode() if isinstance(part, str) else part for name, part in files.items()}
    inbox.begin([(name, len(part)) for name, part in contents.items()])
    for name, part in contents.items():
        step = max(7, len(part) // 3)
        for at in range(0, len(part), step):
            inbox.write(name, part[at : at + step])
    return inbox.finish(**said)


def packed(files: dict[str, str], encoding: str) -> bytes:
    """Return a zip with names in an encoding, without the mark that says UTF-8 where it is another."""
    content = io.BytesIO()
    stand_ins = {
        f"{number:04d}".ljust(len(name.encode(encoding)), "_"): name for number, name in enumerate(files)
    }
    with ZipFile(content, "w") as archive:
        for stand_in, name in stand_ins.items():
            archive.writestr(name if encoding == "utf-8" else stand_in, files[name])
    raw = content.getvalue()
    for stand_in, name in stand_ins.items():
        raw = raw.replace(stand_in.encode(), name.encode(encoding))
    return raw


def test_two_tables_and_what_the_planner_said_are_a_world(inbox):
    """Coordinates undeclared in China are a fault; told on the page, the same files are a world."""
    files = {"facilities.csv": FACILITIES, "demand.csv": DEMAND}
    refused = drop(inbox, files)
    assert refused.world is None
    assert any("coordinates" in fault.code or "undeclared" in fault.code for fault in refused.faults)
    opened = drop(inbox, files, system="gcj02", name="测试县")
    assert opened.faults == ()
    assert opened.world.name == "测试县"
    assert opened.world.notes["coordinates"] == {"facilities": "gcj02", "demand": "gcj02"}


def test_a_folder_of_folders_and_chinese_names_are_understood(inbox):
    """A dropped folder may lie in another one, and tables may be called 设施 and 居民点."""
    files = {"city/data/设施.csv": FACILITIES, "city/data/居民点.csv": DEMAND, "city/data/.DS_Store": "x"}
    opened = drop(inbox, files, system="wgs84")
    assert opened.faults == ()
    assert len(opened.world.facilities) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_zip_is_unpacked_whatever_its_names_are_written_in(inbox, encoding):
    """Names in UTF-8, and in the encoding that older Chinese packers use, are both read right."""
    archive = packed({"城市/设施.csv": FACILITIES, "城市/居民点.csv": DEMAND}, encoding)
    opened = drop(inbox, {"city.zip": archive}, system="wgs84")
    assert opened.faults == ()
    assert opened.world is not None


def test_every_fault_of_every_file_is_listed_in_both_languages(inbox):
    """Bad rows in two files give two faults with file, row, column, value and remedy, and no world."""
    bad = FACILITIES + "F1,Twice,head,library,106.4,39.0\n"
    worse = DEMAND + "D3,-5,urban,106.4,39.0\n"
    opened = drop(inbox, {"facilities.csv": bad, "demand.csv": worse}, system="wgs84")
    assert opened.world is None
    for lang in LANGS:
        rows = fault_rows(opened.faults, lang)
        by_file = {row.file: row for row in rows}
        assert set(by_file) == {"facilities.csv", "demand.csv"}
        assert by_file["demand.csv"].rows == "4"
        assert by_file["demand.csv"].column == "persons"
        assert by_file["demand.csv"].values == "-5"
        assert all(row.what and row.remedy for row in rows)


@pytest.mark.parametrize("name", ["../x.csv", "/etc/x.csv", "a/../../x.csv", "C:\\x.csv", "..\\x.csv"])
def test_names_that_lead_elsewhere_are_refused(inbox, name):
    """Neither a dropped file nor one in a zip can be written outside the inbox."""
    with pytest.raises(InputError) as caught:
        inbox.begin([(name, 3)])
    assert caught.value.faults[0].code == "app.bad_name"
    content = io.BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr(name, "x")
    opened = drop(inbox, {"evil.zip": content.getvalue()})
    assert opened.world is None
    assert not (inbox.folder.parent / "x.csv").exists()


def test_too_much_is_refused_before_it_is_taken(inbox):
    """Too many files, too many bytes, nothing at all, and a file longer than announced are refused."""
    for n_files, n_bytes in ((MOST_FILES + 1, 1), (1, MOST_BYTES + 1), (0, 0)):
        with pytest.raises(InputError):
            validate_amount(n_files, n_bytes)
    inbox.begin([("facilities.csv", 3)])
    with pytest.raises(InputError) as caught:
        inbox.write("facilities.csv", b"abcd")
    assert caught.value.faults[0].code == "app.other_size"
    inbox.write("unannounced.csv", b"abc")
    assert not (inbox.folder / "unannounced.csv").exists()


def test_a_broken_zip_and_an_empty_drop_are_faults(inbox):
    """What cannot be unpacked, and files that are no tables, give a fault with a remedy, not a crash."""
    for files in ({"city.zip": b"PK\x03\x04 broken"}, {"readme.txt": "hello"}, {"facilities.csv": ""}):
        opened = drop(inbox, files)
        assert opened.world is None
        assert all(row.remedy for row in fault_rows(opened.faults, "zh"))


def test_the_common_folder_is_taken_off_and_no_other():
    """Files of one folder lose its name; files side by side keep theirs."""
    assert inner_names(["city/a.csv", "city/b/c.csv"]) == ["a.csv", "b/c.csv"]
    assert inner_names(["a.csv", "city/b.csv"]) == ["a.csv", "city/b.csv"]


def test_what_a_file_says_itself_is_not_overruled(inbox):
    """A world.toml that declares its coordinates and name keeps both."""
    toml = 'name = "Own"\ncoordinates = "wgs84"\n'
    files = {"facilities.csv": FACILITIES, "demand.csv": DEMAND, "world.toml": toml}
    opened = drop(inbox, files, system="bd09", name="Other")
    assert opened.world.name == "Own"
    assert set(opened.world.notes["coordinates"].values()) == {"wgs84"}


def test_names_and_paths_are_opened(tmp_path):
    """A bundled name, a folder, and a path that is none."""
    assert open_named("sanheyuan").world.name == cp.load_world("sanheyuan").name
    cp.write_world(cp.load_world("sanheyuan"), tmp_path / "copy")
    assert open_named(str(tmp_path / "copy")).world is not None
    nowhere = open_named(str(tmp_path / "nowhere"))
    assert nowhere.world is None
    assert nowhere.faults


def test_a_plan_alone_is_not_taken_for_a_world(inbox):
    """A saved plan dropped by itself is handed on as a plan."""
    opened = drop(inbox, {"plan.json": json.dumps({"format": "cultureplan-lab", "version": 1})})
    assert opened.world is None
    assert opened.plan is not None
    assert opened.faults == ()
    assert isinstance(opened.folder, Path)
