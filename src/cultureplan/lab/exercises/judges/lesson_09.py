"""Lesson 9: weights by which a district of one's choice wins."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

import cultureplan as cp
from cultureplan.lab.exercises.judging import Found
from cultureplan.lab.exercises.reading import read_number
from cultureplan.lab.lesson_kit.inspection import inspected
from cultureplan.standards.evaluation import COMPONENTS

WINNER, LEAST = "640221", 0.1
_ROUNDING = 1e-6


def weights_for_pingluo(answer: object) -> Found:
    """Judge weights of the four components: none dropped, and Pingluo first.

    Parameters
    ----------
    answer : Mapping or Series
        Component -> weight.
    """
    if isinstance(answer, pd.Series):
        answer = answer.to_dict()
    if not isinstance(answer, Mapping) or set(map(str, answer)) != set(COMPONENTS):
        return Found(code="not_weights")
    weights = {str(name): read_number(value) for name, value in answer.items()}
    smallest = min(weights, key=lambda name: weights[name])
    if weights[smallest] < LEAST - _ROUNDING:
        return Found(code="too_small", values={"name": smallest, "value": weights[smallest]})
    if abs(sum(weights.values()) - 1) > _ROUNDING:
        return Found(code="sum", values={"total": sum(weights.values())})
    rank = int(inspected(cp.load_world("shizuishan"), weights).ranks[WINNER])
    return Found() if rank == 1 else Found(code="rank", values={"rank": rank})
