"""Dispersion: sites as far from each other as can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.spatial import KDTree

from cultureplan.base.errors import InputError
from cultureplan.siting.mip import Mip, MipBuilder, Sense
from cultureplan.siting.model import (
    Answer,
    Control,
    SitingModel,
    add_number,
    add_sites,
    solve_program,
    validate_choice,
    validate_number,
)
from cultureplan.siting.problem import SitingProblem


@dataclass(frozen=True, kw_only=True)
class Dispersion(SitingModel):
    r"""Open `n_sites` sites so that the two nearest open sites are as far apart as can be.

    .. math::

        \max r \quad \text{s.t.} \quad x_j + x_k \le 1 \;\; \forall j, k : d_{jk} < r, \qquad
        \sum_j x_j = p

    ============== ===============================================================
    symbol         argument
    ============== ===============================================================
    :math:`d_{jk}` straight line between sites, from ``problem.site_xy``
    :math:`p`      `n_sites`, beside the fixed ones, which count too
    ============== ===============================================================

    Parameters
    ----------
    n_sites : int
        Sites to open in addition to the fixed ones.

    Notes
    -----
    NP-hard (maximum independent set); solved by bisection over the distances. It does not see people:
    use it to keep mobile stops or branches of one kind apart, not to serve anybody. The distance between
    two fixed sites is left out, because nothing here can change it. To keep sites apart in another model,
    give :func:`pairs_closer_than` as ``conflicts``.

    References
    ----------
    Kuby (1987): Programming models for facility dispersion. Geographical Analysis 19, 315-329.
    """

    n_sites: int

    key: ClassVar[str] = "dispersion"
    sense: ClassVar[Sense] = "max"

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_sites", validate_number("n_sites", self.n_sites))

    def validate(self, problem: SitingProblem) -> None:
        """Raise if there are not so many sites, nothing to be far from, or nobody knows where they stand."""
        validate_choice(problem, self.n_sites)
        site_points(problem)
        if self.n_sites + int(problem.is_fixed.sum()) < 2:
            raise InputError.of("siting.not_a_count", name="n_sites", value=self.n_sites, at_least=2)

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return ``m``."""
        return "m"

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the program that asks whether sites can stand the median distance apart."""
        distances = self._distances(problem)
        return self._program(problem, float(distances[len(distances) // 2]))

    def objective(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the smallest distance between two open sites that are not both fixed."""
        xy = site_points(problem)
        opened = np.flatnonzero(is_open & ~problem.is_fixed)
        fixed = np.flatnonzero(problem.is_fixed)
        least = np.inf
        if len(opened) > 1:
            least = float(np.asarray(KDTree(xy[opened]).query(xy[opened], k=2)[0])[:, 1].min())
        if len(fixed) and len(opened):
            least = min(least, float(np.min(KDTree(xy[fixed]).query(xy[opened])[0])))
        return least

    def solve(self, problem: SitingProblem, control: Control) -> Answer:
        """Return the best sites, by bisection over the distances."""
        distances = self._distances(problem)
        low, high = 0, len(distances)  # the answer is distances[low ... high - 1]
        best: np.ndarray | None = None
        while low < high:
            middle = (low + high) // 2 if best is not None else low
            solution = solve_program(self._program(problem, float(distances[middle])), control)
            if solution.values is not None:
                best = problem.is_fixed.copy()
                best[problem.choices[solution.values[: len(problem.choices)] > 0.5]] = True
                reached = self.objective(problem, best)
                low = max(middle + 1, int(np.searchsorted(distances, reached * (1 + 1e-12), side="right")))
            elif solution.status == "infeasible":
                high = middle
                if best is None:
                    return Answer(is_open=None, bound=np.inf, is_infeasible=True)
            else:
                break
        bound = float(distances[high - 1]) if high > 0 else np.inf
        return Answer(is_open=best, bound=bound)

    def _program(self, problem: SitingProblem, apart_m: float) -> Mip:
        builder = MipBuilder("max")
        column_of = add_sites(builder, problem)
        pairs = _close_pairs(site_points(problem), apart_m)
        free = column_of >= 0
        relevant = (free | problem.is_fixed)[pairs].all(axis=1) & ~problem.is_fixed[pairs].all(axis=1)
        pairs = pairs[relevant]
        room = 1.0 - problem.is_fixed[pairs].sum(axis=1)
        names = problem.facility_ids.astype(str)
        labels = [(names[one], names[other]) for one, other in pairs]
        rows = builder.add_rows("apart", labels, upper=room.astype(float))
        for side in (0, 1):
            columns = column_of[pairs[:, side]]
            builder.add_entries(rows[columns >= 0], columns[columns >= 0], 1.0)
        add_number(builder, column_of[problem.choices], self.n_sites)
        return builder.build()

    def _distances(self, problem: SitingProblem) -> np.ndarray:
        """Return every distance that may be the answer, rising."""
        xy = site_points(problem)[problem.is_fixed | problem.is_choice]
        apart = np.hypot(xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1])
        return np.unique(apart[np.triu_indices(len(xy), k=1)])


def pairs_closer_than(problem: SitingProblem, distance_m: float) -> list[tuple[object, object]]:
    """Return the pairs of sites nearer than a distance, for ``SitingProblem(conflicts=...)``.

    Pairs of fixed sites are left out: they stand where they stand.

    Parameters
    ----------
    problem : SitingProblem
        Problem that knows where its sites stand.
    distance_m : float
        Sites nearer than this (exclusive) are a pair.
    """
    pairs = _close_pairs(site_points(problem), distance_m)
    pairs = pairs[~problem.is_fixed[pairs].all(axis=1)]
    ids = problem.facility_ids.to_numpy(object)
    return [(ids[one], ids[other]) for one, other in pairs]


def site_points(problem: SitingProblem) -> np.ndarray:
    """Return where the sites stand, shape (n_sites, 2), metres, or raise if nobody knows."""
    if problem.site_xy is None:
        raise InputError.of("siting.no_site_xy")
    return np.asarray(problem.site_xy)


def _close_pairs(xy: np.ndarray, distance_m: float) -> np.ndarray:
    """Return the pairs of points nearer than a distance, shape (n, 2), the first number smaller."""
    found = KDTree(xy).query_pairs(distance_m * (1 + 1e-9), output_type="ndarray").reshape(-1, 2)
    apart = np.hypot(*(xy[found[:, 0]] - xy[found[:, 1]]).T) if len(found) else np.empty(0)
    found = found[apart < distance_m]
    return np.asarray(found[np.lexsort((found[:, 1], found[:, 0]))], dtype=np.int64)
