"""The page without a browser: opening, choices, saving, exports, both languages, and the gate before it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import cultureplan as cp
from cultureplan.app.chart import years_picture
from cultureplan.app.duties import gap_table, verdict_counts
from cultureplan.app.exporting import geojson_bytes, report_files, site_table, workbook_bytes
from cultureplan.app.opening import Opened, open_folder
from cultureplan.app.phasing import Budgets
from cultureplan.app.planner import Planner, world_choices
from cultureplan.app.plans import plan_bytes, read_plan, world_bytes
from cultureplan.app.served import by_group, by_place
from cultureplan.base.errors import InputError
from cultureplan.base.messages import LANGS, text
from cultureplan.lab.goals import Goal
from cultureplan.siting.solve import solve_siting


@pytest.fixture
def planner(tmp_path) -> Planner:
    """Sanheyuan with two sites of the solver, one library closed, money for two years."""
    made = Planner(tmp_path / "dropped")
    made.open_name("sanheyuan")
    session = made.session
    request = Goal(n_sites=2).request(session.state)
    result = solve_siting(request.problem, request.model)
    made.result = result
    session.do(lambda state: state.take(result))
    session.do(lambda state: state.close(state.open_ids[-3]))
    made.set_budgets(Budgets(first_year=2027, yuan=(2_000_000.0, 2_000_000.0)))
    return made


def test_what_is_open_stays_open_when_another_folder_has_faults(tmp_path, planner):
    """Faults are told, nothing of the faulty folder is taken over, and a sound one takes its place."""
    heard = []
    planner.subscribe(heard.append)
    before = planner.session
    (tmp_path / "bad").mkdir()
    planner.open_name(str(tmp_path / "bad"))
    assert planner.session is before
    assert planner.faults
    planner.open_name("shizuishan")
    assert planner.faults == ()
    assert planner.session is not before
    assert planner.desk.policy == "shizuishan-2021"
    assert heard == ["faults", "world"]


def test_the_bundled_worlds_are_offered():
    """Every bundled world can be chosen, and is described in both languages."""
    assert sorted(world_choices()) == sorted(cp.datasets.names())
    assert all(text(f"app.world_{name}", lang) for name in world_choices() for lang in LANGS)


def test_newly_served_by_place_and_group_add_up(planner):
    """Persons gained and lost by place are those of the comparison of the worlds."""
    session = planner.session
    state, now, today = session.state, session.measured, session.today
    change = now.everyone.persons_covered - today.everyone.persons_covered
    places, groups = by_place(state, now, today), by_group(state, now, today, lang="zh")
    assert places["change"].sum() == pytest.approx(change)
    assert places["covered_now"].sum() == pytest.approx(now.everyone.persons_covered)
    coverage = cp.measure_coverage(state.world, state.standard).by("group")
    assert groups["covered_now"].tolist() == coverage["persons_covered"].tolist()


def test_duties_name_a_department_for_every_gap(planner):
    """Verdicts before and after are those of two checks, and each gap has a lead."""
    checked = planner.checked()
    assert planner.checked() is checked
    counts = verdict_counts(checked)
    assert counts["before"].sum() == counts["after"].sum() == len(checked.before.standard.ids)
    for lang in LANGS:
        gaps = gap_table(checked, lang)
        failed = gaps[gaps["after"] == "NOT_MET"]
        assert (failed["n_after"] > 0).all()
        assert (failed["lead"] != "").all()


def test_a_saved_plan_comes_back_whole(planner, tmp_path):
    """Facilities, standards and money are the same after saving, alone and with the data."""
    state, desk = planner.session.state, planner.desk
    other = Planner(tmp_path / "other")
    other.open_name("sanheyuan")
    other.take(Opened(plan=json.loads(plan_bytes(state, desk))), name="plan")
    assert other.session.state.draft == state.draft
    assert other.desk == desk
    (tmp_path / "packed").mkdir()
    with zipfile.ZipFile(io.BytesIO(world_bytes(state, desk))) as archive:
        archive.extractall(tmp_path / "packed")
    other.take(open_folder(tmp_path / "packed"), name="packed")
    assert other.faults == ()
    assert other.session.state.open_ids == state.open_ids
    assert other.desk == desk


def test_a_plan_without_its_world_is_a_fault(planner, tmp_path):
    """A plan dropped before any world, or on another one, is refused with a reason."""
    plan = json.loads(plan_bytes(planner.session.state, planner.desk))
    empty = Planner(tmp_path / "empty")
    empty.take(Opened(plan=plan), name="plan")
    assert empty.faults[0].code == "app.plan_needs_world"
    empty.open_name("wuhan")
    empty.take(Opened(plan=plan), name="plan")
    assert empty.faults[0].code == "lab.other_world"
    broken = {**plan, "app": {"policy": "ordos-2014"}}
    with pytest.raises(InputError):
        read_plan(planner.session.state, broken, otherwise=planner.desk)


def test_exports_hold_the_figures_of_the_page(planner):
    """GeoJSON, workbook and report agree with the state: sites, persons, years, in both languages."""
    state, now = planner.session.state, planner.session.measured
    for lang in LANGS:
        planner.set_lang(lang)
        work = planner.work()
        features = json.loads(geojson_bytes(work))["features"]
        opened = [f for f in features if f["properties"]["change"] == "opened"]
        assert {f["properties"]["facility_id"] for f in opened} == set(state.opened_ids)
        assert sum(f["properties"]["status"] == "existing" for f in features) == len(state.open_ids)
        assert {f["properties"]["year"] for f in opened} <= {2027, 2028, None}
        assert all(-180 <= f["geometry"]["coordinates"][0] <= 180 for f in features)
        sheets = pd.read_excel(io.BytesIO(workbook_bytes(work)), sheet_name=None)
        values = sheets[next(iter(sheets))].iloc[:, 1].tolist()
        assert now.everyone.persons_covered in values
        assert len(sheets) == 6
        page, everything = report_files(work)
        assert state.ground.world.title(lang) in page.decode()
        assert "plan.geojson" in zipfile.ZipFile(io.BytesIO(everything)).namelist()


def test_the_list_of_sites_tells_what_the_plan_does(planner):
    """Opened, closed and moved facilities are marked, others are not."""
    planner.session.do(lambda state: state.move(state.open_ids[0], *_beside(state)))
    counts = site_table(planner.work())["change"].value_counts()
    assert counts["opened"] == 2
    assert counts["closed"] == 1
    assert counts["moved"] == 1


def _beside(state) -> tuple[float, float]:
    site = state.sites[state.open_ids[0]]
    return site.x_m + 500.0, site.y_m


def test_the_picture_of_the_years_says_what_it_shows(planner):
    """The picture has a label for screen readers and the share of every year."""
    picture = years_picture(planner.phasing(), "zh")
    assert 'role="img"' in picture
    assert "2027" in picture
    assert picture.count("<circle") == 3


def test_every_step_shows_in_both_languages(tmp_path):
    """All seven steps are built and refreshed without a browser, after a solve, in both languages."""
    pytest.importorskip("anywidget", reason="the extra lab is not installed")
    from cultureplan.app.page import STEPS, PlannerPage

    page = PlannerPage("sanheyuan", files=tmp_path)
    assert page.shown == "sites"
    page.pane("sites").asking.start()
    assert len(page.planner.session.state.opened_ids) == 5
    for lang in LANGS:
        page.planner.set_lang(lang)
        for step in STEPS:
            page.go(step)
            assert page.shown == step
    assert page.title.value.startswith("<h1>公共文化服务规划")
    assert list(Path(tmp_path).iterdir())


def test_no_step_but_the_first_opens_without_a_world(tmp_path):
    """Until data are open, the page stays at step one."""
    pytest.importorskip("anywidget", reason="the extra lab is not installed")
    from cultureplan.app.page import PlannerPage

    page = PlannerPage(files=tmp_path)
    page.go("years")
    assert page.shown == "data"
    assert not page.steps.is_open
