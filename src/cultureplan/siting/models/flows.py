"""Programs that say who goes where, and the flows they give back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cultureplan.siting.cover import id_order, id_rank
from cultureplan.siting.mip import MipBuilder
from cultureplan.siting.problem import SitingProblem


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """The pairs that may be used: demand, site and cost of each."""

    rows: np.ndarray
    sites: np.ndarray
    costs: np.ndarray

    @property
    def labels(self) -> list[tuple[int, int]]:
        """A label for each pair."""
        return list(zip(self.rows.tolist(), self.sites.tolist(), strict=True))


def usable_pairs(problem: SitingProblem, *, within_circle: bool) -> Pairs:
    """Return the stored pairs of peopled points and sites that are or may be open, in the order of ids."""
    costs = problem.costs
    kept = (problem.is_fixed | problem.is_choice)[costs.indices] & (problem.persons[costs.rows] > 0)
    if within_circle:
        limit = problem.limit if np.ndim(problem.limit) == 0 else problem.limit[costs.rows]
        kept &= costs.values <= limit
    at = np.flatnonzero(kept)
    at = at[np.lexsort((problem.site_rank[costs.indices[at]], id_rank(problem.demand_ids)[costs.rows[at]]))]
    return Pairs(rows=costs.rows[at], sites=costs.indices[at].astype(np.int64), costs=costs.values[at])


def add_flow(
    builder: MipBuilder,
    problem: SitingProblem,
    pairs: Pairs,
    column_of: np.ndarray,
    *,
    worth: np.ndarray,
    everybody: bool,
    split: bool,
    capacitated: bool,
) -> np.ndarray:
    """Add the share of each point that goes to each site, and the rows that hold it.

    Parameters
    ----------
    builder : MipBuilder
        Program.
    problem : SitingProblem
        Problem.
    pairs : Pairs
        Pairs that may be used.
    column_of : ndarray of int64, shape (n_sites,)
        Column of each site, -1 for fixed ones.
    worth : ndarray, shape (n_pairs,)
        Objective of serving the whole point by the site.
    everybody : bool
        Everybody must be served, or may stay at home.
    split : bool
        A point may be shared out over several sites.
    capacitated : bool
        Sites serve no more than their capacity.

    Returns
    -------
    ndarray of int64, shape (n_pairs,)
        Columns of the pairs.
    """
    z = builder.add_columns("z", pairs.labels, cost=worth, integer=not split)
    points = id_order(problem.demand_ids)
    points = points[problem.persons[points] > 0]
    row_of = np.full(problem.n_demand, -1, dtype=np.int64)
    row_of[points] = builder.add_rows(
        "serve", points.tolist(), lower=1.0 if everybody else -np.inf, upper=1.0
    )
    builder.add_entries(row_of[pairs.rows], z, 1.0)
    chosen = np.flatnonzero(column_of[pairs.sites] >= 0)
    link = builder.add_rows("open", [pairs.labels[at] for at in chosen], upper=0.0)
    builder.add_entries(link, z[chosen], 1.0)
    builder.add_entries(link, column_of[pairs.sites[chosen]], -1.0)
    if capacitated:
        bounded = np.flatnonzero(np.isfinite(problem.capacity) & (problem.is_fixed | problem.is_choice))
        bounded = bounded[np.argsort(problem.site_rank[bounded], kind="stable")]
        fixed = column_of[bounded] < 0
        upper = np.where(fixed, problem.capacity[bounded], 0.0)
        rows = builder.add_rows("room", bounded.tolist(), upper=upper)
        room_of = np.full(problem.n_sites, -1, dtype=np.int64)
        room_of[bounded] = rows
        held = room_of[pairs.sites] >= 0
        builder.add_entries(room_of[pairs.sites[held]], z[held], problem.persons[pairs.rows[held]])
        builder.add_entries(rows[~fixed], column_of[bounded[~fixed]], -problem.capacity[bounded[~fixed]])
    return z


def flow_frame(problem: SitingProblem, pairs: Pairs, share: np.ndarray, *, split: bool) -> pd.DataFrame:
    """Return who goes where: a row for each pair in use, and one for each point nobody serves.

    Returns
    -------
    DataFrame
        ``demand_id``, ``facility_id`` (missing where nobody serves it), ``cost``, ``persons``.
    """
    share = np.clip(share, 0.0, 1.0) if split else np.rint(share)
    used = np.flatnonzero(share > 1e-9)
    persons = share[used] * problem.persons[pairs.rows[used]]
    served = np.bincount(pairs.rows[used], share[used], problem.n_demand)
    # what rounding gives twice is taken back
    persons /= np.maximum(served[pairs.rows[used]], 1.0)
    left = np.flatnonzero((served < 1 - 1e-6) & (problem.persons > 0))
    demand = np.concatenate([pairs.rows[used], left])
    site = np.concatenate([pairs.sites[used], np.full(len(left), -1)])
    ids = problem.facility_ids.to_numpy(object)
    facility = [ids[at] if at >= 0 else None for at in site]
    frame = pd.DataFrame(
        {
            "demand_id": problem.demand_ids.to_numpy(object)[demand],
            "facility_id": pd.Series(facility, dtype=object),
            "cost": np.concatenate([pairs.costs[used], np.full(len(left), np.nan)]),
            "persons": np.concatenate([persons, (1 - served[left]) * problem.persons[left]]),
        }
    )
    order = np.lexsort((site, demand))
    return frame.iloc[order].reset_index(drop=True)
