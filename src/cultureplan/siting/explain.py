"""What stands in the way of a better answer: each condition is loosened alone, and the goal solved again."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError
from cultureplan.base.messages import Lang, text
from cultureplan.base.units import positive
from cultureplan.siting.model import Control, SitingModel
from cultureplan.siting.problem import SitingProblem

_MORE_BUDGET = 1.1


@dataclass(frozen=True, kw_only=True, eq=False)
class _Looser:
    """A condition, and the problem and goal without it."""

    constraint: str
    name: str
    problem: SitingProblem
    model: SitingModel


def binding_constraints(
    problem: SitingProblem,
    model: SitingModel,
    *,
    objective: float = math.nan,
    bound: float = math.nan,
    time_limit_s: float = 20.0,
) -> pd.DataFrame:
    """Return what each condition costs: the best objective when it alone is loosened.

    Parameters
    ----------
    problem : SitingProblem
        Problem.
    model : SitingModel
        Goal.
    objective, bound : float
        Of the answer that is to be explained; NaN where there is none.
    time_limit_s : float
        Seconds for all solves together.

    Returns
    -------
    DataFrame
        ``constraint``: ``number`` (one more site), ``budget`` (a tenth more), ``quota``, ``conflicts``,
        ``forbidden``, ``capacity`` (each left out); ``name`` of the quota; ``objective`` when it is loosened
        (NaN where there still is no answer); ``gain`` over `objective`; ``is_binding``: True where
        loosening it gives an answer that is better than anything possible now, False where it is proven to
        give none, None where the time did not suffice.

    Examples
    --------
    >>> import cultureplan as cp
    >>> costs = cp.TravelCosts.from_dense([[100, 900], [700, 300], [900, 200]], unit="m")
    >>> problem = cp.SitingProblem(costs=costs, persons=[50, 20, 40], limit=800.0, forbidden=[0])
    >>> result = cp.solve_siting(problem, cp.MaximalCoverage(n_sites=1))
    >>> found = binding_constraints(
    ...     problem, result.model, objective=result.objective, bound=result.bound
    ... )
    >>> found[["constraint", "gain", "is_binding"]].values.tolist()
    [['forbidden', 10.0, True]]
    """
    ends = time.perf_counter() + positive("time_limit_s", time_limit_s)
    loosened = _loosened(problem, model)
    rows = []
    for number, looser in enumerate(loosened):
        share = max((ends - time.perf_counter()) / (len(loosened) - number), 0.05)
        rows.append(_row(looser, objective, bound, Control(time_limit_s=share)))
    return pd.DataFrame(rows, columns=["constraint", "name", "objective", "gain", "is_binding"])


def explained(
    problem: SitingProblem,
    model: SitingModel,
    *,
    objective: float,
    bound: float,
    unit: str,
    lang: Lang,
    time_limit_s: float,
) -> list[str]:
    """Return a line for each condition: what loosening it would bring, in the unit of the goal."""
    table = binding_constraints(problem, model, objective=objective, bound=bound, time_limit_s=time_limit_s)
    lines = []
    for row in table.to_dict("records"):
        what = text(f"siting.loosen_{row['constraint']}", lang, name=row["name"] or "-")
        values = {"what": what, "unit": unit, "value": row["objective"], "gain": row["gain"]}
        if row["is_binding"] is None:
            lines.append(text("siting.explain_unsettled", lang, what=what))
        elif not row["is_binding"]:
            key = "siting.explain_still_none" if math.isnan(objective) else "siting.explain_no_gain"
            lines.append(text(key, lang, what=what))
        else:
            key = "siting.explain_answer" if math.isnan(objective) else "siting.explain_gain"
            lines.append(text(key, lang, **values))
    return lines


def _loosened(problem: SitingProblem, model: SitingModel) -> list[_Looser]:
    """Return the conditions that an answer may hang on, each with the problem without it."""
    found = []
    number, budget = getattr(model, "n_sites", None), getattr(model, "budget", None)
    if isinstance(number, int) and number < len(problem.choices):
        more: Any = replace(model, n_sites=number + 1)  # type: ignore[type-var]
        found.append(_Looser(constraint="number", name="", problem=problem, model=more))
    if budget is not None:
        more = replace(model, budget=budget * _MORE_BUDGET)  # type: ignore[type-var]
        found.append(_Looser(constraint="budget", name="", problem=problem, model=more))
    for at, quota in enumerate(problem.quotas):
        rest = tuple(other for place, other in enumerate(problem.quotas) if place != at)
        without = replace(problem, quotas=rest)
        found.append(
            _Looser(constraint="quota", name=quota.name or str(at + 1), problem=without, model=model)
        )
    changes: dict[str, dict[str, Any]] = {}
    if problem.conflicts:
        changes["conflicts"] = {"conflicts": ()}
    if problem.forbidden:
        changes["forbidden"] = {"forbidden": ()}
    if np.isfinite(problem.capacity).any():
        changes["capacity"] = {"capacity": None}
    for constraint, change in changes.items():
        looser = replace(problem, **change)
        found.append(_Looser(constraint=constraint, name="", problem=looser, model=model))
    return found


def _row(looser: _Looser, objective: float, bound: float, control: Control) -> dict[str, Any]:
    """Return what a looser problem reaches, and whether that is better."""
    model, problem = looser.model, looser.problem
    row: dict[str, Any] = {"constraint": looser.constraint, "name": looser.name}
    try:
        model.validate(problem)
        hopeless = bool(model.infeasible_notes(problem))
        answer = None if hopeless else model.solve(problem, control)
    except InputError:  # not even the wish makes sense without it
        answer, hopeless = None, True
    if answer is None or answer.is_open is None:
        is_none = hopeless or (answer is not None and answer.is_infeasible)
        return row | {"objective": math.nan, "gain": math.nan, "is_binding": False if is_none else None}
    reached = model.objective_of(problem, answer)
    row["objective"] = reached
    if math.isnan(objective):
        return row | {"gain": math.nan, "is_binding": True}
    sign = 1.0 if model.sense == "max" else -1.0
    gain, slack = sign * (reached - objective), 1e-9 * max(abs(objective), 1.0)
    is_binding: bool | None = None
    if sign * (reached - bound) > slack:
        is_binding = True
    elif sign * (answer.bound - objective) <= slack:
        is_binding = False
    return row | {"gain": max(gain, 0.0), "is_binding": is_binding}
