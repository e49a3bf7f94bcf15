"""The tree beside the map: a list that folds, and is chosen from together with the map."""

from __future__ import annotations

from importlib import resources
from typing import Any

import anywidget
import traitlets


def static_text(name: str) -> str:
    """Return one of the scripts or styles that come with the lab."""
    return resources.files("cultureplan.lab").joinpath("static", name).read_text(encoding="utf-8")


class TreeWidget(anywidget.AnyWidget):
    """What the browser draws: ``rows`` as from :func:`cultureplan.lab.hierarchy_view.tree_rows`."""

    _esm = static_text("tree.js")
    _css = static_text("tree.css")

    rows: traitlets.List[Any] = traitlets.List().tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    labels = traitlets.Dict().tag(sync=True)
    height = traitlets.Int(420).tag(sync=True)
