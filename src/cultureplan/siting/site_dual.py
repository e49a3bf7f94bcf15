"""Partial coverage at size under a budget, quotas or conflicts: prices for people, a program for sites only.

"Everybody counts once" is relaxed with a price for each demand point. What is left asks only which sites
to open, each worth what its people gain beyond their prices: a program of a few hundred variables that
holds whatever restricts the choice. Its relaxation is a bound at any prices, and its answers are plans.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cultureplan.siting.cover import total
from cultureplan.siting.mip import MipBuilder, ProgressPoint, solve_mip
from cultureplan.siting.model import Answer, Control, add_sites
from cultureplan.siting.partial import PartialCover

_STEPS = 150
_ROUNDING = 6  # steps from one plan to the next
_ROUNDING_S = 2.0  # seconds for one
_SWAPS = 60  # sites taken out and replaced at a time, at most


def solve_by_sites(
    counted: PartialCover,
    add_limit: Callable[[MipBuilder, np.ndarray], None],
    control: Control,
) -> Answer:
    """Return a good plan for partial coverage, with a bound.

    Parameters
    ----------
    counted : PartialCover
        Who counts how much where.
    add_limit : callable
        Adds the number of sites or the budget to a program, given the columns of the sites.
    control : Control
        Method, time, gap.
    """
    return _SiteDual(counted, add_limit, control).solve()


class _SiteDual:
    """What is known so far: best plan, bound, prices."""

    def __init__(
        self,
        counted: PartialCover,
        add_limit: Callable[[MipBuilder, np.ndarray], None],
        control: Control,
    ) -> None:
        self.counted, self.control = counted, control
        self.problem = counted.problem
        rows = counted.rows
        self.owner = np.repeat(np.arange(len(rows.beyond)), np.diff(rows.rptr))
        self.site = rows.rsite
        self.gain = rows.beyond[self.owner] - rows.rcost
        self.base = total(self.problem.persons) - rows.base - float(rows.beyond.sum())
        builder = MipBuilder("max")
        columns = add_sites(builder, self.problem)[self.problem.choices]
        add_limit(builder, columns)
        self.program = builder.build()
        self.worth = self.program.cost
        self.limits = self.program.matrix.toarray()  # a few rows over the sites
        self.best: np.ndarray | None = None
        self.value, self.bound = -np.inf, np.inf

    @property
    def is_done(self) -> bool:
        """Whether the gap that was asked for is reached, or time is up."""
        near = self.bound - self.value <= max(self.control.gap, 1e-9) * abs(self.value)
        return near or self.control.left_s <= 0

    def solve(self) -> Answer:
        """Lower the bound by subgradients, and try the plans that come up."""
        n_rows = len(self.counted.rows.beyond)
        highest = np.zeros(n_rows)
        np.maximum.at(highest, self.owner, self.gain)
        prices, kept_prices, theta, idle = highest * 0.5, highest * 0.5, 1.0, 0
        for step in range(_STEPS):
            beyond = self.gain - prices[self.owner]
            used = beyond > 0
            score = np.bincount(self.site[used], beyond[used], minlength=len(self.worth))
            program = replace(self.program, cost=score + self.worth, offset=self.base + float(prices.sum()))
            relaxed = solve_mip(program, time_limit_s=self.control.left_s, relax=True)
            if relaxed.status == "infeasible":
                return Answer(is_open=None, bound=np.inf, is_infeasible=True)
            if relaxed.values is None:
                break
            idle += 1
            if relaxed.bound < self.bound - 1e-6 * abs(self.bound):
                idle = 0
            if relaxed.bound < self.bound:
                self.bound, kept_prices = relaxed.bound, prices
            if idle >= 8:
                theta, idle, prices = theta / 2, 0, kept_prices
            if step % _ROUNDING == 0:
                whole = solve_mip(program, time_limit_s=min(self.control.left_s, _ROUNDING_S), gap=1e-4)
                if whole.status == "infeasible":
                    return Answer(is_open=None, bound=np.inf, is_infeasible=True)
                if whole.values is not None:
                    self._keep(whole.values > 0.5)
                if self.best is not None and step in (0, 10 * _ROUNDING):
                    self._keep(self._improved(self.best))
                self._report()
            if self.is_done or theta < 1e-3:
                break
            slack = 1.0 - np.bincount(self.owner[used], relaxed.values[self.site[used]], minlength=n_rows)
            norm = float((slack * slack).sum())
            if norm < 1e-12:
                break
            target = self.value if np.isfinite(self.value) else 0.95 * self.bound
            length = theta * max(relaxed.bound - target, 1e-6 * abs(relaxed.bound)) / norm
            prices = np.clip(prices - length * slack, 0.0, highest)
        if self.best is not None and not self.is_done:
            self._keep(self._improved(self.best))
            self._report()
        if self.best is None:
            return Answer(is_open=None, bound=self.bound)
        is_open = self.problem.is_fixed.copy()
        is_open[self.problem.choices[self.best]] = True
        return Answer(is_open=is_open, bound=max(self.bound, self.value))

    def _reached(self, chosen: np.ndarray) -> np.ndarray:
        """Return what each row gains from some chosen columns."""
        kept = chosen[self.site]
        best = np.zeros(len(self.counted.rows.beyond))
        np.maximum.at(best, self.owner[kept], self.gain[kept])
        return best

    def _more(self, reached: np.ndarray) -> np.ndarray:
        """Return what each column would add."""
        more = self.gain - reached[self.owner]
        used = more > 0
        return self.worth + np.bincount(self.site[used], more[used], minlength=len(self.worth))

    def _improved(self, chosen: np.ndarray) -> np.ndarray:
        """Replace one site by another, or add one, as long as that helps and nothing forbids it."""
        chosen, left, improved = chosen.copy(), _SWAPS, True
        while improved and left > 0:
            improved = False
            for out in [-1, *np.flatnonzero(chosen)]:
                if left <= 0 or self.control.left_s <= 0:
                    break
                left -= 1
                rest = chosen.copy()
                if out >= 0:
                    rest[out] = False
                more = np.where(self._may_join(rest), self._more(self._reached(rest)), -np.inf)
                best = int(np.argmax(more))
                before = more[out] if out >= 0 else 0.0
                if more[best] > before + 1e-9 * abs(before):
                    rest[best] = True
                    chosen, improved = rest, True
        return chosen

    def _may_join(self, chosen: np.ndarray) -> np.ndarray:
        """Return which other columns may join some chosen ones, by the rows that restrict the choice."""
        now = (self.limits @ chosen)[:, None] + self.limits
        low, high = self.program.row_lower[:, None] - 1e-9, self.program.row_upper[:, None] + 1e-9
        return np.asarray(((now >= low) & (now <= high)).all(axis=0) & ~chosen)

    def _keep(self, chosen: np.ndarray) -> None:
        reached = float(np.sort(self._reached(chosen)).sum())
        value = self.base + reached + float(np.sort(self.worth[chosen]).sum())
        if value > self.value:
            self.best, self.value = chosen, value

    def _report(self) -> None:
        if self.control.progress is not None:
            seconds = time.perf_counter() - self.control.started
            self.control.progress(
                ProgressPoint(seconds=seconds, objective=self.value, bound=self.bound, stage="prices")
            )
