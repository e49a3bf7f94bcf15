"""Saved lab states: readable, whole or absent, and refused where they do not fit."""

from __future__ import annotations

import json
import os

import pytest

import cultureplan as cp
from cultureplan.base.errors import CulturePlanError, InputError, MissingFileError
from cultureplan.lab import LabState, load_state, save_state


@pytest.fixture(scope="module")
def start() -> LabState:
    """The first state of the bundled invented town."""
    return LabState.start(cp.load_world("sanheyuan"), "ordos-2014")


@pytest.fixture(scope="module")
def edited(start) -> LabState:
    """A state with every kind of edit, a snapshot and a forbidden candidate."""
    candidate, other = list(start.free_candidates)[:2]
    x_m, y_m = map(float, start.ground.demand_xy[3])
    state = start.set_limit("rural", 2500).set_setting("counts", "venues").take_snapshot("规则")
    state = state.add(x_m, y_m, name="新馆").close(start.open_ids[-1]).open(candidate).forbid(other)
    return state.move(start.open_ids[0], x_m + 50, y_m).take_snapshot("all of it")


def test_a_state_comes_back_as_it_was_saved(edited, start, tmp_path):
    """Rules, changes, forbidden sites and snapshots return; undo leads to what held before."""
    save_state(edited, tmp_path / "plan.json")
    read = load_state(start, tmp_path / "plan.json")
    assert read.draft == edited.draft
    assert dict(read.snapshots) == dict(edited.snapshots)
    assert read.undo().draft == start.draft


def test_a_solved_state_comes_back(start, tmp_path):
    """Sites that a solver opened from a grid carry their table's columns through the file."""
    grid = LabState.start(start.ground.world, "ordos-2014", candidates="grid")
    request = grid.request(cp.MaximalCoverage(n_sites=2))
    solved = grid.take(cp.solve_siting(request.problem, request.model))
    save_state(solved, tmp_path / "plan.json")
    assert load_state(grid, tmp_path / "plan.json").open_ids == solved.open_ids


def test_the_file_is_readable(edited, tmp_path):
    """Chinese is written as it is read, and the changes are named."""
    save_state(edited, tmp_path / "plan.json")
    content = (tmp_path / "plan.json").read_text(encoding="utf-8")
    assert "新馆" in content
    assert [part["change"] for part in json.loads(content)["now"]["changes"]] == [
        "add",
        "close",
        "open",
        "move",
    ]


def test_a_save_that_fails_leaves_the_earlier_file(edited, start, tmp_path, monkeypatch):
    """If the disk fails at the last moment, the earlier file is whole and no half one lies beside it."""
    file = tmp_path / "plan.json"
    save_state(start, file)
    before = file.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("disk is full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk is full"):
        save_state(edited, file)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def altered(document: dict, **parts: object) -> dict:
    """Return a saved document with some parts replaced."""
    return {**document, **parts}


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda d: altered(d, format="other"), id="another format"),
        pytest.param(lambda d: altered(d, version=99), id="a later version"),
        pytest.param(lambda d: altered(d, world={"name": "Elsewhere"}), id="another world"),
        pytest.param(lambda d: altered(d, now={}), id="nothing in it"),
        pytest.param(lambda d: altered(d, now={**d["now"], "standard": "none"}), id="an unknown standard"),
        pytest.param(
            lambda d: altered(d, now={**d["now"], "changes": [{"change": "paint"}]}), id="a change unknown"
        ),
        pytest.param(
            lambda d: altered(d, now={**d["now"], "changes": [{"change": "close", "facility_id": "?"}]}),
            id="a facility unknown",
        ),
        pytest.param(
            lambda d: altered(d, now={**d["now"], "changes": [{"change": "close"}]}), id="a change cut short"
        ),
        pytest.param(
            lambda d: altered(d, now={**d["now"], "limits": {"urban": "far"}}), id="a limit in words"
        ),
        pytest.param(lambda d: [d], id="a list"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(edited, start, tmp_path, spoil):
    """Each fault of a file is one clear error in both languages; the state stays as it is."""
    file = tmp_path / "plan.json"
    save_state(edited, file)
    file.write_text(json.dumps(spoil(json.loads(file.read_text(encoding="utf-8")))), encoding="utf-8")
    with pytest.raises(CulturePlanError) as caught:
        load_state(start, file)
    assert caught.value.render("zh") != caught.value.render("en")


def test_no_file_and_no_json_are_told_apart(start, tmp_path):
    """A missing file, and one that is no JSON, are named."""
    with pytest.raises(MissingFileError):
        load_state(start, tmp_path / "none.json")
    (tmp_path / "notes.json").write_text("half a", encoding="utf-8")
    with pytest.raises(InputError, match=r"notes\.json is not a plan"):
        load_state(start, tmp_path / "notes.json")
