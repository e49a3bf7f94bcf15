"""Exit codes of the command line."""

from __future__ import annotations

OK = 0  # done
FAULTS = 1  # the input has faults, or something that was asked for is not met
USAGE = 2  # the command was typed wrongly
NO_PLAN = 3  # there is no plan that works
