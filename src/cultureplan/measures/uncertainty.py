"""Uncertainty: how far results hang on speeds, detours, head counts and positions nobody knows exactly.

A coverage of 83 % is measured with one walking speed; people walk at many. Here a measure is taken again and
again with values drawn from stated ranges, and comes back as a band; for places it also says how surely
one is worse served than another (:meth:`Bands.ranks`).

The default ranges and where they come from:

- speed 60 to 90 m/min, evenly: observed means are about 80 m/min (Finnis and Walton 2008) and 80 to 95,
  r5r assumes 60;
- people over 65 about 10 m/min slower (Finnis and Walton 2008); in samples of people at risk of losing
  mobility the mean is 0.76 m/s, 46 m/min, which ``older_slower_m_per_minute=34`` stands for;
- detour 1.1 to 1.4, evenly: about 1.2 between random points of a town (Newell 1980), 1.21 to 1.23 around
  stations (O'Sullivan and Morrall 1996), 1.3 to 1.4 on sparse road networks;
- head counts with a spread of 5 % a point; positions exact unless a spread is given.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from cultureplan.base.errors import InputError
from cultureplan.base.units import Unit, positive
from cultureplan.measures.access import two_step_floating_catchment
from cultureplan.measures.bands import Bands as Bands
from cultureplan.measures.circles import CircleRule, CircleStandard
from cultureplan.measures.coverage import Coverage, measure_coverage
from cultureplan.measures.decay import Decay
from cultureplan.measures.statistics import share_of
from cultureplan.travel.costs import TravelCosts
from cultureplan.travel.modes import StraightLine, Walking, travel_costs
from cultureplan.travel.streets import Streets
from cultureplan.world.demand import DemandPoints
from cultureplan.world.facilities import Facilities
from cultureplan.world.world import World

OLDER_COLUMN = "older_persons"
ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """What is not known exactly, and within which range it lies.

    Parameters
    ----------
    speed_m_per_minute : (float, float)
        Lowest and highest walking speed, drawn evenly.
    older_slower_m_per_minute : float
        How much slower older people walk; counts where the demand table has ``older_persons``.
    detour : (float, float)
        Lowest and highest path length over straight-line length, drawn evenly; at least 1.
    persons_spread_share : float
        Standard deviation of a head count as a share of it (lognormal, mean kept).
    position_spread_m : float
        Standard deviation, along each axis, of the error of a point.
    """

    speed_m_per_minute: tuple[float, float] = (60.0, 90.0)
    older_slower_m_per_minute: float = 10.0
    detour: tuple[float, float] = (1.1, 1.4)
    persons_spread_share: float = 0.05
    position_spread_m: float = 0.0

    def __post_init__(self) -> None:
        for name, (low, high), least in (
            ("speed_m_per_minute", self.speed_m_per_minute, self.older_slower_m_per_minute),
            ("detour", self.detour, 0.0),
        ):
            positive(name, low)
            positive(name, high)
            if not least < low <= high:
                raise InputError.of("uncertainty.bad_range", name=name, low=low, high=high, least=least)
        if self.detour[0] < 1:
            raise InputError.of("uncertainty.short_detour", low=self.detour[0])
        for name, spread in (
            ("older_slower_m_per_minute", self.older_slower_m_per_minute),
            ("persons_spread_share", self.persons_spread_share),
            ("position_spread_m", self.position_spread_m),
        ):
            if not 0 <= spread < np.inf:
                raise InputError.of("uncertainty.bad_spread", name=name, value=spread)


@dataclass(frozen=True, kw_only=True)
class Draw:
    """One set of drawn values.

    Parameters
    ----------
    world : World
        The world with drawn head counts and positions.
    speed_m_per_minute, older_speed_m_per_minute, detour : float
        Drawn values; ``older_speed_m_per_minute`` is that of older people.
    """

    world: World
    speed_m_per_minute: float
    older_speed_m_per_minute: float
    detour: float


def uncertain_coverage(
    world: World,
    standard: CircleStandard,
    *,
    rng: np.random.Generator | int,
    by: str | None = None,
    uncertainty: Uncertainty | None = None,
    n_draws: int = 100,
) -> Bands:
    """Return coverage as a band over drawn speeds, detours, head counts and positions.

    Speeds and detours change the rules that are kept on foot; limits in metres along a path change by the
    detour only; limits on the straight line change by positions only. Older people (``older_persons``)
    walk slower than the others at every draw.

    Parameters
    ----------
    world : World
        The world.
    standard : CircleStandard
        What coverage is measured by.
    rng : Generator or int
        Source of chance, or its seed.
    by : str, optional
        Column or level of place as in :meth:`Coverage.by`; then one unit a place. All people are one unit
        if absent. Places without anybody assessed are left out.
    uncertainty : Uncertainty, optional
        Ranges; the documented ones if absent.
    n_draws : int
        How often to measure.

    Returns
    -------
    Bands
        Of the covered share of the people about whom the standard says something.

    Examples
    --------
    >>> import cultureplan as cp
    >>> world = cp.datasets.synthetic_world(n_demand=200, n_facilities=10, seed=7)
    >>> ordos = cp.load_circles("ordos-2014")
    >>> bands = cp.uncertainty.uncertain_coverage(world, ordos, rng=1, n_draws=10)
    >>> band = bands.band().loc["all"]
    >>> bool(band["low"] <= band["median"] <= band["high"])
    True
    """
    uncertainty = uncertainty or Uncertainty()
    # a place about whose people the standard says nothing has no share to be uncertain of
    baseline = _shares(measure_coverage(world, standard), None, by).dropna()
    rows = []
    for draw in drawn_worlds(world, uncertainty, rng=rng, n_draws=n_draws):
        others = measure_coverage(draw.world, _walked(standard, draw.speed_m_per_minute, draw.detour))
        older = None
        if OLDER_COLUMN in draw.world.demand.groups and uncertainty.older_slower_m_per_minute > 0:
            slower = _walked(standard, draw.older_speed_m_per_minute, draw.detour)
            older = measure_coverage(draw.world, slower)
        rows.append(_shares(others, older, by))
    draws = pd.DataFrame(rows).reset_index(drop=True).reindex(columns=baseline.index)
    return Bands(name="covered_share", baseline=baseline, draws=draws)


def uncertain_access(
    world: World,
    supply: object,
    *,
    rng: np.random.Generator | int,
    limit_minutes: float = 15.0,
    decay: Decay | None = None,
    by: str | None = None,
    uncertainty: Uncertainty | None = None,
    n_draws: int = 100,
) -> Bands:
    """Return two-step access on foot as a band over drawn speeds, detours, head counts and positions.

    Parameters
    ----------
    world : World
        The world.
    supply : Series or array-like
        Supply of each existing facility, for example ``supply_of(world, "floor_area_m2")``.
    rng, uncertainty, n_draws
        As in :func:`uncertain_coverage`. Older people (``older_persons``) reach less in the same minutes, and
        crowd only the facilities they reach; the access of a demand point is the mean of its people's.
    limit_minutes : float
        Catchment, minutes on foot.
    decay : Decay, optional
        Weight by minutes, as in
        :func:`~cultureplan.measures.access.two_step_floating_catchment`.
    by : str, optional
        ``settlement``, ``place_id``, or another column of the demand table: then the person-weighted mean of
        each. One unit a demand point if absent.

    Returns
    -------
    Bands
        Of the supply per person.
    """
    uncertainty = uncertainty or Uncertainty()
    keys = None if by is None else _keys(world, by)

    def access(at: World, mode: Walking, older: Walking) -> pd.Series:
        aged = _older_persons(at) if older != mode else None
        costs = travel_costs(at, mode, limit=limit_minutes)
        if aged is None:
            each = two_step_floating_catchment(costs, at.demand.persons, supply, decay=decay)
        else:
            slower = travel_costs(at, older, limit=limit_minutes)
            each = _access_of_two_groups(costs, slower, at.demand.persons, aged, supply, decay)
        if keys is None:
            return each
        persons = at.demand.persons
        held = (each * persons).groupby(keys.to_numpy(object)).sum()
        people = persons.groupby(keys.to_numpy(object)).sum()
        return held / people.where(people > 0)

    baseline = access(world, Walking(), Walking()).dropna()
    rows = [
        access(
            draw.world,
            Walking(speed_m_per_minute=draw.speed_m_per_minute, detour=draw.detour),
            Walking(speed_m_per_minute=draw.older_speed_m_per_minute, detour=draw.detour),
        )
        for draw in drawn_worlds(world, uncertainty, rng=rng, n_draws=n_draws)
    ]
    draws = pd.DataFrame(rows).reset_index(drop=True).reindex(columns=baseline.index)
    return Bands(name="access", baseline=baseline, draws=draws)


def drawn_worlds(
    world: World, uncertainty: Uncertainty, *, rng: np.random.Generator | int, n_draws: int
) -> Iterator[Draw]:
    """Yield the world again and again with drawn values, for any measure of your own.

    Parameters
    ----------
    world : World
        The world.
    uncertainty : Uncertainty
        Ranges.
    rng : Generator or int
        Source of chance, or its seed.
    n_draws : int
        How many.
    """
    chance = np.random.default_rng(rng)
    for _ in range(int(positive("n_draws", n_draws))):
        speed = float(chance.uniform(*uncertainty.speed_m_per_minute))
        detour = float(chance.uniform(*uncertainty.detour))
        yield Draw(
            world=_shaken(world, uncertainty, chance),
            speed_m_per_minute=speed,
            older_speed_m_per_minute=speed - uncertainty.older_slower_m_per_minute,
            detour=detour,
        )


def _shaken(world: World, uncertainty: Uncertainty, chance: np.random.Generator) -> World:
    """Return the world with drawn head counts and positions."""
    spread = uncertainty.persons_spread_share
    demand, facilities = world.demand.frame, world.facilities.frame
    if spread > 0:
        sigma = np.sqrt(np.log1p(spread**2))
        factor = np.exp(chance.normal(-0.5 * sigma**2, sigma, len(demand)))  # of mean 1
        for name in ("persons", *world.demand.groups):
            demand[name] = demand[name].to_numpy(float) * factor
    if uncertainty.position_spread_m > 0:
        demand = _moved(demand, uncertainty.position_spread_m, chance)
        facilities = _moved(facilities, uncertainty.position_spread_m, chance)
        world = world.with_facilities(Facilities(facilities))
    return (
        world
        if spread == 0 and uncertainty.position_spread_m == 0
        else world.with_demand(DemandPoints(demand))
    )


def _moved(frame: gpd.GeoDataFrame, spread_m: float, chance: np.random.Generator) -> gpd.GeoDataFrame:
    xy = shapely.get_coordinates(frame.geometry.to_numpy())
    moved = shapely.points(xy + chance.normal(0.0, spread_m, xy.shape))
    return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=frame.crs))


def _walked(standard: CircleStandard, speed_m_per_minute: float, detour: float) -> CircleStandard:
    """Return the standard as kept by people of a walking speed on ways of a detour."""
    return dataclasses.replace(
        standard, rules=tuple(_walked_rule(rule, speed_m_per_minute, detour) for rule in standard.rules)
    )


def _walked_rule(rule: CircleRule, speed_m_per_minute: float, detour: float) -> CircleRule:
    mode = rule.mode
    if isinstance(mode, Walking):
        return dataclasses.replace(rule, mode=Walking(speed_m_per_minute=speed_m_per_minute, detour=detour))
    if isinstance(mode, StraightLine):
        return rule if mode.detour == 1 else dataclasses.replace(rule, mode=StraightLine(detour=detour))
    if isinstance(mode, Streets) and mode.profile == "walk" and mode.unit == Unit.MINUTES:
        # the detour is that of the streets themselves
        return dataclasses.replace(
            rule, mode=dataclasses.replace(mode, speed_m_per_minute=speed_m_per_minute)
        )
    return rule


def _older_persons(world: World) -> np.ndarray | None:
    """Return the older people of each demand point; None where the table does not say."""
    if OLDER_COLUMN not in world.demand.groups:
        return None
    aged: np.ndarray = world.demand.frame[OLDER_COLUMN].fillna(0).to_numpy(float)
    return aged


def _access_of_two_groups(
    costs: TravelCosts,
    slower: TravelCosts,
    persons: pd.Series,
    aged: np.ndarray,
    supply: object,
    decay: Decay | None,
) -> pd.Series:
    """Return the mean supply per person of each demand point where older people walk at their own speed."""
    n = len(persons)
    both = TravelCosts(
        indptr=np.concatenate([costs.indptr, costs.indptr[-1] + slower.indptr[1:]]),
        indices=np.concatenate([costs.indices, slower.indices]),
        values=np.concatenate([costs.values, slower.values]),
        demand_ids=pd.RangeIndex(2 * n),
        facility_ids=costs.facility_ids,
        unit=costs.unit,
        limit=costs.limit,
    )
    everybody = persons.to_numpy(float)
    younger = np.maximum(everybody - aged, 0.0)
    each = two_step_floating_catchment(both, np.concatenate([younger, aged]), supply, decay=decay).to_numpy()
    held = each[:n] * younger + each[n:] * aged
    # where nobody lives, what a younger person would have
    mean = np.divide(held, younger + aged, out=each[:n].copy(), where=younger + aged > 0)
    return pd.Series(mean, index=costs.demand_ids, name="access")


def _shares(others: Coverage, older: Coverage | None, by: str | None) -> pd.Series:
    """Return the covered share by unit; older people as `older` says, everybody else as `others`."""
    points = others.points
    persons = points["persons"] * points["has_rule"]
    covered = persons * points["is_covered"]
    if older is not None:
        aged = pd.Series(_older_persons(others.world), index=points.index)
        reached = points["is_covered"].astype(float) - older.is_covered.astype(float)
        covered = covered - aged * points["has_rule"] * reached
    if by is None:
        return pd.Series({ALL: share_of(float(covered.sum()), float(persons.sum()))}, name="covered_share")
    keys = _keys(others.world, by).to_numpy(object)
    people = persons.groupby(keys).sum()
    return (covered.groupby(keys).sum() / people.where(people > 0)).rename("covered_share")


def _keys(world: World, by: str) -> pd.Series:
    if by == "place_id":
        return world.demand_places
    if world.places is not None and by in set(world.places.frame["place_level"].astype(str)):
        return world.demand_places.map(world.places.ancestor_at(by))
    frame = world.demand.frame
    if by not in frame.columns or by == "geometry":
        raise InputError.of(
            "uncertainty.unknown_column", column=by, known=", ".join(map(str, frame.columns.drop("geometry")))
        )
    return pd.Series(frame[by].to_numpy(object), index=world.demand.ids)
