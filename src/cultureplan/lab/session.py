"""The one place of a lab page that changes: which state holds, in which language, and who wants to know."""

from __future__ import annotations

from collections.abc import Callable

from cultureplan.base.errors import CulturePlanError
from cultureplan.base.messages import Lang
from cultureplan.lab.meter import Measured, Meter
from cultureplan.lab.paint import Colouring
from cultureplan.lab.state import LabState
from cultureplan.measures.circles import CircleStandard
from cultureplan.siting.problem import CandidateSource
from cultureplan.world.facilities import Facilities
from cultureplan.world.world import World

Action = Callable[[LabState], LabState]
Listener = Callable[["LabSession"], None]


class LabSession:
    """A state that panels share.

    Parameters
    ----------
    state : LabState
        First state.
    lang : {"en", "zh"}
        Language of every panel.

    Notes
    -----
    An action that the state refuses leaves it as it is; the reason stands in `notice` until the next one.
    """

    def __init__(self, state: LabState, *, lang: Lang = "en") -> None:
        self.state = state
        self.lang: Lang = lang
        self.colouring: Colouring = "coverage"
        self.notice = ""
        self.meter = Meter()
        self._selected = ""
        self._shown: LabState | None = None
        self._listeners: list[Listener] = []
        self._selection_listeners: list[Listener] = []

    @classmethod
    def over(
        cls,
        world: World | LabSession,
        standard: str | CircleStandard = "ordos-2014",
        *,
        lang: Lang = "en",
        candidates: CandidateSource | Facilities | None = None,
    ) -> LabSession:
        """Return a new session of a world; a session that is there already comes back as it is.

        Parameters
        ----------
        world : World or LabSession
            World to begin with, or a session that other panels show.
        standard, candidates
            As in :meth:`LabState.start`; of no effect on a session.
        lang : {"en", "zh"}
            Language; of no effect on a session.
        """
        if isinstance(world, LabSession):
            return world
        return cls(LabState.start(world, standard, candidates=candidates), lang=lang)

    @property
    def shown(self) -> LabState:
        """What panels show: the state, or what it would be while something is dragged."""
        return self.state if self._shown is None else self._shown

    @property
    def is_preview(self) -> bool:
        """Whether what is shown is not done yet."""
        return self._shown is not None

    @property
    def measured(self) -> Measured:
        """Coverage of what is shown."""
        return self.meter.measure(self.shown)

    @property
    def today(self) -> Measured:
        """Coverage of the world before any change, by the same standard."""
        return self.meter.today(self.shown)

    @property
    def selected(self) -> str:
        """Id of the facility that every panel marks; empty for none."""
        return self._selected

    @selected.setter
    def selected(self, facility_id: str) -> None:
        self.select(facility_id)

    def select(self, facility_id: str) -> None:
        """Mark a facility in every panel, or none; nothing is measured or drawn anew for it."""
        if facility_id == self._selected:
            return
        self._selected = facility_id
        for listener in tuple(self._selection_listeners):
            listener(self)

    def subscribe(self, listener: Listener) -> None:
        """Call somebody after every change."""
        self._listeners.append(listener)

    def subscribe_selection(self, listener: Listener) -> None:
        """Call somebody after another facility was marked; that is no change of the state."""
        self._selection_listeners.append(listener)

    def do(self, action: Action) -> bool:
        """Do something to the state; return whether it was accepted."""
        self._shown, self.notice = None, ""
        try:
            self.state = action(self.state)
        except CulturePlanError as error:
            self.notice = error.render(self.lang)
        self._tell()
        return not self.notice

    def preview(self, action: Action) -> None:
        """Show what an action would do, without doing it; a refused one shows the state itself."""
        try:
            self._shown = action(self.state)
        except CulturePlanError:
            self._shown = None
        self._tell()

    def undo(self) -> None:
        """Undo the last step."""
        self.do(lambda state: state.undo())

    def redo(self) -> None:
        """Redo the step that was undone last."""
        self.do(lambda state: state.redo())

    def set_lang(self, lang: Lang) -> None:
        """Speak another language."""
        self.lang, self.notice = lang, ""
        self._tell()

    def set_colouring(self, colouring: Colouring) -> None:
        """Colour the people by something else."""
        self.colouring = colouring
        self._tell()

    def refresh(self) -> None:
        """Show everything anew, because something beside the state changed."""
        self._tell()

    def say(self, notice: str) -> None:
        """Show a notice until the next action."""
        self.notice = notice
        self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener(self)
