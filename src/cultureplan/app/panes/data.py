"""Step 1: open a world - a bundled one, a folder, or files dropped - and see every fault of it."""

from __future__ import annotations

import dataclasses
from html import escape
from typing import Any

import ipywidgets as widgets
import pandas as pd

from cultureplan.app import markup
from cultureplan.app.browser import DropZone
from cultureplan.app.opening import SYSTEMS, fault_rows
from cultureplan.app.panes.base import Pane, choices_of, columns, label, wide
from cultureplan.app.planner import world_choices
from cultureplan.base.errors import CulturePlanError, Fault
from cultureplan.plotting.wording import count_words
from cultureplan.world.levels import Status, word


class DataPane(Pane):
    """Open, and faults."""

    needs_world = False

    def build(self) -> list[Any]:
        """Return the ways to open at the left, and what came of it."""
        self.head = widgets.HTML()
        self.drop = DropZone(
            begin=self.planner.inbox.begin, write=self.planner.inbox.write, finish=self._dropped,
            refused=self._refused,
        )  # fmt: skip
        self.system_label, self.name_label = widgets.HTML(), widgets.HTML()
        self.system = widgets.Dropdown(options=[("", "")], layout=wide())
        self.name = widgets.Text(layout=wide())
        self.or_bundled, self.or_folder = widgets.HTML(), widgets.HTML()
        self.bundled = widgets.Dropdown(options=[("", "")], layout=wide())
        self.open_bundled = self.button(lambda: self.planner.open_name(self.bundled.value))
        self.folder = widgets.Text(layout=wide())
        self.open_folder = self.button(self._open_folder)
        self.status, self.faults, self.summary = widgets.HTML(), widgets.HTML(), widgets.HTML()
        left = [
            self.drop, self.system_label, self.system, self.name_label, self.name,
            self.or_bundled, self.bundled, self.open_bundled,
            self.or_folder, self.folder, self.open_folder,
        ]  # fmt: skip
        return [self.head, columns(left, [self.status, self.faults, self.summary], css="cp-open")]

    def refresh(self) -> None:
        """Show what is open, or what is wrong."""
        planner = self.planner
        self.head.value = markup.heading(self.words("data_title"), self.words("data_lead"))
        self.drop.labels = {
            name: self.words(f"drop_{name}", **({"n": "{n}"} if name == "sending" else {}))
            for name in ("drop", "choose", "sending", "reading")
        }
        self.system_label.value = label(self.words("system_label"))
        choices_of(
            self.system, [(self.words(f"system_{s or 'said'}"), s) for s in SYSTEMS], self.system.value or ""
        )
        self.name_label.value = label(self.words("name_label"))
        self.name.placeholder = self.words("name_hint")
        self.or_bundled.value = label(self.words("bundled_label"), strong=True)
        names = world_choices()
        options = [(self.words(f"world_{name}"), name) for name in names]
        choices_of(self.bundled, options, self.bundled.value if self.bundled.value in names else names[0])
        self.open_bundled.description = self.words("open_bundled")
        self.or_folder.value = label(self.words("folder_label"), strong=True)
        self.folder.placeholder = self.words("folder_hint")
        self.open_folder.description = self.words("open_folder")
        self.faults.value = self._faults_html()
        self.status.value = self._status_html()
        session = planner.session
        self.summary.value = "" if session is None or planner.faults else self._summary_html()

    def _status_html(self) -> str:
        planner = self.planner
        if planner.faults:
            n = len(planner.faults)
            words = self.words("faults_found", n=n, name=planner.tried)
            if planner.session is not None:
                name = planner.session.state.ground.world.title(self.lang)
                words += " " + self.words("still_open", name=name)
            return markup.note(words, tone="bad")
        if planner.session is None:
            return markup.note(self.words("nothing_yet"))
        return markup.note(
            self.words("opened", name=planner.session.state.ground.world.title(self.lang)), tone="good"
        )

    def _faults_html(self) -> str:
        rows = fault_rows(self.planner.faults, self.lang)
        if not rows:
            return ""
        frame = pd.DataFrame([dataclasses.asdict(row) for row in rows])
        return markup.table(frame, lang=self.lang, caption=self.words("faults_caption"))

    def _summary_html(self) -> str:
        world, lang = self.session.state.ground.world, self.lang
        status = world.facilities.frame["status"].astype(str)
        rows = [
            (self.words("fact_persons"), count_words(float(world.demand.persons.sum()))),
            (self.words("fact_points"), count_words(len(world.demand))),
            (self.words("fact_open"), count_words(int((status == str(Status.EXISTING)).sum()))),
            (self.words("fact_candidates"), count_words(int((status == str(Status.CANDIDATE)).sum()))),
            (self.words("fact_places"), count_words(0 if world.places is None else len(world.places))),
        ]
        frame = world.facilities.frame
        open_ones = frame[status == str(Status.EXISTING)]
        counts = open_ones.groupby(["level", "kind"], observed=True, sort=False).size().reset_index(name="n")
        table = pd.DataFrame(
            {
                "level": [word("level", str(value), lang) for value in counts["level"]],
                "kind": [word("kind", str(value), lang) for value in counts["kind"]],
                "n": counts["n"],
            }
        )
        sources = [
            str(source.get("what") or source.get("reference") or "")
            for source in world.notes.get("sources", ())
            if isinstance(source, dict)
        ]
        listed = f"<h3>{escape(self.words('sources'))}</h3>{markup.bullet_list(sources)}" if sources else ""
        caption = self.words("facilities_caption")
        return (
            markup.facts(rows)
            + markup.table(table, lang=lang, kinds={"n": "count"}, caption=caption)
            + listed
        )

    def _open_folder(self) -> None:
        if self.folder.value.strip():
            self.planner.open_name(self.folder.value)

    def _dropped(self) -> None:
        name = self.words("dropped_files")
        opened = self.planner.inbox.finish(system=self.system.value or "", name=self.name.value)
        self.planner.take(opened, name=name)

    def _refused(self, why: CulturePlanError | str) -> None:
        faults = why.faults if isinstance(why, CulturePlanError) else (_unread(why),)
        self.planner.tried, self.planner.faults = self.words("dropped_files"), faults
        self.planner.tell("faults")


def _unread(why: str) -> Fault:
    return Fault(code="app.cannot_read", values={"why": why})
