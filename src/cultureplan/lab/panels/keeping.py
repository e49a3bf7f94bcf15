"""What is kept: snapshots by name with their figures, and plans saved to and opened from a file."""

from __future__ import annotations

import re
from html import escape
from typing import Any

import ipywidgets as widgets

from cultureplan.base.messages import Lang, text
from cultureplan.lab.download import Download, DownloadButton, UploadButton
from cultureplan.lab.meter import Meter
from cultureplan.lab.panels.parts import WIDE, ActionBar, Part, show
from cultureplan.lab.saving import state_from_bytes, state_json
from cultureplan.lab.session import LabSession
from cultureplan.lab.state import Draft
from cultureplan.plotting.wording import share_words


class FileControls(Part):
    """Save the plan to a file, and open one."""

    def __init__(self, session: LabSession) -> None:
        super().__init__(session)
        self.save = DownloadButton(self._file)
        self.open = UploadButton(self._opened, accept=".json")
        self.box = widgets.HBox([self.save, self.open])
        self._lang: Lang | None = None
        self.refresh()

    def refresh(self) -> None:
        """Show the words of the language."""
        lang = self.session.lang
        if lang != self._lang:
            self._lang = lang
            self.save.label = text("lab_keep.save", lang)
            self.save.hint = text("lab_keep.save_tip", lang)
            self.open.label = text("lab_keep.open", lang)
            self.open.hint = text("lab_keep.open_tip", lang)

    def _file(self) -> Download:
        state = self.session.state
        name = re.sub(r"\W+", "-", state.ground.world.name).strip("-") or "plan"
        return Download(
            name=f"{name}.cultureplan.json", content=state_json(state).encode(), mime="application/json"
        )

    def _opened(self, name: str, content: bytes) -> None:
        self.session.do(lambda state: state_from_bytes(state, content, name=name))


class SnapshotList(Part):
    """The snapshots by name: what each covers, a button to go there and one to drop it."""

    def __init__(self, session: LabSession) -> None:
        super().__init__(session)
        self.heading = widgets.HTML()
        self.rows = widgets.VBox([], layout=WIDE)
        self.box = widgets.VBox([self.heading, self.rows], layout=widgets.Layout(width="auto"))
        self._figures: dict[str, tuple[Draft, str]] = {}
        self._made_for: object = None
        self.refresh()

    def refresh(self) -> None:
        """Show the snapshots; rows are made anew where there are others."""
        state, lang = self.session.state, self.session.lang
        key = (tuple(state.snapshots.items()), lang)
        if key == self._made_for:
            return
        self._made_for = key
        self.heading.value = f"<b>{escape(text('lab_keep.snapshots', lang))}</b>"
        self.rows.children = [self._row(name, draft, lang) for name, draft in state.snapshots.items()]
        show([self.box], bool(state.snapshots))

    def _row(self, name: str, draft: Draft, lang: Lang) -> Any:
        go = widgets.Button(
            description=name,
            tooltip=text("lab_keep.go", lang, name=name),
            layout=widgets.Layout(width="auto", flex="1 1 0", min_width="0"),
        )
        drop = widgets.Button(
            description="×",
            tooltip=text("lab_keep.drop", lang, name=name),
            layout=widgets.Layout(width="30px", flex="0 0 30px"),
        )
        go.on_click(lambda _: self.session.do(lambda state: state.go_to_snapshot(name)))
        drop.on_click(lambda _: self.session.do(lambda state: state.drop_snapshot(name)))
        figure = widgets.HTML(
            f'<span style="font-variant-numeric:tabular-nums">{escape(self._share(name, draft))}</span>'
        )
        return widgets.HBox([go, figure, drop], layout=WIDE)

    def _share(self, name: str, draft: Draft) -> str:
        """Return the covered share of a snapshot by its own standard, measured once."""
        known = self._figures.get(name)
        if known is None or known[0] != draft:
            state = self.session.state
            kept = state.at(draft)
            self._figures[name] = known = (draft, share_words(Meter().measure(kept).everyone.share))
        return known[1]


def bar_of(bar: ActionBar, files: FileControls) -> Any:
    """Return a bar of buttons with those for files in it, before the language."""
    left, language = bar.box.children
    both = widgets.HBox([left, files.box], layout=widgets.Layout(flex_flow="row wrap"))
    return widgets.HBox([both, language], layout=bar.box.layout)
