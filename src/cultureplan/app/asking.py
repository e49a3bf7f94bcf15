"""What the solver is asked for: so many new sites, or as many as a sum of money buys."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from cultureplan.base.units import positive
from cultureplan.lab.state import LabState, SolveRequest
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.problem import SitingProblem
from cultureplan.world.facilities import Facilities


def site_costs(facilities: Facilities, ids: Iterable[str], *, usual_cost: float) -> pd.Series:
    """Return what each facility costs to build, by id: as its table says, else the usual sum.

    Parameters
    ----------
    facilities : Facilities
        Table that may have a column ``build_cost`` (yuan).
    ids : iterable of str
        Which ones; they need not be in the table.
    usual_cost : float
        Yuan for one that the table says nothing about.
    """
    wanted = pd.Index(list(ids), dtype=object)
    frame = facilities.frame
    if "build_cost" not in frame.columns:
        return pd.Series(float(usual_cost), index=wanted)
    said = pd.Series(
        pd.to_numeric(frame["build_cost"], errors="coerce").to_numpy(float, na_value=np.nan),
        index=pd.Index(frame["facility_id"].astype(object)),
    )
    return said.reindex(wanted).where(lambda cost: cost > 0).fillna(float(usual_cost))


def has_costs(facilities: Facilities) -> bool:
    """Return whether a table says of any facility what it costs to build."""
    frame = facilities.frame
    return "build_cost" in frame.columns and bool(
        pd.to_numeric(frame["build_cost"], errors="coerce").gt(0).any()
    )


def ask(
    state: LabState, *, n_sites: int | None = None, budget: float | None = None, usual_cost: float = 1.0
) -> SolveRequest:
    """Return what the solver is to do beside the facilities that are open now.

    Parameters
    ----------
    state : LabState
        What holds now.
    n_sites : int, optional
        New sites.
    budget : float, optional
        Instead of a number: yuan that the new sites may cost together.
    usual_cost : float
        Yuan for a site that the table says nothing about.

    Raises
    ------
    InputError
        If there is no candidate, or neither or both are given.
    """
    if budget is None:
        return state.request(MaximalCoverage(n_sites=n_sites))
    free = set(state.free_candidates)
    problem = SitingProblem.from_world(
        state.world,
        state.standard,
        candidates=state.ground.candidate_source,
        forbidden=tuple(sorted(state.draft.forbidden & free)),
    )
    costs = site_costs(
        state.ground.world.facilities, problem.facility_ids, usual_cost=positive("usual_cost", usual_cost)
    )
    problem = SitingProblem(
        costs=problem.costs, persons=problem.persons, cover=problem.cover, fixed=problem.fixed,
        forbidden=problem.forbidden, site_cost=costs, places=problem.places, sites=problem.sites,
    )  # fmt: skip
    model = MaximalCoverage(budget=positive("budget", budget))
    model.validate(problem)
    return SolveRequest(problem=problem, model=model, draft=state.draft)
