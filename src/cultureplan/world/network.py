"""The service network: the administrative tree of facilities (总分馆制), whose links are ``parent_id``.

Only existing facilities belong to it. A facility whose parent is closed or not named, although
facilities of a higher rank exist, is an orphan: real tables have such, so they are reported, not refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import numpy as np
import pandas as pd

from cultureplan.base.errors import UnknownNameError
from cultureplan.world.facilities import Facilities
from cultureplan.world.levels import Level, Status
from cultureplan.world.table import parent_positions


@dataclass(frozen=True, kw_only=True, eq=False)
class ServiceNetwork:
    """The tree of existing facilities: who reports to whom.

    Parameters
    ----------
    facilities : Facilities
        All facilities; candidates and closed ones are left out of the tree.
    """

    facilities: Facilities

    @cached_property
    def _frame(self) -> pd.DataFrame:
        frame = self.facilities.frame
        return frame[frame["status"] == Status.EXISTING].reset_index(drop=True)

    @cached_property
    def ids(self) -> pd.Index:
        """Ids of the existing facilities."""
        return pd.Index(self._frame["facility_id"].astype(object), name="facility_id")

    @cached_property
    def _parent(self) -> np.ndarray:
        return parent_positions(self._frame, "facility_id")

    @cached_property
    def parents(self) -> pd.Series:
        """Id of each facility's parent; missing at the top and for orphans."""
        ids = self.ids.to_numpy(object)
        parent = np.where(self._parent >= 0, ids[np.maximum(self._parent, 0)], None)
        return pd.Series(parent, index=self.ids, name="parent_id", dtype=object)

    @cached_property
    def links(self) -> pd.DataFrame:
        """One row a link: ``parent_id``, ``facility_id``, ``parent_level``, ``level``."""
        level = self._frame["level"].to_numpy(object)
        child = np.flatnonzero(self._parent >= 0)
        parent = self._parent[child]
        ids = self.ids.to_numpy(object)
        return pd.DataFrame(
            {
                "parent_id": ids[parent],
                "facility_id": ids[child],
                "parent_level": level[parent],
                "level": level[child],
            }
        )

    @cached_property
    def depth(self) -> pd.Series:
        """Links from the top: 0 for a facility without a parent."""
        depth = np.zeros(len(self.ids), dtype=np.int64)
        walker = self._parent
        while (walker >= 0).any():
            depth += walker >= 0
            walker = np.where(walker >= 0, self._parent[np.maximum(walker, 0)], -1)
        return pd.Series(depth, index=self.ids, name="depth")

    @cached_property
    def span_of_control(self) -> pd.Series:
        """Number of facilities that report directly to each facility."""
        linked = self._parent[self._parent >= 0]
        return pd.Series(np.bincount(linked, minlength=len(self.ids)), index=self.ids, name="span_of_control")

    def count_by_level(self) -> pd.Series:
        """Return the number of existing facilities of each level, top first."""
        counts = self._frame["level"].value_counts()
        levels = sorted(Level, key=lambda level: -level.rank)
        return pd.Series(
            {str(level): int(counts.get(str(level), 0)) for level in levels}, name="n_facilities"
        )

    def children(self, facility_id: str) -> tuple[str, ...]:
        """Return the ids of the facilities that report directly to one facility."""
        return tuple(self.ids[self._parent == self._position(facility_id)])

    def descendants(self, facility_id: str) -> tuple[str, ...]:
        """Return the ids of all facilities below one facility, nearest first."""
        below: list[int] = []
        layer = np.array([self._position(facility_id)])
        while len(layer):
            layer = np.flatnonzero(np.isin(self._parent, layer))
            below.extend(layer.tolist())
        return tuple(self.ids[below])

    def ancestors(self, facility_id: str) -> tuple[str, ...]:
        """Return the ids of the facilities above one facility, nearest first."""
        chain: list[int] = []
        here = int(self._parent[self._position(facility_id)])
        while here >= 0:
            chain.append(here)
            here = int(self._parent[here])
        return tuple(self.ids[chain])

    def roots(self) -> tuple[str, ...]:
        """Return the ids of the facilities that report to nobody and are of the highest level present."""
        ranks = self._ranks
        return tuple(self.ids[(self._parent < 0) & (ranks == ranks.max(initial=0))])

    def orphans(self) -> tuple[str, ...]:
        """Return the ids of the facilities below the highest level present that report to nobody."""
        ranks = self._ranks
        return tuple(self.ids[(self._parent < 0) & (ranks < ranks.max(initial=0))])

    def orphaned_by_closing(self, facility_id: str) -> pd.DataFrame:
        """Return who is cut off from the top if one facility closes.

        Returns
        -------
        DataFrame
            ``facility_id``, ``name``, ``level``, ``is_direct`` (reports to the closed one itself).
        """
        below = list(self.descendants(facility_id))
        rows = self._frame.set_index("facility_id").loc[below]
        direct = rows["parent_id"].to_numpy(object) == facility_id
        return pd.DataFrame(
            {
                "facility_id": below,
                "name": rows["name"].to_numpy(object),
                "level": rows["level"].to_numpy(object),
                "is_direct": direct,
            }
        )

    def subtree_total(self, values: pd.Series) -> pd.Series:
        """Return each facility's own value plus those of all facilities below it.

        Parameters
        ----------
        values : Series, index facility_id
            A number for each facility, such as persons or volumes; absent ones count as 0.
        """
        total = values.reindex(self.ids).fillna(0.0).to_numpy(float).copy()
        for position in np.argsort(-self.depth.to_numpy(), kind="stable"):
            if self._parent[position] >= 0:
                total[self._parent[position]] += total[position]
        return pd.Series(total, index=self.ids, name=values.name)

    def load_per_head(self, values: pd.Series) -> pd.DataFrame:
        """Return what each head library (总馆) carries: facilities below it and the total of `values`.

        Parameters
        ----------
        values : Series, index facility_id
            For example persons whose nearest facility it is.

        Returns
        -------
        DataFrame, index facility_id
            ``name``, ``n_facilities`` (below it, itself not counted), ``load`` (total of `values`).
        """
        heads = self._frame["level"].to_numpy(object) == Level.HEAD
        n_below = self.subtree_total(pd.Series(1.0, index=self.ids)) - 1
        result = pd.DataFrame(
            {
                "name": self._frame["name"].to_numpy(object),
                "n_facilities": n_below.to_numpy().astype(np.int64),
                "load": self.subtree_total(values).to_numpy(),
            },
            index=self.ids,
        )
        return result[heads]

    def to_networkx(self) -> nx.DiGraph[str]:
        """Return the tree as a directed graph, parent -> child, with every attribute of every facility.

        A missing value is an absent attribute; ``x_m`` and ``y_m`` are the coordinates.
        """
        graph: nx.DiGraph[str] = nx.DiGraph(crs=str(self.facilities.crs.to_string()))
        frame = self._frame
        plain = pd.DataFrame(frame.drop(columns="geometry"))
        plain["x_m"], plain["y_m"] = frame.geometry.x, frame.geometry.y
        for row in plain.to_dict("records"):
            kept = {str(k): v for k, v in row.items() if not (pd.api.types.is_scalar(v) and pd.isna(v))}
            graph.add_node(kept["facility_id"], **kept)
        graph.add_edges_from(self.links[["parent_id", "facility_id"]].itertuples(index=False, name=None))
        return graph

    @cached_property
    def _ranks(self) -> np.ndarray:
        return self._frame["level"].map({level.value: level.rank for level in Level}).to_numpy(int)

    def _position(self, facility_id: str) -> int:
        try:
            return int(self.ids.get_loc(facility_id))  # type: ignore[arg-type]
        except KeyError:
            raise UnknownNameError.closest(
                "world.unknown_id", facility_id, map(str, self.ids), table="facilities"
            ) from None
