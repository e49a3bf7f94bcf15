"""Siting studio: choose sites by eye, let the solver choose, and see the proof of who is right."""

from __future__ import annotations

from typing import Any

from cultureplan.base.messages import Lang
from cultureplan.lab.map_widget import CityMap
from cultureplan.lab.panels.goal_controls import ClickControls
from cultureplan.lab.panels.keeping import FileControls, SnapshotList, bar_of
from cultureplan.lab.panels.parts import ActionBar, Figures, RuleControls, ViewControls, panel_of
from cultureplan.lab.panels.solve_part import SolvePart
from cultureplan.lab.session import LabSession
from cultureplan.lab.state import LabState
from cultureplan.measures.circles import CircleStandard
from cultureplan.siting.problem import CandidateSource
from cultureplan.world.facilities import Facilities
from cultureplan.world.world import World


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
        self.session = LabSession.over(world, standard, lang=lang, candidates=candidates)
        self.bar = ActionBar(self.session)
        self.files = FileControls(self.session)
        self.snapshots = SnapshotList(self.session)
        self.map = CityMap(self.session, height_px=height_px, only_candidates=True)
        self.click = ClickControls(self.session, self.map)
        self.solver = SolvePart(self.session, n_sites=n_sites, time_limit_s=time_limit_s)
        self.rules = RuleControls(self.session)
        self.view = ViewControls(self.session, self.map)
        self.figures = Figures(self.session)
        controls = [self.solver.box, self.click.box, self.rules.box, self.view.box]
        controls.append(self.snapshots.box)
        main = [self.solver.verdict, self.map.widget, self.figures.box]
        self.box = panel_of(bar_of(self.bar, self.files), controls, main)

    @property
    def state(self) -> LabState:
        """What holds now."""
        return self.session.state

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)
