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


def affordable_openings(
    world: World, order: Sequence[str], *, yearly_budget: float, n_years: int, pay_to_run: bool = True
) -> pd.DataFrame:
    """Return what a budget that does not grow can open year by year, in a given order.

    Every year what was opened before is paid for first; what is left opens the next sites of the list, as
    long as it is enough. Money does not pass into the next year.

    Parameters
    ----------
    world : World
        Its candidates have ``build_cost`` and ``annual_cost``.
    order : sequence of ids
        What is to be opened, the most urgent first.
    yearly_budget : float
        Yuan a year.
    n_years : int
        How many years.
    pay_to_run : bool
        Whether rooms have to be paid for after they are opened.

    Returns
    -------
    DataFrame, index year (1 is the first)
        ``opened`` (ids), ``n_open`` (so far), ``build_yuan``, ``run_yuan``, ``left_yuan``.
    """
    table = world.facilities.frame.set_index("facility_id")
    waiting, running, rows = list(order), 0.0, []
    for _ in range(n_years):
        run = running if pay_to_run else 0.0
        left, opened = yearly_budget - run, []
        while waiting and table.at[waiting[0], "build_cost"] <= left:
            site = waiting.pop(0)
            left -= float(table.at[site, "build_cost"])
            running += float(table.at[site, "annual_cost"])
            opened.append(site)
        n_open = len(order) - len(waiting)
        rows.append((tuple(opened), n_open, yearly_budget - run - left, run, left))
    years = pd.RangeIndex(1, n_years + 1, name="year")
    columns = ["opened", "n_open", "build_yuan", "run_yuan", "left_yuan"]
    return pd.DataFrame(rows, columns=columns, index=years)
