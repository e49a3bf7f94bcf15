"""Numbers, ways and names as people read them, the same in pictures, tables and sentences."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from cultureplan.base.messages import Lang, catalogue, text
from cultureplan.base.units import Unit
from cultureplan.plotting.fonts import has_glyphs, is_latin
from cultureplan.world.demand import DemandPoints
from cultureplan.world.facilities import Facilities
from cultureplan.world.places import Places
from cultureplan.world.schema import GROUP_SUFFIX
from cultureplan.world.world import World

NOTHING = "–"


def count_words(value: float) -> str:
    """Return a whole number with thousands separators; a dash where there is none."""
    return NOTHING if _is_missing(value) else f"{value:,.0f}"


def share_words(share: float) -> str:
    """Return a share as percent with one decimal; never rounded to 0 or 100 where it is not quite that."""
    if _is_missing(share):
        return NOTHING
    if 0 < share < 0.0005:
        return "<0.1%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return f"{100 * share:.1f}%"


def points_words(difference: float, lang: Lang = "en") -> str:
    """Return a difference of two shares in percentage points, with its sign."""
    if _is_missing(difference):
        return NOTHING
    return text("plot.points", lang, n=_signed(100 * difference, ".1f"))


def signed_words(value: float) -> str:
    """Return a whole number with its sign and thousands separators."""
    return NOTHING if _is_missing(value) else _signed(value, ",.0f")


def length_words(length_m: float, lang: Lang = "en") -> str:
    """Return a length in metres below 1 km, in kilometres above."""
    if _is_missing(length_m):
        return NOTHING
    if length_m < 999.5:
        return text("plot.metres", lang, n=f"{length_m:,.0f}")
    kilometres = f"{length_m / 1000:,.1f}" if length_m < 1e5 else f"{length_m / 1000:,.0f}"
    return text("plot.kilometres", lang, n=kilometres.removesuffix(".0"))


def cost_words(cost: float, unit: str | None, lang: Lang = "en") -> str:
    """Return a travel cost with its unit; a dash where nothing can be reached."""
    if _is_missing(cost) or not math.isfinite(cost):
        return NOTHING
    if unit == Unit.MINUTES:
        return text("plot.minutes", lang, n=f"{cost:,.1f}".removesuffix(".0"))
    return length_words(cost, lang)


def area_words(area_m2: float, lang: Lang = "en") -> str:
    """Return an area in square kilometres."""
    if _is_missing(area_m2):
        return NOTHING
    km2 = area_m2 / 1e6
    return text("plot.km2", lang, n=f"{km2:,.2f}" if km2 < 10 else f"{km2:,.0f}")


def shown_names(table: Facilities | DemandPoints | Places, lang: Lang = "en") -> pd.Series:
    """Return the name of each row in a language, by id: the English one where there is one, else the name.

    A name that cannot be drawn on this machine, or is missing, is replaced by the id.
    """
    frame, ids = table.frame, table.ids
    names = pd.Series([None] * len(ids), index=ids, dtype=object)
    for column in ("name_en", "name") if lang == "en" else ("name",):
        if column in frame.columns:
            found = pd.Series(frame[column].to_numpy(object), index=ids, dtype=object)
            names = names.where(names.notna(), found.where(found.notna(), None))
    shown = [
        clean(name) if isinstance(name, str) and name.strip() and has_glyphs(name) else clean(str(key))
        for key, name in names.items()
    ]
    return pd.Series(shown, index=ids, name="name", dtype=object)


def demand_names(world: World, lang: Lang = "en") -> pd.Series:
    """Return what to call each demand point, by id: its name in the language, else its place, else its id.

    A place with several points is named together with the point.
    """
    own = shown_names(world.demand, lang)
    if world.places is None:
        return own
    ids = world.demand.ids.to_numpy(object)
    foreign = own.map(lambda name: lang == "en" and not is_latin(name)).to_numpy(bool)
    unnamed = foreign | (own.to_numpy(object) == ids)
    places = world.demand_places
    place = places.map(shown_names(world.places, lang))
    shared = places.duplicated(keep=False).to_numpy(bool)
    named = place.astype(object).where(~shared, place.astype(object) + " · " + own)
    return own.where(~(unnamed & place.notna().to_numpy(bool)), named)


def site_names(world: World, lang: Lang = "en") -> pd.Series:
    """Return the name of each facility, by id; one that has none is named after the people next to it."""
    names = shown_names(world.facilities, lang)
    unnamed = np.flatnonzero(names.to_numpy(object) == world.facilities.ids.to_numpy(object))
    if len(unnamed) == 0 or len(world.demand) == 0:
        return names
    _, nearest = cKDTree(world.demand.xy).query(world.facilities.xy[unnamed])
    homes = demand_names(world, lang).iloc[nearest]
    named = names.copy()
    named.iloc[unnamed] = [text("plot.near", lang, place=home) for home in homes]
    return named


def group_words(column: str, lang: Lang = "en") -> str:
    """Return what people call a group column such as ``minors_persons``; others by their own name."""
    key = f"plot.group_{column}"
    return text(key, lang) if key in catalogue() else column.removesuffix(GROUP_SUFFIX).replace("_", " ")


def clean(label: str) -> str:
    """Return a label without control characters, which neither XML nor Excel may hold, on one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in label).split())


def label_width(label: str) -> int:
    """Return how wide a label is, in Latin letters; a Chinese character counts for two."""
    return sum(1 if is_latin(character) else 2 for character in label)


def short(label: str, width: int = 28) -> str:
    """Return a label cut to a width in Latin letters, with an ellipsis."""
    if label_width(label) <= width:
        return label
    cut = label
    while cut and label_width(cut) > width - 1:
        cut = cut[:-1]
    return cut.rstrip() + "…"


def _signed(value: float, form: str) -> str:
    shown = format(abs(value), form)
    if not any(digit in "123456789" for digit in shown):
        return shown
    return ("+" if value > 0 else "−") + shown


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float | np.floating) and math.isnan(value))
