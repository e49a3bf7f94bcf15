"""Coverage explorer: change a limit, a reading or the hour, or move a library, and see who is covered."""

from __future__ import annotations

from typing import Any

from cultureplan.base.messages import Lang
from cultureplan.lab.map_widget import CityMap
from cultureplan.lab.panels.hour_controls import HourControls
from cultureplan.lab.panels.keeping import FileControls, SnapshotList, bar_of
from cultureplan.lab.panels.parts import ActionBar, Figures, RuleControls, ViewControls, panel_of
from cultureplan.lab.session import LabSession
from cultureplan.lab.state import LabState
from cultureplan.measures.circles import CircleStandard
from cultureplan.world.world import World


class CoverageExplorer:
    """A map with the rules beside it.

    Parameters
    ----------
    world : World or LabSession
        What to explore; a session is shared with other panels.
    standard : str or CircleStandard
        Circle standard to begin with; that of the session where one is given.
    lang : {"en", "zh"}
        Language to begin with.
    height_px : int
        Height of the map.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan.lab import CoverageExplorer
    >>> explorer = CoverageExplorer(cp.load_world("sanheyuan"))
    >>> explorer.session.do(lambda state: state.set_limit("rural", 3000))
    True
    """

    def __init__(
        self,
        world: World | LabSession,
        standard: str | CircleStandard = "ordos-2014",
        *,
        lang: Lang = "en",
        height_px: int = 520,
    ) -> None:
        self.session = LabSession.over(world, standard, lang=lang)
        self.bar = ActionBar(self.session)
        self.files = FileControls(self.session)
        self.snapshots = SnapshotList(self.session)
        self.map = CityMap(self.session, height_px=height_px)
        self.rules = RuleControls(self.session)
        self.hours = HourControls(self.session)
        self.view = ViewControls(self.session, self.map)
        self.figures = Figures(self.session)
        controls = [self.rules.box, self.hours.box, self.view.box, self.snapshots.box]
        self.box = panel_of(bar_of(self.bar, self.files), controls, [self.map.widget, self.figures.box])

    @property
    def state(self) -> LabState:
        """What holds now."""
        return self.session.state

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)
