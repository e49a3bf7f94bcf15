"""Which rules hold: a circle standard with the readings and limits that somebody chose."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from cultureplan.base.errors import UnknownNameError
from cultureplan.base.messages import Lang
from cultureplan.base.units import positive
from cultureplan.measures.circles import CircleStandard, load_circles
from cultureplan.world.levels import word

Pairs = tuple[tuple[str, float | str], ...]
STRAIGHT_LINE, ALONG_STREETS = WAYS = ("straight_line", "streets")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A circle standard by name, with what differs from its defaults.

    Parameters
    ----------
    name : str
        Name of a standard that comes with the library, or the path of a TOML file.
    settings : tuple of (name, value)
        Readings other than the default, sorted by name; beside those of the standard, ``way`` may be
        ``streets``: every way is then measured along the streets of the world.
    limits : tuple of (settlement, limit)
        Limits other than the standard's own, in the unit of the rule, sorted.
    own : CircleStandard, optional
        A standard that no file holds; `name` is then its id.

    Examples
    --------
    >>> from cultureplan.lab.choice import Choice
    >>> choice = Choice(name="ordos-2014").with_setting("speed_m_per_minute", 60)
    >>> choice.standard.rule("urban").radius_m
    500.0
    """

    name: str
    settings: Pairs = ()
    limits: tuple[tuple[str, float], ...] = ()
    own: CircleStandard | None = None

    @classmethod
    def of(cls, standard: str | CircleStandard) -> Self:
        """Return the choice of a standard by name, or of one made by hand."""
        if isinstance(standard, CircleStandard):
            return cls(name=standard.id, own=standard)
        choice = cls(name=str(standard))
        _ = choice.standard  # says so if there is no such standard
        return choice

    @property
    def standard(self) -> CircleStandard:
        """The circle standard with everything that was chosen."""
        return _standard(self)

    @property
    def plain(self) -> CircleStandard:
        """The circle standard with its own limits, under the chosen readings."""
        return _standard(dataclasses.replace(self, limits=()))

    def with_setting(self, name: str, value: float | str) -> Self:
        """Return the choice with one reading changed."""
        if self.own is not None:
            raise UnknownNameError.closest("circles.unknown_setting", name, (), standard=self.name)
        settings = {**dict(self.settings), name: value}
        changed = dataclasses.replace(self, settings=_pairs(settings))
        kept = {setting.name: setting.default for setting in changed.standard.settings}
        kept["way"] = STRAIGHT_LINE
        # a reading that plays no part along streets is kept for the way back
        own = {key: value for key, value in settings.items() if key not in kept or value != kept[key]}
        return dataclasses.replace(changed, settings=_pairs(own))

    def with_limit(self, settlement: str, limit: float) -> Self:
        """Return the choice with another limit for one settlement type, in the unit of its rule."""
        rule = self.plain.rule(settlement)
        if rule is None:
            known = [str(rule.settlement) for rule in self.plain.rules]
            raise UnknownNameError.closest("lab.no_such_rule", settlement, known, standard=self.name)
        limits = {**dict(self.limits), settlement: positive("limit", limit)}
        if limits[settlement] == rule.limit:
            del limits[settlement]
        return dataclasses.replace(self, limits=tuple(sorted(limits.items())))

    def words(self, lang: Lang = "en") -> str:
        """Return the standard and what differs from its defaults, as one line."""
        parts = [f"{name}={value}" for name, value in self.settings]
        parts += [f"{word('settlement', name, lang)} {value:g}" for name, value in self.limits]
        return f"{self.name} ({', '.join(parts)})" if parts else self.name


@lru_cache(maxsize=256)
def _loaded(name: str, settings: Pairs) -> CircleStandard:
    readings = dict(settings)
    way = readings.pop("way", STRAIGHT_LINE)
    if way not in WAYS:
        raise UnknownNameError.closest("circles.bad_choice", str(way), WAYS, setting="way")
    standard = load_circles(name, **readings)
    # a facility that somebody drops off the streets reaches nobody; it is no error
    return standard.along_streets(off_network="leave_out") if way == ALONG_STREETS else standard


def _standard(choice: Choice) -> CircleStandard:
    standard = choice.own if choice.own is not None else _loaded(choice.name, choice.settings)
    limits = dict(choice.limits)
    if not limits:
        return standard
    rules = tuple(
        dataclasses.replace(rule, limit=limits.get(str(rule.settlement), rule.limit))
        for rule in standard.rules
    )
    return dataclasses.replace(standard, rules=rules)


def _pairs(settings: Mapping[str, float | str]) -> Pairs:
    return tuple(sorted(settings.items()))
