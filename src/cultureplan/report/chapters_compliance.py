"""The chapter on what is required: verdicts by level and place, what is missing, who must act, the cost."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cultureplan.base.messages import Lang, text
from cultureplan.governance.chapter import chapter_tables, column_heading, heading
from cultureplan.governance.places import Governance
from cultureplan.plotting.wording import count_words
from cultureplan.report.blocks import Block, Card, Cards, Chapter, Column, Paragraph, ReportTable, TableBlock
from cultureplan.report.exports import COMPLIANCE
from cultureplan.report.facts import Subject
from cultureplan.standards.compliance import VERDICTS, ComplianceReport

_TONES = {"NOT_MET": "uncovered", "NOT_ASSESSABLE": "none", "MET": "covered"}
_N_SHOWN = {"requirements": 40, "findings": 15, "places": 15, "actions": 20}
_NOT_ON_THE_PAGE = {
    "findings": ("requirement", "subject", "verdict", "missing"),
    "requirements": ("verdict", "n_not_assessable"),
}
_N_LISTED = 4  # of what is absent, on the page


def compliance_tables(
    report: ComplianceReport,
    governance: Governance | None = None,
    *,
    unit_costs: Mapping[str, float] | None = None,
    lang: Lang = "en",
) -> list[ReportTable]:
    """Return the tables of a compliance chapter as tables of the report, headed as the chapter heads them.

    Parameters
    ----------
    report : ComplianceReport
    governance : Governance, optional
        Adds who must act.
    unit_costs : Mapping[str, float], optional
        Adds what the gaps cost.
    lang : {"en", "zh"}
        Language of headings and cells.
    """
    tables = chapter_tables(report, governance, unit_costs=unit_costs, lang=lang)
    return [
        ReportTable.of(
            f"{COMPLIANCE}{name}",
            frame,
            columns=tuple(_column(name, str(column), lang) for column in frame.columns),
            n_shown=_N_SHOWN.get(name, 12),
            given_title=heading(name, lang),
        )
        for name, frame in tables.items()
    ]


def compliance(subject: Subject, tables: Mapping[str, ReportTable], governance: str = "") -> Chapter | None:
    """Return the chapter; None where nothing was checked.

    Parameters
    ----------
    subject : Subject
    tables : Mapping[str, ReportTable]
        Those of :func:`compliance_tables` among others, by key.
    governance : str
        What the duties are called by which gaps are handed out.
    """
    report, lang = subject.compliance, subject.lang
    if report is None:
        return None
    own = {k.removeprefix(COMPLIANCE): t for k, t in tables.items() if k.startswith(COMPLIANCE)}
    blocks: list[Block] = [
        Paragraph(words=_lead(report, lang), style="lead"),
        Cards(cards=_cards(report, lang)),
    ]
    if "levels" in own:
        blocks.append(_block(own["levels"], lang, note=text("chapter.note_levels", lang)))
    blocks += _places(own, lang)
    blocks += _gaps(own, report, lang)
    blocks += [_block(own[name], lang) for name in ("checklists", "missing_items", "inputs") if name in own]
    if "departments" in own:
        note = text("chapter.who", lang, place=governance)
        blocks += [_block(own["departments"], lang, note=note), _block(own["actions"], lang)]
    if "costs" in own:
        blocks.append(_block(own["costs"], lang, note=text("chapter.note_costs", lang)))
    return Chapter(id="compliance", title=text("chapter.title", lang), blocks=tuple(blocks))


def _lead(report: ComplianceReport, lang: Lang) -> str:
    return text(
        "chapter.lead",
        lang,
        world=report.world.title(lang),
        standard=report.standard.title(lang),
        date=report.standard.date or "-",
        n=count_words(len(report.standard.ids)),
        findings=count_words(len(report.findings)),
    )


def _cards(report: ComplianceReport, lang: Lang) -> tuple[Card, ...]:
    requirements, findings = report.counts(), report.findings["verdict"].value_counts()
    return tuple(
        Card(
            value=count_words(int(requirements[verdict])),
            words=text(f"chapter.card_{verdict.lower()}", lang),
            detail=text("chapter.card_findings", lang, n=count_words(int(findings.get(verdict, 0)))),
            tone=_TONES[verdict],
        )
        for verdict in VERDICTS
    )


def _places(own: Mapping[str, ReportTable], lang: Lang) -> list[Block]:
    """Return the places level by level, those with the smallest share of met findings first."""
    if "places" not in own:
        return []
    table = own["places"]
    frame = table.frame.sort_values(["met_share", "n_not_met"], ascending=[True, False], kind="stable")
    return [
        TableBlock(
            table=table,
            title=text("chapter.places_at", lang, level=level),
            rows=frame[frame["level"] == level].drop(columns="level").assign(level=""),
        )
        for level in table.frame["level"].unique()
    ]


def _gaps(own: Mapping[str, ReportTable], report: ComplianceReport, lang: Lang) -> list[Block]:
    """Return the requirements that are not met, and the findings that are not."""
    failed: list[Block] = []
    if "requirements" in own:
        rows = own["requirements"].frame
        rows = rows[rows["n_not_met"] > 0]
        if len(rows):
            title, note = text("chapter.requirements_not_met", lang), text("chapter.note_requirements", lang)
            failed.append(TableBlock(table=own["requirements"], title=title, rows=rows, note=note))
    if "findings" in own:
        is_gap = (report.findings["verdict"] == "NOT_MET").to_numpy(bool)
        rows = _one_each(own["findings"].frame[is_gap])
        if len(rows):
            rows = _for_the_page(rows, report.world.title(lang), lang)
            note = text("chapter.note_findings", lang)
            title = own["findings"].title(lang)
            failed.append(TableBlock(table=own["findings"], title=title, rows=rows, note=note))
    return failed or [Paragraph(words=text("chapter.no_gaps", lang))]


def _one_each(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the first finding of each requirement in front, so that a page shows them all."""
    turn = rows.groupby("requirement", sort=False).cumcount()
    return rows.loc[turn.sort_values(kind="stable").index]


def _for_the_page(rows: pd.DataFrame, everywhere: str, lang: Lang) -> pd.DataFrame:
    """Return findings with place and subject as one cell, and only the first few things that are absent."""
    comma = text("fault.comma", lang)
    where = [
        comma.join(dict.fromkeys(filter(None, pair))) or everywhere
        for pair in zip(rows["place"], rows["subject"], strict=True)
    ]
    listed = []
    for words in rows["listed"]:
        items = str(words).split(comma)
        more = text("report.and_more", lang, n=len(items) - _N_LISTED) if len(items) > _N_LISTED else ""
        listed.append(comma.join(items[:_N_LISTED]) + more)
    return rows.assign(place=where, listed=listed)


def _column(table: str, name: str, lang: Lang) -> Column:
    if name.startswith("n_") or name == "cost_yuan":
        kind = "count"
    elif name.endswith("_share"):
        kind = "share"
    else:
        kind = {"value": "figure", "threshold": "figure", "requirement": "code"}.get(name, "text")
    is_shown = name not in _NOT_ON_THE_PAGE.get(table, ())
    return Column(name=name, kind=kind, is_shown=is_shown, given_heading=column_heading(name, lang))


def _block(table: ReportTable, lang: Lang, *, note: str = "") -> TableBlock:
    return TableBlock(table=table, title=table.title(lang), note=note)
