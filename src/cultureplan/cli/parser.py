"""The grammar of the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeAlias

from cultureplan.base.messages import LANGS, Lang, text
from cultureplan.base.version import __version__
from cultureplan.cli import planner, policy, teaching, worlds

Run: TypeAlias = Callable[[argparse.Namespace, Lang], int]
_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def build_parser(lang: Lang) -> argparse.ArgumentParser:
    """Return the parser, with its help in one language."""
    parser = argparse.ArgumentParser(prog="cultureplan", description=text("cli.about", lang))
    parser.add_argument("--version", action="version", version=f"cultureplan {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Run) -> argparse.ArgumentParser:
        return _command(commands, name, run, lang)

    def circles(one: argparse.ArgumentParser) -> None:
        one.add_argument("--circles", required=True, metavar="STANDARD", help=text("cli.circles_help", lang))
        one.add_argument(
            "--set", action="append", default=[], metavar="NAME=VALUE", help=text("cli.set_help", lang)
        )
        one.add_argument("--streets", action="store_true", help=text("cli.streets_help", lang))

    def compliance(one: argparse.ArgumentParser) -> None:
        one.add_argument("--standard", metavar="STANDARD", help=text("cli.standard_help", lang))
        _add_records(one, lang)
        one.add_argument(
            "--standard-set", action="append", default=[], metavar="NAME=VALUE",
            help=text("cli.standard_set_help", lang),
        )  # fmt: skip
        one.add_argument(
            "--unit-cost", action="append", default=[], metavar="REQUIREMENT=YUAN",
            help=text("cli.unit_cost_help", lang),
        )  # fmt: skip

    one = command("check", worlds.check)
    one.add_argument("world", metavar="WORLD", help=text("cli.world_help", lang))
    one = command("assess", worlds.assess)
    one.add_argument("world", metavar="WORLD", help=text("cli.world_help", lang))
    circles(one)
    one.add_argument("--by", action="append", metavar="COLUMN", help=text("cli.by_help", lang))
    one = command("plan", worlds.plan)
    one.add_argument("world", metavar="WORLD", help=text("cli.world_help", lang))
    circles(one)
    one.add_argument("--new", type=int, required=True, metavar="N", help=text("cli.new_help", lang))
    one.add_argument("--out", required=True, metavar="DIR", help=text("cli.out_help", lang))
    one.add_argument(
        "--candidates",
        choices=("table", "demand", "places", "grid", "streets", "anywhere"),
        help=text("cli.candidates_help", lang),
    )
    one.add_argument("--time-limit", type=float, default=60.0, metavar="S", help=text("cli.time_help", lang))
    one.add_argument("--gap", type=float, default=0.0, metavar="SHARE", help=text("cli.gap_help", lang))
    compliance(one)
    one = command("compare", worlds.compare)
    one.add_argument("worlds", nargs="+", metavar="[LABEL=]WORLD", help=text("cli.worlds_help", lang))
    circles(one)
    one = command("report", worlds.report)
    one.add_argument("world", metavar="WORLD", help=text("cli.world_help", lang))
    circles(one)
    one.add_argument("--out", required=True, metavar="DIR", help=text("cli.out_help", lang))
    compliance(one)
    one = command("datasets", worlds.datasets)
    one.add_argument("--show", metavar="NAME", help=text("cli.show_help", lang))
    one.add_argument("--copy", nargs=2, metavar=("NAME", "DIR"), help=text("cli.copy_help", lang))
    one = command("lessons", teaching.lessons)
    one.add_argument("folder", nargs="?", metavar="FOLDER", help=text("cli.lessons_folder_help", lang))
    one.add_argument("--language", choices=LANGS, help=text("cli.language_help", lang))
    one.add_argument("--no-open", action="store_true", help=text("cli.no_open_help", lang))
    one.add_argument("--force", action="store_true", help=text("cli.force_help", lang))
    one.add_argument("--solutions", action="store_true", help=text("cli.solutions_help", lang))
    one = command("app", planner.app)
    one.add_argument("world", nargs="?", metavar="FOLDER_OR_WORLD", help=text("cli.world_help", lang))
    one.add_argument("--language", choices=LANGS, help=text("cli.language_help", lang))
    one.add_argument("--port", type=int, default=0, metavar="N", help=text("cli.port_help", lang))
    one.add_argument("--no-browser", action="store_true", help=text("cli.no_browser_help", lang))
    group = commands.add_parser("standards", help=text("cli.standards_help", lang))
    _add_policy(group.add_subparsers(dest="subcommand", required=True, metavar="COMMAND"), lang)
    return parser


def _command(commands: _Commands, name: str, run: Run, lang: Lang) -> argparse.ArgumentParser:
    """Add one command with what all of them have in common."""
    about = text(f"cli.{run.__name__}_help", lang)
    one = commands.add_parser(name, help=about, description=about)
    one.set_defaults(run=run)
    one.add_argument("--lang", choices=LANGS, default=lang, help=text("cli.lang_help", lang))
    one.add_argument("--json", action="store_true", help=text("cli.json_help", lang))
    one.add_argument("--quiet", action="store_true", help=text("cli.quiet_help", lang))
    return one


def _add_records(one: argparse.ArgumentParser, lang: Lang) -> None:
    """Add what a check needs beside a world and a standard."""
    one.add_argument("--registers", metavar="DIR", help=text("cli.registers_help", lang))
    one.add_argument("--duties", metavar="PLACE", help=text("cli.duties_help", lang))


def _add_policy(commands: _Commands, lang: Lang) -> None:
    """Add the commands on policy standards."""
    _command(commands, "list", policy.list_standards, lang)
    show = _command(commands, "show", policy.show_standard, lang)
    show.add_argument("standard", metavar="STANDARD", help=text("cli.standard_help", lang))
    check = _command(commands, "check", policy.check_standard, lang)
    check.add_argument("world", metavar="WORLD", help=text("cli.world_help", lang))
    check.add_argument("--standard", required=True, metavar="STANDARD", help=text("cli.standard_help", lang))
    _add_records(check, lang)
    check.add_argument("--out", metavar="DIR", help=text("cli.findings_help", lang))
    for one in (show, check):
        one.add_argument(
            "--set", action="append", default=[], metavar="NAME=VALUE", help=text("cli.set_help", lang)
        )
