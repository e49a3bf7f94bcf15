"""More than one answer: the curve of coverage, the front against cost, alternatives, and regret."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError
from cultureplan.siting.mip import Mip
from cultureplan.siting.model import Control, SitingModel, solve_program, validate_number
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting


def coverage_curve(
    problem: SitingProblem, n_sites: int | Sequence[int], *, time_limit_s: float = 60.0, gap: float = 0.0
) -> pd.DataFrame:
    """Return the most persons that each number of new sites can cover, with its bound.

    What to show before anybody talks about a number of sites: where the curve bends.

    Parameters
    ----------
    problem : SitingProblem
        Problem with a limit.
    n_sites : int or sequence of int
        Numbers of new sites, or the largest of them, for all from 0 on; 0 is what is covered today.
    time_limit_s : float
        Seconds for all of them together.
    gap : float
        Relative gap that is good enough.

    Returns
    -------
    DataFrame
        ``n_sites``, ``persons``, ``covered_share``, ``bound``, ``gap``, ``opened`` (tuple of ids). Neither
        persons nor bound ever falls as sites are added, however short the time.

    Examples
    --------
    >>> import cultureplan as cp
    >>> costs = cp.TravelCosts.from_dense([[100, 900], [700, 300], [900, 200]], unit="m")
    >>> problem = cp.SitingProblem(costs=costs, persons=[50, 20, 40], limit=800.0)
    >>> coverage_curve(problem, [0, 1, 2])["persons"].tolist()
    [0.0, 70.0, 110.0]
    """
    started = time.perf_counter()
    if not isinstance(n_sites, Sequence | np.ndarray | range):
        n_sites = range(validate_number("n_sites", n_sites, at_least=0) + 1)
    counts = sorted({validate_number("n_sites", n, at_least=0) for n in n_sites})
    rows: list[dict[str, Any]] = []
    for place, count in enumerate(counts):
        left = started + time_limit_s - time.perf_counter()
        if count == 0:
            covered = problem.classes.covered_persons
            rows.append({"n_sites": 0, "persons": covered, "bound": covered, "opened": ()})
            continue
        share = max(left / (len(counts) - place), 0.1)
        result = solve_siting(problem, MaximalCoverage(n_sites=count), time_limit_s=share, gap=gap)
        found = {"persons": result.objective, "bound": result.bound, "opened": result.opened}
        if rows and problem.is_plain and not result.objective >= rows[-1]["persons"]:
            # stopped early: the plan before, with any sites beside it, is better
            opened = rows[-1]["opened"]
            unused = [name for name in problem.facility_ids[problem.choices] if name not in opened]
            found |= {"persons": rows[-1]["persons"], "opened": (*opened, *unused)[:count]}
        rows.append({"n_sites": count, **found})
    curve = pd.DataFrame(rows, columns=["n_sites", "persons", "bound", "opened"])
    # fewer sites can reach no more than the bound of more sites
    curve["bound"] = curve["bound"][::-1].cummin()[::-1]
    curve["covered_share"] = curve["persons"] / problem.total_persons
    curve["gap"] = (curve["bound"] - curve["persons"]) / curve["persons"].where(curve["persons"] > 0)
    return curve[["n_sites", "persons", "covered_share", "bound", "gap", "opened"]]


def cost_front(
    problem: SitingProblem, budgets: Sequence[float], *, time_limit_s: float = 60.0
) -> pd.DataFrame:
    """Return the front of persons covered against cost: for each budget the best plan, none dominated.

    Parameters
    ----------
    problem : SitingProblem
        Problem with a limit and ``site_cost``.
    budgets : sequence of float
        Budgets to try.
    time_limit_s : float
        Seconds for all of them together.

    Returns
    -------
    DataFrame
        ``budget``, ``cost``, ``persons``, ``bound``, ``opened``, rising in cost and persons. A plan that
        another one beats in both is left out.
    """
    wanted = sorted({float(budget) for budget in budgets})
    rows = []
    for budget in wanted:
        model = MaximalCoverage(budget=budget)
        result = solve_siting(problem, model, time_limit_s=time_limit_s / len(wanted))
        cost = float(problem.site_cost[problem.positions(result.opened)].sum())
        rows.append((budget, cost, result.objective, result.bound, result.opened))
    front = pd.DataFrame(rows, columns=["budget", "cost", "persons", "bound", "opened"])
    front = front.sort_values(["cost", "persons"], ascending=[True, False], kind="stable")
    best_before = front["persons"].cummax().shift(fill_value=-np.inf)
    return front[front["persons"] > best_before].reset_index(drop=True)


def alternatives(
    problem: SitingProblem,
    model: SitingModel,
    *,
    count: int = 10,
    within: float = 0.0,
    time_limit_s: float = 60.0,
) -> pd.DataFrame:
    """Return different sets of sites that are all best, or within a share of it.

    Parameters
    ----------
    problem : SitingProblem
        Problem.
    model : SitingModel
        A model whose objective depends on the open sites alone.
    count : int
        At most so many.
    within : float
        How much worse than the best a plan may be, as a share of it.
    time_limit_s : float
        Seconds for all of them together.

    Returns
    -------
    DataFrame
        ``opened`` (tuple of ids), ``objective``, ``loss_share``; best first. ``attrs["always"]`` holds the
        sites that all of them open, ``attrs["is_complete"]`` whether there are no others.

    Raises
    ------
    InputError
        For a model that decides more than which sites open (years, levels, moves).
    """
    control = Control(time_limit_s=time_limit_s)
    count = validate_number("count", count)
    if not within >= 0:
        raise InputError.of("siting.not_a_gap", value=within)
    model.validate(problem)
    mip = model.formulation(problem)
    _validate_own_sites(problem, model, mip)
    n = len(problem.choices)
    ids = problem.facility_ids.to_numpy(object)[problem.choices]
    rows: list[tuple[tuple[Any, ...], float]] = []
    best: float | None = None
    is_complete = False
    while len(rows) < count:
        solution = solve_program(mip, control)
        if solution.values is None:
            is_complete = solution.status == "infeasible"
            break
        chosen = solution.values[:n] > 0.5
        is_open = problem.is_fixed.copy()
        is_open[problem.choices[chosen]] = True
        objective = model.objective(problem, is_open)
        if best is None and solution.status == "optimal":
            _validate_same_goal(model, objective, solution.bound)
        best = objective if best is None else best
        loss = (best - objective) if model.sense == "max" else (objective - best)
        if loss > within * abs(best) + 1e-9 * max(abs(best), 1.0):
            is_complete = solution.status == "optimal"
            break
        rows.append((tuple(ids[chosen]), objective))
        mip = mip.with_row(np.arange(n), np.where(chosen, 1.0, -1.0), upper=float(chosen.sum()) - 1.0)
    frame = pd.DataFrame(rows, columns=["opened", "objective"])
    base = abs(best) if best else 1.0
    frame["loss_share"] = (frame["objective"] - (best or 0.0)).abs() / base
    always = set(ids)
    for opened, _ in rows:
        always &= set(opened)
    frame.attrs["always"] = tuple(sorted(always, key=str)) if rows else ()
    frame.attrs["is_complete"] = is_complete
    return frame


def _validate_own_sites(problem: SitingProblem, model: SitingModel, mip: Mip) -> None:
    """Raise unless the sites to choose from are the first columns of a model's program, and there once."""
    own = [str(site) for site in problem.facility_ids[problem.choices]]
    are_sites = [list(labels) == own for _, labels in mip.column_blocks]
    if not are_sites[0] or sum(are_sites) > 1:
        raise InputError.of("siting.not_for_alternatives", model=type(model).__name__)


def _validate_same_goal(model: SitingModel, objective: float, bound: float) -> None:
    """Raise if the open sites alone do not have the objective that was optimised."""
    if abs(objective - bound) > 1e-6 * max(abs(objective), abs(bound), 1.0):
        raise InputError.of("siting.not_for_alternatives", model=type(model).__name__)


def regret(
    problem: SitingProblem,
    scenarios: Mapping[str, Any],
    *,
    n_sites: int,
    time_limit_s: float = 60.0,
) -> pd.DataFrame:
    """Return how the best plan of each scenario fares in all the others.

    Parameters
    ----------
    problem : SitingProblem
        Problem with a limit.
    scenarios : Mapping[str, array-like]
        Persons at each demand point in each scenario (growth, migration ...).
    n_sites : int
        Sites to open.
    time_limit_s : float
        Seconds for all scenarios together.

    Returns
    -------
    DataFrame, index plan (named by its scenario)
        A column a scenario with the regret in persons (best there less this plan), ``max_regret`` and
        ``mean_regret``. The plan with the smallest ``max_regret`` stands first.
    """
    if not scenarios:
        raise InputError.of("siting.no_scenarios")
    worlds = {name: replace(problem, persons=persons) for name, persons in scenarios.items()}
    model = MaximalCoverage(n_sites=n_sites)
    share = time_limit_s / len(worlds)
    plans = {name: solve_siting(world, model, time_limit_s=share) for name, world in worlds.items()}
    table = pd.DataFrame(
        {
            scenario: {
                plan: model.objective(world, world.mask(result.selected)) for plan, result in plans.items()
            }
            for scenario, world in worlds.items()
        }
    )
    table = table.max(axis=0) - table
    table["max_regret"] = table.max(axis=1)
    table["mean_regret"] = table[list(worlds)].mean(axis=1)
    return table.rename_axis("plan").sort_values(["max_regret", "mean_regret"], kind="stable")
