"""``python -m cultureplan.app.kernel LOG ...``: a notebook kernel whose complaints go to a file.

A planner's terminal shows the address of the page; what a kernel says when it is stopped half-way is for
developers, and lies in the folder of the running page.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the kernel that the remaining arguments describe."""
    log = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, sys.stderr.fileno())
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()


if __name__ == "__main__":
    main()
