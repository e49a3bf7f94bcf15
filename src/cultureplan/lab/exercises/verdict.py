"""What is said to an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from cultureplan.base.messages import Lang, text


class Status(StrEnum):
    """How an answer stands."""

    RIGHT = "right"
    WRONG = "wrong"
    NOTED = "noted"
    UNANSWERED = "unanswered"
    UNREADABLE = "unreadable"


# status -> border and background, told apart by lightness as well as by hue
_COLOURS = {
    Status.RIGHT: ("#1b7f5c", "#eaf5f0"),
    Status.WRONG: ("#c4512d", "#fbefe9"),
    Status.NOTED: ("#2f7fb8", "#eef4f9"),
    Status.UNANSWERED: ("#8a8f94", "#f4f5f6"),
    Status.UNREADABLE: ("#b58900", "#fbf6e5"),
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is said to an answer; true where the answer is right or was noted.

    Parameters
    ----------
    exercise_id : str
        Which exercise.
    status : Status
        How the answer stands.
    message : str
        What is said, in the language asked for.
    points, out_of : int
        Points given, and those there are.
    slip : str
        Name of the usual mistake that was recognised; empty where none was.
    lang : {"en", "zh"}
        Language of the message.
    title : str
        Heading in place of the usual one.
    """

    exercise_id: str
    status: Status
    message: str
    points: int = 0
    out_of: int = 0
    slip: str = ""
    lang: Lang = "en"
    title: str = ""

    def __bool__(self) -> bool:
        return self.status in (Status.RIGHT, Status.NOTED)

    @property
    def heading(self) -> str:
        """Which exercise, and how its answer stands."""
        return self.title or text(f"exercises.is_{self.status}", self.lang, id=self.exercise_id)

    def __repr__(self) -> str:
        return f"{self.heading}\n{self.message}" if self.message else self.heading

    def _repr_html_(self) -> str:
        border, ground = _COLOURS[self.status]
        style = (
            f"padding:8px 14px;border-left:5px solid {border};background:{ground};color:#1c2126;"
            "line-height:1.5;max-width:52em"
        )
        lines = "".join(f"<div>{_html(line)}</div>" for line in self.message.splitlines())
        head = f"<b>{_html(self.heading)}</b>"
        return f'<div lang="{self.lang}" role="status" style="{style}">{head}{lines}</div>'


def _html(line: str) -> str:
    """Return a line with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(line))
