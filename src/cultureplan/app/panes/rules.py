"""Step 2: which circle standard says who is near enough, and which policy standard says what else is due."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets
import pandas as pd

from cultureplan.app import markup
from cultureplan.app.duties import duty_choices, policy_choices
from cultureplan.app.panes.base import Pane, choices_of, columns, label, wide
from cultureplan.base.messages import text
from cultureplan.lab.panels.parts import Figures, RuleControls
from cultureplan.measures.circles import circle_names, load_circles
from cultureplan.standards.catalogue import load_standard
from cultureplan.world.levels import word


class RulesPane(Pane):
    """Circle standard and policy standard."""

    def build(self) -> list[Any]:
        """Return the choices at the left, and what they mean for today at the right."""
        self.head = widgets.HTML()
        self.circles = RuleControls(self.session)
        self.policy_label, self.duties_label = widgets.HTML(), widgets.HTML()
        self.policy = self.on_value(widgets.Dropdown(layout=wide()), self.planner.set_policy)
        self.duties = self.on_value(widgets.Dropdown(layout=wide()), self.planner.set_duties)
        self.rules, self.today_label = widgets.HTML(), widgets.HTML()
        self.figures = Figures(self.session)
        self.policy_words = widgets.HTML()
        left = [self.circles.box, self.policy_label, self.policy, self.duties_label, self.duties]
        right = [self.rules, self.today_label, self.figures.box, self.policy_words]
        return [self.head, columns(left, right)]

    def refresh(self) -> None:
        """Show the standards as chosen."""
        lang, planner = self.lang, self.planner
        self.head.value = markup.heading(self.words("rules_title"), self.words("rules_lead"))
        self.policy_label.value = (
            f'<div class="cp-label cp-strong">{escape(self.words("policy_label"))}</div>'
        )
        self.duties_label.value = label(self.words("duties_label"))
        choices_of(self.policy, policy_choices(lang), planner.desk.policy)
        choices_of(self.duties, duty_choices(lang), planner.desk.duties)
        with self.quiet():
            self._name_circles()
        self.rules.value = self._rules_html()
        self.today_label.value = f"<h3>{escape(self.words('figures_caption'))}</h3>"
        standard = load_standard(planner.desk.policy)
        self.policy_words.value = f"<h3>{escape(standard.title(lang))}</h3>" + markup.note(
            self.words("policy_words", n=len(standard.requirements))
        )

    def _name_circles(self) -> None:
        """Show titles, not file names, where the circle standard is chosen."""
        named = [(load_circles(name).title(self.lang), name) for name in circle_names()]
        dropdown = self.circles.standard
        own = [pair for pair in dropdown.options if not isinstance(pair[1], str)]
        known = {name for _, name in named}
        others = [pair for pair in dropdown.options if isinstance(pair[1], str) and pair[1] not in known]
        if tuple(dropdown.options) == (*own, *named, *others):
            return
        value = dropdown.value
        with self.circles.quiet():
            dropdown.options = [*own, *named, *others]
            dropdown.value = value

    def _rules_html(self) -> str:
        standard, lang = self.session.state.standard, self.lang
        comma = text("fault.comma", lang)
        rows = []
        for rule in standard.rules:
            kinds = dict.fromkeys(kind for need in rule.needs for kind in need.kinds)
            counted = comma.join(word("kind", kind, lang) for kind in kinds) or self.words("any_kind")
            settlement = word("settlement", str(rule.settlement), lang)
            rows.append({"settlement": settlement, "limit": rule.limit_words(lang), "counted": counted})
        return markup.table(pd.DataFrame(rows), lang=lang, caption=standard.title(lang))
