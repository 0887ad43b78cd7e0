#!/usr/bin/env python3
"""The project's one command: `up` runs everything, `verify` checks everything; Django's commands work too."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "Commerce Agent needs Python 3.11 or newer; this is Python %d.%d at %s.\n"  # noqa: UP031
        "Install a newer one (python.org, your package manager) and run: python3.11 manage.py ..."
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )

if os.name == "nt":
    sys.exit(
        "Commerce Agent runs on Linux and macOS. On Windows, use it inside WSL 2 (wsl --install), or in a Linux\n"
        "container with DATABASE_URL and REDIS_URL naming your servers."
    )

from commerce_agent.setup.entry import run

if __name__ == "__main__":
    run(sys.argv)
