"""The p-center by covering questions on a growing set of demand points.

"Can p sites cover these points within r?" is asked for few points at a time. A no is a no for everybody,
so it raises the bound; a yes gives sites, and the points farthest from them join the set.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from cultureplan.siting.cover_search import SMALL_PAIRS, reduced, small_cover
from cultureplan.siting.mip import MipBuilder, ProgressPoint, solve_mip
from cultureplan.siting.model import Answer, Control, add_number, add_sites
from cultureplan.siting.problem import SitingProblem

_PATIENCE = 0.03  # share of the time that a question may take before others are asked
_NARROW = 0.1  # share of the open radii beside a hard question that is worth another one


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
        self.unknown: tuple[int, int] | None = None  # first and last radius that took too long
        self.patience_s = max(_PATIENCE * control.time_limit_s, 0.5)
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
        """Ask for a radius between the bound and the best answer; False when stopped.

        Points join until the answer is no, which raises the bound, or holds for everybody.
        """
        at = self._next_radius()
        if at is None:
            return False
        while True:
            radius = float(self.values[at])
            answer = self._question(radius)
            if answer is None:
                low, high = self.unknown or (at, at)
                self.unknown = (min(low, at), max(high, at))
                return True
            if not answer[0]:
                self.bound = float(self.values[at + 1]) if at + 1 < len(self.values) else np.inf
                return True
            paid = self._keep(answer[1])
            if paid.max() <= radius:
                return True
            self._add_farthest(paid, radius)

    def _next_radius(self) -> int | None:
        """Return the next radius to ask for, half way or beside those that took too long; None at the end."""
        low = int(np.searchsorted(self.values, self.bound))
        high = int(np.searchsorted(self.values, self.best)) if np.isfinite(self.best) else len(self.values)
        if low >= high:  # nothing below the best answer is possible
            self.bound = self.best
            return None
        if self.unknown is not None:
            first, last = max(self.unknown[0], low), min(self.unknown[1], high - 1)
            below, above = first - low, high - 1 - last
            if first > last or max(below, above) < _NARROW * (high - low):
                self.unknown = None  # what is left is hard: the same again, with more time
                self.patience_s *= 3.0
            elif below >= above:
                return low + below // 2
            else:
                return last + 1 + above // 2
        return (low + high) // 2

    def _question(self, radius: float) -> tuple[bool, np.ndarray] | None:
        """Return whether the active points can be covered within a radius, and by which sites."""
        points = self.active[self.cap[self.active] > radius]
        points = points[np.argsort(self.name_rank[points])]
        part = csr_array(self.rows[points])
        part.data = (part.data <= radius + 1.0).astype(float)
        part.eliminate_zeros()
        if (np.diff(part.indptr) == 0).any():
            return False, np.empty(0, dtype=np.int64)
        if self.problem.is_plain and part.nnz > SMALL_PAIRS:
            return self._small_cover(part)
        return self._program(part)

    def _small_cover(self, part: csr_array) -> tuple[bool, np.ndarray] | None:
        """Answer by set covering, whether there is a cover by so many sites."""
        matrix, columns = reduced(part, np.ones(part.shape[1]))
        patience = min(self.patience_s, self.control.left_s)
        control = replace(self.control, started=time.perf_counter(), time_limit_s=patience, progress=None)
        found = small_cover(matrix, self.n_sites, control)
        if found is None:
            return None
        if len(found) > self.n_sites:
            return False, np.empty(0, dtype=np.int64)
        chosen = np.zeros(part.shape[1], dtype=bool)
        chosen[columns[found]] = True
        spare = np.flatnonzero(~chosen)[: self.n_sites - len(found)]
        chosen[spare] = True
        return True, np.flatnonzero(chosen)

    def _program(self, part: csr_array) -> tuple[bool, np.ndarray] | None:
        """Answer by the integer program, with everything that restricts the choice."""
        builder = MipBuilder("min")
        column_of = add_sites(builder, self.problem, cost=1.0)
        columns = column_of[self.problem.choices]
        rows = builder.add_rows("cover", range(part.shape[0]), lower=1.0)
        builder.add_entries(np.repeat(rows, np.diff(part.indptr)), columns[part.indices], 1.0)
        add_number(builder, columns, self.n_sites)
        solution = solve_mip(builder.build(), time_limit_s=self.control.left_s, gap=1.0)
        if solution.status == "infeasible":
            return False, np.empty(0, dtype=np.int64)
        if solution.values is None:
            return None
        return True, np.flatnonzero(solution.values[: len(columns)] > 0.5)

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
        self._add_farthest(self._keep(np.asarray(sites, dtype=np.int64)), self.bound)

    def _add_farthest(self, paid: np.ndarray, radius: float) -> None:
        """Let the points that pay most join, but no two that the same site would serve."""
        beyond = np.flatnonzero(paid > radius)
        beyond = beyond[np.lexsort((self.name_rank[beyond], -paid[beyond]))][: 50 * self.n_sites]
        taken = np.zeros(self.rows.shape[1], dtype=bool)
        joined = []
        for point in beyond:
            part = slice(self.rows.indptr[point], self.rows.indptr[point + 1])
            near = self.rows.indices[part][self.rows.data[part] <= radius + 1.0]
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
