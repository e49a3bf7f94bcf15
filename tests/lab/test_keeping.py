"""What is kept: files behind buttons, and the list of snapshots."""

from __future__ import annotations

import json

import pytest

import cultureplan as cp
from cultureplan.lab import CoverageExplorer, SitingStudio
from cultureplan.lab.download import Download, DownloadButton, UploadButton


@pytest.fixture
def explorer() -> CoverageExplorer:
    """A panel on the bundled invented town."""
    return CoverageExplorer(cp.load_world("sanheyuan"))


def saved(panel: CoverageExplorer | SitingStudio) -> tuple[str, bytes]:
    """Press Save as a browser would, and return name and content of the file that comes back."""
    answers: list[tuple[dict, list]] = []
    button = panel.files.save
    button.send = lambda content, buffers=None: answers.append((content, buffers))
    button._asked(None, {"type": "want", "asked": 7}, [])
    ((content, (buffer,)),) = answers
    assert (content["type"], content["asked"], content["mime"]) == ("file", 7, "application/json")
    return content["name"], buffer


@pytest.mark.parametrize("panel", [CoverageExplorer, SitingStudio])
def test_both_panels_save_and_open_a_plan(panel):
    """What one panel saved, the other opens: changes, snapshots and what must and must not be opened."""
    first = panel(cp.load_world("sanheyuan"))
    candidates = list(first.state.free_candidates)
    first.session.do(
        lambda state: state.close(state.open_ids[0]).require(candidates[0]).forbid(candidates[1])
    )
    first.session.do(lambda state: state.take_snapshot("fewer").set_limit("rural", 2_500))
    name, content = saved(first)
    assert name == "Sanheyuan.cultureplan.json"
    other = SitingStudio(cp.load_world("sanheyuan"))
    other.files.open._sent(None, {"type": "file", "name": name}, [memoryview(content)])
    assert other.state.draft == first.state.draft
    assert dict(other.state.snapshots) == dict(first.state.snapshots)
    other.session.undo()
    assert other.state.draft.changes == ()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b'{"format": "cultureplan-lab", "version": 1}'])
def test_a_file_that_is_no_plan_is_told_and_changes_nothing(explorer, content):
    """The notice names the file; the state is the one before."""
    before = explorer.state
    explorer.files.open._sent(None, {"type": "file", "name": "x.json"}, [content])
    assert explorer.state is before
    assert "x.json" in explorer.map.widget.notice


def test_messages_that_are_no_request_are_ignored():
    """A button answers what it was made for and nothing else."""
    taken: list[object] = []
    upload = UploadButton(lambda name, content: taken.append((name, content)), label="Open")
    for message in ({}, {"type": "file"}, "file", {"type": "other"}):
        upload._sent(None, message, [])
    assert taken == []
    save = DownloadButton(lambda: None)
    save.send = lambda *_: taken.append("sent")
    save._asked(None, {"type": "want", "asked": 1}, [])
    save._asked(None, {"type": "more"}, [])
    assert taken == []
    assert Download(name="a", content=b"").mime == "application/octet-stream"


def test_snapshots_are_listed_with_their_own_share(explorer):
    """Each has its name, the share by its own rules, a way there and a way out; none is no list."""
    assert explorer.snapshots.box.layout.display == "none"
    today = explorer.session.measured.everyone.share
    explorer.session.do(
        lambda state: state.take_snapshot("now").set_limit("rural", 9_000).take_snapshot("wide")
    )
    wide = explorer.session.measured.everyone.share
    rows = explorer.snapshots.rows.children
    assert [row.children[0].description for row in rows] == ["now", "wide"]
    for row, share in zip(rows, (today, wide), strict=True):
        assert f"{100 * share:.1f}%" in row.children[1].value
    rows[0].children[0].click()
    assert explorer.state.draft.choice.limits == ()
    rows[1].children[2].click()
    assert list(explorer.state.snapshots) == ["now"]
    explorer.bar.lang.value = "zh"
    assert "快照" in explorer.snapshots.heading.value
    explorer.snapshots.rows.children[0].children[2].click()
    assert explorer.snapshots.box.layout.display == "none"


def test_a_saved_plan_names_its_world(explorer):
    """The file is readable JSON that says which world it belongs to."""
    _, content = saved(explorer)
    assert json.loads(content)["world"]["name"] == "Sanheyuan"
