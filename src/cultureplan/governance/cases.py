"""Rectification cases: a state machine whose illegal moves raise an error.

A unit with a poor or falling result is criticised, ordered to rectify by a deadline, re-checked by the
office, and the case is closed; who refuses, pretends, or is weak or slow is held to account (Kundulun 2020,
K-RS-03 to K-RS-05). What happened is a list of moves; the state follows from them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from cultureplan.base.errors import InputError


class CaseState(StrEnum):
    """Where a case stands."""

    CRITICISED = "criticised"
    RECTIFYING = "rectifying"
    RECHECKED = "rechecked"
    CLOSED = "closed"
    ACCOUNTABILITY = "accountability"


class Trigger(StrEnum):
    """Why a unit is held to account: 拒不整改, 虚假整改, 整改不力, 推进缓慢."""

    REFUSAL = "refusal"
    FAKE = "fake"
    WEAK = "weak"
    SLOW = "slow"


class MoveKind(StrEnum):
    """What can happen to a case."""

    CRITICISE = "criticise"
    ORDER = "order"
    RECHECK = "recheck"
    CLOSE = "close"
    HOLD_TO_ACCOUNT = "hold_to_account"


# The clause that a move stands on.
CLAUSES = {
    MoveKind.CRITICISE: "K-RS-03",
    MoveKind.ORDER: "K-RS-03",
    MoveKind.RECHECK: "K-RS-04",
    MoveKind.CLOSE: "K-RS-04",
    MoveKind.HOLD_TO_ACCOUNT: "K-RS-05",
}
# state -> moves it allows; None is a case that is not open yet
ALLOWED: dict[CaseState | None, tuple[MoveKind, ...]] = {
    None: (MoveKind.CRITICISE,),
    CaseState.CRITICISED: (MoveKind.ORDER,),
    CaseState.RECTIFYING: (MoveKind.RECHECK, MoveKind.HOLD_TO_ACCOUNT),
    CaseState.RECHECKED: (MoveKind.CLOSE, MoveKind.ORDER, MoveKind.HOLD_TO_ACCOUNT),
    CaseState.CLOSED: (),
    CaseState.ACCOUNTABILITY: (),
}


@dataclass(frozen=True, kw_only=True)
class Move:
    """One step of a case.

    Parameters
    ----------
    kind : MoveKind
    date : date
        Day it was done; no earlier than the step before.
    by : str
        Who did it: a unit, or ``OFF`` for the office of the body.
    deadline : date, optional
        With ``order``: the day by which it must be put right.
    passed : bool, optional
        With ``recheck``: whether it was found to be put right.
    trigger : Trigger, optional
        With ``hold_to_account``: why.
    note : str
        Anything else worth keeping.
    """

    kind: MoveKind
    date: dt.date
    by: str
    deadline: dt.date | None = None
    passed: bool | None = None
    trigger: Trigger | None = None
    note: str = ""

    def __post_init__(self) -> None:
        for name, allowed in (("kind", MoveKind), ("trigger", Trigger)):
            value = getattr(self, name)
            if value is None:
                continue
            if value not in tuple(allowed):
                raise InputError.of(
                    "fault.not_one_of",
                    name=name,
                    value=value,
                    known=", ".join(allowed),
                    closest=next(iter(allowed)),
                )
            object.__setattr__(self, name, allowed(value))


@dataclass(frozen=True, kw_only=True)
class Case:
    """A rectification case: what it is about, and every step so far.

    Parameters
    ----------
    id : str
    unit : str
        Unit that must act.
    requirement : str
        Requirement that was not met.
    moves : tuple of Move
        In order; the first is ``criticise``.
    """

    id: str
    unit: str
    requirement: str = ""
    moves: tuple[Move, ...] = ()

    @property
    def state(self) -> CaseState | None:
        """Where the case stands; None before it is opened."""
        after = {
            MoveKind.CRITICISE: CaseState.CRITICISED,
            MoveKind.ORDER: CaseState.RECTIFYING,
            MoveKind.RECHECK: CaseState.RECHECKED,
            MoveKind.CLOSE: CaseState.CLOSED,
            MoveKind.HOLD_TO_ACCOUNT: CaseState.ACCOUNTABILITY,
        }
        return after[self.moves[-1].kind] if self.moves else None

    @property
    def deadline(self) -> dt.date | None:
        """The last deadline that was set."""
        return next((m.deadline for m in reversed(self.moves) if m.kind == MoveKind.ORDER), None)

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return bool(ALLOWED[self.state])

    def allowed_moves(self) -> tuple[MoveKind, ...]:
        """Return the kinds of move that the state allows now."""
        if self.state == CaseState.RECHECKED:
            passed = bool(self.moves[-1].passed)
            return (MoveKind.CLOSE,) if passed else (MoveKind.ORDER, MoveKind.HOLD_TO_ACCOUNT)
        return ALLOWED[self.state]

    def is_overdue(self, as_of: dt.date) -> bool:
        """Return whether the deadline has passed without a re-check."""
        return self.state == CaseState.RECTIFYING and self.deadline is not None and as_of > self.deadline

    def apply(self, move: Move) -> Case:
        """Return the case after one more step.

        Raises
        ------
        InputError
            If the state does not allow the step, it is dated before the last one, or it lacks what its
            kind needs: a deadline on or after its day, a result of the office's re-check, a trigger.
        """
        if move.kind not in self.allowed_moves():
            raise InputError.of(
                "cases.illegal_move",
                case=self.id,
                move=str(move.kind),
                state=str(self.state or "-"),
                allowed=", ".join(self.allowed_moves()) or "-",
            )
        if self.moves and move.date < self.moves[-1].date:
            raise InputError.of("cases.back_in_time", case=self.id, date=move.date, last=self.moves[-1].date)
        if move.kind == MoveKind.ORDER and (move.deadline is None or move.deadline < move.date):
            raise InputError.of("cases.needs_deadline", case=self.id)
        if move.kind == MoveKind.RECHECK and (move.passed is None or move.by != "OFF"):
            raise InputError.of("cases.needs_office", case=self.id)
        if move.kind == MoveKind.HOLD_TO_ACCOUNT and move.trigger is None:
            raise InputError.of("cases.needs_trigger", case=self.id, known=", ".join(Trigger))
        return replace(self, moves=(*self.moves, move))

    def replay(self, moves: Iterable[Move]) -> Case:
        """Return the case after several steps."""
        case = self
        for move in moves:
            case = case.apply(move)
        return case


def open_case(id: str, *, unit: str, date: dt.date, requirement: str = "", by: str = "OFF") -> Case:  # noqa: A002
    """Return a new case: the unit is named and criticised.

    Examples
    --------
    >>> import datetime as dt
    >>> from cultureplan.governance import open_case
    >>> str(open_case("2024-01", unit="U", date=dt.date(2024, 3, 1)).state)
    'criticised'
    """
    first = Move(kind=MoveKind.CRITICISE, date=date, by=by)
    return Case(id=id, unit=unit, requirement=requirement).apply(first)
