"""One requirement of a policy paper: its clause, what it compares with what, and how it is measured."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from cultureplan.base.messages import Lang, text
from cultureplan.standards.words import policy_word

COMPARISONS = (
    ">=", "<=", "==", ">", "between", "present", "in_set", "ordered", "consensus",
    "increasing", "trend_up", "report", "tree", "sum==1",
)  # fmt: skip
STATUSES = ("verified", "to_be_confirmed", "user")


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """A clause as data.

    Parameters
    ----------
    id : str
        Id in the clause catalogue, for example ``O-COL-01``.
    clause_zh, clause_en : str
        Short quotation and our own rendering in English.
    source : str
        File or page in which the clause stands.
    type : str
        What it is about: ``facility_checklist``, ``staffing`` ...; see the page of types.
    levels : tuple of str
        Levels of government or place it is for.
    settlement : str
        ``urban``, ``rural``, ``pastoral``, ``rural+pastoral`` or ``any``.
    comparison : str
        How a value is judged; one of :data:`COMPARISONS`.
    threshold, upper : float or None
        The figure; with ``between`` its two ends. None where the paper gives none: then only a figure of
        the user's lets the requirement be judged.
    unit : str
        Unit of the figure.
    status : str
        ``verified``, ``to_be_confirmed`` (never decides) or ``user`` (the user gave the figure).
    responsible : tuple of str
        Codes of the responsible functions, the first one first.
    check : Mapping
        Name of the measure and its arguments; empty where a requirement is record only.
    """

    id: str
    clause_zh: str
    clause_en: str
    source: str
    type: str
    levels: tuple[str, ...] = ()
    settlement: str = "any"
    comparison: str = "report"
    threshold: float | None = None
    upper: float | None = None
    unit: str = ""
    per: str = ""
    period: str = ""
    group: str = ""
    checkability: str = "hard"
    is_printed: bool = False
    status: str = "verified"
    responsible: tuple[str, ...] = ()
    responsible_basis: str = "named"
    note_en: str = ""
    note_zh: str = ""
    check: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "check", MappingProxyType(dict(self.check)))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "check": dict(self.check)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "check", MappingProxyType(self.check))

    @property
    def measure(self) -> str:
        """Name of the measure, empty where nothing can be computed."""
        return str(self.check.get("measure", ""))

    def clause(self, lang: Lang = "en") -> str:
        """Return the clause in a language."""
        return self.clause_zh if lang == "zh" else self.clause_en

    def note(self, lang: Lang = "en") -> str:
        """Return what is open about the clause, empty where nothing is."""
        return self.note_zh if lang == "zh" else self.note_en

    def limit_words(self, lang: Lang = "en") -> str:
        """Return comparison, figure and unit as a phrase, for example ``at least 5,000 volumes``."""
        unit = policy_word("unit", self.unit, lang)
        if self.threshold is None:
            by_settlement = self.measure == "circle"  # each settlement type has a circle of its own
            return text("standards.by_settlement" if by_settlement else "standards.no_figure", lang)
        if self.upper is not None:
            return text("standards.limit_between", lang, low=self.threshold, high=self.upper, unit=unit)
        name = {">=": "least", "<=": "most", "==": "equal", ">": "above"}.get(self.comparison, "listed")
        return text(f"standards.limit_{name}", lang, threshold=self.threshold, unit=unit)

    def with_figure(self, figure: float | None) -> Requirement:
        """Return the requirement with the figure of one subject, or itself where there is none."""
        return self if figure is None else dataclasses.replace(self, threshold=figure)

    def is_met(self, value: float, *, inclusive: bool = True, both_ends: bool = False) -> bool:
        """Return whether a value keeps to the figure.

        Parameters
        ----------
        value : float
            What was measured, in the requirement's unit.
        inclusive : bool
            Whether "or more" includes the figure itself (reading U-11).
        both_ends : bool
            Whether a range also binds at its upper end (reading U-05).
        """
        limit = math.nan if self.threshold is None else self.threshold
        slack = 1e-9 * max(1.0, abs(limit)) if math.isfinite(limit) else 0.0
        above = value >= limit - slack if inclusive else value > limit + slack
        if self.comparison == "<=":
            return value <= limit + slack
        if self.comparison == ">":
            return value > limit + slack
        if self.comparison in ("==", "sum==1"):
            return abs(value - limit) <= slack
        if self.comparison == "between" and both_ends and self.upper is not None:
            return above and value <= self.upper + slack
        return above
