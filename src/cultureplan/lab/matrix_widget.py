"""The matrix of verdicts: a table whose cells are pointed at and chosen."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from cultureplan.lab.tree_widget import static_text


class MatrixWidget(anywidget.AnyWidget):
    """What the browser draws; a cell is named ``requirement|place``.

    ``columns`` and ``rows`` are as from :mod:`cultureplan.lab.standards_view`; ``tick`` asks for a new
    drawing once all of them have arrived.
    """

    _esm = static_text("matrix.js")
    _css = static_text("matrix.css")

    columns: traitlets.List[Any] = traitlets.List().tag(sync=True)
    rows: traitlets.List[Any] = traitlets.List().tag(sync=True)
    labels = traitlets.Dict().tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    pointed = traitlets.Unicode("").tag(sync=True)
    height = traitlets.Int(460).tag(sync=True)
    tick = traitlets.Int(0).tag(sync=True)
