"""The invented town of Sanheyuan as a clerk might send it: a world folder with slips of the pen."""

from __future__ import annotations

import csv
from pathlib import Path

from cultureplan.datasets.bundled import load_world
from cultureplan.io.folder import write_world

# Table, id of the row, heading, what the clerk typed. The parent shows once the others are mended; the turned
# digits of Xiyuan's 1,500 people are a number like any other, which only a second source gives away.
SLIPS = (
    ("demand", "SHY-1104-2", "persons", "12O0"),
    ("demand", "SHY-1102-1", "persons", "1050"),
    ("demand", "SHY-1302-1", "settlement", "vilage"),
    ("facilities", "F05", "parent_id", "F2"),
    ("facilities", "F09", "facility_id", "F08"),
    ("facilities", "F11", "level", "servise_point"),
    ("facilities", "F13", "lon", ""),
)


def write_clerks_folder(folder: str | Path) -> Path:
    """Write the town as a world folder, and make seven slips in its tables.

    Parameters
    ----------
    folder : str or Path
        Where; a folder that is not there yet, or one that this function wrote.

    Returns
    -------
    Path
        The folder.
    """
    target = write_world(load_world("sanheyuan"), folder)
    for table, row_id, heading, typed in SLIPS:
        _type_over(Path(target) / f"{table}.csv", row_id, heading, typed)
    return Path(target)


def _type_over(file: Path, row_id: str, heading: str, typed: str) -> None:
    """Change one cell of the row that begins with an id."""
    with file.open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.reader(table))
    row = next(row for row in rows if row[0] == row_id)
    row[rows[0].index(heading)] = typed
    with file.open("w", encoding="utf-8-sig", newline="") as table:
        csv.writer(table, lineterminator="\n").writerows(rows)
