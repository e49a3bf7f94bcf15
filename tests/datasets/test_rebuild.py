"""The bundled folders are what the script makes of the raw files, byte for byte."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

WORLDS = ("chicago", "newyork", "sanheyuan", "shizuishan", "wuhan")


@pytest.fixture(scope="module")
def bundled(repo) -> Path:
    """The folder the package ships."""
    return repo / "src" / "cultureplan" / "datasets" / "data"


@pytest.fixture(scope="module")
def rebuilt(repo, shared_data, tmp_path_factory) -> Path:
    """The same folders made again by the script."""
    out = tmp_path_factory.mktemp("rebuilt")
    script = repo / "tools" / "build_datasets.py"
    subprocess.run(
        [sys.executable, str(script), "--shared", str(shared_data), "--out", str(out)],
        check=True,
        capture_output=True,
    )
    return out


@pytest.mark.parametrize("name", WORLDS)
def test_the_script_makes_the_bundled_files_again(name, bundled, rebuilt):
    """Same files, same bytes: nobody has edited a bundled table by hand."""
    wanted = {path.name: path.read_bytes() for path in (bundled / name).iterdir()}
    made = {path.name: path.read_bytes() for path in (rebuilt / name).iterdir()}
    assert sorted(made) == sorted(wanted)
    assert [file for file in wanted if made[file] != wanted[file]] == []


def test_everything_bundled_is_small(bundled):
    """All bundled worlds together stay below 2 MB, so the package stays quick to install."""
    assert sum(path.stat().st_size for path in bundled.rglob("*") if path.is_file()) < 2_000_000


def test_tables_are_plain_utf_8(bundled):
    """Text files are UTF-8 without a mark, with line feeds, and end in one."""
    for path in bundled.rglob("*.*"):
        content = path.read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf"), path
        assert b"\r" not in content, path
        assert content.endswith(b"\n"), path
        content.decode("utf-8")


def test_no_boundary_is_bundled_for_real_places(bundled):
    """Only the invented town has polygons; the real places have points, for want of an open licence."""
    assert [path.parent.name for path in bundled.rglob("places.geojson")] == ["sanheyuan"]
    assert [path.parent.name for path in bundled.rglob("streets.geojson")] == ["wuhan"]
    assert len(list(bundled.rglob("*.geojson"))) == 2


def test_official_codes_and_names_are_those_of_the_lists(bundled, shared_data):
    """The 36 towns and 326 villages and communities of the lists are there by code and name, no other."""
    with (bundled / "shizuishan" / "places.csv").open(encoding="utf-8", newline="") as file:
        ours = {row["place_id"]: row["name"] for row in csv.DictReader(file)}
    listed = {}
    for table in ("towns", "villages"):
        with (shared_data / "cn_admin" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            listed |= {row["code"]: row["name"] for row in csv.DictReader(file) if row["city_code"] == "6402"}
    assert len(listed) == 36 + 326
    assert {code: name for code, name in ours.items() if len(code) > 6} == listed


def test_published_positions_are_the_published_ones(bundled, shared_data):
    """A position marked as Vonng/adcode's is that of the list, and every one in the list is used."""
    with (bundled / "shizuishan" / "places.csv").open(encoding="utf-8", newline="") as file:
        ours = {
            row["place_id"]: (float(row["lon"]), float(row["lat"]))
            for row in csv.DictReader(file)
            if row["position_source"] == "Vonng/adcode"
        }
    listed = {}
    for table in ("towns", "villages"):
        with (shared_data / "cn_admin" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["city_code"] == "6402" and row["wgs84_lon"]:
                    listed[row["code"]] = (float(row["wgs84_lon"]), float(row["wgs84_lat"]))
    assert ours == listed
    assert len(ours) == 23 + 4
