"""Floor 4: bundled worlds that need no download, and invented ones of any size.

Every bundled world is a world folder with a source page that says, column by column, what is real and what
is modelled.
"""

from __future__ import annotations

from cultureplan.datasets.bundled import describe, load_world, names, source_page
from cultureplan.datasets.synthetic import synthetic_world

__all__ = ["describe", "load_world", "names", "source_page", "synthetic_world"]
