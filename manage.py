#!/usr/bin/env python3
"""The project's one command: `up` runs everything, `verify` checks everything; Django's commands work too."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "Commerce Agent needs Python 3.11 or newer; this is Python %d.%d at %s.\n"  # noqa: UP031
        "Install a newer one (python.org, your package manager) and run: python3.11 manage.py ..."
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )

from commerce_agent.setup.entry import run

if __name__ == "__main__":
    run(sys.argv)
