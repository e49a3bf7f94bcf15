"""The benchmarks' short forms: peer and we get the same input, and a script stops if the answers differ."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

# script -> arguments of its short form, and the peers without which it cannot run
SHORT = {
    "reach": (["--short"], ["sklearn"]),
    "area": (["--n", "3000"], []),
    "access_measures": (["--n", "20000", "--m", "200"], ["access"]),
    "streets": (["--side", "60", "--facilities", "40"], []),
    "geodesic": (["--short"], []),
    "incremental": (["--short"], []),
    "chunked": (["--short"], ["dask"]),
}


@pytest.mark.slow
@pytest.mark.parametrize("script", SHORT)
def test_answers_agree_with_the_peer_and_a_ratio_is_printed(repo: Path, tmp_path: Path, script: str) -> None:
    """No time is asserted: the machine may be busy."""
    arguments, needed = SHORT[script]
    for peer in needed:
        if importlib.util.find_spec(peer) is None:
            pytest.skip(f"{peer} is not installed")
    done = subprocess.run(
        [sys.executable, str(repo / "benchmarks" / f"{script}.py"), *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "python 3" in done.stdout.lower()
