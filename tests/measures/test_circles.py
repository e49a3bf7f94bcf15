"""Circle standards: the published figures, their readings, and what is not a standard."""

from __future__ import annotations

from pathlib import Path

import pytest

import cultureplan as cp
from cultureplan.base.errors import InputError, MissingFileError, UnknownNameError
from cultureplan.measures.circles import KIND_SETS


@pytest.mark.parametrize(
    ("name", "settlement", "limit", "unit", "radius_m"),
    [
        ("ordos-2014", "urban", 10, "minutes", 800 / 1.2),
        ("ordos-2014", "rural", 2_000, "m", 2_000),
        ("ordos-2014", "pastoral", 10_000, "m", 10_000),
        ("shizuishan-2021", "urban", 15, "minutes", 1_000),
        ("zhejiang-2022", "urban", 1_000, "m", 1_000),
        ("zhejiang-2022", "rural", 1_500, "m", 1_500),
        ("gb50180-2018", "urban", 1_000, "m", 1_000),
    ],
)
def test_published_limits(name: str, settlement: str, limit: float, unit: str, radius_m: float) -> None:
    """The papers' own numbers (O-COV-01..03, S-COV-01, LC-03, LC-11), with the default readings."""
    rule = cp.load_circles(name).rule(settlement)
    assert rule is not None
    assert (rule.limit, str(rule.unit)) == (limit, unit)
    assert rule.radius_m == pytest.approx(radius_m, rel=1e-12)
    assert rule.status == "verified"


def test_shizuishan_says_nothing_about_villages_and_pastures() -> None:
    """The plan has an urban circle only (S-COV-01); silence is not a rule of zero."""
    standard = cp.load_circles("shizuishan-2021")
    assert standard.rule("rural") is None
    assert standard.rule("pastoral") is None


def test_zhejiang_asks_for_one_required_venue_and_two_free_spaces() -> None:
    """Three facilities, not one (LC-11)."""
    needs = cp.load_circles("zhejiang-2022").rule("urban").needs  # type: ignore[union-attr]
    assert [need.at_least for need in needs] == [1, 2]


@pytest.mark.parametrize(
    ("name", "settings", "settlement", "radius_m"),
    [
        ("ordos-2014", {"speed_m_per_minute": 50}, "urban", 500 / 1.2),
        ("ordos-2014", {"detour": 1.0}, "urban", 800),
        ("ordos-2014", {"circle": "diameter"}, "rural", 1_000),
        ("ordos-2014", {"distance": "with_detour"}, "pastoral", 10_000 / 1.2),
        ("zhejiang-2022", {"measure": "walk"}, "rural", 1_000),
        ("gb50180-2018", {"tier": "10_minutes"}, "urban", 500),
    ],
)
def test_every_other_reading_changes_the_circle(
    name: str, settings: dict[str, object], settlement: str, radius_m: float
) -> None:
    """What is ambiguous is a named setting."""
    rule = cp.load_circles(name, **settings).rule(settlement)  # type: ignore[arg-type]
    assert rule is not None
    assert rule.radius_m == pytest.approx(radius_m, rel=1e-12)


def test_what_counts_as_a_facility_is_a_setting() -> None:
    """Mobile stops count only where the user says so (U-01)."""
    core = cp.load_circles("ordos-2014").rule("urban").needs[0]  # type: ignore[union-attr]
    mobile = cp.load_circles("ordos-2014", counts="with_mobile").rule("urban").needs[0]  # type: ignore[union-attr]
    anything = cp.load_circles("ordos-2014", counts="any").rule("urban").needs[0]  # type: ignore[union-attr]
    assert "library" in core.kinds
    assert "mobile_stop" not in core.kinds
    assert "square" not in core.kinds
    assert set(mobile.kinds) - set(core.kinds) == {"mobile_stop"}
    assert anything.kinds == ()


@pytest.mark.parametrize("name", cp.circle_names())
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_bundled_standard_tells_itself_in_both_languages(name: str, lang: str) -> None:
    """Title, rules and settings have words; nothing is left empty."""
    standard = cp.load_circles(name)
    rules, settings = standard.to_frame(lang), standard.settings_frame(lang)  # type: ignore[arg-type]
    assert standard.title(lang)
    assert standard.date
    assert standard.source
    assert (rules[["limit", "needs", "clause", "requirement"]] != "").to_numpy().all()
    assert (settings[["meaning", "reference"]] != "").to_numpy().all()


@pytest.mark.parametrize("kind_set", KIND_SETS)
def test_every_set_of_kinds_has_words(kind_set: str) -> None:
    """A need says what it is."""
    assert cp.Need(kind_set=kind_set).words("zh")
    assert cp.Need(kind_set=kind_set).words("en")


def test_unknown_names_are_answered_with_the_closest(tmp_path: Path) -> None:
    """Standard, setting, choice and file: one clear error each."""
    with pytest.raises(UnknownNameError, match="'ordos-2014'"):
        cp.load_circles("ordos2014")
    with pytest.raises(UnknownNameError, match="'speed_m_per_minute'"):
        cp.load_circles("ordos-2014", speed=80)
    with pytest.raises(UnknownNameError, match="'diameter'"):
        cp.load_circles("ordos-2014", circle="diametre")
    with pytest.raises(MissingFileError, match=r"mine\.toml"):
        cp.load_circles(tmp_path / "mine.toml")
    with pytest.raises(InputError, match="speed_m_per_minute"):
        cp.load_circles("ordos-2014", speed_m_per_minute=-3)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("id = 'x'\nrules = [", "not valid TOML"),
        ("id = 'x'\n", "'rules'"),
        ("id = 'x'\n[[rules]]\nsettlement='urban'\nunit='m'\n", "'limit'"),
        ("id = 'x'\n[[rules]]\nsettlement='moon'\nunit='m'\nlimit=1\n", "settlement"),
        ("id = 'x'\n[[rules]]\nsettlement='urban'\nunit='km'\nlimit=1\n", "km"),
        ("id = 'x'\n[[rules]]\nsettlement='urban'\nunit='m'\nlimit=-1\n", "limit"),
        (
            "id='x'\n[[rules]]\nsettlement='urban'\nunit='m'\nlimit=1\n" * 1
            + "[[rules]]\nsettlement='城镇'\nunit='m'\nlimit=2\n",
            "more than one rule",
        ),
        ("id='x'\nrules=[]\n", "no rule"),
        ("id='x'\n[[rules]]\nsettlement='urban'\nunit='m'\nlimit=1\nneeds=[{kinds='coer'}]\n", "'core'"),
    ],
)
def test_a_file_that_is_no_standard_says_why(tmp_path: Path, content: str, words: str) -> None:
    """A user's own file gets the same care as a table."""
    path = tmp_path / "own.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises((InputError, UnknownNameError), match=words):
        cp.load_circles(path)


def test_a_users_own_file_is_read_like_a_bundled_one(tmp_path: Path) -> None:
    """Chinese settlement names are understood."""
    path = tmp_path / "own.toml"
    path.write_text(
        "id='own'\n[[rules]]\nsettlement='牧区'\nunit='m'\nlimit=5000\nneeds=[{kinds=['mobile_stop']}]\n",
        encoding="utf-8",
    )
    rule = cp.load_circles(path).rule("pastoral")
    assert rule is not None
    assert rule.needs[0].kinds == ("mobile_stop",)


def test_a_standard_along_streets_keeps_limit_unit_and_speed_and_says_so() -> None:
    """On the streets of Wuhan fewer people are inside than by the straight line without a detour."""
    world = cp.load_world("wuhan")
    direct = cp.load_circles("shizuishan-2021", detour=1.0, speed_m_per_minute=70)
    along = direct.along_streets()
    rule = along.rule("urban")
    assert rule is not None
    assert (rule.limit, str(rule.unit), rule.mode.speed_m_per_minute) == (15, "minutes", 70)  # type: ignore[attr-defined]
    assert "way" in along.settings_frame()["setting"].to_numpy()
    assert str(cp.load_circles("ordos-2014").along_streets().rule("rural").unit) == "m"  # type: ignore[union-attr]
    by_line, by_street = (cp.measure_coverage(world, way).is_covered for way in (direct, along))
    assert by_street.sum() < by_line.sum()
    assert not (by_street & ~by_line).any()
