"""The hour of the week: a switch, a day and an hour; what is shut then does not count."""

from __future__ import annotations

from html import escape

import ipywidgets as widgets

from cultureplan.base.messages import Lang, text
from cultureplan.lab.panels.parts import WIDE, Part, show, wide
from cultureplan.lab.session import LabSession
from cultureplan.lab.week import day_words, stated_hours

_FIRST_HOUR = 24 + 10  # Tuesday 10:00: on Mondays many libraries are shut
_DAYS = range(7)


class HourControls(Part):
    """Which hour of the week is looked at; off to begin with, and where nobody states opening hours."""

    def __init__(self, session: LabSession) -> None:
        super().__init__(session)
        self.heading, self.note = widgets.HTML(), widgets.HTML(layout=WIDE)
        self.switch = self.on_value(widgets.Checkbox(indent=False, layout=WIDE), self._switch)
        self.day = self.on_value(
            widgets.Dropdown(options=[(str(d), d) for d in _DAYS], layout=wide()), self._go
        )
        self.hour = self.on_value(
            widgets.IntSlider(
                min=0, max=23, layout=wide(), readout=False, style={"description_width": "84px"}
            ),
            self._go,
        )
        self.box = widgets.VBox([self.heading, self.switch, self.day, self.hour, self.note], layout=WIDE)
        self._hours = stated_hours(session.state.ground)
        self._lang: Lang | None = None
        self.refresh()

    def refresh(self) -> None:
        """Show the hour of what holds now, and how many facilities are open then."""
        session, lang = self.session, self.session.lang
        hour = session.state.draft.hour
        with self.quiet():
            if lang != self._lang:
                self._lang = lang
                self.heading.value = f"<b>{escape(text('lab_map.hours_heading', lang))}</b>"
                self.switch.description = text("lab_map.hours_switch", lang)
                self.day.tooltip = text("lab_map.hours_day", lang)
                self.hour.tooltip = text("lab_map.hours_hour", lang)
                self.day.options = [(day_words(day, lang), day) for day in _DAYS]
            self.switch.value = hour is not None
            self.switch.disabled = not self._hours
            self.day.value, self.hour.value = divmod(_FIRST_HOUR if hour is None else hour, 24)
            self.hour.description = f"{self.hour.value:02d}:00"
        show([self.day, self.hour], hour is not None)
        self.note.value = f'<div style="line-height:1.35">{escape(self._note(lang))}</div>'

    def _note(self, lang: Lang) -> str:
        state = self.session.state
        if not self._hours:
            return text("lab_map.hours_none", lang)
        if state.draft.hour is None:
            return ""
        base = state.ground.base_sites
        unknown = [n for n in state.open_ids if n in base and base[n].is_open and n not in self._hours]
        return text(
            "lab_map.hours_note", lang,
            n=len(state.open_ids) - len(state.asleep), total=len(state.open_ids), unknown=len(unknown),
        )  # fmt: skip

    def _switch(self, is_on: bool) -> None:
        hour = _FIRST_HOUR if is_on else None
        self.session.do(lambda state: state.set_hour(hour))

    def _go(self, _: int) -> None:
        hour = 24 * int(self.day.value) + int(self.hour.value)
        if self.session.state.draft.hour is not None:
            self.session.do(lambda state: state.set_hour(hour))
