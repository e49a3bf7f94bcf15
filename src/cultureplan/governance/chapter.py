"""The compliance chapter of a report as tables: where, what is missing, who must act, what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pandas as pd

from cultureplan.base.messages import Lang, text
from cultureplan.governance.assignment import assign, task_list
from cultureplan.governance.places import Governance
from cultureplan.standards.compliance import ComplianceReport
from cultureplan.standards.funding import gap_costs, gap_totals
from cultureplan.standards.words import policy_word
from cultureplan.world.levels import PlaceLevel, word

CHAPTER_TABLES = (
    "overview", "levels", "requirements", "places", "findings", "checklists", "missing_items", "inputs",
    "departments", "actions", "costs",
)  # fmt: skip


def compliance_chapter(
    report: ComplianceReport,
    governance: Governance | None = None,
    *,
    unit_costs: Mapping[str, float] | None = None,
    lang: Lang = "en",
) -> dict[str, pd.DataFrame]:
    """Return the tables of a compliance chapter under their headings, in the order to be shown.

    The same tables as :func:`chapter_tables`, for a reader.

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
    tables = chapter_tables(report, governance, unit_costs=unit_costs, lang=lang)
    return {
        heading(name, lang): table.rename(columns=lambda column: column_heading(column, lang))
        for name, table in tables.items()
        if name != "findings"
    }


def heading(name: str, lang: Lang = "en") -> str:
    """Return the heading of a table of the chapter."""
    return text(f"chapter.{name}", lang)


def column_heading(name: str, lang: Lang = "en") -> str:
    """Return the heading of a column of the chapter's tables."""
    return text(f"chapter.column_{name}", lang)


def chapter_tables(
    report: ComplianceReport,
    governance: Governance | None = None,
    *,
    unit_costs: Mapping[str, float] | None = None,
    lang: Lang = "en",
) -> dict[str, pd.DataFrame]:
    """Return the tables of a compliance chapter by name, for those who set them themselves.

    Parameters
    ----------
    report, governance, unit_costs, lang
        As for :func:`compliance_chapter`.

    Returns
    -------
    dict[str, DataFrame]
        Any of :data:`CHAPTER_TABLES` -> table, cells worded, columns by name (:func:`column_heading`); a
        table without rows is left out. Besides those of the chapter there are all findings.
    """
    tables = {
        "overview": _overview(report, lang),
        "levels": _by_level(report, lang),
        "requirements": _requirements(report, lang),
        "places": _by_place(report, lang),
        "checklists": _checklists(report, lang),
        "missing_items": _missing_items(report, lang),
        "inputs": _inputs(report, lang),
        "findings": report.to_frame(lang),
    }
    if governance is not None:
        assigned = assign(report, governance, lang=lang)
        tables["departments"] = _departments(assigned, lang)
        tables["actions"] = _actions(assigned, lang)
    if unit_costs is not None:
        totals = gap_totals(gap_costs(report, unit_costs))
        totals.insert(0, "clause", [report.requirement(str(i)).clause(lang) for i in totals.index])
        tables["costs"] = totals.reset_index()
    return {name: tables[name] for name in CHAPTER_TABLES if name in tables and len(tables[name])}


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
    shown = ["clause", "limit", "verdict", "n_met", "n_not_met", "n_not_assessable"]
    assessed = [i for verdict in ("NOT_MET", "MET") for i in table.index if report.verdicts[i] == verdict]
    return table.loc[assessed, shown].reset_index()


def _by_level(report: ComplianceReport, lang: Lang) -> pd.DataFrame:
    """Return how many requirements of each verdict speak to each level; one may speak to several."""
    pairs = [(level, report.verdicts[r.id]) for r in report.standard.requirements for level in r.levels]
    order = dict.fromkeys(x for x in PlaceLevel if any(x == level for level, _ in pairs))
    n = Counter(pairs)
    columns = {"n_not_met": "NOT_MET", "n_met": "MET", "n_not_assessable": "NOT_ASSESSABLE"}
    table = {name: [n[str(level), verdict] for level in order] for name, verdict in columns.items()}
    return pd.DataFrame({"level": [word("place_level", str(x), lang) for x in order], **table})


def _by_place(report: ComplianceReport, lang: Lang) -> pd.DataFrame:
    """Return verdicts by county, then by township, as far as the world has such places."""
    places, names = report.world.places, report.names(lang)
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
                    "place": [names.get(str(i), str(i)) for i in table.index],
                    "n_not_met": table["NOT_MET"].to_numpy(int),
                    "n_met": table["MET"].to_numpy(int),
                    "met_share": table["met_share"].to_numpy(float),
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _checklists(report: ComplianceReport, lang: Lang) -> pd.DataFrame:
    table, names = report.checklists(), report.names(lang)
    return pd.DataFrame(
        {
            "facility": [names.get(str(i), str(i)) for i in table.index],
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
