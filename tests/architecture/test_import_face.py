"""Importing the package does nothing but make its names available."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# Runs in a fresh interpreter; pandas is imported first, so that its options before and after can be compared.
LOOK = """
import json, logging, sys, time
import numpy, pandas

def options():
    return pandas.describe_option(_print_desc=False)

def handlers():
    return [str(h) for name in (None, "cultureplan") for h in logging.getLogger(name).handlers]

before = options(), numpy.geterr(), handlers()
start = time.perf_counter()
import cultureplan
seconds = time.perf_counter() - start
modules = sorted(sys.modules)
for name in cultureplan.__all__:
    if name not in ("plotting", "lab", "app", "report"):
        getattr(cultureplan, name)
after = options(), numpy.geterr(), handlers()
print(json.dumps({
    "modules": modules,
    "modules_after_use": sorted(sys.modules),
    "seconds": seconds,
    "options_kept": before[0] == after[0],
    "errors_kept": before[1] == after[1],
    "handlers": after[2],
    "listed": sorted(cultureplan.__all__),
    "shown": sorted(dir(cultureplan)),
    "version": cultureplan.__version__,
}))
"""


@pytest.fixture(scope="module")
def look() -> dict:
    """What a fresh interpreter sees after `import cultureplan`, and after every name was asked for once."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOOK], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    # Machines differ, so the time is told and no limit is set.
    print(f"import cultureplan: {seen['seconds']:.2f} s after numpy and pandas")
    return seen


@pytest.mark.parametrize(
    "library", ["matplotlib", "ipywidgets", "anywidget", "IPython", "dask", "distributed"]
)
def test_no_picture_widget_or_cluster_library_is_loaded(look, library):
    """Libraries of the upper floors wait until somebody asks for a picture, a panel or a cluster."""
    assert library not in look["modules"]
    assert library not in look["modules_after_use"]


def test_the_import_itself_loads_no_kernel_compiler_and_no_map_library(look):
    """The heavy libraries come with the first name that needs them."""
    assert not {"numba", "geopandas", "highspy"} & set(look["modules"])


def test_pandas_numpy_and_logging_are_left_as_they_were(look):
    """Neither the import nor the use of a name sets a pandas option, a numpy error state or a log handler."""
    assert look["options_kept"]
    assert look["errors_kept"]
    assert look["handlers"] == []


def test_every_public_name_is_shown_and_can_be_had(look):
    """`dir` lists what `__all__` promises, and each name of it resolves, also those loaded on request."""
    import cultureplan

    assert set(look["listed"]) <= set(look["shown"])
    for name in look["listed"]:
        assert getattr(cultureplan, name) is not None
