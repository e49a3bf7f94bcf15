"""The siting problem: who lives where, which sites there are, and which pairs count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd

from cultureplan.base.checks import finite_array, points_array
from cultureplan.base.errors import Fault, InputError, UnknownNameError, WrongTypeError
from cultureplan.base.units import positive
from cultureplan.siting.cover import Cover, CoverClasses, id_rank, merge_demand, total
from cultureplan.travel.costs import TravelCosts, validate_same_unit
from cultureplan.world.facilities import Facilities
from cultureplan.world.world import World

if TYPE_CHECKING:
    import geopandas as gpd

    from cultureplan.measures.circles import CircleStandard

CandidateSource = Literal["table", "demand", "places", "grid", "streets", "anywhere"]


@dataclass(frozen=True, kw_only=True)
class Quota:
    """Between `at_least` and `at_most` of some sites are open, the fixed ones among them counted.

    Parameters
    ----------
    facility_ids : tuple of str
        Sites concerned, for example all of one township.
    at_least, at_most : int
        Bounds, inclusive; no upper bound where `at_most` is None.
    name : str
        What a message calls it.
    """

    facility_ids: tuple[Any, ...]
    at_least: int = 0
    at_most: int | None = None
    name: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class SitingProblem:
    """Everything a siting model needs, whatever it then optimises.

    Parameters
    ----------
    costs : TravelCosts
        Demand x sites, existing and possible ones; only pairs worth considering need be stored.
    persons : array-like or Series, shape (n_demand,)
        Persons at each demand point (weights, finite and 0 or more); a Series is aligned on the ids.
    limit : float or array-like, optional
        A demand point is covered by a site at a cost of at most this, inclusive, in the unit of `costs`;
        one number, or one for each demand point. Covering models need it (or `cover`).
    unit : {"m", "minutes"}, optional
        Unit of `limit`; where given, it must be that of `costs`.
    cover : Cover, optional
        Which pairs count, where one limit cannot say it; made by :meth:`from_world`.
    fixed : iterable of ids
        Sites that are open anyway and cost nothing more: the existing facilities.
    forbidden : iterable of ids
        Sites that must not be opened.
    site_cost : array-like or Series, optional
        Cost of opening each site; 1 each where absent.
    capacity : array-like or Series, optional
        Persons each site can serve (infinity: no bound).
    conflicts : iterable of (id, id)
        Pairs of which at most one may be open.
    quotas : iterable of Quota
        How many of some sites are open.
    preference : array-like or Series, optional
        Worth of opening each site beside its use, in the unit of the objective (for example the votes of
        a public consultation, each worth some persons); may be negative.
    places : Series, optional
        Place (or any grouping) of each demand point by demand id, for models that compare places.
    site_places : Series, optional
        Place of each site by site id, for models that keep to a place.
    groups : DataFrame or mapping, optional
        Persons of each group (columns) at each demand point, by demand id: children, people of 60 and
        above ...; a table without ids is taken in the order of the points. See :meth:`with_group_weights`.
    site_xy : array-like, shape (n_sites, 2), optional
        Where the sites stand, metres, for models that look at the distance between sites.
    sites : Facilities, optional
        The facilities behind the columns, so that a result can be put on a map.

    Raises
    ------
    InputError
        If anything does not fit together: one clear error.

    Examples
    --------
    >>> import cultureplan as cp
    >>> costs = cp.TravelCosts.from_dense([[100, 900], [700, 300]], unit="m")
    >>> cp.SitingProblem(costs=costs, persons=[50, 20], limit=800.0)
    SitingProblem(2 demand points with 70 persons, 2 sites: 0 fixed, 2 to choose from)
    """

    costs: TravelCosts
    persons: Any
    limit: Any = None
    unit: str | None = None
    cover: Cover | None = None
    fixed: Iterable[Any] = ()
    forbidden: Iterable[Any] = ()
    site_cost: Any = None
    capacity: Any = None
    conflicts: Iterable[tuple[Any, Any]] = ()
    quotas: Iterable[Quota] = ()
    preference: Any = None
    places: pd.Series | None = None
    site_places: pd.Series | None = None
    groups: Any = field(default=None, repr=False)
    site_xy: Any = None
    sites: Facilities | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.costs, TravelCosts):
            raise WrongTypeError.of(
                "fault.wrong_type", name="costs", got=type(self.costs).__name__, want="TravelCosts"
            )
        if self.n_sites == 0 or self.n_demand == 0:
            raise InputError.of("siting.empty", n_demand=self.n_demand, n_sites=self.n_sites)
        if self.unit is not None:
            validate_same_unit(self.costs, self.unit, name="limit")
        put = object.__setattr__
        persons = self._aligned("persons", self.persons, self.demand_ids)
        put(self, "persons", finite_array("persons", persons, n=self.n_demand).copy())
        put(self, "limit", self._read_limit())
        for name in ("fixed", "forbidden"):
            put(self, name, self._read_ids(name, getattr(self, name)))
        both = sorted(set(map(str, self.fixed)) & set(map(str, self.forbidden)))
        if both:
            raise InputError.of("siting.fixed_and_forbidden", n=len(both), first=both[0])
        for name, default in (("site_cost", 1.0), ("capacity", np.inf), ("preference", 0.0)):
            put(self, name, self._read_sites(name, getattr(self, name), default))
        if self.site_xy is None and self.sites is not None:
            put(self, "site_xy", self.sites.xy)
        elif self.site_xy is not None:
            put(self, "site_xy", points_array("site_xy", self.site_xy))
            if len(self.site_xy) != self.n_sites:
                raise InputError.of(
                    "fault.wrong_shape", name="site_xy", got=self.site_xy.shape, want=(self.n_sites, 2)
                )
        put(self, "conflicts", self._read_conflicts())
        put(self, "quotas", self._read_quotas())
        put(self, "groups", self._read_groups())

    @classmethod
    def from_world(
        cls,
        world: World,
        standard: CircleStandard,
        *,
        candidates: CandidateSource | Facilities | gpd.GeoDataFrame | None = None,
        level: str | None = None,
        kind: str | None = None,
        grid_spacing_m: float | None = None,
        allowed: Any = None,
        reach: float = 1.0,
        **settings: Any,
    ) -> Self:
        """Return the problem of serving a world by a circle standard.

        Existing facilities are fixed. A demand point is covered when the rule of its settlement is met:
        enough facilities of the wanted levels and kinds within the limit, by the rule's travel mode. People
        for whom the standard has no rule count as no persons, so that every share is of the people assessed,
        as in :class:`~cultureplan.measures.coverage.Coverage`.

        Parameters
        ----------
        world : World
            The world as it is.
        standard : CircleStandard
            The circle rules.
        candidates : str, Facilities or GeoDataFrame of points, optional
            Where a facility may be opened: the facilities whose status is candidate (``"table"``), at the
            demand points (``"demand"``, ids ``demand-<demand_id>``), at the centres of the places
            (``"places"``), on a square grid (``"grid"``), at the nodes of the world's streets
            (``"streets"``), or anywhere in the plane (``"anywhere"``: the finite set of points that no
            place beats, so that a covering plan is exact for the whole plane wherever one facility within
            a straight-line circle is asked for); or a table of your own. Where absent: the table's
            candidates if it has any, else the demand points.
        level, kind : str, optional
            Level and kind of the sites made on request; where absent, the lowest level and the first kind
            of those that serve most of the rules' needs.
        grid_spacing_m : float, optional
            Spacing of the grid (about 400 points over the demand where absent), or least distance between
            street nodes (all nodes where absent).
        allowed : Polygon, MultiPolygon, GeoSeries or GeoDataFrame, optional
            Land on which candidates may stand, its edge included; ``"anywhere"`` stays exact on it.
        reach : float
            Pairs up to this many times the limit are kept among the costs, for models that look beyond
            the circle (such as a p-median); who is covered does not change.
        **settings
            Further arguments of :class:`SitingProblem`, such as ``forbidden`` or ``site_cost``.
        """
        from cultureplan.siting.from_world import problem_arguments

        arguments = problem_arguments(
            world,
            standard,
            candidates=candidates,
            level=level,
            kind=kind,
            grid_spacing_m=grid_spacing_m,
            allowed=allowed,
            reach=reach,
        )
        return cls(**(arguments | settings))

    @property
    def demand_ids(self) -> pd.Index:
        """Ids of the demand points."""
        return self.costs.demand_ids

    @property
    def facility_ids(self) -> pd.Index:
        """Ids of the sites."""
        return self.costs.facility_ids

    @property
    def n_demand(self) -> int:
        """Number of demand points."""
        return self.costs.n_demand

    @property
    def n_sites(self) -> int:
        """Number of sites, fixed ones included."""
        return self.costs.n_facilities

    @cached_property
    def site_rank(self) -> np.ndarray:
        """Place of each site in the order of ids: what ties are broken by."""
        return id_rank(self.facility_ids)

    @cached_property
    def is_fixed(self) -> np.ndarray:
        """Whether each site is open anyway, shape (n_sites,)."""
        return self.mask(self.fixed)

    @cached_property
    def is_choice(self) -> np.ndarray:
        """Whether each site may be opened, shape (n_sites,)."""
        return ~self.is_fixed & ~self.mask(self.forbidden)

    @cached_property
    def choices(self) -> np.ndarray:
        """Positions of the sites that may be opened, in the order of their ids."""
        choices = np.flatnonzero(self.is_choice)
        return choices[np.argsort(self.site_rank[choices], kind="stable")]

    @cached_property
    def is_plain(self) -> bool:
        """Whether nothing but numbers, costs and fixed or forbidden sites restricts the choice."""
        return not self.conflicts and not self.quotas and not self.preference.any()

    @cached_property
    def total_persons(self) -> float:
        """All persons."""
        return total(self.persons)

    @cached_property
    def covering(self) -> Cover:
        """Which pairs count.

        Raises
        ------
        InputError
            If the problem was made without a limit.
        """
        if self.cover is not None:
            return self.cover
        if self.limit is None:
            raise InputError.of("siting.no_limit")
        costs = self.costs
        if np.ndim(self.limit) == 0 and self.limit >= costs.limit:
            indptr, indices = costs.indptr, costs.indices
        else:
            within = costs.values <= (self.limit if np.ndim(self.limit) == 0 else self.limit[costs.rows])
            running = np.concatenate([[0], np.cumsum(within, dtype=np.int64)])
            indptr, indices = running[costs.indptr], costs.indices[within]
        return Cover(
            indptr=indptr,
            indices=indices,
            need=np.ones(self.n_demand, dtype=np.int32),
            demand=np.arange(self.n_demand),
            n_demand=self.n_demand,
            n_sites=self.n_sites,
        )

    @cached_property
    def classes(self) -> CoverClasses:
        """Demand points that ask for the same, merged."""
        return merge_demand(
            self.covering,
            self.persons,
            site_rank=self.site_rank,
            is_fixed=self.is_fixed,
            is_choice=self.is_choice,
        )

    def with_group_weights(self, weights: Mapping[str, float]) -> SitingProblem:
        """Return the problem in which each person counts as much as their group, whatever the model.

        Parameters
        ----------
        weights : mapping of str to float
            Column of `groups` -> what a person of it counts; ``"persons"`` is everybody. The weights of
            several groups add up: ``{"persons": 1, "older_persons": 1}`` counts an older person twice.

        Returns
        -------
        SitingProblem
            With the weighted sum as its persons.

        Raises
        ------
        UnknownNameError
            If a group is not in the table.
        InputError
            If a weight is negative or missing, or none is above 0.

        Examples
        --------
        >>> import cultureplan as cp
        >>> costs = cp.TravelCosts.from_dense([[100], [700]], unit="m")
        >>> groups = {"older_persons": [10, 2]}
        >>> problem = cp.SitingProblem(costs=costs, persons=[50, 20], groups=groups)
        >>> problem.with_group_weights({"persons": 1, "older_persons": 2}).persons.tolist()
        [70.0, 24.0]
        """
        key = tuple(sorted((str(name), float(weight)) for name, weight in weights.items()))
        if key not in self._weighted:
            self._weighted[key] = replace(self, persons=self._weighted_persons(key))
        return self._weighted[key]

    @cached_property
    def _weighted(self) -> dict[tuple[tuple[str, float], ...], SitingProblem]:
        return {}

    def _weighted_persons(self, weights: tuple[tuple[str, float], ...]) -> np.ndarray:
        bad = [name for name, weight in weights if not 0 <= weight < np.inf]
        if bad or not any(weight > 0 for _, weight in weights):
            raise InputError.of("siting.bad_group_weights", weights=dict(weights))
        persons = np.zeros(self.n_demand)
        known = [] if self.groups is None else list(map(str, self.groups.columns))
        for name, weight in weights:
            if name == "persons":
                persons += weight * self.persons
            elif self.groups is not None and name in known:
                column = self.groups.iloc[:, known.index(name)]
                persons += weight * finite_array(name, column.to_numpy(float), n=self.n_demand)
            else:
                raise UnknownNameError.closest(
                    "siting.unknown_group", name, ["persons", *known], where="group_weights"
                )
        return persons

    def mask(self, facility_ids: Iterable[Any]) -> np.ndarray:
        """Return a bool for each site: whether its id is among some ids."""
        mask = np.zeros(self.n_sites, dtype=bool)
        mask[self.positions(facility_ids)] = True
        return mask

    def positions(self, facility_ids: Iterable[Any]) -> np.ndarray:
        """Return the positions of some sites by id."""
        return np.asarray(self.facility_ids.get_indexer(pd.Index(list(facility_ids), dtype=object)))

    def __repr__(self) -> str:
        return (
            f"SitingProblem({self.n_demand:,} demand points with {self.total_persons:,.0f} persons, "
            f"{self.n_sites:,} sites: {int(self.is_fixed.sum()):,} fixed, "
            f"{len(self.choices):,} to choose from)"
        )

    def _aligned(self, name: str, values: Any, ids: pd.Index) -> Any:
        if not isinstance(values, pd.Series):
            return values
        if values.index.equals(ids):
            return values.to_numpy()
        missing = ids.difference(values.index)
        if len(missing):
            raise InputError.of("siting.not_aligned", name=name, n=len(missing), first=missing[0])
        return values.reindex(ids).to_numpy()

    def _read_limit(self) -> Any:
        if self.limit is None:
            return None
        limit: Any
        if np.ndim(self.limit) == 0:
            limit = positive("limit", self.limit)
        else:
            limit = finite_array(
                "limit", self._aligned("limit", self.limit, self.demand_ids), n=self.n_demand
            )
        highest = float(np.max(limit))
        if highest > self.costs.limit:
            raise InputError.of(
                "travel.limit_beyond_cutoff", limit=highest, cutoff=self.costs.limit, unit=self.costs.unit
            )
        return limit

    def _read_ids(self, name: str, ids: Iterable[Any]) -> tuple[Any, ...]:
        listed = tuple([ids] if isinstance(ids, str) else ids)
        unknown = [facility for facility, at in zip(listed, self.positions(listed), strict=True) if at < 0]
        if unknown:
            raise UnknownNameError.closest(
                "siting.unknown_site", str(unknown[0]), map(str, self.facility_ids), where=name
            )
        return tuple(dict.fromkeys(listed))

    def _read_sites(self, name: str, values: Any, default: float) -> np.ndarray:
        if values is None:
            return np.full(self.n_sites, default)
        if np.ndim(values) == 0:
            values = np.full(self.n_sites, values)
        array = np.asarray(self._aligned(name, values, self.facility_ids), dtype=float)
        if name == "capacity" and array.shape == (self.n_sites,):
            finite = np.where(np.isposinf(array), 0.0, array)
            finite_array(name, finite, n=self.n_sites)
            return array
        return finite_array(name, array, n=self.n_sites, non_negative=name != "preference")

    def _read_groups(self) -> pd.DataFrame | None:
        if self.groups is None:
            return None
        table = pd.DataFrame(self.groups)
        if table.index.equals(pd.RangeIndex(len(table))) and len(table) == self.n_demand:
            return table.set_axis(self.demand_ids, axis=0)
        missing = self.demand_ids.difference(table.index)
        if len(missing):
            raise InputError.of("siting.not_aligned", name="groups", n=len(missing), first=missing[0])
        return table.reindex(self.demand_ids)

    def _read_conflicts(self) -> tuple[tuple[Any, Any], ...]:
        pairs = tuple(tuple(pair) for pair in self.conflicts)
        for pair in pairs:
            if len(pair) != 2 or pair[0] == pair[1]:
                raise InputError.of("siting.bad_pair", pair=pair)
            self._read_ids("conflicts", pair)
            if self.is_fixed[self.positions(pair)].all():
                raise InputError.of("siting.fixed_conflict", first=pair[0], second=pair[1])
        return tuple((pair[0], pair[1]) for pair in pairs)

    def _read_quotas(self) -> tuple[Quota, ...]:
        quotas = tuple(self.quotas)
        faults = []
        for quota in quotas:
            at = self.positions(self._read_ids("quotas", quota.facility_ids))
            n_fixed = int(self.is_fixed[at].sum())
            most = len(at) if quota.at_most is None else quota.at_most
            possible = n_fixed + int(self.is_choice[at].sum())
            if quota.at_least > most or quota.at_least > possible or most < n_fixed:
                values = {
                    "name": quota.name or "-",
                    "at_least": quota.at_least,
                    "at_most": most,
                    "n_fixed": n_fixed,
                    "possible": possible,
                }
                faults.append(Fault(code="siting.bad_quota", values=values))
        if faults:
            raise InputError(*faults)
        return quotas
