"""What every test may use: Hypothesis profiles and the folder of real data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPO = Path(__file__).resolve().parents[1]

# No test opens a window, whatever the machine's own setting.
os.environ["MPLBACKEND"] = "Agg"

# Compiled kernels make the first example slow, so no example has a deadline.
settings.register_profile("dev", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(scope="session")
def repo() -> Path:
    """The folder of the repository."""
    return REPO


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data with sources, kept beside the repository; where it is absent, the test is skipped."""
    folder = REPO.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside the repository")
    return folder
