"""Registers: the tables that clauses ask about beyond a world - staff, teams, meetings, funds and more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import Self

import pandas as pd

from cultureplan.base.checks import FaultList, Origin
from cultureplan.base.errors import MissingFileError, OutputExistsError, TableError, UnknownNameError
from cultureplan.io.encodings import decode_text
from cultureplan.standards.register_schema import (
    SEPARATOR,
    register_columns,
    register_names,
    validate_register,
)
from cultureplan.world.world import World


@dataclass(frozen=True, kw_only=True, eq=False)
class Registers(Mapping[str, pd.DataFrame]):
    """Validated registers by name; one that is absent is simply not there.

    Parameters
    ----------
    tables : Mapping[str, DataFrame]
        Any of :func:`register_names`; columns as in :func:`registers_schema`.
    origins : Mapping[str, Origin], optional
        Where each table came from, used in messages only.

    Raises
    ------
    UnknownNameError
        For a register that does not exist.
    TableError
        Listing every fault of every table.

    Examples
    --------
    >>> import pandas as pd
    >>> from cultureplan.standards.registers import Registers
    >>> teams = pd.DataFrame({"team_id": ["T1"], "kind": ["amateur"], "place_id": ["V1"]})
    >>> len(Registers(tables={"teams": teams})["teams"])
    1
    """

    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        faults = FaultList()
        read = {}
        for name, frame in self.tables.items():
            if name not in register_names():
                raise UnknownNameError.closest("register.unknown", name, register_names())
            origin = self.origins.get(name, Origin(table=name))
            read[name] = validate_register(frame, name, origin=origin, faults=faults)
        faults.raise_if_any(TableError)
        object.__setattr__(self, "tables", MappingProxyType(read))
        object.__setattr__(self, "origins", MappingProxyType(dict(self.origins)))

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name].copy(deep=False)

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    def __repr__(self) -> str:
        return f"Registers({', '.join(f'{name} {len(table):,}' for name, table in self.tables.items())})"

    def with_table(self, name: str, frame: pd.DataFrame) -> Self:
        """Return registers with one table put in or replaced."""
        return type(self)(tables={**self.tables, name: frame}, origins=self.origins)

    def without_table(self, name: str) -> Self:
        """Return registers without one table."""
        return type(self)(tables={k: v for k, v in self.tables.items() if k != name}, origins=self.origins)

    def validate_against(self, world: World) -> None:
        """Raise TableError if a register names a place or facility that the world does not have."""
        faults = FaultList()
        places = None if world.places is None else set(world.places.ids)
        known = {"place": places, "facility": set(world.facilities.ids)}
        for name, table in self.tables.items():
            for column in register_columns(name).values():
                ids = known.get(column.kind)
                if ids is None:
                    continue
                faults.add_rows(
                    f"register.unknown_{column.kind}",
                    origin=self.origins.get(name, Origin(table=name)),
                    frame=table,
                    bad=(table[column.name].notna() & ~table[column.name].isin(ids)).to_numpy(bool),
                    column=column.name,
                )
        faults.raise_if_any(TableError)


def read_registers(folder: str | Path) -> Registers:
    """Return the registers in a folder: every ``<name>.csv`` whose name is a register's.

    Parameters
    ----------
    folder : str or Path
        CSV files in UTF-8 or GB18030, headings in English or Chinese.

    Raises
    ------
    MissingFileError
        If there is no such folder, or no register in it.
    TableError
        Listing every fault of every file.
    """
    found = {name: Path(folder) / f"{name}.csv" for name in register_names()}
    found = {name: path for name, path in found.items() if path.is_file()}
    if not found:
        raise MissingFileError.of("register.no_folder", folder=str(folder))
    faults = FaultList()
    tables, origins = {}, {}
    for name, path in found.items():
        origins[name] = Origin(table=name, file=path.name, first_row=2)
        content = decode_text(path.read_bytes(), origin=origins[name], faults=faults)
        if content is None:
            continue
        try:
            tables[name] = pd.read_csv(StringIO(content), dtype=str, keep_default_na=False)
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            faults.add("register.not_csv", origin=origins[name], why=str(error).strip())
            continue
        validate_register(tables[name], name, origin=origins[name], faults=faults)
    faults.raise_if_any(TableError)
    return Registers(tables=tables, origins=origins)


def write_registers(registers: Registers, folder: str | Path) -> None:
    """Write registers as CSV (UTF-8 with the mark Excel looks for), one file a register.

    Raises
    ------
    OutputExistsError
        If one of the files is there already.
    """
    target = Path(folder)
    taken = [f"{name}.csv" for name in registers if (target / f"{name}.csv").exists()]
    if taken:
        raise OutputExistsError.of("register.exists", files=", ".join(taken))
    target.mkdir(parents=True, exist_ok=True)
    for name, table in registers.items():
        plain = table.copy()
        for column in register_columns(name).values():
            if column.kind == "codes":
                plain[column.name] = plain[column.name].map(SEPARATOR.join)
            elif column.kind == "flag":
                plain[column.name] = plain[column.name].map({True: "yes", False: "no"})
            elif column.kind == "year":
                plain[column.name] = plain[column.name].astype("Int64")
        plain = plain.dropna(axis="columns", how="all")
        plain.to_csv(target / f"{name}.csv", index=False, encoding="utf-8-sig", date_format="%Y-%m-%d")
