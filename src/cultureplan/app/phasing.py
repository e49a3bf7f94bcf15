"""Which of the chosen sites is built in which year, when every year has its own budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cultureplan.app.costs import site_costs
from cultureplan.base.errors import InputError
from cultureplan.lab.state import LabState
from cultureplan.siting.coverage import covered_persons
from cultureplan.siting.mip import Mip, MipBuilder, solve_mip
from cultureplan.siting.model import add_coverage
from cultureplan.siting.problem import SitingProblem
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Status

_CENT = 1e-6  # of a yuan: sums of budgets are compared with this much slack


@dataclass(frozen=True, kw_only=True)
class Budgets:
    """Money by year.

    Parameters
    ----------
    first_year : int
        Calendar year of the first budget.
    yuan : tuple of float
        What may be spent in each year.
    carries_over : bool
        Whether what is left in a year may be spent later.
    usual_cost : float
        Yuan for a site that the table says nothing about.
    """

    first_year: int
    yuan: tuple[float, ...]
    carries_over: bool = False
    usual_cost: float = 500_000.0

    def __post_init__(self) -> None:
        if not self.yuan or not all(np.isfinite(sum_) and sum_ >= 0 for sum_ in self.yuan):
            raise InputError.of("app.bad_budgets", given=", ".join(map(str, self.yuan)) or "-")
        if not (np.isfinite(self.usual_cost) and self.usual_cost > 0):
            raise InputError.of("app.bad_cost", given=self.usual_cost)

    @property
    def years(self) -> tuple[int, ...]:
        """Calendar years."""
        return tuple(range(self.first_year, self.first_year + len(self.yuan)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Phasing:
    """A plan with its years.

    Parameters
    ----------
    budgets : Budgets
        What it was made for.
    sites : DataFrame
        ``facility_id``, ``cost`` (yuan), ``year`` (0 where no year's budget reaches), in order of building.
    years : DataFrame, index year
        ``budget``, ``spent``, ``n_sites``, ``persons_covered`` (at the end of the year), ``covered_share``,
        ``persons_gained`` (in that year).
    covered_before : float
        Persons covered before the first year.
    is_proven : bool
        Whether no other order serves more person-years.
    """

    budgets: Budgets
    sites: pd.DataFrame = field(repr=False)
    years: pd.DataFrame = field(repr=False)
    covered_before: float
    is_proven: bool

    @property
    def left_out(self) -> tuple[str, ...]:
        """Ids of the sites that no year can pay for."""
        return tuple(self.sites.loc[self.sites["year"] == 0, "facility_id"])


def phase_sites(state: LabState, budgets: Budgets, *, time_limit_s: float = 20.0) -> Phasing:
    """Return the order of building the sites opened in a state that serves the most person-years.

    An integer program: a site is built in at most one year, each year's building stays within its budget,
    and the persons covered, summed over the years, are most. What is left of the money then brings
    forward what it can.

    Parameters
    ----------
    state : LabState
        With sites that are not open today.
    budgets : Budgets
        Money by year.
    time_limit_s : float
        Seconds for the program.

    Raises
    ------
    InputError
        If nothing new is opened.
    """
    ids = list(state.opened_ids)
    if not ids:
        raise InputError.of("app.nothing_to_phase")
    costs = site_costs(state.world.facilities, ids, usual_cost=budgets.usual_cost)
    problem = _problem(state, ids)
    built, is_proven = _first_order(problem, costs, budgets, time_limit_s)
    built = brought_forward(built, costs.to_numpy(float), budgets)
    return _told(state, problem, costs, built, budgets=budgets, is_proven=is_proven)


def brought_forward(built: np.ndarray, costs: np.ndarray, budgets: Budgets) -> np.ndarray:
    """Return the years of building with every site as early as the money allows, in the order given.

    Parameters
    ----------
    built : ndarray of int, shape (n,)
        Index of the year of each site; the number of years where it is not built.
    costs : ndarray of float, shape (n,)
        Yuan.
    budgets : Budgets
        Money by year.
    """
    after = built.copy()
    for site in np.lexsort((costs, built)):
        for year in range(int(after[site])):
            moved = after.copy()
            moved[site] = year
            if is_affordable(moved, costs, budgets):
                after = moved
                break
    return after


def is_affordable(built: np.ndarray, costs: np.ndarray, budgets: Budgets) -> bool:
    """Return whether the years of building keep within the budgets."""
    n = len(budgets.yuan)
    spent = np.bincount(built, weights=costs, minlength=n + 1)[:n]
    money = np.asarray(budgets.yuan, dtype=float)
    if budgets.carries_over:
        spent, money = np.cumsum(spent), np.cumsum(money)
    return bool((spent <= money + _CENT).all())


def _problem(state: LabState, ids: Sequence[str]) -> SitingProblem | None:
    """Return the problem with the new sites as the only candidates; None where no rule counts any."""
    frame = state.world.facilities.frame
    rows = frame[frame["facility_id"].isin(ids)].assign(status=str(Status.CANDIDATE), parent_id=None)
    try:
        return SitingProblem.from_world(
            state.without_new().world, state.standard, candidates=Facilities(rows.reset_index(drop=True))
        )
    except InputError as error:
        if error.faults[0].code != "siting.kind_not_counted":
            raise
        return None


def _first_order(
    problem: SitingProblem | None, costs: pd.Series, budgets: Budgets, time_limit_s: float
) -> tuple[np.ndarray, bool]:
    n_years = len(budgets.yuan)
    if problem is None:
        return np.full(len(costs), n_years), True
    solution = solve_mip(_program(problem, costs, budgets), time_limit_s=time_limit_s, gap=0.0)
    if solution.values is None:
        return np.full(len(costs), n_years), False
    is_open = solution.values[: len(costs) * n_years].reshape(n_years, len(costs)) > 0.5
    return n_years - is_open.sum(axis=0), solution.status == "optimal"


def _program(problem: SitingProblem, costs: pd.Series, budgets: Budgets) -> Mip:
    """Return the program; its first columns are whether each site stands in the first year, the second ..."""
    builder = MipBuilder("max")
    labels = [str(name) for name in costs.index]
    yuan = costs.to_numpy(float)
    n_years = len(budgets.yuan)
    stands = [builder.add_columns(f"x{year}", labels) for year in range(n_years)]
    at = problem.facility_ids.get_indexer(costs.index)  # -1: counted by no rule
    for year in range(n_years):
        column_of = np.full(problem.n_sites, -1, dtype=np.int64)
        column_of[at[at >= 0]] = stands[year][at >= 0]
        add_coverage(builder, problem, problem.classes, column_of, name=f"y{year}")
        upper = float(sum(budgets.yuan[: year + 1]) if budgets.carries_over else budgets.yuan[year])
        row = builder.add_rows("budget", [year], upper=upper + _CENT)
        builder.add_entries(np.repeat(row, len(yuan)), stands[year], yuan)
        if year and not budgets.carries_over:
            builder.add_entries(np.repeat(row, len(yuan)), stands[year - 1], -yuan)
        if year:
            rows = builder.add_rows(f"stays{year}", labels, lower=0.0)
            builder.add_entries(rows, stands[year], 1.0)
            builder.add_entries(rows, stands[year - 1], -1.0)
    return builder.build()


def _told(
    state: LabState,
    problem: SitingProblem | None,
    costs: pd.Series,
    built: np.ndarray,
    *,
    budgets: Budgets,
    is_proven: bool,
) -> Phasing:
    """Return the plan as tables, with the persons of each year measured again from the sites."""
    yuan, years = costs.to_numpy(float), budgets.years
    assessed = _assessed(state)
    covered = [_covered(problem, costs.index[built < year]) for year in range(len(years) + 1)]
    spent = np.bincount(built, weights=yuan, minlength=len(years) + 1)[: len(years)]
    table = pd.DataFrame(
        {
            "budget": budgets.yuan,
            "spent": spent,
            "n_sites": np.bincount(built, minlength=len(years) + 1)[: len(years)],
            "persons_covered": covered[1:],
            "covered_share": [number / assessed if assessed else np.nan for number in covered[1:]],
            "persons_gained": np.diff(covered),
        },
        index=pd.Index(years, name="year"),
    )
    named = [*years, 0]
    sites = pd.DataFrame(
        {"facility_id": list(costs.index), "cost": yuan, "year": [named[int(year)] for year in built]}
    )
    sites = sites.iloc[np.lexsort((yuan, built))].reset_index(drop=True)
    return Phasing(
        budgets=budgets, sites=sites, years=table, covered_before=covered[0], is_proven=is_proven
    )  # fmt: skip


def _covered(problem: SitingProblem | None, ids: pd.Index) -> float:
    if problem is None:
        return float("nan")
    known = problem.facility_ids.get_indexer(ids)
    is_open = problem.is_fixed.copy()
    is_open[known[known >= 0]] = True
    return float(covered_persons(problem, is_open))


def _assessed(state: LabState) -> float:
    ruled = [str(rule.settlement) for rule in state.standard.rules]
    return float(state.ground.persons[np.isin(state.ground.settlement.astype(str), ruled)].sum())
