"""Write the tree of facilities for other programs: GraphML (Gephi, yEd, networkx) and GeoJSON (any map)."""

from __future__ import annotations

import json
import math
import uuid
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from networkx.readwrite.graphml import generate_graphml

from cultureplan.base.crs import to_lonlat
from cultureplan.base.errors import InputError
from cultureplan.world.network import ServiceNetwork

_DECIMALS = 7  # of a degree: 1 cm
_ENDINGS = (".graphml", ".geojson")


def write_network(network: ServiceNetwork, path: str | Path) -> Path:
    """Write a service network, in WGS84, as its file name's ending says; return the path.

    GraphML holds the facilities with every attribute, ``lon`` and ``lat``, and the links from parent to
    child. GeoJSON holds each facility as a point (``feature`` is ``facility``) and each link as a line
    from parent to child (``feature`` is ``link``) with ``parent_id``, ``facility_id``, both levels and
    ``length_m``, the straight length. A file that is there is replaced, and never seen half-written.

    Parameters
    ----------
    network : ServiceNetwork
        For example ``world.network``.
    path : str or Path
        File name that ends in ``.graphml`` or ``.geojson``.

    Raises
    ------
    InputError
        If the ending is another.
    """
    target = Path(path)
    ending = target.suffix.lower()
    if ending not in _ENDINGS:
        raise InputError.of("io.unknown_network_form", file=target.name, known=", ".join(_ENDINGS))
    text = _graphml(network) if ending == ".graphml" else _geojson(network)
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _graphml(network: ServiceNetwork) -> str:
    graph: nx.DiGraph[str] = nx.DiGraph(crs="EPSG:4326")
    for name, attributes in _nodes(network).items():
        graph.add_node(name, **attributes)
    graph.add_edges_from(network.links[["parent_id", "facility_id"]].itertuples(index=False, name=None))
    return "\n".join(generate_graphml(graph)) + "\n"


def _geojson(network: ServiceNetwork) -> str:
    nodes = _nodes(network)
    places = {name: [node["lon"], node["lat"]] for name, node in nodes.items()}
    features = [
        _feature("Point", places[name], {"feature": "facility", **_without(node, "lon", "lat")})
        for name, node in nodes.items()
    ]
    links = network.links
    xy = pd.DataFrame(network.facilities.xy, index=network.facilities.ids)
    steps = xy.loc[links["facility_id"]].to_numpy() - xy.loc[links["parent_id"]].to_numpy()
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    for link, length in zip(links.to_dict("records"), lengths, strict=True):
        line = [places[link["parent_id"]], places[link["facility_id"]]]
        named = {str(key): value for key, value in link.items()}
        properties = {"feature": "link", **named, "length_m": round(float(length), 1)}
        features.append(_feature("LineString", line, properties))
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1)


def _nodes(network: ServiceNetwork) -> dict[str, dict[str, Any]]:
    """Return the attributes of each facility in plain Python values, with its longitude and latitude."""
    graph = network.to_networkx()
    nodes: dict[str, dict[str, Any]] = {str(name): graph.nodes[name] for name in graph}
    xy = np.array([[data["x_m"], data["y_m"]] for data in nodes.values()]).reshape(-1, 2)
    lonlat = np.round(to_lonlat(xy, network.facilities.crs), _DECIMALS)
    return {
        name: {
            **{key: _plain(value) for key, value in data.items() if not _is_left_out(key, value)},
            "lon": float(lon),
            "lat": float(lat),
        }
        for (name, data), (lon, lat) in zip(nodes.items(), lonlat, strict=True)
    }


def _plain(value: Any) -> str | bool | int | float:
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, str | bool | int | float) else str(value)


def _is_left_out(key: str, value: object) -> bool:
    """Return whether an attribute has no place in these files: plane coordinates, and what is not finite."""
    return key in ("x_m", "y_m") or (isinstance(value, float) and not math.isfinite(value))


def _without(node: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key not in names}


def _feature(kind: str, coordinates: object, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }
