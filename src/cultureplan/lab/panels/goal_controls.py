"""What the solver is asked for: goal, number or cost, share, time, and what a click on a candidate does."""

from __future__ import annotations

from html import escape

import ipywidgets as widgets

from cultureplan.base.messages import Lang, text
from cultureplan.lab.goals import BY_COST, Goal, candidate_costs, goals_of
from cultureplan.lab.map_widget import CLICKS, CityMap
from cultureplan.lab.panels.parts import Part, caption, show, wide
from cultureplan.lab.session import LabSession

_MOST_SITES = 30
_LONGEST_S = 120
_BYS = ("number", "cost")


class GoalControls(Part):
    """The goal and its figures; those that a goal does not have are hidden."""

    def __init__(self, session: LabSession, *, n_sites: int, time_limit_s: float) -> None:
        super().__init__(session)
        state = session.state
        most = max(1, min(_MOST_SITES, len(state.free_candidates)))
        known = sorted(candidate_costs(state).values())
        usual = known[len(known) // 2] if known else 1.0
        names = goals_of(state)
        self.goal = self.on_value(widgets.Dropdown(options=names, layout=wide()), self._tell)
        self.by = self.on_value(widgets.Dropdown(options=_BYS, layout=wide()), self._tell)
        self.n_sites = self.on_value(
            widgets.IntSlider(min=1, max=most, value=min(n_sites, most), layout=wide()), self._tell
        )
        self.budget = self.on_value(
            widgets.BoundedFloatText(value=usual * min(n_sites, most), min=0, max=1e15, layout=wide()),
            self._tell,
        )
        self.unit_cost = self.on_value(
            widgets.BoundedFloatText(value=usual, min=0, max=1e15, layout=wide()), self._tell
        )
        self.share = self.on_value(
            widgets.FloatSlider(min=0.5, max=1.0, step=0.01, value=1.0, readout_format=".0%", layout=wide()),
            self._tell,
        )
        self.seconds = self.on_value(
            widgets.IntSlider(
                min=1, max=max(_LONGEST_S, int(time_limit_s)), value=int(time_limit_s), layout=wide()
            ),
            self._tell,
        )
        self.captions = {
            name: caption("") for name in ("goal", "n_sites", "budget", "unit_cost", "share", "seconds")
        }
        self.costs = caption("")
        self.box = widgets.VBox(
            [
                self.captions["goal"], self.goal, self.by,
                self.captions["n_sites"], self.n_sites, self.captions["budget"], self.budget,
                self.captions["unit_cost"], self.unit_cost, self.costs,
                self.captions["share"], self.share, self.captions["seconds"], self.seconds,
            ],
            layout=wide(),
        )  # fmt: skip
        self._lang: Lang | None = None
        self.refresh()

    @property
    def chosen(self) -> Goal:
        """The goal as it is chosen now."""
        name = str(self.goal.value)
        by_cost = self._is_by_cost
        return Goal(
            name=name,
            n_sites=int(self.n_sites.value),
            budget=float(self.budget.value) if by_cost and name == "maximal_coverage" else None,
            uses_cost=by_cost,
            unit_cost=float(self.unit_cost.value),
            share=round(float(self.share.value), 4),
        )

    @property
    def n_asked(self) -> int:
        """Sites to choose; 0 where the goal is no number of sites."""
        return 0 if self._is_by_cost or self.goal.value == "set_cover" else int(self.n_sites.value)

    def refresh(self) -> None:
        """Show the words of the language and what the goal needs."""
        lang, state = self.session.lang, self.session.state
        name = str(self.goal.value)
        with self.quiet():
            if lang != self._lang:
                self._lang = lang
                self.goal.options = [(text(f"lab_solve.goal_{n}", lang), n) for n in goals_of(state)]
                self.by.options = [(text(f"lab_solve.by_{by}", lang), by) for by in _BYS]
                self.goal.value, by = name, self.by.value
                self.by.value = by
                self._words(lang)
        self.captions["n_sites"].value = _line(text("lab.n_sites", lang, n=len(state.free_candidates)))
        n_known, n_free = len(candidate_costs(state)), len(state.free_candidates)
        self.costs.value = _line(text("lab_solve.costs_known", lang, n=n_known, m=n_free))
        by_cost, covers = self._is_by_cost, name == "set_cover"
        show([self.by], name in BY_COST)
        show([self.captions["n_sites"], self.n_sites], not by_cost and not covers)
        show([self.captions["budget"], self.budget], by_cost and not covers)
        show([self.captions["unit_cost"], self.unit_cost], by_cost and n_known < n_free)
        show([self.costs], by_cost and 0 < n_known < n_free)
        show([self.captions["share"], self.share], covers)

    def enable(self, is_on: bool) -> None:
        """Let the goal be changed, or not while it is sought."""
        for widget in (
            self.goal,
            self.by,
            self.n_sites,
            self.budget,
            self.unit_cost,
            self.share,
            self.seconds,
        ):
            widget.disabled = not is_on

    @property
    def _is_by_cost(self) -> bool:
        return self.by.value == "cost" and self.goal.value in BY_COST

    def _words(self, lang: Lang) -> None:
        for name in ("goal", "budget", "unit_cost", "share"):
            self.captions[name].value = _line(text(f"lab_solve.{name}", lang))
        self.captions["seconds"].value = _line(text("lab_solve.time_limit", lang))

    def _tell(self, _: object) -> None:
        self.session.refresh()


class ClickControls(Part):
    """What a click on a candidate does: open it, demand it of the solver, or forbid it."""

    def __init__(self, session: LabSession, city_map: CityMap) -> None:
        super().__init__(session)
        self.map = city_map
        self.caption, self.line = caption(""), caption("")
        self.choice = self.on_value(
            widgets.ToggleButtons(options=CLICKS, style={"button_width": "82px"}, layout=wide()), self._choose
        )
        self.box = widgets.VBox([self.caption, self.choice, self.line], layout=wide())
        self._lang: Lang | None = None
        self.refresh()

    def refresh(self) -> None:
        """Show the words of the language, and how many candidates are demanded and forbidden."""
        lang, state = self.session.lang, self.session.state
        with self.quiet():
            if lang != self._lang:
                self._lang = lang
                self.caption.value = _line(text("lab_solve.click", lang))
                self.choice.options = [(text(f"lab_solve.click_{name}", lang), name) for name in CLICKS]
            self.choice.value = self.map.click
        given, forbidden = len(state.required_free), len(state.forbidden_free)
        self.line.value = (
            _line(text("lab_solve.given", lang, k=given, m=forbidden)) if given + forbidden else ""
        )

    def _choose(self, name: str) -> None:
        self.map.click = name


def _line(words: str) -> str:
    return f'<div style="margin-top:6px;line-height:1.3">{escape(words)}</div>'
