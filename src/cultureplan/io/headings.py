"""Tell what the headings of a table mean, however they are written.

``人口（万人）``, ``Facility ID`` and `` 经 度(°)`` are what tables in offices look like. Letter case, blanks,
full-width characters and a unit in brackets do not matter; a unit other than ours is converted here, and
one we do not know is not guessed at. The spellings are data (``data/*.csv``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from io import StringIO

import pandas as pd

from cultureplan.world.schema import Column, columns

_IN_BRACKETS = re.compile(r"^(?P<base>.+?)[(\[【](?P<unit>[^()\[\]【】]+(?:\([^()]*\))?)[)\]】]$")
_YEAR = re.compile(r"^(19|20)\d\d年?$")
_SYSTEMS = re.compile(r"wgs84|gcj02|bd09|cgcs2000")
_DEGREE_SIGNS = frozenset({"°", "度", "deg", "degrees", "十进制", "m", "米"})
_NUMBERS = frozenset({"number", "group"})


@dataclass(frozen=True, kw_only=True)
class Headings:
    """What the headings of one table stand for.

    Parameters
    ----------
    names : dict
        The user's heading -> our column name, where they differ.
    factors : dict
        Our column name -> what its numbers are multiplied by to be in our unit.
    """

    names: dict[str, str]
    factors: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class CoordinateColumns:
    """Which columns hold the coordinates; the unused ones are None.

    Parameters
    ----------
    x, y : str, optional
        Longitude or easting, latitude or northing.
    pair : str, optional
        Both in one cell, ``106.38,38.98`` (as Amap's answers have it).
    shape : str, optional
        Geometry as well-known text.
    says : str, optional
        Coordinate system that the column names themselves tell (``gcj02_lon``).
    """

    x: str | None = None
    y: str | None = None
    pair: str | None = None
    shape: str | None = None
    says: str | None = None


def plain(heading: str) -> str:
    """Return a heading without the differences that do not matter.

    Examples
    --------
    >>> plain(" Facility ID"), plain("人 口（万人）")
    ('facilityid', '人口(万人)')
    """
    text = unicodedata.normalize("NFKC", heading).lower()
    return re.sub(r"[\s_\-\ufeff\u200b]+", "", text)


def read_headings(headings: Sequence[str], table: str) -> Headings:
    """Return what the headings of a table stand for; those we do not know are left out.

    Where two mean the same column, the one that has our very name, or else the first, is taken; the other
    is kept as it is.

    Parameters
    ----------
    headings : sequence of str
        As the user wrote them.
    table : {"facilities", "demand", "places"}
        Which schema.
    """
    taken = {heading for heading in headings if heading in columns(table)}
    names: dict[str, str] = {}
    factors: dict[str, float] = {}
    for heading in headings:
        found = None if heading in taken else _find(heading, table)
        if found is None or found[0] in taken:
            continue
        name, factor = found
        names[heading] = name
        taken.add(name)
        if factor != 1.0:
            factors[name] = factor
    return Headings(names=names, factors=factors)


def find_coordinates(
    headings: Sequence[str], *, system_name: str, is_degrees: bool
) -> CoordinateColumns | None:
    """Return which columns hold the coordinates, or None where no heading tells.

    A geometry column comes first; then the columns whose names tell the declared system
    (``gcj02_lon``), then plain names - longitude and latitude where the system is in degrees, x and y
    where it is not - and then whatever else there is.

    Parameters
    ----------
    headings : sequence of str
        As the user wrote them.
    system_name : str
        Declared coordinate system.
    is_degrees : bool
        Whether that system is in degrees.
    """
    roles: dict[tuple[str, str], str] = {}
    for heading in headings:
        text = plain(heading)
        match = _SYSTEMS.search(text)
        says = match.group() if match and text != match.group() else ""
        bracket = _IN_BRACKETS.match(text)
        if bracket and (bracket["unit"] in _DEGREE_SIGNS or bracket["unit"] == says):
            text = bracket["base"]
        role = _coordinate_names().get(text.replace(says, "") if says else text)
        if role is not None:
            roles.setdefault((role, says), heading)
    if ("shape", "") in roles:
        return CoordinateColumns(shape=roles["shape", ""])
    other = sorted({says for _, says in roles} - {system_name, ""})
    degrees_first = (("lon", "lat"), ("x", "y")) if is_degrees else (("x", "y"), ("lon", "lat"))
    for says in (system_name, "", *other):
        for x, y in degrees_first:
            if (x, says) in roles and (y, says) in roles:
                return CoordinateColumns(x=roles[x, says], y=roles[y, says], says=says or None)
        if ("pair", says) in roles:
            return CoordinateColumns(pair=roles["pair", says], says=says or None)
    return None


def n_known(headings: Sequence[str], table: str) -> int:
    """Return how many of some cells are headings of a table, to tell a heading row from a title row."""
    return sum(
        1
        for text in headings
        if text and (_find(text, table) is not None or plain(text) in _coordinate_names())
    )


def _find(heading: str, table: str) -> tuple[str, float] | None:
    """Return our column name for a heading and the factor to our unit, or None."""
    known = _spellings(table)
    text = plain(heading)
    if text in known:
        return known[text].name, 1.0
    bracket = _IN_BRACKETS.match(text)
    if bracket is None or bracket["base"] not in known:
        return None
    column = known[bracket["base"]]
    if column.kind not in _NUMBERS or _YEAR.match(bracket["unit"]):
        return column.name, 1.0
    factor = _unit_factors().get((column.unit, bracket["unit"]))
    return None if factor is None else (column.name, factor)


@cache
def _spellings(table: str) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for column in columns(table).values():
        for name in (column.name, *column.aliases):
            found.setdefault(plain(name), column)
    return found


@cache
def _coordinate_names() -> dict[str, str]:
    rows = _data("coordinate_columns.csv").itertuples(index=False)
    return {plain(name): str(row.role) for row in rows for name in str(row.names).split("|")}


@cache
def _unit_factors() -> dict[tuple[str, str], float]:
    rows = _data("units.csv").itertuples(index=False)
    return {
        (str(row.unit), plain(name)): float(str(row.factor))
        for row in rows
        for name in str(row.written).split("|")
    }


def _data(name: str) -> pd.DataFrame:
    text = resources.files("cultureplan.io").joinpath("data", name).read_text(encoding="utf-8")
    return pd.read_csv(StringIO(text), dtype=str)
