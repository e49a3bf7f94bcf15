"""Lesson 12: a report that holds everything, of whatever city."""

from __future__ import annotations

from pathlib import Path

from cultureplan.lab.exercises.judging import Found

PARTS = (
    "tables/coverage_by_settlement.csv",
    "tables/gaps.csv",
    "tables/proposed_sites.csv",
    "tables/comparison.csv",
    "maps/proposed_sites.geojson",
)


def whole_report(answer: object) -> Found:
    """Judge a report by what lies in its folder.

    Parameters
    ----------
    answer : str or Path
        ``report.html``, or its folder.
    """
    if not isinstance(answer, str | Path):
        return Found(code="not_there", values={"path": repr(answer)[:80]})
    path = Path(answer)
    folder = path if path.is_dir() else path.parent
    if not (folder / "report.html").is_file():
        return Found(code="not_there", values={"path": str(path)})
    missing = [name for name in PARTS if not (folder / name).is_file()]
    return Found(code="incomplete", values={"name": missing[0]}) if missing else Found()
