"""How evenly what a plan offers is spread over the people: the figures behind the equity panel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd

from cultureplan.base.errors import UnknownNameError
from cultureplan.base.messages import Lang, text
from cultureplan.lab.ground import Ground
from cultureplan.lab.meter import Measured
from cultureplan.lab.state import LabState
from cultureplan.measures import equity
from cultureplan.measures.circles import CircleStandard
from cultureplan.measures.statistics import weighted_mean
from cultureplan.plotting.wording import shown_names
from cultureplan.world.levels import PlaceLevel, Settlement, word
from cultureplan.world.schema import columns
from cultureplan.world.world import World

EquityMeasure = Literal["distance", "ratio", "access"]
EQUITY_MEASURES: tuple[EquityMeasure, ...] = get_args(EquityMeasure)
EVERY_FACILITY = "facilities"  # as a supply: each facility counts once
ALL_PERSONS = "persons"
_TRIM_SHARE = 0.1
_SUPPLY_UNITS = ("m2", "volumes", "computers", "posts", "seats", "persons")
_PER_PERSONS = 1_000.0


@dataclass(frozen=True, kw_only=True)
class EquityQuestion:
    """What is to be spread evenly, over whom.

    Parameters
    ----------
    measure : {"distance", "ratio", "access"}
        Straight-line metres to the nearest facility that counts; its cost over the limit of the circle;
        supply per 1,000 persons within reach (two-step floating catchment, each in its own circle).
    supply : str
        For access: ``facilities``, or a numeric column of the facilities such as ``seats``.
    weights : str
        Who counts: ``persons``, or a group column such as ``older_persons``.
    settlements : frozenset of str
        Settlement types looked at; all where empty.
    by : str
        Groups to split by: ``settlement`` or a level of place.
    """

    measure: EquityMeasure = "distance"
    supply: str = EVERY_FACILITY
    weights: str = ALL_PERSONS
    settlements: frozenset[str] = frozenset()
    by: str = "settlement"

    @property
    def is_cost(self) -> bool:
        """Whether less of it is better."""
        return self.measure != "access"


@dataclass(frozen=True, kw_only=True, eq=False)
class EquityFindings:
    """How evenly something is spread.

    Parameters
    ----------
    question : EquityQuestion
        What was asked.
    values, persons : ndarray, shape (n,)
        One value a demand point, and the persons who count; those with a value only.
    groups : ndarray of object, shape (n,)
        Group of each.
    persons_left_out : float
        Persons of the wanted settlement types without a value (no rule, or nothing to go to).
    """

    question: EquityQuestion
    values: np.ndarray
    persons: np.ndarray
    groups: np.ndarray
    persons_left_out: float

    @cached_property
    def figures(self) -> dict[str, float]:
        """``mean``, ``gini``, ``theil``, ``between``, ``within``, ``hoover``, ``gap``, ``trimmed_gap``."""
        values, persons = self.values, self.persons
        return {
            "mean": weighted_mean(values, persons),
            "gini": equity.gini(values, persons),
            "theil": self.parts.total,
            "between": self.parts.between,
            "within": self.parts.within,
            "hoover": equity.hoover(values, persons),
            "gap": equity.min_max_gap(values, persons),
            "trimmed_gap": equity.min_max_gap(values, persons, trim_share=_TRIM_SHARE),
        }

    @cached_property
    def parts(self) -> equity.TheilParts:
        """Theil's index between the groups and within them."""
        return equity.theil_parts(self.values, self.groups, self.persons)

    @cached_property
    def by_group(self) -> pd.DataFrame:
        """One row a group of people, the largest first: ``persons``, ``mean``, ``gini``, ``theil_share``.

        ``theil_share`` is the part of all inequality that lies within the group.
        """
        table = self.parts.by_group.copy()
        inside = {group: self.groups == group for group in table.index}
        table["gini"] = [equity.gini(self.values[own], self.persons[own]) for own in inside.values()]
        total = self.parts.total
        table["theil_share"] = table["contribution"] / total if total > 0 else math.nan
        return table.sort_values("persons", ascending=False, kind="stable")[
            ["persons", "mean", "gini", "theil_share"]
        ]

    def curve(self, group: object = None) -> pd.DataFrame:
        """Return the Lorenz curve of everybody, or of one group."""
        inside = np.ones(len(self.values), dtype=bool) if group is None else self.groups == group
        return equity.lorenz_curve(self.values[inside], self.persons[inside])


def equity_of(
    state: LabState, measured: Measured, question: EquityQuestion, *, today: bool = False
) -> EquityFindings:
    """Return how evenly something is spread in a state.

    Parameters
    ----------
    state : LabState
        What holds.
    measured : Measured
        Its coverage, or that of the unchanged world.
    question : EquityQuestion
        What, over whom.
    today : bool
        Whether the world before any change is asked about; `measured` must then be of it.

    Raises
    ------
    UnknownNameError
        If the world has no such measure, supply, group or level of place.
    """
    ground = state.ground
    _validate(ground, state.standard, question)
    world = ground.world if today else None
    if question.measure == "access":
        values = _access(ground, world or state.world, state.standard, question.supply)
    else:
        values = _nearest(measured, state.standard, in_metres=question.measure == "distance")
    wanted = _in_settlements(ground, question.settlements)
    known = wanted & np.isfinite(values)
    persons = _weights(ground, question.weights)
    return EquityFindings(
        question=question,
        values=values[known],
        persons=persons[known],
        groups=_groups(ground, question.by)[known],
        persons_left_out=float(persons[wanted & ~known].sum()),
    )


def measures_of(standard: CircleStandard) -> tuple[EquityMeasure, ...]:
    """Return what can be asked under a standard: metres only where its ways are straight lines."""
    planar = all(rule.radius_m is not None for rule in standard.rules)
    return tuple(name for name in EQUITY_MEASURES if planar or name != "distance")


def supplies_of(ground: Ground) -> tuple[str, ...]:
    """Return what facilities may offer: themselves, and each number that the table states for some."""
    frame = ground.world.facilities.frame
    numbers = [
        name
        for name, column in columns("facilities").items()
        if column.kind == "number"
        and column.unit in ("m2", "volumes", "computers", "posts", "seats", "persons")
    ]
    return (EVERY_FACILITY, *(name for name in numbers if name in frame.columns and frame[name].gt(0).any()))


def weights_of(ground: Ground) -> tuple[str, ...]:
    """Return who may count: all persons, and the groups that the demand table counts."""
    return (ALL_PERSONS, *ground.world.demand.groups)


def groupings_of(ground: Ground) -> tuple[str, ...]:
    """Return what people may be split by: settlement type, and levels of place with people in two or more.

    Settlement type is left out where all live in the same one and there is something better.
    """
    places = ground.world.places
    levels: list[str] = []
    if places is not None:
        homes = ground.world.demand_places
        many = [str(level) for level in PlaceLevel if len(places.at_level(level)) > 1]
        levels = [x for x in many if len(homes.map(places.ancestor_at(x)).dropna().unique()) > 1]
    if levels and len(settlements_of(ground)) < 2:
        return tuple(levels)
    return ("settlement", *levels)


def settlements_of(ground: Ground) -> tuple[str, ...]:
    """Return the settlement types that people live in, town first."""
    present = set(ground.settlement)
    return tuple(str(name) for name in Settlement if str(name) in present)


def group_label(ground: Ground, by: str, group: str, lang: Lang = "en") -> str:
    """Return what people call a group of a grouping."""
    if by == "settlement":
        return word("settlement", group, lang)
    if not group or ground.world.places is None:
        return text("lab_panels.no_place", lang)
    return str(shown_names(ground.world.places, lang).get(group, group))


def supply_label(name: str, lang: Lang = "en") -> str:
    """Return what people call a supply."""
    if name == EVERY_FACILITY:
        return text("lab_panels.supply_facilities", lang)
    column = columns("facilities")[name]
    return column.zh if lang == "zh" else column.en


def _validate(ground: Ground, standard: CircleStandard, question: EquityQuestion) -> None:
    known = {
        "measure": measures_of(standard),
        "supply": supplies_of(ground),
        "weights": weights_of(ground),
        "by": ("settlement", *groupings_of(ground)),
    }
    for name, names in known.items():
        value = str(getattr(question, name))
        if value not in names:
            raise UnknownNameError.closest("lab_panels.unknown_equity", value, names, what=name)


def _weights(ground: Ground, name: str) -> np.ndarray:
    if name == ALL_PERSONS:
        return ground.persons
    return ground.world.demand.frame[name].to_numpy(float, na_value=0.0)


def _in_settlements(ground: Ground, settlements: frozenset[str]) -> np.ndarray:
    if not settlements:
        return np.ones(len(ground.persons), dtype=bool)
    return np.isin(ground.settlement.astype(str), sorted(settlements))


def _groups(ground: Ground, by: str) -> np.ndarray:
    if by == "settlement" or ground.world.places is None:
        return ground.settlement.astype(str).astype(object)
    home = ground.world.demand_places.map(ground.world.places.ancestor_at(by))
    return home.astype(object).where(home.notna(), "").to_numpy(object)


def _nearest(measured: Measured, standard: CircleStandard, *, in_metres: bool) -> np.ndarray:
    """Return the way to the nearest facility that counts: in straight metres, or over the limit."""
    with np.errstate(invalid="ignore"):
        ratio = np.where(measured.has_rule, measured.nearest_cost, np.nan) / measured.limit
    if not in_metres:
        return ratio
    radius_m = np.array(
        [
            math.nan if rule is None or rule.radius_m is None else rule.radius_m
            for rule in (standard.rule(name) for name in Settlement)
        ]
    )
    return ratio * radius_m[measured.codes]


def _access(ground: Ground, world: World, standard: CircleStandard, supply: str) -> np.ndarray:
    """Return the supply per 1,000 persons within reach, each person reaching as far as his or her circle.

    A facility that states nothing offers nothing. Everybody draws on it, whoever is looked at.
    """
    offer = np.ones(len(world.facilities))
    if supply != EVERY_FACILITY:
        offer = world.facilities.frame[supply].to_numpy(float, na_value=0.0)
    reaches = []
    load = np.zeros(len(offer))
    for rule in standard.rules:
        people = ground.people(str(rule.settlement))
        sites = rule.eligible(world.facilities)
        if people is None or len(sites) == 0:
            continue
        there = people.world.with_facilities(world.facilities)
        costs = rule.mode.costs(there, sites, limit=rule.limit)
        site, person = sites[costs.indices], people.rows[costs.rows]
        load += np.bincount(site, weights=ground.persons[person], minlength=len(load))
        reaches.append((site, person))
    share = np.divide(offer, load, out=np.zeros(len(load)), where=load > 0)
    codes = [standard.rule(name) is not None for name in Settlement]
    values = np.where(np.array(codes)[ground.settlement_codes], 0.0, np.nan)
    for site, person in reaches:
        values += np.bincount(person, weights=share[site], minlength=len(values))
    return values * _PER_PERSONS
