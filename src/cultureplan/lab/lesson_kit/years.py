"""What a plan over years gives: who is covered in each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from cultureplan.measures.circles import CircleStandard
from cultureplan.measures.coverage import measure_coverage
from cultureplan.planning.scenario import Scenario
from cultureplan.world.world import World


def gains_by_year(world: World, standard: CircleStandard, openings: Sequence[Iterable[str]]) -> pd.DataFrame:
    """Return how many persons more than today are covered in each year of a plan.

    Parameters
    ----------
    world : World
        The world as it is.
    standard : CircleStandard
        What it is measured by.
    openings : sequence of iterables of ids
        Candidates opened in the first year, in the second ...

    Returns
    -------
    DataFrame, index year (1 is the first)
        ``n_open`` (so far), ``gained_persons`` (against today). The sum of ``gained_persons`` is the gain
        in person-years.
    """
    today = measure_coverage(world, standard).persons
    scenario, rows, n_open = Scenario(world), [], 0
    for opened in openings:
        for facility_id in opened:
            scenario, n_open = scenario.add(str(facility_id)), n_open + 1
        rows.append((n_open, measure_coverage(scenario.apply(), standard).persons - today))
    years = pd.RangeIndex(1, len(rows) + 1, name="year")
    return pd.DataFrame(rows, columns=["n_open", "gained_persons"], index=years)
