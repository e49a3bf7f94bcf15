"""The page without a screen: what is open, what was chosen, and who wants to know when it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cultureplan.app.duties import DEFAULT_POLICY, Checked, check_both, duties_for
from cultureplan.app.opening import Inbox, Opened, open_named
from cultureplan.app.phasing import Budgets, Phasing, phase_sites
from cultureplan.app.plans import Desk, read_plan
from cultureplan.base.errors import CulturePlanError, Fault, InputError
from cultureplan.base.messages import Lang
from cultureplan.datasets.bundled import names as bundled_names
from cultureplan.lab.session import LabSession
from cultureplan.lab.state import LabState
from cultureplan.siting.result import SitingResult
from cultureplan.standards.catalogue import standard_names

if TYPE_CHECKING:
    from cultureplan.app.exporting import Work

DEFAULT_CIRCLES = "ordos-2014"
_USUAL_CIRCLES = {"shizuishan": "shizuishan-2021"}  # bundled world -> the standard of its own city


class Planner:
    """What a planner has on the desk.

    Parameters
    ----------
    files : Path
        Private folder of this page, for what is dropped.
    lang : {"en", "zh"}
        Language.

    Notes
    -----
    Listeners are told ``"world"`` when another world is open, ``"faults"`` when one could not be opened,
    ``"plan"`` when a saved plan was taken over, ``"lang"`` for another language, ``"preview"`` while
    something is dragged, and ``"state"`` for everything else.
    """

    def __init__(self, files: Path, *, lang: Lang = "en") -> None:
        self.lang: Lang = lang
        self.inbox = Inbox(files)
        self.session: LabSession | None = None
        self.desk = Desk(policy=DEFAULT_POLICY, duties=duties_for(DEFAULT_POLICY))
        self.faults: tuple[Fault, ...] = ()
        self.tried = ""
        self.result: SitingResult | None = None
        self._listeners: list[Callable[[str], None]] = []
        self._checked: tuple[object, Checked] | None = None
        self._phased: tuple[object, Phasing] | None = None

    def subscribe(self, listener: Callable[[str], None]) -> None:
        """Call somebody after every change."""
        self._listeners.append(listener)

    def tell(self, what: str) -> None:
        """Tell everybody what changed."""
        for listener in tuple(self._listeners):
            listener(what)

    # opening

    def open_name(self, name: str) -> None:
        """Open a bundled world by name, or a folder by path."""
        self.take(open_named(name), name=name)

    def take(self, opened: Opened, *, name: str) -> None:
        """Take over what was opened: a world, a plan for the one that is open, or faults.

        What was open stays open until something whole takes its place.
        """
        self.tried, self.faults = name, opened.faults
        if opened.world is not None:
            try:
                session, desk = self._session_of(opened, name)
            except CulturePlanError as error:
                self.faults = error.faults
            else:
                self.desk, self.result = desk, None
                self._checked = self._phased = None
                self.session = session
                session.subscribe(lambda told: self.tell("preview" if told.is_preview else "state"))
                self.tell("world")
                return
        elif opened.plan is not None:
            self.take_plan(opened.plan)
            return
        self.tell("faults")

    def take_plan(self, document: Mapping[str, Any]) -> None:
        """Take over a saved plan, on the world that is open."""
        if self.session is None:
            self.faults = (Fault(code="app.plan_needs_world"),)
            self.tell("faults")
            return
        try:
            state, desk = read_plan(self.session.state, document, otherwise=self.desk)
        except CulturePlanError as error:
            self.faults = error.faults
            self.tell("faults")
            return
        self.faults, self.desk = (), desk
        self.session.do(lambda _: state)
        self.tell("plan")

    def _session_of(self, opened: Opened, name: str) -> tuple[LabSession, Desk]:
        """Return a session of a world just opened, with the plan that came with it."""
        if opened.world is None:
            raise InputError.of("app.nothing_open")
        circles = _USUAL_CIRCLES.get(name, DEFAULT_CIRCLES)
        state = LabState.start(opened.world, circles)
        policy = circles if circles in standard_names() else DEFAULT_POLICY
        desk = Desk(policy=policy, duties=duties_for(policy))
        if opened.plan is not None:
            state, desk = read_plan(state, opened.plan, otherwise=desk)
        return LabSession(state, lang=self.lang), desk

    # choices

    def set_lang(self, lang: Lang) -> None:
        """Speak another language."""
        if lang == self.lang:
            return
        self.lang = lang
        if self.session is not None:
            self.session.set_lang(lang)
        self.tell("lang")

    def set_policy(self, policy: str) -> None:
        """Check against another policy standard, with the duties of the same document where it has any."""
        own = duties_for(policy)
        self.desk = replace(self.desk, policy=policy, duties=own or self.desk.duties)
        self.tell("state")

    def set_duties(self, duties: str) -> None:
        """Ask the departments of another place."""
        self.desk = replace(self.desk, duties=duties)
        self.tell("state")

    def set_budgets(self, budgets: Budgets | None) -> None:
        """Plan with other money."""
        self.desk = replace(self.desk, budgets=budgets)
        self.tell("state")

    # answers, worked out once for the same question

    def checked(self) -> Checked | None:
        """Return the check of the world before and after the plan; None without a world."""
        if self.session is None:
            return None
        state = self.session.state
        key = (id(state.ground), state.draft, self.desk.policy, self.desk.duties)
        if self._checked is None or self._checked[0] != key:
            self._checked = (key, check_both(state, self.desk.policy, self.desk.duties))
        return self._checked[1]

    def phasing(self) -> Phasing | None:
        """Return which site is built in which year; None where nothing new is opened or no money is named.

        Raises
        ------
        InputError
            If it cannot be worked out.
        """
        if self.session is None or self.desk.budgets is None or not self.session.state.opened_ids:
            return None
        state = self.session.state
        key = (id(state.ground), state.draft, self.desk.budgets)
        if self._phased is None or self._phased[0] != key:
            self._phased = (key, phase_sites(state, self.desk.budgets))
        return self._phased[1]

    def work(self) -> Work:
        """Return everything there is to export."""
        from cultureplan.app.exporting import Work  # the report's rooms are loaded when they are used

        if self.session is None:
            raise InputError.of("app.nothing_open")
        return Work(
            state=self.session.state,
            checked=self.checked(),
            phasing=self.phasing(),
            result=self.result,
            lang=self.lang,
        )


def world_choices() -> tuple[str, ...]:
    """Return the names of the bundled worlds, those of China first."""
    first = ("shizuishan", "sanheyuan", "wuhan")
    known = bundled_names()
    return (*(name for name in first if name in known), *(name for name in known if name not in first))
