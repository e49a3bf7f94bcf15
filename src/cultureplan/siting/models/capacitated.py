"""Capacitated coverage and the capacitated p-median: sites serve no more people than they can."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from cultureplan.base.errors import InputError
from cultureplan.siting.coverage import service_table
from cultureplan.siting.mip import Mip, MipBuilder, Sense
from cultureplan.siting.model import (
    Answer,
    Control,
    SitingModel,
    add_number,
    add_sites,
    preference_of,
    solve_program,
    validate_choice,
    validate_number,
)
from cultureplan.siting.models.flows import Pairs, add_flow, flow_frame, usable_pairs
from cultureplan.siting.problem import SitingProblem


class FlowModel(SitingModel):
    """A model that decides who goes where; its objective is measured on that flow."""

    assigns_within_circle: ClassVar[bool] = False
    split: bool

    @abstractmethod
    def pairs(self, problem: SitingProblem) -> Pairs:
        """Return the pairs that may be used."""

    @abstractmethod
    def flow_objective(self, problem: SitingProblem, is_open: np.ndarray, flow: pd.DataFrame) -> float:
        """Return the objective of a flow."""

    def objective(self, problem: SitingProblem, is_open: np.ndarray) -> float:
        """Return the objective of the best flow to some open sites, by solving for it."""
        closed = problem.facility_ids[~is_open & problem.is_choice]
        opened = problem.facility_ids[is_open]
        answer = self._solve_with(problem, Control(), opened=set(opened), closed=set(closed))
        return self.objective_of(problem, answer)

    def objective_of(self, problem: SitingProblem, answer: Answer) -> float:
        """Return the objective of an answer, from its flow."""
        if answer.is_open is None or answer.flow is None:
            return float("nan")
        return self.flow_objective(problem, answer.is_open, answer.flow)

    def site_table(
        self, problem: SitingProblem, is_open: np.ndarray, assignment: pd.DataFrame
    ) -> pd.DataFrame:
        """Return persons and mean cost of each open site, with its capacity."""
        table = service_table(problem, is_open, assignment)
        capacity = problem.capacity[problem.positions(table["facility_id"])]
        return table.assign(capacity_persons=capacity)

    def solve(self, problem: SitingProblem, control: Control) -> Answer:
        """Return the best answer found in time, with its flow."""
        return self._solve_with(problem, control, opened=set(), closed=set())

    def _solve_with(
        self, problem: SitingProblem, control: Control, *, opened: set[object], closed: set[object]
    ) -> Answer:
        mip = self.formulation(problem)
        names = problem.facility_ids[problem.choices]
        for column, name in enumerate(names):
            if name in opened:
                mip.lower[column] = 1.0
            if name in closed:
                mip.upper[column] = 0.0
        solution = solve_program(mip, control)
        if solution.values is None:
            infeasible = solution.status == "infeasible"
            return Answer(is_open=None, bound=solution.bound, is_infeasible=infeasible)
        pairs = self.pairs(problem)
        n = len(problem.choices)
        is_open = problem.is_fixed.copy()
        is_open[problem.choices[solution.values[:n] > 0.5]] = True
        share = solution.values[n : n + len(pairs.rows)] * is_open[pairs.sites]
        flow = flow_frame(problem, pairs, share, split=self.split)
        return Answer(is_open=is_open, bound=solution.bound, flow=flow)


def validate_capacity(problem: SitingProblem, *, split: bool, everybody: bool) -> None:
    """Raise if no choice of sites can hold anybody, or a point that may not be split fits nowhere."""
    usable = problem.is_fixed | problem.is_choice
    largest = float(problem.capacity[usable].max(initial=0.0))
    peopled = problem.persons[problem.persons > 0]
    if len(peopled) == 0:
        return
    wanted = float(peopled.max() if everybody and not split else peopled.min() if not split else 0.0)
    if largest < wanted or largest == 0:
        raise InputError.of("siting.capacity_too_small", largest=largest, wanted=wanted)


@dataclass(frozen=True, kw_only=True)
class CapacitatedCoverage(FlowModel):
    r"""Open `n_sites` sites so that the most persons are served within their circle and the capacities.

    .. math::

        \max \sum_{i,j : d_{ij} \le L_i} w_i z_{ij} \quad \text{s.t.} \quad \sum_j z_{ij} \le 1, \qquad
        z_{ij} \le x_j, \qquad \sum_i w_i z_{ij} \le q_j x_j, \qquad \sum_j x_j = p

    ============= ================================================================
    symbol        argument
    ============= ================================================================
    :math:`w_i`   ``problem.persons``
    :math:`L_i`   ``problem.limit``
    :math:`q_j`   ``problem.capacity``, of fixed sites too
    :math:`p`     `n_sites`, beside the fixed ones
    :math:`z`     a share where `split`, else 0 or 1
    ============= ================================================================

    Parameters
    ----------
    n_sites : int
        Sites to open in addition to the fixed ones.
    split : bool
        Whether the people of one point may go to different sites.

    Notes
    -----
    NP-hard; without `split` even the assignment is, so use it for tens of points, not thousands. Not to
    be used where capacity does not bind: :class:`MaximalCoverage` is the same and far quicker.

    References
    ----------
    Current and Storbeck (1988): Capacitated covering models. Environment and Planning B 15, 153-163.
    """

    n_sites: int
    split: bool = True

    key: ClassVar[str] = "capacitated_coverage"
    sense: ClassVar[Sense] = "max"

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_sites", validate_number("n_sites", self.n_sites))

    def validate(self, problem: SitingProblem) -> None:
        """Raise if sites or capacity do not suffice for anything, or there is no limit."""
        validate_choice(problem, self.n_sites)
        validate_capacity(problem, split=self.split, everybody=False)
        if problem.limit is None:
            raise InputError.of("siting.no_limit")

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return ``persons``."""
        return "persons"

    def pairs(self, problem: SitingProblem) -> Pairs:
        """Return the pairs within the circle."""
        return usable_pairs(problem, within_circle=True)

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the program: a share z for each pair within the circle."""
        pairs = self.pairs(problem)
        builder = MipBuilder("max")
        column_of = add_sites(builder, problem)
        add_flow(
            builder,
            problem,
            pairs,
            column_of,
            worth=problem.persons[pairs.rows],
            everybody=False,
            split=self.split,
            capacitated=True,
        )
        add_number(builder, column_of[problem.choices], self.n_sites)
        return builder.build()

    def flow_objective(self, problem: SitingProblem, is_open: np.ndarray, flow: pd.DataFrame) -> float:
        """Return the persons served, and the preference of the opened sites."""
        served = flow.loc[flow["facility_id"].notna(), "persons"].to_numpy(float)
        return float(np.sort(served).sum()) + preference_of(problem, is_open)


@dataclass(frozen=True, kw_only=True)
class CapacitatedMedian(FlowModel):
    r"""Open `n_sites` sites and send everybody to one with room, at the least total cost.

    .. math::

        \min \sum_{i,j} w_i d_{ij} z_{ij} \quad \text{s.t.} \quad \sum_j z_{ij} = 1, \qquad
        z_{ij} \le x_j, \qquad \sum_i w_i z_{ij} \le q_j x_j, \qquad \sum_j x_j = p

    ============== ===============================================================
    symbol         argument
    ============== ===============================================================
    :math:`w_i`    ``problem.persons``
    :math:`d_{ij}` ``problem.costs``
    :math:`q_j`    ``problem.capacity``, of fixed sites too
    :math:`p`      `n_sites`, beside the fixed ones
    ============== ===============================================================

    Parameters
    ----------
    n_sites : int
        Sites to open in addition to the fixed ones.
    split : bool
        Whether the people of one point may go to different sites.

    Notes
    -----
    NP-hard. People are sent, they do not choose: where they choose for themselves, :class:`PMedian` tells
    who comes, and the load shows who is overrun.

    References
    ----------
    Mulvey and Beck (1984): Solving capacitated clustering problems. European Journal of Operational
    Research 18, 339-348.
    """

    n_sites: int
    split: bool = True

    key: ClassVar[str] = "capacitated_median"
    sense: ClassVar[Sense] = "min"

    def __post_init__(self) -> None:
        object.__setattr__(self, "n_sites", validate_number("n_sites", self.n_sites))

    def validate(self, problem: SitingProblem) -> None:
        """Raise if sites or capacity do not suffice for anything."""
        validate_choice(problem, self.n_sites)
        validate_capacity(problem, split=self.split, everybody=True)

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return ``person-m`` or ``person-minutes``."""
        return f"person-{problem.costs.unit}"

    def pairs(self, problem: SitingProblem) -> Pairs:
        """Return all stored pairs."""
        return usable_pairs(problem, within_circle=False)

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the program: a share z for each stored pair."""
        pairs = self.pairs(problem)
        builder = MipBuilder("min")
        column_of = add_sites(builder, problem)
        add_flow(
            builder,
            problem,
            pairs,
            column_of,
            worth=problem.persons[pairs.rows] * pairs.costs,
            everybody=True,
            split=self.split,
            capacitated=True,
        )
        add_number(builder, column_of[problem.choices], self.n_sites)
        return builder.build()

    def flow_objective(self, problem: SitingProblem, is_open: np.ndarray, flow: pd.DataFrame) -> float:
        """Return the cost of the flow, less the preference of the opened sites."""
        paid = flow["persons"].to_numpy(float) * flow["cost"].to_numpy(float)
        return float(np.sort(paid).sum()) - preference_of(problem, is_open)
