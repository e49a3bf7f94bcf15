"""Step 3: the map - drag, open and close by hand, or ask the solver - and who is newly served."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets

from cultureplan.app import markup
from cultureplan.app.panes.asking import Asking
from cultureplan.app.panes.base import Pane, columns
from cultureplan.app.served import by_group, by_place
from cultureplan.lab.map_widget import CityMap
from cultureplan.lab.panels.parts import Figures, ViewControls
from cultureplan.plotting.wording import count_words

_SERVED = {"persons": "count", "covered_before": "count", "covered_now": "count", "change": "signed"}


class SitesPane(Pane):
    """The map, the solver, and who is newly served."""

    def build(self) -> list[Any]:
        """Return controls at the left; map, figures and tables at the right."""
        session = self.session
        self.head = widgets.HTML()
        self.map = CityMap(session, height_px=500)
        self.asking = Asking(self)
        self.clear = self.button(lambda: session.do(lambda state: state.clear()))
        self.view = ViewControls(session, self.map)
        self.figures = Figures(session)
        self.served = widgets.HTML()
        self.places, self.groups = widgets.HTML(), widgets.HTML()
        for table in (self.places, self.groups):
            table.add_class("cp-half")
        both = widgets.HBox([self.places, self.groups])
        both.add_class("cp-pair")
        left = [self.asking.box, self.view.box, self.clear]
        return [self.head, columns(left, [self.map.widget, self.figures.box, self.served, both])]

    def refresh(self) -> None:
        """Show words, figures and who is newly served."""
        state, lang = self.session.state, self.lang
        self.head.value = markup.heading(self.words("sites_title"), self.words("sites_lead"))
        self.clear.description = self.words("clear")
        self.clear.disabled = not (state.draft.changes or state.draft.forbidden)
        self.asking.refresh()
        now, today = self.session.measured, self.session.today
        gained = float(now.persons[now.is_covered & ~today.is_covered].sum())
        lost = float(now.persons[today.is_covered & ~now.is_covered].sum())
        words = self.words("served_none")
        if state.draft.changes:
            words = self.words("served", gained=count_words(gained), lost=count_words(lost))
        told = markup.note(words, tone="good" if gained else "plain")
        self.served.value = f"<h3>{escape(self.words('served_title'))}</h3>{told}"
        for widget, key, rows in (
            (self.places, "by_place_caption", by_place(state, now, today, lang=lang)),
            (self.groups, "by_group_caption", by_group(state, now, today, lang=lang)),
        ):
            widget.layout.display = "none" if rows.empty else ""
            shown = markup.table(rows, lang=lang, kinds=_SERVED, most=8, caption=self.words(key))
            widget.value = "" if rows.empty else shown
