"""What is not a world says so: one error with every fault, its place and its remedy, in two languages."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cultureplan.base.errors import CulturePlanError, MissingFileError, WorldError
from cultureplan.base.messages import catalogue
from cultureplan.io.folder import check_world, read_world
from tests.io.broken.corpus import CASES, MESSAGES, save, worded
from tests.io.broken.draft import Case, Draft

PINNED = tomllib.loads(MESSAGES.read_text(encoding="utf-8"))
NOT_OF_A_FOLDER = {  # faults of writing, and of calls
    "in_the_way", "no_folder", "not_written", "names_differ_in_case", "too_many_rows", "text_too_long",
    "control_character", "unknown_network_form",
}  # fmt: skip

corpus = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def test_the_good_folder_is_a_world(tmp_path: Path):
    """What the corpus breaks is whole to begin with."""
    Draft().save(tmp_path / "world")
    assert check_world(tmp_path / "world") == ()
    assert len(read_world(tmp_path / "world").facilities) == 4


def test_the_corpus_is_large_and_has_every_fault():
    """At least 60 cases, none twice, and every fault of a folder that has a text is among them."""
    assert len({case.name for case in CASES}) == len(CASES) >= 60
    found = {code for case in CASES for code, *_ in case.found}
    wanted = {key for key in catalogue() if key.startswith("io.") and key[3:] not in NOT_OF_A_FOLDER}
    assert wanted - found == set()


@corpus
def test_every_fault_is_found_where_it_is(case: Case, tmp_path: Path):
    """Exactly the faults that are there, in one error, by file, row and column; and nothing is written."""
    folder = save(case, tmp_path / "world")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(WorldError) as caught:
        read_world(folder)
    assert isinstance(caught.value, ValueError)
    found = [(fault.code, fault.file, fault.rows, fault.column) for fault in caught.value.faults]
    assert sorted(found, key=str) == sorted(case.found, key=str)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["world"]


@corpus
def test_every_fault_is_worded_in_both_languages(case: Case, tmp_path: Path):
    """The message says where, what and what to do, as pinned, in English and Chinese."""
    assert worded(check_world(save(case, tmp_path / "world"))) == PINNED[case.name]


def test_no_pinned_message_is_left_over():
    """A case that is gone takes its message along."""
    assert set(PINNED) == {case.name for case in CASES}


def test_a_folder_that_is_not_there_is_a_missing_file(tmp_path: Path):
    """It is the builtin error too; the check returns it as a fault."""
    with pytest.raises(MissingFileError) as caught:
        read_world(tmp_path / "nowhere")
    assert isinstance(caught.value, FileNotFoundError)
    assert [fault.code for fault in check_world(tmp_path / "nowhere")] == ["io.no_folder"]
    assert isinstance(caught.value, CulturePlanError)
