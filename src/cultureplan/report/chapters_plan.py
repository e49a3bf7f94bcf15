"""The chapters on what is planned: the proposed sites and their proof, and the comparison."""

from __future__ import annotations

from dataclasses import replace

from cultureplan.base.errors import Fault
from cultureplan.base.messages import text
from cultureplan.plotting.siting import closed_ids, opened_ids
from cultureplan.plotting.wording import count_words, points_words, share_words
from cultureplan.report import figures
from cultureplan.report.blocks import Block, Bullets, Chapter, Facts, Paragraph, ReportTable, TableBlock
from cultureplan.report.facts import Subject
from cultureplan.siting.result import SitingResult, SitingStatus

Tables = dict[str, ReportTable]


def proposed(subject: Subject, tables: Tables) -> Chapter | None:
    """Return the new sites, what each adds, and how good the choice is; None where nothing is planned."""
    plan, lang = subject.plan, subject.lang
    blocks: list[Block] = []
    if plan is not None:
        before = subject.coverage
        n_new, n_closed = len(opened_ids(before.world, plan.world)), len(closed_ids(before.world, plan.world))
        words = text(
            "report.plan_words", lang,
            n=count_words(n_new), before=share_words(before.share), after=share_words(plan.share),
            change=points_words(plan.share - before.share, lang),
            persons=count_words(plan.persons - before.persons),
        )  # fmt: skip
        if n_closed:
            words += text("fault.space", lang) + text("report.plan_closes", lang, n=count_words(n_closed))
        blocks.append(Paragraph(words=words, style="lead"))
        blocks.append(figures.plan_figure(subject, plan))
        gallery = figures.plan_closeups(subject, plan)
        if gallery is not None:
            blocks.append(gallery)
        if "proposed_sites" in tables:
            table = tables["proposed_sites"]
            note = text("report.note_added", lang) if "persons_added" in table.frame.columns else ""
            blocks.append(TableBlock(table=table, title=table.title(lang), note=note))
    if subject.siting is not None:
        blocks.append(Paragraph(words=text("report.proof_title", lang), style="heading"))
        blocks += proof(subject.siting, subject)
    if not blocks:
        return None
    return Chapter(id="plan", title=text("report.chapter_plan", lang), blocks=tuple(blocks))


def proof(result: SitingResult, subject: Subject) -> list[Block]:
    """Return how good the answer is: in words, as figures, and what the solver has to say."""
    lang = subject.lang
    blocks: list[Block] = [Paragraph(words=_proof_words(result, subject))]
    rows = [
        (text("report.fact_model", lang), text(f"siting.model_{result.model.key}", lang)),
        (text("report.fact_status", lang), text(f"siting.status_{result.status}", lang)),
    ]
    if result.has_answer:
        unit = text(f"siting.unit_{result.objective_unit.replace('-', '_')}", lang)
        rows += [
            (text("report.fact_objective", lang), _amount(result.objective, unit)),
            (text("report.fact_bound", lang), _amount(result.bound, unit)),
            (text("report.fact_gap", lang), f"{result.gap:.3%}"),
        ]
    blocks.append(Facts(rows=tuple(rows)))
    if result.notes:
        blocks.append(Bullets(items=tuple(_named(note, subject).render(lang) for note in result.notes)))
    return blocks


def _named(note: Fault, subject: Subject) -> Fault:
    """Return a note of the solver with the name of the site it speaks about, where that is known."""
    site = note.values.get("id")
    name = subject.facility_names.get(str(site)) if site is not None else None
    return note if name is None else replace(note, values={**note.values, "id": f"{name} ({site})"})


def _proof_words(result: SitingResult, subject: Subject) -> str:
    lang = subject.lang
    if not result.has_answer:
        key = "infeasible" if result.status is SitingStatus.INFEASIBLE else "no_solution"
        return text(f"report.proof_{key}", lang)
    unit = text(f"siting.unit_{result.objective_unit.replace('-', '_')}", lang)
    exact = result.is_optimal and abs(result.objective - result.bound) <= 1e-6 * max(
        1.0, abs(result.objective)
    )
    key = "exact" if exact else "within" if result.is_optimal else "stopped"
    return text(
        f"report.proof_{key}_{result.sense}", lang,
        n=len(result.opened), objective=_amount(result.objective, unit), bound=_amount(result.bound, unit),
        missing=_amount(abs(result.bound - result.objective), unit), gap=f"{result.gap:.2%}",
    )  # fmt: skip


def _amount(value: float, unit: str) -> str:
    """Return an objective with its unit: whole where it is large, three digits where it is small."""
    return f"{value:,.0f} {unit}" if abs(value) >= 100 else f"{value:,.3g} {unit}"


def comparison(subject: Subject, tables: Tables) -> Chapter | None:
    """Return the worlds side by side; None where nothing is compared."""
    figure = figures.comparison_figure(subject)
    if figure is None:
        return None
    blocks: list[Block] = [figure]
    for key in ("comparison", "comparison_by_place"):
        if key in tables:
            table = tables[key]
            rows = table.frame
            if key == "comparison_by_place":
                changed = (rows["persons_newly_covered"] > 0) | (rows["persons_lost"] > 0)
                rows = rows[changed].sort_values("persons_newly_covered", ascending=False, kind="stable")
            if len(rows):
                blocks.append(TableBlock(table=table, title=table.title(subject.lang), rows=rows))
    return Chapter(
        id="comparison", title=text("report.chapter_comparison", subject.lang), blocks=tuple(blocks)
    )
