"""Programs as arrays: text, solver and its answers."""

from __future__ import annotations

import numpy as np
import pytest

from cultureplan.siting.mip import MipBuilder, solve_mip


def knapsack() -> MipBuilder:
    """Choose among three things of worth 5, 2, 7 and weight 3, 1, 4 with room for 5."""
    builder = MipBuilder("max")
    x = builder.add_columns("x", ["a", "b", "c"], cost=np.array([5.0, 2.0, 7.0]))
    row = builder.add_rows("room", [""], upper=5.0)
    builder.add_entries(np.repeat(row, 3), x, np.array([3.0, 1.0, 4.0]))
    return builder


def test_text_reads_like_the_formula():
    """The text of a program shows objective, rows and kinds of variables."""
    assert knapsack().build().to_text().splitlines() == [
        "max 5 x[a] + 2 x[b] + 7 x[c]",
        "room: 3 x[a] + x[b] + 4 x[c] <= 5",
        "x[a] in {0, 1}",
        "x[b] in {0, 1}",
        "x[c] in {0, 1}",
    ]


def test_optimum_and_bound_agree():
    """A small program is solved to proof, and its relaxation is no smaller."""
    mip = knapsack().build()
    solution = solve_mip(mip, time_limit_s=10)
    assert solution.status == "optimal"
    assert solution.values == pytest.approx([0, 1, 1])
    assert solution.bound == pytest.approx(9)
    assert solve_mip(mip, time_limit_s=10, relax=True).bound >= 9


def test_infeasible_is_said():
    """A program without an answer says so, and claims no bound."""
    builder = knapsack()
    row = builder.add_rows("impossible", [""], lower=9.0)
    builder.add_entries(row, np.array([0]), 1.0)
    solution = solve_mip(builder.build(), time_limit_s=10)
    assert (solution.status, solution.values, solution.bound) == ("infeasible", None, np.inf)


def test_a_program_without_variables_is_its_constant():
    """With nothing to choose, the answer is the constant, or infeasible where a row asks for more."""
    builder = MipBuilder("max")
    builder.offset = 3.0
    assert solve_mip(builder.build(), time_limit_s=10).bound == 3.0
    builder.add_rows("more", [""], lower=1.0)
    assert solve_mip(builder.build(), time_limit_s=10).status == "infeasible"


def test_no_time_gives_no_answer():
    """Without time there is neither answer nor a false bound."""
    solution = solve_mip(knapsack().build(), time_limit_s=0)
    assert (solution.status, solution.bound) == ("none", np.inf)
