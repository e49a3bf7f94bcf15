"""Ways of choosing sites that lessons hold against each other: one at a time, and by several goals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from cultureplan.measures.equity import gini
from cultureplan.planning.scenario import Scenario
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.models.p_median import PMedian
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.costs import TravelCosts
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Status
from cultureplan.world.world import World

_LEFT_OUT_M = 1e6


def city_of_chicago(world: World) -> World:
    """Return Chicago with the people inside its limits alone; libraries of suburbs are not in the table.

    Parameters
    ----------
    world : World
        The bundled world ``chicago``.

    Returns
    -------
    World
    """
    inside = world.demand.frame["place_id"].to_numpy(str) == "1714000"
    return world.with_demand(type(world.demand)(world.demand.frame[inside]))


def with_sites(world: World, sites: Iterable[str]) -> World:
    """Return a world with some of its candidate sites open.

    Parameters
    ----------
    world : World
        World with candidates.
    sites : iterable of str
        Their ids.

    Returns
    -------
    World
    """
    scenario = Scenario(world)
    for site in sites:
        scenario = scenario.add(site)
    return scenario.apply()


def greedy_curve(problem: SitingProblem, n_sites: int) -> pd.DataFrame:
    """Return what is covered when each next site is the one that adds most to those before it.

    Parameters
    ----------
    problem : SitingProblem
        Problem with a limit.
    n_sites : int
        How many sites.

    Returns
    -------
    DataFrame
        ``n_sites``, ``facility_id`` (the site added), ``persons`` covered so far.

    Notes
    -----
    Where sites cover people, this way never covers less than 1 - 1/e, or 63 %, of what the best choice of as
    many sites adds.

    References
    ----------
    Nemhauser, G. L., Wolsey, L. A. and Fisher, M. L. (1978). An analysis of approximations for maximizing
    submodular set functions. Mathematical Programming 14, 265-294.
    """
    fixed, rows = tuple(problem.fixed), []
    for count in range(1, n_sites + 1):
        step = solve_siting(replace(problem, fixed=fixed), MaximalCoverage(n_sites=1))
        fixed += tuple(step.opened)
        rows.append((count, step.opened[0] if step.opened else None, step.objective))
    return pd.DataFrame(rows, columns=["n_sites", "facility_id", "persons"])


def goals_table(
    costs: TravelCosts, persons: pd.Series, plans: Mapping[str, Sequence[str]], *, limit_m: float
) -> pd.DataFrame:
    """Return how each plan does by each goal.

    Parameters
    ----------
    costs : TravelCosts
        Metres from every demand point to every site.
    persons : Series, index demand_id
        People.
    plans : Mapping
        Name of a plan -> ids of its open sites.
    limit_m : float
        What counts as near.

    Returns
    -------
    DataFrame, index plan
        ``covered_share`` (within the limit), ``mean_m`` (per person), ``worst_m`` (of anybody), ``gini`` (of
        the distances), all with everybody going to the nearest open site.
    """
    weights = persons.reindex(costs.demand_ids).to_numpy(float)
    rows = {}
    for plan, sites in plans.items():
        metres = costs.select_facilities(list(sites)).nearest()["cost"].fillna(np.inf).to_numpy(float)
        rows[plan] = {
            "covered_share": weights[metres <= limit_m].sum() / weights.sum(),
            "mean_m": float(np.average(metres, weights=weights)),
            "worst_m": float(metres[weights > 0].max()),
            "gini": gini(metres, weights) if np.isfinite(metres).all() else np.nan,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("plan")


def all_closed(world: World) -> World:
    """Return a world whose open facilities are all candidates: as on a day on which nothing is open yet.

    Parameters
    ----------
    world : World
        Any world.

    Returns
    -------
    World
        Its candidates are those that were open; what was closed before, and former candidates, are gone.
    """
    frame = world.facilities.frame.iloc[world.facilities.select()].copy()
    frame["status"], frame["parent_id"] = Status.CANDIDATE, None
    return world.with_facilities(Facilities(frame))


def shortest_within(
    costs: TravelCosts, persons: pd.Series, limit_m: float, *, n_sites: int, time_limit_s: float = 15.0
) -> tuple[str, ...]:
    """Return the sites with the shortest average way among those that leave nobody beyond a limit.

    Parameters
    ----------
    costs : TravelCosts
        Metres from every demand point to every site.
    persons : Series, index demand_id
        People.
    limit_m : float
        Nobody's way is longer, if any choice of so many sites can do it.
    n_sites : int
        How many sites.
    time_limit_s : float
        Seconds for the solver.

    Returns
    -------
    tuple of str
        Ids of the sites.

    Notes
    -----
    A p-median that knows only the ways up to the limit, and in which to leave somebody out costs as much as a
    thousand kilometres: more than all that could be saved elsewhere.
    """
    problem = SitingProblem(costs=costs.within(limit_m), persons=persons)
    model = PMedian(n_sites=n_sites, unserved_cost=_LEFT_OUT_M)
    return tuple(map(str, solve_siting(problem, model, time_limit_s=time_limit_s).selected))


def with_corners(world: World, hosts: Iterable[str]) -> World:
    """Return a world with a self-service corner, open day and night, inside some of its facilities.

    Parameters
    ----------
    world : World
        Any world.
    hosts : iterable of str
        Ids of the facilities that get a corner.

    Returns
    -------
    World
    """
    frame = world.facilities.frame.set_index("facility_id")
    scenario = Scenario(world)
    for host in hosts:
        scenario = scenario.add(
            facility_id=f"{host}-24h",
            name=f"{frame.at[host, 'name']} 24 h",
            x_m=frame.at[host, "geometry"].x,
            y_m=frame.at[host, "geometry"].y,
            kind="self_service",
            opening_hours="24/7",
        )
    return scenario.apply()
