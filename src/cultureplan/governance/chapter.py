"""The compliance chapter of a report as tables: where, what is missing, who must act, what it costs."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cultureplan.base.messages import Lang, text
from cultureplan.governance.assignment import assign, task_list
from cultureplan.governance.places import Governance
from cultureplan.standards.compliance import ComplianceReport
from cultureplan.standards.funding import gap_costs, gap_totals
from cultureplan.standards.words import policy_word
from cultureplan.world.levels import word


def compliance_chapter(
    report: ComplianceReport,
    governance: Governance | None = None,
    *,
    unit_costs: Mapping[str, float] | None = None,
    lang: Lang = "en",
) -> dict[str, pd.DataFrame]:
    """Return the tables of a compliance chapter under their headings, in the order to be shown.

    Parameters
    ----------
    report : ComplianceReport
    governance : Governance, optional
        Adds who must act.
    unit_costs : Mapping[str, float], optional
        Yuan for each unit of shortfall by requirement; adds what closing the gaps costs.
    lang : {"en", "zh"}
        Language of headings, columns and cells.

    Returns
    -------
    dict[str, DataFrame]
        Heading -> table with readable columns; a table without rows is left out.
    """
    tables = {
        "overview": _overview(report, lang),
        "requirements": _requirements(report, lang),
        "places": _by_place(report, lang),
        "checklists": _checklists(report, lang),
        "missing_items": _missing_items(report, lang),
        "inputs": _inputs(report, lang),
    }
    if governance is not None:
        assigned = assign(report, governance, lang=lang)
        tables["departments"] = _departments(assigned, lang)
        tables["actions"] = _actions(assigned, lang)
    if unit_costs is not None:
        totals = gap_totals(gap_costs(report, unit_costs))
        totals.insert(0, "clause", [report.requirement(str(i)).clause(lang) for i in totals.index])
        tables["costs"] = totals.reset_index()
    return {
        text(f"chapter.{name}", lang): _headed(table, lang) for name, table in tables.items() if len(table)
    }


def _headed(table: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    return table.rename(columns=lambda name: text(f"chapter.column_{name}", lang))


def _overview(report: ComplianceReport, lang: Lang) -> pd.DataFrame:
    counts = report.counts()
    return pd.DataFrame(
        {
            "verdict": [text(f"compliance.{str(v).lower()}", lang) for v in counts.index],
            "n_requirements": counts.to_numpy(int),
            "n_findings": [int((report.findings["verdict"] == v).sum()) for v in counts.index],
        }
    )


def _requirements(report: ComplianceReport, lang: Lang) -> pd.DataFrame:
    table = report.summary(lang)
    failed = [report.verdicts[i] != "NOT_ASSESSABLE" for i in table.index]
    shown = ["clause", "limit", "verdict", "n_met", "n_not_met", "n_not_assessable"]
    return table.loc[failed, shown].reset_index()


def _by_place(report: ComplianceReport, lang: Lang) -> pd.DataFrame:
    """Return verdicts by county, then by township, as far as the world has such places."""
    places = report.world.places
    if places is None:
        return pd.DataFrame()
    parts = []
    for level in ("county", "township"):
        if len(places.at_level(level)) == 0:
            continue
        table = report.by(level)
        parts.append(
            pd.DataFrame(
                {
                    "level": word("place_level", level, lang),
                    "place": [str(places.names[i]) for i in table.index],
                    "n_not_met": table["NOT_MET"].to_numpy(int),
                    "n_met": table["MET"].to_numpy(int),
                    "met_share": table["met_share"].to_numpy(float),
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _checklists(report: ComplianceReport, lang: Lang) -> pd.DataFrame:
    table = report.checklists()
    names = report.world.facilities.frame.set_index("facility_id")["name"]
    return pd.DataFrame(
        {
            "facility": [str(names[i]) for i in table.index],
            "group": [policy_word("code", group, lang) for group in table["group"]],
            "n_present": table["n_present"].to_numpy(int),
            "n_items": table["n_items"].to_numpy(int),
            "completion_share": table["completion_share"].to_numpy(float),
        }
    ).sort_values("completion_share", kind="stable", ignore_index=True)


def _missing_items(report: ComplianceReport, lang: Lang) -> pd.DataFrame:
    table = report.most_missing_items()
    table = table[table["n_absent"] > 0]
    return pd.DataFrame(
        {
            "group": [policy_word("code", group, lang) for group in table["group"]],
            "clause": [report.requirement(str(i)).clause(lang) for i in table.index],
            "n_absent": table["n_absent"].to_numpy(int),
            "n_facilities": table["n_facilities"].to_numpy(int),
        }
    )


def _inputs(report: ComplianceReport, lang: Lang) -> pd.DataFrame:
    table = report.missing_inputs(lang)
    return table.reset_index(drop=True)[["what", "n_requirements"]]


def _departments(assigned: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    table = task_list(assigned).reset_index()
    comma = text("fault.comma", lang)
    for name in ("requirements", "supporting_units"):
        table[name] = [comma.join(values) for values in table[name]]
    return table


def _actions(assigned: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Return one row a requirement and lead unit, with the clause that names it."""
    rows = []
    for (requirement, unit), own in assigned.groupby(["requirement", "lead_unit"], sort=False):
        first = own.iloc[0]
        rows.append(
            {
                "requirement": requirement,
                "clause": first["clause"],
                "n_findings": len(own),
                "lead_unit": unit,
                "lead_clause": first["lead_clause"],
                "supporting_units": text("fault.comma", lang).join(first["supporting_units"]),
            }
        )
    return pd.DataFrame(rows)
