"""The result of a siting model: what to open, how good that is, and how good anything could be."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
from typing import Any

import geopandas as gpd
import pandas as pd

from cultureplan.base.errors import Fault, InfeasibleError
from cultureplan.base.messages import LANGS, Lang, text
from cultureplan.siting.coverage import unreachable_note
from cultureplan.siting.explain import explained
from cultureplan.siting.mip import Sense
from cultureplan.siting.problem import SitingProblem

_SHOWN_IDS = 20


class SitingStatus(StrEnum):
    """How a solve ended."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    NO_SOLUTION = "no_solution"


@dataclass(frozen=True, kw_only=True, eq=False)
class SitingResult:
    """The answer to a siting problem; plain data, without solver or plot.

    Parameters
    ----------
    status : SitingStatus
        OPTIMAL: proven within the gap that was asked for. FEASIBLE: stopped at a limit with an answer.
        INFEASIBLE: proven that there is none. NO_SOLUTION: stopped before one was found.
    objective : float
        Measured on the problem from `selected`; NaN without an answer.
    objective_unit : str
        ``persons``, ``sites``, ``cost``, ``person-m``, ``person-minutes``, ``m``, ``minutes`` ...
    sense : {"max", "min"}
        Which way is better.
    bound : float
        No answer can be better than this.
    gap : float
        ``|objective - bound| / |objective|``, a share; NaN without an answer.
    selected : tuple
        Ids of all open sites, fixed ones included, sorted.
    opened : tuple
        Those without the fixed ones.
    closed : tuple
        Fixed sites that are closed; only by a model that may close some.
    assignment : DataFrame
        ``demand_id``, ``facility_id``, ``cost``: who goes where; missing where nobody serves a point.
    sites : DataFrame
        What each open site contributes.
    model : object
        The model that was solved.
    runtime_s : float
        Seconds.
    notes : tuple of Fault
        What :meth:`explain` puts into words.
    facilities : GeoDataFrame, optional
        The opened sites as rows of a facilities table, where the problem came from a world.
    """

    status: SitingStatus
    objective: float
    objective_unit: str
    sense: Sense
    bound: float
    gap: float
    selected: tuple[Any, ...]
    opened: tuple[Any, ...]
    closed: tuple[Any, ...]
    assignment: pd.DataFrame
    sites: pd.DataFrame
    model: Any
    runtime_s: float
    notes: tuple[Fault, ...] = ()
    facilities: gpd.GeoDataFrame | None = field(default=None, repr=False)

    @property
    def is_optimal(self) -> bool:
        """Whether the answer is proven to be within the gap that was asked for."""
        return self.status is SitingStatus.OPTIMAL

    @property
    def has_answer(self) -> bool:
        """Whether there is anything to open or keep."""
        return self.status in (SitingStatus.OPTIMAL, SitingStatus.FEASIBLE)

    @property
    def messages(self) -> tuple[str, ...]:
        """What a user should know, in English; :meth:`explain` says it in either language."""
        return tuple(note.render("en") for note in self.notes)

    def explain(
        self, lang: Lang = "en", *, problem: SitingProblem | None = None, time_limit_s: float = 20.0
    ) -> str:
        """Return why there is no answer, or what stands in the way of a better one.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language.
        problem : SitingProblem, optional
            The problem that was solved. With it, each condition (number, budget, quota, conflicts,
            forbidden sites, capacity) is loosened alone and the goal solved again, so that a line each tells
            which of them binds and what loosening it would bring; and the demand that no candidate reaches
            is named whatever the model.
            :func:`~cultureplan.siting.explain.binding_constraints` returns the same as a table.
        time_limit_s : float
            Seconds for these solves together.
        """
        notes = self.notes
        lines = []
        if problem is not None:
            if problem.limit is not None or problem.cover is not None:
                known = {note.code for note in notes}
                notes += tuple(note for note in unreachable_note(problem) if note.code not in known)
            lines = explained(
                problem,
                self.model,
                objective=self.objective,
                bound=self.bound,
                unit=text(f"siting.unit_{self.objective_unit.replace('-', '_')}", lang),
                lang=lang,
                time_limit_s=time_limit_s,
            )
        lines = [note.render(lang) for note in notes] + lines
        return "\n".join(lines) or text("siting.nothing_to_explain", lang)

    def summary(self, lang: Lang = "en") -> str:
        """Return the result in a few lines.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language.
        """
        lines = [f"{label}{text('siting.label_end', lang)}{value}" for label, value in self._facts(lang)]
        return "\n".join([*lines, *(note.render(lang) for note in self.notes)])

    def to_frame(self) -> pd.DataFrame:
        """Return a table of the open sites: new ones first, in the order in which they add most."""
        return self.sites.copy()

    def raise_if_infeasible(self) -> None:
        """Raise with the reason if it is proven that there is no answer.

        Raises
        ------
        InfeasibleError
        """
        if self.status is SitingStatus.INFEASIBLE:
            raise InfeasibleError(*(self.notes or (Fault(code="siting.infeasible"),)))

    def _facts(self, lang: Lang) -> list[tuple[str, str]]:
        facts = [
            (text("siting.label_model", lang), text(f"siting.model_{self.model.key}", lang)),
            (text("siting.label_status", lang), text(f"siting.status_{self.status}", lang)),
        ]
        if self.has_answer:
            unit = text(f"siting.unit_{self.objective_unit.replace('-', '_')}", lang)
            opened = ", ".join(map(str, self.opened[:_SHOWN_IDS])) or text("siting.none", lang)
            if len(self.opened) > _SHOWN_IDS:
                opened += " ..."
            facts += [
                (text("siting.label_objective", lang), f"{_number(self.objective)} {unit}"),
                (text("siting.label_bound", lang), f"{_number(self.bound)} {unit} ({self.gap:.3%})"),
                (text("siting.label_opened", lang), f"{len(self.opened)} ({opened})"),
                (text("siting.label_kept", lang), f"{len(self.selected) - len(self.opened)}"),
            ]
            if self.closed:
                names = ", ".join(map(str, self.closed[:_SHOWN_IDS]))
                facts.append((text("siting.label_closed", lang), f"{len(self.closed)} ({names})"))
        return [*facts, (text("siting.label_runtime", lang), f"{self.runtime_s:.2f} s")]

    def __repr__(self) -> str:
        return (
            f"SitingResult({self.model!r}: {self.status}, objective {self.objective:,.6g} "
            f"{self.objective_unit}, bound {self.bound:,.6g}, {len(self.opened)} opened)"
        )

    def _repr_html_(self) -> str:
        tables = []
        for lang in LANGS:
            rows = "".join(
                f"<tr><th>{escape(label)}</th><td>{escape(value)}</td></tr>"
                for label, value in self._facts(lang)
            )
            notes = "".join(f"<p>{escape(note.render(lang))}</p>" for note in self.notes)
            tables.append(f'<div lang="{lang}"><table>{rows}</table>{notes}</div>')
        return "".join(tables) + self.sites.head(_SHOWN_IDS).to_html(index=False)


def _number(value: float) -> str:
    """Return a number as people write it: whole from a thousand up, four digits below."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"
