"""cultureplan: plan public cultural services - coverage, siting, standards - from one import.

The names below are the public face. Each is loaded when it is first used, so that ``import cultureplan``
loads no map, plot or solver library and changes no setting.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from cultureplan import datasets as datasets
    from cultureplan.base.errors import CulturePlanError as CulturePlanError
    from cultureplan.travel.costs import TravelCosts as TravelCosts
    from cultureplan.travel.modes import StraightLine as StraightLine
    from cultureplan.travel.modes import Walking as Walking
    from cultureplan.travel.modes import straight_line_costs as straight_line_costs
    from cultureplan.travel.modes import travel_costs as travel_costs
    from cultureplan.world.demand import DemandPoints as DemandPoints
    from cultureplan.world.facilities import Facilities as Facilities
    from cultureplan.world.levels import Level as Level
    from cultureplan.world.levels import Settlement as Settlement
    from cultureplan.world.network import ServiceNetwork as ServiceNetwork
    from cultureplan.world.places import Places as Places
    from cultureplan.world.world import World as World

# public name -> module that holds it; a name that is a module stands for itself
_FACE = {
    "CulturePlanError": "base.errors",
    "DemandPoints": "world.demand",
    "Facilities": "world.facilities",
    "Level": "world.levels",
    "Places": "world.places",
    "ServiceNetwork": "world.network",
    "Settlement": "world.levels",
    "StraightLine": "travel.modes",
    "TravelCosts": "travel.costs",
    "Walking": "travel.modes",
    "World": "world.world",
    "straight_line_costs": "travel.modes",
    "travel_costs": "travel.modes",
}
_MODULES = {"datasets": "datasets"}

__all__ = ["__version__", *sorted(_FACE), *sorted(_MODULES)]


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return import_module(f"{__name__}.{_MODULES[name]}")
    if name in _FACE:
        value = getattr(import_module(f"{__name__}.{_FACE[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
