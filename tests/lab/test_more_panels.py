"""Panels of equality, tree, scenarios and requirements without a browser: what is pressed is done."""

from __future__ import annotations

import ipywidgets as widgets
import pytest

import cultureplan as cp
from cultureplan.lab import (
    ComparisonPanel,
    EquityPanel,
    HierarchyPanel,
    LabSession,
    LabState,
    StandardsPanel,
)

_WORLDS = {name: cp.load_world(name) for name in ("sanheyuan", "wuhan")}
PANELS = (EquityPanel, HierarchyPanel, ComparisonPanel, StandardsPanel)


@pytest.fixture
def session() -> LabSession:
    """The invented town."""
    return LabSession(LabState.start(_WORLDS["sanheyuan"], "ordos-2014"))


def latin(words: str) -> bool:
    """Return whether a text has Latin letters."""
    return any("a" <= letter.lower() <= "z" for letter in words)


def shown(box: object) -> list[str]:
    """Return the words of every button, list and heading below a box that is shown."""
    if getattr(box.layout, "display", None) == "none":
        return []
    own = [getattr(box, "description", "")]
    own += [label for label, _ in getattr(box, "_options_full", ())]
    children = getattr(box, "children", ())
    return [*own, *(word for child in children for word in shown(child))]


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("name", _WORLDS)
def test_every_panel_opens_on_every_world_in_both_languages(panel, name):
    """Whatever a world has or lacks, a panel shows it, and the switch turns every word."""
    made = panel(_WORLDS[name], lang="zh")
    assert made.box.layout.display != "none"
    assert all(child.layout.display != "none" for child in made.box.children)
    made.bar.lang.value = "en"
    made.bar.lang.value = "zh"
    own = {"English", *cp.circle_names(), *cp.standard_names(), ""}
    words = [word for word in shown(made.box) if word not in own]
    names = [site.label("zh") for site in made.state.sites.values()]
    assert not [w for w in words if latin(w) and not any(name in w for name in names)]


@pytest.mark.parametrize("panel", PANELS)
def test_panels_share_a_session(panel, session):
    """What one panel does all see; an edit and its undo end where they began."""
    first, other = panel(session), HierarchyPanel(session)
    rows = len(other.tree.tree.rows)
    session.do(lambda state: state.close(state.open_ids[-1]))
    assert len(other.tree.tree.rows) == rows - 1
    first.bar.undo.click()
    assert len(other.tree.tree.rows) == rows


def test_hiding_a_part_hides_no_other(session):
    """A layout that one widget hides by belongs to it alone."""
    for panel in PANELS:
        every: list[widgets.Widget] = []
        todo = [panel(session).box]
        while todo:
            box = todo.pop()
            every.append(box)
            todo.extend(getattr(box, "children", ()))
        hidden = [each.layout for each in every if each.layout.display == "none"]
        assert all(sum(each.layout is layout for each in every) == 1 for layout in hidden)


def test_the_question_of_equality_is_asked_anew(session):
    """Measure, supply, who counts and settlement types reach the figures; a move changes them."""
    panel = EquityPanel(session)
    assert session.colouring == "cost"
    assert panel.controls.supply.layout.display == "none"
    first = panel.figures.table.value
    panel.controls.measure.value = "access"
    panel.controls.supply.value = "seats"
    panel.controls.weights.value = "older_persons"
    assert panel.controls.supply.layout.display == ""
    assert panel.controls.question.supply == "seats"
    assert "per 1,000 persons" in panel.figures.table.value
    panel.controls.settlements["urban"].value = False
    assert panel.controls.question.settlements == {"rural", "pastoral"}
    panel.controls.measure.value = "distance"
    panel.controls.by.value = "township"
    assert panel.figures.groups.value.count("<tr>") >= 5
    before = panel.figures.curve.value
    x_m, y_m = map(float, session.state.ground.demand_xy[-1])
    session.preview(lambda state: state.move(state.open_ids[1], x_m, y_m))
    assert "today" in panel.figures.curve.value
    assert panel.figures.curve.value != before
    session.preview(lambda state: state)
    assert panel.figures.curve.value == before
    assert panel.figures.table.value != first


def test_a_standard_along_streets_has_no_straight_metres(session):
    """Where ways follow streets, the question falls back to the ratio instead of failing."""
    panel = EquityPanel(LabSession(LabState.start(_WORLDS["wuhan"], "gb50180-2018")))
    panel.session.do(lambda state: state.set_setting("way", "streets"))
    assert panel.controls.measure.value == "ratio"
    assert "<polyline" in panel.figures.curve.value


def test_tree_and_map_mark_the_same_facility(session):
    """Chosen in the one it is marked in the other, and its facts are shown."""
    panel = HierarchyPanel(session)
    first, second = session.state.open_ids[1:3]
    panel.tree.tree.selected = first
    assert panel.map.widget.selected == first
    assert session.state.sites[first].label("en") in panel.facts.facts.value
    panel.map.widget.selected = second
    assert panel.tree.tree.selected == second
    panel.map.widget.selected = ""
    assert panel.facts.change.layout.display == "none"


def test_a_branch_is_reassigned_by_list_and_button(session):
    """Another parent in the list lets the button work; pressed, the tree changes, and undo brings it back."""
    panel = HierarchyPanel(session)
    branch = next(n for n in session.state.open_ids if session.state.sites[n].level == "branch")
    panel.tree.tree.selected = branch
    was = session.state.sites[branch].parent_id
    assert panel.facts.parent.value == was
    assert panel.facts.button.disabled
    other = next(value for _, value in panel.facts.parent.options if value != was)
    panel.facts.parent.value = other
    assert not panel.facts.button.disabled
    panel.facts.button.click()
    assert session.state.sites[branch].parent_id == other
    assert panel.facts.button.disabled
    panel.bar.undo.click()
    assert panel.facts.parent.value == was


def test_orphans_are_listed_and_adopted(session):
    """A closed branch leaves orphans in the list below the tree; one press gives all of them a parent."""
    panel = HierarchyPanel(session)
    assert panel.tree.adopt.layout.display == "none"
    heads = [n for n in session.state.open_ids if session.state.sites[n].level == "branch"]
    session.do(lambda state: state.close(heads[0]))
    assert "without a parent" in panel.tree.loose.value
    panel.tree.adopt.click()
    assert session.state.world.network.orphans() == ()
    assert panel.tree.adopt.layout.display == "none"


def test_maps_are_added_and_put_away(session):
    """Three maps show today, the snapshot and the plan; two show what they showed before."""
    session.do(lambda state: state.close(state.open_ids[2]))
    session.do(lambda state: state.take_snapshot("fewer"))
    session.do(lambda state: state.add(*map(float, state.ground.demand_xy[9])))
    panel = ComparisonPanel(session)
    assert [side.side.key for side in panel.sides] == ["today", "now"]
    panel.n_maps.value = "3"
    assert [side.side.key for side in panel.sides] == ["today", "now", "snapshot:fewer"]
    assert len(panel.maps.children) == 3
    assert list(panel.differences.comparison.labels) == ["today", "now", "snapshot:fewer"]
    panel.n_maps.value = "2"
    assert len(panel.maps.children) == 2
    panel.sides[0].choice.value = "snapshot:fewer"
    assert "fewer" in panel.sides[1].map.widget.status
    assert list(panel.differences.comparison.labels) == ["snapshot:fewer", "now"]


def test_layers_and_edits_on_a_side(session):
    """A layer is shown on every map; a click edits the plan on its own map, and on another nothing."""
    panel = ComparisonPanel(session)
    today, now = (side.map for side in panel.sides)
    panel.view.layers["circles"].value = False
    assert not now.widget.layers["circles"]
    assert now.widget.editable
    assert not today.widget.editable
    x_m, y_m = map(float, session.state.ground.demand_xy[0])
    today._receive(None, {"type": "add", "x_m": x_m, "y_m": y_m, "snap_m": 0}, [])
    assert session.state.draft.changes == ()
    now._receive(None, {"type": "add", "x_m": x_m, "y_m": y_m, "snap_m": 0}, [])
    assert len(session.state.draft.changes) == 1
    assert "against today" in now.widget.status
    today.widget.selected = session.state.open_ids[0]
    assert now.widget.selected == session.state.open_ids[0]


def test_the_matrix_follows_filters_and_button(session):
    """Themes, verdicts and levels choose rows and columns; an edit makes it stale, the button fresh."""
    panel = StandardsPanel(session)
    part, widget = panel.matrix, panel.matrix.matrix
    assert widget.selected
    assert "cp-table" in part.details.value
    few = len(widget.rows)
    part.verdict.value = "all"
    assert len(widget.rows) > few
    part.theme.value = part.theme.options[1][1]
    assert len([row for row in widget.rows if "id" not in row]) == 1
    part.level.value = "township"
    assert len(widget.columns) >= 5
    widget.pointed = f"{widget.rows[1]['id']}|{widget.columns[0]['id']}"
    assert widget.rows[1]["id"] in part.details.value
    assert part.button.disabled
    session.do(lambda state: state.close(state.open_ids[-1]))
    assert not part.button.disabled
    assert "changed" in part.line.value
    before = part.checked
    part.button.click()
    assert part.checked is not before
    assert part.button.disabled


def test_another_policy_standard_is_checked_at_once(session):
    """Choosing a standard checks against it and begins with all of its themes."""
    panel = StandardsPanel(session)
    panel.matrix.standard.value = "quanzhou-2020"
    assert panel.matrix.checked.standard.id == "quanzhou-2020"
    assert panel.matrix.theme.value == ""
    panel.bar.lang.value = "zh"
    assert panel.matrix.button.description == "核查"
