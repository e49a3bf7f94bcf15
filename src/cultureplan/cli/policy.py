"""The commands on policy standards: list, show, check."""

from __future__ import annotations

import argparse
from pathlib import Path

from cultureplan.base.messages import Lang, text
from cultureplan.cli.codes import OK
from cultureplan.cli.inputs import a_world, read_settings
from cultureplan.cli.output import as_records, as_table, say, steps


def list_standards(options: argparse.Namespace, lang: Lang) -> int:
    """List the policy standards that come with the library."""
    from cultureplan.standards.catalogue import standards_frame

    table = standards_frame(lang)
    say(options, {"standards": as_records(table)}, as_table(table))
    return OK


def show_standard(options: argparse.Namespace, lang: Lang) -> int:
    """Print every requirement of a standard with its clause, figure and reading."""
    from cultureplan.standards.catalogue import load_standard

    standard = load_standard(options.standard, **read_settings(options.set))
    requirements, settings = standard.to_frame(lang), standard.settings_frame(lang)
    found = {
        "standard": standard.id,
        "requirements": as_records(requirements),
        "settings": as_records(settings),
    }
    parts = [standard.title(lang), as_table(requirements)]
    parts += [text("cli.readings", lang), as_table(settings)] if len(settings) else []
    say(options, found, "\n\n".join(parts))
    return OK


def check_standard(options: argparse.Namespace, lang: Lang) -> int:
    """Check a world and its registers against a standard, and say who must act on each gap."""
    from cultureplan import governance
    from cultureplan.standards.catalogue import load_standard
    from cultureplan.standards.check import check_standard as check
    from cultureplan.standards.registers import read_registers

    with steps(2, options, lang) as step:
        step("reading")
        world = a_world(options.world)
        standard = load_standard(options.standard, **read_settings(options.set))
        registers = None if options.registers is None else read_registers(options.registers)
        duties = None if options.duties is None else governance.load(options.duties)
        step("checking")
        report = check(world, standard, registers)
        chapter = governance.compliance_chapter(report, duties, lang=lang)
    if options.out is not None:
        folder = Path(options.out)
        folder.mkdir(parents=True, exist_ok=True)
        report.to_frame(lang).to_csv(folder / "findings.csv", encoding="utf-8-sig")
    found = {
        "world": world.name,
        "standard": standard.id,
        "requirements": {str(verdict): int(n) for verdict, n in report.counts().items()},
        "findings": as_records(report.to_frame(lang)),
    }
    parts = [f"{world.title(lang)} / {standard.title(lang)}"]
    parts += [f"{heading}\n{as_table(table)}" for heading, table in chapter.items()]
    say(options, found, "\n\n".join(parts))
    return OK
