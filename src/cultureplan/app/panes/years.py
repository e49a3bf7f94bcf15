"""Step 4: money by year, and which of the chosen sites it builds when."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import ipywidgets as widgets
import pandas as pd

from cultureplan.app import markup
from cultureplan.app.chart import years_picture
from cultureplan.app.panes.base import Pane, columns, label, wide
from cultureplan.app.phasing import Budgets, Phasing
from cultureplan.base.errors import CulturePlanError
from cultureplan.base.messages import Lang, text
from cultureplan.plotting.wording import count_words

_TEN_THOUSAND = 10_000.0
_MOST_YEARS = 10
_YEARS = {
    "year": "year", "budget": "count", "spent": "count", "n_sites": "count", "persons_covered": "count",
    "covered_share": "share", "persons_gained": "signed",
}  # fmt: skip


class YearsPane(Pane):
    """Budgets by year, a table and a picture of what they build."""

    def build(self) -> list[Any]:
        """Return the budgets at the left, the years at the right."""
        self.head = widgets.HTML()
        held = self.planner.desk.budgets or Budgets(
            first_year=dt.datetime.now().astimezone().year + 1, yuan=(1_000_000.0,) * 3
        )
        self.first_label, self.n_label, self.cost_label = (widgets.HTML() for _ in range(3))
        self.first = self.on_value(
            widgets.BoundedIntText(min=1990, max=2200, value=held.first_year, layout=wide()),
            self._given,
        )
        self.n_years = self.on_value(
            widgets.IntSlider(min=1, max=_MOST_YEARS, value=len(held.yuan), layout=wide()),
            self._years,
        )
        self.cost = self.on_value(
            widgets.BoundedFloatText(
                min=0.01,
                max=1e9,
                step=5.0,
                value=held.usual_cost / _TEN_THOUSAND,
                layout=wide(),
            ),
            self._given,
        )
        self.carries = self.on_value(
            widgets.Checkbox(value=held.carries_over, indent=False, layout=wide()),
            self._given,
        )
        self.rows_label = widgets.HTML()
        sums = [*held.yuan, *[held.yuan[-1]] * _MOST_YEARS][:_MOST_YEARS]
        self.money = [self._sum_field(yuan / _TEN_THOUSAND) for yuan in sums]
        self.rows = widgets.VBox([])
        self.rows.add_class("cp-money")
        self.status, self.table, self.sites = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.picture = widgets.HTML()
        left = widgets.VBox(
            [
                self.first_label, self.first, self.n_label, self.n_years, self.rows_label, self.rows,
                self.carries, self.cost_label, self.cost,
            ]
        )  # fmt: skip
        left.add_class("cp-card")
        self._lay_rows()
        return [self.head, columns([left], [self.status, self.picture, self.table, self.sites])]

    def refresh(self) -> None:
        """Work the years out, and show them."""
        if self.planner.desk.budgets is None:
            with self.quiet():
                self.planner.desk = dataclasses.replace(self.planner.desk, budgets=self._budgets())
        self._show_desk()
        self.head.value = markup.heading(self.words("years_title"), self.words("years_lead"))
        self.first_label.value = label(self.words("first_year"))
        self.n_label.value = label(self.words("n_years"))
        self.rows_label.value = label(self.words("money_rows"))
        self.cost_label.value = label(self.words("usual_cost"))
        self.carries.description = self.words("carries_over")
        for i, money in enumerate(self.money):
            money.description = str(self.first.value + i)
        if not self.session.state.opened_ids:
            self.status.value = markup.note(self.words("years_nothing"))
            self.picture.value = self.table.value = self.sites.value = ""
            return
        try:
            phasing = self.planner.phasing()
        except CulturePlanError as error:
            self.status.value = markup.note(error.render(self.lang), tone="bad")
            self.picture.value = self.table.value = self.sites.value = ""
            return
        if phasing is not None:
            self._show(phasing)

    def _show(self, phasing: Phasing) -> None:
        lang = self.lang
        years = phasing.years.reset_index()
        for column in ("budget", "spent"):
            years[column] = years[column] / _TEN_THOUSAND
        left = phasing.left_out
        words = self.words(
            "years_proven" if phasing.is_proven else "years_found",
            n=len(phasing.sites) - len(left), first=years["year"].iloc[0], last=years["year"].iloc[-1],
            spent=money_words(float(phasing.years["spent"].sum()), lang),
            gained=count_words(float(years["persons_gained"].sum())),
        )  # fmt: skip
        if left:
            words += " " + self.words("years_left", n=len(left))
        self.status.value = markup.note(words, tone="bad" if left else "good")
        self.picture.value = years_picture(phasing, lang)
        self.table.value = markup.table(years, lang=lang, kinds=_YEARS, caption=self.words("years_caption"))
        sites = self.session.state.sites
        shown = pd.DataFrame(
            {
                "year": [str(year) if year else self.words("later") for year in phasing.sites["year"]],
                "name": [sites[name].label(lang) for name in phasing.sites["facility_id"]],
                "cost_wan": phasing.sites["cost"] / _TEN_THOUSAND,
            }
        )
        self.sites.value = markup.table(
            shown, lang=lang, kinds={"cost_wan": "count"}, caption=self.words("sites_caption")
        )

    def _show_desk(self) -> None:
        """Show the budgets of the desk: they may have come with a saved plan."""
        budgets = self.planner.desk.budgets
        if budgets is None or budgets == self._budgets():
            return
        with self.quiet():
            self.first.value, self.n_years.value = budgets.first_year, min(len(budgets.yuan), _MOST_YEARS)
            self.carries.value = budgets.carries_over
            self.cost.value = budgets.usual_cost / _TEN_THOUSAND
            for money, yuan in zip(self.money, budgets.yuan, strict=False):
                money.value = yuan / _TEN_THOUSAND
        self._lay_rows()

    def _budgets(self) -> Budgets:
        n = int(self.n_years.value)
        return Budgets(
            first_year=int(self.first.value),
            yuan=tuple(float(money.value) * _TEN_THOUSAND for money in self.money[:n]),
            carries_over=bool(self.carries.value),
            usual_cost=float(self.cost.value) * _TEN_THOUSAND,
        )

    def _sum_field(self, value: float) -> Any:
        field = widgets.BoundedFloatText(min=0.0, max=1e9, step=10.0, value=value, layout=wide())
        return self.on_value(field, self._given)

    def _years(self, _: object) -> None:
        self._lay_rows()
        self._given()

    def _lay_rows(self) -> None:
        self.rows.children = self.money[: int(self.n_years.value)]

    def _given(self, _: object = None) -> None:
        self.planner.set_budgets(self._budgets())


def money_words(yuan: float, lang: Lang) -> str:
    """Return a sum of money: in yuan, or in ten thousands of them in Chinese."""
    return text("app.money", lang, n=count_words(yuan / _TEN_THOUSAND if lang == "zh" else yuan))
