"""`manage.py talk erase|hold|release`: one conversation, by its id, whoever it was with."""

import asyncio
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from catalog.errors import CatalogError
from catalog.merchants import get_merchant
from commerce_agent.composition import Platform, open_platform
from commerce_agent.management.commands.shopper import ACTOR, tell_proof
from commerce_agent.shoppers.erasing import INTERRUPTED, OUTAGES
from commerce_agent.shoppers.proving import look_before
from commerce_agent.shoppers.talks import erase_talk, hold_talk, release_talk
from conversations.ids import ConversationId, MerchantId
from conversations.service import KeyFault, NoSuchConversation, Reader, UnreadableEvent


class Command(BaseCommand):
    """Erases, holds."""

    help = (
        "Erases or holds one conversation, also one with nobody known. Of a named shopper all else stays; "
        "`manage.py shopper erase` erases them whole. Everything it does is in `verify_audit`'s chain."
    )

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and to which."""
        actions = parser.add_subparsers(dest="action", required=True)
        erasing = _add(actions.add_parser("erase", help="erase it, for good, and prove it"))
        erasing.add_argument(
            "--files", type=Path, nargs="*", default=[], help="logs and traces to look through"
        )
        _add(actions.add_parser("hold", help="keep it whatever anybody asks, until it is released"))
        _add(actions.add_parser("release", help="end a hold"))

    @override
    def handle(self, *_args: object, **options: Any) -> None:
        """Does it."""
        try:
            merchant = MerchantId(str(get_merchant(key=options["merchant"]).id))
            asyncio.run(self._act(options, merchant=merchant))
        except (CatalogError, KeyFault, NoSuchConversation, UnreadableEvent, OSError) as error:
            raise CommandError(str(error)) from error
        except OUTAGES as outage:
            if options["action"] != "erase":
                raise
            raise CommandError(INTERRUPTED) from outage

    async def _act(self, options: dict[str, Any], *, merchant: MerchantId) -> None:
        talk = ConversationId(str(options["conversation"]))
        reader = Reader(actor=ACTOR, purpose=options["why"])
        async with open_platform(quiet=True) as platform:
            await platform.conversations.require_version(conversation=talk, merchant=merchant)
            now = platform.clock()
            match options["action"]:
                case "hold":
                    placed = await hold_talk(
                        platform, merchant=merchant, conversation=talk, reader=reader, at=now
                    )
                    self.stdout.write("Held." if placed else "It was held already.")
                case "release":
                    lifted = await release_talk(
                        platform, merchant=merchant, conversation=talk, reader=reader, at=now
                    )
                    self.stdout.write("Released." if lifted else "There was no hold.")
                case _:
                    await self._erase(
                        platform, talk, merchant=merchant, reader=reader, files=options["files"]
                    )

    async def _erase(
        self,
        platform: Platform,
        talk: ConversationId,
        *,
        merchant: MerchantId,
        reader: Reader,
        files: list[Path],
    ) -> None:
        before = await look_before(platform, merchant=merchant, card=None, talks=(talk,))
        gone = await erase_talk(
            platform, merchant=merchant, conversation=talk, reader=reader, at=platform.clock()
        )
        self.stdout.write(f"Erased: {gone} events.")
        await tell_proof(platform, before, files=files, write=self.stdout.write)


def _add(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("conversation", type=UUID, help="the conversation's id")
    parser.add_argument("--merchant", metavar="KEY", required=True, help="the shop's key")
    parser.add_argument("--why", required=True, help="the reason; it goes on record, so it names nobody")
    return parser
