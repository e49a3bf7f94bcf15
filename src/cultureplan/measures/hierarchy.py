"""How the service network fits the places it serves."""

from __future__ import annotations

import pandas as pd

from cultureplan.base.errors import UnknownNameError
from cultureplan.measures.coverage import Coverage
from cultureplan.world.levels import Level, PlaceLevel
from cultureplan.world.world import World


def places_without_facility(world: World, place_level: str, *, level: str | None = None) -> pd.DataFrame:
    """Return the places of a level in which no existing facility stands.

    Parameters
    ----------
    world : World
        A world with places; without any, nothing is returned.
    place_level : str
        ``county``, ``township``, ``village`` ...
    level : str, optional
        Only facilities of this level count, for example ``branch`` for townships (one branch for each
        township and street; Shizuishan 2021, S-HIER-01).

    Returns
    -------
    DataFrame, index place_id
        ``name``, ``persons`` living there.
    """
    if place_level not in tuple(PlaceLevel):
        raise UnknownNameError.closest("hierarchy.unknown_level", place_level, list(PlaceLevel))
    if level is not None and level not in tuple(Level):
        raise UnknownNameError.closest("hierarchy.unknown_level", level, list(Level))
    if world.places is None:
        return pd.DataFrame({"name": [], "persons": []})
    home = world.places.ancestor_at(place_level)
    rows = world.facilities.select(levels=() if level is None else (level,))
    served = set(world.facility_places.iloc[rows].map(home).dropna())
    persons = world.demand.persons.groupby(world.demand_places.map(home)).sum()
    ids = world.places.at_level(place_level)
    missing = ids[~ids.isin(served)]
    return pd.DataFrame(
        {"name": world.places.names.loc[missing], "persons": persons.reindex(missing).fillna(0.0)},
        index=missing,
    ).rename_axis("place_id")


def head_load(coverage: Coverage) -> pd.DataFrame:
    """Return what each head library (总馆) carries: facilities below it, and persons nearest to them.

    Returns
    -------
    DataFrame, index facility_id
        ``name``, ``n_facilities``, ``load_persons``.
    """
    load = coverage.world.network.load_per_head(coverage.nearest_load())
    return load.rename(columns={"load": "load_persons"})


def hierarchy_summary(world: World) -> pd.DataFrame:
    """Return one row a level: facilities, those without a parent, mean and largest span of control.

    Returns
    -------
    DataFrame, index level (top first)
        ``n_facilities``, ``n_orphans``, ``mean_span``, ``max_span``.
    """
    network = world.network
    frame = world.facilities.frame.set_index("facility_id").loc[network.ids]
    orphans = frame.index.isin(network.orphans())
    table = pd.DataFrame(
        {
            "level": frame["level"].to_numpy(object),
            "n_facilities": 1,
            "n_orphans": orphans.astype(int),
            "span": network.span_of_control.to_numpy(),
        }
    )
    grouped = table.groupby("level").agg(
        n_facilities=("n_facilities", "sum"),
        n_orphans=("n_orphans", "sum"),
        mean_span=("span", "mean"),
        max_span=("span", "max"),
    )
    order = [str(level) for level in sorted(Level, key=lambda level: -level.rank)]
    return grouped.reindex([level for level in order if level in grouped.index])
