"""Fixed-charge location: what sites cost against what people's ways cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from cultureplan.base.units import positive
from cultureplan.siting.mip import Mip, MipBuilder, Sense
from cultureplan.siting.model import add_sites, preference_of
from cultureplan.siting.models.capacitated import FlowModel, validate_capacity
from cultureplan.siting.models.flows import Pairs, add_flow, usable_pairs
from cultureplan.siting.problem import SitingProblem


@dataclass(frozen=True, kw_only=True)
class FixedCharge(FlowModel):
    r"""Open any number of sites so that their cost and everybody's travel cost are least together.

    .. math::

        \min \sum_j c_j x_j + \tau \sum_{i,j} w_i d_{ij} z_{ij} \quad \text{s.t.} \quad
        \sum_j z_{ij} = 1, \qquad z_{ij} \le x_j, \qquad
        \sum_i w_i z_{ij} \le q_j x_j \;\text{ if `capacitated`}

    ============== ===============================================================
    symbol         argument
    ============== ===============================================================
    :math:`c_j`    ``problem.site_cost``; fixed sites cost nothing more
    :math:`\tau`   `cost_per_unit`: money a person-metre or person-minute
    :math:`w_i`    ``problem.persons``
    :math:`d_{ij}` ``problem.costs``
    :math:`q_j`    ``problem.capacity``
    ============== ===============================================================

    Parameters
    ----------
    cost_per_unit : float
        What a person-metre or person-minute costs, in the unit of ``site_cost`` and over the same years.
    capacitated : bool
        Whether capacities hold.
    split : bool
        Whether the people of one point may go to different sites.

    Notes
    -----
    NP-hard, but its relaxation is strong: some hundred sites are solved to proof. Not to be used where
    nobody can say what a person's minute is worth; then draw the front of coverage against cost.

    References
    ----------
    Balinski (1965): Integer programming: methods, uses, computation. Management Science 12, 253-313.
    """

    cost_per_unit: float = 1.0
    capacitated: bool = False
    split: bool = True

    key: ClassVar[str] = "fixed_charge"
    sense: ClassVar[Sense] = "min"

    def __post_init__(self) -> None:
        object.__setattr__(self, "cost_per_unit", positive("cost_per_unit", self.cost_per_unit))

    def validate(self, problem: SitingProblem) -> None:
        """Raise if capacity cannot suffice."""
        if self.capacitated:
            validate_capacity(problem, split=self.split, everybody=True)

    def objective_unit(self, problem: SitingProblem) -> str:
        """Return ``cost``."""
        return "cost"

    def pairs(self, problem: SitingProblem) -> Pairs:
        """Return all stored pairs."""
        return usable_pairs(problem, within_circle=False)

    def formulation(self, problem: SitingProblem) -> Mip:
        """Return the program: a share z for each stored pair."""
        pairs = self.pairs(problem)
        builder = MipBuilder("min")
        column_of = add_sites(builder, problem, cost=problem.site_cost[problem.choices])
        add_flow(
            builder,
            problem,
            pairs,
            column_of,
            worth=self.cost_per_unit * problem.persons[pairs.rows] * pairs.costs,
            everybody=True,
            split=self.split or not self.capacitated,  # without capacities nobody gains by a split
            capacitated=self.capacitated,
        )
        return builder.build()

    def flow_objective(self, problem: SitingProblem, is_open: np.ndarray, flow: pd.DataFrame) -> float:
        """Return the cost of the opened sites and of the flow, less the preference."""
        paid = np.sort(flow["persons"].to_numpy(float) * flow["cost"].to_numpy(float)).sum()
        built = np.sort(problem.site_cost[is_open & ~problem.is_fixed]).sum()
        return float(built) + self.cost_per_unit * float(paid) - preference_of(problem, is_open)
