"""Relocation: close some facilities and open as many elsewhere, so that more persons are covered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from cultureplan.base.errors import Fault, InputError
from cultureplan.siting.coverage import covered_persons
from cultureplan.siting.mip import Mip, MipBuilder, Sense
from cultureplan.siting.model import (
    Answer,
    Control,
    SitingModel,
    add_coverage,
    add_sites,
    preference_of,
    solve_program,
    validate_number,
)
from cultureplan.siting.problem import SitingProblem


@dataclass(frozen=True, kw_only=True)
class Relocation(SitingModel):
    r"""Close at most `n_moves` fixed sites and open one elsewhere for each, and `n_new` more.

    .. math::

        \max \sum_i w_i y_i \quad \text{s.t.} \quad
        k_r y_i \le \sum_{j \in N_r} x_j, \qquad \sum_{j \in F} (1 - x_j) \le m, \qquad
        \sum_{j \notin F} x_j \le q + \sum_{j \in F} (1 - x_j)

    ============= ================================================================
    symbol        argument
    ============= ================================================================
    :math:`w_i`   ``problem.persons``
    :math:`F`     ``problem.fixed``: here they may close, but for `keep`
    :math:`m`     `n_moves`
    :math:`q`     `n_new`
    ============= ================================================================

    Parameters
    ----------
    n_moves : int
        Fixed sites that may close, each replaced by one elsewhere.
    n_new : int
        Sites that may open beside the replacements.
    keep : tuple of ids
        Fixed sites that must stay.

    Notes
    -----
    NP-hard. What closing costs people who grew used to a place is not in it: compare the persons who lose
    their site in the scenario comparison before closing anything.

    References
    ----------
    Wang, Batta, Bhadury and Rump (2003): Budget constrained location problem with opening and closing of
    facilities. Computers and Operations Research 30, 2047-2069.
    """

    n_moves: int
    n_new: int = 0
    keep: tuple[object, ...] = ()

    key: ClassVar[str] = "relocation"
    sense: ClassVar[Sense] = "max"

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_moves", validate_number("n_moves", self.n_moves))
        object.__setattr__(self, "n_new", validate_number("n_new", self.n_new, at_least=0))

    def validate(self, problem: SitingProblem) -> None:
        """Raise if nothing may close."""
        closable = set(map(str, problem.fixed)) - set(map(str, self.keep))
        if not closable:
            raise InputError.of("siting.nothing_to_close")

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return ``persons``."""
        return "persons"

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the program; its first columns are all sites that may be open, by id."""
        free = self._freed(problem)
        classes = free.classes
        builder = MipBuilder("max")
        builder.offset = classes.covered_persons
        column_of = add_sites(builder, free)
        add_coverage(builder, free, classes, column_of)
        closable = column_of[problem.is_fixed & ~free.is_fixed]
        fresh = column_of[problem.is_choice]
        row = builder.add_rows("close", [""], lower=float(len(closable) - self.n_moves))
        builder.add_entries(np.repeat(row, len(closable)), closable, 1.0)
        row = builder.add_rows("open", [""], upper=float(self.n_new + len(closable)))
        builder.add_entries(np.repeat(row, len(closable)), closable, 1.0)
        builder.add_entries(np.repeat(row, len(fresh)), fresh, 1.0)
        return builder.build()

    def objective(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the persons covered, and the preference of the opened sites."""
        return covered_persons(problem, is_open) + preference_of(problem, is_open)

    def notes(self, problem: SitingProblem, is_open: np.ndarray) -> tuple[Fault, ...]:
        """Return what was covered before."""
        before = covered_persons(problem, problem.is_fixed)
        values = {"before": before, "after": covered_persons(problem, is_open)}
        return (Fault(code="siting.note_before", values=values),)

    def solve(self, problem: SitingProblem, control: Control) -> Answer:
        """Return the best answer; to change nothing is always one."""
        free = self._freed(problem)
        solution = solve_program(self.formulation(problem), control)
        is_open = problem.is_fixed.copy()
        if solution.values is not None:
            found = free.is_fixed.copy()
            found[free.choices[solution.values[: len(free.choices)] > 0.5]] = True
            if self.objective(problem, found) > self.objective(problem, is_open):
                is_open = found
        return Answer(is_open=is_open, bound=solution.bound)

    def _freed(self, problem: SitingProblem) -> SitingProblem:
        kept = set(map(str, self.keep))
        fixed = tuple(name for name in problem.fixed if str(name) in kept)
        worth = np.where(problem.is_fixed, 0.0, problem.preference)
        return replace(problem, fixed=fixed, preference=worth)
