"""The page: a head with the language switch, the steps, and one pane a step."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from html import escape
from importlib import import_module
from pathlib import Path

import ipywidgets as widgets

from cultureplan.app.browser import Sender, Steps
from cultureplan.app.panes.base import Pane
from cultureplan.app.planner import Planner
from cultureplan.base.messages import Lang, text
from cultureplan.plotting.wording import share_words, signed_words

STEPS = ("data", "rules", "sites", "years", "duties", "compare", "saving")


class PlannerPage:
    """The planner's page.

    Parameters
    ----------
    world : str
        Folder or name of the world to open; empty for none.
    lang : {"en", "zh"}
        Language to begin with.
    files : str or Path, optional
        Folder in which the page makes a private one for what is dropped on it.

    Examples
    --------
    >>> from cultureplan.app import PlannerPage
    >>> page = PlannerPage("sanheyuan")
    >>> page.planner.session.state.ground.world.name
    'Sanheyuan'
    """

    def __init__(self, world: str = "", *, lang: Lang = "en", files: str | Path | None = None) -> None:
        private = Path(tempfile.mkdtemp(prefix="page-", dir=files))
        atexit.register(shutil.rmtree, private, ignore_errors=True)
        self.planner = Planner(private / "dropped", lang=lang)
        self.sender = Sender()
        self.sender.layout.display = "none"
        self.title, self.figures = widgets.HTML(), widgets.HTML()
        self.undo, self.redo = widgets.Button(), widgets.Button()
        self.undo.on_click(lambda _: self._session_do("undo"))
        self.redo.on_click(lambda _: self._session_do("redo"))
        self.langs = widgets.ToggleButtons(
            options=[("English", "en"), ("中文", "zh")], value=lang, style={"button_width": "86px"}
        )
        self.langs.observe(lambda change: self.planner.set_lang(change["new"]), names="value")
        self.steps = Steps()
        self.steps.observe(lambda change: self.go(STEPS[change["new"]]), names="active")
        self.panes: dict[str, Pane] = {}
        self.places = {name: widgets.VBox([]) for name in STEPS}
        self.shown = ""
        tools = widgets.HBox([self.undo, self.redo, self.langs])
        tools.add_class("cp-tools")
        head = widgets.HBox([self.title, self.figures, tools])
        head.add_class("cp-top")
        self.box = widgets.VBox([head, self.steps, *self.places.values(), self.sender])
        self.box.add_class("cp-app")
        self.planner.subscribe(self._changed)
        if world:
            self.planner.open_name(world)
        self._refresh_head()
        self.go("sites" if self.planner.session is not None else "data")

    def go(self, name: str) -> None:
        """Show a step; without a world there is only the first."""
        if self.planner.session is None:
            name = "data"
        self.steps.active = STEPS.index(name)
        if name == self.shown:
            return
        if self.shown:
            self.panes[self.shown].show(False)
        self.shown = name
        self.pane(name).show(True)

    def pane(self, name: str) -> Pane:
        """Return a step's pane, made when it is first looked at."""
        if name not in self.panes:
            room = import_module(f"cultureplan.app.panes.{name}")
            made: Pane = getattr(room, f"{name.title()}Pane")(self.planner, self.sender)
            self.panes[name] = made
            self.places[name].children = [made.box]
        return self.panes[name]

    def _session_do(self, what: str) -> None:
        session = self.planner.session
        if session is not None:
            getattr(session, what)()

    def _changed(self, what: str) -> None:
        self._refresh_head()
        for pane in self.panes.values() if what != "preview" else ():
            pane.changed(what)
        if what == "world":
            self.go("data")

    def _refresh_head(self) -> None:
        planner, lang = self.planner, self.planner.lang
        session = planner.session
        name = "" if session is None else session.state.ground.world.title(lang)
        below = f"<span>{escape(name)}</span>" if name else ""
        self.title.value = f"<h1>{escape(text('app.title', lang))}{below}</h1>"
        self.undo.description, self.redo.description = (
            text("lab.button_undo", lang),
            text("lab.button_redo", lang),
        )
        self.undo.disabled = session is None or not session.state.past
        self.redo.disabled = session is None or not session.state.future
        self.steps.titles = [text(f"app.step_{step}", lang) for step in STEPS]
        self.steps.label = text("app.steps", lang)
        self.steps.is_open = session is not None
        self.sender.lang = "zh-CN" if lang == "zh" else "en"
        self.sender.title = f"{name} · {text('app.title', lang)}" if name else text("app.title", lang)
        if self.langs.value != lang:
            self.langs.value = lang
        if session is None:
            self.figures.value = ""
            return
        now, today = session.measured.everyone, session.today.everyone
        change = ""
        if session.state.draft.changes:
            gained = signed_words(now.persons_covered - today.persons_covered)
            change = f" <i>{escape(text('app.top_change', lang, n=gained))}</i>"
        self.figures.value = (
            f'<div class="cp-score"><b>{escape(share_words(now.share))}</b> '
            f"{escape(text('app.top_covered', lang))}{change}</div>"
        )


def show(world: str = "", *, lang: Lang = "en", files: str | Path | None = None) -> None:
    """Show the page where a notebook shows its results; see :class:`PlannerPage`."""
    from IPython.display import display

    page = PlannerPage(world, lang=lang, files=files)
    display(page.box)  # type: ignore[no-untyped-call]
