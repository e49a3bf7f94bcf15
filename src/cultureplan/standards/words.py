"""The words of the policy papers: types, functions, codes and units in English and Chinese."""

from __future__ import annotations

from functools import cache
from importlib import resources
from io import StringIO

import pandas as pd

from cultureplan.base.messages import Lang


@cache
def read_policy_table(name: str) -> pd.DataFrame:
    """Return one of the data tables of this room as text columns; the same tables feed the docs."""
    file = resources.files("cultureplan.standards").joinpath("data", name)
    return pd.read_csv(StringIO(file.read_text(encoding="utf-8")), dtype=str, keep_default_na=False)


@cache
def _words() -> dict[tuple[str, str], tuple[str, str]]:
    words = {
        (str(row["vocabulary"]), str(row["value"])): (str(row["en"]), str(row["zh"]))
        for row in read_policy_table("words.csv").to_dict("records")
    }
    units = read_policy_table("units.csv").to_dict("records")
    return words | {("unit", str(row["unit"])): (str(row["en"]), str(row["zh"])) for row in units}


@cache
def values_of(vocabulary: str) -> tuple[str, ...]:
    """Return the values of a vocabulary: ``type``, ``function``, ``unit``, ``role``, ``theme`` ..."""
    return tuple(value for name, value in _words() if name == vocabulary)


def policy_word(vocabulary: str, value: str, lang: Lang = "en") -> str:
    """Return what people call a value of a vocabulary; a value we do not know is returned as it is."""
    pair = _words().get((vocabulary, value))
    return value if pair is None else pair[0 if lang == "en" else 1]
