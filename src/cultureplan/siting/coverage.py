"""What some open sites cover: counts, what each site adds, and what to say about it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cultureplan.base.errors import Fault
from cultureplan.siting.cover import UNREACHABLE, CoverClasses, total
from cultureplan.siting.problem import SitingProblem

SHOWN = 5  # ids named in a message


def covered_persons(problem: SitingProblem, is_open: np.ndarray) -> float:
    """Return the persons covered by some open sites (`is_open` has shape (n_sites,))."""
    return total(problem.persons[problem.covering.is_covered(is_open)])


def class_weight_covered(classes: CoverClasses, is_open_column: np.ndarray) -> float:
    """Return the persons of the classes that some columns cover, beside what is covered anyway."""
    running = np.concatenate([[0], np.cumsum(is_open_column[classes.indices], dtype=np.int64)])
    met = running[classes.indptr[1:]] - running[classes.indptr[:-1]] >= classes.need
    unmet = np.concatenate([[0], np.cumsum(~met[classes.class_rows])])
    covered = unmet[classes.class_indptr[1:]] == unmet[classes.class_indptr[:-1]]
    return total(classes.weight[covered])


def marginal_persons(classes: CoverClasses, is_open_column: np.ndarray) -> np.ndarray:
    """Return the persons each column would add to the open ones, shape (n_columns,).

    A column adds a class where it alone completes every row that is still short.
    """
    running = np.concatenate([[0], np.cumsum(is_open_column[classes.indices], dtype=np.int64)])
    short = classes.need - (running[classes.indptr[1:]] - running[classes.indptr[:-1]])
    pair_class = np.repeat(np.arange(classes.n_classes), np.diff(classes.class_indptr))
    n_short = np.bincount(pair_class, short[classes.class_rows] > 0, minlength=classes.n_classes)
    gains = np.zeros(classes.n_columns)
    for at in np.unique(n_short[n_short > 0]).astype(int):
        wanted = (n_short[pair_class] == at) & (short[classes.class_rows] == 1)
        owner, row = pair_class[wanted], classes.class_rows[wanted]
        counts = (classes.indptr[1:] - classes.indptr[:-1])[row]
        entries = classes.row_matrix()[row].indices
        owners = np.repeat(owner, counts)
        fresh = ~is_open_column[entries]
        entries, owners = entries[fresh], owners[fresh]
        if at == 1:
            gains += np.bincount(entries, classes.weight[owners], minlength=classes.n_columns)
            continue
        key, times = np.unique(owners * classes.n_columns + entries, return_counts=True)
        key = key[times == at]
        weight = classes.weight[key // classes.n_columns]
        gains += np.bincount(key % classes.n_columns, weight, minlength=classes.n_columns)
    return gains


def column_mask(problem: SitingProblem, is_open: np.ndarray) -> np.ndarray:
    """Return which columns of the classes are open."""
    return np.asarray(is_open[problem.classes.sites])


def nearest_open(problem: SitingProblem, is_open: np.ndarray, *, within_circle: bool) -> pd.DataFrame:
    """Return the nearest open site of each demand point; missing where it has none.

    Parameters
    ----------
    problem : SitingProblem
        Problem.
    is_open : ndarray of bool, shape (n_sites,)
        Open sites.
    within_circle : bool
        Only sites that count for the point, and only where it is covered.

    Returns
    -------
    DataFrame
        ``demand_id``, ``facility_id``, ``cost`` - a row for each demand point. A tie goes to the id that
        sorts first.
    """
    costs = problem.costs
    kept = is_open[costs.indices]
    if within_circle:
        kept &= _counts(problem)
        kept &= problem.covering.is_covered(is_open)[costs.rows]
    rows, sites, values = costs.rows[kept], costs.indices[kept], costs.values[kept]
    order = np.lexsort((problem.site_rank[sites], values, rows))
    first = order[np.flatnonzero(np.diff(rows[order], prepend=-1))]
    facility = np.full(problem.n_demand, None, dtype=object)
    cost = np.full(problem.n_demand, np.nan)
    facility[rows[first]] = problem.facility_ids.to_numpy(object)[sites[first]]
    cost[rows[first]] = values[first]
    served_by = pd.Series(facility, dtype=object)  # ids stay as they are, and missing is None
    return pd.DataFrame(
        {"demand_id": problem.demand_ids.to_numpy(object), "facility_id": served_by, "cost": cost}
    )


def _counts(problem: SitingProblem) -> np.ndarray:
    """Return for each stored pair of the costs whether it counts as covering."""
    costs, cover = problem.costs, problem.covering
    if problem.cover is None:
        limit = problem.limit
        return np.asarray(costs.values <= (limit if np.ndim(limit) == 0 else limit[costs.rows]))
    pairs = cover.demand[cover.rows] * cover.n_sites + cover.indices
    return np.isin(costs.rows * cover.n_sites + costs.indices, pairs)


def site_table(problem: SitingProblem, is_open: np.ndarray) -> pd.DataFrame:
    """Return what each open site contributes, the opened ones in the order in which they add most.

    Returns
    -------
    DataFrame
        ``facility_id``, ``is_new``, ``site_cost``, ``persons_in_circle`` (persons it counts for),
        ``persons_only_here`` (covered now, and not without it), ``persons_added`` (beside the fixed sites
        and those above it in the table; NaN for fixed sites).
    """
    cover, persons = problem.covering, problem.persons
    n_open = cover.n_open(is_open)
    entry_open = is_open[cover.indices]
    rows, sites = cover.rows[entry_open], cover.indices[entry_open].astype(np.int64)
    demand = cover.demand[rows]
    key = np.unique(demand * problem.n_sites + sites)
    in_circle = np.bincount(key % problem.n_sites, persons[key // problem.n_sites], problem.n_sites)
    critical = (n_open[rows] == cover.need[rows]) & cover.is_covered(is_open)[demand]
    key = np.unique(demand[critical] * problem.n_sites + sites[critical])
    only_here = np.bincount(key % problem.n_sites, persons[key // problem.n_sites], problem.n_sites)

    added = np.full(problem.n_sites, np.nan)
    order = _order_of_use(problem, is_open, added)
    fixed = np.flatnonzero(is_open & problem.is_fixed)
    order = np.concatenate([order, fixed[np.argsort(problem.site_rank[fixed])]]).astype(np.int64)
    return pd.DataFrame(
        {
            "facility_id": problem.facility_ids.to_numpy(object)[order],
            "is_new": ~problem.is_fixed[order],
            "site_cost": np.where(problem.is_fixed[order], 0.0, problem.site_cost[order]),
            "persons_in_circle": in_circle[order],
            "persons_only_here": only_here[order],
            "persons_added": added[order],
        }
    )


def _order_of_use(problem: SitingProblem, is_open: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Return the opened sites, each time the one that adds most, and write what each adds."""
    classes = problem.classes
    left = np.flatnonzero(column_mask(problem, is_open))
    is_placed = np.zeros(classes.n_columns, dtype=bool)
    order = []
    before = 0.0
    while len(left):
        gains = marginal_persons(classes, is_placed)[left]
        best = int(np.argmax(gains))
        is_placed[left[best]] = True
        after = class_weight_covered(classes, is_placed)
        added[classes.sites[left[best]]] = after - before
        order.append(classes.sites[left[best]])
        left = np.delete(left, best)
        before = after
    return np.asarray(order, dtype=np.int64)


def unreachable_note(problem: SitingProblem) -> tuple[Fault, ...]:
    """Return the note on demand points that no site can cover, if there are any."""
    return lost_note(problem, problem.classes.class_of_demand == UNREACHABLE)


def lost_note(problem: SitingProblem, is_lost: np.ndarray) -> tuple[Fault, ...]:
    """Return the note that no site reaches some demand points (`is_lost` has shape (n_demand,)), if any."""
    hopeless = np.flatnonzero(is_lost)
    if len(hopeless) == 0:
        return ()
    names = problem.demand_ids[hopeless].astype(str)
    shown = sorted(names, key=lambda name: (len(name), name))[:SHOWN]
    values = {
        "n": len(hopeless),
        "persons": total(problem.persons[hopeless]),
        "ids": ", ".join(shown) + (" ..." if len(hopeless) > SHOWN else ""),
    }
    return (Fault(code="siting.note_unreachable", values=values),)


def idle_note(problem: SitingProblem, is_open: np.ndarray) -> tuple[Fault, ...]:
    """Return the note on opened sites without which just as many would be covered."""
    is_placed = column_mask(problem, is_open)
    full = class_weight_covered(problem.classes, is_placed)
    idle = []
    for column in np.flatnonzero(is_placed)[::-1]:
        is_placed[column] = False
        if class_weight_covered(problem.classes, is_placed) == full:
            idle.append(str(problem.facility_ids[problem.classes.sites[column]]))
        else:
            is_placed[column] = True
    if not idle:
        return ()
    names = ", ".join(sorted(idle)[:SHOWN]) + (" ..." if len(idle) > SHOWN else "")
    return (Fault(code="siting.note_idle", values={"n": len(idle), "ids": names}),)


def next_site_note(problem: SitingProblem, is_open: np.ndarray) -> tuple[Fault, ...]:
    """Return the note on what one more site would add."""
    classes = problem.classes
    gains = marginal_persons(classes, column_mask(problem, is_open))
    if len(gains) == 0 or gains.max() <= 0:
        return (Fault(code="siting.note_no_more"),)
    best = int(np.argmax(gains))
    values = {"id": problem.facility_ids[classes.sites[best]], "persons": float(gains[best])}
    return (Fault(code="siting.note_next", values=values),)


def service_table(problem: SitingProblem, is_open: np.ndarray, assignment: pd.DataFrame) -> pd.DataFrame:
    """Return whom each open site serves by an assignment, new sites first, the largest first.

    Returns
    -------
    DataFrame
        ``facility_id``, ``is_new``, ``site_cost``, ``persons_served``, ``mean_cost`` (person-weighted, NaN
        where it serves nobody).
    """
    served = assignment[assignment["facility_id"].notna()]
    if "persons" in served.columns:
        persons = served["persons"].to_numpy(float)
    else:
        at = problem.demand_ids.get_indexer(pd.Index(served["demand_id"], dtype=object))
        persons = problem.persons[at]
    site = problem.positions(served["facility_id"])
    count = np.bincount(site, persons, problem.n_sites)
    way = np.bincount(site, persons * served["cost"].to_numpy(float), problem.n_sites)
    mean = np.divide(way, count, out=np.full(problem.n_sites, np.nan), where=count > 0)
    order = np.flatnonzero(is_open)
    order = order[np.lexsort((problem.site_rank[order], -count[order], problem.is_fixed[order]))]
    return pd.DataFrame(
        {
            "facility_id": problem.facility_ids.to_numpy(object)[order],
            "is_new": ~problem.is_fixed[order],
            "site_cost": np.where(problem.is_fixed[order], 0.0, problem.site_cost[order]),
            "persons_served": count[order],
            "mean_cost": mean[order],
        }
    )
