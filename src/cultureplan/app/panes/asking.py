"""The solver's corner: what is sought, how many or for how much, how far it is, and what it found."""

from __future__ import annotations

import asyncio
from html import escape

import ipywidgets as widgets

from cultureplan.app.panes.base import Pane, choices_of, label, wide
from cultureplan.base.errors import CulturePlanError
from cultureplan.base.messages import text
from cultureplan.lab.goals import Goal, candidate_costs, goals_of, value_words
from cultureplan.lab.solving import SolveJob
from cultureplan.lab.state import SolveRequest
from cultureplan.plotting.wording import count_words, share_words
from cultureplan.siting.result import SitingResult, SitingStatus

_POLL_S = 0.15
_TEN_THOUSAND = 10_000.0  # Chinese budgets are told in units of ten thousand yuan
_MOST_SITES = 50
_TIME_LIMIT_S = 60.0


class Asking:
    """The solver's corner of a pane.

    Parameters
    ----------
    pane : Pane
        Where it stands.
    """

    def __init__(self, pane: Pane) -> None:
        self.pane = pane
        self.job: SolveJob | None = None
        self.found: tuple[SolveRequest, SitingResult] | None = None
        self._task: asyncio.Task[None] | None = None
        state = pane.session.state
        n = max(1, min(_MOST_SITES, len(state.free_candidates)))
        known = sorted(candidate_costs(state).values())
        usual = known[len(known) // 2] if known else 50 * _TEN_THOUSAND
        self.is_costed = bool(known)
        self.title = widgets.HTML()
        self.goal = self._ask_again(widgets.Dropdown(options=[("", "maximal_coverage")], layout=wide()))
        ways = [("number", "number"), ("budget", "budget")]
        self.by = self._ask_again(widgets.ToggleButtons(options=ways, style={"button_width": "100px"}))
        self.number_label, self.budget_label, self.cost_label = (widgets.HTML() for _ in range(3))
        self.number = widgets.IntSlider(min=1, max=n, value=min(5, n), layout=wide())
        self.budget = widgets.BoundedFloatText(
            min=0.01, max=1e9, value=round(4 * usual / _TEN_THOUSAND, 2), step=10.0, layout=wide()
        )
        self.cost = widgets.BoundedFloatText(
            min=0.01, max=1e9, value=round(usual / _TEN_THOUSAND, 2), step=5.0, layout=wide()
        )
        self.go = pane.button(self.start, main=True)
        self.end = pane.button(self.stop)
        self.go.layout, self.end.layout = (widgets.Layout(width="auto", flex="1 1 0") for _ in range(2))
        self.progress = widgets.FloatProgress(min=0.0, max=1.0, value=0.0, layout=wide())
        self.line = widgets.HTML()
        self.take = pane.button(self.use)
        self.box = widgets.VBox(
            [
                self.title, self.goal, self.by, self.number_label, self.number, self.budget_label,
                self.budget, self.cost_label, self.cost, widgets.HBox([self.go, self.end]), self.progress,
                self.line, self.take,
            ]
        )  # fmt: skip
        self.box.add_class("cp-card")

    @property
    def is_running(self) -> bool:
        """Whether the solver is at work."""
        return self.job is not None and self.job.is_running

    @property
    def asked(self) -> Goal:
        """What the fields ask for."""
        by_money = self.by.value == "budget" and self.goal.value == "maximal_coverage"
        return Goal(
            name=self.goal.value,
            n_sites=int(self.number.value),
            budget=float(self.budget.value) * _TEN_THOUSAND if by_money else None,
            unit_cost=float(self.cost.value) * _TEN_THOUSAND,
        )

    def start(self) -> None:
        """Ask for sites beside what is open now, in a thread."""
        if self.is_running:
            return
        session = self.pane.session
        try:
            request = self.asked.request(session.state)
        except CulturePlanError as error:
            session.say(error.render(session.lang))
            return
        self.found = None
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
        job = self.job
        result = None if job is None else job.result
        if job is not None and result is not None and result.has_answer:
            self.pane.planner.result = result
            self.found, self.job = (job.request, result), None
            self.pane.session.do(lambda state: state.take(result))
            self.refresh()

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

    def refresh(self) -> None:
        """Show the words, the fields that count, and how far the solver is."""
        pane, state = self.pane, self.pane.session.state
        self.title.value = f"<h3>{escape(pane.words('ask_title'))}</h3>"
        with pane.quiet():
            goals = [(text(f"lab_solve.goal_{name}", pane.lang), name) for name in goals_of(state)]
            choices_of(self.goal, goals, self.goal.value or goals[0][1])
            ways = [(pane.words(f"by_{name}"), name) for name in ("number", "budget")]
            choices_of(self.by, ways, self.by.value)
        self.number_label.value = label(pane.words("ask_number", n=count_words(len(state.free_candidates))))
        self.budget_label.value = label(pane.words("ask_budget"))
        self.cost_label.value = label(pane.words("ask_cost_rest" if self.is_costed else "ask_cost"))
        has_budget, by_money = self.goal.value == "maximal_coverage", self.asked.budget is not None
        has_number = self.goal.value != "set_cover" and not by_money
        _show(has_budget, self.by)
        _show(has_number, self.number_label, self.number)
        _show(by_money, self.budget_label, self.budget, self.cost_label, self.cost)
        self.go.description, self.end.description = pane.words("ask_go"), pane.words("ask_stop")
        self.take.description = pane.words("ask_take")
        job, running = self.job, self.is_running
        self.go.disabled = running or not state.free_candidates
        self.end.disabled = not running or bool(job and job.is_cancelled)
        result = None if job is None or running else job.result
        _show(result is not None and result.has_answer, self.take)
        _show(running, self.progress)
        if running and job is not None:
            self.progress.value = min(0.98, job.seconds / job.time_limit_s)
        if self.found is not None and not state.opened_ids:
            self.found = None
        self.line.value = f'<div class="cp-line" role="status">{escape(self._words())}</div>'

    def _ask_again(self, widget: widgets.Widget) -> widgets.Widget:
        return self.pane.on_value(widget, lambda _: self.refresh())

    def _words(self) -> str:
        pane, job, lang = self.pane, self.job, self.pane.lang
        if self.found is not None:
            request, result = self.found
            proven = result.status is SitingStatus.OPTIMAL
            return pane.words(
                "ask_proven" if proven else "ask_within", n=len(result.opened),
                gap=share_words(result.gap), bound=value_words(request, result.bound, lang),
                seconds=f"{result.runtime_s:.1f}",
            )  # fmt: skip
        if job is None:
            return ""
        if job.error is not None:
            return job.error.render(lang)
        if job.is_running:
            if job.is_cancelled:
                return pane.words("ask_stopping")
            if job.latest is None:
                return pane.words("ask_preparing")
            return pane.words(
                "ask_progress", seconds=f"{job.seconds:.0f}",
                best=value_words(job.request, job.latest.objective, lang),
                bound=value_words(job.request, job.latest.bound, lang),
            )  # fmt: skip
        if job.result is None or not job.result.has_answer:
            if job.result is not None and not job.is_cancelled:
                return job.result.explain(lang)
            return pane.words("ask_stopped")
        return pane.words(
            "ask_best", n=len(job.result.opened), best=value_words(job.request, job.result.objective, lang),
            bound=value_words(job.request, job.result.bound, lang),
        )  # fmt: skip


def _show(shown: bool, *fields: widgets.Widget) -> None:
    for field in fields:
        field.layout.display = "" if shown else "none"
