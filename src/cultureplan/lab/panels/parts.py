"""What panels are put together from: the bar of buttons, the rules, the figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import ipywidgets as widgets

from cultureplan.base.messages import Lang, catalogue, text
from cultureplan.lab.choice import STRAIGHT_LINE, WAYS
from cultureplan.lab.map_widget import CityMap
from cultureplan.lab.meter import GroupFigures
from cultureplan.lab.paint import COLOURINGS
from cultureplan.lab.panels.quiet import Quiet
from cultureplan.lab.session import LabSession
from cultureplan.measures.circles import CircleRule, Setting, circle_names
from cultureplan.plotting.style import COVERED, GRID, UNCOVERED
from cultureplan.plotting.wording import NOTHING, count_words, share_words, signed_words
from cultureplan.world.levels import word

# name of a numeric setting -> lowest, highest, step; others go from a quarter to three times their default
_RANGES = {"speed_m_per_minute": (40.0, 120.0, 5.0), "detour": (1.0, 2.0, 0.05)}
WIDE = widgets.Layout(width="auto")  # shared: one that is changed later needs a layout of its own

_LAYER = widgets.Layout(width="auto", height="24px", margin="0 2px")


class Part(Quiet):
    """A piece of a panel: widgets that show a session and pass on what is done to them."""

    def __init__(self, session: LabSession) -> None:
        self.session = session
        session.subscribe(lambda _: self.refresh())

    def refresh(self) -> None:
        """Show what holds now."""

    def on_click(self, button: Any, action: Callable[[], object]) -> Any:
        """Call an action when a button is pressed; return the button."""
        button.on_click(lambda _: action())
        return button


class ActionBar(Part):
    """Undo, redo, clear, snapshots and the language."""

    def __init__(self, session: LabSession) -> None:
        super().__init__(session)
        button = widgets.Button
        layout = widgets.Layout(width="auto")
        self.undo = self.on_click(button(layout=layout), session.undo)
        self.redo = self.on_click(button(layout=layout), session.redo)
        self.clear = self.on_click(button(layout=layout), lambda: session.do(lambda s: s.clear()))
        self.name = widgets.Text(layout=widgets.Layout(width="130px"), continuous_update=True)
        self.keep = self.on_click(button(layout=layout), self._keep)
        self.snapshots = self.on_value(
            widgets.Dropdown(options=[("", "")], layout=widgets.Layout(width="150px")), self._go
        )
        self.lang = self.on_value(
            widgets.ToggleButtons(
                options=[("English", "en"), ("中文", "zh")],
                value=session.lang,
                style={"button_width": "72px"},
            ),
            session.set_lang,
        )
        left = widgets.HBox([self.undo, self.redo, self.clear, self.name, self.keep, self.snapshots])
        self.box = widgets.HBox(
            [left, self.lang], layout=widgets.Layout(justify_content="space-between", flex_flow="row wrap")
        )
        self.refresh()

    def refresh(self) -> None:
        """Show what can be undone, and the words of the language."""
        state, lang = self.session.state, self.session.lang
        for name in ("undo", "redo", "clear", "keep"):
            getattr(self, name).description = text(f"lab.button_{name}", lang)
        self.undo.disabled, self.redo.disabled = not state.past, not state.future
        self.undo.tooltip = state.draft.step.words(lang) if state.past else ""
        self.redo.tooltip = state.future[-1].step.words(lang) if state.future else ""
        self.clear.disabled = not (state.draft.changes or state.draft.forbidden)
        self.name.placeholder = text("lab.snapshot_name", lang)
        with self.quiet():
            self.lang.value = lang
            options = [(text("lab.snapshot_go", lang), ""), *((name, name) for name in state.snapshots)]
            if self.snapshots.options != tuple(options):
                self.snapshots.options = options
            self.snapshots.value = ""
        self.snapshots.disabled = not state.snapshots

    def _keep(self) -> None:
        name = self.name.value
        if self.session.do(lambda state: state.take_snapshot(name)):
            self.name.value = ""

    def _go(self, name: str) -> None:
        if name:
            self.session.do(lambda state: state.go_to_snapshot(name))


class RuleControls(Part):
    """The circle standard, its limits, and how it is read."""

    def __init__(self, session: LabSession) -> None:
        super().__init__(session)
        choice = session.state.draft.choice
        names = list(dict.fromkeys([*circle_names(), *([] if choice.own else [choice.name])]))
        own = [(choice.own.title(session.lang), choice.own)] if choice.own else []
        self.standard = self.on_value(
            widgets.Dropdown(options=[*own, *((n, n) for n in names)], layout=WIDE), self._select
        )
        self.heading = widgets.HTML()
        self.title = widgets.HTML()
        self.rows: dict[str, Any] = {}
        self.controls = widgets.VBox([])
        self.box = widgets.VBox([self.heading, self.standard, self.title, self.controls], layout=WIDE)
        self._made_for: object = None
        self.refresh()

    def refresh(self) -> None:
        """Show the standard as chosen; sliders are made anew where the rules are others."""
        state, lang = self.session.state, self.session.lang
        choice, standard = state.draft.choice, state.standard
        plain = {str(rule.settlement): rule.limit for rule in choice.plain.rules}
        key = (choice.name, tuple(plain.items()), tuple(s.name for s in standard.settings), lang)
        with self.quiet():
            self.standard.value = choice.own if choice.own is not None else choice.name
            self.heading.value = f"<b>{escape(text('lab.standard', lang))}</b>"
            if key != self._made_for:
                self._made_for = key
                self._make(lang)
                self.title.value = f'<div style="line-height:1.35">{escape(standard.title(lang))}</div>'
            for rule in standard.rules:
                _set_slider(self.rows[f"limit {rule.settlement}"], rule.limit)
            if "way" in self.rows:
                self.rows["way"].value = dict(choice.settings).get("way", STRAIGHT_LINE)
            for setting in standard.settings:
                if setting.name not in self.rows:
                    continue
                widget = self.rows[setting.name]
                if setting.choices:
                    widget.value = setting.value
                else:
                    _set_slider(widget, float(setting.value))

    def _select(self, standard: Any) -> None:
        self.session.do(lambda state: state.select_standard(standard))

    def _make(self, lang: Lang) -> None:
        standard = self.session.state.standard
        self.rows, children = {}, []
        for rule in standard.rules:
            slider = self._limit_slider(rule)
            self.rows[f"limit {rule.settlement}"] = slider
            children += [caption(_limit_words(rule, lang)), slider]
        has_streets = self.session.state.ground.world.streets is not None
        if has_streets and self.session.state.draft.choice.own is None:
            self.rows["way"] = self._choice_widget("way", WAYS, lang)
            children += [caption(setting_words("way", lang), text("circles.way", lang)), self.rows["way"]]
        for setting in standard.settings:
            if setting.name == "way":
                continue
            widget = self._setting_widget(setting, lang)
            self.rows[setting.name] = widget
            meaning = setting.zh if lang == "zh" else setting.en
            children += [caption(setting_words(setting.name, lang), meaning), widget]
        self.controls.children = children

    def _limit_slider(self, rule: CircleRule) -> Any:
        limit, in_minutes = rule.limit, str(rule.unit) == "minutes"
        step = 1.0 if in_minutes else 100.0 if limit <= 5_000 else 500.0
        settlement = str(rule.settlement)
        slider = _slider(step, max(30.0 if in_minutes else 0.0, 3 * limit), step, limit)
        return self.on_value(slider, lambda v: self.session.do(lambda s: s.set_limit(settlement, exact(v))))

    def _setting_widget(self, setting: Setting, lang: Lang) -> Any:
        name = setting.name
        if setting.choices:
            return self._choice_widget(name, setting.choices, lang)
        usual = float(setting.default)
        low, high, step = _RANGES.get(name, (usual / 4, usual * 3, usual / 20))
        widget = _slider(low, high, step, float(setting.value))
        return self.on_value(widget, lambda v: self.session.do(lambda s: s.set_setting(name, exact(v))))

    def _choice_widget(self, name: str, choices: Sequence[str], lang: Lang) -> Any:
        options = [(choice_words(option, lang), option) for option in choices]
        widget = widgets.Dropdown(options=options, layout=WIDE)
        return self.on_value(widget, lambda v: self.session.do(lambda s: s.set_setting(name, v)))


class ViewControls(Part):
    """What the map shows: the colouring of the people and the layers."""

    def __init__(self, session: LabSession, city_map: CityMap) -> None:
        super().__init__(session)
        self.map = city_map
        self.heading = widgets.HTML()
        self.colouring = self.on_value(
            widgets.Dropdown(options=COLOURINGS, layout=WIDE), session.set_colouring
        )
        self.layers = {name: self._layer(name) for name in city_map.layers}
        self.box = widgets.VBox([self.heading, self.colouring, *self.layers.values()], layout=WIDE)
        self._lang: Lang | None = None
        self.refresh()

    def refresh(self) -> None:
        """Show the words of the language."""
        lang = self.session.lang
        with self.quiet():
            if lang != self._lang:
                self._lang = lang
                self.heading.value = f"<b>{escape(text('lab.view', lang))}</b>"
                self.colouring.options = [(text(f"lab.colour_by_{c}", lang), c) for c in COLOURINGS]
                for name, box in self.layers.items():
                    box.description = text(f"lab_map.layer_{name}", lang)
            self.colouring.value = self.session.colouring

    def _layer(self, name: str) -> Any:
        box = widgets.Checkbox(value=self.map.widget.layers[name], indent=False, layout=_LAYER)
        return self.on_value(box, lambda shown: self.map.set_layer(name, shown))


class Figures(Part):
    """Persons covered by settlement type, with the change since today."""

    def __init__(self, session: LabSession) -> None:
        super().__init__(session)
        self.box = widgets.HTML(layout=WIDE)
        self.refresh()

    def refresh(self) -> None:
        """Show the figures of what holds now."""
        session, lang = self.session, self.session.lang
        now, today = session.measured, session.today
        before = {group.name: group for group in (*today.groups, today.everyone)}
        groups = [*now.groups, *([now.everyone] if len(now.groups) > 1 else [])]
        heads = ("settlement", "share", "covered", "uncovered", "change")
        head = "".join(f'<th scope="col">{escape(text(f"lab.head_{name}", lang))}</th>' for name in heads)
        rows = "".join(_row(group, before[group.name], lang) for group in groups)
        self.box.value = f"{_TABLE_STYLE}<table class='cp-figures'><tr>{head}</tr>{rows}</table>"


_TABLE_STYLE = f"""<style>
.cp-figures {{ width: 100%; border-collapse: collapse; line-height: 1.35; margin-top: 8px; }}
.cp-figures th, .cp-figures td {{ padding: 3px 6px; text-align: right; }}
.cp-figures th, .cp-figures td {{ border-bottom: 1px solid {GRID}; font-variant-numeric: tabular-nums; }}
.cp-figures th {{ font-weight: 600; vertical-align: bottom; }}
.cp-figures th:first-child {{ text-align: left; padding-left: 0; }}
.cp-figures i {{ display: inline-block; width: 42px; height: 8px; margin-right: 5px; }}
.cp-figures i {{ background: {UNCOVERED}55; }}
.cp-figures i b {{ display: block; height: 100%; background: {COVERED}; }}
</style>"""


def _row(group: GroupFigures, before: GroupFigures, lang: Lang) -> str:
    name = text("coverage.all", lang) if group.name == "all" else word("settlement", group.name, lang)
    share = group.share
    bar = f'<i><b style="width:{100 * share:.1f}%"></b></i>' if share == share else ""
    cells = (
        f"{bar}{escape(share_words(share))}",
        count_words(group.persons_covered),
        count_words(group.persons_assessed - group.persons_covered),
        signed_words(group.persons_covered - before.persons_covered),
    )
    if group.persons_assessed == 0:
        cells = (escape(text("lab.not_assessed", lang)), NOTHING, NOTHING, NOTHING)
    body = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{escape(name)}</th>{body}</tr>'


def setting_words(name: str, lang: Lang) -> str:
    """Return what people call a setting; one that only its file knows keeps its name."""
    key = f"lab.setting_{name}"
    return text(key, lang) if key in catalogue() else name


def choice_words(name: str, lang: Lang) -> str:
    """Return what people call a reading; one that only its file knows keeps its name."""
    key = f"lab.choice_{name}"
    return text(key, lang) if key in catalogue() else name


def panel_of(bar: Any, controls: list[Any], main: list[Any]) -> Any:
    """Return a panel: the bar above, a column of controls at the left, the rest beside it."""
    column = widgets.VBox(controls, layout=widgets.Layout(flex="0 0 270px", min_width="0", overflow="hidden"))
    rest = widgets.VBox(main, layout=widgets.Layout(flex="1 1 0", min_width="0"))
    body = widgets.HBox([column, rest], layout=widgets.Layout(width="100%", grid_gap="18px"))
    return widgets.VBox([bar, body], layout=WIDE)


def _slider(low: float, high: float, step: float, value: float) -> Any:
    return widgets.FloatSlider(
        min=min(low, value), max=max(high, value), step=step, value=value, layout=WIDE,
        readout_format=".0f" if step >= 1 else ".2f",
    )  # fmt: skip


def exact(value: Any) -> Any:
    """Return what a slider meant: browsers send 9.999999999999998 for 10, unasked."""
    return round(value, 6) if isinstance(value, float) else value


def _set_slider(slider: Any, value: float) -> None:
    if slider.value == value:
        return
    slider.min, slider.max = min(slider.min, value), max(slider.max, value)
    slider.value = value


def wide() -> Any:
    """Return a layout as wide as its place, which may be changed."""
    return widgets.Layout(width="auto")


def show(shown: Sequence[Any], is_shown: bool) -> None:
    """Show or hide widgets, each of which has a layout of its own."""
    for widget in shown:
        widget.layout.display = "" if is_shown else "none"


def caption(words: str, meaning: str = "") -> Any:
    """Return the caption of a control, with what it means as a tip."""
    title = f' title="{escape(meaning)}"' if meaning else ""
    return widgets.HTML(
        f'<div style="margin-top:6px;line-height:1.3"{title}>{escape(words)}</div>', layout=wide()
    )


def _limit_words(rule: CircleRule, lang: Lang) -> str:
    unit = text(f"coverage.{rule.unit.name.lower()}", lang)
    return text("lab.limit_of", lang, settlement=word("settlement", rule.settlement, lang), unit=unit)
