"""Floor 8, the app: one page in a browser for planners, served on this machine only.

``python -m cultureplan app`` starts it; :func:`show` is what its page runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cultureplan.app.page import PlannerPage as PlannerPage
    from cultureplan.app.page import show as show

__all__ = ["PlannerPage", "show"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from cultureplan.app import page

    return getattr(page, name)
