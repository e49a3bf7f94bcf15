"""The map: one canvas that is sent its geometry once and then only colours and changed sites."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from cultureplan.base.errors import UnknownNameError
from cultureplan.base.messages import Lang, text
from cultureplan.base.units import positive
from cultureplan.lab.describe import demand_lines, figures_line, place_lines, site_lines
from cultureplan.lab.ground import Site
from cultureplan.lab.layers import first_layers, layers_of
from cultureplan.lab.map_data import all_records, changed_records, geometry_bytes, radii_bytes
from cultureplan.lab.map_legend import legend_records
from cultureplan.lab.paint import paint
from cultureplan.lab.reached import ReachedStreets, street_lines
from cultureplan.lab.session import LabSession
from cultureplan.lab.state import LabState
from cultureplan.plotting.style import INK, LAND, LAND_EDGE, LOST, NOT_ASSESSED, PROPOSED, SETTLEMENT_COLOURS

_PARTS = (
    "scene.js",
    "draw.js",
    "layers.js",
    "hand.js",
    "widget.js",
)  # one module in the browser, which imports nothing
_LABELS = ("map", "zoom_in", "zoom_out", "fit")
CLICKS = ("open", "require", "forbid")  # what a click on a candidate may do
_MOST_ASKED = 8  # isochrones a message: other messages come in between


@cache
def _static(name: str) -> str:
    return resources.files("cultureplan.lab").joinpath("static", *name.split("/")).read_text(encoding="utf-8")


class MapWidget(anywidget.AnyWidget):
    """What the browser draws; :class:`CityMap` fills it.

    Traits ending in bytes are typed arrays: ``geometry`` (once), ``values`` (one byte a demand point) and
    ``radii`` (float32 a site). ``tick`` rises with every batch and asks for one frame.

    ``selected`` is the id of the marked facility and ``view`` the part of the world that is seen
    (``x_m``, ``y_m`` of the middle, ``scale`` in pixels a metre; empty: all of it). Both are changed by the
    browser too, and may be linked to those of another map.
    """

    _esm = "\n".join(_static(f"map/{part}") for part in _PARTS)
    _css = _static("map.css")

    geometry = traitlets.Bytes(b"").tag(sync=True)
    layout_m = traitlets.Dict().tag(sync=True)
    sites: traitlets.List[Any] = traitlets.List().tag(sync=True)
    radii = traitlets.Bytes(b"").tag(sync=True)
    changed = traitlets.Dict().tag(sync=True)
    values = traitlets.Bytes(b"").tag(sync=True)
    palette: traitlets.List[Any] = traitlets.List().tag(sync=True)
    colours = traitlets.Dict().tag(sync=True)
    layers = traitlets.Dict().tag(sync=True)
    legend: traitlets.List[Any] = traitlets.List().tag(sync=True)
    labels = traitlets.Dict().tag(sync=True)
    status = traitlets.Unicode("").tag(sync=True)
    notice = traitlets.Unicode("").tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    spoken = traitlets.Unicode("").tag(sync=True)
    view = traitlets.Dict().tag(sync=True)
    reached = traitlets.Dict().tag(sync=True)
    asleep: traitlets.List[Any] = traitlets.List().tag(sync=True)
    editable = traitlets.Bool(True).tag(sync=True)
    movable = traitlets.Bool(True).tag(sync=True)
    height = traitlets.Int(520).tag(sync=True)
    tick = traitlets.Int(0).tag(sync=True)


class CityMap:
    """A map of what a session shows, on which facilities are opened, moved and closed.

    Parameters
    ----------
    session : LabSession
        Whose state to show; the map follows it.
    editable : bool
        Whether a click opens a facility and a drag moves one.
    only_candidates : bool
        Whether facilities may be opened at candidate sites only, and none moved.
    height_px : int
        Height of the map.

    Attributes
    ----------
    click : {"open", "require", "forbid"}
        What a click on a candidate does: open it, or tell the solver to open it or to leave it alone.

    Examples
    --------
    >>> import cultureplan as cp
    >>> from cultureplan.lab.session import LabSession
    >>> from cultureplan.lab.state import LabState
    >>> session = LabSession(LabState.start(cp.load_world("sanheyuan")))
    >>> shown = CityMap(session)
    >>> len(shown.widget.values) == len(session.state.world.demand)
    True
    """

    def __init__(
        self,
        session: LabSession,
        *,
        editable: bool = True,
        only_candidates: bool = False,
        height_px: int = 520,
    ) -> None:
        self.session = session
        self.only_candidates = only_candidates
        self.click = "open"
        geometry, layout = geometry_bytes(session.state.ground)
        self.widget = MapWidget(
            geometry=geometry,
            layout_m=layout,
            colours=_colours(),
            layers=first_layers(),
            editable=editable,
            movable=editable and not only_candidates,
            height=height_px,
        )
        self._sent: dict[str, Any] = {}
        self._links: list[Any] = []
        x_m, y_m = layout["origin"]
        self._origin = (float(x_m), float(y_m))
        self._reached = ReachedStreets(session.state.ground, self._origin)
        self.widget.on_msg(self._receive)
        self.widget.observe(self._select, names="selected")
        session.subscribe(lambda _: self.show())
        session.subscribe_selection(lambda _: self._mark())
        self.show()

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers that have anything to show for this world."""
        return layers_of(self.session.state.ground)

    def set_layer(self, name: str, shown: bool) -> None:
        """Show or hide a layer: one of :data:`~cultureplan.lab.layers.LAYERS`.

        Raises
        ------
        UnknownNameError
            If there is no such layer.
        """
        if name not in self.widget.layers:
            raise UnknownNameError.closest("lab_map.no_layer", name, self.widget.layers)
        self.widget.layers = {**self.widget.layers, name: shown}
        self.show()

    def look_at(self, x_m: float, y_m: float, *, width_m: float, width_px: float = 900.0) -> None:
        """Show another part of the world: `width_m` metres round a point, on a map `width_px` wide."""
        self.session.state.ground.validate_point(x_m, y_m)
        self.widget.view = {"x_m": x_m, "y_m": y_m, "scale": width_px / positive("width_m", width_m)}

    def look_at_all(self) -> None:
        """Show the whole world."""
        self.widget.view = {}

    def link(self, *others: CityMap, view: bool = True, selection: bool = True) -> None:
        """Let other maps show the same part of the world, and mark the same facility.

        Views are linked in the browser, so they follow without asking Python; a map keeps its own width.
        """
        for other in others:
            if view:
                self._links.append(widgets.jslink((self.widget, "view"), (other.widget, "view")))
            if selection:
                self._links.append(traitlets.link((self.widget, "selected"), (other.widget, "selected")))

    def show(self) -> None:
        """Send what changed since the last time, as one batch that is drawn in one frame."""
        session, widget = self.session, self.widget
        state, lang = session.shown, session.lang
        measured, today = session.measured, session.today
        painted = paint(measured, today, colouring=session.colouring, lang=lang)
        with widget.hold_sync():
            if self._is_new("sites", (id(state.ground), lang)):
                widget.sites = all_records(state, lang)
            if self._is_new("radii", state.standard):
                widget.radii = radii_bytes(state)
            widget.changed = changed_records(state, lang)
            widget.values = painted.values.tobytes()
            widget.palette = list(painted.colours)
            widget.legend = legend_records(state, painted, layers=widget.layers, lang=lang)
            if self._is_new("labels", (lang, widget.editable, widget.movable)):
                widget.labels = _labels(lang, editable=widget.editable, movable=widget.movable)
            widget.status = figures_line(state, measured, today, lang=lang)
            widget.notice = session.notice
            widget.asleep = sorted(state.asleep)
            widget.reached = self._reached_keys(state)
            self._mark()
            widget.tick += 1

    def _is_new(self, name: str, key: object) -> bool:
        is_new = name not in self._sent or self._sent[name] != key
        self._sent[name] = key
        return is_new

    def _select(self, change: Any) -> None:
        self.session.select(change["new"])

    def _mark(self) -> None:
        """Mark the facility that the session has marked, and have its facts read out."""
        session, widget = self.session, self.widget
        if self._is_new("marked", (session.selected, session.lang)):
            with widget.hold_sync():
                widget.selected = session.selected
                site = session.shown.sites.get(session.selected)
                lines = [] if site is None else self._site_lines(site)
                widget.spoken = text("lab_map.pause", session.lang).join(lines)

    def _site_lines(self, site: Site) -> list[str]:
        session = self.session
        return site_lines(session.shown, site, session.measured, lang=session.lang)

    def _reached_keys(self, state: LabState) -> dict[str, str]:
        if not self.widget.layers["isochrones"] or state.ground.world.streets is None:
            return {}
        return self._reached.keys(state.counted_sites.values(), state.standard)

    def _receive(self, _: object, content: Any, __: object) -> None:
        """Do what the browser asks for; what makes no sense is ignored, what the state refuses is told."""
        kind = content.get("type") if isinstance(content, dict) else None
        if kind == "hover":
            self._answer_hover(content)
        elif kind == "reached":
            self._answer_reached(content)
        elif kind == "streets":
            layout, lines = street_lines(self.session.state.ground, self._origin)
            self.widget.send({"type": "streets", **layout}, [lines])
        elif kind == "undo":
            self.session.undo()
        elif kind == "redo":
            self.session.redo()
        elif kind == "cancel":
            self.session.preview(lambda state: state)
        elif kind == "drag":
            self.session.preview(self._action(content))
        elif kind in ("add", "drop", "open", "close", "forbid"):
            self.session.do(self._action(content))

    def _answer_hover(self, content: Any) -> None:
        session = self.session
        state, lang, measured = session.shown, session.lang, session.measured
        facility_id, row = content.get("id"), content.get("row")
        lines: list[str] = []
        if facility_id is not None:
            site = state.sites.get(facility_id) or state.ground.candidate_sites.get(facility_id)
            lines = [] if site is None else self._site_lines(site)
        elif isinstance(row, int) and 0 <= row < len(measured.persons):
            lines = demand_lines(state, row, measured, lang=lang)
        else:
            place = state.ground.place_at(_number(content, "x_m"), _number(content, "y_m"))
            lines = [] if place is None else place_lines(state, place, measured, lang=lang)
        self.widget.send({"type": "hover", "key": content.get("key", ""), "lines": lines})

    def _answer_reached(self, content: Any) -> None:
        keys = content.get("keys")
        if isinstance(keys, list):
            asked = [str(key) for key in keys[:_MOST_ASKED]]
            records, buffers = self._reached.shapes(asked)
            self.widget.send({"type": "reached", "keys": asked, "shapes": records}, buffers)

    def _action(self, content: Any) -> Callable[[LabState], LabState]:
        """Return what a message of the browser asks the state to do."""
        kind, facility_id = content["type"], str(content.get("id", ""))
        x_m, y_m = _number(content, "x_m"), _number(content, "y_m")
        snap_m = max(_number(content, "snap_m", 0.0), 0.0)
        actions: dict[str, Callable[[LabState], LabState]] = {
            "add": lambda state: self._added(state, x_m, y_m, snap_m),
            "drop": lambda state: state.move(facility_id, x_m, y_m, snap_m=snap_m),
            "drag": lambda state: state.move(facility_id, x_m, y_m, snap_m=snap_m),
            "open": lambda state: self._clicked(state, facility_id),
            "close": lambda state: state.close(facility_id),
            "forbid": lambda state: state.forbid(facility_id),
        }
        return actions[kind]

    def _added(self, state: LabState, x_m: float, y_m: float, snap_m: float) -> LabState:
        spot = state.snap(x_m, y_m, within_m=snap_m)
        if self.click != "open" and spot.kind == "candidate":
            return self._clicked(state, spot.target_id)
        return state.add(x_m, y_m, snap_m=snap_m, only_candidates=self.only_candidates)

    def _clicked(self, state: LabState, facility_id: str) -> LabState:
        """Open a site, or demand or forbid it where that is what a click on a candidate does."""
        if self.click == "require" and facility_id in state.free_candidates:
            return state.require(facility_id)
        if self.click == "forbid" and facility_id in state.free_candidates:
            return state.forbid(facility_id)
        return state.open(facility_id)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)


def _number(content: Any, name: str, otherwise: float = float("nan")) -> float:
    value = content.get(name)
    return float(value) if isinstance(value, (int, float)) else otherwise


def _colours() -> dict[str, Any]:
    return {
        "ink": INK,
        "land": LAND,
        "land_edge": LAND_EDGE,
        "sea": "#ffffff",
        "street": "#c3bdb0",
        "asleep": NOT_ASSESSED,
        "lost": LOST,
        "proposed": PROPOSED,
        "settlements": {str(name): colour for name, colour in SETTLEMENT_COLOURS.items()},
    }


def _labels(lang: Lang, *, editable: bool, movable: bool) -> dict[str, str]:
    labels = {name: text(f"lab.map_{name}", lang) for name in _LABELS}
    allowed = "move" if movable else "choose" if editable else "look"
    labels["help"] = text(f"lab.map_help_{allowed}", lang)
    units = {
        "kilometres": text("plot.kilometres", lang, n="{n}"),
        "metres": text("plot.metres", lang, n="{n}"),
    }
    return {**labels, **units, "lang": "zh-CN" if lang == "zh" else "en"}
