"""Isochrones of the map: computed for the facilities it shows, when it asks for them, and sent once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from cultureplan.lab.ground import Ground, Site
from cultureplan.lab.map_data import serves
from cultureplan.measures.circles import CircleRule, CircleStandard
from cultureplan.measures.isochrones import isochrones
from cultureplan.travel.streets import Streets
from cultureplan.world.facilities import Facilities

BUFFER_M = 50.0  # half a city block to both sides of a reached street
_FINE_M = 4.0  # corners nearer to the line than this are left out
_MOST_KNOWN = 2_000  # asked-for places that are remembered; more are dragged past than kept


@dataclass(frozen=True)
class _Asked:
    x_m: float
    y_m: float
    mode: Streets
    limit: float


class ReachedStreets:
    """The land along streets from which facilities are reached, by a short key for each place and limit.

    Parameters
    ----------
    ground : Ground
        A world with streets.
    origin : (float, float)
        Where the map's coordinates begin, metres.
    """

    def __init__(self, ground: Ground, origin: tuple[float, float]) -> None:
        self.ground, self.origin = ground, origin
        self._keys: dict[_Asked, str] = {}
        self._asked: OrderedDict[str, _Asked] = OrderedDict()
        self._n = 0

    def keys(self, sites: Iterable[Site], standard: CircleStandard) -> dict[str, str]:
        """Return the key of the isochrone of each open site that counts for those round it, by its id."""
        found = {}
        for site in sites:
            rule = street_rule(standard, site.settlement)
            if site.is_open and rule is not None and any(serves(site, need) for need in rule.needs):
                found[site.facility_id] = self._key(
                    _Asked(round(site.x_m, 2), round(site.y_m, 2), _mode(rule), rule.limit)
                )
        return found

    def shapes(self, keys: Iterable[str]) -> tuple[list[dict[str, Any]], list[bytes]]:
        """Return the isochrones behind some keys, as records and as bytes.

        Returns
        -------
        records : list of dict
            ``key``, ``n_vertices``, ``n_rings``; nothing for a key that is not known any more.
        buffers : list of bytes
            For each record: x, y of each vertex (float32 metres from the origin), first vertex of each
            ring (uint32). Outer rings run against the clock and holes with it.
        """
        wanted = [(key, self._asked[key]) for key in dict.fromkeys(keys) if key in self._asked]
        records, buffers = [], []
        for mode, limit in dict.fromkeys((asked.mode, asked.limit) for _, asked in wanted):
            alike = [(key, asked) for key, asked in wanted if (asked.mode, asked.limit) == (mode, limit)]
            land = self._land([(asked.x_m, asked.y_m) for _, asked in alike], mode, limit)
            for (key, _), polygon in zip(alike, land, strict=True):
                vertices, starts = self._rings(polygon)
                records.append({"key": key, "n_vertices": len(vertices), "n_rings": len(starts)})
                buffers.append(vertices.tobytes() + starts.tobytes())
        return records, buffers

    def _key(self, asked: _Asked) -> str:
        if asked not in self._keys:
            self._n += 1
            self._keys[asked] = f"i{self._n}"
            self._asked[f"i{self._n}"] = asked
            if len(self._asked) > _MOST_KNOWN:
                _, oldest = self._asked.popitem(last=False)
                del self._keys[oldest]
        return self._keys[asked]

    def _land(self, places: list[tuple[float, float]], mode: Streets, limit: float) -> np.ndarray:
        world = self.ground.world
        names = [f"p{k}" for k in range(len(places))]
        frame = gpd.GeoDataFrame(
            {"facility_id": names, "name": names, "level": "service_point", "kind": "library"},
            geometry=gpd.points_from_xy(*np.array(places).T),
            crs=world.crs,
        )
        only = world.with_facilities(Facilities(frame))
        made = isochrones(only, mode, limit=limit, buffer_m=BUFFER_M).set_index("facility_id")
        return made.geometry.loc[names].to_numpy()

    def _rings(self, polygon: Any) -> tuple[np.ndarray, np.ndarray]:
        parts = shapely.orient_polygons(shapely.get_parts(shapely.simplify(polygon, _FINE_M)))
        vertices, ring = shapely.get_coordinates(shapely.get_rings(parts), return_index=True)
        starts = np.searchsorted(ring, np.arange(ring[-1] + 1 if len(ring) else 0))
        return (vertices - np.array(self.origin)).astype("<f4"), starts.astype("<u4")


@lru_cache(maxsize=64)
def _rules(standard: CircleStandard) -> dict[str, CircleRule]:
    return {str(rule.settlement): rule for rule in standard.along_streets().rules}


def street_rule(standard: CircleStandard, settlement: str) -> CircleRule | None:
    """Return the rule of a settlement type with its way along the streets, or None where there is none."""
    return _rules(standard).get(settlement)


def _mode(rule: CircleRule) -> Streets:
    """Return how the way is measured; a facility off the streets has no isochrone instead of an error."""
    mode = rule.mode if isinstance(rule.mode, Streets) else Streets(unit=rule.unit)
    return replace(mode, off_network="leave_out")


def street_lines(ground: Ground, origin: tuple[float, float]) -> tuple[dict[str, int], bytes]:
    """Return the streets of a world as lines for the map.

    Returns
    -------
    layout : dict
        ``n_vertices``, ``n_lines``.
    content : bytes
        x, y of each vertex (float32 metres from the origin), first vertex of each line (uint32).
    """
    streets = ground.world.streets
    lines = np.empty(0, dtype=object) if streets is None else streets.to_edges().geometry.to_numpy()
    vertices, line = shapely.get_coordinates(shapely.simplify(lines, _FINE_M), return_index=True)
    starts = np.flatnonzero(np.diff(line, prepend=-1))
    content = (vertices - np.array(origin)).astype("<f4").tobytes() + starts.astype("<u4").tobytes()
    return {"n_vertices": len(vertices), "n_lines": len(starts)}, content
