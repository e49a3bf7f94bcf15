"""Solve beside the page: start, stop, progress with the bound, and the verdict on the learner's sites."""

from __future__ import annotations

import asyncio
from html import escape
from typing import Any

import ipywidgets as widgets

from cultureplan.base.errors import CulturePlanError
from cultureplan.base.messages import Lang, text
from cultureplan.lab.contest import Contest, contest_of
from cultureplan.lab.goals import value_words
from cultureplan.lab.panels.goal_controls import GoalControls
from cultureplan.lab.panels.parts import WIDE, Part
from cultureplan.lab.progress_svg import progress_svg
from cultureplan.lab.session import LabSession
from cultureplan.lab.solving import SolveJob
from cultureplan.plotting.style import COVERED

_POLL_S = 0.1
_ABOUT_STOPPING = (
    "siting.note_stopped",
    "siting.note_heuristic",
    "siting.note_cancelled",
)  # the proof line says as much


class SolvePart(Part):
    """The goal, solve, cancel, progress, and the verdict."""

    def __init__(self, session: LabSession, *, n_sites: int, time_limit_s: float) -> None:
        super().__init__(session)
        self.job: SolveJob | None = None
        self._task: asyncio.Task[None] | None = None
        self.heading = widgets.HTML()
        self.goal = GoalControls(session, n_sites=n_sites, time_limit_s=time_limit_s)
        half = widgets.Layout(width="auto", flex="1 1 0")
        self.solve = self.on_click(widgets.Button(button_style="primary", layout=half), self.start)
        self.cancel = self.on_click(widgets.Button(layout=half, disabled=True), self.stop)
        self.progress = widgets.FloatProgress(min=0.0, max=1.0, value=0.0, layout=WIDE)
        self.line, self.chart = widgets.HTML(layout=WIDE), widgets.HTML(layout=WIDE)
        self.verdict = widgets.HTML(layout=WIDE)
        self.take = self.on_click(widgets.Button(layout=WIDE, disabled=True), self.show_solution)
        buttons = widgets.HBox([self.solve, self.cancel], layout=WIDE)
        self.box = widgets.VBox(
            [self.heading, self.goal.box, buttons, self.progress, self.line, self.chart, self.take],
            layout=WIDE,
        )
        self.refresh()

    @property
    def n_sites(self) -> Any:
        """The slider of the number of sites."""
        return self.goal.n_sites

    def start(self) -> None:
        """Solve the problem without the learner's picks, in a thread."""
        if self.job is not None and self.job.is_running:
            return
        try:
            request = self.goal.chosen.request(self.session.state.without_new())
        except CulturePlanError as error:
            self.session.say(error.render(self.session.lang))
            return
        self.job = SolveJob(request, time_limit_s=float(self.goal.seconds.value))
        self.job.start()
        self.session.say("")
        try:
            self._task = asyncio.get_running_loop().create_task(self._poll())
        except RuntimeError:  # a plain script: nothing could be shown meanwhile
            self.job.wait()
            self.refresh()

    def stop(self) -> None:
        """Ask the solver to stop."""
        if self.job is not None:
            self.job.cancel()
            self.refresh()

    def show_solution(self) -> None:
        """Open the solver's sites in place of the learner's."""
        result = None if self.job is None else self.job.result
        if result is not None and result.has_answer:
            self.session.do(lambda state: state.without_new().take(result))

    def refresh(self) -> None:
        """Show how far the solve is, and the verdict."""
        lang, state, job = self.session.lang, self.session.state, self.job
        running = job is not None and job.is_running
        for name in ("solve", "cancel", "take"):
            getattr(self, name).description = text(f"lab.button_{name}", lang)
        self.heading.value = f"<b>{escape(text('lab.beat_the_solver', lang))}</b>"
        self.solve.disabled, self.cancel.disabled = running, not running or bool(job and job.is_cancelled)
        self.goal.enable(not running)
        contest = contest_of(state, None if job is None else job.request, None if job is None else job.result)
        self.take.disabled = running or contest.result is None or not contest.result.has_answer
        self.progress.value = self._part_done(running)
        self.line.value = f'<div style="line-height:1.35">{escape(self._progress_words(lang, running))}</div>'
        self.chart.value = "" if job is None else progress_svg(tuple(job.points), lang)
        self.verdict.value = self._verdict_html(contest, lang)

    async def _poll(self) -> None:
        while self.job is not None and self.job.is_running:
            self.refresh()
            await asyncio.sleep(_POLL_S)
        self.refresh()

    def _part_done(self, running: bool) -> float:
        if self.job is None:
            return 0.0
        return min(0.98, self.job.seconds / self.job.time_limit_s) if running else 1.0

    def _progress_words(self, lang: Lang, running: bool) -> str:
        job = self.job
        if job is None:
            return ""
        if job.error is not None:
            return text("lab.not_solved", lang, why=job.error.render(lang))
        if running and job.is_cancelled:
            return text("lab.stopping", lang)
        if running and job.latest is not None:
            point, request = job.latest, job.request
            return text(
                "lab_solve.progress", lang, seconds=f"{job.seconds:.0f}",
                best=value_words(request, point.objective, lang),
                bound=value_words(request, point.bound, lang),
            )  # fmt: skip
        if running:
            return text("lab.preparing", lang)
        if job.result is None:
            return text("lab.cancelled", lang)
        return text("lab.solved", lang, seconds=f"{job.result.runtime_s:.2f}")

    def _verdict_html(self, contest: Contest, lang: Lang) -> str:
        lines = contest.lines(self.goal.n_asked, lang)
        if contest.result is not None and contest.result.has_answer:
            notes = [note for note in contest.result.notes if note.code not in _ABOUT_STOPPING]
            lines += [note.render(lang) for note in notes[:2]]
        parts = [f"<b>{escape(lines[0])}</b>", *(f"<div>{escape(line)}</div>" for line in lines[1:])]
        style = f"padding:10px 14px;border-left:4px solid {COVERED};background:#f2f5f7;line-height:1.45"
        return f'<div style="{style}" role="status" aria-live="polite">{"".join(parts)}</div>'
