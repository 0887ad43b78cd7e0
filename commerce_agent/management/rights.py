"""What the commands of a shopper's rights have in common: a reason, a hold, an erasure with its proof."""

import asyncio
from abc import ABC, abstractmethod
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from catalog.errors import CatalogError
from catalog.merchants import get_merchant
from commerce_agent.composition import Platform, open_platform
from commerce_agent.shoppers.erasing import INTERRUPTED, OUTAGES
from commerce_agent.shoppers.holding import Held, lift_hold, place_hold
from commerce_agent.shoppers.proving import Before, find_left
from conversations.ids import MerchantId
from conversations.service import KeyFault, NoSuchConversation, Reader, UnreadableEvent

ACTOR = "operator:command"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done with whose, by whom and why; `out` is where to write what is given out."""

    action: str
    subject: str
    reader: Reader
    files: tuple[Path, ...] = ()
    out: Path | None = None


class RightsCommand(BaseCommand, ABC):
    """Erases and holds; a command says of whom, and how it is erased."""

    @abstractmethod
    def add_subject(self, parser: ArgumentParser) -> None:
        """The argument `subject`, which names whose it is."""

    @abstractmethod
    async def find_subject(self, platform: Platform, subject: str, *, merchant: MerchantId) -> Held:
        """Whose it is. Raises `CommandError` or `NoSuchConversation` where there is none."""

    @abstractmethod
    async def erase(self, platform: Platform, held: Held, *, reader: Reader, at: datetime) -> Before:
        """Erases it, says what went, and returns what is then looked for."""

    def add_actions(self, parser: CommandParser) -> "_SubParsersAction[CommandParser]":
        """To erase, to hold, to release; what is returned takes more."""
        actions = parser.add_subparsers(dest="action", required=True)
        erasing = self.add_common(actions.add_parser("erase", help="erase it, for good, and prove it"))
        erasing.add_argument(
            "--files", type=Path, nargs="*", default=[], help="logs and traces to look through"
        )
        self.add_common(
            actions.add_parser("hold", help="keep it whatever anybody asks, until it is released")
        )
        self.add_common(actions.add_parser("release", help="end a hold"))
        return actions

    def add_common(self, parser: CommandParser) -> CommandParser:
        """Whose, of which shop, and why."""
        self.add_subject(parser)
        parser.add_argument("--merchant", metavar="KEY", required=True, help="the shop's key")
        parser.add_argument("--why", required=True, help="the reason; it goes on record, so it names nobody")
        return parser

    @override
    def handle(self, *_args: object, **options: Any) -> None:
        """Does it."""
        asked = Asked(
            action=options["action"],
            subject=str(options["subject"]),
            reader=Reader(actor=ACTOR, purpose=options["why"]),
            files=tuple(options.get("files", ())),
            out=options.get("out"),
        )
        try:
            merchant = MerchantId(str(get_merchant(key=options["merchant"]).id))
            asyncio.run(self._find_and_act(asked, merchant=merchant))
        except (CatalogError, KeyFault, NoSuchConversation, UnreadableEvent, OSError) as error:
            raise CommandError(str(error)) from error
        except OUTAGES as outage:
            if asked.action != "erase":
                raise
            raise CommandError(INTERRUPTED) from outage

    async def _find_and_act(self, asked: Asked, *, merchant: MerchantId) -> None:
        async with open_platform(quiet=True) as platform:
            held = await self.find_subject(platform, asked.subject, merchant=merchant)
            await self.act(platform, held, asked=asked, at=platform.clock())

    async def act(self, platform: Platform, held: Held, *, asked: Asked, at: datetime) -> None:
        """Does what was asked."""
        match asked.action:
            case "hold":
                placed = await place_hold(platform, held, reader=asked.reader, at=at)
                self.stdout.write("Held." if placed else "It was held already.")
            case "release":
                lifted = await lift_hold(platform, held, reader=asked.reader, at=at)
                self.stdout.write("Released." if lifted else "There was no hold.")
            case _:
                before = await self.erase(platform, held, reader=asked.reader, at=at)
                await _tell_proof(platform, before, files=asked.files, write=self.stdout.write)


async def _tell_proof(
    platform: Platform, before: Before, *, files: Iterable[Path], write: Callable[[str], object]
) -> None:
    """Says what came of looking for the words; raises `CommandError` where any is still there."""
    found = await find_left(platform, before, files=files)
    write(
        f"Of {len(before.canaries)} texts that were theirs, {len({each.canary for each in found})} were found again;"
        f" {before.shared} stand in the shop's goods as well, where they always stood."
    )
    if found:
        places = ", ".join(sorted({each.place for each in found}))
        raise CommandError(f"Still there, see to it: {places}")
