"""What one moment of the lab is: a draft, the step that led to it, and a question put to a solver."""

from __future__ import annotations

from dataclasses import dataclass, field

from cultureplan.base.messages import Lang, text
from cultureplan.lab.choice import Choice
from cultureplan.planning.changes import Change
from cultureplan.siting.model import SitingModel
from cultureplan.siting.problem import SitingProblem


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a draft did to the one before it, for a person to read.

    Parameters
    ----------
    name : str
        ``start``, ``standard``, ``setting``, ``limit``, ``add``, ``move``, ``close``, ``open``, ``solve``,
        ``snapshot``, ``forbid``, ``reassign``, ``level``,
        ``hour``, ``require`` or ``clear``.
    what : str
        Which facility, setting, settlement type or snapshot.
    """

    name: str = "start"
    what: str = ""

    def words(self, lang: Lang = "en") -> str:
        """Return the step as a phrase."""
        return text(f"lab.step_{self.name}", lang, what=self.what)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What undo goes back to: the rules, the changes, and the sites not to be used.

    Parameters
    ----------
    choice : Choice
        Which circle standard, read how.
    changes : tuple of Change
        To the facilities of the world, in order.
    forbidden : frozenset of str
        Candidates that a solver must leave alone.
    required : frozenset of str
        Candidates that a solver must open.
    hour : int, optional
        Hour of the week, 0 to 167 from Monday 00:00, at which facilities must be open to count.
    step : Step
        What led here.
    """

    choice: Choice
    changes: tuple[Change, ...] = ()
    forbidden: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    hour: int | None = None
    step: Step = field(default_factory=Step, compare=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class SolveRequest:
    """A siting problem and a goal, ready for a solver in another thread.

    Parameters
    ----------
    problem : SitingProblem
        The world as it stands in the draft.
    model : SitingModel
        Goal.
    draft : Draft
        What was asked about, so that a late answer is not taken for another question.
    given : tuple of str
        Sites that must be opened: fixed in the problem, and beside the number of the model.
    """

    problem: SitingProblem
    model: SitingModel
    draft: Draft
    given: tuple[str, ...] = ()
