"""What the map in the browser is sent: geometry once as bytes, then sites and circles as small records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from cultureplan.base.messages import Lang
from cultureplan.lab.ground import Ground, Site
from cultureplan.lab.layers import is_mobile
from cultureplan.lab.state import LabState
from cultureplan.measures.area import lowest_polygons
from cultureplan.measures.circles import CircleStandard, Need

_SIZES = 4  # sizes of dots
_OUTLINE_STEPS = 4_000  # boundaries are drawn to this part of the world's size


def geometry_bytes(ground: Ground) -> tuple[bytes, dict[str, Any]]:
    """Return demand points and place boundaries as bytes, and where what stands in them.

    Coordinates are float32 metres from the middle of the world, so that a few centimetres is the worst
    rounding; what is decided by them is decided again from the exact ones.

    Returns
    -------
    geometry : bytes
        x, y of each demand point; x, y of each boundary vertex; first vertex of each ring (uint32); size
        class of each demand point (uint8).
    layout : dict
        ``n_demand``, ``n_vertices``, ``n_rings``, ``origin`` (metres), ``bounds`` (from the origin).
    """
    west, south, east, north = ground.bounds
    origin = np.array([(west + east) / 2, (south + north) / 2])
    xy = (ground.demand_xy - origin).astype("<f4")
    vertices, starts = _outlines(ground)
    if len(vertices):
        west, south = np.minimum((west, south), vertices.min(axis=0))
        east, north = np.maximum((east, north), vertices.max(axis=0))
    outlines = (vertices - origin).astype("<f4")
    content = b"".join(
        (xy.tobytes(), outlines.tobytes(), starts.astype("<u4").tobytes(), _sizes(ground.persons).tobytes())
    )
    layout = {
        "n_demand": len(xy),
        "n_vertices": len(outlines),
        "n_rings": len(starts),
        "origin": origin.tolist(),
        "bounds": [
            float(v) for v in (west - origin[0], south - origin[1], east - origin[0], north - origin[1])
        ],
    }
    return content, layout


def _sizes(persons: np.ndarray) -> np.ndarray:
    """Return the size class of each dot: the root of its persons in steps, as areas are compared."""
    most = float(np.quantile(persons, 0.98)) if len(persons) else 0.0
    share = np.sqrt(np.clip(persons / max(most, 1.0), 0.0, 1.0))
    return np.minimum((share * _SIZES).astype(np.uint8), _SIZES - 1)


def _outlines(ground: Ground) -> tuple[np.ndarray, np.ndarray]:
    """Return vertices of all boundary rings, shape (n, 2), and the first vertex of each ring."""
    places = lowest_polygons(ground.world.places)  # each piece of land once
    if len(places) == 0:
        return np.empty((0, 2)), np.empty(0, dtype=np.int64)
    west, south, east, north = ground.bounds
    fine_m = max(east - west, north - south) / _OUTLINE_STEPS
    shapes = shapely.simplify(places.geometry.to_numpy(), fine_m)
    rings = shapely.get_rings(shapely.get_parts(shapes))
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    return vertices, np.searchsorted(ring, np.arange(len(rings)))


def site_record(site: Site, standard: CircleStandard, lang: Lang) -> dict[str, Any]:
    """Return what the map needs to know of a site."""
    return {
        "id": site.facility_id,
        "x": site.x_m,
        "y": site.y_m,
        "level": site.level,
        "status": site.status,
        "is_mobile": is_mobile(site),
        "parent": site.parent_id,
        "settlement": site.settlement,
        "radius": own_radius_m(site, standard),
        "label": site.label(lang),
    }


def own_radius_m(site: Site, standard: CircleStandard) -> float:
    """Return the radius of the circle that holds for the people round a site; 0 where it counts for none.

    A town library also counts for villages within their wider limit; the circle drawn is the one for the
    settlement type it stands in.
    """
    rule = standard.rule(site.settlement)
    if rule is None or rule.radius_m is None or not any(serves(site, need) for need in rule.needs):
        return 0.0
    return float(rule.radius_m)


def serves(site: Site, need: Need) -> bool:
    """Return whether a site is of the levels and kinds that a need asks for."""
    return (not need.levels or site.level in need.levels) and (not need.kinds or site.kind in need.kinds)


def all_records(state: LabState, lang: Lang) -> list[dict[str, Any]]:
    """Return the record of every facility before any change, and of every other candidate site."""
    standard, base = state.standard, state.ground.base_sites
    others = [site for name, site in state.ground.candidate_sites.items() if name not in base]
    return [site_record(site, standard, lang) for site in (*base.values(), *others)]


def changed_records(state: LabState, lang: Lang) -> dict[str, dict[str, Any]]:
    """Return the record of every site that is not as it was before any change, by id."""
    base, standard = state.ground.base_sites, state.standard
    changed = {name: site for name, site in state.sites.items() if base.get(name) is not site}
    records = {
        name: site_record(site, standard, lang) for name, site in changed.items() if base.get(name) != site
    }
    for name, record in records.items():
        record["is_new"] = name not in base or not base[name].is_open
    for mark, names in (("is_forbidden", state.draft.forbidden), ("is_required", state.draft.required)):
        for name in names:
            site = state.ground.candidate_sites.get(name)
            if site is not None and name not in records:
                records[name] = {**site_record(site, standard, lang), mark: True}
    return records


def radii_bytes(state: LabState) -> bytes:
    """Return the radius of each site of :func:`all_records`, in its order, float32 metres."""
    standard, base = state.standard, state.ground.base_sites
    others = [site for name, site in state.ground.candidate_sites.items() if name not in base]
    # one look-up for all sites of the same settlement, level and kind
    known: Mapping[tuple[str, str, str], float] = {}
    radii = []
    for site in (*base.values(), *others):
        key = (site.settlement, site.level, site.kind)
        if key not in known:
            known = {**known, key: own_radius_m(site, standard)}
        radii.append(known[key])
    return np.array(radii, dtype="<f4").tobytes()
