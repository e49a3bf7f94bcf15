"""Write the report: one page that opens from disk, and the rows behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from cultureplan.base.errors import MissingExtraError
from cultureplan.base.messages import Lang, text
from cultureplan.governance.places import Governance
from cultureplan.measures.circles import CircleStandard
from cultureplan.measures.coverage import Coverage
from cultureplan.planning.compare import Comparison, compare
from cultureplan.planning.scenario import Scenario
from cultureplan.report import chapters, chapters_about, chapters_compliance, chapters_plan, exports
from cultureplan.report.blocks import Chapter, Page, ReportFile, ReportTable
from cultureplan.report.facts import Subject
from cultureplan.report.html import render
from cultureplan.report.tables import comparison_tables, coverage_tables, plan_of, proposed_sites
from cultureplan.report.tables_data import data_tables
from cultureplan.report.tables_network import network_tables
from cultureplan.siting.result import SitingResult
from cultureplan.standards.compliance import ComplianceReport
from cultureplan.world.world import World

REPORT = "report.html"


def write_report(
    out_dir: str | Path,
    *,
    world: World,
    standard: CircleStandard,
    coverage: Coverage,
    comparison: Comparison | None = None,
    siting: SitingResult | None = None,
    compliance: ComplianceReport | None = None,
    governance: Governance | None = None,
    unit_costs: Mapping[str, float] | None = None,
    lang: Lang = "en",
) -> Path:
    """Write the report of a world, and of a plan for it, into a folder.

    ``report.html`` is self-contained: it needs no network and opens from disk. Beside it lie
    ``tables/*.csv`` and ``tables.xlsx`` (where openpyxl is installed), which hold every row behind every
    figure, and ``maps/*.geojson`` in WGS84. Files of an earlier report in the folder are replaced.

    Parameters
    ----------
    out_dir : str or Path
        Folder; made where it is not there.
    world : World
        The world as it is.
    standard : CircleStandard
        What it was measured by.
    coverage : Coverage
        The world measured by the standard.
    comparison : Comparison, optional
        The world and its plans measured by the same standard; made from `siting` where absent.
    siting : SitingResult, optional
        The answer that the plan came from, for what each site adds and for the proof.
    compliance : ComplianceReport, optional
        The world checked against a policy standard; adds the chapter on what is required.
    governance : Governance, optional
        With `compliance`: adds who must act on each gap.
    unit_costs : Mapping[str, float], optional
        With `compliance`: yuan for each unit of shortfall by requirement; adds what the gaps cost.
    lang : {"en", "zh"}
        Language of the page, of headings in the workbook, and of names where the data have two.

    Returns
    -------
    Path
        ``report.html``.

    Examples
    --------
    >>> import tempfile
    >>> import cultureplan as cp
    >>> from cultureplan.report import write_report
    >>> world, standard = cp.load_world("sanheyuan"), cp.load_circles("ordos-2014")
    >>> coverage = cp.measure_coverage(world, standard)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_report(folder, world=world, standard=standard, coverage=coverage).name
    'report.html'
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    if comparison is None and siting is not None and siting.opened:
        labels = {
            text("report.today", lang): world,
            text("report.plan", lang): Scenario(world).add(siting).apply(),
        }
        comparison = compare(labels, standard)
    opened = set() if siting is None else set(map(str, siting.opened))
    plan = plan_of(comparison, opened)
    subject = Subject(
        coverage=coverage, plan=plan, comparison=comparison, siting=siting, compliance=compliance, lang=lang
    )
    listed = all_tables(subject)
    if compliance is not None:
        listed += chapters_compliance.compliance_tables(
            compliance, governance, unit_costs=unit_costs, lang=lang
        )
    _remove_earlier(folder)
    files = exports.write_tables(folder, listed, lang) + exports.write_maps(folder, subject, listed)
    note = ""
    try:
        files.insert(0, exports.write_workbook(folder, listed, lang))
    except MissingExtraError as error:
        note = error.render(lang)
    duties = "" if governance is None else governance.title(lang)
    path = folder / REPORT
    path.write_text(render(_page(subject, listed, duties), files, note), encoding="utf-8", newline="\n")
    return path


def all_tables(subject: Subject) -> list[ReportTable]:
    """Return every table of a report but those of compliance, in the order of its chapters."""
    listed = coverage_tables(subject)
    listed += network_tables(subject)
    sites = proposed_sites(subject)
    if sites is not None:
        listed.append(sites)
    if subject.comparison is not None:
        listed += comparison_tables(subject.comparison, subject.lang, subject)
    return [*listed, *data_tables(subject)]


def _page(subject: Subject, listed: list[ReportTable], duties: str) -> Page:
    lang, tables = subject.lang, {table.key: table for table in listed}
    found: list[Chapter | None] = [
        chapters.overview(subject, tables),
        chapters.maps(subject),
        chapters.people(subject, tables),
        chapters.gaps(subject, tables),
        chapters_plan.proposed(subject, tables),
        chapters_plan.comparison(subject, tables),
        chapters.network(subject, tables),
        chapters_compliance.compliance(subject, tables, duties),
        chapters_about.standard(subject, tables),
        chapters_about.data(subject, tables),
        chapters_about.limits(subject),
    ]
    return Page(
        title=subject.title,
        subtitle=subject.coverage.standard.title(lang),
        date=datetime.now().astimezone().date().isoformat(),
        lang=lang,
        chapters=tuple(chapter for chapter in found if chapter is not None),
    )


def _remove_earlier(folder: Path) -> None:
    """Remove what an earlier report wrote and this one may not: a plan that is no more must not stay."""
    for name, ending in ((exports.TABLES, "csv"), (exports.MAPS, "geojson")):
        for path in (folder / name).glob(f"*.{ending}"):
            if path.stem in exports.own_names():
                path.unlink()
    (folder / exports.WORKBOOK).unlink(missing_ok=True)


__all__ = ["ReportFile", "all_tables", "write_report"]
