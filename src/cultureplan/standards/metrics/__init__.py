"""The measures: one file a subject, each measure found by its name."""

from cultureplan.standards.measured import MEASURES
from cultureplan.standards.metrics import (
    codes,
    counts,
    dates,
    facilities,
    funds,
    meetings,
    network,
    places,
    years,
)

__all__ = [
    "MEASURES",
    "codes",
    "counts",
    "dates",
    "facilities",
    "funds",
    "meetings",
    "network",
    "places",
    "years",
]
