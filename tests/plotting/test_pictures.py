"""Every picture draws where it is told to, in both languages, and shows the numbers that were measured."""

from __future__ import annotations

import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

import cultureplan as cp
from cultureplan import plotting
from cultureplan.base.errors import InputError
from cultureplan.plotting import canvas, fonts, hierarchy, marks, siting, style
from cultureplan.plotting.svg import to_svg
from tests.plotting.measures import LINE, open_world, street_world
from tests.plotting.worlds import X0, Y0, planned, world

STANDARD = "ordos-2014"
WORLD = world()
COVERAGE = cp.measure_coverage(WORLD, cp.load_circles(STANDARD))
PLAN = cp.measure_coverage(planned(WORLD), cp.load_circles(STANDARD))
COMPARISON = cp.compare({"today": WORLD, "plan": PLAN.world}, cp.load_circles(STANDARD))
PICTURES = {
    "coverage_map": lambda **kw: plotting.coverage_map(COVERAGE, **kw),
    "circles_map": lambda **kw: plotting.circles_map(COVERAGE, **kw),
    "settlement_bars": lambda **kw: plotting.settlement_bars(COVERAGE, **kw),
    "group_bars": lambda **kw: plotting.group_bars(COVERAGE, **kw),
    "place_bars": lambda **kw: plotting.place_bars(COVERAGE, "township", **kw),
    "hierarchy_map": lambda **kw: plotting.hierarchy_map(WORLD, **kw),
    "hierarchy_tree": lambda **kw: plotting.hierarchy_tree(WORLD, **kw),
    "siting_map": lambda **kw: plotting.siting_map(COVERAGE, PLAN, **kw),
    "comparison_bars": lambda **kw: plotting.comparison_bars(COMPARISON, **kw),
    "lorenz_curve": lambda **kw: plotting.lorenz_curve(WORLD.demand.persons, **kw),
    "access_map": lambda **kw: plotting.access_map(WORLD, WORLD.demand.persons, **kw),
    "agreement_map": lambda **kw: plotting.agreement_map(COVERAGE, PLAN, **kw),
    "streets_map": lambda **kw: plotting.streets_map(
        street_world(), cp.Streets(snap_limit_m=9e4), limit=15, **kw
    ),
    "week_hours": lambda **kw: plotting.week_hours(
        cp.hours.measure_weekly_coverage(open_world(), LINE), **kw
    ),
}


def axes() -> Axes:
    """Return empty axes of a figure that pyplot does not know."""
    return Figure(figsize=(9, 6)).add_subplot()


def words(ax: Axes) -> list[str]:
    """Return every text on a picture."""
    return [label.get_text() for label in ax.findobj(Text) if label.get_text()]


@pytest.fixture
def needs_chinese_font():
    """Skip where no Chinese font is installed."""
    if fonts.chinese_family() is None:
        pytest.skip("no Chinese font: install Debian's fonts-wqy-microhei")


def test_every_picture_tried_here_is_public():
    """What the tests draw is what the room offers; measures of upper rooms have tests of their own."""
    assert set(PICTURES) <= set(plotting.__all__)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_draws_on_the_axes_it_is_given_and_returns_them(name):
    """A caller's own axes are used, and their figure keeps its size."""
    ax = axes()
    assert PICTURES[name](ax=ax) is ax
    assert ax.figure.get_size_inches().tolist() == [9, 6]
    ax.figure.canvas.draw()
    assert ax.get_title(loc="left")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_without_axes_makes_its_own(name):
    """In a notebook nobody has to make a figure first."""
    import matplotlib.pyplot as plt

    ax = PICTURES[name]()
    assert isinstance(ax, Axes)
    plt.close(ax.figure)


@pytest.mark.parametrize("name", PICTURES)
def test_chinese_labels_are_drawn_and_not_boxes(name, needs_chinese_font):
    """With a Chinese font every character has a glyph: matplotlib, whose warnings are errors, has none."""
    ax = axes()
    PICTURES[name](ax=ax, lang="zh")
    ax.figure.canvas.draw()
    assert not fonts.is_latin("".join(words(ax)))


@pytest.mark.parametrize("name", PICTURES)
def test_english_labels_need_no_chinese_font(name, monkeypatch):
    """Where the data have English names, an English picture is Latin throughout, demand points apart."""
    monkeypatch.setattr(fonts, "chinese_family", lambda: None)
    ax = axes()
    PICTURES[name](ax=ax, lang="en")
    ax.figure.canvas.draw()
    assert fonts.is_latin("".join(words(ax)))


def test_without_a_chinese_font_a_picture_falls_back_to_english_and_says_so_once(monkeypatch):
    """One warning in both languages, then English labels; boxes are never drawn."""
    monkeypatch.setattr(fonts, "chinese_family", lambda: None)
    fonts._warn_once.cache_clear()
    with pytest.warns(UserWarning, match="No font with Chinese"):
        ax = plotting.coverage_map(COVERAGE, ax=axes(), lang="zh")
    assert "covered: 700 persons" in words(ax)
    plotting.coverage_map(COVERAGE, ax=axes(), lang="zh")  # a second warning would be an error
    fonts._warn_once.cache_clear()


def test_text_for_a_readers_own_fonts_stays_chinese_without_a_font_here(monkeypatch):
    """An SVG holds text, not shapes, so Chinese needs no font on the machine that writes it."""
    monkeypatch.setattr(fonts, "chinese_family", lambda: None)
    drawn = to_svg(lambda ax: plotting.coverage_map(COVERAGE, ax=ax, lang="zh"), name="map", label="x")
    assert "已覆盖：700 人" in drawn


def test_importing_and_drawing_leave_matplotlib_settings_alone():
    """A caller's own pictures look the same before and after."""
    code = (
        "import matplotlib as m; before = dict(m.rcParams); import cultureplan.plotting as p;"
        "import cultureplan as cp; w = cp.load_world('sanheyuan');"
        "c = cp.measure_coverage(w, cp.load_circles('ordos-2014'));"
        "p.coverage_map(c); p.hierarchy_tree(w); assert dict(m.rcParams) == before"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["coverage_map", "siting_map", "hierarchy_tree", "place_bars"])
@pytest.mark.parametrize("hostile", ["$\\frac{a$", "a$b$c", "$x_1$", "{{x}}", "tab\tand\x0bbell\x07"])
def test_a_name_is_never_taken_for_a_formula(name, hostile):
    """Dollars, braces and control characters in a name are shown or dropped, and nothing fails."""
    hostile_world = world(name=hostile)
    coverage = cp.measure_coverage(hostile_world, cp.load_circles(STANDARD))
    plan = cp.measure_coverage(planned(hostile_world), cp.load_circles(STANDARD))
    draw = {
        "coverage_map": lambda ax: plotting.coverage_map(coverage, ax=ax, lang="zh"),
        "siting_map": lambda ax: plotting.siting_map(coverage, plan, ax=ax, lang="zh"),
        "hierarchy_tree": lambda ax: plotting.hierarchy_tree(hostile_world, ax=ax, lang="zh"),
        "place_bars": lambda ax: plotting.place_bars(coverage, "township", ax=ax, lang="zh"),
    }[name]
    assert to_svg(draw, name="x", label=hostile).startswith("<svg")


def test_the_coverage_map_states_how_many_are_covered_and_how_many_not():
    """The legend holds the persons of each colour."""
    shown = words(plotting.coverage_map(COVERAGE, ax=axes()))
    assert "covered: 700 persons" in shown
    assert "not covered: 300 persons" in shown


def test_bars_are_as_long_as_the_persons_they_stand_for():
    """Lengths of a settlement's bars are its persons covered and not covered; the share stands beside."""
    ax = plotting.settlement_bars(COVERAGE, ax=axes())
    widths = [[patch.get_width() for patch in part] for part in ax.containers]
    assert widths == [[500.0, 200.0], [200.0, 100.0]]  # covered, not covered; urban, rural
    assert {"71.4%", "66.7%"} <= set(words(ax))


def test_place_bars_begin_with_the_place_where_most_people_are_left_out():
    """Town 1 has 200 persons uncovered, Town 3 has 100."""
    ax = plotting.place_bars(COVERAGE, "township", ax=axes())
    assert [label.get_text() for label in ax.get_yticklabels()][:2] == ["Town 1", "Town 3"]


def test_place_bars_say_when_they_show_only_some_places():
    """A cut list says how many there are in all."""
    ax = plotting.place_bars(COVERAGE, "township", ax=axes(), n_places=2)
    assert "the 2 of 4" in ax.get_title(loc="left")
    assert len(ax.get_yticklabels()) == 2


def test_bars_by_something_nobody_lives_in_are_refused():
    """No villages: a clear error instead of an empty picture."""
    with pytest.raises(InputError, match="village"):
        plotting.place_bars(COVERAGE, "village")


def test_the_plan_numbers_its_sites_in_the_order_given_and_counts_gains_and_losses():
    """The legend lists the sites as numbered on the map, and who gains and loses."""
    shown = words(plotting.siting_map(COVERAGE, PLAN, order=("N2", "N1"), ax=axes()))
    assert {"1 New two", "2 New one", "newly covered: 300 persons"} <= set(shown)
    assert {"no longer covered: 200 persons", "closed: 1"} <= set(shown)


def test_comparison_bars_show_each_share_and_its_change():
    """The plan's bar carries the difference to today in percentage points."""
    shown = words(plotting.comparison_bars(COMPARISON, ax=axes()))
    assert {"70.0%", "80.0% (+10.0 points)", "today", "plan"} <= set(shown)


def test_the_scale_bar_is_as_long_as_it_says():
    """Its length on the map, in metres, is its label."""
    ax = plotting.hierarchy_map(WORLD, ax=axes())
    bar = next(line for line in ax.lines if line.get_linewidth() == 2.2)
    assert np.ptp(bar.get_xdata()) == pytest.approx(5_000)
    assert "5 km" in words(ax)


def test_a_map_has_the_same_scale_in_both_directions():
    """A circle is a circle."""
    assert plotting.coverage_map(COVERAGE, ax=axes()).get_aspect() == 1.0


def test_a_close_up_shows_only_what_lies_in_it():
    """Points outside the window are not drawn at all, so that a close-up stays small as a file."""
    extent = (X0, Y0, X0 + 8_000, Y0 + 8_000)
    ax = plotting.coverage_map(COVERAGE, ax=axes(), extent=extent, legend=False)
    drawn = sum(len(layer.get_offsets()) for layer in ax.collections if hasattr(layer, "get_sizes"))
    assert drawn == 2 + 3  # two demand points and three facilities
    assert ax.get_legend() is None


def test_dots_grow_with_persons_in_area():
    """Twice the persons, twice the area, between the smallest dot and the largest."""
    ax = canvas.map_axes(axes(), WORLD, None)
    scale = marks.DotScale.of(ax, WORLD)
    assert scale.area(np.array([200.0])) == pytest.approx(2 * scale.area(np.array([100.0])))
    assert scale.area(np.array([0.001]))[0] == scale.smallest
    assert scale.area(np.array([1e9]))[0] == 2 * scale.largest


def test_circles_are_drawn_only_on_land_their_rule_holds_for():
    """With boundaries, the rural circle of a facility in town is not drawn over the town."""
    ax = plotting.circles_map(COVERAGE, ax=axes())
    text = words(ax)
    assert "circle, urban: radius 667 m" in text
    assert "circle, rural: radius 2 km" in text
    assert "land outside the circles" in text


def test_without_boundaries_only_circles_that_reach_their_people_are_drawn():
    """The library in town reaches no rural person, so its rural circle is left out."""
    bare = cp.measure_coverage(world(has_polygons=False), cp.load_circles(STANDARD))
    from cultureplan.plotting.circles import _with_reaching

    kept = _with_reaching(bare, cp.Settlement.RURAL)
    assert set(kept.facilities.ids[kept.facilities.select()]) == {"B2", "S1"}
    assert plotting.circles_map(bare, ax=axes())


@pytest.mark.parametrize("n_rows", [1, 2, 4, 40])
def test_the_tree_counts_every_facility_once(n_rows):
    """However few rows there are, what is drawn and what is summed up are all existing facilities."""

    def count(node: hierarchy._Node) -> int:
        summed = (
            0
            if node.level
            else sum(int(word) for word in node.label.replace(",", " ").split() if word.isdigit())
        )
        return bool(node.level) + summed + sum(map(count, node.children))

    roots = hierarchy._outline(WORLD, "en", n_rows)
    assert sum(map(count, roots)) == 5


def test_pins_move_apart_only_where_they_would_cover_each_other():
    """Sites on one spot part by a pin's width; a site alone keeps its pin."""
    xy = np.array([[0.0, 0.0], [0.0, 0.0], [10.0, 0.0], [500.0, 500.0]])
    moved = siting._spread(xy, 50.0)
    apart = np.hypot(*(moved[:, None] - moved[None]).transpose(2, 0, 1))[np.triu_indices(4, 1)]
    assert apart.min() > 49.0
    assert moved[3].tolist() == [500.0, 500.0]


def test_close_ups_look_where_most_of_the_weight_is():
    """Of two clusters the heavier comes first, and windows are a sixth of the map."""
    big = cp.datasets.synthetic_world(n_demand=400, n_facilities=5, seed=3)
    xy = big.demand.xy
    heavy = np.where(np.hypot(*(xy - xy[0]).T) < 2_000, 100.0, 1.0)
    west, south, east, north = canvas.closeups(big, xy, heavy)[0]
    assert west <= xy[0, 0] <= east
    assert south <= xy[0, 1] <= north
    whole = canvas.world_extent(big)
    assert east - west == pytest.approx(max(whole[2] - whole[0], whole[3] - whole[1]) / 6)


COLOURS = ("COVERED", "UNCOVERED", "NOT_ASSESSED", "NEWLY_COVERED", "LOST", "PROPOSED", "INK")
# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear sRGB
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]
    ],
}  # fmt: skip


def lab(colour: str, vision: np.ndarray) -> np.ndarray:
    """Return CIE L*a*b* of a colour as seen with a kind of vision."""
    srgb = np.asarray(mpl.colors.to_rgb(colour))
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(vision) @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ seen / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISION)
def test_colours_can_be_told_apart_by_colour_blind_readers(vision):
    """Any two colours that can stand on one map differ by more than 15 in CIE76 (2.3 is just noticeable)."""
    seen = {name: lab(getattr(style, name), VISION[vision]) for name in COLOURS}
    for first in COLOURS:
        for second in COLOURS:
            if first < second:
                assert np.linalg.norm(seen[first] - seen[second]) > 15, (first, second)
