"""The picture of a check: which place keeps which clause."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from cultureplan.base.messages import Lang, text
from cultureplan.plotting.fonts import label_lang
from cultureplan.plotting.style import (
    COVERED,
    INK,
    LABEL_SIZE,
    NOT_ASSESSED,
    SMALL_SIZE,
    UNCOVERED,
    finish,
    fit_height,
    new_axes,
    titled,
)
from cultureplan.plotting.wording import clean
from cultureplan.standards.compliance import VERDICTS, ComplianceReport

_WIDTH = 10.0  # inches
_COLOURS = {"NOT_MET": UNCOVERED, "NOT_ASSESSABLE": NOT_ASSESSED, "MET": COVERED}
_MARKS = {"NOT_ASSESSABLE": "?", "MET": ""}  # so that no verdict is told by colour alone


def verdict_matrix(
    report: ComplianceReport, level: str = "county", *, ax: Axes | None = None, lang: Lang = "en"
) -> Axes:
    """Draw the verdict on each requirement in each place of a level: a row a place, a column a requirement.

    A cell is the worst of the findings in the place, with how many fail; it is empty where the requirement
    has none there. Requirements on which no place has a finding are left out.

    Parameters
    ----------
    report : ComplianceReport
        As :func:`cultureplan.check_standard` returns it.
    level : str
        ``county``, ``township`` ...: the places that findings are gathered in.
    ax : Axes, optional
        Where to draw; a new figure where absent.
    lang : {"en", "zh"}
        Language of the labels.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan import plotting
    >>> report = cp.check_standard(cp.load_world("shizuishan"), cp.load_standard("shizuishan-2021"))
    >>> ax = plotting.verdict_matrix(report)
    """
    lang = label_lang(lang)
    worst, n_failed = _cells(report, level)
    counts = n_failed.to_numpy(int)
    ax = new_axes(ax, (_WIDTH, 3.0))
    names = report.names(lang)
    for row, place in enumerate(worst.index):
        for column, requirement in enumerate(worst.columns):
            verdict = worst.at[place, requirement]
            if not isinstance(verdict, str):
                continue
            ax.add_patch(
                Rectangle((column - 0.45, row - 0.45), 0.9, 0.9, color=_COLOURS[verdict], linewidth=0)
            )
            mark = str(counts[row, column]) if verdict == "NOT_MET" else _MARKS[verdict]
            ax.annotate(
                mark, (column, row), ha="center", va="center", fontsize=SMALL_SIZE, color=INK,
            )  # fmt: skip
    ax.set_xlim(-0.6, len(worst.columns) - 0.4)
    ax.set_ylim(len(worst.index) - 0.4, -0.6)
    ax.set_yticks(range(len(worst.index)), [clean(names.get(str(i), str(i))) for i in worst.index])
    ax.set_xticks(range(len(worst.columns)), list(worst.columns), rotation=90)
    ax.tick_params(length=0, labelsize=LABEL_SIZE, labelcolor=INK)
    for spine in ax.spines.values():
        spine.set_visible(False)
    handles = [
        Patch(color=_COLOURS[verdict], label=text(f"compliance.{verdict.lower()}", lang))
        for verdict in VERDICTS
        if (worst == verdict).to_numpy().any()
    ]
    if handles:
        ax.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=SMALL_SIZE
        )
    titled(ax, text("plot_measures.verdict_matrix", lang, standard=report.standard.id))
    fit_height(ax, 1.9 + 0.32 * max(1, len(worst.index)))
    return finish(ax)


def _cells(report: ComplianceReport, level: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the worst verdict, and how many findings fail, by place and requirement."""
    homes = report.places_of(level)
    known = homes.notna().to_numpy(bool)
    frame = pd.DataFrame(
        {
            "place": homes[known].astype(object),
            "requirement": report.findings.loc[known, "requirement"],
            "rank": report.findings.loc[known, "verdict"].map({name: n for n, name in enumerate(VERDICTS)}),
            "failed": report.findings.loc[known, "verdict"] == "NOT_MET",
        }
    )
    worst = frame.pivot_table(index="place", columns="requirement", values="rank", aggfunc="min")
    order = [i for i in report.standard.ids if i in worst.columns]
    worst = worst.reindex(columns=order)
    named = worst.map(lambda rank: np.nan if pd.isna(rank) else VERDICTS[int(rank)]).astype(object)
    failed = frame.pivot_table(index="place", columns="requirement", values="failed", aggfunc="sum")
    return named, failed.reindex(columns=order).fillna(0)
