"""What every picture shares: colours that colour-blind readers can tell apart, markers, axes, sizes.

The two ends of the palette, blue for covered and orange for not covered, differ for every common kind of
colour blindness and in grey print; levels of facilities differ by shape and size, never by colour alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

from cultureplan.plotting.fonts import LATIN_FAMILY, font_families, is_latin
from cultureplan.world.levels import Level, Settlement

if TYPE_CHECKING:
    from matplotlib.axis import Axis

COVERED = "#2f7fb8"
UNCOVERED = "#e8701a"
NOT_ASSESSED = "#b3bac1"
NEWLY_COVERED = "#0a5c36"
LOST = "#d4145a"
PROPOSED = "#6a1b7a"
INK = "#1f2d3a"
MUTED = "#66727e"
GRID = "#e2e6ea"
LAND = "#f6f4ee"
LAND_EDGE = "#cbc6b8"

# marker, area in square points, zorder
LEVEL_MARKERS: dict[str, tuple[str, float]] = {
    Level.CENTRAL: ("*", 210.0),
    Level.HEAD: ("s", 42.0),
    Level.BRANCH: ("D", 17.0),
    Level.SERVICE_POINT: ("o", 6.0),
}
SETTLEMENT_COLOURS: dict[str, str] = {
    Settlement.URBAN: "#2f7fb8",
    Settlement.RURAL: "#6d9a3a",
    Settlement.PASTORAL: "#b98a1d",
}
SERIES = ("#9aa7b3", COVERED, NEWLY_COVERED, PROPOSED, UNCOVERED, MUTED)  # worlds that are compared

TITLE_SIZE, LABEL_SIZE, SMALL_SIZE = 11.0, 9.0, 8.0
MAP_SIZE = (10.0, 6.4)  # inches; at 96 pixels an inch text keeps its size on a page 960 pixels wide
OWN_FIGURE = "cultureplan"  # marks figures that may be resized to fit
RASTER_FROM = 1_000  # layers with more dots than this are one image inside an SVG


def new_axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """Return `ax`, or the axes of a new figure of a size in inches, shown by notebooks as any other."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    figure, made = plt.subplots(figsize=size, layout="constrained")
    figure.set_gid(OWN_FIGURE)
    return made


def fit_height(ax: Axes, height: float) -> None:
    """Give a figure that we made the height, in inches, that its rows need; leave a caller's own as it is."""
    figure = ax.get_figure()
    if isinstance(figure, Figure) and figure.get_gid() == OWN_FIGURE:
        figure.set_figheight(height)


def titled(ax: Axes, title: str, *, above: float = 0.0) -> None:
    """Set the title, at the left as in running text, so many points above what stands there already."""
    made = ax.set_title(title, loc="left", fontsize=TITLE_SIZE, color=INK, fontweight="bold", pad=10 + above)
    made.set_gid("title")


def plain_bars(ax: Axes) -> None:
    """Prepare axes for horizontal bars: no frame, light vertical lines, thousands separators."""
    for side in ("top", "right", "bottom", "left"):
        ax.spines[side].set_visible(False)
    ax.set_axisbelow(True)
    ax.grid(axis="x", color=GRID, linewidth=0.8)
    ax.grid(axis="y", visible=False)
    ax.tick_params(length=0, labelsize=LABEL_SIZE, labelcolor=INK)
    thousands(ax.xaxis)


def thousands(axis: Axis) -> None:
    """Write the numbers of an axis with thousands separators."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def percent(axis: Axis) -> None:
    """Write the shares of an axis as percent."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f}%"))


def finish(ax: Axes) -> Axes:
    """Give every text of the picture fonts that hold it, and take none of it for a formula.

    Names come from input: a dollar sign in them is a dollar sign. Few Chinese fonts have a bold face, so
    Chinese text stays regular.
    """
    for label in ax.findobj(Text):
        if isinstance(label, Text):
            latin = is_latin(label.get_text())
            label.set_fontfamily([LATIN_FAMILY] if latin else font_families())
            label.set_parse_math(False)
            if not latin:
                label.set_fontweight("normal")
    return ax
