"""A folder as it comes from an office: an invented county with faults in its tables, for the last lesson.

Qingqu (清渠) does not exist. Names, people, facilities and every coordinate are invented; it is drawn on
an empty stretch of desert steppe. Its facilities carry the offset of Chinese web maps (GCJ-02), its people
do not (WGS84): what no reader of tables can find out.
"""

from __future__ import annotations

import csv
import io
from importlib import resources
from pathlib import Path

from cultureplan.base.checks import FaultList, Origin
from cultureplan.base.errors import InputError, TableError
from cultureplan.io.encodings import decode_text

_TOWN = "town"


def write_sample_town(folder: str | Path) -> Path:
    """Write the tables of the sample county, faults and all, into a folder.

    Files of the same names in it are replaced; others stay.

    Parameters
    ----------
    folder : str or Path
        Where; made if it is not there.

    Returns
    -------
    Path
        The folder.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for file in resources.files("cultureplan.lab.lesson_kit").joinpath(_TOWN).iterdir():
        (target / file.name).write_bytes(file.read_bytes())
    return target


def replace_cells(path: str | Path, row: int, **cells: object) -> None:
    """Change cells of one row of a CSV file, and nothing else.

    Parameters
    ----------
    path : str or Path
        A CSV file in any encoding that a world folder may have; written back as UTF-8 with a mark, which
        spreadsheets understand.
    row : int
        Row as messages count it: the headings are row 1.
    **cells
        New value by heading.

    Raises
    ------
    TableError
        If the file is not text in an encoding that can be told.
    InputError
        If there is no such row or heading.

    Examples
    --------
    >>> import tempfile
    >>> from cultureplan.lab.lesson_kit import replace_cells, write_sample_town
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     replace_cells(write_sample_town(folder) / "demand.csv", 7, 人口=1610)
    """
    file, faults = Path(path), FaultList()
    words = decode_text(file.read_bytes(), origin=Origin(table=file.stem, file=file.name), faults=faults)
    if words is None:
        raise TableError(*faults.faults)
    table = list(csv.reader(io.StringIO(words.removeprefix("\ufeff"))))
    for heading, value in cells.items():
        if heading not in table[0] or not 1 < row <= len(table):
            raise InputError.of("lesson_kit.no_cell", file=file.name, row=row, heading=heading, n=len(table))
        table[row - 1][table[0].index(heading)] = str(value)
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(table)


def declare_coordinates(folder: str | Path, **systems: str) -> None:
    """Write into ``world.toml`` which coordinate system each table is in.

    Parameters
    ----------
    folder : str or Path
        World folder with a ``world.toml``; what it declared before is replaced.
    **systems
        System by table, for example ``facilities="gcj02", demand="wgs84"``.
    """
    path = Path(folder) / "world.toml"
    kept = [
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("coordinates")
    ]
    declared = ", ".join(f'{table} = "{system}"' for table, system in systems.items())
    path.write_text("\n".join([f"coordinates = {{ {declared} }}", *kept, ""]), encoding="utf-8")
