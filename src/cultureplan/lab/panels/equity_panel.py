"""Equity panel: how evenly access is spread, with the Lorenz curve beside the map."""

from __future__ import annotations

import dataclasses
import math
from html import escape
from typing import Any

import ipywidgets as widgets

from cultureplan.base.errors import CulturePlanError
from cultureplan.base.messages import Lang, text
from cultureplan.lab.equity_view import (
    ALL_PERSONS,
    EquityFindings,
    EquityQuestion,
    equity_of,
    group_label,
    groupings_of,
    measures_of,
    settlements_of,
    supplies_of,
    supply_label,
    weights_of,
)
from cultureplan.lab.lorenz_svg import LorenzLine, lorenz_svg
from cultureplan.lab.map_widget import CityMap
from cultureplan.lab.panels.parts import ActionBar, Part, RuleControls, ViewControls, panel_of
from cultureplan.lab.panels.tables import beside, html_table, note
from cultureplan.lab.session import LabSession
from cultureplan.lab.state import LabState
from cultureplan.measures.circles import CircleStandard
from cultureplan.measures.statistics import share_of
from cultureplan.plotting.style import INK, MUTED, SERIES, SETTLEMENT_COLOURS
from cultureplan.plotting.wording import NOTHING, count_words, group_words, length_words, share_words
from cultureplan.world.levels import word
from cultureplan.world.world import World

_MOST_CURVES = 5  # of groups: more cannot be told apart
_MOST_GROUPS = 40
_WIDE = widgets.Layout(width="auto")
_INDICES = ("gini", "hoover", "theil", "between", "within")


class EquityControls(Part):
    """What is shared out, among whom, and how people are split."""

    def __init__(self, session: LabSession) -> None:
        super().__init__(session)
        self.question = EquityQuestion(by=groupings_of(session.state.ground)[0])
        self.heading = widgets.HTML()
        self.measure = self._choice("measure")
        self.supply = self._choice("supply")
        self.weights = self._choice("weights")
        self.by = self._choice("by")
        self.captions = {name: widgets.HTML() for name in ("supply", "weights", "settlements", "by")}
        ground = session.state.ground
        self.settlements = {
            name: self.on_value(
                widgets.Checkbox(value=True, indent=False, layout=_WIDE), lambda _: self._ask()
            )
            for name in settlements_of(ground)
        }
        kinds = widgets.HBox(
            list(self.settlements.values()), layout=widgets.Layout(flex_flow="row wrap", grid_gap="0 14px")
        )
        towns = [self.captions["settlements"], kinds]
        self.box = widgets.VBox(
            [
                self.heading, self.measure, self.captions["supply"], self.supply, self.captions["weights"],
                self.weights, *(towns if len(self.settlements) > 1 else []), self.captions["by"], self.by,
            ],
            layout=_WIDE,
        )  # fmt: skip
        self.refresh()

    def refresh(self) -> None:
        """Show the question in the language, with what can be asked under the standard."""
        lang, state, question = self.session.lang, self.session.state, self.question
        ground = state.ground
        measures = measures_of(state.standard)
        if question.measure not in measures:
            self.question = question = dataclasses.replace(question, measure=measures[0])
        with self.quiet():
            self.heading.value = f"<b>{escape(text('lab_panels.equity_heading', lang))}</b>"
            for name, caption in self.captions.items():
                caption.value = escape(text(f"lab_panels.{name}_caption", lang))
            _options(
                self.measure, [(text(f"lab_panels.measure_{m}", lang), m) for m in measures], question.measure
            )
            _options(self.supply, [(supply_label(s, lang), s) for s in supplies_of(ground)], question.supply)
            _options(self.weights, [(_who(w, lang), w) for w in weights_of(ground)], question.weights)
            _options(self.by, [(_level(b, lang), b) for b in groupings_of(ground)], question.by)
            for name, box in self.settlements.items():
                box.description = word("settlement", name, lang)
                box.value = not question.settlements or name in question.settlements
        shown = "" if question.measure == "access" else "none"
        self.supply.layout.display = self.captions["supply"].layout.display = shown
        self.weights.layout.display = "" if len(weights_of(ground)) > 1 else "none"
        self.captions["weights"].layout.display = self.weights.layout.display
        self.by.layout.display = "" if len(groupings_of(ground)) > 1 else "none"
        self.captions["by"].layout.display = self.by.layout.display

    def _choice(self, name: str) -> Any:
        widget = widgets.Dropdown(options=[("", "")], layout=widgets.Layout(width="auto"))
        return self.on_value(widget, lambda _: self._ask())

    def _ask(self) -> None:
        wanted = frozenset(name for name, box in self.settlements.items() if box.value)
        everyone = len(wanted) in (0, len(self.settlements))  # nobody at all is no question
        self.question = EquityQuestion(
            measure=self.measure.value,
            supply=self.supply.value,
            weights=self.weights.value,
            settlements=frozenset() if everyone else wanted,
            by=self.by.value,
        )
        self.session.say("")


class EquityFigures(Part):
    """The curve and the indices, now and today."""

    def __init__(self, session: LabSession, controls: EquityControls) -> None:
        super().__init__(session)
        self.controls = controls
        self.curve = widgets.HTML(layout=_WIDE)
        self.table = widgets.HTML(layout=_WIDE)
        self.groups = widgets.HTML(layout=_WIDE)
        self._today: tuple[object, EquityFindings] | None = None
        self.refresh()

    def refresh(self) -> None:
        """Show the curve and the indices of what is shown."""
        session, lang = self.session, self.session.lang
        try:
            now = equity_of(session.shown, session.measured, self.controls.question)
            today = self._before()
        except CulturePlanError as error:
            self.curve.value = note(error.render(lang))
            self.table.value = self.groups.value = ""
            return
        self.curve.value = lorenz_svg(self._lines(now, today, lang), is_cost=now.question.is_cost, lang=lang)
        self.table.value = _index_table(now, today if session.shown.draft.changes else None, lang)
        self.groups.value = _group_table(session.state, now, lang)

    def _before(self) -> EquityFindings:
        session, question = self.session, self.controls.question
        state = session.shown
        if not state.draft.changes:
            return equity_of(state, session.measured, question)
        key = (id(state.ground), state.standard, question)
        if self._today is None or self._today[0] != key:
            self._today = (key, equity_of(state, session.today, question, today=True))
        return self._today[1]

    def _lines(self, now: EquityFindings, today: EquityFindings, lang: Lang) -> list[LorenzLine]:
        state, by = self.session.state, now.question.by
        lines = []
        if self.session.shown.draft.changes:
            lines.append(
                LorenzLine(
                    label=text("lab.today", lang), colour=MUTED, points=today.curve(),
                    gini=today.figures["gini"], is_dashed=True,
                )
            )  # fmt: skip
        table = now.by_group
        if 1 < len(table) <= _MOST_CURVES:
            for number, group in enumerate(table.index):
                colour = SETTLEMENT_COLOURS.get(str(group), SERIES[(number + 1) % len(SERIES)])
                label = group_label(state.ground, by, str(group), lang)
                gini = float(table["gini"][group])
                lines.append(LorenzLine(label=label, colour=colour, points=now.curve(group), gini=gini))
        everybody = text("lab_panels.everybody", lang)
        lines.append(
            LorenzLine(label=everybody, colour=INK, points=now.curve(), gini=now.figures["gini"], width=2.6)
        )
        return lines


class EquityPanel:
    """A map coloured by how far people have to go, and how evenly that is spread.

    Parameters
    ----------
    world : World or LabSession
        What to look at; a session is shared with other panels.
    standard : str or CircleStandard
        Circle standard to begin with; that of the session where one is given.
    lang : {"en", "zh"}
        Language to begin with.
    height_px : int
        Height of the map.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan.lab import EquityPanel
    >>> panel = EquityPanel(cp.load_world("sanheyuan"))
    >>> "Gini" in panel.figures.table.value
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
        self.session.set_colouring("cost")
        self.bar = ActionBar(self.session)
        self.map = CityMap(self.session, height_px=height_px)
        for name in ("circles", "candidates"):  # who is far from anything is to be seen first
            self.map.set_layer(name, False)
        self.controls = EquityControls(self.session)
        self.rules = RuleControls(self.session)
        self.view = ViewControls(self.session, self.map)
        self.figures = EquityFigures(self.session, self.controls)
        controls = [self.controls.box, self.rules.box, self.view.box]
        side = beside((self.figures.curve, 1, 300), (self.figures.table, 1, 300))
        main = [beside((self.map.widget, 3, 540), (side, 2, 340)), self.figures.groups]
        self.box = panel_of(self.bar.box, controls, main)

    @property
    def state(self) -> LabState:
        """What holds now."""
        return self.session.state

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)


def _index_table(now: EquityFindings, today: EquityFindings | None, lang: Lang) -> str:
    shown = [now] if today is None else [now, today]
    rows = []
    for name in ("mean", *_INDICES, "gap", "trimmed_gap"):
        cells = [text(f"lab_panels.figure_{name}", lang)]
        for findings in shown:
            value = findings.figures[name]
            words = _index(value) if name in _INDICES else _amount(value, now.question, lang)
            if name in ("between", "within") and value == value:
                words += f" ({share_words(share_of(value, findings.figures['theil']))})"
            cells.append(words)
        rows.append(cells)
    heads = [text("lab_panels.head_index", lang), text("lab.now", lang), text("lab.today", lang)]
    return html_table(heads[: 1 + len(shown)], rows)


def _group_table(state: LabState, now: EquityFindings, lang: Lang) -> str:
    question, groups = now.question, now.by_group
    lines = [
        [
            group_label(state.ground, question.by, str(group), lang),
            count_words(row["persons"]),
            _amount(row["mean"], question, lang),
            _index(row["gini"]),
            share_words(row["theil_share"]),
        ]
        for group, row in groups.head(_MOST_GROUPS).iterrows()
    ]
    heads = [text(f"lab_panels.head_{n}", lang) for n in ("group", "persons", "mean", "gini", "theil_share")]
    table = f'<div class="cp-long">{html_table(heads, lines)}</div>' if len(groups) > 1 else ""
    notes = []
    if now.persons_left_out > 0:
        notes.append(text("lab_panels.left_out", lang, n=count_words(now.persons_left_out)))
    if question.measure == "access":
        notes.append(text("lab_panels.access_note", lang))
    return table + "".join(note(line) for line in notes)


def _amount(value: float, question: EquityQuestion, lang: Lang) -> str:
    if math.isnan(value):
        return NOTHING
    if question.measure == "distance":
        return length_words(value, lang)
    if question.measure == "ratio":
        return text("lab_panels.times_limit", lang, n=f"{value:.2f}")
    return text("lab_panels.per_1000", lang, n=f"{value:,.3g}" if value < 1000 else f"{value:,.0f}")


def _index(value: float) -> str:
    return NOTHING if math.isnan(value) else f"{value:.3f}"


def _who(name: str, lang: Lang) -> str:
    return text("lab_panels.all_persons", lang) if name == ALL_PERSONS else group_words(name, lang)


def _level(name: str, lang: Lang) -> str:
    return text("lab_panels.by_settlement", lang) if name == "settlement" else word("place_level", name, lang)


def _options(widget: Any, options: list[tuple[str, str]], value: str) -> None:
    if widget.options != tuple(options):
        widget.options = options
    widget.value = value
