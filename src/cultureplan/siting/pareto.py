"""Fronts: what more coverage costs in money, in way, or in equality; no plan beats any of their points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, hstack, vstack

from cultureplan.base.errors import InfeasibleError, InputError
from cultureplan.base.units import positive
from cultureplan.siting.mip import Mip, MipSolution
from cultureplan.siting.model import Control, SitingModel, solve_program, validate_choice, validate_number
from cultureplan.siting.models.equitable_coverage import EquitableCoverage
from cultureplan.siting.models.maximal_coverage import MaximalCoverage
from cultureplan.siting.models.p_median import PMedian
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting

Against = Literal["site_cost", "mean_cost", "equality"]
_COLUMNS = {"site_cost": "site_cost", "mean_cost": "mean_cost", "equality": "smallest_share"}
_SAME = 1e-9  # a relative difference that is rounding
_FINEST = 1e-6  # of all persons: where they are not whole numbers, smaller differences are not told apart


def pareto_front(
    problem: SitingProblem,
    *,
    against: Against | SitingModel = "site_cost",
    n_sites: int | None = None,
    n_points: int | None = None,
    time_limit_s: float = 60.0,
) -> pd.DataFrame:
    """Return the plans that no other plan beats both in persons covered and in something else.

    For the meeting in which one side wants coverage and the other a small bill, short ways, or no place left
    behind: these are all the sensible compromises, and everything else is worse in both.

    Parameters
    ----------
    problem : SitingProblem
        Problem with a limit.
    against : {"site_cost", "mean_cost", "equality"} or SitingModel
        ``"site_cost"``: cost of the opened sites. ``"mean_cost"``: mean cost a person to the nearest open
        site (a p-median; every person needs one among the stored pairs). ``"equality"``: smallest covered
        share of any place. Or a model such as ``PMedian(n_sites=5, unserved_cost=30)`` or
        ``PCenter(n_sites=5)``, whose objective is the other goal.
    n_sites : int, optional
        Sites to open; any number for the site cost where absent, and needed for the other two.
    n_points : int, optional
        So many points, spread over the front, each as proven as those of the whole front; all points
        where absent.
    time_limit_s : float
        Seconds for all of it.

    Returns
    -------
    DataFrame
        By rising ``persons``: the other goal (``site_cost``, ``mean_cost``, ``smallest_share``, or
        ``objective`` of the model), ``persons``, ``covered_share``, ``bound`` (nobody covers more persons
        with the other goal no worse), ``gap``, ``is_proven`` (no plan beats this one), ``opened`` (tuple of
        ids). ``attrs["is_complete"]`` tells whether all points are there.

    Raises
    ------
    InputError
        If the number of sites is missing or there are not so many.
    InfeasibleError
        If no plan meets the conditions, or somebody reaches no site.

    Notes
    -----
    The epsilon-constraint method in its exact, two-step form: the other goal is optimised among the plans
    that cover at least one person more than the last point, then the persons among the plans that reach
    that value. Both steps are integer programs solved to proof, so every point of the front is found, the
    ones inside dents that no weighting of the two goals can find too. Two programs a point: for hundreds
    of sites and thousands of classes; name `n_points` for larger ones. Persons that are not whole numbers
    are told apart to a millionth of all.

    Examples
    --------
    >>> import cultureplan as cp
    >>> costs = cp.TravelCosts.from_dense([[100, 900], [700, 300], [900, 200]], unit="m")
    >>> problem = cp.SitingProblem(costs=costs, persons=[50, 20, 40], limit=800.0, site_cost=[3, 1])
    >>> pareto_front(problem)[["site_cost", "persons"]].values.tolist()
    [[0.0, 0.0], [1.0, 60.0], [3.0, 70.0], [4.0, 110.0]]

    References
    ----------
    Haimes, Lasdon and Wismer (1971): On a bicriterion formulation of the problems of integrated system
    identification and system optimization. IEEE Transactions on Systems, Man, and Cybernetics 1, 296-297.
    Berube, Gendreau and Potvin (2009): An exact epsilon-constraint method for bi-objective combinatorial
    optimization problems. European Journal of Operational Research 194, 39-50.
    """
    control = Control(time_limit_s=positive("time_limit_s", time_limit_s))
    n_points = None if n_points is None else validate_number("n_points", n_points, at_least=2)
    goals = _goals(problem, against, n_sites)
    if n_points is None and goals.is_count:
        points, is_complete = _by_number(problem, control)
    else:
        points, is_complete = _Search(goals, control).run(n_points)
    name = _COLUMNS.get(against, "objective") if isinstance(against, str) else "objective"
    total = max(problem.total_persons, 1e-300)
    frame = pd.DataFrame(
        {
            name: [goals.shown(point.other) for point in points],
            "persons": [point.persons for point in points],
            "covered_share": [point.persons / total for point in points],
            "bound": [point.bound for point in points],
            "gap": [
                (point.bound - point.persons) / point.persons if point.persons else 0.0 for point in points
            ],
            "is_proven": [point.is_proven for point in points],
            "opened": [point.opened for point in points],
        }
    )
    frame.attrs["is_complete"] = is_complete and bool(frame["is_proven"].all())
    return frame


@dataclass(frozen=True, kw_only=True)
class _Point:
    persons: float
    other: float  # smaller is better
    bound: float
    is_proven: bool
    opened: tuple[Any, ...]

    @property
    def gap(self) -> float:
        return (self.bound - self.persons) / self.persons if self.persons else 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class _Goals:
    """Two goals over one program: persons to be large, and another number to be small."""

    problem: SitingProblem
    program: Mip
    persons_row: np.ndarray
    persons_offset: float
    other_row: np.ndarray
    other_offset: float
    measure: tuple[Callable[[np.ndarray], float], Callable[[np.ndarray], float]]
    shown: Callable[[float], float]
    step: float
    is_count: bool

    def with_persons(self, at_least: float) -> Mip:
        """Return the program that makes the other number small where so many are covered."""
        columns = np.flatnonzero(self.persons_row)
        upper = self.persons_offset - at_least
        program = self._aimed("min", self.other_row, self.other_offset)
        return program.with_row(columns, -self.persons_row[columns], upper=upper)

    def with_other(self, at_most: float) -> Mip:
        """Return the program that covers most where the other number is small enough."""
        columns = np.flatnonzero(self.other_row)
        room = at_most + _SAME * max(abs(at_most), 1.0) - self.other_offset
        program = self._aimed("max", self.persons_row, self.persons_offset)
        return program.with_row(columns, self.other_row[columns], upper=room)

    def _aimed(self, sense: Literal["min", "max"], row: np.ndarray, offset: float) -> Mip:
        return replace(self.program, sense=sense, cost=row, offset=offset)

    def open_sites(self, solution: MipSolution) -> np.ndarray:
        """Return which sites a solution opens."""
        is_open = self.problem.is_fixed.copy()
        if solution.values is not None:
            choices = self.problem.choices
            is_open[choices[solution.values[: len(choices)] > 0.5]] = True
        return is_open


class _Search:
    """Boxes between neighbouring points, in which more points may lie."""

    def __init__(self, goals: _Goals, control: Control) -> None:
        self.goals, self.control = goals, control
        self.is_complete = True

    def run(self, n_points: int | None) -> tuple[list[_Point], bool]:
        """Return the points by rising persons, and whether these are all."""
        first = self._least()
        last = self._after(self._most())
        if first is None or last is None:
            return [point for point in (first, last) if point is not None], False
        points = [first, last] if last.persons > first.persons + self.goals.step / 2 else [first]
        boxes = [(first, last, last.persons)] if len(points) == 2 else []
        while boxes and (n_points is None or len(points) < n_points):
            at = len(boxes) - 1 if n_points is None else self._widest(boxes, first, last)
            low, high, below = boxes.pop(at)
            target = low.persons + self.goals.step
            if n_points is not None:
                target = max(target, (low.persons + below) / 2)
            if target > below - self.goals.step / 2:
                continue
            found = self._after(target)
            if found is None:
                self.is_complete = False
                break
            if found.other >= high.other - _SAME * max(abs(high.other), 1.0):
                boxes.append((low, high, target))
                continue
            points.append(found)
            boxes += [(low, found, target), (found, high, high.persons)]
        self.is_complete &= not boxes
        return _unbeaten(points), self.is_complete

    def _widest(self, boxes: list[tuple[_Point, _Point, float]], first: _Point, last: _Point) -> int:
        wide = max(last.persons - first.persons, 1e-300), max(last.other - first.other, 1e-300)
        areas = [
            (below - low.persons) / wide[0] * (high.other - low.other) / wide[1] for low, high, below in boxes
        ]
        return int(np.argmax(areas))

    def _most(self) -> float | None:
        """Return the most persons that any plan covers."""
        goals = self.goals
        solution = solve_program(goals.with_other(np.inf), self.control)
        if solution.values is None:
            return None
        return goals.measure[0](goals.open_sites(solution))

    def _least(self) -> _Point | None:
        """Return the point where the other number is smallest."""
        return self._after(-np.inf)

    def _after(self, target: float | None) -> _Point | None:
        """Return the point with the smallest other number among those that cover `target` persons."""
        goals = self.goals
        if target is None:
            return None
        slack = goals.step / 2 if np.isfinite(target) else 0.0  # the solver's tolerance must cut nothing off
        one = solve_program(goals.with_persons(target - slack), self.control)
        if one.status == "infeasible" and not np.isfinite(target):
            raise InfeasibleError.of("siting.infeasible")
        if one.values is None:
            return None
        is_open = goals.open_sites(one)
        other = goals.measure[1](is_open)
        two = solve_program(goals.with_other(other), self.control)
        persons, bound = goals.measure[0](is_open), two.bound
        if two.values is not None:
            again = goals.open_sites(two)
            if goals.measure[0](again) > persons:
                is_open, persons, other = again, goals.measure[0](again), goals.measure[1](again)
        proven = one.status == "optimal" and two.status == "optimal"
        ids = goals.problem.facility_ids.to_numpy(object)
        opened = goals.problem.choices[is_open[goals.problem.choices]]
        return _Point(
            persons=persons,
            other=other,
            bound=persons if two.status == "optimal" else max(bound, persons),
            is_proven=proven,
            opened=tuple(ids[opened]),
        )


def _goals(problem: SitingProblem, against: Against | SitingModel, n_sites: int | None) -> _Goals:
    """Return the two goals, checked."""
    other, n_sites = _other_model(against, n_sites)
    if n_sites is None:
        budget = float(problem.site_cost[problem.is_choice].sum()) + 1.0
        coverage = MaximalCoverage(budget=budget)
    else:
        validate_choice(problem, validate_number("n_sites", n_sites))
        coverage = MaximalCoverage(n_sites=n_sites)
    _ = problem.covering  # says so if there is no limit
    first = coverage.formulation(problem)
    is_whole = all((values == np.rint(values)).all() for values in (problem.persons, problem.preference))
    shared: dict[str, Any] = {
        "problem": problem,
        "step": 1.0 if is_whole else max(_FINEST * problem.total_persons, 1e-5),
        "persons_offset": first.offset,
    }
    if other is None:
        row = np.zeros(first.n_columns)
        row[: len(problem.choices)] = problem.site_cost[problem.choices]

        def spent(is_open: np.ndarray) -> float:
            return float(np.sort(problem.site_cost[is_open & ~problem.is_fixed]).sum())

        costs = problem.site_cost[problem.choices]
        return _Goals(
            program=first,
            persons_row=first.cost,
            other_row=row,
            other_offset=0.0,
            measure=(lambda is_open: coverage.objective(problem, is_open), spent),
            shown=float,
            is_count=n_sites is None and problem.is_plain and len(set(costs)) == 1 and bool(costs[0] > 0),
            **shared,
        )
    other.validate(problem)
    notes = other.infeasible_notes(problem)
    if notes:
        raise InfeasibleError(*notes)
    second = other.formulation(problem)
    sign = 1.0 if other.sense == "min" else -1.0
    program, persons_row, other_row = _joined(first, second, len(problem.choices))
    people = problem.total_persons if against == "mean_cost" else 1.0
    return _Goals(
        program=program,
        persons_row=persons_row,
        other_row=sign * other_row,
        other_offset=sign * second.offset,
        measure=(
            lambda is_open: coverage.objective(problem, is_open),
            lambda is_open: sign * other.objective(problem, is_open),
        ),
        shown=lambda value: sign * value / people,
        is_count=False,
        **shared,
    )


def _other_model(
    against: Against | SitingModel, n_sites: int | None
) -> tuple[SitingModel | None, int | None]:
    """Return the model whose objective is the other goal (None for the site cost) and the number of sites."""
    if isinstance(against, SitingModel):
        number = getattr(against, "n_sites", None)
        return against, n_sites if number is None else number
    if against not in _COLUMNS:
        known = ", ".join(_COLUMNS)
        raise InputError.of(
            "fault.not_one_of", name="against", value=against, known=known, closest="site_cost"
        )
    if against == "site_cost":
        return None, n_sites
    if n_sites is None:
        raise InputError.of("siting.front_needs_number", against=against)
    model: SitingModel = PMedian(n_sites=n_sites)
    return model if against == "mean_cost" else EquitableCoverage(n_sites=n_sites), n_sites


def _joined(first: Mip, second: Mip, n_shared: int) -> tuple[Mip, np.ndarray, np.ndarray]:
    """Return the rows of both programs over their shared first columns, and both objectives."""
    own = second.n_columns - n_shared
    beside = csr_array((first.n_rows, own))
    between = csr_array((second.n_rows, first.n_columns - n_shared))
    above = hstack([first.matrix, beside])
    below = hstack([second.matrix[:, :n_shared], between, second.matrix[:, n_shared:]])
    matrix = csr_array(vstack([above, below], format="csr"))
    mip = replace(
        first,
        cost=np.zeros(first.n_columns + own),
        lower=np.concatenate([first.lower, second.lower[n_shared:]]),
        upper=np.concatenate([first.upper, second.upper[n_shared:]]),
        is_integer=np.concatenate([first.is_integer, second.is_integer[n_shared:]]),
        matrix=matrix,
        row_lower=np.concatenate([first.row_lower, second.row_lower]),
        row_upper=np.concatenate([first.row_upper, second.row_upper]),
        column_blocks=(*first.column_blocks, ("v", range(own))),
        row_blocks=(*first.row_blocks, *((f"{name}2", labels) for name, labels in second.row_blocks)),
    )
    persons = np.concatenate([first.cost, np.zeros(own)])
    other = np.concatenate(
        [second.cost[:n_shared], np.zeros(first.n_columns - n_shared), second.cost[n_shared:]]
    )
    return mip, persons, other


def _by_number(problem: SitingProblem, control: Control) -> tuple[list[_Point], bool]:
    """Return the front where every site costs the same: the best plan of each number of sites."""
    price = float(problem.site_cost[problem.choices[0]])
    covered = problem.classes.covered_persons
    most = covered + float(problem.classes.weight.sum())
    points = [_Point(persons=covered, other=0.0, bound=covered, is_proven=True, opened=())]
    for number in range(1, len(problem.choices) + 1):
        if points[-1].persons >= most * (1 - _SAME):
            break
        if control.left_s <= 0:
            return _unbeaten(points), False
        result = solve_siting(problem, MaximalCoverage(n_sites=number), time_limit_s=max(control.left_s, 0.1))
        points.append(
            _Point(
                persons=result.objective,
                other=number * price,
                bound=result.bound,
                is_proven=result.is_optimal,
                opened=result.opened,
            )
        )
    return _unbeaten(points), True


def _unbeaten(points: list[_Point]) -> list[_Point]:
    """Return the points that no other one beats, by rising persons."""
    kept: list[_Point] = []
    for point in sorted(points, key=lambda point: (point.other, -point.persons)):
        if not kept or point.persons > kept[-1].persons:
            kept.append(point)
    return kept
