"""Hierarchy panel: the tree of the service network beside the map, and who reports to whom changed."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets

from cultureplan.base.messages import Lang, text
from cultureplan.lab.hierarchy_view import (
    Hierarchy,
    adopt_orphans,
    facts_of,
    hierarchy_of,
    parent_words,
    parents_for,
    tree_rows,
)
from cultureplan.lab.map_widget import CityMap
from cultureplan.lab.panels.parts import ActionBar, Part
from cultureplan.lab.panels.tables import html_table, note
from cultureplan.lab.session import LabSession
from cultureplan.lab.state import LabState
from cultureplan.lab.tree_widget import TreeWidget
from cultureplan.measures.circles import CircleStandard
from cultureplan.plotting.wording import count_words, length_words, short
from cultureplan.world.world import World

_MOST_PARENTS = 40
_MOST_NAMED = 6
_SIGNS = {"central": "★", "head": "■", "branch": "◆", "service_point": "●"}
_WIDE = widgets.Layout(width="auto")


class TreePart(Part):
    """The outline; a facility chosen here is marked on the map, and the other way round."""

    def __init__(self, session: LabSession, *, height_px: int) -> None:
        super().__init__(session)
        self.heading = widgets.HTML()
        self.tree = TreeWidget(height=height_px)
        self.loose = widgets.HTML(layout=_WIDE)
        self.adopt = self.on_click(
            widgets.Button(layout=widgets.Layout(width="auto")), lambda: session.do(adopt_orphans)
        )
        self.box = widgets.VBox([self.heading, self.tree, self.loose, self.adopt], layout=_WIDE)
        self.hierarchy = hierarchy_of(session.shown, session.measured)
        self.tree.observe(lambda change: session.select(change["new"]), names="selected")
        session.subscribe_selection(lambda _: self.mark())
        self.refresh()

    def refresh(self) -> None:
        """Show the tree of what holds now."""
        session, lang = self.session, self.session.lang
        self.hierarchy = hierarchy_of(session.shown, session.measured)
        self.heading.value = f"<b>{escape(text('lab_panels.hierarchy_heading', lang))}</b>"
        with self.tree.hold_sync():
            self.tree.rows = tree_rows(self.hierarchy, lang)
            self.tree.labels = {
                "tree": text("lab_panels.tree_label", lang),
                "find": text("lab_panels.tree_find", lang),
                "lang": "zh-CN" if lang == "zh" else "en",
            }
            self.mark()
        self.loose.value = _loose_html(self.hierarchy, lang)
        n = len(self.hierarchy.orphans)
        self.adopt.layout.display = "" if n else "none"
        all_of_them = text("lab_panels.button_adopt", lang, n=count_words(n))
        self.adopt.description = text("lab_panels.button_adopt_one", lang) if n == 1 else all_of_them
        self.adopt.tooltip = text("lab_panels.adopt_tooltip", lang)

    def mark(self) -> None:
        """Mark what is marked on the map."""
        selected = self.session.selected
        self.tree.selected = selected if selected in self.hierarchy.nodes else ""


class FactsPart(Part):
    """What is known of the chosen facility, and another parent for it."""

    def __init__(self, session: LabSession, tree: TreePart) -> None:
        super().__init__(session)
        self.tree = tree
        self.facts = widgets.HTML(layout=widgets.Layout(flex="3 1 320px", min_width="0"))
        self.caption = widgets.HTML()
        self.parent = widgets.Dropdown(options=[("", "")], layout=_WIDE)
        self.parent.observe(lambda _: self._enable(), names="value")
        self.button = self.on_click(widgets.Button(layout=_WIDE, button_style="primary"), self.reassign)
        self.change = widgets.VBox(
            [self.caption, self.parent, self.button], layout=widgets.Layout(flex="2 1 240px", min_width="0")
        )
        self.box = widgets.Box(
            [self.facts, self.change],
            layout=widgets.Layout(display="flex", flex_flow="row wrap", grid_gap="18px"),
        )
        session.subscribe_selection(lambda _: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        """Show the facts of the chosen facility."""
        session, lang, hierarchy = self.session, self.session.lang, self.tree.hierarchy
        chosen = session.selected if session.selected in hierarchy.nodes else ""
        self.caption.value = escape(text("lab_panels.new_parent", lang))
        self.button.description = text("lab_panels.button_reassign", lang)
        options = [("", "")]
        if chosen:
            options = _parent_options(session.shown, hierarchy, chosen, lang)
        with self.quiet():
            if self.parent.options != tuple(options):
                self.parent.options = options
            self.parent.value = options[0][1]
        self.change.layout.display = "" if len(options) > 1 or options[0][1] else "none"
        self._enable()
        # the facts come last: who reads them finds the list ready
        nothing = note(text("lab_panels.choose_facility", lang))
        self.facts.value = _facts_html(hierarchy, chosen, lang) if chosen else nothing

    def reassign(self) -> None:
        """Let the chosen facility report to the one in the list."""
        facility_id, parent_id = self.session.selected, self.parent.value
        if facility_id and parent_id:
            self.session.do(lambda state: state.reassign(facility_id, parent_id))

    def _enable(self) -> None:
        node = self.tree.hierarchy.nodes.get(self.session.selected)
        self.button.disabled = node is None or self.parent.value in ("", None, node.parent_id)


class HierarchyPanel:
    """The four levels as a tree and on the map, linked.

    Parameters
    ----------
    world : World or LabSession
        What to look at; a session is shared with other panels.
    standard : str or CircleStandard
        Circle standard that says whose nearest facility counts; that of the session where one is given.
    lang : {"en", "zh"}
        Language to begin with.
    height_px : int
        Height of the map.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan.lab import HierarchyPanel
    >>> panel = HierarchyPanel(cp.load_world("sanheyuan"))
    >>> len(panel.tree.tree.rows) == len(panel.state.open_ids)
    True
    """

    def __init__(
        self,
        world: World | LabSession,
        standard: str | CircleStandard = "ordos-2014",
        *,
        lang: Lang = "en",
        height_px: int = 460,
    ) -> None:
        self.session = LabSession.over(world, standard, lang=lang)
        self.bar = ActionBar(self.session)
        self.map = CityMap(self.session, editable=False, height_px=height_px)
        for name, shown in (("links", True), ("circles", False), ("candidates", False)):
            self.map.set_layer(name, shown)
        self.tree = TreePart(self.session, height_px=height_px - 32)
        self.facts = FactsPart(self.session, self.tree)
        left = widgets.VBox([self.tree.box], layout=widgets.Layout(flex="0 0 310px", min_width="0"))
        right = widgets.VBox(
            [self.map.widget, self.facts.box], layout=widgets.Layout(flex="1 1 0", min_width="0")
        )
        body = widgets.HBox([left, right], layout=widgets.Layout(width="100%", grid_gap="18px"))
        self.box = widgets.VBox([self.bar.box, body], layout=_WIDE)

    @property
    def state(self) -> LabState:
        """What holds now."""
        return self.session.state

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)


def _facts_html(hierarchy: Hierarchy, facility_id: str, lang: Lang) -> str:
    site = hierarchy.nodes[facility_id].site
    heads = ["", text("lab_panels.head_own", lang), text("lab_panels.head_in_all", lang)]
    table = html_table(heads, facts_of(hierarchy, facility_id, lang))
    data = f' class="cp-facts-name" data-id="{escape(facility_id, quote=True)}"'
    return f"<b{data}>{escape(site.label(lang))}</b>{note(parent_words(hierarchy, facility_id, lang))}{table}"


def _parent_options(
    state: LabState, hierarchy: Hierarchy, facility_id: str, lang: Lang
) -> list[tuple[str, str]]:
    """Return who a facility may report to, whom it reports to first."""
    node = hierarchy.nodes[facility_id]
    site = node.site
    choices = list(parents_for(state, facility_id))
    choices.sort(key=lambda other: other.facility_id != node.parent_id)
    options = [] if node.parent_id else [("", "")]
    seen: set[str] = set()
    for other in choices[:_MOST_PARENTS]:
        away_m = ((other.x_m - site.x_m) ** 2 + (other.y_m - site.y_m) ** 2) ** 0.5
        words = text(
            "lab_panels.parent_option", lang, name=short(other.label(lang), 40),
            sign=_SIGNS[other.level], distance=length_words(away_m, lang),
        )  # fmt: skip
        if words in seen:
            words = f"{words} · {other.facility_id}"
        seen.add(words)
        options.append((words, other.facility_id))
    return options or [("", "")]


def _loose_html(hierarchy: Hierarchy, lang: Lang) -> str:
    if not hierarchy.orphans and not hierarchy.cycles:
        return note(text("lab_panels.no_loose", lang))
    parts = []
    for name, ids in (("orphans", hierarchy.orphans), ("cycles", hierarchy.cycles)):
        if ids:
            named = [short(hierarchy.nodes[i].site.label(lang)) for i in ids[:_MOST_NAMED]]
            if len(ids) > _MOST_NAMED:
                named.append(text("lab_panels.and_more", lang, n=count_words(len(ids) - _MOST_NAMED)))
            line = text(f"lab_panels.n_{name}", lang, n=count_words(len(ids)))
            joined = text("fault.comma", lang).join(named)
            parts.append(
                f'<div role="status" style="line-height:1.4"><b>{escape(line)}</b> {escape(joined)}</div>'
            )
    return "".join(parts)
