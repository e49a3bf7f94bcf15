"""The commands on worlds: check, assess, plan, compare, report, datasets."""

from __future__ import annotations

import argparse
from typing import Any

from cultureplan.base.messages import Lang, text
from cultureplan.cli.codes import OK
from cultureplan.cli.inputs import a_circle_standard, a_world, labelled_worlds
from cultureplan.cli.output import as_records, as_table, say, steps, with_names
from cultureplan.cli.policy import compliance_found, compliance_of


def check(options: argparse.Namespace, lang: Lang) -> int:
    """List every fault of a world folder; nothing is written."""
    with steps(1, options, lang) as step:
        step("reading")
        world = a_world(options.world)
    found = {
        "facilities": len(world.facilities),
        "demand": len(world.demand),
        "persons": float(world.demand.persons.sum()),
        "places": 0 if world.places is None else len(world.places),
        "crs": str(world.crs.to_string()),
        "orphans": len(world.network.orphans()),
    }
    say(
        options,
        found | {"ok": True, "world": world.name},
        text("cli.checked", lang, name=world.title(lang), **found),
    )
    return OK


def assess(options: argparse.Namespace, lang: Lang) -> int:
    """Measure coverage by a circle standard."""
    from cultureplan.measures.coverage import measure_coverage

    with steps(2, options, lang) as step:
        step("reading")
        world, standard = a_world(options.world), a_circle_standard(options)
        step("measuring")
        coverage = measure_coverage(world, standard)
    tables = {"settlement": coverage.by("settlement")}
    for column in options.by or ():
        tables[column] = coverage.by(column)
    found = {
        "world": world.name,
        "circles": standard.id,
        "settings": {setting.name: setting.value for setting in standard.settings},
        "persons": float(world.demand.persons.sum()),
        "persons_assessed": coverage.persons_assessed,
        "persons_covered": coverage.persons,
        "covered_share": coverage.share,
        "by": {name: as_records(table) for name, table in tables.items()},
    }
    lines = [_coverage_line(coverage, world.title(lang), lang), "", as_table(coverage.summary(lang))]
    lines += [
        part for column in options.by or () for part in ("", as_table(with_names(tables[column], world)))
    ]
    say(options, found, "\n".join(lines))
    return OK


def plan(options: argparse.Namespace, lang: Lang) -> int:
    """Choose new sites, compare, and write the report."""
    from cultureplan.measures.coverage import measure_coverage
    from cultureplan.planning.compare import compare as compare_worlds
    from cultureplan.planning.scenario import Scenario
    from cultureplan.report.write import write_report
    from cultureplan.siting.models.maximal_coverage import MaximalCoverage
    from cultureplan.siting.problem import SitingProblem
    from cultureplan.siting.solve import solve_siting

    with steps(6, options, lang) as step:
        step("reading")
        world, standard = a_world(options.world), a_circle_standard(options)
        step("checking")
        required = compliance_of(world, options)
        step("measuring")
        coverage = measure_coverage(world, standard)
        step("siting")
        problem = SitingProblem.from_world(world, standard, candidates=options.candidates)
        model = MaximalCoverage(n_sites=options.new)
        result = solve_siting(problem, model, time_limit_s=options.time_limit, gap=options.gap)
        result.raise_if_infeasible()
        step("comparing")
        after = Scenario(world).add(result).apply()
        labels = {text("cli.today", lang): world, text("cli.plan_label", lang): after}
        comparison = compare_worlds(labels, standard)
        step("writing")
        path = write_report(
            options.out,
            world=world,
            standard=standard,
            coverage=coverage,
            comparison=comparison,
            siting=result,
            lang=lang,
            **required,
        )
    planned = comparison.coverages[comparison.labels[1]]
    verdicts, verdict_lines = compliance_found(required, lang)
    found = {
        "world": world.name,
        "circles": standard.id,
        "opened": [str(facility_id) for facility_id in result.opened],
        "status": str(result.status),
        "objective_persons": result.objective,
        "bound_persons": result.bound,
        "gap": result.gap,
        "share_today": coverage.share,
        "share_plan": planned.share,
        "persons_newly_covered": planned.persons - coverage.persons,
        "report": str(path),
        **verdicts,
    }
    lines = [
        _coverage_line(coverage, world.title(lang), lang),
        text(
            "cli.plan_line",
            lang,
            n=len(result.opened),
            share=100 * planned.share,
            persons=planned.persons - coverage.persons,
        ),
        result.summary(lang),
        "",
        as_table(comparison.to_table(lang)),
        "",
        *verdict_lines,
        text("cli.report_at", lang, path=path),
    ]
    say(options, found, "\n".join(lines))
    return OK


def compare(options: argparse.Namespace, lang: Lang) -> int:
    """Compare two or more worlds of the same people."""
    from cultureplan.planning.compare import compare as compare_worlds

    with steps(2, options, lang) as step:
        step("reading")
        worlds = labelled_worlds(options.worlds)
        standard = a_circle_standard(options)
        step("comparing")
        comparison = compare_worlds(worlds, standard)
    found = {"circles": standard.id, "worlds": as_records(comparison.frame)}
    say(options, found, as_table(comparison.to_table(lang)))
    return OK


def report(options: argparse.Namespace, lang: Lang) -> int:
    """Write the report of a world as it is."""
    from cultureplan.measures.coverage import measure_coverage
    from cultureplan.report.write import write_report

    with steps(4, options, lang) as step:
        step("reading")
        world, standard = a_world(options.world), a_circle_standard(options)
        step("checking")
        required = compliance_of(world, options)
        step("measuring")
        coverage = measure_coverage(world, standard)
        step("writing")
        path = write_report(
            options.out, world=world, standard=standard, coverage=coverage, lang=lang, **required
        )
    verdicts, verdict_lines = compliance_found(required, lang)
    found = {
        "world": world.name,
        "circles": standard.id,
        "covered_share": coverage.share,
        "report": str(path),
        **verdicts,
    }
    lines = [
        _coverage_line(coverage, world.title(lang), lang),
        *verdict_lines,
        text("cli.report_at", lang, path=path),
    ]
    say(options, found, "\n".join(lines))
    return OK


def datasets(options: argparse.Namespace, lang: Lang) -> int:
    """List the bundled worlds, show the source page of one, or copy one into a folder."""
    from cultureplan import datasets as bundled
    from cultureplan.io.folder import write_world

    if options.copy:
        name, folder = options.copy
        write_world(bundled.load_world(name), folder)
        say(options, {"world": name, "folder": folder}, text("cli.copied", lang, name=name, folder=folder))
    elif options.show:
        page = bundled.source_page(options.show, lang=lang)
        say(options, {"world": options.show, "source_page": page}, page)
    else:
        rows = []
        for name in bundled.names():
            world = bundled.load_world(name)
            persons = float(world.demand.persons.sum())
            rows.append(
                {
                    "name": name,
                    "title": world.title(lang),
                    "persons": persons,
                    "facilities": len(world.facilities),
                }
            )
        lines = [text("cli.dataset_line", lang, **row) for row in rows]
        say(options, {"datasets": rows}, "\n".join(lines))
    return OK


def _coverage_line(coverage: Any, name: str, lang: Lang) -> str:
    return text(
        "cli.coverage_line",
        lang,
        name=name,
        circles=coverage.standard.title(lang),
        covered=coverage.persons,
        assessed=coverage.persons_assessed,
        share=100 * coverage.share,
    )
