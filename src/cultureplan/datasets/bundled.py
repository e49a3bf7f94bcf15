"""The worlds that come with the package."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import pandas as pd

from cultureplan.base.errors import UnknownNameError
from cultureplan.base.messages import Lang
from cultureplan.world.world import World

_RULE = "\n---\n"  # on a source page, between the English and the Chinese half


def names() -> tuple[str, ...]:
    """Return the names of the bundled worlds.

    Examples
    --------
    >>> import cultureplan as cp
    >>> cp.datasets.names()
    ('chicago', 'newyork', 'sanheyuan', 'shizuishan', 'wuhan')
    """
    return tuple(sorted(folder.name for folder in _data().iterdir() if (folder / "world.toml").is_file()))


def load_world(name: str) -> World:
    """Return a bundled world.

    ``shizuishan`` has the real places and census totals of a Ningxia city and a modelled network,
    ``newyork`` real libraries and census points, ``chicago`` real libraries with real hours and census
    tracts, ``wuhan`` real streets with modelled people and libraries, ``sanheyuan`` is an invented teaching
    town. What is real and what is modelled stands on the :func:`source_page` and in
    ``world.notes["columns"]``.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    World

    Raises
    ------
    UnknownNameError
        If there is no such world; names the closest one.

    Examples
    --------
    >>> import cultureplan as cp
    >>> world = cp.load_world("shizuishan")
    >>> int(world.demand.persons.sum())
    751389
    """
    from cultureplan.io.folder import read_world

    with _folder(name) as folder:
        return read_world(folder)


def source_page(name: str, *, lang: Lang | None = None) -> str:
    """Return the source page of a bundled world, in Markdown: sources, licences, what is real.

    Parameters
    ----------
    name : str
        One of :func:`names`.
    lang : {"en", "zh"}, optional
        One language only; both (English first) if not given.

    Raises
    ------
    UnknownNameError
        If there is no such world.
    """
    with _folder(name) as folder:
        page = (folder / "SOURCE.md").read_text(encoding="utf-8")
    if lang is None:
        return page
    english, _, chinese = page.partition(_RULE)
    return (english if lang == "en" else chinese).strip() + "\n"


def describe() -> pd.DataFrame:
    """Return what the bundled worlds hold.

    Returns
    -------
    DataFrame, index name
        ``title``, ``title_zh``, ``n_facilities``, ``n_candidates``, ``n_demand``, ``persons``,
        ``n_places``, ``licences``.
    """
    rows = []
    for name in names():
        world = load_world(name)
        status = world.facilities.frame["status"]
        rows.append(
            {
                "name": name,
                "title": world.title("en"),
                "title_zh": world.title("zh"),
                "n_facilities": int((status == "existing").sum()),
                "n_candidates": int((status == "candidate").sum()),
                "n_demand": len(world.demand),
                "persons": float(world.demand.persons.sum()),
                "n_places": 0 if world.places is None else len(world.places),
                "licences": "; ".join(dict.fromkeys(row["licence"] for row in world.notes["sources"])),
            }
        )
    return pd.DataFrame(rows).set_index("name")


def _data() -> Traversable:
    return resources.files("cultureplan.datasets") / "data"


def _folder(name: str) -> AbstractContextManager[Path]:
    if name not in names():
        raise UnknownNameError.closest("datasets.unknown", name, names())
    return resources.as_file(_data() / name)
