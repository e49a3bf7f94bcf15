"""A picture as inline SVG: text stays text, ids do not clash, nothing is drawn twice differently."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from xml.etree import ElementTree as ET

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from cultureplan.plotting.fonts import text_stays_text
from cultureplan.plotting.style import MAP_SIZE, OWN_FIGURE

_RASTER_DPI = 144
_LINKS = ("href", "{http://www.w3.org/1999/xlink}href")


def to_svg(
    draw: Callable[[Axes], object], *, name: str, label: str, size: tuple[float, float] = MAP_SIZE
) -> str:
    """Return a picture as an SVG element that can stand inside an HTML page.

    Parameters
    ----------
    draw : callable
        Draws on the axes it is given.
    name : str
        Prefix of all ids, so that several pictures can stand on one page.
    label : str
        What the picture shows, for readers who hear it.
    size : (width, height)
        Inches; the height may be changed by `draw`.

    Returns
    -------
    str
        ``<svg ...>...</svg>``; the same input gives the same text.
    """
    buffer = StringIO()
    with text_stays_text(), mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure = Figure(figsize=size, layout="constrained")
        figure.set_gid(OWN_FIGURE)
        canvas = FigureCanvasSVG(figure)
        draw(figure.add_subplot())
        canvas.print_figure(
            buffer, format="svg", dpi=_RASTER_DPI, facecolor="none", bbox_inches="tight", pad_inches=0.06,
            metadata={"Date": None, "Creator": None},
        )  # fmt: skip
    return _inline(buffer.getvalue(), name, label)


def _inline(document: str, name: str, label: str) -> str:
    root = ET.fromstring(document.encode("utf-8"))
    for parent in root.iter():
        for child in list(parent):
            if child.tag.endswith(("}metadata", "}title")):
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        attributes = dict(element.attrib)
        element.attrib.clear()
        for key, value in attributes.items():
            if key == "id":
                value = f"{name}-{value}"
            elif key in _LINKS:
                key, value = "href", f"#{name}-{value[1:]}" if value.startswith("#") else value
            element.set(key.rpartition("}")[2], value.replace("url(#", f"url(#{name}-"))
    width_points = float(root.get("width", "0").removesuffix("pt"))
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.set("style", f"max-width:{width_points * 96 / 72:.0f}px")
    root.set("class", name)
    root.set("preserveAspectRatio", "xMinYMin meet")
    root.set("role", "img")
    root.set("aria-label", label)
    return ET.tostring(root, encoding="unicode")
