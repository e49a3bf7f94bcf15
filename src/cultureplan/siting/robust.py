"""Plans for a future nobody knows: the smallest regret in the worst case, and the best on average."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from cultureplan.base.errors import InfeasibleError, InputError
from cultureplan.base.units import positive
from cultureplan.siting.cover import COVERED, sums_by_group
from cultureplan.siting.mip import Mip, MipBuilder
from cultureplan.siting.model import Control, add_coverage, add_number, add_sites, solve_program
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting


def robust_sites(
    problem: SitingProblem,
    scenarios: Mapping[str, Any],
    *,
    n_sites: int,
    probabilities: Mapping[str, float] | None = None,
    time_limit_s: float = 60.0,
) -> pd.DataFrame:
    r"""Return the plan with the smallest worst regret and the plan that covers most on average.

    Beside :func:`regret`, which compares the best plan of each scenario, these two need not be best in any
    scenario: they are the best compromises over all of them.

    Parameters
    ----------
    problem : SitingProblem
        Problem with a limit.
    scenarios : Mapping[str, array-like]
        Persons at each demand point in each scenario (growth, migration ...).
    n_sites : int
        Sites to open.
    probabilities : Mapping[str, float], optional
        How likely each scenario is, scaled to add up to 1; all alike where absent.
    time_limit_s : float
        Seconds for everything: half for the best plan of each scenario, half for the two plans.

    Returns
    -------
    DataFrame, index plan: ``min_max_regret``, ``expected``, then the scenarios
        A column a scenario with the regret in persons (best there less this plan); ``max_regret`` and
        ``expected_regret``; ``bound``: for the first row the least worst regret, for the second the least
        expected regret that any plan can have, NaN for the others; ``opened`` (tuple of ids).
        ``attrs["is_proven"]`` tells whether both plans meet their bounds.

    Raises
    ------
    InputError
        If there is no scenario, or persons or probabilities make no sense.
    InfeasibleError
        If no plan meets the conditions.

    Notes
    -----
    The worst regret R is the smallest number with :math:`z_s - \sum_i w_{is} y_i \le R` for every scenario
    s, whose best coverage is :math:`z_s`: one integer program over the same rows as maximal coverage. The
    expected plan is maximal coverage with the mean persons. Where a scenario is not solved to proof, its
    regret is measured against its best known plan, and the bound holds for that.

    References
    ----------
    Snyder (2006): Facility location under uncertainty: a review. IIE Transactions 38, 547-564.

    Examples
    --------
    >>> import cultureplan as cp
    >>> costs = cp.TravelCosts.from_dense([[100, 900, 900], [900, 200, 900], [700, 700, 100]], unit="m")
    >>> problem = cp.SitingProblem(costs=costs, persons=[1, 1, 1], limit=500.0)
    >>> futures = {"west": [90, 10, 60], "east": [10, 90, 60]}
    >>> robust_sites(problem, futures, n_sites=1)["opened"].tolist()
    [(2,), (2,), (0,), (1,)]
    """
    if not scenarios:
        raise InputError.of("siting.no_scenarios")
    control = Control(time_limit_s=positive("time_limit_s", time_limit_s))
    worlds = {name: replace(problem, persons=persons) for name, persons in scenarios.items()}
    share = _shares(worlds, probabilities)
    model = MaximalCoverage(n_sites=n_sites)
    each = time_limit_s / 2 / len(worlds)
    best = {name: solve_siting(world, model, time_limit_s=each) for name, world in worlds.items()}
    for result in best.values():
        result.raise_if_infeasible()
    most = pd.Series({name: result.objective for name, result in best.items()})
    mean = replace(problem, persons=sum(share[name] * worlds[name].persons for name in worlds))
    expected = solve_siting(mean, model, time_limit_s=max(control.left_s / 2, 0.1))

    solution = solve_program(_regret_program(mean, worlds, most, n_sites), control)
    if solution.status == "infeasible":
        raise InfeasibleError.of("siting.infeasible")
    plans: dict[str, tuple[Any, ...]] = {"expected": expected.opened}
    plans |= {name: result.opened for name, result in best.items()}
    if solution.values is not None:
        chosen = problem.choices[solution.values[: len(problem.choices)] > 0.5]
        plans["min_max_regret"] = tuple(problem.facility_ids.to_numpy(object)[chosen])
    table = _table(worlds, plans, most, share, model)
    if "min_max_regret" not in plans:  # out of time: the safest of what is known
        safest = table["max_regret"].idxmin()
        table = pd.concat([table, table.loc[[safest]].set_axis(["min_max_regret"])])
    worst, on_average = table["max_regret"], table["expected_regret"]
    ideal = float((most * share).sum())
    table["bound"] = np.nan
    table["bound"] = table["bound"].where(
        table.index != "min_max_regret", _meeting(max(solution.bound, 0.0), float(worst["min_max_regret"]))
    )
    table["bound"] = table["bound"].where(
        table.index != "expected", _meeting(ideal - expected.bound, float(on_average["expected"]))
    )
    table.attrs["is_proven"] = (
        solution.status == "optimal"
        and expected.is_optimal
        and all(result.is_optimal for result in best.values())
    )
    order = ["min_max_regret", "expected", *worlds]
    columns = [*worlds, "max_regret", "expected_regret", "bound", "opened"]
    return table.loc[order, columns].rename_axis("plan")


def _meeting(bound: float, reached: float) -> float:
    """Return a bound from below, equal to what is reached where only rounding lies between."""
    return reached if abs(bound - reached) <= 1e-9 * max(abs(reached), 1.0) else min(bound, reached)


def _shares(worlds: Mapping[str, SitingProblem], probabilities: Mapping[str, float] | None) -> pd.Series:
    if probabilities is None:
        return pd.Series(1.0 / len(worlds), index=list(worlds))
    values = pd.Series({name: float(probabilities.get(name, np.nan)) for name in worlds})
    good = np.isfinite(values) & (values >= 0)
    if not good.all() or values.sum() <= 0 or set(probabilities) - set(worlds):
        raise InputError.of("siting.bad_probabilities", values=dict(probabilities))
    return values / values.sum()


def _regret_program(
    mean: SitingProblem, worlds: Mapping[str, SitingProblem], most: pd.Series, n_sites: int
) -> Mip:
    """Return the program whose objective is the worst regret; its first columns are the sites."""
    # every point that has persons in some scenario is asked about
    everybody = replace(mean, persons=np.sum([world.persons for world in worlds.values()], axis=0))
    classes = everybody.classes
    builder = MipBuilder("min")
    column_of = add_sites(builder, replace(everybody, preference=None))
    y = add_coverage(builder, everybody, classes, column_of, worth=0.0)
    regret = builder.add_columns("R", [""], cost=1.0, upper=np.inf, integer=False)
    asked = classes.class_of_demand >= 0
    covered = [float(world.persons[classes.class_of_demand == COVERED].sum()) for world in worlds.values()]
    lower = np.array([most[name] for name in worlds]) - covered
    rows = builder.add_rows("regret", list(worlds), lower=lower)
    choices, kept = everybody.choices, np.flatnonzero(y >= 0)
    for row, world in zip(rows, worlds.values(), strict=True):
        weight = sums_by_group(classes.class_of_demand[asked], world.persons[asked], classes.n_classes)
        builder.add_entries(np.repeat(row, len(kept)), y[kept], weight[kept])
        builder.add_entries(np.repeat(row, len(choices)), column_of[choices], world.preference[choices])
        builder.add_entries(np.array([row]), regret, 1.0)
    add_number(builder, column_of[choices], n_sites)
    return builder.build()


def _table(
    worlds: Mapping[str, SitingProblem],
    plans: Mapping[str, tuple[Any, ...]],
    most: pd.Series,
    share: pd.Series,
    model: MaximalCoverage,
) -> pd.DataFrame:
    """Return the regret of each plan in each scenario, the worst and the mean."""
    rows = {}
    for plan, opened in plans.items():
        is_open = next(iter(worlds.values())).mask(opened) | next(iter(worlds.values())).is_fixed
        rows[plan] = {name: most[name] - model.objective(world, is_open) for name, world in worlds.items()}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(worlds)).rename_axis("plan")
    table["max_regret"] = table[list(worlds)].max(axis=1)
    table["expected_regret"] = (table[list(worlds)] * share).sum(axis=1)
    table["opened"] = list(plans.values())
    return table
