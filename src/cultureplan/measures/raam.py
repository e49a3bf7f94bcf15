"""The rational agent access model: people weigh the way to a facility against the crowd at it.

The cost of travel is cost / tau, that of crowding the persons per unit of supply over the average of the
region, so each counts 1 where a person travels tau or meets the average crowd (Saxon and Snow 2020).
People move until nobody gains by going elsewhere. There are two ways to that point:

- :func:`raam` moves people about for a fixed number of rounds as the authors' own program does, and gives
  the values they publish and PySAL ``access`` prints;
- :func:`raam_equilibrium` computes the resting point itself and proves how close it is. The resting point
  is the least point of a convex function (Beckmann's), so demand points are filled into their facilities
  one after the other, each exactly, on a short list of facilities that is renewed from all costs.

The two differ: on the Chicago example of PySAL ``access``, 150 rounds leave people paying tens of percent
more than their best choice, and single tracts are 6 % off the resting point; the rounds approach it
only after thousands, in smaller and smaller steps.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError
from cultureplan.base.units import positive
from cultureplan.measures.aligned import aligned_array
from cultureplan.measures.raam_kernels import (
    best_costs,
    cheapest,
    cheapest_of_all,
    choose_moves,
    fill_rows,
    loop,
    make_moves,
    short_list,
)
from cultureplan.travel.costs import TravelCosts

_CAREFUL_ROUNDS = 20  # rounds in which a facility takes at most its fill of newcomers
_FIRST_STEP, _LAST_STEP, _HALF_LIFE = 0.2, 0.005, 50.0  # largest share of a demand point that moves
_FIRST_SWEEPS, _MORE_SWEEPS, _MOST_SWEEPS = 20, 10, 80  # over the short lists, between two looks at all costs
_THREADED_PAIRS = 1_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class RaamResult:
    """The resting point of the rational agent access model.

    Parameters
    ----------
    cost : Series, index demand_id
        Cost of the best choice of each demand point: travel / tau + crowding, no unit; infinite where no
        facility with supply can be reached.
    persons : Series, index facility_id
        Persons who choose each facility.
    crowding : Series, index facility_id
        Their number per unit of supply over the average of the region; NaN without supply.
    gap : float
        Proven bound: what people pay above their best choice, as a share of all they pay.
    converged : bool
        Whether `gap` is within the tolerance asked for.
    """

    cost: pd.Series
    persons: pd.Series
    crowding: pd.Series
    gap: float
    converged: bool


def raam(
    costs: TravelCosts,
    persons: object,
    supply: object,
    *,
    tau: float,
    rho: float | None = None,
    n_rounds: int = 150,
) -> pd.Series:
    """Return what access costs each demand point, travel and crowding together (RAAM).

    Parameters
    ----------
    costs : TravelCosts
        Costs within a cutoff.
    persons : Series or array-like, shape (n_demand,)
        Persons of each demand point.
    supply : Series or array-like, shape (n_facilities,)
        Supply of each facility; those with none are left out.
    tau : float
        Cost, in the unit of `costs`, that people accept to avoid once the average crowd.
    rho : float, optional
        Persons per unit of supply that count as the average crowd; that of all persons and all supply if
        absent.
    n_rounds : int
        Rounds of moving people about.

    Returns
    -------
    Series, index demand_id
        Cost, no unit: the lower, the better; infinite where no facility with supply can be reached.

    Notes
    -----
    The values are those of PySAL ``access``, move by move. That program moves whole persons, rounding
    each move down, so that fractions of persons stay where they are; here they move in fractions as
    soon as one demand point has a fraction of a person. It drops demand points without persons; here they
    have the cost of their best choice. What does not depend on the rounds is :func:`raam_equilibrium`.

    References
    ----------
    Saxon, J. and Snow, D. (2020). A rational agent model for the spatial accessibility of primary health
    care. Annals of the American Association of Geographers 110, 205-222.
    """
    problem = _Problem.of(costs, persons, supply, tau=tau, rho=rho)
    if n_rounds < 1:
        raise InputError.of("fault.not_positive", name="n_rounds", value=n_rounds)
    return pd.Series(problem.after_rounds(n_rounds), index=costs.demand_ids, name="access_cost")


def raam_equilibrium(
    costs: TravelCosts,
    persons: object,
    supply: object,
    *,
    tau: float,
    rho: float | None = None,
    tolerance: float = 1e-5,
    max_rounds: int = 500,
) -> RaamResult:
    """Return the resting point of the rational agent access model, and the proof of how close it is.

    Parameters
    ----------
    costs, persons, supply, tau, rho
        As in :func:`raam`.
    tolerance : float
        Gap at which to stop. Single demand points are less exact than the sum: at 1e-5 expect errors of
        2e-4 of the cost, 1e-3 at worst.
    max_rounds : int
        Looks at all costs at which to stop in any case; ``converged`` then says so.

    Returns
    -------
    RaamResult

    Examples
    --------
    >>> import cultureplan as cp
    >>> costs = cp.straight_line_costs([[0, 0], [1_000, 0]], [[0, 0], [1_000, 0]], limit_m=2_000)
    >>> cp.access.raam_equilibrium(costs, [300, 100], [10, 10], tau=4_000).cost.round(3).tolist()
    [1.125, 0.875]

    References
    ----------
    Beckmann, M., McGuire, C. B. and Winsten, C. B. (1956). Studies in the Economics of Transportation.
    Yale University Press. The model: Saxon and Snow (2020), see :func:`raam`.
    """
    problem = _Problem.of(costs, persons, supply, tau=tau, rho=rho)
    best, load, gap = problem.at_rest(positive("tolerance", tolerance), max_rounds)
    crowd = np.divide(load, problem.supply, out=np.full(len(load), np.nan), where=problem.supply > 0)
    return RaamResult(
        cost=pd.Series(best, index=costs.demand_ids, name="access_cost"),
        persons=pd.Series(load, index=costs.facility_ids, name="persons"),
        crowding=pd.Series(crowd, index=costs.facility_ids, name="crowding"),
        gap=gap,
        converged=gap <= tolerance,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Problem:
    """Pairs row by row, travel already over tau, supply already times rho."""

    indptr: np.ndarray
    sites: np.ndarray
    travel: np.ndarray
    persons: np.ndarray
    supply: np.ndarray

    @classmethod
    def of(
        cls, costs: TravelCosts, persons: object, supply: object, *, tau: float, rho: float | None
    ) -> _Problem:
        people = aligned_array("persons", persons, costs.demand_ids)
        offered = aligned_array("supply", supply, costs.facility_ids)
        if offered.sum() == 0:
            raise InputError.of("access.no_supply")
        average = people.sum() / offered.sum() if rho is None else positive("rho", rho)
        indptr, sites, travel = costs.indptr, costs.indices, costs.values
        if (offered == 0).any():
            kept = offered[sites] > 0
            counts = np.concatenate([[0], np.cumsum(kept)])
            indptr, sites, travel = counts[indptr], sites[kept], travel[kept]
        return cls(
            indptr=indptr.astype(np.int64),
            sites=sites,
            travel=travel / positive("tau", tau),
            persons=people,
            # with nobody anywhere there is no crowd, and any scale will do
            supply=offered * (average if average > 0 else 1.0),
        )

    @property
    def pairs(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.indptr, self.sites, self.travel

    def crowding(self, load: np.ndarray) -> np.ndarray:
        return np.divide(load, self.supply, out=np.zeros(len(load)), where=self.supply > 0)

    @property
    def blocks(self) -> list[tuple[int, int]]:
        """Ranges of rows for a thread each; one where the table is small."""
        n = len(self.persons)
        return [(0, n // 2), (n // 2, n)] if len(self.travel) > _THREADED_PAIRS else [(0, n)]

    def best(self, load: np.ndarray) -> np.ndarray:
        run, crowd = loop(best_costs, len(self.travel)), self.crowding(load)
        with ThreadPoolExecutor(max_workers=2) as pool:
            parts = pool.map(
                lambda rows: run(self.indptr[rows[0] : rows[1] + 1], self.sites, self.travel, crowd),
                self.blocks,
            )
        return np.concatenate(list(parts))

    def _short_lists(
        self,
        load: np.ndarray,
        best: np.ndarray,
        slack: float,
        used: tuple[np.ndarray, np.ndarray, np.ndarray],
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the pairs in use or near each row's best: indptr, sites, travel and flow."""
        run, crowd = loop(short_list, len(self.travel)), self.crowding(load)

        def listed(rows: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
            here = slice(rows[0], rows[1] + 1)
            return run(
                (self.indptr[here], self.sites, self.travel),
                crowd,
                best[rows[0] : rows[1]],
                slack,
                (used[0][here], *used[1:]),
            )

        with ThreadPoolExecutor(max_workers=2) as pool:
            starts, *others = zip(*pool.map(listed, self.blocks), strict=True)
        counts = np.concatenate([np.diff(part) for part in starts])
        sites, travel, flow = (np.concatenate(parts) for parts in others)
        return np.concatenate([[0], np.cumsum(counts)]), sites, travel, flow

    def at_rest(self, tolerance: float, max_rounds: int) -> tuple[np.ndarray, np.ndarray, float]:
        """Return best costs, persons by facility, and the gap."""
        load = np.zeros(len(self.supply))
        reached = np.diff(self.indptr) > 0
        served = np.where(reached, self.persons, 0.0)
        indptr, sites = np.zeros(len(self.persons) + 1, dtype=np.int64), np.empty(0, dtype=np.int32)
        flow = np.empty(0)
        best = self.best(load)
        # the first list reaches far, since nobody has chosen yet; later ones only as far as there is doubt
        slack = 0.05 + 0.3 * float(np.mean(best[reached])) if reached.any() else 0.0
        gap = 0.0 if served.sum() == 0 else np.inf
        for number in range(max_rounds):
            if gap <= tolerance:
                break
            indptr, sites, travel, flow = self._short_lists(load, best, slack, (indptr, sites, flow))
            n_sweeps = min(_FIRST_SWEEPS + _MORE_SWEEPS * number, _MOST_SWEEPS)
            loop(fill_rows, len(self.travel))(
                indptr, sites, travel, flow, served, self.supply, load, n_sweeps
            )
            # summed anew, so that no rounding is carried along
            load = np.bincount(sites, weights=flow, minlength=len(load)).astype(float)
            best = self.best(load)
            paid = float((flow * (travel + self.crowding(load)[sites])).sum())
            least = float((best[reached] * served[reached]).sum())
            gap = max((paid - least) / paid, 0.0) if paid > 0 else 0.0
            slack = min(0.05, 20.0 * gap * paid / float(served.sum()) + 1e-9)
        return best, load, gap

    def after_rounds(self, n_rounds: int) -> np.ndarray:
        """Return the mean cost paid by each demand point after some rounds of moving."""
        n = len(self.persons)
        whole = bool((self.persons == np.floor(self.persons)).all())
        near = self._nearest()
        settled = (near >= 0) & (self.persons > 0)
        # of each row's places in use: how many, the site, the travel there and the persons
        n_used, used = settled.astype(np.int64), np.zeros((n, 8), dtype=np.int64)
        way, flow = np.zeros((n, 8)), np.zeros((n, 8))
        used[settled, 0], way[settled, 0] = self.sites[near[settled]], self.travel[near[settled]]
        flow[:, 0] = self.persons * n_used
        load = np.bincount(used[:, 0], weights=flow[:, 0], minlength=len(self.supply)).astype(float)
        moves = (np.zeros(n, dtype=np.int64), np.zeros(n))
        pairs = (self.sites, self.travel)
        crowd = self.crowding(load)
        with _Rows(self) as rows:
            for number in range(n_rounds):
                crowd = self.crowding(load)
                largest = max(_FIRST_STEP * 0.5 ** (number / _HALF_LIFE), _LAST_STEP)
                rows.find_cheapest(crowd, near)
                places = (n_used, used, way, flow)
                rows.run(
                    choose_moves, pairs, self.persons, places, self.supply, load, crowd, near, largest, moves
                )
                self._temper(near, moves[1], whole=whole, careful=number < _CAREFUL_ROUNDS)
                row = 0
                while True:
                    places = (n_used, used, way, flow)
                    row = loop(make_moves, len(self.travel))(pairs, places, load, near, moves, row)
                    if row == n:
                        break
                    used = np.hstack([used, np.zeros_like(used)])
                    way, flow = np.hstack([way, np.zeros_like(way)]), np.hstack([flow, np.zeros_like(flow)])
        # as its authors do: what the places cost before the last move, over where people are after it
        in_use = np.arange(used.shape[1]) < n_used[:, None]
        paid = np.where(in_use, flow * (way + crowd[used]), 0.0).sum(axis=1)
        best: np.ndarray = loop(best_costs, len(self.travel))(*self.pairs, crowd)
        return np.divide(paid, self.persons, out=best, where=settled)

    def _nearest(self) -> np.ndarray:
        """Return the position of the cheapest pair of each row, the first of several, -1 for none."""
        near = np.full(len(self.persons), -1, dtype=np.int64)
        loop(cheapest, len(self.travel))((0, len(near)), self.pairs, np.zeros(len(self.supply)), near)
        return near

    def _temper(self, near: np.ndarray, amount: np.ndarray, *, whole: bool, careful: bool) -> None:
        """Cut moves down to whole persons, and in the first rounds to what the targets can take."""
        if whole:
            np.trunc(amount, out=amount)
        if careful:
            moving = np.flatnonzero(amount != 0)
            to = self.sites[near[moving]]
            rush = np.bincount(to, weights=amount[moving], minlength=len(self.supply))
            amount[moving] /= np.maximum(self.crowding(rush), 1.0)[to]
            if whole:
                np.rint(amount, out=amount)


class _Rows:
    """Runs a loop over the rows of a problem, in two threads where that pays.

    Rows do not depend on each other within a round, so any number of threads gives the same moves.
    """

    def __init__(self, problem: _Problem) -> None:
        n, n_pairs = len(problem.persons), len(problem.travel)
        self._problem = problem
        self._blocks = problem.blocks
        self._pool = ThreadPoolExecutor(max_workers=2)
        self._offered = np.flatnonzero(problem.supply > 0)
        self._rounded: np.ndarray | None = None
        if n_pairs > _THREADED_PAIRS and n_pairs == n * len(self._offered):
            self._rounded = problem.travel.astype(np.float32)

    def __enter__(self) -> _Rows:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def run(self, function: Callable[..., None], *arguments: object) -> None:
        """Run a loop whose first argument is a range of rows."""
        run = loop(function, len(self._problem.travel))
        list(self._pool.map(lambda rows: run(rows, *arguments), self._blocks))

    def find_cheapest(self, crowd: np.ndarray, near: np.ndarray) -> None:
        """Write the cheapest pair of each row into `near`."""
        if self._rounded is None:
            self.run(cheapest, self._problem.pairs, crowd, near)
        else:
            crowd = crowd[self._offered]
            self.run(
                cheapest_of_all, self._problem.travel, self._rounded, crowd, crowd.astype(np.float32), near
            )
