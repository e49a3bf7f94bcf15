"""Governance of a place as data: bodies, member units, duties and what is odd about the papers."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from cultureplan.base.checks import FaultList
from cultureplan.base.errors import Fault, InputError, MissingFileError, UnknownNameError
from cultureplan.base.messages import Lang
from cultureplan.standards.words import values_of
from cultureplan.world.levels import PlaceLevel


@dataclass(frozen=True, kw_only=True)
class Body:
    """A leading or coordination group, with the unit that hosts its office."""

    id: str
    kind: str
    level: str
    name_zh: str
    head_zh: str = ""
    deputy_zh: str = ""
    office_host_zh: str = ""
    office_functions: tuple[str, ...] = ()
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class Member:
    """A unit that belongs to a body, with its normalised functions."""

    body: str
    unit: str
    functions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What a clause makes a unit do, in which role, on which themes."""

    id: str
    unit: str
    functions: tuple[str, ...]
    role: str
    themes: tuple[str, ...]
    clause_zh: str
    clause_en: str
    source: str = ""

    def clause(self, lang: Lang = "en") -> str:
        """Return the clause in a language."""
        return self.clause_zh if lang == "zh" else self.clause_en


@dataclass(frozen=True, kw_only=True)
class Anomaly:
    """Something odd in a paper that is reported, not hidden."""

    id: str
    kind: str
    detail_en: str
    detail_zh: str

    def detail(self, lang: Lang = "en") -> str:
        """Return what is odd, in a language."""
        return self.detail_zh if lang == "zh" else self.detail_en


@dataclass(frozen=True, kw_only=True)
class Governance:
    """Bodies, members and duties of one place, as its paper lays them down.

    Parameters
    ----------
    id, title_en, title_zh : str
        Name of the data, and what people call it.
    standard : str
        Name of the policy standard of the same paper.
    bodies, members, duties, anomalies : tuple
        As in the paper; a unit named twice is kept twice.
    aliases : Mapping[str, tuple of str]
        Name in the duty list -> name or names in the member list.
    outsiders : tuple of str
        Units with duties that the member list leaves out.
    rules : Mapping[str, str]
        Deliberation rule -> requirement in which its figure stands.
    """

    id: str
    standard: str
    title_en: str = ""
    title_zh: str = ""
    bodies: tuple[Body, ...] = ()
    members: tuple[Member, ...] = ()
    duties: tuple[Duty, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    outsiders: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict, hash=False)

    def title(self, lang: Lang = "en") -> str:
        """Return the title in a language."""
        return (self.title_zh if lang == "zh" else self.title_en) or self.id

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Names of the member units, each once, in the order of the paper."""
        return tuple(dict.fromkeys(member.unit for member in self.members))

    def members_of(self, unit: str) -> tuple[str, ...]:
        """Return the member units that a name in the duty list stands for."""
        return self.aliases.get(unit, (unit,))

    def duties_of(self, unit: str) -> tuple[Duty, ...]:
        """Return the duties of a member unit, those under another name of it included."""
        return tuple(duty for duty in self.duties if unit in self.members_of(duty.unit))

    def units_with(self, function: str) -> tuple[str, ...]:
        """Return the units that have a function: members first, then others the duty list names."""
        own = [member.unit for member in self.members if function in member.functions]
        others = [
            duty.unit for duty in self.duties if function in duty.functions and duty.unit in self.outsiders
        ]
        return tuple(dict.fromkeys([*own, *others]))

    @cached_property
    def office_units(self) -> tuple[str, ...]:
        """Units that host the office of the body."""
        functions = [code for body in self.bodies for code in body.office_functions]
        return tuple(dict.fromkeys(unit for code in functions for unit in self.units_with(code)))


def names() -> tuple[str, ...]:
    """Return the names of the governance data that come with the library."""
    folder = resources.files("cultureplan.governance").joinpath("data")
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))


def load(name: str | Path) -> Governance:
    """Return the governance of a place that comes with the library, or one from a TOML file.

    Parameters
    ----------
    name : str or Path
        ``shizuishan-2021``, ``kundulun-2020``, ``jilin-2014`` ... (:func:`names`), or the path of a file of
        the same form.

    Raises
    ------
    UnknownNameError
        For an unknown name, naming the closest one.
    MissingFileError, InputError
        If the file is not there, or has faults (a duty of an unknown unit, a body above itself ...): all
        of them are listed.

    Examples
    --------
    >>> from cultureplan import governance
    >>> len(governance.load("shizuishan-2021").units)
    22
    """
    if str(name) in names():
        file = resources.files("cultureplan.governance").joinpath("data", f"{name}.toml")
        source = file.read_text(encoding="utf-8")
    elif str(name).endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise MissingFileError.of("governance.no_file", path=str(name))
        source = path.read_text(encoding="utf-8")
    else:
        raise UnknownNameError.closest("governance.unknown", str(name), names())
    try:
        document = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise InputError.of("circles.not_toml", path=str(name), why=str(error)) from None
    return _read(document, file_name=Path(str(name)).name)


def _read(document: Mapping[str, Any], *, file_name: str) -> Governance:
    faults = FaultList()

    def note(code: str, row: str, **values: object) -> None:
        faults.extend([Fault(code=code, values=values, file=file_name, rows=(row,), n_rows=1)])

    try:
        governance = Governance(
            id=document["id"],
            standard=document.get("standard", ""),
            title_en=document.get("title_en", ""),
            title_zh=document.get("title_zh", ""),
            bodies=tuple(Body(**_tuples(row)) for row in document.get("bodies", ())),
            members=tuple(Member(**_tuples(row)) for row in document.get("members", ())),
            duties=tuple(Duty(**_tuples(row)) for row in document.get("duties", ())),
            anomalies=tuple(Anomaly(**row) for row in document.get("anomalies", ())),
            aliases={row["name"]: tuple(row["unit"].split("|")) for row in document.get("aliases", ())},
            outsiders=tuple(document.get("outsiders", ())),
            rules={row["rule"]: row["requirement"] for row in document.get("rules", ())},
        )
    except (KeyError, TypeError) as error:
        raise InputError.of("governance.bad_row", path=file_name, why=str(error)) from None
    _validate_bodies(governance, note)
    _validate_units(governance, note)
    faults.raise_if_any(InputError)
    return governance


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def _validate_bodies(governance: Governance, note: Any) -> None:
    parents = {body.id: body.parent for body in governance.bodies}
    for body in governance.bodies:
        if body.level not in tuple(PlaceLevel):
            note(
                "governance.unknown_word", body.id, key="level", value=body.level, known=", ".join(PlaceLevel)
            )
        if body.parent and body.parent not in parents:
            note("governance.unknown_body", body.id, body=body.parent)
        seen, above = {body.id}, body.parent
        while above:
            if above in seen:
                note("governance.cyclic_body", body.id)
                break
            seen.add(above)
            above = parents.get(above, "")


def _validate_units(governance: Governance, note: Any) -> None:
    bodies = {body.id for body in governance.bodies}
    known = {*governance.units, *governance.outsiders}
    for member in governance.members:
        if member.body not in bodies:
            note("governance.unknown_body", member.unit, body=member.body)
        _validate_words(member.unit, "function", member.functions, note)
    for name, units in governance.aliases.items():
        for unit in units:
            if unit not in known:
                note("governance.unknown_unit", name, unit=unit)
    seen: set[str] = set()
    for duty in governance.duties:
        if duty.id in seen:
            note("governance.repeated_duty", duty.id)
        seen.add(duty.id)
        if duty.unit not in known and duty.unit not in governance.aliases:
            note("governance.unknown_unit", duty.id, unit=duty.unit)
        _validate_words(duty.id, "function", duty.functions, note)
        _validate_words(duty.id, "theme", duty.themes, note)
        _validate_words(duty.id, "role", (duty.role,), note)


def _validate_words(row: str, vocabulary: str, words: tuple[str, ...], note: Any) -> None:
    for word in words:
        if word not in values_of(vocabulary):
            note(
                "governance.unknown_word",
                row,
                key=vocabulary,
                value=word,
                known=", ".join(values_of(vocabulary)),
            )
