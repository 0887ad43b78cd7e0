"""`manage.py shopper export|erase|hold|release`: what a shopper, or a court, may ask for."""

import asyncio
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from catalog.errors import CatalogError
from catalog.merchants import get_merchant
from commerce_agent.composition import Platform, open_platform
from commerce_agent.shoppers.erasing import INTERRUPTED, OUTAGES, erase
from commerce_agent.shoppers.exporting import export_shopper, write_page
from commerce_agent.shoppers.holding import hold_shopper, release_shopper
from commerce_agent.shoppers.proving import Before, find_left, look_before
from conversations.ids import MerchantId
from conversations.service import KeyFault, Reader, ShopperCard, UnreadableEvent

ACTOR = "operator:command"


class Command(BaseCommand):
    """Shows, erases, holds."""

    help = "Exports, erases or holds what is kept of one shopper. Everything it does is in `verify_audit`'s chain."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and of whom."""
        actions = parser.add_subparsers(dest="action", required=True)
        export = _add(actions.add_parser("export", help="write all that is kept: JSON, or a page (.html)"))
        export.add_argument("--out", type=Path, required=True, help="where to write")
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
            asyncio.run(self._find_and_act(options, merchant=merchant))
        except (CatalogError, KeyFault, UnreadableEvent, OSError) as error:
            raise CommandError(str(error)) from error
        except OUTAGES as outage:
            if options["action"] != "erase":
                raise
            raise CommandError(INTERRUPTED) from outage

    async def _find_and_act(self, options: dict[str, Any], *, merchant: MerchantId) -> None:
        async with open_platform(quiet=True) as platform:
            card = await platform.conversations.shoppers.find_by_key(merchant=merchant, key=options["key"])
            if card is None:
                raise CommandError(f"This shop has no shopper of the key {options['key']!r}.")
            await self._act(platform, options, card=card, merchant=merchant)

    async def _act(
        self, platform: Platform, options: dict[str, Any], *, card: ShopperCard, merchant: MerchantId
    ) -> None:
        now = platform.clock()
        reader = Reader(actor=ACTOR, purpose=options["why"])
        match options["action"]:
            case "export":
                export = await export_shopper(
                    platform, merchant=merchant, shopper=card.id, reader=reader, at=now
                )
                out: Path = options["out"]
                page = out.suffix == ".html"
                written = write_page(export).encode() if page else msgspec.json.encode(export) + b"\n"
                await asyncio.to_thread(out.write_bytes, written)
                self.stdout.write(f"{len(export.conversations)} conversations, {len(export.orders)} orders.")
            case "hold":
                placed = await hold_shopper(
                    platform, merchant=merchant, shopper=card.id, reader=reader, at=now
                )
                self.stdout.write("Held." if placed else "It was held already.")
            case "release":
                lifted = await release_shopper(
                    platform, merchant=merchant, shopper=card.id, reader=reader, at=now
                )
                self.stdout.write("Released." if lifted else "There was no hold.")
            case _:
                before = await look_before(platform, merchant=merchant, card=card)
                gone = await erase(platform, merchant=merchant, owner=card.id, reader=reader, at=now)
                self.stdout.write(gone.describe())
                await tell_proof(platform, before, files=options["files"], write=self.stdout.write)


async def tell_proof(
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


def _add(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("key", help="the merchant's own key of the shopper")
    parser.add_argument("--merchant", metavar="KEY", required=True, help="the shop's key")
    parser.add_argument("--why", required=True, help="the reason; it goes on record, so it names nobody")
    return parser
