"""The command line: ``cultureplan COMMAND``, as :mod:`cultureplan.cli.parser` knows them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from cultureplan.base.errors import CulturePlanError, InfeasibleError, InputError
from cultureplan.base.messages import LANGS, Lang, text
from cultureplan.cli.codes import FAULTS, NO_PLAN, OK
from cultureplan.cli.output import fail, os_words, speak_utf8
from cultureplan.cli.parser import build_parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; those of the process where absent.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    lang = _language(arguments)
    speak_utf8()
    parser = build_parser(lang)
    try:
        options = parser.parse_args(arguments)
    except SystemExit as stop:  # argparse has printed help or the usage error
        return int(stop.code or OK)
    try:
        return int(options.run(options, lang))
    except InfeasibleError as error:
        return fail(error, options, lang, NO_PLAN)
    except CulturePlanError as error:
        return fail(error, options, lang, FAULTS)
    except BrokenPipeError:  # the reader of our output has gone, as in `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:
        return fail(InputError.of("cli.os_error", why=os_words(error)), options, lang, FAULTS)
    except KeyboardInterrupt:
        print(text("cli.interrupted", lang), file=sys.stderr)
        return 130


def _language(arguments: Sequence[str]) -> Lang:
    """Return the language asked for, else that of the terminal, else English."""
    for at, argument in enumerate(arguments):
        name, _, asked = argument.partition("=")
        if name not in ("--lang", "--language"):
            continue
        if "=" not in argument and at + 1 < len(arguments):
            asked = arguments[at + 1]
        if asked in LANGS:
            return "zh" if asked == "zh" else "en"
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if locale.lower().startswith("zh") else "en"
