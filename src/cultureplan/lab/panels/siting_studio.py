"""Siting studio: choose sites by eye, let the solver choose, and see the proof of who is right."""

from __future__ import annotations

import asyncio
from html import escape
from typing import Any

import ipywidgets as widgets

from cultureplan.base.errors import CulturePlanError
from cultureplan.base.messages import Lang, text
from cultureplan.lab.contest import Contest, contest_of
from cultureplan.lab.map_widget import CityMap
from cultureplan.lab.panels.parts import ActionBar, Figures, Part, RuleControls, ViewControls, panel_of
from cultureplan.lab.session import LabSession
from cultureplan.lab.solving import SolveJob
from cultureplan.lab.state import LabState
from cultureplan.measures.circles import CircleStandard
from cultureplan.plotting.wording import count_words
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.problem import CandidateSource
from cultureplan.world.facilities import Facilities
from cultureplan.world.world import World

_POLL_S = 0.1
_MOST_SITES = 30


class SolvePart(Part):
    """How many sites, solve, cancel, progress, and the verdict."""

    def __init__(self, session: LabSession, *, n_sites: int, time_limit_s: float) -> None:
        super().__init__(session)
        self.time_limit_s = time_limit_s
        self.job: SolveJob | None = None
        self._task: asyncio.Task[None] | None = None
        wide = widgets.Layout(width="auto")
        most = max(1, min(_MOST_SITES, len(session.state.free_candidates)))
        self.heading, self.caption = widgets.HTML(), widgets.HTML()
        self.n_sites = self.on_value(
            widgets.IntSlider(min=1, max=most, value=min(n_sites, most), layout=wide),
            lambda _: self.refresh(),
        )
        half = widgets.Layout(width="auto", flex="1 1 0")
        self.solve = self.on_click(widgets.Button(button_style="primary", layout=half), self.start)
        self.cancel = self.on_click(widgets.Button(layout=half, disabled=True), self.stop)
        self.progress = widgets.FloatProgress(min=0.0, max=1.0, value=0.0, layout=wide)
        self.line = widgets.HTML()
        self.verdict = widgets.HTML(layout=wide)
        self.take = self.on_click(widgets.Button(layout=wide, disabled=True), self.show_solution)
        buttons = widgets.HBox([self.solve, self.cancel], layout=wide)
        self.box = widgets.VBox(
            [self.heading, self.caption, self.n_sites, buttons, self.progress, self.line, self.take],
            layout=wide,
        )
        self.refresh()

    def start(self) -> None:
        """Solve the problem without the learner's picks, in a thread."""
        if self.job is not None and self.job.is_running:
            return
        try:
            request = self.session.state.without_new().request(MaximalCoverage(n_sites=self.n_sites.value))
        except CulturePlanError as error:
            self.session.say(error.render(self.session.lang))
            return
        self.job = SolveJob(request, time_limit_s=self.time_limit_s)
        self.job.start()
        self.refresh()
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
        self.caption.value = escape(text("lab.n_sites", lang, n=len(state.free_candidates)))
        self.solve.disabled, self.cancel.disabled = running, not running or bool(job and job.is_cancelled)
        self.n_sites.disabled = running
        contest = contest_of(state, None if job is None else job.request, None if job is None else job.result)
        self.take.disabled = running or contest.result is None or not contest.result.has_answer
        self.progress.value = self._part_done(running)
        self.line.value = escape(self._progress_words(lang, running))
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
            point = job.latest
            return text(
                "lab.progress", lang, seconds=f"{job.seconds:.0f}",
                best=count_words(point.objective), bound=count_words(point.bound),
            )  # fmt: skip
        if running:
            return text("lab.preparing", lang)
        if job.result is None:
            return text("lab.cancelled", lang)
        return text("lab.solved", lang, seconds=f"{job.result.runtime_s:.2f}")

    def _verdict_html(self, contest: Contest, lang: Lang) -> str:
        lines = contest.lines(self.n_sites.value, lang)
        parts = [f"<b>{escape(lines[0])}</b>", *(f"<div>{escape(line)}</div>" for line in lines[1:])]
        style = "padding:10px 14px;border-left:4px solid #2f7fb8;background:#f2f5f7;line-height:1.45"
        return f'<div style="{style}" role="status" aria-live="polite">{"".join(parts)}</div>'


class SitingStudio:
    """A map of candidate sites, the learner's picks, and the solver's.

    Parameters
    ----------
    world : World or LabSession
        What to plan; a session is shared with other panels.
    standard : str or CircleStandard
        Circle standard to begin with; that of the session where one is given.
    n_sites : int
        Sites to open, to begin with.
    candidates : {"table", "demand", "places", "grid"} or Facilities, optional
        Where sites may be opened.
    time_limit_s : float
        Seconds the solver has.
    lang : {"en", "zh"}
        Language to begin with.
    height_px : int
        Height of the map.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan.lab import SitingStudio
    >>> studio = SitingStudio(cp.load_world("sanheyuan"), n_sites=2)
    >>> studio.solver.start()
    >>> studio.solver.job.result.is_optimal
    True
    """

    def __init__(
        self,
        world: World | LabSession,
        standard: str | CircleStandard = "ordos-2014",
        *,
        n_sites: int = 5,
        candidates: CandidateSource | Facilities | None = None,
        time_limit_s: float = 30.0,
        lang: Lang = "en",
        height_px: int = 520,
    ) -> None:
        if isinstance(world, LabSession):
            self.session = world
        else:
            self.session = LabSession(LabState.start(world, standard, candidates=candidates), lang=lang)
        self.bar = ActionBar(self.session)
        self.map = CityMap(self.session, height_px=height_px, only_candidates=True)
        self.solver = SolvePart(self.session, n_sites=n_sites, time_limit_s=time_limit_s)
        self.rules = RuleControls(self.session)
        self.view = ViewControls(self.session, self.map)
        self.figures = Figures(self.session)
        controls = [self.solver.box, self.rules.box, self.view.box]
        main = [self.solver.verdict, self.map.widget, self.figures.box]
        self.box = panel_of(self.bar.box, controls, main)

    @property
    def state(self) -> LabState:
        """What holds now."""
        return self.session.state

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)
