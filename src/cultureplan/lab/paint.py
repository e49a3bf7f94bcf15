"""From figures to colours: one small number a demand point, and the legend that explains it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np

from cultureplan.base.errors import UnknownNameError
from cultureplan.base.messages import Lang, text
from cultureplan.lab.meter import Measured
from cultureplan.plotting.style import COVERED, LOST, NEWLY_COVERED, NOT_ASSESSED, UNCOVERED
from cultureplan.plotting.wording import count_words

Colouring = Literal["coverage", "overlap", "cost"]
COLOURINGS: tuple[Colouring, ...] = get_args(Colouring)

# Blues from pale to dark for more circles, as in the pictures orange for none.
_OVERLAP = (NOT_ASSESSED, UNCOVERED, "#a9cbe6", "#5f9fcc", COVERED, "#1b4f78")
# Inside the limit in blues, beyond it in oranges: the step in colour is the limit itself.
_COST = (NOT_ASSESSED, "#1b4f78", COVERED, "#6aa7d3", "#abcde7", "#f6c493", UNCOVERED, "#9c3f05", LOST)
_COST_STEPS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)  # shares of the limit
_COVERAGE = (NOT_ASSESSED, UNCOVERED, COVERED, NEWLY_COVERED, LOST)
_COVERAGE_NAMES = ("not_assessed", "uncovered", "covered", "newly_covered", "lost")


@dataclass(frozen=True, kw_only=True)
class LegendEntry:
    """One colour of the map: what it means and how many persons it stands for."""

    colour: str
    label: str
    persons: float

    def record(self) -> dict[str, object]:
        """Return the entry for the widget."""
        return {"colour": self.colour, "label": self.label, "persons": count_words(self.persons)}


@dataclass(frozen=True, kw_only=True, eq=False)
class Painted:
    """The colour of each demand point, and the legend.

    Parameters
    ----------
    values : ndarray of uint8, shape (n_demand,)
        Index into `colours`.
    colours : tuple of str
        ``#rrggbb``.
    legend : tuple of LegendEntry
        Colours that people stand for, in the order of `colours`.
    """

    values: np.ndarray
    colours: tuple[str, ...]
    legend: tuple[LegendEntry, ...]


def paint(
    measured: Measured, today: Measured, *, colouring: Colouring = "coverage", lang: Lang = "en"
) -> Painted:
    """Return the colours of the demand points.

    Parameters
    ----------
    measured, today : Measured
        What holds now, and what held before any change, by the same standard.
    colouring : {"coverage", "overlap", "cost"}
        Covered or not (and newly so); in how many circles; cost of the nearest facility over the limit.
    lang : {"en", "zh"}
        Language of the legend.
    """
    if colouring not in COLOURINGS:
        raise UnknownNameError.closest("lab.unknown_colouring", str(colouring), COLOURINGS)
    values: np.ndarray
    colours: tuple[str, ...]
    if colouring == "coverage":
        values, colours = _by_coverage(measured, today), _COVERAGE
        labels = [text(f"lab.{name}", lang) for name in _COVERAGE_NAMES]
    elif colouring == "overlap":
        values, colours = _by_overlap(measured), _OVERLAP
        labels = [text("lab.not_assessed", lang), *(_circle_words(n, lang) for n in range(len(_OVERLAP) - 1))]
    else:
        values, colours = _by_cost(measured), _COST
        labels = [text("lab.not_assessed", lang), *_cost_labels(lang)]
    persons = np.bincount(values, weights=measured.persons, minlength=len(colours))
    legend = tuple(
        LegendEntry(colour=colour, label=label, persons=float(n))
        for colour, label, n in zip(colours, labels, persons, strict=True)
        if n > 0
    )
    return Painted(values=values, colours=colours, legend=legend)


def _by_coverage(measured: Measured, today: Measured) -> np.ndarray:
    values = np.zeros(len(measured.persons), dtype=np.uint8)
    values[measured.has_rule] = 1
    values[measured.is_covered] = 2
    values[measured.is_covered & ~today.is_covered] = 3
    values[today.is_covered & ~measured.is_covered & measured.has_rule] = 4
    return values


def _by_overlap(measured: Measured) -> np.ndarray:
    most = len(_OVERLAP) - 2
    return np.where(measured.has_rule, 1 + np.minimum(measured.n_circles, most), 0).astype(np.uint8)


def _by_cost(measured: Measured) -> np.ndarray:
    ratio = np.where(measured.has_rule, measured.nearest_cost, np.inf) / np.where(
        measured.has_rule, measured.limit, 1.0
    )
    # who is inside is decided by the measure: rounding a cost must not change the colour
    inside = measured.n_circles > 0
    ratio = np.where(inside, np.minimum(ratio, 1.0), np.maximum(ratio, np.nextafter(1.0, 2.0)))
    step = 1 + np.searchsorted(_COST_STEPS, ratio, side="left")
    step[~np.isfinite(ratio)] = len(_COST) - 1
    return np.where(measured.has_rule, step, 0).astype(np.uint8)


def _circle_words(n: int, lang: Lang) -> str:
    if n == len(_OVERLAP) - 2:
        return text("lab.circles_or_more", lang, n=n)
    return text(
        "lab.in_no_circle" if n == 0 else "lab.in_one_circle" if n == 1 else "lab.in_circles", lang, n=n
    )


def _cost_labels(lang: Lang) -> list[str]:
    percent = [0, *(round(100 * step) for step in _COST_STEPS)]
    labels = [text("lab.cost_up_to", lang, n=percent[1])]
    labels += [text("lab.cost_between", lang, low=low, high=high) for low, high in pairwise(percent[1:])]
    return [*labels, text("lab.cost_above", lang, n=percent[-1]), text("lab.cost_none", lang)]
