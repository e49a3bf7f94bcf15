"""What the report shows of the standard and of the data: rules, readings, sources, what is modelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cultureplan.base.messages import catalogue, text
from cultureplan.report.blocks import Column, ReportTable
from cultureplan.report.facts import Subject


def data_tables(subject: Subject) -> list[ReportTable]:
    """Return the rules, the readings chosen, the sources, and where each column of the data is from."""
    found = [rules(subject), settings(subject), sources(subject), data_columns(subject)]
    return [table for table in found if table is not None]


def rules(subject: Subject) -> ReportTable:
    """Return the rules of the standard with clause, requirement and status."""
    frame = subject.coverage.standard.to_frame(subject.lang)
    columns = tuple(
        Column(name=name) for name in ("settlement", "limit", "needs", "clause", "requirement", "status")
    )
    renamed = {"settlement": "settlement_name", "limit": "limit_words"}
    shown = tuple(Column(name=renamed.get(column.name, column.name)) for column in columns)
    return ReportTable.of("standard_rules", frame.rename(columns=renamed), columns=shown, n_shown=30)


def settings(subject: Subject) -> ReportTable | None:
    """Return the readings that were chosen where the text of the standard is open, and what else could be."""
    frame = subject.coverage.standard.settings_frame(subject.lang)
    if len(frame) == 0:
        return None
    choices = frame["choices"].replace("", text("report.any_number", subject.lang))
    frame = frame.assign(choices=choices)
    columns = tuple(
        Column(name=name) for name in ("setting", "value", "default", "choices", "meaning", "reference")
    )
    return ReportTable.of("standard_settings", frame, columns=columns, n_shown=30)


def sources(subject: Subject) -> ReportTable | None:
    """Return the sources of the data with licence and reference, as the world names them."""
    rows = []
    for source in _records(subject.coverage.world.notes.get("sources")):
        what = source.get("what_zh") if subject.lang == "zh" else None
        rows.append(
            {
                "what": str(what or source.get("what", "")),
                "licence": str(source.get("licence", "")),
                "source": str(source.get("reference", source.get("url", ""))),
            }
        )
    columns = (Column(name="what"), Column(name="licence"), Column(name="source", kind="link"))
    return ReportTable.of("data_sources", pd.DataFrame(rows), columns=columns, n_shown=50) if rows else None


def data_columns(subject: Subject) -> ReportTable | None:
    """Return, column by column, whether values are real, derived by a rule, or modelled, and how."""
    lang, rows = subject.lang, []
    notes = subject.coverage.world.notes.get("columns")
    for table, columns in (notes if isinstance(notes, Mapping) else {}).items():
        for column, note in (columns if isinstance(columns, Mapping) else {}).items():
            spec = note if isinstance(note, Mapping) else {"en": str(note)}
            status = str(spec.get("status", ""))
            key = f"report.data_{status}"
            rows.append(
                {
                    "table": str(table),
                    "column": str(column),
                    "data_status": text(key, lang) if key in catalogue() else status,
                    "meaning": str(spec.get(lang) or spec.get("en", "")),
                    "status_code": status,
                }
            )
    shown = (
        Column(name="table"),
        Column(name="column"),
        Column(name="data_status"),
        Column(name="meaning"),
        Column(name="status_code", is_shown=False),
    )
    return ReportTable.of("data_columns", pd.DataFrame(rows), columns=shown, n_shown=200) if rows else None


def _records(value: Any) -> list[Mapping[str, Any]]:
    """Return the records among what a user wrote as a list of sources."""
    listed = value if isinstance(value, list | tuple) else []
    return [entry if isinstance(entry, Mapping) else {"what": str(entry)} for entry in listed]
