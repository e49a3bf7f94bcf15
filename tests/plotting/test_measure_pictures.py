"""Pictures of access, equity, hours and streets show the numbers that were measured."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import cultureplan as cp
from cultureplan import plotting
from cultureplan.base.errors import InputError
from cultureplan.plotting import style
from tests.plotting.measures import ALONG, LINE, circle, open_world, street_world
from tests.plotting.worlds import X0, Y0, world


def axes() -> Axes:
    """Return empty axes of a figure that pyplot does not know."""
    return Figure(figsize=(9, 6)).add_subplot()


def words(ax: Axes) -> list[str]:
    """Return every text on a picture."""
    return [label.get_text() for label in ax.findobj(Text) if label.get_text()]


# ---------------------------------------------------------------- the Lorenz curve


def test_the_lorenz_curve_is_that_of_the_measure_and_names_gini():
    """The last line drawn is everybody's; its label holds the index."""
    values, persons = [1.0, 3.0], [1.0, 1.0]
    ax = plotting.lorenz_curve(values, persons, ax=axes())
    line = ax.lines[-1]
    assert line.get_xdata().tolist() == [0.0, 0.5, 1.0]
    assert line.get_ydata().tolist() == [0.0, 0.25, 1.0]
    assert "All: 0.25" in words(ax)


def test_groups_have_a_curve_each_in_the_colour_of_their_settlement():
    """Settlement types come in their own order, worded in the language, everybody last."""
    ax = plotting.lorenz_curve([1, 2, 3, 4], by=["rural", "urban", "rural", "urban"], ax=axes())
    legend = [label.get_text().split(":")[0] for label in ax.get_legend().get_texts()]
    assert legend == ["urban", "rural", "All"]
    assert ax.lines[1].get_color() == style.SETTLEMENT_COLOURS["urban"]


def test_a_group_without_anything_has_no_curve():
    """Its index is undefined; the others are drawn."""
    ax = plotting.lorenz_curve([0, 0, 3, 4], by=["a", "a", "b", "b"], ax=axes())
    assert [label.get_text().split(":")[0] for label in ax.get_legend().get_texts()] == ["b", "All"]


def test_a_curve_of_nothing_is_refused_in_both_languages():
    """Nobody has anything: an error that says so, not an empty square."""
    with pytest.raises(InputError, match="Nobody has anything") as caught:
        plotting.lorenz_curve([0.0, 0.0])
    assert "没有人" in caught.value.render("zh")


# ---------------------------------------------------------------- the week


def test_the_week_shows_the_covered_share_of_every_slot():
    """The cells are the curve of the measure, one row a day; the day's mean stands beside."""
    weekly = cp.hours.measure_weekly_coverage(open_world(), LINE)
    ax = plotting.week_hours(weekly, ax=axes())
    cells = ax.images[0].get_array()
    assert cells.shape == (7, 48)
    np.testing.assert_allclose(np.ravel(cells), weekly.curve["share"])
    assert cells[1, 18] == pytest.approx(0.5)  # Tuesday 9:00: D1 and D2
    assert cells[0, 18] == pytest.approx(0.2)  # Monday: the branch alone, D2
    assert "20.0%" in words(ax)
    assert [label.get_text() for label in ax.get_yticklabels()][:2] == ["Monday", "Tuesday"]


def test_the_frame_is_round_the_office_hours():
    """Monday to Friday, 8:30 to 17:30, whatever the slot."""
    weekly = cp.hours.measure_weekly_coverage(open_world(), LINE, slot_minutes=15)
    ax = plotting.week_hours(weekly, ax=axes())
    frame = next(patch for patch in ax.patches if isinstance(patch, Rectangle))
    assert frame.get_xy() == (8.5, -0.5)
    assert (frame.get_width(), frame.get_height()) == (9.0, 5.0)


def test_a_week_in_which_nobody_is_covered_can_be_drawn():
    """All cells are empty and no warning is raised."""
    weekly = cp.hours.measure_weekly_coverage(open_world(), circle("tiny", cp.StraightLine(), limit=1.0))
    ax = plotting.week_hours(weekly, ax=axes())
    assert not np.asarray(ax.images[0].get_array()).any()


# ---------------------------------------------------------------- streets


def test_the_map_of_streets_draws_them_all_and_names_each_limit():
    """Three lines; the land within each limit is explained, nearest first."""
    ax = plotting.streets_map(street_world(), cp.Streets(snap_limit_m=9e4), limit=[15, 5], ax=axes())
    drawn = [layer for layer in ax.collections if isinstance(layer, LineCollection)]
    assert max(len(layer.get_segments()) for layer in drawn) == 3
    legend = [label.get_text() for label in ax.get_legend().get_texts()]
    assert legend[:2] == ["within 5 min", "within 15 min"]


def test_a_map_of_streets_needs_streets():
    """A world without any is refused by name."""
    with pytest.raises(InputError, match="Stone City"):
        plotting.streets_map(world(), cp.Streets(), limit=15)


def test_the_map_of_agreement_counts_the_four_classes():
    """Persons covered by both, by one only, and by neither; they add up to all."""
    first, second = (cp.measure_coverage(world(), standard) for standard in (LINE, ALONG))
    ax = plotting.agreement_map(first, second, ax=axes())
    assert first.persons == 650
    assert second.persons == 0
    shown = words(ax)
    assert {"only by line: 650 persons", "by neither: 350 persons"} <= set(shown)
    assert not any(text.startswith("by both") for text in shown)


def test_coverages_of_other_people_are_not_compared():
    """The two must be about the same demand points."""
    other = cp.datasets.synthetic_world(n_demand=20, n_facilities=3, seed=1)
    with pytest.raises(InputError):
        plotting.agreement_map(cp.measure_coverage(world(), LINE), cp.measure_coverage(other, LINE))


# ---------------------------------------------------------------- access


def test_the_map_of_access_has_a_fifth_of_the_people_in_each_colour():
    """Colours run from orange to blue with the value; persons stand in the legend."""
    here = world()
    values = np.arange(6.0)
    shown = words(plotting.access_map(here, values, title="Seats", ax=axes()))
    assert "Seats" in shown
    assert "0: 300 persons" in shown
    assert "4 – 5: 150 persons" in shown


def test_a_series_is_matched_by_id_and_what_it_lacks_is_grey():
    """The order of a Series does not matter; infinite and missing values have no class."""
    here = world()
    values = np.arange(6.0)
    mixed = here.demand.persons.copy()
    mixed.loc[:] = values
    mixed = mixed.iloc[::-1].drop("D6").replace(0.0, np.inf)
    ax = plotting.access_map(here, mixed, ax=axes())
    assert "nothing in reach: 400 persons" in words(ax)  # D1 has infinite, D6 none
    faces = np.vstack([layer.get_facecolors() for layer in ax.collections if len(layer.get_offsets())])
    assert (np.isclose(faces[:, :3], to_rgba(style.NOT_ASSESSED)[:3]).all(axis=1)).any()


def test_low_is_blue_where_low_is_good():
    """For minutes the ramp is turned round."""
    here = world()
    good = plotting.access_map(here, np.arange(6.0), ax=axes())
    bad = plotting.access_map(here, np.arange(6.0), high_is_good=False, ax=axes())
    first, last = good.get_legend().legend_handles[4], bad.get_legend().legend_handles[4]
    assert first.get_color() != last.get_color()


@pytest.mark.parametrize("values", [np.arange(5.0), np.full(6, np.nan)])
def test_values_that_fit_nobody_are_refused(values):
    """A wrong length, or no value at all."""
    with pytest.raises(InputError):
        plotting.access_map(world(), values)


def test_one_value_for_everybody_is_one_class():
    """No empty classes in the legend."""
    shown = words(plotting.access_map(world(), np.ones(6), ax=axes()))
    assert sum(text.startswith("1:") for text in shown) == 1


def test_large_numbers_are_written_out():
    """Metres have thousands separators and no exponent."""
    shown = words(plotting.access_map(world(), np.arange(6.0) * 1_234.5, ax=axes()))
    assert "4,938 – 6,172: 150 persons" in shown


def test_a_close_up_has_no_legend():
    """As for all maps."""
    extent = (X0, Y0, X0 + 8_000, Y0 + 8_000)
    ax = plotting.access_map(world(), np.ones(6), extent=extent, legend=False, ax=axes())
    assert ax.get_legend() is None
