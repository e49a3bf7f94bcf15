"""Step 5: what the policy standard asks for, before and after the plan, and which departments must act."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets

from cultureplan.app import markup
from cultureplan.app.duties import duty_choices, gap_table, missing_table, policy_choices, verdict_counts
from cultureplan.app.panes.base import Pane, choices_of, label, wide
from cultureplan.base.errors import CulturePlanError
from cultureplan.lab.panels.standards_panel import MatrixPart
from cultureplan.standards.catalogue import load_standard

_GAPS = {
    "requirement": "code",
    "before": "verdict",
    "after": "verdict",
    "n_before": "count",
    "n_after": "count",
}


class DutiesPane(Pane):
    """Requirements, verdicts, departments."""

    def build(self) -> list[Any]:
        """Return the choice of documents over the tables."""
        self.head = widgets.HTML()
        self.policy_label, self.duties_label = widgets.HTML(), widgets.HTML()
        self.policy = self.on_value(widgets.Dropdown(layout=wide()), self.planner.set_policy)
        self.duties = self.on_value(widgets.Dropdown(layout=wide()), self.planner.set_duties)
        chosen = [
            widgets.VBox([self.policy_label, self.policy]), widgets.VBox([self.duties_label, self.duties]),
        ]  # fmt: skip
        row = widgets.HBox(chosen)
        row.add_class("cp-pair")
        for part in chosen:
            part.add_class("cp-half")
        self.status, self.gaps, self.missing = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.matrix_title = widgets.HTML()
        policy = load_standard(self.planner.desk.policy)
        self.matrix = MatrixPart(self.session, policy, registers=None, height_px=360)
        fields = [
            widgets.VBox([self.matrix.captions[name], getattr(self.matrix, name)])
            for name in ("level", "theme", "verdict")
        ]
        filters = widgets.HBox(fields)
        filters.add_class("cp-row")
        cells = widgets.Box([self.matrix.matrix], layout=widgets.Layout(flex="3 1 0", min_width="0"))
        behind = widgets.Box([self.matrix.details], layout=widgets.Layout(flex="2 1 0", min_width="0"))
        both = widgets.HBox([cells, behind])
        both.add_class("cp-pair")
        return [
            self.head, row, self.status, self.gaps, self.matrix_title, filters, self.matrix.counts, both,
            self.missing,
        ]  # fmt: skip

    def refresh(self) -> None:
        """Check, and show."""
        lang, planner = self.lang, self.planner
        self.head.value = markup.heading(self.words("duties_title"), self.words("duties_lead"))
        self.policy_label.value = label(self.words("policy_label"))
        self.duties_label.value = label(self.words("duties_label"))
        choices_of(self.policy, policy_choices(lang), planner.desk.policy)
        choices_of(self.duties, duty_choices(lang), planner.desk.duties)
        try:
            checked = planner.checked()
        except CulturePlanError as error:
            self.status.value = markup.note(error.render(lang), tone="bad")
            self.gaps.value = self.missing.value = ""
            return
        if checked is None:
            return
        counts = verdict_counts(checked)
        rows = [
            (self.words(f"n_{str(name).lower()}"), _change(int(row["before"]), int(row["after"])))
            for name, row in counts.iterrows()
        ]
        gaps = gap_table(checked, lang)
        planned = bool(self.session.state.draft.changes)
        words = self.words("duties_words" if planned else "duties_today")
        self.status.value = markup.facts(rows) + markup.note(words)
        shown = gaps if planned else gaps.drop(columns=["after", "n_after"])
        if not planner.desk.duties:
            shown = shown.drop(columns=["lead", "support", "reason"])
        self.gaps.value = (
            markup.note(self.words("gaps_none"))
            if shown.empty
            else markup.table(shown, lang=lang, kinds=_GAPS, caption=self.words("gaps_caption"))
        )
        self.matrix_title.value = f"<h3>{escape(self.words('matrix_title'))}</h3>"
        self._check_matrix()
        missing = missing_table(checked, lang)
        self.missing.value = (
            ""
            if missing.empty
            else markup.table(
                missing, lang=lang, kinds={"n_requirements": "count"}, most=8,
                caption=self.words("missing_caption"),
            )
        )  # fmt: skip

    def _check_matrix(self) -> None:
        """Have the matrix follow the policy and the plan."""
        matrix, policy = self.matrix, self.planner.desk.policy
        if matrix.standard.value != policy:
            matrix.standard.value = policy
        elif matrix.checked.is_stale(self.session.state):
            matrix.check()


def _change(before: int, after: int) -> str:
    return str(before) if before == after else f"{before} → {after}"
