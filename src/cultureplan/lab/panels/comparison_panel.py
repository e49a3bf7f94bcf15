"""Comparison panel: two or more scenarios side by side on maps that move together, and what differs."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as widgets
import pandas as pd

from cultureplan.base.errors import CulturePlanError
from cultureplan.base.messages import Lang, text
from cultureplan.lab.comparing import (
    NOW,
    TODAY,
    Comparer,
    ScenarioFigures,
    SideSession,
    figures_of,
    newly_served,
    scenario_keys,
    scenario_label,
)
from cultureplan.lab.map_widget import CityMap
from cultureplan.lab.panels.parts import ActionBar, Part, RuleControls, ViewControls
from cultureplan.lab.panels.tables import html_table, note
from cultureplan.lab.session import LabSession
from cultureplan.lab.state import LabState
from cultureplan.measures.circles import CircleStandard
from cultureplan.planning.compare import Comparison
from cultureplan.plotting.wording import (
    NOTHING,
    cost_words,
    count_words,
    points_words,
    share_words,
    short,
    signed_words,
)
from cultureplan.world.levels import word
from cultureplan.world.world import World

_MOST_MAPS = 4
_MOST_POINTS = 12
_WIDE = widgets.Layout(width="auto")


class SideMap(CityMap):
    """The map of one side: its line says what it shows, and what is gained against the first."""

    session: SideSession

    def show(self) -> None:
        """Send what changed, with the line of this side."""
        side = self.session
        with self.widget.hold_sync():
            self.widget.editable = self.widget.movable = side.is_editable
            super().show()
            self.widget.status = _side_line(side)


class Side(Part):
    """One map and the list from which its scenario is chosen."""

    def __init__(
        self, session: LabSession, key: str, *, height_px: int, baseline: SideSession | None
    ) -> None:
        self.side = SideSession(session, key)
        self.side.baseline = baseline if baseline is not None else self.side
        self.map = SideMap(self.side, editable=self.side.is_editable, height_px=height_px)
        self.choice = widgets.Dropdown(options=[("", "")], layout=_WIDE)
        super().__init__(session)
        self.on_value(self.choice, self._choose)
        self.is_shown = True
        self.box = widgets.VBox(
            [self.choice, self.map.widget], layout=widgets.Layout(flex="1 1 300px", min_width="0")
        )
        self.refresh()

    def refresh(self) -> None:
        """Show the scenario as it is now; a map that was put away waits."""
        if not self.is_shown:
            return
        lang = self.session.lang
        self.side.follow()
        options = [(scenario_label(key, lang), key) for key in scenario_keys(self.session.state)]
        with self.quiet():
            if self.choice.options != tuple(options):
                self.choice.options = options
            self.choice.value = self.side.key

    def _choose(self, key: str) -> None:
        self.side.key = key
        self.session.say("")  # every map and the table are coloured and counted against the first


class Differences(Part):
    """The table of what differs, and who is newly served."""

    def __init__(self, session: LabSession, keys: Callable[[], list[str]]) -> None:
        super().__init__(session)
        self.keys = keys
        self.comparer = Comparer()
        self.comparison: Comparison | None = None
        self.table = widgets.HTML(layout=_WIDE)
        self.people = widgets.HTML(layout=_WIDE)
        self.box = widgets.VBox([self.table, self.people], layout=_WIDE)

    def refresh(self) -> None:
        """Compare anew; while something is dragged, what was compared stays."""
        session, lang = self.session, self.session.lang
        if session.is_preview:
            return
        try:
            self.comparison = self.comparer.compare(session.state, self.keys())
        except CulturePlanError as error:
            self.table.value, self.people.value = note(error.render(lang)), ""
            return
        self.table.value = _table(figures_of(session.state, self.comparison), lang)
        self.people.value = _people(self.comparison, lang)


class ComparisonPanel:
    """Scenarios side by side: today, the snapshots, and what is being planned.

    Parameters
    ----------
    world : World or LabSession
        What to compare; a session brings its snapshots.
    standard : str or CircleStandard
        Circle standard to begin with; that of the session where one is given.
    n_maps : int
        How many maps, 2 to 4.
    lang : {"en", "zh"}
        Language to begin with.
    height_px : int
        Height of each map.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan.lab import ComparisonPanel
    >>> panel = ComparisonPanel(cp.load_world("sanheyuan"))
    >>> panel.session.do(lambda state: state.close(state.open_ids[-1]))
    True
    >>> panel.differences.comparison.frame["n_facilities"].diff().iloc[-1].item()
    -1.0
    """

    def __init__(
        self,
        world: World | LabSession,
        standard: str | CircleStandard = "ordos-2014",
        *,
        n_maps: int = 2,
        lang: Lang = "en",
        height_px: int = 400,
    ) -> None:
        self.session = LabSession.over(world, standard, lang=lang)
        self.height_px = height_px
        self.bar = ActionBar(self.session)
        self.sides: list[Side] = []
        self.maps = widgets.Box(layout=widgets.Layout(display="flex", flex_flow="row wrap", grid_gap="14px"))
        self.caption, self.help = widgets.HTML(), widgets.HTML()
        self.n_maps = widgets.ToggleButtons(
            options=[str(n) for n in range(2, _MOST_MAPS + 1)],
            value=str(min(max(n_maps, 2), _MOST_MAPS)),
            style={"button_width": "40px"},
        )
        self._make_sides(int(self.n_maps.value))
        self.differences = Differences(self.session, self._keys)
        self.rules = RuleControls(self.session)
        self.view = ViewControls(self.session, self.sides[0].map)
        self.n_maps.observe(lambda _: self.session.say(""), names="value")
        self.session.subscribe(lambda _: self._refresh())
        self._refresh()
        self.differences.refresh()
        row = widgets.HBox(
            [self.caption, self.n_maps, self.help],
            layout=widgets.Layout(flex_flow="row wrap", align_items="center", grid_gap="4px 12px"),
        )
        column = widgets.VBox(
            [self.rules.box, self.view.box],
            layout=widgets.Layout(flex="0 0 250px", min_width="0", overflow="hidden"),
        )
        tables = widgets.VBox([self.differences.box], layout=widgets.Layout(flex="1 1 0", min_width="0"))
        below = widgets.HBox([column, tables], layout=widgets.Layout(width="100%", grid_gap="18px"))
        self.box = widgets.VBox([self.bar.box, row, self.maps, below], layout=_WIDE)

    @property
    def state(self) -> LabState:
        """What is being planned."""
        return self.session.state

    def _make_sides(self, n: int) -> None:
        """Have so many maps: new ones are made, those too many are put away and kept."""
        while len(self.sides) < n:
            first = self.sides[0] if self.sides else None
            side = Side(
                self.session, self._free_key(n), height_px=self.height_px,
                baseline=None if first is None else first.side,
            )  # fmt: skip
            if first is None:
                side.map.set_layer("candidates", False)
                side.map.widget.observe(lambda change: self._set_layers(change["new"]), names="layers")
            else:
                side.map.widget.layers = first.map.widget.layers
                side.map.show()
                first.map.link(side.map)
            self.sides.append(side)
        for number, side in enumerate(self.sides):
            was, side.is_shown = side.is_shown, number < n
            if side.is_shown and not was:
                side.refresh()
        self.maps.children = [side.box for side in self.sides[:n]]

    def _free_key(self, n: int) -> str:
        """Return the scenario of the next map: today first, what is planned last, snapshots between."""
        at, state = len(self.sides), self.session.state
        used = {side.side.key for side in self.sides}
        kept = [key for key in scenario_keys(state) if key not in {TODAY, NOW} | used]
        if at == 0:
            return TODAY
        return NOW if NOW not in used and (at == n - 1 or not kept) else next(iter(kept), TODAY)

    def _set_layers(self, layers: dict[str, bool]) -> None:
        for side in self.sides[1:]:
            side.map.widget.layers = layers
            side.map.show()

    def _keys(self) -> list[str]:
        known = scenario_keys(self.session.state)
        sides = [side for side in self.sides if side.is_shown]
        return [side.side.key if side.side.key in known else TODAY for side in sides]

    def _refresh(self) -> None:
        lang, n = self.session.lang, int(self.n_maps.value)
        if n != sum(side.is_shown for side in self.sides):
            self._make_sides(n)
            self.differences.refresh()
        self.caption.value = escape(text("lab_panels.scenarios_caption", lang))
        self.help.value = note(text("lab_panels.comparison_help", lang))

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)


def _side_line(side: SideSession) -> str:
    lang, now = side.lang, side.measured.everyone
    line = text(
        "lab_panels.side_status", lang, name=scenario_label(side.key, lang), share=share_words(now.share),
        covered=count_words(now.persons_covered),
    )  # fmt: skip
    first = side.baseline
    if first is None or first is side or first.key == side.key:
        return text("lab_panels.side_first", lang, line=line)
    change = signed_words(now.persons_covered - first.measured.everyone.persons_covered)
    return text(
        "lab_panels.side_change", lang, line=line, first=scenario_label(first.key, lang), change=change
    )


def _table(figures: tuple[ScenarioFigures, ...], lang: Lang) -> str:
    first = figures[0]
    heads = [text("lab_panels.head_measure", lang), *(scenario_label(f.key, lang) for f in figures)]
    rows = []
    for name, words, difference in _ROWS:
        values = [float(getattr(f, name)) for f in figures]
        if name in ("build_cost", "annual_cost") and not any(value and value == value for value in values):
            continue  # nothing opens or closes, or nothing is known
        cells = [words(value) for value in values]
        if difference is not None:
            base = float(getattr(first, name))
            for k in range(1, len(values)):
                shown = difference(values[k] - base, lang)
                same = values[k] == base or shown == NOTHING
                cells[k] += "" if same else f" ({shown})"
        rows.append([text(f"lab_panels.row_{name}", lang), *cells])
    return html_table(heads, rows)


def _number(value: float) -> str:
    return NOTHING if math.isnan(value) else f"{value:.3f}"


def _signed_number(value: float, _: Lang) -> str:
    return (
        NOTHING
        if math.isnan(value) or round(value, 3) == 0
        else f"{'+' if value > 0 else '−'}{abs(value):.3f}"
    )


def _money(value: float) -> str:
    return count_words(value).replace("-", "−")


def _signed_count(value: float, _: Lang) -> str:
    return signed_words(value)


_ROWS: tuple[tuple[str, Callable[[float], str], Callable[[float, Lang], str] | None], ...] = (
    ("persons_covered", count_words, _signed_count),
    ("share", share_words, points_words),
    ("persons_newly_covered", count_words, None),
    ("persons_lost", count_words, None),
    ("mean_ratio", _number, _signed_number),
    ("gini", _number, _signed_number),
    ("n_facilities", count_words, _signed_count),
    ("n_orphans", count_words, _signed_count),
    ("build_cost", _money, None),
    ("annual_cost", _money, None),
)


def _people(comparison: Comparison, lang: Lang) -> str:
    """Return who is newly served by each scenario and who no longer, against the first."""
    first = scenario_label(comparison.labels[0], lang)
    parts = []
    for key in comparison.labels[1:]:
        name = scenario_label(key, lang)
        changed = newly_served(comparison, key, lang)
        if changed.empty:
            parts.append(note(text("lab_panels.nobody_changes", lang, name=name, first=first)))
        for change, heading in (("newly_covered", "newly_heading"), ("lost", "lost_heading")):
            rows = changed[changed["change"] == change]
            if len(rows):
                n = count_words(rows["persons"].sum())
                words = text(f"lab_panels.{heading}", lang, name=name, first=first, n=n)
                parts.append(f'<p style="margin:12px 0 0;line-height:1.4"><b>{escape(words)}</b></p>')
                parts.append(_points_table(rows, lang))
    return "".join(parts)


def _points_table(rows: pd.DataFrame, lang: Lang) -> str:
    heads = [text(f"lab_panels.head_{name}", lang) for name in ("where", "persons", "before", "after")]
    lines = []
    for row in rows.head(_MOST_POINTS).to_dict("records"):
        settlement = word("settlement", str(row["settlement"]), lang)
        unit = str(row["unit"])
        lines.append(
            [
                text("lab.level_kind", lang, level=short(str(row["name"]), 40), kind=settlement),
                count_words(row["persons"]),
                cost_words(row["cost_before"], unit, lang),
                cost_words(row["cost_after"], unit, lang),
            ]
        )
    more = len(rows) - _MOST_POINTS
    rest = note(text("lab_panels.and_more_points", lang, n=count_words(more))) if more > 0 else ""
    return html_table(heads, lines) + rest
