"""Pictures of curves, fronts, years and worlds side by side show the numbers they were given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

import cultureplan as cp
from cultureplan import plotting
from cultureplan.base.errors import InputError
from tests.plotting.worlds import world

CURVE = pd.DataFrame({"n_sites": [0, 1, 2], "persons": [40.0, 70.0, 90.0], "bound": [40.0, 70.0, 95.0]})
FRONT = pd.DataFrame(
    {"mean_cost": [3.0, 5.0, 8.0], "persons": [10.0, 20.0, 25.0], "is_proven": [True, True, False]}
)


def axes() -> Axes:
    """Return empty axes of a figure that pyplot does not know."""
    return Figure(figsize=(9, 6)).add_subplot()


def words(ax: Axes) -> list[str]:
    """Return every text on a picture."""
    return [label.get_text() for label in ax.findobj(Text) if label.get_text()]


def test_the_curve_holds_the_persons_and_its_bound() -> None:
    """The solid line is what was found, the dashed one what cannot be passed; each step says what it adds."""
    ax = plotting.coverage_curve(CURVE, ax=axes())
    bound, found = ax.lines
    assert found.get_ydata().tolist() == [40, 70, 90]
    assert bound.get_ydata().tolist() == [40, 70, 95]
    assert {"+30", "+20", "no plan can cover more"} <= set(words(ax))


def test_a_proven_curve_has_no_band() -> None:
    """Where found and bound meet there is nothing left to doubt."""
    ax = plotting.coverage_curve(CURVE.assign(bound=CURVE["persons"]), ax=axes(), lang="zh")
    assert len(ax.lines) == 1
    assert len(ax.collections) == 0


def test_the_front_tells_proven_from_found_and_marks_the_chosen() -> None:
    """Two filled points, one hollow, and a ring about the chosen one."""
    ax = plotting.pareto_front(FRONT, chosen=1, ax=axes())
    filled, hollow, ring = ax.collections
    assert filled.get_offsets().tolist() == [[3, 10], [5, 20]]
    assert hollow.get_offsets().tolist() == [[8, 25]]
    assert ring.get_offsets().tolist() == [[5, 20]]


def test_the_years_show_what_each_adds_and_where_the_axis_starts() -> None:
    """Bars end at the persons covered; a cut axis says so, an uncut one does not."""
    years = pd.DataFrame({"persons_covered": [1_010.0, 1_030.0], "n_sites": [1, 2]}, index=[2027, 2028])
    ax = plotting.phase_chart(years, before=1_000.0, ax=axes())
    tops = {round(float(bar.get_y() + bar.get_height())) for bar in ax.patches}
    assert {1_000, 1_010, 1_030} <= tops
    assert {"+10", "+20", "1,030"} <= set(words(ax))
    assert any("axis starts" in word for word in words(ax))
    uncut = plotting.phase_chart(years, before=100.0, ax=axes())
    assert uncut.get_ylim()[0] == 0
    assert not any("axis starts" in word for word in words(uncut))


def test_worlds_side_by_side_share_their_scale_and_say_the_change() -> None:
    """One map a world, the same extent, the share of the first and the change of the others."""
    town = world()
    rules = tuple(
        cp.CircleRule(settlement=name, limit=3_000, mode=cp.StraightLine()) for name in ("urban", "rural")
    )
    standard = cp.CircleStandard(id="near", rules=rules)
    closed = cp.Scenario(town).close(str(town.facilities.ids[town.facilities.select()][-1])).apply()
    comparison = cp.compare({"before": town, "after": closed}, standard)
    first, second = plotting.comparison_maps(comparison, axes=[axes(), axes()])
    assert first.get_xlim() == second.get_xlim()
    assert any("before:" in word for word in words(first))
    assert any("after:" in word and "against before" in word for word in words(second))
    with pytest.raises(InputError):
        plotting.comparison_maps(comparison, axes=[axes()])


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plotting.coverage_curve(CURVE[:0]),
        lambda: plotting.pareto_front(FRONT[:0]),
        lambda: plotting.pareto_front(FRONT.drop(columns="mean_cost")),
        lambda: plotting.phase_chart(pd.DataFrame({"persons_covered": np.empty(0)}), before=0.0),
    ],
    ids=["curve", "front", "front without a goal", "years"],
)
def test_nothing_to_draw_is_said(draw) -> None:
    """An empty table is an error that names the function whose result is wanted."""
    with pytest.raises(InputError, match="at least one row"):
        draw()
