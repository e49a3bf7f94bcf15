"""The command line: ``cultureplan check | assess | plan | compare | report | datasets``.

Exit codes: 0 done; 1 the input has faults; 2 the command was typed wrongly; 3 there is no plan that works.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cultureplan.base.errors import CulturePlanError, InfeasibleError, InputError
from cultureplan.base.messages import LANGS, Lang, text

OK, FAULTS, USAGE, NO_PLAN = 0, 1, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; those of the process where absent.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    lang = _language(arguments)
    _speak_utf8()
    parser = _parser(lang)
    try:
        options = parser.parse_args(arguments)
    except SystemExit as stop:  # argparse has printed help or the usage error
        return int(stop.code or OK)
    try:
        return int(options.run(options, lang))
    except InfeasibleError as error:
        return _fail(error, options, lang, NO_PLAN)
    except CulturePlanError as error:
        return _fail(error, options, lang, FAULTS)
    except OSError as error:
        return _fail(InputError.of("cli.os_error", why=_os_words(error)), options, lang, FAULTS)
    except KeyboardInterrupt:
        print(text("cli.interrupted", lang), file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output has gone, as in `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def check(options: argparse.Namespace, lang: Lang) -> int:
    """List every fault of a world folder; nothing is written."""
    with _steps(1, options, lang) as step:
        step("reading")
        world = _world(options.world)
    found = {
        "facilities": len(world.facilities),
        "demand": len(world.demand),
        "persons": float(world.demand.persons.sum()),
        "places": 0 if world.places is None else len(world.places),
        "crs": str(world.crs.to_string()),
        "orphans": len(world.network.orphans()),
    }
    _say(
        options,
        found | {"ok": True, "world": world.name},
        text("cli.checked", lang, name=world.title(lang), **found),
    )
    return OK


def assess(options: argparse.Namespace, lang: Lang) -> int:
    """Measure coverage by a circle standard."""
    from cultureplan.measures.coverage import measure_coverage

    with _steps(2, options, lang) as step:
        step("reading")
        world, standard = _world(options.world), _standard(options)
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
        "by": {name: _records(table) for name, table in tables.items()},
    }
    lines = [_coverage_line(coverage, world.title(lang), lang), "", _table(coverage.summary(lang))]
    lines += [part for column in options.by or () for part in ("", _table(_named(tables[column], world)))]
    _say(options, found, "\n".join(lines))
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

    with _steps(5, options, lang) as step:
        step("reading")
        world, standard = _world(options.world), _standard(options)
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
        )
    planned = comparison.coverages[comparison.labels[1]]
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
        _table(comparison.to_table(lang)),
        "",
        text("cli.report_at", lang, path=path),
    ]
    _say(options, found, "\n".join(lines))
    return OK


def compare(options: argparse.Namespace, lang: Lang) -> int:
    """Compare two or more worlds of the same people."""
    from cultureplan.planning.compare import compare as compare_worlds

    with _steps(2, options, lang) as step:
        step("reading")
        worlds = _labelled(options.worlds)
        standard = _standard(options)
        step("comparing")
        comparison = compare_worlds(worlds, standard)
    found = {"circles": standard.id, "worlds": _records(comparison.frame)}
    _say(options, found, _table(comparison.to_table(lang)))
    return OK


def report(options: argparse.Namespace, lang: Lang) -> int:
    """Write the report of a world as it is."""
    from cultureplan.measures.coverage import measure_coverage
    from cultureplan.report.write import write_report

    with _steps(3, options, lang) as step:
        step("reading")
        world, standard = _world(options.world), _standard(options)
        step("measuring")
        coverage = measure_coverage(world, standard)
        step("writing")
        path = write_report(options.out, world=world, standard=standard, coverage=coverage, lang=lang)
    found = {
        "world": world.name,
        "circles": standard.id,
        "covered_share": coverage.share,
        "report": str(path),
    }
    lines = [_coverage_line(coverage, world.title(lang), lang), text("cli.report_at", lang, path=path)]
    _say(options, found, "\n".join(lines))
    return OK


def datasets(options: argparse.Namespace, lang: Lang) -> int:
    """List the bundled worlds, show the source page of one, or copy one into a folder."""
    from cultureplan import datasets as bundled
    from cultureplan.io.folder import write_world

    if options.copy:
        name, folder = options.copy
        write_world(bundled.load_world(name), folder)
        _say(options, {"world": name, "folder": folder}, text("cli.copied", lang, name=name, folder=folder))
    elif options.show:
        page = bundled.source_page(options.show, lang=lang)
        _say(options, {"world": options.show, "source_page": page}, page)
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
        _say(options, {"datasets": rows}, "\n".join(lines))
    return OK


def _parser(lang: Lang) -> argparse.ArgumentParser:
    from cultureplan.base.version import __version__

    parser = argparse.ArgumentParser(prog="cultureplan", description=text("cli.about", lang))
    parser.add_argument("--version", action="version", version=f"cultureplan {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace, Lang], int]) -> argparse.ArgumentParser:
        about = text(f"cli.{name}_help", lang)
        one = commands.add_parser(name, help=about, description=about)
        one.set_defaults(run=run)
        one.add_argument("--lang", choices=LANGS, default=lang, help=text("cli.lang_help", lang))
        one.add_argument("--json", action="store_true", help=text("cli.json_help", lang))
        one.add_argument("--quiet", action="store_true", help=text("cli.quiet_help", lang))
        return one

    def circles(one: argparse.ArgumentParser) -> None:
        one.add_argument("--circles", required=True, metavar="STANDARD", help=text("cli.circles_help", lang))
        one.add_argument(
            "--set", action="append", default=[], metavar="NAME=VALUE", help=text("cli.set_help", lang)
        )

    one = command("check", check)
    one.add_argument("world", metavar="WORLD", help=text("cli.world_help", lang))
    one = command("assess", assess)
    one.add_argument("world", metavar="WORLD", help=text("cli.world_help", lang))
    circles(one)
    one.add_argument("--by", action="append", metavar="COLUMN", help=text("cli.by_help", lang))
    one = command("plan", plan)
    one.add_argument("world", metavar="WORLD", help=text("cli.world_help", lang))
    circles(one)
    one.add_argument("--new", type=int, required=True, metavar="N", help=text("cli.new_help", lang))
    one.add_argument("--out", required=True, metavar="DIR", help=text("cli.out_help", lang))
    one.add_argument(
        "--candidates", choices=("table", "demand", "places", "grid"), help=text("cli.candidates_help", lang)
    )
    one.add_argument("--time-limit", type=float, default=60.0, metavar="S", help=text("cli.time_help", lang))
    one.add_argument("--gap", type=float, default=0.0, metavar="SHARE", help=text("cli.gap_help", lang))
    one = command("compare", compare)
    one.add_argument("worlds", nargs="+", metavar="[LABEL=]WORLD", help=text("cli.worlds_help", lang))
    circles(one)
    one = command("report", report)
    one.add_argument("world", metavar="WORLD", help=text("cli.world_help", lang))
    circles(one)
    one.add_argument("--out", required=True, metavar="DIR", help=text("cli.out_help", lang))
    one = command("datasets", datasets)
    one.add_argument("--show", metavar="NAME", help=text("cli.show_help", lang))
    one.add_argument("--copy", nargs=2, metavar=("NAME", "DIR"), help=text("cli.copy_help", lang))
    return parser


def _language(arguments: Sequence[str]) -> Lang:
    """Return the language asked for by ``--lang``, else that of the terminal, else English."""
    for at, argument in enumerate(arguments):
        asked = argument.removeprefix("--lang=") if argument.startswith("--lang=") else ""
        if argument == "--lang" and at + 1 < len(arguments):
            asked = arguments[at + 1]
        if asked in LANGS:
            return "zh" if asked == "zh" else "en"
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if locale.lower().startswith("zh") else "en"


def _speak_utf8() -> None:
    """Write Chinese on a terminal whose locale says ASCII, instead of failing half-way."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and (stream.encoding or "").lower().replace("-", "") != "utf8":
            reconfigure(encoding="utf-8", errors="replace")


@contextmanager
def _steps(n: int, options: argparse.Namespace, lang: Lang) -> Iterator[Callable[[str], None]]:
    """Show a progress bar on the error stream while something long runs on a terminal."""
    from tqdm import tqdm

    off = options.json or options.quiet or not sys.stderr.isatty()
    with tqdm(
        total=n, disable=off, leave=False, bar_format="{desc} {bar:24} {n_fmt}/{total_fmt} {elapsed}"
    ) as bar:

        def step(name: str) -> None:
            bar.set_description_str(text(f"cli.step_{name}", lang))
            bar.update(1 if bar.n or name != "reading" else 0)

        yield step


def _world(name: str) -> Any:
    """Return the world in a folder, or the bundled one of that name."""
    from cultureplan import datasets as bundled
    from cultureplan.io.folder import read_world

    if not Path(name).exists() and name in bundled.names():
        return bundled.load_world(name)
    return read_world(name)


def _labelled(worlds: Sequence[str]) -> dict[str, Any]:
    labelled: dict[str, Any] = {}
    for entry in worlds:
        label, _, name = entry.rpartition("=")
        label = label or Path(name).name
        if label in labelled:
            raise InputError.of("cli.same_label", label=label)
        labelled[label] = _world(name)
    return labelled


def _standard(options: argparse.Namespace) -> Any:
    from cultureplan.measures.circles import load_circles

    settings: dict[str, float | str] = {}
    for entry in options.set:
        name, found, value = entry.partition("=")
        if not found:
            raise InputError.of("cli.bad_setting", entry=entry)
        try:
            settings[name] = float(value)
        except ValueError:
            settings[name] = value
    return load_circles(options.circles, **settings)


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


def _named(table: Any, world: Any) -> Any:
    """Return a table of places with their names in front of the codes."""
    if world.places is None or not table.index.isin(world.places.ids).all():
        return table
    named = table.copy()
    named.insert(0, "name", world.places.names.reindex(table.index))
    return named


def _records(table: Any) -> list[dict[str, Any]]:
    """Return rows as plain values; JSON knows no NaN, so a missing number is null."""
    return json.loads(table.reset_index().to_json(orient="records", double_precision=10))


def _table(table: Any) -> str:
    import pandas as pd

    shown = table.copy()
    for column in shown.columns:
        if pd.api.types.is_numeric_dtype(shown[column]):
            share = 0 < shown[column].abs().max() <= 1 and not pd.api.types.is_integer_dtype(shown[column])
            pattern = "{:.4f}" if share else "{:,.1f}" if (shown[column] % 1 != 0).any() else "{:,.0f}"
            shown[column] = [("" if pd.isna(v) else pattern.format(v)) for v in shown[column]]
    with pd.option_context("display.unicode.east_asian_width", True):
        return shown.to_string()


def _say(options: argparse.Namespace, found: dict[str, Any], words: str) -> None:
    if options.json:
        cleaned = {k: (None if isinstance(v, float) and v != v else v) for k, v in found.items()}
        print(json.dumps(cleaned, ensure_ascii=False, indent=2))
    else:
        print(words)


def _fail(error: CulturePlanError, options: argparse.Namespace, lang: Lang, code: int) -> int:
    if options.json:
        faults = [fault.to_dict(lang) for fault in error.faults]
        print(json.dumps({"ok": False, "faults": faults}, ensure_ascii=False, indent=2, default=str))
    else:
        print(error.render(lang), file=sys.stderr)
    return code


def _os_words(error: OSError) -> str:
    return f"{error.strerror or error}: {error.filename}" if error.filename else str(error)
