"""Numbers, ways and names as people read them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultureplan.plotting import wording
from tests.plotting.worlds import world


@given(st.floats(0, 1))
def test_a_share_is_zero_or_whole_only_when_it_is(share):
    """99.96 % of the people is not everybody, and one person is not nobody."""
    words = wording.share_words(share)
    assert (words == "100.0%") == (share == 1)
    assert (words == "0.0%") == (share == 0)


@pytest.mark.parametrize(
    ("length_m", "en", "zh"),
    [(0, "0 m", "0 米"), (999.4, "999 m", "999 米"), (999.6, "1 km", "1 公里"), (2_349, "2.3 km", "2.3 公里"),
     (123_456, "123 km", "123 公里"), (math.nan, "–", "–")],
)  # fmt: skip
def test_a_length_is_metres_below_a_kilometre(length_m, en, zh):
    """The unit changes where people change it."""
    assert wording.length_words(length_m, "en") == en
    assert wording.length_words(length_m, "zh") == zh


def test_a_cost_says_its_unit_and_unreachable_is_a_dash():
    """Minutes with a decimal, metres as lengths; infinity is no number."""
    assert wording.cost_words(9.44, "minutes") == "9.4 min"
    assert wording.cost_words(15.0, "minutes", "zh") == "15 分钟"
    assert wording.cost_words(1500.0, "m") == "1.5 km"
    assert wording.cost_words(math.inf, "m") == "–"


@pytest.mark.parametrize(("value", "words"), [(0.0, "0"), (-0.2, "0"), (1234.6, "+1,235"), (-7.0, "−7")])
def test_a_change_carries_its_sign(value, words):
    """Nothing is +0 or −0."""
    assert wording.signed_words(value) == words


def test_points_are_percentage_points():
    """A share of 0.8 after 0.7 is ten points more, not 14 percent."""
    assert wording.points_words(0.1) == "+10.0 points"
    assert wording.points_words(-0.003, "zh") == "−0.3 个百分点"


@given(st.text(), st.integers(2, 40))
def test_a_shortened_label_fits_its_width(label, width):
    """A Chinese character counts for two; a label that fits is left as it is."""
    cut = wording.short(label, width)
    assert wording.label_width(cut) <= max(width, 1) + 1
    if wording.label_width(label) <= width:
        assert cut == label


@given(st.text())
def test_a_clean_label_is_one_line_without_control_characters(label):
    """What XML, Excel and a line of CSV cannot hold is gone."""
    assert all(character.isprintable() for character in wording.clean(label))


def test_names_follow_the_language():
    """The English name where there is one, the own name in Chinese."""
    small = world()
    assert wording.shown_names(small.facilities, "en")["H"] == "Head Library"
    assert wording.shown_names(small.facilities, "zh")["H"] == "东区总馆"


def test_a_demand_point_without_an_english_name_is_named_after_its_place():
    """Alone in its place it takes the place's name; with others, the place's and its own."""
    names = wording.demand_names(world(), "en")
    assert names["D3"] == "Town 1"
    assert names["D1"] == "Town 0 · 石桥甲"
    assert wording.demand_names(world(), "zh")["D3"] == "石桥丙"


def test_a_site_without_a_name_is_named_after_the_people_next_to_it():
    """A grid point says nothing to a mayor; the village beside it does."""
    small = world()
    frame = small.facilities.frame
    frame.loc[frame["facility_id"] == "S1", ["name", "name_en"]] = ["S1", None]
    import cultureplan as cp

    named = wording.site_names(small.with_facilities(cp.Facilities(frame)), "zh")
    assert named["S1"] == "石桥戊附近"
    assert named["H"] == "东区总馆"
