"""Backup coverage: persons covered once, and persons who keep a site when one closes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from cultureplan.base.errors import Fault, InputError
from cultureplan.siting.cover import Cover, CoverClasses, merge_demand, total
from cultureplan.siting.coverage import covered_persons, unreachable_note
from cultureplan.siting.mip import Mip, MipBuilder, Sense
from cultureplan.siting.model import (
    SitingModel,
    add_coverage,
    add_number,
    add_sites,
    preference_of,
    validate_choice,
    validate_number,
)
from cultureplan.siting.problem import SitingProblem


@dataclass(frozen=True, kw_only=True)
class BackupCoverage(SitingModel):
    r"""Open `n_sites` sites so that most persons are covered, and most are covered k times (BACOP2).

    .. math::

        \max (1 - \theta) \sum_i w_i y_i + \theta \sum_i w_i b_i \quad \text{s.t.} \quad
        k_r y_i \le \sum_{j \in N_r} x_j, \qquad (k_r + k - 1)\, b_i \le \sum_{j \in N_r} x_j, \qquad
        \sum_j x_j = p

    ================ =============================================================
    symbol           argument
    ================ =============================================================
    :math:`w_i`      ``problem.persons``
    :math:`N_r, k_r` sites that count for row r of point i, and how many it needs
    :math:`p`        `n_sites`, beside the fixed ones
    :math:`k`        `times`: what counts as backed up (2: one site may close)
    :math:`\theta`   `backup_weight`
    ================ =============================================================

    Parameters
    ----------
    n_sites : int
        Sites to open in addition to the fixed ones.
    times : int
        Sites a backed-up person must have.
    backup_weight : float
        Weight of being backed up, 0 to 1; 0 is maximal coverage, 1 counts nothing but the backup.

    Notes
    -----
    NP-hard; solved as an integer program, in which b is an integer variable, so instances with
    thousands of classes may stop with a gap. Not to be used for queues: it counts sites, not their free
    hours (:class:`CapacitatedCoverage`).

    References
    ----------
    Hogan and ReVelle (1986): Concepts and applications of backup coverage. Management Science 32,
    1434-1444.
    """

    n_sites: int
    times: int = 2
    backup_weight: float = 0.5

    key: ClassVar[str] = "backup_coverage"
    sense: ClassVar[Sense] = "max"

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_sites", validate_number("n_sites", self.n_sites))
        object.__setattr__(self, "times", validate_number("times", self.times, at_least=2))
        if not 0 <= self.backup_weight <= 1:
            raise InputError.of("siting.not_a_weight", name="backup_weight", value=self.backup_weight)

    def validate(self, problem: SitingProblem) -> None:
        """Raise if there are not so many sites."""
        validate_choice(problem, self.n_sites)

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return ``persons`` (weighted)."""
        return "persons"

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the program: y for covered, b for backed up."""
        builder = MipBuilder("max")
        column_of = add_sites(builder, problem)
        once, backup = problem.classes, self._backup_classes(problem)
        theta = self.backup_weight
        builder.offset = (1 - theta) * once.covered_persons + theta * backup.covered_persons
        add_coverage(builder, problem, once, column_of, worth=1 - theta)
        add_coverage(builder, problem, backup, column_of, name="b", worth=theta)
        add_number(builder, column_of[problem.choices], self.n_sites)
        return builder.build()

    def objective(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the weighted persons covered and backed up."""
        once, backed = covered_persons(problem, is_open), self.backed_up(problem, is_open)
        theta = self.backup_weight
        return (1 - theta) * once + theta * backed + preference_of(problem, is_open)

    def backed_up(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the persons who are covered k times."""
        return total(problem.persons[self._backup_cover(problem).is_covered(is_open)])

    def notes(self, problem: SitingProblem, is_open: np.ndarray) -> tuple[Fault, ...]:
        """Return the two counts behind the objective."""
        values = {
            "once": covered_persons(problem, is_open),
            "backed": self.backed_up(problem, is_open),
            "times": self.times,
        }
        return (*unreachable_note(problem), Fault(code="siting.note_backup", values=values))

    def _backup_cover(self, problem: SitingProblem) -> Cover:
        cover = problem.covering
        return replace(cover, need=cover.need + np.int32(self.times - 1))

    def _backup_classes(self, problem: SitingProblem) -> CoverClasses:
        return merge_demand(
            self._backup_cover(problem),
            problem.persons,
            site_rank=problem.site_rank,
            is_fixed=problem.is_fixed,
            is_choice=problem.is_choice,
        )
