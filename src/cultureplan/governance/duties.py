"""Duty matrices: which unit does what in which role, compared between places, and what nobody does."""

from __future__ import annotations

import pandas as pd

from cultureplan.base.messages import Lang, text
from cultureplan.governance.places import Governance
from cultureplan.standards.words import policy_word, values_of

ACTING_ROLES = ("lead", "coordinate", "implement")  # a theme is looked after if somebody has one of these


def duty_matrix(governance: Governance, lang: Lang = "en") -> pd.DataFrame:
    """Return units by themes: the roles of a unit on a theme, worded; empty where it has none.

    Parameters
    ----------
    governance : Governance
    lang : {"en", "zh"}

    Returns
    -------
    DataFrame, index unit, one column a theme
    """
    units = tuple(dict.fromkeys([*governance.units, *governance.outsiders]))
    themes = [theme for theme in values_of("theme") if any(theme in d.themes for d in governance.duties)]
    cells = {
        theme: [
            text("fault.comma", lang).join(
                dict.fromkeys(
                    policy_word("role", duty.role, lang)
                    for duty in governance.duties_of(unit)
                    if theme in duty.themes
                )
            )
            for unit in units
        ]
        for theme in themes
    }
    matrix = pd.DataFrame(cells, index=pd.Index(units, name="unit"))
    return matrix.rename(columns=lambda theme: policy_word("theme", theme, lang))


def compare(*places: Governance, by: str = "function", lang: Lang = "en") -> pd.DataFrame:
    """Return which units of several places have each function, or act on each theme.

    Places are compared by normalised function, not by the name of an office.

    Parameters
    ----------
    *places : Governance
    by : {"function", "theme"}
    lang : {"en", "zh"}

    Returns
    -------
    DataFrame, index function or theme (its code)
        ``name``, one column a place (units, empty where there is none), ``n_places``.
    """
    rows = []
    for code in values_of("function" if by == "function" else "theme"):
        found = [
            place.units_with(code)
            if by == "function"
            else tuple(
                dict.fromkeys(u for d in place.duties if code in d.themes for u in place.members_of(d.unit))
            )
            for place in places
        ]
        if any(found):
            shown = [text("fault.comma", lang).join(units) for units in found]
            rows.append([code, policy_word(by, code, lang), *shown, sum(bool(units) for units in found)])
    columns = [by, "name", *(place.id for place in places), "n_places"]
    return pd.DataFrame(rows, columns=columns).set_index(by)


def gaps(governance: Governance, *others: Governance, lang: Lang = "en") -> pd.DataFrame:
    """Return what nobody does: members without a duty, themes nobody acts on, functions others have.

    Parameters
    ----------
    governance : Governance
        Place looked at.
    *others : Governance
        Places it is compared with.
    lang : {"en", "zh"}

    Returns
    -------
    DataFrame
        ``kind`` (``member_without_duty``, ``theme_gap``, ``function_gap``), ``code``, ``name``,
        ``elsewhere`` (places that have it).
    """
    rows: list[tuple[str, str, str, str]] = []
    for unit in governance.units:
        if not governance.duties_of(unit):
            rows.append(("member_without_duty", unit, unit, ""))
    for theme in values_of("theme"):
        here = [duty.role for duty in governance.duties if theme in duty.themes]
        there = [o.id for o in others if any(theme in d.themes and d.role in ACTING_ROLES for d in o.duties)]
        acted_on = any(role in ACTING_ROLES for role in here)
        if not acted_on and (here or there):
            rows.append(("theme_gap", theme, policy_word("theme", theme, lang), ", ".join(there)))
    for function in values_of("function"):
        there = [other.id for other in others if other.units_with(function)]
        if there and not governance.units_with(function):
            rows.append(("function_gap", function, policy_word("function", function, lang), ", ".join(there)))
    return pd.DataFrame(rows, columns=["kind", "code", "name", "elsewhere"])
