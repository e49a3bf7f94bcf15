"""What every siting model says about itself, and the rows that all of them share."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from cultureplan.base.errors import Fault, InputError
from cultureplan.siting.cover import CoverClasses
from cultureplan.siting.coverage import site_table
from cultureplan.siting.mip import (
    Mip,
    MipBuilder,
    MipSolution,
    Progress,
    ProgressPoint,
    Sense,
    solve_mip,
)
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.stopping import Stop

Method = Literal["auto", "exact", "heuristic"]


@dataclass(frozen=True, kw_only=True)
class Control:
    """How to solve: method, time, gap, seed and who wants to know.

    Parameters
    ----------
    method : {"auto", "exact", "heuristic"}
        ``auto`` proves as much as the time allows; ``exact`` leaves everything to the solver of integer
        programs; ``heuristic`` returns the first good answer with a bound.
    time_limit_s : float
        Seconds from `started`.
    gap : float
        Relative gap that is good enough.
    seed : int
        Of the random choices of a heuristic.
    progress : callable, optional
        Receives a :class:`~cultureplan.siting.mip.ProgressPoint` now and then.
    started : float
        ``time.perf_counter()`` at the start.
    stop : Stop
        Whether somebody wants the solve to end now.
    """

    method: Method = "auto"
    time_limit_s: float = 60.0
    gap: float = 0.0
    seed: int = 0
    progress: Progress | None = None
    started: float = field(default_factory=time.perf_counter)
    stop: Stop = field(default_factory=Stop)

    @property
    def left_s(self) -> float:
        """Seconds left; none once somebody asked to stop."""
        if self.stop.is_set():
            return 0.0
        return self.started + self.time_limit_s - time.perf_counter()


def translated(control: Control, translate: Callable[[float], float]) -> Control:
    """Return how to solve a stand-in whose objective, translated, is the one that was asked for.

    Progress is told in the objective that was asked for, and the gap is one of it: the stand-in is solved
    until the two translated values are near enough, whatever their relative distance before.

    Parameters
    ----------
    control : Control
        How the problem itself is to be solved.
    translate : callable
        From an objective or bound of the stand-in to one of the problem.
    """
    enough = Stop(control.stop)

    def tell(point: ProgressPoint) -> None:
        told = replace(point, objective=translate(point.objective), bound=translate(point.bound))
        if 0 < abs(told.bound - told.objective) <= control.gap * abs(told.objective):
            enough.request()
        if control.progress is not None:
            control.progress(told)

    return replace(control, gap=0.0, progress=tell, stop=enough)


@dataclass(frozen=True, kw_only=True, eq=False)
class Answer:
    """What a model's solver found, before it is put into words.

    Parameters
    ----------
    is_open : ndarray of bool or None, shape (n_sites,)
        Open sites, fixed ones included; None where there is no answer.
    bound : float
        No answer is better than this.
    is_infeasible : bool
        Whether it is proven that there is none.
    notes : tuple of Fault
        What a user should know.
    flow : DataFrame, optional
        ``demand_id``, ``facility_id``, ``cost``, ``persons``, where the model itself assigns people.
    detail : DataFrame, optional
        ``facility_id`` and what else the model says about a site, such as the year it opens.
    """

    is_open: np.ndarray | None
    bound: float
    is_infeasible: bool = False
    notes: tuple[Fault, ...] = ()
    flow: pd.DataFrame | None = None
    detail: pd.DataFrame | None = None


class SitingModel(ABC):
    """A goal: what makes one choice of sites better than another.

    A model is a small frozen dataclass; it holds settings, never data.
    """

    key: ClassVar[str]
    sense: ClassVar[Sense]
    assigns_within_circle: ClassVar[bool] = True

    def validate(self, problem: SitingProblem) -> None:  # noqa: B027 - most models have nothing to check
        """Raise if the model makes no sense on this problem."""

    @abstractmethod
    def objective_unit(self, problem: SitingProblem) -> str:
        """Return the unit of the objective: ``persons``, ``sites``, ``cost``, ``m`` ..."""

    @abstractmethod
    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the model as a program whose first columns are the sites to choose from, by id."""

    @abstractmethod
    def objective(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the objective of some open sites, measured on the problem itself."""

    def objective_of(self, problem: SitingProblem, answer: Answer) -> float:
        """Return the objective of an answer, measured from its sites and, where it has one, its flow."""
        if answer.is_open is None:
            return math.nan
        return self.objective(problem, answer.is_open)

    def infeasible_notes(self, problem: SitingProblem) -> tuple[Fault, ...]:
        """Return why there can be no answer, as far as that can be seen before solving."""
        return ()

    def notes(self, problem: SitingProblem, is_open: np.ndarray) -> tuple[Fault, ...]:
        """Return what a user should know about an answer."""
        return ()

    def site_table(
        self, problem: SitingProblem, is_open: np.ndarray, assignment: pd.DataFrame
    ) -> pd.DataFrame:
        """Return what each open site contributes, new sites first."""
        return site_table(problem, is_open)

    def solve(self, problem: SitingProblem, control: Control) -> Answer:
        """Return the best answer found in time, with a valid bound."""
        return solve_formulation(self, problem, control)


def solve_formulation(
    model: SitingModel,
    problem: SitingProblem,
    control: Control,
    *,
    start: np.ndarray | None = None,
    bound: float | None = None,
) -> Answer:
    """Solve a model's program with HiGHS.

    Parameters
    ----------
    model : SitingModel
        Model.
    problem : SitingProblem
        Problem.
    control : Control
        Time and gap.
    start : ndarray of bool, optional
        Open sites of an answer that is known already, shape (n_sites,).
    bound : float, optional
        A bound that is known already.
    """
    solution = solve_program(model.formulation(problem), control)
    worst = np.inf if model.sense == "max" else -np.inf
    if solution.status == "infeasible":
        return Answer(is_open=None, bound=worst, is_infeasible=True)
    best = solution.bound
    if bound is not None:
        best = min(best, bound) if model.sense == "max" else max(best, bound)
    is_open = start
    if solution.values is not None:
        found = problem.is_fixed.copy()
        found[problem.choices[solution.values[: len(problem.choices)] > 0.5]] = True
        if start is None or _is_better(model, problem, found, start):
            is_open = found
    return Answer(is_open=is_open, bound=best)


def solve_program(mip: Mip, control: Control) -> MipSolution:
    """Solve a program within what is left of the time."""
    return solve_mip(mip, time_limit_s=control.left_s, gap=control.gap, progress=control.progress)


def add_coverage(
    builder: MipBuilder,
    problem: SitingProblem,
    classes: CoverClasses,
    column_of: np.ndarray,
    *,
    name: str = "y",
    worth: float = 1.0,
) -> np.ndarray:
    """Add a 0-1 variable for every class of demand points that have persons: whether it is covered.

    Parameters
    ----------
    builder : MipBuilder
        Program.
    problem : SitingProblem
        Problem.
    classes : CoverClasses
        Classes to cover.
    column_of : ndarray of int64, shape (n_sites,)
        Column of each site.
    name : str
        Name of the variables.
    worth : float
        What a covered person adds to the objective.

    Returns
    -------
    ndarray of int64, shape (n_classes,)
        Column of each class, -1 where it has no persons.
    """
    kept = np.flatnonzero(classes.weight > 0)
    simple = bool((classes.need == 1).all())
    y = builder.add_columns(name, kept.tolist(), cost=worth * classes.weight[kept], integer=not simple)
    y_of_class = np.full(classes.n_classes, -1, dtype=np.int64)
    y_of_class[kept] = y
    pair_class = np.repeat(np.arange(classes.n_classes), np.diff(classes.class_indptr))
    peopled = classes.weight[pair_class] > 0
    pair_class, pair_row = pair_class[peopled], classes.class_rows[peopled]
    labels: Sequence[object] = pair_class.tolist()
    if not classes.is_plain:
        labels = list(zip(labels, pair_row.tolist(), strict=True))
    rows = builder.add_rows("cover" if name == "y" else f"cover_{name}", labels, upper=0.0)
    builder.add_entries(rows, y_of_class[pair_class], classes.need[pair_row].astype(float))
    counts = np.diff(classes.indptr)[pair_row]
    columns = column_of[classes.sites[classes.row_matrix()[pair_row].indices]]
    builder.add_entries(np.repeat(rows, counts), columns, -1.0)
    return y_of_class


def _is_better(model: SitingModel, problem: SitingProblem, first: np.ndarray, second: np.ndarray) -> bool:
    one, other = model.objective(problem, first), model.objective(problem, second)
    return one > other if model.sense == "max" else one < other


def add_sites(builder: MipBuilder, problem: SitingProblem, *, cost: np.ndarray | float = 0.0) -> np.ndarray:
    """Add a 0-1 variable for every site to choose from, and the rows that restrict the choice.

    Parameters
    ----------
    builder : MipBuilder
        Program; the columns of the sites come first.
    problem : SitingProblem
        Problem.
    cost : ndarray or float, shape (n_choices,)
        Objective of opening each site, beside its preference.

    Returns
    -------
    ndarray of int64, shape (n_sites,)
        Column of each site, -1 where it may not be opened.
    """
    choices = problem.choices
    worth = problem.preference[choices] * (1.0 if builder.sense == "max" else -1.0)
    labels = [str(name) for name in problem.facility_ids[choices]]
    columns = builder.add_columns("x", labels, cost=cost + worth)
    column_of = np.full(problem.n_sites, -1, dtype=np.int64)
    column_of[choices] = columns
    for first, second in sorted(problem.conflicts, key=lambda pair: (str(pair[0]), str(pair[1]))):
        pair = problem.positions((first, second))
        free = column_of[pair]
        room = 1.0 - float(problem.is_fixed[pair].sum())
        row = builder.add_rows("apart", [(first, second)], upper=room)
        builder.add_entries(row, free[free >= 0], 1.0)
    for number, quota in enumerate(problem.quotas):
        at = problem.positions(quota.facility_ids)
        n_fixed = float(problem.is_fixed[at].sum())
        most = np.inf if quota.at_most is None else quota.at_most - n_fixed
        row = builder.add_rows(
            "quota", [quota.name or number], lower=max(quota.at_least - n_fixed, 0.0), upper=most
        )
        free = column_of[at]
        builder.add_entries(row, free[free >= 0], 1.0)
    return column_of


def add_number(builder: MipBuilder, columns: np.ndarray, n_sites: int) -> None:
    """Add the row that opens exactly `n_sites` sites."""
    row = builder.add_rows("number", [""], lower=float(n_sites), upper=float(n_sites))
    builder.add_entries(np.repeat(row, len(columns)), columns, 1.0)


def add_budget(builder: MipBuilder, columns: np.ndarray, site_cost: np.ndarray, budget: float) -> None:
    """Add the row that keeps the cost of the opened sites within a budget."""
    row = builder.add_rows("budget", [""], upper=float(budget))
    builder.add_entries(np.repeat(row, len(columns)), columns, site_cost)


def validate_number(name: str, value: object, *, at_least: int = 1) -> int:
    """Return a whole number, or raise."""
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < at_least:
        raise InputError.of("siting.not_a_count", name=name, value=value, at_least=at_least)
    return int(value)


def validate_choice(problem: SitingProblem, n_sites: int) -> None:
    """Raise if more sites are to be opened than may be."""
    if n_sites > len(problem.choices):
        raise InputError.of(
            "siting.too_many_sites",
            n_sites=n_sites,
            n_choices=len(problem.choices),
            n_fixed=int(problem.is_fixed.sum()),
        )


def preference_of(problem: SitingProblem, is_open: np.ndarray) -> float:
    """Return the worth of the sites that were opened (the fixed ones are open anyway)."""
    return float(np.sort(problem.preference[is_open & ~problem.is_fixed]).sum())
