"""Phased coverage: what to open in which year, when every year counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError
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
    validate_choice,
    validate_number,
)
from cultureplan.siting.problem import SitingProblem


@dataclass(frozen=True, kw_only=True)
class PhasedCoverage(SitingModel):
    r"""Open so many sites in each of several years that the persons covered, summed over years, are most.

    .. math::

        \max \sum_t \omega_t \sum_i w_i y_{it} \quad \text{s.t.} \quad
        k_r y_{it} \le \sum_{j \in N_r} x_{jt}, \qquad x_{jt} \ge x_{j,t-1}, \qquad
        \sum_j x_{jt} = \sum_{s \le t} p_s

    ================ =============================================================
    symbol           argument
    ================ =============================================================
    :math:`w_i`      ``problem.persons``
    :math:`p_t`      `n_sites`: openings in year t, beside the fixed sites
    :math:`\omega_t` `year_weights` (1 each: person-years)
    ================ =============================================================

    Parameters
    ----------
    n_sites : tuple of int
        Sites to open in each year.
    year_weights : tuple of float, optional
        Weight of each year, for example a discount; 1 each where absent.

    Notes
    -----
    NP-hard; the program has a copy of maximal coverage for each year. ``result.to_frame()`` tells the
    year of each site in the column ``phase`` (1 is the first). Not to be used where people move in
    meanwhile: make a problem of each year then.

    References
    ----------
    Schilling (1980): Dynamic location modeling for public-sector facilities. Decision Sciences 11,
    714-724.
    """

    n_sites: tuple[int, ...]
    year_weights: tuple[float, ...] = ()

    key: ClassVar[str] = "phased_coverage"
    sense: ClassVar[Sense] = "max"

    def __post_init__(self) -> None:
        counts = tuple(validate_number("n_sites", n, at_least=0) for n in self.n_sites)
        weights = tuple(float(w) for w in self.year_weights) or (1.0,) * len(counts)
        if not counts or sum(counts) == 0 or len(weights) != len(counts):
            raise InputError.of("siting.bad_years", n_years=len(counts), n_weights=len(weights))
        if not all(np.isfinite(w) and w >= 0 for w in weights):
            raise InputError.of("siting.negative_cost", name="year_weights", value=self.year_weights)
        object.__setattr__(self, "n_sites", counts)
        object.__setattr__(self, "year_weights", weights)

    def validate(self, problem: SitingProblem) -> None:
        """Raise if there are not so many sites."""
        validate_choice(problem, sum(self.n_sites))

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return ``person-years``."""
        return "person-years"

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the program; its first columns are the sites open in the last year."""
        classes = problem.classes
        builder = MipBuilder("max")
        builder.offset = classes.covered_persons * sum(self.year_weights)
        last = add_sites(builder, problem)
        labels = [str(name) for name in problem.facility_ids[problem.choices]]
        years = len(self.n_sites)
        columns = {years: last}
        for year in range(1, years):
            of_year = np.full(problem.n_sites, -1, dtype=np.int64)
            of_year[problem.choices] = builder.add_columns(f"x{year}", labels)
            columns[year] = of_year
        for year in range(1, years + 1):
            worth = self.year_weights[year - 1]
            name = "y" if year == years else f"y{year}"
            add_coverage(builder, problem, classes, columns[year], name=name, worth=worth)
            number = float(sum(self.n_sites[:year]))
            here = columns[year][problem.choices]
            row = builder.add_rows("number", [year], lower=number, upper=number)
            builder.add_entries(np.repeat(row, len(here)), here, 1.0)
            if year > 1:
                before = columns[year - 1][problem.choices]
                rows = builder.add_rows(f"stay{year}", labels, lower=0.0)
                builder.add_entries(rows, here, 1.0)
                builder.add_entries(rows, before, -1.0)
        return builder.build()

    def objective(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the person-years if everything opened in the first year."""
        covered = covered_persons(problem, is_open) * sum(self.year_weights)
        return covered + preference_of(problem, is_open)

    def objective_of(self, problem: SitingProblem, answer: Answer) -> float:
        """Return the person-years of a plan with its years."""
        if answer.is_open is None or answer.detail is None:
            return float("nan")
        sum_of_years = 0.0
        phase = answer.detail.set_index("facility_id")["phase"]
        for year, worth in enumerate(self.year_weights, start=1):
            is_open = problem.is_fixed | problem.mask(phase.index[phase <= year])
            sum_of_years += worth * covered_persons(problem, is_open)
        return sum_of_years + preference_of(problem, answer.is_open)

    def solve(self, problem: SitingProblem, control: Control) -> Answer:
        """Return the best plan, with the year of each site."""
        solution = solve_program(self.formulation(problem), control)
        if solution.values is None:
            infeasible = solution.status == "infeasible"
            return Answer(is_open=None, bound=solution.bound, is_infeasible=infeasible)
        n, years = len(problem.choices), len(self.n_sites)
        chosen = solution.values[: n * years].reshape(years, n) > 0.5
        by_year = np.vstack([chosen[1:], chosen[:1]])  # the last year stands first
        opened = np.flatnonzero(chosen[0])
        is_open = problem.is_fixed.copy()
        is_open[problem.choices[opened]] = True
        detail = pd.DataFrame(
            {
                "facility_id": problem.facility_ids.to_numpy(object)[problem.choices[opened]],
                "phase": 1 + np.argmax(by_year[:, opened], axis=0),
            }
        )
        return Answer(is_open=is_open, bound=solution.bound, detail=detail)
