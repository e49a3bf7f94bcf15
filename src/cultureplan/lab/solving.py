"""Solving beside the page: one siting problem in a thread, watched, and stopped when somebody says so."""

from __future__ import annotations

import threading
import time

from cultureplan.base.errors import CulturePlanError
from cultureplan.lab.state import SolveRequest
from cultureplan.siting.mip import ProgressPoint
from cultureplan.siting.result import SitingResult
from cultureplan.siting.solve import solve_siting


class SolveJob:
    """One solve in a thread of its own.

    Parameters
    ----------
    request : SolveRequest
        What to solve.
    time_limit_s : float
        Seconds after which the best answer so far is taken.

    Notes
    -----
    Widgets are not touched from the thread: whoever shows the job asks it how far it is.
    """

    def __init__(self, request: SolveRequest, *, time_limit_s: float = 30.0) -> None:
        self.request = request
        self.time_limit_s = time_limit_s
        self.result: SitingResult | None = None
        self.error: CulturePlanError | None = None
        self.points: list[ProgressPoint] = []
        self.is_cancelled = False
        self._stop = threading.Event()
        self._started = 0.0
        self._thread = threading.Thread(target=self._run, name="cultureplan-solve", daemon=True)

    def start(self) -> None:
        """Start solving."""
        self._started = time.perf_counter()
        self._thread.start()

    def cancel(self) -> None:
        """Ask the solver to stop; it answers with the best it has, or with nothing."""
        self.is_cancelled = True
        self._stop.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it is done; return whether it is."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def latest(self) -> ProgressPoint | None:
        """How far it is; None before the solver has said anything."""
        return self.points[-1] if self.points else None

    @property
    def is_running(self) -> bool:
        """Whether it is not done yet."""
        return self._thread.is_alive()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._started

    def _run(self) -> None:
        try:
            if self._stop.is_set():
                return
            self.result = solve_siting(
                self.request.problem,
                self.request.model,
                time_limit_s=self.time_limit_s,
                progress=self.points.append,
                cancel=self._stop,
            )
        except CulturePlanError as error:
            self.error = error
