"""Every world that is accepted reads back the same, in every form."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

import cultureplan as cp
from cultureplan.io.folder import read_world, write_world
from cultureplan.io.writing import TABLE_FORMATS
from tests.strategies import assert_same_world, full_worlds

EXACT = {"gpkg", "parquet"}  # these hold the world's own coordinates


@pytest.mark.parametrize("table_format", TABLE_FORMATS)
@settings(max_examples=8)
@given(world=full_worlds())
def test_a_world_reads_back_the_same(world: cp.World, table_format: str):
    """Columns, kinds of values, notes and places on the ground survive: within 1 mm, or exactly."""
    folder = Path(tempfile.mkdtemp()) / "world"
    try:
        write_world(world, folder, table_format=table_format)
        again = read_world(folder)
    finally:
        shutil.rmtree(folder.parent)
    assert_same_world(
        world,
        again,
        tolerance_m=1e-6 if table_format in EXACT else 1e-3,
        digits=16 if table_format == "xlsx" else None,  # openpyxl writes no more
    )
