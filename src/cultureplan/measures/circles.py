"""Circle standards: how near is near enough, for whom, to how many facilities of which kinds.

A published standard is a TOML file (``data/*.toml``) with clause, source and date. Where its text is
ambiguous, the reading is a named setting with a documented default.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import pandas as pd

from cultureplan.base.errors import Fault, InputError, MissingFileError, UnknownNameError
from cultureplan.base.messages import Lang, text
from cultureplan.base.units import Unit, positive, read_unit
from cultureplan.travel.modes import PlanarMode, StraightLine, TravelMode, Walking
from cultureplan.travel.streets import Streets
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Level, Settlement, kinds_with, vocabulary, word

# name of a set of kinds -> flags in the table of kinds, any of which puts a kind into the set
KIND_SETS: dict[str, tuple[str, ...]] = {
    "any": (),
    "core": ("core",),
    "venues": ("required_venue",),
    "required_venue": ("required_venue",),
    "free_space": ("free_space",),
    "with_mobile": ("core", "mobile"),
}


@dataclass(frozen=True, kw_only=True)
class Need:
    """At least so many facilities of some levels and kinds.

    Parameters
    ----------
    at_least : int
        How many different facilities.
    levels, kinds : tuple of str
        Which ones; empty means any.
    kind_set : str
        Name of the set of kinds, where it has one (``required_venue`` ...); used in words only.
    """

    at_least: int = 1
    levels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    kind_set: str = ""

    def __post_init__(self) -> None:
        if int(self.at_least) != self.at_least or self.at_least < 1:
            raise InputError.of("fault.not_positive", name="at_least", value=self.at_least)
        for level in self.levels:
            if level not in tuple(Level):
                raise UnknownNameError.closest("circles.unknown_level", level, list(Level))

    def eligible(self, facilities: Facilities) -> np.ndarray:
        """Return the row numbers of the existing facilities that count, shape (n,)."""
        return facilities.select(levels=self.levels, kinds=self.kinds)

    def words(self, lang: Lang = "en") -> str:
        """Return the need as a phrase."""
        names = [word("level", level, lang) for level in self.levels]
        if self.kind_set:
            names.append(text(f"circles.set_{self.kind_set}", lang))
        else:
            names += [word("kind", kind, lang) for kind in self.kinds]
        joined = text("circles.or", lang).join(names) or text("circles.any_facility", lang)
        return text("circles.need", lang, n=self.at_least, what=joined)


@dataclass(frozen=True, kw_only=True)
class CircleRule:
    """Who must have what within which limit.

    Parameters
    ----------
    settlement : Settlement
        Whom the rule is for.
    limit : float
        How far is near enough, in the unit of `mode`; inclusive.
    mode : TravelMode
        How the way is measured.
    needs : tuple of Need
        What must be within the limit. A facility that could serve two needs counts for one of them.
    requirement, clause_en, clause_zh, status : str
        Where the rule comes from; ``status`` is ``verified`` or ``to_be_confirmed``.
    """

    settlement: Settlement
    limit: float
    mode: TravelMode
    needs: tuple[Need, ...] = (Need(),)
    requirement: str = ""
    clause_en: str = ""
    clause_zh: str = ""
    status: str = "verified"

    def __post_init__(self) -> None:
        object.__setattr__(self, "settlement", Settlement(self.settlement))
        object.__setattr__(self, "limit", positive("limit", self.limit))
        if not self.needs:
            raise InputError.of("circles.no_need", settlement=str(self.settlement))

    @property
    def unit(self) -> Unit:
        """Unit of the limit."""
        return self.mode.unit

    @property
    def radius_m(self) -> float | None:
        """Straight-line radius of the circle, or None where the way follows streets."""
        return self.mode.radius_m(self.limit) if isinstance(self.mode, PlanarMode) else None

    def eligible(self, facilities: Facilities) -> np.ndarray:
        """Return the row numbers of the existing facilities that serve any of the needs."""
        served = [need.eligible(facilities) for need in self.needs]
        return np.unique(np.concatenate(served))

    def limit_words(self, lang: Lang = "en") -> str:
        """Return the limit with its unit and mode, for example ``15 min on foot (80 m/min, detour 1.2)``."""
        if isinstance(self.mode, Walking):
            return text(
                "circles.limit_walk",
                lang,
                limit=self.limit,
                speed=self.mode.speed_m_per_minute,
                detour=self.mode.detour,
            )
        if isinstance(self.mode, StraightLine) and self.mode.detour == 1.0:
            return text("circles.limit_line", lang, limit=self.limit / 1000)
        if isinstance(self.mode, StraightLine):
            return text("circles.limit_path", lang, limit=self.limit / 1000, detour=self.mode.detour)
        unit = text("circles.minutes" if self.unit == Unit.MINUTES else "circles.metres", lang)
        return text("circles.limit_streets", lang, limit=self.limit, unit=unit)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A named reading of an ambiguous text: what was chosen, what else could be, and why it is open."""

    name: str
    value: float | str
    default: float | str
    choices: tuple[str, ...] = ()
    en: str = ""
    zh: str = ""
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class CircleStandard:
    """A named, dated, sourced set of circle rules, at most one for a settlement type.

    Parameters
    ----------
    id : str
        Short name.
    rules : tuple of CircleRule
        At most one for each settlement type.
    title_en, title_zh, date, source : str
        What it is and where it stands.
    settings : tuple of Setting
        The readings chosen.

    Examples
    --------
    >>> import cultureplan as cp
    >>> own = cp.CircleStandard(
    ...     id="own", rules=(cp.CircleRule(settlement="urban", limit=800, mode=cp.StraightLine()),)
    ... )
    >>> own.rule("urban").radius_m
    800.0
    """

    id: str
    rules: tuple[CircleRule, ...]
    title_en: str = ""
    title_zh: str = ""
    date: str = ""
    source: str = ""
    settings: tuple[Setting, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        seen = [str(rule.settlement) for rule in self.rules]
        twice = {name for name in seen if seen.count(name) > 1}
        if twice or not seen:
            code = "circles.two_rules" if twice else "circles.no_rule"
            raise InputError.of(code, standard=self.id, settlement=", ".join(sorted(twice)))

    def rule(self, settlement: str) -> CircleRule | None:
        """Return the rule for a settlement type, or None where the standard says nothing."""
        return next((rule for rule in self.rules if rule.settlement == settlement), None)

    def along_streets(self, **options: Any) -> Self:
        """Return the same standard with its ways measured along the streets of the world.

        A limit in minutes keeps its walking speed (the detour is the streets' own), a limit in metres is
        measured along the way: the network reading of 2 km and 10 km (ambiguity U-03).

        Parameters
        ----------
        **options
            Further arguments of :class:`~cultureplan.travel.streets.Streets`, such as ``snap_limit_m``.

        Examples
        --------
        >>> import cultureplan as cp
        >>> rule = cp.load_circles("shizuishan-2021").along_streets().rule("urban")
        >>> rule.radius_m is None
        True
        """
        way = Setting(
            name="way",
            value="streets",
            default="straight_line",
            choices=("straight_line", "streets"),
            en=text("circles.way", "en"),
            zh=text("circles.way", "zh"),
            reference="U-03",
        )
        rules = tuple(replace(rule, mode=_on_streets(rule, options)) for rule in self.rules)
        kept = tuple(setting for setting in self.settings if setting.name not in ("detour", "distance"))
        return replace(self, rules=rules, settings=(*kept, way))

    def title(self, lang: Lang = "en") -> str:
        """Return the title in a language."""
        return (self.title_zh if lang == "zh" else self.title_en) or self.id

    def to_frame(self, lang: Lang = "en") -> pd.DataFrame:
        """Return one row a rule: settlement, limit, needs, clause, requirement, status."""
        return pd.DataFrame(
            {
                "settlement": [word("settlement", rule.settlement, lang) for rule in self.rules],
                "limit": [rule.limit_words(lang) for rule in self.rules],
                "needs": [
                    text("circles.and", lang).join(need.words(lang) for need in rule.needs)
                    for rule in self.rules
                ],
                "clause": [rule.clause_zh if lang == "zh" else rule.clause_en for rule in self.rules],
                "requirement": [rule.requirement for rule in self.rules],
                "status": [text(f"circles.{rule.status}", lang) for rule in self.rules],
            }
        )

    def settings_frame(self, lang: Lang = "en") -> pd.DataFrame:
        """Return one row a setting: name, value, default, choices, meaning, reference."""
        return pd.DataFrame(
            {
                "setting": [s.name for s in self.settings],
                "value": [str(s.value) for s in self.settings],
                "default": [str(s.default) for s in self.settings],
                "choices": [" | ".join(s.choices) for s in self.settings],
                "meaning": [s.zh if lang == "zh" else s.en for s in self.settings],
                "reference": [s.reference for s in self.settings],
            }
        )


def _on_streets(rule: CircleRule, options: Mapping[str, Any]) -> TravelMode:
    """Return the mode of a rule along streets: same unit, same walking speed."""
    if isinstance(rule.mode, Walking):
        return Streets(speed_m_per_minute=rule.mode.speed_m_per_minute, **options)
    return Streets(unit=rule.unit, **options) if isinstance(rule.mode, StraightLine) else rule.mode


def circle_names() -> tuple[str, ...]:
    """Return the names of the circle standards that come with the library."""
    folder = resources.files("cultureplan.measures").joinpath("data")
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def load_circles(name: str | Path, **settings: float | str) -> CircleStandard:
    """Return a circle standard that comes with the library, or one from a TOML file.

    Parameters
    ----------
    name : str or Path
        ``ordos-2014``, ``shizuishan-2021``, ``zhejiang-2022``, ``gb50180-2018``, or the path of a file
        of the same form.
    **settings
        Readings other than the defaults, for example ``speed_m_per_minute=60``.

    Returns
    -------
    CircleStandard

    Raises
    ------
    UnknownNameError
        For an unknown standard or setting, naming the closest one.
    MissingFileError, InputError
        If the file is not there, or is not a circle standard.

    Examples
    --------
    >>> import cultureplan as cp
    >>> cp.load_circles("ordos-2014", speed_m_per_minute=60).rule("urban").radius_m
    500.0
    """
    if str(name) in circle_names():
        file = resources.files("cultureplan.measures").joinpath("data", f"{name}.toml")
        source = file.read_text(encoding="utf-8")
    elif str(name).endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise MissingFileError.of("circles.no_file", path=str(name))
        source = path.read_text(encoding="utf-8")
    else:
        raise UnknownNameError.closest("circles.unknown", str(name), circle_names())
    try:
        document = tomllib.loads(source)
        return _read_standard(document, settings)
    except tomllib.TOMLDecodeError as error:
        raise InputError.of("circles.not_toml", path=str(name), why=str(error)) from None
    except KeyError as error:
        raise InputError.of("circles.missing_key", path=str(name), key=str(error.args[0])) from None


def _read_standard(document: Mapping[str, Any], given: Mapping[str, float | str]) -> CircleStandard:
    specs = document.get("settings", {})
    settings = tuple(_read_setting(key, specs[key], given.get(key)) for key in specs)
    for key in given:
        if key not in specs:
            raise UnknownNameError.closest("circles.unknown_setting", key, specs, standard=document["id"])
    chosen = MappingProxyType({setting.name: setting.value for setting in settings})
    rules = [
        _read_rule(rule, chosen)
        for rule in document["rules"]
        if all(chosen[key] == value for key, value in rule.get("only_if", {}).items())
    ]
    return CircleStandard(
        id=document["id"],
        rules=tuple(rules),
        title_en=document.get("title_en", ""),
        title_zh=document.get("title_zh", ""),
        date=str(document.get("date", "")),
        source=document.get("source", ""),
        settings=settings,
    )


def _read_setting(name: str, spec: Mapping[str, Any], given: float | str | None) -> Setting:
    default, choices = spec["default"], tuple(spec.get("choices", ()))
    value = default if given is None else given
    if choices and value not in choices:
        raise UnknownNameError.closest("circles.bad_choice", str(value), choices, setting=name)
    if not choices:
        value = positive(name, value)  # type: ignore[arg-type]
    return Setting(
        name=name,
        value=value,
        default=default,
        choices=choices,
        en=spec.get("en", ""),
        zh=spec.get("zh", ""),
        reference=spec.get("reference", ""),
    )


def _read_rule(rule: Mapping[str, Any], chosen: Mapping[str, float | str]) -> CircleRule:
    def value(key: str, default: Any = None) -> Any:
        found = rule.get(key, default)
        named = isinstance(found, str) and found.startswith("$")
        return chosen[found[1:]] if named else found

    limit, unit = positive("limit", rule["limit"]), read_unit(rule["unit"])
    if value("measure") == "walk":
        limit, unit = positive("walk_limit_minutes", rule["walk_limit_minutes"]), Unit.MINUTES
    if value("circle") == "diameter":
        limit = limit / 2
    detour = float(chosen.get("detour", 1.2))
    mode: TravelMode
    if unit == Unit.MINUTES:
        mode = Walking(speed_m_per_minute=float(chosen.get("speed_m_per_minute", 80.0)), detour=detour)
    else:
        mode = StraightLine(detour=detour if value("path") == "with_detour" else 1.0)
    return CircleRule(
        settlement=_settlement(rule["settlement"]),
        limit=limit,
        mode=mode,
        needs=tuple(_read_need(need, chosen) for need in rule.get("needs", [{}])),
        requirement=rule.get("requirement", ""),
        clause_en=rule.get("clause_en", ""),
        clause_zh=rule.get("clause_zh", ""),
        status=rule.get("status", "to_be_confirmed"),
    )


def _settlement(name: str) -> Settlement:
    stored = vocabulary("settlement").get(str(name).lower())
    if stored is None:
        raise InputError(
            Fault(
                code="fault.not_one_of",
                values={
                    "name": "settlement",
                    "value": name,
                    "known": ", ".join(Settlement),
                    "closest": "urban",
                },
            )
        )
    return Settlement(stored)


def _read_need(need: Mapping[str, Any], chosen: Mapping[str, float | str]) -> Need:
    kinds = need.get("kinds", "any")
    if isinstance(kinds, str):
        kinds = chosen[kinds[1:]] if kinds.startswith("$") else kinds
    at_least, levels = need.get("at_least", 1), tuple(need.get("levels", ()))
    if not isinstance(kinds, str):
        return Need(at_least=at_least, levels=levels, kinds=tuple(kinds))
    if kinds not in KIND_SETS:
        raise UnknownNameError.closest("circles.unknown_kind_set", kinds, KIND_SETS)
    flags = KIND_SETS[kinds]
    named = tuple(dict.fromkeys(kind for flag in flags for kind in kinds_with(flag)))
    return Need(at_least=at_least, levels=levels, kinds=named, kind_set=kinds)
