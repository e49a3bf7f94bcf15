"""The commands on policy standards: list, show, check."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cultureplan.base.errors import InputError
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
    from cultureplan.governance.chapter import compliance_chapter

    with steps(2, options, lang) as step:
        step("reading")
        world = a_world(options.world)
        step("checking")
        report, duties = checked(world, options, settings=options.set)
        chapter = compliance_chapter(report, duties, lang=lang)
    if options.out is not None:
        folder = Path(options.out)
        folder.mkdir(parents=True, exist_ok=True)
        report.to_frame(lang).to_csv(folder / "findings.csv", encoding="utf-8-sig")
    found = {
        "world": world.name,
        "standard": report.standard.id,
        "requirements": {str(verdict): int(n) for verdict, n in report.counts().items()},
        "findings": as_records(report.to_frame(lang)),
    }
    parts = [f"{world.title(lang)} / {report.standard.title(lang)}"]
    parts += [f"{heading}\n{as_table(table)}" for heading, table in chapter.items()]
    say(options, found, "\n\n".join(parts))
    return OK


def checked(world: Any, options: argparse.Namespace, *, settings: Sequence[str]) -> tuple[Any, Any]:
    """Return how a world keeps to the standard asked for, and the duties asked for, either may be None."""
    from cultureplan.governance.places import load
    from cultureplan.standards.catalogue import load_standard
    from cultureplan.standards.check import check_standard as check
    from cultureplan.standards.registers import read_registers

    standard = load_standard(options.standard, **read_settings(settings))
    registers = None if options.registers is None else read_registers(options.registers)
    duties = None if options.duties is None else load(options.duties)
    return check(world, standard, registers), duties


def compliance_of(world: Any, options: argparse.Namespace) -> dict[str, Any]:
    """Return what a report is to say about a policy standard, as its writer takes it.

    Raises
    ------
    InputError
        If registers, duties, readings or costs are given without a standard, or a cost is no number.
    """
    if options.standard is None:
        given = {
            "--registers": options.registers,
            "--duties": options.duties,
            "--standard-set": options.standard_set,
            "--unit-cost": options.unit_cost,
        }
        for name, value in given.items():
            if value:
                raise InputError.of("cli.needs_standard", name=name)
        return {}
    costs = read_settings(options.unit_cost)
    for name, cost in costs.items():
        if isinstance(cost, str):
            raise InputError.of("cli.bad_cost", name=name, value=cost)
    report, duties = checked(world, options, settings=options.standard_set)
    return {"compliance": report, "governance": duties, "unit_costs": costs or None}


def compliance_found(given: dict[str, Any], lang: Lang) -> tuple[dict[str, Any], list[str]]:
    """Return the verdicts of a report as values and as a line; both empty where nothing was checked."""
    if not given:
        return {}, []
    report = given["compliance"]
    counts = {str(verdict): int(n) for verdict, n in report.counts().items()}
    words = {f"n_{verdict.lower()}": n for verdict, n in counts.items()}
    line = text("cli.compliance_line", lang, standard=report.standard.title(lang), **words)
    return {"standard": report.standard.id, "requirements": counts}, [line]
