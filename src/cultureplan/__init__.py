"""cultureplan: plan public cultural services - coverage, siting, standards - from one import.

The names below are the public face. Each is loaded when it is first used, so that ``import cultureplan``
loads no map, plot or solver library and changes no setting.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from cultureplan.base.version import __version__ as __version__

if TYPE_CHECKING:
    from cultureplan import datasets as datasets
    from cultureplan import governance as governance
    from cultureplan.base.errors import CulturePlanError as CulturePlanError
    from cultureplan.datasets import load_world as load_world
    from cultureplan.io.folder import read_world as read_world
    from cultureplan.io.folder import write_world as write_world
    from cultureplan.io.network_files import write_network as write_network
    from cultureplan.io.streets import read_streets as read_streets
    from cultureplan.io.streets import write_streets as write_streets
    from cultureplan.measures import access as access
    from cultureplan.measures import equity as equity
    from cultureplan.measures import hours as hours
    from cultureplan.measures import uncertainty as uncertainty
    from cultureplan.measures.area import circle_polygons as circle_polygons
    from cultureplan.measures.area import covered_area as covered_area
    from cultureplan.measures.area import gap_polygons as gap_polygons
    from cultureplan.measures.circles import CircleRule as CircleRule
    from cultureplan.measures.circles import CircleStandard as CircleStandard
    from cultureplan.measures.circles import Need as Need
    from cultureplan.measures.circles import circle_names as circle_names
    from cultureplan.measures.circles import load_circles as load_circles
    from cultureplan.measures.coverage import Coverage as Coverage
    from cultureplan.measures.coverage import covered_persons as covered_persons
    from cultureplan.measures.coverage import measure_coverage as measure_coverage
    from cultureplan.measures.incremental import HeldCoverage as HeldCoverage
    from cultureplan.measures.isochrones import isochrones as isochrones
    from cultureplan.planning.compare import compare as compare
    from cultureplan.planning.scenario import Scenario as Scenario
    from cultureplan.siting.anywhere import dominating_points as dominating_points
    from cultureplan.siting.candidates import street_candidates as street_candidates
    from cultureplan.siting.from_points import covering_problem as covering_problem
    from cultureplan.siting.fronts import alternatives as alternatives
    from cultureplan.siting.fronts import coverage_curve as coverage_curve
    from cultureplan.siting.fronts import regret as regret
    from cultureplan.siting.hierarchy import hierarchy_problem as hierarchy_problem
    from cultureplan.siting.hierarchy import reporting_lines as reporting_lines
    from cultureplan.siting.hierarchy import with_reporting as with_reporting
    from cultureplan.siting.models.backup_coverage import BackupCoverage as BackupCoverage
    from cultureplan.siting.models.capacitated import CapacitatedCoverage as CapacitatedCoverage
    from cultureplan.siting.models.capacitated import CapacitatedMedian as CapacitatedMedian
    from cultureplan.siting.models.dispersion import Dispersion as Dispersion
    from cultureplan.siting.models.equitable_coverage import EquitableCoverage as EquitableCoverage
    from cultureplan.siting.models.equitable_median import EquitableMedian as EquitableMedian
    from cultureplan.siting.models.fixed_charge import FixedCharge as FixedCharge
    from cultureplan.siting.models.hierarchy_assignment import HierarchyAssignment as HierarchyAssignment
    from cultureplan.siting.models.maximal_coverage import MaximalCoverage as MaximalCoverage
    from cultureplan.siting.models.p_center import PCenter as PCenter
    from cultureplan.siting.models.p_median import PMedian as PMedian
    from cultureplan.siting.models.phased_coverage import PhasedCoverage as PhasedCoverage
    from cultureplan.siting.models.relocation import Relocation as Relocation
    from cultureplan.siting.models.set_cover import SetCover as SetCover
    from cultureplan.siting.models.two_level import TwoLevel as TwoLevel
    from cultureplan.siting.pareto import pareto_front as pareto_front
    from cultureplan.siting.problem import Quota as Quota
    from cultureplan.siting.problem import SitingProblem as SitingProblem
    from cultureplan.siting.result import SitingResult as SitingResult
    from cultureplan.siting.robust import robust_sites as robust_sites
    from cultureplan.siting.sensitivity import site_sensitivity as site_sensitivity
    from cultureplan.siting.solve import solve_siting as solve_siting
    from cultureplan.standards.catalogue import load_standard as load_standard
    from cultureplan.standards.catalogue import standard_names as standard_names
    from cultureplan.standards.check import check_standard as check_standard
    from cultureplan.standards.registers import Registers as Registers
    from cultureplan.standards.registers import read_registers as read_registers
    from cultureplan.travel.costs import TravelCosts as TravelCosts
    from cultureplan.travel.geodesic import geodesic_costs as geodesic_costs
    from cultureplan.travel.modes import StraightLine as StraightLine
    from cultureplan.travel.modes import Walking as Walking
    from cultureplan.travel.modes import straight_line_costs as straight_line_costs
    from cultureplan.travel.modes import travel_costs as travel_costs
    from cultureplan.travel.streets import Streets as Streets
    from cultureplan.world.demand import DemandPoints as DemandPoints
    from cultureplan.world.facilities import Facilities as Facilities
    from cultureplan.world.levels import Level as Level
    from cultureplan.world.levels import Settlement as Settlement
    from cultureplan.world.network import ServiceNetwork as ServiceNetwork
    from cultureplan.world.places import Places as Places
    from cultureplan.world.streets import StreetNetwork as StreetNetwork
    from cultureplan.world.world import World as World

# module that holds them -> public names
_FACE = {
    "base.errors": ("CulturePlanError",),
    "datasets": ("load_world",),
    "io.folder": (
        "read_world",
        "write_world",
    ),
    "io.network_files": ("write_network",),
    "io.streets": (
        "read_streets",
        "write_streets",
    ),
    "measures.area": (
        "circle_polygons",
        "covered_area",
        "gap_polygons",
    ),
    "measures.circles": (
        "CircleRule",
        "CircleStandard",
        "Need",
        "circle_names",
        "load_circles",
    ),
    "measures.coverage": (
        "Coverage",
        "covered_persons",
        "measure_coverage",
    ),
    "measures.incremental": ("HeldCoverage",),
    "measures.isochrones": ("isochrones",),
    "planning.compare": ("compare",),
    "planning.scenario": ("Scenario",),
    "siting.anywhere": ("dominating_points",),
    "siting.candidates": ("street_candidates",),
    "siting.from_points": ("covering_problem",),
    "siting.fronts": (
        "alternatives",
        "coverage_curve",
        "regret",
    ),
    "siting.hierarchy": (
        "hierarchy_problem",
        "reporting_lines",
        "with_reporting",
    ),
    "siting.models.backup_coverage": ("BackupCoverage",),
    "siting.models.capacitated": (
        "CapacitatedCoverage",
        "CapacitatedMedian",
    ),
    "siting.models.dispersion": ("Dispersion",),
    "siting.models.equitable_coverage": ("EquitableCoverage",),
    "siting.models.equitable_median": ("EquitableMedian",),
    "siting.models.fixed_charge": ("FixedCharge",),
    "siting.models.hierarchy_assignment": ("HierarchyAssignment",),
    "siting.models.maximal_coverage": ("MaximalCoverage",),
    "siting.models.p_center": ("PCenter",),
    "siting.models.p_median": ("PMedian",),
    "siting.models.phased_coverage": ("PhasedCoverage",),
    "siting.models.relocation": ("Relocation",),
    "siting.models.set_cover": ("SetCover",),
    "siting.models.two_level": ("TwoLevel",),
    "siting.pareto": ("pareto_front",),
    "siting.problem": (
        "Quota",
        "SitingProblem",
    ),
    "siting.result": ("SitingResult",),
    "siting.robust": ("robust_sites",),
    "siting.sensitivity": ("site_sensitivity",),
    "siting.solve": ("solve_siting",),
    "standards.catalogue": (
        "load_standard",
        "standard_names",
    ),
    "standards.check": ("check_standard",),
    "standards.registers": (
        "Registers",
        "read_registers",
    ),
    "travel.costs": ("TravelCosts",),
    "travel.geodesic": ("geodesic_costs",),
    "travel.modes": (
        "StraightLine",
        "Walking",
        "straight_line_costs",
        "travel_costs",
    ),
    "travel.streets": ("Streets",),
    "world.demand": ("DemandPoints",),
    "world.facilities": ("Facilities",),
    "world.levels": (
        "Level",
        "Settlement",
    ),
    "world.network": ("ServiceNetwork",),
    "world.places": ("Places",),
    "world.streets": ("StreetNetwork",),
    "world.world": ("World",),
}
_HOME = {name: module for module, names in _FACE.items() for name in names}
_MODULES = {
    "access": "measures.access",
    "datasets": "datasets",
    "equity": "measures.equity",
    "governance": "governance",
    "hours": "measures.hours",
    "uncertainty": "measures.uncertainty",
}
# loaded on request only, and by no `import *`: these bring pictures, widgets or a cluster with them
_ON_REQUEST = {
    "plotting": "plotting",
    "report": "report",
    "chunked": "travel.chunked",
}

__all__ = [
    "BackupCoverage",
    "CapacitatedCoverage",
    "CapacitatedMedian",
    "CircleRule",
    "CircleStandard",
    "Coverage",
    "CulturePlanError",
    "DemandPoints",
    "Dispersion",
    "EquitableCoverage",
    "EquitableMedian",
    "Facilities",
    "FixedCharge",
    "HeldCoverage",
    "HierarchyAssignment",
    "Level",
    "MaximalCoverage",
    "Need",
    "PCenter",
    "PMedian",
    "PhasedCoverage",
    "Places",
    "Quota",
    "Registers",
    "Relocation",
    "Scenario",
    "ServiceNetwork",
    "SetCover",
    "Settlement",
    "SitingProblem",
    "SitingResult",
    "StraightLine",
    "StreetNetwork",
    "Streets",
    "TravelCosts",
    "TwoLevel",
    "Walking",
    "World",
    "__version__",
    "access",
    "alternatives",
    "check_standard",
    "circle_names",
    "circle_polygons",
    "compare",
    "coverage_curve",
    "covered_area",
    "covered_persons",
    "covering_problem",
    "datasets",
    "dominating_points",
    "equity",
    "gap_polygons",
    "geodesic_costs",
    "governance",
    "hierarchy_problem",
    "hours",
    "isochrones",
    "load_circles",
    "load_standard",
    "load_world",
    "measure_coverage",
    "pareto_front",
    "read_registers",
    "read_streets",
    "read_world",
    "regret",
    "reporting_lines",
    "robust_sites",
    "site_sensitivity",
    "solve_siting",
    "standard_names",
    "straight_line_costs",
    "street_candidates",
    "travel_costs",
    "uncertainty",
    "with_reporting",
    "write_network",
    "write_streets",
    "write_world",
]


def __getattr__(name: str) -> object:
    if name in _MODULES or name in _ON_REQUEST:
        return import_module(f"{__name__}.{(_MODULES | _ON_REQUEST)[name]}")
    if name in _HOME:
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
