"""A made-up inspection of the districts of a city, for the lesson on evaluation."""

from __future__ import annotations

import pandas as pd

from cultureplan.measures.circles import load_circles
from cultureplan.measures.coverage import measure_coverage
from cultureplan.standards.evaluation import COMPONENTS, Evaluation, evaluate
from cultureplan.world.world import World

# satisfaction (points), visits without notice (share passed), process (share of steps on file): invented
_INVENTED = {"640202": (84.0, 0.72, 0.70), "640205": (91.0, 0.60, 0.78), "640221": (88.0, 0.81, 0.74)}


def inspected(world: World, component_weights: dict[str, float]) -> Evaluation:
    """Return the scores of the three districts of Shizuishan by given weights.

    The covered share of the 15-minute circle is measured on the world; satisfaction, field visits and process
    are **invented**, because nobody published them.

    Parameters
    ----------
    world : World
        Shizuishan.
    component_weights : dict
        Weight of each of the four components, summing to 1.
    """
    share = measure_coverage(world, load_circles("shizuishan-2021")).by("county")["covered_share"]
    rows = {county: (share[county], *_INVENTED[county]) for county in _INVENTED}
    values = pd.DataFrame.from_dict(
        rows, orient="index", columns=["coverage", "satisfied", "passed", "on_file"]
    )
    indicators = pd.DataFrame(
        {
            "indicator_id": list(values.columns),
            "component": COMPONENTS,
            "kind": "stock",
            "direction": "higher",
            "weight": 1.0,
        }
    )
    return evaluate(values, indicators, component_weights=component_weights)
