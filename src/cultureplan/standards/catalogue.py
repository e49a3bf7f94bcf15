"""Policy standards: named, dated, sourced sets of requirements, read from TOML files."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Self

import pandas as pd

from cultureplan.base.checks import FaultList
from cultureplan.base.errors import InputError, MissingFileError, UnknownNameError
from cultureplan.base.messages import Lang, text
from cultureplan.measures.circles import CircleStandard, Setting, load_circles
from cultureplan.standards.document import read_requirements
from cultureplan.standards.readings import Reading, read_settings
from cultureplan.standards.requirement import Requirement
from cultureplan.standards.words import policy_word
from cultureplan.world.levels import word


@dataclass(frozen=True, kw_only=True)
class Standard:
    """A named, dated, sourced set of requirements.

    Parameters
    ----------
    id : str
        Short name.
    requirements : tuple of Requirement
        In the order of the paper; ids are unique.
    title_en, title_zh, date, source : str
        What it is and where it stands.
    settings : tuple of Setting
        The readings chosen where the text is ambiguous.
    circles : CircleStandard, optional
        The circle rules that belong to it.
    governance : str
        Name of the governance data of the same place, empty where there is none.
    """

    id: str
    requirements: tuple[Requirement, ...]
    title_en: str = ""
    title_zh: str = ""
    date: str = ""
    source: str = ""
    settings: tuple[Setting, ...] = field(default=(), repr=False)
    circles: CircleStandard | None = field(default=None, repr=False)
    governance: str = ""

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Ids of the requirements, in order."""
        return tuple(requirement.id for requirement in self.requirements)

    @cached_property
    def readings(self) -> Mapping[str, Reading]:
        """Value of each setting by its name."""
        return {setting.name: setting.value for setting in self.settings}

    def title(self, lang: Lang = "en") -> str:
        """Return the title in a language."""
        return (self.title_zh if lang == "zh" else self.title_en) or self.id

    def requirement(self, id: str) -> Requirement:  # noqa: A002
        """Return one requirement.

        Raises
        ------
        UnknownNameError
            Naming the closest id.
        """
        if id not in self.ids:
            raise UnknownNameError.closest("standards.unknown_requirement", id, self.ids, standard=self.id)
        return self.requirements[self.ids.index(id)]

    def select(
        self,
        *,
        ids: Iterable[str] = (),
        types: Iterable[str] = (),
        checkability: Iterable[str] = (),
        levels: Iterable[str] = (),
    ) -> Self:
        """Return the standard with some of its requirements only; what is empty leaves all."""
        for name in ids:
            self.requirement(name)
        asked = {
            "id": frozenset(ids),
            "type": frozenset(types),
            "checkability": frozenset(checkability),
            "levels": frozenset(levels),
        }

        def is_asked(requirement: Requirement) -> bool:
            for name, wanted in asked.items():
                has = getattr(requirement, name)
                if wanted and not wanted & set(has if isinstance(has, tuple) else (has,)):
                    return False
            return True

        kept = tuple(requirement for requirement in self.requirements if is_asked(requirement))
        return dataclasses.replace(self, requirements=kept)

    def with_thresholds(self, thresholds: Mapping[str, float | tuple[float, str]]) -> Self:
        """Return the standard with figures of the user's, where the paper gives none or others are wanted.

        Parameters
        ----------
        thresholds : Mapping[str, float or (float, unit)]
            Figure by requirement id, in the requirement's unit; with a unit of its own where the paper
            names none.

        Raises
        ------
        UnknownNameError
            For an unknown requirement or unit.
        InputError
            For a figure without a unit, or above the requirement's upper end.
        """
        changed = {name: _with_figure(self.requirement(name), value) for name, value in thresholds.items()}
        rows = tuple(changed.get(requirement.id, requirement) for requirement in self.requirements)
        return dataclasses.replace(self, requirements=rows)

    def to_frame(self, lang: Lang = "en") -> pd.DataFrame:
        """Return one row a requirement, worded in a language.

        Returns
        -------
        DataFrame, index requirement
            ``clause``, ``type``, ``levels``, ``settlement``, ``limit``, ``period``, ``responsible``,
            ``how``, ``status``, ``note``, ``source``.
        """
        rows = [
            {
                "requirement": r.id,
                "clause": r.clause(lang),
                "type": policy_word("type", r.type, lang),
                "levels": text("fault.comma", lang).join(word("place_level", x, lang) for x in r.levels),
                "settlement": _settlement_words(r.settlement, lang),
                "limit": r.limit_words(lang),
                "period": r.period,
                "responsible": text("fault.comma", lang).join(
                    policy_word("function", x, lang) for x in r.responsible
                ),
                "how": text(f"metrics.{r.measure or 'record'}", lang),
                "status": policy_word("status", r.status, lang),
                "note": r.note(lang),
                "source": r.source,
            }
            for r in self.requirements
        ]
        return pd.DataFrame(rows).set_index("requirement")

    def settings_frame(self, lang: Lang = "en") -> pd.DataFrame:
        """Return one row a setting: value, default, choices, meaning, reference."""
        own = self.settings + (self.circles.settings if self.circles else ())
        return pd.DataFrame(
            {
                "setting": [s.name for s in own],
                "value": [str(s.value) for s in own],
                "default": [str(s.default) for s in own],
                "choices": [" | ".join(s.choices) for s in own],
                "meaning": [s.zh if lang == "zh" else s.en for s in own],
                "reference": [s.reference for s in own],
            }
        )


def standard_names() -> tuple[str, ...]:
    """Return the names of the standards that come with the library."""
    folder = resources.files("cultureplan.standards").joinpath("data")
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def standards_frame(lang: Lang = "en") -> pd.DataFrame:
    """Return one row a standard that comes with the library.

    Returns
    -------
    DataFrame, index standard
        ``title``, ``date``, ``n_requirements``, ``n_verified``, ``n_with_figure``, ``source``.
    """
    rows = []
    for name in standard_names():
        standard = load_standard(name)
        rows.append(
            {
                "standard": name,
                "title": standard.title(lang),
                "date": standard.date,
                "n_requirements": len(standard.requirements),
                "n_verified": sum(r.status == "verified" for r in standard.requirements),
                "n_with_figure": sum(r.threshold is not None for r in standard.requirements),
                "source": standard.source,
            }
        )
    return pd.DataFrame(rows).set_index("standard")


def load_standard(name: str | Path, **settings: Reading) -> Standard:
    """Return a policy standard that comes with the library, or one from a TOML file.

    Parameters
    ----------
    name : str or Path
        ``ordos-2014``, ``shizuishan-2021``, ``kundulun-2020`` ... (:func:`standard_names`), or the path of
        a file of the same form.
    **settings
        Readings other than the defaults; settings of the circle rules are understood too, for example
        ``speed_m_per_minute=60``.

    Returns
    -------
    Standard

    Raises
    ------
    UnknownNameError
        For an unknown standard or setting, naming the closest one.
    MissingFileError, InputError
        If the file is not there, or has faults; all faults are listed at once.

    Examples
    --------
    >>> import cultureplan as cp
    >>> ordos = cp.load_standard("ordos-2014")
    >>> ordos.requirement("O-COL-01").limit_words()
    'at least 5,000 volumes'
    """
    if str(name) in standard_names():
        file = resources.files("cultureplan.standards").joinpath("data", f"{name}.toml")
        source = file.read_text(encoding="utf-8")
    elif str(name).endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise MissingFileError.of("standards.no_file", path=str(name))
        source = path.read_text(encoding="utf-8")
    else:
        raise UnknownNameError.closest("standards.unknown", str(name), standard_names())
    try:
        document = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise InputError.of("circles.not_toml", path=str(name), why=str(error)) from None
    return _read_standard(document, settings, file=Path(str(name)).name)


def _read_standard(document: Mapping[str, Any], given: Mapping[str, Reading], *, file: str) -> Standard:
    for key in ("id", "requirements"):
        if key not in document:
            raise InputError.of("standards.missing_key", path=file, key=key)
    specs = document.get("settings", {})
    circles, for_circles = None, {}
    if "circles" in document:
        known = {setting.name for setting in load_circles(document["circles"]).settings}
        for_circles = {name: value for name, value in given.items() if name in known}
        circles = load_circles(document["circles"], **for_circles)
    own = {name: value for name, value in given.items() if name not in for_circles}
    known_names = {**specs, **({s.name: {} for s in circles.settings} if circles else {})}
    for name in own:
        if name not in specs:
            raise UnknownNameError.closest(
                "circles.unknown_setting", name, known_names, standard=document["id"]
            )
    settings = read_settings(specs, own, standard=document["id"])
    faults = FaultList()
    requirements = read_requirements(document["requirements"], circles=circles, file=file, faults=faults)
    faults.raise_if_any(InputError)
    chosen = {setting.name: setting.value for setting in settings}
    return Standard(
        id=document["id"],
        requirements=tuple(r for r in requirements if _is_chosen(r, chosen, circles)),
        title_en=document.get("title_en", ""),
        title_zh=document.get("title_zh", ""),
        date=str(document.get("date", "")),
        source=document.get("source", ""),
        settings=settings,
        circles=circles,
        governance=document.get("governance", ""),
    )


def _is_chosen(
    requirement: Requirement, chosen: Mapping[str, Reading], circles: CircleStandard | None
) -> bool:
    """Return whether the readings chosen keep a requirement (two texts may name two offices)."""
    if requirement.check.get("only_if_rule") and circles is not None:
        return any(rule.requirement == requirement.id for rule in circles.rules)
    wanted: Mapping[str, list[Reading]] = requirement.check.get("only_if", {})
    return all(chosen.get(name) in values for name, values in wanted.items())


def _with_figure(requirement: Requirement, value: float | tuple[float, str]) -> Requirement:
    figure, unit = value if isinstance(value, tuple) else (value, requirement.unit)
    if requirement.measure == "circle":
        raise InputError.of("standards.circle_figure", name=requirement.id)
    if not unit:
        raise InputError.of("standards.figure_without_unit", name=requirement.id)
    if unit != requirement.unit and requirement.unit:
        raise InputError.of("standards.other_unit", name=requirement.id, got=unit, unit=requirement.unit)
    if requirement.upper is not None and figure > requirement.upper:
        raise InputError.of(
            "standards.bounds_contradict", name=requirement.id, low=figure, high=requirement.upper
        )
    # a clause that only asked for a report is now a minimum
    judged = ">=" if requirement.comparison in ("report", "present") else requirement.comparison
    return dataclasses.replace(
        requirement, threshold=float(figure), unit=unit, comparison=judged, status="user"
    )


def _settlement_words(settlement: str, lang: Lang) -> str:
    if settlement == "any":
        return text("standards.any_settlement", lang)
    return text("circles.or", lang).join(word("settlement", x, lang) for x in settlement.split("+"))
