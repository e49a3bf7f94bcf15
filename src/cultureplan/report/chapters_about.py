"""The chapters that let a reader check the report: the standard, the data, the limits, the files."""

from __future__ import annotations

from cultureplan.base.messages import text
from cultureplan.report.blocks import Block, Bullets, Chapter, Facts, Paragraph, ReportTable, TableBlock
from cultureplan.report.facts import Subject
from cultureplan.travel.modes import PlanarMode

Tables = dict[str, ReportTable]


def standard(subject: Subject, tables: Tables) -> Chapter:
    """Return what was asked for, where that stands, and how its open points were read."""
    lang, circles = subject.lang, subject.coverage.standard
    facts = [
        (text("report.fact_standard", lang), circles.title(lang)),
        (text("report.fact_id", lang), circles.id),
    ]
    if circles.date:
        facts.append((text("report.fact_date", lang), circles.date))
    if circles.source:
        facts.append((text("report.fact_source", lang), circles.source))
    blocks: list[Block] = [Facts(rows=tuple(facts)), _block(tables["standard_rules"], subject)]
    if "standard_settings" in tables:
        note = text("report.note_settings", lang)
        blocks.append(TableBlock(
            table=tables["standard_settings"], title=tables["standard_settings"].title(lang), note=note
        ))  # fmt: skip
    return Chapter(id="standard", title=text("report.chapter_standard", lang), blocks=tuple(blocks))


def data(subject: Subject, tables: Tables) -> Chapter:
    """Return where the data came from and, column by column, what is real and what is modelled."""
    lang = subject.lang
    found = [key for key in ("data_sources", "data_columns") if key in tables]
    blocks: list[Block] = [_block(tables[key], subject) for key in found]
    if "data_columns" in tables:
        blocks.insert(len(blocks) - 1, Paragraph(words=text("report.data_words", lang)))
    if not found:
        blocks = [Paragraph(words=text("report.no_sources", lang), style="warning")]
    return Chapter(id="data", title=text("report.chapter_data", lang), blocks=tuple(blocks))


def limits(subject: Subject) -> Chapter:
    """Return how to read the figures and what they do not say."""
    lang, rules = subject.lang, subject.coverage.standard.rules
    keys = ["read_point", "read_inclusive"]
    if any(isinstance(rule.mode, PlanarMode) for rule in rules):
        keys.append("read_straight")
    if any(rule.radius_m is not None for rule in rules):
        keys.append("read_polygons")
    keys += ["read_share", "read_open", "read_nearest"]
    if any(rule.status != "verified" for rule in rules):
        keys.append("read_unconfirmed")
    if subject.siting is not None:
        keys.append("read_candidates")
    items = tuple(text(f"report.{key}", lang) for key in keys)
    return Chapter(id="limits", title=text("report.chapter_limits", lang), blocks=(Bullets(items=items),))


def _block(table: ReportTable, subject: Subject) -> TableBlock:
    return TableBlock(table=table, title=table.title(subject.lang))
