"""Where a command of manage.py goes on, inside the prepared environment."""

import os
import sys
from collections.abc import Sequence

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, execute_from_command_line
from django.db import DatabaseError
from redis.exceptions import RedisError

from commerce_agent.isolation.acting import acting_for_platform
from commerce_agent.setup import up, verify
from commerce_agent.setup.environment import SetupError
from commerce_agent.setup.places import get_places
from commerce_agent.setup.servers import using_servers
from commerce_agent.setup.shop import migrate_if_behind, set_up_django, stock_if_empty

DEVELOPMENT_SETTINGS = "commerce_agent.settings.dev"
WITHOUT_SERVERS = frozenset(
    {
        "help",
        "version",
        "check",
        "collectstatic",
        "findstatic",
        "diffsettings",
        "compilemessages",
        "makemessages",
    }
    | {"startapp", "startproject", "spectacular", "--version", "--help", "-h"}
)
"""Django's commands that touch no database."""
MIGRATES_ITSELF = frozenset(
    {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "dbshell", "flush", "test"}
)
LETS_IN_ITSELF = frozenset({"merchant_api", "runserver"})
"""Commands that serve strangers: they act for nobody until one of them shows a key."""
ON_A_SHOP = frozenset({"converse"})
"""Commands that talk to the demo shop unless told otherwise, so it has to be there."""
OWN_HELP = """Commerce Agent

  up       run the whole shop on this machine: databases, web, worker, clock
  verify   run every check

  Both have --help. Django's and the project's other commands follow.
"""


def main(argv: Sequence[str]) -> int:
    """Run the command and return its exit code; what goes wrong in setting up is told in words."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", DEVELOPMENT_SETTINGS)
    command, rest = (argv[0] if argv else "help"), list(argv[1:])
    try:
        if command == "up":
            return up.run(rest)
        if command == "verify":
            return verify.run(rest)
        return _run_django(command=command, rest=rest)
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except (CommandError, DatabaseError, ImproperlyConfigured) as error:
        print(f"\n{command} did not work: {error}", file=sys.stderr)
        return 1
    except (psycopg.OperationalError, RedisError) as error:
        print(
            f"\n{command} did not work: {error}\n"
            "See that the servers of DATABASE_URL and REDIS_URL run, and run it again.",
            file=sys.stderr,
        )
        return 1
    except PermissionError as error:
        print(
            f"\n{error.filename} may not be used by this account. Run as its owner, or set COMMERCE_AGENT_DATA to a "
            "folder of your own.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130


def _run_django(*, command: str, rest: list[str]) -> int:
    argv = ["manage.py", command, *rest]
    if command in WITHOUT_SERVERS or {"--help", "-h"} & set(rest):
        if command in {"help", "--help", "-h"} and not rest:
            print(OWN_HELP)
        execute_from_command_line(argv)
        return 0
    with using_servers(command=command, places=get_places(os.environ), environ=os.environ) as urls:
        os.environ.update(urls.as_environ())
        set_up_django(places=get_places(os.environ))
        # Only the project's own servers are changed unasked; a database that the operator names is theirs to
        # migrate.
        if urls.embedded_postgres and command not in MIGRATES_ITSELF:
            migrate_if_behind()
            if command in ON_A_SHOP:
                stock_if_empty()
        if command in LETS_IN_ITSELF:
            execute_from_command_line(argv)
        else:
            with acting_for_platform("whoever runs a command on this machine"):
                execute_from_command_line(argv)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
