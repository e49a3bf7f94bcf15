"""Step 3: the map - drag, open and close by hand, or ask the solver - and who is newly served."""

from __future__ import annotations

import asyncio
from html import escape
from typing import Any

import ipywidgets as widgets

from cultureplan.app import markup
from cultureplan.app.asking import ask, has_costs
from cultureplan.app.panes.base import Pane, columns
from cultureplan.app.planner import Planner
from cultureplan.app.served import by_group, by_place
from cultureplan.base.errors import CulturePlanError
from cultureplan.lab.map_widget import CityMap
from cultureplan.lab.panels.parts import Figures, ViewControls
from cultureplan.lab.solving import SolveJob
from cultureplan.plotting.wording import count_words, share_words
from cultureplan.siting.result import SitingStatus

_POLL_S = 0.15
_TEN_THOUSAND = 10_000.0  # Chinese budgets are told in units of ten thousand yuan
_MOST_SITES = 50
_TIME_LIMIT_S = 60.0
_SERVED = {"persons": "count", "covered_before": "count", "covered_now": "count", "change": "signed"}


class Asking:
    """The solver's corner: number or budget, ask, stop, progress, answer.

    Parameters
    ----------
    pane : SitesPane
        Where it stands.
    """

    def __init__(self, pane: SitesPane) -> None:
        self.pane = pane
        self.job: SolveJob | None = None
        self._task: asyncio.Task[None] | None = None
        wide = widgets.Layout(width="auto")
        n = max(1, min(_MOST_SITES, len(pane.session.state.free_candidates)))
        self.title = widgets.HTML()
        self.by = pane.on_value(
            widgets.ToggleButtons(options=[("n", "number"), ("b", "budget")], style={"button_width": "auto"}),
            lambda _: self.refresh(),
        )
        self.number_label, self.budget_label, self.cost_label = (widgets.HTML() for _ in range(3))
        self.number = widgets.IntSlider(min=1, max=n, value=min(5, n), layout=wide)
        self.budget = widgets.BoundedFloatText(min=0.01, max=1e9, value=200.0, step=10.0, layout=wide)
        self.cost = widgets.BoundedFloatText(min=0.01, max=1e9, value=50.0, step=5.0, layout=wide)
        half = widgets.Layout(width="auto", flex="1 1 0")
        self.go = pane.button(self.start, main=True)
        self.end = pane.button(self.stop)
        self.go.layout, self.end.layout = half, widgets.Layout(width="auto", flex="1 1 0")
        self.progress = widgets.FloatProgress(min=0.0, max=1.0, value=0.0, layout=wide)
        self.line = widgets.HTML()
        self.take = pane.button(self.use)
        self.box = widgets.VBox(
            [
                self.title, self.by, self.number_label, self.number, self.budget_label, self.budget,
                self.cost_label, self.cost, widgets.HBox([self.go, self.end]), self.progress, self.line,
                self.take,
            ]
        )  # fmt: skip
        self.box.add_class("cp-card")

    @property
    def is_running(self) -> bool:
        """Whether the solver is at work."""
        return self.job is not None and self.job.is_running

    def start(self) -> None:
        """Ask for sites beside what is open now, in a thread."""
        if self.is_running:
            return
        session = self.pane.session
        by_number = self.by.value == "number"
        try:
            request = ask(
                session.state,
                n_sites=int(self.number.value) if by_number else None,
                budget=None if by_number else float(self.budget.value) * _TEN_THOUSAND,
                usual_cost=float(self.cost.value) * _TEN_THOUSAND,
            )
        except CulturePlanError as error:
            session.say(error.render(session.lang))
            return
        self.job = SolveJob(request, time_limit_s=_TIME_LIMIT_S)
        self.job.start()
        self.refresh()
        try:
            self._task = asyncio.get_running_loop().create_task(self._poll())
        except RuntimeError:  # a plain script: nothing could be shown meanwhile
            self.job.wait()
            self._done()

    def stop(self) -> None:
        """Ask the solver to stop."""
        if self.job is not None:
            self.job.cancel()
            self.refresh()

    def use(self) -> None:
        """Open the solver's sites beside those that are open now."""
        result = None if self.job is None else self.job.result
        if result is not None and result.has_answer:
            self.pane.planner.result = result
            self.pane.session.do(lambda state: state.take(result))
            self.job = None
            self.refresh(done=result)

    async def _poll(self) -> None:
        while self.is_running:
            self.refresh()
            await asyncio.sleep(_POLL_S)
        self._done()

    def _done(self) -> None:
        """Show the answer at once, unless it was stopped or something else changed meanwhile."""
        job = self.job
        if job is None:
            return
        same = job.request.draft == self.pane.session.state.draft
        if same and not job.is_cancelled and job.result is not None and job.result.has_answer:
            self.use()
        else:
            self.refresh()

    def refresh(self, *, done: Any = None) -> None:
        """Show how far it is."""
        pane, state = self.pane, self.pane.session.state
        number = self.by.value == "number"
        self.title.value = f"<h3>{escape(pane.words('ask_title'))}</h3>"
        for name in ("number", "budget"):
            index = ("number", "budget").index(name)
            if self.by.options[index][0] != pane.words(f"by_{name}"):
                value = self.by.value
                with pane.quiet():
                    self.by.options = [
                        (pane.words("by_number"), "number"), (pane.words("by_budget"), "budget"),
                    ]  # fmt: skip
                    self.by.value = value
        self.number_label.value = _label(pane.words("ask_number", n=count_words(len(state.free_candidates))))
        self.budget_label.value = _label(pane.words("ask_budget"))
        known = has_costs(state.ground.world.facilities)
        self.cost_label.value = _label(pane.words("ask_cost_rest" if known else "ask_cost"))
        for widget in (self.number_label, self.number):
            widget.layout.display = "" if number else "none"
        for widget in (self.budget_label, self.budget, self.cost_label, self.cost):
            widget.layout.display = "none" if number else ""
        self.go.description, self.end.description = pane.words("ask_go"), pane.words("ask_stop")
        self.take.description = pane.words("ask_take")
        job, running = self.job, self.is_running
        self.go.disabled = running or not state.free_candidates
        self.end.disabled = not running or bool(job and job.is_cancelled)
        result = None if job is None or running else job.result
        usable = result is not None and result.has_answer
        self.take.layout.display = "" if usable else "none"
        self.progress.layout.visibility = "visible" if running else "hidden"
        if running and job is not None:
            self.progress.value = min(0.98, job.seconds / job.time_limit_s)
        if done is not None or job is not None or not state.opened_ids:
            self.line.value = f'<div class="cp-line" role="status">{escape(self._words(done))}</div>'

    def _words(self, done: Any) -> str:
        pane, job = self.pane, self.job
        if done is not None:
            proven = done.status is SitingStatus.OPTIMAL
            return pane.words(
                "ask_proven" if proven else "ask_within", n=len(done.opened), gap=share_words(done.gap),
                bound=count_words(done.bound), seconds=f"{done.runtime_s:.1f}",
            )  # fmt: skip
        if job is None:
            return ""
        if job.error is not None:
            return job.error.render(pane.lang)
        if job.is_running:
            if job.is_cancelled:
                return pane.words("ask_stopping")
            if job.latest is None:
                return pane.words("ask_preparing")
            return pane.words(
                "ask_progress", seconds=f"{job.seconds:.0f}", best=count_words(job.latest.objective),
                bound=count_words(job.latest.bound),
            )  # fmt: skip
        if job.result is None or not job.result.has_answer:
            if job.result is not None and not job.is_cancelled:
                return job.result.explain(pane.lang)
            return pane.words("ask_stopped")
        return pane.words(
            "ask_best", n=len(job.result.opened), best=count_words(job.result.objective),
            bound=count_words(job.result.bound),
        )  # fmt: skip


class SitesPane(Pane):
    """The map, the solver, and who is newly served."""

    def __init__(self, planner: Planner) -> None:
        super().__init__(planner)
        self.map: CityMap | None = None

    def build(self) -> list[Any]:
        """Return controls at the left; map, figures and tables at the right."""
        session = self.session
        self.head = widgets.HTML()
        self.map = CityMap(session, height_px=500)
        self.asking = Asking(self)
        self.clear = self.button(lambda: session.do(lambda state: state.clear()))
        self.view = ViewControls(session, self.map)
        self.figures = Figures(session)
        self.served_title = widgets.HTML()
        self.places, self.groups = widgets.HTML(), widgets.HTML()
        self.places.add_class("cp-half")
        self.groups.add_class("cp-half")
        served = widgets.HBox([self.places, self.groups])
        served.add_class("cp-pair")
        left = [self.asking.box, self.view.box, self.clear]
        return [self.head, columns(left, [self.map.widget, self.figures.box, self.served_title, served])]

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
        self.served_title.value = f"<h3>{escape(self.words('served_title'))}</h3>" + markup.note(
            words, tone="good" if gained else "plain"
        )
        changed = by_place(state, now, today, lang=lang)
        groups = by_group(state, now, today, lang=lang)
        caption = self.words("by_place_caption")
        self.places.value = (
            "" if changed.empty else markup.table(changed, lang=lang, kinds=_SERVED, most=12, caption=caption)
        )
        caption = self.words("by_group_caption")
        self.groups.value = (
            "" if groups.empty else markup.table(groups, lang=lang, kinds=_SERVED, caption=caption)
        )


def _label(words: str) -> str:
    return f'<div class="cp-label">{escape(words)}</div>'
