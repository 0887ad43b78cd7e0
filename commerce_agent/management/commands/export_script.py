"""Writes a recorded conversation as a script that `converse` runs."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from commerce_agent.composition import open_platform, read_clock
from commerce_agent.management.on_record import record_command
from commerce_agent.scripted.recorded import NoOpening, Written, find_shopper, get_opening, write_script
from conversations.events import Recorded
from conversations.ids import ConversationId
from conversations.service import KeyDestroyed, KeyFault, NoSuchConversation, ShopperCard

STANDARD = "# Runs in the demo shop. With --out FILE the goods of the conversation's own shop go beside it.\n"


class Command(BaseCommand):
    """`export_script CONVERSATION [--out FILE] [--expect] [--json]`."""

    help = (
        "Writes a recorded conversation as a converse script: what was said, what happened in the shop, the time "
        "between, the button. With --out the shop's goods are written beside it, as the conversation first saw them. "
        "What no step can tell stands at its head, and in --json as `left_out`."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares what the command takes."""
        parser.add_argument("conversation", type=UUID, help="the conversation's id")
        parser.add_argument("--out", type=Path, help="the script's file; standard output without it")
        parser.add_argument(
            "--expect",
            action="store_true",
            help="write beside each message what it gave, for check_scripts to hold later runs to",
        )

        parser.add_argument("--json", action="store_true", help="one JSON object: file, script, left_out")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the command."""
        conversation = ConversationId(str(options["conversation"]))
        record_command("conversation.exported", conversation=conversation, at=read_clock())
        try:
            events, shopper = async_to_sync(_read)(conversation)
        except (NoSuchConversation, NoOpening, KeyDestroyed, KeyFault) as error:
            raise CommandError(str(error), returncode=2) from error
        out: Path | None = options["out"]
        written = _write_script(conversation, events, shopper=shopper, out=out, expect=options["expect"])
        text = written.text if out else STANDARD + written.text
        if out is not None:
            try:
                out.write_text(text, encoding="utf-8")
            except OSError as error:
                raise CommandError(f"{out} cannot be written: {error.strerror}.", returncode=2) from error
        if options["json"]:
            told = {"file": str(out) if out else None, "script": text, "left_out": written.left_out}
            sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
            return
        if out is None:
            sys.stdout.write(text)
        for left in written.left_out:
            self.stderr.write(f"Left out: {left.what} (event {left.seq}).")


async def _read(conversation: ConversationId) -> tuple[tuple[Recorded, ...], ShopperCard | None]:
    async with open_platform(quiet=True) as platform:
        await platform.conversations.get_head(conversation=conversation)
        events = await platform.conversations.list_events(conversation=conversation)
        merchant, shopper = get_opening(events).merchant, find_shopper(events)
        card = (
            await platform.conversations.find_shopper(merchant=merchant, shopper=shopper) if shopper else None
        )
        return events, card


def _write_script(
    conversation: ConversationId,
    events: tuple[Recorded, ...],
    *,
    shopper: ShopperCard | None,
    out: Path | None,
    expect: bool,
) -> Written:
    try:
        return write_script(conversation=conversation, events=events, shopper=shopper, out=out, expect=expect)
    except NoOpening as error:
        raise CommandError(str(error), returncode=2) from error
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be written: {error.strerror}.", returncode=2) from error
