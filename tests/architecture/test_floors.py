"""The contract of the floors holds, and would notice what it forbids."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contract of pyproject.toml in `folder` against the package in its src."""
    # The command stands beside the interpreter; the environment need not be activated.
    command = Path(sys.executable).with_name("lint-imports")
    environment = os.environ | {"PYTHONPATH": str(folder / "src"), "COLUMNS": "200"}
    return subprocess.run(
        [command, "--no-cache"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def copied_house(repo, tmp_path) -> Path:
    """A copy of the package and its contract, to plant things in."""
    shutil.copytree(
        repo / "src" / "cultureplan",
        tmp_path / "src" / "cultureplan",
        ignore=shutil.ignore_patterns("__pycache__", "data"),
    )
    shutil.copy(repo / "pyproject.toml", tmp_path)
    return tmp_path


def plant(house: Path, file: str, source: str) -> None:
    """Write a module into the copied package, with the folders it needs."""
    path = house / "src" / "cultureplan" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in path.parents:
        if folder == house / "src":
            break
        (folder / "__init__.py").touch()
    path.write_text(source, encoding="utf-8")


def test_the_house_keeps_its_contract(repo):
    """No module of the package imports upwards, in a circle, or a library kept for other floors."""
    checked = lint_imports(repo)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "0 broken" in checked.stdout


@pytest.mark.parametrize(
    ("file", "source", "found"),
    [
        pytest.param(
            "base/planted.py",
            "from cultureplan.travel import target",
            "cultureplan.base.planted -> cultureplan.travel.target",
            id="an import upwards",
        ),
        pytest.param(
            "world/planted.py",
            "def later():\n    from cultureplan.travel import target",
            "cultureplan.world.planted -> cultureplan.travel.target",
            id="an import upwards inside a function",
        ),
        pytest.param(
            "shed/planted.py", "x = 1", "- cultureplan.shed", id="a room that has no floor in the contract"
        ),
        pytest.param(
            "measures/planted.py",
            "import matplotlib.pyplot",
            "cultureplan.measures.planted -> matplotlib",
            id="a picture below plotting",
        ),
        pytest.param(
            "planning/planted.py",
            "import ipywidgets",
            "cultureplan.planning.planted -> ipywidgets",
            id="a widget below plotting",
        ),
        pytest.param(
            "measures/planted.py",
            "import dask.array",
            "cultureplan.measures.planted -> dask",
            id="dask outside its two places",
        ),
        pytest.param(
            "measures/planted.py",
            "import cultureplan as cp",
            "cultureplan.measures.planted -> cultureplan",
            id="a room that imports the face",
        ),
    ],
)
def test_a_planted_violation_is_named(copied_house, file, source, found):
    """The contract breaks on what it forbids and names the module that does it."""
    plant(copied_house, "travel/target.py", "x = 1")
    plant(copied_house, file, source)
    checked = lint_imports(copied_house)
    assert checked.returncode == 1
    assert "BROKEN" in checked.stdout
    assert found in checked.stdout


def test_a_circle_between_siblings_is_named(copied_house):
    """Two rooms of one floor may not import each other in a circle."""
    plant(copied_house, "siting/planted.py", "from cultureplan.operations import planted")
    plant(copied_house, "operations/planted.py", "from cultureplan.siting import planted")
    checked = lint_imports(copied_house)
    assert checked.returncode == 1
    assert "Siblings: no import cycle, between rooms or inside one BROKEN" in checked.stdout
    assert "Floors: lower never imports upper, and every room has a floor KEPT" in checked.stdout


@pytest.mark.parametrize(
    ("file", "source"),
    [
        pytest.param("plotting/planted.py", "import matplotlib", id="matplotlib in plotting"),
        pytest.param("planning/planted.py", "import dask", id="dask in planning"),
        pytest.param("travel/chunked.py", "import dask", id="dask in travel.chunked"),
        pytest.param("lab/planted.py", "import cultureplan as cp", id="the face in the lab"),
    ],
)
def test_what_a_floor_may_use_is_let_through(copied_house, file, source):
    """The contract forbids a library only where it says so."""
    plant(copied_house, file, source)
    checked = lint_imports(copied_house)
    assert "cultureplan" + "." + file.removesuffix(".py").replace("/", ".") not in checked.stdout
    assert checked.returncode == 0, checked.stdout
