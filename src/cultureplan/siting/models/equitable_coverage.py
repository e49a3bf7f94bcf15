"""Equitable coverage: the place that is worst off is served as well as can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from cultureplan.base.errors import Fault, InputError
from cultureplan.siting.coverage import covered_persons, unreachable_note
from cultureplan.siting.mip import Mip, MipBuilder, Sense
from cultureplan.siting.model import (
    SitingModel,
    add_coverage,
    add_number,
    add_sites,
    validate_choice,
    validate_number,
)
from cultureplan.siting.problem import SitingProblem


@dataclass(frozen=True, kw_only=True)
class EquitableCoverage(SitingModel):
    r"""Open `n_sites` sites so that the smallest covered share over all places is largest.

    .. math::

        \max t \quad \text{s.t.} \quad \sum_{i \in P_g} w_i y_i \ge t \sum_{i \in P_g} w_i \;\; \forall g,
        \qquad y_i \le \sum_{j \in N_i} x_j, \qquad \sum_j x_j = p

    ============= ================================================================
    symbol        argument
    ============= ================================================================
    :math:`w_i`   ``problem.persons``
    :math:`P_g`   demand points of place g: ``problem.places``
    :math:`N_i`   sites that count for the point
    :math:`p`     `n_sites`, beside the fixed ones
    :math:`t`     the objective, a share
    ============= ================================================================

    Places without persons, and points without a place, are left out.

    Parameters
    ----------
    n_sites : int
        Sites to open in addition to the fixed ones.

    Notes
    -----
    NP-hard, and harder in practice than maximal coverage: the objective sees one place at a time, so many
    answers tie. Not to be used alone where a place cannot be reached at all (the objective is then 0
    whatever is done; the note says so).

    References
    ----------
    Rawls' difference principle put into covering terms; see Marsh and Schilling (1994): Equity
    measurement in facility location analysis. European Journal of Operational Research 74, 1-17.
    """

    n_sites: int

    key: ClassVar[str] = "equitable_coverage"
    sense: ClassVar[Sense] = "max"

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_sites", validate_number("n_sites", self.n_sites))

    def validate(self, problem: SitingProblem) -> None:
        """Raise if there are not so many sites, or nobody knows the places."""
        validate_choice(problem, self.n_sites)
        self._groups(problem)

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return ``share``."""
        return "share"

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the program: a row for each place."""
        group, names = self._groups(problem)
        classes = problem.classes
        builder = MipBuilder("max")
        column_of = add_sites(builder, problem)
        y_of_class = add_coverage(builder, problem, classes, column_of, worth=0.0)
        share = builder.add_columns("t", [""], cost=1.0, integer=False)
        counted = (group >= 0) & (problem.persons > 0)
        persons = np.bincount(group[counted], problem.persons[counted], len(names))
        covered = counted & (classes.class_of_demand == -1)
        already = np.bincount(group[covered], problem.persons[covered], len(names))
        rows = builder.add_rows("place", names, lower=-already / persons)
        builder.add_entries(rows, np.repeat(share, len(names)), -1.0)
        open_demand = np.flatnonzero(counted & (classes.class_of_demand >= 0))
        at = group[open_demand]
        builder.add_entries(
            rows[at],
            y_of_class[classes.class_of_demand[open_demand]],
            problem.persons[open_demand] / persons[at],
        )
        add_number(builder, column_of[problem.choices], self.n_sites)
        return builder.build()

    def objective(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the smallest covered share over the places."""
        return float(self.shares(problem, is_open).min())

    def shares(self, problem: SitingProblem, is_open: np.ndarray) -> pd.Series:
        """Return the covered share of each place."""
        group, names = self._groups(problem)
        counted = (group >= 0) & (problem.persons > 0)
        covered = counted & problem.covering.is_covered(is_open)
        persons = np.bincount(group[counted], problem.persons[counted], len(names))
        inside = np.bincount(group[covered], problem.persons[covered], len(names))
        return pd.Series(inside / persons, index=names, name="covered_share")

    def notes(self, problem: SitingProblem, is_open: np.ndarray) -> tuple[Fault, ...]:
        """Return the place that is worst off, and how many are covered in all."""
        shares = self.shares(problem, is_open)
        values = {
            "place": shares.index[int(np.argmin(shares))],
            "share": float(shares.min()),
            "persons": covered_persons(problem, is_open),
        }
        return (*unreachable_note(problem), Fault(code="siting.note_worst_place", values=values))

    def _groups(self, problem: SitingProblem) -> tuple[np.ndarray, list[str]]:
        """Return the place number of each point (-1 for none) and the names of peopled places, sorted."""
        if problem.places is None:
            raise InputError.of("siting.no_places")
        named = problem.places.reindex(problem.demand_ids)
        has_persons = named.notna().to_numpy() & (problem.persons > 0)
        names = sorted({str(name) for name in named[has_persons]})
        if not names:
            raise InputError.of("siting.no_places")
        number = {name: at for at, name in enumerate(names)}
        group = [number.get(str(name), -1) if pd.notna(name) else -1 for name in named]
        return np.asarray(group, dtype=np.int64), names
