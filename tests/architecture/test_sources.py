"""What no file of the repository says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]

# The patterns are written so that they do not match themselves.
FORBIDDEN = {
    "a package index": re.compile(
        r"pypi\.(?:org|tuna)|pythonhosted\.(?:org)|(?:extra-)?index[-_](?:url)\b|find[-_](?:links)\b|PIP_(?:INDEX)",
        re.IGNORECASE,
    ),
    "a path of one machine": re.compile(
        r"(?<![\w./~>)}-])/(?:work|root|home|tmp|opt|Users|mnt)(?=/[\w.])|\b[A-Z]:\\(?:Users)"
    ),
}
LOCK_FILES = {
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pylock.toml",
    "Pipfile.lock",
    "requirements.txt",
    "conda-lock.yml",
}


def tracked_files() -> list[Path]:
    """Return the files under version control, or skip where this is no clone."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPO, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git clone")
    paths = [REPO / name for name in listed.stdout.decode("utf-8").split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_file_names_a_package_index_or_a_path_of_one_machine():
    """A clone installs from whatever index its owner has set up, and runs wherever it lies."""
    found = []
    for path in tracked_files():
        content = path.read_bytes()
        if b"\0" in content:  # no text
            continue
        text = content.decode("utf-8", errors="replace")
        for what, pattern in FORBIDDEN.items():
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path.relative_to(REPO)}:{line}: {what}: {match.group()}")
    assert found == []


def test_no_lock_file_is_kept():
    """The package states ranges; which versions fit together today is the installer's business."""
    assert [path.name for path in tracked_files() if path.name in LOCK_FILES] == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("pip install --index" + "-url https://example.org/simple", "a package index"),
        ("https://files.python" + "hosted.org/packages/x.whl", "a package index"),
        ("see https://py" + "pi.org/project/cultureplan", "a package index"),
        ('read_csv("/' + 'root/data/x.csv")', "a path of one machine"),
        ("in /" + "tmp/out.html", "a path of one machine"),
        ("C:" + r"\Users\me", "a path of one machine"),
    ],
)
def test_the_search_finds_what_it_is_for(text, what):
    """Each pattern matches an example of what it forbids."""
    assert FORBIDDEN[what].search(text)


@pytest.mark.parametrize(
    "text",
    ["src/cultureplan/home/page", "https://example.org/home/x", "../root/x", "{base}/work/x", "a/tmp/b"],
)
def test_the_search_leaves_relative_paths_and_addresses_alone(text):
    """A folder of the same name further down is no path of one machine."""
    assert not FORBIDDEN["a path of one machine"].search(text)
