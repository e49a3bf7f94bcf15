"""The subject of a report: what was measured, what is planned, and the names and places to call things by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cultureplan.base.crs import to_lonlat
from cultureplan.base.messages import Lang, text
from cultureplan.measures.coverage import Coverage
from cultureplan.planning.compare import Comparison
from cultureplan.plotting.wording import shown_names, site_names
from cultureplan.siting.result import SitingResult
from cultureplan.standards.compliance import ComplianceReport
from cultureplan.world.levels import PlaceLevel

_PATH_LEVELS = (PlaceLevel.COUNTY, PlaceLevel.TOWNSHIP)


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """Everything a report is about.

    Parameters
    ----------
    coverage : Coverage
        The world as it is, measured.
    plan : Coverage, optional
        The world with the plan, measured.
    comparison : Comparison, optional
        All worlds that are compared.
    siting : SitingResult, optional
        The answer that the plan came from.
    compliance : ComplianceReport, optional
        The world as it is, checked against a policy standard.
    lang : {"en", "zh"}
        Language.
    """

    coverage: Coverage
    plan: Coverage | None = None
    comparison: Comparison | None = None
    siting: SitingResult | None = None
    compliance: ComplianceReport | None = None
    lang: Lang = "en"

    @property
    def title(self) -> str:
        """Name of the world in the language of the report."""
        return self.coverage.world.title(self.lang)

    @property
    def order(self) -> tuple[str, ...]:
        """Ids of the sites that the solver opened, those that add most first."""
        if self.siting is None:
            return ()
        sites = self.siting.to_frame()
        new = sites[sites["is_new"]] if "is_new" in sites.columns else sites
        return (
            tuple(map(str, new["facility_id"]))
            if "facility_id" in new.columns
            else tuple(map(str, self.siting.opened))
        )

    @cached_property
    def facility_names(self) -> pd.Series:
        """Name of every facility, those of the plan included, by id."""
        names = shown_names(self.coverage.world.facilities, self.lang)
        if self.plan is None:
            return names
        added = site_names(self.plan.world, self.lang)
        return pd.concat([names, added[~added.index.isin(names.index)]])

    @cached_property
    def demand_lonlat(self) -> np.ndarray:
        """Longitude and latitude of the demand points, shape (n, 2), degrees."""
        return self.lonlat(self.coverage.world.demand.xy)

    def lonlat(self, xy: np.ndarray) -> np.ndarray:
        """Return longitude and latitude of points in the world's coordinate system, to about a centimetre."""
        return np.round(to_lonlat(xy, self.coverage.world.crs), 7)

    def paths(self, place_ids: pd.Series, *, with_own: bool = False) -> list[str]:
        """Return the district and town that places lie in, such as ``Pingluo County, Chengguan Town``.

        Parameters
        ----------
        place_ids : Series
            Ids of places, missing ones too.
        with_own : bool
            Whether a place of such a level is named itself, or only what it lies in.
        """
        places = self.coverage.world.places
        if places is None:
            return [""] * len(place_ids)
        names = shown_names(places, self.lang)
        above = [places.ancestor_at(level) for level in _PATH_LEVELS]
        shown = {}
        for place_id in pd.unique(place_ids.dropna()):
            found = [line.get(place_id) for line in above]
            parts = [names[key] for key in found if isinstance(key, str) and (with_own or key != place_id)]
            shown[place_id] = text("plot.comma", self.lang).join(dict.fromkeys(parts))
        return [shown.get(place_id, "") for place_id in place_ids]
