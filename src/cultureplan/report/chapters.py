"""The chapters on the world as it is: headline figures, maps, who is covered, the network, the gaps."""

from __future__ import annotations

import math

import pandas as pd

from cultureplan.base.messages import text
from cultureplan.plotting.siting import opened_ids
from cultureplan.plotting.wording import cost_words, count_words, points_words, share_words
from cultureplan.report import figures
from cultureplan.report.blocks import (
    Block,
    Bullets,
    Card,
    Cards,
    Chapter,
    Paragraph,
    ReportTable,
    TableBlock,
)
from cultureplan.report.facts import Subject
from cultureplan.world.levels import PlaceLevel, Settlement, word

Tables = dict[str, ReportTable]


def overview(subject: Subject, tables: Tables) -> Chapter:
    """Return the headline figures and what they mean, in words for everybody."""
    blocks: list[Block] = [Paragraph(words=_question(subject), style="lead"), Cards(cards=_cards(subject))]
    blocks.append(Bullets(items=_findings(subject, tables)))
    modelled = _modelled_words(subject, tables)
    if modelled:
        blocks.append(Paragraph(words=modelled, style="warning"))
    return _chapter("overview", subject, blocks)


def maps(subject: Subject) -> Chapter:
    """Return the maps of people and of circles, with close-ups of the largest gaps."""
    blocks: list[Block] = [figures.coverage_figure(subject)]
    if all(rule.radius_m is not None for rule in subject.coverage.standard.rules):
        blocks.append(figures.circles_figure(subject))
    gallery = figures.gap_closeups(subject)
    if gallery is not None:
        blocks.append(gallery)
    return _chapter("maps", subject, blocks)


def people(subject: Subject, tables: Tables) -> Chapter:
    """Return coverage by settlement type, by district and town, and by group."""
    lang = subject.lang
    blocks: list[Block] = [
        figures.settlement_figure(subject),
        _block(tables["coverage_by_settlement"], subject),
    ]
    places = tables.get("coverage_by_place")
    if places is not None:
        for level in (PlaceLevel.COUNTY, PlaceLevel.TOWNSHIP):
            rows = places.frame[(places.frame["place_level"] == str(level)) & (places.frame["persons"] > 0)]
            if len(rows) > 1:
                blocks.append(figures.place_figure(subject, level))
                title = text("report.by_level", lang, level=word("place_level", level, lang))
                blocks.append(TableBlock(table=places, title=title, rows=rows))
    if "coverage_by_group" in tables:
        blocks += [figures.group_figure(subject), _block(tables["coverage_by_group"], subject)]
    if "covered_land" in tables and tables["covered_land"].frame["area_m2"].notna().any():
        blocks.append(_block(tables["covered_land"], subject))
    return _chapter("people", subject, blocks)


def network(subject: Subject, tables: Tables) -> Chapter:
    """Return the four levels, who reports to whom, who is orphaned, and places without a facility."""
    lang, world = subject.lang, subject.coverage.world
    blocks: list[Block] = [Paragraph(words=_network_words(subject))]
    if len(world.network.links):
        blocks.append(figures.hierarchy_map_figure(subject))
    if "hierarchy_levels" in tables:
        blocks.append(_block(tables["hierarchy_levels"], subject))
    if len(world.network.links):
        blocks.append(figures.hierarchy_tree_figure(subject))
    for key in ("head_libraries", "orphans"):
        if key in tables:
            note = text("report.note_head_load", lang) if key == "head_libraries" else ""
            blocks.append(_block(tables[key], subject, note=note))
    unserved = tables.get("places_without_facility")
    items = _unserved_words(subject, unserved)
    if items:
        blocks.append(Paragraph(words=text("report.table_places_without_facility", lang), style="heading"))
        blocks.append(Bullets(items=items))
    if unserved is not None:
        blocks.append(TableBlock(table=unserved, title=text("report.unserved_list", lang)))
    return _chapter("network", subject, blocks)


def _unserved_words(subject: Subject, table: ReportTable | None) -> tuple[str, ...]:
    """Return, level by level, how many places have no facility of their own."""
    world, lang = subject.coverage.world, subject.lang
    items = []
    for level in (PlaceLevel.COUNTY, PlaceLevel.TOWNSHIP, PlaceLevel.VILLAGE, PlaceLevel.COMMUNITY):
        n_all = 0 if world.places is None else len(world.places.at_level(level))
        if n_all:
            rows = None if table is None else table.frame[table.frame["place_level"] == str(level)]
            n = 0 if rows is None else len(rows)
            values = {
                "n": count_words(n),
                "all": count_words(n_all),
                "level": text(f"report.many_{level}", lang),
            }
            if rows is None or n == 0:
                items.append(text("report.unserved_none", lang, **values))
            else:
                persons = count_words(float(rows["persons"].sum()))
                items.append(text("report.unserved", lang, persons=persons, **values))
    return tuple(items)


def gaps(subject: Subject, tables: Tables) -> Chapter:
    """Return who is left out, the largest places first, and how far they have to go."""
    table, lang = tables["gaps"], subject.lang
    if len(table.frame) == 0:
        return _chapter("gaps", subject, [Paragraph(words=text("report.no_gaps", lang))])
    frame = table.frame
    blocks: list[Block] = [
        Paragraph(
            words=text(
                "report.gaps_words", lang,
                n=count_words(len(frame)), persons=count_words(frame["persons"].sum()),
                top=count_words(min(10, len(frame))),
                top_persons=count_words(frame["persons"].head(10).sum()),
            )
        ),
        _block(table, subject, note=text("report.note_excess", lang)),
    ]  # fmt: skip
    return _chapter("gaps", subject, blocks)


def _question(subject: Subject) -> str:
    """Return what the standard asks for, in one sentence a rule."""
    standard, lang, points = subject.coverage.standard, subject.lang, subject.coverage.points
    lived_in = set(points.loc[points["persons"] > 0, "settlement"])
    rules = [
        text(
            "report.question_rule", lang,
            settlement=word("settlement", rule.settlement, lang),
            needs=text("circles.and", lang).join(need.words(lang) for need in rule.needs),
            limit=rule.limit_words(lang),
        )
        for rule in standard.rules
        if str(rule.settlement) in lived_in
    ]  # fmt: skip
    return text("report.question", lang, rules=text("report.semicolon", lang).join(rules))


def _cards(subject: Subject) -> tuple[Card, ...]:
    coverage, lang = subject.coverage, subject.lang
    n_existing = len(coverage.world.network.ids)
    uncovered = coverage.persons_assessed - coverage.persons
    not_assessed = float(coverage.points["persons"].sum()) - coverage.persons_assessed
    counts = coverage.world.network.count_by_level()
    listed = text("plot.comma", lang).join(
        text("plot.n_of_level", lang, n=count_words(n), level=word("level", str(level), lang))
        for level, n in counts.items()
        if n
    )
    cards = [
        Card(
            value=share_words(coverage.share), words=text("report.card_share", lang), tone="covered",
            detail=text(
                "report.card_share_detail", lang,
                covered=count_words(coverage.persons), assessed=count_words(coverage.persons_assessed),
            ),
        ),
        Card(
            value=count_words(uncovered), words=text("report.card_uncovered", lang), tone="uncovered",
            detail=text("report.card_uncovered_detail", lang, share=share_words(1 - coverage.share)),
        ),
    ]  # fmt: skip
    if not_assessed > 0:
        silent = [s for s in Settlement if coverage.standard.rule(s) is None]
        lived_in = set(coverage.points.loc[~coverage.points["has_rule"], "settlement"])
        names = [word("settlement", s, lang) for s in silent if str(s) in lived_in]
        cards.append(
            Card(
                value=count_words(not_assessed), words=text("report.card_not_assessed", lang), tone="none",
                detail=text("plot.comma", lang).join(names),
            )
        )  # fmt: skip
    cards.append(
        Card(value=count_words(n_existing), words=text("report.card_facilities", lang), detail=listed)
    )
    if subject.plan is not None:
        cards.append(_plan_card(subject))
    return tuple(cards)


def _plan_card(subject: Subject) -> Card:
    before, after, lang = subject.coverage, subject.plan or subject.coverage, subject.lang
    n_new = len(opened_ids(before.world, after.world))
    return Card(
        value=_signed(after.persons - before.persons),
        words=text("report.card_plan", lang, n=count_words(n_new)),
        detail=text(
            "report.card_plan_detail", lang,
            share=share_words(after.share), change=points_words(after.share - before.share, lang),
        ),
        tone="plan",
    )  # fmt: skip


def _signed(value: float) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "") + count_words(abs(value))


def _findings(subject: Subject, tables: Tables) -> tuple[str, ...]:
    """Return the findings a reader should take away, one sentence each."""
    lang, items = subject.lang, []
    places = tables.get("coverage_by_place")
    level = _telling_level(places)
    if places is not None and level is not None:
        rows = places.frame[places.frame["place_level"] == level]
        worst = rows.iloc[0]
        if worst["persons_uncovered"] > 0:
            items.append(
                text(
                    "report.finding_worst", lang,
                    place=worst["name"], persons=count_words(worst["persons_uncovered"]),
                    share=share_words(worst["covered_share"]),
                )
            )  # fmt: skip
        full = rows[(rows["persons_assessed"] > 0) & (rows["persons_uncovered"] == 0)]
        items.append(
            text(
                "report.finding_full", lang,
                n=count_words(len(full)), all=count_words(int((rows["persons_assessed"] > 0).sum())),
                level=text(f"report.many_{level}", lang),
            )
        )  # fmt: skip
    cost = _typical_cost(subject)
    if cost:
        items.append(cost)
    n_orphans = len(subject.coverage.world.network.orphans())
    if n_orphans:
        items.append(text("report.finding_orphans", lang, n=count_words(n_orphans)))
    if subject.plan is not None:
        ids = opened_ids(subject.coverage.world, subject.plan.world, subject.order)
        names = subject.facility_names
        if ids:
            listed = text("plot.comma", lang).join(names[key] for key in ids[:5])
            more = "" if len(ids) <= 5 else text("report.and_more", lang, n=len(ids) - 5)
            items.append(text("report.finding_plan", lang, sites=listed + more))
    return tuple(items)


def _telling_level(places: ReportTable | None) -> str | None:
    """Return the lowest of town and district of which there are several."""
    if places is None:
        return None
    for level in (PlaceLevel.TOWNSHIP, PlaceLevel.COUNTY):
        if int((places.frame["place_level"] == str(level)).sum()) > 1:
            return str(level)
    return None


def _typical_cost(subject: Subject) -> str:
    coverage, lang = subject.coverage, subject.lang
    parts = []
    for rule in coverage.standard.rules:
        found = coverage.cost_statistics(str(rule.settlement))
        if not math.isnan(found["mean_cost"]):
            parts.append(
                text(
                    "report.typical_cost", lang,
                    settlement=word("settlement", rule.settlement, lang),
                    mean=cost_words(found["mean_cost"], str(rule.unit), lang),
                    p95=cost_words(found["p95_cost"], str(rule.unit), lang),
                )
            )  # fmt: skip
    return (
        text("report.finding_cost", lang, parts=text("report.semicolon", lang).join(parts)) if parts else ""
    )


def _modelled_words(subject: Subject, tables: Tables) -> str:
    """Return the warning that part of the data is modelled, naming the columns that decide results."""
    table = tables.get("data_columns")
    if table is None:
        return ""
    frame = table.frame[table.frame["status_code"] == "modelled"]
    if len(frame) == 0:
        return ""
    if len(frame) == len(table.frame):
        return text("report.all_modelled", subject.lang)
    by_table = frame.groupby("table", sort=False)["column"].agg(list)
    listed = text("report.semicolon", subject.lang).join(
        text("fault.colon", subject.lang).join([str(name), text("plot.comma", subject.lang).join(columns)])
        for name, columns in by_table.items()
    )
    return text("report.modelled", subject.lang, columns=listed)


def _network_words(subject: Subject) -> str:
    world, lang = subject.coverage.world, subject.lang
    n, linked = len(world.network.ids), len(world.network.links)
    if linked == 0:
        return text("report.no_links", lang, n=count_words(n))
    depth = int(pd.Series(world.network.depth).max()) + 1
    return text("report.network_words", lang, n=count_words(n), linked=count_words(linked), depth=depth)


def _block(table: ReportTable, subject: Subject, *, note: str = "") -> TableBlock:
    return TableBlock(table=table, title=table.title(subject.lang), note=note)


def _chapter(key: str, subject: Subject, blocks: list[Block]) -> Chapter:
    return Chapter(id=key, title=text(f"report.chapter_{key}", subject.lang), blocks=tuple(blocks))
