"""Floor 8, the lab: maps to work on, panels for lessons and planners, and the state behind them.

The state needs no widget; the map and the panels are loaded when they are first used and need the extra
``lab``.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from cultureplan.base.errors import MissingExtraError
from cultureplan.lab.exercises import begin_lesson, check, hint, progress, reveal, save_answers
from cultureplan.lab.saving import load_state, save_state
from cultureplan.lab.session import LabSession
from cultureplan.lab.state import LabState

if TYPE_CHECKING:
    from cultureplan.lab.map_widget import CityMap as CityMap
    from cultureplan.lab.panels.comparison_panel import ComparisonPanel as ComparisonPanel
    from cultureplan.lab.panels.coverage_explorer import CoverageExplorer as CoverageExplorer
    from cultureplan.lab.panels.equity_panel import EquityPanel as EquityPanel
    from cultureplan.lab.panels.hierarchy_panel import HierarchyPanel as HierarchyPanel
    from cultureplan.lab.panels.siting_studio import SitingStudio as SitingStudio
    from cultureplan.lab.panels.standards_panel import StandardsPanel as StandardsPanel

_WIDGETS = {
    "CityMap": "map_widget",
    "ComparisonPanel": "panels.comparison_panel",
    "CoverageExplorer": "panels.coverage_explorer",
    "EquityPanel": "panels.equity_panel",
    "HierarchyPanel": "panels.hierarchy_panel",
    "SitingStudio": "panels.siting_studio",
    "StandardsPanel": "panels.standards_panel",
}

__all__ = [
    "CityMap",
    "ComparisonPanel",
    "CoverageExplorer",
    "EquityPanel",
    "HierarchyPanel",
    "LabSession",
    "LabState",
    "SitingStudio",
    "StandardsPanel",
    "begin_lesson",
    "check",
    "hint",
    "load_state",
    "progress",
    "reveal",
    "save_answers",
    "save_state",
]


def __getattr__(name: str) -> object:
    if name not in _WIDGETS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for library in ("ipywidgets", "anywidget", "matplotlib"):
        if find_spec(library) is None:
            raise MissingExtraError.for_extra(library, "lab")
    value = getattr(import_module(f"{__name__}.{_WIDGETS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
