"""Sharing (Quanzhou 2020): halls of schools, unions, agencies and companies as places people could use.

A shared site is a candidate facility, so that a scenario may open an existing hall instead of building one.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from cultureplan.base.errors import InputError
from cultureplan.base.messages import Lang, text
from cultureplan.measures.circles import CircleStandard
from cultureplan.measures.coverage import measure_coverage
from cultureplan.standards.measured import yes
from cultureplan.standards.registers import Registers
from cultureplan.standards.words import policy_word
from cultureplan.world.facilities import Facilities
from cultureplan.world.world import World

PREFIX = "shared-"  # put before a site's id, so that it clashes with no facility
OPEN_FEES = ("free", "discount")  # either satisfies the clause (Q-07b)


def sharing_conditions(registers: Registers, lang: Lang = "en") -> pd.DataFrame:
    """Return for each site of another owner whether it could be opened to the public, and what it lacks.

    Parameters
    ----------
    registers : Registers
        With ``shared_sites``.
    lang : {"en", "zh"}

    Returns
    -------
    DataFrame, index site_id
        ``name``, ``owner_kind`` (worded), ``fee``, ``opening_hours``, ``annual_cost``, ``is_openable``,
        ``lacking`` (worded: an agreement, free or reduced entry, published hours, a point).
    """
    sites = _sites(registers)
    lacks = [_lacks(row) for row in sites.to_dict("records")]
    return pd.DataFrame(
        {
            "name": sites["name"].to_numpy(object),
            "owner_kind": [policy_word("code", kind, lang) for kind in sites["owner_kind"]],
            "fee": sites["fee"].to_numpy(object),
            "opening_hours": sites["opening_hours"].to_numpy(object),
            "annual_cost": sites["annual_cost"].to_numpy(float),
            "is_openable": [not lack for lack in lacks],
            "lacking": [
                text("fault.comma", lang).join(text(f"sharing.lacks_{name}", lang) for name in lack)
                for lack in lacks
            ],
        },
        index=pd.Index(sites["site_id"], name="site_id", dtype=object),
    )


def with_shared_sites(world: World, registers: Registers, *, only_openable: bool = True) -> World:
    """Return a world in which shared sites are candidate facilities of kind ``shared_hall``.

    Parameters
    ----------
    world : World
    registers : Registers
        With ``shared_sites``; x and y in the world's coordinate system. A site that is a facility of the
        world already (``facility_id``) is left alone.
    only_openable : bool
        Leave out sites without an agreement or without free or reduced entry.

    Returns
    -------
    World
        The new ids begin with ``shared-``; opening one costs nothing to build and its yearly sharing cost.

    Raises
    ------
    InputError
        If no site can be added.
    """
    sites = _sites(registers)
    known = sites["facility_id"].notna().to_numpy(bool)
    has_point = (sites["x"].notna() & sites["y"].notna()).to_numpy(bool)
    openable = [not (set(_lacks(row)) - {"hours"}) for row in sites.to_dict("records")]
    kept = sites[
        ~known & has_point & (pd.Series(openable, index=sites.index).to_numpy(bool) | (not only_openable))
    ]
    if len(kept) == 0:
        raise InputError.of("sharing.none")
    frame = pd.DataFrame(
        {
            "facility_id": [f"{PREFIX}{site}" for site in kept["site_id"]],
            "name": [str(name or site) for name, site in zip(kept["name"], kept["site_id"], strict=True)],
            "level": "service_point",
            "kind": "shared_hall",
            "status": "candidate",
            "owner": kept["owner_kind"].to_numpy(object),
            "opening_hours": kept["opening_hours"].to_numpy(object),
            "capacity_persons": kept["capacity_persons"].to_numpy(float),
            "build_cost": 0.0,
            "annual_cost": kept["annual_cost"].to_numpy(float),
            "place_id": kept["place_id"].to_numpy(object),
        }
    )
    halls = gpd.GeoDataFrame(
        frame,
        geometry=gpd.points_from_xy(kept["x"].to_numpy(float), kept["y"].to_numpy(float)),
        crs=world.crs,
    )
    both = pd.concat([world.facilities.frame, halls.dropna(axis="columns", how="all")], ignore_index=True)
    return world.with_facilities(Facilities(gpd.GeoDataFrame(both, geometry="geometry", crs=world.crs)))


def sharing_gain(world: World, registers: Registers, circles: CircleStandard) -> pd.DataFrame:
    """Return how many more persons are inside a circle when each shared site opens, alone and with all.

    Parameters
    ----------
    world : World
    registers : Registers
        With ``shared_sites``.
    circles : CircleStandard
        Its reading decides whether shared halls count at all: load it with ``counts="any"`` (U-01).

    Returns
    -------
    DataFrame, index facility_id
        ``name``, ``owner_kind``, ``gained_persons`` (this site alone), ``annual_cost``,
        ``yuan_per_person`` (NaN where nobody is gained); the last row, ``all``, is of all sites together.
    """
    with_sites = with_shared_sites(world, registers)
    frame = with_sites.facilities.frame
    ids = [str(i) for i in frame["facility_id"] if str(i).startswith(PREFIX)]
    base = measure_coverage(world, circles).persons
    rows = []
    for opened in [*([i] for i in ids), ids]:
        changed = frame.copy()
        changed["status"] = changed["status"].mask(changed["facility_id"].isin(opened), "existing")
        gained = measure_coverage(world.with_facilities(Facilities(changed)), circles).persons - base
        own = changed[changed["facility_id"].isin(opened)]
        cost = (
            float(pd.to_numeric(own["annual_cost"], errors="coerce").sum()) if "annual_cost" in own else 0.0
        )
        single = len(opened) == 1 and opened is not ids
        rows.append(
            {
                "facility_id": opened[0] if single else "all",
                "name": str(own["name"].iloc[0]) if single else "",
                "owner_kind": str(own["owner"].iloc[0]) if single else "",
                "gained_persons": gained,
                "annual_cost": cost,
                "yuan_per_person": cost / gained if gained > 0 else float("nan"),
            }
        )
    return pd.DataFrame(rows).set_index("facility_id")


def _sites(registers: Registers) -> pd.DataFrame:
    if "shared_sites" not in registers:
        raise InputError.of("sharing.no_register")
    return registers["shared_sites"]


def _lacks(row: Mapping[Hashable, Any]) -> tuple[str, ...]:
    """Return what stands against opening a site; published hours are asked of it as well (Q-07a)."""
    lacking = []
    if not yes(row["has_agreement"]):
        lacking.append("agreement")
    if row["fee"] not in OPEN_FEES:
        lacking.append("fee")
    if not yes(row["hours_published"]):
        lacking.append("hours")
    return tuple(lacking)
