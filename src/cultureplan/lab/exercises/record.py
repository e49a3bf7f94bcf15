"""Which lesson is open, in which language, and what was answered in it: in memory, for this process only."""

from __future__ import annotations

from dataclasses import dataclass, field

from cultureplan.base.messages import Lang
from cultureplan.lab.exercises.verdict import Verdict


@dataclass(frozen=True, kw_only=True, eq=False)
class Attempt:
    """One answer and what was said to it."""

    verdict: Verdict
    answer: str


@dataclass(eq=False)
class Record:
    """The lesson that is open."""

    lesson: str = ""
    lang: Lang = "en"
    attempts: list[Attempt] = field(default_factory=list)

    def begin(self, lesson: str, lang: Lang) -> None:
        """Open a lesson; what was answered before is forgotten."""
        self.lesson, self.lang = lesson, lang
        self.attempts.clear()

    def best(self) -> dict[str, Attempt]:
        """Return the best attempt at each exercise, the latest of equals."""
        found: dict[str, Attempt] = {}
        for attempt in self.attempts:
            before = found.get(attempt.verdict.exercise_id)
            if before is None or attempt.verdict.points >= before.verdict.points:
                found[attempt.verdict.exercise_id] = attempt
        return found

    def tries(self, exercise_id: str) -> int:
        """Return how many answers were given to an exercise."""
        return sum(attempt.verdict.exercise_id == exercise_id for attempt in self.attempts)

    def slips(self, exercise_id: str) -> list[str]:
        """Return the usual mistakes made on the way, in the order in which they were made."""
        made = [a.verdict.slip for a in self.attempts if a.verdict.exercise_id == exercise_id]
        return [slip for slip in made if slip]


RECORD = Record()
