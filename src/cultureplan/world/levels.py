"""The closed vocabularies: facility levels, statuses, settlements and administrative levels."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from importlib import resources
from io import StringIO

import pandas as pd

from cultureplan.base.messages import Lang


@cache
def read_data_table(name: str) -> pd.DataFrame:
    """Return one of the data tables of this room as text columns; the same tables feed the docs."""
    file = resources.files("cultureplan.world").joinpath("data", name)
    return pd.read_csv(StringIO(file.read_text(encoding="utf-8")), dtype=str, keep_default_na=False)


class Level(StrEnum):
    """Level of a facility in the four-level library system (石嘴山 2021: 中心馆 - 总馆 - 分馆 - 服务点)."""

    CENTRAL = "central"
    HEAD = "head"
    BRANCH = "branch"
    SERVICE_POINT = "service_point"

    @property
    def rank(self) -> int:
        """4 at the top (central) down to 1 (service point); it falls along every link of the tree."""
        return {"central": 4, "head": 3, "branch": 2, "service_point": 1}[self.value]

    @property
    def zh(self) -> str:
        """Chinese name: 中心馆, 总馆, 分馆 or 服务点."""
        return word("level", self.value, "zh")


class Status(StrEnum):
    """Whether a facility exists, could be opened, or is closed."""

    EXISTING = "existing"
    CANDIDATE = "candidate"
    CLOSED = "closed"


class Settlement(StrEnum):
    """Kind of settlement people live in; the circle standards differ by it."""

    URBAN = "urban"
    RURAL = "rural"
    PASTORAL = "pastoral"

    @property
    def zh(self) -> str:
        """Chinese name: 城镇, 农村 or 牧区."""
        return word("settlement", self.value, "zh")


class PlaceLevel(StrEnum):
    """Level of an administrative place; villages and communities share the lowest."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    COMMUNITY = "community"

    @property
    def rank(self) -> int:
        """5 at the top (province) down to 1 (village and community)."""
        return {"province": 5, "city": 4, "county": 3, "township": 2, "village": 1, "community": 1}[
            self.value
        ]


@cache
def _words() -> dict[tuple[str, str], tuple[str, str]]:
    rows = read_data_table("words.csv").itertuples(index=False)
    words = {(str(row.column_kind), str(row.value)): (str(row.en), str(row.zh)) for row in rows}
    kinds = read_data_table("facility_kinds.csv").itertuples(index=False)
    return words | {("kind", str(row.kind)): (str(row.en), str(row.zh)) for row in kinds}


def word(column_kind: str, value: str, lang: Lang = "en") -> str:
    """Return what people call a value of a vocabulary; a value we do not know is returned as it is.

    Parameters
    ----------
    column_kind : {"level", "status", "settlement", "place_level", "kind"}
        Vocabulary.
    value : str
        Stored value.
    lang : {"en", "zh"}
        Language.
    """
    pair = _words().get((column_kind, value))
    return value if pair is None else pair[0 if lang == "en" else 1]


@cache
def vocabulary(column_kind: str) -> dict[str, str]:
    """Return every spelling (stored value, English, Chinese, usual aliases; lower case) -> stored value."""
    if column_kind == "kind":
        table, stored = read_data_table("facility_kinds.csv"), "kind"
    else:
        words = read_data_table("words.csv")
        table, stored = words[words["column_kind"] == column_kind], "value"
    spellings: dict[str, str] = {}
    for row in table.to_dict("records"):
        names = [row[stored], row["en"], row["zh"], *row["aliases"].split("|")]
        spellings |= {name.strip().lower(): row[stored] for name in names if name.strip()}
    return spellings


@cache
def kinds_with(flag: str) -> tuple[str, ...]:
    """Return the kinds that have a flag: ``core``, ``required_venue``, ``free_space`` or ``mobile``."""
    table = read_data_table("facility_kinds.csv")
    return tuple(table.loc[table[flag] == "yes", "kind"])
