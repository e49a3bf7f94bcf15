"""What a measure returns: values of subjects, or the name of the input that is missing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from cultureplan.standards.requirement import Requirement


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One value of one subject.

    Parameters
    ----------
    value : float
        What was measured; NaN where nothing could be.
    is_met : bool or None
        Verdict of the measure itself; None leaves it to the requirement's figure.
    place_id, facility_id, subject : str
        Whom or what it is about; `subject` is a name or id as a user reads it.
    about : str
        Code of what was measured of it, where a clause asks several things (a quantity, a kind, a level).
    period : str
        Year or date, where it is of one.
    missing : str
        Input that is missing, as ``kind:what``; see :mod:`cultureplan.standards.missing`.
    listed : tuple of str
        Codes or ids that are absent, outside the list, or in breach; a code of another vocabulary than
        ``code`` is written ``vocabulary/code``, for example ``level/branch``.
    figure : float or None
        Figure for this subject, where it differs from the requirement's.
    """

    value: float = math.nan
    is_met: bool | None = None
    place_id: str = ""
    facility_id: str = ""
    subject: str = ""
    about: str = ""
    period: str = ""
    missing: str = ""
    listed: tuple[str, ...] = ()
    figure: float | None = None
    unit: str = ""


class MissingInput(Exception):
    """A measure cannot go on without an input; caught by the check, never seen by a user.

    Parameters
    ----------
    kind : str
        ``register``, ``rows``, ``table``, ``column``, ``setting``, ``subjects`` ...
    what : str
        Its name.
    """

    def __init__(self, kind: str, what: str = "") -> None:
        super().__init__(kind, what)
        self.code = f"{kind}:{what}"


Args: TypeAlias = Mapping[str, Any]
# A DataFrame or a row of one. The stubs of pandas give every cell twenty types, none of which a register
# can have; the schemas of the registers say what a column holds.
Frame: TypeAlias = Any
# The first argument is the context, which knows this file.
Measure: TypeAlias = Callable[[Any, Requirement, Args], Iterable[Measured]]

MEASURES: dict[str, Measure] = {}


def measure(name: str) -> Callable[[Measure], Measure]:
    """Return a decorator that makes a function the measure of a name."""

    def keep(function: Measure) -> Measure:
        MEASURES[name] = function
        return function

    return keep


def flags(values: Iterable[object]) -> np.ndarray:
    """Return where a flag is set, shape (n,)."""
    return np.array([yes(value) for value in values], dtype=bool)


def yes(value: object) -> bool:
    """Return whether a flag is set; an empty one is not."""
    return isinstance(value, bool | np.bool_) and bool(value)
