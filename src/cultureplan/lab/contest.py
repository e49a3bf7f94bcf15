"""Beat the solver: a learner's sites against the solver's, on the same problem, with what is proved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cultureplan.base.messages import Lang, text
from cultureplan.lab.state import LabState, SolveRequest
from cultureplan.plotting.wording import count_words, share_words
from cultureplan.siting.result import SitingResult, SitingStatus


@dataclass(frozen=True, kw_only=True, eq=False)
class Contest:
    """Where a learner stands.

    Parameters
    ----------
    picks : tuple of str
        Ids of the facilities that the learner opened.
    result : SitingResult, optional
        The solver's answer to the same question; None where there is none, or it is out of date.
    n_asked : int
        Sites that the solver was asked for.
    is_stale : bool
        Whether the rules or facilities changed since the solver was asked.
    none_open, mine : float
        Persons covered without any pick, and with the learner's; NaN where that cannot be told.
    n_candidates : int
        Sites there are to choose from.
    """

    picks: tuple[str, ...]
    result: SitingResult | None
    n_asked: int
    is_stale: bool
    none_open: float
    mine: float
    n_candidates: int

    @property
    def is_won(self) -> bool:
        """Whether the learner's sites are as good as the solver's."""
        return (
            self.result is not None and len(self.picks) <= self.n_asked and self.mine >= self.result.objective
        )

    def lines(self, n_sites: int, lang: Lang = "en") -> list[str]:
        """Return the verdict, the comparison first and the proof after it.

        Parameters
        ----------
        n_sites : int
            Sites to choose now.
        lang : {"en", "zh"}
            Language.
        """
        first = text("lab.your_picks", lang, k=len(self.picks), n=n_sites)
        if self.is_stale:
            return [first, text("lab.solve_again", lang)]
        result = self.result
        if result is None:
            return [first, text("lab.pick_then_solve", lang, n=n_sites)]
        if not result.has_answer:
            return [first, result.explain(lang)]
        best = count_words(result.objective)
        if len(self.picks) == 0:
            compared = text("lab.contest_no_picks", lang, n=len(result.opened), best=best)
        elif len(self.picks) > self.n_asked:
            compared = text("lab.contest_too_many", lang, k=len(self.picks), n=self.n_asked)
        elif self.is_won:
            compared = text("lab.contest_won", lang, mine=count_words(self.mine))
        else:
            gain = result.objective - self.none_open
            part = (self.mine - self.none_open) / gain if gain > 0 else float("nan")
            compared = text(
                "lab.contest_less", lang, mine=count_words(self.mine), best=best,
                more=count_words(result.objective - self.mine), part=share_words(part),
            )  # fmt: skip
        return [compared, first, self._proof(result, lang)]

    def _proof(self, result: SitingResult, lang: Lang) -> str:
        code = "lab.proved" if result.status is SitingStatus.OPTIMAL else "lab.not_proved"
        return text(
            code, lang, n=self.n_asked, m=count_words(self.n_candidates), bound=count_words(result.bound),
            gap=f"{100 * result.gap:.2f}%", seconds=f"{result.runtime_s:.2f}",
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
    nan = float("nan")
    if request is None or result is None or is_stale:
        return Contest(
            picks=picks, result=None, n_asked=0, is_stale=is_stale, none_open=nan, mine=nan, n_candidates=0
        )  # fmt: skip
    problem = request.problem
    open_now = problem.is_fixed.copy()
    none_open = request.model.objective(problem, open_now)
    known = problem.facility_ids.get_indexer(pd.Index(list(picks), dtype=object))
    open_now[known[known >= 0]] = True
    return Contest(
        picks=picks,
        result=result,
        n_asked=int(getattr(request.model, "n_sites", 0) or 0),
        is_stale=False,
        none_open=none_open,
        mine=request.model.objective(problem, open_now),
        n_candidates=int(np.count_nonzero(problem.is_choice)),
    )
