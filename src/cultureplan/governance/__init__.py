"""Who must act: bodies, member units and duties, findings handed to them, meetings, rectification cases."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cultureplan.governance.assignment import assign as assign
    from cultureplan.governance.assignment import task_list as task_list
    from cultureplan.governance.case_store import CaseStore as CaseStore
    from cultureplan.governance.cases import Case as Case
    from cultureplan.governance.cases import open_case as open_case
    from cultureplan.governance.casework import case_table as case_table
    from cultureplan.governance.casework import open_cases as open_cases
    from cultureplan.governance.casework import recheck as recheck
    from cultureplan.governance.chapter import compliance_chapter as compliance_chapter
    from cultureplan.governance.deliberation import check_meetings as check_meetings
    from cultureplan.governance.deliberation import due_dates as due_dates
    from cultureplan.governance.duties import compare as compare
    from cultureplan.governance.duties import duty_matrix as duty_matrix
    from cultureplan.governance.duties import gaps as gaps
    from cultureplan.governance.oddities import anomalies as anomalies
    from cultureplan.governance.oddities import found_anomalies as found_anomalies
    from cultureplan.governance.places import Governance as Governance
    from cultureplan.governance.places import load as load
    from cultureplan.governance.places import names as names

# public name -> file that holds it; each is loaded when it is first used
_HOME = {
    "CaseStore": "case_store",
    "Case": "cases",
    "Governance": "places",
    "anomalies": "oddities",
    "assign": "assignment",
    "check_meetings": "deliberation",
    "case_table": "casework",
    "compare": "duties",
    "compliance_chapter": "chapter",
    "due_dates": "deliberation",
    "duty_matrix": "duties",
    "found_anomalies": "oddities",
    "gaps": "duties",
    "load": "places",
    "names": "places",
    "open_case": "cases",
    "open_cases": "casework",
    "recheck": "casework",
    "task_list": "assignment",
}

__all__ = [
    "Case",
    "CaseStore",
    "Governance",
    "anomalies",
    "assign",
    "case_table",
    "check_meetings",
    "compare",
    "compliance_chapter",
    "due_dates",
    "duty_matrix",
    "found_anomalies",
    "gaps",
    "load",
    "names",
    "open_case",
    "open_cases",
    "recheck",
    "task_list",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
