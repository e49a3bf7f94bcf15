"""Map and panels without a browser: what messages do, what is sent, and what the solver proves."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest

import cultureplan as cp
from cultureplan.base.messages import catalogue
from cultureplan.lab import CityMap, CoverageExplorer, LabSession, LabState, SitingStudio
from cultureplan.lab.solving import SolveJob

LAB = Path(cp.__file__).parent / "lab"


@pytest.fixture(scope="module")
def sanheyuan() -> cp.World:
    """The bundled invented town."""
    return cp.load_world("sanheyuan")


@pytest.fixture
def city_map(sanheyuan) -> CityMap:
    """A map of the town."""
    return CityMap(LabSession(LabState.start(sanheyuan, "ordos-2014")))


def tell(city_map: CityMap, **message: object) -> None:
    """Say to the map what the browser would."""
    city_map._receive(None, message, [])


def test_messages_of_the_browser_edit_the_state(city_map):
    """Adding, dragging, dropping, closing, undoing: each arrives, and a drag leaves nothing to undo."""
    session = city_map.session
    x_m, y_m = map(float, session.state.ground.demand_xy[0])
    tell(city_map, type="add", x_m=x_m + 400, y_m=y_m, snap_m=0)
    assert "new-1" in session.state.sites
    tell(city_map, type="drag", id="new-1", x_m=x_m, y_m=y_m, snap_m=5)
    assert session.state.sites["new-1"].x_m == x_m + 400
    assert city_map.widget.changed["new-1"]["x"] == x_m
    tell(city_map, type="drop", id="new-1", x_m=x_m, y_m=y_m, snap_m=5)
    assert session.state.sites["new-1"].x_m == x_m
    tell(city_map, type="close", id="new-1")
    assert "new-1" not in session.state.sites
    tell(city_map, type="undo")
    tell(city_map, type="undo")
    tell(city_map, type="redo")
    assert session.state.sites["new-1"].x_m == x_m


@pytest.mark.parametrize(
    "message",
    [
        {"type": "add"},
        {"type": "add", "x_m": None, "y_m": "here"},
        {"type": "drop", "id": 7, "x_m": 1, "y_m": 1},
        {"type": "nonsense"},
        {"type": "hover", "row": 10**9},
        {"type": "hover", "id": "nobody"},
        {},
    ],
)
def test_a_message_that_makes_no_sense_changes_nothing(city_map, message):
    """Whatever a browser sends, the state stays valid."""
    before = city_map.session.state
    tell(city_map, **message)
    assert city_map.session.state is before
    city_map._receive(None, "no record", [])


def test_only_what_changed_is_sent_again(city_map):
    """An edit sends colours and the changed site; geometry and the list of sites are sent once."""
    sent: list[str] = []
    city_map.widget.observe(lambda change: sent.append(change["name"]))
    city_map.session.do(lambda state: state.close(state.open_ids[0]))
    assert {"values", "changed", "tick", "status"} <= set(sent)
    assert not {"geometry", "sites", "radii", "labels"} & set(sent)


def test_the_sites_of_the_map_carry_no_bare_english(sanheyuan):
    """In Chinese the legend, labels and figures hold no English word."""
    session = LabSession(LabState.start(sanheyuan, "ordos-2014"), lang="zh")
    widget = CityMap(session).widget
    shown = [widget.status, *(entry["label"] for entry in widget.legend)]
    assert not [line for line in shown if any("a" <= letter.lower() <= "z" for letter in line)]


def test_sliders_and_lists_change_the_rules(sanheyuan):
    """A limit, a reading and another standard arrive in the state, and undo returns to the sliders."""
    explorer = CoverageExplorer(sanheyuan)
    explorer.rules.rows["limit rural"].value = 3000.0
    explorer.rules.rows["limit urban"].value = 9.999999999999998  # how browsers say 10
    explorer.rules.rows["counts"].value = "venues"
    assert explorer.state.draft.choice.limits == (("rural", 3000.0),)
    explorer.session.undo()
    explorer.session.undo()
    assert explorer.rules.rows["limit rural"].value == 2000.0
    explorer.rules.standard.value = "gb50180-2018"
    assert list(explorer.rules.rows) == ["limit urban", "tier", "counts"]
    explorer.session.undo()
    assert explorer.rules.standard.value == "ordos-2014"


@pytest.mark.parametrize("name", cp.circle_names())
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_standard_is_explored_in_both_languages(sanheyuan, name, lang):
    """Each published standard has its sliders, and every reading of it has words in the catalogue."""
    explorer = CoverageExplorer(sanheyuan, name, lang=lang)
    for setting in explorer.state.standard.settings:
        assert f"lab.setting_{setting.name}" in catalogue()
        assert all(f"lab.choice_{choice}" in catalogue() for choice in setting.choices)
    assert explorer.map.widget.labels["lang"].startswith(lang)


def test_snapshots_and_language_from_the_bar(sanheyuan):
    """A name typed and kept can be gone to; the language of every part follows the switch."""
    explorer = CoverageExplorer(sanheyuan)
    explorer.session.do(lambda state: state.close(state.open_ids[0]))
    explorer.bar.name.value = "fewer"
    explorer.bar.keep.click()
    explorer.bar.undo.click()
    explorer.bar.snapshots.value = "fewer"
    assert len(explorer.state.draft.changes) == 1
    explorer.bar.lang.value = "zh"
    assert explorer.bar.undo.description == "撤销"
    assert "覆盖率" in explorer.map.widget.status


def test_the_learner_meets_the_solver(sanheyuan):
    """No picks, poor picks, the solver's own, and changed rules: each has its verdict."""
    studio = SitingStudio(sanheyuan, n_sites=2)
    studio.solver.start()
    best = studio.solver.job.result
    assert best.is_optimal
    assert "Open sites of your own" in studio.solver.verdict.value
    poor = next(name for name in studio.state.free_candidates if name not in best.opened)
    studio.session.do(lambda state: state.open(poor))
    assert "of the gain" in studio.solver.verdict.value
    studio.solver.take.click()
    assert set(studio.state.opened_ids) == set(best.opened)
    assert "As good as it gets" in studio.solver.verdict.value
    assert f"{best.bound:,.0f}" in studio.solver.verdict.value
    studio.session.do(lambda state: state.set_limit("rural", 2500))
    assert "solve again" in studio.solver.verdict.value


def test_a_solve_is_watched_from_the_loop(sanheyuan):
    """Under a running event loop the button returns at once, and the answer arrives by itself."""

    async def play() -> None:
        studio = SitingStudio(sanheyuan, n_sites=3)
        studio.solver.solve.click()
        for _ in range(200):
            if studio.solver.job.result is not None and not studio.solver.solve.disabled:
                break
            await asyncio.sleep(0.05)
        assert "Proved" in studio.solver.verdict.value

    asyncio.run(play())


def test_a_solve_that_is_stopped_ends(sanheyuan):
    """Stopped before it began or in the middle, the thread ends without an error."""
    state = LabState.start(sanheyuan, "ordos-2014")
    job = SolveJob(state.request(cp.MaximalCoverage(n_sites=3)))
    job.cancel()
    job.start()
    assert job.wait(20)
    assert job.result is None
    assert job.error is None
    hard = cp.datasets.synthetic_world(n_demand=3_000, n_facilities=10, n_candidates=400, seed=3)
    long = SolveJob(LabState.start(hard).request(cp.MaximalCoverage(n_sites=40)), time_limit_s=60)
    long.start()
    long.cancel()
    assert long.wait(30)
    assert long.error is None


def test_a_place_without_candidates_is_told(sanheyuan):
    """Where nothing can be opened, solving says so in the notice of the map instead of failing."""
    session = LabSession(LabState.start(sanheyuan, "ordos-2014"))
    for name in list(session.state.free_candidates):
        session.do(lambda state, name=name: state.open(name))
    studio = SitingStudio(session, n_sites=1)
    studio.solver.start()
    studio.solver.start()
    assert studio.solver.job is not None or studio.map.widget.notice


def test_nothing_that_hangs_is_used():
    """`interact`, `interactive_output` and output widgets, which hang at random, are nowhere in the lab."""
    used = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for path in LAB.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Attribute, ast.Name))
    }
    assert not used & {"interact", "interactive", "interactive_output", "Output"}


def test_the_static_files_name_nothing_off_the_machine():
    """Script and style load nothing: no address, no import."""
    for path in (LAB / "static").rglob("*.*"):
        content = path.read_text(encoding="utf-8")
        assert "http" not in content
        assert "import " not in content
        assert "@import" not in content
        assert "url(" not in content
