"""OR-Library warehouse location instances (Beasley 1988): uncapacitated and capacitated optima.

The optima are the ``.opt`` files and the ``capopt`` table (see ``orlib_cap/SOURCE.md`` beside the data).
Costs in the files are of serving a customer's whole demand.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from cultureplan.siting.models.fixed_charge import FixedCharge
from cultureplan.siting.problem import SitingProblem
from cultureplan.siting.solve import solve_siting
from cultureplan.travel.costs import TravelCosts

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "orlib_cap"
NAMES = sorted(path.stem for path in FOLDER.glob("cap*.txt"))


@cache
def problem(name: str) -> SitingProblem:
    """Return one instance."""
    numbers = np.array((FOLDER / f"{name}.txt").read_text().split(), dtype=float)
    n_sites, n_customers = int(numbers[0]), int(numbers[1])
    sites = numbers[2 : 2 + 2 * n_sites].reshape(n_sites, 2)
    customers = numbers[2 + 2 * n_sites :].reshape(n_customers, n_sites + 1)
    return SitingProblem(
        costs=TravelCosts.from_dense(customers[:, 1:] / customers[:, :1], unit="m"),
        persons=customers[:, 0],
        site_cost=sites[:, 1],
        capacity=sites[:, 0],
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_published_uncapacitated_optimum_is_proven(shared_data, name):
    """Sites and ways together cost what is published."""
    optimum = float((FOLDER / f"{name}.txt.opt").read_text().split()[-1])
    result = solve_siting(problem(name), FixedCharge(), gap=1e-9)
    assert result.is_optimal
    assert result.objective == pytest.approx(optimum, abs=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_the_published_capacitated_optimum_is_proven(shared_data, name):
    """With capacities the cost is what is published, too."""
    table = (FOLDER / "bounds_FacilityLocationProblems_jl.tsv").read_text().split("\n")
    optima = {line.split("\t")[0]: float(line.split("\t")[1]) for line in table if line.strip()}
    if name not in optima:
        pytest.skip("no published value")
    result = solve_siting(problem(name), FixedCharge(capacitated=True), gap=1e-9)
    assert result.is_optimal
    assert result.objective == pytest.approx(optima[name], abs=0.01)
