"""How firm a plan is: which sites every good plan opens, and what it costs to decide otherwise."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError
from cultureplan.base.units import positive
from cultureplan.siting.model import SitingModel
from cultureplan.siting.problem import Quota, SitingProblem
from cultureplan.siting.result import SitingResult
from cultureplan.siting.solve import solve_siting


def site_sensitivity(
    problem: SitingProblem,
    model: SitingModel,
    *,
    within: float = 0.0,
    others: bool = True,
    time_limit_s: float = 60.0,
) -> pd.DataFrame:
    """Return for each site what the best plan loses when that one decision is turned round.

    The sites that every near-best plan opens can be built first, whatever is still being argued about; those
    that none opens can be struck off the list.

    Parameters
    ----------
    problem : SitingProblem
        Problem.
    model : SitingModel
        Goal; any model.
    within : float
        How much worse than the best a plan may be and still count as near-best, as a share of the best.
    others : bool
        Whether to ask about the sites that the best plan leaves closed too: one more solve for each of them,
        where the opened ones alone take one solve for each opened site.
    time_limit_s : float
        Seconds for all solves together.

    Returns
    -------
    DataFrame, index facility_id
        ``is_chosen`` by the best plan; ``objective`` of the best plan with the decision turned round (without
        a chosen site, with another one; NaN where there is none or it was not asked), its ``bound``;
        ``loss_share`` of the best objective, infinite where no plan is left; ``role``: ``always`` (every
        plan within `within` opens it), ``sometimes``, ``never``, or ``unknown`` where the time did not
        suffice or it was not asked. Chosen sites come first, by falling loss. ``attrs`` holds the
        ``objective`` of the best plan and its ``bound``.

    Raises
    ------
    InputError
        As :func:`solve_siting` does, or if `within` is negative.
    InfeasibleError
        If the problem has no answer at all.

    Examples
    --------
    >>> import cultureplan as cp
    >>> costs = cp.TravelCosts.from_dense([[100, 900], [700, 300], [900, 200]], unit="m")
    >>> problem = cp.SitingProblem(costs=costs, persons=[50, 20, 40], limit=800.0)
    >>> site_sensitivity(problem, cp.MaximalCoverage(n_sites=1), within=0.2)["role"].tolist()
    ['sometimes', 'sometimes']
    """
    if not within >= 0:
        raise InputError.of("siting.not_a_gap", value=within)
    ends = time.perf_counter() + positive("time_limit_s", time_limit_s)
    best = solve_siting(problem, model, time_limit_s=time_limit_s)
    best.raise_if_infeasible()
    chosen = set(best.opened)
    sites = [problem.facility_ids[at] for at in problem.choices]
    asked = [name for name in sites if others or name in chosen]
    rows: dict[Any, dict[str, Any]] = {}
    for number, name in enumerate(asked):
        share = max((ends - time.perf_counter()) / (len(asked) - number), 0.05)
        rows[name] = _turned(problem, model, best, name, within=within, time_limit_s=share)
    unasked = {"objective": math.nan, "bound": math.nan, "loss_share": math.nan, "role": "unknown"}
    table = pd.DataFrame(
        [{"is_chosen": name in chosen, **rows.get(name, unasked)} for name in sites],
        index=pd.Index(sites, name="facility_id"),
    )
    order = np.lexsort((-table["loss_share"].to_numpy(), ~table["is_chosen"].to_numpy()))
    table = table.iloc[order]
    table.attrs.update(objective=best.objective, bound=best.bound)
    return table


def _turned(
    problem: SitingProblem,
    model: SitingModel,
    best: SitingResult,
    name: Any,
    *,
    within: float,
    time_limit_s: float,
) -> dict[str, Any]:
    """Return the best plan with one decision turned round, and what that says of the site."""
    is_chosen = name in best.opened
    found: SitingResult | None = None
    try:
        if is_chosen:
            changed = replace(problem, forbidden=(*problem.forbidden, name))
        else:
            wish = Quota(facility_ids=(name,), at_least=1, name=str(name))
            changed = replace(problem, quotas=(*problem.quotas, wish))
        found = solve_siting(changed, model, time_limit_s=time_limit_s)
    except InputError:  # the problem itself was accepted: no plan is left once this is asked
        pass
    if found is None or str(found.status) == "infeasible":
        role = "always" if is_chosen else "never"
        return {"objective": math.nan, "bound": math.nan, "loss_share": math.inf, "role": role}
    sign = 1.0 if model.sense == "max" else -1.0
    loss = _share_of(max(sign * (best.objective - found.objective), 0.0), best.objective)
    least_loss = _share_of(sign * (best.objective - found.bound), best.objective)
    slack = within + 1e-9
    if found.has_answer and loss <= slack:
        role = "sometimes"
    elif least_loss > slack:
        role = "always" if is_chosen else "never"
    else:
        role = "unknown"
    return {"objective": found.objective, "bound": found.bound, "loss_share": loss, "role": role}


def _share_of(loss: float, best: float) -> float:
    """Return a loss as a share of the best; where the best is 0, any loss is without measure."""
    if best == 0:
        return math.inf if loss > 1e-9 else 0.0
    return loss / abs(best)
