"""What sites cost to build: as the table says, else the usual sum."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from cultureplan.lab.goals import build_costs
from cultureplan.world.facilities import Facilities


def site_costs(facilities: Facilities, ids: Iterable[str], *, usual_cost: float) -> pd.Series:
    """Return what each facility costs to build, by id.

    Parameters
    ----------
    facilities : Facilities
        Table that may have a column ``build_cost`` (yuan).
    ids : iterable of str
        Which ones; they need not be in the table.
    usual_cost : float
        Yuan for one that the table says nothing about.
    """
    known = build_costs(facilities)
    names = list(ids)
    costs = [known.get(str(name), float(usual_cost)) for name in names]
    return pd.Series(costs, index=pd.Index(names, dtype=object), dtype=float)
