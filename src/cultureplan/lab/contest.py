"""Beat the solver: a learner's sites against the solver's, on the same problem, with what is proved."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cultureplan.base.messages import Lang, text
from cultureplan.lab.goals import value_words
from cultureplan.lab.state import LabState, SolveRequest
from cultureplan.plotting.wording import count_words, share_words
from cultureplan.siting.models.set_cover import SetCover
from cultureplan.siting.result import SitingResult

_SAME = 1e-9  # a relative difference that is rounding

Stand = Literal["none", "too_many", "too_dear", "not_enough", "won", "as_good", "better", "less"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Contest:
    """Where a learner stands.

    Parameters
    ----------
    picks : tuple of str
        Ids of the facilities that the learner opened.
    request : SolveRequest, optional
        What the solver was asked; None where it was not, or the answer is out of date.
    result : SitingResult, optional
        The solver's answer to the same question; None where there is none, or it is out of date.
    is_stale : bool
        Whether the rules or facilities changed since the solver was asked.
    none_open, mine : float
        Objective without any pick, and with the learner's; NaN where that cannot be told.
    spent : float
        What the learner's picks cost, in the costs of the problem.
    lacking_persons : float
        Persons whom the goal wants covered and the learner's sites do not cover; NaN for other goals.
    """

    picks: tuple[str, ...]
    request: SolveRequest | None = None
    result: SitingResult | None = None
    is_stale: bool = False
    none_open: float = math.nan
    mine: float = math.nan
    spent: float = math.nan
    lacking_persons: float = math.nan

    @property
    def n_asked(self) -> int:
        """Sites that the solver was asked for, those it had to open among them; 0 where it was no number."""
        if self.request is None:
            return 0
        number = getattr(self.request.model, "n_sites", None)
        return 0 if number is None else int(number) + len(self.request.given)

    @property
    def budget(self) -> float | None:
        """What the sites may cost together, where that was asked."""
        if self.request is None or getattr(self.request.model, "budget", None) is None:
            return None
        problem = self.request.problem
        given = float(problem.site_cost[problem.positions(self.request.given)].sum())
        return float(self.request.model.budget) + given  # type: ignore[attr-defined]

    @property
    def stand(self) -> Stand:
        """How the learner's sites compare with the solver's; ``none`` where there is nothing to compare."""
        result, budget = self.result, self.budget
        if result is None or not result.has_answer or not self.picks:
            return "none"
        if self.n_asked and len(self.picks) > self.n_asked:
            return "too_many"
        if budget is not None and self.spent > budget * (1 + _SAME):
            return "too_dear"
        if self.lacking_persons >= 0:
            return "not_enough"
        sign = 1.0 if result.sense == "max" else -1.0
        ahead = sign * (self.mine - result.objective)
        if abs(ahead) <= _SAME * max(abs(result.objective), 1.0):
            return "won" if result.is_optimal else "as_good"
        return "better" if ahead > 0 else "less"

    @property
    def is_won(self) -> bool:
        """Whether the learner's sites are at least as good as the solver's."""
        return self.stand in ("won", "as_good", "better")

    @property
    def own_gap(self) -> float:
        """How far the learner is from what anything could reach, as a share of the learner's objective."""
        if self.result is None or not math.isfinite(self.result.bound) or not self.mine:
            return math.nan
        return abs(self.mine - self.result.bound) / abs(self.mine)

    @property
    def part_of_gain(self) -> float:
        """How much of what the solver gains over no new site the learner gains."""
        gain = math.nan if self.result is None else self.result.objective - self.none_open
        return (self.mine - self.none_open) / gain if math.isfinite(gain) and gain else math.nan

    def lines(self, n_sites: int, lang: Lang = "en") -> list[str]:
        """Return the verdict, the comparison first and the proof after it.

        Parameters
        ----------
        n_sites : int
            Sites to choose now; 0 where the goal is no number of sites.
        lang : {"en", "zh"}
            Language.
        """
        first = self._count_words(n_sites, lang)
        if self.is_stale:
            return [first, text("lab.solve_again", lang)]
        request, result = self.request, self.result
        if request is None or result is None:
            return [first, text("lab_solve.pick_then_solve", lang)]
        if not result.has_answer:
            return [first, result.explain(lang)]
        return [*self._compared(request, result, lang), first, self._proof(request, result, lang)]

    def _count_words(self, n_sites: int, lang: Lang) -> str:
        budget = self.budget
        if budget is not None:
            return text(
                "lab_solve.picks_spent", lang,
                k=len(self.picks), spent=count_words(self.spent), budget=count_words(budget),
            )  # fmt: skip
        key = "lab_solve.picks_of" if n_sites else "lab_solve.picks"
        return text(key, lang, k=len(self.picks), n=n_sites)

    def _compared(self, request: SolveRequest, result: SitingResult, lang: Lang) -> list[str]:
        best, mine = value_words(request, result.objective, lang), value_words(request, self.mine, lang)
        stand = self.stand
        if stand == "none":
            return [text("lab_solve.no_picks", lang, best=best)]
        if stand == "too_many":
            return [text("lab_solve.too_many", lang, k=len(self.picks), n=self.n_asked)]
        if stand == "too_dear":
            return [
                text(
                    "lab_solve.too_dear", lang,
                    spent=count_words(self.spent), budget=count_words(self.budget or math.nan),
                )
            ]  # fmt: skip
        if stand == "not_enough":
            return [text("lab_solve.not_enough", lang, n=count_words(self.lacking_persons))]
        lines = [text(f"lab_solve.{stand}", lang, mine=mine, best=best)]
        if stand == "less" and math.isfinite(self.part_of_gain):
            lines.append(text("lab_solve.part_of_gain", lang, part=share_words(max(0.0, self.part_of_gain))))
        if stand != "won" and math.isfinite(self.own_gap):
            lines.append(text("lab_solve.own_gap", lang, gap=_gap_words(self.own_gap)))
        return lines

    def _proof(self, request: SolveRequest, result: SitingResult, lang: Lang) -> str:
        key = "lab_solve.proved" if result.is_optimal else "lab_solve.not_proved"
        return text(
            key, lang, m=count_words(float(np.count_nonzero(request.problem.is_choice))),
            bound=value_words(request, result.bound, lang), gap=_gap_words(result.gap),
            seconds=f"{result.runtime_s:.2f}",
        )  # fmt: skip


def contest_of(state: LabState, request: SolveRequest | None, result: SitingResult | None) -> Contest:
    """Return where a learner stands against a solver's answer.

    Parameters
    ----------
    state : LabState
        With the learner's sites opened.
    request : SolveRequest, optional
        What the solver was asked.
    result : SitingResult, optional
        What it answered.
    """
    picks = state.opened_ids
    is_stale = request is not None and state.without_new().draft != request.draft
    if request is None or result is None or is_stale:
        return Contest(picks=picks, is_stale=is_stale)
    problem = request.problem
    chosen = problem.positions(dict.fromkeys([*picks, *request.given]))
    chosen = chosen[chosen >= 0]
    open_now = problem.is_fixed.copy()
    none_open = (
        math.nan if isinstance(request.model, SetCover) else request.model.objective(problem, open_now)
    )
    open_now[chosen] = True
    return Contest(
        picks=picks,
        request=request,
        result=result,
        none_open=none_open,
        mine=request.model.objective(problem, open_now),
        spent=float(problem.site_cost[chosen].sum()),
        lacking_persons=_lacking(request, open_now),
    )


def _lacking(request: SolveRequest, open_now: np.ndarray) -> float:
    """Return the persons whom a set cover still lacks; NaN where it lacks nobody, and for other models."""
    model, problem = request.model, request.problem
    if not isinstance(model, SetCover):
        return math.nan
    reachable = problem.covering.is_covered(problem.is_fixed | problem.is_choice)
    covered = problem.covering.is_covered(open_now)
    missing = reachable & ~covered
    persons = float(problem.persons[missing].sum())
    if model.share == 1:
        return persons if missing.any() else math.nan
    wanted = model.share * float(problem.persons[reachable].sum())
    lacking = wanted - float(problem.persons[covered].sum())
    return lacking if lacking > _SAME * wanted else math.nan


def _gap_words(gap: float) -> str:
    if not math.isfinite(gap):
        return "–"
    return "<0.01%" if 0 < gap < 0.0001 else f"{100 * gap:.2f}%"
