"""From what a learner typed to a value of the kind that was asked; what cannot be read is said kindly."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from cultureplan.base.errors import CulturePlanError, InputError
from cultureplan.base.messages import LANGS, Lang
from cultureplan.lab.exercises.book import Exercise, Kind


class UnreadableAnswerError(InputError):
    """An answer is of a kind that was not asked for."""


def is_unanswered(answer: object) -> bool:
    """Return whether nothing was answered yet: ``...``, None, an empty text, or such a part in a list."""
    if answer is None or answer is ...:
        return True
    if isinstance(answer, str):
        return answer.strip() in {"", "...", "…", "?", "？"}
    if isinstance(answer, Mapping):
        return any(part is None or part is ... for part in answer.values())
    if isinstance(answer, list | tuple | set | frozenset):
        return any(part is None or part is ... for part in answer)
    return False


def read_answer(exercise: Exercise, answer: object, lang: Lang) -> Any:
    """Return an answer as a value of the exercise's kind.

    Raises
    ------
    UnreadableAnswerError
        If it is of another kind; the message says what is asked and what was given.
    """
    if exercise.kind is Kind.PLAN:
        return answer
    if callable(answer) and not isinstance(answer, type):
        raise UnreadableAnswerError.of("exercises.a_function", name=getattr(answer, "__name__", "?"))
    if exercise.kind in (Kind.NUMBER, Kind.INTEGER):
        return read_number(answer, whole=exercise.kind is Kind.INTEGER)
    if exercise.kind is Kind.IDS:
        return read_ids(answer)
    if exercise.kind is Kind.CHOICE:
        return read_choice(exercise, answer, lang)
    return read_table(answer)


def read_number(answer: object, *, whole: bool = False) -> float:
    """Return one number, from a plain one, a numpy one, or an array with one element."""
    if isinstance(answer, bool | np.bool_):
        raise UnreadableAnswerError.of("exercises.a_truth_value", value=answer)
    if isinstance(answer, str | bytes):
        raise UnreadableAnswerError.of("exercises.a_text", value=str(answer)[:60])
    if not isinstance(answer, numbers.Real | Decimal | np.number):
        answer = _only_element(answer)
    try:
        value = float(answer)  # type: ignore[arg-type]
    except OverflowError:
        raise UnreadableAnswerError.of("exercises.infinite") from None
    except (TypeError, ValueError):
        raise UnreadableAnswerError.of("exercises.not_a_number", type=type(answer).__name__) from None
    if np.isnan(value):
        raise UnreadableAnswerError.of("exercises.nan")
    if np.isinf(value):
        raise UnreadableAnswerError.of("exercises.infinite")
    if whole and abs(value - round(value)) > 1e-6:
        raise UnreadableAnswerError.of("exercises.not_whole", value=f"{value:g}")
    return value


def read_ids(answer: object) -> frozenset[str]:
    """Return ids as a set of texts, from a list, set, Series, table by its index, or a siting result."""
    if isinstance(answer, str):
        return frozenset({answer.strip()})
    opened = getattr(answer, "opened", None)
    if opened is not None and not isinstance(answer, pd.DataFrame | pd.Series):
        answer = opened
    if isinstance(answer, pd.DataFrame):
        answer = answer.get("facility_id", answer.index)
    elif isinstance(answer, pd.Series) and pd.api.types.is_numeric_dtype(answer.dtype):
        answer = answer.index
    if isinstance(answer, Mapping):
        answer = list(answer)
    if not isinstance(answer, Iterable) or isinstance(answer, bytes):
        raise UnreadableAnswerError.of("exercises.not_ids", type=type(answer).__name__)
    return frozenset(str(one).strip() for one in np.ravel(np.asarray(list(answer), dtype=object)))


def read_choice(exercise: Exercise, answer: object, lang: Lang) -> str:
    """Return the key of the option meant, given by its key or its words."""
    given = str(answer).strip().casefold() if isinstance(answer, str) else ""
    for key, words in exercise.options.items():
        if given and given in {key.casefold(), *(words[one].casefold() for one in LANGS)}:
            return key
    listed = "; ".join(f'"{key}": {words[lang]}' for key, words in exercise.options.items())
    raise UnreadableAnswerError.of("exercises.not_an_option", options=listed)


def read_table(answer: object) -> pd.Series:
    """Return numbers by their row's name, from a mapping, a Series, or a table of one column."""
    if isinstance(answer, pd.DataFrame):
        if answer.shape[1] != 1:
            raise UnreadableAnswerError.of("exercises.many_columns", n=answer.shape[1])
        answer = answer.iloc[:, 0]
    if not isinstance(answer, Mapping | pd.Series):
        raise UnreadableAnswerError.of("exercises.not_a_table", type=type(answer).__name__)
    rows = {str(name): read_number(value) for name, value in answer.items()}
    return pd.Series(rows, dtype=float)


def _only_element(answer: object) -> object:
    """Return the element of an array that has one; what has none, or many, is no number."""
    try:
        values = np.ravel(np.asarray(answer))
    except (TypeError, ValueError, CulturePlanError):
        return answer
    if values.dtype.kind not in "biufO" or (values.dtype.kind == "O" and np.ndim(answer) == 0):  # type: ignore[arg-type]
        if answer is pd.NA or answer is pd.NaT:
            raise UnreadableAnswerError.of("exercises.nan")
        return answer
    if len(values) != 1:
        raise UnreadableAnswerError.of("exercises.many_values", n=len(values))
    return read_number(values[0])
