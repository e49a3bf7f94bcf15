"""The matrix of verdicts shows what a check found, place by place."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

import cultureplan as cp
from cultureplan import plotting
from cultureplan.base.errors import UnknownNameError


@pytest.fixture(scope="module")
def report() -> cp.ComplianceReport:
    """Shizuishan by its own paper, without registers."""
    return cp.check_standard(
        cp.load_world("shizuishan"), cp.load_standard("shizuishan-2021", target_share=0.9)
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_numbers_are_the_findings_that_fail(report, lang):
    """Their sum is that of all findings that are not met in a place of the level; names are worded."""
    ax = plotting.verdict_matrix(report, "county", lang=lang)
    numbers = [int(label.get_text()) for label in ax.texts if label.get_text().isdigit()]
    assert sum(numbers) == report.by("county")["NOT_MET"].sum()
    names = {label.get_text() for label in ax.get_yticklabels()}
    assert ("Pingluo County" if lang == "en" else "平罗县") in names
    plt.close(ax.figure)


def test_an_unknown_level_is_named(report):
    """With the levels there are."""
    with pytest.raises(UnknownNameError):
        plotting.verdict_matrix(report, "district")
