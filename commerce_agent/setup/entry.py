"""What manage.py calls: have the environment ready, then go on inside of it. Standard library only."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from commerce_agent.setup.environment import (
    OWN_ENVIRONMENT,
    ROOT,
    RUNTIME_LOCK,
    TESTS_LOCK,
    SetupError,
    get_python,
    prepare_environment,
    require_platform,
)

TESTING_COMMANDS = ("verify", "test")
"""Commands that need the packages for development as well."""


def run(argv: Sequence[str]) -> NoReturn:
    """Prepare the environment and replace this process by the command in it; exit with
    the reason where that cannot be.
    """
    locks = (RUNTIME_LOCK, TESTS_LOCK) if argv[1:2] and argv[1] in TESTING_COMMANDS else (RUNTIME_LOCK,)
    try:
        require_platform(os.environ)
        prepare_environment(locks)
    except SetupError as error:
        sys.exit(f"\n{error}")
    except PermissionError as error:
        sys.exit(
            f"\n{error.filename} may not be written by this account. Use a checkout of your own, or its owner."
        )
    except KeyboardInterrupt:
        sys.exit("\nStopped. The next start begins the installation again.")
    python = sys.executable if os.environ.get(OWN_ENVIRONMENT) else str(get_python())
    path = os.environ.get("PYTHONPATH")
    # The folder stays the caller's, whose relative file names it may be given; the project is found by its
    # path.
    os.environ["PYTHONPATH"] = f"{ROOT}{os.pathsep}{path}" if path else str(ROOT)
    os.environ.pop("__PYVENV_LAUNCHER__", None)
    os.execv(python, [python, "-m", "commerce_agent.setup.inside", *argv[1:]])
