"""Step 6: named scenarios side by side, on maps that move together and in a table."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from cultureplan.app import markup
from cultureplan.app.panes.base import Pane, choices_of
from cultureplan.lab.panels.comparison_panel import ComparisonPanel


class ComparePane(Pane):
    """Keep what is planned under a name; see scenarios next to each other."""

    def build(self) -> list[Any]:
        """Return the names over the maps over the tables."""
        self.head, self.status = widgets.HTML(), widgets.HTML()
        self.name = widgets.Text(layout=widgets.Layout(width="220px"))
        self.keep = self.button(self._keep, main=True)
        self.chosen = widgets.Dropdown(options=[("–", "")], layout=widgets.Layout(width="220px"))
        self.back = self.button(self._back)
        self.drop = self.button(self._drop)
        row = widgets.HBox([self.name, self.keep, self.chosen, self.back, self.drop])
        row.add_class("cp-row")
        self.panel = panel = ComparisonPanel(self.session, height_px=340)
        number = widgets.HBox([panel.caption, panel.n_maps, panel.help])
        number.add_class("cp-row")
        return [self.head, row, self.status, number, panel.maps, panel.differences.box]

    def refresh(self) -> None:
        """Show every scenario."""
        state = self.session.state
        self.head.value = markup.heading(self.words("compare_title"), self.words("compare_lead"))
        self.name.placeholder = self.words("scenario_name")
        self.keep.description = self.words("scenario_keep")
        self.back.description = self.words("scenario_back")
        self.drop.description = self.words("scenario_drop")
        names = list(state.snapshots)
        choices_of(
            self.chosen, [(name, name) for name in names] or [("–", "")],
            self.chosen.value if self.chosen.value in names else (names[0] if names else ""),
        )  # fmt: skip
        for widget in (self.chosen, self.back, self.drop):
            widget.disabled = not names
        self.status.value = markup.note(self.session.notice, tone="bad")

    def _keep(self) -> None:
        name = self.name.value
        if self.session.do(lambda state: state.take_snapshot(name)):
            self.name.value = ""

    def _back(self) -> None:
        if self.chosen.value:
            self.session.do(lambda state: state.go_to_snapshot(self.chosen.value))

    def _drop(self) -> None:
        if self.chosen.value:
            self.session.do(lambda state: state.drop_snapshot(self.chosen.value))
