"""One face for every model and every way of solving it."""

from __future__ import annotations

import math
import time

import numpy as np
import pandas as pd

from cultureplan.base.errors import Fault, InputError, WrongTypeError
from cultureplan.base.units import positive
from cultureplan.siting.coverage import nearest_open
from cultureplan.siting.mip import Progress, ProgressPoint
from cultureplan.siting.model import Answer, Control, Method, SitingModel
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.result import SitingResult, SitingStatus
from cultureplan.siting.stopping import Cancel, Stop, listening

_METHODS = ("auto", "exact", "heuristic")
_SAME = 1e-9  # a relative difference that is rounding


def solve_siting(
    problem: SitingProblem,
    model: SitingModel,
    *,
    method: Method = "auto",
    time_limit_s: float = 60.0,
    gap: float = 0.0,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> SitingResult:
    """Return the best sites for a goal, with a bound on what any other choice could reach.

    Parameters
    ----------
    problem : SitingProblem
        People, sites and which pairs count.
    model : SitingModel
        Goal, such as ``MaximalCoverage(n_sites=5)``.
    method : {"auto", "exact", "heuristic"}
        ``auto``: the quickest way to a proof; ``exact``: the integer program as written, by HiGHS;
        ``heuristic``: a good answer soon, with a valid bound.
    time_limit_s : float
        Seconds after which the best answer so far is returned with its bound.
    gap : float
        Relative gap between answer and bound that counts as optimal; 0 asks for proof.
    seed : int
        For what is random in a heuristic; the same seed gives the same answer, in any order of rows.
    progress : callable, optional
        Receives a ``ProgressPoint`` (seconds, objective, bound, stage) now and then.
    cancel : callable or event, optional
        Asked between two steps, and a few times a second while an integer program is solved: a function
        that returns whether to stop, or an object with ``is_set()`` such as a ``threading.Event``.

    Returns
    -------
    SitingResult
        Also when infeasible: a value with a reason, no error. Cancelled, or interrupted by Ctrl-C, it is
        the best answer so far with its bound (``feasible``), or ``no_solution`` where there is none yet.

    Raises
    ------
    InputError
        If the model makes no sense on the problem (more sites than candidates, no limit ...).

    Examples
    --------
    >>> import cultureplan as cp
    >>> costs = cp.TravelCosts.from_dense([[100, 900], [700, 300], [900, 200]], unit="m")
    >>> problem = cp.SitingProblem(costs=costs, persons=[50, 20, 40], limit=800.0)
    >>> result = cp.solve_siting(problem, cp.MaximalCoverage(n_sites=2))
    >>> result.objective, result.bound, str(result.status)
    (110.0, 110.0, 'optimal')
    """
    for name, value, kind in (("problem", problem, SitingProblem), ("model", model, SitingModel)):
        if not isinstance(value, kind):
            got = value.__name__ if isinstance(value, type) else type(value).__name__
            raise WrongTypeError.of("fault.wrong_type", name=name, got=got, want=f"a {kind.__name__}")
    if method not in _METHODS:
        raise InputError.of(
            "fault.not_one_of", name="method", value=method, known=", ".join(_METHODS), closest="auto"
        )
    if not (gap >= 0 and math.isfinite(gap)):
        raise InputError.of("siting.not_a_gap", value=gap)
    stop = Stop(cancel)
    control = Control(
        method=method,
        time_limit_s=positive("time_limit_s", time_limit_s),
        gap=float(gap),
        seed=seed,
        progress=None if progress is None else _guarded(progress, stop),
        stop=stop,
    )
    with listening(stop):
        return _solved(problem, model, control)


def _guarded(progress: Progress, stop: Stop) -> Progress:
    """Return the callback, a KeyboardInterrupt out of it being a wish to stop."""

    def tell(point: ProgressPoint) -> None:
        try:
            progress(point)
        except KeyboardInterrupt:
            stop.request()

    return tell


def _solved(problem: SitingProblem, model: SitingModel, control: Control) -> SitingResult:
    model.validate(problem)
    hopeless = model.infeasible_notes(problem)
    if hopeless:
        worst = math.inf if model.sense == "max" else -math.inf
        answer = Answer(is_open=None, bound=worst, is_infeasible=True, notes=hopeless)
    else:
        answer = model.solve(problem, control)
    return _result(problem, model, answer, control)


def _result(problem: SitingProblem, model: SitingModel, answer: Answer, control: Control) -> SitingResult:
    if answer.is_open is None:
        return _no_answer(problem, model, answer, control)
    is_open = answer.is_open
    objective = model.objective_of(problem, answer)
    bound = max(answer.bound, objective) if model.sense == "max" else min(answer.bound, objective)
    if abs(bound - objective) <= _SAME * max(abs(objective), 1.0):
        bound = objective
    gap = abs(bound - objective) / abs(objective) if objective else (0.0 if bound == objective else math.inf)
    is_optimal = gap <= max(control.gap, 0.0)
    notes = answer.notes + model.notes(problem, is_open)
    if not is_optimal:
        code = "siting.note_stopped" if control.method != "heuristic" else "siting.note_heuristic"
        if control.stop.is_set():
            code = "siting.note_cancelled"
        notes = (Fault(code=code, values={"gap": gap}), *notes)
    selected = np.flatnonzero(is_open)
    selected = selected[np.argsort(problem.site_rank[selected], kind="stable")]
    ids = problem.facility_ids.to_numpy(object)
    assignment = answer.flow
    if assignment is None:
        assignment = nearest_open(problem, is_open, within_circle=model.assigns_within_circle)
    opened = selected[~problem.is_fixed[selected]]
    closed = np.flatnonzero(problem.is_fixed & ~is_open)
    closed = closed[np.argsort(problem.site_rank[closed], kind="stable")]
    sites = model.site_table(problem, is_open, assignment)
    if answer.detail is not None:
        sites = sites.merge(answer.detail, on="facility_id", how="left")
    return SitingResult(
        status=SitingStatus.OPTIMAL if is_optimal else SitingStatus.FEASIBLE,
        objective=objective,
        objective_unit=model.objective_unit(problem),
        sense=model.sense,
        bound=float(bound),
        gap=float(gap),
        selected=tuple(ids[selected]),
        opened=tuple(ids[opened]),
        assignment=assignment,
        closed=tuple(ids[closed]),
        sites=sites,
        model=model,
        runtime_s=time.perf_counter() - control.started,
        notes=notes,
        facilities=None if problem.sites is None else problem.sites.frame.iloc[opened],
    )


def _no_answer(problem: SitingProblem, model: SitingModel, answer: Answer, control: Control) -> SitingResult:
    code = "siting.infeasible" if answer.is_infeasible else "siting.note_nothing_found"
    return SitingResult(
        status=SitingStatus.INFEASIBLE if answer.is_infeasible else SitingStatus.NO_SOLUTION,
        objective=math.nan,
        objective_unit=model.objective_unit(problem),
        sense=model.sense,
        bound=answer.bound,
        gap=math.nan,
        selected=(),
        opened=(),
        closed=(),
        assignment=pd.DataFrame({"demand_id": [], "facility_id": [], "cost": []}, dtype=object),
        sites=pd.DataFrame({"facility_id": []}, dtype=object),
        model=model,
        runtime_s=time.perf_counter() - control.started,
        notes=answer.notes or (Fault(code=code),),
    )
