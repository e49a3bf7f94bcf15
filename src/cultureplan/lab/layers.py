"""The layers of the map: what it can show, which of them a world has, and which are on to begin with."""

from __future__ import annotations

from cultureplan.lab.ground import Ground, Site
from cultureplan.measures.area import lowest_polygons
from cultureplan.world.levels import kinds_with

LAYERS = ("people", "circles", "isochrones", "streets", "outlines", "links", "candidates", "mobile")
_OFF = ("isochrones", "streets", "links")  # to begin with


def first_layers() -> dict[str, bool]:
    """Return which layers are on to begin with, by name."""
    return {name: name not in _OFF for name in LAYERS}


def layers_of(ground: Ground) -> tuple[str, ...]:
    """Return the layers that have anything to show for a world, in the order of :data:`LAYERS`.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan.lab.ground import Ground
    >>> "streets" in layers_of(Ground(world=cp.load_world("sanheyuan")))
    False
    """
    sites = ground.base_sites.values()
    has_streets = ground.world.streets is not None
    has = {
        "isochrones": has_streets,
        "streets": has_streets,
        "outlines": len(lowest_polygons(ground.world.places)) > 0,
        "links": len({site.level for site in sites}) > 1,
        "candidates": len(ground.candidate_sites) > 0,
        "mobile": any(is_mobile(site) for site in sites),
    }
    return tuple(name for name in LAYERS if has.get(name, True))


def is_mobile(site: Site) -> bool:
    """Return whether a site is a stop of a mobile library."""
    return site.kind in kinds_with("mobile")
