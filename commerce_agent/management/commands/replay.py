"""Runs a recorded conversation again and says what comes out otherwise."""

import asyncio
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.core.management.base import BaseCommand, CommandError
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from rich.console import Console
from typing_extensions import override

from catalog.errors import CatalogError
from commerce_agent.composition import read_clock
from commerce_agent.management.on_record import record_command
from commerce_agent.replaying.elsewhere import NoReplayThere, replay_elsewhere
from commerce_agent.replaying.printing import Replay, print_replay, to_json
from commerce_agent.replaying.reading import read_codes, replay_conversation
from commerce_agent.replaying.rerun import FactsOf
from conversations.service import ConversationId, KeyFault, NoSuchConversation, UnreadableEvent

UNREPLAYABLE = (
    NoReplayThere, NoSuchConversation, UnreadableEvent, KeyFault, CatalogError, OperationalError, PoolTimeout,
)  # fmt: skip


class Command(BaseCommand):
    """`replay CONVERSATION [--facts then|now] [--code CHECKOUT] [--json]`."""

    help = (
        "Runs every turn of a recorded conversation again through the real understanding and the built-in planner, "
        "and compares what comes out with what was recorded. Only the look is put on record. The exit code is 0 when "
        "all is the same, 1 when something differs, 2 when it, or a turn of it that decided anything, cannot be "
        "run again."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares what the command takes."""
        parser.add_argument("conversation", type=UUID, help="the conversation's id")
        parser.add_argument(
            "--facts",
            choices=("then", "now"),
            default="then",
            help="the shop's answers as they were recorded, or as the shop gives them now",
        )
        parser.add_argument(
            "--code",
            type=Path,
            metavar="CHECKOUT",
            help="another version that runs it: the folder of its checkout; a look of its own goes on record",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the command."""
        conversation = ConversationId(str(options["conversation"]))
        record_command("conversation.replayed", conversation=conversation, at=read_clock())
        replay = _replay(conversation, facts=options["facts"], code=options["code"])
        if options["json"]:
            sys.stdout.write(msgspec.json.encode(to_json(replay)).decode() + "\n")
        else:
            print_replay(replay, console=Console(highlight=False))
        if replay.exit_code:
            sys.exit(replay.exit_code)


def _replay(conversation: ConversationId, *, facts: FactsOf, code: Path | None) -> Replay:
    try:
        if code is not None:
            replay = replay_elsewhere(code.resolve(), conversation=conversation, facts=facts)
            return msgspec.structs.replace(replay, recorded_by=asyncio.run(read_codes(conversation)))
        return asyncio.run(replay_conversation(conversation=conversation, facts=facts, now=read_clock()))
    except UNREPLAYABLE as error:
        raise CommandError(str(error), returncode=2) from error
