"""Step 7: save the work and load it again; take the report, the workbook and the map file away."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

import ipywidgets as widgets

from cultureplan.app import markup
from cultureplan.app.browser import DropZone
from cultureplan.app.exporting import geojson_bytes, report_files, workbook_bytes
from cultureplan.app.opening import MOST_BYTES
from cultureplan.app.panes.base import Pane, label
from cultureplan.app.plans import plan_bytes, world_bytes
from cultureplan.base.errors import CulturePlanError, InputError

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ZIP, _JSON, _HTML = "application/zip", "application/json", "text/html;charset=utf-8"
_EXPORTS = ("report", "print", "excel", "geojson", "all")


class SavingPane(Pane):
    """Save, load, export."""

    _document: bytes = b""

    def build(self) -> list[Any]:
        """Return two cards: the work itself, and what is made of it for others."""
        self.head, self.status = widgets.HTML(), widgets.HTML()
        self.save_words, self.export_words, self.load_label = (widgets.HTML() for _ in range(3))
        self.save_plan = self.button(lambda: self._do(self._save_plan), main=True)
        self.save_world = self.button(lambda: self._do(self._save_world))
        self.load = DropZone(
            begin=self._begin, write=self._write, finish=self._finish, refused=self._refused
        )  # fmt: skip
        self.exports = {
            name: self.button(partial(self._do, getattr(self, f"_export_{name}")), main=name == "report")
            for name in _EXPORTS
        }
        work = widgets.VBox([self.save_words, self.save_plan, self.save_world, self.load_label, self.load])
        export = widgets.VBox([self.export_words, *self.exports.values()])
        for card in (work, export):
            card.add_class("cp-card")
            card.add_class("cp-half")
        both = widgets.HBox([work, export])
        both.add_class("cp-pair")
        return [self.head, self.status, both]

    def refresh(self) -> None:
        """Show the words."""
        self.head.value = markup.heading(self.words("saving_title"), self.words("saving_lead"))
        self.save_words.value = _card(self.words("save_title"), self.words("save_lead"))
        self.export_words.value = _card(self.words("export_title"), self.words("export_lead"))
        self.load_label.value = label(self.words("load_label"), strong=True)
        self.save_plan.description = self.words("save_plan")
        self.save_world.description = self.words("save_world")
        for name, button in self.exports.items():
            button.description = self.words(f"export_{name}")
        self.load.labels = {
            "drop": self.words("load_drop"),
            "choose": self.words("load_choose"),
            "sending": self.words("drop_sending", n="{n}"),
            "reading": self.words("drop_reading"),
        }
        self.status.value = markup.note("")

    def _do(self, action: Callable[[], str]) -> None:
        """Do something that takes a moment, and say what came of it."""
        self.status.value = markup.note(self.words("working"))
        try:
            name = action()
        except CulturePlanError as error:
            self.status.value = markup.note(error.render(self.lang), tone="bad")
        else:
            self.status.value = markup.note(self.words("saved", name=name) if name else "", tone="good")

    def _save_plan(self) -> str:
        name = f"{self._stem()}-plan.json"
        self.sender.save(name, plan_bytes(self.session.state, self.planner.desk), _JSON)
        return name

    def _save_world(self) -> str:
        name = f"{self._stem()}.zip"
        self.sender.save(name, world_bytes(self.session.state, self.planner.desk), _ZIP)
        return name

    def _export_report(self) -> str:
        name = f"{self._stem()}-report.html"
        self.sender.save(name, report_files(self.planner.work())[0], _HTML)
        return name

    def _export_print(self) -> str:
        self.sender.print(report_files(self.planner.work())[0])
        return ""

    def _export_excel(self) -> str:
        name = f"{self._stem()}-plan.xlsx"
        self.sender.save(name, workbook_bytes(self.planner.work()), _XLSX)
        return name

    def _export_geojson(self) -> str:
        name = f"{self._stem()}-plan.geojson"
        self.sender.save(name, geojson_bytes(self.planner.work()), "application/geo+json")
        return name

    def _export_all(self) -> str:
        name = f"{self._stem()}-report.zip"
        self.sender.save(name, report_files(self.planner.work())[1], _ZIP)
        return name

    def _stem(self) -> str:
        """Return the world's name as a file is called on any system."""
        title = self.session.state.ground.world.title(self.lang)
        return re.sub(r"[^\w-]+", "-", title).strip("-") or "plan"

    # load

    def _begin(self, sizes: list[tuple[str, int]]) -> None:
        if len(sizes) != 1 or not sizes[0][0].lower().endswith(".json") or sizes[0][1] > MOST_BYTES:
            raise InputError.of("app.not_a_plan", name=sizes[0][0] if sizes else "-")
        self._document = b""

    def _write(self, _: str, piece: bytes) -> None:
        self._document += piece
        if len(self._document) > MOST_BYTES:
            raise InputError.of("app.not_a_plan", name="-")

    def _finish(self) -> None:
        try:
            document = json.loads(self._document)
        except ValueError as error:
            raise InputError.of("lab.not_a_lab_file", path="-", why=str(error)) from None
        self.planner.take_plan(document)
        faults = self.planner.faults
        if faults:
            self.planner.faults = ()
            raise CulturePlanError(*faults)
        self.status.value = markup.note(self.words("loaded"), tone="good")

    def _refused(self, why: CulturePlanError | str) -> None:
        words = why if isinstance(why, str) else why.render(self.lang)
        self.status.value = markup.note(words, tone="bad")


def _card(title: str, lead: str) -> str:
    return f"<h3>{escape(title)}</h3><p>{escape(lead)}</p>"
