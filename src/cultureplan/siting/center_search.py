"""The p-center by covering questions on a growing set of demand points.

"Can p sites cover these points within r?" is asked for few points at a time. A no is a no for everybody,
so it raises the bound; a yes gives sites, and the points farthest from them join the set.
"""

from __future__ import annotations

import time

import numpy as np
from scipy.sparse import csr_array

from cultureplan.siting.mip import MipBuilder, ProgressPoint, solve_mip
from cultureplan.siting.model import Answer, Control, add_number, add_sites
from cultureplan.siting.problem import SitingProblem


class CenterSearch:
    """What is known so far: best sites, bound, and the points looked at.

    Parameters
    ----------
    problem : SitingProblem
        Problem.
    n_sites : int
        Sites to open.
    control : Control
        Method, time, gap.
    """

    def __init__(self, problem: SitingProblem, n_sites: int, control: Control) -> None:
        self.problem, self.n_sites, self.control = problem, n_sites, control
        costs = problem.costs
        n_choices = len(problem.choices)
        column = np.full(problem.n_sites, -1, dtype=np.int64)
        column[problem.choices] = np.arange(n_choices)
        kept = column[costs.indices] >= 0
        pairs = (costs.values[kept], (costs.rows[kept], column[costs.indices[kept]]))
        # a stored cost of zero must stay stored: costs are kept shifted by one
        shifted = (pairs[0] + 1.0, pairs[1])
        self.rows = csr_array(shifted, shape=(problem.n_demand, n_choices))
        self.rows.sort_indices()
        self.by_site = csr_array(self.rows.T.tocsr())
        self.cap = np.full(problem.n_demand, np.inf)
        fixed = problem.is_fixed[costs.indices]
        np.minimum.at(self.cap, costs.rows[fixed], costs.values[fixed])
        # the objective is a stored cost, and no less than what the worst point pays with all sites open
        self.least = self._costs(np.arange(n_choices)).max()
        values = np.unique(np.concatenate([pairs[0], self.cap[np.isfinite(self.cap)]]))
        self.values = values[values >= self.least]
        self.best_sites: np.ndarray | None = None
        self.best = np.inf
        self.bound = float(self.least)
        self.active = np.empty(0, dtype=np.int64)
        self.name_rank = np.argsort(np.argsort(problem.demand_ids.astype(str).to_numpy(), kind="stable"))

    @property
    def is_done(self) -> bool:
        """Whether the gap that was asked for is reached, or time is up."""
        return self.best - self.bound <= self.control.gap * self.best or self.control.left_s <= 0

    def solve(self) -> Answer:
        """Return the best answer found in time, with its bound."""
        self._spread()
        while not self.is_done and self.control.method != "heuristic":
            if not self._round():
                break
            self._report()
        if self.best_sites is None:
            is_infeasible = bool(np.isinf(self.bound))
            return Answer(is_open=None, bound=self.bound, is_infeasible=is_infeasible)
        is_open = self.problem.is_fixed.copy()
        is_open[self.problem.choices[self.best_sites]] = True
        return Answer(is_open=is_open, bound=min(self.bound, self.best))

    def _round(self) -> bool:
        """Find the smallest possible r for the active points, then ask the others; False when stopped."""
        low = int(np.searchsorted(self.values, self.bound))
        high = int(np.searchsorted(self.values, self.best)) if np.isfinite(self.best) else len(self.values)
        # the bound is usually right or nearly so: step up from it, doubling
        step, sites = 1, None
        at = low
        while at < high:
            answer = self._question(self.values[at])
            if answer is None:
                return False
            if answer[0]:
                sites, high = answer[1], at
                break
            low = at + 1
            self.bound = float(self.values[low]) if low < len(self.values) else np.inf
            at = min(low + step, high - 1) if low < high else high
            step *= 2
        while low < high and sites is not None:
            middle = (low + high) // 2
            answer = self._question(self.values[middle])
            if answer is None:
                return False
            if answer[0]:
                sites, high = answer[1], middle
            else:
                low = middle + 1
        if sites is None:  # nothing below the best answer is possible
            self.bound = self.best
            return False
        self.bound = max(self.bound, float(self.values[high]))
        paid = self._keep(sites)
        self._add_farthest(paid)
        return True

    def _question(self, radius: float) -> tuple[bool, np.ndarray] | None:
        """Return whether the active points can be covered within a radius, and by which sites."""
        points = self.active[self.cap[self.active] > radius]
        builder = MipBuilder("min")
        column_of = add_sites(builder, self.problem, cost=1.0)
        columns = column_of[self.problem.choices]
        part = csr_array(self.rows[points])
        inside = part.data <= radius + 1.0
        entry_row = np.repeat(np.arange(len(points)), np.diff(part.indptr))[inside]
        entry_column = part.indices[inside]
        if len(np.unique(entry_row)) < len(points):
            return False, np.empty(0, dtype=np.int64)
        rows = builder.add_rows("cover", range(len(points)), lower=1.0)
        builder.add_entries(rows[entry_row], columns[entry_column], 1.0)
        add_number(builder, columns, self.n_sites)
        mip = builder.build()
        solution = solve_mip(mip, time_limit_s=self.control.left_s, gap=1.0)
        if solution.status == "infeasible":
            return False, np.empty(0, dtype=np.int64)
        if solution.values is None:
            return None
        sites = np.flatnonzero(solution.values[: len(columns)] > 0.5)
        self._keep(sites)
        return True, sites

    def _keep(self, sites: np.ndarray) -> np.ndarray:
        """Measure some sites on everybody, keep them if they are best, and return what everybody pays."""
        paid = self._costs(sites)
        if paid.max() < self.best:
            self.best, self.best_sites = float(paid.max()), sites
        return paid

    def _costs(self, sites: np.ndarray) -> np.ndarray:
        paid = self.cap.copy()
        part = csr_array(self.by_site[sites])
        np.minimum.at(paid, part.indices, part.data - 1.0)
        return paid

    def _spread(self) -> None:
        """Begin with sites that are far apart (Gonzalez 1985), and the points they were chosen for."""
        if not self.problem.is_plain:
            self.active = np.array([int(np.argmin(self.name_rank))])
            return
        paid = self.cap.copy()
        sites: list[int] = []
        points: list[int] = []
        while len(sites) < self.n_sites:
            point = int(np.lexsort((self.name_rank, -paid))[0])
            part = slice(self.rows.indptr[point], self.rows.indptr[point + 1])
            near = self.rows.indices[part][np.argsort(self.rows.data[part], kind="stable")]
            fresh = [int(site) for site in near if int(site) not in sites]
            if not fresh or paid[point] == 0:
                spare = [site for site in range(len(self.problem.choices)) if site not in sites]
                sites += spare[: self.n_sites - len(sites)]
                break
            sites.append(fresh[0])
            points.append(point)
            one = csr_array(self.by_site[[fresh[0]]])
            np.minimum.at(paid, one.indices, one.data - 1.0)
        self.active = np.unique(np.asarray(points or [0], dtype=np.int64))
        self._add_farthest(self._keep(np.asarray(sites, dtype=np.int64)))

    def _add_farthest(self, paid: np.ndarray) -> None:
        """Let the points that pay most join, but no two that the same site would serve."""
        beyond = np.flatnonzero(paid > self.bound)
        beyond = beyond[np.lexsort((self.name_rank[beyond], -paid[beyond]))][: 50 * self.n_sites]
        taken = np.zeros(self.rows.shape[1], dtype=bool)
        joined = []
        for point in beyond:
            part = slice(self.rows.indptr[point], self.rows.indptr[point + 1])
            near = self.rows.indices[part][self.rows.data[part] <= self.bound + 1.0]
            if not taken[near].any():
                joined.append(int(point))
                taken[near] = True
            if len(joined) >= 2 * self.n_sites + 5:
                break
        if not joined and len(beyond):
            joined = [int(beyond[0])]
        self.active = np.union1d(self.active, np.asarray(joined, dtype=np.int64))

    def _report(self) -> None:
        if self.control.progress is not None:
            seconds = time.perf_counter() - self.control.started
            self.control.progress(
                ProgressPoint(seconds=seconds, objective=self.best, bound=self.bound, stage="cover")
            )
