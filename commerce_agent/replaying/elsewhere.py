"""A replay by another version of the code: its own checkout runs it, and says what came out.

It is a process of its own, since two versions of one package do not go into one. It gets this process's settings, keys
and packages, so it reads the same rows; a database that is named is migrated by no command, so neither does it. An
older version refuses events of a newer schema number, and kinds that it does not have; a field that it does not have
it reads past.
"""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
from django.conf import settings

from commerce_agent.decoding import decode_json
from commerce_agent.release import name_code
from commerce_agent.replaying.printing import Replay
from commerce_agent.replaying.rerun import FactsOf
from commerce_agent.setup.environment import OWN_ENVIRONMENT
from conversations.ids import ConversationId

LONGEST_SECONDS = 600.0
LAST_WORDS = 300


class NoReplayThere(Exception):
    """The other version ran nothing again; the message has what it said. Whoever named the checkout must see to it."""


def replay_elsewhere(code: Path, *, conversation: ConversationId, facts: FactsOf) -> Replay:
    """What the code of a checkout makes of a conversation. Raises `NoReplayThere`."""
    program = code / "manage.py"
    if not program.is_file():
        raise NoReplayThere(f"{code} is no checkout: it has no manage.py.")
    command = [sys.executable, str(program), "replay", conversation, "--facts", facts, "--json"]
    try:
        ran = subprocess.run(  # noqa: S603 - this very interpreter, and what the operator named
            command,
            cwd=code,
            env=_make_environment(),
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NoReplayThere(f"{code} has not answered in {LONGEST_SECONDS:.0f} seconds.") from error
    try:
        replay = decode_json(ran.stdout.strip().rpartition("\n")[2], Replay)
    except msgspec.MsgspecError as error:
        said = (ran.stderr or ran.stdout).strip()[-LAST_WORDS:]
        raise NoReplayThere(f"{code} ran nothing again and said: {said}") from error
    return msgspec.structs.replace(replay, run_by=name_code(code))


def _make_environment() -> dict[str, str]:
    """This process's own, with what its settings were read from; the packages are those of this version."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {
        **inherited,
        OWN_ENVIRONMENT: "1",
        "COMMERCE_AGENT_DATA": str(settings.DATA_DIR),
        "DATABASE_URL": settings.DATABASE_URL,
        "REDIS_URL": settings.REDIS_URL,
        "REDIS_PREFIX": settings.REDIS_PREFIX,
    }
