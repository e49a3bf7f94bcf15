"""Make the bundled worlds in ``src/cultureplan/datasets/data`` from the raw files in ``../shared/data``.

Development only. The result depends on the raw files alone: no network, no random number, no clock.

    python tools/build_datasets.py                 every world
    python tools/build_datasets.py shizuishan      one of them
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(Path(__file__).resolve().parent))

from bundled import chicago, newyork, pages, shizuishan, teaching, wuhan  # noqa: E402

BUILDERS = {
    "chicago": chicago.build,
    "newyork": newyork.build,
    "sanheyuan": teaching.build,
    "shizuishan": shizuishan.build,
    "wuhan": wuhan.build,
}


def build_world(name: str, *, shared: Path, out: Path) -> Path:
    """Write one world folder below `out` and return it."""
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    figures = BUILDERS[name](shared, folder)
    pages.write_texts(name, folder, figures)
    return folder


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description="Make the bundled worlds.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join(BUILDERS)}; all if none given"
    )
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared" / "data", help="raw files")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "src/cultureplan/datasets/data", help="where to write"
    )
    wanted = parser.parse_args()
    unknown = sorted(set(wanted.names) - set(BUILDERS))
    if unknown:
        parser.error(f"no such world: {', '.join(unknown)}; there are {', '.join(BUILDERS)}")
    for name in wanted.names or BUILDERS:
        folder = build_world(name, shared=wanted.shared, out=wanted.out)
        size = sum(file.stat().st_size for file in folder.iterdir())
        sys.stdout.write(f"{folder} ({size:,} bytes)\n")


if __name__ == "__main__":
    main()
