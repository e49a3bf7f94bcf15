"""What lessons 7 to 12 compute beside the library: ways of a book, rounds, inspections, years, a sample town.

Plain functions on worlds, so that cells stay short and the judges of exercises measure what learners measure.
"""

from __future__ import annotations

from cultureplan.lab.lesson_kit.circulation import delivery_rounds, library_tree, neighbour_routes
from cultureplan.lab.lesson_kit.inspection import inspected
from cultureplan.lab.lesson_kit.sample_town import declare_coordinates, replace_cells, write_sample_town
from cultureplan.lab.lesson_kit.years import affordable_openings, gains_by_year

__all__ = [
    "affordable_openings",
    "declare_coordinates",
    "delivery_rounds",
    "gains_by_year",
    "inspected",
    "library_tree",
    "neighbour_routes",
    "replace_cells",
    "write_sample_town",
]
