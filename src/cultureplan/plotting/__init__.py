"""Floor 6: one function a picture; each takes axes, draws, and gives the axes back.

Imported on request: nothing below this floor, and no ``import cultureplan``, loads matplotlib.
"""

from __future__ import annotations

from importlib.util import find_spec

from cultureplan.base.errors import MissingExtraError

if find_spec("matplotlib") is None:
    raise MissingExtraError.for_extra("matplotlib", "plot")

from cultureplan.plotting.access import access_map
from cultureplan.plotting.circles import circles_map
from cultureplan.plotting.comparison import comparison_bars, comparison_maps
from cultureplan.plotting.compliance import verdict_matrix
from cultureplan.plotting.coverage import coverage_map, group_bars, place_bars, settlement_bars
from cultureplan.plotting.equity import lorenz_curve
from cultureplan.plotting.hierarchy import hierarchy_map, hierarchy_tree
from cultureplan.plotting.hours import week_hours
from cultureplan.plotting.phases import phase_chart
from cultureplan.plotting.siting import siting_map
from cultureplan.plotting.streets import agreement_map, streets_map
from cultureplan.plotting.trade_offs import coverage_curve, pareto_front

__all__ = [
    "access_map",
    "agreement_map",
    "circles_map",
    "comparison_bars",
    "comparison_maps",
    "coverage_curve",
    "coverage_map",
    "group_bars",
    "hierarchy_map",
    "hierarchy_tree",
    "lorenz_curve",
    "pareto_front",
    "phase_chart",
    "place_bars",
    "settlement_bars",
    "siting_map",
    "streets_map",
    "verdict_matrix",
    "week_hours",
]
