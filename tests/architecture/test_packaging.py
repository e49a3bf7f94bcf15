"""What a user installs holds everything the package reads at run time, and one version everywhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from email.parser import BytesParser
from pathlib import Path

import pytest

import cultureplan


@pytest.fixture(scope="module")
def wheel(repo, tmp_path_factory) -> zipfile.ZipFile:
    """The built package; built from a copy, so that nothing is written into the repository."""
    folder = tmp_path_factory.mktemp("build")
    shutil.copytree(repo / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copytree(repo / "examples", folder / "examples")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(repo / name, folder)
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", "dist"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (built,) = (folder / "dist").glob("*.whl")
    return zipfile.ZipFile(built)


def test_every_file_of_the_package_is_in_the_wheel(wheel, repo):
    """Tables, texts, templates and the typing marker are packed as well as the modules."""
    src = repo / "src"
    wanted = {
        path.relative_to(src).as_posix()
        for path in (src / "cultureplan").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted - set(wheel.namelist()) == set()
    assert "cultureplan/py.typed" in wheel.namelist()


def test_the_lessons_are_in_the_wheel(wheel, repo):
    """`cultureplan lessons` works without the repository: every notebook of both languages is packed."""
    built = repo / "examples" / "notebooks"
    wanted = {
        f"cultureplan/lab/notebooks/{path.relative_to(built).as_posix()}"
        for lang in ("en", "zh")
        for path in (built / lang).glob("*.ipynb")
    }
    assert wanted
    assert {name for name in wheel.namelist() if name.endswith(".ipynb")} == wanted


def test_the_version_stands_in_one_place(wheel, repo):
    """The wheel, the package and the citation name the same version, which pyproject.toml does not repeat."""
    (metadata_name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = BytesParser().parsebytes(wheel.read(metadata_name))
    assert metadata["Version"] == cultureplan.__version__
    assert f"\nversion: {cultureplan.__version__}\n" in (repo / "CITATION.cff").read_text(encoding="utf-8")
    project = tomllib.loads(Path(repo / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" not in project


def test_the_extra_all_names_every_extra_for_users(repo):
    """`cultureplan[all]` leaves out the workshop's extras and nothing else."""
    extras = tomllib.loads((repo / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    (everything,) = extras["all"]
    named = set(everything.removeprefix("cultureplan[").removesuffix("]").split(","))
    assert named == set(extras) - {"all", "test", "docs", "dev", "peers"}
